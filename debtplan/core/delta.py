"""How a problem differs from another of the same items: little to send, quick to take up."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import lcm

from debtplan.core.problem import Candidate, Problem

MOST = 2**62
"""Larger whole numbers are not sent as such."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Points and points of each role, in the order of the candidates.

    Attributes:
        parts: Parts of a point that all of them are whole numbers of.
        numbers: These, as bytes.
    """

    parts: int
    numbers: bytes


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed; None where nothing did.

    Attributes:
        numbers: Removals in the order of the candidates and their metrics, then harms, as floats.
        costs: What candidates cost.
        ceiling: Of the reserve.
        roles: Most points of each.
        pinned: All of them.
        forbidden: All of them.
        whole: The problem as it is, where more changed than that.
    """

    numbers: bytes | None = None
    costs: Costs | None = None
    ceiling: Fraction | None = None
    roles: tuple[tuple[str, Fraction], ...] | None = None
    pinned: tuple[str, ...] | None = None
    forbidden: tuple[str, ...] | None = None
    whole: Problem | None = None

    @property
    def is_world(self) -> bool:
        """Whether values are others."""
        return self.numbers is not None


def find_delta(base: Problem, other: Problem) -> Delta:
    """Return what makes the other problem of the base."""
    if not _is_like(base, other):
        return Delta(whole=other)
    numbers = costs = None
    pairs = list(zip(base.candidates, other.candidates, strict=True))
    if base.harms != other.harms or any(
        a.removals is not b.removals and a.removals != b.removals for a, b in pairs
    ):
        flat = array("d", [r for one in other.candidates for _, r in one.removals])
        flat.extend(harm for _, harm in other.harms)
        numbers = flat.tobytes()
    if any(
        a.points is not b.points and (a.points != b.points or a.roles != b.roles) for a, b in pairs
    ) or any(a.roles is not b.roles and a.roles != b.roles for a, b in pairs):
        has_same_roles = all(_roles(a) == _roles(b) for a, b in pairs)
        costs = find_costs(other) if has_same_roles else None
        if costs is None:
            return Delta(whole=other)
    return Delta(
        numbers=numbers,
        costs=costs,
        ceiling=other.ceiling if other.ceiling != base.ceiling else None,
        roles=other.roles if other.roles != base.roles else None,
        pinned=other.pinned if other.pinned != base.pinned else None,
        forbidden=other.forbidden if other.forbidden != base.forbidden else None,
    )


def apply_delta(base: Problem, delta: Delta) -> Problem:
    """Return the problem that a delta was found for."""
    if delta.whole is not None:
        return delta.whole
    candidates, harms = base.candidates, base.harms
    if delta.numbers is not None:
        flat = iter(array("d", delta.numbers))
        candidates = tuple(
            Candidate(
                one.key,
                one.points,
                tuple([(metric, next(flat)) for metric, _ in one.removals]),
                one.roles,
                one.requires,
            )
            for one in candidates
        )
        harms = tuple([(metric, next(flat)) for metric, _ in harms])
    if delta.costs is not None:
        costs = _unpack(delta.costs)
        candidates = tuple(
            Candidate(
                one.key,
                next(costs),
                one.removals,
                tuple([(role, next(costs)) for role, _ in one.roles]),
                one.requires,
            )
            for one in candidates
        )
    return replace(
        base,
        candidates=candidates,
        harms=harms,
        ceiling=base.ceiling if delta.ceiling is None else delta.ceiling,
        roles=base.roles if delta.roles is None else delta.roles,
        pinned=base.pinned if delta.pinned is None else delta.pinned,
        forbidden=base.forbidden if delta.forbidden is None else delta.forbidden,
    )


def _roles(one: Candidate) -> list[str]:
    return [role for role, _ in one.roles]


def find_costs(problem: Problem) -> Costs | None:
    """Return what candidates cost; None where numbers are too large to be sent so."""
    costs = [
        cost
        for one in problem.candidates
        for cost in (one.points, *[part for _, part in one.roles])
    ]
    ratios = [cost.as_integer_ratio() for cost in costs]
    parts = lcm(*{bottom for _, bottom in ratios})
    numbers = [top * (parts // bottom) for top, bottom in ratios]
    if max([parts, *map(abs, numbers)]) > MOST:
        return None
    return Costs(parts, array("q", numbers).tobytes())


def _unpack(costs: Costs) -> Iterator[Fraction]:
    return (_fraction(number, costs.parts) for number in array("q", costs.numbers))


@lru_cache(maxsize=10_000)
def _fraction(number: int, parts: int) -> Fraction:
    return Fraction(number, parts)


def _is_like(base: Problem, other: Problem) -> bool:
    """Tell whether items, metrics and rules are the same, whatever their numbers."""
    rules = ("floor", "at_most", "after", "kept", "keep_within")
    if any(getattr(base, name) != getattr(other, name) for name in rules):
        return False
    if [role for role, _ in base.roles] != [role for role, _ in other.roles]:
        return False
    if len(base.candidates) != len(other.candidates) or len(base.harms) != len(other.harms):
        return False
    return all(a[0] == b[0] for a, b in zip(base.harms, other.harms, strict=True)) and all(
        a is b
        or (
            a.key == b.key
            and a.requires == b.requires
            and len(a.removals) == len(b.removals)
            and all(x[0] == y[0] for x, y in zip(a.removals, b.removals, strict=True))
        )
        for a, b in zip(base.candidates, other.candidates, strict=True)
    )
