"""Finding the way to a goal: the share of harm that has to go, least points, sprints, chance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fractions import Fraction

from debtplan import __version__
from debtplan.core.appraisal import Appraisal, appraise
from debtplan.core.caveat import find_caveats
from debtplan.core.delta import apply_delta
from debtplan.core.exact import exact
from debtplan.core.flow import UxMetric
from debtplan.core.goal import RISING, GoalStatus, Need, Wanted, number_after, read_goal
from debtplan.core.inputs import Inputs
from debtplan.core.least import (
    LEVELS,
    Least,
    budgets_between,
    chances,
    cost,
    ladder,
    least_points,
    metric_problem,
    reaches,
    removal_of,
)
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.program import Program, write_program
from debtplan.core.route import GoalMetric, GoalSet, Lacking, Price, Route
from debtplan.core.source import SourceStatus
from debtplan.core.wayside import find_lacking, goal_items, unlinked_items
from debtplan.errors import PartialDataError, UsageError
from debtplan.workflows.goal_time import plan_time, without_too_large
from debtplan.workflows.planner import Planner

WORLDS = 2000
"""Worlds behind a chance: one of 80% is then known within about 1 point."""

DRAWN = 200_000
"""Items in all worlds together: a set of many is drawn in fewer worlds."""

LEAST_WORLDS = 500
"""But never in fewer than so many: 80% is then known within about 2 points."""

RUNGS = 30
"""Budgets of the ladder above the least points; half as many below."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A goal that is looked for.

    Attributes:
        problem: Of the metric alone, its harm 1.
        program: Everything that competes, whatever the reserve.
        needed: Share of the harm that has to go.
    """

    inputs: Inputs
    appraisal: Appraisal
    metric: UxMetric
    need: Need
    problem: Problem
    program: Program
    needed: Fraction


def find_route(
    inputs: Inputs, metric: str, wanted: Wanted, chance: float | None, planner: Planner
) -> Route:
    """Return what it takes to bring a metric to its goal.

    Args:
        inputs: All that a plan is made from.
        metric: Id of the metric.
        wanted: The goal.
        chance: Take the first set of the ladder with this chance, in (0, 1); None takes the least.
        planner: What it is found with.

    Raises:
        UsageError: There is no such metric, the goal is none, or no capacity is known.
        PartialDataError: So much vanished from a source that a person has to look first.
    """
    _refuse(inputs, chance)
    found = _metric(inputs, metric)
    appraisal = appraise(inputs)
    harm = appraisal.harms[found.id]
    try:
        need = read_goal(found, harm, wanted, is_counted=found.id in appraisal.counted)
    except ValueError as error:
        fix = _better_way(found)
        raise UsageError(f"That is no goal for {found.id}: {error}.", fix) from None
    if need.status is GoalStatus.UNKNOWN and need.today is not None:
        need = need.model_copy(update={"why": f"{need.why}{_instead(appraisal, found)}"})
    program = without_too_large(inputs, _program(inputs, appraisal))
    problem = metric_problem(program.problem, found.id)
    needed = Fraction(need.removal or 0.0)
    case = _Case(inputs, appraisal, found, need, problem, program, needed)
    return _followed(case, wanted, chance, planner)


def _followed(case: _Case, wanted: Wanted, chance: float | None, planner: Planner) -> Route:
    route = _known(case, wanted, chance)
    if route.status in (GoalStatus.MET, GoalStatus.UNKNOWN) or not case.problem.candidates:
        is_open = route.status is GoalStatus.REACHABLE
        return _as(route, GoalStatus.UNREACHABLE) if is_open else route
    planner.progress("looking at all items", 0, 0)
    most = planner.engine.select(case.problem)
    if route.status is GoalStatus.BEYOND or not reaches(case.problem, most.chosen, case.needed):
        return _fallen_short(case, route, most, planner)
    planner.progress("looking for the least points", 0, 0)
    least = least_points(
        case.problem, case.needed, most, planner.engine.any_best, planner.engine.select
    )
    return _priced(case, route, least, most.chosen, planner)


def _fallen_short(case: _Case, route: Route, most: Selection, planner: Planner) -> Route:
    """Return the route with all that can be done, which is not enough."""
    is_beyond = route.status is GoalStatus.BEYOND
    odds = None if is_beyond else _odds(case, [most.chosen], planner)
    route = route.model_copy(
        update={
            "most": _set(case, most.chosen, odds[0] if odds else None),
            "is_proven": most.status is Status.OPTIMAL,
            "items": goal_items(case.appraisal, case.program, case.metric.id, most.chosen),
            "worlds": _worlds(case) if odds else 0,
            "lacking": _lacking(case, most.chosen),
        }
    )
    return route if is_beyond else _as(route, GoalStatus.UNREACHABLE)


def _priced(
    case: _Case, route: Route, least: Least, most: Sequence[str], planner: Planner
) -> Route:
    """Return the route with its ladder, its prices and its sprints."""
    below = budgets_between(case.problem, Fraction(0), least.points, RUNGS // 2)
    above = budgets_between(case.problem, least.points, cost(case.problem, most), RUNGS)
    planner.progress("pricing chance", 0, 0)
    rungs = ladder(case.problem, (*below, *above), least.chosen, planner.engine.select)
    odds = _odds(case, [rung.chosen for rung in rungs], planner)
    sets = tuple(
        _set(case, rung.chosen, odds[place] if odds else None) for place, rung in enumerate(rungs)
    )
    asked = route.asked_chance
    cheapest = next(one for one in sets if one.keys == least.chosen)
    taken = cheapest if asked is None else _first(sets, asked)
    shown = {key for one in sets for key in one.keys}
    levels = sorted({*LEVELS, *(() if asked is None else (asked,))})
    return route.model_copy(
        update={
            "least": cheapest,
            "is_proven": least.is_proven,
            "points_above": float(least.proven_above),
            "taken": taken,
            "items": goal_items(case.appraisal, case.program, case.metric.id, shown),
            "ladder": sets,
            "prices": tuple(_price(sets, level) for level in levels) if odds else (),
            "most": _set(case, most, odds[-1] if odds else None),
            "time": plan_time(
                case.inputs, case.appraisal, case.program, case.metric, case.need,
                (taken or cheapest).keys,
            ),
            "worlds": _worlds(case) if odds else 0,
            "lacking": _lacking(case, most),
        }
    )  # fmt: skip


def _known(case: _Case, wanted: Wanted, chance: float | None) -> Route:
    """Return the route with all that needs no search."""
    inputs, appraisal, metric = case.inputs, case.appraisal, case.metric
    harm, window = appraisal.harms[metric.id], appraisal.window
    readings = [one for one in inputs.readings if one.metric == metric.id and window.holds(one)]
    return Route(
        debtplan_version=__version__,
        as_of=inputs.as_of,
        team=inputs.team,
        unit=inputs.unit,
        metric=GoalMetric(
            id=metric.id,
            title=metric.title,
            flow=metric.flow,
            step=metric.step,
            segment=metric.segment,
            kind=metric.kind,
            harm=harm.harm,
            low=harm.low,
            high=harm.high,
            sessions=harm.sessions,
            sample_size=harm.sample_size,
            window_start_on=window.start_on,
            window_end_on=window.end_on,
        ),
        wanted=wanted,
        need=case.need,
        asked_chance=chance,
        seed=inputs.seed,
        lacking=_lacking(case, case.problem.keys),
        unlinked=unlinked_items(appraisal, case.program),
        caveats=find_caveats(metric, harm, wanted, case.need, readings, appraisal.pools),
        failed=tuple(
            sorted(one.name for one in inputs.sources if one.status is SourceStatus.FAILED)
        ),
    )


def _worlds(case: _Case) -> int:
    """Return how many worlds a chance is drawn in."""
    return max(LEAST_WORLDS, min(WORLDS, DRAWN // len(case.problem.candidates)))


def _lacking(case: _Case, most: Sequence[str]) -> tuple[Lacking, ...]:
    return find_lacking(case.appraisal, case.program, case.metric.id, most)


def _odds(case: _Case, sets: Sequence[Sequence[str]], planner: Planner) -> tuple[float, ...] | None:
    """Return the chance of each set; None where the metric's harm counts nothing."""
    metric = case.metric.id
    harm = case.appraisal.weighted[metric]
    if harm <= 0:
        return None
    planner.progress("simulating worlds", 0, 0)
    told = replace(case.problem, harms=((metric, harm),))
    drawn = planner.simulator.worlds(case.appraisal, told, case.inputs.seed, _worlds(case))
    worlds = (apply_delta(told, one) for one in drawn)
    return chances(worlds, metric, harm, sets, float(1 - case.needed))


