"""At how many points an item would be level with the plan: bounds first, solving for the rest.

Forced in at a lower cost, an item leaves more room for the others: the forced plan's value only
rises as the cost falls, so bisection finds where it first reaches the value of the plan. Two bounds
leave bisection little to do, often nothing:

* Lagrange's bound at the prices of the problem as it is, from above (`Prices.most`);
* the best set beside an item of that cost, with the item added where it fits, from below.

A cheaper item counts by the room that it leaves to the others, and that in whole estimates only: so
costs that leave as much are one question.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, gcd, lcm

from debtplan.core.explain import TINY, Question, forced_problems
from debtplan.core.problem import Candidate, Problem, Selection, relief

LONGEST = Fraction(1, 2)
"""Points are looked for in steps of this or less, whatever estimates are multiples of."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a problem's rules, and the bound that they prove.

    Attributes:
        bound: No allowed set is worth more, were the reserve as many points as `points`.
        points: See there.
        point: Price of a point of the reserve, 0 or more.
        worth: What an undecided candidate earns at the prices less what it pays, by key.
    """

    bound: float
    points: float
    point: float
    worth: Mapping[str, float]

    def most(self, key: str, points: Fraction) -> float:
        """Return what no set with the item is worth more than, were that the reserve in points."""
        if key not in self.worth:
            return float("inf")
        more = float(points) - self.points
        return self.bound + min(0.0, self.worth[key]) + self.point * more


class Flips:
    """Finds at how many points items would be level with the plan, for one solved problem.

    Attributes:
        level: Value from which on a set is level with the plan.
    """

    def __init__(self, problem: Problem, chosen: Selection, prices: Prices | None = None) -> None:
        """Take what is solved.

        Args:
            problem: The problem.
            chosen: Its answer.
            prices: Of the problem; None to do without.
        """
        self._problem, self._prices = problem, prices
        self._candidates = {one.key: one for one in problem.candidates}
        self._beside: dict[Fraction, Selection] = {}
        self._fits = _Fits(problem)
        sizes = [one.points for one in problem.candidates if one.points > 0]
        self._step = _largest_step((LONGEST, *sizes))
        self._size = _largest_step(sizes or (LONGEST,))
        self.level = (chosen.value or 0.0) * (1 - TINY) - TINY

    def beside(self, keys: Sequence[str]) -> Question[None]:
        """Solve once for all what fits beside items of few points; `points` then asks less."""
        costs = {cost for key in keys for cost in self._costs(self._candidates[key])}
        rooms = sorted({room for room in map(self._room, costs) if room >= 0})
        answers = yield tuple(replace(self._problem, ceiling=room) for room in rooms)
        self._beside = dict(zip(rooms, answers, strict=True))

    def points(self, key: str) -> Question[float | None]:
        """Return the most points, in steps below today's, at which the best plan may hold the item.

        None where it does not even at one step.
        """
        candidate = self._candidates[key]
        if not forced_problems(self._problem, key):
            return None
        costs = self._costs(candidate)
        # Level at `low`, not level at `high`; -1 stands for never.
        may_be = [self._may_be_level(candidate, cost) for cost in costs]
        high = may_be.index(False) if False in may_be else len(costs)
        low = next((n for n in range(high - 1, -1, -1) if self._is_level(candidate, costs[n])), -1)
        while high - low > 1:
            middle = (low + high) // 2
            roomier = replace(self._problem, ceiling=self._ceiling(candidate, costs[middle]))
            values = [
                one.value for one in (yield forced_problems(roomier, key)) if one.value is not None
            ]
            is_level = max(values, default=-1.0) >= self.level
            low, high = (middle, high) if is_level else (low, middle)
        return float(costs[low]) if low >= 0 else None

    def _costs(self, one: Candidate) -> list[Fraction]:
        """Return lower costs of an item, rising: of those that leave as much room the highest."""
        steps = range(1, ceil(one.points / self._step))
        found = {self._room(number * self._step): number * self._step for number in steps}
        return sorted(found.values())

    def _room(self, cost: Fraction) -> Fraction:
        """Return what the others may cost beside an item of that cost."""
        return (self._problem.ceiling - cost) // self._size * self._size

    def _ceiling(self, one: Candidate, cost: Fraction) -> Fraction:
        """Return the reserve at which the item, at today's cost, leaves as much room."""
        return self._room(cost) + one.points

    def _may_be_level(self, one: Candidate, cost: Fraction) -> bool:
        if self._prices is None:
            return True
        return self._prices.most(one.key, self._ceiling(one, cost)) >= self.level

    def _is_level(self, one: Candidate, cost: Fraction) -> bool:
        """Tell from a set that is known, without solving, that the item is level at this cost."""
        found = self._beside.get(self._room(cost))
        if found is None or found.value is None:
            return False
        keys = {*found.chosen, one.key}
        is_worth = relief(self._problem, keys) >= self.level
        return is_worth and self._fits.holds(keys, self._ceiling(one, cost))


class _Fits:
    """Tells whether a set keeps every rule, with another reserve."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._candidates = {one.key: one for one in problem.candidates}

    def holds(self, keys: set[str], ceiling: Fraction) -> bool:
        taken = [self._candidates[key] for key in sorted(keys)]
        return all(self._rules(keys, taken, ceiling))

    def _rules(self, keys: set[str], taken: list[Candidate], ceiling: Fraction) -> Iterator[bool]:
        problem = self._problem
        yield sum((one.points for one in taken), Fraction(0)) <= ceiling
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


def _largest_step(sizes: Sequence[Fraction]) -> Fraction:
    """Return the largest number that all of these, above 0, are multiples of."""
    bottom = lcm(*(size.denominator for size in sizes))
    return Fraction(gcd(*(int(size * bottom) for size in sizes)), bottom)
