"""Exchanges only ever gain, keep every rule and give the same set every time."""

from dataclasses import replace
from fractions import Fraction
from math import inf
from random import Random

import pytest

from debtplan.core.problem import Candidate, Problem, Status
from debtplan.core.proof import verify
from debtplan.engines import make_engine
from debtplan.engines.greedy import fill
from debtplan.engines.improve import improve
from debtplan.engines.indexed import index_problem
from debtplan.engines.milp import MilpEngine
from debtplan.engines.program import NOTHING, Answer, Backend, Program
from tests.engines.brute import brute_force


def knapsack(items: int, rows: int, seed: int, scale: int = 1) -> Problem:
    rng = Random(seed)
    roles = [f"row {number}" for number in range(1, rows)]
    candidates, harms = [], {}
    for number in range(items):
        key = f"t:{number:03d}"
        weights = [Fraction(rng.randint(1, 1000) * scale) for _ in range(rows)]
        harms[key] = 2.0 * (int(sum(weights)) // rows // scale + rng.randint(1, 500))
        spent = tuple(zip(roles, weights[1:], strict=True))
        candidates.append(Candidate(key, weights[0], ((key, 0.5),), spent))
    most = Fraction(items * 125 * scale)
    return Problem.of(candidates, harms, most, roles=dict.fromkeys(roles, most))


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("debtplan.engines.improve.ROUNDS", 20)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.slow
def test_a_set_gets_better_or_stays_and_keeps_every_rule(seed: int) -> None:
    indexed = index_problem(knapsack(60, 5, seed))
    start = fill(indexed)
    found = improve(indexed, start, range(60), range(2), inf)
    assert indexed.allows(found)
    assert indexed.value(found) > indexed.value(start)
    assert improve(indexed, start, range(60), range(2), inf) == found


def test_on_small_problems_it_finds_the_best_set() -> None:
    for seed in range(5):
        problem = knapsack(12, 3, seed)
        indexed = index_problem(problem)
        found = improve(indexed, fill(indexed), range(12), range(1), inf)
        assert indexed.value(found) == pytest.approx(brute_force(problem).value)


def test_a_pin_stays_and_what_may_not_be_exchanged_too() -> None:
    problem = replace(knapsack(60, 5, 1), pinned=("t:000", "t:001"))
    indexed = index_problem(problem)
    start, order = fill(indexed), [i for i in indexed.open if i % 3]
    found = improve(indexed, start, order, range(2), inf)
    assert found - set(order) == start - set(order)
    assert indexed.forced <= found


def test_numbers_too_large_and_values_without_steps_are_left_alone() -> None:
    large = index_problem(knapsack(20, 3, 1, scale=10**15))
    assert improve(large, frozenset(), range(20), range(1), inf) == frozenset()
    problem = knapsack(20, 3, 1)
    odd = index_problem(replace(problem, harms=tuple((m, h + 0.1) for m, h in problem.harms)))
    assert odd.steps is None
    assert improve(odd, frozenset(), range(20), range(1), inf) == frozenset()


def test_time_that_is_over_ends_it() -> None:
    indexed = index_problem(knapsack(200, 5, 1))
    start = fill(indexed)
    assert indexed.allows(improve(indexed, start, range(200), range(10**9), 0.0))


class OnlyRelaxes:
    """A solver that knows prices and nothing else."""

    name = "relaxes"
    second: Backend | None = None

    def __init__(self) -> None:
        self.engine = make_engine("milp", backend="highs")

    def solve(
        self,
        program: Program,
        time_limit_s: float,
        gap: float = 0.0,
        *,
        is_presolved: bool = True,
        nodes: int | None = None,
    ) -> Answer:
        if program.whole:
            return NOTHING
        assert isinstance(self.engine, MilpEngine)
        return self.engine.backend.solve(program, time_limit_s, gap)


@pytest.mark.slow
def test_a_large_knapsack_gets_a_better_set_even_where_the_solver_gives_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = knapsack(200, 5, 2)
    monkeypatch.setattr("debtplan.engines.nearby.LEAST_S", inf)
    monkeypatch.setattr("debtplan.engines.exchange.PASSES", range(1, 2))
    with_exchanges = MilpEngine(OnlyRelaxes(), 60.0).any_best(problem)
    monkeypatch.setattr("debtplan.engines.exchange.FEWEST", inf)
    without = MilpEngine(OnlyRelaxes(), 60.0).any_best(problem)
    assert with_exchanges.status is without.status is Status.GREEDY
    assert verify(problem, with_exchanges).failures == ()
    assert with_exchanges.value is not None
    assert without.value is not None
    assert with_exchanges.value > without.value
    assert with_exchanges.bound == without.bound
