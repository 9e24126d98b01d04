"""The search of Jira Cloud.

It gives a token for the following page, and nobody says whether such a token is a place in a list,
which moves when issues before it change. So a following page is asked for as "changed at or after
the last one of this page": no change in the meantime can disturb it. Where that does not lead on,
among issues of one second, those that were given are left out by their ids. The token is used after
an empty page, among thousands of one second, and among issues changed a moment ago, whose place in
the index may be another than they say. What it loses there is within the overlap of the next walk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from debtplan.core.decode import Json
from debtplan.files.shape import record, words
from debtplan.sources.jira.answer import list_of, odd
from debtplan.sources.jira.jql import both, id_in, id_not_in, updated_since
from debtplan.sources.jira.search import (
    FEW,
    ID_PAGE,
    OVERLAP,
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
from debtplan.transport.ahead import one_ahead
from debtplan.transport.answer import Answer

MOST_LEFT_OUT = 500
"""Ids that one query leaves out, some 4 kB."""

IDLE_IN_A_ROW = 3
"""Pages with nothing new that still name a following one; more are a list without an end."""


@dataclass
class CloudSearch(ServerSearch):
    """See `Search`; `POST /rest/api/3/search/jql`."""

    path = "search/jql"
    is_ordered: bool = True

    def changed(
        self, query: Query, fields: Sequence[str], since: datetime | None, resume: str
    ) -> Iterator[SearchPage]:
        """See `Search.changed`. Pages are in order of change; there is no upper bound."""
        _ = resume
        started_at = self.server.now()
        place = _Place(read_from(since), settled=started_at - OVERLAP)
        newest: datetime | None = None
        for answer, issues, token in self._pages(query, fields, place):
            fresh = place.take(issues, token, answer)
            times = [newest, *map(changed_at, fresh)]
            newest = max((one for one in times if one), default=None)
            if token is not None:
                yield SearchPage(fresh, place.bound if place.is_new else None)
            else:
                # A clock that was wrong once must not hide all later changes.
                yield SearchPage(fresh, min(newest, started_at) if newest else None)

    def ids(self, query: Query) -> Iterator[str]:
        """See `Search.ids`."""
        place = _Place(None)
        pages = self._pages(query, ("id",), place)
        ready = ((place.take(issues, token, answer), answer) for answer, issues, token in pages)
        for issues, answer in one_ahead(ready):
            yield from ids_of(issues, answer)

    def count(self, query: Query) -> int | None:
        """See `Search.count`: `approximate-count` is what its name says."""
        _ = query
        return None

    def among(self, query: Query, ids: Sequence[str]) -> set[str] | None:
        """See `Search.among`. The issues are seen as they are now, not as the index has them."""
        numbers = numbers_of(ids)
        body: Json = {
            "jql": query.and_(id_in(ids)).jql,
            "fields": ["id"],
            "maxResults": FEW,
            "reconcileIssues": numbers,
        }
        answer = self.post(body)
        if answer.status == REFUSED:
            return None
        issues, token = _page_of(answer)
        if token is None or len(ids) == 1:
            return set(ids_of(issues, answer))
        halves = [self.among(query, some) for some in in_halves(ids)]  # its pages are shorter
        return None if None in halves else set[str]().union(*filter(None, halves))

    def by_id(self, ids: Sequence[str], fields: Sequence[str]) -> Iterator[list[Json]]:
        """See `Search.by_id`."""
        for some in in_parts(ids, PAGE):
            body: Json = {"issueIdsOrKeys": [*some], "fields": [*fields]}
            yield list_of(self.server.post("issue/bulkfetch", body), "issues")

    def _pages(
        self, query: Query, fields: Sequence[str], place: "_Place"
    ) -> Iterator[tuple[Answer, list[Json], str | None]]:
        """Yield answers with their issues and token, each from where the place is by then."""
        order = "id ASC" if place.settled is None else "updated ASC, id ASC"
        size = ID_PAGE if place.settled is None else PAGE
        for _ in range(self.server.client.line.pages):
            body = place.ask(query, fields, order, size)
            answer = self.post(body)
            if answer.status == REFUSED and place.left_out:
                there = self.by_id(place.left_out, ("updated",))
                if place.miss({one for some in there for one in ids_of(some, answer)}):
                    continue  # an id that is gone stops the search for the others
            self.check(answer)
            issues, token = _page_of(answer)
            yield answer, issues, token
            if token is None:
                return
        raise self.endless(answer)


@dataclass
class _Place:
    """Where a walk is, and what it has given since its last bound.

    Attributes:
        bound: The pages hold changes at or after it; None is from the beginning.
        settled: Changes before it are in their place in the index; None never sets a new bound.
        token: Of the following page; None asks for the first page after the bound.
        is_new: Whether the last page has set a new bound.
        left_out: Ids that the following page is asked for without, instead of by the token.
        gone: Ids that were given and are not there any more; the index is told to look again.
    """

    bound: datetime | None
    settled: datetime | None = None
    token: str | None = None
    is_new: bool = False
    left_out: tuple[str, ...] = ()
    gone: set[str] = field(default_factory=set)
    _tokens: set[str] = field(default_factory=set)
    _given: set[tuple[str, str]] = field(default_factory=set)
    _idle: int = 0

    def ask(self, query: Query, fields: Sequence[str], order: str, size: int) -> Json:
        """Return the body that asks for the following page."""
        bound = updated_since(self.bound) if self.bound else ""
        others = id_not_in(self.left_out) if self.left_out else ""
        body: dict[str, Json] = {
            "jql": f"{query.and_(both(bound, others)).jql} ORDER BY {order}",
            "fields": [*fields],
            "maxResults": size,
        }
        if self.token is not None:
            body["nextPageToken"] = self.token
        if self.gone:
            body["reconcileIssues"] = numbers_of(sorted(self.gone)[:FEW])
        return body

    def take(self, issues: list[Json], token: str | None, answer: Answer) -> list[Json]:
        """Return what of a page was not given before, and move on.

        Raises:
            SourceError: The list runs in a circle.
        """
        versions = [version_of(one) for one in issues]
        pairs = zip(issues, versions, strict=True)
        fresh = [one for one, version in pairs if version not in self._given]
        self._idle = 0 if fresh else self._idle + 1
        self.is_new = False
        if token is not None and not self._move_bound(issues):
            self._follow(token, versions, answer)
        return fresh

    def _move_bound(self, issues: list[Json]) -> bool:
        """Go on from the time of the last issue; tell whether that leads on."""
        last = changed_at(issues[-1]) if issues else None
        bound = last.replace(microsecond=0) if last else None  # Jira may compare whole seconds
        if bound is None or not self._leads_on(bound):
            return False
        self.bound, self.token, self.is_new = bound, None, True
        self.left_out = ()
        self._tokens, self._idle = set(), 0
        again = [one for one in issues if (at := changed_at(one)) is None or at >= bound]
        self._given = set(map(version_of, again))
        return True

    def _follow(self, token: str, versions: list[tuple[str, str]], answer: Answer) -> None:
        if self._idle > IDLE_IN_A_ROW:
            raise odd(answer, f"with {self._idle} pages in a row that hold nothing new")
        self._given.update(versions)
        ids = tuple(sorted({one for one, _ in self._given} - self.gone))
        if versions and self._is_settled and len(ids) <= MOST_LEFT_OUT:
            self.token, self.left_out = None, ids
            return
        if token in self._tokens:
            raise odd(answer, "with a page as the next one that was read before")
        self._tokens.add(token)
        self.token, self.left_out = token, ()

    def miss(self, there: set[str]) -> bool:
        """Leave out only those that are there; tell whether any is gone."""
        gone = set(self.left_out) - there
        self.gone |= gone
        self.left_out = tuple(sorted(there.intersection(self.left_out)))
        return bool(gone)

    @property
    def _is_settled(self) -> bool:
        if self.settled is None or self.bound is None:
            return False
        return self.bound < self.settled

    def _leads_on(self, bound: datetime) -> bool:
        if self.settled is None or bound >= self.settled:
            return False
        return self.bound is None or bound > self.bound


def numbers_of(ids: Sequence[str]) -> list[Json]:
    """Return ids as `reconcileIssues` takes them."""
    return [int(one) for one in ids if one.isascii() and one.isdigit()]


def _page_of(answer: Answer) -> tuple[list[Json], str | None]:
    """Return the issues and the token of the following page, None after the last.

    Only the token tells; `isLast` is wrong at times (JRACLOUD-95477).
    """
    whole = record(answer.json())
    issues, _ = issues_of(whole, answer)  # Cloud itself says no length; whoever does means it
    said = whole.get("nextPageToken")
    if said is None or said == "":
        return issues, None
    token = words(said)
    if not token:
        raise odd(answer, "with a token of the next page that is no text")
    return issues, token
