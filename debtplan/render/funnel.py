"""Where a flow loses its users, step by step and segment by segment, from the steps' own counts."""

from collections.abc import Iterator, Sequence
from math import fsum
from typing import NamedTuple

from debtplan.core.flow import EVERYONE, Flow, MetricKind, UxMetric
from debtplan.core.frustration import misfit
from debtplan.core.reading import Counts
from debtplan.core.text import clean_line
from debtplan.render.facts import Facts
from debtplan.render.number import full, listed, percent, sentence, window_days

FLOWS = 4
"""Flows whose funnel is drawn, those that lose most beyond what is normal first."""

BARS = 16
"""Bars of one funnel, those of the worst step first; the table holds all."""

NAMED = 3
"""Other steps that the title names."""

NAME = 60

EVERYBODY = "everyone"

LEAST_PART = 0.1
"""Part of the harm of the step's largest segment that one needs to be named."""

ALIKE = 1.1
"""Segments of which none loses so many times the others' share are told of together."""


class Bar(NamedTuple):
    """One segment at one step.

    Attributes:
        metric: Id of the metric that counts it.
        users: The segment, for people; `EVERYBODY` where it is all.
        entered: Sessions that came to the step in the window.
        lost: Those of them that did not go on.
        reach: `entered` as a part of those at the segment's first measured step, in (0, 1].
        harm: Sessions lost beyond what is normal, per sprint; 0 where that is not known.
    """

    metric: str
    step: str
    users: str
    entered: float
    lost: float
    reach: float
    harm: float

    @property
    def share(self) -> float:
        """Part of the sessions that came to the step and did not go on, in [0, 1]."""
        return self.lost / self.entered


class Funnel(NamedTuple):
    """A flow's measured steps.

    Attributes:
        title: Its finding.
        bars: In the order of steps and segments; two at least.
        worst: Index of the bar that the title is about.
        axis: What the bars are.
        source: Names of the metrics' sources.
        rows: Step, users, came, lost, share: all of it, for a table.
    """

    flow: str
    title: str
    bars: tuple[Bar, ...]
    worst: int
    axis: str
    source: str
    rows: tuple[tuple[str, ...], ...]


HEADS = ("Step", "Users", "Came to it", "Lost there", "Share")


def read_funnels(facts: Facts) -> tuple[Funnel, ...]:
    """Return the funnels of flows with two measured places or more, the worst flow first."""
    found = []
    for flow in facts.plan.inputs.flows:
        bars = _bars(facts, flow)
        if len(bars) > 1:
            harm = fsum(one.harm for one in bars)
            found.append((-harm, flow.id, _funnel(facts, flow, bars)))
    return tuple(one for *_, one in sorted(found, key=lambda row: row[:2])[:FLOWS])


def _bars(facts: Facts, flow: Flow) -> list[Bar]:
    """Return a flow's places with their counts, by step and segment."""
    order = {segment.id: n for n, segment in enumerate(flow.segments, 1)} | {EVERYONE: 0}
    places: dict[tuple[int, int, str], Bar] = {}
    for metric in facts.plan.inputs.metrics:
        if metric.flow != flow.id or metric.step not in flow.steps or not _is_loss(facts, metric):
            continue
        counts = _counts(facts, metric)
        if counts is None:
            continue
        segment = metric.segment
        place = (flow.steps.index(metric.step), order.get(segment, len(order)), segment)
        bar = Bar(
            metric=metric.id,
            step=facts.step(metric),
            users=EVERYBODY if segment == EVERYONE else _words(segment),
            entered=counts[1],
            lost=counts[0],
            reach=1.0,
            harm=facts.harm(metric.id).harm or 0.0,
        )
        known = places.get(place)
        if known is None or (known.harm, known.metric) < (bar.harm, bar.metric):
            places[place] = bar
    return list(_with_reach([places[place] for place in sorted(places)]))


def _is_loss(facts: Facts, metric: UxMetric) -> bool:
    """Tell whether a metric counts who is lost at its step.

    One that calls any loss normal is only tracked: what it counts need not be this step alone.
    """
    return metric.kind is MetricKind.DROP_OFF and facts.harm(metric.id).goal != 1


def _counts(facts: Facts, metric: UxMetric) -> tuple[float, float] | None:
    """Return lost and entered sessions of the window; None where they are not counted."""
    window = facts.appraisal.window
    inside = [one for one in facts.readings(metric.id) if window.holds(one)]
    counted = [
        one.measure
        for one in inside
        if isinstance(one.measure, Counts) and not one.stated_by and not misfit(metric, one)
    ]
    if not counted or len(counted) < len(inside):
        return None
    return fsum(one.bad for one in counted), fsum(one.total for one in counted)


