"""Addresses of warehouses: `ENGINE://user@host:port/parts?key=value`, and their secrets apart."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from debtplan.errors import UsageError

if TYPE_CHECKING:
    from debtplan.transport.access import Access
    from debtplan.transport.secret import Secret


@dataclass(frozen=True, slots=True)
class Address:
    """Where a warehouse is.

    Attributes:
        engine: The word in front of the colon.
        host: Host, account or project; "" for none.
        port: None where none is given.
        user: Who connects; "" for none.
        parts: What follows, by slashes: catalog, database, schema.
        options: What follows the question mark.
        text: The address as it was given.
    """

    engine: str
    host: str
    port: int | None
    user: str
    parts: tuple[str, ...]
    options: dict[str, str]
    text: str

    @property
    def place(self) -> str:
        """What people are told: engine, host and the first part."""
        where = f"{self.engine}://{self.host}"
        return f"{where}/{self.part(0)}" if self.host or self.parts else self.text

    def part(self, number: int) -> str:
        """Return a part; "" where there is none."""
        return self.parts[number] if number < len(self.parts) else ""


def parse_address(url: str, name: str) -> Address:
    """Return the parts of an address.

    Raises:
        UsageError: It is no address, or holds a password.
    """
    try:
        split = urlsplit(url)
        port, password = split.port, split.password
    except ValueError:
        what = f"The url of [warehouse.{name}] is no address."
        raise UsageError(what, "Write it as postgresql://user@host:5432/database.") from None
    if password is not None:
        what = f"The url of [warehouse.{name}] holds a password."
        raise UsageError(what, "Take it out, and set a DEBTPLAN_ variable instead.")
    return Address(
        engine=split.scheme,
        host=split.hostname or "",
        port=port,
        user=unquote(split.username or ""),
        parts=tuple(unquote(one) for one in split.path.split("/") if one),
        options=dict(parse_qsl(split.query)),
        text=url,
    )


def password_of(access: "Access") -> "Secret | None":
    """Return the password from `DEBTPLAN_NAME_PASSWORD`, else from `DEBTPLAN_NAME_TOKEN`."""
    return access.secret("PASSWORD") or access.secret("TOKEN")
