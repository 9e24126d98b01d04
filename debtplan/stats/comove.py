"""Which metrics move together, and by how many days one follows the other.

There are two ways to move together, and each is tested by itself:

*Day by day.* Changes of level, weekdays and trend are taken out of both series, then the follower's
own memory out of both (prewhitening; Box and Jenkins 1976, with the follower's model, as
generalised least squares have it: Cochrane and Orcutt 1949). What is left is correlated at every
lag up to `MOST_LAG` days in both directions; p of one lag by Fisher's z (1921). Days soon after the
leader are likelier than late ones, so lags share the chance of a false finding unevenly, as stated
beforehand (`LAG_WEIGHTS`), and p of the pair is that of the best lag among all (Sidak 1967).

*Level by level.* Where both series changed their level for good, p is the chance that two days
drawn blindly are as close, in the right order. One coincidence among 150 days proves little: p is
never below 1 / days, however large the change. Only the largest change of each series counts.

Both ways give one q for each pair among all pairs that were compared (Benjamini and Hochberg 1995),
where pairs of one flow have `FLOW_WEIGHT` times the weight of others (Genovese, Roeder and
Wasserman 2006): the same users meet both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import atanh, erfc, sqrt

import numpy as np

from debtplan.core.chains import LEAST_DAYS, MOST_Q, Moves, Pair, pairs_of
from debtplan.core.flow import Flow, UxMetric
from debtplan.core.item import Skipped
from debtplan.core.movement import Movement
from debtplan.core.reading import Reading, Window
from debtplan.stats.series import (
    Array,
    Daily,
    clipped,
    daily_series,
    even_noise,
    fit_memory,
    steadied,
    whiten,
    without_trend,
    without_weekdays,
)
from debtplan.stats.shifts import (
    LEAST_DAYS as LEAST_LEVEL_DAYS,
)
from debtplan.stats.shifts import Change, as_shifts, find_changes, levels, without_changes

MOST_LAG = 14
SOON = 3
"""Lags in days that are called soon."""

SOON_PART = 0.8
"""Part of the chance that soon lags get; the late ones get the rest."""

BACKWARD_PART = 0.05
"""Part of the chance for a follower that moves before its leader, where only one may lead."""

DAY_PART = 0.8
"""Part of the false-discovery rate that is for moving day by day; the rest is for levels, where
hardly any pair of unrelated series comes close."""

FLOW_WEIGHT = 5.0
"""How much more a pair of one flow is expected to move together than one of two flows."""

FITTED = 8
"""Numbers that weekdays and trend take from each series: seven levels and a slope."""

COPY = 0.995
"""Correlation from which two series are one and the same counts."""


@dataclass(frozen=True, eq=False)
class Noise:
    """A series ready to be compared.

    Attributes:
        series: As measured.
        level: Weekdays taken out.
        changes: Changes of level.
        noise: What is left without those and without the trend.
        memory: What a day owes to the days before it.
    """

    series: Daily
    level: Array
    changes: tuple[Change, ...]
    noise: Array
    memory: Array


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a pair moves together.

    Attributes:
        lag: Days by which `second` follows `first`; below 0 where it goes before it.
    """

    lag: int
    correlation: float
    p: float


def find_moves(
    metrics: Sequence[UxMetric],
    flows: Sequence[Flow],
    readings: Iterable[Reading],
    window: Window,
) -> Moves:
    """Return what moves together in a window, and the shifts of every metric."""
    by_metric: dict[str, list[Reading]] = {}
    for one in readings:
        by_metric.setdefault(one.metric, []).append(one)
    series = {one.id: daily_series(one, by_metric.get(one.id, ()), window) for one in metrics}
    short = [
        Skipped(ref=name, reason=f"has {_days(one.days)} with a reading; {LEAST_DAYS} are needed")
        for name, one in sorted(series.items())
        if one.days < LEAST_DAYS
    ]
    return compare(metrics, flows, series, short)


def compare(
    metrics: Sequence[UxMetric],
    flows: Sequence[Flow],
    series: dict[str, Daily],
    untried: Iterable[Skipped] = (),
) -> Moves:
    """Return what moves together among series that begin on one day."""
    ready = {name: prepare(one) for name, one in sorted(series.items()) if one.days >= LEAST_DAYS}
    pairs, left = pairs_of([one for one in metrics if one.id in ready], flows)
    kept, skipped = [], [*untried, *left]
    for pair in pairs:
        reason = _unfit(ready[pair.first.id], ready[pair.second.id])
        if reason:
            skipped.append(Skipped(ref=f"{pair.first.id} and {pair.second.id}", reason=reason))
        else:
            kept.append(pair)
    shifts = [
        shift for _, one in sorted(ready.items()) for shift in as_shifts(one.series, one.changes)
    ]
    return Moves(
        movements=_movements(kept, ready),
        shifts=tuple(shifts),
        untried=tuple(sorted(skipped, key=lambda one: (one.ref, one.reason))),
        tried=len(kept),
    )


