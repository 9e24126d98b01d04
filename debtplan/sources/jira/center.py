"""The search of Jira Data Center.

A page is asked for as "after the last id": deep places in a list are refused there ("Handling JQL
REST API searching exceeding max_result_window", Atlassian's knowledge base). What "after an id"
means differs: older servers find the issue with that id, and compare key numbers inside its project
(`IssueIdClauseQueryFactory`); an issue that was moved away and back has another place then. So a
page is asked for from the last issue on, and counts only if it begins with it under the same key.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from debtplan.core.decode import Json
from debtplan.errors import SourceError
from debtplan.files.shape import record, words
from debtplan.sources.jira.answer import odd
from debtplan.sources.jira.jql import id_after, id_from, id_in, project_not_in, updated_since
from debtplan.sources.jira.search import (
    FEW,
    ID_PAGE,
    PAGE,
    REFUSED,
    Query,
    SearchPage,
    ServerSearch,
    changed_at,
    ids_of,
    in_halves,
    in_parts,
    issues_of,
    read_from,
    version_of,
)
from debtplan.transport.answer import Answer

_BOUNDS = 5
"""Ids that are remembered to go on after: the last one may be deleted or moved meanwhile."""

_RESTARTS = 3


@dataclass
class CenterSearch(ServerSearch):
    """See `Search`; `POST /rest/api/2/search`."""

    path = "search"
    is_ordered: bool = False

    def changed(
        self, query: Query, fields: Sequence[str], since: datetime | None, resume: str
    ) -> Iterator[SearchPage]:
        """See `Search.changed`. `newest` is never later than the start of the walk.

        An issue that changes after its page was read is then found by the following walk.
        """
        started_at = self.server.now()
        last, stamp = _left_off(resume)
        if stamp.isascii() and stamp.isdigit():
            started_at = min(started_at, datetime.fromtimestamp(int(stamp[:15]) / 1000, UTC))
        stamp = str(int(started_at.timestamp() * 1000))
        start = read_from(since)
        wanted = query.and_(updated_since(start) if start else "")
        is_empty = True
        for issues in self._walk(wanted, fields, PAGE, last):
            is_empty = False
            latest = max((at for one in issues if (at := changed_at(one))), default=None)
            newest = min(latest, started_at) if latest else None
            bound = _bound_of(issues[-1])
            yield SearchPage(issues, newest, f"{bound.id} {bound.key} {stamp}")
        if is_empty:
            yield SearchPage([])

    def ids(self, query: Query) -> Iterator[str]:
        """See `Search.ids`."""
        for issues in self._walk(query, ("id",), ID_PAGE):
            yield from (version_of(one)[0] for one in issues)

    def count(self, query: Query) -> int | None:
        """See `Search.count`."""
        answer = self._ask(query.jql, ("id",), 0)
        self.check(answer)
        total = record(answer.json()).get("total")
        return total if isinstance(total, int) else None

    def among(self, query: Query, ids: Sequence[str]) -> set[str] | None:
        """See `Search.among`."""
        answer = self._ask(query.and_(id_in(ids)).jql, ("id",), FEW)
        if answer.status == REFUSED:
            return None
        issues, total = _issues_of(answer)
        if total <= len(issues) or len(ids) == 1:
            return set(ids_of(issues, answer))
        halves = [self.among(query, some) for some in in_halves(ids)]  # its pages are shorter
        return None if None in halves else set[str]().union(*filter(None, halves))

    def by_id(self, ids: Sequence[str], fields: Sequence[str]) -> Iterator[list[Json]]:
        """See `Search.by_id`."""
        for some in in_parts(ids, PAGE):
            answer = self._ask(id_in(some), fields, PAGE)
            is_refused = answer.status == REFUSED
            issues, total = ([], 0) if is_refused else _issues_of(answer)
            if len(some) > 1 and (is_refused or total > len(issues)):
                # One of them went meanwhile, and all are refused for it; or pages are shorter.
                for half in in_halves(some):
                    yield from self.by_id(half, fields)
            elif not is_refused:
                yield issues

    def _walk(
        self, query: Query, fields: Sequence[str], size: int, last: "_Bound | None" = None
    ) -> Iterator[list[Json]]:
        """Yield every page that holds issues; after a project's end, the projects not seen yet."""
        seen: set[str] = set()
        rest = query
        while True:
            count = len(seen)
            for issues in self._chain(rest, fields, size, last):
                seen |= {project for one in issues if (project := _project_of(one))}
                yield issues
            last = None
            if query.project or len(seen) == count:
                return
            rest = query.and_(project_not_in(sorted(seen)))

    def _chain(
        self, query: Query, fields: Sequence[str], size: int, last: "_Bound | None"
    ) -> Iterator[list[Json]]:
        """Yield the pages that follow each other, from the beginning or after `last`.

        Raises:
            SourceError: They do not come to an end.
        """
        bounds: deque[_Bound] = deque([last] if last else [], maxlen=_BOUNDS)
        restarts = 0
        for _ in range(self.server.client.line.pages):
            was_bound = bool(bounds)
            answer, issues = self._after(query, fields, size, bounds)
            if not issues:
                return
            restarts += was_bound and not bounds
            list(ids_of(issues, answer))
            found = [_bound_of(one) for one in issues]
            if found[-1] in bounds or restarts > _RESTARTS:
                raise odd(answer, "with a page that was read before")
            yield issues
            bounds.extend(found[-_BOUNDS:])
        raise self.endless(answer)

    def _after(
        self, query: Query, fields: Sequence[str], size: int, bounds: "deque[_Bound]"
    ) -> tuple[Answer, list[Json]]:
        """Return the page after the latest bound that is still where it was.

        Where none is, it is the first page.

        Args:
            query: What is searched for.
            fields: Of each issue.
            size: Of the page.
            bounds: Places in order, the last one read at the end; cleared where none can be used.
        """
        for bound in reversed(bounds):
            page = self._page_from(query, fields, size, bound)
            if page is None:
                continue
            answer, rest, total = page
            if not rest and total > 1:  # pages of one
                answer = self._ask(query.and_(id_after(bound.id)).jql, fields, size)
                self.check(answer)
                rest, _ = _issues_of(answer)
                if bound in map(_bound_of, rest):  # nothing comes after itself
                    raise odd(answer, "with a page that was read before")
                if self._page_from(query, ("id",), size, bound) is None:
                    continue
            fresh = [one for one in rest if _bound_of(one) not in bounds]
            if rest and not fresh:
                what = f"{answer.place}: issues are moved faster than they can be read."
                raise SourceError(what, "Run it again; what was read so far is kept.")
            return answer, fresh
        bounds.clear()
        answer = self._ask(query.jql, fields, size)
        self.check(answer)
        return answer, _issues_of(answer)[0]

    def _page_from(
        self, query: Query, fields: Sequence[str], size: int, bound: "_Bound"
    ) -> tuple[Answer, list[Json], int] | None:
        """Return the page behind a place and the length of its list; None if it is another place.

        An issue that is gone, or was moved, and back, has another part of the list behind it.
        """
        answer = self._ask(query.and_(id_from(bound.id)).jql, fields, size)
        if answer.status == REFUSED:
            return None
        issues, total = _issues_of(answer)
        places = [_bound_of(one) for one in issues]
        if bound in places[1:] and places[0] != bound:
            raise odd(answer, "with a page that was read before")
        if not places or places[0] != bound:
            return None
        rest = [one for one, place in zip(issues, places, strict=True) if place != bound]
        return answer, rest, total

    def _ask(self, jql: str, fields: Sequence[str], size: int) -> Answer:
        body: Json = {
            "jql": f"{jql} ORDER BY id ASC",
            "fields": [*fields],
            "maxResults": size,
            "startAt": 0,
        }
        return self.post(body)


class _Bound(NamedTuple):
    """The place of an issue in a list by id: under another key it is another place."""

    id: str
    key: str


def _bound_of(issue: Json) -> _Bound:
    return _Bound(version_of(issue)[0], words(record(issue).get("key")))


def _left_off(resume: str) -> tuple[_Bound | None, str]:
    """Return where a walk was broken off, and when it had begun in milliseconds."""
    parts = resume.split(" ")
    if len(parts) != 3:  # noqa: PLR2004 - id, key, time
        return None, ""
    return _Bound(parts[0], parts[1]), parts[2]


def _issues_of(answer: Answer) -> tuple[list[Json], int]:
    return issues_of(record(answer.json()), answer)


def _project_of(issue: Json) -> str:
    return words(record(issue).get("key")).rpartition("-")[0]
