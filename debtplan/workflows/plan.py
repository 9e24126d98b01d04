"""Making a plan: appraise, write the program, solve, prove, explain, write it down."""

from debtplan import __version__
from debtplan.core.appraisal import Appraisal, appraise
from debtplan.core.decision import write_plan
from debtplan.core.explain import smallest_conflict
from debtplan.core.plan import Inputs, Plan
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.program import Program, write_program
from debtplan.core.proof import verify
from debtplan.errors import NoPlanError, ProofError, UsageError
from debtplan.ports import Engine
from debtplan.workflows.explain import explain, worth_explaining
from debtplan.workflows.planner import Planner


def make_plan(inputs: Inputs, planner: Planner) -> Plan:
    """Return the proven plan of the inputs.

    Raises:
        UsageError: No item, or no capacity known.
        NoPlanError: Pins and rules contradict each other; the smallest such set is named.
        ProofError: The engine's answer does not hold; nothing of it is used.
    """
    appraisal, program, selection = solve(inputs, planner)
    baseline = planner.baseline.select(program.problem)
    keys = worth_explaining(appraisal, program, selection, planner.explain_limit)
    extras = explain(inputs, appraisal, program, selection, planner, keys)
    made = (planner.clock(), __version__)
    return write_plan(inputs, appraisal, program, (selection, baseline), extras, made)


def solve(inputs: Inputs, planner: Planner) -> tuple[Appraisal, Program, Selection]:
    """Return what everything is worth, the program, and its proven answer. See `make_plan`."""
    if not inputs.items:
        what = f"The backlog of team {inputs.team!r} is empty: there is nothing to plan."
        raise UsageError(what, "Run `debtplan sync`, and check [sources] and [items].")
    appraisal = appraise(inputs)
    program = _program(inputs, appraisal)
    _check_pins(inputs, program)
    selection = planner.engine.select(program.problem)
    if selection.status is Status.INFEASIBLE:
        raise _conflict(program.problem, planner.engine)
    _prove(program.problem, selection)
    return appraisal, program, selection


def explain_item(inputs: Inputs, key: str, planner: Planner) -> Plan:
    """Return the plan with one item explained by solving again, whatever the limit."""
    appraisal, program, selection = solve(inputs, planner)
    baseline = planner.baseline.select(program.problem)
    extras = explain(inputs, appraisal, program, selection, planner, [key])
    made = (planner.clock(), __version__)
    return write_plan(inputs, appraisal, program, (selection, baseline), extras, made)


def _program(inputs: Inputs, appraisal: Appraisal) -> Program:
    try:
        return write_program(inputs, appraisal)
    except ValueError as error:
        what = f"{str(error)[:1].upper()}{str(error)[1:]}."
        fix = (
            f"Set capacity under [team.{inputs.team}], or give closed sprints with points "
            "(sprints = ...)."
        )
        raise UsageError(what, fix) from None


def _check_pins(inputs: Inputs, program: Program) -> None:
    for key in inputs.rules.pinned:
        if key not in program.items:
            what = f"{key} is pinned, but it is in no backlog."
            raise NoPlanError(what, f"Take it out of pinned under [team.{inputs.team}].")
        if key in program.barred:
            what = f"{key} is pinned, but it {program.barred[key].detail}."
            raise NoPlanError(what, f"Mend that, or unpin it under [team.{inputs.team}].")


def _prove(problem: Problem, selection: Selection) -> None:
    proof = verify(problem, selection)
    if not proof.holds:
        broken = "; ".join(
            f"{check.rule}: {float(check.left):g} > {float(check.right):g}"
            for check in proof.failures
        )
        what = f"The engine {selection.engine} gave an answer that does not hold: {broken}."
        raise ProofError(what, "Run again with another engine or backend under [plan].")


def _conflict(problem: Problem, engine: Engine) -> NoPlanError:
    def is_possible(relaxed: Problem) -> bool:
        return engine.select(relaxed).status is not Status.INFEASIBLE

    pins, rules = smallest_conflict(problem, problem.pinned, is_possible)
    parts = [f"{key} pinned" for key in pins] + list(rules)
    what = f"These rules cannot hold together: {'; '.join(parts)}."
    return NoPlanError(what, "Take back any one of them.")
