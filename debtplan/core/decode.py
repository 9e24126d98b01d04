"""One strict gate for JSON from files and servers: what it lets through is finite and flat."""

import json
import math
import re
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

DEPTH_LIMIT = 200
"""Lists and objects inside each other. Nested bullets of a description need four a level."""

_LONGEST_INTEGER = 300
"""Digits; any integer that fits a float has fewer."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)', re.DOTALL)


class DecodeError(ValueError):
    """Bytes that are refused; `str()` is a phrase that follows their name.

    Attributes:
        is_several: There is more than one document: perhaps JSON Lines.
    """

    def __init__(self, problem: str, *, is_several: bool = False) -> None:
        """Keep the phrase."""
        super().__init__(problem)
        self.is_several = is_several


def decode_json(data: bytes) -> Json:
    """Return what JSON bytes hold; the last of duplicate keys counts.

    Raises:
        DecodeError: Empty, no UTF-8, no JSON, NaN or infinity, or nested deeper than `DEPTH_LIMIT`.
    """
    if not data.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise DecodeError("is empty")
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DecodeError(f"is not UTF-8 (byte {error.start + 1})") from None
    _check_depth(text)
    try:
        found: Json = json.loads(
            text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise DecodeError("holds more than one JSON document", is_several=True) from None
        where = f"line {error.lineno}, column {error.colno}"
        raise DecodeError(f"is not JSON: {error.msg} ({where})") from None
    except ValueError as error:
        raise DecodeError(f"is refused: {error}") from None
    return found


def _refuse_constant(name: str) -> float:
    raise ValueError(f"it holds {name}, which is no JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"it holds the number {digits[:20]}, which is too large")
    return value


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise ValueError(f"it holds a number of {len(digits)} digits")
    return int(digits)


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the decoder recurses into it."""
    if text.count("[") + text.count("{") <= DEPTH_LIMIT:
        return
    depth = 0
    for run in re.findall(r"[\[{]+|[\]}]+", _STRING.sub("", text)):
        depth += len(run) if run[0] in "[{" else -len(run)
        if depth > DEPTH_LIMIT:
            raise DecodeError(f"is nested more than {DEPTH_LIMIT} deep")
