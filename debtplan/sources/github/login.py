"""How GitHub is reached: its address, who asks, and the tokens of an App, which last an hour."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from debtplan.core.decode import Json
from debtplan.errors import AuthenticationError, ForbiddenError, SettingsError, SourceError
from debtplan.files.shape import instant, record, words
from debtplan.sources.options import IssueTable
from debtplan.transport.access import Access
from debtplan.transport.answer import Answer, Request
from debtplan.transport.client import Client, Login
from debtplan.transport.pages import pages
from debtplan.transport.secret import Secret, bearer

API_VERSION = "2022-11-28"
"""The version that is asked for; supported until March 2028 at least (github.blog, changelog of
2026-03-12). Enterprise Servers that know none of them ignore the header."""

READ_ISSUES = (
    "the permission Issues: read (classic tokens: the scope repo for a private repository)"
)
"""What reading a repository takes, for messages."""

READ_PROJECTS = "the permission Projects: read (classic tokens: the scope read:project)"
"""What reading a project takes. Fine-grained tokens have it for organizations only
(actions/add-to-project#289)."""

_JWT_LIFE = timedelta(minutes=9)
"""GitHub takes ten minutes at most (docs.github.com, "Generating a JSON Web Token for a GitHub
App")."""

_JWT_SKEW = timedelta(minutes=1)
"""How far the clock of this machine may be ahead of GitHub's; the same page asks for it."""

_RENEW_BEFORE = timedelta(minutes=5)
"""How long before its end an App's token is renewed; longer than any one answer takes."""

_TOKEN_LIFE = timedelta(hours=1)
"""How long an App's token lasts where the answer does not say it."""


def api_address(table: IssueTable) -> str:
    """Return the address of the REST interface.

    `api` where it is set. Else from `site`: `https://HOST/api/v3` for Enterprise Server,
    `https://api.NAME.ghe.com` for a company's own part of GitHub's cloud (docs.github.com, "Getting
    started with the REST API").
    """
    if table.api:
        return table.api.strip().rstrip("/")
    site = (table.site or "").strip().rstrip("/")
    host = urlsplit(site).netloc.casefold()
    if host in {"", "github.com", "www.github.com"}:
        return "https://api.github.com"
    if host.endswith(".ghe.com"):
        return f"https://{host if host.startswith('api.') else f'api.{host}'}"
    return f"{site}/api/v3"


def graphql_address(api: str) -> str:
    """Return the address of the GraphQL interface that belongs to a REST address."""
    return f"{api.removesuffix('/v3')}/graphql" if api.endswith("/api/v3") else f"{api}/graphql"


@dataclass
class _Pass:
    """A token as it is used now.

    Attributes:
        until: When it has to be renewed, by our clock; None for one that stays.
    """

    client: Client
    until: datetime | None = None


@dataclass
class GithubLine:
    """Asks GitHub, with a fresh token each time one runs out.

    Attributes:
        name: Name of the source.
        is_anonymous: Whether there is no token: public repositories only.
    """

    name: str
    table: IssueTable
    access: Access = field(repr=False)
    is_anonymous: bool = False
    _pass: _Pass | None = field(default=None, init=False, repr=False)

    def get(self, path: str, *, is_kept: bool = False, **query: str) -> Answer:
        """Ask for what stands at a path; see `Client.ask`."""
        return self.ask(Request(path, tuple(query.items()), is_kept=is_kept))

    def ask(self, request: Request) -> Answer:
        """See `Client.ask`."""
        return self.client().ask(request)

    def pages(self, first: Request) -> Iterator[Answer]:
        """Yield every page of a list by its Link header; see `transport.pages.pages`."""
        onward: Request | None = first
        while onward is not None:
            start, onward = onward, None
            for answer in pages(self.client(), start, _following, _is_empty):
                yield answer
                if self._is_due():  # the rest is asked for with the next token
                    onward = _following(answer)
                    break

    def graphql(self, query: str, variables: Json, allow: frozenset[int] = frozenset()) -> Answer:
        """Ask GraphQL; its errors are for the caller to see."""
        address = graphql_address(api_address(self.table))
        body: Json = {"query": query, "variables": variables}
        return self.ask(Request(address, body=body, allow=allow))

    def client(self) -> Client:
        """Return a client whose token is good for some minutes at least.

        Raises:
            SettingsError: The App's settings are incomplete, or its key cannot be used.
            AuthenticationError: The App is refused.
        """
        if self._pass is not None and not self._is_due():
            return self._pass.client
        if self._pass is not None:
            self._pass.client.close()
        self._pass = self._signed_in()
        return self._pass.client

    def close(self) -> None:
        """Let go of the connections and of the token."""
        self._pass = None
        self.access.close()

    def _is_due(self) -> bool:
        until = self._pass.until if self._pass else None
        return until is not None and self.access.clock() >= until

    def _signed_in(self) -> _Pass:
        if self.table.app_id is not None:
            return self._as_app(self.table.app_id)
        token = self.access.secret("TOKEN")
        self.is_anonymous = token is None
        return _Pass(self._client(token))

    def _as_app(self, app_id: int) -> _Pass:
        asked_at = self.access.clock()
        with_key = self._client(self._app_proof(app_id, asked_at))
        place = self.table.installation_id
        found = with_key.post(
            f"app/installations/{place}/access_tokens", {}, allow=frozenset({404})
        )
        with_key.close()
        if found.status == 404:  # noqa: PLR2004 - Not Found
            what = f"{found.place}: App {app_id} has no installation {place}."
            fix = f"Set installation_id of [sources.{self.name}] to the number at the end of the "
            raise AuthenticationError(what, f"{fix}address of the installation's settings page.")
        said = record(found.json())
        token = words(said.get("token"))
        if not token:
            what = f"{found.place} gave no token for App {app_id}."
            raise SourceError(what, "Check the address in the settings.")
        # Its life is measured by GitHub's clock and counted by ours, which need not agree.
        now = found.date or asked_at
        life = (instant(said.get("expires_at")) or now + _TOKEN_LIFE) - now
        until = asked_at + max(life - _RENEW_BEFORE, life / 2)
        return _Pass(self._client(Secret(token, f"App {app_id}")), until)

    def _app_proof(self, app_id: int, now: datetime) -> Secret:
        """Return what an App signs in with; it lasts minutes."""
        key = self.access.secret("PRIVATE_KEY")
        variable = self.access.variable("PRIVATE_KEY")
        if key is None or self.table.installation_id is None:
            missing = variable if key is None else "installation_id"
            what = f"[sources.{self.name}] names App {app_id}, and {missing} is not set."
            raise SettingsError(what, f"Set {missing}, or take app_id out and use a token.")
        claims = {
            "iat": int((now - _JWT_SKEW).timestamp()),
            "exp": int((now + _JWT_LIFE).timestamp()),
            "iss": str(app_id),
        }
        # In a variable the line breaks of the key's file are often written as \n.
        pem = key.reveal().replace("\\n", "\n")
        try:
            jwt: Any = import_module("jwt")
            return Secret(jwt.encode(claims, pem, algorithm="RS256"), key.origin)
        except (ImportError, NotImplementedError):
            what = "Signing in as a GitHub App needs a package that is not installed."
            raise SettingsError(what, "Install it: pip install 'debtplan[github-app]'.") from None
        except Exception:  # noqa: BLE001 - of many kinds, and some of them quote the key
            what = f"{key.origin} holds no private key that can be used."
            fix = "Put the whole .pem file there that GitHub gave for the App, unencrypted."
            raise SettingsError(what, fix) from None

    def _client(self, token: Secret | None) -> Client:
        headers: dict[str, Secret] = {}
        origin = ""
        if token is not None:
            headers["Authorization"] = bearer(token)
            origin = token.origin
        token_name = self.access.variable("TOKEN")
        help_ = f"Put a token that is valid into {token_name}, and see `debtplan doctor`."
        plain = {"X-GitHub-Api-Version": API_VERSION}
        login = Login(headers=headers, plain=plain, origin=origin, help=help_)
        setting = f"sources.{self.name}.{'api' if self.table.api else 'site'}"
        return self.access.client(api_address(self.table), login, setting)


@contextmanager
def needing(thing: str, permission: str) -> Iterator[None]:
    """Say about a refusal which thing it is about and which permission it takes."""
    try:
        yield
    except ForbiddenError as error:
        fix = (
            f"Give the token {permission} for {thing}, approve it there where GitHub asks, and run "
            "`debtplan doctor`."
        )
        raise ForbiddenError(f"{thing}: {error.what}", fix) from None


def _following(answer: Answer) -> Request | None:
    onward = answer.link("next")
    return Request(onward) if onward else None


def _is_empty(answer: Answer) -> bool:
    return answer.content.strip() == b"[]"
