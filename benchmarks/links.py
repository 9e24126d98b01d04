"""How often suggested links are right on planted backlogs, and what "this is debt" finds in texts.

The weights of `core.suggest` are fitted to six products of two makings (`benchmarks.planted` and
`benchmarks.strangers`); what is printed first is measured on six others, whose words, chores,
segments and seeds are others too. `python -m benchmarks.links` fits the weights again and prints
them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks import debt_text, strangers
from benchmarks.companies import SEEN, SEEN_HABITS, UNSEEN, UNSEEN_HABITS
from benchmarks.figure import Figure, at_most
from benchmarks.planted import Planted, plant
from benchmarks.products import FITTED, FITTED_BOOK, HELD_OUT, HELD_OUT_BOOK
from debtplan.core.likeness import Features, Likeness
from debtplan.core.suggest import LEAST, suggest_links
from debtplan.core.suggestion import Suggestion

SEEDS = 30
HELD_OUT_FROM = 1_000
PRECISION = 0.8
LIKELY = 0.5
"""Confidence from which `debtplan links suggest` shows suggestions."""

BINS = (0.2, 0.4, 0.6, 0.8, 1.0)

RIDGE = 1.0
STEPS = 25

Choice = tuple[np.ndarray, int | None]
"""The metrics that an item may touch, one row each, and which it is; None for none of them."""


@dataclass(slots=True)
class Scored:
    """What was suggested on some backlogs.

    Attributes:
        first: Confidence of each item's first suggestion where it is decided, and whether it is
            right.
        tied: The same of those where another metric is as likely.
        every: The same of all suggestions.
        touching: Items that touch a metric.
        found: Those of which any suggestion is right.
        silent: Those without a suggestion.
        items: All items that could have one.
        idle: Items with a suggestion that touch no metric.
    """

    first: list[tuple[float, bool]] = field(default_factory=list)
    tied: list[tuple[float, bool]] = field(default_factory=list)
    every: list[tuple[float, bool]] = field(default_factory=list)
    touching: int = 0
    found: int = 0
    silent: int = 0
    items: int = 0
    idle: int = 0


def measure(data: Path | None = None) -> Iterator[Figure]:
    """Yield precision, recall and reliability on backlogs held out, then of debt in texts."""
    for name in ("held out", "strangers", "fitted", "fitted strangers"):
        yield from planted_figures(name, planted_backlogs(name, SEEDS))
    yield from debt_text.measure(data)


def planted_backlogs(name: str, seeds: int, start: int = HELD_OUT_FROM) -> list[Planted]:
    """Return the backlogs of one kind, each product with so many seeds from `start` on.

    Args:
        name: `held out` or `fitted` products, or `strangers` or `fitted strangers`; what was
            fitted has seeds from 0 on.
        seeds: Backlogs a product.
        start: The first seed.
    """
    makers: dict[str, list[Callable[[int], Planted]]] = {
        "held out": [partial(plant, one, HELD_OUT_BOOK) for one in HELD_OUT.values()],
        "fitted": [partial(plant, one, FITTED_BOOK) for one in FITTED.values()],
        "strangers": [partial(strangers.plant, one, UNSEEN_HABITS) for one in UNSEEN.values()],
        "fitted strangers": [partial(strangers.plant, one, SEEN_HABITS) for one in SEEN.values()],
    }
    first = 0 if name.startswith("fitted") else start
    return [make(first + n) for make in makers[name] for n in range(seeds)]


def planted_figures(name: str, backlogs: Sequence[Planted]) -> Iterator[Figure]:
    """Yield the figures of some backlogs."""
    scored = score(backlogs)
    said = f"{len(backlogs)} backlogs, {scored.items} items"
    yield from _at_one(name, scored, said)
    yield from _left_out(name, scored)
    wrong = sum(
        len(some) * abs(_mean(is_right for _, is_right in some) - _mean(c for c, _ in some))
        for some in _bins(scored.every)
    )
    yield at_most(
        "links", f"{name}: calibration error", wrong / max(1, len(scored.every)), None, "", said
    )
    for some in _bins(scored.every):
        claimed, right = _mean(c for c, _ in some), _mean(is_right for _, is_right in some)
        figure = f"{name}: right where {claimed:.0%} sure"
        yield at_most("links", figure, right, None, "", f"{len(some)} suggestions")


def _at_one(name: str, scored: Scored, said: str) -> Iterator[Figure]:
    """Yield how many first suggestions are right, and what part of the links they reach."""
    everything = [*scored.first, *scored.tied]
    for what, marks, least in (
        (f"confidence {LIKELY:.0%} or more", everything, LIKELY),
        (f"confidence {LEAST:.0%} or more, undecided ones left out", scored.first, LEAST),
        (f"confidence {LEAST:.0%} or more", everything, LEAST),
    ):
        top = [is_right for confidence, is_right in marks if confidence >= least]
        precision = sum(top) / max(1, len(top))
        limit = PRECISION if least == LIKELY and not name.startswith("fitted") else None
        is_fine = limit is None or precision >= limit
        detail = f"{said}, {len(top)} with a suggestion"
        yield Figure(
            "links", f"{name}: precision at 1, {what}", precision, limit, is_fine, "", detail
        )
        part = sum(top) / max(1, scored.touching)
        detail = f"of {scored.touching} that touch a metric"
        yield at_most("links", f"{name}: recall at 1, {what}", part, None, "", detail)


def _left_out(name: str, scored: Scored) -> Iterator[Figure]:
    """Yield how often nothing, or nothing decided, is said, and what any of three reaches."""
    hits = sum(is_right for _, is_right in (*scored.first, *scored.tied))
    shown = len(scored.first) + len(scored.tied)
    part = hits / max(1, shown - scored.idle)
    detail = f"items that touch no metric left out; {scored.idle} of them have a suggestion"
    yield at_most("links", f"{name}: precision at 1 where there is a link", part, None, "", detail)
    part = len(scored.tied) / max(1, shown)
    detail = f"two metrics or more fit as well; the first would be right in {_part(scored.tied)}"
    yield at_most("links", f"{name}: undecided, of all with a suggestion", part, None, "", detail)
    part = scored.silent / max(1, scored.touching)
    yield at_most("links", f"{name}: nothing suggested", part, None, "", "of items with a link")
    part = scored.found / max(1, scored.touching)
    yield at_most("links", f"{name}: recall at 3", part, None, "", "any of three is right")


def score(backlogs: Sequence[Planted]) -> Scored:
    """Return what is suggested on backlogs, beside their truth."""
    scored = Scored()
    for one in backlogs:
        by_item: dict[str, list[Suggestion]] = {}
        for suggestion in suggest_links(one.known):
            by_item.setdefault(suggestion.item, []).append(suggestion)
        for key, truth in one.truth.items():
            rows = by_item.get(key, [])
            marks = [(row.confidence, row.metric == truth) for row in rows]
            scored.every.extend(marks)
            (scored.tied if rows and rows[0].rivals else scored.first).extend(marks[:1])
            scored.touching += truth is not None
            scored.found += any(is_right for _, is_right in marks)
            scored.silent += truth is not None and not marks
            scored.items += 1
            scored.idle += truth is None and bool(marks)
    return scored


def fit(seeds: int = SEEDS) -> tuple[float, Features]:
    """Return intercept and weights: a conditional logit over items of six products."""
    some: list[Choice] = []
    for one in (*planted_backlogs("fitted", seeds), *planted_backlogs("fitted strangers", seeds)):
        some += _choices(one)
    first, *rest = climb(some, [0.0, *[RIDGE] * len(Features._fields)])
    return round(float(first), 2), Features(*(round(float(one), 2) for one in rest))


def climb(some: Sequence[Choice], penalties: Sequence[float]) -> np.ndarray:
    """Return the weights that make the right choices likeliest, by Newton's method.

    Each choice is between metrics, a row of numbers each, and none of them, whose score is 0.
    """
    weights, ridge = np.zeros(len(penalties)), np.diag(penalties)
    for _ in range(STEPS):
        slope, curve = -ridge @ weights, ridge.copy()
        for rows, right in some:
            scores = rows @ weights
            top = max(0.0, float(scores.max()))
            parts = np.exp(scores - top)
            p = parts / (np.exp(-top) + parts.sum())
            wanted = np.zeros(len(rows))
            if right is not None:
                wanted[right] = 1.0
            slope += rows.T @ (wanted - p)
            curve += rows.T @ (np.diag(p) - np.outer(p, p)) @ rows
        weights = weights + np.linalg.solve(curve, slope)
    return weights


def _choices(one: Planted) -> Iterator[Choice]:
    known = one.known
    linked = {(claim.item, claim.metric) for claim in known.claims}
    marked: dict[str, list[str]] = {}
    for tally in known.tallies:
        if tally.dimension == "error_code":
            marked.setdefault(tally.metric, []).append(tally.value)
    likeness = Likeness(known.items, known.metrics, known.flows, linked, marked)
    for key, truth in one.truth.items():
        pairs = likeness.of(key)
        names = [pair.metric for pair in pairs]
        # An item that shares nothing with its metric cannot be found by any weights.
        if pairs:
            rows = np.array([[1.0, *pair.features] for pair in pairs])
            yield rows, names.index(truth) if truth in names else None


def _bins(marks: Sequence[tuple[float, bool]]) -> list[list[tuple[float, bool]]]:
    found = [
        [mark for mark in marks if low <= mark[0] < high or (high == 1.0 and mark[0] == 1.0)]
        for low, high in pairwise(BINS)
    ]
    return [some for some in found if some]


def _part(marks: Sequence[tuple[float, bool]]) -> str:
    return f"{_mean(is_right for _, is_right in marks):.0%}" if marks else "none"


def _mean(numbers: Iterator[float]) -> float:
    found = list(numbers)
    return sum(found) / len(found)


if __name__ == "__main__":
    print(*fit(), sep="\n")
