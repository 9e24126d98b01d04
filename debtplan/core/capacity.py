"""How much can be done: velocity from closed sprints, and the reserve for debt."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from statistics import median, quantiles
from typing import Literal

from pydantic import Field as Bounded
from pydantic import model_validator
from sqlmodel import Field

from debtplan.core.exact import exact
from debtplan.core.item import Skipped
from debtplan.core.record import Stored, Value

LONGEST_WINDOW = 6
"""The automatic window never pools more sprints than this."""


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


class ReservePolicy(Value):
    """How much of the capacity goes to debt.

    Attributes:
        floor: Least share of capacity over the window; soft.
        ceiling: Greatest share of capacity over the window.
        window: Sprints that are pooled, 1 to 6, or "auto": the smallest whose pooled ceiling holds
            the median item.
        sprint_max: Greatest share of any one sprint.
    """

    floor: float = Bounded(default=0.10, ge=0, le=1)
    ceiling: float = Bounded(default=0.15, gt=0, le=1)
    window: Literal["auto"] | int = "auto"
    sprint_max: float = Bounded(default=0.30, gt=0, le=1)

    @model_validator(mode="after")
    def _check(self) -> "ReservePolicy":
        if self.floor > self.ceiling:
            msg = f"floor {self.floor:g} is above ceiling {self.ceiling:g}"
            raise ValueError(msg)
        if self.ceiling > self.sprint_max:
            msg = f"ceiling {self.ceiling:g} is above sprint_max {self.sprint_max:g}"
            raise ValueError(msg)
        if self.window != "auto" and not 1 <= self.window <= LONGEST_WINDOW:
            msg = f'window {self.window} must be "auto" or 1 to {LONGEST_WINDOW}'
            raise ValueError(msg)
        return self


class CapacityPolicy(Value):
    """Where the capacity comes from.

    Attributes:
        points: Stated capacity of the coming sprint; None takes it from closed sprints.
        last: Closed sprints that count, the most recent ones.
        availability: Part of the team that is there in the coming sprint, against its usual.
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
        velocity: Median of the counted sprints, or as stated.
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


class Reserve(Value):
    """Points of the coming sprint that may go to debt.

    Attributes:
        floor: Soft minimum in points.
        ceiling: Capacity times the ceiling share: this sprint's own part.
        available: Most points that may be planned: the window's ceiling less what is spent, at most
            sprint_max of the capacity.
        window: Sprints pooled, this one included.
        spent: Debt points of the window's earlier sprints that are on record; None is unknown.
        basis: The window in words.
    """

    floor: float
    ceiling: float
    available: float
    window: int
    spent: float | None
    basis: str


def by_time(sprints: Iterable[ClosedSprint]) -> tuple[ClosedSprint, ...]:
    """Return sprints in order of closing."""
    return tuple(
        sorted(sprints, key=lambda one: (one.end_on or date.min, one.position, one.id, one.team))
    )


def estimate_capacity(sprints: Sequence[ClosedSprint], policy: CapacityPolicy) -> Capacity:
    """Return the capacity of the coming sprint.

    The velocity is the median of the last n closed sprints whose points are known. A sprint with
    nothing committed and nothing completed has no points on record: it is skipped, not counted 0.
    """
    share = policy.availability
    if policy.points is not None:
        return Capacity(
            points=_product(policy.points, share),
            velocity=policy.points,
            low=None,
            high=None,
            availability=share,
            basis=f"stated in the settings, {_present(share)}",
        )
    ordered = by_time(sprints)
    counted = [one for one in ordered if one.completed is not None and not _is_blank(one)]
    skipped = tuple(_skip(one) for one in ordered if one.completed is None or _is_blank(one))
    last = counted[-policy.last :]
    if not last:
        basis = "no closed sprint with points on record"
        return Capacity(points=None, velocity=None, low=None, high=None, availability=share,
                        basis=basis, skipped=skipped)  # fmt: skip
    done = [one.completed or 0.0 for one in last]
    velocity = float(median(done))
    low, high = _quartiles(done)
    return Capacity(
        points=_product(velocity, share),
        velocity=velocity,
        low=None if low is None else low * share,
        high=None if high is None else high * share,
        availability=share,
        basis=f"median of the last {len(last)} closed sprints, {_present(share)}",
        sprints=tuple(one.name or one.id for one in last),
        skipped=skipped,
    )


