"""A funnel without raw events: what daily readings tell of each step."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.core.reading import Counts, Percentiles, Reading
from debtplan.warehouse.funnel import Funnel, FunnelStep

MIDDLE = 0.5
"""Rank of the median."""


def saved_funnel(flow: Flow, metrics: Sequence[UxMetric], readings: Iterable[Reading]) -> Funnel:
    """Return the steps of a flow whose loss is measured in counts.

    The median time of a step is the middle one of its daily medians.

    Args:
        flow: The flow.
        metrics: Its metrics, of one segment.
        readings: Of one window.
    """
    by_metric: dict[str, list[Reading]] = {}
    for one in readings:
        by_metric.setdefault(one.metric, []).append(one)
    return Funnel(tuple(_steps(flow, metrics, by_metric)))


def _steps(
    flow: Flow, metrics: Sequence[UxMetric], readings: dict[str, list[Reading]]
) -> Iterator[FunnelStep]:
    for step in flow.steps:
        here = [one for one in metrics if one.step == step]
        lost = next((one for one in here if one.kind is MetricKind.DROP_OFF), None)
        taken = readings.get(lost.id, []) if lost else []
        counts = [one.measure for one in taken if isinstance(one.measure, Counts)]
        entered = sum(one.total for one in counts)
        if not entered:
            continue
        went_on = entered - sum(one.bad for one in counts)
        yield FunnelStep(
            flow=flow.id,
            step=step,
            group="",
            entered=round(entered),
            went_on=round(went_on),
            median_s=_median_s(here, readings),
        )


def _median_s(metrics: Sequence[UxMetric], readings: dict[str, list[Reading]]) -> float | None:
    timed = [one for one in metrics if one.kind is MetricKind.COMPLETION_TIME]
    found = [
        measure.values[measure.ranks.index(MIDDLE)] / (1000 if metric.unit == "ms" else 1)
        for metric in timed
        for measure in (one.measure for one in readings.get(metric.id, []))
        if isinstance(measure, Percentiles) and MIDDLE in measure.ranks
    ]
    return median(found) if found else None
