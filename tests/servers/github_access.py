"""Who asks a fake GitHub, and what they may see: personal tokens, and Apps with their own."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.github_desk import Refusal, not_found, refuse
from tests.servers.github_records import Project, Repo, stamp
from tests.servers.harness import Seen

LONGEST_JWT_S = 600
TOKEN_LIFE = timedelta(hours=1)
_PERMISSIONS = ("metadata", "issues", "organization_projects", "contents", "deployments")
READ_ALL = dict.fromkeys(_PERMISSIONS, "read")


@dataclass(frozen=True)
class Token:
    """A credential.

    Attributes:
        login: Whose it is.
        scopes: Of a classic token; None for a fine-grained one and an App's.
        permissions: Of a fine-grained token or an App's: `issues`, `organization_projects`, ...
        repos: Names in lower case it is limited to; None is all.
        unauthorised: Organisations, in lower case, whose single sign-on it has not passed.
        expires_at: Refused from this instant on; None is never.
        app: Id of the App that made it.
    """

    value: str
    login: str = "octocat"
    scopes: tuple[str, ...] | None = ("repo", "read:org", "read:project")
    permissions: Mapping[str, str] = field(default_factory=lambda: dict(READ_ALL))
    repos: frozenset[str] | None = None
    unauthorised: frozenset[str] = frozenset()
    expires_at: datetime | None = None
    app: int | None = None

    def has_scope(self, *any_of: str) -> bool:
        return self.scopes is None or not set(any_of).isdisjoint(self.scopes)

    def may(self, permission: str) -> bool:
        """Say whether a permission is granted; scopes of classic tokens are looked at apart."""
        return self.scopes is not None or permission in self.permissions

    def missing(self, permission: str) -> Refusal:
        """Return the answer for a permission that was not granted."""
        who = "integration" if self.app else "personal access token"
        accepted = {"X_Accepted_GitHub_Permissions": f"{permission}=read"}
        return refuse(403, f"Resource not accessible by {who}", **accepted)


@dataclass(frozen=True)
class App:
    """A GitHub App with its installations.

    Attributes:
        private_key: PEM; what the App's owner downloads.
        installations: Account by id of the installation.
    """

    id: int
    private_key: str
    public_key: rsa.RSAPublicKey
    installations: Mapping[int, str]
    permissions: Mapping[str, str]
    repos: frozenset[str] | None = None

    @property
    def client_id(self) -> str:
        return f"Iv23li{self.id:014d}"


def new_app(number: int, installations: Mapping[int, str], **fields: Any) -> App:
    """Make an App with a fresh key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
    fields = {"permissions": dict(READ_ALL), **fields}
    return App(number, pem, key.public_key(), installations, **fields)


class Gate:
    """Knows the tokens and Apps."""

    def __init__(self) -> None:
        self.tokens: dict[str, Token] = {}
        self.apps: dict[int, App] = {}

    def identify(self, seen: Seen, now: datetime) -> Token | None:
        """Return the token of a request, None without one.

        Raises:
            Refusal: It is not known, or no longer valid.
        """
        value = _credential(seen)
        if value is None:
            return None
        token = self.tokens.get(value)
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            raise refuse(401, "Bad credentials")
        return token

    def identify_app(self, seen: Seen, now: datetime) -> App:
        """Return the App whose JSON web token signs a request.

        Raises:
            Refusal: The token is not one that GitHub takes.
        """
        value = _credential(seen)
        if value is None:
            raise refuse(401, "A JSON web token could not be decoded")
        try:
            issuer = str(jwt.decode(value, options={"verify_signature": False}).get("iss"))
            app = self._app(issuer)
            # The virtual clock decides, so the library must not look at its own.
            options: Any = {f"verify_{name}": False for name in ("exp", "iat", "nbf", "aud")}
            claims = jwt.decode(value, app.public_key, algorithms=["RS256"], options=options)
        except jwt.InvalidTokenError:
            raise refuse(401, "A JSON web token could not be decoded") from None
        _check_times(claims, now.timestamp())
        return app

    def new_token(self, app: App, installation: int, now: datetime) -> Token:
        """Return a fresh installation token; it is longer than 40 characters and not opaque.

        Raises:
            Refusal: The App has no such installation.
        """
        if installation not in app.installations:
            raise not_found()
        seed = f"{app.id} {installation} {now.isoformat()} {len(self.tokens)}"
        tail = hashlib.sha512(seed.encode()).hexdigest()
        token = Token(
            f"ghs_{app.id}_eyJhbGciOiJFUzI1NiJ9.{tail}.{tail[::-1]}",
            login=f"app-{app.id}[bot]",
            scopes=None,
            permissions=app.permissions,
            repos=app.repos,
            expires_at=now + TOKEN_LIFE,
            app=app.id,
        )
        self.tokens[token.value] = token
        return token

    def _app(self, issuer: str) -> App:
        for app in self.apps.values():
            if issuer in (str(app.id), app.client_id):
                return app
        raise not_found()


def sees(token: Token | None, repo: Repo) -> bool:
    """Say whether a repository exists for a token."""
    if repo.hidden:
        return False
    if not repo.private:
        return True
    if token is None or (token.repos is not None and repo.full_name.lower() not in token.repos):
        return False
    return token.has_scope("repo")


def check_sign_on(token: Token | None, owner: str, site: str) -> None:
    """Refuse a token that an organisation's single sign-on does not know yet.

    Raises:
        Refusal: 403 with the address where the owner lets it in.
    """
    if token is not None and owner.lower() in token.unauthorised:
        where = f"{site}/orgs/{owner}/sso?authorization_request=A2V"
        raise refuse(
            403,
            "Resource protected by organization SAML enforcement. You must grant your Personal "
            "Access token access to this organization.",
            X_GitHub_SSO=f"required; url={where}",
        )


def sees_project(token: Token, project: Project) -> bool:
    """Say whether a project exists for a token; a person's exists for classic tokens only."""
    return token.scopes is not None or project.owner_kind == "Organization"


def token_answer(token: Token) -> dict[str, Any]:
    """Write an `installation-token`."""
    assert token.expires_at is not None
    selection = "all" if token.repos is None else "selected"
    return {
        "token": token.value,
        "expires_at": stamp(token.expires_at),
        "permissions": dict(token.permissions),
        "repository_selection": selection,
    }


def _credential(seen: Seen) -> str | None:
    kind, _, value = seen.headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() in ("bearer", "token") else None


def _check_times(claims: Mapping[str, Any], now_s: float) -> None:
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, int) or expires <= now_s:
        raise refuse(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time "
            "at which the assertion expires",
        )
    if expires > now_s + LONGEST_JWT_S:
        raise refuse(401, "'Expiration time' claim ('exp') is too far in the future")
    if not isinstance(issued, int) or issued > now_s:
        raise refuse(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion "
            "was issued",
        )
