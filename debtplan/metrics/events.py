"""Readings from single events: one row a support ticket, or one row a survey answer."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from debtplan.core.item import Skipped
from debtplan.core.reading import Counts, Reading, midnight
from debtplan.errors import InputError
from debtplan.files.column import Column
from debtplan.files.row import Row
from debtplan.files.table import parse_rows
from debtplan.metrics.options import ReadingTable

CATEGORY = Column("category", ("topic", "flow", "tag"))

TICKET_COLUMNS = (
    Column(
        "created_at",
        (
            "created",
            "created at",
            "created date",
            "created_date",
            "opened",
            "opened at",
            "opened_at",
            "submitted at",
            "timestamp",
            "date",
        ),
        required=True,
    ),
    Column("ticket", ("ticket_id", "ticket id", "number", "key", "id")),
    CATEGORY,
)
"""What is read of a ticket. Rows of one ticket count once, on the first one's day."""

ANSWER_COLUMNS = (
    Column(
        "answered_at",
        (
            "answered",
            "answered at",
            "submitted at",
            "submitted_at",
            "created",
            "created at",
            "created date",
            "created_at",
            "created_date",
            "timestamp",
            "date",
        ),
        required=True,
    ),
    Column(
        "score", ("rating", "csat", "csat_score", "csat score", "satisfaction score"), required=True
    ),
    CATEGORY,
)
"""What is read of an answer."""


class Ticket(NamedTuple):
    """A ticket: its day in UTC, its category, and its number, "" where there is none."""

    day: date
    category: str
    number: str


class Answer(NamedTuple):
    """An answer: its day in UTC, its category, and its score, None where there is none."""

    day: date
    category: str
    score: float | None


class Tickets:
    """See `MetricSource`. Tickets a day over the sessions of an average day.

    A day between the first and the last row of the file without a ticket has none.
    """

    def __init__(self, name: str, table: ReadingTable, folder: Path) -> None:
        self.name = name
        self._table = table
        self._folder = folder

    def read(self) -> Iterator[Reading | Skipped]:
        """See `MetricSource.read`."""
        _check_metrics(self.name, self._table)
        sessions = self._table.sessions_per_day
        if sessions is None:
            raise InputError(
                f"[metrics.{self.name}] counts tickets but not among how many sessions.",
                "Set sessions_per_day, the sessions of an average day.",
            )
        seen: set[str] = set()
        repeated, days, counts = 0, set(), Counter[tuple[str, date]]()
        strange: Counter[str] = Counter()
        for one in parse_rows(self._table, self._folder, TICKET_COLUMNS, parse_ticket):
            if isinstance(one, Skipped):
                yield one
                continue
            if one.number and one.number in seen:
                repeated += 1
                continue
            seen.add(one.number)
            days.add(one.day)
            metric = _metric_of(one.category, self._table)
            if metric is None:
                strange[one.category] += 1
            else:
                counts[metric, one.day] += 1
        yield from _strangers(self.name, strange)
        if repeated:
            what = "row repeats" if repeated == 1 else "rows repeat"
            reason = f"{repeated:,} {what} a ticket; each counts once, on its first row's day"
            yield Skipped(ref=self.name, reason=reason)
        for metric in _metrics(self._table):
            daily = ((day, counts[metric, day]) for day in _span(days))
            for day, bad in daily:
                yield _daily(metric, day, bad, sessions, self.name)


class Answers:
    """See `MetricSource`. Dissatisfied answers among all of a day.

    A day without an answer has no reading: nobody knows.
    """

    def __init__(self, name: str, table: ReadingTable, folder: Path) -> None:
        self.name = name
        self._table = table
        self._folder = folder

    def read(self) -> Iterator[Reading | Skipped]:
        """See `MetricSource.read`."""
        _check_metrics(self.name, self._table)
        blank = 0
        total, bad = Counter[tuple[str, date]](), Counter[tuple[str, date]]()
        strange: Counter[str] = Counter()
        for one in parse_rows(self._table, self._folder, ANSWER_COLUMNS, parse_answer):
            if isinstance(one, Skipped):
                yield one
                continue
            metric = _metric_of(one.category, self._table)
            if one.score is None:
                blank += 1
            elif metric is None:
                strange[one.category] += 1
            else:
                total[metric, one.day] += 1
                bad[metric, one.day] += one.score <= self._table.dissatisfied_at_most
        yield from _strangers(self.name, strange)
        if blank:
            yield Skipped(ref=self.name, reason=f"{blank:,} rows have no score and do not count")
        for metric, day in sorted(total):
            yield _daily(metric, day, bad[metric, day], total[metric, day], self.name)


def parse_ticket(row: Row) -> Ticket:
    """Return the ticket of one row.

    Raises:
        CellError: The row has no usable time.
    """
    return Ticket(_day(row, "created_at"), row.text("category").strip(), row.text("ticket").strip())


def parse_answer(row: Row) -> Answer:
    """Return the answer of one row.

    Raises:
        CellError: The row has no usable time, or a score that is no number.
    """
    return Answer(_day(row, "answered_at"), row.text("category").strip(), row.number("score"))


def _day(row: Row, column: str) -> date:
    instant: datetime | None = row.instant(column)
    if instant is None:
        raise row.refuse(column, "empty")
    if instant.date() >= date.max:
        raise row.refuse(column, "no day that ends")
    return instant.date()


def _check_metrics(name: str, table: ReadingTable) -> None:
    if table.metric is None and not table.categories:
        raise InputError(
            f"[metrics.{name}] does not say which metric its rows belong to.",
            'Set metric = "ID" for all of them, or categories = { CATEGORY = "ID" }.',
        )


def _metric_of(category: str, table: ReadingTable) -> str | None:
    return table.categories.get(category, table.metric)


def _metrics(table: ReadingTable) -> tuple[str, ...]:
    named = set(table.categories.values()) | ({table.metric} if table.metric else set())
    return tuple(sorted(named))


def _strangers(name: str, strange: Counter[str]) -> Iterator[Skipped]:
    """Yield one notice a category that no metric is set for."""
    for category, rows in sorted(strange.items()):
        reason = f"{rows:,} rows of category {category!r} belong to no metric; see categories"
        yield Skipped(ref=name, reason=reason)


def _span(days: Iterable[date]) -> Iterator[date]:
    """Yield every day from the first to the last."""
    ordered = sorted(days)
    for number in range((ordered[-1] - ordered[0]).days + 1 if ordered else 0):
        yield ordered[0] + timedelta(days=number)


def _daily(metric: str, day: date, bad: int, total: float, source: str) -> Reading | Skipped:
    if bad > total:
        reason = (
            f"{bad:,} tickets of {metric} on {day} among {total:g} sessions_per_day; correct it"
        )
        return Skipped(ref=source, reason=reason)
    return Reading(
        metric=metric,
        start_at=midnight(day),
        end_at=midnight(day + timedelta(days=1)),
        measure=Counts(bad=bad, total=total),
        source=source,
    )
