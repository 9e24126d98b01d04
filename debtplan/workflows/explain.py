"""Explaining a plan by solving again: what items are worth to it, and what would change it."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, gcd, lcm

from debtplan.core.appraisal import Appraisal
from debtplan.core.decision import Extras
from debtplan.core.exact import exact
from debtplan.core.explain import Drop, drop_loss, flip_points, force_loss
from debtplan.core.plan import Flip, FrontierPoint, Inputs
from debtplan.core.problem import Problem, Selection
from debtplan.core.program import Program, write_program
from debtplan.workflows.planner import Planner

FRONTIER_PERCENT = 25
"""The frontier goes to this percentage of capacity, further where today's reserve is larger."""


def worth_explaining(
    appraisal: Appraisal, program: Program, selection: Selection, limit: int
) -> list[str]:
    """Return the keys to explain: the chosen, then the most valuable others, `limit` at most."""
    others = sorted(
        (key for key in program.problem.keys if key not in selection.chosen),
        key=lambda key: (-appraisal.values[key].ux_value if key in appraisal.values else 0.0, key),
    )
    return [*selection.chosen, *others][:limit]


def explain(
    inputs: Inputs,
    appraisal: Appraisal,
    program: Program,
    selection: Selection,
    planner: Planner,
    keys: Sequence[str],
) -> Extras:
    """Return losses and flips of the keys, the frontier, and the interval of the plan's relief."""
    drops: dict[str, Drop | None] = {}
    losses: dict[str, float | None] = {}
    problem, select = program.problem, planner.engine.select
    candidates = set(problem.keys)
    for done, key in enumerate(keys):
        planner.progress("explaining items", done, len(keys))
        if key in selection.chosen:
            drops[key] = drop_loss(problem, selection, key, select)
        elif key in candidates:
            losses[key] = force_loss(problem, selection, key, select)
    frontier, entries = _frontier(inputs, appraisal, program, planner)
    flips = {
        key: _flip(appraisal, problem, planner, key, loss, entries.get(key))
        for key, loss in losses.items()
    }
    interval = planner.simulator.interval(appraisal, selection.chosen, inputs.seed)
    certainty = _certainty(inputs, appraisal, problem, planner)
    return Extras(drops, losses, flips, frontier, interval, certainty)


def _certainty(
    inputs: Inputs, appraisal: Appraisal, problem: Problem, planner: Planner
) -> dict[str, float]:
    """Return, for every candidate, the share of simulated worlds whose optimum holds it.

    Empty where there are more candidates than the limit: each world is a whole plan.
    """
    if len(problem.candidates) > planner.explain_limit:
        return {}
    counts = dict.fromkeys(problem.keys, 0)
    worlds = 0
    for world in planner.simulator.worlds(appraisal, problem, inputs.seed):
        planner.progress("simulating worlds", worlds, 0)
        for key in planner.engine.select(world).chosen:
            counts[key] += 1
        worlds += 1
    return {key: count / worlds for key, count in counts.items()} if worlds else {}


def _flip(
    appraisal: Appraisal,
    problem: Problem,
    planner: Planner,
    key: str,
    loss: float | None,
    reserve: float | None,
) -> Flip:
    """Return what would bring an item in.

    The plan that is forced to hold it loses `loss`; so much more value of its own, and it is level.
    """
    value = appraisal.values.get(key)
    needed = value.ux_value + loss if value and loss is not None else None
    points = flip_points(problem, key, planner.engine.select, _step(problem))
    return Flip(points=points, ux_value=needed, reserve=reserve)


def _step(problem: Problem) -> Fraction:
    """Return the largest step all estimates are multiples of, at most one half."""
    sizes = [one.points for one in problem.candidates if one.points > 0]
    bottom = lcm(2, *(size.denominator for size in sizes))
    return Fraction(gcd(bottom // 2, *(int(size * bottom) for size in sizes)), bottom)


def _frontier(
    inputs: Inputs, appraisal: Appraisal, program: Program, planner: Planner
) -> tuple[tuple[FrontierPoint, ...], dict[str, float]]:
    """Return the best value for each reserve, and the first above today's that holds each item."""
    points: list[FrontierPoint] = []
    entries: dict[str, float] = {}
    today = program.problem.ceiling / exact(program.capacity.points or 1.0)
    last = max(FRONTIER_PERCENT, ceil(100 * today))
    for percent in range(last + 1):
        planner.progress("weighing reserves", percent, last)
        share = percent / 100
        other = write_program(inputs, appraisal, share)
        if any(key in other.barred for key in inputs.rules.pinned):
            continue
        best = planner.engine.select(other.problem)
        if best.value is None:
            continue
        used = sum((exact(program.items[key].points or 0) for key in best.chosen), Fraction(0))
        points.append(FrontierPoint(reserve_share=share, points=float(used), ux_value=best.value))
        if exact(share) > today:
            for key in best.chosen:
                entries.setdefault(key, share)
    return tuple(points), entries
