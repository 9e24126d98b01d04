"""What a forecast of a level is asked: the weeks so far, the months ahead, the share to get under.

Weeks, so that weekdays cancel; their shares on the logistic scale, so that none leaves [0, 1].
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log

from debtplan.core.flow import UxMetric
from debtplan.core.frustration import frustrated_share
from debtplan.core.reading import Reading, Window

MOST_WEEKS = 104
"""Older weeks say nothing more."""

EDGE = 1e-6
"""Shares nearer to 0 or 1 than this are taken as this near."""


@dataclass(frozen=True, slots=True)
class Lift:
    """Approved work that has not come, as it may change the level.

    Attributes:
        item, metric: Of the promise; an item comes once, whatever it is promised of.
        due_on: Last day of its sprint; users have it from the next day on.
        step_days: Days after which it gets its next chance, where it did not come.
        chance: That it comes by a chance's day, in (0, 1].
        part: Part of the level that would go away, were all of the metric's excess removed.
        removal: Expected part of the excess that it removes, in [0, 1).
        spread: Its standard deviation.
    """

    item: str
    metric: str
    due_on: date
    step_days: int
    chance: float
    part: float
    removal: float
    spread: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """A question about the coming months.

    Attributes:
        weeks: Level of each week on the logistic scale, oldest first; None where nothing was
            measured. The last one ends with `end_on`.
        end_on: The first day that is not known.
        breaks: Positions of weeks in which the level may have jumped, because something went live.
        months: Months that count, in order; a part of the first one may be over.
        limit: Frustrated share that a month's mean must not exceed, in (0, 1).
        seed: Of the simulated futures.
        lifts: Approved work to come, by its day; none answers "if we stopped now".
    """

    weeks: tuple[float | None, ...]
    end_on: date
    breaks: frozenset[int]
    months: tuple[Window, ...]
    limit: float
    seed: str
    lifts: tuple[Lift, ...] = ()

    @property
    def known(self) -> int:
        """How many weeks were measured."""
        return sum(one is not None for one in self.weeks)


def weekly(metric: UxMetric, readings: Sequence[Reading], span: Window) -> tuple[float | None, ...]:
    """Return the level of each whole week of a span, counted from its end, oldest first.

    Args:
        metric: The metric.
        readings: Of this metric, fitting its kind; each counts in the week that holds its middle.
        span: Days that are known.
    """
    count, first = _weeks(span)
    sums = [[0.0, 0.0] for _ in range(count)]
    for one in readings:
        middle = one.start_at + (one.end_at - one.start_at) / 2
        at = (middle.date() - first).days // 7
        if span.holds(one) and 0 <= at < count:
            part = frustrated_share(metric, one)
            weight = part.sample_size or 1.0
            sums[at][0] += part.share * weight
            sums[at][1] += weight
    return tuple(logit(bad / weight) if weight else None for bad, weight in sums)


def jumps(released_on: Iterable[date], span: Window) -> frozenset[int]:
    """Return the weeks of a span in which the level may jump: that of a release, and the next."""
    count, first = _weeks(span)
    found = {(day - first).days // 7 for day in released_on if first <= day < span.end_on}
    return frozenset(at for one in found for at in (one, one + 1) if at < count)


def _weeks(span: Window) -> tuple[int, date]:
    """Return how many weeks of a span count, and the first day of the first one."""
    count = min(MOST_WEEKS, span.days // 7)
    return count, span.end_on - timedelta(days=7 * count)


def logit(share: float) -> float:
    """Return a share in [0, 1] on the logistic scale."""
    kept = min(1 - EDGE, max(EDGE, share))
    return log(kept / (1 - kept))


def logistic(level: float) -> float:
    """Return the share at a level of the logistic scale."""
    return 1 / (1 + exp(-level)) if level > 0 else 1 - 1 / (1 + exp(level))
