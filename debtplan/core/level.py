"""A metric's level over some days, and how far days alone make it wander.

The level is the mean of the readings' frustrated shares, weighted by their samples, as the harm
takes it. Days are no independent draws: a bad day is followed by another one. With m readings, s
the weighted spread of their shares and f how much of one day's deviation is left on the next day,

    error^2 = max( s^2 / m * (1 + f) / (1 - f),  L * (1 - L) / samples )

f is the lag-one autocorrelation, its small-sample bias of -(1 + 3f)/m taken out (Kendall 1954), in
[0, 0.9]; the factor is the variance inflation of a mean of an AR(1) series (Bartlett 1946), and
m * (1 - f) / (1 + f) the readings that Student's quantile is taken of.

A release inside the days may move the level on its day, and a step is no wandering: what shares are
off by is taken from the mean of their own side of it, as the forecast of the months to come learns
the level anew there. With k sides that is k means instead of one: s has m - k degrees of freedom,
f the bias -(1 + 3f) * k/m, and Student's quantile k - 1 readings less.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from math import exp, log, sqrt
from statistics import NormalDist

from pydantic import Field

from debtplan.core.flow import UxMetric
from debtplan.core.frustration import frustrated_share, misfit
from debtplan.core.reading import Reading, Window
from debtplan.core.record import Value

Z = NormalDist().inv_cdf(0.975)
"""Half width of a 95% interval in standard errors, where they are known exactly."""

MOST_LEFT = 0.9
"""Greatest f that is believed; beyond it no window of days tells a level."""

FEW = 12
"""Fewer readings than these say little of how a level wanders."""

LEAST_SIDE = 5
"""Readings to a side, on average, below which releases are too many to be told from wandering."""


class Level(Value):
    """A level.

    Attributes:
        share: Frustrated share, in [0, 1].
        error: Its standard error; None where a single reading without a sample tells none.
        readings: How many readings it is the mean of.
        effective: How many readings without any tie between them would tell as much.
        samples: Observations behind them; None where one of them does not tell.
    """

    share: float = Field(ge=0, le=1)
    error: float | None = Field(default=None, ge=0)
    readings: int = Field(ge=1)
    effective: float = Field(default=1.0, gt=0)
    samples: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95% interval, in [0, 1]; None without an error."""
        if self.error is None:
            return None
        half = reach(self.effective) * self.error
        return max(0.0, self.share - half), min(1.0, self.share + half)


class Ratio(Value):
    """A change relative to another level: -0.2 is a fifth less. With its 95% interval."""

    value: float
    low: float | None = None
    high: float | None = None


def fitting(metric: UxMetric, readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return the metric's readings that its kind can use, in order of time."""
    found = [one for one in readings if one.metric == metric.id and not misfit(metric, one)]
    return tuple(sorted(found, key=lambda one: (one.start_at, one.end_at, one.source)))


def level_of(
    metric: UxMetric, readings: Sequence[Reading], window: Window, steps: Iterable[date] = ()
) -> Level | None:
    """Return the level over a window; None where no reading lies in it.

    Args:
        metric: The metric.
        readings: Of this metric, fitting its kind, in order of time.
        window: The days that count.
        steps: Days on which something went live, in any order: the level may differ from each of
            them on.
    """
    held = [one for one in readings if window.holds(one)]
    parts = [frustrated_share(metric, one) for one in held]
    if not parts:
        return None
    sizes = [part.sample_size for part in parts]
    known = [size for size in sizes if size is not None]
    is_sized = len(known) == len(parts)
    weights = known if is_sized else [1.0] * len(parts)
    total = sum(weights)
    share = min(1.0, sum(p.share * w for p, w in zip(parts, weights, strict=True)) / total)
    samples = total if is_sized else None
    sides = _sides(held, steps)
    off = [one for side in sides for one in _off([(parts[at].share, weights[at]) for at in side])]
    off = [one * len(parts) / total for one in off]
    left = _left_over(off, len(sides))
    alone = len(parts) * (1 - left) / (1 + left)
    return Level(
        share=share,
        error=_error(off, len(sides), left, (share, samples)),
        readings=len(parts),
        effective=max(alone - len(sides) + 1, min(1.0, alone)),
        samples=samples,
    )


def _sides(readings: Sequence[Reading], steps: Iterable[date]) -> list[range]:
    """Return the places of readings between one step and the next; all where steps are too many."""
    first = [one.start_at.date() for one in readings]
    begins = sorted({0, *(bisect_left(first, step) for step in steps)} - {len(readings)})
    if len(begins) * LEAST_SIDE > len(readings):
        begins = [0]
    return [range(*ends) for ends in pairwise((*begins, len(readings)))]


def _off(known: Sequence[tuple[float, float]]) -> list[float]:
    """Return by how much shares are off their mean, each times its weight."""
    middle = sum(share * weight for share, weight in known) / sum(weight for _, weight in known)
    return [(share - middle) * weight for share, weight in known]


def change_between(before: Level, after: Level) -> Ratio | None:
    """Return the change of one level against another; None where the first one is zero.

    The interval is that of the ratio's logarithm, whose error is about the two relative errors
    together (delta method); the two windows must not share days.
    """
    if before.share <= 0:
        return None
    ratio = after.share / before.share
    if before.error is None or after.error is None or after.share <= 0:
        return Ratio(value=ratio - 1)
    spread = sqrt((before.error / before.share) ** 2 + (after.error / after.share) ** 2)
    half = reach(min(before.effective, after.effective)) * spread
    middle = log(ratio)
    return Ratio(value=ratio - 1, low=exp(middle - half) - 1, high=exp(middle + half) - 1)


def reach(readings: float) -> float:
    """Return the half width of a 95% interval in standard errors that so many readings gave.

    Student's quantile by the first two terms of its expansion (Abramowitz and Stegun 1964, 26.7.5):
    2.05 for 28 readings.
    """
    freedom = max(1.0, readings - 1)
    first, second = (Z**3 + Z) / 4, (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    return Z + first / freedom + second / freedom**2


def _error(
    off: Sequence[float], sides: int, left: float, drawn_of: tuple[float, float | None]
) -> float | None:
    """Return the standard error of a mean from what the readings are off by.

    Args:
        off: In order of time, each from the mean of its side.
        sides: How many sides.
        left: How much of one reading's deviation is left in the next one.
        drawn_of: The share, and the observations behind it.
    """
    mean, samples = drawn_of
    drawn = None if samples is None else mean * (1 - mean) / samples
    count = len(off)
    if count <= sides:  # one reading has no spread
        return None if drawn is None else sqrt(drawn)
    spread = sum(one * one for one in off) / (count - sides)
    wandered = spread / count * (1 + left) / (1 - left)
    return sqrt(max(wandered, drawn or 0.0))


def _left_over(off: Sequence[float], sides: int) -> float:
    """Return how much of one reading's deviation is left in the next one, in [0, MOST_LEFT]."""
    whole = sum(one * one for one in off)
    if whole == 0 or len(off) < FEW:
        return 0.0
    found = sum(a * b for a, b in pairwise(off)) / whole
    return min(MOST_LEFT, max(0.0, found + (1 + 3 * found) * sides / len(off)))
