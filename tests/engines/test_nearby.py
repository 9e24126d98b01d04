"""Knapsacks in which branching gets stuck: the sets near the bound are looked through."""

from fractions import Fraction
from random import Random
from time import perf_counter

import pytest

from debtplan.core.problem import Candidate, Problem
from debtplan.engines import make_engine, nearby
from debtplan.engines.backend import make_backend
from debtplan.engines.indexed import index_problem
from debtplan.engines.nearby import look_nearby
from debtplan.engines.search import Search

pytestmark = pytest.mark.slow


def knapsack(seed: int, items: int = 40, rows: int = 3) -> Problem:
    """A plain knapsack of several rows, whole values that go with the weights."""
    rng = Random(seed)
    roles = [f"role {n}" for n in range(rows - 1)]
    candidates, harms = [], {}
    for i in range(items):
        weights = [Fraction(rng.randint(10, 100)) for _ in range(rows)]
        harms[f"m{i:02}"] = float(2 * (sum(weights) // rows + rng.randint(0, 25)))
        parts = tuple(zip(roles, weights[1:], strict=True))
        candidates.append(Candidate(f"k{i:02}", weights[0], ((f"m{i:02}", 0.5),), parts))
    limits = {role: Fraction(items * 25) for role in roles}
    return Problem.of(candidates, harms, Fraction(items * 25), roles=limits)


def searched(problem: Problem, left_s: float = 60.0) -> Search:
    search = Search(index_problem(problem), make_backend("auto"), perf_counter() + left_s)
    look_nearby(search)
    return search


@pytest.mark.parametrize("seed", range(4))
def test_what_is_found_near_the_bound_is_the_best(seed: int) -> None:
    problem = knapsack(seed)
    search = searched(problem)
    best = make_engine("milp").any_best(problem)
    assert search.is_proven
    assert search.is_from_solver
    assert search.value == best.value
    assert search.is_allowed(search.best)


def test_a_look_that_gives_up_leaves_a_bound_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "PARTS", 50)
    problem = knapsack(7)
    search = searched(problem)
    best = make_engine("milp").any_best(problem).value or 0.0
    assert search.value <= best <= search.bound


def test_nothing_is_looked_for_without_time_or_where_rows_are_many() -> None:
    for problem, left_s in ((knapsack(1), 1.0), (knapsack(1, rows=25), 60.0)):
        search = searched(problem, left_s)
        greedy = Search(search.indexed, search.backend, perf_counter() + 60)
        assert (search.value, search.bound) == (greedy.value, greedy.bound)
        assert not search.is_from_solver
