"""Which tickets of Zendesk a metric is about: words such as `tag:shipping -tag:spam`."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from debtplan.core.decode import Json
from debtplan.core.text import clean_line
from debtplan.errors import UsageError

_PLAIN = {
    "type": "type",
    "priority": "priority",
    "form": "ticket_form_id",
    "brand": "brand_id",
    "group": "group_id",
}
"""Word -> field of a ticket."""

KNOWN = ("tag", "field", "channel", *_PLAIN)


@dataclass(frozen=True, slots=True)
class Condition:
    """One word of a filter.

    Attributes:
        kind: One of `KNOWN`.
        value: What it has to be, in any case of letters.
        field_id: Of a custom field.
        is_not: Whether the ticket must not be so.
    """

    kind: str
    value: str
    field_id: int = 0
    is_not: bool = False

    def holds(self, ticket: Mapping[str, Json]) -> bool:
        """Tell whether a ticket, as the API gives it, is so."""
        has = any(_text(one) == self.value for one in self._values(ticket))
        return has is not self.is_not

    def _values(self, ticket: Mapping[str, Json]) -> list[Json]:
        if self.kind == "tag":
            return _several(ticket.get("tags"))
        if self.kind == "channel":
            via = ticket.get("via")
            return [via.get("channel")] if isinstance(via, dict) else []
        if self.kind == "field":
            fields = _several(ticket.get("custom_fields"))
            mine = [f for f in fields if isinstance(f, dict) and f.get("id") == self.field_id]
            return [value for one in mine for value in _several(one.get("value"))]
        return [ticket.get(_PLAIN[self.kind])]


def parse_filter(place: str, text: str) -> tuple[Condition, ...]:
    """Return the conditions of a filter, all of which have to hold; none for "all" and "".

    Args:
        place: The query, for messages.
        text: Words `KIND:VALUE` or `field:ID=VALUE`, each with a minus in front where it must not
            be so; a value with spaces stands in quotation marks.

    Raises:
        UsageError: A word is none of these.
    """
    try:
        words = shlex.split(text)
    except ValueError:
        raise UsageError(f"{place} has a quotation mark without its pair.", "Add it.") from None
    if words == ["all"]:
        return ()
    return tuple(_condition(place, word) for word in words)


def _condition(place: str, word: str) -> Condition:
    is_not = word.startswith("-")
    kind, _, value = word.removeprefix("-").partition(":")
    number = ""
    if kind == "field":
        number, _, value = value.partition("=")
    is_known = kind in KNOWN and (kind != "field" or (number.isascii() and number.isdigit()))
    if not is_known or not value:
        what = f"{place} has the word {clean_line(word, 80)!r}, which is no condition."
        fix = "Write tag:NAME, field:ID=VALUE, type:, priority:, channel:, form:, brand: or group:."
        raise UsageError(what, fix)
    return Condition(kind, value.casefold(), int(number or 0), is_not)


def _several(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _text(value: Json) -> str | None:
    """Return a value as it is written in a filter."""
    if value is None or isinstance(value, list | dict):
        return None
    return str(value).casefold()
