"""The least points that bring a metric to its goal, found by bisection and checked exactly.

The best removal of one metric within P points never falls as P grows. So P is halved over the step
that all estimates are multiples of, each half solved by an engine, until one step less is proven
not to suffice.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm, prod

from debtplan.core.graph import closure
from debtplan.core.problem import Candidate, Problem, Selection, Status

SLACK = Fraction(1, 10**9)
"""A set that falls short of the goal by no more than this part of the harm reaches it."""

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Chances that are priced."""

Solve = Callable[[Problem], Selection]


@dataclass(frozen=True, slots=True)
class Least:
    """The cheapest set that reaches the goal.

    Attributes:
        chosen: Keys, sorted.
        points: What they cost.
        proven_above: No set of so many points reaches the goal, proven.
        is_proven: Whether one step less is proven not to suffice.
    """

    chosen: tuple[str, ...]
    points: Fraction
    proven_above: Fraction
    is_proven: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """A budget with the set of most expected removal within it."""

    points: Fraction
    chosen: tuple[str, ...]


def metric_problem(problem: Problem, metric: str) -> Problem:
    """Return the problem of one metric alone: what removes it, and what that waits for.

    Its harm is 1, so values are shares of it. Prerequisites and alternatives stay. What limits one
    sprint does not limit what is done over several: reserve, roles and rules for each sprint go,
    and so do pins.
    """
    by_key = {one.key: one for one in problem.candidates}
    requires = {key: one.requires for key, one in by_key.items()}
    direct = [key for key, one in by_key.items() if metric in dict(one.removals)]
    kept = set(closure(direct, requires))
    rules = (
        replace(rule, keys=tuple(key for key in rule.keys if key in kept))
        for rule in problem.at_most
        if not rule.is_each_sprint
    )
    candidates = [
        Candidate(
            key,
            by_key[key].points,
            tuple(pair for pair in by_key[key].removals if pair[0] == metric),
            requires=by_key[key].requires,
        )
        for key in sorted(kept)
    ]
    return Problem.of(
        candidates,
        {metric: 1.0},
        sum((one.points for one in candidates), Fraction(0)),
        at_most=[rule for rule in rules if len(rule.keys) > rule.limit],
        forbidden=[key for key in problem.forbidden if key in kept],
    )


def cost(problem: Problem, chosen: Iterable[str]) -> Fraction:
    """Return the points of a set."""
    points = {one.key: one.points for one in problem.candidates}
    return sum((points[key] for key in chosen), Fraction(0))


def removal_of(problem: Problem, chosen: Iterable[str]) -> Fraction:
    """Return 1 - prod(1 - removal) of a problem of one metric, in exact arithmetic."""
    removals = {one.key: one.removals for one in problem.candidates}
    parts = (1 - Fraction(removal) for key in chosen for _, removal in removals[key])
    return 1 - prod(parts, start=Fraction(1))


def reaches(problem: Problem, chosen: Iterable[str], needed: Fraction) -> bool:
    """Tell whether a set removes the needed share of the harm, rounding aside."""
    return removal_of(problem, chosen) >= needed - SLACK


def step_of(problem: Problem) -> Fraction:
    """Return the largest step that all estimates are multiples of; 1 without any."""
    sizes = [one.points for one in problem.candidates if one.points > 0]
    if not sizes:
        return Fraction(1)
    bottom = lcm(*(size.denominator for size in sizes))
    return Fraction(gcd(*(int(size * bottom) for size in sizes)), bottom)


def least_points(
    problem: Problem, needed: Fraction, most: Selection, any_best: Solve, select: Solve
) -> Least:
    """Return the cheapest set that reaches the goal.

    Args:
        problem: Of one metric, with room for everything.
        needed: Share of the harm that has to go, above 0.
        most: A selection of the whole problem that reaches the goal.
        any_best: Solves a problem, any of its best sets.
        select: Solves a problem, the first of its best sets.
    """
    step = step_of(problem)
    found, high = most.chosen, int(cost(problem, most.chosen) / step)
    low, proven = 0, 0
    while high - low > 1:
        middle = (low + high) // 2
        answer = any_best(replace(problem, ceiling=middle * step))
        if reaches(problem, answer.chosen, needed):
            found, high = answer.chosen, int(cost(problem, answer.chosen) / step)
        else:
            low = middle
            proven = middle if _falls_short(answer, needed) else proven
    first = select(replace(problem, ceiling=high * step))
    if reaches(problem, first.chosen, needed):
        found = first.chosen
    return Least(found, high * step, proven * step, is_proven=proven + 1 >= high)


def ladder(
    problem: Problem, budgets: Iterable[Fraction], known: Sequence[str], select: Solve
) -> tuple[Rung, ...]:
    """Return the sets of most expected removal within growing budgets.

    A budget that gives no more than the one before has no rung.

    Args:
        problem: Of one metric.
        budgets: In points, in any order.
        known: The least set that reaches the goal: the rung of its own points.
        select: Solves a problem, the first of its best sets.
    """
    rungs: list[Rung] = []
    reached, known_points = Fraction(0), cost(problem, known)
    for budget in sorted({*budgets, known_points}):
        is_known = budget == known_points
        chosen = tuple(sorted(known)) if is_known else _best(problem, budget, select)
        removal = removal_of(problem, chosen)
        if removal > reached + SLACK:
            rungs.append(Rung(cost(problem, chosen), chosen))
            reached = removal
    return tuple(rungs)


def budgets_between(
    problem: Problem, first: Fraction, last: Fraction, most: int
) -> tuple[Fraction, ...]:
    """Return up to `most` budgets on the step of the estimates, above `first`, and the last."""
    step = step_of(problem)
    count = int((last - first) / step)
    stride = max(1, -(-count // most))
    found = [first + step * number for number in range(stride, count + 1, stride)]
    return (*found, last)


def _best(problem: Problem, budget: Fraction, select: Solve) -> tuple[str, ...]:
    return select(replace(problem, ceiling=budget)).chosen


def chances(
    worlds: Iterable[Problem], metric: str, harm: float, sets: Sequence[Sequence[str]], left: float
) -> tuple[float, ...] | None:
    """Return the share of worlds in which each set reaches the goal; None without worlds.

    In a world the harm and the removals came out otherwise. The goal is a fixed number, so a set
    reaches it where harm_w * prod(1 - removal_w) <= harm * (1 - c).

    Args:
        worlds: The problem as it would be.
        metric: The one metric that counts.
        harm: Its expected harm, in the unit of the worlds, above 0.
        sets: Keys of each set.
        left: 1 - c, the share of the harm that may be left.
    """
    counts, number = [0] * len(sets), 0
    allowed = harm * left * (1 + float(SLACK))
    for world in worlds:
        hurt = dict(world.harms)[metric]
        kept = {one.key: 1 - dict(one.removals).get(metric, 0.0) for one in world.candidates}
        for place, chosen in enumerate(sets):
            counts[place] += hurt * prod(kept[key] for key in chosen) <= allowed
        number += 1
    return tuple(count / number for count in counts) if number else None


def _falls_short(answer: Selection, needed: Fraction) -> bool:
    """Tell whether it is proven that no allowed set reaches the goal."""
    if answer.status is Status.INFEASIBLE:
        return True
    return answer.bound is not None and Fraction(answer.bound) < needed - 2 * SLACK
