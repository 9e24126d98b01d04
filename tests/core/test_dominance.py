"""What is left out is in no first best set: brute force says so, with and without it."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.instances import backlog, small_problem
from debtplan.core.dominance import without_beaten
from debtplan.core.problem import AtMost, Candidate, Problem
from tests.engines.brute import brute_force

seeds = st.integers(0, 2**32)


def crowded(seed: int, most: int = 9) -> Problem:
    """Return a problem in which many candidates are comparable and few of them fit."""
    rng = Random(seed)
    problem = small_problem(rng, most, round_share=0.8)
    loose = (
        replace(one, requires=one.requires * (rng.random() < 0.2)) for one in problem.candidates
    )
    return replace(
        problem, candidates=tuple(loose), ceiling=problem.ceiling * Fraction(rng.randint(1, 10), 10)
    )


def left_out(problem: Problem, slim: Problem) -> set[str]:
    return set(problem.keys) - set(slim.keys)


@settings(max_examples=400)
@given(seed=seeds)
@pytest.mark.slow
def test_the_first_best_set_is_the_same_without_the_beaten(seed: int) -> None:
    problem = crowded(seed)
    assert brute_force(without_beaten(problem)).chosen == brute_force(problem).chosen


@settings(max_examples=200)
@given(seed=seeds, tenths=st.integers(0, 10))
def test_it_is_the_same_at_a_lower_ceiling(seed: int, tenths: int) -> None:
    problem = crowded(seed)
    slim = without_beaten(problem)
    ceiling = problem.ceiling * tenths / 10
    assert (
        brute_force(replace(slim, ceiling=ceiling)).chosen
        == brute_force(replace(problem, ceiling=ceiling)).chosen
    )


@settings(max_examples=200)
@given(seed=seeds, place=st.integers(0, 8))
def test_it_is_the_same_with_one_more_pin_of_what_was_kept(seed: int, place: int) -> None:
    problem = crowded(seed)
    pin = problem.keys[place % len(problem.keys)]
    slim = without_beaten(problem, keep=[pin])
    pinned = tuple(sorted({*problem.pinned, pin}))
    assert (
        brute_force(replace(slim, pinned=pinned)).chosen
        == brute_force(replace(problem, pinned=pinned)).chosen
    )


@settings(max_examples=200)
@given(seed=seeds, place=st.integers(0, 8), quarters=st.integers(0, 16))
def test_it_is_the_same_when_one_gets_cheaper_by_the_slack(
    seed: int, place: int, quarters: int
) -> None:
    problem = crowded(seed)
    key = problem.keys[place % len(problem.keys)]
    slack = Fraction(quarters, 4)
    slim = without_beaten(problem, keep=[key], slack=slack)

    def cheaper(whole: Problem) -> Problem:
        return replace(
            whole,
            candidates=tuple(
                replace(one, points=max(Fraction(0), one.points - slack)) if one.key == key else one
                for one in whole.candidates
            ),
        )

    assert brute_force(cheaper(slim)).chosen == brute_force(cheaper(problem)).chosen


@given(seed=seeds)
def test_what_rules_name_stays(seed: int) -> None:
    problem = crowded(seed)
    named = {*problem.pinned, *problem.forbidden}
    named |= {key for one in problem.candidates for key in one.requires}
    named |= {one.key for one in problem.candidates if one.requires}
    assert not named & left_out(problem, without_beaten(problem))


def test_something_is_left_out_where_rivals_fill_the_reserve() -> None:
    items = [Candidate(key, Fraction(2), (("m", 0.5),)) for key in "abcd"]
    slim = without_beaten(Problem.of(items, {"m": 8.0}, Fraction(5)))
    assert slim.keys == ("a", "b")


def test_a_dearer_role_an_alternative_or_an_approved_plan_is_no_rival() -> None:
    items = [
        Candidate("a", Fraction(2), (("m", 0.5),), (("back", Fraction(2)),)),
        Candidate("b", Fraction(2), (("m", 0.5),), (("back", Fraction(1)),)),
    ]
    harms = {"m": 8.0}
    role = Problem.of(items, harms, Fraction(2), roles={"back": Fraction(9)})
    rule = Problem.of(items, harms, Fraction(2), at_most=[AtMost("one", ("a",), 1)])
    kept = Problem.of(items, harms, Fraction(2), kept=["b"])
    assert without_beaten(role).keys == without_beaten(rule).keys == ("a", "b")
    assert without_beaten(kept).keys == ("a", "b")
    assert without_beaten(Problem.of(items, harms, Fraction(2))).keys == ("a",)


def test_a_backlog_far_larger_than_its_reserve_gets_much_smaller() -> None:
    problem = replace(backlog(Random(0), 1000, 3, 0.2), ceiling=Fraction(12))
    assert len(without_beaten(problem).keys) < 0.6 * len(problem.keys)
