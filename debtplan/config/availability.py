"""From members, public holidays and lists of days off to person-days of sprints."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from debtplan.config.holiday import public_holidays
from debtplan.config.members import WEEK, DaysOff, Member
from debtplan.config.settings import Loaded
from debtplan.config.whose import Names, names_of
from debtplan.core.availability import Attendance, Away, Person, Roster, count_days
from debtplan.core.capacity import ClosedSprint, Sprint
from debtplan.core.exact import exact
from debtplan.core.item import Skipped
from debtplan.files.absence import Absence, read_absences
from debtplan.files.calendar import Working, read_calendar

SPRINTS_AHEAD = 12
"""Sprints, the coming one included, whose person-days are counted."""

_SHOWN = 3
"""Rows about strangers that a remark names."""

_LONGEST_DAYS = 3_660
"""Days of one absence that are looked at; nobody takes ten years off by rows."""


def attendance_of(
    loaded: Loaded, team: str, ahead: Sequence[Sprint], counted: Iterable[ClosedSprint]
) -> tuple[Attendance | None, tuple[Skipped, ...]]:
    """Return when a team is there, in counts, and the rows that could not be used.

    None where the settings name no members.

    Args:
        loaded: All settings.
        team: Whose.
        ahead: The coming sprint and those after it.
        counted: Closed sprints that count for the velocity.

    Raises:
        InputError: A list of days off cannot be used at all.
        SettingsError: No public holidays are known of a place, or a package is missing.
    """
    own = loaded.settings.team[team]
    if own.members is None:
        return None, ()
    spans = _spans(ahead, counted)
    lists = [_List(one, tuple(_read(one, loaded.folder, spans))) for one in own.days_off]
    absences = [one for found in lists for one in found.absences]
    names = names_of(own.members, absences, team)
    people = _people(own.members, own.holidays, spans, team)
    workdays = frozenset(WEEK.index(one) for one in own.workdays)
    bare = Roster(people, (), workdays, exact(own.on_call))
    away = [one for found in lists for one in _away(found, names, bare)]
    roster = replace(bare, away=tuple(away))
    since = min((one.start_on for one in absences), default=date.max)
    attendance = Attendance(
        members=len(people),
        full_time=float(sum((one.share for one in people), Fraction(0))),
        entries=sum(found.entries(names) for found in lists),
        unread=sum(found.unread(names) for found in lists),
        ahead=tuple(count_days(roster, *span) for span in spans.ahead),
        past=tuple(count_days(roster, *one, is_listed=since <= one[0]) for one in spans.past),
    )
    return attendance, tuple(one for found in lists for one in found.skipped(names))


class _Spans(NamedTuple):
    """First and last days of the sprints that are asked about."""

    ahead: tuple[tuple[date, date], ...]
    past: tuple[tuple[date, date], ...]

    @property
    def start_on(self) -> date:
        return min(start for start, _ in (*self.ahead, *self.past))

    @property
    def end_on(self) -> date:
        return max(end for _, end in (*self.ahead, *self.past))


def _spans(ahead: Iterable[Sprint], counted: Iterable[ClosedSprint]) -> _Spans:
    past = {
        (one.start_on, one.end_on)
        for one in counted
        if one.start_on and one.end_on and one.start_on <= one.end_on
    }
    return _Spans(tuple((one.start_on, one.end_on) for one in ahead), tuple(sorted(past)))


@dataclass(frozen=True)
class _List:
    """One list of days off as it was read."""

    entry: DaysOff
    found: tuple[Absence | Skipped, ...]

    @property
    def absences(self) -> tuple[Absence, ...]:
        return tuple(one for one in self.found if isinstance(one, Absence))

    def strangers(self, names: Names) -> list[str]:
        """Return where it is about nobody of the team, in its order."""
        refs = [one.ref for one in self.absences if not names.whose(one, self.entry)]
        return list(dict.fromkeys(refs))

    def entries(self, names: Names) -> int:
        """Return how many entries are about the team; what repeats is one."""
        return len({one.ref for one in self.absences if names.whose(one, self.entry)})

    def unread(self, names: Names) -> int:
        """Return how many entries could not be used."""
        return len(self.strangers(names)) + len(self.found) - len(self.absences)

    def skipped(self, names: Names) -> Iterator[Skipped]:
        """Yield what could not be used; strangers in one remark, and nobody's name in any."""
        yield from (one for one in self.found if isinstance(one, Skipped))
        strangers = self.strangers(names)
        if not strangers:
            return
        where = ", ".join(one.removeprefix(f"{self.entry.path} ") for one in strangers[:_SHOWN])
        more = len(strangers) - _SHOWN
        where += f" and {more:,} more" if more > 0 else ""
        reason = (
            f"names no member in {where}; add the name used there to `also` of its member, or set "
            "everyone = true where the list is about the whole team"
        )
        yield Skipped(ref=self.entry.path, reason=reason)


def _read(entry: DaysOff, folder: Path, spans: _Spans) -> Iterator[Absence | Skipped]:
    """Yield what one list says."""
    if entry.start_on is not None:
        yield Absence(
            ref=f"days_off from {entry.start_on}",
            start_on=entry.start_on,
            end_on=entry.end_on or entry.start_on,
            people=((entry.name,),) if entry.name else (),
            end=exact(entry.part),
        )
    elif entry.is_calendar:
        zone = ZoneInfo(entry.timezone) if entry.timezone else None
        working = Working(spans.start_on, spans.end_on, entry.working_hours, zone)
        yield from read_calendar(entry.path, folder, working, entry.where)
    else:
        yield from read_absences(entry, folder, is_everyone=entry.everyone)


def _people(
    members: Iterable[Member], holidays: str, spans: _Spans, team: str
) -> tuple[Person, ...]:
    """Return the people with the public holidays of where each works."""
    years = range(spans.start_on.year - 1, spans.end_on.year + 2)
    found: dict[str, frozenset[date]] = {"": frozenset()}
    people = []
    for one in members:
        place = "-".join(part for part in (one.country, one.region) if part) or holidays
        if place not in found:
            found[place] = public_holidays(place, years, team)
        people.append(Person(exact(one.share), found[place]))
    return tuple(people)


def _away(found: _List, names: Names, team: Roster) -> Iterator[Away]:
    for one in found.absences:
        for person in names.whose(one, found.entry):
            part = one.end
            if one.days is not None:
                workdays = _workdays(one, team.people[person], team.workdays)
                part = min(Fraction(1), one.days / workdays) if workdays else Fraction(1)
            yield Away(person, one.start_on, one.end_on, one.begin, part)


def _workdays(absence: Absence, person: Person, workdays: frozenset[int]) -> int:
    """Return the working days of a person in an absence, of its first ten years."""
    length = min((absence.end_on - absence.start_on).days, _LONGEST_DAYS)
    days = (absence.start_on + timedelta(days=number) for number in range(length + 1))
    return sum(1 for day in days if day.weekday() in workdays and day not in person.holidays)
