"""Keeping what sources gave: new, changed, gone. Each inside a transaction of the caller's."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, false, func, or_, select

from debtplan.core.item import Skipped
from debtplan.core.source import Changes, Mark, Sighting, SourceState
from debtplan.store import table
from debtplan.store.shelf import Key, Row, Shelf
from debtplan.store.shelves import GIVEN, ITEMS, RELEASES, SIGHTINGS, SKIPPED, SOURCES


def by_kind(records: Iterable[BaseModel]) -> dict[type[BaseModel], list[Any]]:
    """Return the records by their kind; every kind that sources give has a list."""
    kinds: dict[type[BaseModel], list[Any]] = {Skipped: [], **{kind: [] for kind in GIVEN}}
    for record in records:
        kinds[type(record)].append(record)
    return kinds


def save_state(connection: Connection, state: SourceState, *, is_failed: bool) -> None:
    """Write the state; after a failure the last success stays on record."""
    rows = SOURCES.table
    old = SOURCES.read(connection, rows.c.name == state.name)
    if old and is_failed and state.fetched_at is None:
        state = state.model_copy(update={"fetched_at": old[0].fetched_at})
    (row,) = SOURCES.pack([state]).values()
    if old:
        connection.execute(rows.update().where(rows.c.name == state.name), row)
    else:
        SOURCES.add(connection, [row])


def replace(
    connection: Connection, shelf: Shelf[Any], rows: dict[Key, Row], name: str, *, removes: bool
) -> tuple[Changes, list[Skipped]]:
    """Make the source's rows those given; where it `removes` nothing, the others stay.

    A row that another source gave first is left out, and said so: it would change for ever.
    """
    wanted = [shelf.among(rows)] if rows else []
    mine = [shelf.table.c.given_by == name] if removes else []
    held = shelf.held(connection, or_(false(), *wanted, *mine))
    old = {key: seal for key, (owner, seal) in held.items() if owner == name}
    taken = {key: owner for key, (owner, _) in held.items() if owner != name and key in rows}
    free = {key: row for key, row in rows.items() if key not in taken}
    added = [key for key in free if key not in old]
    updated = [key for key in free if key in old and old[key] != free[key]["seal"]]
    gone = [key for key in old if key not in free] if removes else []
    shelf.remove(connection, [*gone, *updated])
    shelf.add(connection, [free[key] for key in sorted([*added, *updated])])
    changes = Changes(
        added=len(added),
        updated=len(updated),
        unchanged=len(free) - len(added) - len(updated),
        gone=tuple(sorted(map(_words, gone))),
    )
    return changes, [_taken(key, taken[key]) for key in sorted(taken)]


def _taken(key: Key, owner: str) -> Skipped:
    reason = f"The source {owner!r} gives it already; take it out of one of the two."
    return Skipped(ref=_words(key), reason=reason)


def save_skipped(connection: Connection, name: str, skipped: Iterable[Skipped]) -> None:
    """Make the source's skipped records those given."""
    kept = [
        table.KeptSkip(source=name, position=position, ref=one.ref, reason=one.reason)
        for position, one in enumerate(skipped)
    ]
    rows = SKIPPED.pack(kept)
    old = SKIPPED.seals(connection, SKIPPED.table.c.source == name)
    SKIPPED.remove(connection, old)
    SKIPPED.add(connection, rows.values())


def renew_skipped(
    connection: Connection, name: str, refs: set[str], skipped: Iterable[Skipped]
) -> None:
    """Put what a page skipped in the place of what was skipped of the same refs before."""
    rows = SKIPPED.table
    if refs:
        mine = (rows.c.source == name, rows.c.ref.in_(sorted(refs)))
        SKIPPED.remove(connection, SKIPPED.seals(connection, *mine))
    new = list(skipped)
    if new:
        last = connection.execute(select(func.max(rows.c.position)).where(rows.c.source == name))
        start = int(last.scalar() or 0) + 1
        kept = [
            table.KeptSkip(source=name, position=position, ref=one.ref, reason=one.reason)
            for position, one in enumerate(new, start)
        ]
        SKIPPED.add(connection, SKIPPED.pack(kept).values())


def sight(connection: Connection, seen: Iterable[tuple[str, str]], mark: Mark) -> Changes:
    """Keep what a page showed, and take out the items of records whose key is another now."""
    now = {id_: Sighting(source=mark.source, id=id_, part=mark.part, key=key) for id_, key in seen}
    columns = table.SIGHTINGS.c
    if not now:
        return Changes()
    found = SIGHTINGS.read(connection, columns.source == mark.source, columns.id.in_(sorted(now)))
    before = {one.id: one for one in found}
    SIGHTINGS.add(
        connection,
        SIGHTINGS.pack(one for one in now.values() if one.id not in before).values(),
    )
    SIGHTINGS.put(connection, [now[id_] for id_, one in before.items() if one != now[id_]])
    renamed = [one.key for one in found if one.key and one.key != now[one.id].key]
    return Changes(gone=tuple(sorted(take_out(connection, mark.source, renamed))))


def take_out(connection: Connection, name: str, keys: Iterable[str]) -> list[str]:
    """Remove the items and releases of records that are gone, and remarks; return their keys."""
    wanted = sorted({key for key in keys if key})
    if not wanted:
        return []
    gone: list[str] = []
    for shelf, column in ((ITEMS, table.ITEMS.c.key), (RELEASES, table.RELEASES.c.id)):
        mine = shelf.table.c.given_by == name
        found = shelf.seals(connection, mine, column.in_(wanted))
        shelf.remove(connection, found)
        gone += [str(key[0]) for key in found]
    rows = SKIPPED.table
    about = (rows.c.source == name, rows.c.ref.in_(wanted))
    SKIPPED.remove(connection, SKIPPED.seals(connection, *about))
    return gone


def _words(key: Key) -> str:
    """Return a row's key for people."""
    return " ".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in key)
