"""A metric day by day: its frustrated share, and how many observations stand behind it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import fmean, median

from debtplan.core.flow import UxMetric
from debtplan.core.frustration import frustrated_share, misfit
from debtplan.core.reading import Reading
from debtplan.core.record import Value

LONGEST = timedelta(hours=25)
"""A reading of more than a day says nothing of its days; 25 hours has the day clocks go back."""

WEEK = 7


class DayShare(Value):
    """One day of a metric.

    Attributes:
        on: The day, in UTC.
        share: q, the frustrated share of its sessions, in [0, 1].
        size: Observations behind it; None is unknown.
    """

    on: date
    share: float
    size: float | None = None


def daily_shares(metric: UxMetric, readings: Iterable[Reading]) -> tuple[DayShare, ...]:
    """Return a metric's days in their order; a day without a reading is not among them.

    Several readings of a day are averaged by their samples, and alike where one has none. Readings
    of other metrics, of more than a day, or of a form the kind cannot use are left out.
    """
    found: dict[date, list[tuple[float, float | None]]] = {}
    for reading in readings:
        is_short = reading.end_at - reading.start_at <= LONGEST
        if reading.metric == metric.id and is_short and not misfit(metric, reading):
            part = frustrated_share(metric, reading)
            day = reading.start_at.astimezone(UTC).date()
            found.setdefault(day, []).append((part.share, part.sample_size))
    return tuple(_pooled(day, found[day]) for day in sorted(found))


def _pooled(day: date, parts: list[tuple[float, float | None]]) -> DayShare:
    parts = sorted(parts, key=lambda part: (part[0], part[1] or 0.0))
    sizes = [size for _, size in parts if size is not None]
    if len(sizes) < len(parts):
        return DayShare(on=day, share=fmean(share for share, _ in parts))
    total = sum(sizes)
    share = sum(share * (size or 0.0) for share, size in parts) / total
    return DayShare(on=day, share=min(1.0, share), size=total)


def between(days: Sequence[DayShare], start: date, end: date) -> tuple[DayShare, ...]:
    """Return the days from `start` up to, not including, `end`."""
    return tuple(one for one in days if start <= one.on < end)


def last_complete(now: datetime) -> date:
    """Return the first day that is not complete: the last 24 hours never count."""
    return (now.astimezone(UTC) - timedelta(hours=24)).date()


def longest_gap(days: Sequence[DayShare], start: date, end: date) -> tuple[date, int]:
    """Return the first day and the length of the longest run of days without a reading."""
    edges = [start - timedelta(days=1), *(one.on for one in between(days, start, end)), end]
    gaps = [(left + timedelta(days=1), (right - left).days - 1) for left, right in pairwise(edges)]
    return max(gaps, key=lambda gap: gap[1])


def sharpest_jump(days: Sequence[DayShare]) -> tuple[date, float] | None:
    """Return where a week's median of observations is most times that of the week before.

    Returns:
        First day of the later week, and the ratio, 1 or more whichever way it goes; None where
        fewer than two weeks have known sizes.
    """
    known = [(one.on, one.size) for one in days if one.size]
    weeks: dict[int, list[tuple[date, float]]] = {}
    for on, size in known:
        weeks.setdefault((on - known[0][0]).days // WEEK, []).append((on, size))
    held = [weeks[number] for number in sorted(weeks) if len(weeks[number]) > WEEK // 2]
    levels = [(week[0][0], median(size for _, size in week)) for week in held]
    jumps = [
        (later[0], max(later[1] / earlier[1], earlier[1] / later[1]))
        for earlier, later in pairwise(levels)
    ]
    return max(jumps, key=lambda jump: jump[1], default=None)


def swings(days: Sequence[DayShare]) -> dict[date, float]:
    """Return each day's share less its straight trend and the mean of its weekday.

    What is left is how the metric moves from day to day; empty below two weeks.
    """
    if len(days) < 2 * WEEK:
        return {}
    xs = [float((one.on - days[0].on).days) for one in days]
    ys = [one.share for one in days]
    x_mean, y_mean = fmean(xs), fmean(ys)
    spread = sum((x - x_mean) ** 2 for x in xs)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)) / spread
    left = {
        one.on: y - y_mean - slope * (x - x_mean) for one, x, y in zip(days, xs, ys, strict=True)
    }
    by_weekday: dict[int, list[float]] = {}
    for on, value in left.items():
        by_weekday.setdefault(on.weekday(), []).append(value)
    means = {weekday: fmean(values) for weekday, values in by_weekday.items()}
    return {on: value - means[on.weekday()] for on, value in left.items()}


def correlation(left: Mapping[date, float], right: Mapping[date, float]) -> float | None:
    """Return Pearson's correlation over common days; None below two weeks or without spread."""
    both = sorted(set(left) & set(right))
    if len(both) < 2 * WEEK:
        return None
    xs, ys = [left[on] for on in both], [right[on] for on in both]
    x_mean, y_mean = fmean(xs), fmean(ys)
    product = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    x_spread = sum((x - x_mean) ** 2 for x in xs)
    y_spread = sum((y - y_mean) ** 2 for y in ys)
    if x_spread <= 0 or y_spread <= 0:
        return None
    return float(product / (x_spread * y_spread) ** 0.5)
