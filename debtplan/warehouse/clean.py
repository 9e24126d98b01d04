"""From events as they were sent to events that count: the same steps on every engine.

1. Events outside the days that are read, or without a time, are left out.
2. Of events with one id the one received first stays.
3. What happened more than five minutes after it was received is from the future: left out.
4. An anonymous id that ever had exactly one user is that user; a device of several is its own.
5. Where no column tells, a session ends after a time of idleness, whatever the day.

Bots are left out where sessions are counted; see `facts`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlglot import exp, select

from debtplan.warehouse.layout import Layout
from debtplan.warehouse.phrase import (
    above,
    at_most,
    below,
    column,
    counted,
    is_known,
    is_unknown,
    least,
    minus,
    most,
    name,
    number,
    plus,
    when,
    words,
)

SLACK = timedelta(hours=24)
"""How long before and after the days that are counted events are read: the rest of a session."""

FUTURE_US = 300_000_000
"""Microseconds by which an event may have happened after it was received."""

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Span:
    """The sessions that count: those that begin at or after `start` and before `end`.

    Attributes:
        now: What is received later is from the future.
    """

    start: datetime
    end: datetime
    now: datetime


def micros(at: datetime) -> int:
    """Return microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def events_of(layout: Layout, span: Span) -> exp.Select:
    """Return the events that count, each with what tells its session.

    Columns: `who` and `part` are the session; `ev`, `ts`, `err`, `ua`, `d0` ..., `w0` ...
    """
    single = _once(layout, _in_range(layout, span))
    real = _not_future(single, span)
    if layout.has_session:
        own = exp.alias_(column("ses"), name("who"))
        return (
            select(own, exp.alias_(number(0), name("part")), *_carried(layout))
            .from_(real.subquery("e"))
            .where(is_known(column("ses")))
        )
    return _sessions(layout, _people(layout, real, span))


def losses_of(layout: Layout, span: Span) -> exp.Select:
    """Return a query of one row: events, those without a time, those of the future."""
    ts = column("ts")
    latest = plus(exp.Coalesce(this=column("rec"), expressions=[number(micros(span.now))]),
                  number(FUTURE_US))  # fmt: skip
    who = [is_unknown(column("ses"))] if layout.has_session else [
        is_unknown(column("usr")), is_unknown(column("anon")),
    ]  # fmt: skip
    nobody = exp.and_(*who)
    return (
        select(
            exp.Count(this=exp.Star()),
            counted(is_unknown(ts)),
            counted(above(ts, latest)),
            counted(nobody),
        )
        .from_(layout.events(span.start - SLACK).subquery("raw"))
        .where(
            exp.or_(
                is_unknown(ts),
                exp.and_(
                    at_most(number(micros(span.start)), ts),
                    exp.or_(below(ts, number(micros(span.end))), above(ts, latest)),
                ),
            )
        )
    )


def _in_range(layout: Layout, span: Span) -> exp.Select:
    first, last = micros(span.start - SLACK), micros(span.end + SLACK)
    return (
        select("*")
        .from_(layout.events(span.start - SLACK).subquery("raw"))
        .where(at_most(number(first), column("ts")), below(column("ts"), number(last)))
    )


def _once(layout: Layout, events: exp.Select) -> exp.Select:
    """Return every event once: of those with one id, the one received first."""
    if not layout.has_id:
        return events
    ordered = layout.runner.tongue.ordered
    ties = [one for one in ("ev", "err") if one == "ev" or one in layout.texts]
    order = [
        exp.Ordered(this=column("rec"), nulls_first=False),
        exp.Ordered(this=column("ts")),
        *(exp.Ordered(this=ordered(column(one)), nulls_first=True) for one in ties),
    ]
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column("id")],
        order=exp.Order(expressions=order),
    )
    numbered = select("*", exp.alias_(place, name("nth"))).from_(events.subquery("dated"))
    first = exp.EQ(this=column("nth"), expression=number(1))
    return select("*").from_(numbered.subquery("n")).where(exp.or_(first, is_unknown(column("id"))))


def _not_future(events: exp.Select, span: Span) -> exp.Select:
    received = exp.Coalesce(this=column("rec"), expressions=[number(micros(span.now))])
    return (
        select("*")
        .from_(events.subquery("once"))
        .where(at_most(column("ts"), plus(received, number(FUTURE_US))))
    )


def _carried(layout: Layout) -> list[exp.Expr]:
    names = ["ev", "ts", *(one for one in ("err", "ua") if one in layout.texts)]
    names += [f"d{n}" for n in range(len(layout.dimensions))]
    names += [f"w{n}" for n in range(len(layout.values))]
    return [column(one) for one in names]


def _people(layout: Layout, events: exp.Select, span: Span) -> exp.Select:
    """Return events with `who`: the user, the one user of the anonymous id, or that id."""
    user = exp.DPipe(this=words("u:"), expression=column("usr", "e"))
    device = exp.DPipe(this=words("a:"), expression=column("anon", "e"))
    carried = [column(one.name, "e") for one in _carried(layout)]
    if not layout.has_people:
        who = exp.Coalesce(this=user, expressions=[device])
        made = select(exp.alias_(who, name("who")), *carried).from_(events.subquery("e"))
        return made.where(is_known(exp.Coalesce(this=column("usr"), expressions=[column("anon")])))
    only = least(column("usr"))
    alias = (
        select(exp.alias_(column("anon"), name("anon")), exp.alias_(only, name("usr")))
        .from_(_in_range(layout, span).subquery("every"))
        .where(is_known(column("usr")), is_known(column("anon")))
        .group_by(column("anon"))
        .having(exp.EQ(this=only, expression=most(column("usr"))))
    )
    known = exp.DPipe(this=words("u:"), expression=column("usr", "i"))
    who = exp.Coalesce(this=user, expressions=[known, device])
    same = exp.EQ(this=column("anon", "e"), expression=column("anon", "i"))
    return (
        select(exp.alias_(who, name("who")), *carried)
        .from_(events.subquery("e"))
        .join(alias.subquery("i"), on=same, join_type="left")
        .where(is_known(exp.Coalesce(this=column("usr", "e"), expressions=[column("anon", "e")])))
    )


def _sessions(layout: Layout, events: exp.Select) -> exp.Select:
    """Return events with `part`: 1, 2, ... counts the sessions of somebody.

    Events of one instant are peers in the running sum, so they fall into one session.
    """
    idle = number(round(layout.table.session_minutes * 60_000_000))
    by = {"partition_by": [column("who")]}

    def over(this: exp.Expr) -> exp.Window:
        order = exp.Order(expressions=[exp.Ordered(this=column("ts"))])
        return exp.Window(this=this, order=order, **by)

    gap = minus(column("ts"), over(exp.Lag(this=column("ts"))))
    begins = when(at_most(gap, idle), number(0), number(1))
    carried = _carried(layout)
    marked = select(column("who"), exp.alias_(begins, name("begins")), *carried)
    part = exp.alias_(over(exp.Sum(this=column("begins"))), name("part"))
    return select(column("who"), part, *carried).from_(
        marked.from_(events.subquery("p")).subquery("m")
    )
