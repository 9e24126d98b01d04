"""Whether any other set is as good as the best, or better: the last proof of a search.

Every set seen is cut off, and a row asks for the value of the best, less what counts as equal.
When nothing is left, the best is proven, and it is the only one.
"""

from time import perf_counter

from debtplan.engines.master import Space
from debtplan.engines.program import Answer, Program, Word
from debtplan.engines.search import MEETS, Search, tie_margin

SHARE = 0.25
"""Share of the time left that rivals may take where the value is proven already."""


def find_rival(search: Search, space: Space) -> bool:
    """Say whether the best set may have an equal; prove on the way that none is better.

    `search.is_proven` tells whether that proof went through.

    Args:
        search: A search that has run.
        space: Holds every set as good as the best.
    """
    return bool(space.open) and _Rivals(search, space).run()


class _Rivals:
    """One run: `seen` is cut off, `has_equal` tells whether one of them equals the best."""

    def __init__(self, search: Search, space: Space) -> None:
        self.search = search
        self.master = search.master(space)
        self.master.seed(search.tangents, search.best)
        self.seen = [search.best]
        self.has_equal = False
        share = SHARE if search.is_proven else 1.0
        self.until = perf_counter() + share * search.seconds_left

    def run(self) -> bool:
        while perf_counter() < self.until and not self.search.is_doubted:
            answer = self.search.solve(self._program(), self.until)
            if answer.word is Word.INFEASIBLE and self._is_trusted():
                self.search.bound = min(self.search.bound, self.search.value)
                return self.has_equal
            if answer.word not in (Word.OPTIMAL, Word.FEASIBLE):
                return True
            verdict = self._judge(answer, self.master.claim(self.search.tangents, answer))
            if verdict is not None:
                return verdict
        return True

    def _is_trusted(self) -> bool:
        """A solver that never gave an allowed set is not believed when it says there is none."""
        return self.search.is_from_solver or self.search.is_proven

    def _judge(self, answer: Answer, claimed: float) -> bool | None:
        """Take the answer in; say how it ends, None where it does not."""
        search = self.search
        chosen = self.master.chosen(answer.values)
        if not search.is_allowed(chosen):
            return None if self.master.forbid(chosen) else True
        if chosen in self.seen:
            return True
        before, margin = search.value, tie_margin(search.value)
        value = search.offer(chosen)
        if claimed < max(value, before - 2 * margin) - margin:
            # The row for the value was not kept, or the bound is below the solver's own set.
            search.is_doubted = True
            return True
        search.has_answer = True
        search.bound = min(search.bound, max(claimed, search.value))
        is_equal = abs(value - before) <= margin
        self.has_equal = is_equal or (self.has_equal and value < before)
        self.seen.append(chosen)
        self.master.touch(search.tangents, self.master.columns(chosen))
        if claimed < search.value - margin and value <= before:
            return self.has_equal
        if self.has_equal and claimed <= search.value + MEETS * max(1.0, search.value):
            return True
        return None

    def _program(self) -> Program:
        search, master = self.search, self.master
        plain = master.program(search.tangents, is_whole=True)
        least = search.value - 2 * tie_margin(search.value)
        cuts = (master.differs(chosen) for chosen in self.seen)
        return Program(
            gains=plain.gains,
            upper=plain.upper,
            rows=(*plain.rows, master.worth_row(least), *cuts),
            whole=plain.whole,
        )
