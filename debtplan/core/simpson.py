"""Segments that got worse while everyone together did not, and the other way round.

The frustrated share of everyone is the mean of the segments' shares r, weighted by their parts w of
the sessions. When it changes, segments changed or the mix of sessions did; Kitagawa (1955) splits
the change into the two without remainder:

    within = sum over segments of (r_after - r_before) * (w_before + w_after) / 2
    mix    = sum over segments of (w_after - w_before) * (r_before + r_after) / 2

A segment can get worse unseen, because the mix gets better at the same time (Simpson 1951), and
everyone can seem to get worse although no segment did.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from itertools import groupby
from statistics import NormalDist

from debtplan.core.flow import EVERYONE, Flow, UxMetric
from debtplan.core.reading import Reading, Window
from debtplan.core.record import Value
from debtplan.core.spell import Part, Spans, add_parts, kitagawa, read_part, rest_of, spans_of

CLEAR_P = 0.01
"""A segment's share changed clearly where chance does as much this seldom, in any of its group."""

MOVED_Z = NormalDist().inv_cdf(0.95)
"""Everyone's share moved where it is so many standard errors away; else it is called flat."""


class Twist(StrEnum):
    """How segments and everyone disagree."""

    HIDDEN = "a segment got worse, everyone did not"
    REVERSED = "a segment got better, everyone worse"
    MIX_WORSE = "everyone got worse, no segment did"
    MIX_BETTER = "everyone got better, no segment did"


class Line(Value):
    """A segment of a group before and after; shares in [0, 1].

    Attributes:
        metric: Its id; "" for the users that no metric holds.
        title: Its name for people.
        total_before: Sessions before.
        total_after: Sessions afterwards.
    """

    metric: str
    title: str
    before: float
    after: float
    total_before: float
    total_after: float


class Reversal(Value):
    """A disagreement between everyone and its segments. Shares are frustrated shares in [0, 1].

    Attributes:
        metric: Id of the segment's metric; of everyone's where the mix alone changed.
        title: Its name for people.
        whole: What everyone is, in words.
        before: Share of `metric` before.
        after: The same afterwards.
        whole_before: Share of everyone before.
        whole_after: The same afterwards.
        within: Part of everyone's change that is the segments' own.
        mix: Part of it that is the mix of sessions.
        span: What is compared, in words.
        days: First day before, first day afterwards, and the day after the last.
        lines: Every segment of the group, in its order.
    """

    twist: Twist
    metric: str
    title: str
    whole: str
    before: float
    after: float
    whole_before: float
    whole_after: float
    within: float
    mix: float
    span: str
    days: tuple[date, date, date]
    lines: tuple[Line, ...] = ()

    def say(self) -> str:
        """Return it in one sentence."""
        both = f"{self.whole_before:.1%} to {self.whole_after:.1%}"
        split = (
            f"{100 * self.within:+.1f} points come from the segments themselves, "
            f"{100 * self.mix:+.1f} from another mix of sessions"
        )
        own = f"{self.before:.1%} to {self.after:.1%}"
        if self.twist is Twist.HIDDEN:
            said = f"{self.title} rose from {own}, unseen in {self.whole} ({both})"
        elif self.twist is Twist.REVERSED:
            said = f"{self.title} fell from {own}, though {self.whole} rose ({both})"
        elif self.twist is Twist.MIX_WORSE:
            said = f"{self.whole} rose from {both}, but no segment got worse"
        else:
            said = f"{self.whole} fell from {both}, but no segment got better"
        return f"{said}: {split}, {self.span}"


def find_reversals(
    metrics: Sequence[UxMetric],
    flows: Mapping[str, Flow],
    readings: Sequence[Reading],
    window: Window,
) -> tuple[Reversal, ...]:
    """Return where segments and everyone disagree, by metric.

    Two comparisons are made: the window with the one before it, and its second half with its first.
    A metric is named once.

    Args:
        metrics: What is measured.
        flows: Flows by id, for the segments' parents.
        readings: Of the history, in any order.
        window: The days that count.
    """
    groups = list(_groups(metrics, flows))
    wanted = {metric.id for whole, parts in groups for metric in (*parts, *_some(whole))}
    by_metric: dict[str, list[Reading]] = {name: [] for name in wanted}
    for reading in sorted(readings, key=lambda one: (one.metric, one.start_at, one.source)):
        if reading.metric in wanted:
            by_metric[reading.metric].append(reading)
    found: dict[str, Reversal] = {}
    for spans in spans_of(window):
        for whole, parts in groups:
            for one in _compare(whole, parts, by_metric, spans):
                found.setdefault(one.metric, one)
    return tuple(found[metric] for metric in sorted(found))


