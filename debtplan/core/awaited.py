"""Approved work that users do not have yet, as the chance of a goal counts on it.

Of metric m with the weight w_m in the goal (1 for the goal's own metric, its part of the sessions
for a part) and the excess e_m = q - q* as frozen, the work of several items takes away

    w_m * e_m * (1 - prod(1 - removal_i))        of the goal metric's frustrated share

where the removals are as they were frozen: discounted by grade and by what earlier forecasts
delivered. An item that was approved need not come. Of n approved items whose sprint is over, k of
them in time, (k + 1) / (n + 1) is the chance that one comes: the plan counts as one that did
(Laplace's rule of succession with that start). One that is late has the same chance in every
further stretch of as many days.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import prod, sqrt

from debtplan.core.drift import INTERVAL_Z
from debtplan.core.forecast import Forecast
from debtplan.core.level import Ratio, Z
from debtplan.core.outlook import Lift
from debtplan.core.tracked import Awaited

LEAST_STEP = 7
"""Days after which, at the soonest, an item that is late gets its next chance."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A forecast, and the day on which users had its item; None where they do not."""

    forecast: Forecast
    released_on: date | None = None

    @property
    def excess(self) -> float:
        """The share that lies beyond the metric's goal."""
        return max(0.0, self.forecast.bad_share - self.forecast.goal_share)

    @property
    def spread(self) -> float:
        """Standard deviation of the removal in the simulated worlds."""
        return max(0.0, self.forecast.high - self.forecast.low) / (2 * INTERVAL_Z)


def awaited(
    promises: Iterable[Promise], weights: Mapping[str, float], end_on: date
) -> tuple[Promise, ...]:
    """Return the promises that count for a goal and have not come, as known before a day.

    Of an item that was promised again the last promise counts; of one that is promised on the
    goal's metric itself, none on its parts. What is past its sprint is not counted.
    """
    last: dict[tuple[str, str], Promise] = {}
    known = [one for one in promises if one.forecast.frozen_at.date() < end_on]
    for one in sorted(known, key=lambda one: (one.forecast.frozen_at, one.forecast.plan_id)):
        if one.forecast.metric in weights:
            last[one.forecast.item, one.forecast.metric] = one
    found = [one for one in last.values() if _is_open(one, end_on) and one.excess > 0]
    direct = {one.forecast.item for one in found if weights[one.forecast.metric] == 1}
    kept = [
        one for one in found if weights[one.forecast.metric] == 1 or one.forecast.item not in direct
    ]
    return tuple(sorted(kept, key=_by_day))


def _is_open(promise: Promise, end_on: date) -> bool:
    due, came = promise.forecast.due_on, promise.released_on
    return due is not None and due >= end_on and (came is None or came >= end_on)


def _by_day(promise: Promise) -> tuple[date, str, str]:
    one = promise.forecast
    return (one.due_on or date.max, one.item, one.metric)


def on_time(promises: Iterable[Promise], end_on: date) -> float:
    """Return the chance that an approved item comes in its sprint, from those before a day."""
    past: dict[tuple[str, date], bool] = {}
    for one in promises:
        due, came = one.forecast.due_on, one.released_on
        if due is not None and due < end_on:
            past[one.forecast.item, due] = came is not None and came <= due
    return (sum(past.values()) + 1) / (len(past) + 1)


def lifts(
    found: Sequence[Promise], weights: Mapping[str, float], baseline: float, chance: float
) -> tuple[Lift, ...]:
    """Return what a forecast of the goal's metric has to know of awaited work.

    Args:
        found: As `awaited` gives it.
        weights: See `credit_of`.
        baseline: The goal metric's share in the baseline; above 0.
        chance: See `on_time`.
    """
    made = []
    for one in found:
        due = one.forecast.due_on
        if due is not None:
            weight = weights[one.forecast.metric]
            whole = one.forecast.bad_share if weight == 1 else baseline
            made.append(
                Lift(
                    item=one.forecast.item,
                    metric=one.forecast.metric,
                    due_on=due,
                    step_days=max(LEAST_STEP, (due - one.forecast.frozen_at.date()).days),
                    chance=chance,
                    part=min(1.0, weight * one.excess / whole),
                    removal=one.forecast.removal,
                    spread=one.spread,
                )
            )
    return tuple(made)


def rows(
    found: Sequence[Promise], weights: Mapping[str, float], baseline: float
) -> tuple[Awaited, ...]:
    """Return the awaited work, each item with what it is expected to change alone."""
    return tuple(
        Awaited(
            item=one.forecast.item,
            metric=one.forecast.metric,
            due_on=one.forecast.due_on,
            change=_change([one], weights, baseline),
        )
        for one in found
        if one.forecast.due_on is not None
    )


def change_of(
    found: Sequence[Promise], weights: Mapping[str, float], baseline: float
) -> Ratio | None:
    """Return what awaited work is expected to change against the baseline, if all of it comes."""
    return _change(found, weights, baseline) if found else None


def _change(found: Sequence[Promise], weights: Mapping[str, float], baseline: float) -> Ratio:
    value, variance, most = 0.0, 0.0, 0.0
    for metric in sorted({one.forecast.metric for one in found}):
        own = [one for one in found if one.forecast.metric == metric]
        worth = weights[metric] * max(one.excess for one in own) / baseline
        most += worth
        left = prod(1 - one.forecast.removal for one in own)
        value -= worth * (1 - left)
        for one in own:
            others = left / max(1e-9, 1 - one.forecast.removal)
            variance += (worth * others * one.spread) ** 2
    reach = Z * sqrt(variance)
    return Ratio(value=value, low=max(-most, value - reach), high=min(0.0, value + reach))
