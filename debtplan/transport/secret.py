"""Secrets that do not show: what carries one prints as stars, and texts are cleaned of them."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from html import escape
from urllib.parse import quote, quote_plus

STARS = "***"

_SHORTEST = 4
"""Characters; cutting shorter ones out of a text would tear words apart."""


class Secret:
    """A token or password. Only `reveal` gives it away.

    Attributes:
        origin: Where it came from, for people: the variable or the file.
    """

    __slots__ = ("_forms", "_made_from", "_value", "origin")

    def __init__(self, value: str, origin: str = "", made_from: "Secret | None" = None) -> None:
        """Keep the value out of sight.

        Args:
            value: What is kept.
            origin: See the class.
            made_from: A secret that this one carries; it shows in no text either.
        """
        self._value = value
        self._made_from = made_from
        self._forms: frozenset[str] | None = None
        self.origin = origin

    def __repr__(self) -> str:
        """Show no part of it."""
        return f"Secret({STARS})"

    __str__ = __repr__

    def reveal(self) -> str:
        """Return the value, for the one line that sends it."""
        return self._value

    def map(self, change: Callable[[str], str]) -> "Secret":
        """Return a secret made of this one, such as a header's value."""
        return Secret(change(self._value), self.origin, self)

    def forms(self) -> frozenset[str]:
        """Return the ways it could stand in a text: plain, in Base64, escaped for a URL or a page.

        Those of the secret that it was made from are among them: a server that is sent a password
        in Base64 may answer with the password.
        """
        if self._forms is None:  # every message asks for them
            self._forms = self._written()
        return self._forms

    def _written(self) -> frozenset[str]:
        found = set(self._made_from.forms()) if self._made_from else set()
        for plain in (self._value, *self._value.split()):
            coded = (f(plain.encode()).decode() for f in (b64encode, urlsafe_b64encode))
            for form in (plain, *(part for whole in coded for part in (whole, whole.rstrip("=")))):
                found |= {form, quote(form, safe=""), quote(form), quote_plus(form)}
                found |= {escape(form), escape(form, quote=False), json.dumps(form)[1:-1]}
        return frozenset(form for form in found if len(form) >= _SHORTEST and form not in _SCHEMES)


_SHORTEST_IN_DATA = 12
"""Characters; a shorter password may well be a word of the data themselves."""

_SCHEMES = frozenset({"Basic", "Bearer", "Token", "token"})
"""Words of an Authorization header that are no secret."""


def bearer(token: Secret) -> Secret:
    """Return the value of an Authorization header that carries the token."""
    return token.map(lambda value: f"Bearer {value}")


def basic(user: str, password: Secret) -> Secret:
    """Return the value of an Authorization header for a user and a password (RFC 7617)."""
    return password.map(lambda value: f"Basic {b64encode(f'{user}:{value}'.encode()).decode()}")


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """Return the text with stars in the place of every secret, in whatever form it stands there."""
    forms = {form for one in secrets for form in one.forms()}
    if not forms:
        return text
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.sub("|".join(map(_pattern, longest_first)), STARS, text, flags=re.IGNORECASE)


def _pattern(form: str) -> str:
    """Return an expression for a form, escaped for a URL any number of times: %2F, %252F, ..."""
    return re.escape(form).replace("%", "%(?:25)*")


def sieve(secrets: Iterable[Secret]) -> Callable[[bytes], bytes]:
    """Return what puts stars in the place of secrets in an answer's body.

    Some services and proxies repeat what they were shown, and what they say is told and stored.
    """
    written = {form.lower() for one in secrets for form in one.forms()}
    forms = {form for form in written if len(form.encode()) >= _SHORTEST_IN_DATA}
    few = [one for one in forms if not any(other != one and other in one for other in forms)]
    least = [one.encode() for one in few]
    longest_first = sorted(forms, key=lambda form: (-len(form.encode()), form))
    either = re.compile("|".join(map(_pattern, longest_first)).encode(), re.IGNORECASE)

    def take_out(content: bytes) -> bytes:
        lowered = content.lower()
        if b"%25" not in lowered and not any(form in lowered for form in least):
            return content  # as good as always, so it is found out quickly
        return either.sub(STARS.encode(), content)

    return take_out
