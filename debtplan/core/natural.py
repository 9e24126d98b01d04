"""The order of keys that people read: by the numbers in them, `FER-2` before `FER-10`.

What programs read (plan.json, items.csv, lists as JSON) and ties inside the optimiser stay in the
order of the text, character by character.
"""

import re
from collections.abc import Iterable

Place = tuple[tuple[tuple[str, int, str], ...], str]
"""Where a key stands: its parts, then the key itself."""

_PART = re.compile(r"([^0-9]*)([0-9]*)")


def natural(key: str) -> Place:
    """Return a key's place among others: digits count as the number they write.

    Keys that differ in leading zeros alone stand in the order of their text.
    """
    parts = ((text, digits.lstrip("0")) for text, digits in _PART.findall(key))
    # A longer number is larger; of two that are as long the text decides as the number does.
    return tuple((text, len(digits), digits) for text, digits in parts), key


def in_order(keys: Iterable[str]) -> list[str]:
    """Return keys as people expect them in a list."""
    return sorted(keys, key=natural)
