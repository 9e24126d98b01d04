"""The set whose mean relief over the worst part of simulated worlds is largest.

CVaR_alpha(x) is the least of sum_k w_k V_k(x) over weights w with 0 <= w_k <= 1 / (alpha K) and
sum w = 1. So for any such w the most that any allowed set reaches in sum_k w_k V_k is a bound on
every set's CVaR, and finding it is an ordinary problem (`Sample.weighted`). The next weights are
those under which the sets found so far look worst (Kelley's cutting planes 1960, kept near the best
weights so far as Ben-Ameur and Neto 2007 do), and the bound falls until no new set turns up.

What then is left between bound and the best set found belongs to sets that only a mixture would
reach. It is closed by branching: an item is in, or it is out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from operator import mul

from debtplan.core.problem import Problem, Selection, Status, relief
from debtplan.core.risk import cvar, tail_weights
from debtplan.core.sample import Sample
from debtplan.core.weights import capped, hardest_weights

MEETS = 1e-6
"""Bound and value meet when they differ by this part (of 1 for smaller ones)."""

TIE = 1e-9
"""Sets that differ by this part are equal in the bad worlds: then the expected relief decides."""

SAFETY = 1e-12
"""Part by which a bound is let out for the last bits of the weights."""

ROOT_ROUNDS = 60
BRANCH_ROUNDS = 12
"""Weights that are tried before the items are branched on, and in each branch."""


@dataclass(frozen=True, slots=True)
class Hedged:
    """What the search found.

    Attributes:
        chosen: The set of largest CVaR found, by key.
        value: Its CVaR.
        bound: No allowed set has more.
        is_met: Whether bound and value met.
        solves: Programs that were solved.
    """

    chosen: tuple[str, ...]
    value: float
    bound: float
    is_met: bool
    solves: int


@dataclass(frozen=True, slots=True)
class _Branch:
    """Sets that hold all of `pinned` and none of `forbidden`.

    Attributes:
        bound: None of them has a larger CVaR.
        weights: The weights that gave the bound.
        answer: The best set under these weights, of the whole that this is a part of.
    """

    pinned: frozenset[str]
    forbidden: frozenset[str]
    bound: float
    weights: tuple[float, ...]
    answer: tuple[str, ...] = ()

    def holds(self, chosen: tuple[str, ...]) -> bool:
        """Tell whether a set belongs here."""
        return self.pinned.issubset(chosen) and self.forbidden.isdisjoint(chosen)


class Hedge:
    """One search; see the module."""

    def __init__(
        self,
        sample: Sample,
        alpha: float,
        solve: Callable[[Problem], Selection],
        is_over: Callable[[int], bool],
    ) -> None:
        """Take the worlds, the bad part of them, and an engine.

        Args:
            sample: The problem and its worlds.
            alpha: Part of the worlds that are the bad ones, above 0, at most 1.
            solve: An engine's `any_best`.
            is_over: Told how many programs were solved; whether to stop.
        """
        self._sample = sample
        self._alpha = alpha
        self._cap = 1 / (alpha * sample.size)
        self._solve = solve
        self._is_over = is_over
        self._rows: dict[tuple[str, ...], tuple[float, ...]] = {}
        self._best: tuple[float, float, tuple[str, ...]] = (-inf, -inf, ())
        self._solves = 0

    def run(self, start: Sequence[str]) -> Hedged:
        """Return the best set.

        Args:
            start: An allowed set to begin with.
        """
        chosen = self._take(tuple(sorted(start)))
        weights = tail_weights(self._rows[chosen], self._alpha)
        branches = [_Branch(frozenset(), frozenset(), inf, weights)]
        shut = -inf
        while branches and not self._is_done(branches, shut):
            branch = max(branches, key=lambda one: one.bound)
            branches.remove(branch)
            parts, bound = self._explore(branch)
            branches += parts
            shut = max(shut, bound)
        bound = max([self._value, shut, *(branch.bound for branch in branches)])
        return Hedged(self._best[2], self._value, bound, self._meets(bound), self._solves)

    @property
    def _value(self) -> float:
        return self._best[0]

    def _meets(self, bound: float) -> bool:
        return bound <= self._value + MEETS * max(1.0, self._value)

    def _is_done(self, branches: Sequence[_Branch], shut: float) -> bool:
        """Tell whether the bound is met, or cannot fall any further, or time is over."""
        highest = max(branch.bound for branch in branches)
        is_first = not self._solves
        return not is_first and (
            self._meets(highest) or shut >= highest or self._is_over(self._solves)
        )

    def _take(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Note a set, and whether it is the best; return it."""
        if chosen not in self._rows:
            self._rows[chosen] = self._sample.reliefs(chosen)
            value = cvar(self._rows[chosen], self._alpha)
            expected = relief(self._sample.problem, chosen)
            step = TIE * max(1.0, value)
            is_level = abs(value - self._value) <= step
            if value > self._value + step or (is_level and expected > self._best[1]):
                self._best = (value, expected, chosen)
        return chosen

    def _explore(self, branch: _Branch) -> tuple[list[_Branch], float]:
        """Return the branches that a branch parts into, and a bound on what is done with in it."""
        is_root = not (branch.pinned or branch.forbidden)
        bound, kept, weights = branch.bound, branch, branch.weights
        if not is_root and branch.holds(branch.answer):
            weights = self._half(branch, self._hardest(branch)[0])
        found: list[tuple[str, ...]] = []
        for _ in range(ROOT_ROUNDS if is_root else BRANCH_ROUNDS):
            answer = self._ask(branch, weights)
            if answer.status is Status.INFEASIBLE:
                return [], -inf
            is_new = answer.chosen not in self._rows
            self._take(answer.chosen)
            found.append(answer.chosen)
            said = inf if answer.bound is None else answer.bound + SAFETY * abs(answer.bound)
            if said < bound:
                bound = said
                kept = replace(branch, bound=said, weights=weights, answer=answer.chosen)
            if self._meets(bound):
                return [], bound
            worst, floor = self._hardest(branch)
            is_hopeless = not is_root and not self._meets(floor)
            if is_hopeless or self._is_settled(bound, floor) or self._is_over(self._solves):
                break
            half = self._half(kept, worst)
            weights = half if is_new and half != weights else worst
        return self._parted(kept, found)

    def _is_settled(self, bound: float, floor: float) -> bool:
        """Tell whether no weights would bring the bound down."""
        return bound <= floor + MEETS * max(1.0, floor)

    def _hardest(self, branch: _Branch) -> tuple[tuple[float, ...], float]:
        """Return the weights under which the best known set of a branch is worst, and its value."""
        rows = [row for chosen, row in sorted(self._rows.items()) if branch.holds(chosen)]
        worst = hardest_weights(rows, self._cap)
        return worst, max(sum(map(mul, worst, row)) for row in rows)

    def _half(self, branch: _Branch, worst: Sequence[float]) -> tuple[float, ...]:
        """Return weights half-way from those of the branch to the worst."""
        pairs = zip(worst, branch.weights, strict=True)
        return capped([(a + b) / 2 for a, b in pairs], self._cap)

    def _ask(self, branch: _Branch, weights: tuple[float, ...]) -> Selection:
        problem = self._sample.weighted(weights)
        self._solves += 1
        return self._solve(
            replace(
                problem,
                pinned=tuple(sorted({*problem.pinned, *branch.pinned})),
                forbidden=tuple(sorted({*problem.forbidden, *branch.forbidden})),
            )
        )

    def _parted(
        self, branch: _Branch, found: Sequence[tuple[str, ...]]
    ) -> tuple[list[_Branch], float]:
        """Part a branch by the item that the sets found in it agree on least."""
        rows = sorted(chosen for chosen in self._rows if branch.holds(chosen))
        sets = found if len(set(found)) > 1 else rows
        counts: dict[str, int] = {}
        for chosen in sets:
            for key in chosen:
                counts[key] = counts.get(key, 0) + 1
        split = [key for key, count in counts.items() if count < len(sets)]
        if not split:
            return [], branch.bound
        key = min(split, key=lambda one: (abs(2 * counts[one] - len(sets)), one))
        return [
            replace(branch, pinned=branch.pinned | {key}),
            replace(branch, forbidden=branch.forbidden | {key}),
        ], -inf
