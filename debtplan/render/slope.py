"""Segments that move against everyone together: two dates, a line each, and the sentence."""

from datetime import timedelta
from typing import NamedTuple

from debtplan.core.simpson import Reversal, Twist, find_reversals
from debtplan.core.text import clean_line
from debtplan.render.facts import Facts
from debtplan.render.number import days, full, percent, sentence

SLOPES = 3
"""Disagreements that are drawn."""

LINES = 8
"""Segments of one chart, those with most sessions; the table holds all."""

NAME = 80

MINUS = "\N{MINUS SIGN}"

HEADS = ("Users", "Before", "After", "Sessions before", "Sessions after")


class SlopeLine(NamedTuple):
    """A share before and after, in [0, 1].

    Attributes:
        name: Whose.
        is_whole: Whether it is everyone's.
        is_told: Whether the sentence is about it.
    """

    name: str
    before: float
    after: float
    is_whole: bool
    is_told: bool


class Slope(NamedTuple):
    """A disagreement of segments and everyone.

    Attributes:
        metric: Id of the metric it is about.
        title: Its finding.
        split: Where the change comes from, one sentence.
        spans: The days before and after, in words.
        lines: Everyone last.
        source: What was measured.
        rows: All lines, in the columns of `HEADS`.
    """

    metric: str
    title: str
    split: str
    spans: tuple[str, str]
    lines: tuple[SlopeLine, ...]
    source: str
    rows: tuple[tuple[str, ...], ...]


def read_slopes(facts: Facts) -> tuple[Slope, ...]:
    """Return where segments and everyone disagree, those with most harm first."""
    if not any({"within", "mix"} <= one.figures.keys() for one in facts.plan.findings):
        return ()
    inputs = facts.plan.inputs
    flows = {flow.id: flow for flow in inputs.flows}
    found = find_reversals(inputs.metrics, flows, inputs.readings, facts.appraisal.window)
    ranked = sorted(found, key=lambda one: (-(facts.harm(one.metric).harm or 0.0), one.metric))
    return tuple(_slope(facts, one) for one in ranked[:SLOPES])


def _slope(facts: Facts, one: Reversal) -> Slope:
    start, middle, end = one.days
    ordered = sorted(one.lines, key=lambda line: (line.metric != one.metric, -line.total_after))
    lines = [
        SlopeLine(
            name=_who(facts, line.metric, line.title),
            before=line.before,
            after=line.after,
            is_whole=False,
            is_told=line.metric == one.metric,
        )
        for line in ordered
    ]
    is_mix = one.twist in {Twist.MIX_WORSE, Twist.MIX_BETTER}
    whole = SlopeLine("everyone", one.whole_before, one.whole_after, is_whole=True, is_told=is_mix)
    one_day = timedelta(days=1)
    spans = (days(start, middle - one_day), days(middle, end - one_day))
    totals = (
        sum(line.total_before for line in one.lines),
        sum(line.total_after for line in one.lines),
    )
    rows = [
        (row.name, percent(row.before, 3), percent(row.after, 3), *map(full, sizes))
        for row, sizes in zip(
            (*lines, whole),
            [*((line.total_before, line.total_after) for line in ordered), totals],
            strict=True,
        )
    ]
    return Slope(
        metric=one.metric,
        title=_title(one),
        split=_split(one),
        spans=spans,
        lines=(*lines[:LINES], whole),
        source=facts.metric_name(one.metric),
        rows=tuple(rows),
    )


def _title(one: Reversal) -> str:
    """Return the finding in one line, without the split."""
    name, whole = clean_line(one.title, NAME), clean_line(one.whole, NAME)
    own = f"{percent(one.before)} to {percent(one.after)}"
    both = f"{percent(one.whole_before)} to {percent(one.whole_after)}"
    said = {
        Twist.HIDDEN: f"{name} rose from {own}, unseen in {whole} ({both})",
        Twist.REVERSED: f"{name} fell from {own}, though {whole} rose ({both})",
        Twist.MIX_WORSE: f"{whole} rose from {both}, but no segment got worse",
        Twist.MIX_BETTER: f"{whole} fell from {both}, but no segment got better",
    }
    return sentence(said[one.twist])[:-1]


def _split(one: Reversal) -> str:
    change, within, mix = (
        f"{100 * part:+.1f}".replace("-", MINUS)
        for part in (one.whole_after - one.whole_before, one.within, one.mix)
    )
    return (
        f"Of the change of everyone ({change} percentage points), {within} come from the segments "
        f"themselves and {mix} from another mix of sessions."
    )


def _who(facts: Facts, metric: str, title: str) -> str:
    """Return whose line it is: the segment; the metric's name where no segment is known."""
    known = facts.metrics.get(metric)
    if known is None:
        return clean_line(title, NAME)
    return clean_line(known.segment.replace("_", " "), NAME)
