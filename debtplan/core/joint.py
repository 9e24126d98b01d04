"""Several teams as one problem: shared harm counted once, each team within its own reserve.

    maximise  sum over m of harm_m * (1 - prod over chosen i of any team of (1 - removal_im))

Each team's reserve, and each of its role limits, is a row of its own; the ceiling of the whole is
the sum of the reserves. Prerequisites and alternatives hold across teams. From the answer each team
gets its own inputs back, with what the others do: see `core.beside`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import fsum, prod

from debtplan.core.appraisal import Appraisal
from debtplan.core.beside import Beside
from debtplan.core.graph import closure, dependents, find_cycles
from debtplan.core.inputs import HorizonPolicy, Inputs
from debtplan.core.item import ItemKey, ItemState
from debtplan.core.problem import AtMost, Candidate, Problem
from debtplan.core.program import Program
from debtplan.core.risk import RiskPolicy
from debtplan.core.started import pin_started
from debtplan.core.teams import Homes, ours

RESERVE = "reserve of"
"""Begins the name of the row that holds a team within its reserve."""

Choice = Mapping[str, tuple[ItemKey, ...]]
"""Chosen keys by team."""


@dataclass(frozen=True, slots=True)
class Ties:
    """What items of several teams want of each other.

    Attributes:
        homes: Whose items they are.
        settled: By team the prerequisites that are others' items, as its items state them.
        waits: By item the others' unfinished items that it waits for.
        pairs: Alternatives of two teams, each pair once, in order.
        done: Finished items.
    """

    homes: Homes
    settled: dict[str, tuple[ItemKey, ...]]
    waits: dict[ItemKey, tuple[ItemKey, ...]]
    pairs: tuple[tuple[ItemKey, ItemKey], ...]
    done: frozenset[ItemKey]

    def awaited(self, team: str) -> dict[ItemKey, tuple[ItemKey, ...]]:
        """Return the items of a team that others wait for, each with who does."""
        found = dependents(self.waits)
        return {key: tuple(found[key]) for key in sorted(found) if self.homes.team(key) == team}


@dataclass(frozen=True, slots=True)
class Member:
    """A team in a joint problem, as it would plan if others did all that it waits for."""

    inputs: Inputs
    appraisal: Appraisal
    program: Program

    @property
    def team(self) -> str:
        """Its name."""
        return self.inputs.team


@dataclass(frozen=True, slots=True)
class Joint:
    """The problem of several teams.

    Attributes:
        members: By name.
        ties: What their items want of each other.
        problem: What the engines solve; keys are the items' own.
        blocked: Items that wait for others' items which cannot be chosen, with the reason.
        excluded: Items whose alternative in another team is done, with the reason.
        stuck: Pinned items that no plan can hold for these reasons, each with the reason.
    """

    members: tuple[Member, ...]
    ties: Ties
    problem: Problem
    blocked: dict[ItemKey, str]
    excluded: dict[ItemKey, str]
    stuck: dict[ItemKey, str]

    def split(self, chosen: Collection[ItemKey]) -> dict[str, tuple[ItemKey, ...]]:
        """Return each team's part of a set, sorted."""
        found: dict[str, list[ItemKey]] = {one.team: [] for one in self.members}
        for key in sorted(chosen):
            found[self.ties.homes.team(key)].append(key)
        return {team: tuple(keys) for team, keys in found.items()}


def find_ties(group: Sequence[Inputs]) -> Ties:
    """Return what the items of these teams want of each other."""
    homes = Homes()
    for inputs in group:
        homes.add(inputs.team, [item.key for item in inputs.items])
    live = [(one.team, item) for one in group for item in one.items]
    done = frozenset(item.key for _, item in live if item.state is ItemState.DONE)
    settled: dict[str, set[ItemKey]] = {one.team: set() for one in group}
    waits: dict[ItemKey, tuple[ItemKey, ...]] = {}
    pairs: set[tuple[ItemKey, ItemKey]] = set()
    mine = {one.team: ours(one) for one in group}
    for team, item in live:
        found = {one: homes.find(one) for one in item.prerequisites if not mine[team](one)}
        settled[team].update(one for one, targets in found.items() if targets)
        targets = {key for keys in found.values() for key in keys} - done
        if targets and item.key not in done:
            waits[item.key] = tuple(sorted(targets))
        others = {key for one in item.excludes if not mine[team](one) for key in homes.find(one)}
        pairs.update((min(item.key, key), max(item.key, key)) for key in others)
    ordered = {team: tuple(sorted(keys)) for team, keys in settled.items()}
    return Ties(homes, ordered, dict(sorted(waits.items())), tuple(sorted(pairs)), done)


