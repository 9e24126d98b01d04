"""Harm counted once: metrics of one step and segment see the same people.

The harm of a pool (one flow, step and segment) is

    N * (1 - prod(1 - e_m)),   e_m = harm_m / N,   N = the most sessions any member sees

as if metrics frustrated sessions independently of each other, and every member's harm is scaled so
that the members add up to it. A parent segment's pool excludes its declared children's.

Where raw events say how many sessions any of the metrics frustrated, the union U of the parts P_m,
nothing is assumed. U lies somewhere between max(P) and min(S, sum P), below or above what
independence of the parts would give; the harm lies at the same place between its own bounds:

    U >= I(P):   I(h) + (U - I(P)) / (min(S, sum P) - I(P)) * (min(N, sum h) - I(h))
    U <  I(P):   I(h) - (I(P) - U) / (I(P) - max(P))        * (I(h) - max(h))

with I the formula above. Where the goals are 0, harm and part are the same and the result is U
itself. Where they are not, harms h are smaller than the parts P, and scaling sum h by U / sum P
would take harms to overlap that cannot: small parts of independent crowds hardly meet.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import prod

from debtplan.core.flow import CORROBORATING, EVERYONE, Flow, UxMetric
from debtplan.core.harm import Harm
from debtplan.core.reading import Window, midnight
from debtplan.core.record import Value
from debtplan.core.tally import Overlap

ALONE = "one metric"
COUNTED = "counted"
PARTLY = "counted, the rest assumed independent"
ASSUMED = "assumed independent"
"""What is known of how far a pool's metrics hurt the same sessions."""

Place = tuple[str, str, str]
"""Flow, step and segment."""

NO_OVERLAPS: Mapping[Place, Overlap] = {}


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
        basis: How far its metrics hurt the same sessions, and how that is known, in words.
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
    basis: str = ALONE

    @property
    def name(self) -> str:
        """Flow, step and segment in one line."""
        return f"{self.flow} / {self.step} / {self.segment}"


def keep_ledger(
    metrics: Sequence[UxMetric],
    harms: Sequence[Harm],
    flows: Mapping[str, Flow],
    overlaps: Mapping[Place, Overlap] = NO_OVERLAPS,
) -> tuple[Pool, ...]:
    """Return the pools in order of flow, step and segment; places without known harm have none.

    Args:
        metrics: What is measured.
        harms: Their harms.
        flows: Flows by id.
        overlaps: By place, how far its metrics frustrate the same sessions; see `overlaps_in`.
    """
    known = {harm.metric: harm for harm in harms if harm.harm is not None}
    places: dict[Place, list[UxMetric]] = {}
    for metric in sorted(metrics, key=lambda one: one.id):
        if metric.id in known:
            places.setdefault(metric.place, []).append(metric)
    steps = behavioural_steps(metrics, known)
    pools = {}
    for place, members in sorted(places.items()):
        carrying = [m for m in members if m.kind not in CORROBORATING or place[:2] not in steps]
        others = tuple(m.id for m in members if m not in carrying)
        if carrying:
            overlap = overlaps.get(place)
            pools[place] = _pool(place, [known[m.id] for m in carrying], others, overlap)
    return tuple(_without_children(pool, pools, flows[pool.flow]) for pool in pools.values())


def overlaps_in(overlaps: Iterable[Overlap], window: Window) -> dict[Place, Overlap]:
    """Return one overlap a place: of those that share a day with the window, the latest.

    Of several that end together the first by source's name counts.
    """
    start, end = midnight(window.start_on), midnight(window.end_on)
    found: dict[Place, Overlap] = {}
    for one in sorted(overlaps, key=lambda one: (one.source, one.model_dump_json())):
        place = (one.flow, one.step, one.segment)
        shares_days = one.start_at < end and start < one.end_at
        if shares_days and (place not in found or one.end_at > found[place].end_at):
            found[place] = one
    return found


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


def _pool(
    place: Place, harms: Sequence[Harm], others: tuple[str, ...], overlap: Overlap | None
) -> Pool:
    sessions = max(harm.sessions or 0.0 for harm in harms)
    parts = {harm.metric: harm.harm or 0.0 for harm in harms}
    total = sum(parts.values())
    union, basis = _union(parts, sessions, overlap)
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
        basis=basis,
    )


def _union(
    parts: Mapping[str, float], sessions: float, overlap: Overlap | None
) -> tuple[float, str]:
    """Return the sessions that any of the parts harms, and how that is known.

    Metrics that the overlap does not know are independent of those it knows.
    """
    if len(parts) == 1:
        return sum(parts.values()), ALONE
    known = {} if overlap is None else {one.metric: one.frustrated for one in overlap.parts}
    both = sorted(parts.keys() & known.keys())
    if overlap is None or len(both) < 2 or not _is_usable(overlap, known, both):  # noqa: PLR2004
        return _independent(list(parts.values()), sessions), ASSUMED
    joint = _placed([parts[m] for m in both], sessions, [known[m] for m in both], overlap)
    rest = [part for metric, part in parts.items() if metric not in known]
    if not rest:
        return joint, COUNTED
    return _independent([joint, *rest], sessions), PARTLY


def _is_usable(overlap: Overlap, known: Mapping[str, float], both: Sequence[str]) -> bool:
    """Tell whether the union is one of the pool's own metrics, and not impossible."""
    return set(known) == set(both) and 0 < overlap.frustrated <= overlap.sessions


def _placed(
    harms: Sequence[float], sessions: float, parts: Sequence[float], overlap: Overlap
) -> float:
    """Return the union of the harms; see the module."""
    middle = _independent(parts, overlap.sessions)
    low, high = max(parts), min(overlap.sessions, sum(parts))
    union = min(max(overlap.frustrated, low), high)
    harm = _independent(harms, sessions)
    if union >= middle:
        room = high - middle
        place = (union - middle) / room if room > 0 else 0.0
        return harm + place * (min(sessions, sum(harms)) - harm)
    room = middle - low
    return harm - (middle - union) / room * (harm - max(harms))


def _independent(parts: Sequence[float], sessions: float) -> float:
    """Return N * (1 - prod(1 - part / N))."""
    return sessions * (1 - prod(1 - min(1.0, part / sessions) for part in parts))


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
