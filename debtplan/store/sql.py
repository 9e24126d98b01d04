"""The store on a SQL database; see `ports.Store`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import ColumnElement, Connection

from debtplan.core.capacity import ClosedSprint
from debtplan.core.item import DebtItem, Skipped
from debtplan.core.plan import Plan
from debtplan.core.reading import Reading
from debtplan.core.source import Changes, SourceState, SourceStatus
from debtplan.errors import StoreError
from debtplan.store import table
from debtplan.store.database import Database
from debtplan.store.shelf import Key, Row, Shelf

R = TypeVar("R", bound=BaseModel)

_SOURCES = Shelf(SourceState, table.SOURCES, ["name"])
_ITEMS = Shelf(DebtItem, table.ITEMS, ["key"])
_READINGS = Shelf(Reading, table.READINGS, ["metric", "start_at", "end_at", "source"])
_SPRINTS = Shelf(ClosedSprint, table.SPRINTS, ["team", "position", "id"])
_SKIPPED = Shelf(table.KeptSkip, table.SKIPPED, ["source", "position"])
_PLANS = Shelf(table.KeptPlan, table.PLANS, ["created_at", "plan_id"])

_GIVEN: dict[type[BaseModel], Shelf[Any]] = {
    DebtItem: _ITEMS,
    Reading: _READINGS,
    ClosedSprint: _SPRINTS,
}


class SqlStore:
    """What was read and planned. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Use a database whose tables are there; `open_store` sees to it."""
        self._database = database

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """See `Store.close`."""
        self._database.close()

    def save_source(
        self,
        state: SourceState,
        records: Iterable[DebtItem | Reading | ClosedSprint | Skipped],
        *,
        is_complete: bool = True,
    ) -> Changes:
        """See `Store.save_source`."""
        given = _by_kind(records)
        skipped = given.pop(Skipped)
        packed = [
            (shelf, shelf.pack(given[kind], given_by=state.name)) for kind, shelf in _GIVEN.items()
        ]
        is_failed = state.status is SourceStatus.FAILED
        total = Changes()
        with self._database.writing() as connection:
            _save_state(connection, state, is_failed=is_failed)
            for shelf, rows in packed:
                skipped += _leave_out_taken(connection, shelf, rows, state.name)
                removes = is_complete and not is_failed
                total = _add_up(
                    total, _replace(connection, shelf, rows, state.name, removes=removes)
                )
            if skipped or not is_failed:
                _save_skipped(connection, state.name, skipped)
        return total

    def forget_source(self, name: str) -> None:
        """See `Store.forget_source`."""
        with self._database.writing() as connection:
            _save_skipped(connection, name, [])
            for shelf in _GIVEN.values():
                _replace(connection, shelf, {}, name, removes=True)
            _SOURCES.remove(connection, [(name,)])

    def items(self) -> tuple[DebtItem, ...]:
        """See `Store.items`."""
        return self._read(_ITEMS)

    def readings(
        self, metrics: Iterable[str] | None = None, since: datetime | None = None
    ) -> tuple[Reading, ...]:
        """See `Store.readings`."""
        columns = table.READINGS.c
        conditions: list[ColumnElement[bool]] = []
        if metrics is not None:
            conditions.append(columns.metric.in_(sorted(set(metrics))))
        if since is not None:
            conditions.append(columns.start_at >= since)
        return self._read(_READINGS, *conditions)

    def sprints(self, team: str | None = None) -> tuple[ClosedSprint, ...]:
        """See `Store.sprints`."""
        conditions = [] if team is None else [table.SPRINTS.c.team == team]
        return self._read(_SPRINTS, *conditions)

    def skipped(self) -> tuple[Skipped, ...]:
        """See `Store.skipped`."""
        return tuple(Skipped(ref=one.ref, reason=one.reason) for one in self._read(_SKIPPED))

    def sources(self) -> tuple[SourceState, ...]:
        """See `Store.sources`."""
        return self._read(_SOURCES)

    def save_plan(self, plan: Plan) -> None:
        """See `Store.save_plan`."""
        kept = table.KeptPlan(
            plan_id=plan.plan_id,
            digest=plan.digest,
            team=plan.team,
            sprint_id=plan.sprint.id,
            created_at=plan.created_at,
            document=plan.model_dump_json(),
        )
        with self._database.writing() as connection:
            for old in _PLANS.read(connection, table.PLANS.c.plan_id == plan.plan_id):
                if old.digest == kept.digest:
                    approval = {"approved_at": old.approved_at, "approved_by": old.approved_by}
                    kept = kept.model_copy(update=approval)
            rows = _PLANS.pack([kept])
            _PLANS.remove(connection, rows)
            _PLANS.add(connection, rows.values())

    def plan(self, plan_id: str) -> Plan | None:
        """See `Store.plan`."""
        return self._last_plan(table.PLANS.c.plan_id == plan_id)

    def last_plan(self, team: str, sprint_id: str | None = None) -> Plan | None:
        """See `Store.last_plan`."""
        columns = table.PLANS.c
        conditions: list[ColumnElement[bool]] = [columns.team == team]
        if sprint_id is not None:
            conditions.append(columns.sprint_id == sprint_id)
        return self._last_plan(*conditions)

    def check(self) -> None:
        """See `Store.check`."""
        self._database.check_structure(is_thorough=True)
        with self._database.reading() as connection:
            for shelf in (_SOURCES, *_GIVEN.values(), _SKIPPED, _PLANS):
                shelf.read(connection)

    def _read(self, shelf: Shelf[R], *conditions: ColumnElement[bool]) -> tuple[R, ...]:
        with self._database.reading() as connection:
            return shelf.read(connection, *conditions)

    def _last_plan(self, *conditions: ColumnElement[bool]) -> Plan | None:
        found = self._read(_PLANS, *conditions)
        if not found:
            return None
        try:
            return Plan.model_validate_json(found[-1].document)
        except ValidationError as error:
            raise StoreError(
                f"Plan {found[-1].plan_id} was made by a debtplan that writes plans differently.",
                "Make it again with `debtplan plan`.",
            ) from error


def _by_kind(records: Iterable[BaseModel]) -> dict[type[BaseModel], list[Any]]:
    kinds: dict[type[BaseModel], list[Any]] = {Skipped: [], **{kind: [] for kind in _GIVEN}}
    for record in records:
        kinds[type(record)].append(record)
    return kinds


def _save_state(connection: Connection, state: SourceState, *, is_failed: bool) -> None:
    """Write the state; after a failure the last success stays on record."""
    rows = _SOURCES.table
    old = _SOURCES.read(connection, rows.c.name == state.name)
    if old and is_failed and state.fetched_at is None:
        state = state.model_copy(update={"fetched_at": old[0].fetched_at})
    (row,) = _SOURCES.pack([state]).values()
    if old:
        connection.execute(rows.update().where(rows.c.name == state.name), row)
    else:
        _SOURCES.add(connection, [row])


def _replace(
    connection: Connection, shelf: Shelf[Any], rows: dict[Key, Row], name: str, *, removes: bool
) -> Changes:
    """Make the source's rows those given; where it `removes` nothing, the others stay."""
    old = shelf.seals(connection, shelf.table.c.given_by == name)
    added = [key for key in rows if key not in old]
    updated = [key for key in rows if key in old and old[key] != rows[key]["seal"]]
    gone = [key for key in old if key not in rows] if removes else []
    shelf.remove(connection, [*gone, *updated])
    shelf.add(connection, [rows[key] for key in sorted([*added, *updated])])
    return Changes(
        added=len(added),
        updated=len(updated),
        unchanged=len(rows) - len(added) - len(updated),
        gone=tuple(sorted(map(_words, gone))),
    )


