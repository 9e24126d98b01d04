"""Why a candidate that could have been chosen was not: the binding rule, or the better rivals."""

from fractions import Fraction

from debtplan.core.appraisal import Appraisal
from debtplan.core.plan import Reason
from debtplan.core.problem import Candidate, Selection
from debtplan.core.program import Barred, Program, closure

NAMED = 3
"""Rivals named in one sentence."""


def why_not(program: Program, appraisal: Appraisal, selection: Selection, key: str) -> Barred:
    """Return the reason, with the names of the rule or the rivals."""
    chosen = {one.key: one for one in program.problem.candidates if one.key in selection.chosen}
    candidate = next(one for one in program.problem.candidates if one.key == key)
    for rule in program.problem.at_most:
        there = [one for one in rule.keys if one in chosen]
        if key in rule.keys and len(there) >= rule.limit:
            return Barred(Reason.EXCLUDED, f"{rule.label}; {', '.join(there)} is in the plan")
    value = appraisal.values.get(key)
    if value is None:
        return Barred(Reason.OUTRANKED, "only helps others, and none of them is in the plan")
    if value.ux_value <= 0:
        return Barred(
            Reason.OUTRANKED, "its metrics meet their goals, so there is no harm to relieve"
        )
    bundle = [one for one in program.problem.candidates if one.key in closure(key, program.waits)]
    missing = [one for one in bundle if one.key not in chosen]
    cost = sum((one.points for one in missing), Fraction(0))
    spent = sum((one.points for one in chosen.values()), Fraction(0))
    role = _full_role(program, chosen, missing)
    if spent + cost <= program.problem.ceiling and role:
        return Barred(Reason.ROLE_FULL, f"the sprint's {role} points for debt are used up")
    return Barred(Reason.OUTRANKED, _rivals(program, appraisal, chosen, candidate))


def _full_role(program: Program, chosen: dict[str, Candidate], missing: list[Candidate]) -> str:
    for role, limit in program.problem.roles:
        parts = [p for one in (*chosen.values(), *missing) for r, p in one.roles if r == role]
        if sum(parts, Fraction(0)) > limit:
            return role
    return ""


def _rivals(
    program: Program, appraisal: Appraisal, chosen: dict[str, Candidate], candidate: Candidate
) -> str:
    """Return the chosen items that give more per point, or what fits better as a set."""
    mine = _per_point(appraisal, candidate)
    better = sorted(
        (one for one in chosen.values() if _per_point(appraisal, one) > mine),
        key=lambda one: (-_per_point(appraisal, one), one.key),
    )
    names = ", ".join(one.key for one in better[:NAMED])
    if len(better) > NAMED:
        names += f" and {len(better) - NAMED} more"
    shared = _shared(program, chosen, candidate)
    if names:
        return f"the reserve goes further with {names}" + shared
    if not chosen:
        return "does not fit with what is pinned"
    return "gives more per point, but does not fit beside the others; the plan as a whole is worth more"


def _shared(program: Program, chosen: dict[str, Candidate], candidate: Candidate) -> str:
    """Return a remark where a chosen item already relieves most of what this one would."""
    metrics = {metric for metric, _ in candidate.removals}
    overlap = [
        key
        for key, one in sorted(chosen.items())
        if metrics & {metric for metric, _ in one.removals}
    ]
    if not overlap or not metrics:
        return ""
    verb = "relieves" if len(overlap) == 1 else "relieve"
    return f"; {', '.join(overlap[:NAMED])} already {verb} the same users"


def _per_point(appraisal: Appraisal, candidate: Candidate) -> float:
    value = appraisal.values.get(candidate.key)
    return (value.ux_value if value else 0.0) / max(float(candidate.points), 1e-9)
