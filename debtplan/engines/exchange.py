"""Better sets for large knapsacks of many rows, from several starts.

The best set often holds one or two candidates more or less than the relaxation, and then quite
other ones. So the relaxation is solved once for every number of candidates near its own, and
exchanges (`improve`) go on from each (after Vasquez and Hao, IJCAI 2001).
"""

from collections.abc import Sequence
from dataclasses import replace
from math import floor

from debtplan.engines.greedy import fill
from debtplan.engines.improve import improve
from debtplan.engines.master import TAKEN, Space
from debtplan.engines.program import Answer, LinearRow, Program
from debtplan.engines.search import Relaxed, Search

FEWEST = 120
"""Exchanges look for a better set where more candidates than this are open; fewer are proven as
soon."""

SURE = 30
"""Candidates that a start leaves to the exchanges, the least certain ones."""

FEWER, MORE = 3, 4
"""How far numbers of candidates go below and above the relaxation's, rounded down."""

PASSES = range(1, 100)
"""Seeds of the passes on the best set at the end; time ends them."""


class Exchange:
    """The exchanges of one search; no use where `order` is empty.

    Attributes:
        order: What may be exchanged, least certain first.
    """

    def __init__(self, search: Search, space: Space, relaxed: Relaxed) -> None:
        """Put the open candidates in order.

        Args:
            search: Of a problem whose values go by steps.
            space: Holds every set as good as the best.
            relaxed: The relaxation of the whole.
        """
        self.search, self.space = search, space
        worth = dict(zip(search.whole_space.open, relaxed.worth, strict=True))
        indexed = search.indexed
        is_use = len(space.open) > FEWEST and len(indexed.rows) > 1 and not any(indexed.requires)
        self.order = sorted(space.open, key=lambda i: (abs(worth[i]), i)) if is_use else []

    def first(self) -> None:
        """Look around the best set."""
        self._look(self.search.best, self.order, range(1))

    def rest(self) -> None:
        """Look from every number of candidates, then around the best set until time is over."""
        search = self.search
        plain = search.master(self.space).program(search.tangents, is_whole=False)
        relaxed = search.solve(plain, search.deadline)
        count = sum(relaxed.values)
        numbers = range(floor(count) - FEWER, floor(count) + MORE + 1)
        for number in sorted(numbers, key=lambda one: (abs(one - count), one)):
            program = _counted(plain, number)
            answer = search.solve(program, search.deadline)
            if len(answer.duals) == len(program.rows):
                self._start(program, answer)
        self._look(search.best, self.order, PASSES)

    def _start(self, program: Program, answer: Answer) -> None:
        """Look from where the relaxation of a number of candidates leads."""
        worth = _worth(program, answer)
        places = sorted(range(len(worth)), key=lambda c: (abs(worth[c]), c))
        order = [self.space.open[c] for c in places]
        sure = (c for c in places[SURE:] if answer.values[c] >= TAKEN)
        base = self.space.base.union(self.space.open[c] for c in sure)
        if self.search.is_allowed(base):
            self._look(fill(self.search.indexed, base), order, range(1))

    def _look(self, start: frozenset[int], order: Sequence[int], passes: range) -> None:
        if not self.search.is_proven and self.search.seconds_left:
            indexed, deadline = self.search.indexed, self.search.deadline
            self.search.offer(improve(indexed, start, order, passes, deadline))


def _counted(plain: Program, number: int) -> Program:
    """Return the program with exactly so many candidates, parts added up."""
    columns = range(len(plain.gains))
    most = LinearRow(tuple((c, 1.0) for c in columns), float(number))
    least = LinearRow(tuple((c, -1.0) for c in columns), -float(number))
    return replace(plain, rows=(*plain.rows, most, least))


def _worth(program: Program, answer: Answer) -> list[float]:
    """Return what each column gains beyond what its rows' prices ask for it."""
    worth = list(program.gains)
    for price, row in zip(answer.duals, program.rows, strict=True):
        for c, weight in row.weights:
            worth[c] -= price * weight
    return worth
