"""Problems too large for brute force, against an independent solver: no difference at all."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from multiprocessing import get_context
from random import Random

import pytest

if find_spec("ortools") is None:
    pytest.skip("OR-tools is not installed; `make dev` installs it", allow_module_level=True)

from debtplan.core.problem import Status
from debtplan.engines import make_engine
from tests.exactness.compare import compare, find_difference, opinion
from tests.exactness.instances import stepped

PROCESSES = 2
PART = 50


def _differences(seeds: Sequence[int]) -> tuple[list[str], int]:
    """Return what differs, and how many seeds both proved."""
    found = compare(seeds)
    said = [f"seed {one.seed}: {one.difference}" for one in found if one.difference]
    return said, sum(one.is_decided for one in found)


def check(seeds: range) -> None:
    parts = [seeds[i :: len(seeds) // PART + 1] for i in range(len(seeds) // PART + 1)]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        results = list(pool.map(_differences, parts))
    assert [one for said, _ in results for one in said] == []
    assert sum(decided for _, decided in results) >= 0.99 * len(seeds)


@pytest.mark.heavy
def test_a_hundred_problems_have_the_answer_of_cp_sat() -> None:
    check(range(100))


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
def test_a_thousand_problems_have_the_answer_of_cp_sat(part: int) -> None:
    check(range(100 * part, 100 * part + 100))


def _doctored(seed: int) -> list[str]:
    """Return what is said of answers that are wrong on purpose."""
    instance = stepped(Random(seed))
    theirs = opinion(instance)
    ours = make_engine("milp").select(instance.problem)
    less = next(
        one
        for key in ours.chosen
        if (one := make_engine("milp").select(replace(instance.problem, forbidden=(key,)))).status
        is Status.OPTIMAL
        and one.value is not None
        and ours.value is not None
        and one.value < ours.value * (1 - 1e-5)
    )
    known = Fraction(ours.value or 0)
    return [
        find_difference(instance, ours, theirs),
        find_difference(instance, less, theirs),
        find_difference(instance, replace(ours, status=Status.INFEASIBLE), theirs),
        find_difference(instance, ours, replace(theirs, bound=known * 99 / 100)),
        find_difference(instance, ours, replace(theirs, bound=known * 101 / 100)),
        find_difference(
            instance, replace(less, bound=less.value), replace(theirs, is_proven=False)
        ),
    ]


@pytest.mark.slow
def test_a_worse_set_a_wrong_status_and_a_wrong_bound_are_seen() -> None:
    fine, worse, infeasible, below, above, short = _doctored(28)
    assert fine == ""
    assert "optimal" in worse
    assert "infeasible" in infeasible
    assert "above CP-SAT's bound" in below
    assert "too far above" in above
    assert short
