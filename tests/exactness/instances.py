"""Problems of 50 to 300 items whose curves another solver can be told in whole numbers.

Each removal is 1 - rho**k for a rho of its metric and a whole k, so what a set relieves of a metric
depends on the sum of its k alone: harm * (1 - rho**sum).
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from benchmarks.instances import PLANNING_POINTS
from debtplan.core.problem import AtMost, Candidate, Problem

RHOS = tuple(map(Fraction, ("1/2", "3/4", "9/10", "19/20")))
POWERS = (1, 1, 1, 2, 2, 3, 4)
ROLES = ("back", "front")


@dataclass(frozen=True, slots=True)
class Stepped:
    """A problem with what its removals were made from.

    Attributes:
        problem: In debtplan's terms.
        rhos: By metric.
        powers: By key, the k of each metric that the item touches.
    """

    problem: Problem
    rhos: dict[str, Fraction]
    powers: dict[str, dict[str, int]]


def stepped(rng: Random) -> Stepped:
    """Return a problem with overlaps, roles, prerequisites, alternatives, pins and bans."""
    items = rng.randint(50, 300)
    keys = [f"t:{number:03d}" for number in range(items)]
    rhos = {f"m{number:02d}": rng.choice(RHOS) for number in range(rng.randint(4, 30))}
    powers = {
        key: {m: rng.choice(POWERS) for m in rng.sample(list(rhos), rng.choice((1, 1, 2, 3)))}
        for key in keys
    }
    candidates = [
        Candidate(
            key,
            Fraction(rng.choice(PLANNING_POINTS), rng.choice((1, 1, 2))),
            tuple((m, float(1 - rhos[m] ** k)) for m, k in powers[key].items()),
            tuple((role, Fraction(rng.randint(0, 6), 2)) for role in ROLES if rng.random() < 0.4),
            (rng.choice(keys[:place]),) if place and rng.random() < 0.2 else (),
        )
        for place, key in enumerate(keys)
    ]
    total = sum((one.points for one in candidates), Fraction(0))
    pairs = [tuple(rng.sample(keys, rng.choice((2, 2, 3, 5)))) for _ in range(rng.randint(0, 20))]
    problem = Problem.of(
        candidates,
        {metric: float(round(rng.lognormvariate(5, 1.2), 3)) for metric in rhos},
        total * rng.randint(3, 30) / 100,
        roles={role: Fraction(items * rng.randint(5, 30), 100) for role in ROLES},
        at_most=[AtMost(f"rule {i:02d}", keys, 1) for i, keys in enumerate(pairs)],
        pinned=rng.sample(keys, rng.choice((0, 0, 1, 2))),
        forbidden=rng.sample(keys, rng.randint(0, 5)),
        kept=None,
    )
    return Stepped(problem, rhos, powers)
