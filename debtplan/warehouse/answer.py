"""From an engine's rows to records: the same ones, whatever number types an engine has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from debtplan.core.reading import Counts, Percentiles, Reading
from debtplan.core.tally import Overlap, OverlapPart, Stratum, Tally
from debtplan.errors import InputError
from debtplan.warehouse.ask import RANKS
from debtplan.warehouse.question import Question
from debtplan.warehouse.runner import Row

MOST_STRATA = 200
"""Kinds of sessions that one tally compares."""

LEAST_TIME = 1e-6
"""A time of nothing, in the metric's unit: what is fitted to times needs one above 0."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every record of one reading carries.

    Attributes:
        source: Name of the `[warehouse.NAME]` table.
        at: When it was read.
    """

    source: str
    at: datetime


def day_of(micros: object) -> datetime:
    """Return the instant of so many microseconds since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=whole(micros))


def whole(value: object) -> int:
    """Return a count as an engine gives it: a number of any type, or nothing for none."""
    return int(value) if isinstance(value, int | float | str) else int(str(value or 0))


def daily_readings(
    questions: Sequence[Question], rows: Sequence[Row], stamp: Stamp
) -> Iterator[Reading]:
    """Yield the readings of counted questions, by metric and day; see `ask.daily`."""
    for n, one in enumerate(questions):
        for row in sorted(rows, key=lambda row: whole(row[0])):
            total, bad, mended = (whole(row[1 + 3 * n + m]) for m in range(3))
            if total:
                counts = Counts(bad=bad, total=total, recovered=mended)
                yield _reading(one, row[0], counts, stamp)


def timed_readings(question: Question, rows: Sequence[Row], stamp: Stamp) -> Iterator[Reading]:
    """Yield the readings of a timed question, by day; see `ask.times`."""
    for day, size, *found in sorted(rows, key=lambda row: whole(row[0])):
        values = tuple(max(LEAST_TIME, float(one) / question.scale) for one in found)
        ranks = tuple(rank / 100 for rank in RANKS)
        yield _reading(question, day, Percentiles(ranks=ranks, values=values), stamp, whole(size))


def _reading(
    question: Question,
    day: object,
    measure: Counts | Percentiles,
    stamp: Stamp,
    size: int | None = None,
) -> Reading:
    start = day_of(day)
    return Reading(
        metric=question.metric.id,
        start_at=start,
        end_at=start + timedelta(days=1),
        measure=measure,
        sample_size=size,
        source=stamp.source,
        fetched_at=stamp.at,
    )


def overlap_of(
    questions: Sequence[Question], row: Row, span: tuple[datetime, datetime], source: str
) -> Overlap | None:
    """Return how far questions of one place frustrate the same sessions; None without any."""
    sessions, union, *each = (whole(one) for one in row)
    if not sessions:
        return None
    flow, step, segment = questions[0].metric.place
    parts = (
        OverlapPart(metric=one.metric.id, frustrated=twice / 2)
        for one, twice in zip(questions, each, strict=True)
    )
    return Overlap(
        flow=flow,
        step=step,
        segment=segment,
        start_at=span[0],
        end_at=span[1],
        sessions=sessions,
        frustrated=union / 2,
        parts=tuple(parts),
        source=source,
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What sessions with one mark are compared by.

    Attributes:
        strata: Dimensions (or `segment`) that sessions are told apart by.
        totals: Of every kind of session: how many, and twice the bad ones.
        span: The window.
    """

    question: Question
    dimension: str
    strata: tuple[str, ...]
    totals: Mapping[tuple[str, ...], tuple[int, int]]
    span: tuple[datetime, datetime]
    source: str

    def tallies(self, rows: Sequence[Row]) -> Iterator[Tally]:
        """Yield a tally a value, by value; see `ask.tally`."""
        cells: dict[str, dict[tuple[str, ...], tuple[int, int]]] = {}
        for row in rows:
            value, *groups, count, bad = row
            key = tuple(str(one) for one in groups)
            cells.setdefault(str(value), {})[key] = (whole(count), whole(bad))
        for value in sorted(cells):
            yield Tally(
                metric=self.question.metric.id,
                dimension=self.dimension,
                value=value,
                start_at=self.span[0],
                end_at=self.span[1],
                strata=tuple(self._strata(cells[value])),
                source=self.source,
            )

    def _strata(self, marked: Mapping[tuple[str, ...], tuple[int, int]]) -> Iterator[Stratum]:
        for key in sorted(self.totals):
            total, bad = self.totals[key]
            count, worse = marked.get(key, (0, 0))
            yield Stratum(
                name=", ".join(
                    f"{one} = {value or 'none'}"
                    for one, value in zip(self.strata, key, strict=True)
                ),
                bad_with=worse / 2,
                total_with=count,
                bad_without=(bad - worse) / 2,
                total_without=total - count,
            )


def totals_of(rows: Sequence[Row], where: str) -> dict[tuple[str, ...], tuple[int, int]]:
    """Return how many sessions of every kind there are; see `ask.totals`.

    Raises:
        InputError: There are so many kinds that none could be compared.
    """
    if len(rows) > MOST_STRATA:
        what = f"{where} tells {len(rows):,} kinds of sessions apart, too many to compare."
        raise InputError(what, 'Set strata to dimensions of few values, such as ["device"].')
    return {
        tuple(str(one) for one in groups): (whole(count), whole(bad))
        for *groups, count, bad in rows
        if whole(count)
    }


def is_counted(question: Question) -> bool:
    """Tell whether a question is answered by counts of each day."""
    return not question.is_timed
