"""The engine's answer beside CP-SAT's, problem by problem."""

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing import get_context
from random import Random

from debtplan.core.problem import Selection, Status, exact_relief
from debtplan.core.proof import verify
from debtplan.engines import make_engine
from tests.engines.brute import TIE
from tests.exactness.cpsat import UNITS, Opinion, ask
from tests.exactness.instances import Stepped, stepped

LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out of one seed.

    Attributes:
        seed: Of the problem.
        difference: In words; empty where there is none.
        is_decided: Whether both proved their answer.
        is_feasible: Whether any set is allowed.
        is_same_set: Whether both chose the same keys.
    """

    seed: int
    difference: str
    is_decided: bool
    is_feasible: bool
    is_same_set: bool


def compare(seeds: Iterable[int]) -> list[Comparison]:
    """Solve the problems of some seeds twice."""
    # A process of its own for CP-SAT: OR-tools and highspy do not load into one.
    with ProcessPoolExecutor(1, get_context("spawn")) as other:
        return [_compare(seed, other) for seed in seeds]


def opinion(instance: Stepped) -> Opinion:
    """Return CP-SAT's opinion of one problem."""
    with ProcessPoolExecutor(1, get_context("spawn")) as other:
        return other.submit(ask, instance, LIMIT_S).result()


def _compare(seed: int, other: ProcessPoolExecutor) -> Comparison:
    instance = stepped(Random(seed))
    theirs = other.submit(ask, instance, LIMIT_S).result()
    ours = make_engine("milp", time_limit_s=LIMIT_S).select(instance.problem)
    is_proven = ours.status in (Status.OPTIMAL, Status.INFEASIBLE)
    return Comparison(
        seed=seed,
        difference=find_difference(instance, ours, theirs),
        is_decided=is_proven and theirs.is_proven,
        is_feasible=theirs.is_feasible,
        is_same_set=ours.chosen == theirs.chosen,
    )


def find_difference(instance: Stepped, ours: Selection, theirs: Opinion) -> str:
    """Return in words what cannot both be true; empty where all agrees.

    Values are compared in exact fractions. CP-SAT's set is the best but for the rounding of its
    steps, so ours must be worth as much as it, and at most its bound; and where both are proven,
    that bound may lie above our value by the rounding alone: a unit a step.
    """
    problem = instance.problem
    if (ours.status is Status.INFEASIBLE) != (not theirs.is_feasible):
        return f"we say {ours.status}, CP-SAT says feasible: {theirs.is_feasible}"
    if not theirs.is_feasible:
        return ""
    if failures := verify(problem, ours).failures:
        return f"rules broken: {failures}"
    value, other = exact_relief(problem, ours.chosen), exact_relief(problem, theirs.chosen)
    margin = Fraction(TIE) * max(Fraction(1), other)
    if ours.status is Status.OPTIMAL and other > value + margin:
        return f"CP-SAT found {float(other)!r}, we call {float(value)!r} optimal"
    if value > theirs.bound:
        return f"our {float(value)!r} is above CP-SAT's bound {float(theirs.bound)!r}"
    if ours.bound is not None and other > Fraction(ours.bound) + margin:
        return f"CP-SAT's {float(other)!r} is above our bound {ours.bound!r}"
    steps = sum(sum(of.values()) for of in instance.powers.values())
    rounding = steps * Fraction(max(harm for _, harm in problem.harms)) / UNITS
    is_proven = theirs.is_proven and ours.status is Status.OPTIMAL
    if is_proven and theirs.bound > value + rounding:
        return f"CP-SAT's bound {float(theirs.bound)!r} is too far above our {float(value)!r}"
    return ""
