"""Is the exact engine exact? Random problems against brute force, and one input in many orders."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import fmean

from benchmarks.figure import Figure, at_most
from benchmarks.instances import shuffled, small_problem
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.proof import verify
from debtplan.engines import make_engine
from tests.engines.brute import brute_force

PROBLEMS = 10_000
SHUFFLES = 1_000
CHUNK = 250
ITEMS = 12
SHUFFLE_SEED = 7
WORKERS = 2


def measure(_data: Path | None = None) -> Iterator[Figure]:
    """Yield differences, broken rows, the baseline's share, and the digests of one problem."""
    starts = range(0, PROBLEMS, CHUNK)
    # Spawned, so that no worker inherits the state of a solver.
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        counts = list(pool.map(_compare, starts))
        parts = list(pool.map(_digests, range(0, SHUFFLES, CHUNK)))
    differences, broken, infeasible, shares = zip(*counts, strict=True)
    detail = (
        f"{PROBLEMS} problems of up to {ITEMS} items, seeds 0-{PROBLEMS - 1}, every kind of rule, "
        f"{sum(infeasible)} of them infeasible; set and status, ties included"
    )
    yield at_most("engine", "differences from brute force", sum(differences), 0, "problems", detail)
    rows = "reserve, roles, order, alternatives, pins, value, bound; milp and greedy"
    yield at_most("engine", "rows broken", sum(broken), 0, "rows", rows)
    share = fmean(share for part in shares for share in part)
    yield at_most("engine", "greedy's share of the optimum", share, None, "share", "mean, same set")
    digests = set().union(*parts)
    shuffles = f"{SHUFFLES} orders of one problem, seed {SHUFFLE_SEED}"
    yield at_most("engine", "digests of one shuffled problem", len(digests), 1, "digests", shuffles)


def _compare(start: int) -> tuple[int, int, int, list[float]]:
    milp, greedy = make_engine("milp"), make_engine("greedy")
    differences = broken = infeasible = 0
    shares = []
    for seed in range(start, start + CHUNK):
        problem = small_problem(Random(seed), ITEMS)
        ours, base, best = milp.select(problem), greedy.select(problem), brute_force(problem)
        expected = Status.INFEASIBLE if best.chosen is None else Status.OPTIMAL
        is_same = ours.status is expected and ours.chosen == (best.chosen or ())
        differences += not is_same
        broken += sum(len(verify(problem, one).failures) for one in (ours, base))
        infeasible += best.chosen is None
        if base.value is not None and best.value > 0:
            shares.append(base.value / best.value)
    return differences, broken, infeasible, shares


def _digests(start: int) -> set[str]:
    engine = make_engine("milp")
    problem = _tied_problem()
    orders = (shuffled(Random(seed), problem) for seed in range(start, start + CHUNK))
    return {digest(engine.select(one)) for one in orders}


def _tied_problem() -> Problem:
    """Return the seed's first problem with rules, room and ties enough to go wrong."""
    rng = Random(SHUFFLE_SEED)
    while True:
        problem = small_problem(rng, ITEMS, round_share=1.0)
        best = brute_force(problem)
        if best.chosen and len(problem.candidates) == ITEMS and 2 < len(best.chosen) < ITEMS - 2:
            return problem


def digest(selection: Selection) -> str:
    """Return a digest of what a selection says, the wall time left out."""
    facts = (selection.status, selection.chosen, selection.value, selection.bound)
    return sha256(repr(facts).encode()).hexdigest()
