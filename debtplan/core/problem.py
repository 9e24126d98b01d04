"""The program: which items to finish within the reserve so that users are relieved most.

    maximise  sum over m of harm_m * (1 - prod over chosen i of (1 - removal_im))

under the reserve, roles, prerequisites, alternatives, pins and bans. Ties go to the fewest changes
against the approved plan, then to fewer points, then to the smaller keys. The order of the input
never matters: `Problem.of` sorts everything.

With `keep_within` e > 0 an approved plan is kept: of all sets worth at least (1 - e) * maximum, the
one of fewest changes; of these the one of most value; then points and keys.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import expm1, fsum, isfinite, log1p, prod


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that may be chosen.

    Attributes:
        key: Identity; unique in the problem.
        points: Cost against the reserve, 0 or more.
        removals: (metric, removal) pairs, removal in (0, 0.99], by metric.
        roles: (role, points) pairs, by role.
        requires: Keys that must be chosen with it, by key.
    """

    key: str
    points: Fraction
    removals: tuple[tuple[str, float], ...] = ()
    roles: tuple[tuple[str, Fraction], ...] = ()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AtMost:
    """At most `limit` of the keys may be chosen: alternatives (1), or items of one flow (k).

    Attributes:
        is_each_sprint: Whether it limits what one sprint holds, not what is chosen for good.
    """

    label: str
    keys: tuple[str, ...]
    limit: int
    is_each_sprint: bool = False


@dataclass(frozen=True, slots=True)
class After:
    """`key` may be chosen only with at least one of `any_of`: ways to do what comes first."""

    key: str
    any_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What the engines solve. Make it with `Problem.of`, which sorts and checks.

    Attributes:
        candidates: By key.
        harms: (metric, weighted harm) pairs, frustrated sessions per sprint, by metric.
        ceiling: Most points that may be planned.
        floor: Least points wanted; soft, so no engine needs it.
        roles: (role, most points) pairs, by role. Roles without a limit are not listed.
        at_most: By label.
        after: By key; none of a key that the pins need.
        pinned: Keys that must be chosen.
        forbidden: Keys that must not.
        kept: Keys of the plan approved before, for the second tie-break; None without one.
        keep_within: Part of the best value, in [0, 1), that may be given up for fewer changes
            against `kept`; among sets of as few changes the most value counts.
    """

    candidates: tuple[Candidate, ...]
    harms: tuple[tuple[str, float], ...]
    ceiling: Fraction
    floor: Fraction = Fraction(0)
    roles: tuple[tuple[str, Fraction], ...] = ()
    at_most: tuple[AtMost, ...] = ()
    after: tuple[After, ...] = ()
    pinned: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    kept: tuple[str, ...] | None = None
    keep_within: float = 0.0

    @classmethod
    def of(  # noqa: PLR0913 - the parts of a problem, each by its name
        cls,
        candidates: Iterable[Candidate],
        harms: Mapping[str, float],
        ceiling: Fraction,
        *,
        floor: Fraction = Fraction(0),
        roles: Mapping[str, Fraction] | None = None,
        at_most: Iterable[AtMost] = (),
        after: Iterable[After] = (),
        pinned: Iterable[str] = (),
        forbidden: Iterable[str] = (),
        kept: Iterable[str] | None = None,
        keep_within: float = 0.0,
    ) -> "Problem":
        """Return the problem with everything in order.

        Raises:
            ValueError: A key stands twice, or a rule names a key or metric that is not there.
        """
        candidates = tuple(candidates)
        _check_numbers(candidates, harms)
        ordered = tuple(_ordered(one) for one in sorted(candidates, key=lambda one: one.key))
        problem = cls(
            candidates=ordered,
            harms=tuple(sorted(harms.items())),
            ceiling=ceiling,
            floor=floor,
            roles=tuple(sorted((roles or {}).items())),
            at_most=_limits(at_most),
            after=_ways(after),
            pinned=tuple(sorted(set(pinned))),
            forbidden=tuple(sorted(set(forbidden))),
            kept=None if kept is None else tuple(sorted(set(kept))),
            keep_within=keep_within,
        )
        _check(problem)
        return problem

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the candidates, sorted."""
        return tuple(one.key for one in self.candidates)

    @property
    def is_kept(self) -> bool:
        """Whether value may be given up for fewer changes against what was approved."""
        return self.kept is not None and self.keep_within > 0


class Status(StrEnum):
    """What is proven about a selection."""

    OPTIMAL = "optimal"
    """Proven best; with `keep_within`, best of those as near to the approved plan as it allows."""
    FEASIBLE = "feasible"
    """The time limit passed; the gap says how far from the bound."""
    GREEDY = "greedy"
    """The solver gave nothing in time; the greedy plan stands in."""
    INFEASIBLE = "infeasible"


