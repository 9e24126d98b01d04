"""What one cell of a table says: a number, an instant, a list, or that nobody knows."""

import math
import re
from datetime import UTC, date, datetime

UNKNOWN = frozenset({"", "-", "--", "–", "—", "?", "null", "none", "nil", "n/a", "na", "(null)"})
"""Cells, whatever the case, that say "not known"."""

_GAPS = re.compile("(?<=[0-9])[ \u00a0\u2009\u202f'’](?=[0-9]{3}(?![0-9]))")  # noqa: RUF001
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_COMMA_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_DOT_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*|[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_SEPARATORS = re.compile(r"[,;|\n]")
_LONGEST = 400


def is_unknown(cell: str) -> bool:
    """Tell whether a cell is blank or a word for "not known"."""
    return len(cell) < _LONGEST and cell.strip().casefold() in UNKNOWN


def parse_number(cell: str) -> float | None:
    """Return a finite number, or None where the cell says "not known".

    "3,5" and "3.5" are three and a half, "1.234,5" and "1,234.5" a thousand and more. One comma
    before three digits ("1,234") could be either and is refused; one dot ("1.234") is a decimal.

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
    if _AMBIGUOUS.fullmatch(text):
        plain, point = text.replace(",", ""), text.replace(",", ".")
        raise ValueError(f"ambiguous: write {plain} or {point}")
    if _DOT_GROUPS.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _COMMA_GROUPS.fullmatch(text):
        text = text.replace(",", "")
    elif text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number: write digits only, such as 3 or 3.5")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("too large for a number")
    return value


def parse_instant(cell: str) -> datetime | None:
    """Return an instant as aware UTC; without an offset it is taken as UTC.

    ISO 8601 in any of its forms, and the form of Jira's own CSV export (`07/Sep/23 5:31 AM`).

    Raises:
        ValueError: What is wrong and the fix, in words that follow "is".
    """
    if is_unknown(cell):
        return None
    text = cell.strip()
    try:
        found = _instant(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("not a date: write it as 2026-03-31 or 2026-03-31T14:00:00Z") from None


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        for form in ("%d/%b/%y %I:%M %p", "%d/%b/%y"):
            try:
                return datetime.strptime(text, form).replace(tzinfo=UTC)
            except ValueError:
                continue
        raise


def parse_day(cell: str) -> date | None:
    """Return the day of an instant; a date with an offset is the day in UTC.

    Raises:
        ValueError: As `parse_instant`.
    """
    found = parse_instant(cell)
    return found.date() if found else None


def split_list(cell: str) -> tuple[str, ...]:
    """Return the parts of a cell between commas, semicolons, bars and line breaks, none blank."""
    return tuple(part for one in _SEPARATORS.split(cell) if (part := one.strip()))
