"""Who may compete for the reserve, and why the others may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from debtplan.core.appraisal import Appraisal
from debtplan.core.exact import exact
from debtplan.core.few import NAMED, few
from debtplan.core.graph import closure, dependents, find_cycles
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem, ItemKey, ItemState, key_resolver
from debtplan.core.lint import LintRule, lint_item
from debtplan.core.natural import in_order
from debtplan.core.plan import Reason

_LACKING = {LintRule.NO_LINK: Reason.NO_LINK, LintRule.NO_ESTIMATE: Reason.NO_ESTIMATE}
"""Refusals that are about something missing, not about the item."""

Waits = Mapping[ItemKey, tuple[ItemKey, ...]]


@dataclass(frozen=True, slots=True)
class Barred:
    """Why an item does not compete."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What is settled before the reserve is known.

    Attributes:
        items: Every item by key.
        waits: Unfinished prerequisites by key, phases resolved.
        excludes: Alternatives among the items by key, phases resolved.
        barred: Items that cannot compete whatever the reserve.
    """

    items: dict[ItemKey, DebtItem]
    waits: dict[ItemKey, tuple[ItemKey, ...]]
    excludes: dict[ItemKey, tuple[ItemKey, ...]]
    barred: dict[ItemKey, Barred]


def survey(inputs: Inputs, appraisal: Appraisal) -> Ground:
    """Return items, prerequisites and alternatives, and who is out whatever the reserve."""
    items = {item.key: item for item in inputs.items}
    find = _Finder(items)
    beside = inputs.beside
    done = frozenset(inputs.rules.done) | frozenset(beside.settled if beside else ())
    waits: dict[ItemKey, tuple[ItemKey, ...]] = {}
    barred: dict[ItemKey, Barred] = {}
    for key, item in items.items():
        wanted: set[ItemKey] = set()
        for one in item.prerequisites:
            targets = find(one)
            if not targets and one not in done:
                barred[key] = Barred(Reason.BLOCKED, _lost(one, inputs.rules.elsewhere))
            wanted.update(one for one in targets if items[one].state is not ItemState.DONE)
        waits[key] = tuple(sorted(wanted))
    excludes = {
        key: tuple(sorted({other for one in item.excludes for other in find(one)} - {key}))
        for key, item in items.items()
    }
    barred |= _cyclic(waits) | _replaced(items, excludes) | _alone(inputs, appraisal, items)
    return Ground(items, waits, excludes, barred)


def bar(
    inputs: Inputs, appraisal: Appraisal, ground: Ground, available: Fraction
) -> dict[ItemKey, Barred]:
    """Return every item that cannot compete for so many points, with the reason."""
    barred = _by_others(inputs) | ground.barred
    barred |= _refused(inputs, appraisal, ground, barred, float(available))
    barred |= _blocked(ground, barred)
    barred |= _unlinked(inputs, appraisal, ground, barred)
    barred |= _oversized(ground, barred, available, inputs.rules.roles)
    return barred


def missing_value(key: ItemKey, appraisal: Appraisal) -> str:
    """Return why an item's value is not known: no link, or one to a metric without known harm."""
    metrics = [link.metric for link in appraisal.links_of.get(key, ())]
    if not metrics:
        return "touches no metric, so its value is not known (not zero)"
    known = appraisal.harms
    ordered = sorted(metrics, key=lambda metric: known[metric].only_speaks)
    reasons = [known[metric].missing for metric in ordered if known[metric].missing]
    if reasons:
        return reasons[0]
    names = ", ".join(metrics)
    return f"{names} only supports other metrics of its step and carries no harm itself"


def _lost(key: ItemKey, elsewhere: Mapping[ItemKey, str]) -> str:
    """Return what is said of an item that waits for one that is not here."""
    if key in elsewhere:
        return (
            f"waits for {key}, which team {elsewhere[key]} has in its backlog; `--all-teams` plans "
            "both together"
        )
    return f"waits for {key}, which is not in this backlog and not known to be done"


