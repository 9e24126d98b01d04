"""Explaining by solving again, against brute force."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings

from debtplan.core.explain import answer, drop_loss, force_loss, smallest_conflict
from debtplan.core.flips import Flips
from debtplan.core.problem import AtMost, Candidate, Problem, Selection, Status
from debtplan.engines import make_engine
from tests.core.problems import problems
from tests.engines.brute import brute_force

ENGINE = make_engine("milp")
HALF = Fraction(1, 2)


def solved(problem: Problem) -> Selection:
    """The engine's answer; problems without one are left out."""
    found = ENGINE.select(problem)
    assume(found.status is not Status.INFEASIBLE)
    assert found.status is Status.OPTIMAL
    return found


def pinned(problem: Problem, key: str) -> Problem:
    """The problem with the key forced in."""
    return replace(problem, pinned=tuple(sorted({*problem.pinned, key})))


def close(value: float, scale: float) -> object:
    """Equal but for rounding."""
    return pytest.approx(value, abs=1e-6 * max(scale, 1))


@settings(max_examples=60)
@given(problems(most=6))
@pytest.mark.slow
def test_dropping_costs_what_brute_force_says(problem: Problem) -> None:
    plan = solved(problem)
    best = brute_force(problem)
    for key in plan.chosen:
        free = tuple(one for one in problem.pinned if one != key)
        without = brute_force(replace(problem, pinned=free, forbidden=(key,)))
        drop = answer(drop_loss(problem, plan, key), ENGINE.select)
        if without.chosen is None:
            assert drop is None
            continue
        assert drop is not None
        assert drop.loss == close(best.value - without.value, best.value)
        assert drop.loss >= 0 or key in problem.pinned
        assert set(drop.replaced_by) == set(without.chosen) - set(plan.chosen)


@settings(max_examples=60)
@given(problems(most=6))
def test_forcing_costs_what_brute_force_says(problem: Problem) -> None:
    plan = solved(problem)
    best = brute_force(problem)
    for key in set(problem.keys) - set(plan.chosen):
        forced = brute_force(pinned(problem, key))
        loss = answer(force_loss(problem, plan, key), ENGINE.any_best)
        if forced.chosen is None:
            assert loss is None
        else:
            assert loss == close(best.value - forced.value, best.value)
            assert loss is not None
            assert loss >= 0


@settings(max_examples=60)
@given(problems(most=5))
@pytest.mark.slow
def test_flip_points_are_the_most_at_which_the_item_is_level(problem: Problem) -> None:
    plan = solved(problem)
    best = brute_force(problem).value
    flips = Flips(problem, plan)
    for one in problem.candidates:
        if one.key in plan.chosen:
            continue
        level = [
            points
            for points in (HALF * step for step in range(1, 12))
            if points < one.points and _value_at(problem, one, points) >= best - 1e-6
        ]
        found = answer(flips.points(one.key), ENGINE.any_best)
        assert found == (float(max(level)) if level else None)


def _value_at(problem: Problem, one: Candidate, points: Fraction) -> float:
    """The best value that holds the item at another cost; minus infinity where none can."""
    cheaper = replace(one, points=points)
    others = tuple(cheaper if two.key == one.key else two for two in problem.candidates)
    found = brute_force(pinned(replace(problem, candidates=others), one.key))
    return found.value if found.chosen is not None else float("-inf")


def test_an_unknown_key_cannot_be_forced_in() -> None:
    problem = Problem.of([Candidate("a", HALF, (("m", 0.5),))], {"m": 1.0}, HALF)
    assert answer(force_loss(problem, ENGINE.select(problem), "z"), ENGINE.select) is None


def possible(problem: Problem) -> bool:
    """Whether any set is allowed, by brute force."""
    return brute_force(problem).chosen is not None


def only(problem: Problem, pins: Sequence[str], rules: Sequence[str]) -> Problem:
    """The problem with these pins and rules alone."""
    reserve = f"the reserve of {float(problem.ceiling):g}"
    everything = sum((one.points for one in problem.candidates), Fraction(0))
    return replace(
        problem,
        pinned=tuple(sorted(pins)),
        at_most=tuple(rule for rule in problem.at_most if rule.label in rules),
        roles=tuple(pair for pair in problem.roles if f"role {pair[0]}" in rules),
        forbidden=tuple(key for key in problem.forbidden if f"{key} forbidden" in rules),
        ceiling=problem.ceiling if reserve in rules else everything,
    )


@settings(max_examples=150)
@given(problems(most=6))
@pytest.mark.slow
def test_the_smallest_conflict_conflicts_and_no_part_of_it_does(problem: Problem) -> None:
    pins = [key for key in problem.keys if key not in problem.forbidden]
    problem = replace(problem, pinned=tuple(pins[::2]), forbidden=tuple(pins[1::4]))
    assume(not possible(problem))
    kept, rules = smallest_conflict(problem, problem.pinned, possible)
    assert set(kept) <= set(problem.pinned)
    assert kept
    assert rules
    assert not possible(only(problem, kept, rules))
    for pin in kept:
        assert possible(only(problem, [one for one in kept if one != pin], rules))
    for rule in rules:
        assert possible(only(problem, kept, [one for one in rules if one != rule]))


def test_the_conflict_names_pins_and_rule() -> None:
    candidates = [Candidate(key, Fraction(2)) for key in "abc"]
    rule = AtMost("a or b, not both", ("a", "b"), 1)
    problem = Problem.of(candidates, {}, Fraction(9), at_most=[rule], pinned="abc")
    assert smallest_conflict(problem, problem.pinned, possible) == (("a", "b"), (rule.label,))
    tight = Problem.of(candidates, {}, Fraction(3), pinned="ab")
    assert smallest_conflict(tight, tight.pinned, possible) == (
        ("a", "b"), ("the reserve of 3",)
    )  # fmt: skip
