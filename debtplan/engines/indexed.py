"""The problem with positions for keys and whole numbers for points, so that sums are exact.

Every row reads `sum of weights of the chosen <= limit` with weights of 0 or more, and requirements
only add. So what the pins pull in is the least that any allowed set holds: if that fits, it is
allowed itself, and if it does not, nothing is. Feasibility needs no solver.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import floor, gcd, isfinite, lcm, log1p

from debtplan.core.problem import Candidate, Problem, relief

MOST_STEPS = 10**7
"""Steps that all candidates together may have: floats and solvers tell them apart."""

LEAST_STEP = 1e-7
"""Steps are larger: sets that differ by less than 1e-9 are equal."""

ROUNDING = 1e-6
"""Part of a step that a sum of floats may be off."""

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: the weights of the chosen add up to at most `limit`, in whole numbers."""

    weights: tuple[tuple[int, int], ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Steps:
    """Values that add up: a set is worth the sum of its `worths` times `size`, exactly.

    Two sets differ by nothing or by `size`, which is many times what counts as equal.
    """

    size: float
    worths: tuple[int, ...]

    def down(self, bound: float) -> float:
        """Return the largest value of a set that a bound leaves; no bound leaves any."""
        if not isfinite(bound):
            return bound
        return floor(bound / self.size + ROUNDING) * self.size


@dataclass(frozen=True)
class Indexed:
    """A problem in positions: candidate i is `problem.candidates[i]`, so by key.

    Attributes:
        problem: What it was made from.
        rows: Reserve first, then roles and alternatives.
        loads: For each candidate its (row, weight) pairs.
        requires: For each candidate the positions it needs.
        ways: For each candidate groups of positions; it needs one of each group.
        dependents: For each candidate the positions that need it, or may.
        points: For each candidate, in whole parts of a point.
        harms: By metric position, all above 0.
        forced: What the pins pull in.
        banned: What no allowed set holds.
        is_feasible: Whether any set is allowed.
    """

    problem: Problem
    rows: tuple[Row, ...]
    loads: tuple[tuple[tuple[int, int], ...], ...]
    requires: tuple[tuple[int, ...], ...]
    ways: tuple[tuple[tuple[int, ...], ...], ...]
    dependents: tuple[tuple[int, ...], ...]
    points: tuple[int, ...]
    harms: tuple[float, ...]
    forced: frozenset[int]
    banned: frozenset[int]
    is_feasible: bool

    @cached_property
    def steps(self) -> Steps | None:
        """What each candidate is worth in whole steps; None where overlaps or odd numbers forbid.

        Only the value of a metric that one candidate touches adds up.
        """
        return _steps(self)

    @cached_property
    def position(self) -> dict[str, int]:
        """Position of each key."""
        return {key: i for i, key in enumerate(self.problem.keys)}

    @cached_property
    def metrics(self) -> dict[str, int]:
        """Positions of the metrics that hurt."""
        harmful = (metric for metric, harm in self.problem.harms if harm > 0)
        return {metric: m for m, metric in enumerate(harmful)}

    @cached_property
    def effects(self) -> tuple[tuple[tuple[int, float], ...], ...]:
        """For each candidate its (metric, a = -ln(1 - removal)) pairs, harmless ones left out."""
        return tuple(_effects(one, self.metrics) for one in self.problem.candidates)

    @cached_property
    def open(self) -> tuple[int, ...]:
        """Positions that are neither forced nor banned."""
        decided = self.forced | self.banned
        return tuple(i for i in range(len(self.points)) if i not in decided)

    @cached_property
    def twins(self) -> tuple[tuple[int, ...], ...]:
        """Groups of candidates that differ in nothing but the key, by key; singles left out."""
        return _twins(self)

    @cached_property
    def needs(self) -> tuple[tuple[int, ...], ...]:
        """For each candidate what it requires, and the twin before it.

        Taking twins in the order of their keys loses nothing: value, changes and points stay, the
        keys get smaller.
        """
        before = {i: j for group in self.twins for j, i in pairwise(group)}
        return tuple(
            (*needed, before[i]) if i in before else needed
            for i, needed in enumerate(self.requires)
        )

    @cached_property
    def needed_by(self) -> tuple[tuple[int, ...], ...]:
        """`needs` the other way round."""
        found: list[list[int]] = [[] for _ in self.needs]
        for i, needed in enumerate(self.needs):
            for j in needed:
                found[j].append(i)
        return tuple(map(tuple, found))

    def keys(self, chosen: Iterable[int]) -> tuple[str, ...]:
        """Return the keys of a set, sorted."""
        return tuple(self.problem.candidates[i].key for i in sorted(chosen))

    def value(self, chosen: Iterable[int]) -> float:
        """Return the value of a set, as `core.problem.relief` has it."""
        return relief(self.problem, frozenset(self.keys(chosen)))

    def room(self, chosen: Iterable[int]) -> list[int]:
        """Return what each row has left; below 0 where the set breaks it."""
        left = [row.limit for row in self.rows]
        for i in chosen:
            for row, weight in self.loads[i]:
                left[row] -= weight
        return left

    def allows(self, chosen: frozenset[int]) -> bool:
        """Say whether every rule holds: `core.proof.rows` in whole numbers."""
        return (
            self.forced <= chosen
            and not any(self.problem.candidates[i].key in self._forbidden for i in chosen)
            and all(chosen.issuperset(self.requires[i]) for i in chosen)
            and all(not chosen.isdisjoint(group) for i in chosen for group in self.ways[i])
            and min(self.room(chosen)) >= 0
        )

    @cached_property
    def _forbidden(self) -> frozenset[str]:
        return frozenset(self.problem.forbidden)

    def bundle(
        self,
        i: int,
        chosen: Collection[int],
        room: Sequence[int],
        banned: Collection[int] = frozenset(),
    ) -> tuple[int, ...] | None:
        """Return the candidate with all it needs beyond `chosen`; None where it does not fit.

        What it needs one of several ways is left out: what does not fit without does not with it.
        """
        left = list(room)
        found, stack = {i}, [i]
        while stack:
            one = stack.pop()
            if one in banned:
                return None
            for row, weight in self.loads[one]:
                left[row] -= weight
                if left[row] < 0:
                    return None
            for needed in self.requires[one]:
                if needed not in found and needed not in chosen:
                    found.add(needed)
                    stack.append(needed)
        return tuple(sorted(found))

    def is_led(self, i: int, chosen: Collection[int]) -> bool:
        """Say whether one way of each group that the candidate needs is chosen."""
        return all(any(one in chosen for one in group) for group in self.ways[i])

    def canonical(self, chosen: frozenset[int]) -> frozenset[int]:
        """Return the set with the first of each group of twins in the place of later ones."""
        swapped = set(chosen)
        for group in self.twins:
            count = len(chosen.intersection(group))
            swapped.difference_update(group)
            swapped.update(group[:count])
        return frozenset(swapped)


def index_problem(problem: Problem) -> Indexed:
    """Return the problem in positions, with what is forced and what is banned already known."""
    position = {key: i for i, key in enumerate(problem.keys)}
    requires, ways, dependents = _order(problem, position)
    rows = _rows(problem, position)
    loads: list[list[tuple[int, int]]] = [[] for _ in requires]
    for number, row in enumerate(rows):
        for i, weight in row.weights:
            loads[i].append((number, weight))
    draft = Indexed(
        problem=problem,
        rows=rows,
        loads=tuple(map(tuple, loads)),
        requires=requires,
        ways=ways,
        dependents=dependents,
        points=whole(one.points for one in problem.candidates),
        harms=tuple(harm for _, harm in problem.harms if harm > 0),
        forced=frozenset(),
        banned=frozenset(position[key] for key in problem.forbidden),
        is_feasible=True,
    )
    return _decide(draft, [position[key] for key in problem.pinned])


Places = tuple[tuple[int, ...], ...]


def _order(
    problem: Problem, position: Mapping[str, int]
) -> tuple[Places, tuple[Places, ...], Places]:
    """Return what candidates require, the ways they have, and what depends on each."""
    requires = tuple(tuple(position[k] for k in one.requires) for one in problem.candidates)
    ways: list[list[tuple[int, ...]]] = [[] for _ in requires]
    for rule in problem.after:
        ways[position[rule.key]].append(tuple(sorted(position[key] for key in rule.any_of)))
    dependents: list[list[int]] = [[] for _ in requires]
    for i, needed in enumerate(requires):
        for j in sorted({*needed, *(one for group in ways[i] for one in group)}):
            dependents[j].append(i)
    return requires, tuple(map(tuple, ways)), tuple(map(tuple, dependents))


def whole(numbers: Iterable[Fraction]) -> tuple[int, ...]:
    """Return the numbers times their least common denominator."""
    kept = tuple(numbers)
    scale = lcm(*(number.denominator for number in kept))
    return tuple(number.numerator * (scale // number.denominator) for number in kept)


def upward(start: Iterable[int], edges: Sequence[Iterable[int]]) -> set[int]:
    """Return the start and all that its edges lead to."""
    found = set(start)
    stack = list(found)
    while stack:
        for following in edges[stack.pop()]:
            if following not in found:
                found.add(following)
                stack.append(following)
    return found


def _decide(draft: Indexed, pinned: list[int]) -> Indexed:
    forced = frozenset(upward(pinned, draft.requires))
    room = draft.room(forced)
    is_feasible = min(room) >= 0 and not forced & draft.banned
    banned = set(draft.banned)
    if is_feasible:
        others = (i for i in range(len(draft.points)) if i not in forced)
        banned |= {i for i in others if draft.bundle(i, forced, room, draft.banned) is None}
    return replace(draft, forced=forced, banned=frozenset(banned), is_feasible=is_feasible)


def _rows(problem: Problem, position: Mapping[str, int]) -> tuple[Row, ...]:
    cost = [(i, one.points) for i, one in enumerate(problem.candidates)]
    found = [_row(cost, problem.ceiling)]
    spent: defaultdict[str, dict[int, Fraction]] = defaultdict(dict)
    for i, one in enumerate(problem.candidates):
        for role, points in one.roles:
            parts = spent[role]
            parts[i] = parts[i] + points if i in parts else points
    found += [_row(spent[role].items(), limit) for role, limit in problem.roles]
    for rule in problem.at_most:
        found.append(Row(tuple((position[key], 1) for key in rule.keys), rule.limit))
    return tuple(found)


def _row(weights: Iterable[tuple[int, Fraction]], limit: Fraction) -> Row:
    used = [(i, weight) for i, weight in weights if weight]
    scaled = whole(weight for _, weight in used)
    scale = lcm(*(weight.denominator for _, weight in used))
    # The weights are whole after scaling, so a limit between two whole numbers is the lower one.
    return Row(tuple((i, w) for (i, _), w in zip(used, scaled, strict=True)), floor(limit * scale))


def _effects(one: Candidate, metrics: Mapping[str, int]) -> tuple[tuple[int, float], ...]:
    logs: dict[int, float] = {}
    for metric, removal in one.removals:
        if metric in metrics:
            m = metrics[metric]
            logs[m] = logs.get(m, 0.0) - log1p(-removal)
    return tuple(sorted(logs.items()))


def _steps(indexed: Indexed) -> Steps | None:
    harms = {metric: harm for metric, harm in indexed.problem.harms if harm > 0}
    seen: set[str] = set()
    values = []
    for i, one in enumerate(indexed.problem.candidates):
        value = _NOTHING
        for metric, removal in one.removals if i not in indexed.banned else ():
            if metric in seen:
                return None
            if metric in harms:
                seen.add(metric)
                value += Fraction(harms[metric]) * Fraction(removal)
        if value.denominator > MOST_STEPS:
            return None
        values.append(value)
    worths = whole(values)
    divisor = gcd(*worths)
    if not divisor or sum(worths) > MOST_STEPS * divisor:
        return None
    size = float(sum(values, _NOTHING) / (sum(worths) // divisor))
    return Steps(size, tuple(one // divisor for one in worths)) if size >= LEAST_STEP else None


def _twins(indexed: Indexed) -> tuple[tuple[int, ...], ...]:
    kept = set(indexed.problem.kept or ())
    groups: defaultdict[object, list[int]] = defaultdict(list)
    for i in indexed.open:
        if not (indexed.dependents[i] or indexed.ways[i]):
            one = indexed.problem.candidates[i]
            same = (one.removals, one.points, indexed.loads[i], one.requires, one.key in kept)
            groups[same].append(i)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
