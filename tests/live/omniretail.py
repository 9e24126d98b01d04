"""OmniRetail as its services would have it: a Jira, a GitHub, and what a Prometheus counted."""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from debtplan.core.decode import Json
from tests.servers.github import FakeGithub
from tests.servers.harness import FakeServer, Reply, Seen, reply
from tests.servers.jira import FakeJira
from tests.servers.jira_site import Sprint

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""The day that the walk-through is walked on."""

BOARD, REPO, LABEL = 42, "omniretail/storefront", "tech-debt"
WEEK, SPRINT_DAYS = timedelta(days=7), 11
CLOSED, FIRST_NUMBER = 6, 42
STORIES = (8.0, 8.0, 8.0, 13.0, 3.0)
"""Points of the stories of a sprint: 40."""

HISTORY = timedelta(days=200)
HOURS, REQUESTS, FAILURES = 24, 240, 12
"""Hours of a day; requests of an hour, and those of them that fail: 5%."""

BLOCK = """\
The service asks the carrier again for every letter.

```debtplan
who = "customer abroad"
need = "my address accepted"
pain = "the form refuses valid addresses"
outcome = "I can finish my order"
metric = "checkout-errors"
share = [0.38, 0.41, 0.44]
grade = "C"
```
"""


@dataclass(frozen=True)
class Debt:
    """An item of the backlog; `blocker` is the number of the one it waits for."""

    title: str
    points: float | None
    labels: tuple[str, ...] = ()
    text: str = ""
    blocker: int | None = None


BACKLOG = (
    Debt("Merge the payment gateway adapters", 5),
    Debt("Upgrade the template engine", 3),
    Debt("Give the carrier service a timeout of its own", 2, ("ux:checkout-errors=0.15",)),
    Debt("Split the order module", 8),
    Debt("Keep the cart when a connection is lost", 2),
    Debt("Remove the old build scripts", 1),
    Debt("Index the table of orders", None, ("ux:checkout-errors=0.1",)),
    Debt("Delete unused feature flags", 1),
    Debt("One library for dates", 3),
    Debt("Retry the tax service", 1, ("ux:checkout-errors=0.05",)),
    Debt("Replace the icon font", 2),
    Debt("Refactor the address validation service", 3, (), BLOCK),
    Debt("Move sessions out of the web server", 5),
    Debt(
        "Progressive disclosure of international shipping", 2, ("ux:checkout-errors=0.2",), "", 12
    ),
)


@contextmanager
def jira(now: datetime = MONDAY, deployment: Any = "Cloud", **options: Any) -> Iterator[FakeJira]:
    """Open the site as it is on the day: six sprints done, one running, one to come."""
    with FakeJira(deployment, **options) as site:
        monday = datetime.combine(now.date() - timedelta(days=now.weekday()), time(8), UTC)
        site.now = monday - (2 * CLOSED + 2) * WEEK
        store = site.store
        store.add_project("OMNI")
        made = store.add_board("OMNI", "Checkout")
        board = dataclasses.replace(made, id=BOARD)
        store.boards = {BOARD: board}
        for debt in BACKLOG:
            values = {"points": debt.points, "labels": (LABEL, *debt.labels)}
            issue = store.create("OMNI", debt.title, description=debt.text or None, **values)
            if debt.blocker is not None:
                store.link(f"OMNI-{debt.blocker}", "Blocks", issue)
        site.now = monday - (2 * CLOSED + 1) * WEEK
        names = [f"Sprint {FIRST_NUMBER + at}" for at in range(CLOSED + 2)]
        sprints = [store.add_sprint(board, name) for name in names[:-1]]
        coming = monday + WEEK
        store.add_sprint(board, names[-1], coming, coming + timedelta(days=SPRINT_DAYS))
        for sprint in sprints[:-1]:
            _work_off(site, sprint)
        store.start_sprint(sprints[-1], SPRINT_DAYS)
        last = f"{monday - WEEK:%Y-%m-%d}"
        store.add_version("OMNI", "Checkout 5.1", released=True, released_on=last)
        site.now = now
        yield site


def _work_off(site: FakeJira, sprint: Sprint) -> None:
    """Start a sprint, do its stories and close it."""
    store = site.store
    stories = [store.create("OMNI", points=points, sprint=sprint) for points in STORIES]
    site.advance(60)
    store.start_sprint(sprint, SPRINT_DAYS)
    site.advance(SPRINT_DAYS * 24 * 3600)
    for story in stories:
        store.update(story, status="Done")
    site.advance(3600)
    store.close_sprint(sprint)
    site.now = site.now + 2 * WEEK - timedelta(days=SPRINT_DAYS, seconds=3660)


@contextmanager
def github(now: datetime = MONDAY, **options: Any) -> Iterator[FakeGithub]:
    """Open a GitHub with the same backlog; a label tells the points."""
    with FakeGithub(now=now - 5 * WEEK, **options) as site:
        store = site.store
        store.add_repo(REPO)
        for debt in BACKLOG:
            points = () if debt.points is None else (f"points:{debt.points:g}",)
            body = debt.text
            if debt.blocker is not None:
                body += f"\nblocked by #{debt.blocker}\n"
            store.add_issue(REPO, debt.title, body=body, labels=(LABEL, *debt.labels, *points))
            site.advance(60)
        store.turn_into_pull(store.add_issue(REPO, "Bump the linter"))
        site.now = now - WEEK
        site.ships.publish(REPO, "v5.1", name="Checkout 5.1", body="Express delivery")
        site.advance(60 * 60)
        site.ships.deploy(REPO, "v5.1", "in_progress", "success")
        site.now = now
        yield site


def samples(now: datetime = MONDAY) -> str:
    """Return what the checkout counted, every hour, in the OpenMetrics format."""
    first = datetime.combine((now - HISTORY).date(), time(), UTC)
    count = int((datetime.combine(now.date(), time(), UTC) - first) / timedelta(hours=1)) + 1
    lines = []
    for code, more in (("200", REQUESTS - FAILURES), ("500", FAILURES)):
        for hour in range(count):
            at = (first + timedelta(hours=hour)).timestamp()
            labels = f'code="{code}",path="/checkout/shipping"'
            lines.append(f"http_requests_total{{{labels}}} {more * hour} {at:.0f}")
    return "\n".join((*lines, "# EOF", ""))


@contextmanager
def prometheus() -> Iterator[FakeServer]:
    """Serve the same counts without a Prometheus: what its two queries would give."""
    with FakeServer(answer_query) as server:
        yield server


def answer_query(seen: Seen) -> Reply:
    """Return what Prometheus would say to a query of the walk-through."""
    if seen.path == "/api/v1/query":
        return _data("vector", [{"metric": {}, "value": [MONDAY.timestamp(), "1"]}])
    a_day = HOURS * (FAILURES if "5.." in seen.query["query"] else REQUESTS)
    start, end, step = (int(seen.query[name]) for name in ("start", "end", "step"))
    values: list[Json] = [[at, str(a_day)] for at in range(start, end + 1, step)]
    return _data("matrix", [{"metric": {}, "values": values}])


def _data(kind: str, result: list[Json]) -> Reply:
    return reply({"status": "success", "data": {"resultType": kind, "result": result}})


def days_before(when: date, count: int) -> date:
    """Return the day that long ago."""
    return when - timedelta(days=count)


def plan_of(text: str) -> dict[str, Any]:
    """Return a plan.json."""
    found: dict[str, Any] = json.loads(text)
    return found
