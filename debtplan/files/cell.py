"""What one cell of a table says: a number, a list, or that nobody knows."""

import math
import re
from typing import Literal

from debtplan.files.options import Decimal

UNKNOWN = frozenset({"", "-", "--", "–", "—", "?", "null", "none", "nil", "n/a", "na", "(null)"})
"""Cells, whatever the case, that say "not known"."""

_GAPS = re.compile("(?<=[0-9])[ \u00a0\u2009\u202f'’](?=[0-9]{3}(?![0-9]))")  # noqa: RUF001
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_COMMA_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_DOT_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*|[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_BY_POINT = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_BY_COMMA = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?|[+-]?[0-9]*,[0-9]*")
_SEPARATORS = re.compile(r"[,;|\n]")
_LONGEST = 400


def is_unknown(cell: str) -> bool:
    """Tell whether a cell is blank or a word for "not known"."""
    return len(cell) < _LONGEST and cell.strip().casefold() in UNKNOWN


def parse_number(cell: str, decimal: Decimal | Literal["either"] = "auto") -> float | None:
    """Return a finite number, or None where the cell says "not known".

    "3,5" and "3.5" are three and a half, "1.234,5" and "1,234.5" a thousand and more. One comma
    before three digits ("1,234") could be either and is refused, unless `decimal` says which; one
    dot ("1.234") is a decimal, unless `decimal` is "comma", and refused where it is "either".

    Raises:
        ValueError: What is wrong and the fix, in words that follow "is".
    """
    if is_unknown(cell):
        return None
    if len(cell) > _LONGEST:
        raise ValueError("not a number: write digits only")
    text = _GAPS.sub("", cell.strip())
    if text.casefold().lstrip("+-") in {"nan", "inf", "infinity", "∞"}:
        raise ValueError("not a finite number: leave the cell empty where it is not known")
    text = _with_point(text, decimal)
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number: write digits only, such as 3 or 3.5")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("too large for a number")
    return value


def _with_point(text: str, decimal: Decimal | Literal["either"]) -> str:
    """Return a number without groups of thousands and with a point before its fraction."""
    if decimal == "point":
        return text.replace(",", "") if _BY_POINT.fullmatch(text) else text
    if decimal == "comma":
        found = _BY_COMMA.fullmatch(text)
        return text.replace(".", "").replace(",", ".") if found else text
    if (_EITHER if decimal == "either" else _AMBIGUOUS).fullmatch(text):
        plain, point = re.sub("[.,]", "", text), text.replace(",", ".")
        fix = 'or set decimal = "point" or "comma"'
        raise ValueError(f"ambiguous: write {plain} or {point}, {fix}")
    if _DOT_GROUPS.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if _COMMA_GROUPS.fullmatch(text):
        return text.replace(",", "")
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def split_list(cell: str) -> tuple[str, ...]:
    """Return the parts of a cell between commas, semicolons, bars and line breaks, none blank."""
    return tuple(part for one in _SEPARATORS.split(cell) if (part := one.strip()))
