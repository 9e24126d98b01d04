"""Made-up problems for tests and benchmarks: the same seed gives the same problem."""

from fractions import Fraction
from random import Random
from typing import TypeVar

from debtplan.core.problem import AtMost, Candidate, Problem

T = TypeVar("T")

ROUND_REMOVALS = (0.05, 0.1, 0.1, 0.25, 0.5, 0.99)
ROUND_HARMS = (0.0, 1.0, 10.0, 100.0, 100.0, 2500.0)
ROUND_POINTS = tuple(map(Fraction, ("0", "0.5", "1", "1", "2", "3", "5", "8", "1/3", "2.75")))
PLANNING_POINTS = (1, 1, 2, 2, 3, 3, 3, 5, 5, 8, 13)
ROLES = ("back", "front")


def small_problem(rng: Random, most: int = 12, *, round_share: float = 0.5) -> Problem:
    """Return a problem of up to `most` items with every kind of rule, and many ties.

    Pins may contradict the rest: some problems have no allowed set.

    Args:
        rng: Seeded, or a strategy's.
        most: Most items.
        round_share: Part of the problems that draw from a few round numbers, so that sets of
            equal value abound; the others draw from the whole range.
    """
    is_round = rng.random() < round_share
    keys = [f"t:{number}" for number in range(rng.randint(1, most))]
    rng.shuffle(keys)
    metrics = [f"m{number}" for number in range(rng.randint(1, 4))]
    harms = {metric: _harm(rng, is_round=is_round) for metric in metrics}
    candidates = [
        Candidate(
            key=key,
            points=_points(rng, is_round=is_round),
            removals=tuple(
                (metric, _removal(rng, is_round=is_round))
                for metric in metrics
                if rng.random() < 0.5
            ),
            roles=tuple(
                (role, _points(rng, is_round=True)) for role in ROLES if rng.random() < 0.3
            ),
            requires=_required(rng, keys, place),
        )
        for place, key in enumerate(keys)
    ]
    if rng.random() < 0.3 and len(keys) > 1:
        candidates[1] = _twin(candidates[0], candidates[1].key)
    total = sum((one.points for one in candidates), Fraction(0))
    return Problem.of(
        candidates,
        harms,
        total * rng.randint(0, 12) / 10,
        roles={role: Fraction(rng.randint(0, 16), 2) for role in ROLES if rng.random() < 0.4},
        at_most=[
            AtMost(f"rule {number}", tuple(rng.sample(keys, rng.randint(1, len(keys)))), limit)
            for number, limit in enumerate(rng.choices((0, 1, 1, 2, 3), k=rng.randint(0, 2)))
        ],
        pinned=[key for key in keys if rng.random() < 0.06],
        forbidden=[key for key in keys if rng.random() < 0.06],
        kept=None if rng.random() < 0.4 else [key for key in keys if rng.random() < 0.4],
    )


def backlog(
    rng: Random, items: int, metrics: int, prerequisite_share: float, reserve_share: float = 0.15
) -> Problem:
    """Return a backlog as a team has it: planning-poker points, each item on one to four metrics.

    Args:
        rng: Seeded.
        items: Number of items.
        metrics: Number of metrics; their harms are log-normal.
        prerequisite_share: Part of the items that need an earlier one.
        reserve_share: Part of all points that fits.
    """
    names = [f"m{number:03d}" for number in range(metrics)]
    candidates = []
    for number in range(items):
        touched = rng.sample(names, min(metrics, rng.choice((1, 1, 2, 2, 3, 4))))
        required: tuple[str, ...] = ()
        if number and rng.random() < prerequisite_share:
            required = (f"item-{rng.randrange(number):05d}",)
        candidates.append(
            Candidate(
                key=f"item-{number:05d}",
                points=Fraction(rng.choice(PLANNING_POINTS)),
                removals=tuple((name, min(0.99, rng.betavariate(1.2, 8))) for name in touched),
                requires=required,
            )
        )
    total = sum((one.points for one in candidates), Fraction(0))
    harms = {name: round(rng.lognormvariate(5, 1.2), 3) for name in names}
    return Problem.of(candidates, harms, Fraction(round(total * Fraction(str(reserve_share)))))


def shuffled(rng: Random, problem: Problem) -> Problem:
    """Return the same problem, made from its parts in another order."""

    def mixed(parts: tuple[T, ...]) -> list[T]:
        return rng.sample(parts, len(parts))

    return Problem.of(
        [
            Candidate(
                key=one.key,
                points=one.points,
                removals=tuple(mixed(one.removals)),
                roles=tuple(mixed(one.roles)),
                requires=tuple(mixed(one.requires)),
            )
            for one in mixed(problem.candidates)
        ],
        dict(mixed(problem.harms)),
        problem.ceiling,
        floor=problem.floor,
        roles=dict(mixed(problem.roles)),
        at_most=[
            AtMost(rule.label, tuple(mixed(rule.keys)), rule.limit)
            for rule in mixed(problem.at_most)
        ],
        pinned=mixed(problem.pinned),
        forbidden=mixed(problem.forbidden),
        kept=None if problem.kept is None else mixed(problem.kept),
    )


def _harm(rng: Random, *, is_round: bool) -> float:
    return rng.choice(ROUND_HARMS) if is_round else rng.uniform(0.0, 5000.0)


def _points(rng: Random, *, is_round: bool) -> Fraction:
    return rng.choice(ROUND_POINTS) if is_round else Fraction(rng.randint(0, 260), 20)


def _removal(rng: Random, *, is_round: bool) -> float:
    return rng.choice(ROUND_REMOVALS) if is_round else rng.uniform(0.001, 0.99)


def _required(rng: Random, keys: list[str], place: int) -> tuple[str, ...]:
    """Return chains and diamonds, once in a while a loop."""
    if rng.random() < 0.02:
        return (rng.choice(keys),)
    if not place or rng.random() < 0.7:
        return ()
    return tuple(rng.sample(keys[:place], min(place, rng.randint(1, 2))))


def _twin(one: Candidate, key: str) -> Candidate:
    return Candidate(key, one.points, one.removals, one.roles, one.requires)
