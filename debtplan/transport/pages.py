"""Walking through the pages of a list, once each, to the end or to an error."""

import json
from collections.abc import Callable, Iterator
from hashlib import blake2b
from threading import Thread

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
    walk = _Walk(client)
    asked: _Asked | None = walk.ask(first)
    while asked is not None:
        answer = asked.answer()
        request = following(answer)
        problem = walk.check(answer, is_empty=is_empty(answer), is_last=request is None)
        # The next page is on its way while the caller works on this one.
        asked = None if request is None or problem else walk.ask(request)
        if problem:
            raise problem
        yield answer


class _Walk:
    """What is known of a list so far."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked: set[bytes] = set()
        self._seen: set[bytes] = set()
        self._empty = 0

    def ask(self, request: Request) -> "_Asked":
        most = self._client.line.pages
        if len(self._asked) >= most:
            return _Asked(_broken(self._client, f"has more than {most:,} pages"))
        name = json.dumps([request.path, request.params, request.body], sort_keys=True)
        if not _is_new(name.encode(), self._asked):
            how = "names a page as the next one that was read before"
            return _Asked(_broken(self._client, how))
        return _Asked(lambda: self._client.ask(request))

    def check(self, answer: Answer, *, is_empty: bool, is_last: bool) -> SourceError | None:
        self._empty = self._empty + 1 if is_empty else 0
        if not is_last and self._empty > EMPTY_IN_A_ROW:
            how = f"sent {self._empty} empty pages in a row and names another one"
            return _broken(self._client, how)
        if not is_empty and not _is_new(answer.content, self._seen):
            return _broken(self._client, "sent a page that was read before as the next one")
        return None


class _Asked:
    """A question under way in a thread of its own, one at a time; or why it is not asked.

    Nobody waits for the thread of a walk that is given up: it ends with its request, or with the
    program.
    """

    def __init__(self, work: Callable[[], Answer] | SourceError) -> None:
        self._answer: Answer | None = None
        self._error: BaseException | None = None
        self._thread: Thread | None = None
        if isinstance(work, SourceError):
            self._error = work
            return
        self._thread = Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[], Answer]) -> None:
        try:
            self._answer = work()
        except BaseException as error:  # noqa: BLE001 - raised where the answer is wanted
            self._error = error

    def answer(self) -> Answer:
        if self._thread is not None:
            self._thread.join()
        if self._answer is None:
            raise self._error or AssertionError
        return self._answer


def _is_new(data: bytes, known: set[bytes]) -> bool:
    """Tell whether data comes for the first time; 100,000 of them need a few megabytes."""
    mark = blake2b(data, digest_size=16).digest()
    is_new = mark not in known
    known.add(mark)
    return is_new


def _broken(client: Client, how: str) -> SourceError:
    what = f"{host_of(client.base)} {how}; the list cannot be read to its end."
    return SourceError(what, "Run it again; what was read so far is kept.")
