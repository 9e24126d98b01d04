"""Dates and times as trackers, spreadsheets and services write them."""

import re
from datetime import UTC, date, datetime, time

from debtplan.files.cell import is_unknown
from debtplan.files.options import Dates

_EPOCH = re.compile(r"1[0-9]{9}(?:\.[0-9]{1,6})?|1[0-9]{12}")
_WEEK = re.compile(r"[0-9]{4}-?W[0-9]{2}")
_NUMERIC = re.compile(
    r"(?P<first>[0-9]{1,4})(?P<sep>[/.-])(?P<second>[0-9]{1,2})(?P=sep)(?P<third>[0-9]{1,4})"
    r"(?:,?[ T](?P<time>.+))?"
)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? ", re.IGNORECASE)
_ZONE = re.compile(r" ?(?:UTC|GMT|Z)?(?P<offset>[+-][0-9]{2}:?[0-9]{2})?(?: \([^()]*\))?")
_CLOCKS = ("%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%H:%M", "%H:%M:%S", "%H:%M:%S.%f")
_DAYS = ("%d/%b/%y", "%d/%b/%Y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y")
_MONTHS = ("%b %d %Y", "%B %d %Y")
_LONGEST = 80
_SECONDS = 10
_YEAR = 4
_YEARS = (2, _YEAR)

NO_DATE = "not a date: write it as 2026-03-31 or 2026-03-31T14:00:00Z"
NO_ORDER = (
    "day and month in an order that nobody has said: "
    'set dates = "day-first" or "month-first" for the file'
)


def parse_instant(cell: str, dates: Dates = "auto") -> datetime | None:
    """Return an instant as aware UTC; without an offset it is taken as UTC.

    ISO 8601 in any of its forms but a week; seconds or milliseconds since 1970; the forms of
    spreadsheets and of trackers' own exports (`07/Sep/23 5:31 AM`, `Nov 3, 2025, 10:22 AM`).

    Args:
        cell: As it stands.
        dates: The order of day and month in `03/04/2026`. A date with dots has its day first.

    Raises:
        ValueError: What is wrong and the fix, in words that follow "is".
    """
    if is_unknown(cell):
        return None
    text = " ".join(cell[: _LONGEST + 1].split())
    if len(text) > _LONGEST or _WEEK.fullmatch(text):
        raise ValueError(NO_DATE)
    try:
        found = _instant(text, dates)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except _OrderError:
        raise ValueError(NO_ORDER) from None
    except (ValueError, OverflowError):
        raise ValueError(NO_DATE) from None


def parse_day(cell: str, dates: Dates = "auto") -> date | None:
    """Return the day of an instant; a date with an offset is the day in UTC.

    Raises:
        ValueError: As `parse_instant`.
    """
    found = parse_instant(cell, dates)
    return found.date() if found else None


class _OrderError(ValueError):
    """Day and month could be either."""


def _instant(text: str, dates: Dates) -> datetime:
    if _EPOCH.fullmatch(text):
        whole, _, _ = text.partition(".")
        return datetime.fromtimestamp(float(text) / (1 if len(whole) == _SECONDS else 1000), UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    text, offset = _without_zone(_WEEKDAY.sub("", text, count=1))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        numeric = _NUMERIC.fullmatch(text)
        found = _numeric(numeric, dates) if numeric else _named(text)
    return found.replace(tzinfo=datetime.strptime(offset, "%z").tzinfo) if offset else found


def _without_zone(text: str) -> tuple[str, str]:
    """Return the text without a zone at its end, and the zone's offset, "" where it is none."""
    for start in (text.find(" GMT"), text.find(" UTC"), max(text.rfind(" +"), text.rfind(" -"))):
        zone = _ZONE.fullmatch(text, start) if start > 0 else None
        if zone is not None:
            return text[:start], zone["offset"] or "+0000"
    return text, ""


def _numeric(found: re.Match[str], dates: Dates) -> datetime:
    """Return the instant of a date of three numbers.

    Raises:
        _OrderError: Day and month could be either, and `dates` does not say which.
    """
    first, second, third = (found[name] for name in ("first", "second", "third"))
    if len(first) == _YEAR:
        parts = (first, second, third)
    elif found["sep"] == "." or dates == "day-first":
        parts = (third, second, first)
    elif dates == "month-first":
        parts = (third, first, second)
    else:
        raise _OrderError
    year, month, day = map(int, parts)
    if len(parts[0]) not in _YEARS:
        raise ValueError(found[0])
    whole = date(year if len(parts[0]) == _YEAR else 2000 + year, month, day)
    return datetime.combine(whole, _clock(found["time"] or ""))


def _named(text: str) -> datetime:
    """Return the instant of a date with the month's name."""
    words = text.replace(",", "").split(" ")
    many = 1 if "/" in words[0] or "-" in words[0] else 3
    day = " ".join(words[:many])
    for form in (*_DAYS, *_MONTHS):
        try:
            whole = datetime.strptime(day, form)  # noqa: DTZ007 - the zone is put on by the caller
        except ValueError:
            continue
        return datetime.combine(whole.date(), _clock(" ".join(words[many:])))
    raise ValueError(text)


def _clock(text: str) -> time:
    """Return a time of day, midnight where none is given.

    Raises:
        ValueError: It is none.
    """
    if not text:
        return time()
    for form in _CLOCKS:
        try:
            return datetime.strptime(text, form).time()  # noqa: DTZ007 - a time of day has no zone
        except ValueError:
            continue
    return time.fromisoformat(text)
