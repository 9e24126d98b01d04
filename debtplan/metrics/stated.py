"""A reading stated by hand in the settings, where there is no telemetry yet."""

from debtplan.core.item import Skipped
from debtplan.core.reading import Reading, Window, midnight
from debtplan.metrics.measure import Figures, MeasureError, measure_of, percentile_rank
from debtplan.metrics.options import StatedReading

VALID_DAYS = 365
"""A statement older than this says nothing about today."""


def read_stated(metric: str, stated: StatedReading, window: Window) -> Reading | Skipped:
    """Return the statement as a reading over the whole window.

    Args:
        metric: Metric it is about.
        stated: As in the settings.
        window: The span that counts.
    """
    ref = f"reading of {metric} stated by {stated.stated_by}"
    if (window.end_on - stated.stated_on).days > VALID_DAYS:
        reason = f"was stated on {stated.stated_on}, more than {VALID_DAYS} days ago; state it anew"
        return Skipped(ref=ref, reason=reason)
    try:
        measure = measure_of(_figures(stated))
    except MeasureError as error:
        return Skipped(ref=ref, reason=f"{error.field} is {error}")
    return Reading(
        metric=metric,
        start_at=midnight(window.start_on),
        end_at=midnight(window.end_on),
        measure=measure,
        sample_size=stated.sample_size,
        source="stated",
        stated_by=f"{stated.stated_by} on {stated.stated_on}",
    )


def _figures(stated: StatedReading) -> Figures:
    return Figures(
        bad=stated.bad,
        total=stated.total,
        recovered=stated.recovered or None,
        rate=stated.rate,
        good=stated.good,
        needs_improvement=stated.needs_improvement,
        poor=stated.poor,
        percentiles=tuple(_percentile(name, value) for name, value in stated.percentiles.items()),
    )


def _percentile(name: str, value: float) -> tuple[float, float]:
    rank = percentile_rank(name)
    if rank is None:
        raise MeasureError(f"percentile {name!r}", "no percentile such as p50 or p95")
    return rank, value
