"""Simulated worlds of a problem: what a set relieves in each, and one problem from all of them."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from math import expm1, fsum, log1p

from debtplan.core.problem import Candidate, Problem

MAX_REMOVAL = 0.99
"""Of a merged metric, for the last bits of sums."""


class Sample:
    """K equally likely worlds. Only their harms and removals count; rules and points are fixed."""

    def __init__(self, problem: Problem, worlds: Sequence[Problem]) -> None:
        """Take the problem with its rules, and its worlds: the same candidates in each."""
        self.problem = problem
        self.size = len(worlds)
        self._harms = [dict(world.harms) for world in worlds]
        self._removals = [{one.key: one.removals for one in world.candidates} for world in worlds]
        users = Counter(metric for one in problem.candidates for metric, _ in one.removals)
        self._shared = {metric for metric, count in users.items() if count > 1}

    def reliefs(self, chosen: Collection[str]) -> tuple[float, ...]:
        """Return what a set relieves in each world."""
        return tuple(self._relief(world, chosen) for world in range(self.size))

    def _relief(self, world: int, chosen: Collection[str]) -> float:
        logs: dict[str, float] = {}
        removals, harms = self._removals[world], self._harms[world]
        for key in sorted(chosen):
            for metric, removal in removals[key]:
                logs[metric] = logs.get(metric, 0.0) + log1p(-removal)
        return fsum(-harms[metric] * expm1(left) for metric, left in logs.items())

    def weighted(self, weights: Sequence[float]) -> Problem:
        """Return the problem whose value is the weighted sum of the worlds' values.

        Each shared metric has one copy for each world that counts, with harm w_k * h_mk and the
        removals of that world. Where one candidate alone touches a metric its worlds add up to a
        single one: harm sum_k w_k h_mk, of which it removes sum_k w_k h_mk r_imk.
        """
        live = [(k, weight) for k, weight in enumerate(weights) if weight > 0]
        harms: dict[str, float] = {}
        candidates = [
            replace(one, removals=self._merged(one, live, harms)) for one in self.problem.candidates
        ]
        return replace(
            self.problem, candidates=tuple(candidates), harms=tuple(sorted(harms.items()))
        )

    def _merged(
        self, one: Candidate, live: Sequence[tuple[int, float]], harms: dict[str, float]
    ) -> tuple[tuple[str, float], ...]:
        """Return a candidate's removals in the weighted problem, and note the harms they need."""
        found: list[tuple[str, float]] = []
        alone: dict[str, list[tuple[float, float]]] = {}
        for k, weight in live:
            for metric, removal in self._removals[k][one.key]:
                harm = weight * self._harms[k][metric]
                if metric not in self._shared:
                    alone.setdefault(metric, []).append((harm, removal))
                elif harm > 0 and removal > 0:
                    copy = f"{metric} in world {k + 1}"
                    harms[copy] = harm
                    found.append((copy, removal))
        for metric, parts in sorted(alone.items()):
            whole = fsum(harm for harm, _ in parts)
            gone = fsum(harm * removal for harm, removal in parts)
            if gone > 0:
                harms[metric] = whole
                found.append((metric, min(MAX_REMOVAL, gone / whole)))
        return tuple(sorted(found))
