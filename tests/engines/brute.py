"""The oracle: every set tried, nothing clever, nothing shared with the engines."""

from dataclasses import dataclass
from fractions import Fraction
from math import lcm, prod

from debtplan.core.problem import Problem

TIE = 1e-9
"""Values within this part of the best (of 1 for smaller ones) are equal; see `engines.search`."""


@dataclass(frozen=True)
class Best:
    """The first set by value, changes, points and keys; None where no set is allowed."""

    chosen: tuple[str, ...] | None
    value: float


def brute_force(problem: Problem) -> Best:
    """Return the best set of a problem of up to some 14 items."""
    allowed = _allowed(problem)
    if not allowed:
        return Best(None, 0.0)
    values = {mask: _value(problem, mask) for mask in allowed}
    most = max(values.values())
    equal = [mask for mask in allowed if values[mask] >= most - TIE * max(1.0, most)]
    first = min(equal, key=lambda mask: _rank(problem, mask))
    return Best(_keys(problem, first), values[first])


def _allowed(problem: Problem) -> list[int]:
    position = {key: i for i, key in enumerate(problem.keys)}

    def bits(keys: tuple[str, ...]) -> int:
        return sum(1 << position[key] for key in keys)

    sums = [([one.points for one in problem.candidates], problem.ceiling)]
    for role, most in problem.roles:
        sums.append(([_spent(one.roles, role) for one in problem.candidates], most))
    scaled = [_scaled(weights, most) for weights, most in sums]
    needs = [bits(one.requires) for one in problem.candidates]
    limits = [(bits(rule.keys), rule.limit) for rule in problem.at_most]
    ways = [(1 << position[rule.key], bits(rule.any_of)) for rule in problem.after]
    pinned, forbidden = bits(problem.pinned), bits(problem.forbidden)
    found = []
    for mask in range(1 << len(needs)):
        if mask & forbidden or pinned & ~mask:
            continue
        members = [i for i in range(len(needs)) if mask >> i & 1]
        if any(needs[i] & ~mask for i in members):
            continue
        if any((mask & keys).bit_count() > limit for keys, limit in limits):
            continue
        if any(mask & key and not mask & any_of for key, any_of in ways):
            continue
        if all(sum(weights[i] for i in members) <= most for weights, most in scaled):
            found.append(mask)
    return found


def _spent(roles: tuple[tuple[str, Fraction], ...], role: str) -> Fraction:
    return sum((points for name, points in roles if name == role), Fraction(0))


def _scaled(weights: list[Fraction], most: Fraction) -> tuple[list[int], int]:
    scale = lcm(most.denominator, *(weight.denominator for weight in weights))
    return [int(weight * scale) for weight in weights], int(most * scale)


def _value(problem: Problem, mask: int) -> float:
    left: dict[str, list[float]] = {}
    for i, one in enumerate(problem.candidates):
        if mask >> i & 1:
            for metric, removal in one.removals:
                left.setdefault(metric, []).append(1 - removal)
    harms = dict(problem.harms)
    return sum(harms[metric] * (1 - prod(parts)) for metric, parts in left.items())


def _keys(problem: Problem, mask: int) -> tuple[str, ...]:
    return tuple(key for i, key in enumerate(problem.keys) if mask >> i & 1)


def _rank(problem: Problem, mask: int) -> tuple[int, Fraction, tuple[str, ...]]:
    keys = _keys(problem, mask)
    changes = 0 if problem.kept is None else len(set(keys) ^ set(problem.kept))
    points = (one.points for i, one in enumerate(problem.candidates) if mask >> i & 1)
    return changes, sum(points, Fraction(0)), keys


def kept_by_force(problem: Problem) -> tuple[str, ...] | None:
    """Return the set that `keep_within` asks for; None where no set is allowed.

    Worth enough, then fewest changes, then most value, then points and keys.
    """
    values = {mask: _value(problem, mask) for mask in _allowed(problem)}
    if not values:
        return None
    least = (1 - problem.keep_within) * max(values.values())
    near = {mask: _rank(problem, mask) for mask in values if values[mask] >= _level(least)}
    fewest = min(changes for changes, *_ in near.values())
    nearest = [mask for mask, (changes, *_) in near.items() if changes == fewest]
    most = max(values[mask] for mask in nearest)
    first = min((m for m in nearest if values[m] >= _level(most)), key=lambda mask: near[mask])
    return _keys(problem, first)


def _level(value: float) -> float:
    return value - TIE * max(1.0, value)
