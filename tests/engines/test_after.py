"""Items that wait for one of several others."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from benchmarks.instances import small_problem
from debtplan.core.problem import After, AtMost, Candidate, Problem, Status
from debtplan.core.proof import verify
from debtplan.engines import make_engine
from tests.engines.brute import TIE, brute_force

ENGINE = make_engine()


def with_ways(rng: Random, problem: Problem) -> Problem:
    """The problem with some items that wait for one of a few; items without pins or bans only."""
    keys = list(problem.keys)
    after = [
        After(key, tuple(rng.sample(others, min(len(others), rng.randint(1, 3)))))
        for key in keys
        if rng.random() < 0.4 and (others := [one for one in keys if one != key])
    ]
    return Problem.of(
        problem.candidates,
        dict(problem.harms),
        problem.ceiling,
        roles=dict(problem.roles),
        at_most=problem.at_most,
        after=after,
        forbidden=problem.forbidden,
        kept=problem.kept,
    )


def check(seed: int) -> None:
    rng = Random(seed)
    problem = with_ways(rng, small_problem(rng, 9))
    best = brute_force(problem)
    found = ENGINE.select(problem)
    assert found.status is Status.OPTIMAL, seed
    assert verify(problem, found).holds, seed
    assert found.chosen == best.chosen, seed
    any_best = ENGINE.any_best(problem)
    assert any_best.value == pytest.approx(best.value, abs=TIE * max(1.0, best.value)), seed


@pytest.mark.parametrize("block", range(4))
def test_drawn_problems_have_the_answer_of_brute_force(block: int) -> None:
    for seed in range(block * 50, block * 50 + 50):
        check(seed)


@pytest.mark.soak
def test_many_drawn_problems_have_the_answer_of_brute_force() -> None:
    for seed in range(20_000):
        check(seed)


def one(key: str, removal: float, *requires: str) -> Candidate:
    return Candidate(key, Fraction(1), (("m", removal),), requires=requires)


def test_the_greedy_rule_takes_what_waits_once_a_way_is_open() -> None:
    problem = Problem.of(
        [one("a", 0.1), one("b", 0.5)], {"m": 10.0}, Fraction(2), after=[After("b", ("a",))]
    )
    assert make_engine("greedy").select(problem).chosen == ("a", "b")


def test_what_waits_for_the_forbidden_stays_out() -> None:
    problem = Problem.of(
        [one("a", 0.1), one("b", 0.5)],
        {"m": 10.0},
        Fraction(2),
        after=[After("b", ("a",))],
        forbidden=["a"],
    )
    assert ENGINE.select(problem).chosen == ()


def test_a_way_may_be_any_of_exclusive_ones() -> None:
    problem = Problem.of(
        [one("a1", 0.1), one("a2", 0.2), one("b", 0.5)],
        {"m": 10.0},
        Fraction(2),
        at_most=[AtMost("once", ("a1", "a2"), 1)],
        after=[After("b", ("a1", "a2"))],
    )
    assert ENGINE.select(problem).chosen == ("a2", "b")


def test_what_a_pin_needs_cannot_wait_for_one_of_several() -> None:
    problem = Problem.of([one("a", 0.1), one("b", 0.5, "a")], {"m": 1.0}, Fraction(2), pinned=["b"])
    with pytest.raises(ValueError, match="pinned items have several ways"):
        Problem.of(
            problem.candidates, {"m": 1.0}, Fraction(2), pinned=["b"], after=[After("a", ("b",))]
        )


def test_the_proof_names_the_ways_that_are_missing() -> None:
    problem = Problem.of(
        [one("a", 0.1), one("b", 0.5)], {"m": 10.0}, Fraction(2), after=[After("b", ("a",))]
    )
    wrong = replace(ENGINE.select(problem), chosen=("b",), value=5.0, bound=5.0, gap=0.0)
    assert "b after a" in [check.rule for check in verify(problem, wrong).failures]
