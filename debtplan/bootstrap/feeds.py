"""Every source of the settings as the workflows take it in: a feed of files, or a live service."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from debtplan.bootstrap.adapters import now
from debtplan.bootstrap.names import unknown_name
from debtplan.config.assemble import queries_of
from debtplan.config.settings import Loaded, TeamSettings
from debtplan.core.item import Skipped
from debtplan.core.source import Record
from debtplan.errors import UsageError
from debtplan.files.options import FileTable
from debtplan.metrics import LIVE_METRICS, METRICS
from debtplan.metrics.options import ReadingTable
from debtplan.ports import Clock, EtagTable, IssueSource, LiveSource, MetricSource, SprintSource
from debtplan.sources import LIVE_RELEASES, LIVE_SOURCES, LIVE_SPRINTS, SOURCES, SPRINTS
from debtplan.sources.notes import NoteFiles
from debtplan.sources.options import IssueTable, NoteTable, ReleaseTable, SprintTable
from debtplan.sources.releases import ReleaseFiles
from debtplan.transport.retry import Told, tell_nobody
from debtplan.workflows.feed import Feed
from debtplan.workflows.walk import Live

if TYPE_CHECKING:
    from debtplan.transport.access import Access

Made = TypeVar("Made")
Table = TypeVar("Table", bound=FileTable)


@dataclass(frozen=True)
class Way:
    """How live sources are reached in this run.

    Attributes:
        etags: Answers kept from before; None keeps none.
        told: Hears why and how many seconds are waited.
        allow_shrink: Whether any number of records may vanish at once.
        clock: The moment up to which raw events are counted.
    """

    etags: EtagTable | None = None
    told: Told = tell_nobody
    allow_shrink: bool = False
    clock: Clock = now


def feeds(
    loaded: Loaded, names: Sequence[str] = (), file: str | None = None, way: Way | None = None
) -> list[Feed | Live]:
    """Return the sources to read: all of them, or those named.

    Args:
        loaded: The settings.
        names: Names under [sources] and [metrics] (`metrics:NAME` where both have it),
            `notes:NAME`, `releases:NAME`, `sprints:TEAM`, or under [warehouse]; with NAME comes
            what it has beside: `NAME:releases` of a tracker, `NAME:tallies` of a warehouse. None
            takes all.
        file: A file, folder or pattern of saved answers, read instead of the named source's own.
        way: How live sources are reached.

    Raises:
        UsageError: A name is not known, or a file is given for none or several sources.
    """
    known = {feed.name: feed for feed in _Sources(loaded, file, way or Way()).all()}
    for name in names:
        if name not in known:
            raise unknown_name("source", name, known)
    given = list(names) or list(known)
    if file is not None and len(given) != 1:
        what = "--from-file needs the one source whose answers these are."
        raise UsageError(what, f"Name it: {', '.join(known) or 'none is set'}.")
    wanted = dict.fromkeys(one for name in given for one in (name, *_beside(name)))
    return [known[name] for name in wanted if name in known]


@dataclass(frozen=True)
class _Sources:
    """The sources of one run."""

    loaded: Loaded
    file: str | None
    way: Way

    def all(self) -> Iterator[Feed | Live]:
        settings = self.loaded.settings
        for name, items in settings.sources.items():
            yield self._items(name, items)
            yield from self._released(name, items)
        for name, readings in settings.metrics.items():
            yield self._readings(name, readings)
        for name, notes in settings.notes.items():
            yield self._notes(name, notes)
        for name, releases in settings.releases.items():
            yield self._releases(name, releases)
        for name in settings.warehouse:
            yield from self._events(name)
        for name, team in settings.team.items():
            yield from self._sprints(name, team)

    def _items(self, name: str, table: IssueTable) -> Feed | Live:
        kind = table.type or name
        if self.file is None and not table.path and kind in LIVE_SOURCES:
            source = LIVE_SOURCES[kind](name, table, self._access(name))
            return Live(source, None if self.way.allow_shrink else table.max_shrink)
        maker = _maker(SOURCES, kind, f"sources.{name}")
        return Feed(name, partial(_fetch, partial(maker, name, self._at(table), self._folder)))

    def _released(self, name: str, table: IssueTable) -> Iterator[Live]:
        kind = table.type or name
        is_live = self.file is None and not table.path
        if is_live and table.releases and kind in LIVE_RELEASES:
            source = LIVE_RELEASES[kind](name, table, self._access(name))
            yield Live(source, max_shrink=None, after=name)

    def _readings(self, name: str, table: ReadingTable) -> Feed | Live:
        kind = table.type or name
        if self.file is None and not table.path and kind in LIVE_METRICS:
            queries = queries_of(self.loaded.settings, name)
            return Live(LIVE_METRICS[kind](name, table, queries, self._access(name)))
        maker = _maker(METRICS, kind, f"metrics.{name}")
        called = f"metrics:{name}" if name in self.loaded.settings.sources else name
        return Feed(called, partial(_read, partial(maker, name, self._at(table), self._folder)))

    def _notes(self, name: str, table: NoteTable) -> Feed:
        made = NoteFiles(name, self._at(table), self._folder)
        return Feed(f"notes:{name}", made.read)

    def _releases(self, name: str, table: ReleaseTable) -> Feed:
        made = ReleaseFiles(name, self._at(table), self._folder)
        return Feed(f"releases:{name}", made.read)

    def _events(self, name: str) -> Iterator[Feed | Live]:
        from debtplan.bootstrap.warehouses import make_warehouse  # only raw events need SQL
        from debtplan.warehouse.live import LiveEvents, read_tallies

        table = self.loaded.settings.warehouse[name]
        if self.file is not None:
            at = str(Path(self.file).absolute())
            table = table.model_copy(update={"path": at, "url": ""})
        warehouse = make_warehouse(self.loaded, name, table)
        days = self.loaded.settings.harm.window_days
        yield Live(LiveEvents(warehouse, self._over))
        yield Feed(f"{name}:tallies", read_tallies(warehouse, self.way.clock, days))

    def _over(self) -> datetime:
        """Return the moment up to which events are read, and never again: no later than now."""
        return min(self.way.clock(), now())

    def _sprints(self, team: str, own: TeamSettings) -> Iterator[Feed | Live]:
        table = own.sprints or own.board
        if table is None:
            return
        if table.source and self.file is None:
            yield Live(self._board(team, table))
            return
        maker = _maker(SPRINTS, table.type, f"team.{team}.sprints")
        made = partial(maker, team, self._at(table), self._folder)
        yield Feed(f"sprints:{team}", partial(_closed, made))

    def _board(self, team: str, table: SprintTable) -> LiveSource:
        trackers = self.loaded.settings.sources
        if table.source not in trackers:
            raise unknown_name(f"source for the sprints of team {team}", table.source, trackers)
        tracker = trackers[table.source]
        maker = _maker(LIVE_SPRINTS, tracker.type or table.source, f"sources.{table.source}")
        return maker(team, table, tracker, self._access(table.source))

    def _access(self, name: str) -> "Access":
        from debtplan.transport.access import Access  # only live services need HTTP

        return Access(
            name=name,
            environment=os.environ,
            line=self.loaded.settings.transport,
            folder=self._folder,
            clock=now,
            etags=self.way.etags,
            told=self.way.told,
        )

    @property
    def _folder(self) -> Path:
        return self.loaded.folder

    def _at(self, table: Table) -> Table:
        """Return the table with another file, which starts from here, not from the settings."""
        if self.file is None:
            return table
        return table.model_copy(update={"path": str(Path(self.file).absolute())})


def _beside(name: str) -> tuple[str, ...]:
    """Return the names of what a source may have beside what it is named for."""
    return tuple(f"{name}:{what}" for what in ("releases", "tallies"))


def _fetch(make: Callable[[], IssueSource]) -> Iterator[Record | Skipped]:
    yield from make().fetch(since=None)


def _read(make: Callable[[], MetricSource]) -> Iterator[Record | Skipped]:
    yield from make().read()


def _closed(make: Callable[[], SprintSource]) -> Iterator[Record | Skipped]:
    yield from make().closed_sprints()


def _maker(registry: Mapping[str, Made], kind: str, table: str) -> Made:
    if kind not in registry:
        what = f"[{table}] says no type that is known: {kind!r}."
        raise UsageError(what, f"Set type to one of: {', '.join(registry)}.")
    return registry[kind]
