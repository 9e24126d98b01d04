"""The store on a SQL database; see `ports.Store`."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ValidationError
from sqlalchemy import ColumnElement, select

from debtplan.core.approval import Approval
from debtplan.core.capacity import ClosedSprint, OpenSprint
from debtplan.core.item import DebtItem, Skipped
from debtplan.core.note import Note
from debtplan.core.plan import Plan
from debtplan.core.reading import Reading
from debtplan.core.release import Release
from debtplan.core.source import (
    Batch,
    Changes,
    Mark,
    Record,
    Sighting,
    SourceState,
    SourceStatus,
)
from debtplan.errors import StoreError
from debtplan.store import table
from debtplan.store.evidence import SqlEvidence
from debtplan.store.fault import decoded
from debtplan.store.given import (
    by_kind,
    renew_skipped,
    replace,
    save_skipped,
    save_state,
    sight,
    take_out,
)
from debtplan.store.lock import run_lock
from debtplan.store.shelves import (
    ANSWERS,
    GIVEN,
    ITEMS,
    KEPT,
    MARKS,
    NOTICES,
    OPEN_SPRINTS,
    PLANS,
    READINGS,
    SIGHTINGS,
    SKIPPED,
    SOURCES,
    SPRINTS,
)

_KEPT_ANSWER = 1_000_000
"""Bytes of the largest answer that is kept."""


class SqlStore(SqlEvidence):
    """What was read and planned. Every method is one transaction."""

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
        records: Iterable[Record | Skipped],
        *,
        is_complete: bool = True,
    ) -> Changes:
        """See `Store.save_source`."""
        given = by_kind(records)
        skipped = given.pop(Skipped)
        packed = [
            (shelf, shelf.pack(given[kind], given_by=state.name)) for kind, shelf in GIVEN.items()
        ]
        is_failed = state.status is SourceStatus.FAILED
        total = Changes()
        with self._database.writing() as connection:
            save_state(connection, state, is_failed=is_failed)
            for shelf, rows in packed:
                removes = is_complete and not is_failed
                changes, taken = replace(connection, shelf, rows, state.name, removes=removes)
                total, skipped = total + changes, skipped + taken
            if skipped or (is_complete and not is_failed):
                save_skipped(connection, state.name, skipped)
        return total

    def forget_source(self, name: str) -> None:
        """See `Store.forget_source`."""
        with self._database.writing() as connection:
            save_skipped(connection, name, [])
            for lost in (MARKS, SIGHTINGS):
                mine = lost.table.c.source == name
                lost.remove(connection, lost.seals(connection, mine))
            for shelf in GIVEN.values():
                replace(connection, shelf, {}, name, removes=True)
            SOURCES.remove(connection, [(name,)])

    def marks(self, name: str) -> tuple[Mark, ...]:
        """See `Store.marks`."""
        return self._read(MARKS, table.MARKS.c.source == name)

    def save_batch(self, batch: Batch, mark: Mark) -> Changes:
        """See `Store.save_batch`."""
        given = by_kind(batch.records)
        skipped = given.pop(Skipped)
        packed = [
            (shelf, shelf.pack(given[kind], given_by=mark.source)) for kind, shelf in GIVEN.items()
        ]
        total = Changes()
        with self._database.writing() as connection:
            total += sight(connection, batch.sightings, mark)
            for shelf, rows in packed:
                removes = batch.tells_ahead and shelf is OPEN_SPRINTS
                if rows or removes:
                    changes, taken = replace(connection, shelf, rows, mark.source, removes=removes)
                    total, skipped = total + changes, skipped + taken
            spoken = _spoken_of(given, skipped) | {*batch.cleared}
            renew_skipped(connection, mark.source, spoken, skipped)
            MARKS.put(connection, [mark])
        return total

    def seen(self, name: str, part: str) -> tuple[int, int]:
        """See `Store.seen`."""
        columns = table.SIGHTINGS.c
        mine = (columns.source == name, columns.part == part)
        with self._database.reading() as connection:
            missed = SIGHTINGS.count(connection, *mine, columns.missing > 0)
            return SIGHTINGS.count(connection, *mine), missed

    def seen_ids(self, name: str, part: str) -> frozenset[str]:
        """See `Store.seen_ids`."""
        columns = table.SIGHTINGS.c
        mine = (columns.source == name, columns.part == part)
        with self._database.reading() as connection:
            return frozenset(connection.execute(select(columns.id).where(*mine)).scalars())

    def sightings(self, name: str, part: str) -> tuple[Sighting, ...]:
        """See `Store.sightings`."""
        columns = table.SIGHTINGS.c
        return self._read(SIGHTINGS, columns.source == name, columns.part == part)

    def save_census(self, counted: Iterable[Sighting], gone: Iterable[Sighting]) -> Changes:
        """See `Store.save_census`."""
        lost = list(gone)
        with self._database.writing() as connection:
            SIGHTINGS.put(connection, list(counted))
            SIGHTINGS.remove(connection, [(one.source, one.id) for one in lost])
            keys = [key for one in lost for key in take_out(connection, one.source, [one.key])]
        return Changes(gone=tuple(sorted(keys)))

    def count(self, name: str) -> tuple[int, int]:
        """See `Store.count`."""
        with self._database.reading() as connection:
            kept = sum(
                shelf.count(connection, shelf.table.c.given_by == name) for shelf in GIVEN.values()
            )
            return kept, SKIPPED.count(connection, SKIPPED.table.c.source == name)

    def recall(self, key: str) -> tuple[str, bytes] | None:
        """See `EtagTable.recall`."""
        found = self._read(ANSWERS, table.ANSWERS.c.key == key)
        return (found[0].etag, found[0].content) if found else None

    def keep(self, key: str, etag: str, content: bytes) -> None:
        """See `EtagTable.keep`; a very large answer is not kept."""
        if len(content) <= _KEPT_ANSWER:
            with self._database.writing() as connection:
                ANSWERS.put(connection, [table.KeptAnswer(key=key, etag=etag, content=content)])

    def items(self) -> tuple[DebtItem, ...]:
        """See `Store.items`."""
        return self._read(ITEMS)

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
        return self._read(READINGS, *conditions)

    def sprints(self, team: str | None = None) -> tuple[ClosedSprint, ...]:
        """See `Store.sprints`."""
        conditions = [] if team is None else [table.SPRINTS.c.team == team]
        return self._read(SPRINTS, *conditions)

    def open_sprints(self, team: str | None = None) -> tuple[OpenSprint, ...]:
        """See `Store.open_sprints`."""
        conditions = [] if team is None else [table.OPEN_SPRINTS.c.team == team]
        return self._read(OPEN_SPRINTS, *conditions)

    def skipped(self) -> tuple[Skipped, ...]:
        """See `Store.skipped`."""
        return tuple(Skipped(ref=one.ref, reason=one.reason) for one in self._read(SKIPPED))

    def sources(self) -> tuple[SourceState, ...]:
        """See `Store.sources`."""
        return self._read(SOURCES)

    def notices(self, digest: str) -> Mapping[str, bool]:
        """See `Store.notices`."""
        found = self._read(NOTICES, table.NOTICES.c.digest == digest)
        return {one.notifier: one.is_sent for one in found}

    def save_notice(self, digest: str, notifier: str, *, is_sent: bool) -> None:
        """See `Store.save_notice`."""
        kept = table.KeptNotice(digest=digest, notifier=notifier, is_sent=is_sent)
        with self._database.writing() as connection:
            NOTICES.put(connection, [kept])

    def forget_notice(self, digest: str, notifier: str) -> None:
        """See `Store.forget_notice`."""
        with self._database.writing() as connection:
            NOTICES.remove(connection, [(digest, notifier)])

    def run_lock(self) -> AbstractContextManager[None]:
        """See `Store.run_lock`."""
        return run_lock(self._database)

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
            for old in PLANS.read(connection, table.PLANS.c.plan_id == plan.plan_id):
                if old.digest == kept.digest:
                    approval = {"approved_at": old.approved_at, "approved_by": old.approved_by}
                    kept = kept.model_copy(update=approval)
            rows = PLANS.pack([kept])
            PLANS.remove(connection, rows)
            PLANS.add(connection, rows.values())

    def plan(self, plan_id: str) -> Plan | None:
        """See `Store.plan`."""
        return self._last_plan(table.PLANS.c.plan_id == plan_id)

    def plan_ids(self) -> tuple[tuple[str, datetime | None], ...]:
        """See `Store.plan_ids`."""
        columns = table.PLANS.c
        wanted = select(columns.created_at, columns.plan_id, columns.approved_at)
        with self._database.reading() as connection, decoded():
            found = sorted(connection.execute(wanted).all(), key=lambda one: (one[0], one[1]))
        return tuple((str(plan_id), approved_at) for _, plan_id, approved_at in found)

    def last_plan(self, team: str, sprint_id: str | None = None) -> Plan | None:
        """See `Store.last_plan`."""
        columns = table.PLANS.c
        conditions: list[ColumnElement[bool]] = [columns.team == team]
        if sprint_id is not None:
            conditions.append(columns.sprint_id == sprint_id)
        return self._last_plan(*conditions)

    def approve(self, plan_id: str, by: str, at: datetime) -> bool:
        """See `Store.approve`."""
        with self._database.writing() as connection:
            found = PLANS.read(connection, table.PLANS.c.plan_id == plan_id)
            update = {"approved_at": at, "approved_by": by}
            PLANS.put(connection, [one.model_copy(update=update) for one in found])
        return bool(found)

    def approved_plan(self, team: str, sprint_id: str | None = None) -> Approval | None:
        """See `Store.approved_plan`."""
        columns = table.PLANS.c
        conditions: list[ColumnElement[bool]] = [columns.team == team]
        conditions.append(columns.approved_at.is_not(None))
        if sprint_id is not None:
            conditions.append(columns.sprint_id == sprint_id)
        found = [
            (one.approved_at, one)
            for one in self._read(PLANS, *conditions)
            if one.approved_at is not None
        ]
        if not found:
            return None
        at, last = max(found, key=lambda one: (one[0], one[1].plan_id))
        return Approval(plan=_parsed(last), approved_at=at, approved_by=last.approved_by or "")

    def check(self) -> None:
        """See `Store.check`."""
        self._database.check_structure(is_thorough=True)
        with self._database.reading() as connection:
            for shelf in (SOURCES, *GIVEN.values(), *KEPT):
                shelf.read(connection)

    def _last_plan(self, *conditions: ColumnElement[bool]) -> Plan | None:
        found = self._read(PLANS, *conditions)
        return _parsed(found[-1]) if found else None


def _parsed(kept: table.KeptPlan) -> Plan:
    try:
        return Plan.model_validate_json(kept.document)
    except ValidationError as error:
        raise StoreError(
            f"Plan {kept.plan_id} was made by a debtplan that writes plans differently.",
            "Make it again with `debtplan plan`.",
        ) from error


def _spoken_of(
    given: Mapping[type[BaseModel], Sequence[Any]], skipped: Iterable[Skipped]
) -> set[str]:
    """Return the refs that a page says something new of: its items, days and metrics."""
    refs = {one.ref for one in skipped} | {item.key for item in given[DebtItem]}
    for one in given[Reading]:
        refs |= {one.metric, f"{one.metric} on {one.start_at.date()}"}
    for kind in (Note, Release):
        refs |= {one.id for one in given[kind]}
    return refs
