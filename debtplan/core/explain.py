"""Explaining by solving again: what an item's absence costs, and what would bring another in.

Every figure is the difference of two optima, so it holds with all rules and overlaps. `Solve` is
an engine's `select`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import ceil

from debtplan.core.problem import AtMost, Candidate, Problem, Selection, Status

Solve = Callable[[Problem], Selection]

TINY = 1e-9
"""Differences below this part of the value are rounding."""


@dataclass(frozen=True, slots=True)
class Drop:
    """What the best plan without an item loses, and what takes its place."""

    loss: float
    replaced_by: tuple[str, ...]


def drop_loss(problem: Problem, chosen: Selection, key: str, solve: Solve) -> Drop | None:
    """Return the cost of doing without a chosen item; None where no plan is left (it is pinned)."""
    if key in problem.pinned:
        problem = replace(problem, pinned=tuple(one for one in problem.pinned if one != key))
    without = solve(replace(problem, forbidden=tuple(sorted({*problem.forbidden, key}))))
    if without.value is None or chosen.value is None:
        return None
    new = tuple(sorted(set(without.chosen) - set(chosen.chosen)))
    return Drop(_rounded(chosen.value - without.value, chosen.value), new)


def force_loss(problem: Problem, chosen: Selection, key: str, solve: Solve) -> float | None:
    """Return what the plan loses if an item is forced in; None where no plan can hold it."""
    if key not in problem.keys:
        return None
    forced = solve(replace(problem, pinned=tuple(sorted({*problem.pinned, key}))))
    if forced.status is Status.INFEASIBLE or forced.value is None or chosen.value is None:
        return None
    return _rounded(chosen.value - forced.value, chosen.value)


def flip_points(
    problem: Problem, chosen: Selection, key: str, solve: Solve, step: Fraction
) -> float | None:
    """Return the most points, in steps below today's, at which the best plan may hold the item.

    Forced in at a lower cost, it leaves more room for the others: the forced plan's value only
    rises as the cost falls, so bisection finds where it first reaches the value of the plan.
    None where it does not even at one step.
    """
    candidate = next(one for one in problem.candidates if one.key == key)

    def is_level(steps: int) -> bool:
        loss = force_loss(_cheaper(problem, candidate, steps * step), chosen, key, solve)
        return loss is not None and loss <= 0

    low, high = 1, ceil(candidate.points / step)
    if low >= high or not is_level(low):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_level(middle) else (low, middle)
    return float(low * step)


def smallest_conflict(
    problem: Problem, pins: Collection[str], is_possible: Callable[[Problem], bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a smallest set of pins and rules that cannot hold together: (pins, rules).

    Deletion filter (Chinneck and Dravnieks 1991): each is left out in turn, and stays out where the
    rest still conflicts. What remains conflicts, and no part of it does.
    """
    kept = sorted(pins)
    for pin in sorted(pins):
        rest = [one for one in kept if one != pin]
        if not is_possible(replace(problem, pinned=tuple(rest))):
            kept = rest
    problem = replace(problem, pinned=tuple(kept))
    rules = []
    for name, relaxed in _relaxations(problem):
        if is_possible(relaxed(problem)):
            rules.append(name)
        else:
            problem = relaxed(problem)
    return tuple(kept), tuple(rules)


def _relaxations(problem: Problem) -> list[tuple[str, Callable[[Problem], Problem]]]:
    """Return every rule by name with what takes it out of a problem."""
    return [
        *((rule.label, partial(_without_rule, rule)) for rule in problem.at_most),
        *((f"role {role}", partial(_without_role, role)) for role, _ in problem.roles),
        *((f"{key} forbidden", partial(_without_ban, key)) for key in problem.forbidden),
        (f"the reserve of {float(problem.ceiling):g}", _without_ceiling),
    ]


def _without_rule(rule: AtMost, problem: Problem) -> Problem:
    return replace(problem, at_most=tuple(one for one in problem.at_most if one != rule))


def _without_role(role: str, problem: Problem) -> Problem:
    return replace(problem, roles=tuple(pair for pair in problem.roles if pair[0] != role))


def _without_ban(key: str, problem: Problem) -> Problem:
    return replace(problem, forbidden=tuple(one for one in problem.forbidden if one != key))


def _without_ceiling(problem: Problem) -> Problem:
    return replace(problem, ceiling=sum((one.points for one in problem.candidates), Fraction(0)))


def _cheaper(problem: Problem, candidate: Candidate, points: Fraction) -> Problem:
    changed = replace(candidate, points=points)
    others = tuple(changed if one.key == candidate.key else one for one in problem.candidates)
    return replace(problem, candidates=others)


def _rounded(loss: float, value: float) -> float:
    return 0.0 if abs(loss) <= TINY * max(abs(value), 1.0) else loss