def opened(inputs: Inputs, ties: Ties, group: Sequence[str], sprint_days: float) -> Inputs:
    """Return a team's inputs as if the others did everything that it waits for.

    Teams that depend on each other are planned for the coming sprint, by expected value, and give
    up no value to keep what was approved: what the others do later is not known, and there is one
    measure of the best for all of them.
    """
    beside = Beside(
        teams=tuple(one for one in sorted(group) if one != inputs.team),
        sprint_days=sprint_days,
        settled=ties.settled[inputs.team],
        awaited=ties.awaited(inputs.team),
    )
    plain = {
        "horizon": HorizonPolicy(sprints=1),
        "later": (),
        "risk": RiskPolicy(),
        "keep_within": 0.0,
    }
    return inputs.model_copy(update={"beside": beside, **plain})


def join(members: Sequence[Member], ties: Ties) -> Joint:
    """Return the problem of these teams; a metric has one harm, whoever touches it.

    Raises:
        ValueError: The members measure one metric differently.
    """
    members = sorted(members, key=lambda one: one.team)
    free = {one.key: one for member in members for one in member.program.problem.candidates}
    waits = {
        key: tuple(sorted({*one.requires, *ties.waits.get(key, ())})) for key, one in free.items()
    }
    blocked = _blocked(members, ties, waits)
    excluded = _excluded(ties)
    out = frozenset(closure({*blocked, *excluded}, dependents(waits)))
    pinned = {key for member in members for key in member.program.problem.pinned}
    stuck = {key: _why_stuck(key, blocked, excluded, waits) for key in sorted(pinned & out)}
    problem = Problem.of(
        [
            _candidate(member.team, one, waits)
            for member in members
            for one in member.program.problem.candidates
            if one.key not in out
        ],
        _harms(members),
        sum((member.program.problem.ceiling for member in members), Fraction(0)),
        floor=sum((member.program.problem.floor for member in members), Fraction(0)),
        roles=dict(row for member in members for row in _rows(member)),
        at_most=_rules(members, ties, frozenset(free) - out),
        pinned=pinned - out,
        forbidden=[
            key for one in members for key in one.program.problem.forbidden if key not in out
        ],
        kept=_kept(members),
    )
    problem = _with_started(members, problem)
    return Joint(tuple(members), ties, problem, blocked, excluded, stuck)


def _with_started(members: Sequence[Member], problem: Problem) -> Problem:
    """Pin work in progress, as far as it fits together, the most valuable of all teams first."""
    values = {
        key: one.ux_value for member in members for key, one in member.appraisal.values.items()
    }
    started = [
        item.key
        for member in members
        for item in member.inputs.items
        if item.state is ItemState.IN_PROGRESS and member.inputs.rules.in_progress_first
    ]
    return pin_started(problem, started, lambda key: values.get(key, 0.0))


def beside_of(joint: Joint, team: str, choice: Choice) -> Beside:
    """Return what the others do, for the plan of one team.

    Args:
        joint: The problem of all.
        team: The one whose plan it is for.
        choice: What each team has chosen; this one's part is not looked at.
    """
    member = next(one for one in joint.members if one.team == team)
    taken = frozenset(key for name, keys in choice.items() if name != team for key in keys)
    own = {one.key for one in member.program.problem.candidates}
    before = member.inputs.beside
    if before is None:
        msg = f"team {team} is in no joint problem"
        raise ValueError(msg)
    awaited = before.awaited
    return before.model_copy(
        update={
            "left": _left(joint, taken),
            "needed": tuple(key for key in awaited if key in own and taken & {*awaited[key]}),
            "started": tuple(
                key
                for key in joint.problem.pinned
                if key in own and key not in member.program.problem.pinned
            ),
            "blocked": {
                key: why for key in sorted(own) if (why := _why_blocked(joint, key, taken))
            },
            "excluded": {key: why for key in sorted(own) if (why := _why_out(joint, key, taken))},
        }
    )


def _blocked(
    members: Sequence[Member], ties: Ties, waits: Mapping[ItemKey, Sequence[ItemKey]]
) -> dict[ItemKey, str]:
    """Return candidates that wait for others' items which do not compete, or for themselves."""
    barred = {key: one.detail for member in members for key, one in member.program.barred.items()}
    found = {}
    for key in sorted(waits):
        for other in ties.waits.get(key, ()):
            if other not in waits:
                found[key] = f"waits for {_named(ties, other)}, which {barred[other]}"
                break
    for cycle in find_cycles(waits):
        path = " -> ".join((*cycle, cycle[0]))
        why = f"is in a cycle of prerequisites across teams: {path}; remove one of these links"
        found |= dict.fromkeys(cycle, why)
    return found


