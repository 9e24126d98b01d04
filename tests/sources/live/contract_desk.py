"""A tracker as the contract suite sees it: what people do there, what is read, what goes wrong."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from debtplan.core.source import Mark
from debtplan.ports import LiveSource
from debtplan.sources import LIVE_SOURCES
from debtplan.sources.options import IssueTable
from debtplan.store import SqlStore
from debtplan.transport.access import Access
from debtplan.transport.options import LineTable
from debtplan.workflows.planner import Progress, no_progress
from debtplan.workflows.synced import Synced
from debtplan.workflows.walk import Live, walk_live
from tests.servers.github import FakeGithub
from tests.servers.harness import Reply, Seen
from tests.servers.jira import FakeJira

CANARY = "canary0token0that0must0not0show"
MINUTE, HOUR = 60, 3600

Script = Callable[[Seen], Reply | None]


class Desk(ABC):
    """One tracker with one project or repository, a store, and a source between them.

    Attributes:
        kind: Its key in `LIVE_SOURCES`.
        part: What is walked.
        store: What is kept.
        scripts: Asked before the fake, in order; the first reply decides.
        on_page: Called with 1, 2, 3, ... after each page of a list was made.
        size: Most records of a page, by its number; None leaves the tracker's own limit.
        pages: Pages of lists so far.
        waited: Seconds of every wait that people were told of.
    """

    kind: ClassVar[str]
    part: ClassVar[str]
    endpoints: ClassVar[tuple[str, ...]]
    """How the path of every endpoint that a sync of plain items asks for ends."""

    def __init__(self, server: FakeJira | FakeGithub, store: SqlStore) -> None:
        self.server = server
        self.store = store
        self.scripts: list[Script] = []
        self.on_page: Callable[[int], None] = lambda _: None
        self.size: Callable[[int], int] | None = None
        self.pages = 0
        self.waited: list[float] = []
        server.faults.append(self._fault)

    @classmethod
    @abstractmethod
    def serving(cls) -> Any:
        """Return the fake, not yet open."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return what the settings say of the source."""

    @abstractmethod
    def add(self, title: str = "", points: float | None = 2.0) -> str:
        """Create an item now; return its key."""

    @abstractmethod
    def change(self, number: int, title: str) -> None:
        """Give an item another title."""

    @abstractmethod
    def delete(self, number: int) -> None:
        """Delete an item."""

    @abstractmethod
    def move(self, number: int) -> None:
        """Move an item where the settings do not look."""

    @abstractmethod
    def hide(self, number: int) -> None:
        """Take an item out of this token's sight, in such a way that the tracker says so."""

    @abstractmethod
    def hide_all(self, *, hidden: bool = True) -> None:
        """Take the permission to see all of it away, or give it back."""

    @abstractmethod
    def there(self) -> dict[str, str]:
        """Return the titles of what the settings ask for, by key, as they are now."""

    @abstractmethod
    def is_list(self, seen: Seen) -> bool:
        """Tell whether a list of items is asked for."""

    @abstractmethod
    def is_walk(self, seen: Seen) -> bool:
        """Tell whether it is one of the walk, and not of the census."""

    @abstractmethod
    def cut(self, seen: Seen, size: int) -> Seen:
        """Return a request for a list with fewer records a page."""

    @abstractmethod
    def records(self, body: Any) -> list[Any]:
        """Return the records of a list's answer; changing them changes the answer."""

    @abstractmethod
    def dated(self, record: Any, at: str) -> None:
        """Write another time of change into a record."""

    @abstractmethod
    def retell(self, answer: Reply, *, is_last: bool) -> Reply:
        """Return a page that says another thing about being the last one than it should."""

    @abstractmethod
    def next_again(self, answer: Reply, seen: Seen) -> Reply:
        """Return a page that names itself as the following one."""

    @abstractmethod
    def empty_page(self) -> None:
        """Let a list have an empty page in its middle."""

    @property
    def host(self) -> str:
        return self.server.url.partition("://")[2]

    def fill(self, count: int) -> None:
        """Create items a minute apart, an hour ago."""
        for _ in range(count):
            self.server.advance(MINUTE)
            self.add()
        self.server.advance(HOUR)

    def script(self, one: Script) -> None:
        self.scripts.append(one)

    def fail(self, answer: Reply, times: int = 1, after: int = 0) -> None:
        """Answer `times` lists with this, after some that are answered as they should be."""
        left = [after, times]

        def fault(seen: Seen) -> Reply | None:
            if not self.is_list(seen) or not left[1]:
                return None
            if left[0]:
                left[0] -= 1
                return None
            left[1] -= 1
            return answer

        self.script(fault)

    def retouch(self, change: Callable[[list[Any]], None], *, everywhere: bool = False) -> None:
        """Let something be done to the records of every page of a walk, or of every list."""

        def fault(seen: Seen) -> Reply | None:
            if not (self.is_walk(seen) or (everywhere and self.is_list(seen))):
                return None
            answer = self.real(seen)
            if answer.status != 200:
                return answer
            body = json.loads(answer.content)
            change(self.records(body))
            return replace(answer, content=json.dumps(body).encode())

        self.script(fault)

    def real(self, seen: Seen) -> Reply:
        """Return what the fake answers by itself, with the pages cut."""
        wanted = self.cut(seen, self.size(self.pages)) if self.size else seen
        return self.server._answers(wanted)  # noqa: SLF001 - what stands behind the faults

    def _fault(self, seen: Seen) -> Reply | None:
        is_list = self.is_list(seen)
        self.pages += is_list
        scripted = (found for one in self.scripts if (found := one(seen)) is not None)
        found = next(scripted, None)
        if found is None and is_list:
            found = self.real(seen)
        if is_list:
            self.on_page(self.pages)
        return found

    def source(self, token: str = CANARY, **line: Any) -> LiveSource:
        """Make the source as the program does."""
        access = Access(
            name=self.kind,
            environment={f"DEBTPLAN_{self.kind.upper()}_TOKEN": token},
            line=LineTable(**line),
            folder=Path(),
            clock=lambda: self.server.now,
            etags=self.store,
            told=lambda _, seconds: self.waited.append(seconds),
        )
        table = IssueTable(type=self.kind, **self.settings())  # type: ignore[arg-type]
        return LIVE_SOURCES[self.kind](self.kind, table, access)

    def sync(
        self,
        max_shrink: float | None = 0.2,
        progress: Progress = no_progress,
        token: str = CANARY,
        **line: Any,
    ) -> Synced:
        """Read the tracker into the store."""
        source = self.source(token, **line)
        return walk_live(Live(source, max_shrink), self.store, lambda: self.server.now, progress)

    def kept(self) -> dict[str, str]:
        """Return the titles in the store, by key."""
        return {one.key: one.title for one in self.store.items()}

    def mark(self) -> Mark:
        (found,) = self.store.marks(self.kind)
        return found
