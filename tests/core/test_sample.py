"""Worlds as one problem: its value is the weighted sum of theirs, whatever the set."""

from fractions import Fraction
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.problem import Candidate, Problem, relief
from debtplan.core.proof import rows
from debtplan.core.sample import Sample
from tests.core.problems import problems
from tests.core.worlds import worlds_of


@given(problems(), st.integers(0, 99), st.data())
@pytest.mark.slow
def test_the_weighted_problem_has_the_weighted_value_of_every_set(
    problem: Problem, seed: int, data: st.DataObject
) -> None:
    sample = worlds_of(problem, 5, seed)
    weights = data.draw(st.lists(st.sampled_from([0.0, 0.1, 0.4]), min_size=5, max_size=5))
    chosen = data.draw(st.lists(st.sampled_from(problem.keys), unique=True))
    whole = sample.weighted(weights)
    expected = fsum(w * v for w, v in zip(weights, sample.reliefs(chosen), strict=True))
    assert relief(whole, chosen) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(problems(), st.integers(0, 99))
@pytest.mark.slow
def test_the_weighted_problem_keeps_every_rule(problem: Problem, seed: int) -> None:
    whole = worlds_of(problem, 4, seed).weighted((0.25,) * 4)
    chosen = problem.keys
    assert list(rows(whole, chosen)) == list(rows(problem, chosen))


def test_a_metric_of_one_item_has_one_copy_and_a_shared_one_a_copy_a_world() -> None:
    candidates = [
        Candidate("a", Fraction(1), (("own", 0.5), ("shared", 0.2))),
        Candidate("b", Fraction(1), (("shared", 0.4),)),
    ]
    problem = Problem.of(candidates, {"own": 10.0, "shared": 20.0}, Fraction(2))
    sample = Sample(problem, [problem] * 3)
    assert [name for name, _ in sample.weighted((0.5, 0.0, 0.5)).harms] == [
        "own",
        "shared in world 1",
        "shared in world 3",
    ]


def test_each_world_relieves_what_its_own_problem_says() -> None:
    problem = Problem.of([Candidate("a", Fraction(1), (("m", 0.5),))], {"m": 10.0}, Fraction(2))
    worse = Problem.of([Candidate("a", Fraction(1), (("m", 0.1),))], {"m": 30.0}, Fraction(2))
    sample = Sample(problem, [problem, worse])
    assert sample.reliefs(("a",)) == pytest.approx((5.0, 3.0))
    assert sample.reliefs(()) == (0.0, 0.0)
