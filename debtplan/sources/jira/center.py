"""The search of Jira Data Center.

A page is asked for as "after the last id": deep places in a list are refused there ("Handling JQL
REST API searching exceeding max_result_window", Atlassian's knowledge base). What "after an id"
means differs: older servers find the issue with that id, and compare key numbers inside its project
(`IssueIdClauseQueryFactory`); then the issue must still be there. Both are read to their end here.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from debtplan.core.decode import Json
from debtplan.files.shape import record, words
from debtplan.sources.jira.answer import list_of, odd
from debtplan.sources.jira.jql import id_after, id_in, project_not_in, updated_since
from debtplan.sources.jira.search import (
    FEW,
    ID_PAGE,
    PAGE,
    REFUSED,
    Query,
    SearchPage,
    changed_at,
    ids_of,
    in_parts,
    read_from,
    version_of,
)
from debtplan.sources.jira.site import JiraServer
from debtplan.transport.answer import Answer

_BOUNDS = 5
"""Ids that are remembered to go on after: the last one may be deleted or moved meanwhile."""

_RESTARTS = 3


@dataclass
class CenterSearch:
    """See `Search`; `POST /rest/api/2/search`."""

    server: JiraServer
    setting: str
    is_ordered: bool = False

    def changed(
        self, query: Query, fields: Sequence[str], since: datetime | None, resume: str
    ) -> Iterator[SearchPage]:
        """See `Search.changed`. `newest` is never later than the start of the walk.

        An issue that changes after its page was read is then found by the following walk.
        """
        started_at = self.server.now()
        last, _, stamp = resume.partition(" ")
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
            yield SearchPage(issues, newest, f"{version_of(issues[-1])[0]} {stamp}")
        if is_empty:
            yield SearchPage([])

    def ids(self, query: Query) -> Iterator[str]:
        """See `Search.ids`."""
        for issues in self._walk(query, ("id",), ID_PAGE):
            yield from (version_of(one)[0] for one in issues)

    def count(self, query: Query) -> int | None:
        """See `Search.count`."""
        answer = self._ask(query.jql, ("id",), 0)
        self._check(answer)
        total = record(answer.json()).get("total")
        return total if isinstance(total, int) else None

    def among(self, query: Query, ids: Sequence[str]) -> set[str] | None:
        """See `Search.among`."""
        answer = self._ask(query.and_(id_in(ids)).jql, ("id",), FEW)
        return None if answer.status == REFUSED else set(ids_of(list_of(answer, "issues"), answer))

    def by_id(self, ids: Sequence[str], fields: Sequence[str]) -> Iterator[list[Json]]:
        """See `Search.by_id`."""
        for some in in_parts(ids, PAGE):
            answer = self._ask(id_in(some), fields, PAGE)
            if answer.status != REFUSED:
                yield list_of(answer, "issues")
            elif len(some) > 1:  # one of them went meanwhile, and all are refused for it
                for one in some:
                    yield from self.by_id([one], fields)

    def _walk(
        self, query: Query, fields: Sequence[str], size: int, last: str = ""
    ) -> Iterator[list[Json]]:
        """Yield every page that holds issues; after a project's end, the projects not seen yet."""
        seen: set[str] = set()
        rest = query
        while True:
            count = len(seen)
            is_empty = True
            for issues in self._chain(rest, fields, size, last):
                is_empty = False
                seen |= {project for one in issues if (project := _project_of(one))}
                yield issues
            if is_empty and last:
                last = ""  # what stood there may have gone; from the beginning then
                continue
            last = ""
            if query.project or len(seen) == count:
                return
            rest = query.and_(project_not_in(sorted(seen)))

    def _chain(
        self, query: Query, fields: Sequence[str], size: int, last: str
    ) -> Iterator[list[Json]]:
        """Yield the pages that follow each other by "after this id", from the beginning or `last`.

        Raises:
            SourceError: They do not come to an end.
        """
        bounds: deque[str] = deque([last] if last else [], maxlen=_BOUNDS)
        left, restarts = 0, 0
        for _ in range(self.server.client.line.pages):
            was_bound = bool(bounds)
            answer, issues, total = self._after(query, fields, size, bounds, left)
            if not issues:
                return
            restarts += was_bound and not bounds
            found = list(ids_of(issues, answer))
            if found[-1] in bounds or restarts > _RESTARTS:
                raise odd(answer, "with a page that was read before")
            yield issues
            bounds.extend(found[-_BOUNDS:])
            left = total - len(issues)
        raise odd(answer, "with more pages than [transport] pages allows")

    def _after(
        self, query: Query, fields: Sequence[str], size: int, bounds: deque[str], left: int
    ) -> tuple[Answer, list[Json], int]:
        """Return the page after the latest bound that leads on, with the length of its list.

        Where no bound can be used any more it is the first page.

        Args:
            query: What is searched for.
            fields: Of each issue.
            size: Of the page.
            bounds: Ids in order, the last one read at the end; cleared where none can be used.
            left: How many issues must still come, as the page before said.
        """
        ended = None
        for bound in reversed(bounds):
            answer = self._ask(query.and_(id_after(bound)).jql, fields, size)
            if answer.status == REFUSED:
                continue  # that issue is gone, or hidden
            issues, total = _issues_of(answer)
            if bound in map(_id_of, issues):  # nothing comes after itself
                raise odd(answer, "with a page that was read before")
            fresh = [one for one in issues if version_of(one)[0] not in bounds]
            ended = answer, fresh, total
            if fresh or left <= 0:
                return ended
            # The issue may have moved, and "after" means in its new project: ask one before it.
        if ended is not None:
            return ended
        bounds.clear()
        answer = self._ask(query.jql, fields, size)
        self._check(answer)
        return answer, *_issues_of(answer)

    def _check(self, answer: Answer) -> None:
        if answer.status == REFUSED:
            raise self.server.refused(answer, self.setting)

    def _ask(self, jql: str, fields: Sequence[str], size: int) -> Answer:
        body: Json = {
            "jql": f"{jql} ORDER BY id ASC",
            "fields": [*fields],
            "maxResults": size,
            "startAt": 0,
        }
        return self.server.post("search", body, allow=frozenset({REFUSED}))


def _issues_of(answer: Answer) -> tuple[list[Json], int]:
    """Return the issues of a page and the length of its list, which must agree.

    Raises:
        SourceError: There is no list, or an empty one that is said to hold issues.
    """
    whole = record(answer.json())
    issues, total = whole.get("issues"), whole.get("total")
    if not isinstance(issues, list):
        raise odd(answer, "without a list of issues")
    length = total if isinstance(total, int) else 0
    if not issues and length > 0:
        raise odd(answer, f"with an empty page of a list that holds {length:,}")
    return issues, length


def _id_of(issue: Json) -> str:
    return version_of(issue)[0]


def _project_of(issue: Json) -> str:
    return words(record(issue).get("key")).rpartition("-")[0]