def _set(case: _Case, chosen: Sequence[str], chance: float | None) -> GoalSet:
    removal = float(removal_of(case.problem, chosen))
    return GoalSet(
        points=float(cost(case.problem, chosen)),
        keys=tuple(sorted(chosen)),
        removal=removal,
        number=number_after(case.metric, case.need, removal),
        sessions=removal * (case.appraisal.harms[case.metric.id].harm or 0.0),
        chance=chance,
    )


def _first(sets: Sequence[GoalSet], chance: float) -> GoalSet | None:
    return next((one for one in sets if one.chance is not None and one.chance >= chance), None)


def _price(sets: Sequence[GoalSet], chance: float) -> Price:
    found = _first(sets, chance)
    if found is None:
        return Price(chance=chance, points=None)
    return Price(chance=chance, points=found.points, keys=found.keys)


def _as(route: Route, status: GoalStatus) -> Route:
    return route.model_copy(update={"need": route.need.model_copy(update={"status": status})})


def _program(inputs: Inputs, appraisal: Appraisal) -> Program:
    """Return the program with room for everything: what one sprint holds limits no total."""
    everything = sum((exact(item.points or 0) for item in inputs.items), Fraction(1))
    bare = inputs.model_copy(
        update={"rules": inputs.rules.model_copy(update={"roles": {}, "per_flow": None})}
    )
    try:
        usual = write_program(bare, appraisal)
        share = float(everything / exact(usual.capacity.points or 1.0)) + 1
        return write_program(bare, appraisal, share)
    except ValueError as error:
        what = f"{str(error)[:1].upper()}{str(error)[1:]}."
        fix = (
            f"Set capacity under [team.{inputs.team}], or give closed sprints with points "
            "(sprints = ...)."
        )
        raise UsageError(what, fix) from None


