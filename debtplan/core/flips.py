"""At how many points an item would be level with the plan: bounds first, solving for the rest.

Forced in at a lower cost, an item leaves more room for the others: the forced plan's value only
rises as the cost falls, so bisection finds where it first reaches the value of the plan. Two bounds
leave bisection little to do, often nothing:

* Lagrange's bound at the prices of the problem as it is, from above (`Prices.most`);
* the best set beside an item of that cost, with the item added where it fits, from below.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from debtplan.core.explain import TINY, Question, forced_problems, rounded
from debtplan.core.problem import Candidate, Problem, Selection, relief


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a problem's rules, and the bound that they prove.

    Attributes:
        bound: No allowed set is worth more.
        point: Price of a point of the reserve, 0 or more.
        worth: What an undecided candidate earns at the prices less what it pays, by key.
    """

    bound: float
    point: float
    worth: Mapping[str, float]

    def most(self, key: str, saved: Fraction) -> float:
        """Return what no set with the item is worth more than, were it cheaper by some points."""
        if key not in self.worth:
            return float("inf")
        return self.bound + min(0.0, self.worth[key]) + self.point * float(saved)


class Flips:
    """Finds at how many points items would be level with the plan, for one solved problem."""

    def __init__(
        self, problem: Problem, chosen: Selection, step: Fraction, prices: Prices | None = None
    ) -> None:
        """Take what is solved.

        Args:
            problem: The problem.
            chosen: Its answer.
            step: All estimates are multiples of it.
            prices: Of the problem; None to do without.
        """
        self._problem, self._chosen, self._step, self._prices = problem, chosen, step, prices
        self._candidates = {one.key: one for one in problem.candidates}
        self._beside: dict[int, Selection] = {}
        self._room = _Room(problem)

    def beside(self, keys: Sequence[str]) -> Question[None]:
        """Solve once for all what fits beside items of few points; `points` then asks less."""
        costs = (ceil(self._candidates[key].points / self._step) for key in keys)
        steps = range(1, max(costs, default=0))
        ceilings = ((one, self._problem.ceiling - one * self._step) for one in steps)
        wanted = [(one, left) for one, left in ceilings if left >= 0]
        answers = yield tuple(replace(self._problem, ceiling=left) for _, left in wanted)
        self._beside = {one: found for (one, _), found in zip(wanted, answers, strict=True)}

    def points(self, key: str) -> Question[float | None]:
        """Return the most points, in steps below today's, at which the best plan may hold the item.

        None where it does not even at one step.
        """
        candidate = self._candidates[key]
        if not forced_problems(self._problem, key):
            return None
        end = ceil(candidate.points / self._step)
        # Level at `low`, not level at `high`; 0 stands for never.
        high = next((one for one in range(1, end) if not self._may_be_level(candidate, one)), end)
        low = next((one for one in range(high - 1, 0, -1) if self._is_level(candidate, one)), 0)
        while high - low > 1:
            middle = (low + high) // 2
            problems = forced_problems(_cheaper(self._problem, candidate, middle * self._step), key)
            values = [one.value for one in (yield problems) if one.value is not None]
            best = self._chosen.value or 0.0
            is_level = bool(values) and rounded(best - max(values), best) <= 0
            low, high = (middle, high) if is_level else (low, middle)
        return float(low * self._step) if low else None

    def _may_be_level(self, one: Candidate, steps: int) -> bool:
        if self._prices is None:
            return True
        saved = one.points - steps * self._step
        best = self._chosen.value or 0.0
        return self._prices.most(one.key, saved) >= best * (1 - TINY) - TINY

    def _is_level(self, one: Candidate, steps: int) -> bool:
        """Tell from a set that is known, without solving, that the item is level at this cost."""
        found = self._beside.get(steps)
        if found is None or found.value is None:
            return False
        keys = {*found.chosen, one.key}
        best = self._chosen.value or 0.0
        return relief(self._problem, keys) >= best * (1 - TINY) and self._room.holds(
            keys, one.points - steps * self._step
        )


class _Room:
    """Tells whether a set keeps every rule, were it some points cheaper."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._candidates = {one.key: one for one in problem.candidates}

    def holds(self, keys: set[str], saved: Fraction) -> bool:
        taken = [self._candidates[key] for key in sorted(keys)]
        return all(self._rules(keys, taken, saved))

    def _rules(self, keys: set[str], taken: list[Candidate], saved: Fraction) -> Iterator[bool]:
        problem = self._problem
        yield sum((one.points for one in taken), Fraction(0)) - saved <= problem.ceiling
        yield keys.issuperset(problem.pinned) and keys.isdisjoint(problem.forbidden)
        for one in taken:
            yield keys.issuperset(one.requires)
        for role, limit in problem.roles:
            parts = (points for one in taken for name, points in one.roles if name == role)
            yield sum(parts, Fraction(0)) <= limit
        for rule in problem.at_most:
            yield len(keys.intersection(rule.keys)) <= rule.limit
        for after in problem.after:
            yield after.key not in keys or not keys.isdisjoint(after.any_of)


def _cheaper(problem: Problem, candidate: Candidate, points: Fraction) -> Problem:
    changed = replace(candidate, points=points)
    others = tuple(changed if one.key == candidate.key else one for one in problem.candidates)
    return replace(problem, candidates=others)
