"""Whether a text looks like debt: signs, quotes left out, and the order of the list."""

import time
from pathlib import Path

import pytest

from benchmarks.debt_text import fit, measure, read_texts
from debtplan.core.debt_words import (
    ANY_SIGN,
    INTERCEPT,
    PHRASES,
    SUSPECT,
    WEIGHED_SIGNS,
    find_unmarked,
    looks_like_debt,
    read_signs,
)
from tests.builders import item


@pytest.mark.parametrize(
    "text",
    [
        "Refactor the address service, the code is a mess and hard to read",
        "Remove the unused helper classes",
        "This test is flaky, maybe we should clean it up",
        "There is a memory leak in the parser",
        "Duplicated logic: it would be nice to simplify this method",
    ],
)
def test_what_speaks_of_debt_is_suspected(text: str) -> None:
    assert looks_like_debt(text) >= SUSPECT


@pytest.mark.parametrize(
    "text",
    ["", "Thanks!", "LGTM, merged", "Ship the summer campaign", "retest this please", "+1"],
)
def test_what_does_not_is_left_alone(text: str) -> None:
    assert looks_like_debt(text) < SUSPECT


def test_quotes_addresses_and_code_are_not_what_the_writer_says() -> None:
    said = (
        "> refactor this ugly hack\n```\nTODO: workaround\n```\nhttps://x.example/cleanup @legacy"
    )
    assert read_signs(said)[0] == ()
    assert read_signs("refactor this\n> fine")[0] == ("refactor\\w*",)


def test_a_fence_that_never_ends_hides_the_rest() -> None:
    assert read_signs("plain\n```\nTODO: hack")[0] == ()


def test_the_likelihood_is_the_sum_of_what_is_found() -> None:
    from math import exp, log

    from debtplan.core.debt_words import PER_LOG_WORD

    odds = INTERCEPT + PER_LOG_WORD * log(1 + 1) + ANY_SIGN + WEIGHED_SIGNS["typo"]
    odds += PHRASES.get("typo", 0.0)
    assert looks_like_debt("typo") == pytest.approx(1 / (1 + exp(-odds)))


def test_the_likeliest_comes_first_then_the_key() -> None:
    clear = "Refactor: remove unused, redundant and confusing code, fix the leak"
    rows = find_unmarked(
        [item("A-3", title="LGTM"), item("A-2", title=clear), item("A-1", title=clear)]
    )
    assert [one.key for one, _ in rows] == ["jira:A-1", "jira:A-2"]


def test_a_hostile_text_costs_little() -> None:
    started = time.process_time()
    for text in ("```" * 50_000, "> " * 90_000, "clean " * 50_000, "too " * 90_000, "`" * 99_999):
        looks_like_debt(text)
    assert time.process_time() - started < 1.0


@pytest.mark.slow
def test_no_text_of_a_held_out_project_is_fitted_and_the_rest_gives_the_weights(
    data_dir: Path,
) -> None:
    texts = read_texts(data_dir)
    seen = {one.project for one in texts if not one.is_held_out}
    assert seen
    assert seen.isdisjoint(one.project for one in texts if one.is_held_out)
    weights = fit([one for one in texts if not one.is_held_out])
    assert {name: weights.get(name) for name in PHRASES} == PHRASES
    assert {name: weights[f"sign {name}"] for name in WEIGHED_SIGNS} == WEIGHED_SIGNS
    assert (weights["intercept"], weights["any sign"]) == (INTERCEPT, ANY_SIGN)


@pytest.mark.slow
def test_on_projects_never_seen_it_beats_chance_three_times(data_dir: Path) -> None:
    found = {one.figure: one.value for one in measure(data_dir)}
    assert found["debt text, held out: precision"] > 0.4
    assert found["debt text, held out: recall"] > 0.55
    assert found["debt text, held out: average precision"] > 3 * 0.12
