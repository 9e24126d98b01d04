"""Simulated costs: what items will really take, from one seed. The model is `core.cost`'s."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import exp
from random import Random

from debtplan.core.cost import CostModel
from debtplan.core.graph import closure
from debtplan.core.problem import Problem

STEP = 100
"""Costs of a world are whole hundredths of a point, so that exact sums stay short."""


def draw_ratios(model: CostModel, count: int, random: Random) -> list[float]:
    """Return cost / estimate of so many items in one world: a part of their own, one shared."""
    shared = random.gauss(model.centre, model.team)
    return [exp(shared + random.gauss(0.0, model.item)) for _ in range(count)]


def draw_costs(
    model: CostModel, points: Sequence[float], worlds: int, seed: int
) -> Iterator[tuple[float, ...]]:
    """Yield what items of these points cost, world by world."""
    random = Random(f"costs {seed}")
    for _ in range(worlds):
        ratios = draw_ratios(model, len(points), random)
        yield tuple(one * ratio for one, ratio in zip(points, ratios, strict=True))


@dataclass(frozen=True, slots=True)
class Priced:
    """What one world's work costs.

    Attributes:
        points: Of each candidate, in their order.
        roles: Of each candidate, likewise.
        ceiling: Most points; more than the reserve only where pinned items need it.
        limits: Most points of each role, likewise.
    """

    points: list[Fraction]
    roles: list[tuple[tuple[str, Fraction], ...]]
    ceiling: Fraction
    limits: tuple[tuple[str, Fraction], ...]


class Prices:
    """What the work of a problem costs, world by world."""

    def __init__(self, problem: Problem, model: CostModel, seed: int) -> None:
        """Take the problem; pins are held whatever they cost, with all they need."""
        self._problem = problem
        self._model = model
        self._random = Random(f"points {seed}")
        waits = {one.key: one.requires for one in problem.candidates}
        held = frozenset(closure(problem.pinned, waits))
        self._held = [i for i, one in enumerate(problem.candidates) if one.key in held]
        self._points = [float(one.points) for one in problem.candidates]
        self._roles = [
            tuple((role, float(points)) for role, points in one.roles) for one in problem.candidates
        ]

    def next(self) -> Priced:
        """Return the next world's costs: points and roles of each item times its ratio.

        The reserve and the roles' limits stay, but where the pinned items alone pass one, it is
        what they take: a pin is the team's word, whatever the item costs.
        """
        ratios = draw_ratios(self._model, len(self._points), self._random)
        points = [_cost(one * ratio) for one, ratio in zip(self._points, ratios, strict=True)]
        roles = [
            tuple((role, _cost(one * ratio)) for role, one in parts)
            for parts, ratio in zip(self._roles, ratios, strict=True)
        ]
        least = sum((points[i] for i in self._held), Fraction(0))
        by_role: dict[str, Fraction] = {}
        for role, one in (pair for i in self._held for pair in roles[i]):
            by_role[role] = by_role.get(role, Fraction(0)) + one
        limits = tuple(
            (role, max(limit, by_role.get(role, Fraction(0))))
            for role, limit in self._problem.roles
        )
        return Priced(points, roles, max(self._problem.ceiling, least), limits)


def _cost(cost: float) -> Fraction:
    """Return a cost in whole steps; what costs anything costs at least one."""
    return _steps(max(1, round(cost * STEP)) if cost else 0)


@lru_cache(maxsize=10_000)
def _steps(count: int) -> Fraction:
    return Fraction(count, STEP)
