"""What every service that is asked for readings promises, whatever its type."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debtplan.core.flow import MetricKind
from debtplan.core.reading import Reading, midnight
from debtplan.core.source import Mark
from debtplan.errors import AuthenticationError, DebtplanError, ForbiddenError, SourceError
from debtplan.metrics import LIVE_METRICS, METRICS
from debtplan.metrics.options import LiveType, MetricQuery
from debtplan.ports import LiveSource
from tests.metrics.live.asking import (
    NOW,
    TODAY,
    TOKEN,
    asked,
    probed,
    readings,
    skipped,
    source,
    walk,
)
from tests.metrics.live.test_mixpanel import Script as Mixpanel
from tests.metrics.live.test_newrelic import Graph
from tests.metrics.live.test_prometheus import Script as Prometheus
from tests.metrics.live.test_sentry import Script as Sentry
from tests.metrics.live.test_zendesk import Desk, on, survey, ticket
from tests.servers.harness import Answers, FakeServer, Reply, Seen, reply


@dataclass(frozen=True)
class Provider:
    """A service with a script that has data for the last three days."""

    answers: Callable[[], Answers]
    query: MetricQuery
    table: dict[str, Any]


def desk() -> Desk:
    """Return a desk with tickets and answers."""
    found = Desk()
    found.tickets = [ticket(1, on(5)), ticket(2, on(2)), ticket(3, on(1))]
    found.surveys = [survey(1, on(1), 1, rating=5), survey(2, on(2), 1, rating=1)]
    return found


BOTH = {"bad": "failures", "total": "requests"}
PROVIDERS: dict[str, Provider] = {
    "grafana": Provider(Prometheus, asked(BOTH), {"datasource": "uid"}),
    "mixpanel": Provider(
        Mixpanel,
        asked({"bad": "insights:1:Failed", "total": "insights:1:All"}),
        {"project": 1, "user": "svc"},
    ),
    "newrelic": Provider(Graph, asked({"bad": "errors", "total": "all"}), {"account": 1}),
    "prometheus": Provider(Prometheus, asked(BOTH), {}),
    "sentry": Provider(
        Sentry, asked({"bad": "is:unresolved", "total": "all"}), {"organization": "shop"}
    ),
    "zendesk": Provider(
        desk,
        asked({"": "all"}, kind=MetricKind.TICKET_RATE),
        {"user": "a@example.com", "sessions_per_day": 100},
    ),
}
EVERY = pytest.mark.parametrize("kind", sorted(PROVIDERS))


def opened(kind: str, server: FakeServer, **more: Any) -> LiveSource:
    """Return the source of a kind."""
    one = PROVIDERS[kind]
    return source(kind, one.query, **{"url": server.url, "history_days": 3, **one.table, **more})


@contextmanager
def scripted(kind: str, answers: Answers | None = None) -> Iterator[FakeServer]:
    """Serve a provider's script, or another one."""
    with FakeServer(answers or PROVIDERS[kind].answers()) as server:
        yield server


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


def test_every_type_of_the_settings_is_registered_and_tried() -> None:
    assert set(LIVE_METRICS) == set(PROVIDERS) == set(get_args(LiveType))
    assert not set(LIVE_METRICS) & set(METRICS)


@pytest.mark.slow
def test_listing_the_types_loads_no_provider() -> None:
    look = "import sys; import debtplan.metrics; print([m for m in sys.modules if 'httpx' in m])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@EVERY
def test_readings_are_whole_days_in_utc_oldest_first_and_say_where_from(kind: str) -> None:
    with scripted(kind) as server:
        found = readings(walk(opened(kind, server)))
    assert found
    assert [one.start_at for one in found] == sorted({one.start_at for one in found})
    for one in found:
        assert one.start_at == midnight(one.start_at.date())
        assert one.end_at - one.start_at == timedelta(days=1)
        assert one.end_at <= midnight(TODAY)
        assert (one.metric, one.source, one.fetched_at) == ("m", kind, NOW)


@EVERY
def test_the_mark_moves_to_the_end_of_the_last_reading(kind: str) -> None:
    with scripted(kind) as server:
        batches = walk(opened(kind, server))
    newest = max(batch.newest for batch in batches if batch.newest)
    assert newest == readings(batches)[-1].end_at
    assert all(batch.is_ordered and not batch.resume for batch in batches)


@EVERY
def test_the_day_is_the_one_of_utc_wherever_the_clock_stands(kind: str) -> None:
    late = NOW.replace(hour=23, minute=59)
    eastern = late.astimezone(timezone(timedelta(hours=14)))
    with scripted(kind) as server:
        live = [opened(kind, server, clock=clock) for clock in (late, eastern)]
        first, second = (readings(walk(one)) for one in live)
    assert [one.start_at for one in first] == [one.start_at for one in second]
    assert all(one.fetched_at and one.fetched_at.tzinfo is UTC for one in second)


@EVERY
def test_a_second_walk_reads_again_what_may_have_come_late(kind: str) -> None:
    with scripted(kind) as server:
        found = readings(walk(opened(kind, server), since=midnight(TODAY)))
    assert found
    assert all(one.start_at >= midnight(TODAY - timedelta(days=7)) for one in found)


