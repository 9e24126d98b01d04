"""The exact engine against brute force, its tie-breaks, and its numbers on larger backlogs."""

from dataclasses import replace
from fractions import Fraction
from math import inf
from pathlib import Path
from random import Random
from time import perf_counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.instances import backlog, small_problem
from debtplan.core.problem import AtMost, Candidate, Problem, Status, relief
from debtplan.core.proof import verify
from debtplan.engines import make_engine
from debtplan.engines.backend import make_backend
from debtplan.engines.indexed import index_problem
from debtplan.engines.milp import MilpEngine
from debtplan.engines.program import Answer, Word
from debtplan.engines.search import Search
from tests.engines.brute import TIE, brute_force

ENGINE = make_engine("milp")
seeds = st.integers(0, 2**32)


def check_against_brute_force(problem: Problem) -> None:
    selection, best = ENGINE.select(problem), brute_force(problem)
    assert verify(problem, selection).failures == ()
    if best.chosen is None:
        assert selection.status is Status.INFEASIBLE
        return
    assert (selection.status, selection.chosen) == (Status.OPTIMAL, best.chosen)
    assert selection.value == pytest.approx(best.value, rel=1e-12, abs=1e-12)


@given(problem=st.randoms(use_true_random=False).map(small_problem))
@pytest.mark.slow
def test_drawn_problems_have_the_answer_of_brute_force(problem: Problem) -> None:
    check_against_brute_force(problem)


@settings(max_examples=300)
@given(seed=seeds)
@example(seed=229)
@example(seed=236)
@pytest.mark.slow
def test_random_problems_have_the_answer_of_brute_force(seed: int) -> None:
    check_against_brute_force(small_problem(Random(seed), 9))


@pytest.mark.parametrize(("seed", "most"), [(2817203, 13), (51726, 11), (128809, 11)])
def test_problems_on_which_presolve_misled_the_solver(seed: int, most: int) -> None:
    check_against_brute_force(small_problem(Random(seed), most))


@pytest.mark.soak
@settings(settings.get_profile("soak"))
@given(seed=seeds)
def test_many_random_problems_have_the_answer_of_brute_force(seed: int) -> None:
    check_against_brute_force(small_problem(Random(seed), 13))


@settings(max_examples=40)
@given(seed=seeds)
@pytest.mark.slow
def test_cbc_finds_the_same_value(seed: int) -> None:
    problem = small_problem(Random(seed), 8)
    ours, theirs = ENGINE.select(problem), make_engine("milp", backend="cbc").select(problem)
    assert verify(problem, theirs).failures == ()
    if ours.value is None:
        assert theirs.status is Status.INFEASIBLE
        return
    assert theirs.value == pytest.approx(ours.value, rel=1e-8)
    if theirs.status is Status.OPTIMAL:
        assert theirs.chosen == ours.chosen


def equal_items(keys: str, points: str = "1") -> list[Candidate]:
    return [Candidate(key, Fraction(points), (("m", 0.5),)) for key in keys]


def test_equal_items_go_by_key() -> None:
    assert ENGINE.select(Problem.of(equal_items("dbca"), {"m": 8.0}, Fraction(2))).chosen == (
        "a",
        "b",
    )


def test_equal_sets_keep_what_was_approved() -> None:
    problem = Problem.of(equal_items("abcd"), {"m": 8.0}, Fraction(2), kept=["c", "d", "gone"])
    assert ENGINE.select(problem).chosen == ("c", "d")


def test_fewer_changes_come_before_fewer_points() -> None:
    items = [*equal_items("a"), *equal_items("b", "2")]
    one = [AtMost("one", ("a", "b"), 1)]
    problem = Problem.of(items, {"m": 8.0}, Fraction(2), at_most=one, kept=["b"])
    assert ENGINE.select(problem).chosen == ("b",)


def test_fewer_points_come_before_smaller_keys() -> None:
    items = [*equal_items("a", "2"), *equal_items("b")]
    problem = Problem.of(items, {"m": 8.0}, Fraction(2), at_most=[AtMost("one", ("a", "b"), 1)])
    assert ENGINE.select(problem).chosen == ("b",)


def test_nothing_worthless_is_appended_but_the_smallest_keys_win() -> None:
    items = [Candidate("b", Fraction(1), (("m", 0.5),)), Candidate("c", Fraction(0))]
    assert ENGINE.select(Problem.of(items, {"m": 8.0}, Fraction(1))).chosen == ("b",)


def test_more_ties_than_one_block_of_keys_go_by_key() -> None:
    items = [
        Candidate(f"t:{i:02d}", Fraction(1), ((f"m{i}", 0.5),), (("back", Fraction(i % 3)),))
        for i in range(30)
    ]
    problem = Problem.of(items, {f"m{i}": 4.0 for i in range(30)}, Fraction(5))
    assert ENGINE.select(problem).chosen == tuple(f"t:{i:02d}" for i in range(5))


