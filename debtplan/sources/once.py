"""Of two records with one id in the files of a table, the later stands, and the other is told."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from debtplan.core.item import Skipped
from debtplan.core.note import Note
from debtplan.core.release import Release

R = TypeVar("R", Note, Release)


def each_once(found: Iterable[tuple[str, R | Skipped]], what: str) -> Iterator[R | Skipped]:
    """Yield every record once, in order, and what was skipped.

    Args:
        found: Where each stands, and the record.
        what: What a record is called: `note`.
    """
    rows = list(found)
    last = {one.id: ref for ref, one in rows if not isinstance(one, Skipped)}
    for ref, one in rows:
        if isinstance(one, Skipped) or last[one.id] == ref:
            yield one
        else:
            reason = f"holds {what} {one.id} again; the one in {last[one.id]} is taken"
            yield Skipped(ref=ref, reason=reason)
