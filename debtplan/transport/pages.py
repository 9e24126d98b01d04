"""Walking through the pages of a list, once each, to the end or to an error."""

import json
from collections.abc import Callable, Iterator

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
            runs in a circle.
        is_empty: Whether a page holds nothing. Some services have empty pages in the middle; more
            than `EMPTY_IN_A_ROW` are an error.

    Raises:
        SourceError: The list has no end, or the client's limits are reached.
        AuthenticationError: The credentials are refused.
    """
    asked: set[str] = set()
    request: Request | None = first
    empty = 0
    while request is not None:
        name = json.dumps([request.path, request.params, request.body], sort_keys=True)
        if name in asked:
            raise _broken(client, "names a page as the next one that was read before")
        if len(asked) >= client.line.pages:
            raise _broken(client, f"has more than {client.line.pages:,} pages")
        asked.add(name)
        answer = client.ask(request)
        request = following(answer)
        empty = empty + 1 if is_empty(answer) else 0
        if request is not None and empty > EMPTY_IN_A_ROW:
            raise _broken(client, f"sent {empty} empty pages in a row and names another one")
        yield answer


def _broken(client: Client, how: str) -> SourceError:
    what = f"{host_of(client.base)} {how}; the list cannot be read to its end."
    return SourceError(what, "Run it again; what was read so far is kept.")
