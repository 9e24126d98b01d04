"""Walking through the pages of a list, once each, to the end or to an error."""

import json
from collections.abc import Callable, Iterator
from hashlib import blake2b

from debtplan.errors import SourceError
from debtplan.transport.address import host_of
from debtplan.transport.answer import Answer, Request
from debtplan.transport.client import Client

EMPTY_IN_A_ROW = 3
"""Empty pages in a row that still name a next one; after these the list is taken for broken."""

Following = Callable[[Answer], Request | None]
"""Says what to ask after an answer; None after the last page."""


def pages(
    client: Client,
    first: Request,
    following: Following,
    is_empty: Callable[[Answer], bool] = lambda _: False,
) -> Iterator[Answer]:
    """Yield every page of a list.

    Args:
        client: Asks.
        first: The first page.
        following: What comes after a page. A request that was sent before is an error: the list
            runs in a circle. So is a page that is, byte for byte, one that came before.
        is_empty: Whether a page holds nothing. Some services have empty pages in the middle; more
            than `EMPTY_IN_A_ROW` are an error.

    Raises:
        SourceError: The list has no end, or the client's limits are reached.
        AuthenticationError: The credentials are refused.
    """
    asked: set[bytes] = set()
    seen: set[bytes] = set()
    request: Request | None = first
    empty = 0
    while request is not None:
        if len(asked) >= client.line.pages:
            raise _broken(client, f"has more than {client.line.pages:,} pages")
        name = json.dumps([request.path, request.params, request.body], sort_keys=True)
        if not _is_new(name.encode(), asked):
            raise _broken(client, "names a page as the next one that was read before")
        answer = client.ask(request)
        request = following(answer)
        empty = empty + 1 if is_empty(answer) else 0
        if request is not None and empty > EMPTY_IN_A_ROW:
            raise _broken(client, f"sent {empty} empty pages in a row and names another one")
        if not empty and not _is_new(answer.content, seen):
            raise _broken(client, "sent a page that was read before as the next one")
        yield answer


def _is_new(data: bytes, known: set[bytes]) -> bool:
    """Tell whether data comes for the first time; 100,000 of them need a few megabytes."""
    mark = blake2b(data, digest_size=16).digest()
    is_new = mark not in known
    known.add(mark)
    return is_new


def _broken(client: Client, how: str) -> SourceError:
    what = f"{host_of(client.base)} {how}; the list cannot be read to its end."
    return SourceError(what, "Run it again; what was read so far is kept.")
