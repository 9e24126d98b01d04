"""Which metrics may explain each other, and what follows what: leaders, followers, chains.

A technical metric (times, errors, web vitals) may lead; what users then do or say (drop-off, time
to completion, CSAT, tickets, rage clicks) may only follow. Two technical metrics may lead each
other. What a scan of the code tells (adoption, raw values, accessibility) was there first: it may
lead both, and nothing leads it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from debtplan.core.flow import EVERYONE, SCANNED, Flow, MetricKind, UxMetric
from debtplan.core.item import Skipped
from debtplan.core.movement import Movement, Shift
from debtplan.core.record import Value
from debtplan.core.release import Release

LEADING = frozenset({MetricKind.LATENCY, MetricKind.ERROR_RATE, MetricKind.WEB_VITAL})
"""Kinds that may move first: what the software does. Others but scans are what users do or say."""

LEAST_DAYS = 60
"""Days that two series have in common at least, or they are not compared."""

MOST_Q = 0.1
"""Of the movements that are shown, at most this part is expected to be chance."""

RELEASE_DAYS = 7
"""Days before a shift in which a release is named beside it; and one after it, for the day of a
shift is known to within about one."""


class Moves(Value):
    """What moves together, and what changed its level.

    Attributes:
        movements: By leader and follower.
        shifts: By metric and day.
        untried: What was not compared, with the reason.
        tried: Pairs that were compared.
    """

    movements: tuple[Movement, ...] = ()
    shifts: tuple[Shift, ...] = ()
    untried: tuple[Skipped, ...] = ()
    tried: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two metrics that are compared.

    Attributes:
        first: Leads where both move on one day: the technical one, or that of the earlier step.
        second: The other one.
        is_one_way: Whether only `first` may lead.
        is_one_flow: Whether both are of one flow, so that the same users meet them.
    """

    first: UxMetric
    second: UxMetric
    is_one_way: bool
    is_one_flow: bool


def pairs_of(
    metrics: Iterable[UxMetric], flows: Iterable[Flow]
) -> tuple[tuple[Pair, ...], tuple[Skipped, ...]]:
    """Return the pairs to compare, by id, and those that share their counts, with the reason."""
    by_id = {flow.id: flow for flow in flows}
    ordered = sorted(metrics, key=lambda one: one.id)
    pairs, left = [], []
    for one, other in combinations(ordered, 2):
        is_one_way = _tier(one) != _tier(other)
        if not is_one_way and one.kind not in LEADING:
            continue
        if share_counts(one, other, by_id):
            reason = "count the same users: they move together whatever happens"
            left.append(Skipped(ref=f"{one.id} and {other.id}", reason=reason))
            continue
        first, second = sorted((one, other), key=lambda m: _rank(m, by_id))
        pairs.append(
            Pair(
                first,
                second,
                is_one_way=is_one_way,
                is_one_flow=one.flow == other.flow,
            )
        )
    return tuple(pairs), tuple(left)


def share_counts(one: UxMetric, other: UxMetric, flows: dict[str, Flow]) -> bool:
    """Tell whether two metrics are of one kind and step, and one's users are among the other's."""
    if (one.flow, one.step) != (other.flow, other.step):
        return False
    if (one.kind, one.vital) != (other.kind, other.vital):
        return False
    flow = flows.get(one.flow)
    return other.segment in _lineage(one.segment, flow) or one.segment in _lineage(
        other.segment, flow
    )


def _lineage(segment: str, flow: Flow | None) -> set[str]:
    """Return a segment and all that contain it."""
    parents = {one.id: one.parent for one in flow.segments} if flow else {}
    found = {segment, EVERYONE}
    while segment in parents:
        segment = parents[segment]
        found.add(segment)
    return found


def _tier(metric: UxMetric) -> int:
    """Return 0 for what a scan tells, 1 for what the software does, 2 for what users do."""
    if metric.kind in SCANNED:
        return 0
    return 1 if metric.kind in LEADING else 2


