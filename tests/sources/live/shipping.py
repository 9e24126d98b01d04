"""Live sources of releases in front of the fakes, and what a store holds after them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from debtplan.core.release import Release
from debtplan.core.source import Probe
from debtplan.ports import LiveSource
from debtplan.sources import LIVE_RELEASES
from debtplan.sources.options import IssueTable
from debtplan.store import SqlStore
from debtplan.transport.access import Access
from debtplan.transport.options import LineTable
from debtplan.workflows.synced import Synced
from debtplan.workflows.walk import Live, walk_live
from tests.servers.github import TOKEN, FakeGithub
from tests.servers.harness import Seen
from tests.servers.jira import FakeJira

SHOP = "acme/shop"


@dataclass
class Harbour:
    """A tracker, a store, and the source of releases between them.

    Attributes:
        settings: What the table of the settings says.
        token: None asks without one.
        told: Waits that people were told of.
    """

    server: FakeGithub | FakeJira
    store: SqlStore
    settings: dict[str, Any]
    token: str | None
    told: list[str] = field(default_factory=list)

    def source(self, **changed: Any) -> LiveSource:
        """Make the source as the program does."""
        variable = f"DEBTPLAN_{self.kind.upper()}_TOKEN"
        access = Access(
            name=self.kind,
            environment={variable: self.token} if self.token else {},
            line=LineTable(),
            folder=Path(),
            clock=lambda: self.server.now,
            etags=self.store,
            told=lambda why, _: self.told.append(why),
        )
        table = IssueTable.model_validate({"type": self.kind, **self.settings, **changed})
        return LIVE_RELEASES[self.kind](self.kind, table, access)

    def sync(self, **changed: Any) -> Synced:
        """Read what reached users into the store."""
        live = Live(self.source(**changed), max_shrink=None)
        return walk_live(live, self.store, lambda: self.server.now)

    def probes(self) -> list[Probe]:
        """Return what the doctor finds."""
        source = self.source()
        found = list(source.probe())
        source.close()
        return found

    @property
    def kind(self) -> str:
        return "github" if isinstance(self.server, FakeGithub) else "jira"

    def kept(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Return day and items of every release in the store, by id."""
        found: tuple[Release, ...] = self.store.releases()
        return {one.id: (f"{one.released_at:%m-%d %H:%M}", one.items) for one in found}

    def said(self) -> dict[str, str]:
        """Return the remarks in the store, by what they are about."""
        return {one.ref: one.reason for one in self.store.skipped()}

    def asked(self, act: Callable[[], object]) -> list[Seen]:
        """Return the requests that something takes."""
        before = len(self.server.log)
        act()
        return self.server.log[before:]


def github_harbour(github: FakeGithub, store: SqlStore, token: str | None = TOKEN) -> Harbour:
    return Harbour(github, store, {"repos": (SHOP,), "api": github.api}, token)


def jira_harbour(jira: FakeJira, store: SqlStore) -> Harbour:
    cloud = {"email": jira.options.user} if jira.store.site.is_cloud else {}
    settings = {"site": jira.url, "api": jira.url, "projects": ("OMNI",), **cloud}
    return Harbour(jira, store, settings, jira.options.token)
