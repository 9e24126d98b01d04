"""A fake Jira with what a run over it gives, kept as a store would keep it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from debtplan.core.item import DebtItem, Skipped
from debtplan.core.source import Batch, Mark
from debtplan.ports import LiveSource
from debtplan.sources.jira.board import LiveJiraBoard
from debtplan.sources.jira.live import LiveJira
from debtplan.sources.options import IssueTable, SprintTable
from debtplan.transport.access import Access
from debtplan.transport.options import LineTable
from tests.servers.jira import FakeJira
from tests.servers.jira_shape import Shape

MINUTE, HOUR, DAY = 60, 3600, 86_400

_OPENED: list[Access] = []


@contextmanager
def omni(deployment: Any = "Cloud", issues: int = 0, **options: Any) -> Iterator[FakeJira]:
    """Open a site with the project OMNI, its board, and issues a minute apart, long ago."""
    with FakeJira(deployment, **options) as jira:
        jira.store.add_project("OMNI")
        jira.store.add_board("OMNI")
        add_issues(jira, issues)
        jira.advance(HOUR)
        try:
            yield jira
        finally:
            while _OPENED:
                _OPENED.pop().close()


def add_issues(jira: FakeJira, count: int, project: str = "OMNI") -> None:
    for number in range(count):
        jira.advance(MINUTE)
        jira.store.create(project, points=float(number % 5 + 1))


def access(jira: FakeJira, **variables: str) -> Access:
    environment = {"DEBTPLAN_JIRA_TOKEN": jira.options.token, **variables}
    _OPENED.append(Access("jira", environment, LineTable(max_wait_s=0), Path(), lambda: jira.now))
    return _OPENED[-1]


def table(jira: FakeJira, **settings: Any) -> IssueTable:
    cloud = {"email": jira.options.user} if jira.store.site.is_cloud else {}
    named = {"type": "jira", "site": jira.url, "api": jira.url, "projects": ("OMNI",), **cloud}
    return IssueTable.model_validate({**named, **settings})


def live(jira: FakeJira, **settings: Any) -> LiveJira:
    return LiveJira("jira", table(jira, **settings), access(jira))


def live_board(jira: FakeJira, board: str = "1", **settings: Any) -> LiveJiraBoard:
    own = SprintTable.model_validate({"source": "jira", "board": board, **settings})
    return LiveJiraBoard("web", own, table(jira), access(jira))


@dataclass
class Kept:
    """What runs have given, as a store keeps it.

    Attributes:
        items: By the tracker's own id.
        skipped: Reasons by ref; those of a later page replace those of an earlier one.
        pages: Batches of the last run.
    """

    source: LiveSource
    items: dict[str, DebtItem] = field(default_factory=dict)
    skipped: dict[str, list[str]] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    pages: list[Batch] = field(default_factory=list)

    def run(self, stop_after: int | None = None) -> "Kept":
        """Read every part as a sync does; break off after some pages."""
        self.pages = []
        for part in self.source.parts():
            mark = Mark(source=self.source.name, part=part, scope=self.source.scope(part))
            known = self.marks.get(part)
            mark = known if known is not None and known.scope == mark.scope else mark
            for batch in self.source.walk(part, mark):
                mark = self._keep(batch, mark)
                self.marks[part] = mark
                if len(self.pages) == stop_after:
                    return self
            ended = {"since": mark.newest or mark.since, "resume": "", "newest": None}
            self.marks[part] = mark.model_copy(update=ended)
        return self

    def count(self, part: str = "OMNI") -> "Kept":
        """Compare with the census: read what is new, and drop what is gone or has left."""
        census = self.source.census(part)
        assert census is not None
        there = set(census.ids())
        for batch in census.fetch(sorted(there - self.items.keys())):
            self._take(batch)
        for id_, fate in census.look(sorted(self.items.keys() - there)):
            if fate.value in {"gone", "left"}:
                del self.items[id_]
        return self

    @property
    def since(self) -> datetime | None:
        return self.marks[self.source.parts()[0]].since

    @property
    def names(self) -> list[str]:
        return sorted(one.key.partition(":")[2] for one in self.items.values())

    def item(self, key: str) -> DebtItem:
        return {one.key: one for one in self.items.values()}[f"jira:{key}"]

    def _keep(self, batch: Batch, mark: Mark) -> Mark:
        self.pages.append(batch)
        self._take(batch)
        times = [one for one in (mark.newest, batch.newest) if one]
        newest = max(times, default=None)
        since = newest if batch.is_ordered and newest else mark.since
        return mark.model_copy(update={"newest": newest, "since": since, "resume": batch.resume})

    def _take(self, batch: Batch) -> None:
        items = {one.key: one for one in batch.records if isinstance(one, DebtItem)}
        for id_, key in batch.sightings:
            self.items.pop(id_, None)
            if key:
                self.items[id_] = items[key]
        fresh: dict[str, list[str]] = {}
        for one in batch.records:
            if isinstance(one, Skipped):
                fresh.setdefault(one.ref, []).append(one.reason)
        self.skipped |= fresh


def shape(jira: FakeJira) -> Shape:
    """Return how the fake writes its records."""
    return jira._desk.shape  # noqa: SLF001 - no request gives a record to change


def kept(jira: FakeJira, **settings: Any) -> Kept:
    return Kept(live(jira, **settings))


def in_jira(jira: FakeJira, project: str = "OMNI") -> dict[str, str]:
    """Return the titles of a project by key, as they are now."""
    return {
        one.key: one.summary
        for one in jira.store.issues.values()
        if one.project == project and one.archived is None and jira.store.is_visible(one)
    }


def titles(run: Kept) -> dict[str, str]:
    """Return the titles that were read, by key."""
    return {one.key.partition(":")[2]: one.title for one in run.items.values()}