CLOSE = 1e-4
"""Part of its value that a close answer may miss: more than any number in a report tells."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The optimiser's answer.

    Attributes:
        status: What is proven.
        chosen: Keys, sorted; empty where infeasible.
        value: Value of the chosen set; None where infeasible.
        bound: No allowed set is worth more, the approved plan kept or not; None where nothing is
            known.
        gap: (bound - value) / value, 0 or more; None without a bound.
        engine: Name in `ENGINES`.
        backend: Solver behind it, with its version.
        seconds: Wall time.
        rounds: Times the program was solved.
    """

    status: Status
    chosen: tuple[str, ...]
    value: float | None
    bound: float | None
    gap: float | None
    engine: str
    backend: str = ""
    seconds: float = 0.0
    rounds: int = 0

    @property
    def is_close(self) -> bool:
        """Whether no set is worth noticeably more, proven best or not."""
        return self.gap is not None and self.gap <= CLOSE


def relief(problem: Problem, chosen: Collection[str]) -> float:
    """Return the value of a set: weighted frustrated sessions avoided per sprint."""
    logs: dict[str, float] = {}
    taken = frozenset(chosen)
    for one in problem.candidates:
        if one.key in taken:
            for metric, removal in one.removals:
                logs[metric] = logs.get(metric, 0.0) + log1p(-removal)
    harms = dict(problem.harms)
    return fsum(relieved(harms[metric], log_left) for metric, log_left in sorted(logs.items()))


def relieved(harm: float, log_left: float) -> float:
    """Return harm * (1 - exp(log_left)): what is gone where exp(log_left) of it is left."""
    return -harm * expm1(log_left)


def exact_relief(problem: Problem, chosen: Collection[str]) -> Fraction:
    """Return the value of a set in exact arithmetic, every float taken for what it holds."""
    left: dict[str, list[Fraction]] = {}
    taken = frozenset(chosen)
    for one in problem.candidates:
        if one.key in taken:
            for metric, removal in one.removals:
                left.setdefault(metric, []).append(1 - Fraction(removal))
    harms = dict(problem.harms)
    return sum(
        (Fraction(harms[metric]) * (1 - prod(parts)) for metric, parts in sorted(left.items())),
        Fraction(0),
    )


def _ordered(one: Candidate) -> Candidate:
    return Candidate(
        key=one.key,
        points=one.points,
        removals=tuple(sorted(pair for pair in one.removals if pair[1] > 0)),
        roles=tuple(sorted(one.roles)),
        requires=tuple(sorted(set(one.requires))),
    )


def _limits(rules: Iterable[AtMost]) -> tuple[AtMost, ...]:
    return tuple(
        replace(rule, keys=tuple(sorted(set(rule.keys))))
        for rule in sorted(rules, key=lambda rule: (rule.label, sorted(rule.keys)))
    )


def _ways(rules: Iterable[After]) -> tuple[After, ...]:
    found = {After(rule.key, tuple(sorted(set(rule.any_of)))) for rule in rules}
    return tuple(sorted(found, key=lambda rule: (rule.key, rule.any_of)))


def _check(problem: Problem) -> None:
    keys = problem.keys
    known, metrics = set(keys), {metric for metric, _ in problem.harms}
    if len(known) != len(keys):
        twice = sorted(key for key, count in Counter(keys).items() if count > 1)
        msg = f"candidates stand twice: {', '.join(twice)}"
        raise ValueError(msg)
    named = {key for one in problem.candidates for key in one.requires}
    named |= {key for rule in problem.at_most for key in rule.keys}
    named |= {key for rule in problem.after for key in (rule.key, *rule.any_of)}
    named |= set(problem.pinned) | set(problem.forbidden)
    if named - known:
        msg = f"rules name items that are not candidates: {', '.join(sorted(named - known))}"
        raise ValueError(msg)
    linked = {metric for one in problem.candidates for metric, _ in one.removals}
    if linked - metrics:
        msg = f"removals of metrics without harm: {', '.join(sorted(linked - metrics))}"
        raise ValueError(msg)
    waiting = sorted({rule.key for rule in problem.after}.intersection(_pulled(problem)))
    if waiting:
        msg = f"pinned items have several ways to what comes first: {', '.join(waiting)}"
        raise ValueError(msg)
    if problem.ceiling < 0:
        msg = "the ceiling must not be negative"
        raise ValueError(msg)
    if not 0 <= problem.keep_within < 1:
        msg = "keep_within must lie in [0, 1)"
        raise ValueError(msg)


def _pulled(problem: Problem) -> set[str]:
    """Return the pins with all that they require."""
    requires = {one.key: one.requires for one in problem.candidates}
    found, stack = set(problem.pinned), list(problem.pinned)
    while stack:
        new = set(requires[stack.pop()]) - found
        found |= new
        stack += sorted(new)
    return found


def _check_numbers(candidates: Iterable[Candidate], harms: Mapping[str, float]) -> None:
    """Refuse numbers that no sum can bear: what is not finite, negative, or a removal of all."""
    for metric, harm in sorted(harms.items()):
        if not (isfinite(harm) and harm >= 0):
            msg = f"the harm of {metric} is {harm}; it must be 0 or more"
            raise ValueError(msg)
    for one in candidates:
        if any(points < 0 for points in (one.points, *(points for _, points in one.roles))):
            msg = f"points of {one.key} must not be negative"
            raise ValueError(msg)
        if not all(0 <= removal < 1 for _, removal in one.removals):
            msg = f"removals of {one.key} must lie in [0, 1)"
            raise ValueError(msg)
