"""The planted backlogs of the benchmark, and the weights that were fitted to some of them."""

import pytest

from benchmarks.links import fit, planted_figures, score
from benchmarks.planted import ITEMS, plant
from benchmarks.products import FITTED, FITTED_BOOK, HELD_OUT, HELD_OUT_BOOK
from debtplan.core.suggest import INTERCEPT, WEIGHTS


def test_a_seed_gives_the_same_backlog_and_another_seed_another() -> None:
    places = HELD_OUT["travel"]
    first = plant(places, HELD_OUT_BOOK, 7)
    assert plant(places, HELD_OUT_BOOK, 7) == first
    assert plant(places, HELD_OUT_BOOK, 8) != first
    assert len(first.known.items) == ITEMS


def test_the_truth_is_of_items_that_nobody_has_linked() -> None:
    planted = plant(FITTED["shop"], FITTED_BOOK, 1)
    linked = {one.item for one in planted.known.claims}
    assert linked
    assert linked.isdisjoint(planted.truth)
    assert linked | set(planted.truth) == {one.key for one in planted.known.items}
    assert None in planted.truth.values()


def test_what_is_only_measured_on_shares_no_words_of_problems_with_what_is_fitted() -> None:
    assert not set(FITTED) & set(HELD_OUT)
    for kind, said in FITTED_BOOK.problems.items():
        assert not set(said) & set(HELD_OUT_BOOK.problems[kind])
    assert not set(FITTED_BOOK.chores) & set(HELD_OUT_BOOK.chores)
    assert not set(FITTED_BOOK.segments) & set(HELD_OUT_BOOK.segments)


def test_first_suggestions_are_right_on_products_never_seen() -> None:
    figures = {
        one.figure: one for one in planted_figures("held out", HELD_OUT, HELD_OUT_BOOK, 3, 5_000)
    }
    limited = figures["held out: precision at 1, confidence 50% or more"]
    assert limited.limit == 0.8
    assert limited.ok
    assert figures["held out: calibration error"].value < 0.1


def test_nothing_that_is_counted_is_counted_twice() -> None:
    scored = score([plant(HELD_OUT["clinic"], HELD_OUT_BOOK, 3)])
    assert len(scored.first) <= scored.items
    assert scored.found <= scored.touching <= scored.items
    assert len(scored.first) <= len(scored.every) <= 3 * len(scored.first)


@pytest.mark.slow
def test_the_weights_in_the_program_are_those_that_fitting_gives() -> None:
    assert fit() == (INTERCEPT, WEIGHTS)
