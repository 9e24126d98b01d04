"""Where readings come from: one file per provider, one entry each in `METRICS`."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from debtplan.metrics.options import MetricQuery, ReadingTable
from debtplan.ports import LiveSource, MetricSource

if TYPE_CHECKING:
    from debtplan.transport.access import Access

MetricFactory = Callable[[str, ReadingTable, Path], MetricSource]
"""Makes a source of its table's name, the table, and the folder where relative paths start."""

LiveMetricFactory = Callable[
    [str, ReadingTable, tuple[MetricQuery, ...], "Access"],
    LiveSource,
]
"""Makes a live source of its table's name, the table, the metrics that it is asked for, and its way
out.
"""


def _lazy(module: str, name: str) -> MetricFactory:
    """Return a factory that imports its module when it is first called."""

    def make(source: str, table: ReadingTable, folder: Path) -> MetricSource:
        factory = getattr(import_module(f"debtplan.metrics.{module}"), name)
        return cast("MetricFactory", factory)(source, table, folder)

    return make


METRICS: Mapping[str, MetricFactory] = {
    "csat": _lazy("events", "Answers"),
    "csv": _lazy("csv", "CsvReadings"),
    "json": _lazy("json", "JsonReadings"),
    "tickets": _lazy("events", "Tickets"),
}
"""By `type` of a `[metrics.NAME]` table: readings from files."""


def _live(module: str, name: str) -> LiveMetricFactory:
    """Return a factory that imports its module when it is first called."""

    def make(
        source: str, table: ReadingTable, queries: tuple[MetricQuery, ...], access: "Access"
    ) -> LiveSource:
        factory = getattr(import_module(f"debtplan.metrics.{module}"), name)
        return cast("LiveMetricFactory", factory)(source, table, queries, access)

    return make


LIVE_METRICS: Mapping[str, LiveMetricFactory] = {
    "grafana": _live("grafana", "LiveGrafana"),
    "mixpanel": _live("mixpanel", "LiveMixpanel"),
    "newrelic": _live("newrelic", "LiveNewRelic"),
    "prometheus": _live("prometheus", "LivePrometheus"),
    "sentry": _live("sentry", "LiveSentry"),
    "zendesk": _live("zendesk", "LiveZendesk"),
}
"""By `type` of a `[metrics.NAME]` table: services that are asked over the network."""
