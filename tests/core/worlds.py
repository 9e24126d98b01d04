"""Random worlds of small problems, and every set tried in them."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from debtplan.core.problem import Problem
from debtplan.core.proof import rows
from debtplan.core.risk import cvar
from debtplan.core.sample import Sample


def worlds_of(problem: Problem, count: int, seed: int) -> Sample:
    """So many worlds with harms and removals that differ, some of them 0."""
    random = Random(seed)

    def drawn() -> Problem:
        candidates = tuple(
            replace(
                one,
                removals=tuple(
                    (metric, min(0.99, removal * random.choice([0.0, 0.3, 1.0, 2.0])))
                    for metric, removal in one.removals
                ),
            )
            for one in problem.candidates
        )
        harms = tuple((m, harm * random.choice([0.0, 0.2, 1.0, 3.0])) for m, harm in problem.harms)
        return replace(problem, candidates=candidates, harms=harms)

    return Sample(problem, [drawn() for _ in range(count)])


def allowed_sets(problem: Problem) -> Iterator[tuple[str, ...]]:
    """Every set that all rules allow."""
    keys = problem.keys
    for mask in range(1 << len(keys)):
        chosen = tuple(key for i, key in enumerate(keys) if mask >> i & 1)
        if all(check.holds for check in rows(problem, chosen)):
            yield chosen


def best_cvar(sample: Sample, alpha: float) -> float:
    """The largest CVaR of any allowed set."""
    return max(cvar(sample.reliefs(one), alpha) for one in allowed_sets(sample.problem))
