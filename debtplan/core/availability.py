"""How much of a team is there: person-days of a sprint, less holidays, days off and on-call.

Nobody's name and nobody's days go into a plan: people are numbers here, and a plan keeps counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from pydantic import Field

from debtplan.core.exact import exact
from debtplan.core.record import Value

WORKDAYS = frozenset(range(5))
"""Monday to Friday, Monday being 0."""

_ALMOST = 0.995
"""Shares from here on would be shown as the whole team without a decimal."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the team.

    Attributes:
        share: Part of a full-time person, in (0, 1].
        holidays: Public holidays where this person works.
    """

    share: Fraction = Fraction(1)
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Away:
    """A person is not there, on every day from `start_on` to `end_on`.

    Attributes:
        person: Position in the team.
        begin: Start in a working day, in [0, 1]; 0 is its beginning.
        end: End, likewise; so a morning is 0 to 1/2. What overlaps counts once.
    """

    person: int
    start_on: date
    end_on: date
    begin: Fraction = Fraction(0)
    end: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Roster:
    """A team and when its people are away.

    Attributes:
        workdays: Days of the week on which it works, Monday being 0.
        on_call: People, or parts of one, that on-call takes whenever the team works.
    """

    people: tuple[Person, ...]
    away: tuple[Away, ...] = ()
    workdays: frozenset[int] = WORKDAYS
    on_call: Fraction = Fraction(0)


class SprintDays(Value):
    """Person-days of one sprint.

    Attributes:
        start_on: First day of the sprint.
        end_on: Last day.
        usual: People times workdays, nobody away.
        there: What is left of it for the sprint's work.
        holidays: Taken by public holidays.
        days_off: Taken by days off; on a public holiday nobody takes one.
        on_call: Taken by on-call, of those who are there.
        is_listed: Whether the lists of days off reach back to the sprint's first day; where they
            do not, days off count as far as they are listed.
    """

    start_on: date
    end_on: date
    usual: float = Field(ge=0)
    there: float = Field(ge=0)
    holidays: float = Field(default=0.0, ge=0)
    days_off: float = Field(default=0.0, ge=0)
    on_call: float = Field(default=0.0, ge=0)
    is_listed: bool = True

    @property
    def share(self) -> Fraction:
        """Part of the team that is there, in [0, 1]; 0 for a sprint without a workday."""
        return min(Fraction(1), exact(self.there) / exact(self.usual)) if self.usual else Fraction()

    @property
    def words(self) -> str:
        """What is away in words, `7 of 50 person-days away (...): 86% of the team there`."""
        if not self.usual:
            return "no day of the sprint is a workday of the team"
        away = exact(self.usual) - exact(self.there)
        if away <= 0:
            return f"all {self.usual:g} person-days there"
        taken = {"public holidays": self.holidays, "days off": self.days_off,
                 "on-call": self.on_call}  # fmt: skip
        parts = ", ".join(f"{_shown(days)} for {name}" for name, days in taken.items() if days)
        share = _percent(self.share)
        return f"{_shown(away)} of {self.usual:g} person-days away ({parts}): {share}"


class Attendance(Value):
    """When a team is there, in numbers that tell nothing of single people.

    Attributes:
        members: People in the team.
        full_time: Their shares added up.
        entries: Days off that were read and are about somebody of the team.
        unread: Rows and events that could not be used, or are about nobody of the team.
        ahead: The coming sprint and those after it, the first to start first.
        past: Closed sprints that count for the velocity, likewise.
    """

    members: int = Field(ge=1)
    full_time: float = Field(gt=0)
    entries: int = Field(default=0, ge=0)
    unread: int = Field(default=0, ge=0)
    ahead: tuple[SprintDays, ...] = Field(min_length=1)
    past: tuple[SprintDays, ...] = ()

    @property
    def coming(self) -> SprintDays:
        """The sprint that is planned."""
        return self.ahead[0]

    def of_past(self, start_on: date | None, end_on: date | None) -> SprintDays | None:
        """Return the days of a closed sprint; None where it has no dates or does not count."""
        return next((o for o in self.past if (o.start_on, o.end_on) == (start_on, end_on)), None)


def count_days(
    roster: Roster, start_on: date, end_on: date, *, is_listed: bool = True
) -> SprintDays:
    """Return the person-days of a range of days, its last one included."""
    away = _by_person(roster.away, start_on, end_on)
    usual = there = holidays = days_off = on_call = Fraction(0)
    for day in _days(start_on, end_on):
        if day.weekday() not in roster.workdays:
            continue
        left = Fraction(0)
        for number, person in enumerate(roster.people):
            usual += person.share
            if day in person.holidays:
                holidays += person.share
                continue
            off = person.share * _covered(one for one in away.get(number, ()) if _holds(one, day))
            days_off += off
            left += person.share - off
        taken = min(roster.on_call, left)
        on_call += taken
        there += left - taken
    return SprintDays(
        start_on=start_on,
        end_on=end_on,
        usual=float(usual),
        there=float(there),
        holidays=float(holidays),
        days_off=float(days_off),
        on_call=float(on_call),
        is_listed=is_listed,
    )


def availability_of(attendance: Attendance, start_on: date, end_on: date) -> float | None:
    """Return the part of the team that is there in a coming sprint, in [0, 1].

    A range that is none of the sprints counted takes the part of each that it overlaps, as if
    absences were spread evenly in it. None where no sprint that was counted overlaps it.
    """
    usual = there = Fraction(0)
    for one in attendance.ahead:
        if (one.start_on, one.end_on) == (start_on, end_on):
            return float(one.share)
        common = (min(end_on, one.end_on) - max(start_on, one.start_on)).days + 1
        if common > 0:
            part = Fraction(common, (one.end_on - one.start_on).days + 1)
            usual += part * exact(one.usual)
            there += part * exact(one.there)
    return min(1.0, float(there / usual)) if usual else None


def say_team(attendance: Attendance) -> str:
    """Return what is known of a team's people in one line: how many, and what was read."""
    people = "1 member" if attendance.members == 1 else f"{attendance.members} members"
    if attendance.full_time != attendance.members:
        people += f" ({attendance.full_time:g} full-time)"
    entries = "1 entry" if attendance.entries == 1 else f"{attendance.entries:,} entries"
    read = f"{entries} of days off read"
    if attendance.unread:
        read += f", {attendance.unread:,} not used"
    return f"{people}, {read}; {attendance.coming.words}"


