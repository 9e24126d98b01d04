"""What differs between one fake GitHub and another, and how it refuses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from debtplan.core.decode import Json
from tests.servers.github_store import GithubStore
from tests.servers.harness import Reply, reply

DOCS = "https://docs.github.com/rest"
GITHUB_VERSIONS = ("2022-11-28", "2026-03-10")
SERVER_VERSIONS = ("2022-11-28",)

Links = Literal["auto", "page", "cursor"]


@dataclass
class Secondary:
    """The secondary limit, which answers at once and says little.

    Attributes:
        after: Requests that are still served.
        times: Requests that are then refused.
        status: 403 or 429; GitHub sends both.
        retry_after: The header's value, None without it.
    """

    after: int = 0
    times: int = 1
    status: int = 403
    retry_after: str | None = "60"


@dataclass
class Options:
    """May be changed while the server runs.

    Attributes:
        enterprise: Enterprise Server: `/api/v3` and `/api/graphql`, one API version, page links
            without an end, no limits.
        limit: Requests in a virtual hour for each token; None is without limit.
        graphql_limit: The same for GraphQL.
        secondary: The secondary limit, None while it is not reached.
        links: `page` numbers; `cursor` has `after` and no last page; `auto` takes cursors for
            lists longer than `page_cap`, as GitHub does since 2025.
        page_cap: Records that page numbers reach, 422 behind it; for `auto` and `cursor`. Measured
            in July 2026 (kagent-dev/doc2vec#101): 1,000 whatever the size of a page.
        links_on_304: A 304 carries the list's present `Link`; its ETag never covers that header
            (app-sre/github-mirror#113).
        graphql_nodes: Nodes that one GraphQL request may ask for before it fails with 502.
        latency_s: Real seconds each answer takes; for benchmarks.
        on_page: Called with 1, 2, 3, ... after each page of a list was made.
    """

    enterprise: bool = False
    limit: int | None = 5_000
    graphql_limit: int | None = 5_000
    secondary: Secondary | None = None
    links: Links = "auto"
    page_cap: int = 1_000
    links_on_304: bool = True
    graphql_nodes: int | None = None
    latency_s: float = 0
    on_page: Callable[[int], None] | None = None


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """Carries the answer to a request that is refused."""

    def __init__(self, answer: Reply) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refuse(status: int, message: str, *, docs: str = DOCS, **headers: str) -> Refusal:
    """Return a refusal as GitHub words it."""
    content: Json = {"message": message, "documentation_url": docs, "status": str(status)}
    return Refusal(reply(content, status, **headers))


def not_found() -> Refusal:
    """Return the answer for what is not there, or not to be seen."""
    return refuse(404, "Not Found")


def invalid(resource: str, name: str) -> Refusal:
    """Return the answer to a parameter that cannot be read."""
    content: Json = {
        "message": "Validation Failed",
        "errors": [{"resource": resource, "field": name, "code": "invalid"}],
        "documentation_url": DOCS,
        "status": "422",
    }
    return Refusal(reply(content, 422))


@dataclass
class Desk:
    """The store with what is needed to answer from it.

    Attributes:
        url: Address of the server.
        pages: Pages of lists made so far.
    """

    store: GithubStore
    options: Options
    url: str
    pages: int = field(default=0, init=False)

    @property
    def api(self) -> str:
        return f"{self.url}/api/v3" if self.options.enterprise else self.url

    @property
    def site(self) -> str:
        """The address that people open: on a server of one's own it is the same host."""
        return self.url if self.options.enterprise else "https://github.com"

    @property
    def versions(self) -> tuple[str, ...]:
        return SERVER_VERSIONS if self.options.enterprise else GITHUB_VERSIONS

    def page_made(self) -> None:
        """Let the test change things between pages."""
        self.pages += 1
        if self.options.on_page is not None:
            self.options.on_page(self.pages)
