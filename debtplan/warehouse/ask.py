"""Queries on the table of sessions; see `facts`. Each returns a few rows, whatever the events."""

from collections.abc import Sequence

from sqlglot import exp, select, union

from debtplan.core.flow import EVERYONE, MetricKind
from debtplan.warehouse.facts import Facts
from debtplan.warehouse.phrase import (
    all_of,
    at_most,
    below,
    column,
    counted,
    is_unknown,
    minus,
    name,
    number,
    summed,
    when,
    words,
)
from debtplan.warehouse.question import Question, matches

SESSIONS = "debtplan_sessions"
"""Name of the table of sessions: a temporary one, or a part of each query."""

RANKS = (50, 75, 95, 99)
"""Percentiles of times."""

TOP = 20
"""Values of a dimension that are tallied: those with most sessions."""


def about(facts: Facts, question: Question) -> exp.Expr:
    """Return that a session belongs to a question: it is in the segment and met the step."""
    return all_of((question.met, matches(question.segment, facts.constant)))


def daily(facts: Facts, questions: Sequence[Question]) -> exp.Select:
    """Return a row a day: for each question sessions, bad ones, and those that recovered."""
    figures: list[exp.Expr] = []
    for one in questions:
        base = about(facts, one)
        is_bad = one.failed if one.metric.kind is MetricKind.ERROR_RATE else exp.EQ(
            this=one.weight, expression=number(2)
        )  # fmt: skip
        mended = (base, one.failed, one.recovered)
        is_error = one.metric.kind is MetricKind.ERROR_RATE
        figures += [
            counted(base),
            counted(all_of((base, is_bad))),
            counted(all_of(mended)) if is_error else number(0),
        ]
    return select(column("day"), *figures).from_(name(SESSIONS)).group_by(column("day"))


def times(facts: Facts, question: Question) -> exp.Select:
    """Return a row a day: sessions, and the percentiles of a timed question's time.

    Percentile p is the smallest time that at least p% of the sessions do not exceed.
    """
    day = column("day")
    known = select(exp.alias_(day, name("grp")), exp.alias_(question.time, name("v")))
    return _ranked(known.from_(name(SESSIONS)).where(about(facts, question)), RANKS)


def _ranked(values: exp.Select, ranks: Sequence[int]) -> exp.Select:
    """Return (group, how many, percentiles) of `grp` and `v`."""
    group, value, nth, total = (column(one) for one in ("grp", "v", "nth", "n"))
    order = exp.Order(expressions=[exp.Ordered(this=value.copy())])
    place = exp.Window(this=exp.RowNumber(), partition_by=[group.copy()], order=order)
    size = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[group.copy()])
    numbered = select(
        group, value, exp.alias_(place, name("nth")), exp.alias_(size, name("n"))
    ).from_(values.subquery("known"))

    def percentile(rank: int) -> exp.Expr:
        needed = exp.Mul(this=total.copy(), expression=number(rank))
        reached = at_most(needed, exp.Mul(this=nth.copy(), expression=number(100)))
        before = exp.Mul(this=minus(nth, number(1)), expression=number(100))
        return exp.Max(this=when(all_of((reached, below(before, needed))), value))

    return (
        select(group, total, *(percentile(rank) for rank in ranks))
        .from_(numbered.subquery("r"))
        .group_by(group, total)
    )


def overlap(facts: Facts, questions: Sequence[Question]) -> exp.Select:
    """Return one row: sessions, twice those that any question frustrated, twice each one's.

    The questions are of one place.
    """
    first = questions[0]
    weights = [when(about(facts, one), one.weight, number(0)) for one in questions]
    union_ = exp.Greatest(this=weights[0].copy(), expressions=[one.copy() for one in weights[1:]])
    entered = exp.Not(this=is_unknown(column(f"t{first.step}")))
    here = all_of((entered, matches(first.segment, facts.constant)))
    return (
        select(exp.Count(this=exp.Star()), summed(union_), *(summed(one) for one in weights))
        .from_(name(SESSIONS))
        .where(here)
    )


def strata_of(facts: Facts, question: Question, dimension: str) -> tuple[str, ...]:
    """Return by what sessions are compared apart from a dimension; `segment` stands for theirs."""
    table = facts.layout.table
    found = [one for one in table.within if one != dimension]
    if table.by_segment and question.metric.segment == EVERYONE:
        found.append("segment")
    return tuple(found)


def group_of(facts: Facts, one: str) -> exp.Expr:
    """Return the value of a constant dimension, or the segment; "" where there is none."""
    if one == "segment":
        made = exp.Case()
        for segment, tests in sorted(facts.layout.table.segments.items()):
            made = made.when(matches(tests, facts.constant), words(segment))
        return made.else_(words(""))
    value = column(f"s{facts.constant.index(one)}")
    return exp.Coalesce(this=value, expressions=[words("")])


def totals(facts: Facts, question: Question, strata: Sequence[str]) -> exp.Select:
    """Return (strata..., sessions, twice the bad ones) of a question."""
    groups = [group_of(facts, one) for one in strata]
    named = [exp.alias_(one, name(f"g{n}")) for n, one in enumerate(groups)]
    inner = select(*named, exp.alias_(question.weight, name("w"))).from_(name(SESSIONS))
    return _cells(inner.where(about(facts, question)), [f"g{n}" for n in range(len(groups))])


