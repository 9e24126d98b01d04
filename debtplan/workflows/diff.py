"""Holding a plan against an earlier one: solved again swap by swap, so that causes are exact."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from debtplan.core.appraisal import appraise
from debtplan.core.approval import Approval
from debtplan.core.change import Cause, Change
from debtplan.core.diff import compare, compared_with, is_tie
from debtplan.core.inputs import Inputs
from debtplan.core.plan import Plan
from debtplan.core.problem import Status
from debtplan.core.program import write_program
from debtplan.core.replay import Replay, replay_of
from debtplan.core.risk import Risk
from debtplan.core.swap import ORDER, mix
from debtplan.errors import DebtplanError
from debtplan.workflows.ahead import look_ahead, settle
from debtplan.workflows.explain import Case
from debtplan.workflows.plan import solve
from debtplan.workflows.planner import Planner, no_progress
from debtplan.workflows.robust import hedge


@dataclass(frozen=True, slots=True)
class Decided:
    """What is chosen for some inputs.

    Attributes:
        chosen: Keys of the coming sprint, what is only begun in it among them, sorted.
        is_proven: Whether that is proven best.
        may_tie: Whether the value of the coming sprint alone decided.
    """

    case: Case
    chosen: tuple[str, ...]
    is_proven: bool
    may_tie: bool


def with_changes(new: Plan, old: Plan | Approval, planner: Planner) -> Plan:
    """Return the new plan with what differs from the old one, each change with its cause."""
    before = old.plan if isinstance(old, Approval) else old
    compared = compared_with(before, write_program(new.inputs, appraise(new.inputs)))
    if isinstance(old, Approval):
        approval = {"approved_at": old.approved_at, "approved_by": old.approved_by}
        compared = compared.model_copy(update=approval)
    changes: tuple[Change, ...] = ()
    if before.digest != new.digest:
        changes = compare(before, new, tuple(replay(before, new, planner)))
    return new.model_copy(update={"compared": compared, "changes": changes})


def replay(old: Plan, new: Plan, planner: Planner) -> Iterator[Replay]:
    """Yield the old plan, the plan after each swap that changes its inputs, and the new plan.

    Every plan in between keeps as much of the old one as ties, and the setting `keep_within`,
    let it: what differs then was forced. Inputs that mix both sides may have no plan (an old pin on
    an item that is gone); what that swap does then counts for the next one.
    """
    quiet = replace(planner, progress=no_progress)
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
        try:
            last = replay_of_case(decide(mixed, quiet), cause, last)
        except DebtplanError:
            continue
        yield last
    else:
        cause = _end(new.inputs)
    yield as_it_stands(new, cause, last)


def decide(inputs: Inputs, planner: Planner) -> Decided:
    """Return what `make_plan` would choose for the inputs, without explaining it."""
    case = solve(inputs, planner)
    if inputs.risk.measure is Risk.CVAR:
        case, robust = hedge(case, planner)
        is_proven = robust.status is Status.OPTIMAL
        return Decided(case, case.selection.chosen, is_proven, may_tie=False)
    outlook = look_ahead(case, planner)
    case = settle(case, outlook)
    begun = tuple(span.key for span in outlook.begun) if outlook else ()
    return Decided(
        case,
        tuple(sorted({*case.selection.chosen, *begun})),
        case.selection.status is Status.OPTIMAL,
        may_tie=not (outlook and outlook.is_joint),
    )


def replay_of_case(decided: Decided, cause: Cause, last: Replay, label: str = "") -> Replay:
    """Return what was decided as the next replay after `last`."""
    program = decided.case.program
    return Replay(
        cause=cause,
        inputs=decided.case.inputs,
        chosen=frozenset(decided.chosen),
        points={key: item.points for key, item in program.items.items()},
        values={key: one.ux_value for key, one in decided.case.appraisal.values.items()},
        reserve=program.reserve.available,
        is_tie=decided.may_tie and is_tie(program.problem, last.chosen, decided.chosen),
        is_proven=decided.is_proven,
        label=label,
    )


def _end(inputs: Inputs) -> Cause:
    """Return what the last step is called, where all is swapped but what counts as approved."""
    return Cause.RULE if inputs.kept is not None and inputs.keep_within > 0 else Cause.SOLVER


def as_it_stands(new: Plan, cause: Cause, last: Replay) -> Replay:
    """Return the new plan as the last replay."""
    end = replay_of(new, cause)
    problem = write_program(new.inputs, appraise(new.inputs)).problem
    return replace(
        end,
        is_tie=not (new.ahead and new.ahead.is_joint) and is_tie(problem, last.chosen, end.chosen),
        is_proven=new.solver.status is Status.OPTIMAL,
    )


def _may_tie(plan: Plan) -> bool:
    is_joint = plan.ahead is not None and plan.ahead.is_joint
    return not is_joint and plan.inputs.risk.measure is not Risk.CVAR