def _leave_out_taken(
    connection: Connection, shelf: Shelf[Any], rows: dict[Key, Row], name: str
) -> list[Skipped]:
    """Take out the rows that another source gave first, and say so: they would change for ever."""
    if not rows:
        return []
    taken = shelf.owners(connection, shelf.table.c.given_by != name)
    skipped = []
    for key in sorted(rows.keys() & taken.keys()):
        del rows[key]
        reason = f"The source {taken[key]!r} gives it already; take it out of one of the two."
        skipped.append(Skipped(ref=_words(key), reason=reason))
    return skipped


def _save_skipped(connection: Connection, name: str, skipped: Iterable[Skipped]) -> None:
    kept = [
        table.KeptSkip(source=name, position=position, ref=one.ref, reason=one.reason)
        for position, one in enumerate(skipped)
    ]
    rows = _SKIPPED.pack(kept)
    old = _SKIPPED.seals(connection, _SKIPPED.table.c.source == name)
    _SKIPPED.remove(connection, old)
    _SKIPPED.add(connection, rows.values())


def _add_up(one: Changes, other: Changes) -> Changes:
    return Changes(
        added=one.added + other.added,
        updated=one.updated + other.updated,
        unchanged=one.unchanged + other.unchanged,
        gone=(*one.gone, *other.gone),
    )


def _words(key: Key) -> str:
    """Return a row's key for people."""
    return " ".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in key)
