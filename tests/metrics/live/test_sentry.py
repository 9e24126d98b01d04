"""Sentry, with scripted answers that fit the maker's description."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from debtplan.core.reading import midnight
from debtplan.errors import AuthenticationError, SourceError, UsageError
from debtplan.ports import LiveSource
from tests.metrics.live.asking import (
    TODAY,
    TOKEN,
    asked,
    counts,
    probed,
    readings,
    skipped,
    source,
    walk,
)
from tests.metrics.live.contract import needed, served
from tests.servers.harness import FakeServer, Reply, Seen, reply

ORGANIZATION = "/api/0/organizations/{organization_id_or_slug}/"
PATHS = {
    "/sessions/": f"{ORGANIZATION}sessions/",
    "/events-timeseries/": f"{ORGANIZATION}events-timeseries/",
}


class Script:
    """Sentry with the same numbers every day.

    Attributes:
        sessions: A day's sessions by status.
        people: People with a session.
        hit: People who met an error.
        kept_days: Days that are kept; a question about older ones only is refused.
        missed: Days that are not complete yet, for errors.
    """

    def __init__(self) -> None:
        self.sessions = {"healthy": 90, "crashed": 3, "errored": 5, "abnormal": 2}
        self.people, self.hit = 50, 4
        self.kept_days = 365
        self.missed: set[date] = set()

    def __call__(self, seen: Seen) -> Reply:
        if seen.path.endswith("/shop/"):
            return reply({"slug": "shop"})
        start_on = datetime.fromisoformat(seen.query["start"]).date()
        end_on = datetime.fromisoformat(seen.query["end"]).date()
        kept_on = TODAY - timedelta(days=self.kept_days)
        start_on = max(start_on, kept_on)
        if end_on < kept_on:
            return reply(
                {"detail": "Invalid date range. Please try a more recent date range."}, 400
            )
        days = [start_on + timedelta(days=n) for n in range((end_on - start_on).days + 1)]
        if seen.path.endswith("/sessions/"):
            return self._sessions(seen, days)
        return self._errors(days)

    def _sessions(self, seen: Seen, days: list[date]) -> Reply:
        field = seen.query["field"]
        groups: Any = [{"by": {}, "totals": {}, "series": {field: [self.people] * len(days)}}]
        if "groupBy" in seen.query:
            groups = [
                {"by": {"session.status": name}, "totals": {}, "series": {field: [n] * len(days)}}
                for name, n in self.sessions.items()
            ]
        intervals: Any = [f"{day}T00:00:00Z" for day in days]
        span = {"start": seen.query["start"] + "Z", "end": seen.query["end"] + "Z"}
        return reply({**span, "intervals": intervals, "groups": groups, "query": ""})

    def _errors(self, days: list[date]) -> Reply:
        values: Any = [
            {
                "timestamp": midnight(day).timestamp() * 1000,
                "value": self.hit,
                "incomplete": day in self.missed,
            }
            for day in days
        ]
        meta: Any = {"valueType": "integer", "valueUnit": None, "interval": 86_400_000.0}
        series: Any = [{"values": values, "yAxis": "count_unique(user)", "meta": meta}]
        return reply({"timeSeries": series})


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def server(script: Script) -> Iterator[FakeServer]:
    with served(script, "sentry", PATHS) as found:
        yield found


def sentry(server: FakeServer, queries: dict[str, str] | None = None, **more: Any) -> LiveSource:
    settings = {"url": server.url, "organization": "shop", "history_days": 3, **more}
    return source("sentry", asked({"": "all"} if queries is None else queries), **settings)


PEOPLE = {"bad": "issue:SHOP-12", "total": "environment:production"}


def test_the_contract_refuses_what_sentry_never_says() -> None:
    check = needed("sentry", PATHS["/sessions/"])
    with pytest.raises(AssertionError, match="never answers so"):
        check({"intervals": []})


def test_every_session_that_is_not_healthy_is_bad(server: FakeServer) -> None:
    days = [TODAY - timedelta(days=n) for n in (3, 2, 1)]
    assert counts(walk(sentry(server))) == dict.fromkeys(days, (10, 100))


def test_a_question_asks_for_whole_days_of_all_projects(server: FakeServer) -> None:
    walk(sentry(server, {"": "release:shop@2"}))
    query = server.log[0].query
    assert (query["start"], query["end"]) == ("2026-03-17T00:00:00", "2026-03-19T23:59:59")
    assert (query["project"], query["query"]) == ("-1", "release:shop@2")
    assert query["interval"] == "1d"
    assert server.log[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_one_project_is_asked_for_by_its_name_or_number(server: FakeServer) -> None:
    walk(sentry(server, project=77))
    walk(sentry(server, project="web"))
    assert [server.log[0].query["project"], server.log[-1].query["project"]] == ["77", "web"]


def test_people_who_met_an_error_are_counted_among_all_people(server: FakeServer) -> None:
    assert set(counts(walk(sentry(server, PEOPLE))).values()) == {(4, 50)}
    asked_for = server.log[-1].query
    assert (asked_for["dataset"], asked_for["yAxis"]) == ("errors", "count_unique(user)")
    assert asked_for["query"] == "issue:SHOP-12"


def test_a_day_that_is_not_complete_has_no_reading(server: FakeServer, script: Script) -> None:
    script.missed = {TODAY - timedelta(days=1)}
    batches = walk(sentry(server, PEOPLE))
    assert len(counts(batches)) == 2
    assert "bad gave nothing on 1 day" in skipped(batches)[0].reason


def test_more_people_hit_than_there_were_are_refused(server: FakeServer, script: Script) -> None:
    script.hit = 60
    batches = walk(sentry(server, PEOPLE))
    assert readings(batches) == []
    assert "60 bad of 50 in all" in skipped(batches)[0].reason


def test_days_older_than_what_is_kept_are_left_out_and_said(
    server: FakeServer, script: Script
) -> None:
    script.kept_days = 90
    batches = walk(sentry(server, history_days=180))
    found = counts(batches)
    assert len(found) == 90
    assert skipped(batches)[-1].reason == "first data on 2025-12-20; 2025-09-21 was asked for"


def test_no_session_at_all_is_said(server: FakeServer, script: Script) -> None:
    script.sessions = {"healthy": 0}
    batches = walk(sentry(server))
    assert readings(batches) == []
    assert "3 days without users" in skipped(batches)[0].reason


def test_a_refused_search_is_an_error_with_sentrys_words(server: FakeServer) -> None:
    server.fail_once("/sessions/", reply({"detail": "Invalid search: foo"}, 400))
    with pytest.raises(SourceError, match="refused the question: Invalid search: foo"):
        walk(sentry(server))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"groups": None}, "no groups"),
        ({"intervals": ["2026-03-17T07:00:00Z"]}, "midnight in UTC"),
        ({"intervals": ["soon"]}, "no time"),
        ({"intervals": []}, "1 values for 0 days"),
        ({"groups": [{"by": {}}]}, "a group without"),
        ({"groups": [{"by": {}, "series": {"sum(session)": ["x"]}}]}, "where a number stands"),
    ],
)
def test_an_odd_answer_is_no_empty_one(
    server: FakeServer, change: dict[str, Any], why: str
) -> None:
    body: dict[str, Any] = {
        "intervals": ["2026-03-17T00:00:00Z"],
        "groups": [{"by": {}, "series": {"sum(session)": [1]}}],
    }
    server.fail_once("/sessions/", reply({**body, **change}))
    with pytest.raises(SourceError, match=why):
        walk(sentry(server))


def test_errors_of_another_interval_are_refused(server: FakeServer) -> None:
    noon = datetime(2026, 3, 17, 12, tzinfo=UTC).timestamp() * 1000
    values: Any = [{"timestamp": noon, "value": 1, "incomplete": False}]
    server.fail_once("/events-timeseries/", reply({"timeSeries": [{"values": values}]}))
    with pytest.raises(SourceError, match="midnight in UTC"):
        walk(sentry(server, PEOPLE))


@pytest.mark.parametrize("queries", [{"bad": "x"}, {"": "x", "total": "y"}])
def test_half_a_question_is_refused(server: FakeServer, queries: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="bad and total"):
        walk(sentry(server, queries))


@pytest.mark.parametrize(
    ("more", "why"),
    [({"organization": ""}, "organization is not set"), ({"token": None}, "no token")],
)
def test_what_the_settings_lack_is_named(
    server: FakeServer, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        walk(sentry(server, **more))


def test_a_refused_token_is_not_asked_again(server: FakeServer) -> None:
    server.faults.append(lambda _: reply({"detail": "Invalid token"}, 401))
    with pytest.raises(AuthenticationError, match="DEBTPLAN_SENTRY_TOKEN"):
        walk(sentry(server))
    assert len(server.log) == 1


def test_a_probe_says_what_each_metric_gives(server: FakeServer) -> None:
    found = probed(sentry(server))
    assert [one.is_well for one in found] == [True, True]
    assert "shows shop to the token" in found[0].what
    assert found[1].what == "m: 14 of 14 days, the newest 2026-03-19"
