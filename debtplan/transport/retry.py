"""When to ask again, and how long to wait before."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, time

from debtplan.transport.answer import Answer, http_date

LEAST_WAIT_S = 1.0
LIMIT_WAIT_S = 60.0
"""What to wait for a rate limit that does not say how long. GitHub asks for a minute at least
(docs.github.com, "Best practices for using the REST API")."""

_FIRST_BACKOFF_S = 0.5
_LAST_BACKOFF_S = 30.0

TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same question may get an answer."""

Told = Callable[[str, float], None]
"""Is told why and how many seconds are waited."""


def tell_nobody(_why: str, _seconds: float) -> None:
    """Do nothing: nobody watches."""


class RetryError(Exception):
    """An attempt failed in a way that may pass.

    Attributes:
        why: For people.
        wait_s: Seconds to wait, as the server asked; None leaves it to us.
    """

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        """Keep both."""
        super().__init__(why)
        self.why = why
        self.wait_s = wait_s


@dataclass
class Budget:
    """Time that one source may use; shared by all its clients.

    Attributes:
        total_s: In all.
        max_wait_s: Waiting.
        told: Hears of every wait of a second or more.
    """

    total_s: float
    max_wait_s: float
    told: Told = tell_nobody
    _until: float = field(init=False)
    _waited: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Start the clock."""
        self._until = monotonic() + self.total_s

    @property
    def seconds_left(self) -> float:
        """Time in seconds until the source must be done, 0 or more."""
        return max(0.0, self._until - monotonic())

    def grant(self, error: RetryError, attempt: int) -> float | None:
        """Return how long to wait before the next attempt; None where that is not worth it.

        Args:
            error: How the attempt failed.
            attempt: Its number, from 1.
        """
        backoff = min(_LAST_BACKOFF_S, _FIRST_BACKOFF_S * 2.0 ** (attempt - 1))
        wait_s = backoff if error.wait_s is None else max(LEAST_WAIT_S, error.wait_s)
        if wait_s > self.max_wait_s - self._waited or wait_s >= self.seconds_left:
            return None
        self._waited += wait_s
        if wait_s >= LEAST_WAIT_S:
            self.told(error.why, wait_s)
        return wait_s


def asked_wait(answer: Answer) -> float | None:
    """Return the seconds a server asks to wait: Retry-After, else GitHub's reset of its limit.

    A date is measured by the server's own clock. What is no time at all, or past, asks nothing.
    """
    asked = answer.headers.get("retry-after", "").strip()
    if asked:
        if asked.isascii() and asked.isdigit():
            return float(asked[:9])
        at = http_date(asked)
        if at is not None:
            now = answer.date or datetime.now(UTC)
            return max(0.0, (at - now).total_seconds())
    reset = answer.headers.get("x-ratelimit-reset", "").strip()
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdigit():
        now_s = answer.date.timestamp() if answer.date else time()
        return max(0.0, float(reset[:12]) - now_s)
    return None


def is_limit(answer: Answer) -> bool:
    """Tell whether a 403 or 429 means "too many requests" and not "you may not".

    GitHub answers 403 to both (docs.github.com, "Rate limits for the REST API").
    """
    if answer.status == 429:  # noqa: PLR2004 - Too Many Requests
        return True
    if answer.status != 403:  # noqa: PLR2004 - Forbidden
        return False
    if answer.headers.get("retry-after") or answer.headers.get("x-ratelimit-remaining") == "0":
        return True
    head = answer.content[:4096].lower()
    return b"rate limit" in head or b"abuse detection" in head
