"""Planning a group of teams that depend on each other, or one that depends on nobody.

The group is solved as one problem. Each team's plan is then made from its own inputs with what the
others do beside them, as any plan is made and proven. Where several sets are equally good, these
plans may pick others than the joint answer did; they are made again until all agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import fsum, prod

from debtplan.core.appraisal import appraise
from debtplan.core.beside import Beside
from debtplan.core.capacity import sprint_length
from debtplan.core.digest import with_digest
from debtplan.core.explain import smallest_conflict
from debtplan.core.inputs import Inputs
from debtplan.core.item import ItemKey
from debtplan.core.joint import (
    RESERVE,
    Joint,
    Member,
    beside_of,
    find_ties,
    join,
    opened,
    relieved_by,
)
from debtplan.core.plan import Plan
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.proof import verify
from debtplan.core.summary import TeamFailure
from debtplan.errors import DebtplanError, NoPlanError, ProofError
from debtplan.workflows.plan import make_plan, prepare, refuse_shrunk
from debtplan.workflows.planner import Planner

PASSES = 10
"""Times that each team's plan may be made; only among equals does any have to be made twice."""

SLACK = 1e-9
"""Part of the joint value by which the plans together may miss it, for rounding alone."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """What came of a group of teams.

    Attributes:
        plans: By team.
        failed: Teams without a plan, by team.
        own: What each team's items spare beside the others', weighted, by team; counted for the
            portfolio's length of a sprint, as are the following two.
        ux_value: What all items spare together, each session once, weighted.
        sessions: The same unweighted.
        status: What is proven about the whole; None without a plan.
        gap: How far it may be from the best; None where nothing is known.
    """

    plans: tuple[Plan, ...] = ()
    failed: tuple[TeamFailure, ...] = ()
    own: Mapping[str, float] = field(default_factory=dict)
    ux_value: float = 0.0
    sessions: float = 0.0
    status: Status | None = None
    gap: float | None = None


class _TeamError(Exception):
    """Some teams of a group cannot be planned; the others may."""

    def __init__(self, teams: Iterable[str], error: DebtplanError) -> None:
        super().__init__(str(error))
        self.teams = frozenset(teams)
        self.error = error


def plan_group(group: Sequence[Inputs], planner: Planner, sprint_days: float) -> Grouped:
    """Return the plans of teams that depend on each other; a team that has none leaves the others.

    Args:
        group: Their inputs, by team.
        planner: What plans are made with.
        sprint_days: Calendar days that joint values are counted for.
    """
    left = list(group)
    failed: list[TeamFailure] = []
    while left:
        try:
            done = (
                _one(left[0], planner, sprint_days)
                if len(left) == 1
                else _several(left, planner, sprint_days)
            )
            return replace(done, failed=tuple(sorted(failed, key=lambda one: one.team)))
        except _TeamError as stuck:
            failed += [failure_of(team, stuck.error) for team in stuck.teams]
            left = [one for one in left if one.team not in stuck.teams]
    return Grouped(failed=tuple(sorted(failed, key=lambda one: one.team)))


def failure_of(team: str, error: DebtplanError) -> TeamFailure:
    """Return why a team has no plan."""
    return TeamFailure(team=team, what=error.what, fix=error.fix, exit_code=error.exit_code)


def _one(inputs: Inputs, planner: Planner, sprint_days: float) -> Grouped:
    try:
        plan = make_plan(inputs, planner)
    except DebtplanError as error:
        raise _TeamError([inputs.team], error) from error
    value, sessions = _spared(plan, sprint_days)
    own = {plan.team: value}
    solver = plan.solver
    return Grouped((plan,), (), own, value, sessions, solver.status, solver.gap)


def _spared(plan: Plan, sprint_days: float) -> tuple[float, float]:
    """Return what a plan's items spare in so many days, weighted and as plain sessions.

    What is only begun in the coming sprint spares nothing yet.
    """
    inputs = plan.inputs
    finished = [one for one in plan.chosen if one.finishes_in == 1]
    if sprint_length(inputs.sprints, inputs.capacity) != sprint_days:
        beside = Beside(teams=(), sprint_days=sprint_days)
        harms = appraise(inputs.model_copy(update={"beside": beside})).counted
    else:
        harms = {term.metric: term.harm for one in finished for term in one.terms}
    left: dict[str, list[float]] = {}
    weights: dict[str, float] = {}
    for one in sorted(finished, key=lambda one: one.key):
        for term in one.terms:
            left.setdefault(term.metric, []).append(1 - term.removal)
            weights[term.metric] = term.weight
    gone = {metric: harms[metric] * (1 - prod(parts)) for metric, parts in sorted(left.items())}
    return fsum(weights[metric] * value for metric, value in gone.items()), fsum(gone.values())


def _several(group: Sequence[Inputs], planner: Planner, sprint_days: float) -> Grouped:
    joint = _joined(group, sprint_days)
    selection = planner.engine.select(joint.problem)
    if selection.status is Status.INFEASIBLE:
        raise _conflict(joint, planner)
    _prove(joint, selection)
    plans = _agreed(joint, selection, planner)
    chosen = tuple(sorted(one.key for plan in plans.values() for one in plan.chosen))
    value, sessions = relieved_by(joint, chosen)
    _prove(joint, replace(selection, chosen=chosen, value=value, gap=None))
    if value < (selection.value or 0.0) * (1 - SLACK):
        raise _unproven(joint, "the teams' plans are worth less than it")
    return Grouped(
        plans=tuple(plans[team] for team in sorted(plans)),
        own={team: plan.ux_value for team, plan in plans.items()},
        ux_value=value,
        sessions=sessions,
        status=selection.status,
        gap=_gap(selection, value),
    )


def _prove(joint: Joint, selection: Selection) -> None:
    failures = verify(joint.problem, selection).failures
    if failures:
        raise _unproven(joint, "; ".join(check.rule for check in failures))


def _joined(group: Sequence[Inputs], sprint_days: float) -> Joint:
    """Return the problem of the group.

    Raises:
        _TeamError: Of a team that could not be planned even if the others did all it waits for.
    """
    ties = find_ties(group)
    teams = [one.team for one in group]
    members = []
    for one in group:
        inputs = opened(one, ties, teams, sprint_days)
        try:
            refuse_shrunk(inputs)
            appraisal, program = prepare(inputs)
        except DebtplanError as error:
            raise _TeamError([one.team], error) from error
        members.append(Member(inputs, appraisal, program))
    joint = join(members, ties)
    for key, why in joint.stuck.items():
        team = ties.homes.team(key)
        what = f"{key} is pinned, but it {why}."
        raise _TeamError([team], NoPlanError(what, f"Mend that, or unpin it under [team.{team}]."))
    return joint


def _agreed(joint: Joint, selection: Selection, planner: Planner) -> dict[str, Plan]:
    """Return a plan for each team, each the best beside all the others.

    Every plan that changes the choice makes it better, or equal and earlier in the order of ties:
    so it ends.
    """
    choice = dict(joint.split(selection.chosen))
    plans: dict[str, Plan] = {}
    for _ in range(PASSES):
        is_settled = True
        for member in joint.members:
            team = member.team
            beside = beside_of(joint, team, choice)
            if team in plans and plans[team].inputs.beside == beside:
                continue
            is_settled = False
            plans[team] = _beside_others(member, beside, planner)
            choice[team] = tuple(sorted(one.key for one in plans[team].chosen))
        if is_settled:
            return plans
    raise _unproven(joint, "the teams' plans do not settle")


def _beside_others(member: Member, beside: Beside, planner: Planner) -> Plan:
    try:
        plan = make_plan(member.inputs.model_copy(update={"beside": beside}), planner)
    except DebtplanError as error:
        raise _TeamError([member.team], error) from error
    needed = frozenset(beside.needed)
    # What an item is worth that others wait for cannot be seen in its own team's plan.
    chosen = tuple(
        one.model_copy(update={"drop_loss": None, "replaced_by": ()}) if one.key in needed else one
        for one in plan.chosen
    )
    return with_digest(plan.model_copy(update={"chosen": chosen})) if needed else plan


def _conflict(joint: Joint, planner: Planner) -> _TeamError:
    """Return the error of the teams whose pins cannot hold together, with the smallest set."""

    def is_possible(relaxed: Problem) -> bool:
        return planner.engine.select(relaxed).status is not Status.INFEASIBLE

    # Each team's own reserve is a row; their sum is never the tighter one.
    points = sum((one.points for one in joint.problem.candidates), Fraction(0))
    problem = replace(joint.problem, ceiling=points)
    pins, rules = smallest_conflict(problem, problem.pinned, is_possible)
    parts = [f"{key} pinned" for key in pins] + [_rule(one) for one in rules]
    what = f"These rules cannot hold together: {'; '.join(parts)}."
    teams = _teams_of(joint, pins)
    return _TeamError(teams, NoPlanError(what, "Take back any one of them."))


def _teams_of(joint: Joint, keys: Iterable[ItemKey]) -> frozenset[str]:
    return frozenset(joint.ties.homes.team(key) for key in keys)


def _rule(name: str) -> str:
    return f"the {name.removeprefix('role ')}" if name.startswith(f"role {RESERVE}") else name


def _unproven(joint: Joint, why: str) -> _TeamError:
    teams = [one.team for one in joint.members]
    what = f"The joint answer for the teams {', '.join(teams)} does not hold: {why}."
    fix = "Plan them one by one with --team, or set another engine or backend under [plan]."
    return _TeamError(teams, ProofError(what, fix))


def _gap(selection: Selection, value: float) -> float | None:
    """Return how far the plans may be from the best, by the bound of the joint answer."""
    if selection.bound is None or value <= 0:
        return selection.gap
    return max(0.0, (selection.bound - value) / value)
