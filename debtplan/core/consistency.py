"""How consistent a user interface is: readings that speak for links and never carry harm.

| kind | a reading | better |
|---|---|---|
| adoption | share of components that come from the design system | more |
| off_token | style declarations with a raw value where a token belongs | fewer |
| accessibility | elements that fail an accessibility check | fewer |
| rage_clicks | share of sessions with a rage click | fewer |

What a scan tells is a whole count and no sample: its latest reading in the window is how it is now.
Rage clicks are seen in a sample of sessions, so their window's mean counts, with its interval.
"""

from collections.abc import Mapping, Sequence

from debtplan.core.flow import FOUND, MetricKind, UxMetric
from debtplan.core.frustration import frustrated_share, misfit
from debtplan.core.reading import Counts, Findings, Reading

UNITS: Mapping[MetricKind, str] = {
    MetricKind.ADOPTION: "share of components",
    MetricKind.OFF_TOKEN: "declarations",
    MetricKind.ACCESSIBILITY: "failing elements",
    MetricKind.RAGE_CLICKS: "share of sessions",
}
"""What the number of each kind counts."""


def misread(metric: UxMetric, reading: Reading) -> str:
    """Return why the reading says nothing about the metric, or an empty string.

    Unlike `misfit` it lets through findings, which are no share of sessions.
    """
    if metric.kind not in FOUND:
        return misfit(metric, reading)
    if isinstance(reading.measure, Findings | Counts):
        return ""
    form = reading.measure.form
    return f"{metric.id} is {metric.kind}: it needs how many were found, this reading has {form}"


def value_of(metric: UxMetric, reading: Reading) -> float:
    """Return what one reading says: a number of findings, or a frustrated share in [0, 1].

    More is worse for both: the share of `adoption` is what does not come from the design system.

    Raises:
        ValueError: The measure does not fit the kind; see `misread`.
    """
    problem = misread(metric, reading)
    if problem:
        raise ValueError(problem)
    measure = reading.measure
    if metric.kind not in FOUND:
        return frustrated_share(metric, reading).share
    return measure.found if isinstance(measure, Findings) else getattr(measure, "bad", 0.0)


def latest_scan(readings: Sequence[Reading]) -> Reading:
    """Return the reading that ends last; of several the first by source."""
    return min(readings, key=lambda one: (-one.end_at.timestamp(), one.source, one.start_at))


def own_level(metric: UxMetric, value: float) -> float:
    """Return a value in the metric's own terms, as its target is: see `value_of`."""
    return 1 - value if metric.kind is MetricKind.ADOPTION else value


def better_of(kind: MetricKind) -> str:
    """Return which way is better: `more` or `fewer`."""
    return "more" if kind is MetricKind.ADOPTION else "fewer"


def say_value(metric: UxMetric, value: float, digits: int = 0) -> str:
    """Return a value in words: `142`, or a share in percent.

    Args:
        metric: What it is of, of any kind.
        value: A number of findings, or a frustrated share in [0, 1].
        digits: Decimals of percents.
    """
    if metric.kind in FOUND:
        return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
    return f"{own_level(metric, value):.{digits}%}"