def _with_reach(bars: Sequence[Bar]) -> Iterator[Bar]:
    """Yield bars with their part of the sessions at the segment's first step.

    Where a later step counts more sessions than the first, they are not of one funnel: each bar
    then stands for itself.
    """
    first: dict[str, float] = {}
    grows: set[str] = set()
    for one in bars:
        if one.entered > first.setdefault(one.users, one.entered):
            grows.add(one.users)
    for one in bars:
        yield one if one.users in grows else one._replace(reach=one.entered / first[one.users])


def _funnel(facts: Facts, flow: Flow, bars: list[Bar]) -> Funnel:
    worst = _worst(bars)
    kept = bars
    if len(bars) > BARS:
        ranked = sorted(bars, key=lambda one: (one.step != worst.step, -one.harm, -one.lost))
        kept = [one for one in bars if one in ranked[:BARS]]
    is_one = len({one.step for one in bars}) == 1
    start = "this step" if is_one else bars[0].step
    more = f"; {len(bars) - len(kept)} more in the table" if len(bars) > len(kept) else ""
    sources = sorted({facts.metrics[one.metric].source or "source not stated" for one in bars})
    name = clean_line(flow.title, NAME)
    return Funnel(
        flow=flow.id,
        title=_title(worst, bars),
        bars=tuple(kept),
        worst=kept.index(worst),
        axis=(
            f"{name}: part of the sessions that come to {start}; pale goes on, dark is lost there. "
            f"{window_days(facts.appraisal.window)}{more}"
        ),
        source=f"{name}, counts of each step ({listed([clean_line(s, NAME) for s in sources])})",
        rows=tuple(
            (one.step, one.users, full(one.entered), full(one.lost), percent(one.share, 3))
            for one in bars
        ),
    )


def _worst(bars: Sequence[Bar]) -> Bar:
    """Return the segment that loses the largest share, at the step that loses most.

    Most beyond what is normal, where that is known. Segments that hardly weigh there do not count.
    """
    by_step: dict[str, list[Bar]] = {}
    for one in bars:
        by_step.setdefault(one.step, []).append(one)
    step = max(sorted(by_step), key=lambda name: _weight(by_step[name]))
    most = max(one.harm for one in by_step[step])
    there = [one for one in by_step[step] if one.harm >= LEAST_PART * most]
    return max(there, key=lambda one: (one.share, one.harm, one.metric))


def _weight(bars: Sequence[Bar]) -> tuple[float, float]:
    """Return the harm of a step, each session once, and its largest lost share."""
    everyone = [one.harm for one in bars if one.users == EVERYBODY]
    parts = fsum(one.harm for one in bars if one.users != EVERYBODY)
    return max([parts, *everyone]), max(one.share for one in bars)


def _title(worst: Bar, bars: Sequence[Bar]) -> str:
    """Return the finding: `Users abroad are lost at shipping: 54% of them, 18% of others`."""
    same = [one for one in bars if one.step == worst.step and one.users != EVERYBODY]
    beside = [one for one in same if one is not worst]
    if worst.users != EVERYBODY and beside and worst.share > ALIKE * _pooled(beside):
        others = f"{beside[0].users} users" if len(beside) == 1 else "others"
        said = f"{worst.users} users are lost at {worst.step}: {percent(worst.share)} of them"
        return sentence(f"{said}, {percent(_pooled(beside))} of {others}")[:-1]
    own = [worst] if worst.users == EVERYBODY or not beside else same
    along: dict[str, list[Bar]] = {}
    for one in bars:
        if one.step != worst.step and one.users in {each.users for each in own}:
            along.setdefault(one.step, []).append(one)
    named = [f"{percent(_pooled(some))} at {step}" for step, some in along.items()][:NAMED]
    is_some = own == [worst] and worst.users != EVERYBODY
    people = f"{worst.users} users" if is_some else "users"
    said = f"{people} are lost at {worst.step}: {percent(_pooled(own))} of them"
    return sentence(f"{said}{f'; {listed(named)}' if named else ''}")[:-1]


def _pooled(bars: Sequence[Bar]) -> float:
    """Return the part of all their sessions that is lost, in [0, 1]."""
    return fsum(one.lost for one in bars) / fsum(one.entered for one in bars)


def _words(segment: str) -> str:
    return clean_line(segment.replace("_", " "), NAME)