def _excluded(ties: Ties) -> dict[ItemKey, str]:
    both = [pair for a, b in ties.pairs for pair in ((a, b), (b, a))]
    return {
        key: f"is an alternative to {_named(ties, other)}, which is done"
        for key, other in both
        if other in ties.done and key not in ties.done
    }


def _why_stuck(
    key: ItemKey,
    blocked: Mapping[ItemKey, str],
    excluded: Mapping[ItemKey, str],
    waits: Mapping[ItemKey, Sequence[ItemKey]],
) -> str:
    reasons = {**excluded, **blocked}
    if key in reasons:
        return reasons[key]
    cause = next(one for one in closure([key], waits) if one in reasons)
    return f"waits for {cause}, which {reasons[cause]}"


def _candidate(
    team: str, one: Candidate, waits: Mapping[ItemKey, tuple[ItemKey, ...]]
) -> Candidate:
    loads = [(_row(role, team), points) for role, points in one.roles]
    if one.points:
        loads.append((f"{RESERVE} {team}", one.points))
    return replace(one, roles=tuple(loads), requires=waits[one.key])


def _rows(member: Member) -> Iterator[tuple[str, Fraction]]:
    yield f"{RESERVE} {member.team}", member.program.problem.ceiling
    for role, limit in member.program.problem.roles:
        yield _row(role, member.team), limit


def _row(role: str, team: str) -> str:
    return f"{role} points of {team}"


def _rules(members: Sequence[Member], ties: Ties, free: Collection[ItemKey]) -> Iterator[AtMost]:
    for member in members:
        for rule in member.program.problem.at_most:
            keys = tuple(key for key in rule.keys if key in free)
            if keys:
                yield replace(rule, label=f"{rule.label} in team {member.team}", keys=keys)
    for a, b in ties.pairs:
        if a in free and b in free:
            yield AtMost(f"{a} or {b}, not both", (a, b), 1)


def _harms(members: Sequence[Member]) -> dict[str, float]:
    harms: dict[str, float] = {}
    for member in members:
        for metric, harm in member.program.problem.harms:
            if harms.setdefault(metric, harm) != harm:
                msg = f"{metric} hurts {harms[metric]} by one team's inputs and {harm} by another's"
                raise ValueError(msg)
    return harms


def _kept(members: Sequence[Member]) -> list[ItemKey] | None:
    lists = [one.program.problem.kept for one in members if one.program.problem.kept is not None]
    return [key for keys in lists for key in keys] if lists else None


def _left(joint: Joint, taken: Collection[ItemKey]) -> dict[str, float]:
    """Return what the taken items leave of each metric that they touch."""
    left: dict[str, float] = {}
    for one in joint.problem.candidates:
        for metric, removal in one.removals if one.key in taken else ():
            left[metric] = left.get(metric, 1.0) * (1 - removal)
    return dict(sorted(left.items()))


def _why_blocked(joint: Joint, key: ItemKey, taken: Collection[ItemKey]) -> str:
    if key in joint.blocked:
        return joint.blocked[key]
    for other in joint.ties.waits.get(key, ()):
        if other not in taken:
            return f"waits for {_named(joint.ties, other)}, which is not in that team's plan"
    return ""


def _why_out(joint: Joint, key: ItemKey, taken: Collection[ItemKey]) -> str:
    if key in joint.excluded:
        return joint.excluded[key]
    for pair in joint.ties.pairs:
        other = pair[pair[0] == key]
        if key in pair and other in taken:
            return f"is an alternative to {_named(joint.ties, other)}, which is in that team's plan"
    return ""


def _named(ties: Ties, key: ItemKey) -> str:
    return f"{key} of team {ties.homes.team(key)}"


def relieved_by(joint: Joint, chosen: Collection[ItemKey]) -> tuple[float, float]:
    """Return what a set spares in all, weighted and as plain sessions; overlap counts once."""
    left: dict[str, list[float]] = {}
    for one in joint.problem.candidates:
        for metric, removal in one.removals if one.key in chosen else ():
            left.setdefault(metric, []).append(1 - removal)
    harms = dict(joint.problem.harms)
    weights = {name: w for one in joint.members for name, w in one.appraisal.weights.items()}
    gone = {metric: harms[metric] * (1 - prod(parts)) for metric, parts in left.items()}
    return fsum(gone.values()), fsum(value / weights[metric] for metric, value in gone.items())
