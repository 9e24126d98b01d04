"""A problem solved by bounds of our own: price it, leave out what prices decide, search the rest.

1. Prices of the problem without whole numbers give a bound (`relaxation`).
2. Sets that lose little at these prices are looked for (`near`), in a narrow radius first: what
   would lose more by itself is decided. Any set found in a radius is better than all beyond it.
3. Where there is none, the radius grows.

Where items are many, a dive gives a good set first, and the radius is what that is short of the
bound.

The solver only proposes prices, so a proof owes nothing to it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from math import inf
from time import perf_counter

import numpy as np

from debtplan.core.flips import Prices
from debtplan.core.problem import Problem
from debtplan.engines.frame import Box, Flags, Floats, Frame, tighten, whole_box
from debtplan.engines.near import Near
from debtplan.engines.relaxation import Basis, Priced, Relaxation
from debtplan.engines.search import tie_margin

FEW = 10
"""Open items whose sets are all tried, without prices."""

FURTHER = 1.4
"""How many times as far the next radius goes."""


MANY = 300
"""Open items from which on there is a dive first."""

DIVE = 100
"""Undecided items of a dive."""

WIDTHS = 200, 4_000
"""Parts of each depth of a dive; of the next one, where no set was found."""

OFFERED = 20
"""Sets of a dive that are tried."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What a closing proves.

    Attributes:
        best: The best set that was found.
        value: Its value.
        bound: No set is worth more; nor than the value, where the best set is proven.
        is_proven: Whether nothing was left to look for: the best set is proven, or one was found
            that is worth enough, or none is.
        equals: All sets as good, where they were asked for; the best alone otherwise.
        rounds: Radii that were searched.
    """

    best: frozenset[int]
    value: float
    bound: float
    is_proven: bool
    equals: frozenset[frozenset[int]]
    rounds: int

    @property
    def gap(self) -> float:
        """(bound - value) / value, 0 or more; infinite where the value is 0 and the bound not."""
        more = self.bound - self.value
        return more / self.value if self.value > 0 else inf if more > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Start:
    """What like problems share.

    Attributes:
        most_parts: Parts of sets after which a search gives up; None takes the usual number.
        basis: Where programs start from; None for the beginning.
    """

    most_parts: int | None = None
    basis: Basis | None = None


def price(frame: Frame, problem: Problem, deadline: float) -> Prices | None:
    """Return prices of the whole problem; None where the solver gives nothing.

    Args:
        frame: A feasible problem.
        problem: The same.
        deadline: On the clock of `time.perf_counter`.
    """
    box = whole_box(frame)
    found = Relaxation(frame).price(box, max(0.0, deadline - perf_counter()))
    if found is None:
        return None
    # What a point of the reserve is in its row, the first one; 0 where nothing costs any.
    i = int(frame.weights[0].argmax()) if frame.size else 0
    points = float(problem.candidates[i].points) if frame.size else 0.0
    point = float(frame.weights[0, i]) / points if points else 0.0
    reserve = float(frame.limits[0]) / point if point else 0.0
    worth = {problem.keys[i]: float(found.worth[i]) for i in box.open.tolist()}
    return Prices(found.bound, reserve, float(found.prices[0]) * point, worth)


class Closing:
    """One closing.

    Attributes:
        best: The best set so far, if `value` is 0 or more.
        found: Values of all allowed sets that were offered.
        rounds: Radii that were searched.
    """

    def __init__(
        self,
        frame: Frame,
        start: Start,
        *,
        is_first: bool = False,
        enough: float | None = None,
    ) -> None:
        """Take what is asked for.

        Args:
            frame: A feasible problem.
            start: What it shares with like problems.
            is_first: Whether all sets as good as the best are asked for.
            enough: Any set worth this will do, and sets worth less are not looked for; None for
                the best set.
        """
        self.frame, self.indexed = frame, frame.indexed
        self.start, self.is_first, self.enough = start, is_first, enough
        self.best = frame.indexed.forced
        self.value = -1.0
        self.found: dict[frozenset[int], float] = {}
        self.rounds = 0

    def run(self, known: Iterable[Collection[int]], deadline: float) -> Closed | None:
        """Return the best set that was found; None where the solver gives nothing.

        Args:
            known: Sets to start from, allowed or not.
            deadline: On the clock of `time.perf_counter`.
        """
        box = whole_box(self.frame)
        for one in (self.indexed.forced, *known):
            self._offer(self.indexed.forced.union(one))
        is_proven, bound = True, 0.0
        if len(box.open) <= FEW:
            self._try_all(box)
        else:
            relaxation = Relaxation(self.frame, self.start.basis)
            priced = relaxation.price(box, max(0.0, deadline - perf_counter()))
            if priced is None:
                return None
            is_proven = self._search(box, priced, deadline)
            bound = 0.0 if is_proven and not self._has_enough else priced.bound
        if self.value < 0:
            return None
        margin = tie_margin(self.value)
        equals = {one for one, value in self.found.items() if value >= self.value - margin}
        return Closed(
            self.best,
            self.value,
            max(bound, self.value),
            is_proven,
            frozenset(equals | {self.best}),
            self.rounds,
        )

    def _try_all(self, box: Box) -> None:
        """Offer every allowed set of a small box."""
        frame, places = self.frame, box.open
        numbers = np.arange(2 ** len(places))[:, None]
        sets = np.repeat(box.low[None, :], len(numbers), axis=0)
        sets[:, places] = numbers >> np.arange(len(places)) & 1
        room = frame.room(np.zeros(frame.size))
        fits = (sets.astype(float) @ frame.weights.T <= room).all(axis=1)
        for i, j in frame.arcs.tolist():
            fits &= sets[:, i] <= sets[:, j]
        self._offer_all(sets[fits])

    @property
    def least(self) -> float:
        """What a set has to be worth to be looked for."""
        margin = tie_margin(self.value)
        found = self.value - 2 * margin if self.is_first else self.value + margin / 2
        if self.enough is None:
            return found
        return np.inf if self._has_enough else max(found, self.enough - tie_margin(self.enough))

    @property
    def _has_enough(self) -> bool:
        return self.enough is not None and self.value >= self.enough

    def _search(self, box: Box, priced: Priced, deadline: float) -> bool:
        """Look for the best sets, in one radius after the other; False where some are left."""
        is_dived = len(box.open) > MANY and self.enough is None
        if is_dived:
            self._dive(box, priced)
        # A dive found a good set, or nothing is known of how far to go.
        is_known = self.enough is not None or (is_dived and self.value >= 0)
        spare = np.inf if is_known else priced.radius(box)
        while priced.bound >= self.least:
            self.rounds += 1
            if perf_counter() > deadline or not self._search_within(box, priced, spare, deadline):
                if len(box.open) > MANY and not is_dived:
                    self._dive(box, priced)
                return self._has_enough
            if spare >= priced.bound - self.least:
                break
            spare = max(FURTHER * spare, TINY * max(1.0, priced.bound))
        return True

    def _search_within(self, box: Box, priced: Priced, spare: float, deadline: float) -> bool:
        """Look for the best of the sets that lose no more than that; False where there are many."""
        spare = min(spare, priced.bound - self.least)
        reach = priced.most - priced.bound + spare

        def radius() -> float:
            return min(reach, priced.most - self.least)

        near = self._near(box, priced, spare)
        return near is None or near.search(radius, self._offer_one, deadline)

    def _dive(self, box: Box, priced: Priced) -> None:
        """Look for a good set among what prices decide least surely."""
        spare, known = float(np.sort(np.abs(priced.worth[box.open]))[DIVE]), len(self.found)
        near = self._near(box, priced, spare)
        if near is None:
            return
        for width in WIDTHS:
            # Whether a set is allowed, floats cannot tell for sure.
            for chosen in islice(near.dive(width), OFFERED):
                self._offer_one(chosen)
                if len(self.found) > known:
                    return

    def _near(self, box: Box, priced: Priced, spare: float) -> Near | None:
        """Return the search of what is not decided by losing more than that; None for nothing."""
        worth, is_open = priced.worth, box.high & ~box.low
        taken = np.flatnonzero((worth > spare) & is_open)
        out = np.flatnonzero((-worth > spare) & is_open)
        rest = tighten(self.frame, box, taken.tolist(), out.tolist())
        return None if rest is None else Near(self.frame, rest, priced, self.start.most_parts)

    def _offer_one(self, chosen: Flags) -> None:
        """Offer a set that was searched for."""
        self._offer(frozenset(np.flatnonzero(chosen).tolist()))

    def _offer_all(self, sets: Flags) -> None:
        """Offer sets, one a row, that may be of interest."""
        values = self._values(sets)
        for n in np.argsort(-values, kind="stable").tolist():
            if values[n] < self.least - tie_margin(self.value):
                break
            self._offer(frozenset(np.flatnonzero(sets[n]).tolist()))

    def _values(self, sets: Flags) -> Floats:
        frame = self.frame
        logs = np.zeros((frame.size, len(frame.harms)))
        logs[frame.item, frame.metric] = frame.log
        values: Floats = -np.expm1(-(sets.astype(float) @ logs)) @ frame.harms - sets @ frame.tolls
        return values

    def _offer(self, chosen: frozenset[int]) -> None:
        """Take an allowed set for the best if it is."""
        if chosen in self.found or not self.indexed.allows(chosen):
            return
        value = self.frame.value(chosen)
        self.found[chosen] = value
        if value > self.value:
            self.best, self.value = chosen, value


TINY = 1e-6
"""Part of the bound that the second radius is at least."""
