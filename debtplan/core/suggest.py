"""Suggesting links: which metric an open item that nobody has linked may touch, and how surely.

    score of a metric      s_m = w0 + sum of w_k * feature_k
    confidence of metric m     = exp(s_m) / (1 + sum over all metrics of exp(s))

The 1 stands for "none of them". So confidences of one item share what there is: where two metrics
fit equally well, neither is sure, and both say so. (A conditional logit, McFadden 1974.) The
weights were fitted to planted backlogs (`benchmarks/links.py`, which also prints how often
suggestions of each confidence are right on other backlogs); they are fixed here. Text is a bag of
words: no sentence in it can ask for anything.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from debtplan.core.flow import CONSISTENCY, Flow, UxMetric
from debtplan.core.item import DebtItem, ItemKey, ItemState
from debtplan.core.likeness import Alike, Features, Likeness
from debtplan.core.link import Claim, Evidence, EvidenceKind, Grade, LinkBasis, Share
from debtplan.core.mark import mark_of
from debtplan.core.suggestion import LinkDecision, Suggestion
from debtplan.core.tally import Selector, Tally

MOST = 3
"""Suggestions an item."""

LEAST = 0.2
"""Confidence below which nothing is suggested."""

SHOWN = 3
"""Words and marks named in one reason."""

TIED = 0.8
"""Part of a suggestion's confidence from which on another metric is as likely as it."""

INTERCEPT = -3.42
WEIGHTS = Features(
    lead=0.84,
    step=1.60,
    kind=5.39,
    akin=2.53,
    other=1.06,
    upkeep=-3.10,
    segment=5.55,
    tracks=0.65,
    place=0.57,
    harm=0.28,
    mark=1.20,
    counted=1.57,
)
"""What each feature adds to the score; see the module."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that suggestions are made from.

    Attributes:
        items: The whole backlog with its texts.
        metrics: Declared ones.
        flows: Declared ones.
        claims: Links that stand; confirmed ones among them.
        decisions: Pairs that were decided on are not suggested again.
        tallies: What was counted of the metrics, for its endpoints and error codes.
    """

    items: Sequence[DebtItem]
    metrics: Sequence[UxMetric]
    flows: Sequence[Flow] = ()
    claims: Sequence[Claim] = ()
    decisions: Sequence[LinkDecision] = ()
    tallies: Sequence[Tally] = ()


def suggest_links(
    known: Known, wanted: Collection[ItemKey] | None = None
) -> tuple[Suggestion, ...]:
    """Return up to three metrics for each open item, the surest first, by item.

    Args:
        known: See `Known`.
        wanted: Items to suggest for, also where they are linked; None takes those without a link.
    """
    linked = {
        (one.item, one.metric) for one in known.claims if one.basis is not LinkBasis.SUGGESTED
    }
    settled = linked | {(one.item, one.metric) for one in known.decisions}
    selectors = _selectors(known.tallies)
    marked = {metric: tuple(found) for metric, found in selectors.items()}
    # What never carries harm gives an item no value: a link to it is never suggested.
    metrics = [one for one in known.metrics if one.kind not in CONSISTENCY]
    likeness = Likeness(known.items, metrics, known.flows, linked, marked)
    taken = {item for item, _ in linked}
    found: list[Suggestion] = []
    for item in sorted(known.items, key=lambda one: one.key):
        is_wanted = item.key not in taken if wanted is None else item.key in wanted
        if item.state is not ItemState.DONE and is_wanted:
            free = [one for one in likeness.of(item.key) if (item.key, one.metric) not in settled]
            found += _suggested(free, selectors)
    return tuple(found)


def score_of(features: Features) -> float:
    """Return what speaks for a pair as one number; 0 is as likely as "none of them"."""
    return INTERCEPT + sum(w * x for w, x in zip(WEIGHTS, features, strict=True))


def confidences_of(pairs: Sequence[Features]) -> list[float]:
    """Return how often each metric is the one that its item touches; see the module.

    Args:
        pairs: What speaks for each metric that an item may touch, all of one item.
    """
    scores = [score_of(one) for one in pairs]
    top = max([0.0, *scores])
    parts = [exp(score - top) for score in scores]
    whole = exp(-top) + sum(parts)
    return [part / whole for part in parts]