def _refuse(inputs: Inputs, chance: float | None) -> None:
    if chance is not None and not 0 < chance < 1:
        raise UsageError(f"{chance:g} is no chance between 0 and 1.", "Write it as 0.8 or 80%.")
    shrunk = [one for one in inputs.sources if one.status is SourceStatus.SHRUNK]
    if shrunk:
        what = f"No way is looked for while {shrunk[0].name} has shrunk: {shrunk[0].detail}"
        raise PartialDataError(
            what, f"Check what the token may read, and run `debtplan sync {shrunk[0].name}` again."
        )


def _metric(inputs: Inputs, name: str) -> UxMetric:
    """Return the metric with this id, or with this name for people.

    Raises:
        UsageError: There is none.
    """
    by_id = {one.id: one for one in inputs.metrics}
    if name in by_id:
        return by_id[name]
    titled = [one for one in inputs.metrics if one.title.casefold() == name.casefold()]
    if len(titled) == 1:
        return titled[0]
    inside = [one.id for one in inputs.metrics if name in (one.flow, one.step)]
    near = get_close_matches(name, by_id, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    known = ", ".join(inside or by_id) or "none is declared"
    where = f"Use one of those at {name}" if inside else "Use one of"
    raise UsageError(f"There is no metric {name!r}.{hint}", f"{where}: {known}.")


def _instead(appraisal: Appraisal, metric: UxMetric) -> str:
    """Return which metrics carry the harm that this one only supports."""
    pools = [one for one in appraisal.pools if metric.id in one.corroborating] or [
        one for one in appraisal.pools if (one.flow, one.step) == (metric.flow, metric.step)
    ]
    names = sorted({row.metric for pool in pools for row in pool.members})
    return f"; set the goal on {' or '.join(names)}" if names else ""


def _better_way(metric: UxMetric) -> str:
    """Return how a goal of this kind of metric is written."""
    bad = "--relative -20% for a fifth less of what is bad"
    if metric.kind in RISING:
        return f"Write {bad}, --relative +10% for a score a tenth higher, or --to with the score."
    return f"Write {bad}, or --to with the share to come down to, such as 25%."
