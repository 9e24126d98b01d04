"""Where readings come from: one file per provider, one entry each in `METRICS`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from debtplan.core.registry import entries_of
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


_lazy = entries_of("debtplan.metrics")

METRICS: Mapping[str, MetricFactory] = {
    "axe": _lazy("scan", "Scans"),
    "csat": _lazy("events", "Answers"),
    "csv": _lazy("csv", "CsvReadings"),
    "json": _lazy("json", "JsonReadings"),
    "lighthouse": _lazy("scan", "Scans"),
    "pa11y": _lazy("scan", "Scans"),
    "react-scanner": _lazy("scan", "Scans"),
    "stylelint": _lazy("scan", "Scans"),
    "tickets": _lazy("events", "Tickets"),
}
"""By `type` of a `[metrics.NAME]` table: readings from files."""


LIVE_METRICS: Mapping[str, LiveMetricFactory] = {
    "grafana": _lazy("grafana", "LiveGrafana"),
    "mixpanel": _lazy("mixpanel", "LiveMixpanel"),
    "newrelic": _lazy("newrelic", "LiveNewRelic"),
    "prometheus": _lazy("prometheus", "LivePrometheus"),
    "sentry": _lazy("sentry", "LiveSentry"),
    "zendesk": _lazy("zendesk", "LiveZendesk"),
}
"""By `type` of a `[metrics.NAME]` table: services that are asked over the network."""
