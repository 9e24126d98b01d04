"""What speaks for a metric's links beside their own evidence: metrics that move with it.

A movement never changes a share or a value. It is one more kind of evidence: users' own words
where what follows is CSAT or tickets, inspection where what leads is a scan of code or pages,
telemetry elsewhere. Two kinds that agree lift a grade by one.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from debtplan.core.chains import say_lag
from debtplan.core.flow import (
    CONSISTENCY,
    CORROBORATING,
    EVERYONE,
    SCANNED,
    Flow,
    MetricKind,
    UxMetric,
)
from debtplan.core.harm import Harm
from debtplan.core.movement import Movement

OWN_WORDS = "users' own words"
TELEMETRY = "telemetry"
INSPECTION = "inspection"
"""Families of evidence: what users say, what is measured of them, what a scan of the code finds."""


PLACED = CORROBORATING | {MetricKind.RAGE_CLICKS}
"""Kinds that speak by where they are measured, whether or not they move with anything."""


class Voice(NamedTuple):
    """Something that speaks for a link.

    Attributes:
        family: The kind of evidence it is; see `core.link.FAMILIES`.
        words: A phrase for people: `moves with Tickets about signing in, 1 day before`.
        is_movement: Whether it is a metric that moves with the link's own.
    """

    family: str
    words: str
    is_movement: bool = False


def movement_voices(
    movements: Iterable[Movement], metrics: Iterable[UxMetric], harms: Mapping[str, Harm]
) -> dict[str, tuple[Voice, ...]]:
    """Return, by metric, which metrics of its flow get worse with it and miss their goal.

    Those that follow it speak, and scans that it follows. One counts where even the lower end of
    its interval is beyond the goal. What moves the other way, or in another flow, speaks for
    nothing.
    """
    known = {metric.id: metric for metric in metrics}
    voices: dict[str, list[Voice]] = {}
    for one in sorted(movements, key=lambda move: (move.leader, move.follower)):
        leader, follower = known.get(one.leader), known.get(one.follower)
        if leader is None or follower is None or leader.flow != follower.flow:
            continue
        spoken, voice, way = leader, follower, "before"
        if leader.kind in SCANNED:
            spoken, voice, way = follower, leader, "after"
        if one.correlation > 0 and spoken.kind not in CONSISTENCY and _misses(voice, harms):
            words = f"moves with {voice.title}, {say_lag(one.lag_days, way)}"
            made = Voice(family_of(voice), words, is_movement=True)
            voices.setdefault(spoken.id, []).append(made)
    return {metric: tuple(found) for metric, found in voices.items()}


def family_of(metric: UxMetric) -> str:
    """Return the kind of evidence that a metric is for links to other metrics."""
    if metric.kind in CORROBORATING:
        return OWN_WORDS
    return INSPECTION if metric.kind in SCANNED else TELEMETRY


def _misses(metric: UxMetric, harms: Mapping[str, Harm]) -> bool:
    """Tell whether a metric misses its goal, even by the lower end of its interval."""
    harm = harms.get(metric.id)
    return harm is not None and (harm.is_beyond or (harm.low or 0) > 0)


def place_voices(
    metrics: Iterable[UxMetric], harms: Mapping[str, Harm], flows: Mapping[str, Flow]
) -> dict[str, tuple[Voice, ...]]:
    """Return, by behavioural metric, which of users' own words at its step miss their goal.

    CSAT, tickets or rage clicks of the same flow step count where they speak of the same segment or
    of everyone, and where even the lower end of their interval is beyond the goal. What a scan
    finds at a step tells nothing of any one link: it has to move with the metric.
    """
    voices: dict[str, list[Voice]] = {}
    metrics = tuple(metrics)
    speaking = [
        metric
        for metric in metrics
        if metric.kind in PLACED and _misses(metric, harms) and metric.flow in flows
    ]
    for metric in metrics:
        for voice in speaking:
            same_step = (voice.flow, voice.step) == (metric.flow, metric.step)
            same_people = voice.segment in (metric.segment, EVERYONE)
            if same_step and same_people and metric.kind not in CORROBORATING | CONSISTENCY:
                said = Voice(family_of(voice), voice.title)
                voices.setdefault(metric.id, []).append(said)
    return {metric: tuple(found) for metric, found in voices.items()}


def all_voices(
    movements: Iterable[Movement],
    metrics: Iterable[UxMetric],
    harms: Mapping[str, Harm],
    flows: Mapping[str, Flow],
) -> dict[str, tuple[Voice, ...]]:
    """Return, by metric, all that speaks for its links: what stands at its step, then movements."""
    metrics = tuple(metrics)
    placed = place_voices(metrics, harms, flows)
    moving = movement_voices(movements, metrics, harms)
    return {
        metric: (*placed.get(metric, ()), *moving.get(metric, ()))
        for metric in sorted({*placed, *moving})
    }
