"""Problems whose values add up: each metric is touched once, and all values are whole numbers."""

from fractions import Fraction
from random import Random

from debtplan.core.problem import AtMost, Candidate, Problem

VALUES = (0, 1, 1, 2, 2, 3, 5, 8, 40)


def stepped_problem(rng: Random, most: int = 10) -> Problem:
    """Return a problem of up to `most` items with every kind of rule and ties in plenty."""
    keys = [f"t:{number}" for number in range(rng.randint(2, most))]
    rng.shuffle(keys)
    candidates, harms = [], {}
    for place, key in enumerate(keys):
        value = rng.choice(VALUES)
        if value:
            harms[key] = 2.0 * value
        needed = rng.sample(keys[:place], 1) if place and rng.random() < 0.25 else []
        candidates.append(
            Candidate(
                key,
                Fraction(rng.choice((0, 1, 1, 2, 3, 5)), rng.choice((1, 1, 2))),
                ((key, 0.5),) if value else (),
                (("back", Fraction(rng.randint(0, 3))),) if rng.random() < 0.4 else (),
                tuple(needed),
            )
        )
    total = sum((one.points for one in candidates), Fraction(0))
    return Problem.of(
        candidates,
        harms,
        total * rng.randint(1, 9) / 10,
        roles={"back": Fraction(rng.randint(0, 8))} if rng.random() < 0.5 else {},
        at_most=[AtMost("one", tuple(rng.sample(keys, 2)), 1)] if rng.random() < 0.4 else [],
        pinned=[key for key in keys if rng.random() < 0.05],
        forbidden=[key for key in keys if rng.random() < 0.05],
        kept=None if rng.random() < 0.5 else [key for key in keys if rng.random() < 0.4],
    )
