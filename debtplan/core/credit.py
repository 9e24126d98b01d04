"""Which part of a metric's change verdicts give to released items.

Effects are added up. Where two items went live on one metric so close together that the second
came while the first was still being judged, both verdicts have seen the same days: of such a group
the stronger effect counts once, never both. A verdict on a metric that is only a part of this one
counts by its sessions: effect * N_part / N. That is a most: a session that is no longer lost at one
step may still be lost at a later one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from debtplan.core.level import Level, Ratio, Z
from debtplan.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Credit:
    """What released items did to a metric.

    Attributes:
        change: Against the baseline, -0.1 for a tenth less; with its 95% interval.
        items: Whose verdicts it is made of, sorted.
    """

    change: Ratio
    items: tuple[str, ...]


def credit_of(
    verdicts: Iterable[Verdict],
    weights: Mapping[str, float],
    baseline: Level,
    since: date,
    to: date,
) -> Credit | None:
    """Return what verdicts give to items; None where none of them could tell.

    Args:
        verdicts: All there are.
        weights: By metric, how much of a change of its share is one of the goal's metric: 1 for the
            metric itself, its part of the sessions for a part.
        baseline: The goal metric's level before.
        since: Releases from this day on count.
        to: Releases before this day count.
    """
    counted = _counted(verdicts, weights, since, to)
    if not counted or baseline.share <= 0:
        return None
    total, variance = 0.0, 0.0
    for metric in sorted({one.metric for one in counted}):
        for group in _groups([one for one in counted if one.metric == metric]):
            strongest = max(group, key=lambda one: (abs(one.effect or 0.0), one.item))
            weight = weights[metric]
            total += weight * (strongest.effect or 0.0)
            variance += (weight * _error(strongest)) ** 2
    half = Z * sqrt(variance)
    return Credit(
        change=Ratio(
            value=total / baseline.share,
            low=(total - half) / baseline.share,
            high=(total + half) / baseline.share,
        ),
        items=tuple(sorted({one.item for one in counted})),
    )


def _counted(
    verdicts: Iterable[Verdict], weights: Mapping[str, float], since: date, to: date
) -> list[Verdict]:
    """Return the verdicts that could tell; of an item on the metric itself, none on its parts."""
    told = [
        one
        for one in verdicts
        if one.metric in weights
        and one.effect is not None
        and one.released_at is not None
        and since <= one.released_at.date() < to
    ]
    direct = {one.item for one in told if weights[one.metric] == 1}
    return [one for one in told if weights[one.metric] == 1 or one.item not in direct]


def _groups(verdicts: Sequence[Verdict]) -> list[list[Verdict]]:
    """Return verdicts on one metric, those together whose days after the release overlap."""
    groups: list[list[Verdict]] = []
    end = date.min
    for one in sorted(verdicts, key=lambda one: (_released_on(one), one.plan_id, one.item)):
        on = _released_on(one)
        if groups and on < end:
            groups[-1].append(one)
        else:
            groups.append([one])
        end = max(end, on + timedelta(days=one.days_after))
    return groups


def _released_on(verdict: Verdict) -> date:
    return verdict.released_at.date() if verdict.released_at else date.min


def _error(verdict: Verdict) -> float:
    if verdict.low is None or verdict.high is None:
        return 0.0
    return (verdict.high - verdict.low) / (2 * Z)
