"""Where a goal's translation into harm is approximate, in words."""

from collections.abc import Iterator, Sequence

from debtplan.core.flow import TIMED, MetricKind, UxMetric
from debtplan.core.goal import Need, Wanted
from debtplan.core.harm import Harm
from debtplan.core.ledger import Pool
from debtplan.core.reading import Counts, Reading

PARENT_SLACK = 1e-9
"""Part of a pool's harm that children must carry to be worth a word."""


def find_caveats(
    metric: UxMetric,
    harm: Harm,
    wanted: Wanted,
    need: Need,
    readings: Sequence[Reading],
    pools: Sequence[Pool],
) -> tuple[str, ...]:
    """Return one sentence for each way in which the numbers are approximate.

    Args:
        metric: The metric.
        harm: What is measured of it.
        wanted: Its goal.
        need: The goal as it was read.
        readings: The metric's own, of the window.
        pools: The ledger.
    """
    return (
        *_of_kind(metric, wanted, need),
        *_of_readings(metric, harm, readings),
        *_of_parts(metric, pools),
    )


def _of_kind(metric: UxMetric, wanted: Wanted, need: Need) -> Iterator[str]:
    is_bad_part = wanted.relative is not None and wanted.relative < 0
    if metric.kind in TIMED:
        if is_bad_part:
            yield (
                "The change is taken of the share of waits that are too long (one that is still "
                "tolerated counts half), not of seconds."
            )
        yield "A goal in seconds cannot be computed: the model knows shares of waits, not how long."
    if metric.kind is MetricKind.WEB_VITAL:
        if is_bad_part:
            yield (
                "The change is taken of the share of visits that are not good (one that needs "
                "improvement counts half)."
            )
        yield (
            "Good visits are counted as if no visit were poor: a poor one counts as two that need "
            "improvement, so the share of good visits as a tool shows it differs a little."
        )
    if metric.kind is MetricKind.CSAT:
        if is_bad_part:
            yield "The change is taken of the share of unhappy answers."
        yield (
            "Today's number leans on the product's mean where answers are few, so it differs a "
            "little from the plain share of answers."
        )
    if metric.kind is MetricKind.TICKET_RATE and (need.share or 0.0) >= 1:
        yield (
            "So many tickets come in that every session counts as hurt: today's number is cut off "
            "there, and the goal may need more."
        )


def _of_readings(metric: UxMetric, harm: Harm, readings: Sequence[Reading]) -> Iterator[str]:
    if any(isinstance(one.measure, Counts) and one.measure.recovered for one in readings):
        yield (
            "A failure that a retry mended counts one half, today and at the goal: the number "
            "differs from the plain rate of failures."
        )
    if harm.is_bound:
        yield (
            "The histogram ends before four times the threshold, so today's number is a lower "
            "bound, and the goal may need more."
        )
    if harm.is_stated:
        yield f"The reading of {metric.title} was stated by hand, not measured."


def _of_parts(metric: UxMetric, pools: Sequence[Pool]) -> Iterator[str]:
    """Yield a sentence where parts of the metric's users have metrics of their own."""
    pool = next((one for one in pools if metric.id in {row.metric for row in one.members}), None)
    if pool and pool.inclusive - pool.measured > PARENT_SLACK * max(1.0, pool.inclusive):
        yield (
            "Some of its users have metrics of their own. Items that help those will move this "
            "number too; here only items linked to this metric count."
        )
