"""Looking ahead: the coming sprint decided with the later ones in view."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from debtplan.core.alternatives import Explained
from debtplan.core.decision import Extras
from debtplan.core.explain import Drop
from debtplan.core.horizon import Outlook, Unrolled, name
from debtplan.core.problem import Problem, Selection, Status, relief
from debtplan.core.program import write_horizon
from debtplan.workflows.explain import Case, explain, say_unproven
from debtplan.workflows.many import Many
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
    others = others[:MOST_FORCED]
    many = Many(replace(planner, engine=planner.ahead), outlook.unrolled.problem, outlook.selection)
    for key, found in _solved(many, now, partial(_without, outlook)):
        planner.progress("explaining items", len(drops), len(now))
        drops[key] = _drop(outlook, found, now)
    for key, found in _solved(many, others, partial(_with, outlook)):
        losses[key] = _loss(outlook, found)
    finished = outlook.finished
    missing = (
        *say_unproven(len(now) - len(drops), "what the plan loses without"),
        *say_unproven(len(others) - len(losses), "what the plan loses with"),
    )
    return replace(
        extras,
        drops=drops,
        force_losses=losses,
        flips={},
        interval=planner.simulator.interval(case.appraisal, finished, case.inputs.seed),
        outlook=outlook,
        explained=_covered(extras.explained, len(drops) + len(losses), missing),
    )


def _covered(found: Explained | None, items: int, missing: tuple[str, ...]) -> Explained | None:
    """Return what surrounds the plan, with what solving all sprints again explained of it."""
    if found is None:
        return None
    known = found.coverage
    told = {"items": items, "missing": (*known.missing, *missing)}
    return found.model_copy(update={"coverage": known.model_copy(update=told)})


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


def _solved(
    many: Many, keys: Sequence[str], changed: Callable[[str], Problem | None]
) -> Iterator[tuple[str, Selection | None]]:
    """Yield the best schedule of each changed problem while there is time.

    None where there is none; those that are not proven are left out.
    """
    asked = {key: problem for key in keys if (problem := changed(key)) is not None}
    answers = many.solve(asked.values(), len(asked))
    for key in keys:
        if many.is_late:
            return
        found = next(answers) if key in asked else None
        if found is None or found.status is Status.INFEASIBLE:
            yield key, None
        elif found.status is Status.OPTIMAL or found.is_close:
            yield key, found


def _without(outlook: Outlook, key: str) -> Problem:
    """Return the problem without the item in any of its sprints."""
    problem = outlook.unrolled.problem
    copies = {copy for copy, span in outlook.unrolled.spans.items() if span.key == key}
    pinned = tuple(one for one in problem.pinned if one not in copies)
    return replace(problem, pinned=pinned, forbidden=tuple(sorted({*problem.forbidden, *copies})))


def _with(outlook: Outlook, key: str) -> Problem | None:
    """Return the problem with the item finished in the coming sprint; None where it cannot be."""
    problem, copy = outlook.unrolled.problem, name(key, 1)
    if any(rule.key == copy for rule in problem.after):
        return None
    return replace(problem, pinned=tuple(sorted({*problem.pinned, copy})))


def _drop(outlook: Outlook, without: Selection | None, now: Sequence[str]) -> Drop | None:
    """Return what the schedule loses without an item."""
    loss = _loss(outlook, without)
    if loss is None or without is None:
        return None
    spans = outlook.unrolled.schedule(without)
    new = sorted({span.key for span in spans if span.first == 1}.difference(now))
    return Drop(loss, tuple(new))


def _loss(outlook: Outlook, other: Selection | None) -> float | None:
    """Return what another schedule is worth less."""
    best = outlook.selection.value
    if other is None or other.value is None or best is None:
        return None
    return max(0.0, best - other.value)