def size_reserve(
    capacity: float,
    policy: ReservePolicy,
    item_points: Sequence[float] = (),
    history: Sequence[ClosedSprint] = (),
) -> Reserve:
    """Return the reserve of the coming sprint, in points.

    Over any W sprints the debt points lie in [floor, ceiling] * capacity, and no sprint passes
    sprint_max; so this sprint's floor is what the window's earlier sprints left open. Where their
    debt points are not on record, the account starts with this sprint: what it takes beyond its
    own part is borrowed from the following ones.

    Args:
        capacity: Points of the coming sprint, above 0; taken for the following ones too.
        policy: Shares and window.
        item_points: Estimates of the candidates, for the automatic window.
        history: Closed sprints, for what was spent.
    """
    whole = exact(capacity)
    window = (
        policy.window if policy.window != "auto" else _auto_window(capacity, policy, item_points)
    )
    own = whole * exact(policy.ceiling)
    spent, sprints = _spent(history, window)
    most = whole * exact(policy.sprint_max)
    available = max(Fraction(0), min(own * window - (spent or 0), most)) if window > 1 else own
    floor = whole * exact(policy.floor)
    if spent is not None:
        floor = max(Fraction(0), floor * (sprints + 1) - spent)
    return Reserve(
        floor=float(min(floor, available)),
        ceiling=float(own),
        available=float(available),
        window=window,
        spent=None if spent is None else float(spent),
        basis=_reserve_words(policy, window, spent, is_held=_holds(own * window, item_points)),
    )


def sprint_length(sprints: Sequence[ClosedSprint], policy: CapacityPolicy) -> float:
    """Return calendar days from one sprint's start to the next: set, median of history, or 14."""
    if policy.sprint_days is not None:
        return policy.sprint_days
    starts = sorted({one.start_on for one in sprints if one.start_on is not None})
    gaps = [(b - a).days for a, b in pairwise(starts)]
    return float(median(gaps)) if gaps else 14.0


def _auto_window(capacity: float, policy: ReservePolicy, item_points: Sequence[float]) -> int:
    """Return the smallest window whose pooled ceiling holds the median item, at most 6."""
    own = exact(capacity) * exact(policy.ceiling)
    windows = range(1, LONGEST_WINDOW + 1)
    return next((one for one in windows if _holds(own * one, item_points)), LONGEST_WINDOW)


def _holds(pooled: Fraction, item_points: Sequence[float]) -> bool:
    """Tell whether the median item fits; without items everything does."""
    return not item_points or pooled >= exact(median(item_points))


def _spent(history: Sequence[ClosedSprint], window: int) -> tuple[Fraction | None, int]:
    """Return the debt points of the last window - 1 closed sprints, and how many those are.

    None where they are not on record for each of them.
    """
    if window == 1:
        return Fraction(0), 0
    last = by_time(history)[-(window - 1) :]
    known = [exact(one.debt_points) for one in last if one.debt_points is not None]
    if not last or len(known) < len(last):
        return None, len(last)
    return sum(known, Fraction(0)), len(last)


def _reserve_words(
    policy: ReservePolicy, window: int, spent: Fraction | None, *, is_held: bool
) -> str:
    shares = f"{policy.floor:.0%} to {policy.ceiling:.0%} of capacity"
    if window == 1:
        return f"{shares}, each sprint for itself"
    words = f"{shares} over any {window} sprints, at most {policy.sprint_max:.0%} of one sprint"
    if policy.window == "auto" and is_held:
        words += "; the window is the shortest that holds the median item"
    elif policy.window == "auto":
        words += "; the longest window, and the median item is larger still"
    if spent is None:
        return (
            f"{words}; debt points of earlier sprints are not on record, so the account starts here"
        )
    return f"{words}; {float(spent):g} already spent in the {window - 1} before"


def _product(number: float, share: float) -> float:
    """Return the product of the decimals: 58% of 50 is 29, not 28.999999999999996."""
    return float(exact(number) * exact(share))


def _is_blank(sprint: ClosedSprint) -> bool:
    return not sprint.completed and not sprint.committed


def _skip(sprint: ClosedSprint) -> Skipped:
    reason = "has no points on record, so it says nothing about velocity"
    return Skipped(ref=f"sprint {sprint.name or sprint.id}", reason=reason)


def _quartiles(values: Sequence[float]) -> tuple[float, float] | tuple[None, None]:
    if len(values) < 2:  # noqa: PLR2004 - one sprint has no spread
        return None, None
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high


def _present(share: float) -> str:
    return "whole team there" if share == 1 else f"{share:.0%} of the team there"
