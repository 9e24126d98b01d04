"""A live GitHub source in front of the fake, and what it gives."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from debtplan.core.item import DebtItem, Skipped
from debtplan.core.source import Batch, Mark
from debtplan.sources.github.live import LiveGithub
from debtplan.sources.options import IssueTable
from debtplan.transport.access import Access
from debtplan.transport.options import LineTable
from tests.servers.github import TOKEN, FakeGithub

SHOP = "acme/shop"
_OPEN: list[LiveGithub] = []


@contextmanager
def serving(**options: Any) -> Iterator[FakeGithub]:
    """Serve a GitHub with one empty repository, and close what was opened to it."""
    with FakeGithub(**options) as github:
        github.store.add_repo(SHOP)
        try:
            yield github
        finally:
            while _OPEN:
                _OPEN.pop().close()


def with_token(github: FakeGithub, token: str | None = TOKEN) -> Access:
    """Return a way out with a token, or with none."""
    return access_to(github, **({"TOKEN": token} if token else {}))


def access_to(github: FakeGithub, **variables: str) -> Access:
    """Return a way out whose clock is the fake's."""
    return Access(
        name="github",
        environment={f"DEBTPLAN_GITHUB_{name}": value for name, value in variables.items()},
        line=LineTable(),
        folder=Path(),
        clock=lambda: github.now,
    )


def source_of(github: FakeGithub, access: Access | None = None, **settings: Any) -> LiveGithub:
    settings = {"repos": (SHOP,), "api": github.api, **settings}
    made = LiveGithub("github", IssueTable(**settings), access or with_token(github))
    _OPEN.append(made)
    return made


def walk(source: LiveGithub, part: str = SHOP, since: Any = None) -> list[Batch]:
    scope = source.scope(part)
    return list(source.walk(part, Mark(source="github", part=part, scope=scope, since=since)))


def items_of(batches: Iterable[Batch]) -> dict[str, DebtItem]:
    return {r.key: r for b in batches for r in b.records if isinstance(r, DebtItem)}


def skipped_of(batches: Iterable[Batch]) -> dict[str, str]:
    return {r.ref: r.reason for b in batches for r in b.records if isinstance(r, Skipped)}


def sighted(batches: Iterable[Batch]) -> dict[str, str]:
    return {id_: key for batch in batches for id_, key in batch.sightings}
