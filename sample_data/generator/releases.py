"""releases.csv: what went live and when, as a deployment log would have it."""

from collections.abc import Iterator
from datetime import date

from sample_data.generator import planted

COLUMNS = ("released_at", "name", "items")

HISTORY = (
    (planted.ADDRESS_RULES, "Address rules 3.1", ()),
    (planted.AUTH_RELEASE, "Authentication 5.2", ()),
)

LATER = (
    (planted.TOKEN_RETRY, "Authentication 5.2.4", ("OMNI-24",)),
    (planted.ADDRESS_SERVICE, "Address service 4.0", ("OMNI-12",)),
    (planted.PAYMENT_REPAIR, "Payments 4.1.1", ()),
    (planted.SUGGESTIONS, "Search 7.5", ("OMNI-43",)),
    (planted.PICTURES, "Search 7.6", ("OMNI-42",)),
    (planted.AUTH_NEXT, "Authentication 5.3", ("OMNI-25",)),
    (planted.ORDER_LIST, "My account 2.9", ("OMNI-41",)),
    (planted.DISCLOSURE, "Shipping form 6.0", ("OMNI-18",)),
    (planted.SPRING_CHECKOUT, "Checkout 2027.3", ("OMNI-14", "OMNI-22", "OMNI-46")),
)


def lines() -> Iterator[tuple[str, ...]]:
    """Yield what went live in the history, oldest first, the header first."""
    return _table(HISTORY)


def later_lines() -> Iterator[tuple[str, ...]]:
    """Yield what went live afterwards."""
    return _table(LATER)


def done() -> dict[str, date]:
    """Return the day on which each released item was done."""
    return {key: on for on, _, keys in LATER for key in keys}


def _table(rows: tuple[tuple[date, str, tuple[str, ...]], ...]) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    for on, name, keys in rows:
        yield f"{on}T09:00:00Z", name, " ".join(keys)