def _some(metric: UxMetric | None) -> tuple[UxMetric, ...]:
    return () if metric is None else (metric,)


def _groups(
    metrics: Sequence[UxMetric], flows: Mapping[str, Flow]
) -> Iterator[tuple[UxMetric | None, list[UxMetric]]]:
    """Yield metrics with those of their nearest measured segments, and siblings without a whole."""
    alike = sorted(metrics, key=lambda one: (_measure_of(one), one.id))
    for _, group in groupby(alike, key=_measure_of):
        members = list(group)
        first = {metric.segment: metric for metric in members}
        if any(first[one.segment] is not one for one in members):
            continue  # two such metrics of one segment: which of them belongs to which is not known
        if len(members) > 1 and members[0].flow in flows:
            parents = {one.id: one.parent for one in flows[members[0].flow].segments}
            by_parent: dict[str, list[UxMetric]] = {}
            for metric in members:
                if metric.segment != EVERYONE:
                    above = _above(metric.segment, first, parents)
                    by_parent.setdefault(above, []).append(metric)
            for above, parts in sorted(by_parent.items()):
                if above in first or len(parts) > 1:
                    yield first.get(above), parts


def _measure_of(metric: UxMetric) -> tuple[str, ...]:
    """Return what metrics share that measure the same of different users."""
    limits = (metric.threshold_s, metric.vital, metric.reporting_rate, metric.unit)
    return (metric.flow, metric.step, metric.kind.value, *(str(one) for one in limits))


def _above(segment: str, measured: Mapping[str, UxMetric], parents: Mapping[str, str]) -> str:
    """Return the nearest measured segment above one, or everyone."""
    above = parents.get(segment, EVERYONE)
    while above != EVERYONE and above not in measured:
        above = parents.get(above, EVERYONE)
    return above


def _compare(
    whole: UxMetric | None,
    segments: Sequence[UxMetric],
    readings: Mapping[str, Sequence[Reading]],
    spans: Spans,
) -> Iterator[Reversal]:
    """Yield where a group's segments and its whole disagree.

    A whole that is not measured on these days is the sum of its segments.
    """
    parts = [read_part(one, readings[one.id], spans) for one in segments]
    known = [one for one in parts if one is not None]
    measured = read_part(whole, readings[whole.id], spans) if whole else None
    if len(known) < len(parts):
        return
    rest = rest_of(measured, known) if measured else ()
    if rest is None or len(known) + len(rest) < 2:  # noqa: PLR2004 - one segment has no mix
        return
    total = measured or add_parts(known)
    words = measured.title if measured else f"all of {', '.join(one.title for one in known)}"
    yield from _disagree(total, known, rest, (words, spans))


def _disagree(
    total: Part, parts: Sequence[Part], rest: Sequence[Part], told: tuple[str, Spans]
) -> Iterator[Reversal]:
    everyone = [*parts, *rest]
    words, spans = told
    split = kitagawa(everyone)
    clear = NormalDist().inv_cdf(1 - CLEAR_P / len(parts))
    worse = [one for one in parts if one.z > clear and not one.is_small]
    better = [one for one in parts if one.z < -clear and not one.is_small]

    def reversal(twist: Twist, one: Part) -> Reversal:
        return Reversal(
            twist=twist,
            metric=one.metric,
            title=one.title,
            whole=words,
            before=one.before.share,
            after=one.after.share,
            whole_before=total.before.share,
            whole_after=total.after.share,
            within=split[0],
            mix=split[1],
            span=spans.words,
            days=(spans.start.date(), spans.middle.date(), spans.end.date()),
            lines=tuple(_line(one) for one in everyone),
        )

    hidden = worse if total.z < MOVED_Z else ()
    reversed_ = better if total.z > MOVED_Z else ()
    yield from (reversal(Twist.HIDDEN, one) for one in hidden)
    yield from (reversal(Twist.REVERSED, one) for one in reversed_)
    if hidden or reversed_ or total.is_small or abs(split[1]) <= abs(split[0]):
        return
    if total.z > clear and not any(one.z > MOVED_Z for one in everyone):
        yield reversal(Twist.MIX_WORSE, total)
    if total.z < -clear and not any(one.z < -MOVED_Z for one in everyone):
        yield reversal(Twist.MIX_BETTER, total)


def _line(part: Part) -> Line:
    return Line(
        metric=part.metric,
        title=part.title,
        before=part.before.share,
        after=part.after.share,
        total_before=part.before.total,
        total_after=part.after.total,
    )
