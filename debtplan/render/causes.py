"""How we know: what bad sessions have in common, what moves together, and when levels changed."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from debtplan.core.chains import Chain, build_chains, releases_before
from debtplan.core.movement import Shift
from debtplan.core.suspects import Suspect, find_suspects
from debtplan.core.text import clean_line
from debtplan.render.facts import Facts
from debtplan.render.number import about, day, listed, percent, sentence

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
    """The marks of one metric."""

    title: str
    claim: str
    marks: tuple[MarkLine, ...]


class ChainLine(NamedTuple):
    """Metrics that move one after the other: their names in order, and ids for charts."""

    words: str
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Causes:
    """All of it.

    Attributes:
        shifts: A sentence for each level that changed, with the releases beside it.
        shifted: Days of the shifts by metric, for charts.
    """

    groups: tuple[MarkGroup, ...]
    chains: tuple[ChainLine, ...]
    shifts: tuple[str, ...]
    shifted: dict[str, tuple[date, ...]]

    @property
    def is_told(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.groups or self.chains or self.shifts)

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, for forms without charts."""
        chains = (f"Moves together: {one.words}" for one in self.chains)
        marks = (f"{one.title}: {one.claim}" for one in self.groups)
        return (*marks, *chains, *self.shifts)


def write_causes(facts: Facts) -> Causes:
    """Return how we know, from what was counted and measured."""
    inputs = facts.plan.inputs
    shown = [one for one in inputs.shifts if one.metric in facts.metrics]
    by_metric: dict[str, list[date]] = {}
    for one in shown:
        by_metric.setdefault(one.metric, []).append(one.on)
    chains = build_chains(inputs.movements)
    return Causes(
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
    return MarkGroup(title, claim, tuple(_mark(facts, one) for one in suspects))


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
    days = chain.lag_days
    lag = "on the same day" if not days else f"{days} day{'' if days == 1 else 's'} later"
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
    said = (
        f"{facts.metric_name(one.metric)}: the frustrated share {way} from {percent(one.before)} "
        f"to {percent(one.after)} on {day(one.on)} {one.on.year}"
    )
    beside = releases_before(one, facts.plan.inputs.releases)
    if beside:
        names = listed([clean_line(release.name or release.id, 80) for release in beside[:3]])
        said += f"; in the week before came {names}"
    return f"{said}."
