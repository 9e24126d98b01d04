"""One strict gate for JSON from files and servers: what it lets through is finite and flat."""

import json
import math
from typing import Any, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

DEPTH_LIMIT = 200
"""Lists and objects inside each other. Nested bullets of a description need four a level."""

_LONGEST_INTEGER = 300
"""Digits; any integer that fits a float has fewer."""

_NESTED = frozenset({dict, list})

_TOO_DEEP = f"is nested more than {DEPTH_LIMIT} deep"


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
    except RecursionError:
        raise DecodeError(_TOO_DEEP) from None
    if text.count("[") + text.count("{") > DEPTH_LIMIT and _depth(found) > DEPTH_LIMIT:
        raise DecodeError(_TOO_DEEP)
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


def _depth(found: Json) -> int:
    """Return how many lists and objects stand inside each other, one more than the limit at most.

    Not by recursion: what is measured may be as deep as the decoder could go.
    """
    depth = 0
    layer: list[Any] = [found] if isinstance(found, dict | list) else []
    while layer and depth <= DEPTH_LIMIT:
        depth += 1
        parts = (one.values() if isinstance(one, dict) else one for one in layer)
        # Only plain lists and dicts come out of the decoder.
        layer = [one for part in parts for one in part if type(one) in _NESTED]
    return depth
