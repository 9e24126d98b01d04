"""Daily series of a metric's frustrated share, and their noise: without weekdays, trend and memory.

1. The share q of a day with n observations becomes asin(sqrt((q n + 3/8) / (n + 3/4))), whose noise
   is about 1 / (4 n) whatever q is (Anscombe 1948). A number of findings c becomes
   sqrt(c + 3/8), whose noise is even, too (the same). A day without a reading stays missing.
2. Weekdays are taken out as means of the days against the week around them, odd days drawn in.
3. A slow trend is the straight line through the medians of slopes (Theil 1950, Sen 1968).
4. What a day owes to the days before it is an autoregression, its order by BIC, 7 at most
   (Schwarz 1978); taking it out is prewhitening (Box and Jenkins 1976).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import log

import numpy as np
from numpy.typing import NDArray

from debtplan.core.consistency import misread, value_of
from debtplan.core.flow import FOUND, MetricKind, UxMetric
from debtplan.core.frustration import frustrated_share
from debtplan.core.reading import Reading, Window

Array = NDArray[np.float64]

WEEK = 7

MOST_MEMORY = 7
"""Days back that a day may still depend on."""

MAD_TO_SD = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""

LIMIT = 4.0
"""Standard deviations beyond which a day counts no further: one odd day proves nothing."""

LEAST_SPREAD = 1e-12

SLOPE_PAIRS = 400
"""Days up to which every pair of them gives a slope; a longer series is thinned for its trend."""


@dataclass(frozen=True, eq=False)
class Daily:
    """A metric's frustrated share, day by day.

    Attributes:
        metric: Its id.
        start_on: The first day.
        shares: q of each day, in [0, 1], or findings; NaN where nothing was measured.
        sizes: Observations behind it, of which a hurt one would be seen; NaN is unknown.
        is_found: Whether it is a number of findings instead.
    """

    metric: str
    start_on: date
    shares: Array
    sizes: Array
    is_found: bool = False

    @property
    def days(self) -> int:
        """Days with a value."""
        return int(np.count_nonzero(~np.isnan(self.shares)))

    def day(self, index: int) -> date:
        """Return the date of a position."""
        return self.start_on + timedelta(days=index)


def daily_series(metric: UxMetric, readings: Iterable[Reading], window: Window) -> Daily:
    """Return the metric's days of a window; several readings of a day are averaged by samples.

    Readings that span more than a day, were stated by hand, or do not fit the metric's kind are
    left out: they say nothing about single days.
    """
    found: dict[int, list[tuple[float, float | None]]] = {}
    rate = metric.reporting_rate if metric.kind is MetricKind.TICKET_RATE else None
    for one in readings:
        if one.metric != metric.id or not _is_daily(one, window) or misread(metric, one):
            continue
        share, size = _seen(metric, one)
        seen = None if size is None else size * (rate or 1.0)
        found.setdefault((one.start_at.date() - window.start_on).days, []).append((share, seen))
    shares, sizes = np.full(window.days, np.nan), np.full(window.days, np.nan)
    for at, parts in found.items():
        shares[at], sizes[at] = _mean(sorted(parts, key=lambda part: (part[0], part[1] or 0.0)))
    return Daily(metric.id, window.start_on, shares, sizes, is_found=metric.kind in FOUND)


def _seen(metric: UxMetric, reading: Reading) -> tuple[float, float | None]:
    """Return a share with its size, or a number of findings."""
    if metric.kind in FOUND:
        return value_of(metric, reading), None
    found = frustrated_share(metric, reading)
    return found.share, found.sample_size


def _is_daily(reading: Reading, window: Window) -> bool:
    is_short = reading.end_at - reading.start_at <= timedelta(days=1)
    inside = window.start_on <= reading.start_at.date() < window.end_on
    return is_short and inside and reading.stated_by is None


def _mean(parts: list[tuple[float, float | None]]) -> tuple[float, float]:
    sizes = [size for _, size in parts if size is not None]
    if len(sizes) < len(parts):
        return sum(share for share, _ in parts) / len(parts), np.nan
    return sum(share * (size or 0.0) for share, size in parts) / sum(sizes), sum(sizes)


def steadied(series: Daily) -> Array:
    """Return the shares with noise that does not depend on their height."""
    if series.is_found:
        return np.asarray(np.sqrt(series.shares + 0.375))
    size = np.where(np.isnan(series.sizes), 1e6, np.maximum(series.sizes, 1.0))
    q = np.clip(series.shares, 0.0, 1.0)
    found: Array = np.arcsin(np.sqrt((q * size + 0.375) / (size + 0.75)))
    return found


def without_weekdays(values: Array, first: int, period: int = WEEK) -> Array:
    """Return the values less what is usual on their weekday, against the week around them.

    Args:
        values: One a day; NaN is missing.
        first: Weekday of the first value, 0 is Monday.
        period: Values that make a round: 7 for days, 24 for hours.
    """
    place = (np.arange(len(values)) + first) % period
    around = values - _running(values, period, _middle)
    usual = _by_place(around, place, period, _middle)[place]
    odd = (around - usual) - clipped(around - usual)
    calm = values - odd
    half = period // 2
    around = calm - _running(calm, period, _average)
    if len(values) > 2 * period:
        # Where the round is cut off at an end, its mean is no mean of all weekdays.
        around[:half] = around[len(values) - half :] = np.nan
    usual = _by_place(around, place, period, _average)
    found: Array = values - (usual - usual.mean())[place]
    return found


def _by_place(
    values: Array, place: NDArray[np.intp], period: int, centre: Callable[[Array], Array]
) -> Array:
    """Return the centre of each weekday's values; 0 where it has none."""
    rows = [values[place == one][None, :] for one in range(period)]
    return np.array([float(np.nan_to_num(centre(row)[0])) if row.size else 0.0 for row in rows])


