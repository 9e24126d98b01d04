"""Questions for which a set that is worth enough will do, and prices taken from a like problem."""

from dataclasses import replace
from fractions import Fraction
from math import floor
from random import Random
from time import perf_counter

import pytest

from benchmarks.instances import backlog, small_problem
from debtplan.core.delta import find_delta
from debtplan.core.explain import Question, answer
from debtplan.core.flips import Flips
from debtplan.core.problem import Problem, Selection, Status
from debtplan.engines import closing, make_engine, near, relaxation
from debtplan.engines.closing import Closing, Start
from debtplan.engines.explorer import Explorer
from debtplan.engines.frame import make_frame, whole_box
from debtplan.engines.indexed import index_problem
from debtplan.engines.relaxation import Relaxation
from tests.engines.brute import TIE, brute_force
from tests.engines.test_after import with_ways

ENGINE = make_engine("milp")
EXPLORER = Explorer("milp", "auto", 60.0)


def explored(base: Problem, problem: Problem, enough: float) -> Selection:
    """The explorer's answer."""
    known = ENGINE.select(base).chosen
    deltas = [find_delta(base, problem)]
    (portion,) = EXPLORER.portions(base, known, deltas, is_first=False, enough=enough)
    (found,) = portion()
    return found


@pytest.mark.parametrize("many", [0, 300], ids=["dived", "not dived"])
@pytest.mark.parametrize("part", [0.5, 0.9, 1.0, 1.01, 2.0])
def test_a_set_worth_enough_is_found_if_there_is_one(
    part: float, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "MANY", many)
    monkeypatch.setattr(closing, "DIVE", 3)
    monkeypatch.setattr(closing, "FEW", 0)
    monkeypatch.setattr(near, "PORTION", 7)
    monkeypatch.setattr(relaxation, "NEAREST", 4)
    told = 0
    for seed in range(60):
        rng = Random(seed)
        problem = small_problem(rng, 9)
        problem = with_ways(rng, problem) if seed % 3 == 0 else problem
        best = brute_force(problem)
        if best.chosen is None or best.value == 0:
            continue
        indexed = index_problem(problem)
        # What is worth just as much is enough.
        enough = part * best.value - (TIE * best.value if part == 1.0 else 0.0)
        found = Closing(make_frame(indexed), Start(), enough=enough).run([], perf_counter() + 60)
        if found is None or not found.is_proven:
            continue
        told += 1
        assert (found.value >= enough) == (part <= 1.0), seed
        assert indexed.allows(found.best), seed
        if part <= 1.0:
            assert found.bound >= best.value * (1 - TIE), seed
    assert told > 25


def test_what_is_enough_is_not_called_the_best() -> None:
    base = backlog(Random(5), 40, 8, 0.2)
    best = ENGINE.any_best(base).value or 0.0
    found = explored(base, replace(base, ceiling=base.ceiling + 3), best / 2)
    assert (found.value or 0.0) >= best / 2
    assert found.status is Status.FEASIBLE
    assert found.bound is not None
    assert found.bound >= best
    assert found.gap == pytest.approx((found.bound - (found.value or 0.0)) / (found.value or 1.0))


def test_nothing_worth_enough_is_infeasible() -> None:
    base = backlog(Random(5), 40, 8, 0.2)
    best = ENGINE.any_best(base).value or 0.0
    assert explored(base, base, best * 1.01).status is Status.INFEASIBLE


def test_flip_points_are_those_that_the_engine_finds() -> None:
    told = 0
    for seed in range(4):
        rng = Random(seed)
        base = backlog(rng, 24, 5, 0.2)
        # A reserve that is no multiple of the estimates, which are whole here.
        base = replace(base, ceiling=floor(base.ceiling) + Fraction(3, 10))
        plan = ENGINE.select(base)
        keys = [key for key in base.keys if key not in plan.chosen][:6]
        quick = Flips(base, plan, EXPLORER.prices(base, plan.chosen))
        _answered(base, quick.beside(keys), None)
        for key in keys:
            expected = answer(Flips(base, plan).points(key), ENGINE.any_best)
            assert _answered(base, quick.points(key), quick.level) == expected, (seed, key)
            told += expected is not None
    assert told > 3


def _answered(
    base: Problem, question: Question[float | None], enough: float | None
) -> float | None:
    """What the question comes to, its problems solved by the explorer."""
    known = ENGINE.select(base).chosen

    def solve(problem: Problem) -> Selection:
        deltas = [find_delta(base, problem)]
        (portion,) = EXPLORER.portions(base, known, deltas, is_first=False, enough=enough)
        return portion()[0]

    return answer(question, solve)


@pytest.mark.parametrize("part", [0.1, 0.2, 0.9, 1.1, 3.0])
def test_pieces_of_a_like_problem_price_as_sharply_as_its_own(part: float) -> None:
    for seed in range(5):
        base = backlog(Random(seed), 120, 12, 0.2)
        first = Relaxation(make_frame(index_problem(base)))
        assert first.price(whole_box(first.frame), 60.0, rounds=1) is not None
        frame = make_frame(index_problem(replace(base, ceiling=base.ceiling * Fraction(str(part)))))
        alone = Relaxation(frame).price(whole_box(frame), 60.0)
        after = Relaxation(frame, first.basis).price(whole_box(frame), 60.0)
        assert alone is not None
        assert after is not None
        assert after.bound == pytest.approx(alone.bound, rel=1e-3), seed
