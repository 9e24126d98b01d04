"""Days on which a metric's level changed for good.

A series is split where two levels fit it best (least squares). Whether that is more than its own
memory makes is asked of series that have the same memory and no change: the statistic

    max over days of (fall in squares by two levels) / (long-run variance)

is computed for `SIMULATED` of them, from a stated seed, and p is the share that reach as much
(a parametric bootstrap, Efron and Tibshirani 1993; the scan is Andrews' 1993 test of a break at an
unknown day). A level often moves over several days, so the change is dated to the day on which a
straight way from one level to the other begins. Parts that are long enough are split again (binary
segmentation, Scott and Knott 1974).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, log

import numpy as np

from debtplan.core.movement import Shift
from debtplan.stats.series import (
    WEEK,
    Array,
    Daily,
    fit_memory,
    spread,
    steadied,
    without_weekdays,
)

SEED = 1
SIMULATED = 499

LEVEL = 0.005
"""Chance of a shift in a series that has none."""

LEAST_DAYS = 14
"""Days that a level holds at least: what ends sooner was an episode, not a shift."""

LONGEST_RAMP = 21
"""Days that a change may take."""

GUARD = 3
"""Days beside a change that are in no part: its date is known no better."""

MOST_TRIED = 400
"""Days of a series up to which every pair of days is tried; longer ones are tried by strides."""

ODD = 4.0
"""Standard deviations from the week around it beyond which a single day is drawn in."""

UNLIKELY = {1: 11.0, 2: 17.0}
"""By number of changes: a statistic below it has a p above 1%, however long the series, and is not
simulated (Andrews 1993 and Bai and Perron 1998 have about 12 and 19 where more is trimmed)."""

MOST_PERSISTENT = 0.97
"""Sum of the memory's coefficients that is still taken as memory; above, all would be drift."""


@dataclass(frozen=True)
class Change:
    """A change of level inside a series.

    Attributes:
        at: Position of the first day that moves.
        length: Days until the new level is there, 1 or more.
        p: See `Shift`.
        strength: The statistic: how far beyond the series' own noise it is.
        rise: New level less the old one, in `levels`' own unit.
    """

    at: int
    length: int
    p: float
    strength: float
    rise: float


def find_shifts(series: Daily) -> tuple[Shift, ...]:
    """Return the days on which the level changed, oldest first."""
    return as_shifts(series, find_changes(levels(series)))


def as_shifts(series: Daily, changes: Sequence[Change]) -> tuple[Shift, ...]:
    """Return the changes of a series with their dates and the shares before and after."""
    starts = [0, *(one.at + one.length - 1 for one in changes)]
    ends = [*(one.at for one in changes), len(series.shares)]
    means = [
        _mean(series.shares[a:b], series.sizes[a:b]) for a, b in zip(starts, ends, strict=True)
    ]
    return tuple(
        Shift(
            metric=series.metric,
            on=series.day(change.at),
            before=round(means[number], 6),
            after=round(means[number + 1], 6),
            p=round(change.p, 4),
        )
        for number, change in enumerate(changes)
    )


def levels(series: Daily) -> Array:
    """Return what changes are looked for in: noise that is even, no weekdays, no odd day."""
    return without_odd_days(without_weekdays(steadied(series), series.start_on.weekday()))


