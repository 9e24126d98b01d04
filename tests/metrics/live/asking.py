"""Live sources of readings for the tests: metrics, tables, access and what a walk gave."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from debtplan.core.flow import MetricKind, UxMetric
from debtplan.core.item import Skipped
from debtplan.core.reading import Buckets, Counts, Percentiles, Rate, Reading
from debtplan.core.source import Batch, Mark, Probe
from debtplan.metrics import LIVE_METRICS
from debtplan.metrics.options import MetricQuery, ReadingTable
from debtplan.ports import LiveSource
from debtplan.transport.access import Access
from debtplan.transport.options import LineTable

NOW = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
TOKEN = "canary-" + "T0ken/+with?signs=0123456789"

NEEDS: dict[MetricKind, dict[str, Any]] = {
    MetricKind.LATENCY: {"threshold_s": 1.0, "target": 0.9},
    MetricKind.ERROR_RATE: {"target": 0.01},
    MetricKind.DROP_OFF: {"reference": 0.1},
    MetricKind.CSAT: {"target": 0.9},
    MetricKind.TICKET_RATE: {"target": 0.01, "reporting_rate": 0.1},
}


def metric(id_: str, kind: MetricKind = MetricKind.ERROR_RATE) -> UxMetric:
    """Return a metric of a kind with all it needs."""
    return UxMetric(id=id_, flow="checkout", step="ship", kind=kind, **NEEDS[kind])


def asked(
    queries: dict[str, str], id_: str = "m", kind: MetricKind = MetricKind.ERROR_RATE
) -> MetricQuery:
    """Return a metric with its queries."""
    return MetricQuery(metric=metric(id_, kind), queries=queries)


def access(name: str, *, token: str | None = TOKEN, clock: datetime = NOW, **line: Any) -> Access:
    """Return a way out with a token, at a fixed time."""
    variables = {} if token is None else {f"DEBTPLAN_{name.upper()}_TOKEN": token}
    limits = LineTable.model_validate({"request_s": 10.0, "attempts": 3, **line})
    return Access(name, variables, limits, Path(), lambda: clock)


def source(
    kind: str,
    *queries: MetricQuery,
    token: str | None = TOKEN,
    clock: datetime = NOW,
    line: dict[str, Any] | None = None,
    **table: Any,
) -> LiveSource:
    """Return a live source of a type under its type's name."""
    settings = ReadingTable.model_validate({"type": kind, **table})
    reach = access(kind, token=token, clock=clock, **(line or {}))
    return LIVE_METRICS[kind](kind, settings, queries, reach)


def walk(live: LiveSource, part: str = "m", since: datetime | None = None) -> list[Batch]:
    """Return the batches of one walk."""
    mark = Mark(source=live.name, part=part, scope=live.scope(part), since=since)
    try:
        return list(live.walk(part, mark))
    finally:
        live.close()


def probed(live: LiveSource) -> list[Probe]:
    """Return what a probe found."""
    try:
        return list(live.probe())
    finally:
        live.close()


def readings(batches: Iterable[Batch]) -> list[Reading]:
    """Return the readings of a walk, in order."""
    return [one for batch in batches for one in batch.records if isinstance(one, Reading)]


def skipped(batches: Iterable[Batch]) -> list[Skipped]:
    """Return what was skipped in a walk, in order."""
    return [one for batch in batches for one in batch.records if isinstance(one, Skipped)]


def counts(batches: Iterable[Batch]) -> dict[date, tuple[float, float]]:
    """Return (bad, total) by day."""
    return {
        one.start_at.date(): (one.measure.bad, one.measure.total)
        for one in readings(batches)
        if isinstance(one.measure, Counts)
    }


def rates(batches: Iterable[Batch]) -> dict[date, tuple[float, float | None]]:
    """Return (bad share, sample) by day."""
    return {
        one.start_at.date(): (one.measure.bad_share, one.sample_size)
        for one in readings(batches)
        if isinstance(one.measure, Rate)
    }


def buckets(batches: Iterable[Batch]) -> dict[date, Buckets]:
    """Return histograms by day."""
    return {
        one.start_at.date(): one.measure
        for one in readings(batches)
        if isinstance(one.measure, Buckets)
    }


def percentiles(batches: Iterable[Batch]) -> dict[date, tuple[float, ...]]:
    """Return the values of the percentiles by day."""
    return {
        one.start_at.date(): one.measure.values
        for one in readings(batches)
        if isinstance(one.measure, Percentiles)
    }
