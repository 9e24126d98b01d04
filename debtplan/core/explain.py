"""Explaining by solving again: what an item's absence costs, and what would bring another in.

Every figure is the difference of two optima, so it holds with all rules and overlaps. `Solve` is
an engine's `select`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import ceil

from debtplan.core.problem import AtMost, Candidate, Problem, Selection, Status, relief

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


class Flips:
    """Finds at how many points an item would be level with the plan, for one solved problem."""

    def __init__(self, problem: Problem, chosen: Selection, solve: Solve, step: Fraction) -> None:
        """Take the problem, its answer, and the step that all estimates are multiples of."""
        self._problem = problem
        self._chosen = chosen
        self._solve = solve
        self._step = step
        self._needed = {key for one in problem.candidates for key in one.requires}
        self._less: dict[int, float] = {}

    def points(self, key: str) -> float | None:
        """Return the most points, in steps below today's, at which the best plan may hold the item.

        Forced in at a lower cost, it leaves more room for the others: the forced plan's value only
        rises as the cost falls, so bisection finds where it first reaches the value of the plan.
        None where it does not even at one step.
        """
        candidate = next(one for one in self._problem.candidates if one.key == key)
        low, high = 1, ceil(candidate.points / self._step)
        if low >= high or not self._is_level(candidate, low):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            is_level = self._is_level(candidate, middle)
            low, high = (middle, high) if is_level else (low, middle)
        return float(low * self._step)

    def _is_level(self, candidate: Candidate, steps: int) -> bool:
        if candidate.key not in self._needed and self._is_hopeless(candidate, steps):
            return False
        cheaper = _cheaper(self._problem, candidate, steps * self._step)
        loss = force_loss(cheaper, self._chosen, candidate.key, self._solve)
        return loss is not None and loss <= 0

    def _is_hopeless(self, candidate: Candidate, steps: int) -> bool:
        """Tell from a bound, without solving, that the item cannot be level at this cost.

        Values have diminishing returns: a set that holds the item is worth at most the best set
        that fits beside it, and the item alone. No other item may need this one.
        """
        if steps not in self._less:
            left = self._problem.ceiling - steps * self._step
            rest = self._solve(replace(self._problem, ceiling=left)) if left >= 0 else None
            value = rest.value if rest is not None else None
            self._less[steps] = float("-inf") if value is None else value
        best = self._chosen.value or 0.0
        alone = relief(self._problem, (candidate.key,))
        return self._less[steps] + alone < best * (1 - TINY)


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
