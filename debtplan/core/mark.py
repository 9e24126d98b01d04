"""Marks that a text names: endpoints such as `POST /validate`, error codes such as ADDR_INVALID."""

import re

from debtplan.core.vocabulary import READ_LIMIT

_ENDPOINT = re.compile(r"(?<![\w/:.<])(?P<path>/[A-Za-z][\w{}:.-]{1,60}(?:/[\w{}:.-]{1,60}){0,6})")
_CODE = re.compile(r"\b[A-Z][A-Z0-9]{1,30}(?:_[A-Z0-9]{1,30}){1,6}\b|\b[A-Z]{1,8}-?[0-9]{3,6}\b")
_STATUS = re.compile(r"\b(?:HTTP|status)[ /:]{0,2}([45])([0-9]{2}|xx)\b", re.IGNORECASE)
_LEAST = 3
_KEY = re.compile(r"\b[A-Z][A-Z0-9]{1,9}-[0-9]+\b")


def find_marks(text: str) -> tuple[str, ...]:
    """Return the endpoints and codes that a text names, in its order, each once.

    An endpoint is its path (`/validate`), a failing status `HTTP 502`, or `HTTP 5xx` for its kind.
    Keys of trackers (`OMNI-12`) are no codes.
    """
    read = text[:READ_LIMIT]
    found: dict[str, None] = {}
    for one in _ENDPOINT.finditer(read):
        found.setdefault(one["path"].rstrip(".:").casefold())
    for one in _CODE.finditer(read):
        if not _KEY.fullmatch(one.group()):
            found.setdefault(one.group())
    for one in _STATUS.finditer(read):
        kind, rest = one.groups()
        found.setdefault(f"HTTP {kind}{rest.casefold()}")
        found.setdefault(f"HTTP {kind}xx")
    return tuple(found)


def is_mark(value: str) -> bool:
    """Tell whether a dimension's value is one that a text would only name on purpose."""
    return len(value) >= _LEAST and mark_of(value) is not None


def mark_of(value: str) -> str | None:
    """Return a dimension's value as `find_marks` gives it; None where it is an ordinary word."""
    found = find_marks(value)
    if found:
        return found[0]
    status = re.fullmatch(r"([45])([0-9]{2}|xx)", value.casefold())
    return f"HTTP {value.casefold()}" if status else None
