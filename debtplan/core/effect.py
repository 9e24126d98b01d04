"""What is asked of an interrupted time series, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from debtplan.core.days import DayShare
from debtplan.core.record import Value

LEAST_POINTS = 12
"""Days with readings that are needed before a release, and after it."""

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Question:
    """By how much a metric's level changed at a release.

    Attributes:
        days: The metric's days, in order, all that may be looked at.
        released_on: First day that users had it.
        settled_on: Last day of the change, where several releases are one; else `released_on`.
        left_out: Days that led to the work, start and exclusive end: they are nobody's baseline.
        transition_days: Days on each side of the change that count for neither.
        controls: Days of metrics that should move alike, by id.
        level: Of the interval, in (0, 1).
        is_tried: Whether fake release dates are tried too.
    """

    days: tuple[DayShare, ...]
    released_on: date
    settled_on: date
    left_out: tuple[date, date]
    transition_days: int = 1
    controls: Mapping[str, tuple[DayShare, ...]] | None = None
    level: float = LEVEL
    is_tried: bool = True


class Refused(Value):
    """A control that was not used, and why: a phrase that follows its name."""

    metric: str
    why: str


class Effect(Value):
    """The answer. Shares are of sessions; below 0 is better.

    Attributes:
        missing: Why there is none, one sentence; empty where there is one.
        observed: Mean share after less before, whatever caused it.
        effect: Change of level at the release, trend, weekdays and controls taken out.
        error: Standard error of the effect.
        low, high: Interval of the effect.
        level: Of the interval.
        days_before, days_after: Days that were used.
        controls: Metrics that were used as controls.
        refused: Controls that were not.
        fakes: Fake release dates before the real one at which the same method sees a change too.
        has_trend: Whether a straight trend was taken out; too few days before carry none.
        carry_over: Part of a day's deviation that the next day still has, in [0, 1).
    """

    missing: str = ""
    observed: float | None = None
    effect: float | None = None
    error: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = LEVEL
    days_before: int = 0
    days_after: int = 0
    controls: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    fakes: tuple[date, ...] = ()
    has_trend: bool = True
    carry_over: float | None = None
