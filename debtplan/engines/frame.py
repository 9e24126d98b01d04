"""A problem as arrays: what many bounds of one problem are worked out from, quickly.

Items and metrics keep their positions of `indexed`. Sums of floats serve bounds and guesses only: a
set counts when `Indexed.allows` it, and for what `Indexed.value` says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from debtplan.engines.indexed import Indexed, upward

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FAINT = 1e-300
"""What removes no more of a metric than this removes nothing: floats could not tell."""

SLACK = 1e-9
"""Part of a row's limit that a sum of floats may be off."""


def summed(places: Ints, parts: Floats, size: int) -> Floats:
    """Return the sum of the parts at each place."""
    return np.bincount(places, parts, size).astype(float, copy=False)


class Exact(Protocol):
    """The problem in exact numbers: see `Indexed`, which is one."""

    @property
    def forced(self) -> frozenset[int]:
        """What the pins pull in."""

    @property
    def banned(self) -> frozenset[int]:
        """What no allowed set holds."""

    @property
    def is_feasible(self) -> bool:
        """Whether any set is allowed."""

    @property
    def requires(self) -> tuple[tuple[int, ...], ...]:
        """For each item the positions it needs."""

    @property
    def dependents(self) -> tuple[tuple[int, ...], ...]:
        """For each item the positions that need it, or may."""

    def allows(self, chosen: frozenset[int]) -> bool:
        """Say whether every rule holds."""

    def value(self, chosen: Iterable[int]) -> float:
        """Return the value of a set, as `core.problem.relief` has it."""

    def keys(self, chosen: Iterable[int]) -> tuple[str, ...]:
        """Return the keys of a set, sorted."""


@dataclass(frozen=True)
class Frame:
    """The numbers of a problem.

    Attributes:
        indexed: What they were taken from, exactly.
        item: By entry, the item that touches a metric.
        metric: By entry; entries go by metric, then by item.
        log: By entry, a = -ln(1 - removal).
        harms: By metric.
        weights: Packing rows and ways, by row and item; scaled so that the largest is 1.
        limits: By row, likewise.
        arcs: Pairs (item, what it needs).
        tolls: By item, what a set that holds it is worth less than `indexed.value` says.
        packing: Number of packing rows; ways come after them.
    """

    indexed: Exact
    item: Ints
    metric: Ints
    log: Floats
    harms: Floats
    weights: Floats
    limits: Floats
    arcs: Ints
    tolls: Floats
    packing: int

    @cached_property
    def size(self) -> int:
        """Number of items."""
        return len(self.tolls)

    @cached_property
    def gone(self) -> Floats:
        """By entry, the part of its metric's harm that it removes alone: 1 - exp(-a)."""
        parts: Floats = -np.expm1(-self.log)
        return parts

    def value(self, chosen: frozenset[int]) -> float:
        """Return what a set is worth, tolls paid."""
        return self.indexed.value(chosen) - float(self.tolls[sorted(chosen)].sum())

    def room(self, taken: Floats) -> Floats:
        """Return what each row has left, and what a sum of floats may hide."""
        left: Floats = self.limits - self.weights @ taken + SLACK
        return left


def make_frame(indexed: Indexed) -> Frame:
    """Return the frame of a problem."""
    metric, item, log = _entries(indexed)
    weights, limits = _rows(indexed)
    arcs = [(i, j) for i, needed in enumerate(indexed.requires) for j in needed if i != j]
    return Frame(
        indexed=indexed,
        item=item,
        metric=metric,
        log=log,
        harms=np.array(indexed.harms, float),
        weights=weights,
        limits=limits,
        arcs=np.array(arcs, int).reshape(-1, 2),
        tolls=np.zeros(len(indexed.points)),
        packing=len(indexed.rows),
    )


def _entries(indexed: Indexed) -> tuple[Ints, Ints, Floats]:
    """Return metric, item and log of what touches a metric that hurts, by metric, then by item."""
    candidates, metrics = indexed.problem.candidates, indexed.metrics
    pairs = [pair for one in candidates for pair in one.removals]
    metric = np.array([metrics.get(name, -1) for name, _ in pairs], int)
    item = np.repeat(np.arange(len(candidates)), [len(one.removals) for one in candidates])
    log = -np.log1p(-np.array([removal for _, removal in pairs], float))
    counts = np.flatnonzero((metric >= 0) & (log > FAINT))
    # What a candidate removes of one metric in several steps adds up.
    places, step = np.unique(metric[counts] * len(candidates) + item[counts], return_inverse=True)
    found = summed(step, log[counts], len(places))
    return places // len(candidates), places % len(candidates), found


def _rows(indexed: Indexed) -> tuple[Floats, Floats]:
    ways = [(i, group) for i, groups in enumerate(indexed.ways) for group in groups]
    weights = np.zeros((len(indexed.rows) + len(ways), len(indexed.points)))
    limits = np.zeros(len(weights))
    for number, row in enumerate(indexed.rows):
        # Larger than the limit is as good as the limit and a half: neither fits.
        most = max(row.limit, *(weight for _, weight in row.weights), 1) if row.weights else 1
        limits[number] = row.limit / most
        for i, weight in row.weights:
            weights[number, i] += weight / most
    for number, (i, group) in enumerate(ways, len(indexed.rows)):
        weights[number, i] += 1.0
        for j in group:
            weights[number, j] -= 1.0
    return weights, limits


@dataclass(frozen=True, slots=True)
class Box:
    """Part of a problem: what is in for sure, and what may be."""

    low: Flags
    high: Flags

    @property
    def open(self) -> Ints:
        """Positions that are undecided."""
        return np.flatnonzero(self.high & ~self.low)


def whole_box(frame: Frame) -> Box:
    """Return the box of all sets."""
    low, high = np.zeros(frame.size, bool), np.ones(frame.size, bool)
    low[sorted(frame.indexed.forced)] = True
    high[sorted(frame.indexed.banned)] = False
    return Box(low, high)


def tighten(frame: Frame, box: Box, taken: Iterable[int], out: Iterable[int]) -> Box | None:
    """Return the box with more decided, and all that follows; None where it holds no set."""
    low, high = box.low.copy(), box.high.copy()
    low[sorted(upward(taken, frame.indexed.requires))] = True
    high[_followers(frame, out)] = False
    while True:
        if (low & ~high).any():
            return None
        room = frame.room(low.astype(float))[: frame.packing]
        if (room < 0).any():
            return None
        undecided = high & ~low
        heavy = (frame.weights[: frame.packing] > room[:, None]).any(axis=0) & undecided
        if not heavy.any():
            return Box(low, high)
        high[_followers(frame, np.flatnonzero(heavy).tolist())] = False


def _followers(frame: Frame, out: Iterable[int]) -> Flags:
    """Return the items with all that surely need them."""
    item, needed = frame.arcs.T
    found = np.zeros(frame.size, bool)
    found[list(out)] = True
    while True:
        new = item[found[needed] & ~found[item]]
        if not len(new):
            return found
        found[new] = True
