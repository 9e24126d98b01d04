"""Explaining a plan by solving again: what items are worth to it, and what would change it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, gcd, lcm

from debtplan.core.appraisal import Appraisal
from debtplan.core.decision import Extras
from debtplan.core.dominance import without_beaten
from debtplan.core.exact import exact
from debtplan.core.explain import Drop, Flips, drop_loss, force_loss
from debtplan.core.inputs import Inputs
from debtplan.core.plan import Flip, FrontierPoint
from debtplan.core.problem import Problem, Selection
from debtplan.core.program import Program, write_program
from debtplan.workflows.planner import Planner

FRONTIER_PERCENT = 25
"""The frontier goes to this percentage of capacity, further where today's reserve is larger."""


@dataclass(frozen=True, slots=True)
class Case:
    """A solved plan that is to be explained."""

    inputs: Inputs
    appraisal: Appraisal
    program: Program
    selection: Selection


def worth_explaining(case: Case, limit: int) -> list[str]:
    """Return the keys to explain: the chosen, then the most valuable others, `limit` at most."""
    values, chosen = case.appraisal.values, set(case.selection.chosen)
    others = sorted(
        (key for key in case.program.problem.keys if key not in chosen),
        key=lambda key: (-values[key].ux_value if key in values else 0.0, key),
    )
    return [*case.selection.chosen, *others][:limit]


def explain(case: Case, planner: Planner, keys: Sequence[str]) -> Extras:
    """Return losses and flips of the keys, the frontier, certainty and interval."""
    frontier, entries = _frontier(case, planner)
    drops: dict[str, Drop | None] = {}
    losses: dict[str, float | None] = {}
    flips: dict[str, Flip] = {}
    problem, selection = case.program.problem, case.selection
    cost = {one.key: one.points for one in problem.candidates}
    most = max((cost.get(key, Fraction(0)) for key in keys), default=Fraction(0))
    slim = without_beaten(problem, keep=keys, slack=most)
    cheaper = Flips(slim, selection, planner.engine.any_best, _step(problem))
    for done, key in enumerate(keys):
        planner.progress("explaining items", done, len(keys))
        if key in selection.chosen:
            drops[key] = drop_loss(problem, selection, key, planner.engine.select)
        elif key in cost:
            losses[key] = force_loss(slim, selection, key, planner.engine.any_best)
            flips[key] = Flip(
                points=cheaper.points(key),
                ux_value=_needed(case.appraisal, key, losses[key]),
                reserve=entries.get(key),
            )
    interval = planner.simulator.interval(case.appraisal, selection.chosen, case.inputs.seed)
    return Extras(drops, losses, flips, frontier, interval, _certainty(case, planner))


def _needed(appraisal: Appraisal, key: str, loss: float | None) -> float | None:
    """Return the value at which the item would be level, where forcing it in costs `loss`."""
    value = appraisal.values.get(key)
    return value.ux_value + loss if value and loss is not None else None


def _certainty(case: Case, planner: Planner) -> dict[str, float]:
    """Return, for every candidate, the share of simulated worlds whose optimum holds it.

    Empty where there are more candidates than the limit: each world is a whole plan.
    """
    problem = case.program.problem
    if len(problem.keys) > planner.explain_limit:
        return {}
    counts = dict.fromkeys(problem.keys, 0)
    worlds = 0
    for world in planner.simulator.worlds(case.appraisal, problem, case.inputs.seed):
        planner.progress("simulating worlds", worlds, 0)
        for key in planner.engine.any_best(world).chosen:
            counts[key] += 1
        worlds += 1
    return {key: count / worlds for key, count in counts.items()} if worlds else {}


def _step(problem: Problem) -> Fraction:
    """Return the largest step all estimates are multiples of, at most one half."""
    sizes = [one.points for one in problem.candidates if one.points > 0]
    bottom = lcm(2, *(size.denominator for size in sizes))
    return Fraction(gcd(bottom // 2, *(int(size * bottom) for size in sizes)), bottom)


def _frontier(case: Case, planner: Planner) -> tuple[tuple[FrontierPoint, ...], dict[str, float]]:
    """Return the best value for each reserve, and the first above today's that holds each item.

    A reserve too small for what is pinned has no point.
    """
    capacity = exact(case.program.capacity.points or 1.0)
    today = case.program.problem.ceiling / capacity
    last = max(FRONTIER_PERCENT, ceil(100 * today))
    problem = write_program(case.inputs, case.appraisal, last / 100).problem
    cost = {one.key: one.points for one in problem.candidates}
    points: list[FrontierPoint] = []
    entries: dict[str, float] = {}
    for percent in range(last + 1):
        planner.progress("weighing reserves", percent, last)
        share = Fraction(percent, 100)
        best = planner.engine.select(replace(problem, ceiling=capacity * share))
        if best.value is None:
            continue
        used = sum((cost[key] for key in best.chosen), Fraction(0))
        point = FrontierPoint(reserve_share=float(share), points=float(used), ux_value=best.value)
        points.append(point)
        for key in best.chosen if share > today else ():
            entries.setdefault(key, float(share))
    return tuple(points), entries