def _by_others(inputs: Inputs) -> dict[ItemKey, Barred]:
    """Return items that cannot compete for what other teams do in the same plan."""
    if inputs.beside is None:
        return {}
    blocked = {key: Barred(Reason.BLOCKED, why) for key, why in inputs.beside.blocked.items()}
    out = {key: Barred(Reason.EXCLUDED, why) for key, why in inputs.beside.excluded.items()}
    return blocked | out


class _Finder:
    """Finds the items that a reference means: the item, its phases, or its namesake elsewhere."""

    def __init__(self, items: Mapping[ItemKey, DebtItem]) -> None:
        self._items = items
        self._resolve = key_resolver(items)
        self._phases: dict[ItemKey, list[ItemKey]] = {}
        for key in sorted(items):
            whole, slash, _ = key.rpartition("/")
            if slash:
                self._phases.setdefault(whole, []).append(key)

    def __call__(self, key: ItemKey) -> Sequence[ItemKey]:
        if key in self._items:
            return (key,)
        if key in self._phases:
            return self._phases[key]
        namesake = self._resolve(key.partition(":")[2])
        return () if namesake is None else (namesake,)


def _cyclic(waits: Waits) -> dict[ItemKey, Barred]:
    barred: dict[ItemKey, Barred] = {}
    for cycle in find_cycles(waits):
        path = " -> ".join((*cycle[:NAMED], "...", cycle[-1]) if len(cycle) > 2 * NAMED else cycle)
        detail = f"is in a cycle of prerequisites: {path} -> {cycle[0]}; remove one of these links"
        barred |= dict.fromkeys(cycle, Barred(Reason.BLOCKED, detail))
    return barred


def _replaced(
    items: Mapping[ItemKey, DebtItem], excludes: Mapping[ItemKey, Sequence[ItemKey]]
) -> dict[ItemKey, Barred]:
    """Return items whose alternative is done: at most one of them is worth doing."""
    barred: dict[ItemKey, Barred] = {}
    for key, others in sorted(excludes.items()):
        for other in others:
            for done, left in ((key, other), (other, key)):
                if items[done].state is ItemState.DONE:
                    detail = f"is an alternative to {done}, which is done"
                    barred[left] = Barred(Reason.EXCLUDED, detail)
    return barred


def _alone(
    inputs: Inputs, appraisal: Appraisal, items: Mapping[ItemKey, DebtItem]
) -> dict[ItemKey, Barred]:
    """Return items that are finished, planned elsewhere, banned or not estimated."""
    barred = {}
    # An open item that was last in a sprint that has closed is back in the backlog.
    free = {name for one in inputs.sprints for name in (one.name, one.id)}
    free |= {inputs.sprint.name, inputs.sprint.id, ""}
    for key, item in items.items():
        if item.state is ItemState.DONE:
            barred[key] = Barred(Reason.NOT_OPEN, "is done")
        elif item.sprint is not None and item.sprint not in free:
            barred[key] = Barred(Reason.NOT_OPEN, f"is already in {item.sprint}")
        elif key in inputs.rules.forbidden:
            why = inputs.rules.forbidden[key] or "no reason given"
            barred[key] = Barred(Reason.FORBIDDEN, f"ruled out by the team: {why}")
        elif item.points is None:
            value = appraisal.values.get(key)
            worth = f", worth about {value.ux_value:,.0f} sessions a sprint" if value else ""
            barred[key] = Barred(Reason.NO_ESTIMATE, f"has no estimate; estimate it{worth}")
    return barred


def _refused(
    inputs: Inputs,
    appraisal: Appraisal,
    ground: Ground,
    barred: Mapping[ItemKey, Barred],
    available: float,
) -> dict[ItemKey, Barred]:
    """Return items that the linter refuses by setting; a pin counts for more."""
    if not any(getattr(inputs.lint, rule.value) == "refuse" for rule in LintRule):
        return {}
    refused = {}
    for key, item in ground.items.items():
        if key in barred or key in inputs.rules.pinned:
            continue
        found = lint_item(item, appraisal.links_of, available, inputs.lint)
        worst = next((one for one in found if one.severity == "refuse"), None)
        if worst is not None:
            reason = _LACKING.get(worst.rule, Reason.FORBIDDEN)
            detail = f"refused by [items.lint] {worst.rule}: {worst.message}"
            refused[key] = Barred(reason, detail)
    return refused


