"""How often suggested links are right on planted backlogs, and what "this is debt" finds in texts.

The weights of `core.suggest` are fitted to three products; what is printed first is measured on the
three others, whose words, chores and segments are others too. `python -m benchmarks.links` fits the
weights again and prints them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks import debt_text
from benchmarks.debt_text import newton
from benchmarks.figure import Figure, at_most
from benchmarks.planted import Book, Place, Planted, plant
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


@dataclass(frozen=True, slots=True)
class Scored:
    """What was suggested on some backlogs.

    Attributes:
        first: Confidence of each item's first suggestion, and whether it is right.
        every: The same of all suggestions.
        touching: Items that touch a metric.
        found: Those of which any suggestion is right.
        items: All items that could have one.
        idle: Items with a suggestion that touch no metric.
    """

    first: list[tuple[float, bool]]
    every: list[tuple[float, bool]]
    touching: int
    found: int
    items: int
    idle: int


def measure(data: Path | None = None) -> Iterator[Figure]:
    """Yield precision, recall and reliability on products held out, then of debt in texts."""
    yield from planted_figures("held out", HELD_OUT, HELD_OUT_BOOK, SEEDS, HELD_OUT_FROM)
    yield from planted_figures("fitted", FITTED, FITTED_BOOK, SEEDS, 0)
    yield from debt_text.measure(data)


def planted_figures(
    name: str, products: Mapping[str, Sequence[Place]], book: Book, seeds: int, start: int
) -> Iterator[Figure]:
    """Yield the figures of some products, each planted with so many seeds."""
    scored = score(
        [plant(products[one], book, start + n) for one in products for n in range(seeds)]
    )
    said = f"{', '.join(products)}; seeds {start}-{start + seeds - 1}; {scored.items} items"
    for least in (LIKELY, LEAST):
        top = [is_right for confidence, is_right in scored.first if confidence >= least]
        precision = sum(top) / max(1, len(top))
        limit = PRECISION if least == LIKELY and name == "held out" else None
        figure = f"{name}: precision at 1, confidence {least:.0%} or more"
        detail = f"{said}, {len(top)} with a suggestion"
        is_fine = limit is None or precision >= limit
        yield Figure("links", figure, precision, limit, is_fine, "", detail)
        part = sum(top) / max(1, scored.touching)
        figure = f"{name}: recall at 1, confidence {least:.0%} or more"
        yield at_most("links", figure, part, None, "", f"of {scored.touching} that touch a metric")
    hits = sum(is_right for _, is_right in scored.first)
    part = hits / max(1, len(scored.first) - scored.idle)
    detail = f"items that touch no metric left out; {scored.idle} of them have a suggestion"
    yield at_most("links", f"{name}: precision at 1 where there is a link", part, None, "", detail)
    part = scored.found / max(1, scored.touching)
    yield at_most("links", f"{name}: recall at 3", part, None, "", "any of three is right")
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


def score(backlogs: Sequence[Planted]) -> Scored:
    """Return what is suggested on backlogs, beside their truth."""
    scored = Scored([], [], 0, 0, 0, 0)
    touching = found = items = idle = 0
    for one in backlogs:
        by_item: dict[str, list[Suggestion]] = {}
        for suggestion in suggest_links(one.known):
            by_item.setdefault(suggestion.item, []).append(suggestion)
        for key, truth in one.truth.items():
            marks = [(s.confidence, s.metric == truth) for s in by_item.get(key, ())]
            scored.every.extend(marks)
            scored.first.extend(marks[:1])
            touching += truth is not None
            found += any(is_right for _, is_right in marks)
            items += 1
            idle += truth is None and bool(marks)
    return Scored(scored.first, scored.every, touching, found, items, idle)


def fit(seeds: int = SEEDS) -> tuple[float, Features]:
    """Return intercept and weights: logistic regression over every pair of the fitted products."""
    rows: list[tuple[Features, bool]] = []
    for places in FITTED.values():
        for seed in range(seeds):
            rows += _pairs(plant(places, FITTED_BOOK, seed))
    x = np.array([[1.0, *features] for features, _ in rows])
    y = np.array([is_right for _, is_right in rows], float)
    first, *rest = newton(x, y, [0.0, *[1.0] * len(Features._fields)])
    return round(float(first), 2), Features(*(round(float(one), 2) for one in rest))


def _pairs(one: Planted) -> Iterator[tuple[Features, bool]]:
    known = one.known
    linked = {(claim.item, claim.metric) for claim in known.claims}
    marked: dict[str, list[str]] = {}
    for tally in known.tallies:
        if tally.dimension == "error_code":
            marked.setdefault(tally.metric, []).append(tally.value)
    likeness = Likeness(known.items, known.metrics, known.flows, linked, marked)
    for key, truth in one.truth.items():
        for pair in likeness.of(key):
            yield pair.features, pair.metric == truth


def _bins(marks: Sequence[tuple[float, bool]]) -> list[list[tuple[float, bool]]]:
    found = [
        [mark for mark in marks if low <= mark[0] < high or (high == 1.0 and mark[0] == 1.0)]
        for low, high in pairwise(BINS)
    ]
    return [some for some in found if some]


def _mean(numbers: Iterator[float]) -> float:
    found = list(numbers)
    return sum(found) / len(found)


if __name__ == "__main__":
    print(*fit(), sep="\n")
