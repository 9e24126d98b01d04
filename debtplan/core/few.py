"""The first few of many names in a sentence, and how many more there are."""

from collections import Counter
from collections.abc import Iterable, Sequence

NAMED = 3
"""Names in one sentence."""


def few(names: Sequence[str]) -> str:
    """Return `a, b, c and 2 more`; up to three names stand with commas alone."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def not_named(keys: Iterable[str]) -> dict[str, float]:
    """Return the figures of the items that `few` leaves out, by key: how often each is counted.

    Args:
        keys: Of the items that the names are of, in their order.
    """
    return {key: float(count) for key, count in Counter([*keys][NAMED:]).items()}
