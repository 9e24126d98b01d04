"""What speaks for a metric's links beside their own evidence: metrics that move with it.

A movement never changes a share or a value. It is one more kind of evidence: users' own words
where what follows is CSAT or tickets, telemetry elsewhere. Two kinds that agree lift a grade by
one.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from debtplan.core.chains import say_lag
from debtplan.core.flow import CORROBORATING, EVERYONE, Flow, UxMetric
from debtplan.core.harm import Harm
from debtplan.core.movement import Movement

OWN_WORDS = "users' own words"


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

    A follower counts where even the lower end of its interval is beyond the goal. What moves
    the other way, or in another flow, speaks for nothing.
    """
    known = {metric.id: metric for metric in metrics}
    voices: dict[str, list[Voice]] = {}
    for one in sorted(movements, key=lambda move: (move.leader, move.follower)):
        leader, follower = known.get(one.leader), known.get(one.follower)
        if leader is None or follower is None or leader.flow != follower.flow:
            continue
        misses = follower.id in harms and (harms[follower.id].low or 0) > 0
        if one.correlation > 0 and misses:
            family = OWN_WORDS if follower.kind in CORROBORATING else "telemetry"
            words = f"moves with {follower.title}, {say_lag(one.lag_days)}"
            voices.setdefault(leader.id, []).append(Voice(family, words, is_movement=True))
    return {metric: tuple(found) for metric, found in voices.items()}


def place_voices(
    metrics: Iterable[UxMetric], harms: Mapping[str, Harm], flows: Mapping[str, Flow]
) -> dict[str, tuple[Voice, ...]]:
    """Return, by behavioural metric, which of users' own words at its step miss their goal.

    CSAT or tickets of the same flow step count where they speak of the same segment or of everyone,
    and where even the lower end of their interval is beyond the goal.
    """
    voices: dict[str, list[Voice]] = {}
    metrics = tuple(metrics)
    speaking = [
        metric
        for metric in metrics
        if metric.kind in CORROBORATING and (harms[metric.id].low or 0) > 0 and metric.flow in flows
    ]
    for metric in metrics:
        for voice in speaking:
            same_step = (voice.flow, voice.step) == (metric.flow, metric.step)
            same_people = voice.segment in (metric.segment, EVERYONE)
            if same_step and same_people and metric.kind not in CORROBORATING:
                voices.setdefault(metric.id, []).append(Voice(OWN_WORDS, voice.title))
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
