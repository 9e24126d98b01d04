"""A GitHub that is not: a real HTTP server on loopback with a store, limits and moving data."""

import hashlib
import time
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from tests.servers.github_access import App, Gate, Token, new_app
from tests.servers.github_boards import Board
from tests.servers.github_desk import DOCS, Desk, Options, Refusal, not_found, refuse
from tests.servers.github_graph import Graph
from tests.servers.github_limits import Limits, Resource
from tests.servers.github_lists import Answer
from tests.servers.github_rest import Call, Rest
from tests.servers.github_ships import Ships
from tests.servers.github_store import START, GithubStore
from tests.servers.harness import FakeServer, Reply, Seen

TOKEN = "ghp_" + "0" * 36  # opens a server on loopback only


class FakeGithub(FakeServer):
    """GitHub, or an Enterprise Server with `enterprise=True`.

    The known token is `TOKEN`, a classic one of `octocat` with the scopes `repo`, `read:org` and
    `read:project`; more come by `add_token` and `add_app`. Repositories start private and empty.

    Attributes:
        store: What it holds and what users do to it.
        options: How it behaves; each may be changed while it runs.
        api: The root of its REST interface.
        graphql: The address of its GraphQL interface.
    """

    def __init__(self, *, now: datetime = START, lag_s: float = 0, **options: Any) -> None:
        """Make one; `options` are those of `Options`."""
        super().__init__(self._reply)
        self.store = GithubStore(now, lag_s)
        self.options = Options(**options)
        self._desk = Desk(self.store, self.options, self.url)
        self._gate = Gate()
        self._limits = Limits(self._desk)
        self._rest = Rest(self._desk, self._gate, self._limits)
        self._graph = Graph(self._desk, self._rest.boards, self._limits)
        self.add_token(TOKEN)
        self._server.RequestHandlerClass = self._dated(self._server.RequestHandlerClass)

    def _dated(self, handler: Any) -> Any:
        """Let a handler send the virtual time as its `Date`, of faults too."""
        now, name = lambda *_: format_datetime(self.now, usegmt=True), lambda *_: "github.com"
        return type("Dated", (handler,), {"date_time_string": now, "version_string": name})

    @property
    def api(self) -> str:
        return self._desk.api

    @property
    def graphql(self) -> str:
        return f"{self.url}/api/graphql" if self.options.enterprise else f"{self.url}/graphql"

    @property
    def now(self) -> datetime:
        """The virtual time: of changes, of limits, of the `Date` header."""
        return self.store.now

    @now.setter
    def now(self, instant: datetime) -> None:
        self.store.now = instant

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.store.advance(seconds)

    def add_token(self, value: str, **fields: Any) -> Token:
        """Let a token in; `fields` are those of `Token`, `scopes=None` makes it fine-grained."""
        made = Token(value, **fields)
        self._gate.tokens[value] = made
        return made

    def revoke(self, value: str) -> None:
        """Refuse a token from now on."""
        del self._gate.tokens[value]

    def add_app(self, number: int, installations: Mapping[int, str], **fields: Any) -> App:
        """Register an App with a fresh key; `fields` are those of `App`."""
        made = new_app(number, installations, **fields)
        self._gate.apps[number] = made
        return made

    def add_project(self, owner: str, title: str, owner_kind: str = "Organization") -> Board:
        """Make a project (Projects v2); it starts with the field Title."""
        return self._rest.boards.add(owner, title, owner_kind)

    @property
    def ships(self) -> Ships:
        """What its repositories release and deploy."""
        return self._rest.ships

    def _reply(self, seen: Seen) -> Reply:
        if self.options.latency_s:
            time.sleep(self.options.latency_s)
        token: Token | None = None
        resource: Resource = "core"
        selected: dict[str, str] = {}
        try:
            path = self._strip(seen.path)
            resource = "graphql" if path == "/graphql" else "core"
            selected = {"x-github-api-version-selected": self._version(seen)}
            # Apps sign these themselves.
            if not (path.startswith("/app") or path.endswith("/installation")):
                token = self._gate.identify(seen, self.now)
            made = self._answer(seen, path, token, resource)
        except Refusal as refusal:
            sent = refusal.answer
        else:
            sent = self._finish(made, seen, token, resource)
        fixed = self._headers(token) | selected | self._limits.headers(token, resource)
        return Reply(sent.status, sent.content, fixed | dict(sent.headers))

    def _strip(self, path: str) -> str:
        """Return a path as github.com knows it."""
        if not self.options.enterprise:
            return path
        if path == "/api/graphql":
            return "/graphql"
        if not path.startswith("/api/v3/"):
            raise not_found()
        return path.removeprefix("/api/v3")

    def _version(self, seen: Seen) -> str:
        """Return the version that answers.

        Raises:
            Refusal: It is not known here.
        """
        if not seen.headers.get("user-agent"):
            raise refuse(
                403,
                "Request forbidden by administrative rules. Please make sure your request has a "
                "User-Agent header.",
            )
        asked = seen.headers.get("x-github-api-version", self._desk.versions[0])
        if asked not in self._desk.versions:
            raise refuse(400, f"The API version {asked} is not supported.", docs=f"{DOCS}/about")
        return asked

    def _answer(self, seen: Seen, path: str, token: Token | None, resource: Resource) -> Answer:
        if path != "/rate_limit":
            self._limits.take(token, resource)
        if resource == "graphql":
            return self._graph.answer(seen, token)
        return self._rest.answer(Call(seen, path, token, self._version(seen)))

    def _finish(self, made: Answer, seen: Seen, token: Token | None, resource: Resource) -> Reply:
        if made.is_list:
            self._desk.page_made()
        link = {"Link": made.link} if made.link else {}
        plain = {"Content-Type": "application/json; charset=utf-8", **link, **made.headers}
        if resource == "graphql" or made.status != 200:
            return Reply(made.status, made.content, plain)
        # Differs between tokens, as GitHub's does.
        salt = token.value if token else ""
        digest = hashlib.sha256(salt.encode() + made.content).hexdigest()
        tag = {"ETag": f'W/"{digest}"'}
        if digest in seen.headers.get("if-none-match", ""):
            self._limits.give_back(token, resource)
            return Reply(304, b"", tag | (link if self.options.links_on_304 else {}))
        return Reply(200, made.content, plain | tag)

    def _headers(self, token: Token | None) -> dict[str, str]:
        found = {
            "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Request-Id": f"FAKE:{len(self.log):06X}",
        }
        if self.options.enterprise:
            found["X-GitHub-Enterprise-Version"] = "3.17.1"
        if token is not None and token.scopes is not None:
            found["X-OAuth-Scopes"] = ", ".join(token.scopes)
            found["X-Accepted-OAuth-Scopes"] = "repo"
        if token is not None and token.expires_at is not None:
            found["github-authentication-token-expiration"] = f"{token.expires_at:%F %T} UTC"
        return found
