"""Readings from a real Prometheus and a real VictoriaMetrics, against the truth they hold."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from debtplan.core.flow import MetricKind
from debtplan.core.reading import midnight
from tests.metrics.live.asking import (
    TODAY,
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
from tests.metrics.live.programs import prometheus, victoria_metrics

pytestmark = pytest.mark.heavy

FIRST = date(2026, 3, 2)
DAYS = [FIRST + timedelta(days=number) for number in range((TODAY - FIRST).days)]
HOURS = 24
BOUNDS = ("0.5", "1.0", "2.5", "+Inf")
# Of every request, in four quarters of an hour: two fast, one middling, one beyond every bound.
FALLS_IN = (0, 0, 2, 3)
LATENCY = "nab/realKnownCause/ec2_request_latency_system_failure.csv"
LATENCY_FIRST, LATENCY_NOW = date(2014, 3, 8), datetime(2014, 3, 22, 1, tzinfo=UTC)


def requests_on(day: date) -> int:
    """Requests of every hour of a day: a number of its own for each."""
    return 100 + 3 * DAYS.index(day)


def failures_on(day: date) -> int:
    """Failures of every hour of a day; none on some days."""
    return DAYS.index(day) % 3


def samples() -> str:
    """Return hourly samples of counters, midnights included, in the OpenMetrics format."""
    requests: dict[tuple[str, str], list[str]] = defaultdict(list)
    seen: dict[tuple[str, str], float] = defaultdict(float)

    def note(name: str, labels: str, at: datetime, more: float) -> None:
        seen[name, labels] += more
        line = f"{name}{{{labels}}} {seen[name, labels]:g} {at.timestamp():.0f}"
        requests[name, labels].append(line)

    def hour(at: datetime, good: float, bad: float, per_bucket: float) -> None:
        for region in ("eu", "us"):
            note("http_requests_total", f'code="200",region="{region}"', at, good / 2)
            note("http_requests_total", f'code="500",region="{region}"', at, bad / 2)
        note("idle_total", "", at, 0)
        for number, bound in enumerate(BOUNDS):
            more = per_bucket * sum(1 for place in FALLS_IN if place <= number)
            note("request_seconds_bucket", f'le="{bound}"', at, more)

    hour(midnight(FIRST), 0, 0, 0)
    for day in DAYS:
        for number in range(1, HOURS + 1):
            at = midnight(day) + timedelta(hours=number)
            hour(at, requests_on(day) - failures_on(day), failures_on(day), requests_on(day) / 4)
    return "\n".join(line for lines in requests.values() for line in lines) + "\n"


def latencies(data_dir: Path) -> dict[datetime, float]:
    """Return a real latency of a server by time, read as UTC."""
    with (data_dir / "telemetry" / LATENCY).open(encoding="utf-8") as file:
        return {
            datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC): float(row["value"])
            for row in csv.DictReader(file)
        }


def quantile(values: list[float], rank: float) -> float:
    """Return a quantile, linear between the two nearest values."""
    ordered = sorted(values)
    place = rank * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@pytest.fixture(scope="module", params=["prometheus", "victoria-metrics"])
def url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, data_dir: Path
) -> Iterator[str]:
    """A server that holds the counters of `samples` and the real latencies."""
    real = [
        f"real_latency {value!r} {at.timestamp():.0f}" for at, value in latencies(data_dir).items()
    ]
    text = samples() + "\n".join(dict.fromkeys(real)) + "\n# EOF\n"
    start = prometheus if request.param == "prometheus" else victoria_metrics
    with start(tmp_path_factory.mktemp("tsdb"), text) as address:
        yield address


FAILURES = 'sum(increase(http_requests_total{code="500"}[$day]))'
REQUESTS = "sum(increase(http_requests_total[$day]))"


def test_counts_are_those_of_each_day_exactly(url: str) -> None:
    live = source("prometheus", asked({"bad": FAILURES, "total": REQUESTS}), url=url)
    expected = {
        day: (float(HOURS * failures_on(day)), float(HOURS * requests_on(day))) for day in DAYS
    }
    assert counts(walk(live)) == expected


def test_a_query_too_long_for_an_address_gives_the_same(url: str) -> None:
    codes = "|".join(map(str, (500, *range(600, 2_100))))
    long = FAILURES.replace('"500"', f'~"{codes}"')
    assert len(long) > 6_000
    live = source("prometheus", asked({"bad": long, "total": REQUESTS}), url=url)
    found = {day: bad for day, (bad, _) in counts(walk(live)).items()}
    assert found == {day: HOURS * failures_on(day) for day in DAYS}


def test_days_without_a_failure_are_readings_with_zero_bad(url: str) -> None:
    live = source("prometheus", asked({"bad": FAILURES, "total": REQUESTS}), url=url)
    assert [day for day, (bad, _) in counts(walk(live)).items() if bad == 0] == DAYS[::3]


def test_a_histogram_comes_with_its_bounds_and_cumulative_counts(url: str) -> None:
    query = "sum by (le) (increase(request_seconds_bucket[$day]))"
    live = source("prometheus", asked({"buckets": query}, kind=MetricKind.LATENCY), url=url)
    found = buckets(walk(live))
    assert list(found) == DAYS
    for day, histogram in found.items():
        quarter = HOURS * requests_on(day) / 4
        assert histogram.bounds == (0.5, 1.0, 2.5)
        assert histogram.counts == (2 * quarter, 2 * quarter, 3 * quarter)
        assert histogram.total == 4 * quarter


def test_a_share_comes_with_its_sample(url: str) -> None:
    share = f"{FAILURES} / {REQUESTS}"
    live = source("prometheus", asked({"rate": share, "total": REQUESTS}), url=url)
    assert rates(walk(live)) == {
        day: (failures_on(day) / requests_on(day), HOURS * requests_on(day)) for day in DAYS
    }


def test_a_walk_later_reads_the_last_days_again(url: str) -> None:
    live = source("prometheus", asked({"bad": FAILURES, "total": REQUESTS}), url=url)
    assert list(counts(walk(live, since=midnight(TODAY)))) == DAYS[-2:]


def test_data_that_begins_later_than_asked_is_said(url: str) -> None:
    live = source("prometheus", asked({"bad": FAILURES, "total": REQUESTS}), url=url)
    last = skipped(walk(live))[-1]
    assert last.reason == "first data on 2026-03-02; 2025-09-21 was asked for"


def test_a_name_that_does_not_exist_is_said_and_gives_no_reading(url: str) -> None:
    live = source("prometheus", asked({"bad": "sum(nothing)", "total": "sum(nothing)"}), url=url)
    batches = walk(live)
    assert readings(batches) == []
    assert "gave no data from 2025-09-21 to 2026-03-19" in skipped(batches)[-1].reason


def test_nothing_by_nothing_is_no_number_and_said_with_its_day(url: str) -> None:
    query = "sum(increase(idle_total[$day])) / sum(increase(idle_total[$day]))"
    batches = walk(source("prometheus", asked({"rate": query}), url=url, history_days=5))
    assert readings(batches) == []
    said = skipped(batches)
    if said[0].ref == "m":  # VictoriaMetrics leaves such points out
        assert "gave no data" in said[0].reason
    else:
        assert [one.ref for one in said[:2]] == ["m on 2026-03-15", "m on 2026-03-16"]
        assert "not a number" in said[0].reason


def test_several_series_are_refused_with_their_labels(url: str) -> None:
    live = source(
        "prometheus",
        asked({"bad": FAILURES, "total": "increase(http_requests_total[1d])"}),
        url=url,
    )
    probe = probed(live)[-1]
    assert not probe.is_well
    assert "gives 4 series (code, region), not one" in probe.what


def test_a_query_that_is_none_is_refused_with_the_servers_words(url: str) -> None:
    live = source("prometheus", asked({"rate": "sum(("}), url=url)
    probe = probed(live)[-1]
    assert not probe.is_well
    assert "The query 'rate' of metric 'm' failed" in probe.what
    assert "sum((" in probe.what or "parse error" in probe.what.partition(" failed: ")[2]


def test_a_probe_says_how_many_days_there_are(url: str) -> None:
    live = source("prometheus", asked({"bad": FAILURES, "total": REQUESTS}), url=url)
    found = probed(live)
    assert all(one.is_well for one in found)
    assert found[-1].what == "m: 14 of 14 days, the newest 2026-03-19"


def test_percentiles_of_a_real_series_are_those_of_its_file(url: str, data_dir: Path) -> None:
    by_day: dict[date, list[float]] = defaultdict(list)
    for at, value in latencies(data_dir).items():
        by_day[at.date()].append(value)
    ranks = {"p50": 0.5, "p95": 0.95}
    queries = {
        name: f"quantile_over_time({rank}, real_latency[$__range])" for name, rank in ranks.items()
    }
    live = source(
        "prometheus", asked(queries, kind=MetricKind.LATENCY), url=url, clock=LATENCY_NOW,
        history_days=14,
    )  # fmt: skip
    found = percentiles(walk(live))
    assert min(found) == LATENCY_FIRST
    assert len(found) == 14
    for day, values in found.items():
        truth = [quantile(by_day[day], rank) for rank in ranks.values()]
        assert list(values) == pytest.approx(truth, rel=1e-12)
