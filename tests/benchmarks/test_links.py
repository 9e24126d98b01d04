"""The planted backlogs of the benchmark, and the weights that were fitted to some of them."""

import pytest

from benchmarks.companies import SEEN, SEEN_HABITS, UNSEEN, UNSEEN_HABITS
from benchmarks.links import SEEDS, fit, planted_backlogs, planted_figures, score
from benchmarks.planted import ITEMS, plant
from benchmarks.products import FITTED, FITTED_BOOK, HELD_OUT, HELD_OUT_BOOK
from debtplan.core.suggest import INTERCEPT, WEIGHTS, suggest_links
from tests.docs.page import DOCS, section, table_rows


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


def test_strangers_share_no_words_with_the_companies_that_are_fitted() -> None:
    assert not set(SEEN) & set(UNSEEN)
    said = [one for spots in SEEN.values() for spot in spots for one in spot.said]
    assert not set(said) & {one for spots in UNSEEN.values() for spot in spots for one in spot.said}
    for kind, wrong in UNSEEN_HABITS.wrong.items():
        assert not set(wrong) & set(SEEN_HABITS.wrong.get(kind, ()))
    for name in ("work", "terse", "causes", "chores", "parts"):
        assert not set(getattr(SEEN_HABITS, name)) & set(getattr(UNSEEN_HABITS, name))


@pytest.mark.parametrize(("name", "least"), [("held out", 0.85), ("strangers", 0.75)])
def test_first_suggestions_are_right_on_products_never_seen(name: str, least: float) -> None:
    backlogs = planted_backlogs(name, 3, 5_000)
    figures = {one.figure: one for one in planted_figures(name, backlogs)}
    limited = figures[f"{name}: precision at 1, confidence 50% or more"]
    assert limited.limit == 0.8
    assert limited.value > least
    assert limited.ok is (limited.value >= 0.8)
    decided = figures[f"{name}: precision at 1, confidence 20% or more, undecided ones left out"]
    every = figures[f"{name}: precision at 1, confidence 20% or more"]
    assert every.value < decided.value < limited.value
    assert figures[f"{name}: calibration error"].value < 0.1


@pytest.mark.slow
def test_every_kind_of_evidence_finds_a_link_of_a_stranger() -> None:
    right: dict[str, list[bool]] = {}
    for one in planted_backlogs("strangers", 6, 7_000):
        first = {row.item: row for row in reversed(suggest_links(one.known))}
        for item in one.known.items:
            truth = one.truth.get(item.key)
            if truth is None or item.title not in UNSEEN_HABITS.terse or item.key not in first:
                continue
            evidence = "path" if item.paths else "component" if item.components else "mark"
            right.setdefault(evidence, []).append(first[item.key].metric == truth)
    assert set(right) == {"path", "component", "mark"}
    assert all(sum(found) for found in right.values())


def test_nothing_that_is_counted_is_counted_twice() -> None:
    scored = score([plant(HELD_OUT["clinic"], HELD_OUT_BOOK, 3)])
    shown = len(scored.first) + len(scored.tied)
    assert scored.tied
    assert shown <= scored.items
    assert scored.found <= scored.touching <= scored.items
    assert scored.silent <= scored.touching - scored.found
    assert shown <= len(scored.every) <= 3 * shown


@pytest.mark.slow
def test_the_weights_in_the_program_are_those_that_fitting_gives() -> None:
    assert fit() == (INTERCEPT, WEIGHTS)


@pytest.mark.slow
def test_the_page_says_what_the_benchmark_finds() -> None:
    page = (DOCS / "links.md").read_text(encoding="utf-8")
    told = table_rows(section(page, "## How often it is right"))
    names = (
        "precision at 1, confidence 50% or more",
        "recall at 1, confidence 50% or more",
        "precision at 1, confidence 20% or more",
        "precision at 1, confidence 20% or more, undecided ones left out",
        "recall at 1, confidence 20% or more",
        "undecided, of all with a suggestion",
        "nothing suggested",
        "recall at 3",
    )
    for column, name in ((1, "held out"), (2, "strangers")):
        found = list(planted_figures(name, planted_backlogs(name, SEEDS)))
        figures = {one.figure: one.value for one in found}
        right = [one.value for one in found if ": right where " in one.figure]
        expected = [*(figures[f"{name}: {one}"] for one in names), *right]
        assert [row[column] for row in told] == [f"{one:.2f}" for one in expected]
