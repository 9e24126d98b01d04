"""Reading every source into the store; one that fails leaves the others alone."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from debtplan.core.capacity import ClosedSprint
from debtplan.core.item import DebtItem, Skipped
from debtplan.core.reading import Reading
from debtplan.core.source import Changes, SourceState, SourceStatus
from debtplan.errors import DebtplanError
from debtplan.ports import Clock, Store
from debtplan.workflows.planner import Progress, no_progress

_PLACE = re.compile(r" [a-z]+ [0-9]+$")
"""How the ref of a record ends that could not be read: `FILE row 12`, `FILE issue 3`."""

Record = DebtItem | Reading | ClosedSprint


@dataclass(frozen=True, slots=True)
class Feed:
    """One source under its name: calling `read` yields all it has."""

    name: str
    read: Callable[[], Iterator[Record | Skipped]]


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


def sync_feeds(
    feeds: Sequence[Feed], store: Store, clock: Clock, progress: Progress = no_progress
) -> tuple[Synced, ...]:
    """Return what became of every feed, in order. Each is one transaction: all of it, or nothing.

    A source that cannot be read keeps what it gave before, and is marked as failed.
    """
    done = []
    for number, feed in enumerate(feeds):
        progress(f"reading {feed.name}", number, len(feeds))
        done.append(_sync_one(feed, store, clock))
    return tuple(done)


def _sync_one(feed: Feed, store: Store, clock: Clock) -> Synced:
    try:
        found = list(feed.read())
    except DebtplanError as error:
        before = {state.name: state for state in store.sources()}.get(feed.name)
        state = SourceState(
            name=feed.name,
            fetched_at=before.fetched_at if before else None,
            status=SourceStatus.FAILED,
            records=before.records if before else 0,
            skipped=before.skipped if before else 0,
            detail=error.what,
        )
        store.save_source(state, ())
        return Synced(state, None, (), error)
    skipped = tuple(one for one in found if isinstance(one, Skipped))
    unread = sum(1 for one in skipped if is_unread(one))
    state = SourceState(
        name=feed.name,
        fetched_at=clock(),
        status=SourceStatus.PARTIAL if unread else SourceStatus.OK,
        records=len(found) - len(skipped),
        skipped=len(skipped),
        detail=say_read(len(found) - len(skipped), unread, len(skipped) - unread),
    )
    return Synced(state, store.save_source(state, found), skipped)


def forget_others(store: Store, names: Collection[str]) -> tuple[str, ...]:
    """Remove from the store what is no longer set, and return the names of those sources."""
    gone = tuple(state.name for state in store.sources() if state.name not in names)
    for name in gone:
        store.forget_source(name)
    return gone


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
