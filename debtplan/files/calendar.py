"""Days off from an iCalendar file (RFC 5545): all-day events, appointments, what repeats."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from debtplan.core.item import Skipped
from debtplan.errors import InputError, SettingsError
from debtplan.files.absence import Absence
from debtplan.files.disk import find_files, read_bytes, shown

CALENDAR_LIMIT = 64 << 20
"""Bytes of one unpacked file."""

_SUFFIXES = (".ics", ".ical")
_REPEATS = ("RRULE", "RDATE", "RECURRENCE-ID")
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Working:
    """When somebody's absence counts.

    Attributes:
        start_on: First day that is asked about.
        end_on: Last day.
        hours: Start and end of the working day.
        zone: Where the team works; None takes each event's own time, and of times in UTC the
            calendar's zone.
    """

    start_on: date
    end_on: date
    hours: tuple[time, time] = (time(9), time(17))
    zone: ZoneInfo | None = None


def read_calendar(
    path: str, folder: Path, working: Working, where: Mapping[str, str] | None = None
) -> Iterator[Absence | Skipped]:
    """Yield the absences of calendar files, in order of file name and event.

    All-day events come whole; appointments, and what repeats, only as far as they touch the days
    of `working`. Cancelled events are left out.

    Args:
        path: A file, a pattern, or a folder.
        folder: Where relative paths start.
        working: When an absence counts.
        where: Only events with this value of a property, such as CATEGORIES and Vacation.

    Raises:
        InputError: A file cannot be used at all.
        SettingsError: The packages that read calendars are not installed.
    """
    for file in find_files(path, folder, _SUFFIXES):
        name = shown(file, folder)
        number = 0
        for calendar in _calendars(read_bytes(file, name, CALENDAR_LIMIT), name):
            home = working.zone or _zone_of(calendar)
            for group in _groups(calendar, name, number):
                yield from _read_group(group, working, home, where or {})
            number += len(calendar.walk("VEVENT"))


def _package(name: str) -> Any:  # noqa: ANN401 - a package that may be missing
    try:
        return import_module(name)
    except ImportError:
        what = "Reading a calendar needs a package that is not installed."
        raise SettingsError(what, "Install it: pip install 'debtplan[calendar]'.") from None


def _calendars(content: bytes, name: str) -> list[Any]:
    icalendar = _package("icalendar")
    try:
        found = icalendar.Calendar.from_ical(content, multiple=True)
    except (ValueError, LookupError, RecursionError):
        found = []
    calendars = [one for one in found if one.name == "VCALENDAR"]
    if not calendars:
        fix = 'Export it again as iCalendar (.ics), or set type = "csv" for a table.'
        raise InputError(f"{name} holds no calendar that can be read.", fix)
    return calendars


def _zone_of(calendar: Any) -> ZoneInfo | None:  # noqa: ANN401 - of icalendar
    """Return the zone that Google and others write for a whole calendar, if it is one."""
    try:
        return ZoneInfo(str(calendar.get("X-WR-TIMEZONE") or ""))
    except (LookupError, ValueError, OSError):
        return None


def _groups(calendar: Any, name: str, before: int) -> list[list[tuple[str, Any]]]:  # noqa: ANN401
    """Return the events with their refs; an event and the changes to its repetitions together."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for number, event in enumerate(calendar.walk("VEVENT"), before + 1):
        ref = f"{name} event {number}"
        found.setdefault(str(event.get("UID") or ref), []).append((ref, event))
    return list(found.values())


def _read_group(
    group: list[tuple[str, Any]], working: Working, home: ZoneInfo | None, where: Mapping[str, str]
) -> Iterator[Absence | Skipped]:
    if not any(key in event for _, event in group for key in _REPEATS):
        for ref, event in group:
            yield from _read_event(ref, event, working, home, where)
        return
    ref = group[0][0]
    try:
        repeated = _repeated([event for _, event in group], working)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
        yield Skipped(ref=ref, reason="repeats in a way that cannot be read; list its days singly")
        return
    for event in repeated:
        yield from _read_event(ref, event, working, home, where)


