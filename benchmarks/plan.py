"""How long a plan takes: team, department and company backlogs, and the solver left alone."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter

from benchmarks.alone import ask_highs, processor_s
from benchmarks.figure import Figure, at_most
from benchmarks.instances import backlog
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.proof import verify
from debtplan.engines import make_engine
from debtplan.engines.backend import make_backend
from debtplan.engines.child import CHILDREN
from debtplan.engines.indexed import index_problem
from debtplan.engines.program import Program
from debtplan.engines.rivals import find_rival
from debtplan.engines.search import Search

METRICS = 30
PREREQUISITES = 0.2
TEAM_SEEDS = range(12)
DEPARTMENT_SEEDS = range(3)
LIMIT_S = 60.0


def measure(_data: Path | None = None) -> Iterator[Figure]:
    """Yield wall times, the ratio to the solver alone, and the memory of the largest plan."""
    # Each size in a process of its own, so that memory and warm-up are its own.
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        yield from pool.submit(_team).result()
    for share in (0.03, 0.15):
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            yield from pool.submit(_department, share).result()
    for share in (0.01, 0.15):
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            yield from pool.submit(_company, share).result()


def _team() -> list[Figure]:
    engine = make_engine("milp")
    walls, ratios = [], []
    for seed in TEAM_SEEDS:
        problem = backlog(Random(seed), 200, METRICS, PREREQUISITES)
        selection, wall, spent_s = _timed(problem, LIMIT_S)
        assert selection.status is Status.OPTIMAL
        alone_s = ask_highs(_final_program(problem), LIMIT_S).seconds
        assert alone_s is not None
        ratios.append(spent_s / alone_s)
        walls.append(wall)
    detail = (
        f"200 items, {METRICS} metrics, {PREREQUISITES:.0%} prerequisites, reserve 15% of all "
        f"points, seeds 0-{len(TEAM_SEEDS) - 1}, {engine.name}"
    )
    per = f"{detail}; processor time; HiGHS gets the final model (all tangents, all columns)"
    return [
        at_most("plan", "200 items: wall, slowest", max(walls), 1.0, "s", detail),
        at_most("plan", "200 items: wall, median", median(walls), 1.0, "s", detail),
        at_most(
            "plan", "200 items: engine / HiGHS alone, median", median(ratios), 1.5, "ratio", per
        ),
        at_most("plan", "200 items: engine / HiGHS alone, worst", max(ratios), None, "ratio", per),
    ]


def _department(share: float) -> list[Figure]:
    # The engine runs one thread, here or in its solver: on an idle machine both times are the same.
    walls, seconds = [], []
    for seed in DEPARTMENT_SEEDS:
        problem = backlog(Random(seed), 1_000, METRICS, PREREQUISITES, share)
        selection, wall, spent_s = _timed(problem, LIMIT_S)
        seconds.append(spent_s)
        walls.append(wall)
        assert selection.status is Status.OPTIMAL
    listed = ", ".join(f"{one:.1f}" for one in walls)
    detail = f"{METRICS} metrics, seeds 0-{len(DEPARTMENT_SEEDS) - 1}, optimal; wall {listed} s"
    name = f"1,000 items, reserve {share:.0%}: processor time"
    return [
        at_most("plan", f"{name}, median", median(seconds), 5.0, "s", detail),
        at_most("plan", f"{name}, slowest", max(seconds), None, "s", detail),
    ]


def _company(share: float) -> list[Figure]:
    problem = backlog(Random(0), 10_000, 100, PREREQUISITES, share)
    selection, wall, _ = _timed(problem, LIMIT_S)
    CHILDREN.end()
    both = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    memory_mb = sum(one.ru_maxrss for one in both) / 1024
    gap = "none" if selection.gap is None else f"{selection.gap:.1e}"
    detail = f"100 metrics, seed 0, limit {LIMIT_S:g} s: {selection.status}, gap {gap}"
    name = f"10,000 items, reserve {share:.0%}"
    is_labelled = selection.status is Status.OPTIMAL or selection.gap is not None
    # Processes of the pool start fresh, so both peaks are this plan's: interpreter and solver.
    return [
        at_most("plan", f"{name}: wall", wall, LIMIT_S + 5, "s", detail),
        at_most("plan", f"{name}: memory", memory_mb, 1024, "MB", detail),
        at_most(
            "plan", f"{name}: answers without a label", int(not is_labelled), 0, "plans", detail
        ),
    ]


def _timed(problem: Problem, limit_s: float) -> tuple[Selection, float, float]:
    """Return the selection, and the wall and processor seconds that it took."""
    engine = make_engine("milp", time_limit_s=limit_s)
    started, spent = perf_counter(), processor_s()
    selection = engine.select(problem)
    wall, spent_s = perf_counter() - started, processor_s() - spent
    assert verify(problem, selection).holds
    return selection, wall, spent_s


def _final_program(problem: Problem) -> Program:
    """Return the program with every tangent the engine ended with, and nothing decided."""
    search = Search(index_problem(problem), make_backend("highs"), perf_counter() + LIMIT_S)
    find_rival(search, search.run())
    return search.master(search.whole_space).program(search.tangents, is_whole=True)
