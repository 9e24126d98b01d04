"""Mixpanel, with scripted answers that fit the maker's description."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from debtplan.core.flow import MetricKind
from debtplan.core.source import Mark
from debtplan.errors import AuthenticationError, SourceError, UsageError
from debtplan.metrics.options import MetricQuery
from debtplan.ports import LiveSource
from tests.metrics.live.asking import (
    NOW,
    TODAY,
    asked,
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

PATHS = {"/insights": "/insights", "/funnels": "/funnels"}
DAYS = [TODAY - timedelta(days=n) for n in (3, 2, 1)]


class Script:
    """Mixpanel with one report and one funnel.

    Attributes:
        series: Of the report.
        zone: Offset of the project's days.
        computed_at: When the report was counted.
        steps: Of the funnel: people at each, every day.
    """

    def __init__(self) -> None:
        self.zone = "+00:00"
        self.series: dict[str, Any] = {"Failed": self.line(3), "All": self.line(100)}
        self.computed_at = NOW.isoformat()
        self.steps = [1000, 800, 600]

    def line(self, value: Any, days: list[date] | None = None) -> dict[str, Any]:
        """Return a line with the same value on every day, today among them."""
        return {f"{day}T00:00:00{self.zone}": value for day in days or [*DAYS, TODAY]}

    def __call__(self, seen: Seen) -> Reply:
        if seen.path == "/api/query/insights":
            return reply(
                {
                    "computed_at": self.computed_at,
                    "date_range": {"from_date": f"{DAYS[0]}T00:00:00", "to_date": f"{TODAY}"},
                    "headers": ["$event"],
                    "series": self.series,
                }
            )
        first = date.fromisoformat(seen.query["from_date"])
        last = date.fromisoformat(seen.query["to_date"])
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        data: Any = {
            str(day): {"steps": [{"count": n, "goal": "x"} for n in self.steps], "analysis": {}}
            for day in days
        }
        dates: Any = [str(day) for day in days]
        return reply({"meta": {"dates": dates}, "data": data})


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def server(script: Script) -> Iterator[FakeServer]:
    with served(script, "mixpanel", PATHS) as found:
        yield found


BOTH = {"bad": "insights:123:Failed", "total": "insights:123:All"}
FUNNEL = {"": "funnel:456:2"}


def ask_for(queries: dict[str, str], id_: str = "m") -> MetricQuery:
    return asked(queries, id_, MetricKind.DROP_OFF)


def mixpanel(server: FakeServer, *queries: MetricQuery, **more: Any) -> LiveSource:
    settings = {"url": server.url, "project": 77, "user": "svc", "history_days": 3, **more}
    return source("mixpanel", *(queries or (ask_for(BOTH),)), **settings)


def test_the_contract_refuses_what_mixpanel_never_says() -> None:
    check = needed("mixpanel", "/insights")
    with pytest.raises(AssertionError, match="never answers so"):
        check({"series": []})


def test_two_lines_of_a_report_are_counts_of_the_days_that_are_over(server: FakeServer) -> None:
    assert counts(walk(mixpanel(server))) == dict.fromkeys(DAYS, (3, 100))


def test_a_report_is_asked_for_once_in_a_run_for_every_metric(server: FakeServer) -> None:
    live = mixpanel(server, ask_for(BOTH, "a"), ask_for({"rate": "insights:123:Failed"}, "b"))
    for part in live.parts():
        list(live.walk(part, Mark(source=live.name, part=part)))
    live.close()
    assert server.paths() == ["GET /api/query/insights"]
    query = server.log[0].query
    assert (query["project_id"], query["bookmark_id"]) == ("77", "123")
    assert server.log[0].headers["authorization"].startswith("Basic ")


def test_the_next_run_asks_anew(server: FakeServer) -> None:
    live = mixpanel(server)
    walk(live)
    walk(live)
    assert len(server.log) == 2


def test_lines_below_a_breakdown_are_named_level_by_level(
    server: FakeServer, script: Script
) -> None:
    script.series = {
        "Paid": {"$overall": script.line(100), "Germany": script.line(40)},
        "Failed": {"$overall": script.line(9), "Germany": script.line(4)},
    }
    whole = {"bad": "insights:1:Failed", "total": "insights:1:Paid"}
    part = {"bad": "insights:1:Failed > Germany", "total": "insights:1:Paid > Germany"}
    assert set(counts(walk(mixpanel(server, ask_for(whole)))).values()) == {(9, 100)}
    assert set(counts(walk(mixpanel(server, ask_for(part)))).values()) == {(4, 40)}


def test_a_report_with_one_line_needs_no_name(server: FakeServer, script: Script) -> None:
    script.series = {"Share": script.line(0.25)}
    live = mixpanel(server, ask_for({"rate": "insights:1"}))
    assert rates(walk(live)) == dict.fromkeys(DAYS, (0.25, None))


@pytest.mark.parametrize("named", ["insights:1:Broken", "insights:1"])
def test_a_line_that_is_not_there_is_refused_with_those_that_are(
    server: FakeServer, named: str
) -> None:
    live = mixpanel(server, ask_for({"rate": named}))
    with pytest.raises(SourceError) as caught:
        walk(live)
    assert "'All', 'Failed'" in caught.value.fix


def test_days_of_another_zone_count_when_they_are_over_there_and_are_said(
    server: FakeServer, script: Script
) -> None:
    script.zone = "-11:00"
    script.series = {"Failed": script.line(3), "All": script.line(100)}
    batches = walk(mixpanel(server))
    # At 09:30 in UTC the 19th still lasts where it is eleven hours earlier.
    assert list(counts(batches)) == DAYS[:2]
    assert "at -1100 of UTC" in skipped(batches)[0].reason


def test_days_after_the_counting_are_left_out_and_said(server: FakeServer, script: Script) -> None:
    script.computed_at = f"{DAYS[2]}T08:00:00.252314+00:00"
    batches = walk(mixpanel(server))
    assert list(counts(batches)) == DAYS[:2]
    assert "counted the report on 2026-03-19 and not since" in skipped(batches)[0].reason


@pytest.mark.parametrize(
    ("moments", "why"),
    [
        (["2026-03-02T00:00:00+00:00", "2026-03-09T00:00:00+00:00"], "is not by day"),
        (["2026-03-02T00:00:00+00:00", "2026-03-02T01:00:00+00:00"], "is not by day"),
        (["all"], "values without a day"),
    ],
)
def test_a_report_that_shows_no_days_is_refused(
    server: FakeServer, script: Script, moments: list[str], why: str
) -> None:
    script.series = {"Failed": dict.fromkeys(moments, 1)}
    with pytest.raises(SourceError, match=why):
        walk(mixpanel(server, ask_for({"rate": "insights:1:Failed"})))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"error": "no such bookmark"}, "failed: no such bookmark"),
        ({"computed_at": "2026-03-20"}, "without series"),
        ({"series": {"Failed": {"2026-03-19": "x"}}, "computed_at": "2026-03-20"}, "gives 'x'"),
        ({"series": {"Failed": {}}, "computed_at": "now"}, "at no time"),
    ],
)
def test_an_odd_report_is_no_empty_one(server: FakeServer, body: dict[str, Any], why: str) -> None:
    server.fail_once("/insights", reply(body))
    with pytest.raises(SourceError, match=why):
        walk(mixpanel(server, ask_for({"rate": "insights:1:Failed"})))


def test_a_report_without_a_value_is_said(server: FakeServer, script: Script) -> None:
    script.series = {}
    batches = walk(mixpanel(server, ask_for({"rate": "insights:1"})))
    assert readings(batches) == []
    assert "gave no data from 2026-03-17 to 2026-03-19" in skipped(batches)[-1].reason


def test_a_funnel_loses_who_entered_the_step_before_and_did_not_reach_this_one(
    server: FakeServer,
) -> None:
    found = counts(walk(mixpanel(server, ask_for({"": "funnel:456:3"}), history_days=4)))
    assert set(found.values()) == {(200, 800)}
    # At 09:30 the 19th is not over where it is twelve hours earlier.
    assert list(found)[-1] == DAYS[1]
    query = server.log[0].query
    assert (query["funnel_id"], query["from_date"], query["to_date"], query["unit"]) == (
        "456", "2026-03-16", "2026-03-19", "day",
    )  # fmt: skip


def test_a_long_funnel_is_one_question(server: FakeServer) -> None:
    assert len(counts(walk(mixpanel(server, ask_for(FUNNEL), history_days=180)))) == 179
    assert len(server.log) == 1


@pytest.mark.parametrize("step", [0, 1, 4])
def test_a_step_that_has_none_before_it_is_refused(server: FakeServer, step: int) -> None:
    with pytest.raises(SourceError, match="funnel with 3 steps"):
        walk(mixpanel(server, ask_for({"": f"funnel:456:{step}"})))


@pytest.mark.parametrize(
    "queries",
    [
        {"": "insights:1:All"}, {"bad": "funnel:1:2", "total": "funnel:1:2"}, {"bad": "insights:x"},
        {"": "funnel:1"}, {"": "funnel:1:two"}, {"": "segmentation:1"}, {"p95": "x"},
    ],
)  # fmt: skip
def test_a_query_that_means_nothing_is_refused(server: FakeServer, queries: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        walk(mixpanel(server, ask_for(queries)))
    assert server.log == []


def test_the_limit_of_sixty_an_hour_is_waited_for(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    server.fail_once("/insights", Reply(429, b"", {"Retry-After": "90"}))
    assert len(counts(walk(mixpanel(server)))) == 3
    assert waits == [90]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"project": ""}, "project is not set"),
        ({"user": ""}, "user is not set"),
        ({"token": None}, "has no token"),
    ],
)
def test_what_the_settings_lack_is_named(
    server: FakeServer, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        walk(mixpanel(server, **more))


def test_a_refused_secret_is_not_tried_with_the_next_metric(server: FakeServer) -> None:
    server.faults.append(lambda _: reply({"error": "Invalid credentials"}, 401))
    found = probed(mixpanel(server, ask_for(BOTH, "a"), ask_for(FUNNEL, "b")))
    assert [one.is_well for one in found] == [True, False]
    assert len(server.log) == 1
    with pytest.raises(AuthenticationError, match="DEBTPLAN_MIXPANEL_TOKEN"):
        walk(mixpanel(server))


def test_the_region_decides_the_address() -> None:
    for region, host in (
        ("us", "mixpanel.com"),
        ("eu", "eu.mixpanel.com"),
        ("in", "in.mixpanel.com"),
    ):
        live = source("mixpanel", ask_for(BOTH), project=1, region=region)
        assert f'"https://{host}"' in live.scope("m")


def test_a_probe_says_what_each_metric_gives(server: FakeServer) -> None:
    found = probed(mixpanel(server))
    assert [one.is_well for one in found] == [True, True]
    assert found[1].what == "m: 3 of 14 days, the newest 2026-03-19"
