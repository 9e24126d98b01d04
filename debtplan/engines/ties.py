"""Among sets of equal value: fewest changes, then fewest points, then the smallest keys.

Each step is a program of its own on the few candidates that are still open, with a row that holds
the value and a row for every step before. What the solver returns is judged in exact numbers; a
set that only its tolerances let through is cut off and the step solved again.

Where the approved plan is to be kept (`Problem.keep_within`), the same steps run over all sets that
are worth enough: fewest changes, then most value, and only then points and keys.
"""

from dataclasses import dataclass, replace
from math import gcd, inf
from time import perf_counter

from debtplan.engines.master import MAX_WEIGHT, Space
from debtplan.engines.program import LinearRow, Program, Word
from debtplan.engines.search import MEETS, Search, tie_margin

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


def keep_approved(search: Search) -> frozenset[int] | None:
    """Return the set that `Problem.keep_within` asks for; None where time or solver fail.

    Of all sets worth at least (1 - keep_within) times the best: the fewest changes against what
    was approved, then most value, then fewest points, then the smallest keys.

    Args:
        search: A search that has proven its best set, of a problem with something approved.
    """
    return _Keep(search).run()


class _UndecidedError(Exception):
    """The solver gave no answer that decides a step."""


class _Ties:
    """One run: `best` is the first set so far, `steps` what every later one must keep."""

    def __init__(self, search: Search, space: Space, part: float = 1.0) -> None:
        """Start from the best set; every set counts that is worth this part of it."""
        self.search, self.indexed, self.space = search, search.indexed, space
        self.master = search.master(space)
        self.master.seed(search.tangents, search.best)
        self.best = search.best
        self.until = perf_counter() + SHARE * search.seconds_left
        self.steps: list[Step] = []
        self.held: list[LinearRow] = []
        self._ask_for(part * search.value)

    def run(self) -> frozenset[int] | None:
        if not self.space.open:
            return self.best
        try:
            return self._decide()
        except _UndecidedError:
            return None

    def _ask_for(self, value: float) -> None:
        """Let only sets count from now on that are worth this much."""
        margin = tie_margin(value)
        self.target = value - margin
        # Twice the margin: the solver's tolerances must not cut off what the margin lets through.
        self.worth = self.master.worth_row(self.target - margin)

    def _decide(self) -> frozenset[int]:
        return self._settle([*self._change_steps(), self._points()])

    def _settle(self, order: list[dict[int, int]]) -> frozenset[int]:
        """Return the first set by these costs, the first of them first, and then by keys."""
        for costs in order:
            rival = self._least(costs, is_rival=True)
            if rival is None:
                return self.best
            if total(costs, rival) < total(costs, self.best):
                self.best = rival
            self._hold(costs)
        if self._least({}, is_rival=True) is None:
            return self.best
        costs_held = tuple(self.steps)
        for start in range(0, len(self.space.open), BLOCK):
            self._decide_block(self.space.open[start : start + BLOCK])
        return self._shortest(costs_held)

    def _hold(self, costs: dict[int, int]) -> None:
        """Let no later set cost more than the best one."""
        step = Step(costs, total(costs, self.best))
        self.steps.append(step)
        self.held.append(self._row(step))

    def _points(self) -> dict[int, int]:
        return dict(enumerate(self.indexed.points))

    def _change_steps(self) -> list[dict[int, int]]:
        """Return the costs by changes against the approved plan; none without one."""
        if self.indexed.problem.kept is None:
            return []
        approved = set(self.indexed.problem.kept)
        return [
            {i: -1 if key in approved else 1 for i, key in enumerate(self.indexed.problem.keys)}
        ]

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

    def _shortest(self, costs: tuple[Step, ...]) -> frozenset[int]:
        """Return the shortest beginning of the best set that is as good: (a,) is before (a, b).

        The smallest tuple of keys is always a beginning of the set that the blocks find: where
        two tuples first differ, the blocks prefer the smaller key.
        """
        shortest, rest = self.best, self.best
        for i in sorted(self.best, reverse=True):
            rest = rest - {i}
            if self.indexed.points[i] or self.indexed.value(rest) < self.target:
                break
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


class _Keep(_Ties):
    """One run over all sets that are worth enough to keep the approved plan."""

    def __init__(self, search: Search) -> None:
        """Start from the best set, in the whole of the problem."""
        super().__init__(search, search.whole_space, 1.0 - search.indexed.problem.keep_within)

    def _decide(self) -> frozenset[int]:
        approved = set(self.indexed.problem.kept or ())
        same = frozenset(i for i, k in enumerate(self.indexed.problem.keys) if k in approved)
        if self.search.is_allowed(same) and self.indexed.value(same) >= self.target:
            return same  # no change at all, and no other set has none
        for costs in self._change_steps():
            found = self._least(costs)
            if found is None:
                raise _UndecidedError
            self.best = found
            self._hold(costs)
        self.best = self._most()
        self._ask_for(self.indexed.value(self.best))
        return self._settle([self._points()])

    def _most(self) -> frozenset[int]:
        """Return the set of most value among those that keep the steps so far."""
        cuts: list[LinearRow] = []
        best, value = self.best, -inf
        while True:
            plain = self.master.program(self.search.tangents, is_whole=True)
            rows = (*plain.rows, self.worth, *self.held, *cuts)
            answer = self.search.solve(replace(plain, rows=rows), self.until)
            if answer.word is not Word.OPTIMAL:
                raise _UndecidedError
            chosen = self.master.chosen(answer.values)
            claimed = self.master.claim(self.search.tangents, answer)
            is_news = self.master.touch(self.search.tangents, self.master.columns(chosen))
            if self._is_equal(chosen):
                worth = self.indexed.value(chosen)
                best, value = (chosen, worth) if worth > value else (best, value)
                is_news &= claimed > value + MEETS * max(1.0, value)
            else:
                cut = self.master.differs(chosen)
                is_news = cut not in cuts
                cuts.append(cut)
            if not is_news:
                break
        if claimed > value + tie_margin(value):
            raise _UndecidedError
        return best
