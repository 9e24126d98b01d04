"""What the services that are asked for readings have in common: days in, one reading a day out.

A provider says which figures it found on which days; here they become readings, and what is missing
becomes a sentence. A day is a whole day in UTC, and only days that are over are asked for. A day
without data has no reading: nobody knows. A metric that gives nothing at all is never passed over
in silence.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from debtplan.core.item import Skipped
from debtplan.core.reading import Buckets, Counts, Reading, Window, midnight
from debtplan.core.source import Batch, Mark, Probe
from debtplan.core.text import clean_line
from debtplan.errors import AuthenticationError, DebtplanError, ForbiddenError, UsageError
from debtplan.metrics.daily import ONE_DAY, PLAIN, WHOLE, DayFigures, Remarks, say_days
from debtplan.metrics.measure import MeasureError, measure_of, percentile_rank
from debtplan.metrics.options import MetricQuery, ReadingTable
from debtplan.ports import Census
from debtplan.transport.access import Access
from debtplan.transport.client import Client
from debtplan.transport.secret import Secret


class DailySource(ABC):
    """The part of a `LiveSource` that is the same for every provider of daily figures.

    Attributes:
        late_days: Days before the mark that are read again, since figures arrive late.
        batch_days: Days that are asked for at once.
        probe_days: Days that `probe` asks for.
        takes: Names of queries that the provider knows.
        has_percentiles: Whether it knows percentiles such as `p95`, too.
    """

    late_days: ClassVar[int] = 2
    batch_days: ClassVar[int] = 50
    probe_days: ClassVar[int] = 14
    takes: ClassVar[tuple[str, ...]] = (*PLAIN, "buckets")
    has_percentiles: ClassVar[bool] = True

    def __init__(
        self,
        name: str,
        table: ReadingTable,
        queries: tuple[MetricQuery, ...],
        access: Access,
    ) -> None:
        """Ask nothing yet."""
        self.name = name
        self._table = table
        self._queries = {one.metric.id: one for one in queries}
        self._access = access
        self._opened: Client | None = None

    @abstractmethod
    def _days(self, query: MetricQuery, span: Window, remarks: Remarks) -> Iterator[DayFigures]:
        """Yield what the service says about the days of a span that it has data for, in any order.

        Raises:
            SourceError: The answer cannot be used.
            UsageError: The settings ask for something impossible.
        """

    @abstractmethod
    def _open(self) -> Client:
        """Return a new client of the service.

        Raises:
            UsageError: The settings lack something.
        """

    @abstractmethod
    def _greet(self) -> str:
        """Ask the service something that proves address and token, and return what it is."""

    @abstractmethod
    def _meaning(self) -> Mapping[str, object]:
        """Return what of the settings, beside the queries, changes what a reading says."""

    def parts(self) -> tuple[str, ...]:
        """See `LiveSource.parts`: the ids of the metrics."""
        return tuple(sorted(self._queries))

    def scope(self, part: str) -> str:
        """See `LiveSource.scope`: the queries, and what else changes the meaning."""
        asked = {
            "queries": self._queries[part].queries,
            "history_days": self._table.history_days,
            **self._meaning(),
        }
        return json.dumps(asked, sort_keys=True)

    def walk(self, part: str, mark: Mark) -> Iterator[Batch]:
        """See `LiveSource.walk`: one reading a day, up to yesterday.

        Two days or more before the mark are read again, since figures arrive late.
        """
        query = self._queries[part]
        self._check(query)
        now = self._now()
        span = self._span(mark, now)
        remarks = Remarks()
        first: date | None = None
        is_known = False
        for window in _windows(span, self.batch_days):
            found = tuple(self._read(query, window, remarks, now))
            readings = [one for one in found if isinstance(one, Reading)]
            is_known = is_known or bool(found)
            if readings and first is None:
                first = readings[0].start_at.date()
            newest = readings[-1].end_at if readings else None
            yield Batch(found, newest=newest)
        said = [Skipped(ref=part, reason=text) for text in remarks.texts()]
        if not is_known and not said:
            said.append(Skipped(ref=part, reason=self._nothing(query, span)))
        elif first is not None and mark.since is None and first > span.start_on:
            text = f"first data on {first}; {span.start_on} was asked for"
            said.append(Skipped(ref=part, reason=text))
        if said:
            yield Batch(tuple(said))

    def census(self, part: str) -> Census | None:  # noqa: ARG002 - as the port has it
        """See `LiveSource.census`: days do not vanish."""
        return None

    def probe(self) -> Iterator[Probe]:
        """See `LiveSource.probe`: address and token, then what each metric's query gives."""
        try:
            yield Probe(part=self.name, is_well=True, what=self._greet())
        except DebtplanError as error:
            yield Probe(part=self.name, is_well=False, what=error.what, fix=error.fix)
            return
        for part in self.parts():
            try:
                yield self._try_out(self._queries[part])
            except DebtplanError as error:
                what = f"{part}: {error.what}"
                yield Probe(part=self.name, is_well=False, what=what, fix=error.fix)
                is_refused = isinstance(error, AuthenticationError)
                if is_refused and not isinstance(error, ForbiddenError):
                    return  # each further try might lock the account

    def close(self) -> None:
        """See `LiveSource.close`."""
        self._opened = None
        self._access.close()

    @property
    def _client(self) -> Client:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _now(self) -> datetime:
        return self._access.clock().astimezone(UTC)

    def _setting(self, field_name: str) -> str:
        """Return the place of a field in the settings, for messages."""
        return f"[metrics.{self.name}] {field_name}"

    def _need(self, field_name: str, example: str) -> str:
        """Return a field of the table that the service cannot do without."""
        value = str(getattr(self._table, field_name) or "").strip()
        if not value:
            what = f"{self._setting(field_name)} is not set."
            raise UsageError(what, f"Set {field_name} = {example} there.")
        return value

    def _token(self, service: str, kind: str) -> Secret:
        """Return the token of a service that answers nobody without one.

        Args:
            service: Its name, for people.
            kind: What the variable has to be set to.

        Raises:
            UsageError: There is none.
        """
        token = self._access.secret("TOKEN")
        if token is None:
            what = f"[metrics.{self.name}] has no token, and {service} answers nobody without one."
            raise UsageError(what, f"Set {self._access.variable('TOKEN')} to {kind}.")
        return token

    def _check(self, query: MetricQuery) -> None:
        """Refuse names of queries that the provider does not know."""
        names = tuple(query.queries)
        here = f"Metric {query.metric.id!r} of [metrics.{self.name}]"
        also = ("p50", "p95") if self.has_percentiles else ()
        known = ", ".join(name or '""' for name in (*self.takes, *also))
        if not any(query.queries.values()) and WHOLE not in self.takes:
            raise UsageError(f"{here} has no query.", f"Set queries with one of: {known}.")
        for name in names:
            is_rank = self.has_percentiles and percentile_rank(name) is not None
            if name not in self.takes and not is_rank:
                called = f"named {name!r}, which is no figure" if name else "without a name"
                what = f"{here} has a query {called}."
                raise UsageError(what, f"Name it one of: {known}.")

    def _span(self, mark: Mark, now: datetime) -> Window:
        """Return the days to ask for; the last one is the last that is over."""
        end_on = now.date()
        start_on = end_on - timedelta(days=self._table.history_days)
        if mark.since is not None:
            since_on = mark.since.astimezone(UTC).date()
            start_on = min(since_on, end_on) - timedelta(days=self.late_days)
        return Window(start_on=start_on, end_on=end_on)

    def _read(
        self, query: MetricQuery, window: Window, remarks: Remarks, now: datetime
    ) -> Iterator[Reading | Skipped]:
        found = sorted(self._days(query, window, remarks), key=lambda one: one.day)
        for one in found:
            if not window.start_on <= one.day < window.end_on:
                continue
            if one.is_idle:
                remarks.idle.append(one.day)
                continue
            yield self._reading(query.metric.id, one, now)

    def _reading(self, metric: str, one: DayFigures, now: datetime) -> Reading | Skipped:
        ref = f"{metric} on {one.day}"
        try:
            problem = one.problem or one.oddity()
            if problem:
                return Skipped(ref=ref, reason=problem)
            measure = measure_of(one.figures)
        except MeasureError as error:
            return Skipped(ref=ref, reason=f"{error.field} is {error}")
        is_counted = isinstance(measure, Counts | Buckets)
        return Reading(
            metric=metric,
            start_at=midnight(one.day),
            end_at=midnight(one.day + ONE_DAY),
            measure=measure,
            sample_size=None if is_counted else one.figures.total,
            source=self.name,
            fetched_at=now,
        )

    def _nothing(self, query: MetricQuery, span: Window) -> str:
        """Return the sentence about a metric that gave nothing."""
        asked = "; ".join(
            f"{name or 'query'} = {clean_line(text, 160)}"
            for name, text in sorted(query.queries.items())
        )
        last = span.end_on - ONE_DAY
        return (
            f"gave no data from {span.start_on} to {last} ({asked or 'no filter'}); check the "
            f"names in it, and what the token may read"
        )

    def _try_out(self, query: MetricQuery) -> Probe:
        """Return what the query of a metric gives for the last days."""
        self._check(query)
        now = self._now()
        end_on = now.date()
        window = Window(start_on=end_on - timedelta(days=self.probe_days), end_on=end_on)
        remarks = Remarks()
        found = list(self._read(query, window, remarks, now))
        readings = [one for one in found if isinstance(one, Reading)]
        skipped = [one for one in found if isinstance(one, Skipped)]
        part = query.metric.id
        if not readings:
            why = skipped[0].reason if skipped else next(remarks.texts(), "")
            what = f"{part}: no reading in the last {say_days(self.probe_days)}"
            why = why or f"it {self._nothing(query, window)}"
            fix = f"Look at what queries of metric {part!r} asks for: {why}."
            return Probe(part=self.name, is_well=False, what=what, fix=fix)
        newest = readings[-1].start_at.date()
        what = f"{part}: {len(readings)} of {say_days(self.probe_days)}, the newest {newest}"
        notes = [*remarks.texts(), *(f"{one.ref} {one.reason}" for one in skipped[:1])]
        return Probe(part=self.name, is_well=True, what="; ".join((what, *notes)))


def _windows(span: Window, days: int) -> Iterator[Window]:
    """Yield the span in pieces, oldest first."""
    start_on = span.start_on
    while start_on < span.end_on:
        end_on = min(start_on + timedelta(days=days), span.end_on)
        yield Window(start_on=start_on, end_on=end_on)
        start_on = end_on
