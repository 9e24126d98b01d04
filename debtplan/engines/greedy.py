"""The baseline: take what gives most value per point, again and again, until nothing fits.

This is what sorting a backlog by value per point gets, done honestly: after each pick the value of
the others is what they still add, and an item counts together with what it needs first.
"""

from heapq import heapify, heappop, heappush
from math import expm1, fsum, inf
from time import perf_counter

from debtplan.core.problem import Problem, Selection, Status
from debtplan.engines.indexed import Indexed, index_problem, upward


class GreedyEngine:
    """Value per point, recomputed after each pick. Proves nothing, so its status is greedy."""

    name = "greedy"

    def select(self, problem: Problem) -> Selection:
        """See `Engine.select`."""
        started = perf_counter()
        indexed = index_problem(problem)
        status, chosen, value = Status.INFEASIBLE, frozenset[int](), None
        if indexed.is_feasible:
            status, chosen = Status.GREEDY, fill(indexed)
            value = indexed.value(chosen)
        return Selection(
            status=status,
            chosen=indexed.keys(chosen),
            value=value,
            bound=None,
            gap=None,
            engine=self.name,
            seconds=perf_counter() - started,
        )

    def any_best(self, problem: Problem) -> Selection:
        """See `Engine.any_best`."""
        return self.select(problem)


def fill(indexed: Indexed, start: frozenset[int] = frozenset()) -> frozenset[int]:
    """Return the start and the pins, filled up by value per point.

    What an item adds only falls while others are taken, so an entry of the heap is looked at again
    only when it comes to the top; items whose prerequisites were taken, and so got cheaper, are
    entered anew.

    Args:
        indexed: A feasible problem.
        start: An allowed set to start from; what it requires may be missing.
    """
    return _Filling(indexed, start).run()


class _Filling:
    """One run of the heap; `left` is the harm that is left of each metric."""

    def __init__(self, indexed: Indexed, start: frozenset[int]) -> None:
        self.indexed = indexed
        self.chosen = upward(start | indexed.forced, indexed.requires)
        self.room = indexed.room(self.chosen)
        self.left = list(indexed.harms)
        self._relieve(self.chosen)
        self.heap: list[tuple[tuple[float, float, float, int], int, tuple[int, ...]]] = []
        self.picks = 0

    def run(self) -> frozenset[int]:
        entries = (self._entry(i) for i in self.indexed.open if i not in self.chosen)
        self.heap = [entry for entry in entries if entry]
        heapify(self.heap)
        while self.heap:
            (*_, i), seen_at, bundle = heappop(self.heap)
            if i in self.chosen:
                continue
            if seen_at == self.picks:
                self._take(bundle)
            elif entry := self._entry(i):
                heappush(self.heap, entry)
        return frozenset(self.chosen)

    def _entry(self, i: int) -> tuple[tuple[float, float, float, int], int, tuple[int, ...]] | None:
        """Return the item's place in the order; None where it adds nothing or cannot fit."""
        bundle = self.indexed.bundle(i, self.chosen, self.room, self.indexed.banned)
        if bundle is None:
            return None
        there = self.chosen.union(bundle)
        if not all(self.indexed.is_led(one, there) for one in bundle):
            return None  # entered anew once a way to it is taken
        logs: dict[int, float] = {}
        for one in bundle:
            for metric, log in self.indexed.effects[one]:
                logs[metric] = logs.get(metric, 0.0) + log
        value = fsum(-self.left[metric] * expm1(-log) for metric, log in logs.items())
        if value <= 0:
            return None
        points = sum(self.indexed.points[one] for one in bundle)
        worth = value / points if points else inf
        return (-worth, points, -value, i), self.picks, bundle

    def _take(self, bundle: tuple[int, ...]) -> None:
        self.picks += 1
        self.chosen.update(bundle)
        for one in bundle:
            for row, weight in self.indexed.loads[one]:
                self.room[row] -= weight
        self._relieve(bundle)
        for i in sorted(upward(bundle, self.indexed.dependents) - self.chosen):
            if i not in self.indexed.banned and (entry := self._entry(i)):
                heappush(self.heap, entry)

    def _relieve(self, taken: "set[int] | tuple[int, ...]") -> None:
        for one in sorted(taken):
            for metric, log in self.indexed.effects[one]:
                self.left[metric] *= 1 + expm1(-log)
