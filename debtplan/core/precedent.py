"""What linked items tell of the others: those that carry the same often touch the same.

Naive Bayes: the log odds of a group (a metric, a step, a kind of harm) among the linked items, plus
for each mark that the item carries how much commoner the group is among those that carry it too.
Each mark's part is shrunk towards what is usual, so one linked item alone says little.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from math import log

MOST_ODDS, LEAST_ODDS = 3.0, -5.0


class Precedents:
    """Linked items, by what they carry and the groups that they belong to."""

    def __init__(
        self,
        linked: Iterable[tuple[Collection[str], Collection[str]]],
        groups: int,
        weight: float,
    ) -> None:
        """Count.

        Args:
            linked: What each linked item carries, and its groups.
            groups: How many groups there are, linked or not.
            weight: Linked items that what is usual is worth beside a mark's own.
        """
        self._groups, self._weight, self._linked = groups, weight, 0
        self._of_group: Counter[str] = Counter()
        self._of_mark: Counter[str] = Counter()
        self._both: Counter[tuple[str, str]] = Counter()
        for marks, names in linked:
            self._linked += 1
            self._of_mark.update(set(marks))
            self._of_group.update(set(names))
            self._both.update((mark, name) for mark in set(marks) for name in set(names))

    def odds(self, marks: Iterable[str], group: str) -> float:
        """Return the log odds that an item with these marks belongs to the group, in [-5, 3]."""
        usual = (self._of_group[group] + 0.5) / (self._linked + self._groups)
        base = log(usual / (1 - usual))
        total = base
        for mark in marks:
            hits = self._both[mark, group]
            part = (hits + self._weight * usual) / (self._of_mark[mark] + self._weight)
            total += log(part / (1 - part)) - base
        return max(LEAST_ODDS, min(MOST_ODDS, total))

    def gain(self, marks: Iterable[str], group: str) -> float:
        """Return how far the marks move the log odds from the usual ones, in [-3, 3]."""
        usual = (self._of_group[group] + 0.5) / (self._linked + self._groups)
        base, total = log(usual / (1 - usual)), 0.0
        for mark in marks:
            hits = self._both[mark, group]
            part = (hits + self._weight * usual) / (self._of_mark[mark] + self._weight)
            total += log(part / (1 - part)) - base
        return max(-MOST_ODDS, min(MOST_ODDS, total))

    def hits(self, marks: Iterable[str], group: str) -> tuple[tuple[str, int, int], ...]:
        """Return the marks that speak for a group: (mark, linked items of it, linked items)."""
        return tuple(
            (mark, self._both[mark, group], self._of_mark[mark])
            for mark in marks
            if self._both[mark, group]
        )
