"""One row a session: when it entered each step, what went wrong, which marks it carries.

| column | what |
|---|---|
| day | midnight of the day it began on, microseconds since 1970 in UTC |
| s0, s1, ... | its value of each dimension that tells segments and strata |
| t0, t1, ... | when it first entered each step |
| xN, yN, zN | of question N: last error, last time without one, last time at a later step |
| xN, yN | of question N about rage clicks: the last one, the first one |
| vN | of question N: its longest time at the step |
| mS_D | its distinct values of dimension D at step S, an array |
| aS_D | 1 where there is one, else NULL |
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp, select

from debtplan.core.flow import Flow, MetricKind
from debtplan.warehouse.clean import Span, events_of, micros
from debtplan.warehouse.layout import Layout, names_of
from debtplan.warehouse.options import WarehouseTable
from debtplan.warehouse.phrase import (
    DAY_US,
    above,
    all_of,
    any_of,
    at_most,
    below,
    column,
    is_known,
    is_unknown,
    least,
    minus,
    most,
    name,
    not_,
    number,
    one_of,
    when,
    words,
)
from debtplan.warehouse.question import Question, steps_of

LONGEST = 1e15
"""A time above this, or not a number, is none."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the table of sessions holds.

    Attributes:
        constant: Dimensions of which a session has one value: those of segments and strata. Where
            its events have several, the last in the alphabet counts.
        marks: Dimensions of which it may have several values at a step.
    """

    layout: Layout
    flows: tuple[Flow, ...]
    questions: tuple[Question, ...]
    constant: tuple[str, ...]
    marks: tuple[str, ...]

    @property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """All steps, in the order of their columns."""
        return steps_of(self.flows)

    def query(self, span: Span, *, with_marks: bool = False) -> exp.Select:
        """Return the query that makes the table."""
        start = column("start")
        day = minus(start, exp.Mod(this=start.copy(), expression=number(DAY_US)))
        names = [one.output_name for one in self._figures(with_marks=with_marks)]
        entered = any_of(is_known(column(f"t{n}")) for n in range(len(self.steps)))
        return (
            select(exp.alias_(day, name("day")), *(column(one) for one in names))
            .from_(self._grouped(span, with_marks=with_marks).subquery("g"))
            .where(
                at_most(number(micros(span.start)), start),
                below(start, number(micros(span.end))),
                at_most(column("events"), number(self.layout.table.max_events)),
                exp.EQ(this=column("bot"), expression=number(0)),
                entered,
            )
        )

    def _grouped(self, span: Span, *, with_marks: bool) -> exp.Select:
        who = [column("who")] if self.layout.has_session else [column("who"), column("part")]
        return (
            select(
                exp.alias_(least(column("ts")), name("start")),
                exp.alias_(exp.Count(this=exp.Star()), name("events")),
                exp.alias_(most(self._bot()), name("bot")),
                *self._figures(with_marks=with_marks),
            )
            .from_(events_of(self.layout, span).subquery("c"))
            .group_by(*who)
        )

    def _bot(self) -> exp.Expr:
        if not self.layout.has_agent:
            return number(0)
        agent = exp.Lower(this=column("ua"))
        found = [
            above(exp.StrPosition(this=agent.copy(), substr=words(one.lower())), number(0))
            for one in self.layout.table.bot_words
        ]
        if not found:
            return number(0)
        return when(any_of(found), number(1), number(0))

    def _figures(self, *, with_marks: bool) -> list[exp.Expr]:
        found = [*self._plain()]
        for question in self.questions:
            found += self._of(question)
        if with_marks:
            collect = self.layout.runner.tongue.collect
            for step in sorted({one.step for one in self.questions}):
                for n, one in enumerate(self.marks):
                    mark = self.layout.dimension(one)
                    has = all_of((self._at(step), is_known(mark)))
                    found.append(exp.alias_(collect(mark, has), name(f"m{step}_{n}")))
                    found.append(exp.alias_(most(when(has, number(1))), name(f"a{step}_{n}")))
        return found

    def _plain(self) -> Iterator[exp.Expr]:
        for n, one in enumerate(self.constant):
            yield exp.alias_(most(self.layout.dimension(one)), name(f"s{n}"))
        for n in range(len(self.steps)):
            yield exp.alias_(least(when(self._at(n), column("ts"))), name(f"t{n}"))

    def _of(self, question: Question) -> Iterator[exp.Expr]:
        n, here = question.number, self._at(question.step)
        if question.metric.kind is MetricKind.ERROR_RATE:
            code = column("err")
            wrong = one_of(code, question.codes) if question.codes else is_known(code)
            right = any_of((is_unknown(code), not_(wrong))) if question.codes else is_unknown(code)
            later = any_of(self._at(one) for one in question.later)
            for letter, condition in (
                ("x", all_of((here, wrong))),
                ("y", all_of((here, right))),
                ("z", later),
            ):
                yield exp.alias_(most(when(condition, column("ts"))), name(f"{letter}{n}"))
        if question.metric.kind is MetricKind.RAGE_CLICKS:
            raging = one_of(column("ev"), self.layout.table.rage_clicks)
            yield exp.alias_(most(when(raging, column("ts"))), name(f"x{n}"))
            yield exp.alias_(least(when(raging, column("ts"))), name(f"y{n}"))
        if question.value:
            value = self.layout.value(question.value)
            usable = all_of((at_most(number(0), value), at_most(value, number(LONGEST))))
            yield exp.alias_(most(when(all_of((here, usable)), value)), name(f"v{n}"))

    def _at(self, step: int) -> exp.Expr:
        """Return that an event enters a step."""
        flow_id, named = self.steps[step]
        flow = next(one for one in self.flows if one.id == flow_id)
        return one_of(column("ev"), names_of(self.layout.table, flow, named))


def facts_of(
    table: WarehouseTable,
    layout: Layout,
    flows: Sequence[Flow],
    questions: Sequence[Question],
    by: str = "",
) -> Facts:
    """Return what the table of sessions is to hold; `by` is one more dimension of one value."""
    told = {one for tests in table.segments.values() for one in tests}
    constant = sorted((told | set(table.within) | {by}).intersection(table.dimensions))
    marks = [one for one in layout.dimensions if one not in constant]
    return Facts(layout, tuple(flows), tuple(questions), tuple(constant), tuple(marks))
