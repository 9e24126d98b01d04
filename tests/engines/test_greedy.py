"""The baseline does what sorting by value per point does, step by step."""

from fractions import Fraction
from math import inf
from random import Random
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.instances import backlog, small_problem
from debtplan.core.problem import Candidate, Problem, Status, relief
from debtplan.core.proof import rows
from debtplan.engines.greedy import GreedyEngine

ENGINE = GreedyEngine()


def closure(problem: Problem, keys: set[str]) -> set[str]:
    needs = {one.key: one.requires for one in problem.candidates}
    found = set(keys)
    while more := {need for key in found for need in needs[key]} - found:
        found |= more
    return found


def is_allowed(problem: Problem, keys: set[str]) -> bool:
    return all(check.holds for check in rows(problem, tuple(sorted(keys))))


def plain_greedy(problem: Problem) -> tuple[str, ...]:
    """The same rule without a heap: look at everything, take the best, again."""
    points = {one.key: one.points for one in problem.candidates}
    chosen = closure(problem, set(problem.pinned))
    while True:
        offers = []
        for key in set(problem.keys) - chosen:
            more = closure(problem, {key}) - chosen
            added = relief(problem, chosen | more) - relief(problem, chosen)
            if added > 1e-9 and is_allowed(problem, chosen | more):
                cost = sum((points[one] for one in more), Fraction(0))
                worth = added / float(cost) if cost else inf
                offers.append((-float(f"{worth:.9g}"), cost, -float(f"{added:.9g}"), key, more))
        if not offers:
            return tuple(sorted(chosen))
        chosen |= min(offers)[4]


@given(seed=st.integers(0, 2**32))
def test_the_heap_takes_what_a_plain_loop_takes(seed: int) -> None:
    problem = small_problem(Random(seed), 9, round_share=0.0)
    selection = ENGINE.select(problem)
    if selection.status is not Status.INFEASIBLE:
        assert selection.chosen == plain_greedy(problem)


def test_value_per_point_is_recomputed_after_each_pick() -> None:
    items = [
        Candidate("a", Fraction(1), (("m", 0.9),)),
        Candidate("b", Fraction(1), (("m", 0.8),)),
        Candidate("c", Fraction(1), (("n", 0.3),)),
    ]
    problem = Problem.of(items, {"m": 10.0, "n": 10.0}, Fraction(2))
    assert ENGINE.select(problem).chosen == ("a", "c")


def test_an_item_counts_together_with_what_it_needs() -> None:
    items = [
        Candidate("a", Fraction(1), (("m", 0.5),), requires=("b",)),
        Candidate("b", Fraction(4)),
        Candidate("c", Fraction(2), (("n", 0.5),)),
    ]
    problem = Problem.of(items, {"m": 10.0, "n": 10.0}, Fraction(5))
    assert ENGINE.select(problem).chosen == ("c",)


def test_a_prerequisite_that_is_taken_makes_the_rest_cheaper() -> None:
    items = [
        Candidate("a", Fraction(1), (("m", 0.5),), requires=("b",)),
        Candidate("b", Fraction(4), (("n", 0.9),)),
        Candidate("c", Fraction(1), (("o", 0.3),)),
    ]
    problem = Problem.of(items, {"m": 10.0, "n": 40.0, "o": 10.0}, Fraction(5))
    assert ENGINE.select(problem).chosen == ("a", "b")


def test_equal_worth_goes_to_fewer_points_then_to_the_key() -> None:
    items = [
        Candidate("a", Fraction(2), (("m", 0.5),)),
        Candidate("c", Fraction(1), (("n", 0.5),)),
        Candidate("b", Fraction(1), (("o", 0.5),)),
    ]
    problem = Problem.of(items, {"m": 20.0, "n": 10.0, "o": 10.0}, Fraction(1))
    assert ENGINE.select(problem).chosen == ("b",)


def test_it_can_miss_the_best_and_claims_no_bound() -> None:
    items = [
        Candidate("a", Fraction(1), (("m", 0.6),)),
        Candidate("b", Fraction(2), (("n", 0.9),)),
    ]
    selection = ENGINE.select(Problem.of(items, {"m": 10.0, "n": 10.0}, Fraction(2)))
    assert (selection.status, selection.chosen) == (Status.GREEDY, ("a",))
    assert (selection.bound, selection.gap) == (None, None)


@pytest.mark.slow
def test_ten_thousand_items_take_seconds_at_most() -> None:
    problem = backlog(Random(0), 10_000, 100, 0.2, 0.02)
    started = perf_counter()
    ENGINE.select(problem)
    assert perf_counter() - started < 5.0
