"""Among sets of equal value: fewest changes, then fewest points, then the smallest keys.

Each step is a program of its own on the few candidates that are still open, with a row that holds
the value and a row for every step before. What the solver returns is judged in exact numbers; a
set that only its tolerances let through is cut off and the step solved again.
"""

from dataclasses import dataclass
from math import gcd
from time import perf_counter

from debtplan.engines.master import MAX_WEIGHT, Space
from debtplan.engines.program import LinearRow, Program, Word
from debtplan.engines.search import Search, tie_margin

SHARE = 0.25
"""Share of the time left that ties may take: the value is proven, only the choice among equals is
not."""

TOLERATED = 1e-6
"""What a row of rounded weights may be passed by, before the exact check."""

BLOCK = 20
"""Keys that one program decides: 2**BLOCK must stay far from what a float can hold."""


@dataclass(frozen=True, slots=True)
class Step:
    """A cost in whole numbers by candidate, and the most a set may have of it."""

    costs: dict[int, int]
    most: int

    def allows(self, chosen: frozenset[int]) -> bool:
        """Say whether the set costs no more."""
        return total(self.costs, chosen) <= self.most


def total(costs: dict[int, int], chosen: frozenset[int]) -> int:
    """Return what a set costs."""
    return sum(cost for i, cost in costs.items() if i in chosen)


def break_ties(search: Search, space: Space) -> frozenset[int] | None:
    """Return the first of the sets that equal the best; None where time or solver fail.

    Args:
        search: A search that has proven its best set.
        space: Holds every set as good as the best.
    """
    return _Ties(search, space).run()


class _UndecidedError(Exception):
    """The solver gave no answer that decides a step."""


class _Ties:
    """One run: `best` is the first set so far, `steps` what every later one must keep."""

    def __init__(self, search: Search, space: Space) -> None:
        self.search, self.indexed, self.space = search, search.indexed, space
        self.target = search.value - tie_margin(search.value)
        self.master = search.master(space)
        self.master.seed(search.tangents, search.best)
        # Twice the margin: the solver's tolerances must not cut off what the margin lets through.
        self.worth = self.master.worth_row(self.target - tie_margin(search.value))
        self.best = search.best
        self.until = perf_counter() + SHARE * search.seconds_left
        self.steps: list[Step] = []
        self.held: list[LinearRow] = []

    def run(self) -> frozenset[int] | None:
        if not self.space.open:
            return self.best
        try:
            return self._decide()
        except _UndecidedError:
            return None

    def _decide(self) -> frozenset[int]:
        for costs in self._cost_steps():
            rival = self._least(costs, is_rival=True)
            if rival is None:
                return self.best
            if total(costs, rival) < total(costs, self.best):
                self.best = rival
            step = Step(costs, total(costs, self.best))
            self.steps.append(step)
            self.held.append(self._row(step))
        if self._least({}, is_rival=True) is None:
            return self.best
        for start in range(0, len(self.space.open), BLOCK):
            self._decide_block(self.space.open[start : start + BLOCK])
        return self._shortest()

    def _cost_steps(self) -> list[dict[int, int]]:
        everything = range(len(self.indexed.points))
        points = dict(zip(everything, self.indexed.points, strict=True))
        kept = self.indexed.problem.kept
        if kept is None:
            return [points]
        approved = set(kept)
        keys = self.indexed.problem.keys
        return [{i: -1 if keys[i] in approved else 1 for i in everything}, points]

    def _decide_block(self, block: tuple[int, ...]) -> None:
        """Take the earlier keys of the block before the later ones."""
        costs = {i: -(2 ** (BLOCK - 1 - place)) for place, i in enumerate(block)}
        found = self._least(costs)
        if found is None:
            raise _UndecidedError
        self.best = found
        for i in block:
            sign = -1 if i in found else 1
            self.steps.append(Step({i: sign}, min(sign, 0)))
            column = self.master.column[i]
            self.held.append(LinearRow(((column, float(sign)),), float(min(sign, 0))))

    def _shortest(self) -> frozenset[int]:
        """Return the shortest beginning of the best set that is as good: (a,) is before (a, b).

        The smallest tuple of keys is always a beginning of the set that the blocks find: where
        two tuples first differ, the blocks prefer the smaller key.
        """
        shortest, rest = self.best, self.best
        for i in sorted(self.best, reverse=True):
            rest = rest - {i}
            if self.indexed.points[i] or self.indexed.value(rest) < self.target:
                break
            costs = self.steps[: len(self._cost_steps())]
            if self.search.is_allowed(rest) and all(step.allows(rest) for step in costs):
                shortest = rest
        return shortest

    def _least(self, costs: dict[int, int], *, is_rival: bool = False) -> frozenset[int] | None:
        """Return the set of least cost that equals the best; None where there is none.

        Args:
            costs: What to minimise.
            is_rival: Whether the best set so far does not count.
        """
        cuts = [self.master.differs(self.best)] if is_rival else []
        while True:
            answer = self.search.solve(self._program(costs, cuts), self.until)
            if answer.word is Word.INFEASIBLE:
                return None
            if answer.word is not Word.OPTIMAL:
                raise _UndecidedError
            chosen = self.master.chosen(answer.values)
            if self._is_equal(chosen):
                return chosen
            self.master.touch(self.search.tangents, self.master.columns(chosen))
            cut = self.master.differs(chosen)
            if cut in cuts:
                raise _UndecidedError
            cuts.append(cut)

    def _is_equal(self, chosen: frozenset[int]) -> bool:
        if not self.search.is_allowed(chosen):
            self.master.forbid(chosen)
            return False
        if self.search.offer(chosen) < self.target:
            return False
        return all(step.allows(chosen) for step in self.steps)

    def _program(self, costs: dict[int, int], cuts: list[LinearRow]) -> Program:
        plain = self.master.program(self.search.tangents, is_whole=True)
        gains = [-float(costs.get(i, 0)) for i in self.space.open]
        largest = max(1.0, *map(abs, gains)) / 2**BLOCK
        gains = [gain / max(largest, 1.0) for gain in gains]
        curves = (0.0 for _ in self.master.curves)
        return Program(
            gains=(*gains, *curves),
            upper=plain.upper,
            rows=(*plain.rows, self.worth, *self.held, *cuts),
            whole=plain.whole,
        )

    def _row(self, step: Step) -> LinearRow:
        open_costs = {i: step.costs[i] for i in self.space.open if step.costs[i]}
        left = step.most - total(step.costs, self.space.base)
        divisor = gcd(left, *open_costs.values()) or 1
        largest = max((abs(cost) for cost in open_costs.values()), default=0)
        # Larger whole numbers than the solver can tell apart: nearly equal sets pass, to be cut
        # off one by one.
        scale, slack = divisor, 0.0
        if largest > MAX_WEIGHT * divisor:
            scale, slack = largest // MAX_WEIGHT, TOLERATED
        terms = ((self.master.column[i], cost / scale) for i, cost in open_costs.items())
        return LinearRow(tuple(terms), left / scale + slack)
