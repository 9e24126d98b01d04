"""Simulated costs: what items will really take, from one seed. The model is `core.cost`'s."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import exp
from random import Random

from debtplan.core.cost import CostModel
from debtplan.core.graph import closure
from debtplan.core.problem import Candidate, Problem

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


class Repriced:
    """A problem whose items cost what they cost in one world."""

    def __init__(self, problem: Problem, model: CostModel, seed: int) -> None:
        """Take the problem; pins are held whatever they cost, with all they need."""
        self._problem = problem
        self._model = model
        self._random = Random(f"points {seed}")
        waits = {one.key: one.requires for one in problem.candidates}
        self._held = frozenset(closure(problem.pinned, waits))

    def next(self) -> Problem:
        """Return the next world's problem: points and roles of each item times its ratio.

        The reserve and the roles' limits stay, but where the pinned items alone pass one, it is
        what they take: a pin is the team's word, whatever the item costs.
        """
        problem = self._problem
        ratios = draw_ratios(self._model, len(problem.candidates), self._random)
        repriced = tuple(
            _repriced(one, ratio) for one, ratio in zip(problem.candidates, ratios, strict=True)
        )
        held = [one for one in repriced if one.key in self._held]
        least = sum((one.points for one in held), Fraction(0))
        by_role: dict[str, Fraction] = {}
        for one in held:
            for role, points in one.roles:
                by_role[role] = by_role.get(role, Fraction(0)) + points
        return _with_room(problem, repriced, least, by_role)


def _with_room(
    problem: Problem,
    candidates: tuple[Candidate, ...],
    least: Fraction,
    by_role: Mapping[str, Fraction],
) -> Problem:
    return replace(
        problem,
        candidates=candidates,
        ceiling=max(problem.ceiling, least),
        roles=tuple(
            (role, max(limit, by_role.get(role, Fraction(0)))) for role, limit in problem.roles
        ),
    )


def _repriced(one: Candidate, ratio: float) -> Candidate:
    return replace(
        one,
        points=_cost(one.points, ratio),
        roles=tuple((role, _cost(points, ratio)) for role, points in one.roles),
    )


def _cost(points: Fraction, ratio: float) -> Fraction:
    """Return points times the ratio in whole steps; what costs anything costs at least one."""
    if not points:
        return points
    return Fraction(max(1, round(float(points) * ratio * STEP)), STEP)
