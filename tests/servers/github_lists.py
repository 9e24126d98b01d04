"""Pages of a fake GitHub's lists, and the `Link` header that leads from one to the next."""

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from debtplan.core.decode import Json
from tests.servers.github_desk import Desk, Refusal, invalid, refuse
from tests.servers.github_index import Filter, Key, after, before, page
from tests.servers.github_records import Issue, Milestone, Repo, stamp
from tests.servers.github_shape import Shape
from tests.servers.harness import Seen

MOST = 100
USUAL = 30
_CACHED = 12_000
_TOO_DEEP = (
    "Pagination with the page parameter is not supported for large datasets, please use cursor "
    "based pagination (after/before)"
)
_UNKNOWN = ("assignee", "creator", "mentioned", "issue_field_values")

Thing = TypeVar("Thing")


class _HasId(Protocol):
    @property
    def id(self) -> int: ...


Known = TypeVar("Known", bound=_HasId)


@dataclass(frozen=True)
class Answer:
    """What is answered, before the headers that all answers have.

    Attributes:
        content: JSON as bytes.
        link: The `Link` header; empty without one.
        is_list: One page of a list.
    """

    content: bytes
    status: int = 200
    link: str = ""
    is_list: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def answer(content: Json, status: int = 200, **headers: str) -> Answer:
    """Return an answer that is no list."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(json.dumps(content).encode(), status, headers=named)


@dataclass(frozen=True)
class Asked:
    """The paging part of a request."""

    size: int
    number: int
    after: str
    before: str


def read_paging(seen: Seen) -> Asked:
    """Return what page is asked for; odd numbers are brought in range, as GitHub does."""
    size = _whole(seen.query.get("per_page", ""), USUAL)
    number = _whole(seen.query.get("page", ""), 1)
    return Asked(min(size, MOST), number, seen.query.get("after", ""), seen.query.get("before", ""))


class IssueLists:
    """Writes pages of a repository's issues."""

    def __init__(self, desk: Desk, shape: Shape) -> None:
        self._desk = desk
        self._shape = shape
        self._written: dict[int, tuple[Issue, Milestone | None, str, bytes]] = {}

    def page(self, repo: Repo, seen: Seen) -> Answer:
        """Return a page of a repository's issues.

        Raises:
            Refusal: A parameter is wrong, or the page lies too deep for numbers.
        """
        options, store = self._desk.options, self._desk.store
        store.index.settle(store.now)
        asked, wanted = read_paging(seen), read_filter(seen)
        ascending = seen.query.get("direction", "desc") == "asc"
        found = store.index.find(repo.id, wanted)
        capped = options.links != "page" and not options.enterprise
        by_cursor = bool(asked.after or asked.before)
        if capped and not by_cursor and asked.number * asked.size > options.page_cap:
            raise refuse(422, _TOO_DEEP)
        keys = _cut(found, asked, ascending=ascending)
        # The link names the repository by its id, as GitHub's does.
        place = f"{self._desk.api}/repositories/{repo.id}/issues"
        is_long = len(found) > options.page_cap
        if options.links == "cursor" or by_cursor or (capped and is_long):
            link = _cursor_link(place, seen, asked, found, keys, ascending=ascending)
        else:
            link = page_link(place, seen, asked, len(found))
        content = b",".join([self._write(store.index.issues[key[1]]) for key in keys])
        return Answer(b"[" + content + b"]", link=link, is_list=True)

    def _write(self, issue: Issue) -> bytes:
        store = self._desk.store
        repo = store.repos[issue.repo]
        milestone = None if issue.milestone is None else repo.milestones[issue.milestone]
        linked = any(
            issue.id in table
            for table in (store.blocked_by, store.blocking, store.children, store.parents)
        )
        known = None if linked else self._written.get(issue.id)
        if known and known[0] is issue and known[1] is milestone and known[2] == repo.full_name:
            return known[3]
        written = json.dumps(self._shape.issue(issue)).encode()
        if not linked:
            if len(self._written) >= _CACHED:
                self._written.clear()
            self._written[issue.id] = issue, milestone, repo.full_name, written
        return written


def read_filter(seen: Seen) -> Filter:
    """Return what a list of issues asks for.

    Raises:
        Refusal: A value is not one of those that GitHub takes, or one that only GitHub knows.
    """
    query = seen.query
    for name in _UNKNOWN:
        if name in query:
            raise refuse(501, f"This fake does not know {name}.")
    state = query.get("state", "open")
    sort = query.get("sort", "created")
    if state not in ("open", "closed", "all"):
        raise invalid("Issue", "state")
    if sort not in ("created", "updated"):
        raise invalid("Issue", "sort")
    if query.get("direction", "desc") not in ("asc", "desc"):
        raise invalid("Issue", "direction")
    names = [name.strip().lower() for name in query.get("labels", "").split(",")]
    return Filter(
        state=state,
        labels=tuple(sorted({name for name in names if name})),
        milestone=query.get("milestone", ""),
        type=query.get("type", "").lower(),
        since=_read_since(query["since"]) if "since" in query else "",
        sort=sort,
    )


