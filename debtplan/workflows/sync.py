"""Reading every source into the store; one that fails leaves the others alone."""

from collections.abc import Collection, Sequence

from debtplan.errors import AuthenticationError, ForbiddenError
from debtplan.ports import Clock, Store
from debtplan.workflows.feed import Feed, read_feed
from debtplan.workflows.planner import Progress, no_progress
from debtplan.workflows.synced import Synced
from debtplan.workflows.walk import Live, walk_live


def sync_sources(
    sources: Sequence[Feed | Live], store: Store, clock: Clock, progress: Progress = no_progress
) -> tuple[Synced, ...]:
    """Return what became of every source, in order; see `read_feed` and `walk_live`.

    One that signs in as another does is left out where that one was refused; see `Live.after`.
    """
    done: list[Synced] = []
    refused: set[str] = set()
    for number, source in enumerate(sources):
        progress(f"reading {source.name}", number, len(sources))
        if not isinstance(source, Live):
            done.append(read_feed(source, store, clock))
        elif source.after not in refused:
            done.append(walk_live(source, store, clock, progress))
        if done and _is_refused(done[-1]):
            refused.add(done[-1].state.name)
    return tuple(done)


def _is_refused(one: Synced) -> bool:
    """Tell whether the credentials themselves were refused, and not one of their rights."""
    error = one.error
    return isinstance(error, AuthenticationError) and not isinstance(error, ForbiddenError)


def forget_others(store: Store, names: Collection[str]) -> tuple[str, ...]:
    """Remove from the store what is no longer set, and return the names of those sources."""
    gone = tuple(state.name for state in store.sources() if state.name not in names)
    for name in gone:
        store.forget_source(name)
    return gone