@EVERY
def test_parts_are_the_metrics_and_nothing_is_counted(kind: str) -> None:
    with scripted(kind) as server:
        live = opened(kind, server)
        assert (live.name, live.parts(), live.census("m")) == (kind, ("m",), None)
        assert server.log == []


@EVERY
def test_the_token_shows_in_nothing_that_is_kept_or_said(kind: str) -> None:
    with scripted(kind) as server:
        live = opened(kind, server)
        shown = [repr(walk(live)), repr(probed(live)), live.scope("m"), repr(live)]
        server.faults.append(lambda _: reply({"error": f"no such token {TOKEN}"}, 401))
        with pytest.raises(AuthenticationError) as caught:
            walk(live)
        shown += [str(caught.value), repr(caught.value)]
    assert not [text for text in shown if TOKEN in text]


@EVERY
def test_a_refused_token_is_asked_once(kind: str) -> None:
    with scripted(kind) as server:
        server.faults.append(lambda _: Reply(401))
        with pytest.raises(AuthenticationError) as caught:
            walk(opened(kind, server))
        assert len(server.log) == 1
    assert not isinstance(caught.value, ForbiddenError)
    assert f"DEBTPLAN_{kind.upper()}_TOKEN" in str(caught.value)


@EVERY
def test_a_failure_that_passes_is_asked_again(kind: str) -> None:
    with scripted(kind) as server:
        server.fail_once("", Reply(503))
        assert readings(walk(opened(kind, server)))


BROKEN = {
    "a page": Reply(200, b"<html>Log in</html>"),
    "nothing": Reply(200, b""),
    "no JSON": Reply(200, b"{"),
    "another JSON": reply({"hello": 1}),
    "a list": reply([]),
    "null": reply(None),
    "NaN": Reply(200, b'{"data": NaN}'),
    "not found": Reply(404),
    "gone": reply({"message": "removed"}, 410),
    "a fault that stays": Reply(500),
}


@EVERY
@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_an_odd_answer_is_an_error_and_never_an_empty_walk(kind: str, answer: Reply) -> None:
    with scripted(kind, lambda _: answer) as server, pytest.raises(DebtplanError) as caught:
        walk(opened(kind, server))
    assert isinstance(caught.value, SourceError | AuthenticationError)
    assert caught.value.what.endswith(".")
    assert caught.value.fix.endswith(".")


@EVERY
def test_a_probe_of_a_broken_service_fails_with_what_to_do(kind: str) -> None:
    with scripted(kind, lambda _: BROKEN["a page"]) as server:
        found = probed(opened(kind, server))
    assert [one for one in found if not one.is_well]
    assert all(one.fix for one in found if not one.is_well)


@EVERY
def test_a_probe_of_a_service_that_is_not_there_fails_and_raises_nothing(kind: str) -> None:
    with scripted(kind) as server:
        live = opened(kind, server)
    assert not probed(live)[-1].is_well


def nodes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything inside a JSON value."""
    yield path
    inside = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        inside = dict(enumerate(value))
    for key, one in inside.items():
        yield from nodes(one, (*path, key))


def changed(value: Any, path: tuple[Any, ...], into: Any) -> Any:
    """Return a JSON value with something else at a path."""
    if not path:
        return into
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], into)
    return copy


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "NaN", "1e999", "-1", "9999-12-31T23:59:59-12:00", "0001-01-01", "x"]),
    st.sampled_from([1e300, -1, 10**30, 253402300800, 86400 * 10**9]),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@dataclass
class Meddler:
    """A script whose answers have something else at one place."""

    script: Answers
    place: float
    into: Any

    def __call__(self, seen: Seen) -> Reply:
        good = self.script(seen)
        body = json.loads(good.content)
        places = list(nodes(body))
        path = places[int(self.place * len(places)) % len(places)]
        return Reply(good.status, json.dumps(changed(body, path, self.into)).encode())


@pytest.mark.slow
@EVERY
@settings(max_examples=150)
@given(place=st.floats(0, 1, exclude_max=True), into=ODD)
def test_whatever_stands_in_an_answer_a_walk_ends_in_readings_or_in_sentences(
    kind: str, place: float, into: Any
) -> None:
    meddler = Meddler(PROVIDERS[kind].answers(), place, into)
    with scripted(kind, meddler) as server:
        live = opened(kind, server)
        try:
            batches = walk(live)
        except DebtplanError as error:
            assert error.fix  # noqa: PT017 - either outcome is fine, but nothing else
            return
    given_days = [one for batch in batches for one in batch.records if isinstance(one, Reading)]
    assert given_days or skipped(batches)


def test_a_walk_needs_no_mark_of_its_own_source() -> None:
    with scripted("prometheus") as server:
        live = opened("prometheus", server)
        first = [list(live.walk("m", Mark(source="prometheus", part="m"))) for _ in range(2)]
        live.close()
    assert first[0] == first[1]
