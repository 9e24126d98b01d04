"""When to ask again, and how long to wait before."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, time

from debtplan.transport.answer import Answer, http_date

LEAST_WAIT_S = 1.0
"""What is waited where a server asks for less."""

LIMIT_WAIT_S = 60.0
"""What to wait for a rate limit that does not say how long. GitHub asks for a minute at least
(docs.github.com, "Best practices for using the REST API")."""

_FIRST_BACKOFF_S = 0.5
_LAST_BACKOFF_S = 30.0
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")

TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same question may get an answer."""

Told = Callable[[str, float], None]
"""Is told who makes us wait and why, and how many seconds."""


def tell_nobody(_why: str, _seconds: float) -> None:
    """Do nothing: nobody watches."""


class RetryError(Exception):
    """An attempt failed in a way that may pass.

    Attributes:
        why: For people, to follow the name of the service.
        wait_s: Seconds to wait, as the server asked; None leaves it to us.
        is_limit: Whether there were too many requests.
        fix: What people can do about it; "" for nothing but waiting.
    """

    def __init__(
        self, why: str, wait_s: float | None = None, *, is_limit: bool = False, fix: str = ""
    ) -> None:
        """Keep them."""
        super().__init__(why)
        self.why = why
        self.wait_s = wait_s
        self.is_limit = is_limit
        self.fix = fix


@dataclass
class Budget:
    """Time that one source may use; shared by all its clients, in one thread.

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

    @property
    def wait_left_s(self) -> float:
        """Time in seconds that may still be waited, 0 or more."""
        return max(0.0, self.max_wait_s - self._waited)

    def grant(self, place: str, error: RetryError, attempt: int) -> float | None:
        """Return how long to wait before the next attempt; None where that is not worth it.

        A time that the server asks for is waited in full or not at all: before it has passed, the
        next attempt would fail too. A time of our own choice is cut to what is left.

        Args:
            place: Of whom it is told.
            error: How the attempt failed.
            attempt: Its number, from 1.
        """
        if error.wait_s is not None:
            wait_s = max(LEAST_WAIT_S, error.wait_s)
        elif error.is_limit:
            wait_s = max(LEAST_WAIT_S, min(LIMIT_WAIT_S, self.wait_left_s))
        else:
            wait_s = min(_LAST_BACKOFF_S, _FIRST_BACKOFF_S * 2.0 ** (attempt - 1))
        if wait_s > self.wait_left_s or wait_s >= self.seconds_left:
            return None
        self._waited += wait_s
        if wait_s >= LEAST_WAIT_S:
            self.told(f"{place} {error.why}", wait_s)
        return wait_s


def asked_wait(answer: Answer) -> float | None:
    """Return the seconds a server asks to wait: Retry-After, else GitHub's reset of its limit.

    A date is measured by the server's own clock. What is no time at all asks for nothing; a time
    that is past asks for none.
    """
    asked = answer.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(asked):
        return float(asked)
    at = http_date(asked)
    if at is not None:
        now = answer.date or datetime.now(UTC)
        return max(0.0, (at - now).total_seconds())
    reset = answer.headers.get("x-ratelimit-reset", "").strip()
    if answer.headers.get("x-ratelimit-remaining") == "0" and _SECONDS.fullmatch(reset):
        now_s = answer.date.timestamp() if answer.date else time()
        return max(0.0, float(reset) - now_s)
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
