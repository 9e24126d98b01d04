"""Whether a metric's harm grows from sprint to sprint: the roof that leaks more each time it rains.

The harm of each of the last six sprint lengths is measured as the plan measures today's. Only where
Kendall's test says that it is no chance (|S| of 13 or more of 15 pairs happens in 1.7% of series
without a trend) is the trend believed: the median of all pairwise rates (Theil 1950, Sen 1968), and
never more than a tenth a sprint.
"""

from datetime import timedelta
from itertools import combinations
from math import exp, log
from statistics import median

from debtplan.core.appraisal import Appraisal
from debtplan.core.harm import measure_harm
from debtplan.core.inputs import Inputs
from debtplan.core.reading import Window

SPANS = 6
LEAST_S = 13
MOST = 1.1
"""Greatest growth a sprint that is counted on; its inverse is the greatest fall."""


def growth_of(inputs: Inputs, appraisal: Appraisal) -> dict[str, float]:
    """Return what the harm of metrics with a clear trend is multiplied by a sprint, by id."""
    if not inputs.horizon.trend:
        return {}
    flows = {flow.id: flow for flow in inputs.flows}
    metrics = sorted(inputs.metrics, key=lambda one: one.id)
    days = max(1, round(appraisal.sprint_days))
    series: dict[str, list[float | None]] = {metric.id: [] for metric in metrics}
    for back in range(SPANS - 1, -1, -1):
        end = appraisal.window.end_on - timedelta(days=days * back)
        span = Window(start_on=end - timedelta(days=days), end_on=end)
        for harm in measure_harm(
            metrics, flows, inputs.readings, span, appraisal.sprint_days, inputs.harm
        ):
            series[harm.metric].append(harm.harm)
    found = {metric: _rate(harms) for metric, harms in series.items()}
    return {metric: rate for metric, rate in found.items() if rate is not None}


def _rate(harms: list[float | None]) -> float | None:
    """Return the growth of a series, None where it has none that is no chance."""
    known = [one for one in harms if one is not None and one > 0]
    if len(known) < SPANS:
        return None
    pairs = list(combinations(enumerate(known), 2))
    s = sum((b > a) - (b < a) for (_, a), (_, b) in pairs)
    if abs(s) < LEAST_S:
        return None
    rate = exp(median(log(b / a) / (j - i) for (i, a), (j, b) in pairs))
    return min(MOST, max(1 / MOST, rate))
