"""Proving a plan again: every number computed from the inputs inside it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from debtplan import __version__
from debtplan.core.appraisal import Appraisal, appraise
from debtplan.core.decision import Extras, relief_by_metric, write_plan
from debtplan.core.digest import with_digest
from debtplan.core.explain import Drop
from debtplan.core.gaps import without_worths
from debtplan.core.horizon import Outlook, name
from debtplan.core.plan import Plan
from debtplan.core.problem import Selection, Status
from debtplan.core.program import Program, write_horizon, write_program
from debtplan.core.proof import Proof, verify
from debtplan.core.record import Value
from debtplan.core.risk import Robust, cvar
from debtplan.errors import DebtplanError
from debtplan.workflows.chances import with_chances
from debtplan.workflows.plan import make_plan
from debtplan.workflows.planner import Planner
from debtplan.workflows.robust import draw_sample

TOLERANCE = 1e-9
"""Numbers may differ by this part, for the last bits of floats on other machines."""

SHOWN = 5
"""Differences that one sentence names."""

SOLVED = frozenset({"certainty", "drop_loss", "force_loss"})
"""Figures that a plan need not state."""

_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


class Checked(Value):
    """One thing that was checked."""

    what: str
    holds: bool
    detail: str = ""


def verify_plan(plan: Plan, planner: Planner) -> tuple[Checked, ...]:
    """Return what was checked, in order; the plan holds if all findings do.

    First without any solver: the digest, every rule in exact arithmetic, the value, the baseline.
    Then the whole plan is made again from its inputs and every field compared.
    """
    checks: list[Checked] = []
    try:
        checks.extend(_alone(plan, planner))
        checks.extend(_again(plan, planner))
    except (DebtplanError, ArithmeticError, LookupError, ValueError) as error:
        said = (
            error.what if isinstance(error, DebtplanError) else f"{type(error).__name__}: {error}"
        )
        detail = f"its inputs give no plan: {said}"
        checks.append(Checked(what="made again from its inputs", holds=False, detail=detail))
    return tuple(checks)


def compare_pages(said: str, drawn: str, version: str) -> Checked:
    """Return whether a report is, to the letter, what its own data gives.

    Charts are drawn from tables that stand beside them; where only the drawings differ (another
    machine has other fonts), the page still holds and the detail says so.

    Args:
        said: The page as it was found.
        drawn: The page as it is drawn again.
        version: The version of debtplan that made the page.
    """
    what = "every word and number of the page is what its data gives"
    if said == drawn:
        return Checked(what=what, holds=True)
    plain_said, plain_drawn = _SVG.sub("<svg/>", said), _SVG.sub("<svg/>", drawn)
    if plain_said == plain_drawn:
        return Checked(what=what, holds=True, detail="charts were drawn with other fonts")
    start = next(
        (i for i, (a, b) in enumerate(zip(plain_said, plain_drawn, strict=False)) if a != b),
        min(len(plain_said), len(plain_drawn)),
    )
    near = slice(max(0, start - 30), start + 40)
    detail = f"it says {plain_said[near]!r}, its data gives {plain_drawn[near]!r}"
    if version != __version__:
        detail += f"; it was made by debtplan {version}, this is {__version__}"
    return Checked(what=what, holds=False, detail=detail)


def _alone(plan: Plan, planner: Planner) -> Iterator[Checked]:
    signed = with_digest(plan)
    yield Checked(what="the digest is that of the content", holds=signed.digest == plan.digest)
    yield Checked(what="the plan's id is made from it", holds=signed.plan_id == plan.plan_id)
    appraisal = appraise(plan.inputs)
    program = write_program(plan.inputs, appraisal)
    selection = _selection(plan)
    outlook = _outlook(plan, appraisal, program)
    if outlook is None or not outlook.is_joint:
        yield from _rows(verify(program.problem, selection))
    if outlook is not None:
        yield from _rows(verify(outlook.unrolled.problem, outlook.selection))
    relieved = sum(relief_by_metric(program, selection.chosen).values())
    close = abs(relieved - plan.ux_value) <= TOLERANCE * max(1.0, abs(plan.ux_value))
    yield Checked(what="relief by metric adds up to the value", holds=close)
    for row in plan.ledger:
        sides = f"{row.relieved:.6g} <= {row.claimed:.6g} <= {row.measured:.6g}"
        yield Checked(what=f"ledger of {row.pool}", holds=row.holds, detail=sides)
    decided, value = program.problem, plan.ux_value
    if outlook is not None and outlook.is_joint:
        decided, value = outlook.unrolled.problem, outlook.selection.value or 0.0
    if decided.is_kept:  # so much may have been given up to keep the approved plan
        value /= 1 - decided.keep_within
    if plan.robust is not None:
        yield _bad_worlds(plan.robust, plan, appraisal, program, planner)
        return
    simple = planner.baseline.select(decided)
    better = (simple.value or 0.0) <= value * (1 + TOLERANCE) + TOLERANCE
    yield Checked(what="sorting by value per point is not better", holds=better)


def _bad_worlds(
    robust: Robust, plan: Plan, appraisal: Appraisal, program: Program, planner: Planner
) -> Checked:
    """Return whether the plan relieves what it says in the bad worlds, at most its bound."""
    sample = draw_sample(program.problem, appraisal, plan.inputs.seed, planner)
    found = cvar(sample.reliefs(_selection(plan).chosen), robust.alpha)
    slack = TOLERANCE * max(1.0, robust.cvar)
    return Checked(
        what="what it relieves in the bad worlds comes out, and is at most the bound",
        holds=abs(found - robust.cvar) <= slack and found <= robust.bound + slack,
        detail=f"{found:.10g} <= {robust.bound:.10g}",
    )


def _rows(proof: Proof) -> Iterator[Checked]:
    for check in proof.checks:
        sides = f"{float(check.left):.10g} <= {float(check.right):.10g}"
        yield Checked(what=check.rule, holds=check.holds, detail=sides)


def _outlook(plan: Plan, appraisal: Appraisal, program: Program) -> Outlook | None:
    """Return the schedule as the plan states it."""
    if plan.ahead is None:
        return None
    stated = plan.ahead
    selection = Selection(
        status=stated.status,
        chosen=tuple(sorted(name(one.key, one.finishes_in) for one in (*plan.chosen, *plan.next))),
        value=stated.ux_value,
        bound=stated.bound,
        gap=stated.gap,
        engine=plan.solver.engine,
    )
    unrolled = write_horizon(plan.inputs, appraisal, program)
    return Outlook(unrolled, selection, stated.alone, stated.is_joint)


def _again(plan: Plan, planner: Planner) -> Iterator[Checked]:
    """Yield whether every field comes out again.

    Where the plan is not proven best, another run may choose otherwise: then its own choice is
    written down again, and what only solving gives is left as it is.
    """
    is_proven = plan.solver.status is Status.OPTIMAL
    is_whole = plan.explained is None or not plan.explained.coverage.missing
    if plan.explained is not None:  # as many worlds as it says it rests on
        planner = replace(planner, worlds=plan.explained.coverage.worlds)
    again = (
        _explained_alike(plan, make_plan(plan.inputs, planner))
        if is_proven and is_whole
        else _written_again(plan, planner)
    )
    differences = list(
        _differences(plan.model_dump(mode="json"), again.model_dump(mode="json"), "")
    )
    detail = "; ".join(differences[:SHOWN])
    if len(differences) > SHOWN:
        detail += f"; and {len(differences) - SHOWN} more"
    if not differences and not is_proven:
        detail = f"its choice as it stands: it is {plan.solver.status}, not proven best"
    yield Checked(
        what="made again from its inputs, every number comes out",
        holds=not differences,
        detail=detail,
    )


def _explained_alike(plan: Plan, again: Plan) -> Plan:
    """Return the plan made again with no more explained than the one that is checked."""
    if all(row.worth is None for row in plan.measure_first):
        again = again.model_copy(update={"measure_first": without_worths(again.measure_first)})
    said, found = plan.explained, again.explained
    if said is not None and found is not None and said.coverage == found.coverage:
        return again
    return again.model_copy(update={"explained": said})


def _written_again(plan: Plan, planner: Planner) -> Plan:
    """Return the document of the plan's own choice."""
    appraisal = appraise(plan.inputs)
    program = write_program(plan.inputs, appraisal)
    extras = Extras(
        drops={
            one.key: None if one.drop_loss is None else Drop(one.drop_loss, one.replaced_by)
            for one in plan.chosen
        },
        force_losses={one.key: one.force_loss for one in plan.passed_over},
        flips={one.key: one.flip for one in plan.passed_over},
        frontier=plan.frontier,
        interval=plan.interval,
        certainty={
            key: certainty
            for key, certainty in (
                *((one.key, one.certainty) for one in plan.chosen),
                *((row.key, row.certainty) for row in plan.passed_over),
            )
            if certainty is not None
        },
        explained=plan.explained,
        outlook=_outlook(plan, appraisal, program),
        measured=tuple(row for row in plan.measure_first if row.worth is not None),
    )
    selections = (_selection(plan), planner.baseline.select(program.problem))
    made = write_plan(
        plan.inputs, appraisal, program, selections, extras, (plan.created_at, __version__)
    )
    return with_chances(made, appraisal, program.problem, planner.simulator, plan.robust)


