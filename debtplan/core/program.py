"""From a backlog to the program: who may compete for the reserve, and why the others may not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from debtplan.core.appraisal import Appraisal
from debtplan.core.availability import availability_of
from debtplan.core.bank import write_banks
from debtplan.core.capacity import Capacity, estimate_capacity
from debtplan.core.eligible import Barred, Ground, bar, survey
from debtplan.core.exact import exact
from debtplan.core.growth import growth_of
from debtplan.core.horizon import Horizon, Unrolled, unroll
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.problem import AtMost, Candidate, Problem
from debtplan.core.reserve import Reserve, size_reserve
from debtplan.core.share_rules import ShareRule, critical_metrics, lifted, share_rules
from debtplan.core.started import pin_started


@dataclass(frozen=True, slots=True)
class Program:
    """The problem with what it was made from.

    Attributes:
        items: Every item by key.
        barred: Items that do not compete, with the reason, by key.
        waits: Unfinished prerequisites by key, phases resolved.
        rules: Rules about parts of the reserve.
    """

    problem: Problem
    capacity: Capacity
    reserve: Reserve
    items: dict[str, DebtItem]
    barred: dict[str, Barred]
    waits: dict[str, tuple[str, ...]]
    rules: tuple[ShareRule, ...] = ()


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
    capacity, points = _known_capacity(inputs)
    ground = survey(inputs, appraisal)
    estimates = [
        item.points
        for key, item in ground.items.items()
        if item.points is not None and key not in ground.barred
    ]
    reserve = size_reserve(points, inputs.reserve, estimates, inputs.sprints)
    usual = exact(reserve.available)
    available = lifted(inputs, appraisal, points, usual)
    if reserve_share is not None:
        usual = available = exact(points) * exact(reserve_share)
    rules = share_rules(inputs, appraisal, usual, available)
    barred = bar(inputs, appraisal, ground, available)
    floor = min(exact(reserve.floor), available)
    problem = _problem(inputs, appraisal, ground, barred, (floor, available), rules)
    problem = _with_started(inputs, appraisal, ground, problem)
    if available > usual:
        reserve = _raised(reserve, inputs, appraisal, available)
    return Program(problem, capacity, reserve, ground.items, barred, ground.waits, rules)


def _known_capacity(inputs: Inputs) -> tuple[Capacity, float]:
    """Return the capacity with its points; see `write_program`."""
    capacity = estimate_capacity(inputs.sprints, inputs.capacity, inputs.attendance)
    if capacity.points == 0:
        msg = f"the capacity of team {inputs.team!r} is 0: {capacity.basis}"
        raise ValueError(msg)
    if capacity.points is None:
        msg = f"the capacity of team {inputs.team!r} is not known: {capacity.basis}"
        raise ValueError(msg)
    return capacity, capacity.points


def _raised(reserve: Reserve, inputs: Inputs, appraisal: Appraisal, available: Fraction) -> Reserve:
    """Return the reserve as an emergency has it, with the reason in words."""
    titles = {metric.id: metric.title for metric in inputs.metrics}
    named = ", ".join(titles[one] for one in critical_metrics(inputs, appraisal))
    basis = (
        f"{reserve.basis}; raised from {reserve.available:g} as past its critical threshold: "
        f"{named}"
    )
    return reserve.model_copy(update={"available": float(available), "basis": basis})


def _with_started(
    inputs: Inputs, appraisal: Appraisal, ground: Ground, problem: Problem
) -> Problem:
    if not inputs.rules.in_progress_first or inputs.beside:
        return problem
    values = appraisal.values
    started = [key for key in problem.keys if ground.items[key].state is ItemState.IN_PROGRESS]
    return pin_started(problem, started, lambda key: values[key].ux_value if key in values else 0.0)


def write_horizon(inputs: Inputs, appraisal: Appraisal, program: Program) -> Unrolled:
    """Return the program of the coming sprint and the later ones together.

    Items that are too large for one sprint compete too, spread over several.
    """
    policy = inputs.horizon
    ground = survey(inputs, appraisal)
    whole = sum((exact(item.points or 0) for item in ground.items.values()), Fraction(0))
    free = inputs.rules.model_copy(update={"roles": {}})  # they limit each sprint, not all of them
    barred = bar(inputs.model_copy(update={"rules": free}), appraisal, ground, whole)
    wide = _problem(inputs, appraisal, ground, barred, (Fraction(0), whole), program.rules)
    wide = replace(wide, pinned=program.problem.pinned)
    first = program.problem.roles
    passing = {rule.name for rule in program.rules if not rule.is_kept}
    later = tuple(row for row in first if row[0] not in passing)
    banks = write_banks(
        capacities(inputs, program), inputs.reserve, program.reserve, inputs.sprints
    )
    horizon = Horizon(
        sprints=policy.sprints,
        banks=banks,
        roles=(first, *(later,) * (policy.sprints - 1)),
        benefit_sprints=max(policy.benefits, policy.sprints),
        growth=growth_of(inputs, appraisal),
        is_spread=policy.spread,
    )
    return unroll(wide, horizon)


def capacities(inputs: Inputs, program: Program) -> tuple[float, ...]:
    """Return the points of each sprint of the horizon, of those who will be there if known."""
    now = program.capacity.points or 1.0
    found = [now]
    for sprint in inputs.later[: inputs.horizon.sprints - 1]:
        share = None
        if inputs.attendance is not None:
            share = availability_of(inputs.attendance, sprint.start_on, sprint.end_on)
        velocity = program.capacity.velocity
        found.append(
            now if not share or velocity is None else float(exact(velocity) * exact(share))
        )
    return (*found, *[now] * (inputs.horizon.sprints - len(found)))


def _problem(
    inputs: Inputs,
    appraisal: Appraisal,
    ground: Ground,
    barred: Mapping[str, Barred],
    limits: tuple[Fraction, Fraction],
    rules: Sequence[ShareRule],
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
            roles=(
                *((part.role, exact(part.points)) for part in item.roles),
                *_limited(appraisal, item, rules),
            ),
            requires=tuple(one for one in ground.waits[key] if one in free),
        )
        for key, item in free.items()
    ]
    return Problem.of(
        candidates,
        appraisal.weighted,
        limits[1],
        floor=limits[0],
        roles={role: exact(limit) for role, limit in inputs.rules.roles.items()}
        | {rule.name: rule.limit for rule in rules},
        at_most=(*_alternatives(ground, free), *_flow_limits(inputs, appraisal, free)),
        pinned=[key for key in (*inputs.rules.pinned, *_needed(inputs)) if key in free],
        kept=inputs.kept,
        keep_within=inputs.keep_within,
    )


def _limited(
    appraisal: Appraisal, item: DebtItem, rules: Sequence[ShareRule]
) -> Iterator[tuple[str, Fraction]]:
    """Yield what an item takes of the parts of the reserve that it may not have in full."""
    value = appraisal.values.get(item.key)
    metrics = [term.metric for term in value.terms] if value else []
    for rule in rules:
        if rule.binds(metrics):
            yield rule.name, exact(item.points or 0)


def _needed(inputs: Inputs) -> tuple[str, ...]:
    """Return the items that are in for what all teams together have settled."""
    return (*inputs.beside.needed, *inputs.beside.started) if inputs.beside else ()


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
        AtMost(
            f"at most {limit} items of flow {flow}",
            tuple(sorted(keys)),
            limit,
            is_each_sprint=True,
        )
        for flow, keys in sorted(members.items())
        if len(keys) > limit
    ]