def _running(values: Array, period: int, centre: Callable[[Array], Array]) -> Array:
    """Return the centre of the round about each value; shorter at the ends."""
    half = period // 2
    padded = np.concatenate([np.full(half, np.nan), values, np.full(half, np.nan)])
    return centre(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1))


def _average(rows: Array) -> Array:
    """Return the mean of each row's known values; 0 where there is none."""
    known = ~np.isnan(rows)
    found: Array = np.where(known, rows, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return found


def _middle(rows: Array) -> Array:
    """Return the median of each row's known values; NaN where there is none."""
    ordered = np.sort(rows, axis=1)  # NaN goes last
    known = np.count_nonzero(~np.isnan(rows), axis=1)
    each = np.arange(len(rows))
    low = ordered[each, np.maximum(known - 1, 0) // 2]
    found: Array = (low + ordered[each, np.minimum(known // 2, rows.shape[1] - 1)]) / 2
    return np.where(known > 0, found, np.nan)


def _median(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else 0.0


def without_trend(values: Array) -> Array:
    """Return the values less a straight line through them, and less their median."""
    at = np.flatnonzero(~np.isnan(values))
    if len(at) < 2:  # noqa: PLR2004 - a line needs two points
        return values
    used = at[:: max(1, len(at) // SLOPE_PAIRS)]
    i, j = np.triu_indices(len(used), 1)
    slope = float(np.median((values[used[j]] - values[used[i]]) / (used[j] - used[i])))
    level = values - slope * np.arange(len(values))
    return np.asarray(level - _median(level))


def even_noise(values: Array, sizes: Array) -> Array:
    """Return the values with days of few observations drawn in, as far as they are noisier.

    A day's variance is what all days share plus 1 / (4 n). Sizes that are unknown change nothing.
    """
    known = sizes[~np.isnan(sizes)]
    if not len(known):
        return values
    usual = 1 / (4 * float(np.median(known)))
    own = np.where(np.isnan(sizes), usual, 1 / (4 * np.maximum(sizes, 1.0)))
    shared = max(0.0, spread(values) ** 2 - usual)
    found: Array = values * np.sqrt((shared + usual) / (shared + own))
    return found


def spread(values: Array) -> float:
    """Return the standard deviation that the median absolute deviation stands for."""
    known = values[~np.isnan(values)]
    return MAD_TO_SD * float(np.median(np.abs(known - np.median(known)))) if len(known) else 0.0


def clipped(values: Array) -> Array:
    """Return the values about their median, none further from it than `LIMIT` deviations."""
    centred = values - _median(values)
    limit = LIMIT * spread(values)
    return np.asarray(np.clip(centred, -limit, limit) if limit > 0 else centred)


def fit_memory(values: Array) -> Array:
    """Return the coefficients of the autoregression that BIC prefers, those of yesterday first."""
    lagged = np.column_stack([_lagged(values, back) for back in range(MOST_MEMORY + 1)])
    rows = lagged[~np.isnan(lagged).any(axis=1)]
    count = len(rows)
    if count < 4 * MOST_MEMORY or np.ptp(rows[:, 0]) < LEAST_SPREAD:
        return np.zeros(0)
    rows = rows - rows.mean(axis=0)
    best, chosen = np.inf, np.zeros(0)
    products = rows.T @ rows
    for order in range(MOST_MEMORY + 1):
        inner, outer = products[1 : order + 1, 1 : order + 1], products[1 : order + 1, 0]
        found = np.linalg.lstsq(inner, outer, rcond=None)[0] if order else np.zeros(0)
        left = max(float(products[0, 0] - found @ outer) / count, LEAST_SPREAD**2)
        score = count * log(left) + order * log(count)
        if score < best:
            best, chosen = score, found
    return np.asarray(chosen)


def whiten(values: Array, memory: Array) -> Array:
    """Return what each day adds to what the days before it let expect; NaN where one is missing.

    Args:
        values: One a day; or several series, one a row.
        memory: As `fit_memory` has it.
    """
    found = values.copy()
    for back, coefficient in enumerate(memory, 1):
        found = found - coefficient * _lagged(values, back)
    return found


def _lagged(values: Array, back: int) -> Array:
    if not back:
        return values
    found = np.full(values.shape, np.nan)
    found[..., back:] = values[..., :-back]
    return found