def test_values_closer_than_the_margin_are_equal() -> None:
    items = [Candidate(key, Fraction(1), ((key, 0.5),)) for key in "ab"]
    near = Problem.of(items, {"a": 1000.0, "b": 1000.0 * (1 + TIE / 4)}, Fraction(1))
    apart = Problem.of(items, {"a": 1000.0, "b": 1000.0 * (1 + TIE * 4)}, Fraction(1))
    assert ENGINE.select(near).chosen == ("a",)
    assert ENGINE.select(apart).chosen == ("b",)


@pytest.mark.parametrize("harm", [5e-324, 1e-304, 1e-12, 1e-9, 1e-6, 1.0, 1e15, 1e100, 1e300])
@pytest.mark.parametrize("points", ["0", "1"])
def test_harms_of_any_size_have_the_answer_of_brute_force(harm: float, points: str) -> None:
    items = [
        Candidate(f"t:{i}", Fraction(points), (("m", 2.0**-i),), requires=("t:5",) * (i < 3))
        for i in range(1, 6)
    ]
    free = Problem.of(items, {"m": harm}, Fraction(2))
    check_against_brute_force(free)
    check_against_brute_force(replace(free, pinned=("t:4", "t:5")))


def test_points_with_wild_denominators_are_added_exactly() -> None:
    parts = [Fraction(1, 3), Fraction(10**12 + 1, 10**12), Fraction(7, 999_999_937)]
    items = [Candidate(f"t:{i}", part, ((f"m{i}", 0.5),)) for i, part in enumerate(parts)]
    harms = {f"m{i}": 10.0 for i in range(3)}
    full = Problem.of(items, harms, sum(parts, Fraction(0)))
    short = Problem.of(items, harms, sum(parts, Fraction(0)) - Fraction(1, 10**30))
    assert len(ENGINE.select(full).chosen) == 3
    selection = ENGINE.select(short)
    assert (selection.status, len(selection.chosen)) == (Status.OPTIMAL, 2)
    assert verify(short, selection).holds


@given(seed=seeds)
def test_the_relaxation_bounds_and_narrows_without_losing_the_best(seed: int) -> None:
    problem = small_problem(Random(seed), 9)
    indexed, best = index_problem(problem), brute_force(problem)
    if best.chosen is None or not indexed.open:
        return
    search = Search(indexed, make_backend("highs"), inf)
    relaxed = search.relax(search.whole_space)
    assert relaxed is not None
    assert search.safe_bound >= best.value * (1 - 1e-12)
    space = search.narrow(relaxed)
    first = indexed.canonical(frozenset(problem.keys.index(key) for key in best.chosen))
    assert space.base <= first <= space.base.union(space.open)


@given(seed=seeds)
def test_an_answer_without_a_bound_claims_what_the_tangents_give(seed: int) -> None:
    problem = small_problem(Random(seed), 9)
    indexed = index_problem(problem)
    if not indexed.is_feasible or not indexed.open:
        return
    search = Search(indexed, make_backend("highs"), inf)
    master = search.master(search.whole_space)
    tangents = search.tangents
    columns = master.columns(search.best)
    word = Answer(Word.OPTIMAL, (*columns, *(0.0 for _ in master.curves)))
    assert master.claim(tangents, word) >= search.value - 1e-9
    master.touch(tangents, columns)
    assert master.claim(tangents, word) == pytest.approx(search.value, rel=1e-9, abs=1e-9)
    assert master.claim(tangents, Answer(Word.FEASIBLE, word.values)) == inf


def test_a_team_s_backlog_is_optimal_within_a_second() -> None:
    problem = backlog(Random(0), 200, 30, 0.2)
    started = perf_counter()
    selection = ENGINE.select(problem)
    assert selection.status is Status.OPTIMAL
    assert perf_counter() - started < 1.0
    assert selection.value is not None
    greedy = make_engine("greedy").select(problem)
    assert selection.value > relief(problem, greedy.chosen)


@pytest.mark.slow
def test_a_limit_of_a_moment_gives_a_labelled_selection_with_a_bound() -> None:
    problem = backlog(Random(0), 1500, 30, 0.2)
    started = perf_counter()
    selection = MilpEngine(make_backend("highs"), 0.3).select(problem)
    assert perf_counter() - started < 5.3
    assert selection.status in (Status.FEASIBLE, Status.GREEDY)
    assert selection.gap is not None
    assert 0 < selection.gap < 0.01
    assert verify(problem, selection).failures == ()


def test_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    make_engine("milp", backend="cbc").select(backlog(Random(3), 20, 4, 0.2))
    ENGINE.select(backlog(Random(3), 20, 4, 0.2))
    assert list(tmp_path.iterdir()) == []
