"""What an item is worth: removal, shrinkage, and value in frustrated sessions avoided per sprint.

    removal_im = share_im * grade_im * calibration_i * shrink_i      (at most 0.99)
    ux_value_i = sum over m of weight_m * harm_m * removal_im        (alone, before overlap)

The best of many noisy estimates is over-claimed (the winner's curse), so from five items on each
value is shrunk on the log scale by its own noise, empirical Bayes with the DerSimonian-Laird (1986)
estimate of the spread between items. The factor is never above 1.
"""

from collections.abc import Mapping, Sequence
from math import exp, log

from debtplan.core.calibration import Factor
from debtplan.core.harm import INTERVAL_Z, Harm
from debtplan.core.link import Grade, Link, LinkPolicy
from debtplan.core.record import Value

MAX_REMOVAL = 0.99
"""No item is credited with removing all of a metric's harm: -ln(1 - 1) has no value."""

SHRINK_FROM = 5
"""Fewer values than this say nothing about their own spread."""

GRADE_NOISE: dict[Grade, float] = {
    Grade.A: 0.2,
    Grade.B: 0.35,
    Grade.C: 0.5,
    Grade.D: 0.8,
    Grade.E: 1.1,
}
"""Standard deviation of ln(true / expected) by grade: a convention until verdicts replace it."""


class Term(Value):
    """One link's part of an item's value.

    Attributes:
        harm: Counted harm of the metric, frustrated sessions per sprint, unweighted.
        weight: The flow's weight.
        share: Expected share, (low + 4 likely + high) / 6.
        grade_factor: Probability the grade stands for.
        calibration: Realised / claimed of earlier forecasts; 1 until there are verdicts.
        calibration_error: Its standard deviation; 0 until there are verdicts.
        calibration_width: Standard deviation of items beyond what was forecast; 0 likewise.
        shrink: The item's factor against the winner's curse, at most 1.
        removal: Product of the four, at most 0.99.
        ux_value: weight * harm * removal, as if the item were done alone.
    """

    item: str
    metric: str
    harm: float
    weight: float
    share: float
    grade: Grade
    grade_factor: float
    calibration: float
    calibration_error: float = 0.0
    calibration_width: float = 0.0
    shrink: float
    removal: float
    ux_value: float
    noise: float


class ItemValue(Value):
    """An item's value alone, with its terms and the value before shrinking."""

    item: str
    ux_value: float
    claimed: float
    shrink: float
    terms: tuple[Term, ...]


def value_items(
    links: Sequence[Link],
    counted: Mapping[str, float],
    harms: Mapping[str, Harm],
    weights: Mapping[str, float],
    policy: LinkPolicy,
    factors: Mapping[tuple[str, str], Factor] | None = None,
) -> tuple[ItemValue, ...]:
    """Return the value of every item that a link ties to a metric with known harm, by key.

    Args:
        links: Settled links; those to metrics without a counted harm are left out.
        counted: Harm by metric as the ledger counts it.
        harms: Measured harms by metric, for their intervals.
        weights: Flow weight by metric.
        policy: Grades.
        factors: Calibration by item and metric; 1 where there is none.
    """
    by_item: dict[str, list[Term]] = {}
    for link in sorted(links, key=lambda one: (one.item, one.metric)):
        if link.metric in counted:
            measured = (counted[link.metric], harms[link.metric])
            factor = (factors or {}).get((link.item, link.metric))
            term = _term(link, measured, weights[link.metric], policy, factor)
            by_item.setdefault(link.item, []).append(term)
    claimed = {item: sum(term.ux_value for term in terms) for item, terms in by_item.items()}
    noise = {item: _item_noise(terms) for item, terms in by_item.items()}
    shrinks = shrink_factors(claimed, noise)
    return tuple(
        _shrunk(item, by_item[item], claimed[item], shrinks[item]) for item in sorted(by_item)
    )


