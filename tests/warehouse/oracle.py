"""The same figures from the same events, read in plain Python: what every engine must say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, isfinite
from typing import Any

Event = Mapping[str, Any]
Figures = dict[Any, Any]

DAY = timedelta(days=1)
US = timedelta(microseconds=1)


@dataclass(frozen=True)
class Want:
    """A metric, as the oracle knows it."""

    id: str
    kind: str
    step: str
    country_not: str = ""
    codes: tuple[str, ...] = ()
    value: str = ""
    threshold_s: float = 0.0
    unit: str = "s"


@dataclass(frozen=True)
class Visit:
    """One session."""

    events: tuple[Event, ...]

    @property
    def day(self) -> datetime:
        first = min(one["at"] for one in self.events)
        return datetime(first.year, first.month, first.day, tzinfo=first.tzinfo)

    def at(self, step: str) -> list[Event]:
        return [one for one in self.events if one["event"] == step]

    def entered(self, step: str) -> datetime | None:
        return min((one["at"] for one in self.at(step)), default=None)

    def mark(self, name: str) -> str:
        return max((one[name] for one in self.events if one[name]), default="")


def visits(
    events: Iterable[Event],
    start: datetime,
    end: datetime,
    now: datetime,
    *,
    idle: timedelta | None = timedelta(minutes=30),
    most: int = 1000,
) -> list[Visit]:
    """Return the sessions that count; `idle` None takes the events' own."""
    near = [_corrected(one) for one in events]
    near = [one for one in near if one["at"] and start - DAY <= one["at"] < end + DAY]
    whose = _people(near)
    once: dict[Any, Event] = {}
    for number, one in enumerate(near):
        key = one["id"] or number
        if key not in once or _rank(one) < _rank(once[key]):
            once[key] = one
    real = [one for one in once.values() if one["at"] <= one["received"] + timedelta(minutes=5)]
    found = []
    for mine in _by_person(real, whose, idle):
        visit = Visit(tuple(mine))
        is_bot = any("bot" in (one["agent"] or "").lower() for one in mine)
        first = min(one["at"] for one in mine)
        if start <= first < end and not is_bot and len(mine) <= most:
            found.append(visit)
    return found


def _rank(one: Event) -> tuple[Any, ...]:
    return (one["received"], one["at"], one["event"] or "", one["error_code"] or "")


def _corrected(one: Event) -> Event:
    at = one["at"]
    if one["sent"] and one["original"] and one["received"]:
        at = one["received"] - (one["sent"] - one["original"])
    return {**one, "at": at}


def _people(events: Sequence[Event]) -> dict[str, str]:
    """Return the one user of every anonymous id that has exactly one."""
    users: dict[str, set[str]] = {}
    for one in events:
        if one["user"] and one["anonymous"]:
            users.setdefault(one["anonymous"], set()).add(one["user"])
    return {anonymous: next(iter(few)) for anonymous, few in users.items() if len(few) == 1}


def _by_person(
    events: Iterable[Event], whose: Mapping[str, str], idle: timedelta | None
) -> Iterable[list[Event]]:
    people: dict[Any, list[Event]] = {}
    for one in events:
        user = one["user"] or whose.get(one["anonymous"] or "")
        who = one["session"] if idle is None else ("u", user) if user else ("a", one["anonymous"])
        if who and (idle is None or who[1]):
            people.setdefault(who, []).append(one)
    for mine in people.values():
        mine.sort(key=lambda one: one["at"])
        part = [mine[0]]
        for before, one in pairwise(mine):
            if idle is not None and one["at"] - before["at"] > idle:
                yield part
                part = []
            part.append(one)
        yield part


