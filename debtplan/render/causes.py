"""How we know: what bad sessions have in common, what moves together, and when levels changed."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from debtplan.core.chains import Chain, build_chains, releases_before
from debtplan.core.consistency import UNITS, better_of, say_value
from debtplan.core.flow import CONSISTENCY, MetricKind
from debtplan.core.movement import Shift
from debtplan.core.suspects import Suspect, find_suspects
from debtplan.core.text import clean_line
from debtplan.render.facts import Facts
from debtplan.render.funnel import Funnel, read_funnels
from debtplan.render.number import about, day, days, listed, percent, sentence
from debtplan.render.slope import Slope, read_slopes

SUSPECTS = 3
"""Marks that are told of one metric."""

METRICS = 4
"""Metrics whose marks are told, those that hurt most first."""

CHAINS = 4
SHIFTS = 6


class MarkLine(NamedTuple):
    """A mark: what it is, its part of the bad sessions with the interval, and who is on it.

    Attributes:
        parts: Lower end, fraction and upper end, in [0, 1].
    """

    mark: str
    parts: tuple[float, float, float]
    figure: str
    sessions: str
    items: str
    note: str


class MarkGroup(NamedTuple):
    """The marks of one metric, and where and when they were counted."""

    title: str
    claim: str
    marks: tuple[MarkLine, ...]
    source: str


class ChainLine(NamedTuple):
    """Metrics that move one after the other: their names in order, and ids for charts."""

    words: str
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Causes:
    """All of it.

    Attributes:
        funnels: Where flows lose their users.
        slopes: Where a segment and everyone disagree.
        shifts: A sentence for each level that changed, with the releases beside it.
        shifted: Days of the shifts by metric, for charts.
    """

    funnels: tuple[Funnel, ...]
    slopes: tuple[Slope, ...]
    groups: tuple[MarkGroup, ...]
    chains: tuple[ChainLine, ...]
    shifts: tuple[str, ...]
    shifted: dict[str, tuple[date, ...]]

    @property
    def is_told(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.funnels or self.slopes or self.groups or self.chains or self.shifts)

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, for forms without charts."""
        chains = (f"Moves together: {one.words}" for one in self.chains)
        marks = (f"{one.title}: {one.claim}" for one in self.groups)
        funnels = (f"{one.title}." for one in self.funnels)
        slopes = (f"{one.title}. {one.split}" for one in self.slopes)
        return (*funnels, *marks, *slopes, *chains, *self.shifts)


def write_causes(facts: Facts) -> Causes:
    """Return how we know, from what was counted and measured."""
    inputs = facts.plan.inputs
    shown = [one for one in inputs.shifts if one.metric in facts.metrics]
    by_metric: dict[str, list[date]] = {}
    for one in shown:
        by_metric.setdefault(one.metric, []).append(one.on)
    chains = build_chains(inputs.movements)
    return Causes(
        funnels=read_funnels(facts),
        slopes=read_slopes(facts),
        groups=tuple(_groups(facts)),
        chains=tuple(_chain(facts, one) for one in chains[:CHAINS]),
        shifts=tuple(_shift(facts, one) for one in _largest(facts, shown)),
        shifted={metric: tuple(sorted(days)) for metric, days in by_metric.items()},
    )


def _groups(facts: Facts) -> list[MarkGroup]:
    inputs, appraisal = facts.plan.inputs, facts.appraisal
    suspects = find_suspects(inputs.tallies, inputs.as_of, appraisal.harms, appraisal.links)
    by_metric: dict[str, list[Suspect]] = {}
    for one in suspects:
        if one.metric in facts.metrics and not one.is_explained:
            by_metric.setdefault(one.metric, []).append(one)
    ranked = sorted(by_metric, key=lambda name: (-appraisal.counted.get(name, 0.0), name))
    return [_group(facts, name, by_metric[name][:SUSPECTS]) for name in ranked[:METRICS]]


def _group(facts: Facts, metric: str, suspects: list[Suspect]) -> MarkGroup:
    first = suspects[0]
    title = facts.metric_name(metric)
    claim = (
        f"{percent(first.found.carried)} of the bad sessions carry "
        f"{clean_line(str(first.selector), 120)}; {percent(first.fraction)} "
        f"({percent(max(0.0, first.found.low or 0.0))} to {percent(first.found.high)}) would not "
        "have gone wrong without it."
    )
    return MarkGroup(
        title, claim, tuple(_mark(facts, one) for one in suspects), _counted_in(facts, metric)
    )


def _counted_in(facts: Facts, metric: str) -> str:
    """Return the warehouse and the days of a metric's latest counts."""
    own = [one for one in facts.plan.inputs.tallies if one.metric == metric]
    last = max(own, key=lambda one: (one.end_at, one.source))
    end = (last.end_at - timedelta(microseconds=1)).date()
    return f"{clean_line(last.source, 80)}, {days(last.start_at.date(), end)} {end.year}"


def _mark(facts: Facts, one: Suspect) -> MarkLine:
    low, high = max(0.0, one.found.low or 0.0), min(1.0, one.found.high or 1.0)
    middle = max(0.0, one.fraction)
    return MarkLine(
        mark=clean_line(str(one.selector), 120),
        parts=(low, middle, high),
        figure=f"{percent(middle)} ({percent(low)} to {percent(high)})",
        sessions="" if one.sessions is None else about(one.sessions),
        items=listed([facts.name(key) for key in one.items]) if one.items else "no item yet",
        note=sentence(clean_line(one.note, 300)) if one.note else "",
    )


def _chain(facts: Facts, chain: Chain) -> ChainLine:
    names = " → ".join(facts.metric_name(one) for one in chain.metrics)
    after = chain.lag_days
    lag = "on the same day" if not after else f"{after} day{'' if after == 1 else 's'} later"
    return ChainLine(f"{names}, {lag}.", chain.metrics)


def _largest(facts: Facts, shifts: list[Shift]) -> list[Shift]:
    """Return the shifts that changed harm most, newest first."""
    harms = facts.appraisal.harms

    def change(one: Shift) -> float:
        sessions = harms[one.metric].sessions if one.metric in harms else None
        return abs(one.after - one.before) * (sessions or 0.0)

    kept = sorted(shifts, key=lambda one: (-change(one), one.metric, one.on))[:SHIFTS]
    return sorted(kept, key=lambda one: (-one.on.toordinal(), one.metric))


def _shift(facts: Facts, one: Shift) -> str:
    way = "rose" if one.after > one.before else "fell"
    metric = facts.metrics.get(one.metric)
    what, before, after = "the frustrated share", percent(one.before), percent(one.after)
    if metric is not None and metric.kind in CONSISTENCY:
        what = f"what is measured ({UNITS[metric.kind]}, {better_of(metric.kind)} is better)"
        before, after = say_value(metric, one.before), say_value(metric, one.after)
        if metric.kind is MetricKind.ADOPTION:
            way = "fell" if way == "rose" else "rose"
    said = (
        f"{facts.metric_name(one.metric)}: {what} {way} from {before} "
        f"to {after} on {day(one.on)} {one.on.year}"
    )
    beside = releases_before(one, facts.plan.inputs.releases)
    if beside:
        names = listed([clean_line(release.name or release.id, 80) for release in beside[:3]])
        said += f"; in the week before came {names}"
    return f"{said}."