def tally(facts: Facts, question: Question, dimension: str, strata: Sequence[str]) -> exp.Select:
    """Return (value, strata..., sessions, twice the bad ones) of the values with most sessions."""
    groups = [exp.alias_(group_of(facts, one), name(f"g{n}")) for n, one in enumerate(strata)]
    weight = exp.alias_(question.weight, name("w"))
    base = about(facts, question)

    def marked(value: exp.Expr, *also: exp.Expr) -> exp.Select:
        made = select(exp.alias_(value, name("v")), *(one.copy() for one in (*groups, weight)))
        return made.from_(name(SESSIONS)).where(all_of((base, *also)))

    inner: exp.Query
    if dimension in facts.constant:
        inner = marked(group_of(facts, dimension))
    else:
        place = f"{question.step}_{facts.marks.index(dimension)}"
        each = marked(exp.Explode(this=column(f"m{place}")))
        none = marked(exp.cast(words(""), "text"), is_unknown(column(f"a{place}")))
        inner = union(each, none, distinct=False)
    keys = ["v", *(f"g{n}" for n in range(len(strata)))]
    return _top(_cells(inner, keys), [*keys, "n", "bad"], facts)


def _cells(inner: exp.Query, keys: Sequence[str]) -> exp.Select:
    figures = (
        exp.alias_(exp.Count(this=exp.Star()), name("n")),
        exp.alias_(summed(column("w")), name("bad")),
    )
    made = select(*(column(one) for one in keys), *figures).from_(inner.subquery("i"))
    return made.group_by(*(column(one) for one in keys)) if keys else made


def _top(cells: exp.Select, carried: Sequence[str], facts: Facts) -> exp.Select:
    """Return the cells of the values with most sessions; of equals, the first by their bytes."""
    total = exp.Window(this=summed(column("n")), partition_by=[column("v")])
    ordered = facts.layout.runner.tongue.ordered(column("v"))
    order = exp.Order(
        expressions=[exp.Ordered(this=column("total"), desc=True), exp.Ordered(this=ordered)]
    )
    kept = [column(one) for one in carried]
    sized = select(*kept, exp.alias_(total, name("total"))).from_(cells.subquery("c"))
    rank = exp.alias_(exp.Window(this=exp.DenseRank(), order=order), name("rnk"))
    ranked = select(*kept, rank).from_(sized.subquery("z"))
    return select(*kept).from_(ranked.subquery("r")).where(at_most(column("rnk"), number(TOP)))


def funnel(facts: Facts, by: str, segment: exp.Expr, middle_us: int) -> exp.Select:
    """Return (value, whether in the later half, and of each step: entered, not lost there).

    Only the values with most sessions, all of them where `by` is empty.
    """
    group = group_of(facts, by) if by else exp.cast(words(""), "text")
    recent = when(at_most(number(middle_us), column("day")), number(1), number(0))
    figures: list[exp.Expr] = []
    last = len(facts.steps) - 1
    window = number(round(facts.layout.table.conversion_minutes * 60_000_000))
    for n in range(len(facts.steps)):
        here = column(f"t{n}")
        limit = exp.Add(this=here.copy(), expression=window.copy())
        later = [at_most(column(f"t{other}"), limit) for other in range(n + 1, last + 1)]
        reached = exp.or_(*later) if later else exp.Not(this=is_unknown(here))
        known = exp.Not(this=is_unknown(here))
        figures += [
            exp.alias_(when(known, number(1), number(0)), name(f"e{n}")),
            exp.alias_(when(all_of((known, reached)), number(1), number(0)), name(f"r{n}")),
        ]
    inner = select(
        exp.alias_(group, name("v")), exp.alias_(recent, name("half")), *figures
    ).from_(name(SESSIONS)).where(segment)  # fmt: skip
    names = [one.output_name for one in figures]
    cells = select(
        column("v"),
        column("half"),
        exp.alias_(exp.Count(this=exp.Star()), name("n")),
        *(exp.alias_(summed(column(one)), name(one)) for one in names),
    ).from_(inner.subquery("i")).group_by(column("v"), column("half"))  # fmt: skip
    return _top(cells, ["v", "half", *names], facts)


def step_times(facts: Facts, by: str, segment: exp.Expr, step: int) -> exp.Select:
    """Return (value, sessions, median microseconds from a step to the next)."""
    here, following = column(f"t{step}"), column(f"t{step + 1}")
    window = number(round(facts.layout.table.conversion_minutes * 60_000_000))
    limit = exp.Add(this=here.copy(), expression=window)
    inside = all_of((segment, at_most(here, following), at_most(following, limit)))
    group = group_of(facts, by) if by else exp.cast(words(""), "text")
    known = select(exp.alias_(group, name("grp")), exp.alias_(minus(following, here), name("v")))
    return _ranked(known.from_(name(SESSIONS)).where(inside), (50,))
