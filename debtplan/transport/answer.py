"""A request and what came back, whole and within its limits."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from debtplan.core.decode import DecodeError, Json, decode_json
from debtplan.errors import SourceError

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s,;"]+))*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s,;"]+))', re.IGNORECASE)

_HEAD = 1024
"""Bytes of a body that are looked at to see what it is."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a service. All of them only read; none changes anything there.

    Attributes:
        path: Path below the service's address, or a whole address with the same origin.
        params: Query, in the order it is to be sent.
        body: JSON, for questions that need one (POST); None sends a GET.
        is_form: Send `params` as the body of a form (POST), for a query too long for an address.
        allow: Statuses below 500 that are an answer here and no failure. A 403 that means "too many
            requests" is none all the same.
        is_kept: Whether the answer may be kept, to ask next time whether it still holds (ETag).
            Only of a GET.
    """

    path: str
    params: tuple[tuple[str, str], ...] = ()
    body: Json = None
    allow: frozenset[int] = frozenset()
    is_kept: bool = False
    is_form: bool = False

    @property
    def query(self) -> str:
        """`params` as they are written in an address or a form."""
        return urlencode(self.params, errors="replace")

    @property
    def content(self) -> tuple[str, bytes] | None:
        """Type and bytes of the body; None for a GET."""
        if self.is_form:
            return FORM, self.query.encode()
        return None if self.body is None else (JSON, json.dumps(self.body).encode())


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered.

    Attributes:
        status: HTTP status.
        place: What was asked, for people: host and path, no query.
        url: The whole address; may hold what must not be shown.
        headers: By lower-case name.
        content: The body, unpacked.
    """

    status: int
    place: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    def json(self) -> Json:
        """Return the decoded body.

        Raises:
            SourceError: It is no JSON: a login page, an answer cut short, a proxy's message.
        """
        try:
            return decode_json(self.content)
        except DecodeError as error:
            why = str(error)
        # Raised here and not where it was caught: the decoder's own error holds the whole body.
        if self.is_page:
            what = f"{self.place} answered with a web page where data was expected."
            fix = (
                "Check address and token with `debtplan doctor`; a login page or a proxy stands in "
                "between."
            )
            raise SourceError(what, fix)
        what = f"The answer of {self.place} {why}."
        raise SourceError(what, "Run it again; if it stays so, the address is wrong.")

    @property
    def is_page(self) -> bool:
        """Whether the body is a page for people, such as a login page or a proxy's message."""
        return self.content[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"

    @property
    def date(self) -> datetime | None:
        """The server's own time, aware UTC; None where it says none."""
        return http_date(self.headers.get("date", ""))

    def link(self, relation: str) -> str | None:
        """Return the address that the Link header gives for a relation (RFC 8288)."""
        found = self._link(relation)
        return found[1] if found else None

    def link_says(self, relation: str, name: str) -> str | None:
        """Return a parameter of the Link header's entry for a relation: Sentry's `results`."""
        found = self._link(relation)
        value = found and re.search(rf';\s*{re.escape(name)}\s*=\s*"([^"]*)"', found[2])
        return value[1] if value else None

    def _link(self, relation: str) -> re.Match[str] | None:
        for found in _LINK.finditer(self.headers.get("link", "")):
            rel = _REL.search(found[2])
            if rel and relation in (rel[1] or rel[2] or "").casefold().split():
                return found
        return None


def http_date(text: str) -> datetime | None:
    """Return the instant of an HTTP date, aware UTC; None where it is none."""
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