@dataclass(frozen=True)
class Oracle:
    """Figures of sessions that count."""

    visits: Sequence[Visit]
    steps: Sequence[str]
    window: timedelta = timedelta(minutes=30)

    def about(self, want: Want) -> list[Visit]:
        found = []
        for one in self.visits:
            country = one.mark("country")
            if want.country_not and (not country or country == want.country_not):
                continue
            is_unmet = self._is_timed(want) and self.time(want, one) is None
            if one.entered(want.step) is not None and not is_unmet:
                found.append(one)
        return found

    def _is_timed(self, want: Want) -> bool:
        return want.kind in ("latency", "completion_time")

    def later(self, step: str) -> Sequence[str]:
        return self.steps[self.steps.index(step) + 1 :]

    def time(self, want: Want, visit: Visit) -> float | None:
        """Return a session's time in the metric's unit."""
        if want.value:
            known = [one[want.value] for one in visit.at(want.step) if one[want.value] is not None]
            usable = [one for one in known if isfinite(one) and 0 <= one <= 1e15]
            return max(usable, default=None)
        here, there = visit.entered(want.step), visit.entered(self.later(want.step)[0])
        if here is None or there is None or not here <= there <= here + self.window:
            return None
        return ((there - here) // US) / (1000 if want.unit == "ms" else 1_000_000)

    def weight(self, want: Want, visit: Visit) -> float:
        """Return how frustrated a session is: 0, one half or 1."""
        if want.kind == "drop_off":
            here = visit.entered(want.step)
            others = [visit.entered(one) for one in self.later(want.step)]
            in_time = [one for one in others if one and here and one <= here + self.window]
            return 0.0 if in_time else 1.0
        if want.kind == "error_rate":
            failed = self.failures(want, visit)
            return 0.0 if not failed else 0.5 if self.recovered(want, visit) else 1.0
        goal = want.threshold_s * (1000 if want.unit == "ms" else 1)
        time = self.time(want, visit) or 0.0
        return 1.0 if time > 4 * goal else 0.5 if time > goal else 0.0

    def failures(self, want: Want, visit: Visit) -> list[Event]:
        here = visit.at(want.step)
        return [
            one
            for one in here
            if one["error_code"] and (not want.codes or one["error_code"] in want.codes)
        ]

    def recovered(self, want: Want, visit: Visit) -> bool:
        failed = self.failures(want, visit)
        last = max(one["at"] for one in failed)
        fine = [one for one in visit.at(want.step) if one not in failed]
        fine += [one for step in self.later(want.step) for one in visit.at(step)]
        return any(one["at"] >= last for one in fine)

    def daily(self, want: Want) -> Figures:
        """Return (bad, total, recovered) or (size, percentiles...) by day."""
        days: dict[datetime, list[Visit]] = {}
        for one in self.about(want):
            days.setdefault(one.day, []).append(one)
        if self._is_timed(want):
            return {day: self._percentiles(want, mine) for day, mine in days.items()}
        found = {}
        for day, mine in days.items():
            bad = [one for one in mine if self.weight(want, one)]
            mended = [one for one in bad if self.weight(want, one) < 1]
            found[day] = (len(bad), len(mine), len(mended))
        return found

    def _percentiles(self, want: Want, mine: Sequence[Visit]) -> tuple[float, ...]:
        times = sorted(self.time(want, one) or 0.0 for one in mine)
        return (
            len(times),
            *(max(1e-6, times[ceil(len(times) * rank / 100) - 1]) for rank in (50, 75, 95, 99)),
        )

    def tallies(
        self, want: Want, dimension: str, strata: Sequence[str], *, is_mark: bool
    ) -> Figures:
        """Return by value, then by stratum: (bad with, with, bad without, without)."""
        about = self.about(want)
        carried = [self._values(want, one, dimension, is_mark=is_mark) for one in about]
        kinds = [tuple(self._kind(one, name) for name in strata) for one in about]
        count: dict[str, int] = {}
        for values in carried:
            for value in values:
                count[value] = count.get(value, 0) + 1
        top = sorted(count, key=lambda value: (-count[value], value.encode()))[:20]
        found: Figures = {}
        for value in top:
            cells = {kind: [0.0, 0, 0.0, 0] for kind in sorted(set(kinds))}
            for one, values, kind in zip(about, carried, kinds, strict=True):
                at = 0 if value in values else 2
                cells[kind][at] += self.weight(want, one)
                cells[kind][at + 1] += 1
            found[value] = {kind: tuple(cell) for kind, cell in cells.items()}
        return found

    def _values(self, want: Want, visit: Visit, dimension: str, *, is_mark: bool) -> set[str]:
        if not is_mark:
            return {visit.mark(dimension)}
        return {one[dimension] for one in visit.at(want.step) if one[dimension]} or {""}

    def _kind(self, visit: Visit, name: str) -> str:
        if name != "segment":
            return visit.mark(name)
        country = visit.mark("country")
        return "" if not country else "home" if country == "US" else "abroad"

    def overlap(self, wants: Sequence[Want]) -> Figures:
        """Return sessions, union and parts of metrics of one place."""
        here = [one for one in self.visits if one.entered(wants[0].step) is not None]
        if wants[0].country_not:
            here = [one for one in here if one.mark("country") not in ("", wants[0].country_not)]
        each = [
            [self.weight(want, one) if one in self.about(want) else 0.0 for want in wants]
            for one in here
        ]
        parts = {want.id: sum(row[n] for row in each) for n, want in enumerate(wants)}
        return {"sessions": len(here), "union": sum(map(max, each)), "parts": parts}