def prepare(series: Daily) -> Noise:
    """Return a series taken apart: level, changes, noise and memory."""
    changes = find_changes(levels(series))
    level = without_weekdays(steadied(series), series.start_on.weekday())
    flat = without_trend(without_changes(level, changes))
    noise = clipped(even_noise(flat, series.sizes))
    return Noise(series, level, changes, noise, fit_memory(noise))


def _unfit(one: Noise, other: Noise) -> str:
    """Return why two series are not compared, or an empty string."""
    both = ~np.isnan(one.noise) & ~np.isnan(other.noise)
    common = int(np.count_nonzero(both))
    if common < LEAST_DAYS:
        return f"have {_days(common)} in common; {LEAST_DAYS} are needed"
    x, y = one.noise[both], other.noise[both]
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return "one of them never changes"
    if abs(float(np.corrcoef(x, y)[0, 1])) >= COPY:
        return "are the same counts: one tells no more than the other"
    return ""


def _movements(pairs: Sequence[Pair], ready: dict[str, Noise]) -> tuple[Movement, ...]:
    """Return the pairs that move together, each in the surer of the two ways."""
    table = correlate(list(ready.values()))
    by_day = [day_by_day(one, table) for one in pairs]
    by_level = [level_by_level(ready[one.first.id], ready[one.second.id], one) for one in pairs]
    both = [
        *_kept(pairs, by_day, ready, DAY_PART, is_shift=False),
        *_kept(pairs, by_level, ready, 1.0, is_shift=True),
    ]
    surest: dict[frozenset[str], Movement] = {}
    for one in sorted(both, key=lambda move: (move.q, move.p, move.is_shift)):
        surest.setdefault(frozenset((one.leader, one.follower)), one)
    return tuple(sorted(surest.values(), key=lambda move: (move.leader, move.follower)))


def _kept(
    pairs: Sequence[Pair],
    fits: Sequence[Fit | None],
    ready: dict[str, Noise],
    part: float,
    *,
    is_shift: bool,
) -> list[Movement]:
    found = [(pair, fit) for pair, fit in zip(pairs, fits, strict=True) if fit is not None]
    weights = [FLOW_WEIGHT if pair.is_one_flow else 1.0 for pair, _ in found]
    qs = [q / part for q in adjust([fit.p for _, fit in found], weights)]
    return [
        _movement(pair, fit, q, ready, is_shift=is_shift)
        for (pair, fit), q in zip(found, qs, strict=True)
        if q <= MOST_Q and not (pair.is_one_way and fit.lag < 0)
    ]


def _movement(
    pair: Pair, fit: Fit, q: float, ready: dict[str, Noise], *, is_shift: bool
) -> Movement:
    one, other = ready[pair.first.id], ready[pair.second.id]
    leader, follower = (one, other) if fit.lag >= 0 else (other, one)
    both = ~np.isnan(one.noise) & ~np.isnan(other.noise)
    return Movement(
        leader=leader.series.metric,
        follower=follower.series.metric,
        lag_days=abs(fit.lag),
        correlation=round(fit.correlation, 4),
        p=float(f"{fit.p:.4g}"),
        q=float(f"{q:.4g}"),
        days=int(np.count_nonzero(both)),
        is_shift=is_shift,
    )


