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
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from math import fsum, sqrt
from statistics import NormalDist

from debtplan.core.flow import EVERYONE, Flow, UxMetric
from debtplan.core.frustration import frustrated_share, misfit
from debtplan.core.reading import Reading, Window, midnight
from debtplan.core.record import Value

CLEAR_P = 0.01
"""A segment's share changed clearly where chance does as much this seldom, in any of its group."""

MOVED_Z = NormalDist().inv_cdf(0.95)
"""Everyone's share moved where it is so many standard errors away; else it is called flat."""

LEAST_CHANGE = 0.05
"""Part of a share by which it has to change to be worth a word."""

COVERED = 0.5
"""Part of a span's days that need readings, on both sides."""

SLACK = 0.02
"""Part by which the segments may hold more sessions than everyone: sources differ a little."""


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


@dataclass(frozen=True, slots=True)
class Spell:
    """A metric over a span.

    Attributes:
        bad: Frustrated sessions.
        total: Sessions.
        variance: Of the share: the larger of the binomial one and that between readings.
    """

    bad: float
    total: float
    variance: float

    @property
    def share(self) -> float:
        """Frustrated share, in [0, 1]."""
        return self.bad / self.total


@dataclass(frozen=True, slots=True)
class Part:
    """A segment before and after."""

    metric: str
    title: str
    before: Spell
    after: Spell

    @property
    def change(self) -> float:
        """Of the share."""
        return self.after.share - self.before.share

    @property
    def z(self) -> float:
        """The change in standard errors; 0 where nothing is known of its error."""
        error = sqrt(self.before.variance + self.after.variance)
        return self.change / error if error > 0 else 0.0

    @property
    def is_small(self) -> bool:
        """Whether the change is too small to be worth a word."""
        return abs(self.change) < LEAST_CHANGE * max(self.before.share, self.after.share)


def kitagawa(parts: Sequence[Part]) -> tuple[float, float]:
    """Return the parts of the whole's change that are the segments' own, and the mix of sessions.

    They add up to the change of the whole's share.
    """
    before = fsum(one.before.total for one in parts)
    after = fsum(one.after.total for one in parts)
    within = mix = 0.0
    for one in parts:
        w_before, w_after = one.before.total / before, one.after.total / after
        within += one.change * (w_before + w_after) / 2
        mix += (w_after - w_before) * (one.before.share + one.after.share) / 2
    return within, mix


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
    for spans in _spans(window):
        for whole, parts in groups:
            for one in _compare(whole, parts, by_metric, spans):
                found.setdefault(one.metric, one)
    return tuple(found[metric] for metric in sorted(found))


@dataclass(frozen=True, slots=True)
class _Spans:
    """Two spans that follow each other, and their words."""

    start: datetime
    middle: datetime
    end: datetime
    words: str


def _spans(window: Window) -> tuple[_Spans, ...]:
    start, end = midnight(window.start_on), midnight(window.end_on)
    length = end - start
    half = start + timedelta(days=window.days // 2)
    last = window.end_on - timedelta(days=1)
    days = f"{window.start_on} to {last}"
    return (
        _Spans(start - length, start, end, f"{days} against the {window.days} days before"),
        _Spans(start, half, end, f"from {half.date()} on against the days since {window.start_on}"),
    )


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
    spans: _Spans,
) -> Iterator[Reversal]:
    """Yield where a group's segments and its whole disagree.

    A whole that is not measured on these days is the sum of its segments.
    """
    parts = [_part(one, readings[one.id], spans) for one in segments]
    known = [one for one in parts if one is not None]
    measured = _part(whole, readings[whole.id], spans) if whole else None
    if len(known) < len(parts):
        return
    rest = _rest(measured, known) if measured else ()
    if rest is None or len(known) + len(rest) < 2:  # noqa: PLR2004 - one segment has no mix
        return
    total = measured or _sum(known)
    words = measured.title if measured else f"all of {', '.join(one.title for one in known)}"
    yield from _disagree(total, known, rest, (words, spans))


def _disagree(
    total: Part, parts: Sequence[Part], rest: Sequence[Part], told: tuple[str, _Spans]
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


def _part(metric: UxMetric, readings: Sequence[Reading], spans: _Spans) -> Part | None:
    before = _spell(metric, readings, spans.start, spans.middle)
    after = _spell(metric, readings, spans.middle, spans.end)
    if before is None or after is None:
        return None
    return Part(metric.id, metric.title, before, after)


def _spell(
    metric: UxMetric, readings: Sequence[Reading], start: datetime, end: datetime
) -> Spell | None:
    """Return a metric over a span; None where its sizes are not known or too few days have any."""
    inside = [one for one in readings if start <= one.start_at and one.end_at <= end]
    if not inside or any(misfit(metric, one) or one.stated_by for one in inside):
        return None
    shares = [frustrated_share(metric, one) for one in inside]
    sizes = [one.sample_size or 0.0 for one in shares]
    covered = sum(((one.end_at - one.start_at) for one in inside), timedelta())
    if covered < COVERED * (end - start) or not all(sizes):
        return None
    total = fsum(sizes)
    bad = fsum(one.share * size for one, size in zip(shares, sizes, strict=True))
    return Spell(bad, total, _variance([one.share for one in shares], sizes, bad / total))


def _variance(shares: Sequence[float], sizes: Sequence[float], mean: float) -> float:
    """Return the variance of a mean share: binomial, or between readings where that is more."""
    total = fsum(sizes)
    binomial = mean * (1 - mean) / total
    if len(shares) < 3:  # noqa: PLR2004 - two readings say nothing about how readings differ
        return binomial
    squares = fsum((s * (one - mean)) ** 2 for one, s in zip(shares, sizes, strict=True))
    return max(binomial, squares / total**2 * len(shares) / (len(shares) - 1))


def _sum(parts: Sequence[Part]) -> Part:
    """Return all segments together."""
    name = "+".join(sorted(one.metric for one in parts))
    before = _together([one.before for one in parts])
    after = _together([one.after for one in parts])
    return Part(name, "all of them", before, after)


def _together(spells: Sequence[Spell]) -> Spell:
    total = fsum(one.total for one in spells)
    variance = fsum(one.variance * (one.total / total) ** 2 for one in spells)
    return Spell(fsum(one.bad for one in spells), total, variance)


def _rest(total: Part, parts: Sequence[Part]) -> tuple[Part, ...] | None:
    """Return the users of the whole that no segment holds, none, or None where that cannot be."""
    left = []
    for whole, spells in (
        (total.before, [one.before for one in parts]),
        (total.after, [one.after for one in parts]),
    ):
        size = whole.total - fsum(one.total for one in spells)
        bad = whole.bad - fsum(one.bad for one in spells)
        if size < -SLACK * whole.total:
            return None
        left.append((size, bad, whole.total))
    if any(size <= SLACK * whole for size, _, whole in left):
        return ()
    if any(not 0 <= bad <= size for size, bad, _ in left):
        return None
    (n_before, b_before, _), (n_after, b_after, _) = left
    spells = [
        Spell(b, n, b / n * (1 - b / n) / n) for b, n in ((b_before, n_before), (b_after, n_after))
    ]
    return (Part("", "the others", spells[0], spells[1]),)
