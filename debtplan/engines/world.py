"""A problem read from what makes it differ from another one: its numbers as arrays, kept exact.

Costs are whole numbers of parts of a point, so small that floats add them up exactly. What a set is
worth is summed in the order of `core.problem.relief`, to the last bit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, fsum, log1p

import numpy as np

from debtplan.core.delta import Costs, Delta, find_costs
from debtplan.core.problem import Problem, relieved
from debtplan.engines.frame import FAINT, Flags, Floats, Frame, Ints, summed
from debtplan.engines.indexed import Indexed, upward

EXACT = 2**53
"""Whole numbers below this are what they are as floats, their sums likewise."""


@dataclass(frozen=True)
class World:
    """The exact numbers of one problem.

    Attributes:
        ground: What it shares with the others.
        removals: By term, see `Ground`.
        harms: By metric of the problem, in its order.
        weights: By packing row and item, in whole parts.
        limits: By packing row, likewise.
        forced: What the pins pull in.
        forbidden: What no set may hold.
        banned: That, and what does not fit beside what is forced.
        is_feasible: Whether any set is allowed.
    """

    ground: "Ground"
    removals: Floats
    harms: Floats
    weights: Floats
    limits: Floats
    forced: frozenset[int]
    forbidden: frozenset[int]
    banned: frozenset[int]
    is_feasible: bool

    @property
    def requires(self) -> tuple[tuple[int, ...], ...]:
        """For each item the positions it needs."""
        return self.ground.indexed.requires

    @property
    def dependents(self) -> tuple[tuple[int, ...], ...]:
        """For each item the positions that need it, or may."""
        return self.ground.indexed.dependents

    def keys(self, chosen: Iterable[int]) -> tuple[str, ...]:
        """Return the keys of a set, sorted."""
        return self.ground.indexed.keys(chosen)

    def allows(self, chosen: frozenset[int]) -> bool:
        """Say whether every rule holds."""
        indexed = self.ground.indexed
        return (
            self.forced <= chosen
            and chosen.isdisjoint(self.forbidden)
            and all(chosen.issuperset(indexed.requires[i]) for i in chosen)
            and all(not chosen.isdisjoint(group) for i in chosen for group in indexed.ways[i])
            and bool((self.weights[:, list(chosen)].sum(axis=1) <= self.limits).all())
        )

    def value(self, chosen: Iterable[int]) -> float:
        """Return the value of a set, as `core.problem.relief` has it."""
        ground = self.ground
        taken = np.zeros(len(ground.indexed.requires), bool)
        taken[list(chosen)] = True
        terms = np.flatnonzero(taken[ground.items])
        # `math.log1p`: that of arrays may differ in the last bit.
        logs = np.array([log1p(-term) for term in self.removals[terms].tolist()])
        left = summed(ground.metrics[terms], logs, len(self.harms))
        harms = self.harms.tolist()
        return fsum(relieved(harm, log) for harm, log in zip(harms, left.tolist(), strict=True))


class Ground:
    """What problems share that differ in their numbers, pins and bans.

    A term is what one item removes of one metric: terms go by item, as its removals do.

    Attributes:
        indexed: The problem that the others are like.
        frame: Its frame.
        items: By term, the item.
        metrics: By term, the metric.
    """

    def __init__(self, indexed: Indexed, frame: Frame) -> None:
        """Take the problem that the others are like."""
        problem = indexed.problem
        self.indexed, self.frame = indexed, frame
        number = {metric: m for m, (metric, _) in enumerate(problem.harms)}
        counts = [len(one.removals) for one in problem.candidates]
        self.items: Ints = np.repeat(np.arange(len(counts)), counts)
        names = [number[name] for one in problem.candidates for name, _ in one.removals]
        self.metrics: Ints = np.array(names, int)
        # What an item removes of one metric in several steps adds up.
        places, self._step = np.unique(
            self.metrics * max(1, len(counts)) + self.items, return_inverse=True
        )
        self._metric, self._item = places // max(1, len(counts)), places % max(1, len(counts))
        self._removals = np.array([part for one in problem.candidates for _, part in one.removals])
        self._harms = np.array([harm for _, harm in problem.harms], float)
        self._costs = find_costs(problem)
        self._place_costs(problem)
        self._needing = np.array([i for i, needed in enumerate(indexed.requires) if needed], int)
        self._needed = np.zeros((len(self._needing), len(counts)))
        for row, i in enumerate(self._needing.tolist()):
            self._needed[row, list(upward([i], indexed.requires))] = 1.0

    def read(self, delta: Delta) -> Frame | None:
        """Return the frame of a problem that is like the base; None where floats cannot hold it."""
        numbers = self._removals, self._harms
        if delta.numbers is not None:
            flat = np.frombuffer(delta.numbers)
            numbers = flat[: len(self.metrics)], flat[len(self.metrics) :]
        packing = self._pack(delta)
        if packing is None:
            return None
        world = self._decide(delta, *numbers, *packing)
        metric, item, log, harms = self._entries(*numbers)
        most = np.maximum(np.maximum(world.limits, world.weights.max(axis=1, initial=0.0)), 1.0)
        base, packed = self.frame, self.frame.packing
        return replace(
            base,
            indexed=world,
            item=item,
            metric=metric,
            log=log,
            harms=harms,
            weights=np.concatenate([world.weights / most[:, None], base.weights[packed:]]),
            limits=np.concatenate([world.limits / most, base.limits[packed:]]),
        )

    def _place_costs(self, problem: Problem) -> None:
        """Note where each of the costs goes, in the order of `Costs`."""
        rows = {role: row for row, (role, _) in enumerate(problem.roles, 1)}
        size = len(problem.candidates)
        places = [
            row * size + i if row >= 0 else -1
            for i, one in enumerate(problem.candidates)
            for row in (0, *(rows.get(role, -1) for role, _ in one.roles))
        ]
        self._places = np.array(places, int)
        self._has_row = self._places >= 0
        self._shape = 1 + len(problem.roles), size
        position = {key: i for i, key in enumerate(problem.keys)}
        self._alike = np.zeros((len(problem.at_most), size))
        for row, rule in enumerate(problem.at_most):
            self._alike[row, [position[key] for key in rule.keys]] = 1.0
        self._limits = [float(rule.limit) for rule in problem.at_most]

    def _pack(self, delta: Delta) -> tuple[Floats, Floats] | None:
        """Return weights and limits of the packing rows; None where costs are too large."""
        problem, costs = self.indexed.problem, delta.costs or self._costs
        if costs is None:
            return None
        numbers = np.frombuffer(costs.numbers, np.int64).astype(float)
        rows, size = self._shape
        spent = summed(self._places[self._has_row], numbers[self._has_row], rows * size)
        weights = spent.reshape(rows, size)
        if weights.sum() >= EXACT:
            return None
        ceiling = problem.ceiling if delta.ceiling is None else delta.ceiling
        roles = problem.roles if delta.roles is None else delta.roles
        limits = [
            _whole_limit(limit, costs, row)
            for limit, row in zip((ceiling, *(most for _, most in roles)), weights, strict=True)
        ]
        return np.concatenate([weights, self._alike]), np.array([*limits, *self._limits])

    def _decide(
        self, delta: Delta, removals: Floats, harms: Floats, weights: Floats, limits: Floats
    ) -> World:
        """Return the world, with what is forced and banned."""
        indexed, problem = self.indexed, self.indexed.problem
        pinned = problem.pinned if delta.pinned is None else delta.pinned
        banned = problem.forbidden if delta.forbidden is None else delta.forbidden
        forbidden = frozenset(indexed.position[key] for key in banned)
        forced = frozenset(upward([indexed.position[key] for key in pinned], indexed.requires))
        is_open = np.ones(len(indexed.requires))
        is_open[list(forced)] = 0.0
        room = limits - weights.sum(axis=1, where=is_open == 0.0)
        is_feasible = bool((room >= 0).all()) and forced.isdisjoint(forbidden)
        if is_feasible:
            needs = weights * is_open
            needs[:, self._needing] = needs @ self._needed.T
            heavy: Flags = (needs > room[:, None]).any(axis=0)
            if forbidden:
                heavy[self._needing] |= self._needed[:, list(forbidden)].any(axis=1)
            out = np.flatnonzero(heavy & (is_open > 0))
            banned_all = forbidden.union(out.tolist())
        else:
            banned_all = forbidden
        return World(
            self, removals, harms, weights, limits, forced, forbidden, banned_all, is_feasible
        )

    def _entries(self, removals: Floats, harms: Floats) -> tuple[Ints, Ints, Floats, Floats]:
        """Return metric, item and log of what touches a metric that hurts, and the harms."""
        log = summed(self._step, -np.log1p(-removals), len(self._metric))
        hurts = harms > 0
        counts = np.flatnonzero(hurts[self._metric] & (log > FAINT))
        number = np.cumsum(hurts) - 1
        return number[self._metric[counts]], self._item[counts], log[counts], harms[hurts]


def _whole_limit(limit: Fraction, costs: Costs, weights: Floats) -> float:
    """Return a limit in whole parts, rounded to what sums of the weights come to."""
    step = int(np.gcd.reduce(weights.astype(np.int64))) or 1
    most = floor(limit * costs.parts / step) * step
    return float(min(most, int(weights.sum())))