def _rank(metric: UxMetric, flows: dict[str, Flow]) -> tuple[int, str, int, str]:
    steps = flows[metric.flow].steps if metric.flow in flows else ()
    step = steps.index(metric.step) if metric.step in steps else len(steps)
    return (_tier(metric), metric.flow, step, metric.id)


class Chain(Value):
    """Metrics that move one after the other, the first one first.

    Attributes:
        metrics: Their ids.
        lags: Days from each to the next, one less than metrics.
    """

    metrics: tuple[str, ...]
    lags: tuple[int, ...]

    @property
    def lag_days(self) -> int:
        """Days from the first to the last."""
        return sum(self.lags)


def build_chains(movements: Iterable[Movement]) -> tuple[Chain, ...]:
    """Return the longest chains of metrics that get worse together, longest first, then by name.

    A link from one metric to another that a longer way explains is no chain of its own. Where links
    form a circle, the one with the weakest evidence is left out.
    """
    kept = _without_circles([one for one in movements if one.correlation > 0])
    after: dict[str, list[Movement]] = {}
    for one in sorted(kept, key=lambda move: (move.leader, move.follower)):
        after.setdefault(one.leader, []).append(one)
    direct = {
        leader: [one for one in found if not _is_explained(one, after)]
        for leader, found in after.items()
    }
    led = {one.follower for found in direct.values() for one in found}
    chains = [chain for start in sorted(set(direct) - led) for chain in _walk(start, direct)]
    return tuple(sorted(chains, key=lambda one: (-len(one.metrics), one.metrics)))


def _without_circles(movements: Sequence[Movement]) -> list[Movement]:
    """Return movements without circles: the surest first, each unless it closes one."""
    kept: list[Movement] = []
    after: dict[str, list[Movement]] = {}
    for one in sorted(movements, key=lambda m: (m.q, -m.correlation, m.leader, m.follower)):
        if one.leader != one.follower and not _reaches(one.follower, one.leader, after):
            kept.append(one)
            after.setdefault(one.leader, []).append(one)
    return kept


def _reaches(start: str, end: str, after: dict[str, list[Movement]]) -> bool:
    seen, rest = {start}, [start]
    while rest:
        for one in after.get(rest.pop(), ()):
            if one.follower == end:
                return True
            if one.follower not in seen:
                seen.add(one.follower)
                rest.append(one.follower)
    return False


def _is_explained(movement: Movement, after: dict[str, list[Movement]]) -> bool:
    """Tell whether another metric stands between the two."""
    return any(
        one.follower != movement.follower and _reaches(one.follower, movement.follower, after)
        for one in after[movement.leader]
    )


def _walk(start: str, after: dict[str, list[Movement]]) -> list[Chain]:
    """Return every way from a metric to where nothing follows; there are no circles."""
    if not after.get(start):
        return [Chain(metrics=(start,), lags=())]
    return [
        Chain(metrics=(start, *chain.metrics), lags=(one.lag_days, *chain.lags))
        for one in after[start]
        for chain in _walk(one.follower, after)
    ]


def releases_before(shift: Shift, releases: Iterable[Release]) -> tuple[Release, ...]:
    """Return the releases that a shift may come from, newest first; see `RELEASE_DAYS`."""
    near = [
        one for one in releases if -1 <= (shift.on - one.released_at.date()).days <= RELEASE_DAYS
    ]
    return tuple(sorted(near, key=lambda one: (-one.released_at.timestamp(), one.id)))


def say_lag(days: int, way: str = "before") -> str:
    """Return days between two metrics in words, after `moves with ...`."""
    return f"{_say_days(days)} {way}" if days else "on the same day"


def say_chain(chain: Chain, titles: dict[str, str]) -> str:
    """Return a chain in words: `A -> B -> C, lag 3 days`."""
    names = " -> ".join(titles.get(one, one) for one in chain.metrics)
    return f"{names}, {f'lag {_say_days(chain.lag_days)}' if chain.lag_days else 'the same day'}"


def _say_days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"
