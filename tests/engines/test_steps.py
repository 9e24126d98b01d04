"""Problems whose values add up: bounds by steps, and the second solver where the first is stuck."""

from dataclasses import replace
from fractions import Fraction
from math import inf
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.instances import backlog, small_problem
from debtplan.core.problem import Candidate, Problem, Status
from debtplan.core.proof import verify
from debtplan.engines import make_engine
from debtplan.engines.backend import CbcBackend, HighsBackend
from debtplan.engines.indexed import index_problem
from debtplan.engines.milp import MilpEngine
from debtplan.engines.program import NOTHING, Answer, Backend, LinearRow, Program, Word
from tests.engines.brute import TIE, brute_force
from tests.engines.stepped import stepped_problem

ENGINE = make_engine("milp")
SWEPT = 200_000
seeds = st.integers(0, 2**32)


def check_against_brute_force(problem: Problem) -> None:
    best = brute_force(problem)
    first, any_one = ENGINE.select(problem), ENGINE.any_best(problem)
    assert verify(problem, first).failures == verify(problem, any_one).failures == ()
    if best.chosen is None:
        assert first.status is any_one.status is Status.INFEASIBLE
        return
    assert (first.status, first.chosen) == (Status.OPTIMAL, best.chosen)
    assert any_one.status is Status.OPTIMAL
    assert any_one.value == pytest.approx(best.value, abs=TIE * max(1.0, best.value))


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every problem of steps one that the first solver is not even asked about."""
    for name in ("HARD_SIZE", "HARD_PART"):
        monkeypatch.setattr(f"debtplan.engines.search.{name}", -1)
    monkeypatch.setattr("debtplan.engines.search.HARD_GAP", -1.0)


@settings(max_examples=200)
@given(seed=seeds)
@pytest.mark.slow
def test_whole_values_have_the_answer_of_brute_force(seed: int) -> None:
    check_against_brute_force(stepped_problem(Random(seed)))


@pytest.mark.usefixtures("stuck")
def test_the_second_solver_has_the_answer_of_brute_force() -> None:
    for seed in range(40):
        check_against_brute_force(stepped_problem(Random(seed)))


@pytest.mark.soak
@pytest.mark.parametrize("part", range(20))
def test_two_hundred_thousand_problems_have_the_answer_of_brute_force(part: int) -> None:
    for seed in range(part * SWEPT // 20, (part + 1) * SWEPT // 20):
        make = stepped_problem if seed % 4 == 0 else small_problem
        check_against_brute_force(make(Random(seed), 9))


def knapsack(items: int, seed: int) -> Problem:
    rng = Random(seed)
    keys = [f"t:{number:03d}" for number in range(items)]
    rows = ("a", "b", "c", "d")
    candidates = [
        Candidate(
            key,
            Fraction(rng.randint(1, 1000)),
            ((key, 0.5),),
            tuple((row, Fraction(rng.randint(1, 1000))) for row in rows),
        )
        for key in keys
    ]
    harms = {key: 2.0 * rng.randint(100, 999) for key in keys}
    most = Fraction(items * 250)
    return Problem.of(candidates, harms, most, roles=dict.fromkeys(rows, most))


@pytest.mark.slow
def test_the_second_solver_helps_where_the_first_is_stuck_and_is_named() -> None:
    problem = knapsack(70, 3)
    selection = ENGINE.any_best(problem)
    assert selection.status is Status.OPTIMAL
    assert "HiGHS" in selection.backend
    assert "CBC" in selection.backend
    assert MilpEngine(HighsBackend(), 60.0).any_best(problem).value == selection.value


def test_a_second_solver_that_says_nothing_leaves_the_work_to_the_first() -> None:
    class Silent(CbcBackend):
        def solve(
            self,
            program: Program,
            time_limit_s: float,
            gap: float = 0.0,
            *,
            is_presolved: bool = True,
            nodes: int | None = None,
        ) -> Answer:
            return NOTHING

    backend = HighsBackend(Silent())
    selection = MilpEngine(backend, 60.0).any_best(knapsack(62, 1))
    assert selection.status is Status.OPTIMAL
    assert "CBC" not in selection.backend


def test_a_backlog_with_shared_metrics_never_meets_the_second_solver() -> None:
    problem = backlog(Random(5), 80, 6, 0.2)
    assert index_problem(problem).steps is None
    assert "CBC" not in ENGINE.select(problem).backend


@pytest.mark.slow
def test_any_best_is_proven_on_a_backlog_that_one_part_does_not_cover() -> None:
    problem = backlog(Random(0), 1_000, 30, 0.2)
    first, any_one = ENGINE.select(problem), ENGINE.any_best(problem)
    assert (first.status, any_one.status) == (Status.OPTIMAL, Status.OPTIMAL)
    assert any_one.value == pytest.approx(first.value, rel=1e-8)


def test_steps_are_exact_or_none() -> None:
    items = [Candidate("a", Fraction(1), (("a", 0.5),)), Candidate("b", Fraction(1), (("b", 0.5),))]
    whole = index_problem(Problem.of(items, {"a": 6.0, "b": 4.0}, Fraction(2))).steps
    assert whole is not None
    assert (whole.size, whole.worths) == (1.0, (3, 2))
    assert [whole.down(bound) for bound in (4.999, 5.0, 5.0 - 1e-9)] == [4.0, 5.0, 5.0]
    assert whole.down(inf) == inf
    odd = Problem.of(items, {"a": 6.1, "b": 4.0}, Fraction(2))
    assert index_problem(odd).steps is None
    tiny = Problem.of(items, {"a": 2.0**-40, "b": 2.0**-40}, Fraction(2))
    assert index_problem(tiny).steps is None
    shared = [items[0], replace(items[1], removals=(("a", 0.5),))]
    assert index_problem(Problem.of(shared, {"a": 6.0}, Fraction(2))).steps is None


PROGRAM = Program(
    gains=tuple(float(10 + (7 * i) % 13) for i in range(30)),
    upper=(1.0,) * 30,
    rows=tuple(
        LinearRow(tuple((i, float(5 + (i * k) % 17)) for i in range(30)), 90.0)
        for k in (3, 5, 11, 7)
    ),
    whole=30,
)


@pytest.mark.parametrize("backend", [HighsBackend(), CbcBackend()], ids=["highs", "cbc"])
def test_a_limit_on_branches_gives_a_solution_with_a_bound(backend: Backend) -> None:
    full, part = backend.solve(PROGRAM, 30.0), backend.solve(PROGRAM, 30.0, nodes=2)
    assert full.word is Word.OPTIMAL
    assert part.word in (Word.FEASIBLE, Word.OPTIMAL)
    best = sum(gain * value for gain, value in zip(PROGRAM.gains, full.values, strict=True))
    if part.word is Word.FEASIBLE:
        assert part.bound is not None
        assert part.bound >= best - 1e-6


def test_cbc_is_ended_when_it_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("debtplan.engines.cbc.GRACE_S", -1.0)
    assert CbcBackend().solve(replace(PROGRAM, gains=PROGRAM.gains), 1.0) == NOTHING
