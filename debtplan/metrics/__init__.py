"""Where readings come from: one file per provider, one entry each in `METRICS`."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from debtplan.metrics.options import ReadingTable
from debtplan.ports import MetricSource

MetricFactory = Callable[[str, ReadingTable, Path], MetricSource]
"""Makes a source of its table's name, the table, and the folder where relative paths start."""


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
"""By `type` of a `[metrics.NAME]` table."""