def decided_claims(decisions: Iterable[LinkDecision]) -> tuple[Claim, ...]:
    """Return what people confirmed, as claims.

    Without a grade of the person's own it is D where the item names an endpoint or code that is
    counted of the metric, else E. A share is theirs, or left open: where there is a mark to measure
    it by, it is measured.
    """
    return tuple(
        Claim(
            item=one.item,
            metric=one.metric,
            basis=LinkBasis.CONFIRMED,
            share=_share(one.share),
            grade=one.grade or (Grade.D if one.dimension else Grade.E),
            evidence=(_opinion(one),),
            noted_on=one.decided_at.date(),
            origin=f"suggestion confirmed{f' by {one.decided_by}' if one.decided_by else ''}",
            selector=Selector(dimension=one.dimension, value=one.value) if one.dimension else None,
        )
        for one in decisions
        if one.is_confirmed
    )


def unconfirmed_claims(suggestions: Iterable[Suggestion], least: float) -> tuple[Claim, ...]:
    """Return decided suggestions of that confidence or more as claims of grade E."""
    return tuple(
        Claim(
            item=one.item,
            metric=one.metric,
            basis=LinkBasis.SUGGESTED,
            grade=Grade.E,
            origin=f"{LinkBasis.SUGGESTED} ({one.confidence:.0%})",
        )
        for one in suggestions
        if one.confidence >= least and not one.rivals
    )


def _share(likely: float | None) -> Share | None:
    return None if likely is None else Share(low=likely, likely=likely, high=likely)


def _opinion(decision: LinkDecision) -> Evidence:
    return Evidence(
        kind=EvidenceKind.OPINION, note=decision.why, noted_on=decision.decided_at.date()
    )


def _suggested(
    pairs: Sequence[Alike], selectors: Mapping[str, Mapping[str, Selector]]
) -> list[Suggestion]:
    """Return the metrics that one item may touch, the surest first."""
    sure = [round(one, 4) for one in confidences_of([pair.features for pair in pairs])]
    ranked = sorted(zip(sure, pairs, strict=True), key=lambda one: (-one[0], one[1].metric))
    likely = [one for one in ranked if one[0] >= LEAST][:MOST]
    first = likely[0][0] if likely else 0.0
    tied = [pair.metric for confidence, pair in ranked if confidence >= max(first * TIED, LEAST)]
    found = []
    for confidence, pair in likely:
        named = selectors.get(pair.metric, {})
        is_tied = pair.metric in tied
        rivals = tuple(one for one in tied if is_tied and one != pair.metric)
        found.append(
            Suggestion(
                item=pair.item,
                metric=pair.metric,
                confidence=confidence,
                reasons=(*_reasons(pair, named), *_undecided(rivals)),
                selector=next((named[mark] for mark in pair.marks if mark in named), None),
                rivals=rivals,
            )
        )
    return found


def _undecided(rivals: Sequence[str]) -> tuple[str, ...]:
    return (f"but {', '.join(rivals)} fits as well: decide which",) if rivals else ()


def _selectors(tallies: Iterable[Tally]) -> dict[str, dict[str, Selector]]:
    """Return the marks that were counted of each metric; words such as `mobile` are none."""
    found: dict[str, dict[str, Selector]] = {}
    for tally in sorted(tallies, key=lambda one: (one.metric, one.dimension, one.value)):
        mark = mark_of(tally.value)
        if mark is not None:
            found.setdefault(tally.metric, {}).setdefault(mark, tally.selector)
    return found


def _reasons(pair: Alike, named: Mapping[str, Selector]) -> tuple[str, ...]:
    reasons = []
    for mark in pair.marks[:SHOWN]:
        where = f"counted as {named[mark]}" if mark in named else "as the metric's query does"
        reasons.append(f"it names {mark}, {where}")
    for carried, hits, there in sorted(pair.carried, key=lambda one: (-one[1], one))[:SHOWN]:
        items = "item" if there == 1 else "items"
        reasons.append(f"{hits} of {there} linked {items} with {carried} touch it")
    if pair.shared:
        reasons.append(f"both speak of {', '.join(pair.shared[:SHOWN])}")
    return tuple(reasons)