def _selection(plan: Plan) -> Selection:
    """Return the solver's answer as the plan states it.

    Where the plan was chosen for the bad worlds, what is proven is not about its value.
    """
    return Selection(
        status=plan.solver.status if plan.robust is None else Status.FEASIBLE,
        chosen=tuple(sorted(one.key for one in plan.chosen if one.finishes_in == 1)),
        value=plan.ux_value,
        bound=plan.solver.bound,
        gap=plan.solver.gap,
        engine=plan.solver.engine,
    )


def _is_compared(key: str, said: Mapping[str, Any], place: str) -> bool:
    """Tell whether a field has to come out again; how much is explained is the maker's choice."""
    if not place:
        return key not in OF_THE_RUN
    if key == "replaced_by":
        return said.get("drop_loss") is not None
    is_solved = key in SOLVED or place.endswith(".flip")
    return not (is_solved and said.get(key) is None)


OF_THE_RUN = frozenset(
    {"plan_id", "digest", "created_at", "debtplan_version", "solver", "compared", "changes"}
)


def _differences(said: Any, found: Any, place: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(said, dict) and isinstance(found, dict):
        for key in sorted(set(said) | set(found)):
            if _is_compared(key, said, place):
                yield from _differences(said.get(key), found.get(key), f"{place}.{key}".lstrip("."))
    elif isinstance(said, list) and isinstance(found, list) and len(said) == len(found):
        for number, (left, right) in enumerate(zip(said, found, strict=True)):
            yield from _differences(left, right, f"{place}[{number}]")
    elif isinstance(said, float | int) and isinstance(found, float | int):
        if abs(said - found) > TOLERANCE * max(1.0, abs(said), abs(found)):
            yield f"{place} says {said}, but {found} comes out"
    elif said != found:
        yield f"{place} says {str(said)[:60]!r}, but {str(found)[:60]!r} comes out"
