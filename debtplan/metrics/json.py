"""Readings from JSON: a list of them, an object with `readings`, or one a line.

    [{"metric": "login-errors",
      "start_at": "2026-11-01T00:00:00Z", "end_at": "2026-11-02T00:00:00Z",
      "measure": {"form": "counts", "bad": 412, "total": 11400, "recovered": 160}}]

`form` is counts, rate, bands, percentiles or buckets. A time without an offset is taken as UTC.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from debtplan.core.decode import Json
from debtplan.core.item import Skipped
from debtplan.core.reading import Measure, Reading
from debtplan.errors import InputError
from debtplan.files.moment import parse_instant
from debtplan.files.saved import Page, read_pages
from debtplan.metrics.measure import MEAN_ALONE, first_problem
from debtplan.metrics.options import ReadingTable
from debtplan.metrics.series import Placed, settle

_MEANS = {"value", "mean", "avg", "average"}

_MEASURE: TypeAdapter[Measure] = TypeAdapter(Measure)


class JsonReadings:
    """See `MetricSource`."""

    def __init__(self, name: str, table: ReadingTable, folder: Path) -> None:
        self.name = name
        self._table = table
        self._folder = folder

    def read(self) -> Iterator[Reading | Skipped]:
        """See `MetricSource.read`."""
        found = self._readings()
        yield from settle(list(found) if self._table.on_error == "stop" else found)

    def _readings(self) -> Iterator[Placed | Skipped]:
        for page in read_pages(self._table, self._folder):
            if isinstance(page, Skipped):
                yield page
                continue
            for place, record in _records(page):
                yield self._take(place, record)

    def _take(self, place: str, record: Json) -> Placed | Skipped:
        try:
            return Placed(place, parse_reading(record, self.name, self._table.metric))
        except ValueError as error:
            if self._table.on_error == "stop":
                fix = 'Correct it, or set on_error = "skip" to read the rest; nothing was read.'
                raise InputError(f"{place}: {error}.", fix) from None
            return Skipped(ref=place, reason=str(error))


def parse_reading(record: Json, source: str, metric: str | None) -> Reading:
    """Return the reading of one record.

    Args:
        record: As decoded.
        source: Name of the table in the settings, where the record names none.
        metric: Metric of records that name none.

    Raises:
        ValueError: What is wrong, as a phrase.
    """
    if not isinstance(record, dict):
        raise ValueError("is no object with metric, start_at, end_at and measure")  # noqa: TRY004 - data, not a type of ours
    if "measure" not in record and record.keys() & _MEANS:
        raise ValueError(f"holds {MEAN_ALONE}")
    whole: dict[str, Json] = {"metric": metric, "source": source, **record}
    for name in ("start_at", "end_at"):
        whole[name] = _in_utc(name, whole.get(name))
    try:
        # From JSON, so that a list may become a tuple, but neither "3" nor true a number; the
        # measure first, since the record tries every form and names none in its message.
        _MEASURE.validate_json(json.dumps(whole.get("measure")), strict=True)
        reading = Reading.model_validate_json(json.dumps(whole), strict=True)
    except ValidationError as error:
        raise ValueError(first_problem(error)) from None
    if reading.end_at <= reading.start_at:
        raise ValueError("end_at is not after start_at")
    return reading


def _records(page: Page) -> Iterator[tuple[str, Json]]:
    """Yield each record of a page with its place.

    Raises:
        InputError: The page holds no readings.
    """
    content = page.content
    if isinstance(content, dict) and "readings" in content:
        content = content["readings"]
    elif isinstance(content, dict) and "metric" in content:
        yield page.place, content
        return
    if not isinstance(content, list):
        raise InputError(
            f"{page.place} holds no readings.",
            'Give a list of readings, or {"readings": [...]}.',
        )
    for number, record in enumerate(content, 1):
        yield f"{page.place} reading {number}", record


def _in_utc(name: str, value: Json) -> str:
    """Return an instant in UTC."""
    if not isinstance(value, str):
        raise ValueError(f"{name} is not given as a text such as 2026-03-31T14:00:00Z")  # noqa: TRY004 - data
    try:
        instant = parse_instant(value)
    except ValueError as error:
        raise ValueError(f"{name} is {error}") from None
    if instant is None:
        raise ValueError(f"{name} is not known")
    return instant.isoformat()
