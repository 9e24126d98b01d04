"""Explaining by solving again: what an item's absence costs, and what forcing one in does.

Every figure is the difference of two optima, so it holds with all rules and overlaps. A question
yields the problems that it needs solved and is sent their answers, so that many questions can be
put at once.
"""

from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import TypeVar

from debtplan.core.problem import After, AtMost, Problem, Selection

T = TypeVar("T")

Question = Generator[tuple[Problem, ...], tuple[Selection, ...], T]

Solve = Callable[[Problem], Selection]

TINY = 1e-9
"""Differences below this part of the value are rounding."""

MOST_WAYS = 12
"""Combinations of ways to what comes first that are tried where an item with ways is forced in."""


@dataclass(frozen=True, slots=True)
class Drop:
    """What the best plan without an item loses, and what takes its place.

    Attributes:
        loss: Value that is lost.
        replaced_by: Keys that come in.
        instead: All keys of that plan.
    """

    loss: float
    replaced_by: tuple[str, ...]
    instead: tuple[str, ...] = ()


def answer(question: Question[T], solve: Solve) -> T:
    """Return what a question comes to, its problems solved one by one."""
    try:
        problems = next(question)
        while True:
            problems = question.send(tuple(solve(one) for one in problems))
    except StopIteration as end:
        found: T = end.value
        return found


def drop_loss(problem: Problem, chosen: Selection, key: str) -> Question[Drop | None]:
    """Return the cost of doing without a chosen item; None where no plan is left (it is pinned)."""
    if key in problem.pinned:
        problem = replace(problem, pinned=tuple(one for one in problem.pinned if one != key))
    banned = tuple(sorted({*problem.forbidden, key}))
    (without,) = yield (replace(problem, forbidden=banned),)
    if without.value is None or chosen.value is None:
        return None
    new = tuple(sorted(set(without.chosen) - set(chosen.chosen)))
    return Drop(rounded(chosen.value - without.value, chosen.value), new, without.chosen)


def force_loss(problem: Problem, chosen: Selection, key: str) -> Question[float | None]:
    """Return what the plan loses if an item is forced in; None where no plan can hold it."""
    forced = forced_problems(problem, key) if key in problem.keys else ()
    if not forced or chosen.value is None:
        return None
    values = [one.value for one in (yield forced) if one.value is not None]
    return rounded(chosen.value - max(values), chosen.value) if values else None


def forced_problems(problem: Problem, key: str) -> tuple[Problem, ...]:
    """Return the problems of which one has the best set that holds the item.

    One as a rule; where it needs one of several ways, one for each. None where they are too many.
    """
    sets = [frozenset(_pulled(problem, {*problem.pinned, key}))]
    while len(sets) <= MOST_WAYS:
        unmet = [(one, rule) for one in sets if (rule := _unmet(problem, one)) is not None]
        if not unmet:
            return tuple(_pinned(problem, one) for one in sorted(set(sets), key=sorted))
        one, rule = unmet[0]
        sets.remove(one)
        sets += [frozenset(_pulled(problem, {*one, way})) for way in rule.any_of]
    return ()


def _unmet(problem: Problem, taken: frozenset[str]) -> After | None:
    """Return the first rule of which a set holds the item, but none of the ways."""
    for rule in problem.after:
        if rule.key in taken and taken.isdisjoint(rule.any_of):
            return rule
    return None


def _pinned(problem: Problem, taken: frozenset[str]) -> Problem:
    after = tuple(rule for rule in problem.after if rule.key not in taken)
    return replace(problem, pinned=tuple(sorted(taken)), after=after)


def _pulled(problem: Problem, keys: Collection[str]) -> set[str]:
    """Return the keys with all that they require."""
    requires = {one.key: one.requires for one in problem.candidates}
    found, stack = set(keys), sorted(keys)
    while stack:
        new = set(requires[stack.pop()]) - found
        found |= new
        stack += sorted(new)
    return found


def smallest_conflict(
    problem: Problem, pins: Collection[str], is_possible: Callable[[Problem], bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a smallest set of pins and rules that cannot hold together: (pins, rules).

    Deletion filter (Chinneck and Dravnieks 1991): each is left out in turn, and stays out where the
    rest still conflicts. What remains conflicts, and no part of it does.
    """
    kept = sorted(pins)
    for pin in sorted(pins):
        rest = [one for one in kept if one != pin]
        if not is_possible(replace(problem, pinned=tuple(rest))):
            kept = rest
    problem = replace(problem, pinned=tuple(kept))
    rules = []
    for name, relaxed in _relaxations(problem):
        if is_possible(relaxed(problem)):
            rules.append(name)
        else:
            problem = relaxed(problem)
    return tuple(kept), tuple(rules)


def _relaxations(problem: Problem) -> list[tuple[str, Callable[[Problem], Problem]]]:
    """Return every rule by name with what takes it out of a problem."""
    return [
        *((rule.label, partial(_without_rule, rule)) for rule in problem.at_most),
        *((f"role {role}", partial(_without_role, role)) for role, _ in problem.roles),
        *((f"{key} forbidden", partial(_without_ban, key)) for key in problem.forbidden),
        (f"the reserve of {float(problem.ceiling):g}", _without_ceiling),
    ]


def _without_rule(rule: AtMost, problem: Problem) -> Problem:
    return replace(problem, at_most=tuple(one for one in problem.at_most if one != rule))


def _without_role(role: str, problem: Problem) -> Problem:
    return replace(problem, roles=tuple(pair for pair in problem.roles if pair[0] != role))


def _without_ban(key: str, problem: Problem) -> Problem:
    return replace(problem, forbidden=tuple(one for one in problem.forbidden if one != key))


def _without_ceiling(problem: Problem) -> Problem:
    return replace(problem, ceiling=sum((one.points for one in problem.candidates), Fraction(0)))


def rounded(loss: float, value: float) -> float:
    """Return a difference of values; 0 where it is rounding."""
    return 0.0 if abs(loss) <= TINY * max(abs(value), 1.0) else loss
