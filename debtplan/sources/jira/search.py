"""Searches of Jira, page by page: what both sorts of server promise, and what they share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Protocol

from debtplan.core.decode import Json
from debtplan.errors import SourceError
from debtplan.files.shape import instant, record, words
from debtplan.sources.jira.answer import odd
from debtplan.sources.jira.jql import both
from debtplan.sources.jira.site import JiraServer
from debtplan.transport.answer import Answer

OVERLAP = timedelta(minutes=10)
"""Changes this long before a mark are read again: the index lags ("Search and reconcile")."""

_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any change that a tracker of ours can hold."""

PAGE = 100
"""Issues asked for at once, with their fields."""

ID_PAGE = 5000
"""Issues asked for at once, without them."""

FEW = 50
"""Ids that one search looks for: as many as Cloud can be told to see as they are now."""

REFUSED = 400
"""Status of a query that Jira refuses."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for.

    Attributes:
        jql: A condition, without an order.
        project: Key of the only project it is about; "" where it may be several.
    """

    jql: str
    project: str = ""

    def and_(self, *clauses: str) -> "Query":
        """Return the same with more to hold."""
        return Query(both(self.jql, *clauses), self.project)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of a walk.

    Attributes:
        newest: Every change before it has been given by now (Cloud), or will have been at the end
            of the walk (Data Center); None where this page adds nothing to that.
        resume: Where a walk that breaks off goes on; "" where that is `newest`.
    """

    issues: list[Json]
    newest: datetime | None = None
    resume: str = ""


class Search(Protocol):
    """The search of one sort of server. Every method raises `SourceError` for an odd answer."""

    is_ordered: bool

    def changed(
        self, query: Query, fields: Sequence[str], since: datetime | None, resume: str
    ) -> Iterator[SearchPage]:
        """Yield what changed since an instant, less the overlap; at least one page.

        An issue may come several times. What is changed while it is read comes again, here or in
        the walk that follows.
        """

    def ids(self, query: Query) -> Iterator[str]:
        """Yield the ids of all issues, some perhaps twice."""

    def count(self, query: Query) -> int | None:
        """Return how many there are; None where the server only estimates it."""

    def among(self, query: Query, ids: Sequence[str]) -> set[str] | None:
        """Return which of at most `FEW` ids are found; None where one of them stops the search."""

    def by_id(self, ids: Sequence[str], fields: Sequence[str]) -> Iterator[list[Json]]:
        """Yield issues by id; what is not there, or not to be seen, is left out."""


@dataclass
class ServerSearch:
    """What the searches of both sorts of server share.

    Attributes:
        setting: Where the query stands in the settings, for messages.
        path: Of the search, below the platform's API.
    """

    path: ClassVar[str]
    server: JiraServer
    setting: str

    def post(self, body: Json) -> Answer:
        """Return the answer to a search; one that is refused is an answer, too."""
        return self.server.post(self.path, body, allow=frozenset({REFUSED}))

    def check(self, answer: Answer) -> None:
        """Let an answer pass unless it refuses the query.

        Raises:
            SourceError: It does; in Jira's own words.
        """
        if answer.status == REFUSED:
            raise self.server.refused(answer, self.setting)

    def endless(self, answer: Answer) -> SourceError:
        """Return the error for a list that does not come to its end."""
        return odd(answer, "with more pages than [transport] pages allows")


def issues_of(whole: Mapping[str, Json], answer: Answer) -> tuple[list[Json], int]:
    """Return the issues of a page and the length of its list, 0 where it is not said.

    Args:
        whole: What the answer holds.
        answer: For messages.

    Raises:
        SourceError: There is no list, or an empty one that is said to hold issues.
    """
    issues, total = whole.get("issues"), whole.get("total")
    if not isinstance(issues, list):
        raise odd(answer, "without a list of issues")
    length = total if isinstance(total, int) else 0
    if not issues and length > 0:
        raise odd(answer, f"with an empty page of a list that holds {length:,}")
    return issues, length


def read_from(since: datetime | None) -> datetime | None:
    """Return from when on changes are read for a mark; never before 2000, whatever a site dates."""
    return max(since, _OLDEST + OVERLAP) - OVERLAP if since else None


def version_of(issue: Json) -> tuple[str, str]:
    """Return an issue's id and, as written, when it was changed; "" for what it does not say."""
    whole = record(issue)
    return words(whole.get("id")), words(record(whole.get("fields")).get("updated"))


def changed_at(issue: Json) -> datetime | None:
    """Return when an issue was changed last."""
    return instant(version_of(issue)[1])


def ids_of(issues: Sequence[Json], answer: Answer) -> Iterator[str]:
    """Yield the ids of issues.

    Raises:
        SourceError: One has none, so the list cannot be compared with another.
    """
    for one in issues:
        found = words(record(one).get("id"))
        if not found:
            raise odd(answer, "with an issue that has no id")
        yield found


def in_parts(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield the ids in order, at most `size` at a time."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def in_halves(ids: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return the first and the second half of two ids or more."""
    middle = len(ids) // 2
    return ids[:middle], ids[middle:]
