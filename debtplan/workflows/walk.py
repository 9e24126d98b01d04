"""Reading a live source into the store: part by part, page by page, and counting what is there.

Each page is one transaction that holds its records and how far they go, so a run that is killed
goes on where it was. What is deleted, moved or hidden shows only in a census: what that does not
find is asked for, and what is gone counts as deleted at the second census that does not find it.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from debtplan.core.item import Skipped
from debtplan.core.source import (
    Batch,
    Changes,
    Fate,
    Mark,
    Sighting,
    SourceState,
    SourceStatus,
)
from debtplan.errors import AuthenticationError, DebtplanError, ForbiddenError, PartialDataError
from debtplan.ports import Census, Clock, LiveSource, Store
from debtplan.workflows.planner import Progress, no_progress
from debtplan.workflows.synced import Synced, say_read

GONE_AFTER = 2
"""Times in a row that a record is not found before it counts as deleted."""

FEW = 5
"""Records that may always vanish at once, however small the project."""


class _ShrunkError(PartialDataError):
    """So much vanished at once that nobody should plan before a person has looked."""


@dataclass(frozen=True, slots=True)
class Live:
    """A live source, and how much of it may vanish at once.

    Attributes:
        max_shrink: Share of a part's records, in [0, 1]; None allows anything, for one run.
        after: Name of the source that signs in with the same credentials and is read before: where
            these are refused there, this one is not asked; each further try might lock the account.
    """

    source: LiveSource
    max_shrink: float | None = 0.2
    after: str = ""

    @property
    def name(self) -> str:
        """Name of the source."""
        return self.source.name


@dataclass
class _Walk:
    """One run over one source; `changes` and `errors` are what came of it so far.

    What an earlier run has said of the same record is kept, and not told again: `known` holds it.
    """

    live: Live
    store: Store
    clock: Clock
    progress: Progress
    changes: Changes = field(default_factory=Changes)
    errors: list[tuple[str, DebtplanError]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    known: frozenset[tuple[str, str]] = frozenset()
    read: int = 0

    @property
    def source(self) -> LiveSource:
        return self.live.source

    def run(self) -> Synced:
        """Read every part; one that fails leaves the others alone."""
        name = self.source.name
        self.known = frozenset((one.ref, one.reason) for one in self.store.skipped())
        before = {state.name: state for state in self.store.sources()}.get(name)
        if before is None:
            begun = SourceState(
                name=name, status=SourceStatus.FAILED, detail="has not been read to its end yet"
            )
            self.store.save_source(begun, (), is_complete=False)
        try:
            parts = self.source.parts()
            for part in parts:
                self._read_part(part)
        except DebtplanError as error:
            self.errors.append(("", error))
        finally:
            self.source.close()
        return self._finish(before)

    def _read_part(self, part: str) -> None:
        try:
            mark = self._walk_part(part)
            census = self.source.census(part)
            if census is not None:
                self._count_part(census, mark)
        except DebtplanError as error:
            is_refused = isinstance(error, AuthenticationError)
            if is_refused and not isinstance(error, ForbiddenError):
                raise  # each further try might lock the account
            self.errors.append((part, error))

    def _walk_part(self, part: str) -> Mark:
        """Read what changed; return how far it goes."""
        name, scope = self.source.name, self.source.scope(part)
        known = {mark.part: mark for mark in self.store.marks(name)}.get(part)
        mark = Mark(source=name, part=part, scope=scope)
        if known is not None and known.scope == scope:
            mark = known
        for batch in self.source.walk(part, mark):
            mark = _moved_on(mark, batch)
            self._keep(batch, mark)
        since = mark.newest or mark.since
        ended = mark.model_copy(update={"since": since, "newest": None, "resume": ""})
        self._keep(Batch(()), ended)
        return ended

    def _keep(self, batch: Batch, mark: Mark) -> None:
        self.read += len(batch.records)
        said = (one for one in batch.records if isinstance(one, Skipped))
        self.skipped += [one for one in said if (one.ref, one.reason) not in self.known]
        self.progress(f"reading {self.source.name}", self.read, 0)
        self.changes += self.store.save_batch(batch, mark)

    def _count_part(self, census: Census, mark: Mark) -> None:
        """Find out what is no longer there, and what no walk has given."""
        part = mark.part
        seen, missed = self.store.seen(self.source.name, part)
        if not missed and census.count() == seen:
            return
        there = set(census.ids())
        if not missed and there == self.store.seen_ids(self.source.name, part):
            return
        known = {one.id: one for one in self.store.sightings(self.source.name, part)}
        returned = {one.id for one in known.values() if one.missing}.intersection(there)
        new = sorted((there - known.keys()) | returned)
        for batch in census.fetch(new) if new else ():
            self._keep(batch, mark)  # which also ends their being missing
        absent = [one for id_, one in sorted(known.items()) if id_ not in there]
        self._refuse_shrinking(part, len(known), len(absent))
        counted, gone = self._judge(absent, census)
        self.changes += self.store.save_census(counted, gone)

    def _refuse_shrinking(self, part: str, known: int, absent: int) -> None:
        allowed = self.live.max_shrink
        if allowed is None or absent == 0 or (absent <= FEW and absent < known):
            return
        if absent == known or absent > allowed * known:
            share = f"{absent:,} of {known:,} records of {part}"
            what = f"{share} are no longer there; nothing was removed."
            fix = (
                f"Check what the token may read; if it is right, run "
                f"`debtplan sync {self.source.name} --allow-shrink`."
            )
            raise _ShrunkError(what, fix)

    def _judge(
        self, absent: list[Sighting], census: Census
    ) -> tuple[list[Sighting], list[Sighting]]:
        """Return who is still waited for, and who is gone."""
        by_id = {one.id: one for one in absent}
        counted, gone = [], []
        for id_, fate in census.look(sorted(by_id)) if absent else ():
            one = by_id[id_]
            missing = one.missing + 1
            if fate is Fate.LEFT or (fate is Fate.GONE and missing >= GONE_AFTER):
                gone.append(one)
            elif fate in (Fate.GONE, Fate.HIDDEN):
                # What was out of sight may have changed there: it is read anew when it is back.
                counted.append(one.model_copy(update={"missing": min(missing, GONE_AFTER - 1)}))
        return counted, gone

    def _finish(self, before: SourceState | None) -> Synced:
        name = self.source.name
        records, skipped = self.store.count(name)
        error = _told(name, self.errors)
        status = SourceStatus.OK
        if error is not None:
            is_shrunk = any(isinstance(one, _ShrunkError) for _, one in self.errors)
            status = SourceStatus.SHRUNK if is_shrunk else SourceStatus.FAILED
        fetched_at: datetime | None = self.clock() if error is None else None
        if fetched_at is None and before is not None:
            fetched_at = before.fetched_at
        state = SourceState(
            name=name,
            fetched_at=fetched_at,
            status=status,
            records=records,
            skipped=skipped,
            detail=error.what if error else say_read(records, 0, skipped),
        )
        self.store.save_source(state, (), is_complete=False)
        return Synced(state, self.changes, tuple(self.skipped), error)


def walk_live(live: Live, store: Store, clock: Clock, progress: Progress = no_progress) -> Synced:
    """Return what became of a live source; every page that was read is kept, whatever follows."""
    return _Walk(live, store, clock, progress).run()


def _moved_on(mark: Mark, batch: Batch) -> Mark:
    """Return the mark after a page."""
    newest = max((one for one in (mark.newest, batch.newest) if one is not None), default=None)
    since = newest if batch.is_ordered and newest is not None else mark.since
    return mark.model_copy(update={"newest": newest, "since": since, "resume": batch.resume})


def _named(part: str, error: DebtplanError) -> DebtplanError:
    """Return the error with the part that it is about, which a status alone does not tell."""
    if not part or re.search(rf"(?<![\w-]){re.escape(part)}(?![\w-])", error.what):
        return error
    return type(error)(f"{part}: {error.what}", error.fix)


def _told(name: str, errors: list[tuple[str, DebtplanError]]) -> DebtplanError | None:
    """Return one error for all that happened."""
    if not errors:
        return None
    if len(errors) == 1:
        return _named(*errors[0])
    lines = [f"{len(errors)} parts of {name} could not be read; the others were stored."]
    lines += [f"  - {part or name}: {error.what}" for part, error in errors]
    fixes = dict.fromkeys(error.fix for _, error in errors)
    return PartialDataError("\n".join(lines), " ".join(fixes))
