"""From a backlog to the program: who may compete for the reserve, and why the others may not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from debtplan.core.appraisal import Appraisal
from debtplan.core.capacity import Capacity, Reserve, estimate_capacity, size_reserve
from debtplan.core.exact import exact
from debtplan.core.graph import find_cycles
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.lint import lint_item
from debtplan.core.plan import Inputs, Reason
from debtplan.core.problem import AtMost, Candidate, Problem


@dataclass(frozen=True, slots=True)
class Barred:
    """Why an item does not compete."""

    reason: Reason
    detail: str


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
        reserve_share: Plan with this share of capacity, each sprint for itself; None takes the policy.

    Raises:
        ValueError: The capacity is not known or not above 0; the sentence says what to set.
    """
    capacity = estimate_capacity(inputs.sprints, inputs.capacity)
    if not capacity.points:
        msg = f"the capacity of team {inputs.team!r} is not known: {capacity.basis}"
        raise ValueError(msg)
    items = {item.key: item for item in inputs.items}
    waits, barred = _prerequisites(items)
    barred = {**barred, **_barred_alone(inputs, appraisal, items)}
    estimates = [item.points for key, item in items.items() if item.points and key not in barred]
    reserve = size_reserve(capacity.points, inputs.reserve, estimates, inputs.sprints)
    available = exact(reserve.available)
    if reserve_share is not None:
        available = exact(capacity.points) * exact(reserve_share)
    barred = _with_refused(inputs, items, barred, appraisal, float(available))
    barred = _with_blocked(items, waits, barred)
    barred = _with_unlinked(items, waits, barred, appraisal)
    barred = _with_oversized(items, waits, barred, available, inputs.rules.roles)
    problem = _problem(inputs, appraisal, items, waits, barred, available)
    return Program(problem, capacity, reserve, items, barred, waits)


