"""The proof: every rule that a selection breaks is found, whatever the solver says."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import inf, nan
from typing import Any

import pytest
from hypothesis import assume, given

from debtplan.core.problem import AtMost, Candidate, Problem, Selection, Status, relief
from debtplan.core.proof import verify
from tests.core.problems import problems
from tests.engines.brute import brute_force

TWO = Fraction(2)
PROBLEM = Problem.of(
    [
        Candidate("a", TWO, (("m", 0.5),), (("web", TWO),)),
        Candidate("b", TWO, (("m", 0.25),), (), ("a",)),
        Candidate("c", TWO, (("n", 0.25),), (("web", TWO),)),
        Candidate("d", Fraction(0)),
        Candidate("e", Fraction(0)),
        Candidate("f", Fraction(0)),
    ],
    {"m": 80.0, "n": 8.0},
    Fraction(5),
    roles={"web": Fraction(3)},
    at_most=[AtMost("d or e", ("d", "e"), 1)],
    pinned=["a"],
    forbidden=["f"],
)


def said(problem: Problem, *keys: str) -> Selection:
    """A selection with its right value, called optimal."""
    value = relief(problem, keys)
    return Selection(Status.OPTIMAL, tuple(sorted(keys)), value, value, 0.0, "test")


def broken(selection: Selection) -> list[str]:
    """The rules of PROBLEM that do not hold."""
    return [check.rule for check in verify(PROBLEM, selection).failures]


def test_a_right_selection_holds_with_every_rule_in_a_row() -> None:
    proof = verify(PROBLEM, said(PROBLEM, "a", "b"))
    assert proof.holds
    assert proof.value == Fraction(80) * (1 - Fraction(1, 2) * Fraction(3, 4))
    assert {check.rule for check in proof.checks} >= {
        "reserve", "role web", "b after a", "d or e", "a is pinned", "f is forbidden",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "rules"),
    [
        (("a", "b", "c"), {"reserve", "role web"}),
        (("a", "c"), {"role web"}),
        (("b",), {"b after a", "a is pinned"}),
        ((), {"a is pinned"}),
        (("a", "d", "e"), {"d or e"}),
        (("a", "f"), {"f is forbidden"}),
    ],
)
def test_each_broken_rule_is_named(keys: tuple[str, ...], rules: set[str]) -> None:
    assert set(broken(said(PROBLEM, *keys))) == rules


def test_a_key_that_is_no_candidate_or_stands_twice_is_named() -> None:
    right = said(PROBLEM, "a", "b")
    assert broken(replace(right, chosen=("a", "b", "zz"))) == ["zz is a candidate"]
    assert broken(replace(right, chosen=("a", "a", "b"))) == ["each key stands once"]


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("value", 51.0, "stated value is the exact one"),
        ("value", 50.000001, "stated value is the exact one"),
        ("value", None, "stated value is the exact one"),
        ("value", nan, "stated value is the exact one"),
        ("value", inf, "stated value is the exact one"),
        ("bound", 49.9, "value is at most the bound"),
        ("bound", 51.0, "an optimal value reaches its bound"),
        ("bound", None, "an optimal value reaches its bound"),
        ("bound", inf, "an optimal value reaches its bound"),
        ("gap", 0.1, "the gap is (bound - value) / value"),
    ],
)
def test_a_wrong_figure_is_named(field: str, value: float | None, rule: str) -> None:
    changes: dict[str, Any] = {field: value}
    selection = replace(said(PROBLEM, "a", "b"), **changes)
    assert rule in broken(selection)


def test_a_feasible_selection_may_miss_its_bound_by_its_gap() -> None:
    loose = replace(said(PROBLEM, "a", "b"), status=Status.FEASIBLE, bound=60.0, gap=0.2)
    assert broken(loose) == []


def test_an_infeasible_answer_that_chooses_something_does_not_hold() -> None:
    empty = Selection(Status.INFEASIBLE, (), None, None, None, "test")
    assert verify(PROBLEM, empty).holds
    assert not verify(PROBLEM, replace(empty, chosen=("a",))).holds


def subsets(problem: Problem) -> Iterator[tuple[str, ...]]:
    """Every set of keys."""
    for size in range(len(problem.keys) + 1):
        yield from combinations(problem.keys, size)


def is_allowed(problem: Problem, keys: tuple[str, ...]) -> bool:
    """Whether pinning and banning leaves exactly this set, by brute force over one set."""
    rest = [key for key in problem.keys if key not in keys]
    exactly = replace(
        problem,
        pinned=tuple(sorted({*problem.pinned, *keys})),
        forbidden=tuple(sorted({*problem.forbidden, *rest})),
    )
    return brute_force(exactly).chosen is not None


@given(problems(most=5))
@pytest.mark.slow
def test_exactly_the_sets_that_brute_force_allows_hold(problem: Problem) -> None:
    for keys in subsets(problem):
        feasible = replace(said(problem, *keys), status=Status.FEASIBLE)
        assert verify(problem, feasible).holds == is_allowed(problem, keys), keys


@given(problems(most=5))
@pytest.mark.slow
def test_an_optimum_with_any_item_swapped_in_or_out_is_rejected(problem: Problem) -> None:
    best = brute_force(problem)
    assume(best.chosen is not None)
    right = said(problem, *(best.chosen or ()))
    assert verify(problem, right).holds
    for key in problem.keys:
        changed = tuple(sorted(set(right.chosen) ^ {key}))
        moved = abs(relief(problem, changed) - best.value) > 1e-6 * max(best.value, 1)
        if moved or not is_allowed(problem, changed):
            assert not verify(problem, replace(right, chosen=changed)).holds
