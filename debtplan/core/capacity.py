"""How much can be done: velocity from closed sprints, and the reserve for debt."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from statistics import median, quantiles
from typing import NamedTuple

from pydantic import Field as Bounded
from pydantic import model_validator
from sqlmodel import Field

from debtplan.core.availability import Attendance, SprintDays, say_pace
from debtplan.core.exact import exact
from debtplan.core.item import Skipped
from debtplan.core.record import Stored, Value


class ClosedSprint(Stored):
    """A sprint that is over.

    Attributes:
        team: Team of the settings it belongs to.
        id: Unique in its team.
        position: Order of closing; the last sprint has the highest.
        committed: Points planned at its start; None is unknown.
        completed: Points done at its end; None is unknown.
        debt_points: Points of it that went to debt; None is unknown.
    """

    team: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str = ""
    position: int = 0
    start_on: date | None = None
    end_on: date | None = None
    committed: float | None = Field(default=None, ge=0)
    completed: float | None = Field(default=None, ge=0)
    debt_points: float | None = Field(default=None, ge=0)


class OpenSprint(Stored):
    """A sprint that is not over: the one that runs, or one to come.

    Attributes:
        team: Team of the settings it belongs to.
        id: Unique in its team.
        is_active: Whether it has been started.
        start_on: None where nobody has set it yet.
        end_on: Its last day.
    """

    team: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str = ""
    is_active: bool = False
    start_on: date | None = None
    end_on: date | None = None


class Sprint(Value):
    """The sprint that is planned. `end_on` is its last day."""

    id: str
    name: str
    start_on: date
    end_on: date

    @model_validator(mode="after")
    def _check(self) -> "Sprint":
        if self.end_on < self.start_on:
            msg = f"sprint {self.name!r} ends on {self.end_on}, before it starts"
            raise ValueError(msg)
        return self


class CapacityPolicy(Value):
    """Where the capacity comes from.

    Attributes:
        points: Stated capacity of the coming sprint; None takes it from closed sprints.
        last: Closed sprints that count, the most recent ones.
        availability: Part of the team that is there in the coming sprint, against its usual; where
            an `Attendance` is known, that one counts.
        sprint_days: Calendar days from one sprint's start to the next; None takes it from history.
    """

    points: float | None = Bounded(default=None, gt=0)
    last: int = Bounded(default=6, ge=1, le=50)
    availability: float = Bounded(default=1.0, gt=0, le=2)
    sprint_days: float | None = Bounded(default=None, gt=0, le=120)


class Capacity(Value):
    """Points the team can do in the coming sprint.

    Attributes:
        points: velocity * availability; None where nothing is known.
        velocity: Median of the counted sprints, or as stated; with an `Attendance`, what the whole
            team would do.
        low: Lower quartile of the counted sprints times availability; None for fewer than two.
        high: Upper quartile, likewise.
        basis: Where it comes from, one sentence.
        sprints: Names of the counted sprints, oldest first.
        skipped: Closed sprints that could not count, with the reason.
    """

    points: float | None
    velocity: float | None
    low: float | None
    high: float | None
    availability: float
    basis: str
    sprints: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def by_time(sprints: Iterable[ClosedSprint]) -> tuple[ClosedSprint, ...]:
    """Return sprints in order of closing."""
    return tuple(
        sorted(sprints, key=lambda one: (one.end_on or date.min, one.position, one.id, one.team))
    )


def estimate_capacity(
    sprints: Sequence[ClosedSprint],
    policy: CapacityPolicy,
    attendance: Attendance | None = None,
) -> Capacity:
    """Return the capacity of the coming sprint.

    The velocity is the median of the last n closed sprints whose points are known. A sprint with
    nothing committed and nothing completed has no points on record: it is skipped, not counted 0.

    Args:
        sprints: Closed sprints, in any order.
        policy: Where the capacity comes from.
        attendance: When the team is there. A closed sprint then counts as what the whole team
            would have done: points done, by person-days there, times the coming sprint's usual
            person-days. So holidays and days off that a velocity holds already do not count twice.
    """
    share = attendance.coming.share if attendance else exact(policy.availability)
    present = attendance.coming.words if attendance else _present(policy.availability)
    if policy.points is not None:
        return Capacity(
            points=float(exact(policy.points) * share),
            velocity=policy.points,
            low=None,
            high=None,
            availability=float(share),
            basis=f"stated in the settings, {present}",
        )
    counted, skipped = counted_sprints(sprints, policy)
    done, absent = _done(counted, attendance)
    basis = f"median of the last {len(done)} closed sprints, {present}"
    if attendance and done:
        velocity = median(one.points for one in done)
        basis = say_pace(velocity, attendance, [one.days for one in done])
    return _measured(done, share, basis, skipped + absent)


def _measured(
    done: Sequence["_Done"], share: Fraction, basis: str, skipped: tuple[Skipped, ...]
) -> Capacity:
    """Return the capacity that closed sprints give, of which there may be none."""
    if not done:
        basis = "no closed sprint with points on record"
        return Capacity(points=None, velocity=None, low=None, high=None, availability=float(share),
                        basis=basis, skipped=skipped)  # fmt: skip
    velocity = median(one.points for one in done)
    low, high = _quartiles([one.points for one in done])
    return Capacity(
        points=float(velocity * share),
        velocity=float(velocity),
        low=None if low is None else float(low * share),
        high=None if high is None else float(high * share),
        availability=float(share),
        basis=basis,
        sprints=tuple(one.name for one in done),
        skipped=skipped,
    )


def counted_sprints(
    sprints: Iterable[ClosedSprint], policy: CapacityPolicy
) -> tuple[tuple[ClosedSprint, ...], tuple[Skipped, ...]]:
    """Return the closed sprints that count for the velocity, oldest first, and what cannot."""
    ordered = by_time(sprints)
    known = [one for one in ordered if one.completed is not None and not _is_blank(one)]
    unknown = [one for one in ordered if one.completed is None or _is_blank(one)]
    return tuple(known[-policy.last :]), tuple(_skip(one, _NO_POINTS) for one in unknown)


class _Done(NamedTuple):
    """What a closed sprint did, as if the whole team had been there in it."""

    name: str
    points: Fraction
    days: SprintDays | None


def _done(
    sprints: Sequence[ClosedSprint], attendance: Attendance | None
) -> tuple[list[_Done], tuple[Skipped, ...]]:
    """Return what each sprint did, and the sprints in which nobody was there."""
    done, absent = [], []
    for one in sprints:
        points = exact(one.completed or 0.0)
        days = attendance.of_past(one.start_on, one.end_on) if attendance else None
        if attendance and days is not None:
            if not days.there:
                absent.append(_skip(one, _NOBODY))
                continue
            points *= exact(attendance.coming.usual) / exact(days.there)
        done.append(_Done(one.name or one.id, points, days))
    return done, tuple(absent)


def sprint_length(sprints: Sequence[ClosedSprint], policy: CapacityPolicy) -> float:
    """Return calendar days from one sprint's start to the next: set, median of history, or 14."""
    if policy.sprint_days is not None:
        return policy.sprint_days
    starts = sorted({one.start_on for one in sprints if one.start_on is not None})
    gaps = [(b - a).days for a, b in pairwise(starts)]
    return float(median(gaps)) if gaps else 14.0


def _is_blank(sprint: ClosedSprint) -> bool:
    return not sprint.completed and not sprint.committed


_NO_POINTS = "has no points on record, so it says nothing about velocity"
_NOBODY = "has no day on which anybody was there, so it says nothing about velocity"


def _skip(sprint: ClosedSprint, reason: str) -> Skipped:
    return Skipped(ref=f"sprint {sprint.name or sprint.id}", reason=reason)


def _quartiles(
    values: Sequence[Fraction],
) -> tuple[Fraction, Fraction] | tuple[None, None]:
    if len(values) < 2:  # noqa: PLR2004 - one sprint has no spread
        return None, None
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high


def _present(share: float) -> str:
    return "whole team there" if share == 1 else f"{share:.0%} of the team there"
