"""What every endpoint of a fake Jira shares: options, errors, and how requests are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo

from debtplan.core.decode import Json
from tests.servers.harness import Reply, Seen, reply
from tests.servers.jira_match import IdOrder, Matcher
from tests.servers.jira_query import JqlError
from tests.servers.jira_search import Searcher
from tests.servers.jira_shape import Shape
from tests.servers.jira_site import Issue
from tests.servers.jira_store import JiraStore

Handler = Callable[[Seen, tuple[str, ...]], Reply]
Routes = Mapping[tuple[str, str], Handler]
"""Handlers by method and path; `{}` stands for one part of the path."""

NO_ISSUE = "Issue does not exist or you do not have permission to see it."


@dataclass
class Paging:
    """How the Cloud search cuts its pages, and how it lies. Pages count from 1.

    Attributes:
        size: Most issues of a page, by its number; None leaves the limits of Jira.
        by: A token is a place in the list, which moves as issues do ("offset"), or the last issue
            that was given ("keyset"). Which one Jira has is not documented.
        is_last: Says `isLast`, by page number and truth; None leaves it out.
        repeats_from: From this page on the token given is the one that was sent.
        empty: Pages that are empty but name a following one.
    """

    size: Callable[[int], int] | None = None
    by: Literal["offset", "keyset"] = "offset"
    is_last: Callable[[int, bool], bool | None] = lambda page, is_last: is_last
    repeats_from: int | None = None
    empty: frozenset[int] = frozenset()


@dataclass
class Options:
    """What differs from site to site; may be changed while the server runs.

    Attributes:
        language: `en` or `de`: names of fields, statuses and types.
        time_zone: Of the account; dates of queries are read in it and answers written in it.
        lag_s: Virtual seconds after which the search sees a change.
        user: E-mail address of the account (Cloud).
        token: API token (Cloud) or personal access token (Data Center).
        scoped: The token works under `/ex/jira/{cloudId}` only.
        anonymous: Wrong credentials are served as nobody: 200 with nothing in it.
        captcha_after: Wrong credentials this often lead to the CAPTCHA (Data Center).
        rate_limit: Requests, and virtual seconds after which there are as many again.
        latency_s: Real seconds each answer takes; for benchmarks.
        id_order: See `Matcher`.
        date_unit_ms: See `Matcher`.
        window: `max_result_window` of Data Center's search; None is without end.
        page_limit: Most issues of a page of Data Center's search.
        bulk_errors: Bulk fetch names the issues it has not; else it leaves them out.
        permissions: What the account may do.
        on_page: Called with the page's number after each page of a search was made.
    """

    language: str = "en"
    time_zone: str = "UTC"
    lag_s: float = 0
    user: str = "ada@example.com"
    token: str = "secret-token"  # noqa: S105 - opens a server on loopback only
    scoped: bool = False
    anonymous: bool = False
    captcha_after: int | None = None
    rate_limit: tuple[int, float] | None = None
    latency_s: float = 0
    id_order: IdOrder = "key"
    date_unit_ms: int = 1
    window: int | None = None
    page_limit: int = 1000
    bulk_errors: bool = True
    permissions: frozenset[str] = frozenset({"BROWSE_PROJECTS", "EDIT_ISSUES"})
    paging: Paging = field(default_factory=Paging)
    on_page: Callable[[int], None] | None = None


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """Carries the answer to a request that is refused."""

    def __init__(self, status: int, *messages: str, **headers: str) -> None:
        super().__init__(*messages)
        self.answer = refuse(status, *messages, **headers)


def refuse(status: int, *messages: str, **headers: str) -> Reply:
    """Return an error as Jira words it."""
    return reply({"errorMessages": [*messages], "errors": {}}, status, **headers)


class Desk:
    """The store with what reads and writes it."""

    def __init__(self, store: JiraStore, options: Options, url: str) -> None:
        self.store = store
        self.options = options
        zone = ZoneInfo(options.time_zone)
        self.shape = Shape(store, url, zone)
        matcher = Matcher(store, zone, options.id_order, options.date_unit_ms)
        self.searcher = Searcher(matcher)

    @property
    def is_cloud(self) -> bool:
        return self.store.site.is_cloud

    def issue(self, ref: str) -> Issue:
        """Return an issue as it is now.

        Raises:
            Refusal: There is none, or it is hidden.
        """
        found = self.store.find(ref)
        if found is None or not self.store.is_visible(found):
            raise Refusal(404, NO_ISSUE)
        return found

    def page_made(self, number: int) -> None:
        """Let the test change things between pages."""
        if self.options.on_page is not None:
            self.options.on_page(number)


def jql_refusal(error: JqlError) -> Refusal:
    """Return the answer to a query that is refused."""
    return Refusal(400, *error.messages)


def whole_number(seen: Seen, name: str, default: int) -> int:
    """Return a number of the query string.

    Raises:
        Refusal: It is none.
    """
    text = seen.query.get(name, "")
    if not text:
        return default
    if not text.removeprefix("-").isdigit():
        raise Refusal(404, f"The value '{text}' of '{name}' is not a number.")
    return int(text)


def listed(value: Any) -> list[str] | None:
    """Return names given as a list or with commas between them; None where there are none."""
    if value in (None, "", []):
        return None
    parts = value if isinstance(value, list) else [value]
    return [name.strip() for part in parts for name in str(part).split(",") if name.strip()]


def page_of(values: list[Json], seen: Seen, cap: int = 50, *, default: int = 50) -> dict[str, Json]:
    """Return one page of a list: values with startAt, maxResults, total and isLast."""
    start = max(0, whole_number(seen, "startAt", 0))
    size = min(max(1, whole_number(seen, "maxResults", default)), cap)
    return {
        "maxResults": size,
        "startAt": start,
        "total": len(values),
        "isLast": start + size >= len(values),
        "values": values[start : start + size],
    }
