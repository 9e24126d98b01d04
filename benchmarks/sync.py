"""How long reading a tracker takes, beside a bare loop over the same pages and others' clients."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter

import httpcore  # noqa: F401 - httpx loads it late, and start-up is measured elsewhere
import httpx

from benchmarks.figure import Figure, at_most
from debtplan.config.settings import Loaded, Settings

LATENCY_S = 0.02
ISSUES = 10_000
MANY = 100_000
PAGE = 100
AGAINST_BARE = 1.3
SECOND_SHARE = 0.05
MEMORY_MB = 200.0
START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def measure(_data: Path | None = None) -> Iterator[Figure]:
    """Yield wall times as ratios to the bare loop, the second run's share, and memory."""
    for tracker in ("jira", "github"):
        yield from _compared(tracker)
    for tracker in ("jira", "github"):
        yield from _large(tracker)


def _compared(tracker: str) -> Iterator[Figure]:
    detail = f"{tracker}: {ISSUES:,} issues, {LATENCY_S * 1000:g} ms a request, loopback"
    with _server(tracker, ISSUES, LATENCY_S) as address, TemporaryDirectory() as folder:
        bare = _apart(_walk_bare, tracker, address)[0]
        first, memory = _apart(_sync, tracker, address, folder)
        second = _apart(_sync, tracker, address, folder)[0]
        other = _apart(_OTHERS[tracker], address)[0]
        again = _apart(_walk_bare, tracker, address)[0]
    alone = (bare + again) / 2
    yield at_most(
        "sync", f"{tracker}: debtplan / bare httpx loop", first / alone, AGAINST_BARE, "ratio",
        f"{detail}; debtplan {first:.2f} s, bare loop {bare:.2f} and {again:.2f} s",
    )  # fmt: skip
    yield at_most(
        "sync", f"{tracker}: other client / bare httpx loop", other / alone, None, "ratio",
        f"{detail}; {_NAMES[tracker]} {other:.2f} s, reading only",
    )  # fmt: skip
    yield at_most(
        "sync", f"{tracker}: unchanged second run / first", second / first, SECOND_SHARE, "ratio",
        f"{detail}; {second:.2f} s, census included",
    )  # fmt: skip
    yield at_most(
        "sync", f"{tracker}: peak memory", memory, MEMORY_MB, "MB", f"{detail}; the whole process"
    )


def _large(tracker: str) -> Iterator[Figure]:
    detail = f"{tracker}: {MANY:,} issues, no latency, loopback"
    with _server(tracker, MANY, 0.0) as address, TemporaryDirectory() as folder:
        seconds, memory = _apart(_sync, tracker, address, folder)
    yield at_most(
        "sync", f"{tracker}: {MANY:,} issues, peak memory", memory, MEMORY_MB, "MB",
        f"{detail}; {seconds:.0f} s",
    )  # fmt: skip


def _apart(work: Callable[..., float | None], *arguments: object) -> tuple[float, float]:
    """Return seconds and peak megabytes of work in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_timed, work, *arguments).result()


def _timed(work: Callable[..., float | None], *arguments: object) -> tuple[float, float]:
    started = perf_counter()
    seconds = work(*arguments) or perf_counter() - started
    return seconds, getrusage(RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def _server(tracker: str, issues: int, latency_s: float) -> Iterator[str]:
    """Serve a made-up tracker from a process of its own; yield its address."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(tracker, issues, latency_s, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("stop")
        process.join(10)
        process.kill()


def _serve(tracker: str, issues: int, latency_s: float, pipe: object) -> None:
    _SERVERS[tracker](issues, latency_s, pipe)


def _serve_jira(issues: int, latency_s: float, pipe: object) -> None:
    from tests.servers.jira import FakeJira  # noqa: PLC0415 - only here, in the child

    with FakeJira(user="bot@example.com", token="token", latency_s=latency_s) as jira:  # noqa: S106
        jira.now = START
        jira.store.add_project("OMNI")
        for number in range(issues):
            jira.advance(7)
            jira.store.create(
                "OMNI",
                f"Repair part {number} of the checkout",
                labels=("debt", f"ux:metric-{number % 30}"),
                description=f"Step {number} fails. " + "It says nothing of why. " * 20,
            )
        jira.advance(timedelta(hours=1).total_seconds())
        pipe.send(jira.url)  # type: ignore[attr-defined]
        pipe.recv()  # type: ignore[attr-defined]