def say_pace(velocity: Fraction, attendance: Attendance, past: Sequence[SprintDays | None]) -> str:
    """Return in words how the points of the coming sprint come from closed sprints.

    Args:
        velocity: What the whole team would do in the coming sprint.
        attendance: When the team is there.
        past: Days of the counted sprints; None is one without dates.
    """
    coming, counted = attendance.coming, f"median of the last {len(past)} closed sprints"
    undated = sum(1 for one in past if one is None)
    unlisted = sum(1 for one in past if one is not None and not one.is_listed)
    if undated == len(past) or not coming.usual:
        return f"{counted}, taken as those of a whole team; {coming.words}"
    gaps = []
    if undated:
        gaps.append(f"{undated} of them without dates taken as those of a whole team")
    if unlisted:
        gaps.append(f"days off of {unlisted} of them not known")
    noted = f" ({', '.join(gaps)})" if gaps else ""
    each = float(velocity / exact(coming.usual))
    times = f"{each:.4g} per person-day there{noted}, times {_shown(coming.there)}"
    return f"{counted}, {times}; {coming.words}"


def _by_person(away: Iterable[Away], start_on: date, end_on: date) -> dict[int, list[Away]]:
    found: dict[int, list[Away]] = {}
    for one in away:
        if one.start_on <= end_on and one.end_on >= start_on:
            found.setdefault(one.person, []).append(one)
    return found


def _days(start_on: date, end_on: date) -> Iterator[date]:
    for number in range((end_on - start_on).days + 1):
        yield start_on + timedelta(days=number)


def _holds(away: Away, day: date) -> bool:
    return away.start_on <= day <= away.end_on


def _covered(away: Iterable[Away]) -> Fraction:
    """Return the part of a working day that absences cover together, in [0, 1]."""
    covered = reached = Fraction(0)
    for one in sorted(away, key=lambda one: (one.begin, one.end)):
        end = min(one.end, Fraction(1))
        if end > reached:
            covered += end - max(one.begin, reached)
            reached = end
    return covered


def _shown(days: float | Fraction) -> str:
    return f"{float(days):.2f}".rstrip("0").rstrip(".")


def _percent(share: Fraction) -> str:
    if not share:
        return "nobody there"
    digits = 1 if share >= _ALMOST else 0
    return f"{float(share):.{digits}%} of the team there"
