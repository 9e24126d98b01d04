"""What became of a source, and how that is said."""

import re
from dataclasses import dataclass

from debtplan.core.item import Skipped
from debtplan.core.source import Changes, SourceState
from debtplan.errors import DebtplanError

_PLACE = re.compile(r" [a-z]+ [0-9]+$")
"""How the ref of a record ends that could not be read: `FILE row 12`, `FILE issue 3`."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What became of one source.

    Attributes:
        changes: What the store added, changed and removed; None where the source failed.
        skipped: Records that could not be used, with the reason.
        error: Why it failed; None where it did not.
    """

    state: SourceState
    changes: Changes | None
    skipped: tuple[Skipped, ...] = ()
    error: DebtplanError | None = None


def is_unread(one: Skipped) -> bool:
    """Tell whether a record was lost to a flaw of the file, and not left out for what it is.

    A remark names an item or the source: a pull request, a label that is not understood.
    """
    return _PLACE.search(one.ref) is not None


def say_read(records: int, unread: int, remarks: int) -> str:
    """Return what a source gave, in words: `32 records, 1 not used, 2 remarks`."""
    parts = [f"{records:,} record{'' if records == 1 else 's'}"]
    if unread:
        parts.append(f"{unread:,} not used")
    if remarks:
        parts.append(f"{remarks:,} remark{'' if remarks == 1 else 's'}")
    return ", ".join(parts)
