"""Rules about parts of the reserve: what is kept for some users, and what an emergency lifts.

Each is a row of its own: the points of all items that do not touch certain metrics are at most so
many. What is kept for some work is kept from all other work; if nobody can use it, it stays unused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from debtplan.core.appraisal import Appraisal
from debtplan.core.exact import exact
from debtplan.core.inputs import Inputs
from debtplan.core.reserve import KeptFor


@dataclass(frozen=True, slots=True)
class ShareRule:
    """The points of all work that touches none of some metrics are limited.

    Attributes:
        name: In words that go with "are used up".
        metrics: Work that touches any of these is free of the rule.
        is_kept: Whether it holds in later sprints too.
    """

    name: str
    metrics: frozenset[str]
    limit: Fraction
    is_kept: bool

    def binds(self, metrics: Iterable[str]) -> bool:
        """Say whether work on these metrics is limited."""
        return self.metrics.isdisjoint(metrics)


def critical_metrics(inputs: Inputs, appraisal: Appraisal) -> tuple[str, ...]:
    """Return the metrics past their critical threshold, by id; unknown shares are not."""
    found = []
    for metric in inputs.metrics:
        share = appraisal.harms[metric.id].share if metric.id in appraisal.harms else None
        if metric.critical is not None and share is not None and share >= metric.critical:
            found.append(metric.id)
    return tuple(sorted(found))


def lifted(inputs: Inputs, appraisal: Appraisal, capacity: float, usual: Fraction) -> Fraction:
    """Return the points that may be planned: the usual, or more while a metric is critical."""
    ceiling = inputs.reserve.critical_ceiling
    if ceiling is None or not critical_metrics(inputs, appraisal):
        return usual
    return max(usual, exact(capacity) * exact(ceiling))


def share_rules(
    inputs: Inputs, appraisal: Appraisal, usual: Fraction, available: Fraction
) -> tuple[ShareRule, ...]:
    """Return the rules in force.

    Args:
        inputs: With the policy.
        appraisal: Tells which metrics are critical.
        usual: The reserve in points.
        available: Points that may be planned, more than that in an emergency.
    """
    rules = [
        ShareRule(
            f"points that are not kept for {one.title}",
            frozenset(_metrics_of(inputs, one)),
            usual * (1 - exact(one.share)),
            is_kept=True,
        )
        for one in inputs.reserve.kept_for
    ]
    if available > usual:
        critical = frozenset(critical_metrics(inputs, appraisal))
        name = "points for work on metrics that are not critical"
        rules.append(ShareRule(name, critical, usual, is_kept=False))
    return tuple(rules)


def _metrics_of(inputs: Inputs, wanted: KeptFor) -> list[str]:
    return [
        one.id
        for one in inputs.metrics
        if wanted.flow in ("", one.flow)
        and wanted.segment in ("", one.segment)
        and wanted.metric in ("", one.id)
    ]
