"""When a goal is reached: its work laid out over the coming sprints, after what is pinned."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from math import prod

from debtplan.core.appraisal import Appraisal
from debtplan.core.eligible import Barred
from debtplan.core.exact import exact
from debtplan.core.flow import UxMetric
from debtplan.core.goal import Need, number_after
from debtplan.core.graph import closure, dependents, work_order
from debtplan.core.inputs import Inputs
from debtplan.core.pace import Limits, Load, Work, fewest_sprints, lay_out, reserve_rooms
from debtplan.core.plan import Reason
from debtplan.core.program import Program
from debtplan.core.route import GoalPart, GoalSprint, GoalTime
from debtplan.core.wayside import flows_of, term_of, worth_first

READ_AFTER_DAYS = 2
"""Readings count from the day after the last one of the sprint, and the last 24 hours never do."""


def plan_time(
    inputs: Inputs,
    appraisal: Appraisal,
    program: Program,
    metric: UxMetric,
    need: Need,
    keys: Collection[str],
) -> GoalTime:
    """Return the sprints that a set takes if the whole reserve goes to it.

    Pinned work comes first; every sprint is as large as the coming one.

    Args:
        inputs: All that a plan is made from.
        appraisal: What everything is worth.
        program: Everything that competes.
        metric: The metric of the goal.
        need: The goal as it was read.
        keys: The set.
    """
    limits = _limits(inputs, program, inputs.reserve.ceiling)
    work = _work(inputs, appraisal, program, metric.id, keys)
    loads = lay_out(work, limits)
    if loads is None:
        return GoalTime(trouble=_trouble(work, limits))
    points = sum((one.points for one in work), Fraction(0))
    at_least = fewest_sprints(points, limits.rooms)
    loads = _until_done(loads, keys)
    sprints = _sprints(inputs, appraisal, metric, need, loads, keys)
    done_on = sprints[-1].end_on
    return GoalTime(
        sprints=sprints,
        at_least=min(at_least or len(loads), len(loads)),
        at_floor=_at_floor(inputs, program, work, keys),
        done_on=done_on,
        shown_on=done_on + timedelta(days=inputs.harm.window_days + READ_AFTER_DAYS),
    )


def without_too_large(inputs: Inputs, program: Program) -> Program:
    """Return the program without what no sprint holds, where the team does not spread items.

    What waits for such an item goes with it.
    """
    if inputs.horizon.spread:
        return program
    limits = _limits(inputs, program, inputs.reserve.ceiling)
    most = f"more than the {float(limits.most):g} that any sprint gives"
    large: dict[str, Barred] = {}
    for one in program.problem.candidates:
        full = [role for role, points in one.roles if points > limits.roles.get(role, points)]
        if one.points > limits.most:
            detail = f"costs {float(one.points):g}, {most}; split it into phases"
            large[one.key] = Barred(Reason.TOO_LARGE, detail)
        elif full:
            detail = f"needs more {full[0]} than any sprint has for debt"
            large[one.key] = Barred(Reason.ROLE_FULL, detail)
    for key in closure(large, dependents(program.waits)):
        stuck = sorted(large.keys() & set(closure([key], program.waits)))
        if key not in large and key in program.problem.keys:
            large[key] = Barred(Reason.BLOCKED, f"waits for {stuck[0]}, which is too large")
    problem = replace(program.problem, forbidden=tuple(sorted(large)), pinned=())
    return replace(program, barred={**program.barred, **large}, problem=problem)


def _limits(inputs: Inputs, program: Program, ceiling: float) -> Limits:
    policy = inputs.reserve.model_copy(update={"ceiling": ceiling, "floor": 0.0})
    capacity = program.capacity.points or 1.0
    roles = {role: exact(most) for role, most in inputs.rules.roles.items()}
    rooms = reserve_rooms(capacity, policy, program.reserve.window, inputs.sprints)
    return replace(rooms, roles=roles, groups=inputs.rules.per_flow)


def _at_floor(
    inputs: Inputs, program: Program, work: Sequence[Work], keys: Collection[str]
) -> int | None:
    if inputs.reserve.floor <= 0:
        return None
    loads = lay_out(work, _limits(inputs, program, inputs.reserve.floor))
    return None if loads is None else len(_until_done(loads, keys))


def _work(
    inputs: Inputs,
    appraisal: Appraisal,
    program: Program,
    metric: str,
    keys: Collection[str],
) -> list[Work]:
    """Return what is to be done in order: pins, then the set, prerequisites first."""
    pins = [key for key in inputs.rules.pinned if key in program.problem.keys]
    ahead = [key for key in closure(pins, program.waits) if key in program.problem.keys]
    flows = {one.id: one.flow for one in inputs.metrics}

    def rank(key: str) -> float:
        return worth_first(appraisal, program, metric, key)

    first = work_order(ahead, program.waits, rank)
    rest = work_order(set(keys) - set(ahead), program.waits, rank)
    return [
        Work(
            key=key,
            points=exact(program.items[key].points or 0.0),
            roles=tuple((part.role, exact(part.points)) for part in program.items[key].roles),
            groups=frozenset(flows_of(appraisal, flows, key)),
            waits=program.waits[key],
        )
        for key in (*first, *rest)
    ]


def _until_done(loads: Sequence[Load], keys: Collection[str]) -> tuple[Load, ...]:
    """Return the sprints up to the one that ends the set's last item."""
    wanted = set(keys)
    last = max(
        place
        for place, load in enumerate(loads)
        if any(part.is_finished and part.key in wanted for part in load.parts)
    )
    return tuple(loads[: last + 1])


def _sprints(
    inputs: Inputs,
    appraisal: Appraisal,
    metric: UxMetric,
    need: Need,
    loads: Sequence[Load],
    keys: Collection[str],
) -> tuple[GoalSprint, ...]:
    wanted = set(keys)
    done: list[str] = []
    rows = []
    for place, load in enumerate(loads):
        done += [part.key for part in load.parts if part.is_finished and part.key in wanted]
        terms = (term_of(appraisal, key, metric.id) for key in sorted(done))
        removal = 1 - prod(1 - term.removal for term in terms if term)
        start_on, end_on = _days(inputs, appraisal, place)
        rows.append(
            GoalSprint(
                number=place + 1,
                name=inputs.sprint.name if place == 0 else "",
                start_on=start_on,
                end_on=end_on,
                room=float(load.room),
                used=float(load.points),
                parts=tuple(
                    GoalPart(
                        key=part.key,
                        points=float(part.points),
                        is_finished=part.is_finished,
                        is_for_goal=part.key in wanted,
                    )
                    for part in load.parts
                ),
                number_after=number_after(metric, need, removal),
            )
        )
    return tuple(rows)


def _days(inputs: Inputs, appraisal: Appraisal, place: int) -> tuple[date, date]:
    """Return first and last day of a coming sprint, as far apart as sprints were so far."""
    later = timedelta(days=round(place * appraisal.sprint_days))
    return inputs.sprint.start_on + later, inputs.sprint.end_on + later


def _trouble(work: Sequence[Work], limits: Limits) -> str:
    stuck = sorted(
        {
            role
            for one in work
            for role, points in one.roles
            if points and limits.roles.get(role, Fraction(1)) <= 0
        }
    )
    if stuck:
        return f"the team gives no points of {', '.join(stuck)} to debt, and the work needs some"
    return "the reserve is too small for this work within twenty years"
