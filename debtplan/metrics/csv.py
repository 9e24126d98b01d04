"""Readings from a table: one row a metric and day, or any other span of time.

| form | columns |
|---|---|
| counts | bad, total, and recovered where known |
| rate | rate in [0, 1], and sample_size |
| bands | good, needs_improvement, poor, and sample_size |
| percentiles | two or more of p1 to p99 and p99.9, and sample_size |
| buckets | le_0.5, le_1, ... (cumulative counts), and total or le_inf |
| findings | found: how many a scan found |

A row fills one form and leaves the columns of the others empty. `date` is a whole day in UTC;
`start_at` and `end_at` (exclusive) are instants with any offset, and UTC without one.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from debtplan.core.item import Skipped
from debtplan.core.reading import Reading, midnight
from debtplan.errors import InputError
from debtplan.files.column import Column
from debtplan.files.row import CellError, Row
from debtplan.files.table import parse_rows
from debtplan.metrics.measure import Figures, MeasureError, measure_of, percentile_rank
from debtplan.metrics.options import ReadingTable
from debtplan.metrics.series import Placed, settle

PERCENTILES = (*(f"p{rank}" for rank in range(1, 100)), "p99.9")

COLUMNS = (
    Column("metric", ("metric_id",)),
    Column("date", ("day",)),
    Column("start_at", ("start", "timestamp", "time")),
    Column("end_at", ("end",)),
    Column("bad"),
    Column("total"),
    Column("recovered"),
    Column("rate", ("bad_share",)),
    Column("good"),
    Column("needs_improvement", ("needs improvement",)),
    Column("poor"),
    Column("found", ("findings", "violations", "issues")),
    Column("mean", ("value", "avg", "average")),
    Column("sample_size", ("samples", "sample size", "count")),
    *(Column(name) for name in PERCENTILES),
)
"""What is read of a row, and the headers that are recognised without a column map."""

_BUCKET = re.compile(r'le[_=]"?(?P<bound>\+?inf|[0-9]+(?:\.[0-9]+)?)"?', re.IGNORECASE)

_CLOCK = re.compile(r"[T ](?!0?0:00(?![0-9])(?!:[0-9]*[1-9]))[0-9]{1,2}:[0-9]{2}")
"""A time of day other than midnight."""


class CsvReadings:
    """See `MetricSource`."""

    def __init__(self, name: str, table: ReadingTable, folder: Path) -> None:
        self.name = name
        self._table = table
        self._folder = folder

    def read(self) -> Iterator[Reading | Skipped]:
        """See `MetricSource.read`."""
        table = self._table
        mapped = tuple(Column(name) for name in table.columns if _BUCKET.fullmatch(name))
        found = parse_rows(table, self._folder, (*COLUMNS, *mapped), self._place)
        yield from settle(found)

    def _place(self, row: Row) -> Placed:
        return Placed(row.ref, parse_reading(row, self.name, self._table))


def parse_reading(row: Row, source: str, table: ReadingTable) -> Reading:
    """Return the reading of one row.

    Args:
        row: The row.
        source: Name of the table in the settings.
        table: For the metric of rows that name none, and the length of spans without an end.

    Raises:
        CellError: A cell cannot be used, or the row fills no form or several.
        InputError: The file has no metric column and the settings name no metric; or nothing in it
            says when a span begins and ends.
    """
    name = row.text("metric").strip() or table.metric
    if not name:
        raise _no_metric(row)
    start_at, end_at = _span(row, table.span_hours)
    try:
        measure = measure_of(_figures(row))
    except MeasureError as error:
        column = _named(row, error.field)
        raise row.refuse(column, str(error)) from None
    size = _number(row, "sample_size")
    if size == 0:
        raise row.refuse("sample_size", "0: leave the cell empty where it is not known")
    return Reading(
        metric=name,
        start_at=start_at,
        end_at=end_at,
        measure=measure,
        sample_size=size,
        source=source,
    )


def _no_metric(row: Row) -> CellError | InputError:
    if row.has("metric"):
        return row.refuse("metric", "empty; name a metric")
    return InputError(
        f"{row.file} has no column for metric, and its table names none.",
        'Set metric = "ID", or columns = { metric = "HEADER" }.',
    )


def _span(row: Row, hours: float | None) -> tuple[datetime, datetime]:
    """Return start and end, exclusive: two instants, one and a length, or a whole UTC day."""
    start_at, end_at = row.instant("start_at"), row.instant("end_at")
    if start_at is None and hours is not None and end_at is None:
        start_at = row.instant("date")
    if start_at is not None and end_at is None and hours is not None:
        end_at = _later(row, start_at, hours)
    if start_at is not None and end_at is not None:
        if end_at <= start_at:
            raise row.refuse("end_at", "not after start_at")
        return start_at, end_at
    if start_at is None and end_at is None:
        return _day(row)
    if not row.has("end_at"):
        raise InputError(
            f"{row.file} says when a reading starts, but neither when it ends nor how long it is.",
            "Set span_hours = 1 for readings of an hour, 24 for days, 168 for weeks.",
        )
    lacking = "start_at" if start_at is None else "end_at"
    raise row.refuse(lacking, "empty; a span needs start_at and end_at")


def _later(row: Row, start_at: datetime, hours: float) -> datetime:
    try:
        return start_at + timedelta(hours=hours)
    except OverflowError:
        raise row.refuse("start_at", "no time that a span can follow") from None


def _day(row: Row) -> tuple[datetime, datetime]:
    """Return the whole UTC day of `date`."""
    if not row.has("date") and not row.has("start_at"):
        raise InputError(
            f"{row.file} has no column for date, nor for start_at and end_at.",
            'Say which one it is: columns = { date = "HEADER" }.',
        )
    at = row.instant("date")
    if at is None:
        raise row.refuse("date", "empty; give date, or start_at and end_at")
    if _CLOCK.search(row.text("date")):
        raise InputError(
            f"{row.ref} has a time of day beside its date, so it may not be about a whole day.",
            "Set span_hours = 1 for readings of an hour, 24 for days.",
        )
    if at.date() >= date.max:
        raise row.refuse("date", "no day that ends")
    return midnight(at.date()), midnight(at.date() + timedelta(days=1))


def _figures(row: Row) -> Figures:
    buckets = _buckets(row)
    beyond = [count for bound, count in buckets if bound is None]
    total = _number(row, "total")
    return Figures(
        bad=_number(row, "bad"),
        total=beyond[0] if total is None and beyond else total,
        recovered=_number(row, "recovered"),
        rate=row.share("rate"),
        good=row.share("good"),
        needs_improvement=row.share("needs_improvement"),
        poor=row.share("poor"),
        percentiles=_percentiles(row),
        buckets=tuple((bound, count) for bound, count in buckets if bound is not None),
        mean=_number(row, "mean"),
        found=_number(row, "found"),
    )


def _percentiles(row: Row) -> tuple[tuple[float, float], ...]:
    found = []
    for name in row.names("p"):
        rank = percentile_rank(name)
        value = _number(row, name) if rank is not None else None
        if rank is not None and value is not None:
            found.append((rank, value))
    return tuple(found)


def _buckets(row: Row) -> list[tuple[float | None, float]]:
    """Return (bound, cumulative count) pairs; the bound is None for infinity."""
    found: list[tuple[float | None, float]] = []
    names = row.names("le_")
    for name in names:
        found += _bucket(name, _number(row, name))
    for header in row.layout.header:
        if _BUCKET.fullmatch(header) and header not in names:
            found += _bucket(header, row.count(header))
    return found


def _bucket(name: str, count: float | None) -> list[tuple[float | None, float]]:
    match = _BUCKET.fullmatch(name)
    if match is None or count is None:
        return []
    bound = match["bound"].casefold()
    return [(None if bound.endswith("inf") else float(bound), count)]


def _number(row: Row, name: str) -> float | None:
    return row.number(name, at_least=0)


def _named(row: Row, field: str) -> str:
    """Return a column of the row for a figure, so that the message names one that is there."""
    if field == "percentiles":
        return next((n for n in row.names("p") if percentile_rank(n) and row.text(n)), field)
    if field == "buckets":
        return next((h for h in row.layout.header if _BUCKET.fullmatch(h)), field)
    return field