def shrink_factors(claimed: Mapping[str, float], noise: Mapping[str, float]) -> dict[str, float]:
    """Return each item's factor in (0, 1] against the winner's curse.

    With y = ln(value), s its noise and v = s^2: mu is the precision-weighted mean, tau^2 the
    DerSimonian-Laird spread between items; the posterior mean is mu + B (y - mu) with
    B = tau^2 / (tau^2 + v). Only values above the mean shrink; a factor above 1 becomes 1.
    """
    keys = sorted(key for key, value in claimed.items() if value > 0)
    factors = dict.fromkeys(sorted(claimed), 1.0)
    if len(keys) < SHRINK_FROM:
        return factors
    ys = [log(claimed[key]) for key in keys]
    variances = [max(noise[key], 1e-6) ** 2 for key in keys]
    spread = _spread_between(ys, variances)
    weights = [1 / (variance + spread) for variance in variances]
    mean = sum(w * y for w, y in zip(weights, ys, strict=True)) / sum(weights)
    for key, y, variance in zip(keys, ys, variances, strict=True):
        posterior = mean + (y - mean) * spread / (spread + variance)
        factors[key] = exp(min(0.0, posterior - y))
    return factors


def _spread_between(ys: Sequence[float], variances: Sequence[float]) -> float:
    """Return DerSimonian and Laird's tau^2, at least 0."""
    weights = [1 / variance for variance in variances]
    total = sum(weights)
    mean = sum(w * y for w, y in zip(weights, ys, strict=True)) / total
    q = sum(w * (y - mean) ** 2 for w, y in zip(weights, ys, strict=True))
    denominator = total - sum(w * w for w in weights) / total
    return max(0.0, (q - (len(ys) - 1)) / denominator) if denominator > 0 else 0.0


def _term(
    link: Link,
    measured: tuple[float, Harm],
    weight: float,
    policy: LinkPolicy,
    track: Factor | None,
) -> Term:
    harm, share, factor = measured[0], link.share.expected, policy.grades[link.grade]
    calibration = 1.0 if track is None else track.factor
    removal = min(MAX_REMOVAL, share * factor * calibration)
    return Term(
        item=link.item,
        metric=link.metric,
        harm=harm,
        weight=weight,
        share=share,
        grade=link.grade,
        grade_factor=factor,
        calibration=calibration,
        calibration_error=0.0 if track is None else track.error,
        calibration_width=0.0 if track is None else track.width,
        shrink=1.0,
        removal=removal,
        ux_value=weight * harm * removal,
        noise=_term_noise(link, measured[1], track),
    )


def _term_noise(link: Link, harm: Harm, track: Factor | None) -> float:
    """Return the standard deviation of ln(term): of share, grade, calibration and harm.

    They are taken as independent.
    """
    variance = GRADE_NOISE[link.grade] ** 2
    if track is not None:
        variance += log(1 + (track.error / track.factor) ** 2)
    if link.share.expected > 0:
        variance += log(1 + (link.share.spread / link.share.expected) ** 2)
    if harm.harm and harm.low is not None and harm.high is not None:
        deviation = (harm.high - harm.low) / (2 * INTERVAL_Z)
        variance += log(1 + (deviation / harm.harm) ** 2)
    return float(variance**0.5)


def _item_noise(terms: Sequence[Term]) -> float:
    """Return the noise of a sum of independent terms on the log scale."""
    total = sum(term.ux_value for term in terms)
    if total <= 0:
        return 0.0
    return float(sum((term.ux_value / total * term.noise) ** 2 for term in terms) ** 0.5)


def _shrunk(item: str, terms: Sequence[Term], claimed: float, factor: float) -> ItemValue:
    shrunk = []
    for term in terms:
        removal = term.removal * factor
        value = term.weight * term.harm * removal
        update = {"shrink": factor, "removal": removal, "ux_value": value}
        shrunk.append(term.model_copy(update=update))
    return ItemValue(
        item=item,
        ux_value=sum(term.ux_value for term in shrunk),
        claimed=claimed,
        shrink=factor,
        terms=tuple(shrunk),
    )
