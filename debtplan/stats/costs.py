"""Simulated costs: what items will really take, from one seed. The model is `core.cost`'s."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp
from random import Random

import numpy as np
from numpy.typing import NDArray

from debtplan.core.cost import CostModel
from debtplan.core.delta import Costs
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
    """What one world's work costs; None where it is as planned.

    Attributes:
        costs: Of each candidate.
        ceiling: Most points; more than the reserve only where pinned items need it.
        roles: Most points of each role, likewise.
    """

    costs: Costs
    ceiling: Fraction | None = None
    roles: tuple[tuple[str, Fraction], ...] | None = None


class Prices:
    """What the work of a problem costs, world by world."""

    def __init__(self, problem: Problem, model: CostModel, seed: int) -> None:
        """Take the problem; pins are held whatever they cost, with all they need."""
        self._problem = problem
        self._model = model
        self._random = Random(f"points {seed}")
        waits = {one.key: one.requires for one in problem.candidates}
        held = frozenset(closure(problem.pinned, waits))
        costs = [
            (i, role, float(points))
            for i, one in enumerate(problem.candidates)
            for role, points in ((None, one.points), *one.roles)
        ]
        self._item = np.array([i for i, _, _ in costs], int)
        self._planned = np.array([points for _, _, points in costs])
        keys = problem.keys
        self._held = [(n, role) for n, (i, role, _) in enumerate(costs) if keys[i] in held]

    def next(self) -> Priced:
        """Return the next world's costs: points and roles of each item times its ratio.

        The reserve and the roles' limits stay, but where the pinned items alone pass one, it is
        what they take: a pin is the team's word, whatever the item costs. Costs are whole steps;
        what costs anything costs at least one.
        """
        ratios = np.array(draw_ratios(self._model, len(self._problem.candidates), self._random))
        steps = np.rint(self._planned * ratios[self._item] * STEP)
        steps = np.where(self._planned > 0, np.maximum(1.0, steps), 0.0).astype(np.int64)
        costs = Costs(STEP, steps.tobytes())
        return self._holding(costs, steps) if self._held else Priced(costs)

    def _holding(self, costs: Costs, steps: NDArray[np.int64]) -> Priced:
        spent: dict[str | None, Fraction] = {}
        for n, role in self._held:
            spent[role] = spent.get(role, Fraction(0)) + Fraction(int(steps[n]), STEP)
        limits = tuple(
            (role, max(limit, spent.get(role, Fraction(0)))) for role, limit in self._problem.roles
        )
        return Priced(costs, max(self._problem.ceiling, spent.get(None, Fraction(0))), limits)
