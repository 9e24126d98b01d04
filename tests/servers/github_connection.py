"""The parts that a fake GitHub's GraphQL answers are made of: nodes, connections and errors."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from debtplan.core.decode import Json
from tests.servers.github_desk import Refusal
from tests.servers.github_lists import read_cursor, write_cursor

MOST = 100


class WrongQueryError(Exception):
    """The query is refused as a whole: errors and no data."""

    def __init__(self, message: str, **more: Json) -> None:
        super().__init__(message)
        self.content: dict[str, Json] = {**more, "message": message}


class MissingError(Exception):
    """One field is null, with an error beside the data."""

    def __init__(self, kind: str, message: str, **more: Json) -> None:
        super().__init__(message)
        self.content: dict[str, Json] = {"type": kind, **more, "message": message}


@dataclass(frozen=True)
class Node:
    """An object.

    Attributes:
        fields: A value, or a function of the arguments that gives it.
    """

    type: str
    fields: Mapping[str, Any]


def connection(
    kind: str,
    name: str,
    things: Sequence[Any],
    write: Callable[[Any], Node],
    page: Mapping[str, Any],
) -> Node:
    """Return a page of things, whose ids rise, with what leads to the next.

    Raises:
        WrongQueryError: The page's size is missing or too large.
    """
    first, cursor = _read_page(name, page)
    keys = [("", thing.id) for thing in things]
    start = bisect_right(keys, _after(cursor)) if cursor else 0
    end = min(start + first, len(keys))
    shown = [write(thing) for thing in things[start:end]]
    cursors = [write_cursor(key) for key in keys[start:end]]
    info = {
        "hasNextPage": end < len(keys),
        "hasPreviousPage": start > 0,
        "startCursor": cursors[0] if cursors else None,
        "endCursor": cursors[-1] if cursors else None,
    }
    edge = kind.removesuffix("Connection") + "Edge"
    edges = [
        Node(edge, {"cursor": at, "node": node}) for at, node in zip(cursors, shown, strict=True)
    ]
    total = {"totalCount": len(keys), "nodes": shown, "edges": edges}
    return Node(kind, {**total, "pageInfo": Node("PageInfo", info)})


def _read_page(name: str, page: Mapping[str, Any]) -> tuple[int, str]:
    """Return the size and the cursor that a page's arguments name."""
    asked = dict(page)
    first, cursor = asked.pop("first", None), asked.pop("after", "")
    if asked:
        raise TypeError(f"{name} takes no {', '.join(asked)} here")
    if first is None:
        raise WrongQueryError(
            f"You must provide a `first` or `last` value to properly paginate the `{name}` "
            "connection.",
            type="MISSING_PAGINATION_BOUNDARIES",
        )
    if not 0 <= first <= MOST:
        raise WrongQueryError(
            f"Requesting {first} records on the `{name}` connection exceeds the `first` limit of "
            f"{MOST} records.",
            type="EXCESSIVE_PAGINATION",
        )
    return first, cursor


def _after(cursor: str) -> tuple[str, int]:
    try:
        return read_cursor(cursor)
    except Refusal:
        raise WrongQueryError(f"`{cursor}` does not appear to be a valid cursor.") from None
