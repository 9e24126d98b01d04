"""Who is in a team and when they are there, as the settings say it."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, time
from math import fsum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from debtplan.core.record import Value
from debtplan.files.options import FileTable

MOST_MEMBERS = 500

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9]) ?- ?([01][0-9]|2[0-3]):([0-5][0-9])")
_SHORT = {"from": "start_on", "to": "end_on"}


class Member(Value):
    """One of `[team.NAME] members`. A name alone stands for a full-time member of that name.

    Attributes:
        name: As lists of days off call this person; "" where only the number of people is known.
        share: Part of a full-time person, in (0, 1].
        also: Other names for the same person: e-mail address, account, nickname.
        country: Whose public holidays count, instead of the team's.
        region: Part of that country.
    """

    name: str = ""
    share: float = Field(default=1.0, gt=0, le=1)
    also: tuple[str, ...] = ()
    country: str = ""
    region: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All names, as they are compared."""
        return tuple(plain_name(one) for one in (self.name, *self.also) if one)

    @model_validator(mode="after")
    def _check(self) -> "Member":
        if self.region and not self.country:
            msg = f"region {self.region!r} needs its country beside it"
            raise ValueError(msg)
        return self


class DaysOff(FileTable):
    """One of `[team.NAME] days_off`: a list in a file, or days written down in the settings.

    Attributes:
        type: Form of the file; None goes by its ending.
        everyone: Of a file: what names nobody is about the whole team; else it is left out.
        hours: iCalendar: the working day; an appointment outside of it takes nothing.
        timezone: iCalendar: where the team works; "" takes each event's own time, and of times in
            UTC the calendar's zone.
        name: Written down: who is away; "" is the whole team.
        start_on: Written down: first day.
        end_on: Written down: last day; None is the first.
        part: Written down: part of each day, in (0, 1].
    """

    type: Literal["csv", "ical"] | None = None
    everyone: bool = False
    hours: str = "09:00-17:00"
    timezone: str = ""
    name: str = ""
    start_on: date | None = None
    end_on: date | None = None
    part: float = Field(default=1.0, gt=0, le=1)

    @property
    def is_calendar(self) -> bool:
        """Whether it is an iCalendar file."""
        if self.type is not None:
            return self.type == "ical"
        return self.path.lower().removesuffix(".gz").endswith((".ics", ".ical"))

    @property
    def working_hours(self) -> tuple[time, time]:
        """Start and end of the working day."""
        return _parse_hours(self.hours)

    @field_validator("hours")
    @classmethod
    def _check_hours(cls, hours: str) -> str:
        _parse_hours(hours)
        return hours

    @field_validator("timezone")
    @classmethod
    def _check_zone(cls, zone: str) -> str:
        try:
            _ = ZoneInfo(zone or "UTC")
        except (LookupError, ValueError, OSError):
            msg = f"{zone!r} is no time zone; write it as Europe/Berlin"
            raise ValueError(msg) from None
        return zone

    @model_validator(mode="after")
    def _check(self) -> "DaysOff":
        if bool(self.path) == (self.start_on is not None):
            msg = "give either the path of a file, or days as from and to"
            raise ValueError(msg)
        if self.start_on and self.end_on and self.end_on < self.start_on:
            msg = f"it ends on {self.end_on}, before it starts on {self.start_on}"
            raise ValueError(msg)
        return self


def read_members(value: object) -> object:
    """Return a list of members for a number of people, and a table for a name alone.

    Raises:
        ValueError: The number is not one of people.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not (1 <= value <= MOST_MEMBERS and value == int(value)):
            msg = f"a number of people is whole, 1 to {MOST_MEMBERS}; for parts of one, list them"
            raise ValueError(msg)
        return [{}] * int(value)
    if isinstance(value, list):
        return [{"name": one} if isinstance(one, str) else one for one in value]
    return value


def read_days_off(value: object) -> object:
    """Return a list of tables for a file's name, a table, or a list of both."""
    listed = [value] if isinstance(value, str | Mapping) else value
    return [_entry(one) for one in listed] if isinstance(listed, list) else value


def _entry(value: object) -> object:
    if isinstance(value, str):
        return {"path": value}
    if isinstance(value, Mapping):
        return {_SHORT.get(key, key): one for key, one in value.items()}
    return value


def _some(workdays: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    if not workdays:
        raise ValueError("it is empty; name the days on which the team works")
    return workdays


Members = Annotated[tuple[Member, ...] | None, BeforeValidator(read_members)]
Workdays = Annotated[tuple[Weekday, ...], AfterValidator(_some)]
DaysOffLists = Annotated[tuple[DaysOff, ...], BeforeValidator(read_days_off)]


def plain_name(name: str) -> str:
    """Return a name as it is compared: whatever the case, `Lovelace, Ada` as `ada lovelace`."""
    last, comma, first = name.partition(",")
    whole = f"{first} {last}" if comma else name
    return " ".join(whole.casefold().split()).removeprefix("mailto:")


def check_presence(
    members: Sequence[Member] | None,
    days_off: Sequence[DaysOff],
    on_call: float,
    given: Collection[str],
) -> None:
    """Refuse settings of a team's presence that do not go together.

    Args:
        members: Who is in the team; None is not said.
        days_off: Lists of days off.
        on_call: People that on-call takes.
        given: Names of the settings that the file holds.

    Raises:
        ValueError: All that is wrong, in one text.
    """
    if members is None:
        alone = [one for one in ("holidays", "on_call", "days_off", "workdays") if one in given]
        problems = [f"{one} says nothing without members" for one in alone]
    else:
        problems = list(_problems(members, days_off, on_call, given))
    if problems:
        raise ValueError(", and ".join(problems))


def _problems(
    members: Sequence[Member], days_off: Sequence[DaysOff], on_call: float, given: Collection[str]
) -> Iterator[str]:
    if not members:
        yield "members is empty; name at least one, or give their number"
        return
    if "availability" in given:
        yield "availability is stated, and members ask for it to be counted; keep one of them"
    people = fsum(one.share for one in members)
    if on_call > people:
        yield f"on_call takes {on_call:g} people of a team of {people:g}"
    is_named = {bool(one.name) for one in members}
    if len(is_named) > 1:
        yield "some members have a name and others none; name all of them"
        return
    names = Counter(name for one in members for name in set(one.names))
    yield from (f"two members go by {name!r}" for name, count in names.items() if count > 1)
    for one in days_off:
        if one.name and plain_name(one.name) not in names and True in is_named:
            yield f"days_off names {one.name!r}, who is none of its members"


def _parse_hours(hours: str) -> tuple[time, time]:
    found = _HOURS.fullmatch(hours.strip())
    if found is None:
        msg = f"{hours!r} is no working day; write it as 09:00-17:00"
        raise ValueError(msg)
    first, second, third, fourth = map(int, found.groups())
    start, end = time(first, second), time(third, fourth)
    if end <= start:
        msg = f"{hours!r} ends before it starts"
        raise ValueError(msg)
    return start, end
