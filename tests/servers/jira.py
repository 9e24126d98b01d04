"""A Jira on loopback, Cloud or Data Center: a store behind real HTTP, with Jira's oddities."""

import base64
import re
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from tests.servers.harness import FakeServer, Reply, Seen, reply
from tests.servers.jira_agile import Agile
from tests.servers.jira_cloud import CloudSearch
from tests.servers.jira_desk import Desk, Handler, Options, Paging, Refusal, refuse
from tests.servers.jira_rest import CLOUD_ID, SiteRest
from tests.servers.jira_site import Deployment, Site
from tests.servers.jira_store import JiraStore

__all__ = ["CLOUD_ID", "FakeJira", "Options", "Paging"]

_OPEN = frozenset({"/_edge/tenant_info", "/rest/api/2/serverInfo", "/rest/api/3/serverInfo"})
_GATEWAY = "/ex/jira/"
# Kept here so that a test that replaces time.sleep for the client does not change the latency.
_sleep = time.sleep


class FakeJira(FakeServer):
    """A Jira site; see `Options` for what can be set.

    Attributes:
        store: Its content; tests change it while the server runs.
        options: How it behaves; some may be changed while it runs.
        gateway: The address under which scoped tokens work.
        refused: How many requests had wrong credentials.
    """

    def __init__(self, deployment: Deployment = "Cloud", **options: Any) -> None:
        super().__init__(self._answered)
        self.options = Options(**options)
        self.store = JiraStore(Site(deployment, self.options.language), self.options.lag_s)
        self.gateway = f"{self.url}{_GATEWAY}{CLOUD_ID}"
        self.refused = 0
        self._window: tuple[datetime, int] | None = None
        self._desk = Desk(self.store, self.options, self.url)
        self._routes = self._table()
        self._server.RequestHandlerClass = _handler(self._server.RequestHandlerClass, self.store)

    @property
    def now(self) -> datetime:
        """The server's time."""
        return self.store.now

    @now.setter
    def now(self, value: datetime) -> None:
        self.store.now = value

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.store.advance(seconds)

    def changing(self) -> threading.Lock:
        """Return the lock that answers hold: `with jira.changing(): ...` changes between them."""
        return self._lock

    def authorization(self) -> str:
        """Return the header that opens the site."""
        if not self._desk.is_cloud:
            return f"Bearer {self.options.token}"
        pair = f"{self.options.user}:{self.options.token}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"

    def _table(self) -> list[tuple[str, re.Pattern[str], Handler]]:
        rest = SiteRest(self._desk)
        routes = {**rest.routes(), **Agile(self._desk, rest).routes()}
        if self._desk.is_cloud:
            routes |= CloudSearch(self._desk).routes()
        # Fixed paths go first: /project/search is no project.
        return [
            (method, re.compile(path.replace("{}", "([^/]+)")), handler)
            for (method, path), handler in sorted(routes.items(), key=lambda one: "{" in one[0][1])
        ]

    def answer(self, seen: Seen) -> Reply:
        """Return what to send, after the latency; requests wait side by side."""
        if self.options.latency_s:
            _sleep(self.options.latency_s)
        return super().answer(seen)

    def _answered(self, seen: Seen) -> Reply:
        try:
            self._check_rate()
            path, is_gateway = self._local(seen.path)
            if path not in _OPEN:
                nobody = self._check_credentials(seen, path, is_gateway=is_gateway)
                if nobody is not None:
                    return nobody
            return self._routed(seen, path)
        except Refusal as refusal:
            return refusal.answer

    def _local(self, path: str) -> tuple[str, bool]:
        """Return the path at the site, and whether it came through the gateway."""
        if not path.startswith(_GATEWAY):
            return path, False
        cloud_id, _, rest = path.removeprefix(_GATEWAY).partition("/")
        if cloud_id != CLOUD_ID or not self._desk.is_cloud:
            raise Refusal(404, "Site not found.")
        return f"/{rest}", True

    def _routed(self, seen: Seen, path: str) -> Reply:
        is_known = False
        for method, pattern, handler in self._routes:
            if match := pattern.fullmatch(path):
                is_known = True
                if method == seen.method:
                    return handler(seen, tuple(unquote(part) for part in match.groups()))
        if is_known:
            return refuse(405, "Method Not Allowed")
        return refuse(404, f"null for uri: {self.url}{path}")

    def _check_rate(self) -> None:
        if self.options.rate_limit is None:
            return
        most, seconds = self.options.rate_limit
        start, count = self._window or (self.now, 0)
        if self.now >= start + timedelta(seconds=seconds):
            start, count = self.now, 0
        self._window = start, count + 1
        if count >= most:
            left = start + timedelta(seconds=seconds) - self.now
            raise Refusal(
                429,
                "Rate limit exceeded.",
                Retry_After=str(max(1, -(-left // timedelta(seconds=1)))),
                RateLimit_Reason="jira-burst-based",
                X_RateLimit_Limit=str(most),
                X_RateLimit_Remaining="0",
            )

    def _check_credentials(self, seen: Seen, path: str, *, is_gateway: bool) -> Reply | None:
        """Return the answer nobody gets, None for the account itself.

        Raises:
            Refusal: The credentials are wrong.
        """
        limit = self.options.captcha_after
        if limit is not None and self.refused >= limit and not self._desk.is_cloud:
            login = f"CAPTCHA_CHALLENGE; login-url={self.url}/login.jsp"
            raise Refusal(
                403,
                "CAPTCHA required.",
                X_Authentication_Denied_Reason=login,
                x_seraph_loginreason="AUTHENTICATION_DENIED",
            )
        is_right = seen.headers.get("authorization", "") == self.authorization()
        if is_right and (is_gateway or not self.options.scoped):
            return None
        self.refused += 1
        reason = {"x-seraph-loginreason": "AUTHENTICATED_FAILED"}
        if self.options.anonymous and not path.endswith("/myself"):
            answer = _nothing(path)
            return Reply(answer.status, answer.content, {**answer.headers, **reason})
        raise Refusal(
            401,
            "You are not authenticated. Authentication required to perform this operation.",
            **{name.replace("-", "_"): value for name, value in reason.items()},
        )


def _nothing(path: str) -> Reply:
    """Return what a site open to everybody shows to nobody in particular."""
    if path.endswith("/search/jql"):
        return reply({"issues": [], "isLast": True})
    if path.endswith("/approximate-count"):
        return reply({"count": 0})
    if path.endswith(("/search", "/issue", "/backlog")):
        return reply({"startAt": 0, "maxResults": 50, "total": 0, "issues": []})
    if path.endswith(("/board", "/sprint", "/project/search")):
        empty = {"startAt": 0, "maxResults": 50, "total": 0, "isLast": True}
        return reply({**empty, "values": []})
    if path.endswith(("/field", "/status", "/project")):
        return reply([])
    return refuse(404, "Not found, or you do not have permission to see it.")


def _handler(base: Any, store: JiraStore) -> Callable[..., Any]:
    """Return the harness's handler with the virtual clock, and with repeated parameters joined."""

    class JiraHandler(base):  # type: ignore[misc]
        path: str

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(store.now, usegmt=True)

        def parse_request(self) -> bool:
            # Jira takes `fields=a&fields=b` as `fields=a,b`; the log keeps the last one only.
            is_read = bool(super().parse_request())
            if is_read and "?" in self.path:
                self.path = _joined(self.path)
            return is_read

    return JiraHandler


def _joined(path: str) -> str:
    path, _, query = path.partition("?")
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found[name] = f"{found[name]},{value}" if name in found else value
    return f"{path}?{urlencode(found)}"
