"""Keeping an approved plan for a part of the value, against every set tried."""

from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.instances import backlog, small_problem
from debtplan.core.problem import Candidate, Problem, Selection, Status
from debtplan.core.proof import verify
from debtplan.engines import make_engine
from tests.engines.brute import kept_by_force

ENGINE = make_engine("milp")
PARTS = (0.001, 0.01, 0.05, 0.2, 0.5)
seeds = st.integers(0, 2**32)


def drawn(seed: int, most: int) -> Problem:
    """A problem of every kind of rule with something approved, perhaps not allowed any more."""
    draw = Random(seed)
    problem = small_problem(draw, most)
    kept = tuple(key for key in problem.keys if draw.random() < 0.4)
    return replace(problem, kept=kept, keep_within=draw.choice(PARTS))


def check(problem: Problem) -> None:
    selection, wanted = ENGINE.select(problem), kept_by_force(problem)
    assert verify(problem, selection).failures == ()
    if wanted is None:
        assert selection.status is Status.INFEASIBLE
        return
    assert (selection.status, selection.chosen) == (Status.OPTIMAL, wanted)


@settings(max_examples=200)
@given(seed=seeds)
@pytest.mark.slow
def test_the_nearest_plan_within_the_part_is_that_of_brute_force(seed: int) -> None:
    check(drawn(seed, 9))


@pytest.mark.soak
@settings(settings.get_profile("soak"))
@given(seed=seeds)
def test_many_kept_plans_are_those_of_brute_force(seed: int) -> None:
    check(drawn(seed, 12))


def simple(**more: Any) -> Problem:
    """Items a, b, c of one point each, worth 10.0, 9.9 and 9.0; two fit."""
    worth = {"a": 10.0, "b": 9.9, "c": 9.0}
    items = [Candidate(key, Fraction(1), ((key, 0.5),)) for key in worth]
    problem = Problem.of(items, {key: 2 * one for key, one in worth.items()}, Fraction(2))
    return replace(problem, **more)


def test_without_the_setting_the_best_plan_wins_whatever_was_approved() -> None:
    assert ENGINE.select(simple(kept=("b", "c"))).chosen == ("a", "b")


def test_the_approved_plan_stays_where_it_is_worth_enough() -> None:
    selection = ENGINE.select(simple(kept=("b", "c"), keep_within=0.06))
    assert selection.chosen == ("b", "c")
    assert selection.status is Status.OPTIMAL
    assert selection.value == pytest.approx(18.9)
    assert selection.bound == pytest.approx(19.9)


def test_of_equally_few_changes_the_most_value_wins() -> None:
    selection = ENGINE.select(simple(kept=("c", "gone"), keep_within=0.2))
    assert selection.chosen == ("a", "c")


def test_nothing_approved_leaves_the_best_plan() -> None:
    assert ENGINE.select(simple(keep_within=0.5)).chosen == ("a", "b")


def test_a_plan_that_gives_up_more_than_allowed_does_not_hold() -> None:
    problem = simple(kept=("b", "c"), keep_within=0.01)
    stated = Selection(Status.OPTIMAL, ("b", "c"), 18.9, 19.9, 1.0 / 18.9, "milp")
    failures = verify(problem, stated).failures
    assert [check.rule for check in failures] == [
        "keeping what is approved costs at most 0.01 of the value"
    ]
    assert verify(replace(problem, keep_within=0.06), stated).holds


@pytest.mark.parametrize("part", [-0.1, 1.0, 2.0])
def test_a_part_that_is_none_is_refused(part: float) -> None:
    with pytest.raises(ValueError, match="keep_within"):
        Problem.of([], {}, Fraction(0), keep_within=part)


@pytest.mark.slow
def test_a_team_s_backlog_keeps_more_of_the_plan_the_more_may_be_given_up() -> None:
    draw = Random(200)
    problem = backlog(draw, 200, 30, 0.2)
    best = ENGINE.select(problem)
    kept = {key for key in best.chosen if draw.random() < 0.8}
    kept |= {key for key in problem.keys if key not in best.chosen and draw.random() < 0.08}
    changes = []
    for part in (0.0, 0.01, 0.05):
        asked = replace(problem, kept=tuple(sorted(kept)), keep_within=part)
        selection = ENGINE.select(asked)
        assert selection.status is Status.OPTIMAL
        assert verify(asked, selection).failures == ()
        changes.append(len(kept.symmetric_difference(selection.chosen)))
    assert changes == sorted(changes, reverse=True)
    assert changes[-1] < changes[0]
