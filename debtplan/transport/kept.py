"""Answers kept from before: a service says whether they still hold, and sends nothing if so."""

import json
from collections.abc import Mapping
from hashlib import pbkdf2_hmac, sha256

from debtplan.core.decode import DecodeError, decode_json
from debtplan.ports import EtagTable
from debtplan.transport.answer import Answer
from debtplan.transport.secret import Secret

_ROUNDS = 20_000
"""Of hashing the credentials; some milliseconds. They may be a guessable password, and the table
lies on a disk."""

_HEADERS = ("link",)
"""Kept with the body: a service need not repeat them when it says that nothing changed (RFC 9110,
section 15.4.5), and a list without its next page would be taken for complete."""


class Kept:
    """The answers of one service to one user: others may be shown other things at one address."""

    def __init__(self, table: EtagTable, headers: Mapping[str, Secret]) -> None:
        """Use a table for who these headers say we are."""
        who = "\n".join(f"{name}:{headers[name].reveal()}" for name in sorted(headers))
        self._table = table
        self._who = pbkdf2_hmac("sha256", who.encode(), b"debtplan", _ROUNDS).hex()

    def recall(self, url: str) -> tuple[str, "Before"] | None:
        """Return the ETag of what stood at an address, and what it was; None where unknown."""
        found = self._table.recall(self._key(url))
        if found is None:
            return None
        etag, whole = found
        head, _, content = whole.partition(b"\n")
        try:
            headers = decode_json(head)
        except DecodeError:
            return None
        if not isinstance(headers, dict) or not _is_sendable(etag):
            return None
        return etag, Before({name: str(value) for name, value in headers.items()}, content)

    def keep(self, answer: Answer) -> None:
        """Keep a whole answer of status 200 that carries an ETag; leave any other."""
        etag = answer.headers.get("etag", "")
        if answer.status != 200 or answer.is_page or not _is_sendable(etag):  # noqa: PLR2004 - OK
            return
        headers = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
        whole = json.dumps(headers).encode() + b"\n" + answer.content
        self._table.keep(self._key(answer.url), etag, whole)

    def _key(self, url: str) -> str:
        return sha256(f"{url}\n{self._who}".encode()).hexdigest()


def _is_sendable(etag: str) -> bool:
    """Tell whether an ETag can be sent back; what came in a header need not be ASCII."""
    return bool(etag) and etag.isascii() and etag.isprintable()


class Before:
    """What an answer was before."""

    def __init__(self, headers: Mapping[str, str], content: bytes) -> None:
        """Take over both."""
        self._headers = headers
        self._content = content

    def renew(self, answer: Answer) -> Answer:
        """Return it as the answer to a question that was answered "not modified"."""
        headers = {**self._headers, **answer.headers}
        return Answer(200, answer.place, answer.url, headers, self._content)
