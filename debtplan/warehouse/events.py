"""`[warehouse.NAME]` as debtplan reads it: daily readings, tallies and overlaps, and funnels."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlglot import exp

from debtplan.core.flow import EVERYONE, Flow, UxMetric
from debtplan.core.item import Skipped
from debtplan.core.reading import Reading, Window, midnight
from debtplan.core.tally import Overlap, Tally
from debtplan.errors import UsageError
from debtplan.warehouse import ask
from debtplan.warehouse.answer import (
    Comparison,
    Stamp,
    daily_readings,
    is_counted,
    overlap_of,
    timed_readings,
    totals_of,
    whole,
)
from debtplan.warehouse.clean import Span, losses_of, micros
from debtplan.warehouse.facts import Facts, facts_of
from debtplan.warehouse.funnel import Funnel, make_funnel
from debtplan.warehouse.layout import Layout, lay_out
from debtplan.warehouse.options import Test, WarehouseTable
from debtplan.warehouse.question import Question, ask_for, matches
from debtplan.warehouse.runner import Row, Runner

Open = Callable[[], Runner]
"""Connects to the engine."""


@dataclass(frozen=True, slots=True)
class Warehouse:
    """The events of one `[warehouse.NAME]` table, and what is asked of them.

    Attributes:
        name: Of the table in the settings.
        metrics: Those that name it as their source.
        flows: Those that the metrics are about.
        connect: Connects to the engine; whoever does closes it.
        compared: Metrics of other sources that are tallied here.
    """

    name: str
    table: WarehouseTable
    metrics: tuple[UxMetric, ...]
    flows: tuple[Flow, ...]
    connect: Open
    compared: tuple[UxMetric, ...] = ()

    def questions(self) -> tuple[Question, ...]:
        """Return what the metrics ask, those that are compared, too; see `ask_for`."""
        metrics = (*self.metrics, *self.compared)
        if not metrics:
            what = f"No metric is counted from [warehouse.{self.name}]."
            raise UsageError(what, f'Set source = "{self.name}" under [[metric]].')
        return ask_for(self.name, self.table, metrics, self.flows)

    @contextmanager
    def asked(
        self, questions: Sequence[Question], span: Span, *, with_marks: bool = False
    ) -> Iterator["Asked"]:
        """Make the table of sessions of a span, to be asked."""
        runner = self.connect()
        try:
            values = [one.value for one in questions if one.value]
            with_rage = any(one.is_raging for one in questions)
            layout = lay_out(self.table, self.flows, runner, values, with_rage=with_rage)
            facts = facts_of(self.table, layout, self.flows, questions)
            yield Asked.of(facts, span, with_marks=with_marks)
        finally:
            runner.close()

    def readings(self, window: Window, now: datetime) -> Iterator[Reading | Skipped]:
        """Yield the readings of every metric on every day, and what was not counted."""
        span = Span(midnight(window.start_on), midnight(window.end_on), now)
        stamp = Stamp(self.name, now)
        questions = ask_for(self.name, self.table, self.metrics, self.flows)
        with self.asked(questions, span) as asked:
            yield from asked.remarks(self.name)
            yield from asked.readings(stamp)

    def tallies(self, window: Window, now: datetime) -> Iterator[Tally | Overlap | Skipped]:
        """Yield tallies and overlaps over a window, and which metrics have no session in it."""
        span = Span(midnight(window.start_on), midnight(window.end_on), now)
        with self.asked(self.questions(), span, with_marks=True) as asked:
            empty = []
            for one in asked.facts.questions:
                known = asked.totals(one, ())
                if not known.get((), (0, 0))[0]:
                    empty.append(_empty(one, window))
                    continue
                for dimension in asked.facts.layout.dimensions:
                    yield from asked.tallies(one, dimension, self.name)
            yield from asked.overlaps(self.name)
            yield from empty

    def funnel(
        self, flow: Flow, window: Window, now: datetime, segment: str = EVERYONE, by: str = ""
    ) -> Funnel:
        """Return how far sessions get in a flow.

        Args:
            flow: Any flow whose steps the events tell.
            window: Days on which they begin.
            now: The time.
            segment: Only sessions of it.
            by: A dimension, or `segment`, whose values are told apart; "" for none.

        Raises:
            UsageError: There is no such segment or dimension, or the flow has no steps.
        """
        tests = self._tests(flow, segment, by)
        span = Span(midnight(window.start_on), midnight(window.end_on), now)
        runner = self.connect()
        try:
            layout = lay_out(self.table, (flow,), runner)
            facts = facts_of(self.table, layout, (flow,), (), by)
            asked = Asked.of(facts, span, with_marks=False)
            here = matches(tests, facts.constant)
            middle = micros(span.start + (span.end - span.start) // 2)
            rows = asked.rows(ask.funnel(facts, by, here, middle))
            medians = {
                (str(group), n): int(median) / 1e6
                for n in range(len(flow.steps) - 1)
                for group, _, median in asked.rows(ask.step_times(facts, by, here, n))
            }
        finally:
            runner.close()
        return make_funnel(flow.id, flow.steps, rows, medians)

    def _tests(self, flow: Flow, segment: str, by: str) -> Mapping[str, Test]:
        """Return what a segment asks of its sessions, after a look whether all is there."""
        if not flow.steps:
            what = f"The flow {flow.id!r} lists no steps."
            raise UsageError(what, "Add steps = [...] to its [[flow]], in their order.")
        dimensions = ("segment", *sorted(self.table.dimensions))
        if by and by not in dimensions:
            what = f"[warehouse.{self.name}] has no dimension {by!r}."
            raise UsageError(what, f"Use one of: {', '.join(dimensions)}.")
        if segment != EVERYONE and segment not in self.table.segments:
            what = f"[warehouse.{self.name}] does not say who is in the segment {segment!r}."
            known = ", ".join((EVERYONE, *sorted(self.table.segments)))
            raise UsageError(what, f"Use one of: {known}.")
        return {} if segment == EVERYONE else self.table.segments[segment]


@dataclass(frozen=True, slots=True)
class Asked:
    """The table of sessions of a span, staged or written into each query."""

    facts: Facts
    span: Span
    source: exp.Query | None

    @classmethod
    def of(cls, facts: Facts, span: Span, *, with_marks: bool) -> "Asked":
        """Make the table, as a temporary one where the engine allows it."""
        query = facts.query(span, with_marks=with_marks)
        is_staged = facts.layout.runner.stage(ask.SESSIONS, query)
        return cls(facts, span, None if is_staged else query)

    def rows(self, query: exp.Select) -> list[Row]:
        """Return the rows of a query on the table of sessions."""
        if self.source is not None:
            query = query.with_(ask.SESSIONS, as_=self.source.copy())
        return self.facts.layout.runner.rows(query)

    def readings(self, stamp: Stamp) -> Iterator[Reading]:
        """Yield the readings of every question on every day."""
        questions = self.facts.questions
        counted = [one for one in questions if is_counted(one)]
        if counted:
            rows = self.rows(ask.daily(self.facts, counted))
            yield from daily_readings(counted, rows, stamp)
        for one in questions:
            if not is_counted(one):
                yield from timed_readings(one, self.rows(ask.times(self.facts, one)), stamp)

    def totals(
        self, question: Question, strata: tuple[str, ...]
    ) -> dict[tuple[str, ...], tuple[int, int]]:
        """Return how many sessions of every kind met a question, and twice the bad ones."""
        rows = self.rows(ask.totals(self.facts, question, strata))
        return totals_of(rows, f"strata under [warehouse] of {question.metric.id}")

    def tallies(self, question: Question, dimension: str, source: str) -> Iterator[Tally]:
        """Yield the tallies of a question by a dimension."""
        strata = ask.strata_of(self.facts, question, dimension)
        known = self.totals(question, strata)
        rows = self.rows(ask.tally(self.facts, question, dimension, strata))
        ends = (self.span.start, self.span.end)
        yield from Comparison(question, dimension, strata, known, ends, source).tallies(rows)

    def overlaps(self, source: str) -> Iterator[Overlap]:
        """Yield an overlap for every place of two metrics or more.

        Rage clicks carry no harm, so how far they overlap with harm is of no use.
        """
        places: dict[tuple[str, str, str], list[Question]] = {}
        for one in self.facts.questions:
            if one.is_raging:
                continue
            places.setdefault(one.metric.place, []).append(one)
        for _, together in sorted(places.items()):
            if len(together) > 1:
                (row,) = self.rows(ask.overlap(self.facts, together))
                ends = (self.span.start, self.span.end)
                found = overlap_of(together, row, ends, source)
                if found is not None:
                    yield found

    def remarks(self, source: str) -> Iterator[Skipped]:
        """Yield what was not counted of the raw events, and why."""
        layout = self.facts.layout
        (row,) = layout.runner.rows(losses_of(layout, self.span))
        yield from _losses(source, layout, [whole(one) for one in row])


def _losses(source: str, layout: Layout, counts: Sequence[int]) -> Iterator[Skipped]:
    _, untimed, future, nobody = counts
    whose = "session" if layout.has_session else "user or anonymous id"
    for count, why in (
        (untimed, "say no time that can be read; look at columns.at"),
        (future, "happened after they were received; a clock is wrong there"),
        (nobody, f"have no {whose}; they belong to nobody's session"),
    ):
        if count:
            said = f"{count:,} event{'' if count == 1 else 's'} left out: they {why}"
            yield Skipped(ref=source, reason=said)
    for one in layout.absent:
        yield Skipped(ref=source, reason=f"no table has the column of {one!r} yet")


def _empty(question: Question, window: Window) -> Skipped:
    metric = question.metric
    who = "" if metric.segment == EVERYONE else f" of the segment {metric.segment}"
    reason = (
        f"no session{who} met the step {metric.step} from {window.start_on} to "
        f"{window.end_on - timedelta(days=1)}; look at steps and segments of its warehouse"
    )
    return Skipped(ref=metric.id, reason=reason)