def adjust(ps: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return q of each p among all: the least false-discovery rate at which it is found.

    Weights say where findings are expected, and average to 1 by themselves.
    """
    count = len(ps)
    mean = sum(weights) / count if count else 1.0
    scaled = [p * mean / weight for p, weight in zip(ps, weights, strict=True)]
    found = [1.0] * count
    least = 1.0
    for rank, at in reversed(list(enumerate(sorted(range(count), key=scaled.__getitem__), 1))):
        least = min(least, scaled[at] * count / rank)
        found[at] = least
    return found


def lag_weights(*, is_one_way: bool) -> Array:
    """Return the part of the chance of each lag from -MOST_LAG to MOST_LAG; they add up to 1."""
    lags = np.arange(-MOST_LAG, MOST_LAG + 1)
    soon, late = np.abs(lags) <= SOON, np.abs(lags) > SOON
    parts = np.where(soon, 1.0, 0.0), np.where(late, 1.0, 0.0)
    if not is_one_way:
        return np.asarray(
            SOON_PART * parts[0] / parts[0].sum() + (1 - SOON_PART) * parts[1] / parts[1].sum()
        )
    ahead = np.where(lags >= 0, 1.0, 0.0)
    forward = SOON_PART * parts[0] * ahead / (parts[0] * ahead).sum()
    forward += (1 - SOON_PART) * parts[1] * ahead / (parts[1] * ahead).sum()
    return np.asarray((1 - BACKWARD_PART) * forward + BACKWARD_PART * (1 - ahead) / MOST_LAG)


LAG_WEIGHTS = {is_one_way: lag_weights(is_one_way=is_one_way) for is_one_way in (False, True)}


def day_by_day(pair: Pair, table: "Table") -> Fit:
    """Return how two series move together from day to day, at their best lag."""
    one, other = table.place[pair.first.id], table.place[pair.second.id]
    found = [(-lag, *table.at(other, one, lag)) for lag in range(MOST_LAG, 0, -1)]
    found += [(lag, *table.at(one, other, lag)) for lag in range(MOST_LAG + 1)]
    weights = LAG_WEIGHTS[pair.is_one_way]
    scored = [
        (chance(r, free) / weight, abs(lag), -lag, r)
        for (lag, r, free), weight in zip(found, weights, strict=True)
    ]
    least, _, turned, r = min(scored)
    p = 1 - float(np.prod(1 - np.minimum(1.0, least * weights)))
    return Fit(-turned, r, min(1.0, max(p, 0.0)))


def chance(correlation: float, free: float) -> float:
    """Return p of a correlation by Fisher's z, two-sided.

    Args:
        correlation: In [-1, 1].
        free: Values behind it, less the numbers that were fitted to them.
    """
    if free <= 4:  # noqa: PLR2004 - z has variance 1 / (n - 3)
        return 1.0
    z = atanh(min(abs(correlation), 1 - 1e-12)) * sqrt(free - 3)
    return erfc(z / sqrt(2))


@dataclass(frozen=True, eq=False)
class Table:
    """Correlations of all series with all others, by lag.

    Attributes:
        place: Position of a metric's series.
        r: [leader, follower, lag in days], both without the follower's memory.
        free: Values behind each, less the numbers that were fitted to them.
    """

    place: dict[str, int]
    r: Array
    free: Array

    def at(self, leader: int, follower: int, lag: int) -> tuple[float, float]:
        """Return one correlation and what stands behind it."""
        return float(self.r[leader, follower, lag]), float(self.free[leader, follower, lag])


def correlate(ready: Sequence[Noise]) -> Table:
    """Return all correlations of series that begin on one day."""
    count = len(ready)
    place = {one.series.metric: at for at, one in enumerate(ready)}
    r, free = np.zeros((count, count, MOST_LAG + 1)), np.zeros((count, count, MOST_LAG + 1))
    if not count:
        return Table(place, r, free)
    noise = np.stack([one.noise for one in ready])
    changes = np.array([len(one.changes) for one in ready])
    for at, follower in enumerate(ready):
        white = whiten(noise, follower.memory)
        known = (~np.isnan(white)).astype(float)
        filled = np.nan_to_num(white)
        centre = filled.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        filled = (filled - centre[:, None]) * known
        fitted = FITTED + len(follower.memory) + np.maximum(changes, len(follower.changes))
        for lag in range(MOST_LAG + 1):
            end = noise.shape[1] - lag
            early, there = filled[:, :end], known[:, :end]
            late, seen = filled[at, lag:], known[at, lag:]
            size = np.sqrt((early**2 @ seen) * (there @ late**2))
            r[:, at, lag] = (early @ late) / np.where(size > 0, size, np.inf)
            free[:, at, lag] = there @ seen - fitted
    return Table(place, r, free)


def level_by_level(first: Noise, second: Noise, pair: Pair) -> Fit | None:
    """Return how close in time the largest changes of two series are; None without one in each."""
    if not (first.changes and second.changes):
        return None
    one, other = (max(n.changes, key=lambda c: (c.strength, -c.at)) for n in (first, second))
    lag = other.at - one.at
    days = max(1, len(first.level) - 2 * LEAST_LEVEL_DAYS)
    near = abs(lag) + 1 if pair.is_one_way and lag >= 0 else 2 * abs(lag) + 1
    p = min(1.0, near / days) if abs(lag) <= MOST_LAG else 1.0
    return Fit(lag, _level_correlation(first, second, lag), p)


def _level_correlation(first: Noise, second: Noise, lag: int) -> float:
    """Return the correlation of the levels, the second one so many days later."""
    x, y = (first.level, second.level) if lag >= 0 else (second.level, first.level)
    early, late = x[: len(x) - abs(lag)], y[abs(lag) :]
    both = ~np.isnan(early) & ~np.isnan(late)
    if np.count_nonzero(both) < 2 or np.ptp(early[both]) == 0 or np.ptp(late[both]) == 0:  # noqa: PLR2004 - two points
        return 0.0
    return float(np.clip(np.corrcoef(early[both], late[both])[0, 1], -1, 1))


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
