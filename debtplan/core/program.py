"""From a backlog to the program: who may compete for the reserve, and why the others may not."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from debtplan.core.appraisal import Appraisal
from debtplan.core.capacity import Capacity, Reserve, estimate_capacity, size_reserve
from debtplan.core.eligible import Barred, Ground, bar, survey
from debtplan.core.exact import exact
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem
from debtplan.core.problem import AtMost, Candidate, Problem


@dataclass(frozen=True, slots=True)
class Program:
    """The problem with what it was made from.

    Attributes:
        items: Every item by key.
        barred: Items that do not compete, with the reason, by key.
        waits: Unfinished prerequisites by key, phases resolved.
    """

    problem: Problem
    capacity: Capacity
    reserve: Reserve
    items: dict[str, DebtItem]
    barred: dict[str, Barred]
    waits: dict[str, tuple[str, ...]]


def write_program(
    inputs: Inputs, appraisal: Appraisal, reserve_share: float | None = None
) -> Program:
    """Return the program of the coming sprint.

    Args:
        inputs: All that the plan is made from.
        appraisal: What everything is worth.
        reserve_share: Plan with this share of capacity, each sprint for itself; None takes the
            policy.

    Raises:
        ValueError: The capacity is not known or not above 0.
    """
    capacity = estimate_capacity(inputs.sprints, inputs.capacity)
    if capacity.points == 0:
        msg = f"the capacity of team {inputs.team!r} is 0: {capacity.basis}"
        raise ValueError(msg)
    if capacity.points is None:
        msg = f"the capacity of team {inputs.team!r} is not known: {capacity.basis}"
        raise ValueError(msg)
    ground = survey(inputs, appraisal)
    estimates = [
        item.points
        for key, item in ground.items.items()
        if item.points is not None and key not in ground.barred
    ]
    reserve = size_reserve(capacity.points, inputs.reserve, estimates, inputs.sprints)
    available = exact(reserve.available)
    if reserve_share is not None:
        available = exact(capacity.points) * exact(reserve_share)
    barred = bar(inputs, appraisal, ground, available)
    floor = min(exact(reserve.floor), available)
    problem = _problem(inputs, appraisal, ground, barred, (floor, available))
    return Program(problem, capacity, reserve, ground.items, barred, ground.waits)


def _problem(
    inputs: Inputs,
    appraisal: Appraisal,
    ground: Ground,
    barred: Mapping[str, Barred],
    limits: tuple[Fraction, Fraction],
) -> Problem:
    """Return the problem of those who compete, between floor and ceiling."""
    free = {key: item for key, item in ground.items.items() if key not in barred}
    candidates = [
        Candidate(
            key=key,
            points=exact(item.points or 0),
            removals=tuple(
                (term.metric, term.removal)
                for term in (appraisal.values[key].terms if key in appraisal.values else ())
            ),
            roles=tuple((part.role, exact(part.points)) for part in item.roles),
            requires=tuple(one for one in ground.waits[key] if one in free),
        )
        for key, item in free.items()
    ]
    return Problem.of(
        candidates,
        appraisal.weighted,
        limits[1],
        floor=limits[0],
        roles={role: exact(limit) for role, limit in inputs.rules.roles.items()},
        at_most=(*_alternatives(ground, free), *_flow_limits(inputs, appraisal, free)),
        pinned=[key for key in inputs.rules.pinned if key in free],
        kept=inputs.kept,
    )


def _alternatives(ground: Ground, free: Mapping[str, DebtItem]) -> list[AtMost]:
    """Return one rule for every pair of items of which one excludes the other."""
    pairs = {
        (min(key, other), max(key, other))
        for key in free
        for other in ground.excludes[key]
        if other in free
    }
    return [AtMost(f"{a} or {b}, not both", (a, b), 1) for a, b in sorted(pairs)]


def _flow_limits(
    inputs: Inputs, appraisal: Appraisal, free: Mapping[str, DebtItem]
) -> list[AtMost]:
    """Return one rule a flow, where the team limits how many of its items may move at once."""
    limit = inputs.rules.per_flow
    if limit is None:
        return []
    flow_of = {metric.id: metric.flow for metric in inputs.metrics}
    members: dict[str, set[str]] = {}
    for key in free:
        for term in appraisal.values[key].terms if key in appraisal.values else ():
            members.setdefault(flow_of[term.metric], set()).add(key)
    return [
        AtMost(f"at most {limit} items of flow {flow}", tuple(sorted(keys)), limit)
        for flow, keys in sorted(members.items())
        if len(keys) > limit
    ]
