"""Making a plan: appraise, write the program, solve, prove, explain, write it down."""

from collections.abc import Sequence
from dataclasses import replace

from debtplan import __version__
from debtplan.core.appraisal import Appraisal, appraise
from debtplan.core.decision import write_plan
from debtplan.core.explain import smallest_conflict
from debtplan.core.inputs import Inputs
from debtplan.core.plan import Plan
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.program import Program, write_program
from debtplan.core.proof import verify
from debtplan.core.risk import Risk
from debtplan.core.source import SourceStatus
from debtplan.errors import (
    DebtplanError,
    NoPlanError,
    PartialDataError,
    ProofError,
    UsageError,
)
from debtplan.ports import Engine
from debtplan.workflows.ahead import explain_jointly, look_ahead, settle, sort_ahead
from debtplan.workflows.chances import with_chances
from debtplan.workflows.explain import Case, explain, worth_explaining
from debtplan.workflows.information import beside_plan
from debtplan.workflows.planner import Planner
from debtplan.workflows.robust import write_robust


def make_plan(inputs: Inputs, planner: Planner) -> Plan:
    """Return the proven plan of the inputs.

    Raises:
        UsageError: No item, or no capacity known.
        PartialDataError: So much vanished from a source that a person has to look first.
        NoPlanError: Pins and rules contradict each other; the smallest such set is named.
        ProofError: The engine's answer does not hold; nothing of it is used.
    """
    refuse_shrunk(inputs)
    case = solve(inputs, planner)
    return _written(case, planner, worth_explaining(case, planner.explain_limit))


def refuse_shrunk(inputs: Inputs) -> None:
    """Refuse to plan while so much is gone from a source. See `make_plan`."""
    shrunk = [one for one in inputs.sources if one.status is SourceStatus.SHRUNK]
    if shrunk:
        what = f"No plan is made while {shrunk[0].name} has shrunk: {shrunk[0].detail}"
        fix = (
            f"Check what the token may read, and run `debtplan sync {shrunk[0].name}` again; "
            "with --allow-shrink if that much is gone indeed."
        )
        raise PartialDataError(what, fix)


def explain_item(inputs: Inputs, key: str, planner: Planner) -> Plan:
    """Return the plan with one item explained by solving again, whatever the limit."""
    return _written(solve(inputs, planner), planner, [key])


def solve(inputs: Inputs, planner: Planner) -> Case:
    """Return what everything is worth, the program, and its proven answer. See `make_plan`."""
    appraisal, program = prepare(inputs)
    selection = planner.engine.select(program.problem)
    if selection.status is Status.INFEASIBLE:
        raise _conflict(program.problem, planner.engine)
    _prove(program.problem, selection)
    return Case(inputs, appraisal, program, selection)


def prepare(inputs: Inputs) -> tuple[Appraisal, Program]:
    """Return what everything is worth, and the program. See `make_plan`."""
    if not inputs.items:
        raise _nothing(inputs)
    appraisal = appraise(inputs)
    program = _program(inputs, appraisal)
    _check_pins(inputs, program)
    return appraisal, program


def _written(case: Case, planner: Planner, keys: Sequence[str]) -> Plan:
    problem = case.program.problem
    if case.inputs.risk.measure is Risk.CVAR:
        made, robust = write_robust(case, planner.started())
        return with_chances(made, case.appraisal, problem, planner.simulator, robust)
    made = _plain(case, planner, keys)
    return with_chances(made, case.appraisal, problem, planner.simulator)


def _plain(case: Case, planner: Planner, keys: Sequence[str]) -> Plan:
    """Return the plan of most expected relief."""
    outlook = look_ahead(case, planner)
    planner = planner.started()
    if outlook is not None:
        _prove(outlook.unrolled.problem, outlook.selection)
    if outlook is None or not outlook.is_joint:
        baseline = planner.baseline.select(case.program.problem)
        extras = replace(explain(case, planner, keys), outlook=outlook)
    else:
        baseline = sort_ahead(outlook, planner)
        extras = explain_jointly(case, outlook, planner, keys)
    measured = beside_plan(case, planner) if planner.explain_limit else ()
    if outlook is not None and outlook.is_joint:
        case = settle(case, outlook)
    return write_plan(
        case.inputs,
        case.appraisal,
        case.program,
        (case.selection, baseline),
        replace(extras, measured=measured),
        (planner.clock(), __version__),
    )


def _nothing(inputs: Inputs) -> DebtplanError:
    """Return the error for an empty backlog, which names the sources that failed."""
    what = f"The backlog of team {inputs.team!r} is empty: there is nothing to plan."
    return _failed(inputs, what) or UsageError(
        what, "Run `debtplan sync`, and check [sources] and [items]."
    )


def _failed(inputs: Inputs, what: str, name: str = "") -> PartialDataError | None:
    """Return the error that names the sources that failed, or the one named; None for none."""
    failed = [
        one
        for one in inputs.sources
        if one.status is SourceStatus.FAILED and name in ("", one.name)
    ]
    if not failed:
        return None
    causes = " ".join(f"{one.name} failed: {one.detail}" for one in failed)
    return PartialDataError(f"{what} {causes}", "Mend that, and run `debtplan sync` again.")


def _program(inputs: Inputs, appraisal: Appraisal) -> Program:
    try:
        return write_program(inputs, appraisal)
    except ValueError as error:
        what = f"{str(error)[:1].upper()}{str(error)[1:]}."
        fix = (
            f"Set capacity under [team.{inputs.team}], or give closed sprints with points "
            "(sprints = ...)."
        )
        if inputs.attendance is not None and not inputs.attendance.coming.there:
            fix = f"Name another sprint with --sprint, or mend days_off under [team.{inputs.team}]."
        failed = _failed(inputs, what, f"sprints:{inputs.team}")
        raise failed or UsageError(what, fix) from None


def _check_pins(inputs: Inputs, program: Program) -> None:
    for key in inputs.rules.pinned:
        if key not in program.items:
            what = f"{key} is pinned, but it is in no backlog."
            raise NoPlanError(what, f"Take it out of pinned under [team.{inputs.team}].")
        if key in program.barred:
            detail = program.barred[key].detail
            verb = "is " if detail.startswith(("ruled out", "refused")) else ""
            what = f"{key} is pinned, but it {verb}{detail}."
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