def closure(key: str, waits: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the key with everything it waits for, directly or not, sorted."""
    seen: set[str] = set()
    queue = [key]
    while queue:
        one = queue.pop()
        if one not in seen:
            seen.add(one)
            queue.extend(waits.get(one, ()))
    return tuple(sorted(seen))


def _prerequisites(
    items: Mapping[str, DebtItem],
) -> tuple[dict[str, tuple[str, ...]], dict[str, Barred]]:
    """Return unfinished prerequisites by key, and items whose prerequisites cannot be met."""
    phases: dict[str, list[str]] = {}
    for key in items:
        whole, slash, _ = key.rpartition("/")
        if slash:
            phases.setdefault(whole, []).append(key)
    waits: dict[str, tuple[str, ...]] = {}
    barred: dict[str, Barred] = {}
    for key, item in items.items():
        wanted: list[str] = []
        for one in item.prerequisites:
            targets = [one] if one in items else phases.get(one, [])
            if not targets:
                detail = f"waits for {one}, which is in no backlog; add it, or remove the link"
                barred[key] = Barred(Reason.BLOCKED, detail)
            wanted.extend(target for target in targets if items[target].state is not ItemState.DONE)
        waits[key] = tuple(sorted(set(wanted)))
    for cycle in find_cycles(waits):
        path = " -> ".join((*cycle, cycle[0]))
        for key in cycle:
            detail = f"is in a cycle of prerequisites: {path}; remove one of these links"
            barred[key] = Barred(Reason.BLOCKED, detail)
    return waits, barred


def _barred_alone(
    inputs: Inputs, appraisal: Appraisal, items: Mapping[str, DebtItem]
) -> dict[str, Barred]:
    """Return items that cannot compete whatever the others do: finished, under way, banned, unsized."""
    barred = {}
    for key, item in items.items():
        if item.state is ItemState.DONE:
            barred[key] = Barred(Reason.NOT_OPEN, "is done")
        elif item.sprint and item.sprint not in (inputs.sprint.name, inputs.sprint.id):
            barred[key] = Barred(Reason.NOT_OPEN, f"is already in {item.sprint}")
        elif key in inputs.rules.forbidden:
            why = inputs.rules.forbidden[key] or "no reason given"
            barred[key] = Barred(Reason.FORBIDDEN, f"ruled out by the team: {why}")
        elif item.points is None:
            value = appraisal.values.get(key)
            worth = f" worth about {value.ux_value:,.0f} a sprint" if value else ""
            detail = f"has no estimate; estimate it{worth and ',' + worth}"
            barred[key] = Barred(Reason.NO_ESTIMATE, detail)
    return barred


def _with_refused(
    inputs: Inputs,
    items: Mapping[str, DebtItem],
    barred: dict[str, Barred],
    appraisal: Appraisal,
    available: float,
) -> dict[str, Barred]:
    """Return the barred with items that the linter refuses by setting."""
    linked = {link.item for link in appraisal.links}
    refused = {}
    for key, item in items.items():
        if key in barred or key in inputs.rules.pinned:
            continue
        found = lint_item(item, linked, available, inputs.lint)
        worst = next((one for one in found if one.severity == "refuse"), None)
        if worst is not None:
            detail = f"refused by [items.lint] {worst.rule}: {worst.message}"
            refused[key] = Barred(Reason.FORBIDDEN, detail)
    return {**barred, **refused}


def _with_blocked(
    items: Mapping[str, DebtItem], waits: Mapping[str, tuple[str, ...]], barred: dict[str, Barred]
) -> dict[str, Barred]:
    """Return the barred with items that wait, directly or not, for a barred one."""
    blocked = {}
    for key in items:
        if key in barred:
            continue
        stuck = next((one for one in closure(key, waits) if one != key and one in barred), None)
        if stuck is not None:
            detail = f"waits for {stuck}, which {barred[stuck].detail}"
            blocked[key] = Barred(Reason.BLOCKED, detail)
    return {**barred, **blocked}


def _with_unlinked(
    items: Mapping[str, DebtItem],
    waits: Mapping[str, tuple[str, ...]],
    barred: dict[str, Barred],
    appraisal: Appraisal,
) -> dict[str, Barred]:
    """Return the barred with items of unknown value that no valued item waits for."""
    valued = [key for key in items if key in appraisal.values and key not in barred]
    needed = {one for key in valued for one in closure(key, waits)}
    unlinked = {
        key: Barred(Reason.NO_LINK, missing_value(key, appraisal))
        for key in items
        if key not in barred and key not in appraisal.values and key not in needed
    }
    return {**barred, **unlinked}


def missing_value(key: str, appraisal: Appraisal) -> str:
    """Return why an item's value is not known: no link, or a link to a metric without known harm."""
    metrics = [link.metric for link in appraisal.links if link.item == key]
    if not metrics:
        return "touches no metric, so its value is not known (not zero)"
    known = appraisal.harms
    reasons = [known[metric].missing for metric in metrics if known[metric].missing]
    if reasons:
        return reasons[0]
    return (
        f"{', '.join(metrics)} only supports other metrics of its step and carries no harm itself"
    )


def _with_oversized(
    items: Mapping[str, DebtItem],
    waits: Mapping[str, tuple[str, ...]],
    barred: dict[str, Barred],
    available: Fraction,
    roles: Mapping[str, float],
) -> dict[str, Barred]:
    """Return the barred with items that no plan can hold, alone or with what they wait for."""
    over = {}
    for key, item in items.items():
        if key in barred:
            continue
        bundle = [items[one] for one in closure(key, waits)]
        cost = sum((exact(one.points or 0) for one in bundle), Fraction(0))
        full = _full_role(bundle, roles)
        if cost > available:
            alone = exact(item.points or 0) > available
            what = "costs" if alone else f"costs with {_others(bundle, key)}"
            detail = f"{what} {float(cost):g}, more than the {float(available):g} of this sprint"
            hint = "; split it into phases" if alone else ""
            over[key] = Barred(Reason.TOO_LARGE, detail + hint)
        elif full:
            over[key] = Barred(Reason.ROLE_FULL, f"needs more {full} than the sprint has for debt")
    return {**barred, **over}


def _full_role(bundle: list[DebtItem], roles: Mapping[str, float]) -> str:
    """Return the first role whose limit the bundle alone passes, or an empty string."""
    for role, limit in sorted(roles.items()):
        parts = [exact(p.points) for item in bundle for p in item.roles if p.role == role]
        if sum(parts, Fraction(0)) > exact(limit):
            return role
    return ""


def _others(bundle: list[DebtItem], key: str) -> str:
    return ", ".join(item.key for item in bundle if item.key != key)


def _problem(
    inputs: Inputs,
    appraisal: Appraisal,
    items: Mapping[str, DebtItem],
    waits: Mapping[str, tuple[str, ...]],
    barred: Mapping[str, Barred],
    available: Fraction,
) -> Problem:
    free = {key: item for key, item in items.items() if key not in barred}
    candidates = [
        Candidate(
            key=key,
            points=exact(item.points or 0),
            removals=tuple(
                (term.metric, term.removal)
                for term in (appraisal.values[key].terms if key in appraisal.values else ())
            ),
            roles=tuple((part.role, exact(part.points)) for part in item.roles),
            requires=tuple(one for one in waits[key] if one in free),
        )
        for key, item in free.items()
    ]
    return Problem.of(
        candidates,
        appraisal.weighted,
        available,
        floor=min(exact(inputs.reserve.floor) * available, available),
        roles={role: exact(limit) for role, limit in inputs.rules.roles.items()},
        at_most=(*_alternatives(free), *_flow_limits(inputs, appraisal, free)),
        pinned=[key for key in inputs.rules.pinned if key in free],
        kept=inputs.kept,
    )


def _alternatives(free: Mapping[str, DebtItem]) -> list[AtMost]:
    """Return one rule for every pair of items of which one excludes the other."""
    pairs = {
        tuple(sorted((key, other)))
        for key, item in free.items()
        for other in item.excludes
        if other in free and other != key
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
