"""What linked items tell of the others: those that say or carry the same often touch the same.

As naive Bayes does, each mark of an item moves the log odds of a group (a metric, a step, a kind of
harm) by how much commoner the group is among linked items with that mark than among all. Each is
shrunk towards what is usual, so one linked item says little, and only the strongest few count:
words come in sentences, and a sentence that many items repeat is one witness, not ten.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from math import log

STRONGEST = 2
"""Marks that count for a group, and as many against it."""

MOST_GAIN = 8.0


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

    def gain(self, marks: Iterable[str], group: str) -> float:
        """Return how far the marks move the log odds of a group from the usual, in [-8, 8]."""
        usual = (self._of_group[group] + 0.5) / (self._linked + self._groups)
        base = log(usual / (1 - usual))
        parts = []
        for mark in marks:
            if mark not in self._of_mark:
                continue
            hits = self._both[mark, group]
            part = (hits + self._weight * usual) / (self._of_mark[mark] + self._weight)
            parts.append(log(part / (1 - part)) - base)
        parts.sort()
        total = sum(part for part in parts[:STRONGEST] if part < 0)
        total += sum(part for part in parts[-STRONGEST:] if part > 0)
        return max(-MOST_GAIN, min(MOST_GAIN, total))

    def part(self, marks: Iterable[str], group: str) -> float:
        """Return what part of the linked items with one of the marks is of the group, in [0, 1).

        The mark that says most counts; one item more, of no group, is counted for each.
        """
        return max(
            (self._both[mark, group] / (self._of_mark[mark] + 1) for mark in marks), default=0.0
        )

    def hits(self, marks: Iterable[str], group: str) -> tuple[tuple[str, int, int], ...]:
        """Return the marks that speak for a group: (mark, linked items of it, linked items)."""
        return tuple(
            (mark, self._both[mark, group], self._of_mark[mark])
            for mark in marks
            if self._both[mark, group]
        )
