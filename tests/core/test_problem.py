"""The program: what it refuses, its order, and its value."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.exact import exact
from debtplan.core.problem import AtMost, Candidate, Problem, exact_relief, relief
from tests.core.problems import problems

ONE = Fraction(1)
A, B = Candidate("a", ONE, (("m", 0.5),)), Candidate("b", ONE, (("m", 0.25),))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"candidates": [A, A]}, "stand twice: a"),
        ({"candidates": [Candidate("c", ONE, requires=("z",))]}, "not candidates: z"),
        ({"pinned": ["z"]}, "not candidates: z"),
        ({"forbidden": ["z"]}, "not candidates: z"),
        ({"at_most": [AtMost("x", ("a", "z"), 1)]}, "not candidates: z"),
        ({"harms": {}}, "without harm: m"),
        ({"candidates": [Candidate("c", Fraction(-1))]}, "negative"),
        ({"ceiling": Fraction(-1)}, "negative"),
    ],
)
def test_a_problem_that_contradicts_itself_is_refused(fields: dict[str, Any], said: str) -> None:
    plain = {"candidates": [A, B], "harms": {"m": 8.0}, "ceiling": ONE, **fields}
    parts = [plain.pop(name) for name in ("candidates", "harms", "ceiling")]
    with pytest.raises(ValueError, match=said):
        Problem.of(*parts, **plain)


def test_removals_of_nothing_are_left_out() -> None:
    problem = Problem.of([Candidate("a", ONE, (("m", 0.0), ("n", 0.1)))], {"m": 1, "n": 1}, ONE)
    assert problem.candidates[0].removals == (("n", 0.1),)


def test_two_items_do_not_remove_the_same_harm_twice() -> None:
    problem = Problem.of([A, B], {"m": 8.0}, ONE)
    assert relief(problem, ("a",)) == pytest.approx(4)
    assert relief(problem, ("a", "b")) == pytest.approx(8 * (1 - 0.5 * 0.75))
    assert relief(problem, ()) == 0


@pytest.mark.parametrize("number", [0.1, 1 / 3, 2.5, 1e-9, 123456.789, 3])
def test_a_float_stands_for_the_decimal_it_prints_as(number: float) -> None:
    assert exact(number) == Fraction(str(float(number)))
    assert float(exact(number)) == number


@given(problems(), st.data())
def test_the_value_in_floats_is_the_exact_one(problem: Problem, data: Any) -> None:
    chosen = data.draw(st.lists(st.sampled_from(problem.keys), unique=True))
    value = exact_relief(problem, chosen)
    assert relief(problem, chosen) == pytest.approx(float(value), rel=1e-12, abs=1e-12)
    more = [*chosen, *(key for key in problem.keys[:1] if key not in chosen)]
    assert exact_relief(problem, more) >= value


@given(problems(), st.randoms(use_true_random=False))
@pytest.mark.slow
def test_the_order_of_the_parts_does_not_matter(problem: Problem, random: Any) -> None:
    candidates, harms = list(problem.candidates), list(problem.harms)
    random.shuffle(candidates)
    random.shuffle(harms)
    again = Problem.of(
        candidates, dict(harms), problem.ceiling, floor=problem.floor, roles=dict(problem.roles),
        at_most=reversed(problem.at_most), pinned=reversed(problem.pinned), kept=problem.kept,
    )  # fmt: skip
    assert again == problem
