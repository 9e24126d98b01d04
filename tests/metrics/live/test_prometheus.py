"""Prometheus and Grafana, with scripted answers that fit the maker's description."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from debtplan.core.reading import midnight
from debtplan.errors import AuthenticationError, SourceError, UsageError
from debtplan.metrics.prometheus import fill_in
from debtplan.ports import LiveSource
from tests.metrics.live.asking import (
    NOW,
    TODAY,
    TOKEN,
    asked,
    buckets,
    counts,
    probed,
    rates,
    readings,
    skipped,
    source,
    walk,
)
from tests.metrics.live.contract import needed, served
from tests.servers.harness import FakeServer, Reply, Seen, reply

DAY_S = 86_400
PATHS = {"/api/v1/query_range": "/query_range", "/api/v1/query": "/query"}
BOTH = {"bad": "failures", "total": "requests"}
YESTERDAY = TODAY - timedelta(days=1)


class Script:
    """Answers every known query with its series: labels, and a value for each day asked for.

    Attributes:
        series: By query: (labels, value of a moment or None) pairs.
        warnings: Sent along.
    """

    def __init__(self) -> None:
        self.series: dict[str, list[tuple[dict[str, str], Any]]] = {
            "failures": [({}, "3")],
            "requests": [({}, "100")],
        }
        self.warnings: list[str] = []

    def __call__(self, seen: Seen) -> Reply:
        if seen.path.endswith("/api/v1/query"):
            result: Any = [{"metric": {}, "value": [NOW.timestamp(), "1"]}]
            return reply({"status": "success", "data": {"resultType": "vector", "result": result}})
        body: dict[str, Any] = {
            "status": "success",
            "data": {"resultType": "matrix", "result": self._matrix(seen)},
        }
        if self.warnings:
            body["warnings"] = self.warnings
        return reply(body)

    def _matrix(self, seen: Seen) -> list[Any]:
        is_form = seen.headers.get("content-type") == "application/x-www-form-urlencoded"
        query = seen.form if is_form else seen.query
        step = int(query["step"])
        moments = range(int(query["start"]), int(query["end"]) + 1, step)
        found = []
        for labels, value in self.series.get(query["query"], []):
            at = value if callable(value) else lambda _, v=value: v
            values = [[moment, at(moment)] for moment in moments if at(moment) is not None]
            found.append({"metric": labels, "values": values})
        return found


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def server(script: Script) -> Iterator[FakeServer]:
    with served(script, "prometheus", PATHS) as found:
        yield found


def prometheus(
    server: FakeServer, queries: dict[str, str] | None = None, **more: Any
) -> LiveSource:
    settings = {"url": server.url, "history_days": 5, **more}
    return source("prometheus", asked(queries or BOTH), **settings)


def since(day_end: datetime) -> Any:
    """Return a value that begins at a moment."""
    return lambda moment: "7" if moment >= day_end.timestamp() else None


def test_the_contract_refuses_what_prometheus_never_says() -> None:
    check = needed("prometheus", "/query_range")
    with pytest.raises(AssertionError, match="never answers so"):
        check({"status": "success", "data": {"resultType": "matrix"}, "more": 1})


def test_a_question_asks_for_the_end_of_every_day(server: FakeServer) -> None:
    walk(prometheus(server))
    query = server.log[0].query
    assert int(query["start"]) == midnight(TODAY - timedelta(days=4)).timestamp()
    assert int(query["end"]) == midnight(TODAY).timestamp()
    assert query["step"] == "86400"


LONG = " + ".join(f'increase(x{{path="/ümlaut/{number}"}}[1d])' for number in range(200))


@pytest.mark.parametrize("kind", ["prometheus", "grafana"])
def test_a_query_too_long_for_an_address_is_posted_and_asked_again_where_that_helps(
    server: FakeServer, script: Script, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    script.series[LONG] = [({}, "3")]
    server.fail_once("/api/v1/query_range", Reply(503))
    queries = {"bad": LONG, "total": "requests"}
    live = source(kind, asked(queries), url=server.url, datasource="P1", history_days=5)
    assert len(counts(walk(live))) == 5
    failed, posted, plain = server.log
    assert (failed.method, failed.content) == ("POST", posted.content)
    assert (posted.method, posted.query, posted.form["query"]) == ("POST", {}, LONG)
    assert sorted(posted.form) == ["end", "query", "start", "step"]
    assert (plain.method, plain.query["query"]) == ("GET", "requests")


def test_a_posted_query_that_the_server_refuses_is_told_in_its_words(server: FakeServer) -> None:
    said: Any = {
        "status": "error",
        "errorType": "bad_data",
        "error": "too long query; maxQueryLen=16",
    }
    server.faults.append(lambda seen: reply(said, 422) if seen.method == "POST" else None)
    with pytest.raises(SourceError, match="too long query; maxQueryLen=16"):
        walk(prometheus(server, {"bad": LONG, "total": "requests"}))


def test_a_reading_is_one_day_in_utc_with_its_source_and_time(server: FakeServer) -> None:
    last = readings(walk(prometheus(server)))[-1]
    assert (last.start_at, last.end_at) == (midnight(YESTERDAY), midnight(TODAY))
    assert (last.source, last.fetched_at, last.metric) == ("prometheus", NOW, "m")


def test_a_long_history_is_asked_for_in_pieces_oldest_first(server: FakeServer) -> None:
    batches = walk(prometheus(server, history_days=120))
    newest = [batch.newest for batch in batches]
    assert [len(batch.records) for batch in batches] == [50, 50, 20]
    assert newest == sorted(newest, key=lambda at: at or NOW)
    assert newest[-1] == midnight(TODAY)
    assert len(readings(batches)) == 120


def test_a_walk_after_a_break_asks_only_for_what_is_left(server: FakeServer) -> None:
    found = counts(walk(prometheus(server, history_days=120), since=midnight(YESTERDAY)))
    assert list(found) == [TODAY - timedelta(days=days) for days in (3, 2, 1)]


def test_a_day_without_bad_is_not_a_day_with_none(server: FakeServer, script: Script) -> None:
    script.series["failures"] = [({}, since(midnight(TODAY)))]
    batches = walk(prometheus(server))
    assert counts(batches) == {YESTERDAY: (7.0, 100.0)}
    assert "bad gave nothing on 4 days" in skipped(batches)[0].reason


def test_a_day_without_users_has_no_reading_and_is_said_once(
    server: FakeServer, script: Script
) -> None:
    script.series["failures"] = [({}, "0")]
    script.series["requests"] = [({}, lambda at: "0" if at < midnight(TODAY).timestamp() else "9")]
    batches = walk(prometheus(server))
    assert counts(batches) == {YESTERDAY: (0.0, 9.0)}
    assert [one.reason for one in skipped(batches)] == [
        "4 days without users have no reading, the last one 2026-03-18",
        "first data on 2026-03-19; 2026-03-15 was asked for",
    ]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("NaN", "bad is not a number"),
        ("+Inf", "bad is infinite"),
        ("-Inf", "bad is infinite"),
        ("-1", "bad is -1; no count, share or time is below 0"),
        ("101", "bad is refused: 101 bad of 100 in all"),
    ],
)
def test_a_value_that_no_count_has_is_skipped_with_its_day(
    server: FakeServer, script: Script, value: str, why: str
) -> None:
    script.series["failures"] = [
        ({}, lambda at: value if at == midnight(TODAY).timestamp() else "1")
    ]
    batches = walk(prometheus(server))
    assert len(counts(batches)) == 4
    assert skipped(batches)[0].ref == "m on 2026-03-19"
    assert why in skipped(batches)[0].reason


def test_a_share_above_one_says_how_to_write_it(server: FakeServer, script: Script) -> None:
    script.series["share"] = [({}, "2.5")]
    batches = walk(prometheus(server, {"rate": "share"}))
    assert rates(batches) == {}
    assert "write 0.025 for 2.5%" in skipped(batches)[0].reason


def test_warnings_of_an_answer_are_passed_on_once(server: FakeServer, script: Script) -> None:
    script.warnings = ["one store did not answer"]
    batches = walk(prometheus(server))
    assert [one.reason for one in skipped(batches)] == ["one store did not answer"]
    assert len(counts(batches)) == 5


def test_a_bucket_that_falls_by_a_rounding_is_evened_out(
    server: FakeServer, script: Script
) -> None:
    script.series["hist"] = [
        ({"le": "+Inf"}, "10"), ({"le": "2"}, "9.9999999999"), ({"le": "1"}, "10.0000000001"),
    ]  # fmt: skip
    found = buckets(walk(prometheus(server, {"buckets": "hist"})))[YESTERDAY]
    assert found.counts == (10.0000000001, 10.0000000001)
    assert found.total == 10.0000000001


def test_buckets_that_really_fall_are_refused(server: FakeServer, script: Script) -> None:
    script.series["hist"] = [({"le": "+Inf"}, "10"), ({"le": "2"}, "4"), ({"le": "1"}, "5")]
    batches = walk(prometheus(server, {"buckets": "hist"}))
    assert readings(batches) == []
    assert "cumulative" in skipped(batches)[0].reason


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ([{"le": "1", "pod": "a"}, {"le": "1", "pod": "b"}], r"several series with le='1' \(pod\)"),
        ([{"pod": "a"}], "without the label le"),
        ([{"le": "fast"}], "le='fast', no number"),
    ],
)
def test_series_that_make_no_histogram_are_refused(
    server: FakeServer, script: Script, labels: list[dict[str, str]], why: str
) -> None:
    script.series["hist"] = [(one, "1") for one in labels]
    with pytest.raises(SourceError, match=why):
        walk(prometheus(server, {"buckets": "hist"}))


def test_a_native_histogram_is_refused_with_what_to_ask_instead() -> None:
    histogram = {"count": "5", "sum": "4", "buckets": [[0, "0.5", "1", "5"]]}
    series: Any = {"metric": {}, "histograms": [[midnight(TODAY).timestamp(), histogram]]}

    def answers(seen: Seen) -> Reply:
        data: Any = {"resultType": "matrix", "result": [series]}
        return reply({"status": "success", "data": data})

    with served(answers, "prometheus", PATHS) as server, pytest.raises(SourceError) as caught:
        walk(prometheus(server, {"buckets": "hist"}))
    assert "native histogram" in caught.value.what
    assert "histogram_quantile" in caught.value.fix


def test_an_error_with_status_200_is_an_error(server: FakeServer) -> None:
    failed = reply({"status": "error", "errorType": "execution", "error": "too many samples"})
    server.fail_once("/query_range", failed)
    with pytest.raises(SourceError, match="The query 'bad' of metric 'm' failed: too many samples"):
        walk(prometheus(server))


def test_an_answer_that_is_no_prometheus_is_no_empty_series(server: FakeServer) -> None:
    server.fail_once("/query_range", reply({"results": []}))
    with pytest.raises(SourceError, match="what no Prometheus says"):
        walk(prometheus(server))


def test_an_answer_for_another_moment_is_refused(server: FakeServer) -> None:
    series: Any = [{"metric": {}, "values": [[midnight(TODAY).timestamp() + 60, "1"]]}]
    data = {"resultType": "matrix", "result": series}
    server.fail_once("/query_range", reply({"status": "success", "data": data}))
    with pytest.raises(SourceError, match="no day's end"):
        walk(prometheus(server))


@pytest.mark.parametrize("value", [1, None, "x", [], {}])
def test_a_value_that_is_no_text_with_a_number_is_refused(
    server: FakeServer, value: object
) -> None:
    series: Any = [{"metric": {}, "values": [[midnight(TODAY).timestamp(), value]]}]
    data = {"resultType": "matrix", "result": series}
    server.fail_once("/query_range", reply({"status": "success", "data": data}))
    with pytest.raises(SourceError, match="no value and time"):
        walk(prometheus(server))


def test_token_user_and_tenant_go_where_they_belong(server: FakeServer) -> None:
    walk(prometheus(server, organization="shop"))
    walk(prometheus(server, user="ada"))
    first, last = server.log[0].headers, server.log[-1].headers
    assert first["authorization"] == f"Bearer {TOKEN}"
    assert first["x-scope-orgid"] == "shop"
    assert last["authorization"].startswith("Basic ")
    assert "x-scope-orgid" not in last


def test_a_refused_token_names_its_variable_and_is_not_asked_again(server: FakeServer) -> None:
    server.faults.append(lambda _: Reply(401))
    with pytest.raises(AuthenticationError) as caught:
        walk(prometheus(server))
    assert "DEBTPLAN_PROMETHEUS_TOKEN" in caught.value.what
    assert TOKEN not in str(caught.value)
    assert len(server.log) == 1


def test_no_name_of_a_figure_is_guessed(server: FakeServer) -> None:
    with pytest.raises(UsageError, match="'errors', which is no figure"):
        walk(prometheus(server, {"errors": "failures"}))
    assert server.log == []


def test_a_metric_without_a_query_says_so(server: FakeServer) -> None:
    live = source("prometheus", asked({}), url=server.url)
    with pytest.raises(UsageError, match="has no query"):
        walk(live)


def test_another_query_is_another_scope_and_the_same_is_the_same(server: FakeServer) -> None:
    scope = prometheus(server).scope("m")
    assert prometheus(server).scope("m") == scope
    assert prometheus(server, {"bad": "other", "total": "requests"}).scope("m") != scope
    assert prometheus(server, organization="shop").scope("m") != scope
    assert TOKEN not in scope


def test_readings_never_vanish_so_there_is_no_census(server: FakeServer) -> None:
    assert prometheus(server).census("m") is None


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("increase(x[$day])", "increase(x[1d])"),
        ("increase(x[${day}])", "increase(x[1d])"),
        ("increase(x[$__range]) / $__range_s", "increase(x[1d]) / 86400"),
        ("rate(x[$__rate_interval]) + x[$__interval:]", "rate(x[1d]) + x[1d:]"),
        ('x{path=~"^/a$|/b$"}', 'x{path=~"^/a$|/b$"}'),
        ('label_replace(x, "a", "$1-$name", "b", "(.*)")',) * 2,
    ],
)
def test_the_variables_of_a_panel_mean_the_day(text: str, filled: str) -> None:
    assert fill_in("The query", text) == filled


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x[$window]", r"variable \$window"),
        ("  ", "is empty"),
    ],
)
def test_a_query_that_cannot_be_asked_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        fill_in("The query", text)


def test_a_probe_greets_and_tries_every_metric(server: FakeServer) -> None:
    live = source(
        "prometheus", asked(BOTH, "a"), asked({"rate": "gone"}, "b"), url=server.url,
        clock=datetime(2026, 3, 20, tzinfo=UTC),
    )  # fmt: skip
    found = probed(live)
    assert [one.is_well for one in found] == [True, True, False]
    assert "token from DEBTPLAN_PROMETHEUS_TOKEN" in found[0].what
    assert found[1].what == "a: 14 of 14 days, the newest 2026-03-19"
    assert found[2].what == "b: no reading in the last 14 days"
    assert "check the names" in found[2].fix


def test_a_probe_of_a_server_that_refuses_stops_at_the_greeting(server: FakeServer) -> None:
    server.faults.append(lambda _: Reply(401))
    found = probed(prometheus(server))
    assert [one.is_well for one in found] == [False]
    assert len(server.log) == 1


def test_grafana_is_asked_through_its_data_source(server: FakeServer) -> None:
    live = source(
        "grafana", asked(BOTH), url=f"{server.url}/grafana/", datasource="P1/8", history_days=5
    )
    assert len(counts(walk(live))) == 5
    assert server.log[0].path == "/grafana/api/datasources/proxy/uid/P1%2F8/api/v1/query_range"
    assert server.log[0].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(("field", "value"), [("datasource", ""), ("url", "")])
def test_grafana_without_an_address_says_what_to_set(field: str, value: str) -> None:
    settings: dict[str, Any] = {"url": "https://g.example.com", "datasource": "x", field: value}
    live = source("grafana", asked(BOTH), **settings)
    with pytest.raises(UsageError, match=rf"\[metrics.grafana\] {field} is not set"):
        walk(live)
    assert [one.is_well for one in probed(live)] == [False]


def test_grafana_without_a_token_says_what_to_set(server: FakeServer) -> None:
    live = source("grafana", asked(BOTH), url=server.url, datasource="x", token=None)
    with pytest.raises(UsageError, match="has no token") as caught:
        walk(live)
    assert "DEBTPLAN_GRAFANA_TOKEN" in caught.value.fix


def test_a_data_source_that_is_down_is_told_from_grafana(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    server.faults.append(lambda _: reply({"message": "Bad Gateway"}, 502))
    live = source("grafana", asked(BOTH), url=server.url, datasource="main", history_days=5)
    with pytest.raises(SourceError, match="status 502") as caught:
        walk(live)
    assert "data source main" in caught.value.fix