def _blocked(ground: Ground, barred: Mapping[ItemKey, Barred]) -> dict[ItemKey, Barred]:
    """Return items that wait, directly or not, for a barred one; the smallest such key is named."""
    followers = dependents(ground.waits)
    blocked: dict[ItemKey, Barred] = {}
    reached: set[ItemKey] = set()
    for stuck in sorted(barred):
        if ground.items[stuck].state is ItemState.DONE:
            continue
        detail = f"waits for {stuck}, which {barred[stuck].detail}"
        for key in closure(followers.get(stuck, ()), followers, without=reached):
            reached.add(key)
            if key not in barred:
                blocked[key] = Barred(Reason.BLOCKED, detail)
    return blocked


def _unlinked(
    inputs: Inputs, appraisal: Appraisal, ground: Ground, barred: Mapping[ItemKey, Barred]
) -> dict[ItemKey, Barred]:
    """Return items of unknown value that are not pinned and that no valued item waits for."""
    awaited = inputs.beside.awaited if inputs.beside else ()
    wanted = [*appraisal.values, *inputs.rules.pinned, *awaited]
    needed = set(closure([key for key in wanted if key not in barred], ground.waits))
    return {
        key: Barred(Reason.NO_LINK, missing_value(key, appraisal))
        for key in ground.items
        if key not in barred and key not in needed
    }


def _oversized(
    ground: Ground,
    barred: Mapping[ItemKey, Barred],
    available: Fraction,
    roles: Mapping[str, float],
) -> dict[ItemKey, Barred]:
    """Return items that no plan can hold, alone or with what they wait for."""
    over = {}
    cost = {key: exact(item.points or 0) for key, item in ground.items.items() if key not in barred}
    for key in cost:
        bundle = _bundle(key, ground.waits, cost, available)
        total = sum((cost[one] for one in bundle), Fraction(0))
        if total > available:
            over[key] = Barred(Reason.TOO_LARGE, _too_large(bundle, cost, total, available))
            continue
        full = full_role([ground.items[one] for one in bundle], roles)
        if full:
            over[key] = Barred(Reason.ROLE_FULL, f"needs more {full} than the sprint has for debt")
    return over


def _bundle(
    key: ItemKey, waits: Waits, cost: Mapping[ItemKey, Fraction], available: Fraction
) -> list[ItemKey]:
    """Return the key and what it waits for, the nearest first, up to where it passes the reserve.

    A chain may be thousands long: what lies beyond the reserve is not walked.
    """
    bundle, seen, total = [key], {key}, cost[key]
    for one in bundle:
        for other in waits[one] if total <= available else ():
            if other not in seen:
                seen.add(other)
                bundle.append(other)
                total += cost[other]
    return bundle


def _too_large(
    bundle: Sequence[ItemKey],
    cost: Mapping[ItemKey, Fraction],
    total: Fraction,
    available: Fraction,
) -> str:
    most = f"more than the {float(available):g} of this sprint"
    if cost[bundle[0]] > available:
        return f"costs {float(cost[bundle[0]]):g}, {most}; split it into phases"
    names = few(in_order(bundle[1:]))
    return f"costs with {names}, which it waits for, {float(total):g} or more, {most}"


def full_role(items: Sequence[DebtItem], roles: Mapping[str, float]) -> str:
    """Return the first role whose limit the items together pass, or an empty string."""
    for role, limit in sorted(roles.items()):
        parts = [exact(part.points) for item in items for part in item.roles if part.role == role]
        if sum(parts, Fraction(0)) > exact(limit):
            return role
    return ""
