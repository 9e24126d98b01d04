"""The limits of a fake GitHub: so many requests in an hour, and the one nobody knows."""

from typing import Literal

from tests.servers.github_access import Token
from tests.servers.github_desk import Desk, Refusal, refuse
from tests.servers.harness import reply

WINDOW_S = 3_600
_SECONDARY = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"

Resource = Literal["core", "graphql"]


class Limits:
    """Counts the requests of each token."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._used: dict[tuple[str, Resource], tuple[int, int]] = {}

    def take(self, token: Token | None, resource: Resource) -> None:
        """Count a request.

        Raises:
            Refusal: A limit is reached.
        """
        self._check_secondary()
        if self._desk.options.enterprise:
            return
        limit = self._limit(resource)
        reset, used = self._window(token, resource)
        if limit is not None and used >= limit:
            raise self._exceeded(token, resource)
        self._used[_name(token), resource] = reset, used + 1

    def give_back(self, token: Token | None, resource: Resource) -> None:
        """Uncount a request: an unchanged answer costs nothing."""
        reset, used = self._window(token, resource)
        self._used[_name(token), resource] = reset, max(0, used - 1)

    def headers(self, token: Token | None, resource: Resource) -> dict[str, str]:
        """Return what every answer says about the limit; a server of one's own has none."""
        if self._desk.options.enterprise:
            return {}
        found = self.status(token, resource)
        names = {name: str(value) for name, value in found.items()}
        return {f"X-RateLimit-{name.title()}": value for name, value in names.items()} | {
            "X-RateLimit-Resource": resource
        }

    def status(self, token: Token | None, resource: Resource) -> dict[str, int]:
        """Return limit, used, remaining and the second at which it begins anew."""
        limit = self._limit(resource)
        reset, used = self._window(token, resource)
        most = 5_000 if limit is None else limit
        return {"limit": most, "used": used, "remaining": max(0, most - used), "reset": reset}

    def _limit(self, resource: Resource) -> int | None:
        options = self._desk.options
        return options.limit if resource == "core" else options.graphql_limit

    def _window(self, token: Token | None, resource: Resource) -> tuple[int, int]:
        now_s = int(self._desk.store.now.timestamp())
        reset, used = self._used.get((_name(token), resource), (0, 0))
        return (reset, used) if now_s < reset else (now_s + WINDOW_S, 0)

    def _exceeded(self, token: Token | None, resource: Resource) -> Refusal:
        key = self._desk.store.person_id(token.login) if token else 0
        message = f"API rate limit exceeded for user ID {key}."
        if resource == "core":
            return refuse(403, message, docs=_SECONDARY)
        return Refusal(reply({"errors": [{"type": "RATE_LIMITED", "message": message}]}))

    def _check_secondary(self) -> None:
        rule = self._desk.options.secondary
        if rule is None:
            return
        if rule.after > 0:
            rule.after -= 1
            return
        if rule.times <= 0:
            return
        rule.times -= 1
        waits = {} if rule.retry_after is None else {"Retry_After": rule.retry_after}
        raise refuse(
            rule.status,
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try "
            "again.",
            docs=f"{_SECONDARY}#about-secondary-rate-limits",
            **waits,
        )


def _name(token: Token | None) -> str:
    return token.value if token else ""
