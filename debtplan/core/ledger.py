"""Harm counted once: metrics of one step and segment see the same people.

The harm of a pool (one flow, step and segment) is

    N * (1 - prod(1 - e_m)),   e_m = harm_m / N,   N = the most sessions any member sees

and every member's harm is scaled so that the members add up to it. A parent segment's pool
excludes its declared children's.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import prod

from debtplan.core.flow import CORROBORATING, EVERYONE, Flow, UxMetric
from debtplan.core.harm import Harm
from debtplan.core.record import Value


class PoolMember(Value):
    """A metric's part of its pool: its own harm, and the part that is counted."""

    metric: str
    own: float
    counted: float


class Pool(Value):
    """The harm of one step and segment, each session counted once.

    Attributes:
        measured: Frustrated sessions per sprint, without those of child segments.
        inclusive: The same with them.
        low: max(parts), less what children carry at most: no fewer are hurt.
        high: min(N, sum of the parts), less what children carry at least: no more are hurt.
        sessions: N.
        corroborating: Metrics of this place that support links but carry no harm here.
    """

    flow: str
    step: str
    segment: str
    sessions: float
    measured: float
    inclusive: float
    low: float
    high: float
    members: tuple[PoolMember, ...]
    corroborating: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Flow, step and segment in one line."""
        return f"{self.flow} / {self.step} / {self.segment}"


def keep_ledger(
    metrics: Sequence[UxMetric], harms: Sequence[Harm], flows: Mapping[str, Flow]
) -> tuple[Pool, ...]:
    """Return the pools in order of flow, step and segment; places without known harm have none."""
    known = {harm.metric: harm for harm in harms if harm.harm is not None}
    places: dict[tuple[str, str, str], list[UxMetric]] = {}
    for metric in sorted(metrics, key=lambda one: one.id):
        if metric.id in known:
            places.setdefault(metric.place, []).append(metric)
    steps = behavioural_steps(metrics, known)
    pools = {}
    for place, members in sorted(places.items()):
        carrying = [m for m in members if m.kind not in CORROBORATING or place[:2] not in steps]
        others = tuple(m.id for m in members if m not in carrying)
        if carrying:
            pools[place] = _pool(place, [known[m.id] for m in carrying], others)
    return tuple(_without_children(pool, pools, flows[pool.flow]) for pool in pools.values())


def behavioural_steps(
    metrics: Iterable[UxMetric], known: Mapping[str, Harm]
) -> frozenset[tuple[str, str]]:
    """Return the flow steps where a behavioural metric has a known harm."""
    return frozenset(
        (metric.flow, metric.step)
        for metric in metrics
        if metric.kind not in CORROBORATING and metric.id in known
    )


def counted_harms(pools: Iterable[Pool]) -> dict[str, float]:
    """Return the harm each metric is counted with, by metric id."""
    return {member.metric: member.counted for pool in pools for member in pool.members}


def _pool(place: tuple[str, str, str], harms: Sequence[Harm], others: tuple[str, ...]) -> Pool:
    sessions = max(harm.sessions or 0.0 for harm in harms)
    parts = {harm.metric: harm.harm or 0.0 for harm in harms}
    total = sum(parts.values())
    union = sessions * (1 - prod(1 - part / sessions for part in parts.values()))
    low, high = max(parts.values()), min(sessions, total)
    measured = min(max(union, low), high)
    members = tuple(
        PoolMember(metric=metric, own=part, counted=_scaled(part, measured, total))
        for metric, part in sorted(parts.items())
    )
    flow, step, segment = place
    return Pool(
        flow=flow,
        step=step,
        segment=segment,
        sessions=sessions,
        measured=measured,
        inclusive=measured,
        low=low,
        high=high,
        members=members,
        corroborating=others,
    )


def _without_children(pool: Pool, pools: Mapping[tuple[str, str, str], Pool], flow: Flow) -> Pool:
    """Return the pool without the harm that its nearest measured descendants carry."""
    children = _nearest(pool.segment, pool, pools, flow)
    if not children:
        return pool
    measured = max(0.0, pool.inclusive - sum(child.inclusive for child in children))
    total = sum(member.own for member in pool.members)
    members = tuple(
        member.model_copy(update={"counted": _scaled(member.own, measured, total)})
        for member in pool.members
    )
    return pool.model_copy(
        update={
            "measured": measured,
            "low": max(0.0, pool.low - sum(child.high for child in children)),
            "high": max(0.0, pool.high - sum(child.low for child in children)),
            "members": members,
        }
    )


def _nearest(
    segment: str, pool: Pool, pools: Mapping[tuple[str, str, str], Pool], flow: Flow
) -> list[Pool]:
    """Return the measured pools below a segment, none of them below another."""
    found = []
    for child in _children(segment, pool, pools, flow):
        below = pools.get((pool.flow, pool.step, child))
        found.extend([below] if below else _nearest(child, pool, pools, flow))
    return found


def _children(
    segment: str, pool: Pool, pools: Mapping[tuple[str, str, str], Pool], flow: Flow
) -> list[str]:
    """Return the segments right below one: declared so, or undeclared ones below everyone."""
    parents = {one.id: one.parent for one in flow.segments}
    measured = {s for f, t, s in pools if (f, t) == (pool.flow, pool.step)}
    names = sorted(set(parents) | (measured - {EVERYONE}))
    return [name for name in names if parents.get(name, EVERYONE) == segment and name != segment]


def _scaled(part: float, measured: float, total: float) -> float:
    return part * (measured / total) if total > 0 else 0.0
