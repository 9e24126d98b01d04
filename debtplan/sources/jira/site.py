"""One Jira site: who asks, Cloud or Data Center, its own address or the gateway."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from debtplan.core.decode import Json
from debtplan.errors import AuthenticationError, DebtplanError, SettingsError, SourceError
from debtplan.files.shape import instant, record, words
from debtplan.sources.jira.answer import lacks_scope, messages_of, object_of
from debtplan.sources.options import IssueTable
from debtplan.transport.access import Access
from debtplan.transport.address import host_of
from debtplan.transport.answer import Answer, Request
from debtplan.transport.client import Client, Login
from debtplan.transport.secret import basic, bearer

GATEWAY = "https://api.atlassian.com"
"""Scoped tokens and service accounts work there only, under /ex/jira/{cloudId} ("Manage API tokens
for your Atlassian account", "API tokens with scopes")."""

SCOPES = "read:jira-work, read:jira-user, read:board-scope:jira-software and read:project:jira"

NOT_FOR_US = frozenset({400, 401, 403, 404})
"""Statuses of what a site has not, or not for this token."""

_CLOUD_ID = re.compile("[A-Za-z0-9-]{1,100}")
OK, UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 200, 401, 403, 404


@dataclass
class JiraServer:
    """The way to a site, found out when it is first asked and remembered until `close`.

    Attributes:
        name: Name of the source's table.
    """

    name: str
    table: IssueTable
    access: Access = field(repr=False)  # holds the process's variables, the token among them
    _client: Client | None = field(default=None, init=False, repr=False)
    _login: Login = field(default_factory=Login, init=False, repr=False)
    _is_cloud: bool = field(default=False, init=False)
    _is_gateway: bool = field(default=False, init=False)
    _told_at: datetime | None = field(default=None, init=False)

    @property
    def client(self) -> Client:
        """The client of the address that works.

        Raises:
            AuthenticationError: The credentials are refused there, and at the gateway.
            SourceError: No Jira answers there.
            SettingsError: The settings name no site.
        """
        return self._find_way()

    @property
    def is_cloud(self) -> bool:
        """Whether it is Jira Cloud, as the server itself says."""
        self._find_way()
        return self._is_cloud

    @property
    def is_gateway(self) -> bool:
        """Whether the gateway is asked in the place of the site."""
        self._find_way()
        return self._is_gateway

    @property
    def has_token(self) -> bool:
        """Whether there is a token at all; without one only what everybody may see is there."""
        return self.access.secret("TOKEN") is not None

    @property
    def host(self) -> str:
        """Host of the address that works, for people."""
        return host_of(self.client.base)

    @property
    def api(self) -> str:
        """Path of the platform's API."""
        return "rest/api/3" if self.is_cloud else "rest/api/2"

    def get(self, path: str, *, allow: frozenset[int] = frozenset(), **query: str) -> Answer:
        """Ask for a path of the platform's API; see `Client.ask`."""
        return self.client.ask(Request(f"{self.api}/{path}", tuple(query.items()), allow=allow))

    def agile(self, path: str, *, allow: frozenset[int] = frozenset(), **query: str) -> Answer:
        """Ask for a path of the API of boards and sprints; see `Client.ask`."""
        path = f"rest/agile/1.0/{path}"
        return self.client.ask(Request(path, tuple(query.items()), allow=allow))

    def post(self, path: str, body: Json, *, allow: frozenset[int] = frozenset()) -> Answer:
        """Ask the platform's API with a body; see `Client.ask`."""
        return self.client.post(f"{self.api}/{path}", body, allow=allow)

    def now(self) -> datetime:
        """Return the site's own time, aware UTC, never later than it is there.

        It is what `updated` is written by, so it says what a walk that starts now must find.
        """
        client, told_at = self.client, self._told_at
        self._told_at = None
        if told_at is not None:
            return told_at
        answer = client.get(f"{self.api}/serverInfo", allow=NOT_FOR_US)
        return self._time_of(answer)

    def check_token(self) -> None:
        """Let pass a token that is good, and one that may not ask who it is.

        Raises:
            AuthenticationError: It is refused.
        """
        if self.has_token:
            allowed = NOT_FOR_US if self.is_gateway else frozenset({400, FORBIDDEN, NOT_FOUND})
            answer = self.get("myself", allow=allowed)
            if answer.status == UNAUTHORIZED and not lacks_scope(answer):
                self.get("myself")

    def status_of_project(self, key: str) -> int:
        """Return the status of a project's own address: 200, 403 or 404.

        Raises:
            AuthenticationError: The token is refused.
        """
        allowed = frozenset({FORBIDDEN, NOT_FOUND})
        return self.get(f"project/{quote(key, safe='')}", allow=allowed).status

    def refused(self, answer: Answer, setting: str) -> SourceError:
        """Return the error for a query that Jira refuses (status 400), in its own words.

        Args:
            answer: With status 400.
            setting: The table that the query is from.
        """
        said = self._login.clean(messages_of(answer)) or "no reason given"
        what = f"{answer.place} refuses the query (status 400: {said.rstrip('.')})."
        fix = f"Check projects and jql of {setting}; `debtplan doctor` shows what the token reads."
        return SourceError(what, fix)

    def close(self) -> None:
        """Let go of the connections; the next question finds the way anew."""
        self._client, self._told_at = None, None
        self._is_cloud = self._is_gateway = False
        self.access.close()

    def _find_way(self) -> Client:
        if self._client is None:
            self._client = self._open()
        return self._client

    def _open(self) -> Client:
        """Find the address that takes the credentials."""
        login, api = self._credentials(), self.table.api or ""
        self._login = login
        if "/ex/jira/" in api:
            self._is_cloud = self._is_gateway = True
            return self.access.client(api, login, f"api of [sources.{self.name}]")
        site = self.access.client(self._site(), login, f"site of [sources.{self.name}]")
        try:
            self._look_at(site)
            refusal = self._refusal(site) if self._is_cloud and login.headers else None
        except AuthenticationError as error:
            if not login.headers or error.__class__ is not AuthenticationError:
                raise
            refusal = error
        return site if refusal is None else self._gateway(login, refusal)

    def _site(self) -> str:
        site = (self.table.site or "").strip()
        if not site:
            what = f"[sources.{self.name}] names no site."
            raise SettingsError(what, 'Set site = "https://YOURS.atlassian.net" there.')
        return site if "://" in site else f"https://{site}"

    def _look_at(self, client: Client) -> None:
        """Take from `serverInfo` what sort of server answers, and its time."""
        answer = client.get("rest/api/2/serverInfo")
        info = object_of(answer)
        if not (words(info.get("deploymentType")) or words(info.get("version"))):
            what = f"{answer.place} does not say which Jira it is."
            fix = (
                "Set site to the address that Jira's pages begin with, with its path if it has one."
            )
            raise SourceError(what, fix)
        self._is_cloud = words(info.get("deploymentType")).casefold() == "cloud"
        self._told_at = self._time_of(answer)

    def _time_of(self, answer: Answer) -> datetime:
        said = None
        if answer.status == OK:
            said = instant(record(answer.json()).get("serverTime"))
        return said or answer.date or self.access.clock()

    def _refusal(self, client: Client) -> AuthenticationError | None:
        """Return why a Cloud site refuses the token; None where it takes it, or may not say who.

        Cloud answers some questions of anybody, so that only this one tells.
        """
        try:
            client.get("rest/api/3/myself", allow=frozenset({400, 403, 404}))
        except AuthenticationError as error:
            return error
        return None

    def _gateway(self, login: Login, refusal: AuthenticationError) -> Client:
        """Return the client of the gateway, where scoped tokens work.

        Raises:
            AuthenticationError: There is none for this site, or it refuses the token too.
        """
        cloud_id = self._cloud_id()
        if cloud_id is None:
            raise refusal
        base = (self.table.api or GATEWAY).rstrip("/")
        setting = f"api of [sources.{self.name}]"
        client = self.access.client(f"{base}/ex/jira/{cloud_id}", login, setting)
        allowed = frozenset({400, UNAUTHORIZED, 403, 404})
        try:
            answer = client.get("rest/api/3/myself", allow=allowed)
        except SourceError:
            raise refusal from None  # where the gateway is out of reach, the site has spoken
        # A token that lacks the scope for this one question is good for others all the same.
        if answer.status == UNAUTHORIZED and not lacks_scope(answer):
            what = f"{refusal.what.rstrip('.')}, and so did {host_of(client.base)}."
            raise AuthenticationError(what, refusal.fix)
        self._is_cloud = self._is_gateway = True
        self._told_at = None
        return client

    def _cloud_id(self) -> str | None:
        """Return the id of the site on Cloud; None where it is no Cloud site."""
        client = self.access.client(self._site(), Login(), f"site of [sources.{self.name}]")
        try:
            found = words(record(client.get("_edge/tenant_info").json()).get("cloudId"))
        except DebtplanError:
            return None
        return found if _CLOUD_ID.fullmatch(found) else None

    def _credentials(self) -> Login:
        variable = self.access.variable("TOKEN")
        token = self.access.secret("TOKEN")
        if token is None:
            return Login(help=f"Set {variable} to a token of this site.", judge=_judge)
        email = self.table.email or self.access.environment.get(self.access.variable("EMAIL"), "")
        email = email.strip()
        header = basic(email, token) if email else bearer(token)
        advice = f"Check that {token.origin} holds a valid token" + (
            f" of the account in email; one with scopes needs {SCOPES}."
            if email
            else " (Data Center), or set email to its account (Cloud)."
        )
        return Login({"Authorization": header}, origin=token.origin, help=advice, judge=_judge)


def _judge(answer: Answer) -> str | None:
    """Return what Jira says against a login beside the status.

    Jira answers a wrong token as it answers a stranger: with 200, and less in it. Only the header
    tells ("Seraph", in Jira's "Login errors" and in reports of clients that saw empty projects).

    Raises:
        AuthenticationError: It wants a CAPTCHA, which no other token helps against.
    """
    if "captcha" in answer.headers.get("x-authentication-denied-reason", "").lower():
        what = f"{answer.place} wants a CAPTCHA of the token's user after failed logins."
        fix = "Log in once in a browser as the token's user, then check the token."
        raise AuthenticationError(what, fix)
    said = answer.headers.get("x-seraph-loginreason", "").upper()
    for reason in ("AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"):
        if reason in said:
            return f"Jira says {reason}"
    return None