def plain_page(
    desk: Desk, seen: Seen, things: Sequence[Thing], write: Callable[[Thing], Any]
) -> Answer:
    """Return a page of a short list, by number."""
    asked = read_paging(seen)
    start = (asked.number - 1) * asked.size
    shown = [write(thing) for thing in things[start : start + asked.size]]
    link = page_link(f"{desk.url}{seen.path}", seen, asked, len(things))
    return Answer(json.dumps(shown).encode(), link=link, is_list=True)


def cursor_page(
    desk: Desk, seen: Seen, things: Sequence[Known], write: Callable[[Known], Any]
) -> Answer:
    """Return a page of a list that knows `after` and `before` only; ids rise along it."""
    asked = read_paging(seen)
    keys = [("", thing.id) for thing in things]
    start = bisect_right(keys, read_cursor(asked.after)) if asked.after else 0
    if asked.before:
        start = max(0, bisect_left(keys, read_cursor(asked.before)) - asked.size)
    end = start + asked.size
    found: dict[str, str] = {}
    if start > 0:
        found["prev"] = _address(desk, seen, before=write_cursor(keys[start]), after=None)
    if end < len(keys):
        found["next"] = _address(desk, seen, after=write_cursor(keys[end - 1]), before=None)
    shown = [write(thing) for thing in things[start:end]]
    return Answer(json.dumps(shown).encode(), link=_join(found), is_list=True)


def page_link(place: str, seen: Seen, asked: Asked, total: int) -> str:
    """Return the links of a list that is paged by number, in GitHub's order."""
    last = max(1, -(-total // asked.size))
    found: dict[str, int] = {}
    if asked.number > 1:
        found["prev"] = min(asked.number - 1, last)
    if asked.number < last:
        found |= {"next": asked.number + 1, "last": last}
    if asked.number > 1:
        found["first"] = 1
    return _join({rel: _with(place, seen, page=str(number)) for rel, number in found.items()})


def write_cursor(key: Key) -> str:
    """Return a cursor that only this server can read."""
    return base64.urlsafe_b64encode(f"cursor:v2:{json.dumps(key)}".encode()).decode()


def read_cursor(text: str) -> Key:
    """Return what a cursor keeps.

    Raises:
        Refusal: It is none of ours.
    """
    try:
        instant, number = json.loads(base64.urlsafe_b64decode(text)[len("cursor:v2:") :])
    except (binascii.Error, ValueError):
        raise invalid("Issue", "after") from None
    return str(instant), int(number)


def _cut(found: Sequence[Key], asked: Asked, *, ascending: bool) -> Sequence[Key]:
    if asked.after:
        return after(found, read_cursor(asked.after), ascending=ascending, size=asked.size)
    if asked.before:
        return before(found, read_cursor(asked.before), ascending=ascending, size=asked.size)
    return page(found, asked.number, ascending=ascending, size=asked.size)


def _cursor_link(
    place: str,
    seen: Seen,
    asked: Asked,
    found: Sequence[Key],
    keys: Sequence[Key],
    *,
    ascending: bool,
) -> str:
    if not keys:
        return ""
    first, last = (found[0], found[-1]) if ascending else (found[-1], found[0])
    links: dict[str, str] = {}
    if keys[-1] != last:
        # The page's number stands there too, but the cursor decides.
        number = str(asked.number + 1)
        links["next"] = _with(place, seen, after=write_cursor(keys[-1]), before=None, page=number)
    if keys[0] != first:
        number = str(max(1, asked.number - 1))
        links["prev"] = _with(place, seen, before=write_cursor(keys[0]), after=None, page=number)
    return _join(links)


def _address(desk: Desk, seen: Seen, **changed: str | None) -> str:
    return _with(f"{desk.url}{seen.path}", seen, **changed)


def _with(place: str, seen: Seen, **changed: str | None) -> str:
    query = {name: value for name, value in (dict(seen.query) | changed).items() if value}
    return f"{place}?{urlencode(query)}"


def _join(links: dict[str, str]) -> str:
    return ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items())


def _whole(text: str, usual: int) -> int:
    return int(text) if text.isdigit() and int(text) > 0 else usual


def _read_since(text: str) -> str:
    """Return the first whole second that is not before a time."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _no_instant() from None
    if instant.tzinfo is None:
        raise _no_instant()
    whole = instant.replace(microsecond=0)
    return stamp(whole if whole == instant else whole + timedelta(seconds=1))


def _no_instant() -> Refusal:
    return invalid("Issue", "since")