def without_odd_days(values: Array) -> Array:
    """Return the values with every day that stands out of its own week drawn to the limit."""
    known = np.flatnonzero(~np.isnan(values))
    padded = np.pad(values[known], WEEK // 2, mode="edge")
    middle = np.median(np.lib.stride_tricks.sliding_window_view(padded, WEEK), axis=1)
    apart = values[known] - middle
    limit = ODD * spread(apart)
    found = values.copy()
    if limit > 0:
        found[known] = middle + np.clip(apart, -limit, limit)
    return found


def find_changes(values: Array) -> tuple[Change, ...]:
    """Return the changes of level of a series, one value a day, NaN where it is missing."""
    known = np.flatnonzero(~np.isnan(values))
    dense = values[known]
    if len(dense) < 2 * LEAST_DAYS or np.ptp(dense) == 0:
        return ()
    found = []
    for start, length, p, strength in sorted(_split(dense, 0)):
        first, last = int(known[start]), int(known[start + length - 1])
        found.append(Change(first, last - first + 1, p, strength, 0.0))
    return _with_rises(values, found)


def _with_rises(values: Array, changes: list[Change]) -> tuple[Change, ...]:
    means = _means(values, changes)
    rises = [after - before for before, after in pairwise(means)]
    return tuple(replace(one, rise=rise) for one, rise in zip(changes, rises, strict=True))


def _means(values: Array, changes: Sequence[Change]) -> list[float]:
    """Return the level before the first change, between each two and after the last."""
    starts = [0, *(one.at + one.length - 1 for one in changes)]
    ends = [*(one.at for one in changes), len(values)]
    unsized = np.full(len(values), np.nan)
    return [_mean(values[a:b], unsized[a:b]) for a, b in zip(starts, ends, strict=True)]


def without_changes(values: Array, changes: Sequence[Change]) -> Array:
    """Return the values less their changes of level, each on its straight way."""
    found = values.copy()
    days = np.arange(len(values))
    for change in changes:
        found = found - np.clip((days - change.at + 1) / change.length, 0.0, 1.0) * change.rise
    return found


def _split(values: Array, offset: int) -> list[tuple[int, int, float, float]]:
    """Return (start, length, p, strength) of every change, by splitting for as long as that is due.

    Two changes that undo each other hide from a search for one, so two at once are looked for next.
    The days of a change are in no part: they would look like one more level between the two.
    """
    for levels_at in (_best_one, _best_two):
        days = levels_at(values)
        p, strength = _chance(values, days) if days else (1.0, 0.0)
        if p <= LEVEL:
            break
    else:
        return []
    ends = (*days[1:], len(values))
    lows = (0, *days)
    ways = [
        (low + start, length)
        for low, at, high in zip(lows, days, ends, strict=False)
        for start, length in [_onset(values[low:high], at - low)]
    ]
    if len(ways) > 1 and ways[1][0] - ways[0][0] < LEAST_DAYS:
        return []
    found, begin = [], 0
    for start, length in ways:
        found += _split(values[begin : max(begin, start - GUARD)], offset + begin)
        found.append((offset + start, length, p, strength))
        begin = start + length - 1 + GUARD
    return found + _split(values[begin:], offset + begin)


def _best_one(values: Array) -> tuple[int, ...]:
    """Return the first day of the second of the two levels that fit best; none where too short."""
    if len(values) < 2 * LEAST_DAYS:
        return ()
    return (int(np.argmax(_gains(values[None, :])[0])) + LEAST_DAYS,)


def _best_two(values: Array) -> tuple[int, ...]:
    """Return the same of three levels."""
    if len(values) < 3 * LEAST_DAYS:
        return ()
    _, first, second = _double_gains(values[None, :])
    return int(first[0]), int(second[0])


def _gains(rows: Array) -> Array:
    """Return, by row, how much the sum of squares falls by a split before each possible day."""
    count = rows.shape[1]
    sums = np.cumsum(rows - rows.mean(axis=1, keepdims=True), axis=1)
    left = np.arange(LEAST_DAYS, count - LEAST_DAYS + 1)
    found: Array = sums[:, left - 1] ** 2 * count / (left * (count - left))
    return found


def _double_gains(rows: Array) -> tuple[Array, Array, Array]:
    """Return, by row, the largest fall of the squares by two splits, and the two days."""
    count = rows.shape[1]
    sums = np.cumsum(rows - rows.mean(axis=1, keepdims=True), axis=1)
    best = np.full(len(rows), -1.0)
    first, second = np.zeros(len(rows), dtype=int), np.zeros(len(rows), dtype=int)
    each = np.arange(len(rows))
    stride = 1 + count // MOST_TRIED
    for one in range(LEAST_DAYS, count - 2 * LEAST_DAYS + 1, stride):
        two = np.arange(one + LEAST_DAYS, count - LEAST_DAYS + 1, stride)
        left, middle = sums[:, [one - 1]], sums[:, two - 1]
        gains = left**2 / one + (middle - left) ** 2 / (two - one) + middle**2 / (count - two)
        at = np.argmax(gains, axis=1)
        is_better = gains[each, at] > best
        best = np.where(is_better, gains[each, at], best)
        first, second = np.where(is_better, one, first), np.where(is_better, two[at], second)
    return best, first, second


def _chance(values: Array, days: tuple[int, ...]) -> tuple[float, float]:
    """Return how often series with the same memory and one level reach the statistic, and it."""
    flat = _flattened(values[None, :], np.array([days]))[0]
    memory = _unbiased(fit_memory(flat), len(values), len(days) + 1)
    observed = float(_statistic(values[None, :], len(memory), len(days))[0])
    if observed < UNLIKELY[len(days)]:
        return 1.0, observed
    drawn = _simulate(memory, len(values))
    reached = np.count_nonzero(_statistic(drawn, len(memory), len(days)) >= observed)
    return float((reached + 1) / (SIMULATED + 1)), observed


def _flattened(rows: Array, days: Array) -> Array:
    """Return every row about its own levels, which begin on its days."""
    at = np.arange(rows.shape[1])
    part = (at[None, None, :] >= days[:, :, None]).sum(axis=1)
    found = rows.copy()
    for level in range(days.shape[1] + 1):
        mine = part == level
        mean = np.where(mine, rows, 0.0).sum(axis=1) / np.maximum(mine.sum(axis=1), 1)
        found -= np.where(mine, mean[:, None], 0.0)
    return found


def _unbiased(memory: Array, count: int, means: int) -> Array:
    """Return the coefficients made up for what fitted means take from them.

    Of order 1 a coefficient comes out too small by about (1 + 3 a) / n for each mean (Kendall
    1954); the whole of a longer memory is stretched alike.
    """
    total = float(memory.sum())
    if not len(memory) or total <= 0:
        return memory
    wanted = min(MOST_PERSISTENT, total + means * (1 + 3 * total) / count)
    return np.asarray(memory * (wanted / total))


def _simulate(memory: Array, count: int) -> Array:
    """Return series of normal noise with that memory, one a row."""
    draw = np.random.default_rng(SEED)
    run_in = 100
    rows = draw.standard_normal((SIMULATED, run_in + count))
    order = len(memory)
    turned = memory[::-1]
    if order:
        for day in range(order, run_in + count):
            rows[:, day] += rows[:, day - order : day] @ turned
    return rows[:, run_in:]


def _statistic(rows: Array, order: int, changes: int) -> Array:
    """Return, by row, the best splits' gain over the long-run variance about their levels."""
    if changes == 1:
        gains = _gains(rows)
        best, days = gains.max(axis=1), np.argmax(gains, axis=1)[:, None] + LEAST_DAYS
    else:
        best, first, second = _double_gains(rows)
        days = np.stack([first, second], axis=1)
    found: Array = best / _long_run(_flattened(rows, days), order)
    return found


def _long_run(rows: Array, order: int) -> Array:
    """Return the variance of a long mean times its length, by autoregressions of one order."""
    count = rows.shape[1]
    cov = np.stack(
        [(rows[:, back:] * rows[:, : count - back]).sum(axis=1) for back in range(order + 1)],
        axis=1,
    )
    if not order:
        return np.asarray(cov[:, 0] / count)
    apart = np.abs(np.subtract.outer(np.arange(order), np.arange(order)))
    found = np.linalg.solve(cov[:, apart], cov[:, 1:, None])[:, :, 0]
    noise = (cov[:, 0] - (found * cov[:, 1:]).sum(axis=1)) / count
    kept = np.maximum(1 - found.sum(axis=1), 1 - MOST_PERSISTENT)
    return np.asarray(noise / kept**2)


def _onset(values: Array, at: int) -> tuple[int, int]:
    """Return on which day a change began, and how many days it took.

    One that takes several days must fit better by as much as one more number is worth (BIC).
    """
    count = len(values)
    noise = max(float(np.mean(_squares(values, at, 1))), 1e-18)
    best, chosen = _squares(values, at, 1).sum() / noise, (at, 1)
    least = ceil(WEEK / 2)
    for length in range(1, LONGEST_RAMP + 1):
        first, last = max(least, at - length), min(at + 3, count - least - length)
        for start in range(first, last + 1):
            score = _squares(values, start, length).sum() / noise
            if length > 1:
                score += log(count)
            if score < best - 1e-9:
                best, chosen = score, (start, length)
    return chosen


def _squares(values: Array, start: int, length: int) -> Array:
    """Return the squared errors of a level, a straight way to another one, and that one."""
    ramp = np.clip((np.arange(len(values)) - start + 1) / length, 0.0, 1.0)
    ramp = ramp - ramp.mean()
    centred = values - values.mean()
    found: Array = (centred - ramp * float(ramp @ centred) / float(ramp @ ramp)) ** 2
    return found


def _mean(shares: Array, sizes: Array) -> float:
    """Return the mean of what is known, by sizes where all are known."""
    known = ~np.isnan(shares)
    if not known.any():
        return 0.0
    weights = sizes[known]
    if np.isnan(weights).any():
        return float(np.mean(shares[known]))
    return float(np.average(shares[known], weights=weights))
