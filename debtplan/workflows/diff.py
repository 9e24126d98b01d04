"""Holding a plan against an earlier one: solved again swap by swap, so that causes are exact."""

from collections.abc import Iterator
from dataclasses import replace

from debtplan.core.appraisal import appraise
from debtplan.core.approval import Approval
from debtplan.core.change import Cause
from debtplan.core.diff import compare, compared_with, is_tie
from debtplan.core.inputs import Inputs
from debtplan.core.plan import Plan
from debtplan.core.problem import Status
from debtplan.core.program import write_program
from debtplan.core.replay import Replay, replay_of
from debtplan.core.swap import ORDER, mix
from debtplan.errors import DebtplanError
from debtplan.workflows.ahead import look_ahead, settle
from debtplan.workflows.explain import Case
from debtplan.workflows.plan import solve
from debtplan.workflows.planner import Planner


def with_changes(new: Plan, old: Plan | Approval, planner: Planner) -> Plan:
    """Return the new plan with what differs from the old one, each change with its cause."""
    before = old.plan if isinstance(old, Approval) else old
    problem = write_program(new.inputs, appraise(new.inputs)).problem
    compared = compared_with(before, problem)
    if isinstance(old, Approval):
        approval = {"approved_at": old.approved_at, "approved_by": old.approved_by}
        compared = compared.model_copy(update=approval)
    changes = ()
    if before.digest != new.digest:
        changes = compare(before, new, tuple(replay(before, new, planner)))
    return new.model_copy(update={"compared": compared, "changes": changes})


def replay(old: Plan, new: Plan, planner: Planner) -> Iterator[Replay]:
    """Yield the old plan, the plan after each swap that changes its inputs, and the new plan.

    Every plan in between keeps as much of the old one as ties, and the setting `keep_within`,
    let it: what differs then was forced. Inputs that mix both sides may have no plan (an old pin on
    an item that is gone); what that swap does then counts for the next one.
    """
    last = replay_of(old, Cause.SOLVER)
    kept = last.chosen
    yield last
    made_from, cause = mix(old.inputs, old.inputs, (), kept), Cause.SOLVER
    for number in range(len(ORDER) + 1):
        swapped = ORDER[:number]
        mixed = mix(old.inputs, new.inputs, swapped, kept)
        if number and mixed == made_from:
            continue
        made_from, cause = mixed, swapped[-1] if number else Cause.SOLVER
        if mixed == new.inputs:
            break
        planner.progress("finding causes", number, len(ORDER) + 1)
        found = _solved(mixed, cause, last, planner)
        if found is not None:
            last = found
            yield found
    else:
        cause = _end(new.inputs)
    yield _as_it_stands(new, cause, last)


def decide(inputs: Inputs, planner: Planner) -> Case:
    """Return the decided case of the inputs: what `make_plan` writes down, without explanations."""
    case = solve(inputs, planner)
    return settle(case, look_ahead(case, planner))


def _solved(inputs: Inputs, cause: Cause, last: Replay, planner: Planner) -> Replay | None:
    try:
        case = decide(inputs, planner)
    except DebtplanError:
        return None
    chosen = frozenset(case.selection.chosen)
    return Replay(
        cause=cause,
        inputs=inputs,
        chosen=chosen,
        points={key: item.points for key, item in case.program.items.items()},
        values={key: value.ux_value for key, value in case.appraisal.values.items()},
        reserve=case.program.reserve.available,
        is_tie=case.selection.bound is not None
        and is_tie(case.program.problem, last.chosen, chosen),
        is_proven=case.selection.status is Status.OPTIMAL,
    )


def _end(inputs: Inputs) -> Cause:
    """Return what the last step is called, where all is swapped but what counts as approved."""
    return Cause.RULE if inputs.kept is not None and inputs.keep_within > 0 else Cause.SOLVER


def _as_it_stands(new: Plan, cause: Cause, last: Replay) -> Replay:
    end = replay_of(new, cause)
    problem = write_program(new.inputs, appraise(new.inputs)).problem
    return replace(
        end,
        is_tie=not (new.ahead and new.ahead.is_joint)
        and is_tie(problem, last.chosen, end.chosen),
        is_proven=new.solver.status is Status.OPTIMAL,
    )
