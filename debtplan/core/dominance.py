"""Candidates that no best set needs, known before any program is solved.

One candidate beats another when it costs no more of the reserve, of any role and of any rule,
removes no less of any metric, and comes before it by points and then by key. Where a set holds the
beaten one and lacks a beater, the exchange is allowed and no worse in value, in changes, in points
and in keys. So a best set that holds the beaten one holds all its beaters too, and where these do
not fit beside it, no best set holds it.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

from debtplan.core.problem import Candidate, Problem


@dataclass(frozen=True, slots=True)
class _Entry:
    """A candidate in whole numbers, with all that an exchange must not worsen."""

    key: str
    points: int
    removals: dict[str, float]
    loads: dict[str, int]
    is_kept: bool

    def beats(self, other: "_Entry") -> bool:
        """Tell whether this one, which comes earlier, is no worse in anything."""
        if other.is_kept and not self.is_kept:
            return False
        mine = self.removals
        if any(mine.get(metric, 0.0) < removal for metric, removal in other.removals.items()):
            return False
        return all(load <= other.loads.get(rule, 0) for rule, load in self.loads.items())


def without_beaten(
    problem: Problem, keep: Collection[str] = (), slack: Fraction = Fraction(0)
) -> Problem:
    """Return the problem without the candidates that the first of its best sets does not hold.

    The answer stays the same at this ceiling and at any lower one, and with more pins; not with
    more bans. Only candidates that need nothing and that nothing needs are compared.

    Args:
        problem: Its rules stay, without the beaten keys.
        keep: Keys to leave in even if beaten: they may be pinned later.
        slack: Points by which candidates may get cheaper later, taken together.
    """
    roomier = replace(problem, ceiling=problem.ceiling + slack)
    beaten = _find_beaten(roomier).difference(keep)
    if not beaten:
        return problem
    return replace(
        problem,
        candidates=tuple(one for one in problem.candidates if one.key not in beaten),
        at_most=tuple(
            replace(rule, keys=tuple(key for key in rule.keys if key not in beaten))
            for rule in problem.at_most
        ),
    )


def _find_beaten(problem: Problem) -> set[str]:
    entries = _entries(problem)
    scale = lcm(*(one.points.denominator for one in problem.candidates))
    room = problem.ceiling * scale
    earlier: defaultdict[str, list[_Entry]] = defaultdict(list)
    beaten = set()
    for entry in sorted(entries, key=lambda one: (one.points, one.key)):
        left = room - entry.points
        for rival in min((earlier[metric] for metric in entry.removals), key=len):
            if rival.points and rival.beats(entry):
                left -= rival.points
                if left < 0:
                    beaten.add(entry.key)
                    break
        for metric in entry.removals:
            earlier[metric].append(entry)
    return beaten


def _entries(problem: Problem) -> list[_Entry]:
    """Return the candidates that can be compared: of some value, and free of the others."""
    bound = {key for one in problem.candidates for key in one.requires}
    bound |= {*problem.pinned, *problem.forbidden}
    bound |= {key for rule in problem.after for key in (rule.key, *rule.any_of)}
    rules: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for number, rule in enumerate(problem.at_most):
        for key in rule.keys:
            rules[key][f"rule {number}"] = 1
    kept = frozenset(problem.kept or ())
    limited = {role for role, _ in problem.roles}
    scale = lcm(
        *(one.points.denominator for one in problem.candidates),
        *(points.denominator for one in problem.candidates for _, points in one.roles),
    )
    whole = lcm(*(one.points.denominator for one in problem.candidates))
    harms = {metric for metric, harm in problem.harms if harm > 0}
    return [
        _Entry(
            key=one.key,
            points=int(one.points * whole),
            removals=removals,
            loads=_loads(one, limited, scale) | rules.get(one.key, {}),
            is_kept=one.key in kept,
        )
        for one in problem.candidates
        if one.key not in bound and not one.requires
        if (removals := {metric: r for metric, r in one.removals if metric in harms})
    ]


def _loads(one: Candidate, limited: set[str], scale: int) -> dict[str, int]:
    loads: dict[str, int] = {}
    for role, points in one.roles:
        if role in limited:
            loads[f"role {role}"] = loads.get(f"role {role}", 0) + int(points * scale)
    return loads
