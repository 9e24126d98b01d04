"""New Relic, with scripted answers of NerdGraph."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from debtplan.core.flow import MetricKind
from debtplan.core.reading import Window, midnight
from debtplan.errors import AuthenticationError, ForbiddenError, SourceError, UsageError
from debtplan.metrics.newrelic import build
from debtplan.ports import LiveSource
from tests.metrics.live.asking import (
    TODAY,
    TOKEN,
    asked,
    buckets,
    counts,
    percentiles,
    probed,
    rates,
    readings,
    skipped,
    source,
    walk,
)
from tests.servers.harness import FakeServer, Reply, Seen, reply

DAY_S = 86_400
_SPAN = re.compile(r"SINCE ([0-9]+)000 UNTIL ([0-9]+)000 TIMESERIES 1 day$")
Columns = Callable[[date], dict[str, Any]]


class Graph:
    """NerdGraph: every query has its columns.

    Attributes:
        columns: Of a query, by the text before its time.
        busy: How often a query says that it is not done.
        waits: What it asks to wait, in seconds.
    """

    def __init__(self) -> None:
        self.columns: dict[str, Columns] = {
            "errors": lambda _: {"count": 3},
            "all": lambda _: {"count": 100},
        }
        self.busy, self.waits = 0, 7
        self._running = ""

    def __call__(self, seen: Seen) -> Reply:
        question, values = seen.json["query"], seen.json["variables"]
        if "nrql" not in question:
            return self._account({"id": values["account"], "name": "Shop"})
        field = "nrqlQueryProgress" if "id" in values else "nrql"
        self._running = values.get("nrql", self._running)
        if self.busy:
            self.busy -= 1
            progress = {"queryId": "q-1", "completed": False, "retryAfter": self.waits}
            return self._account({field: {"results": None, "queryProgress": progress}})
        return self._account({field: {"results": self._rows(), "queryProgress": None}})

    def _rows(self) -> list[Any]:
        span = _SPAN.search(self._running)
        assert span, self._running
        columns = self.columns[self._running[: span.start()].strip()]
        rows = []
        for begin in range(int(span[1]), int(span[2]), DAY_S):
            day = date.fromordinal(date(1970, 1, 1).toordinal() + begin // DAY_S)
            times = {"beginTimeSeconds": begin, "endTimeSeconds": begin + DAY_S}
            rows.append({**times, **columns(day)})
        return rows

    @staticmethod
    def _account(found: Any) -> Reply:
        return reply({"data": {"actor": {"account": found}}})


@pytest.fixture
def graph() -> Graph:
    return Graph()


@pytest.fixture
def server(graph: Graph) -> Iterator[FakeServer]:
    with FakeServer(graph) as found:
        yield found


BOTH = {"bad": "errors", "total": "all"}


def newrelic(server: FakeServer, queries: dict[str, str] | None = None, **more: Any) -> LiveSource:
    settings = {"url": server.url, "account": 42, "history_days": 3, **more}
    query = asked(BOTH if queries is None else queries, "m", MetricKind.LATENCY)
    return source("newrelic", query, **settings)


def one(server: FakeServer, graph: Graph, columns: dict[str, Any]) -> LiveSource:
    """Return a source with one query that gives these columns every day."""
    graph.columns["one"] = lambda _: columns
    return newrelic(server, {"": "one"})


DAYS = [TODAY - timedelta(days=n) for n in (3, 2, 1)]


def test_one_query_for_each_figure_gives_counts(server: FakeServer) -> None:
    assert counts(walk(newrelic(server))) == dict.fromkeys(DAYS, (3, 100))


def test_a_question_carries_account_key_and_whole_days(server: FakeServer) -> None:
    walk(newrelic(server))
    seen = server.log[0]
    since, until = (midnight(day).timestamp() * 1000 for day in (DAYS[0], TODAY))
    assert seen.json["variables"] == {
        "account": 42,
        "nrql": f"errors SINCE {since:.0f} UNTIL {until:.0f} TIMESERIES 1 day",
    }
    assert seen.headers["api-key"] == TOKEN
    assert seen.path == "/graphql"


def test_named_columns_of_one_query_are_figures(server: FakeServer, graph: Graph) -> None:
    columns = {"bad": 1, "total": 20, "recovered": 1}
    found = readings(walk(one(server, graph, columns)))
    assert [one.measure.model_dump() for one in found] == [{"form": "counts", **columns}] * 3


def test_a_percentage_is_a_share_and_the_count_beside_it_its_sample(
    server: FakeServer, graph: Graph
) -> None:
    live = one(server, graph, {"percentage": 2.5, "count": 400})
    assert rates(walk(live)) == dict.fromkeys(DAYS, (0.025, 400))


def test_a_percentage_of_its_own_is_a_share_too(server: FakeServer, graph: Graph) -> None:
    graph.columns["p"] = lambda _: {"percentage": 2.5}
    assert rates(walk(newrelic(server, {"rate": "p"}))) == dict.fromkeys(DAYS, (0.025, None))


def test_percentiles_come_from_one_function(server: FakeServer, graph: Graph) -> None:
    live = one(server, graph, {"percentile.duration": {"50": 0.4, "95": 1.9}, "count": 9})
    assert percentiles(walk(live)) == dict.fromkeys(DAYS, (0.4, 1.9))


def test_percentiles_come_from_a_query_each(server: FakeServer, graph: Graph) -> None:
    graph.columns["a"] = lambda _: {"percentile.duration": {"50": 0.4}}
    graph.columns["b"] = lambda _: {"percentile.duration": {"95": 1.9}}
    found = percentiles(walk(newrelic(server, {"p50": "a", "p95": "b"})))
    assert found == dict.fromkeys(DAYS, (0.4, 1.9))


def test_filters_up_to_a_bound_make_a_histogram(server: FakeServer, graph: Graph) -> None:
    live = one(server, graph, {"le_2.5": 9, "le_0.5": 4, "total": 10})
    found = buckets(walk(live))[DAYS[0]]
    assert (found.bounds, found.counts, found.total) == ((0.5, 2.5), (4, 9), 10)


def test_a_day_whose_values_are_null_has_no_reading(server: FakeServer, graph: Graph) -> None:
    graph.columns["one"] = lambda day: (
        {"percentile.duration": {"50": None, "95": None}}
        if day < DAYS[2]
        else {"percentile.duration": {"50": 1.0, "95": 2.0}}
    )
    batches = walk(newrelic(server, {"": "one"}))
    assert percentiles(batches) == {DAYS[2]: (1.0, 2.0)}
    assert skipped(batches)[-1].reason == "first data on 2026-03-19; 2026-03-17 was asked for"


def test_a_type_of_event_that_does_not_exist_is_said(server: FakeServer, graph: Graph) -> None:
    graph.columns = {"errors": lambda _: {"count": 0}, "all": lambda _: {"count": 0}}
    batches = walk(newrelic(server))
    assert readings(batches) == []
    assert "3 days without users" in skipped(batches)[0].reason


def test_a_slow_query_is_asked_for_again_after_the_time_it_says(
    server: FakeServer, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    graph.busy = 2
    assert counts(walk(newrelic(server))) == dict.fromkeys(DAYS, (3, 100))
    assert waits == [7, 7]
    assert server.log[1].json["variables"] == {"account": 42, "id": "q-1"}
    assert "async: true" in server.log[0].json["query"]


def test_a_query_that_never_ends_uses_up_the_waiting_and_no_more(
    server: FakeServer, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    graph.busy = 1000
    with pytest.raises(SourceError, match="takes longer"):
        walk(newrelic(server, line={"max_wait_s": 30}))
    assert sum(waits) == 28


def test_a_running_query_without_an_id_is_an_error(server: FakeServer) -> None:
    account: Any = {"nrql": {"results": None, "queryProgress": {"completed": False}}}
    server.fail_once("/graphql", Graph._account(account))  # noqa: SLF001 - the script's own
    with pytest.raises(SourceError, match="how to ask again"):
        walk(newrelic(server))


def test_errors_with_status_200_are_a_failure_with_their_words(server: FakeServer) -> None:
    errors: Any = [{"message": "NRQL Syntax Error: unexpected 'FORM'", "extensions": {}}]
    server.fail_once("/graphql", reply({"data": None, "errors": errors}))
    with pytest.raises(SourceError, match="The query 'bad' of metric 'm' failed: NRQL Syntax"):
        walk(newrelic(server))


def test_errors_beside_data_are_a_failure_too(server: FakeServer) -> None:
    errors: Any = [{"message": "partial"}]
    answer: Any = {"data": {"actor": {"account": {"nrql": {"results": []}}}}, "errors": errors}
    server.fail_once("/graphql", reply(answer))
    with pytest.raises(SourceError, match="failed: partial"):
        walk(newrelic(server))


def test_a_refused_key_is_told_from_a_failed_query(server: FakeServer) -> None:
    errors: Any = [{"message": "Access denied", "extensions": {"errorClass": "ACCESS_DENIED"}}]
    server.fail_once("/graphql", reply({"errors": errors}))
    with pytest.raises(AuthenticationError) as caught:
        walk(newrelic(server))
    assert "DEBTPLAN_NEWRELIC_TOKEN" in caught.value.fix


def test_an_account_that_the_key_does_not_see_is_no_empty_one(server: FakeServer) -> None:
    server.fail_once("/graphql", Graph._account(None))  # noqa: SLF001 - the script's own
    with pytest.raises(ForbiddenError, match="Account 42 is not shown"):
        walk(newrelic(server))


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"average.duration": 1}, "'average.duration', which is no figure"),
        ({"bad": "three", "total": 9}, "as str, no number"),
        ({"bad": [1], "total": 9}, "as list, no number"),
        ({"histogram.duration": [1, 2]}, "no number"),
        ({"bad": 1, "total": 9, "beginTimeSeconds": 60}, "no day in UTC"),
        ({"bad": 1, "total": 9, "beginTimeSeconds": None}, "without a time"),
    ],
)
def test_an_odd_column_is_refused(
    server: FakeServer, graph: Graph, columns: dict[str, Any], why: str
) -> None:
    with pytest.raises(SourceError, match=why):
        walk(one(server, graph, columns))


def test_two_columns_where_one_figure_is_asked_for_are_refused(
    server: FakeServer, graph: Graph
) -> None:
    graph.columns["errors"] = lambda _: {"count": 1, "uniqueCount": 1}
    with pytest.raises(SourceError, match="2 columns"):
        walk(newrelic(server))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT count(*) FROM T SINCE 1 week ago", "SELECT count(*) FROM T\ntimeseries",
        "SELECT count(*) FROM T FACET name", "SELECT count(*) FROM T COMPARE  WITH 1 day ago",
        "SELECT count(*) FROM T LIMIT 5", " ; ",
    ],
)  # fmt: skip
def test_clauses_that_debtplan_writes_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        build("It", text, Window(start_on=DAYS[0], end_on=TODAY))


def test_words_in_quotation_marks_are_no_clauses() -> None:
    text = "SELECT count(*) FROM T WHERE a = 'since' AND `limit` = 'it''s until' AND b = \"facet\";"
    built = build("It", text, Window(start_on=date(2026, 3, 1), end_on=date(2026, 3, 2)))
    since = "SINCE 1772323200000 UNTIL 1772409600000 TIMESERIES 1 day"
    assert built == f"{text.rstrip(';')} {since}"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"account": None}, "account is not set"),
        ({"url": "", "region": "in"}, "New Relic has not"),
        ({"token": None}, "has no token"),
    ],
)
def test_what_the_settings_lack_is_named(
    server: FakeServer, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        walk(newrelic(server, **more))


def test_the_region_decides_the_address() -> None:
    for region, host in (("us", "https://api.newrelic.com"), ("eu", "https://api.eu.newrelic.com")):
        live = source("newrelic", asked(BOTH), account=42, region=region)
        assert f'"{host}"' in live.scope("m")


def test_a_probe_names_the_account(server: FakeServer) -> None:
    found = probed(newrelic(server))
    assert [one.is_well for one in found] == [True, True]
    assert "shows account 42 (Shop)" in found[0].what
    assert found[1].what == "m: 14 of 14 days, the newest 2026-03-19"
