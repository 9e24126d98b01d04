"""How a problem differs from another of the same items: little to send, quick to take up."""

from array import array
from dataclasses import dataclass, replace
from fractions import Fraction

from debtplan.core.problem import Candidate, Problem

Costs = tuple[tuple[Fraction, tuple[tuple[str, Fraction], ...]], ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed; None where nothing did.

    Attributes:
        numbers: Removals in the order of the candidates and their metrics, then harms, as floats.
        costs: By candidate, points and points of each role.
        ceiling: Of the reserve.
        pinned: All of them.
        forbidden: All of them.
        whole: The problem as it is, where more changed than that.
    """

    numbers: bytes | None = None
    costs: Costs | None = None
    ceiling: Fraction | None = None
    pinned: tuple[str, ...] | None = None
    forbidden: tuple[str, ...] | None = None
    whole: Problem | None = None

    @property
    def is_world(self) -> bool:
        """Whether values are others."""
        return self.numbers is not None

    @property
    def keeps_numbers(self) -> bool:
        """Whether nothing but pins and bans changes."""
        return self.keeps_rows and not self.is_world

    @property
    def keeps_rows(self) -> bool:
        """Whether every row stays as it is."""
        return self.costs is None and self.ceiling is None and self.whole is None


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
        costs = tuple((one.points, one.roles) for one in other.candidates)
    return Delta(
        numbers=numbers,
        costs=costs,
        ceiling=other.ceiling if other.ceiling != base.ceiling else None,
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
        candidates = tuple(
            Candidate(one.key, points, one.removals, roles, one.requires)
            for one, (points, roles) in zip(candidates, delta.costs, strict=True)
        )
    return replace(
        base,
        candidates=candidates,
        harms=harms,
        ceiling=base.ceiling if delta.ceiling is None else delta.ceiling,
        pinned=base.pinned if delta.pinned is None else delta.pinned,
        forbidden=base.forbidden if delta.forbidden is None else delta.forbidden,
    )


def _is_like(base: Problem, other: Problem) -> bool:
    """Tell whether items, metrics and rules are the same, whatever their numbers."""
    rules = ("floor", "roles", "at_most", "after", "kept", "keep_within")
    if any(getattr(base, name) != getattr(other, name) for name in rules):
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
