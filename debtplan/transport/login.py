"""How a client shows who it is, without any value of ours that holds the token in the open."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import httpx

from debtplan.core.text import clean_line
from debtplan.errors import AuthenticationError
from debtplan.transport.answer import Answer
from debtplan.transport.secret import Secret, redact

_SAID_LIMIT = 200
"""Characters of a server's own words that are shown."""

Judge = Callable[[Answer], str | None]
"""Says why an answer of status 200 refuses the credentials all the same; else None."""


@dataclass(frozen=True, slots=True)
class Login:
    """How a client shows who it is.

    Attributes:
        headers: Header values by name, each a secret.
        origin: Where the credentials come from, for people: `DEBTPLAN_JIRA_TOKEN`.
        help: What to do where they are refused, one imperative sentence.
        judge: See `Judge`.
        plain: Header values by name that are none, such as the version of an API.
    """

    headers: Mapping[str, Secret] = field(default_factory=dict)
    origin: str = ""
    help: str = ""
    judge: Judge = lambda _: None
    plain: Mapping[str, str] = field(default_factory=dict)

    @property
    def refusal(self) -> str:
        """What a service does that refuses: `refused the token from DEBTPLAN_JIRA_TOKEN`."""
        return f"refused the token from {self.origin}" if self.origin else "wants a token"

    @property
    def fix(self) -> str:
        """What to do where they are refused."""
        return self.help or "Check the token and what it may read, then run it again."

    def clean(self, text: str) -> str:
        """Return foreign text as one short line without the credentials.

        They are taken out when nothing invisible stands between their letters any more, and before
        the line is cut, or a part of them could stay.
        """
        line = clean_line(text, limit=10 * len(text) + 1)
        return clean_line(redact(line, self.headers.values()), limit=_SAID_LIMIT)

    def check(self) -> None:
        """Refuse credentials that no header can carry.

        Raises:
            AuthenticationError: There is a line break, a letter outside ASCII or a space at the
                end in them, as when they were copied with more than themselves.
        """
        for value in self.headers.values():
            plain = value.reveal()
            if not (plain.isascii() and plain.isprintable() and plain == plain.strip()):
                what = f"{value.origin or 'the token'} holds a character that no token has."
                raise AuthenticationError(what, "Copy the token again, without line breaks.")


class Signature(httpx.Auth):
    """Writes the credentials into a request as it leaves."""

    def __init__(self, headers: Mapping[str, Secret]) -> None:
        """Keep them as secrets."""
        self._headers = headers

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        """Sign one request."""
        for name, value in self._headers.items():
            request.headers[name] = value.reveal()
        yield request
