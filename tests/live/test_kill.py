"""A sync that is killed at any page goes on where it was, and ends where nothing had happened."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from debtplan.store import open_store
from tests.live.program import DEADLINE_S, Program
from tests.servers.github import TOKEN, FakeGithub
from tests.servers.harness import Reply, Seen
from tests.servers.jira import FakeJira, Paging
from tests.sources.live.github_source import SHOP
from tests.sources.live.jira_runs import HOUR, omni

pytestmark = pytest.mark.slow

OK, KILLED = 200, -signal.SIGKILL
PAGES = 4
JIRA_PAGE, GITHUB_PAGE = 4, 100
"""Issues of a page; GitHub's is what debtplan asks for."""


@contextmanager
def a_jira(deployment: str) -> Iterator[FakeJira]:
    options: dict[str, Any] = {"paging": Paging(size=lambda _: JIRA_PAGE), "page_limit": JIRA_PAGE}
    with omni(deployment, **options) as jira:
        for number in range(PAGES * JIRA_PAGE - 1):
            jira.advance(HOUR)  # further apart than what later runs read again
            jira.store.create("OMNI", points=float(number % 5 + 1))
        jira.advance(HOUR)
        with quiet(jira):
            yield jira


@contextmanager
def a_github(_: str) -> Iterator[FakeGithub]:
    with FakeGithub() as github:
        github.store.add_repo(SHOP)
        for number in range(PAGES * GITHUB_PAGE - 1):
            github.advance(HOUR)
            github.store.add_issue(SHOP, f"Issue {number}", labels=("points:2",))
        github.advance(HOUR)
        with quiet(github):
            yield github


@contextmanager
def quiet(server: Any) -> Iterator[None]:
    """Let the server say nothing of clients that died."""
    server._server.handle_error = lambda *_: None  # noqa: SLF001 - the harness does not offer it
    yield


def jira_settings(jira: FakeJira) -> tuple[str, dict[str, str]]:
    email = f'email = "{jira.options.user}"' if jira.store.site.is_cloud else ""
    text = (
        f'[sources.jira]\nsite = "{jira.url}"\napi = "{jira.url}"\n{email}\nprojects = ["OMNI"]\n'
    )
    return text, {"DEBTPLAN_JIRA_TOKEN": jira.options.token}


def github_settings(github: FakeGithub) -> tuple[str, dict[str, str]]:
    text = f'[sources.github]\nrepos = ["{SHOP}"]\napi = "{github.api}"\n'
    return text, {"DEBTPLAN_GITHUB_TOKEN": TOKEN}


@dataclass
class Killer:
    """Kills a run while a page is on its way to it, once for every page that it has not met yet.

    Attributes:
        pages: Pages that were made, by what is on them.
        kills: How many of them a run was killed at.
        again: Issues that those kills may cause to be sent again.
        given: Issues that were sent whole, as often as they were.
    """

    server: Any
    page_size: int
    pages: set[str] = field(default_factory=set)
    kills: int = 0
    again: int = 0
    given: int = 0
    process: "Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        answer = self.server.answer

        def hunted(seen: Seen) -> Reply:
            made: Reply = answer(seen)
            if seen.path.endswith(("/search/jql", "/search", "/issues")) and made.status == OK:
                self._take(json.loads(made.content))
            return made

        self.server.answer = hunted

    def _take(self, body: Any) -> None:
        issues = body["issues"] if isinstance(body, dict) else body
        is_whole = any("title" in one or len(one.get("fields") or ()) > 1 for one in issues)
        page = f"{is_whole} {[one['id'] for one in issues]}"
        if self.process is not None and page not in self.pages:
            self.kills += 1
            # The page before this one may be not stored yet; a census starts from the last issue.
            self.again += self.page_size if is_whole else 1
            self.process.kill()
            self.process.wait()
        elif is_whole:
            self.given += len(issues)
        self.pages.add(page)

    def run(self, program: Program, *, is_armed: bool = True) -> tuple[int, str]:
        with program.running("sync") as process:
            self.process = process if is_armed else None
            out, err = process.communicate(timeout=DEADLINE_S)
        self.process = None
        return process.returncode, (out + err).decode()


def at(folder: Path, text: str, variables: dict[str, str]) -> Program:
    folder.mkdir()
    (folder / "debtplan.toml").write_text(text, encoding="utf-8")
    return Program(folder, variables)


def held(program: Program) -> dict[str, Any]:
    """Return all that a store holds, without the times of its runs."""
    with open_store("sqlite:///debtplan.db", program.folder) as store:
        store.check()
        states = {one.name: one.model_copy(update={"fetched_at": None}) for one in store.sources()}
        marks = {name: sorted(map(repr, store.marks(name))) for name in states}
        seen = {
            name: [
                sorted(map(repr, store.sightings(name, mark.part))) for mark in store.marks(name)
            ]
            for name in states
        }
        items = sorted(map(repr, store.items()))
        return {"states": states, "marks": marks, "seen": seen, "items": items}


@pytest.mark.parametrize(
    ("opened", "settings", "which", "page_size"),
    [
        pytest.param(a_jira, jira_settings, "Cloud", JIRA_PAGE, id="Jira Cloud"),
        pytest.param(a_jira, jira_settings, "Server", JIRA_PAGE, id="Jira Data Center"),
        pytest.param(a_github, github_settings, "", GITHUB_PAGE, id="GitHub"),
    ],
)
def test_a_sync_killed_at_every_page_ends_like_one_that_was_not(
    opened: Callable[[str], Any],
    settings: Callable[[Any], tuple[str, dict[str, str]]],
    which: str,
    page_size: int,
    tmp_path: Path,
) -> None:
    with opened(which) as server:
        text, variables = settings(server)
        killer = Killer(server, page_size)
        calm = at(tmp_path / "calm", text, variables)
        code, said = killer.run(calm, is_armed=False)
        assert code == 0, said
        count, pages = len(killer.server.store.issues), len(killer.pages)
        assert pages >= PAGES
        killer.given, killer.pages = 0, set()
        hunted = at(tmp_path / "hunted", text, variables)
        code = KILLED
        while code == KILLED:
            assert killer.kills <= 2 * pages, "it comes no further"
            code, said = killer.run(hunted)
        assert code == 0, said
        assert killer.kills >= pages
        assert killer.given <= count + killer.again
        assert held(hunted) == held(calm)
