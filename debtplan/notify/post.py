"""One POST to a secret address, never repeated, and what its answer means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from debtplan.core.text import clean_line
from debtplan.errors import (
    LostAnswerError,
    NotSentError,
    SettingsError,
    SourceError,
    UnreachedError,
)
from debtplan.transport.access import Access
from debtplan.transport.address import check_base, host_of
from debtplan.transport.answer import Answer
from debtplan.transport.login import Login
from debtplan.transport.secret import Secret, redact

_REFUSED_BELOW = 500
_NOT_BEGUN = frozenset({501, 503, 505})
"""Statuses from 500 on by which a service says that it did nothing (RFC 9110, section 15.6)."""

_TOO_LATE = 408
"""The service gave up waiting; what it had by then, nobody knows."""

_SAID = 200
"""Characters of a service's own words that are shown."""

_SHORTEST = 6
"""Characters of a part of an address that is cut out of texts by itself."""

_AGAIN = "It is tried again at the next run"


class Sender(Protocol):
    """Sends one POST. See `Client.send`."""

    def send(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return the answer, whatever its status.

        Raises:
            UnreachedError: The service surely did not get it.
            SourceError: Nobody knows whether it did.
        """


@dataclass(frozen=True)
class HiddenAddress(Login):
    """Who asks is known by the address alone, so no part of that is shown.

    Attributes:
        hidden: What is cut out of every text.
    """

    hidden: tuple[Secret, ...] = ()

    def clean(self, text: str) -> str:
        """See `Login.clean`."""
        line = clean_line(redact(text, self.hidden), limit=len(text) + 1)
        return Login.clean(self, redact(line, self.hidden))


class Post:
    """Posts to the address that a notifier's variable holds."""

    def __init__(self, service: str, access: Access) -> None:
        """Open nothing.

        Args:
            service: What it is, for people.
            access: Way out; its variable `..._URL` holds the address.
        """
        self._service, self._access = service, access

    def __call__(self, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send a body of JSON once.

        Raises:
            NotSentError: It was surely not taken.
            LostAnswerError: Nobody knows.
            UsageError: There is no address, or none that may be asked.
        """
        base, path, login = self._way()
        try:
            client = self._access.client(base, login, login.origin)
            self._judge(self._send(client, path, body, headers or {}), host_of(base), login)
        finally:
            self._access.close()

    def look(self) -> str:
        """Return where it would post to, as far as that shows without a message.

        Raises:
            UsageError: There is no address, or none that may be asked.
        """
        base, _, login = self._way()
        try:
            self._access.client(base, login, login.origin)
        finally:
            self._access.close()
        where = f"posts to {host_of(base)}, with the address from {login.origin}"
        return f"{where}; nothing was posted, so whether it is taken shows with the first message"

    def _way(self) -> tuple[str, str, HiddenAddress]:
        """Return where to post, the rest of the address, and who asks."""
        address = self._address()
        base, path = _split(address, self._access.variable("URL"))
        return base, path, HiddenAddress(origin=address.origin, hidden=_parts(address))

    def _address(self) -> Secret:
        found = self._access.secret("URL")
        if found is None:
            variable = self._access.variable("URL")
            what = f"There is no address of {self._service}: {variable} is not set."
            raise SettingsError(what, f"Set it, or {variable}_FILE to a file that holds it.")
        return found

    def _send(self, client: Sender, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            return client.send(path, body, headers)
        except UnreachedError as error:
            raise NotSentError(f"{self._service} was not told: {error.what}", error.fix) from None
        except SourceError as error:
            what = f"Whether {self._service} was told is not known: {error.what}"
            raise LostAnswerError(what, "Look whether the message is there.") from None

    def _judge(self, answer: Answer, host: str, login: Login) -> None:
        """Let an answer pass that took the message."""
        status, words = answer.status, _words(answer, login)
        if 200 <= status < 300 and not answer.is_page:  # noqa: PLR2004 - the range of success
            return
        if (status >= _REFUSED_BELOW and status not in _NOT_BEGUN) or status == _TOO_LATE:
            what = f"Whether {self._service} was told is not known: {host} failed with {status}"
            raise LostAnswerError(f"{what}{words}.", "Look whether the message is there.")
        if 200 <= status < 300:  # noqa: PLR2004 - a login page says 200 too
            what = f"{self._service} was not told: a web page answered in the place of {host}."
            raise NotSentError(what, "Check the address, and whether a proxy stands in between.")
        what = f"{self._service} was not told: {host} refused the message ({status}{words})."
        raise NotSentError(what, _fix(status, login.origin))


def _fix(status: int, origin: str) -> str:
    if status == 429 or status in _NOT_BEGUN:  # noqa: PLR2004 - Too Many Requests
        return f"{_AGAIN}; nothing is to be done unless it stays so."
    if status in {401, 403, 404, 410}:
        return f"Make a new webhook and put its address into {origin}. {_AGAIN}."
    return f"Check that {origin} holds the webhook's whole address. {_AGAIN}."


def _words(answer: Answer, login: Login) -> str:
    if answer.is_page:
        return ""
    said = login.clean(answer.content[:4096].decode("utf-8", "replace"))
    said = clean_line(said, _SAID).rstrip(".")
    return f": {said}" if said else ""


def _split(address: Secret, variable: str) -> tuple[str, str]:
    """Return scheme and host of an address, and the rest of it."""
    plain = address.reveal()
    try:
        parts = urlsplit(plain)
    except ValueError:
        parts = urlsplit("")
    if not plain.isprintable() or parts.scheme not in {"http", "https"} or not parts.hostname:
        what = f"{variable} holds no web address."
        raise SettingsError(what, "Copy the webhook's whole address, from https:// on.")
    base = f"{parts.scheme}://{parts.netloc}"
    check_base(base, variable, allow_http=True)
    query = f"?{parts.query}" if parts.query else ""
    return base, f"{parts.path.lstrip('/')}{query}"


def _parts(address: Secret) -> tuple[Secret, ...]:
    """Return what must not show of an address: its path, its query, and every part of them."""
    parts = urlsplit(address.reveal())
    found = [address.reveal(), parts.path.strip("/"), parts.query]
    found += parts.path.split("/")
    found += [value for _, value in parse_qsl(parts.query)]
    return tuple(Secret(one, address.origin) for one in found if len(one) >= _SHORTEST)
