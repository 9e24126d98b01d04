"""The trackers that the contract suite runs over.

A new tracker is one class here and one entry in `DESKS`.
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest

from debtplan.store import SqlStore
from tests.servers.github import FakeGithub
from tests.servers.harness import Reply, Seen, reply
from tests.servers.jira import FakeJira
from tests.servers.jira_desk import Paging
from tests.sources.live.contract_desk import CANARY, Desk


class JiraCloud(Desk):
    """Jira Cloud: pages by token, isLast."""

    kind, part = "jira", "OMNI"
    endpoints: ClassVar[tuple[str, ...]] = (
        "/serverInfo",
        "/myself",
        "/field",
        "/board",
        "/configuration",
        "/search/jql",
    )
    server: FakeJira

    @classmethod
    def serving(cls) -> FakeJira:
        return FakeJira("Cloud", token=CANARY)

    def __init__(self, server: FakeJira, store: SqlStore) -> None:
        super().__init__(server, store)
        server.store.add_project("OMNI")
        server.store.add_project("ELSE")
        server.store.add_board("OMNI")

    def settings(self) -> dict[str, Any]:
        url, user = self.server.url, self.server.options.user
        return {"site": url, "api": url, "projects": ("OMNI",), "email": user}

    def add(self, title: str = "", points: float | None = 2.0) -> str:
        return f"jira:{self.server.store.create('OMNI', title, points=points).key}"

    def change(self, number: int, title: str) -> None:
        self.server.store.update(f"OMNI-{number}", summary=title)

    def delete(self, number: int) -> None:
        self.server.store.delete(f"OMNI-{number}")

    def move(self, number: int) -> None:
        self.server.store.move(f"OMNI-{number}", "ELSE")

    def hide(self, number: int) -> None:
        hidden = self.server.store.get(f"OMNI-{number}")
        self.server.store.hide(hidden)
        no = reply({"errorMessages": ["You may not see this issue."]}, 403)
        self.script(lambda seen: no if seen.path.endswith(f"/issue/{hidden.id}") else None)

    def hide_all(self, *, hidden: bool = True) -> None:
        store = self.server.store
        (store.hide_project if hidden else store.show_project)("OMNI")

    def there(self) -> dict[str, str]:
        store = self.server.store
        own = (one for one in store.issues.values() if one.project == "OMNI")
        return {f"jira:{one.key}": one.summary for one in own if store.is_visible(one)}

    def is_list(self, seen: Seen) -> bool:
        return seen.method == "POST" and seen.path.endswith(("/search", "/search/jql"))

    def is_walk(self, seen: Seen) -> bool:
        return self.is_list(seen) and seen.json["fields"] != ["id"]

    def cut(self, seen: Seen, size: int) -> Seen:
        body = {**seen.json, "maxResults": min(size, seen.json["maxResults"])}
        return replace(seen, content=json.dumps(body).encode())

    def records(self, body: Any) -> list[Any]:
        found: list[Any] = body["issues"]
        return found

    def dated(self, record: Any, at: str) -> None:
        record["fields"]["updated"] = at

    def retell(self, answer: Reply, *, is_last: bool) -> Reply:
        body = json.loads(answer.content) | {"isLast": is_last}
        return replace(answer, content=json.dumps(body).encode())

    def next_again(self, answer: Reply, seen: Seen) -> Reply:
        body = json.loads(answer.content) | {"nextPageToken": "again", "isLast": False}
        return replace(answer, content=json.dumps(body).encode())

    def empty_page(self) -> None:
        self.server.options.paging = Paging(empty=frozenset({1}))


class JiraGateway(JiraCloud):
    """The same with a scoped token, which works through api.atlassian.com only."""

    @classmethod
    def serving(cls) -> FakeJira:
        return FakeJira("Cloud", token=CANARY, scoped=True)


class JiraCenter(JiraCloud):
    """Jira Data Center: pages by "after this id", a total."""

    endpoints = ("/serverInfo", "/field", "/board", "/configuration", "/search")

    @classmethod
    def serving(cls) -> FakeJira:
        return FakeJira("Server", token=CANARY)

    def settings(self) -> dict[str, Any]:
        return {"site": self.server.url, "projects": ("OMNI",)}

    def retell(self, answer: Reply, *, is_last: bool) -> Reply:
        body = json.loads(answer.content)
        if is_last:
            body["total"] = len(body["issues"])
        elif body["issues"]:
            body["total"] += 5
        return replace(answer, content=json.dumps(body).encode())

    def next_again(self, answer: Reply, seen: Seen) -> Reply:
        return answer  # whatever it is asked to come after

    def empty_page(self) -> None:
        self.fail(reply({"startAt": 0, "maxResults": 5, "total": 0, "issues": []}), after=1)


class Github(Desk):
    """GitHub: pages by a Link header."""

    kind, part = "github", "acme/shop"
    endpoints = ("/repos/acme/shop", "/issues")
    server: FakeGithub
    repo = "acme/shop"

    @classmethod
    def serving(cls) -> FakeGithub:
        return FakeGithub()

    def __init__(self, server: FakeGithub, store: SqlStore) -> None:
        super().__init__(server, store)
        server.add_token(CANARY)
        server.store.add_repo(self.repo)
        server.store.add_repo("acme/other")

    def settings(self) -> dict[str, Any]:
        return {"repos": (self.repo,), "api": self.server.api}

    def add(self, title: str = "", points: float | None = 2.0) -> str:
        labels = () if points is None else (f"points:{points:g}",)
        made = self.server.store.add_issue(self.repo, title or "An issue", labels=labels)
        if not title:
            self.server.store.update(made, title=f"Title {made.number}")
        return f"github:{self.repo}#{made.number}"

    def change(self, number: int, title: str) -> None:
        self.server.store.update(self._numbered(number), title=title)

    def delete(self, number: int) -> None:
        self.server.store.delete(self._numbered(number))

    def move(self, number: int) -> None:
        self.server.store.transfer(self._numbered(number), "acme/other")

    def hide(self, number: int) -> None:
        """Let the whole repository go out of sight when the issue is asked for.

        Whoever sees one issue of a repository sees all of them, so there is no hiding one.
        """
        self.delete(number)

        def fault(seen: Seen) -> Reply | None:
            if seen.path.endswith("/repos/acme/shop"):
                self.hide_all(hidden=False)
            if not seen.path.endswith(f"/issues/{number}"):
                return None
            self.hide_all()
            return reply({"message": "Not Found"}, 404)

        self.script(fault)

    def hide_all(self, *, hidden: bool = True) -> None:
        self.server.store.hide(self.repo, hidden=hidden)

    def there(self) -> dict[str, str]:
        store = self.server.store
        found = (store.issues[key] for key in store.repo(self.repo).issues.values())
        return {f"github:{self.repo}#{one.number}": one.title for one in found}

    def is_list(self, seen: Seen) -> bool:
        return seen.method == "GET" and seen.path.endswith("/issues")

    def is_walk(self, seen: Seen) -> bool:
        return self.is_list(seen) and seen.query.get("sort") == "updated"

    def cut(self, seen: Seen, size: int) -> Seen:
        most = min(size, int(seen.query["per_page"]))
        return replace(seen, query={**seen.query, "per_page": str(most)})

    def records(self, body: Any) -> list[Any]:
        found: list[Any] = body
        return found

    def dated(self, record: Any, at: str) -> None:
        record["updated_at"] = at

    def retell(self, answer: Reply, *, is_last: bool) -> Reply:
        kept = {name: text for name, text in answer.headers.items() if name != "Link"}
        if not is_last and answer.content != b"[]":
            kept["Link"] = answer.headers.get("Link", self._next({"page": "99"}))
        return replace(answer, headers=kept)

    def next_again(self, answer: Reply, seen: Seen) -> Reply:
        return replace(answer, headers={**answer.headers, "Link": self._next(dict(seen.query))})

    def empty_page(self) -> None:
        def fault(seen: Seen) -> Reply | None:
            if not self.is_walk(seen) or seen.query["per_page"] != "100" or self.pages != 2:
                return None
            return Reply(200, b"[]", {"Link": self._next({**seen.query, "per_page": "99"})})

        self.script(fault)

    def _next(self, query: dict[str, str]) -> str:
        asked = {"state": "all", "sort": "updated", "per_page": "100", **query}
        return f'<{self.server.api}/repos/{self.repo}/issues?{urlencode(asked)}>; rel="next"'

    def _numbered(self, number: int) -> Any:
        return self.server.store.numbered(self.repo, number)


class GithubServer(Github):
    """GitHub Enterprise Server: /api/v3, no limits."""

    @classmethod
    def serving(cls) -> FakeGithub:
        return FakeGithub(enterprise=True)

    def settings(self) -> dict[str, Any]:
        return {"repos": (self.repo,), "site": self.server.url}


DESKS: dict[str, type[Desk]] = {
    "github": Github,
    "github-server": GithubServer,
    "jira-center": JiraCenter,
    "jira-cloud": JiraCloud,
    "jira-gateway": JiraGateway,
}


VARIANTS = frozenset({"github-server", "jira-center", "jira-gateway"})
"""Desks that the whole check adds to the fast suite's two."""

DESK_PARAMS = [
    pytest.param(name, marks=pytest.mark.slow if name in VARIANTS else ()) for name in sorted(DESKS)
]


@contextmanager
def desk_of(name: str, store: SqlStore) -> Iterator[Desk]:
    """Open a tracker's fake, and empty the store of what the one before left; nothing waits there.

    The system's certificates, which nothing on loopback needs, and the slow hash of the token that
    kept answers are stored under, would take half of the suite's time.
    """
    made = DESKS[name]
    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for state in store.sources():
        store.forget_source(state.name)
    with pytest.MonkeyPatch.context() as patch, made.serving() as server:
        patch.setattr("time.sleep", lambda _: None)
        patch.setattr("debtplan.transport.access.trust", lambda *_: trusted)
        patch.setattr("debtplan.transport.kept._ROUNDS", 1)
        yield made(server, store)
