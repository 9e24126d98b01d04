"""A census of a list that a walk has read whole already."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from debtplan.core.source import Batch, Fate


@dataclass(frozen=True)
class Listed:
    """See `Census`: nothing is asked again, and what is not in the list was deleted.

    Attributes:
        there: Ids of all that the list holds.
    """

    there: tuple[str, ...]

    def count(self) -> int:
        """See `Census.count`."""
        return len(set(self.there))

    def ids(self) -> Iterator[str]:
        """See `Census.ids`."""
        yield from self.there

    def look(self, ids: Sequence[str]) -> Iterator[tuple[str, Fate]]:
        """See `Census.look`."""
        for one in ids:
            yield one, Fate.GONE

    def fetch(self, ids: Sequence[str]) -> Iterator[Batch]:
        """See `Census.fetch`; the walk has given all there are."""
        _ = ids
        yield from ()
