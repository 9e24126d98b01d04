"""Secrets that do not show: what carries one prints as stars, and texts are cleaned of them."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from urllib.parse import quote

STARS = "***"

_SHORTEST = 4
"""Characters; cutting shorter ones out of a text would tear words apart."""


class Secret:
    """A token or password. Only `reveal` gives it away.

    Attributes:
        origin: Where it came from, for people: the variable or the file.
    """

    def __init__(self, value: str, origin: str = "") -> None:
        """Keep the value out of sight."""
        self._value = value
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
        return Secret(change(self._value), self.origin)

    def forms(self) -> frozenset[str]:
        """Return the ways it could appear in a text: plain, in Base64, and escaped for a URL."""
        plain = self._value
        coded = b64encode(plain.encode()).decode()
        return frozenset({plain, coded, coded.rstrip("="), quote(plain, safe="")})


def bearer(token: Secret) -> Secret:
    """Return the value of an Authorization header that carries the token."""
    return token.map(lambda value: f"Bearer {value}")


def basic(user: str, password: Secret) -> Secret:
    """Return the value of an Authorization header for a user and a password (RFC 7617)."""
    return password.map(lambda value: f"Basic {b64encode(f'{user}:{value}'.encode()).decode()}")


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """Return the text with stars in the place of every secret, in whatever form it stands there."""
    forms = {form for one in secrets for form in one.forms() if len(form) >= _SHORTEST}
    forms |= {part for form in forms for part in form.split() if len(part) >= 2 * _SHORTEST}
    if not forms:
        return text
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.sub("|".join(map(re.escape, longest_first)), STARS, text)
