"""The lists of a fake GitHub: sorted once, kept in order, and later than the issues by a lag."""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.servers.github_records import Issue

Key = tuple[str, int]
"""The instant that a list is sorted by, and the issue's id, which decides between equals."""

_CACHED = 16


@dataclass(frozen=True)
class Filter:
    """What a list asks for.

    Attributes:
        state: `open`, `closed` or `all`.
        labels: All of them, in lower case.
        milestone: A number, `none`, `*`, or empty for any.
        type: A name in lower case, `none`, `*`, or empty for any.
        since: Changed at this instant or later; empty for always.
        sort: `created` or `updated`.
    """

    state: str = "open"
    labels: tuple[str, ...] = ()
    milestone: str = ""
    type: str = ""
    since: str = ""
    sort: str = "created"

    @property
    def takes_all(self) -> bool:
        """Whether only the order and `since` limit the list."""
        return self.state == "all" and not (self.labels or self.milestone or self.type)

    def takes(self, issue: Issue) -> bool:
        if self.state not in ("all", issue.state):
            return False
        if issue.updated_at < self.since:
            return False
        if self.labels:
            has = {label.lower() for label in issue.labels}
            if not has.issuperset(self.labels):
                return False
        milestone = None if issue.milestone is None else str(issue.milestone)
        kind = None if issue.type is None else issue.type.lower()
        return _is_named(self.milestone, milestone) and _is_named(self.type, kind)


def _is_named(wanted: str, value: str | None) -> bool:
    if wanted in ("", "*"):
        return not wanted or value is not None
    return value is None if wanted == "none" else value == wanted


class ListIndex:
    """The issues as lists show them.

    Attributes:
        issues: By id.
    """

    def __init__(self) -> None:
        self.issues: dict[int, Issue] = {}
        self._orders: dict[tuple[int, str], list[Key]] = {}
        self._versions: dict[int, int] = {}
        self._found: dict[tuple[int, Filter], tuple[int, Sequence[Key]]] = {}
        self._waiting: deque[tuple[datetime, int, Issue | None]] = deque()

    def note(self, key: int, issue: Issue | None, now: datetime, lag_s: float) -> None:
        """Take in a change, None when the issue left; lists show it `lag_s` seconds later."""
        if lag_s <= 0 and not self._waiting:
            self._apply(key, issue)
        else:
            self._waiting.append((now + timedelta(seconds=lag_s), key, issue))

    def settle(self, now: datetime) -> None:
        """Show what is due."""
        while self._waiting and self._waiting[0][0] <= now:
            _, key, issue = self._waiting.popleft()
            self._apply(key, issue)

    def find(self, repo: int, asked: Filter) -> Sequence[Key]:
        """Return the keys of the issues that match, oldest first."""
        order = self._orders.get((repo, asked.sort), [])
        if asked.takes_all and (asked.sort == "updated" or not asked.since):
            # The common walk: a slice of what is sorted anyway.
            return order[bisect_left(order, (asked.since, 0)) :] if asked.since else order
        version = self._versions.get(repo, 0)
        known = self._found.get((repo, asked))
        if known is not None and known[0] == version:
            return known[1]
        found = [key for key in order if asked.takes(self.issues[key[1]])]
        if len(self._found) >= _CACHED:
            self._found.clear()
        self._found[repo, asked] = version, found
        return found

    def _apply(self, key: int, issue: Issue | None) -> None:
        old = self.issues.pop(key, None)
        if old is not None:
            self._change(old, is_there=False)
        if issue is not None:
            self.issues[key] = issue
            self._change(issue, is_there=True)

    def _change(self, issue: Issue, *, is_there: bool) -> None:
        self._versions[issue.repo] = self._versions.get(issue.repo, 0) + 1
        for sort, instant in (("created", issue.created_at), ("updated", issue.updated_at)):
            order = self._orders.setdefault((issue.repo, sort), [])
            if is_there:
                insort(order, (instant, issue.id))
            else:
                del order[bisect_left(order, (instant, issue.id))]


def after(found: Sequence[Key], key: Key, *, ascending: bool, size: int) -> Sequence[Key]:
    """Return up to `size` keys that follow one, in the direction of the list."""
    if ascending:
        start = bisect_right(found, key)
        return found[start : start + size]
    end = bisect_left(found, key)
    return found[max(0, end - size) : end][::-1]


def before(found: Sequence[Key], key: Key, *, ascending: bool, size: int) -> Sequence[Key]:
    """Return up to `size` keys that stand in front of one, in the direction of the list."""
    return after(found, key, ascending=not ascending, size=size)[::-1]


def page(found: Sequence[Key], number: int, *, ascending: bool, size: int) -> Sequence[Key]:
    """Return a page by its number, from 1."""
    start = (number - 1) * size
    if ascending:
        return found[start : start + size]
    end = len(found) - start
    return found[max(0, end - size) : max(0, end)][::-1]
