"""The frustrated share q of one reading, kind by kind, and q* at a metric's target.

| kind | q |
|---|---|
| latency, completion_time | 1 - Apdex_T = P(t > 4T) + P(T < t <= 4T) / 2 |
| web_vital | share poor + share needs-improvement / 2 |
| error_rate | failed / attempted; recovered by retry counts 1/2 |
| drop_off | 1 - step conversion |
| csat | dissatisfied / answers |
| ticket_rate | tickets / sessions / reporting rate, at most 1 |
| adoption | components that do not come from the design system / all; carries no harm |
| rage_clicks | sessions with a rage click / all; carries no harm |

Apdex: Apdex Technical Specification 1.1 (satisfied to T, tolerating to 4T). Web vitals: the
thresholds of web.dev/vitals, good and poor.
"""

from math import log
from statistics import NormalDist
from typing import NamedTuple

from debtplan.core.flow import FOUND, TIMED, MetricKind, UxMetric, Vital
from debtplan.core.reading import (
    Bands,
    Buckets,
    Counts,
    Findings,
    Percentiles,
    Rate,
    Reading,
)

VITAL_LIMITS: dict[Vital, tuple[float, float]] = {
    Vital.LCP: (2.5, 4.0),
    Vital.INP: (0.2, 0.5),
    Vital.CLS: (0.1, 0.25),
}
"""Good at or below the first, poor above the second; seconds, except CLS which has no unit."""

GOOD_VISITS = 0.75
"""A page passes a web vital when three quarters of its visits are good (p75)."""


class Frustration(NamedTuple):
    """A frustrated share with what is known about it.

    Attributes:
        share: q in [0, 1].
        sample_size: Observations behind it; None is unknown.
        is_bound: True where q is only a lower bound.
    """

    share: float
    sample_size: float | None
    is_bound: bool = False


def frustrated_share(metric: UxMetric, reading: Reading) -> Frustration:
    """Return q of one reading.

    Raises:
        ValueError: The measure does not fit the kind; see `misfit`.
    """
    problem = misfit(metric, reading)
    size, measure = reading.observations, reading.measure
    if problem or isinstance(measure, Findings):
        raise ValueError(problem)
    if isinstance(measure, Bands):
        return Frustration(_bands_share(measure), size)
    if isinstance(measure, Buckets):
        low, high = _limits(metric)
        above_low, _ = share_above(measure, low)
        above_high, is_exact = share_above(measure, high)
        return Frustration((above_low + above_high) / 2, size, not is_exact)
    if isinstance(measure, Percentiles):
        low, high = _limits(metric)
        fit = fit_log_normal(measure)
        return Frustration((_tail(fit, low) + _tail(fit, high)) / 2, size)
    bad = measure.bad_share if isinstance(measure, Rate) else _bad_share(measure)
    if metric.kind is MetricKind.TICKET_RATE:
        bad = min(1.0, bad / (metric.reporting_rate or 1.0))
    return Frustration(bad, size)


def goal_share(metric: UxMetric) -> float | None:
    """Return q* at the metric's target, in [0, 1].

    None for drop-off, whose goal is a reference, and for findings, which are no share.

    A target is an Apdex for timed kinds (q* = 1 - target), a satisfied share for CSAT, a rate for
    errors (q* = target) and tickets (over the reporting rate). A web vital's target is its share of
    good visits, 0.75 where none is set; the rest is taken as needing improvement.
    """
    target = metric.target
    if metric.kind is MetricKind.WEB_VITAL:
        return (1 - (GOOD_VISITS if target is None else target)) / 2
    if target is None or metric.kind in FOUND:
        return None
    if metric.kind in TIMED or metric.kind in (MetricKind.CSAT, MetricKind.ADOPTION):
        return 1 - target
    if metric.kind is MetricKind.TICKET_RATE:
        return min(1.0, target / (metric.reporting_rate or 1.0))
    return target


def misfit(metric: UxMetric, reading: Reading) -> str:
    """Return why the reading's measure tells no frustrated share, or an empty string."""
    measure = reading.measure
    if metric.kind in FOUND:
        return f"{metric.id} is {metric.kind}: findings are no share of sessions"
    if metric.kind in TIMED:
        fits: tuple[type, ...] = (Buckets, Percentiles)
        need = "buckets or two or more percentiles"
    elif metric.kind is MetricKind.WEB_VITAL:
        fits = (Bands, Buckets, Percentiles)
        need = "the three shares, buckets or two or more percentiles"
    elif metric.kind is MetricKind.CSAT:
        fits, need = (Counts,), "counts of dissatisfied and of all answers, not only an average"
    else:
        fits, need = (Counts, Rate), "counts, or a rate with its sample size"
    if isinstance(measure, fits):
        return ""
    return f"{metric.id} is {metric.kind}: it needs {need}, this reading has {measure.form}"


def share_above(buckets: Buckets, limit: float) -> tuple[float, bool]:
    """Return the share of observations above `limit`, and whether that is exact.

    Interpolated linearly inside the bucket that holds the limit, as Prometheus' histogram_quantile
    does; observations are taken as 0 or more. Beyond the last bound nothing is known: the share
    is then 0 and not exact, a lower bound, unless the open bucket is empty.
    """
    lower_bound, lower_count = 0.0, 0.0
    for bound, count in zip(buckets.bounds, buckets.counts, strict=True):
        if limit <= bound:
            width = bound - lower_bound
            inside = (limit - lower_bound) / width if width > 0 else 1.0
            below = lower_count + max(0.0, inside) * (count - lower_count)
            return 1 - below / buckets.total, True
        lower_bound, lower_count = bound, count
    return 0.0, lower_count >= buckets.total


def fit_log_normal(percentiles: Percentiles) -> NormalDist:
    """Return the normal distribution of ln(value) that fits the percentiles best.

    Least squares of ln(value) on the normal quantile of the rank; exact for two percentiles. The
    standard deviation is 0 where all percentiles are equal.
    """
    zs = [NormalDist().inv_cdf(rank) for rank in percentiles.ranks]
    logs = [log(value) for value in percentiles.values]
    z_mean, log_mean = sum(zs) / len(zs), sum(logs) / len(logs)
    spread = sum((z - z_mean) ** 2 for z in zs)
    slope = sum((z - z_mean) * (y - log_mean) for z, y in zip(zs, logs, strict=True)) / spread
    return NormalDist(log_mean - slope * z_mean, max(slope, 0.0))


def _tail(fit: NormalDist, limit: float) -> float:
    """Return P(value > limit) of a log-normal whose logarithm has the given distribution."""
    if fit.stdev == 0:
        return 1.0 if fit.mean > log(limit) else 0.0
    return 1 - fit.cdf(log(limit))


def _limits(metric: UxMetric) -> tuple[float, float]:
    """Return where tolerating starts and where it ends, in the unit of the readings."""
    if metric.kind is MetricKind.WEB_VITAL and metric.vital is not None:
        low, high = VITAL_LIMITS[metric.vital]
        has_unit = metric.vital is not Vital.CLS
    else:
        low = metric.threshold_s or 0.0
        high, has_unit = 4 * low, True
    scale = 1000.0 if has_unit and metric.unit == "ms" else 1.0
    return low * scale, high * scale


def _bad_share(counts: Counts) -> float:
    return (counts.bad - counts.recovered / 2) / counts.total


def _bands_share(bands: Bands) -> float:
    total = bands.good + bands.needs_improvement + bands.poor
    return (bands.poor + bands.needs_improvement / 2) / total