def _repeated(events: list[Any], working: Working) -> list[Any]:
    """Return every event of a series that touches the days that count.

    Raises:
        ValueError: The series cannot be read, or repeats within a day.
    """
    icalendar, recurring = _package("icalendar"), _package("recurring_ical_events")
    series = icalendar.Calendar()
    for event in events:
        rule = event.get("RRULE")
        if rule is not None:
            _check_rule(rule)
        series.add_component(event)
    found = recurring.of(series).between(working.start_on - _DAY, working.end_on + 2 * _DAY)
    return list(found)


def _check_rule(rule: Any) -> None:  # noqa: ANN401 - of icalendar
    """Refuse what repeats within a day: nobody's days off do, and a year has many seconds.

    Raises:
        ValueError: It does, or is no single rule.
    """
    frequency = [str(one) for one in rule["FREQ"]]
    if not _FREQUENCIES.issuperset(frequency) or any(key in rule for key in _WITHIN_A_DAY):
        raise ValueError(frequency)


def _read_event(
    ref: str,
    event: Any,  # noqa: ANN401 - of icalendar
    working: Working,
    home: ZoneInfo | None,
    where: Mapping[str, str],
) -> Iterator[Absence | Skipped]:
    if str(event.get("STATUS") or "").upper() == "CANCELLED" or not _holds(event, where):
        return
    try:
        start, end = event.start, event.end
        is_turned = end < start
    except (ValueError, TypeError, AttributeError, ArithmeticError):
        reason = "has no start and end that can be read, or a day for one and a time for the other"
        yield Skipped(ref=ref, reason=reason)
        return
    if is_turned:
        yield Skipped(ref=ref, reason="ends before it starts")
        return
    people, text = _attendees(event), str(event.get("SUMMARY") or "")
    if not isinstance(start, datetime):
        last = max(start, end - _DAY)  # DTEND is the day after; some write the day itself
        yield Absence(ref=ref, start_on=start, end_on=last, people=people, text=text)
        return
    if end == start:
        yield Skipped(ref=ref, reason="is an appointment without an end")
        return
    local = _local(start, working, home), _local(end, working, home)
    for day, begin, until in _within_hours(*local, working):
        yield Absence(ref, day, day, people, text, begin, until)


def _within_hours(
    start: datetime, end: datetime, working: Working
) -> Iterator[tuple[date, Fraction, Fraction]]:
    """Yield the days of an appointment and which part of the working day it takes of each."""
    opens, closes = working.hours
    day = max(start.date(), working.start_on)
    while day <= min(end.date(), working.end_on):
        first, last = datetime.combine(day, opens), datetime.combine(day, closes)
        whole = last - first
        begin, until = max(start, first), min(end, last)
        if begin < until:
            yield day, _ratio(begin - first, whole), _ratio(until - first, whole)
        day += _DAY


def _ratio(part: timedelta, whole: timedelta) -> Fraction:
    return Fraction(part // timedelta(seconds=1), whole // timedelta(seconds=1))


def _local(instant: datetime, working: Working, home: ZoneInfo | None) -> datetime:
    """Return what the clock shows where the team works, without a zone."""
    is_moved = working.zone is not None or str(instant.tzinfo) == "UTC"
    if instant.tzinfo is not None and is_moved and home is not None:
        instant = instant.astimezone(home)
    return instant.replace(tzinfo=None)


def _attendees(event: Any) -> tuple[tuple[str, ...], ...]:  # noqa: ANN401 - of icalendar
    """Return name and address of those who take part and have not declined."""
    said = event.get("ATTENDEE") or []
    found = []
    for one in said if isinstance(said, list) else [said]:
        params: Mapping[str, Any] = getattr(one, "params", {})
        if str(params.get("PARTSTAT", "")).upper() != "DECLINED":
            found.append(tuple(name for name in (str(params.get("CN", "")), str(one)) if name))
    return tuple(found)


def _holds(event: Any, where: Mapping[str, str]) -> bool:  # noqa: ANN401 - of icalendar
    """Tell whether an event has the values asked for; of CATEGORIES one will do."""
    for name, wanted in where.items():
        said = event.get(name)
        parts = said if isinstance(said, list) else [said]
        values = [str(value) for part in parts for value in getattr(part, "cats", [part])]
        if wanted.casefold() not in (one.casefold() for one in values):
            return False
    return True
