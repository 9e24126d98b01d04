"""The set that shares least with a given one, of all that are worth enough.

Sets are weighed by what they are worth less a toll for each item that they share. The toll at which
the best set just stops being worth enough is found by secants; its bound tells how little any set
can share. Sets that are not the best at any toll are then looked for at that one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from debtplan.engines.closing import Closing, Start
from debtplan.engines.frame import Flags, Floats, Frame
from debtplan.engines.search import tie_margin

MOST_TOLLS = 30
"""Tolls that are tried; about ten suffice."""


@dataclass(frozen=True, slots=True)
class Apart:
    """What was found.

    Attributes:
        chosen: Of the sets worth enough that share least, one of most value, as far as is known.
        shared: Items that it shares.
        least: No set that is worth enough shares fewer; equal to `shared` where that is proven.
    """

    chosen: frozenset[int]
    shared: int
    least: int


def most_apart(
    frame: Frame, known: frozenset[int], level: float, deadline: float, start: Start
) -> Apart:
    """Return the set that shares least with a known one, of all worth at least `level`.

    Args:
        frame: A feasible problem without tolls.
        known: An allowed set that is worth enough.
        level: Above 0.
        deadline: On the clock of `time.perf_counter`.
        start: Of a problem of the same items.
    """
    return _Search(frame, known, level, deadline, start).run()


class _Search:
    def __init__(
        self, frame: Frame, known: frozenset[int], level: float, deadline: float, start: Start
    ) -> None:
        self.frame, self.level = frame, level - tie_margin(level)
        self.deadline, self.start = deadline, start
        self.pinned = len(known & frame.indexed.forced)
        self.known = known - frame.indexed.forced
        self.flags: Floats = np.zeros(frame.size)
        self.flags[sorted(self.known)] = 1.0
        self.best, self.rank = known, self._rank(known)

    def run(self) -> Apart:
        least, toll = self._tolls()
        if least < self._shared(self.best) and toll:
            closed = _Finer(self, toll).run((self.best,), self.deadline)
            if closed is not None and closed.is_proven:
                least = self._shared(self.best)
        shared = self._shared(self.best)
        return Apart(self.best, self.pinned + shared, self.pinned + min(least, shared))

    def offer(self, sets: Iterable[frozenset[int]]) -> None:
        """Take the best of these allowed sets, if one is better and worth enough."""
        for one in sets:
            rank = self._rank(one)
            if -rank[1] >= self.level and rank < self.rank:
                self.best, self.rank = one, rank

    def tolled(self, toll: float) -> Frame:
        """Return the problem with a toll on each shared item."""
        return replace(self.frame, tolls=self.flags * toll)

    def _tolls(self) -> tuple[int, float]:
        """Return how many items every set worth enough shares at least, and at which toll."""
        enough = self._shared(self.best), self.frame.value(self.best)
        least, at, short = 0, 0.0, (0, 0.0)
        # Higher than any value: first of all, nothing is shared.
        toll = 2.0 * max(enough[1], 1.0)
        for _ in range(MOST_TOLLS):
            closing = Closing(self.tolled(toll), self.start)
            closed = closing.run((self.best,), self.deadline)
            self.offer(closing.found)
            if closed is None:
                break
            bound = ceil((self.level - closed.bound) / toll - TINY)
            if bound >= least:
                least, at = bound, toll
            found = self._shared(closed.best), self.frame.value(closed.best)
            if found in (enough, short):
                break
            if found[1] >= self.level:
                enough = found
            else:
                short = found
            if enough[0] <= short[0] or enough[1] <= short[1]:
                break
            toll = (enough[1] - short[1]) / (enough[0] - short[0])
        return least, at

    def _shared(self, chosen: frozenset[int]) -> int:
        return len(chosen & self.known)

    def _rank(self, chosen: frozenset[int]) -> tuple[int, float, tuple[int, ...]]:
        return self._shared(chosen), -self.frame.value(chosen), tuple(sorted(chosen))


class _Finer(Closing):
    """Looks for sets that the search should prefer, at one toll."""

    def __init__(self, search: _Search, toll: float) -> None:
        super().__init__(search.tolled(toll), search.start)
        self.search, self.toll = search, toll

    @property
    def least(self) -> float:
        """What a set is worth at least, its toll paid, that is preferred to the best so far."""
        shared, lost, _ = self.search.rank
        fewer, as_few = self.search.level + self.toll, -lost
        level = min(fewer, as_few) - self.toll * shared
        return level - tie_margin(self.search.level)

    def _offer_one(self, chosen: Flags) -> None:
        self._offer_all(chosen[None, :])

    def _offer_all(self, sets: Flags) -> None:
        """Offer sets, one a row, until one of them is not preferred."""
        shared = sets @ self.search.flags
        worth = self._values(sets) + self.toll * shared
        margin = tie_margin(self.search.level)
        is_enough = np.flatnonzero(worth >= self.search.level - margin)
        for n in is_enough[np.lexsort((-worth[is_enough], shared[is_enough]))].tolist():
            now, lost, _ = self.search.rank
            if (shared[n], -worth[n]) > (now, lost + margin):
                break
            chosen = frozenset(np.flatnonzero(sets[n]).tolist())
            if self.indexed.allows(chosen):
                self.search.offer((chosen,))


TINY = 1e-9
"""Part of an item that rounding may add to a bound."""
