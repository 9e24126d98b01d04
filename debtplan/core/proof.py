"""Checking a selection without any solver: every row added up again, the value computed again."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

from debtplan.core.problem import Problem, Selection, Status, exact_relief

VALUE_TOLERANCE = Fraction(1, 10**9)
"""A stated value may differ from the exact one by this part of it, for rounding alone."""


@dataclass(frozen=True, slots=True)
class Check:
    """One row: `left` must be at most `right`, in exact numbers."""

    rule: str
    left: Fraction
    right: Fraction

    @property
    def holds(self) -> bool:
        """Whether the row holds."""
        return self.left <= self.right


@dataclass(frozen=True, slots=True)
class Proof:
    """All rows of a selection.

    Attributes:
        checks: Every row, in a fixed order.
        value: The exact value of the chosen set.
    """

    checks: tuple[Check, ...]
    value: Fraction

    @property
    def failures(self) -> tuple[Check, ...]:
        """Rows that do not hold."""
        return tuple(check for check in self.checks if not check.holds)

    @property
    def holds(self) -> bool:
        """Whether every row holds."""
        return not self.failures


def verify(problem: Problem, selection: Selection) -> Proof:
    """Return the proof of a selection: reserve, roles, rules, pins, value and bound.

    An infeasible selection holds when it is empty; that no set is allowed is the solver's word.
    """
    if selection.status is Status.INFEASIBLE:
        empty = Check(
            "an infeasible answer chooses nothing", Fraction(len(selection.chosen)), Fraction(0)
        )
        return Proof((empty,), Fraction(0))
    value = exact_relief(problem, frozenset(selection.chosen))
    checks = (*rows(problem, selection.chosen), *_value_rows(problem, selection, value))
    return Proof(checks, value)


def rows(problem: Problem, chosen: tuple[str, ...]) -> Iterator[Check]:
    """Yield every rule of the problem as a row for the chosen keys."""
    taken = frozenset(chosen)
    one = Fraction(1)
    yield Check("each key stands once", Fraction(len(chosen)), Fraction(len(taken)))
    for key in sorted(taken - set(problem.keys)):
        yield Check(f"{key} is a candidate", one, Fraction(0))
    picked = [item for item in problem.candidates if item.key in taken]
    yield Check("reserve", sum((item.points for item in picked), Fraction(0)), problem.ceiling)
    for role, limit in problem.roles:
        spent = sum((p for item in picked for r, p in item.roles if r == role), Fraction(0))
        # A row of several words (the reserve of a sprint, of a team) says by itself what it is.
        yield Check(role if " " in role else f"role {role}", spent, limit)
    for item in picked:
        for key in item.requires:
            yield Check(f"{item.key} after {key}", one, Fraction(key in taken))
    for ways in problem.after:
        if ways.key in taken:
            is_met = not taken.isdisjoint(ways.any_of)
            yield Check(f"{ways.key} after {' or '.join(ways.any_of)}", one, Fraction(is_met))
    for rule in problem.at_most:
        yield Check(rule.label, Fraction(len(taken.intersection(rule.keys))), Fraction(rule.limit))
    for key in problem.pinned:
        yield Check(f"{key} is pinned", one, Fraction(key in taken))
    for key in problem.forbidden:
        yield Check(f"{key} is forbidden", Fraction(key in taken), Fraction(0))


def _value_rows(problem: Problem, selection: Selection, value: Fraction) -> Iterator[Check]:
    slack = VALUE_TOLERANCE * max(abs(value), Fraction(1))
    stated, bound, gap = (_finite(one) for one in (selection.value, selection.bound, selection.gap))
    off = slack + 1 if stated is None else abs(stated - value)
    yield Check("stated value is the exact one", off, slack)
    if bound is not None:
        yield Check("value is at most the bound", value, bound + slack)
    if bound is not None and gap is not None and value > 0:
        yield Check("the gap is (bound - value) / value", abs(gap * value - (bound - value)), slack)
    if selection.status is Status.OPTIMAL:
        reached = bound if bound is not None else value + 1001 * slack
        if problem.is_kept:
            part = 1 - Fraction(problem.keep_within)
            rule = f"keeping what is approved costs at most {problem.keep_within:.3g} of the value"
            yield Check(rule, part * reached, value + 1000 * slack)
        else:
            yield Check("an optimal value reaches its bound", reached, value + 1000 * slack)


def _finite(number: float | None) -> Fraction | None:
    """Return the number exactly, None for none, NaN and infinity."""
    return Fraction(number) if number is not None and isfinite(number) else None
