"""Reading a source that gives all it has in one go: files, above all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from debtplan.core.item import Skipped
from debtplan.core.source import Record, SourceState, SourceStatus
from debtplan.errors import DebtplanError, InputError
from debtplan.ports import Clock, Store
from debtplan.workflows.synced import Synced, is_unread, say_read


@dataclass(frozen=True, slots=True)
class Feed:
    """One source under its name: calling `read` yields all it has."""

    name: str
    read: Callable[[], Iterator[Record | Skipped]]


def read_feed(feed: Feed, store: Store, clock: Clock) -> Synced:
    """Return what became of a feed, in one transaction: all of it, or nothing.

    A source that cannot be read keeps what it gave before, and is marked as failed. So does one
    whose every record is refused.
    """
    try:
        found = list(feed.read())
        _refuse_useless(found)
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


def _refuse_useless(found: Sequence[Record | Skipped]) -> None:
    """Refuse a file that lost every record to a flaw: it would replace what was known by nothing.

    Raises:
        InputError: None of the records could be read, and at least one is there.
    """
    lost = [one for one in found if isinstance(one, Skipped) and is_unread(one)]
    if not lost or any(not isinstance(one, Skipped) for one in found):
        return
    count = "The one record" if len(lost) == 1 else f"None of the {len(lost):,} records"
    verb = "could not be read" if len(lost) == 1 else "could be read"
    what = f"{count} {verb}: {lost[0].ref}: {lost[0].reason}."
    raise InputError(what, "Mend that in the file or in its table of the settings.")