def _serve_github(issues: int, latency_s: float, pipe: object) -> None:
    from tests.servers.github import FakeGithub  # noqa: PLC0415 - only here, in the child

    with FakeGithub(latency_s=latency_s) as github:
        github.now = START
        github.add_token("token")
        github.store.add_repo("acme/shop")
        for number in range(issues):
            github.advance(7)
            github.store.add_issue(
                "acme/shop",
                f"Repair part {number} of the checkout",
                labels=("debt", f"points:{number % 8 + 1}"),
                body=f"Step {number} fails. " + "It says nothing of why. " * 20,
            )
        github.advance(timedelta(hours=1).total_seconds())
        pipe.send(github.url)  # type: ignore[attr-defined]
        pipe.recv()  # type: ignore[attr-defined]


def _walk_bare(tracker: str, address: str) -> None:
    """Ask for the same pages with nothing but httpx, and decode them."""
    count = _BARE[tracker](address)
    assert count == ISSUES, f"the bare loop saw {count}"


def _bare_jira(address: str) -> int:
    found, token = 0, None
    with httpx.Client(auth=("bot@example.com", "token")) as client:
        while True:
            body: dict[str, object] = {
                "jql": "project = OMNI ORDER BY updated ASC",
                "fields": ["*navigable"],
                "maxResults": PAGE,
            }
            if token:
                body["nextPageToken"] = token
            page = client.post(f"{address}/rest/api/3/search/jql", json=body).json()
            found += len(page["issues"])
            token = page.get("nextPageToken")
            if not token:
                return found


def _bare_github(address: str) -> int:
    found = 0
    url = f"{address}/repos/acme/shop/issues?state=all&sort=updated&direction=asc&per_page={PAGE}"
    with httpx.Client(headers={"Authorization": "Bearer token"}) as client:
        while True:
            answer = client.get(url)
            found += len(answer.json())
            if "next" not in answer.links:
                return found
            url = answer.links["next"]["url"]


def _sync(tracker: str, address: str, folder: str) -> float:
    """Read the tracker as `debtplan sync` does; return the seconds after start-up."""
    from debtplan.bootstrap import adapters, feeds  # noqa: PLC0415 - start-up is measured elsewhere
    from debtplan.workflows.sync import sync_sources  # noqa: PLC0415

    os.environ[f"DEBTPLAN_{tracker.upper()}_TOKEN"] = "token"
    tables = {
        "jira": {"site": address, "email": "bot@example.com", "projects": ["OMNI"]},
        "github": {"api": address, "repos": ["acme/shop"]},
    }
    settings = Settings.model_validate({"sources": {tracker: tables[tracker]}})
    loaded = Loaded(settings=settings, path=Path(folder) / "debtplan.toml")
    with adapters.open_store(loaded) as store:
        way = feeds.Way(etags=store)
        sources = feeds.feeds(loaded, way=way)
        started = perf_counter()
        (done,) = sync_sources(sources, store, adapters.now)
        seconds = perf_counter() - started
    assert done.error is None, done.error
    assert done.state.records in (ISSUES, MANY), done.state
    return seconds


def _read_with_jira(address: str) -> None:
    from jira import JIRA  # noqa: PLC0415 - others' client, only here

    client = JIRA(address, basic_auth=("bot@example.com", "token"), get_server_info=True)
    found = client.enhanced_search_issues("project = OMNI ORDER BY updated ASC", maxResults=0)
    assert len(found) == ISSUES


def _read_with_pygithub(address: str) -> None:
    from github import Auth, Github  # noqa: PLC0415 - others' client, only here

    client = Github(
        base_url=address, auth=Auth.Token("token"), per_page=PAGE, seconds_between_requests=0
    )
    found = client.get_repo("acme/shop").get_issues(state="all", sort="updated", direction="asc")
    assert sum(1 for _ in found) == ISSUES


_SERVERS = {"jira": _serve_jira, "github": _serve_github}
_BARE = {"jira": _bare_jira, "github": _bare_github}
_OTHERS = {"jira": _read_with_jira, "github": _read_with_pygithub}
_NAMES = {"jira": "the package jira", "github": "PyGithub"}
