"""The reserve: how many points of the coming sprint may go to debt."""

from collections.abc import Sequence
from fractions import Fraction
from statistics import median
from typing import Literal

from pydantic import Field, model_validator

from debtplan.core.capacity import ClosedSprint, by_time
from debtplan.core.exact import exact
from debtplan.core.record import Value

LONGEST_WINDOW = 6
"""The automatic window never pools more sprints than this."""


class KeptFor(Value):
    """Part of the reserve that only work on some users, flow or metric may have.

    Attributes:
        share: Part of the reserve, in (0, 1].
        flow: Its metrics; "" is any.
        segment: The metrics of this segment; "" is any.
        metric: This metric; "" is any.
    """

    share: float = Field(gt=0, le=1)
    flow: str = ""
    segment: str = ""
    metric: str = ""

    @model_validator(mode="after")
    def _check(self) -> "KeptFor":
        if not (self.flow or self.segment or self.metric):
            msg = "kept_for names no flow, segment or metric"
            raise ValueError(msg)
        return self

    @property
    def title(self) -> str:
        """What it is kept for, for people."""
        return ", ".join(one for one in (self.metric, self.flow, self.segment) if one)


class ReservePolicy(Value):
    """How much of the capacity goes to debt.

    Attributes:
        floor: Least share of capacity over the window; soft.
        ceiling: Greatest share of capacity over the window.
        window: Sprints that are pooled, 1 to 6, or "auto": the smallest whose pooled ceiling holds
            the median item.
        sprint_max: Greatest share of any one sprint.
        kept_for: Parts of the reserve that only some work may have.
        critical_ceiling: Share of capacity that may be planned while a metric is past its critical
            threshold; what goes beyond the reserve is for such metrics alone. None lifts nothing.
        enabling: Share of capacity, beside the reserve, for work without a link to a metric.
        enabling_labels: Labels of which such work must carry one; none takes any.
    """

    floor: float = Field(default=0.10, ge=0, le=1)
    ceiling: float = Field(default=0.15, gt=0, le=1)
    window: Literal["auto"] | int = "auto"
    sprint_max: float = Field(default=0.30, gt=0, le=1)
    kept_for: tuple[KeptFor, ...] = ()
    critical_ceiling: float | None = Field(default=None, gt=0, le=1)
    enabling: float = Field(default=0.0, ge=0, le=0.5)
    enabling_labels: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> "ReservePolicy":
        if self.floor > self.ceiling:
            msg = f"floor {self.floor:g} is above ceiling {self.ceiling:g}"
            raise ValueError(msg)
        if self.ceiling > self.sprint_max:
            msg = f"ceiling {self.ceiling:g} is above sprint_max {self.sprint_max:g}"
            raise ValueError(msg)
        if sum(one.share for one in self.kept_for) > 1:
            msg = "the shares of kept_for add up to more than 1"
            raise ValueError(msg)
        if self.critical_ceiling is not None and self.critical_ceiling < self.ceiling:
            msg = f"critical_ceiling {self.critical_ceiling:g} is below ceiling {self.ceiling:g}"
            raise ValueError(msg)
        if self.window != "auto" and not 1 <= self.window <= LONGEST_WINDOW:
            msg = f'window {self.window} must be "auto" or 1 to {LONGEST_WINDOW}'
            raise ValueError(msg)
        return self


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
