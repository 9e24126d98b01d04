"""Looking ahead: the coming sprint decided with the later ones in view."""

from collections.abc import Sequence
from dataclasses import replace

from debtplan.core.decision import Extras
from debtplan.core.explain import Drop
from debtplan.core.horizon import Outlook, Unrolled, name
from debtplan.core.problem import Problem, Selection, Status, relief
from debtplan.core.program import write_horizon
from debtplan.workflows.explain import Case, explain
from debtplan.workflows.planner import Planner

MOST_FORCED = 20
"""Items passed over whose price is found by planning all sprints again, the most valuable first."""


def look_ahead(case: Case, planner: Planner) -> Outlook | None:
    """Return the best schedule over the horizon; None for a horizon of one sprint.

    Where it cannot be proven best in time, the coming sprint is taken by itself, and the later ones
    are planned around it: what is committed never hangs on the speed of a machine. None where not
    even that is proven.
    """
    if case.inputs.horizon.sprints == 1:
        return None
    planner.progress("looking ahead", 0, 0)
    unrolled = write_horizon(case.inputs, case.appraisal, case.program)
    if not unrolled.is_possible:
        return None
    first = case.selection.chosen
    if case.inputs.kept is None:  # of equal schedules, the one with the same coming sprint
        kept = tuple(sorted(name(key, 1) for key in first))
        unrolled = replace(unrolled, problem=replace(unrolled.problem, kept=kept))
    if case.program.problem.is_kept:  # the approved plan counts for more than what it leads to
        alone = planner.ahead.select(_given(unrolled, first))
        return Outlook(unrolled, alone, None, is_joint=False) if _is_best(alone) else None
    whole = planner.ahead.select(unrolled.problem)
    if whole.status is Status.OPTIMAL and _begins(unrolled, whole, first):
        return Outlook(unrolled, whole, None, is_joint=False)
    alone = planner.ahead.select(_given(unrolled, first))
    if whole.status is Status.OPTIMAL:
        return Outlook(unrolled, whole, alone.value, is_joint=True)
    if alone.status is Status.OPTIMAL:
        return Outlook(unrolled, alone, None, is_joint=False)
    return None


def _is_best(selection: Selection) -> bool:
    return selection.status is Status.OPTIMAL


def settle(case: Case, outlook: Outlook | None) -> Case:
    """Return the case with the coming sprint as the schedule has it."""
    if outlook is None or not outlook.is_joint:
        return case
    chosen = outlook.finished
    selection = replace(
        outlook.selection,
        chosen=chosen,
        value=relief(case.program.problem, chosen),
        bound=None,
        gap=None,
    )
    return replace(case, selection=selection)


def sort_ahead(outlook: Outlook, planner: Planner) -> Selection:
    """Return what sorting by value per point gets over the horizon; its items of now are chosen."""
    found = planner.baseline.select(outlook.unrolled.problem)
    now = (span.key for span in outlook.unrolled.schedule(found) if span.last == 1)
    return replace(found, chosen=tuple(sorted(now)))


def explain_jointly(case: Case, outlook: Outlook, planner: Planner, keys: Sequence[str]) -> Extras:
    """Return what the whole schedule loses without items, by solving all sprints again.

    Frontier and certainty are about the coming sprint by itself.

    Args:
        case: The coming sprint by itself.
        outlook: The schedule, whose coming sprint is another.
        planner: What to solve with.
        keys: Items to explain, the chosen besides.
    """
    extras = explain(case, planner, ())
    drops: dict[str, Drop | None] = {}
    losses: dict[str, float | None] = {}
    now = sorted({*outlook.finished, *(span.key for span in outlook.begun)})
    others = [key for key in keys if key not in now and name(key, 1) in outlook.unrolled.spans]
    for done, key in enumerate(now):
        planner.progress("explaining items", done, len(now))
        drops[key] = _drop(outlook, planner, key, now)
    for key in others[:MOST_FORCED]:
        losses[key] = _force(outlook, planner, key)
    finished = outlook.finished
    interval = planner.simulator.interval(case.appraisal, finished, case.inputs.seed)
    return replace(
        extras, drops=drops, force_losses=losses, flips={}, interval=interval, outlook=outlook
    )


def _begins(unrolled: Unrolled, selection: Selection, first: Sequence[str]) -> bool:
    """Tell whether a schedule's coming sprint is just these items."""
    spans = [span for span in unrolled.schedule(selection) if span.first == 1]
    return all(span.last == 1 for span in spans) and {span.key for span in spans} == set(first)


def _given(unrolled: Unrolled, first: Sequence[str]) -> Problem:
    """Return the problem of the horizon with the coming sprint settled."""
    problem = unrolled.problem
    taken = {name(key, 1) for key in first}
    others = {key for key, span in unrolled.spans.items() if span.first == 1} - taken
    led = {rule.key for rule in problem.after}
    return replace(
        problem,
        pinned=tuple(sorted(taken - led)),
        forbidden=tuple(sorted({*problem.forbidden, *others} - taken)),
    )


def _drop(outlook: Outlook, planner: Planner, key: str, now: Sequence[str]) -> Drop | None:
    """Return what the schedule loses without the item in any of its sprints."""
    problem, best = outlook.unrolled.problem, outlook.selection.value
    copies = {copy for copy, span in outlook.unrolled.spans.items() if span.key == key}
    pinned = tuple(one for one in problem.pinned if one not in copies)
    banned = tuple(sorted({*problem.forbidden, *copies}))
    without = planner.ahead.any_best(replace(problem, pinned=pinned, forbidden=banned))
    if without.value is None or best is None or without.status is not Status.OPTIMAL:
        return None
    spans = outlook.unrolled.schedule(without)
    new = sorted({span.key for span in spans if span.first == 1}.difference(now))
    return Drop(max(0.0, best - without.value), tuple(new))


def _force(outlook: Outlook, planner: Planner, key: str) -> float | None:
    """Return what the schedule loses if the item is finished in the coming sprint."""
    problem, best = outlook.unrolled.problem, outlook.selection.value
    copy = name(key, 1)
    if any(rule.key == copy for rule in problem.after) or best is None:
        return None
    forced = planner.ahead.any_best(replace(problem, pinned=tuple(sorted({*problem.pinned, copy}))))
    if forced.value is None or forced.status is not Status.OPTIMAL:
        return None
    return max(0.0, best - forced.value)
