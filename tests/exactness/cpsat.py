"""An independent opinion: OR-tools' CP-SAT on the problem as it stands, in whole numbers.

Nothing of debtplan's engines is used. The steps of a curve, harm * (rho**u - rho**(u + 1)), are
rounded up to whole units; the value of whole u is then the least of the lines through neighbouring
points, so the model is linear and exact but for less than a unit a step.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm
from typing import TYPE_CHECKING

from debtplan.core.problem import Problem
from tests.exactness.instances import Stepped

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

UNITS = 10**8
"""Units in the largest harm. From 10**10 on, far below any overflow, CP-SAT 9.15.6755 calls sets
optimal that are 0.05% to 3% short of others it accepts."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What CP-SAT says.

    Attributes:
        is_feasible: Whether any set is allowed.
        is_proven: Whether its set is the best of its model.
        chosen: Keys.
        bound: No allowed set is worth more, rounding included.
    """

    is_feasible: bool
    is_proven: bool
    chosen: tuple[str, ...] = ()
    bound: Fraction = Fraction(0)


def ask(stepped: Stepped, limit_s: float) -> Opinion:
    """Return CP-SAT's opinion of a problem."""
    from ortools.sat.python import cp_model  # in this process only: see `compare`

    problem = stepped.problem
    model = cp_model.CpModel()
    taken = {key: model.new_bool_var(key) for key in problem.keys}
    _add_rules(model, problem, taken)
    unit = Fraction(max(harm for _, harm in problem.harms)) / UNITS
    model.maximize(sum(_curves(model, stepped, taken, unit)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = limit_s
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return Opinion(is_feasible=False, is_proven=True)
    assert status in (cp_model.OPTIMAL, cp_model.FEASIBLE), solver.status_name(status)
    return Opinion(
        is_feasible=True,
        is_proven=status == cp_model.OPTIMAL,
        chosen=tuple(key for key, one in taken.items() if solver.boolean_value(one)),
        bound=Fraction(ceil(solver.best_objective_bound)) * unit,
    )


def _add_rules(
    model: "cp_model.CpModel", problem: Problem, taken: dict[str, "cp_model.IntVar"]
) -> None:
    sums = [({one.key: one.points for one in problem.candidates}, problem.ceiling)]
    for role, limit in problem.roles:
        spent = {one.key: dict(one.roles).get(role, Fraction(0)) for one in problem.candidates}
        sums.append((spent, limit))
    for costs, limit in sums:
        scale = lcm(limit.denominator, *(cost.denominator for cost in costs.values()))
        model.add(
            sum(int(cost * scale) * taken[key] for key, cost in costs.items()) <= int(limit * scale)
        )
    for one in problem.candidates:
        for needed in one.requires:
            model.add_implication(taken[one.key], taken[needed])
    for rule in problem.at_most:
        model.add(sum(taken[key] for key in rule.keys) <= rule.limit)
    for key in problem.pinned:
        model.add(taken[key] == 1)
    for key in problem.forbidden:
        model.add(taken[key] == 0)


def _curves(
    model: "cp_model.CpModel",
    stepped: Stepped,
    taken: dict[str, "cp_model.IntVar"],
    unit: Fraction,
) -> list["cp_model.IntVar"]:
    """Return one column of relief a metric, held below its curve by a line a step."""
    reliefs = []
    for metric, harm in stepped.problem.harms:
        powers = {key: of[metric] for key, of in stepped.powers.items() if metric in of}
        if not powers:
            continue
        most, rho = sum(powers.values()), stepped.rhos[metric]
        reached = sum(k * taken[key] for key, k in powers.items())
        relief = model.new_int_var(0, UNITS + most, metric)
        height, left = 0, Fraction(harm) / unit
        for u in range(most):
            step = ceil(left * (1 - rho))
            model.add(relief <= height + step * (reached - u))
            if step == 1:
                break  # every further step is one unit, too
            height, left = height + step, left * rho
        reliefs.append(relief)
    return reliefs
