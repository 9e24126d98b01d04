"""Does an answer come in time, with its label? Models that no solver finishes.

Market splits (Cornuejols and Dawande 1998, here as packings of four rows to be filled to the brim),
knapsacks whose profits follow their weights (Pisinger 2005), several-row knapsacks, and backlogs of
thousands of items, with limits of one to ten seconds. And the same where every solver process is
killed, or stopped so that it hangs, as soon as it runs.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from random import Random
from signal import SIGKILL, SIGSTOP, Signals
from threading import Event, Thread
from time import perf_counter

from benchmarks.figure import Figure, at_most
from benchmarks.instances import backlog
from benchmarks.published import value_of
from debtplan.core.problem import Candidate, Problem, Selection
from debtplan.core.proof import verify
from debtplan.engines import make_engine
from debtplan.engines.child import WORKER

GRACE_S = 5.0
"""Seconds beyond the limit that an answer may take."""

SEEDS = range(10)
LIMITS_S = (1.0, 5.0)


def measure(_data: Path | None = None) -> Iterator[Figure]:
    """Yield the worst overrun, the answers without a label, and which labels there were."""
    over: list[tuple[float, str]] = []
    labels: Counter[str] = Counter()
    unlabelled = 0
    for name, make in FAMILIES.items():
        for seed in SEEDS:
            limit_s = LIMITS_S[seed % len(LIMITS_S)]
            problem = make(Random(seed))
            started = perf_counter()
            selection = make_engine("milp", time_limit_s=limit_s).select(problem)
            over.append((perf_counter() - started - limit_s, f"{name}, seed {seed}"))
            labels[selection.status.value] += 1
            unlabelled += not _is_labelled(problem, selection)
    worst, where = max(over)
    detail = f"{len(over)} models, limits {LIMITS_S[0]:g} and {LIMITS_S[1]:g} s; worst: {where}"
    yield at_most("timelimit", "wall beyond the limit, worst", worst, GRACE_S, "s", detail)
    said = ", ".join(f"{count} {label}" for label, count in sorted(labels.items()))
    yield at_most(
        "timelimit", "answers without value, bound or proof", unlabelled, 0, "plans", said
    )
    yield from _harmed("killed", SIGKILL)
    yield from _harmed("stopped", SIGSTOP)


def _harmed(done: str, sent: Signals) -> Iterator[Figure]:
    """Yield the worst overrun and the answers without a label where solvers are sent a signal."""
    worst, unlabelled, hit = 0.0, 0, 0
    labels: Counter[str] = Counter()
    for make in FAMILIES.values():
        problem = make(Random(0))
        with _signalling(sent) as count:
            started = perf_counter()
            selection = make_engine("milp", time_limit_s=LIMITS_S[0]).select(problem)
            worst = max(worst, perf_counter() - started - LIMITS_S[0])
        hit += len(count)
        labels[selection.status.value] += 1
        unlabelled += not _is_labelled(problem, selection)
    said = ", ".join(f"{count} {label}" for label, count in sorted(labels.items()))
    detail = f"one of each family, limit {LIMITS_S[0]:g} s; {hit} processes {done}; {said}"
    name = f"solvers {done}: wall beyond the limit, worst"
    yield at_most("timelimit", name, worst, GRACE_S, "s", detail)
    name = f"solvers {done}: answers without a label"
    yield at_most("timelimit", name, unlabelled, 0, "plans", detail)


@contextmanager
def _signalling(sent: Signals) -> Iterator[set[int]]:
    """Send a signal to every solver of this process, once each; yield whom it was sent to."""
    hit: set[int] = set()
    is_over = Event()

    def send() -> None:
        while not is_over.wait(0.02):
            for pid in _solvers() - hit:
                with suppress(ProcessLookupError):
                    os.kill(pid, sent)
                    hit.add(pid)

    thread = Thread(target=send)
    thread.start()
    try:
        yield hit
    finally:
        is_over.set()
        thread.join()


def _solvers() -> set[int]:
    """Return the child processes that run HiGHS or CBC."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found |= set(map(int, (task / "children").read_text().split()))
    return {pid for pid in found if _is_solver(pid)}


def _is_solver(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False
    return WORKER.name in command or "/cbc" in command


def _is_labelled(problem: Problem, selection: Selection) -> bool:
    has_bound = selection.bound is not None and selection.gap is not None
    return has_bound and verify(problem, selection).holds


def _split(rng: Random) -> Problem:
    """Return a market split: the first of four rows, as value, is to come as near as may be."""
    rows = [[rng.randrange(100) for _ in range(40)] for _ in range(4)]
    return _knapsack([sum(column) for column in zip(*rows, strict=True)], rows, 2)


def _correlated(rng: Random) -> Problem:
    """Return a knapsack in which every profit is the weight and a tenth of the range."""
    weights = [rng.randrange(1, 100_000) for _ in range(2_000)]
    return _knapsack([weight + 10_000 for weight in weights], [weights], 3)


def _subset(rng: Random) -> Problem:
    """Return a knapsack of even weights, profits the same, to be filled to an odd number."""
    weights = [2 * rng.randrange(10**9, 10**10) for _ in range(60)]
    return _knapsack(weights, [weights], 2, spare=1)


def _many_rows(rng: Random) -> Problem:
    """Return a knapsack of 30 rows whose profits follow the weights, as Chu and Beasley's do."""
    rows = [[rng.randrange(1, 1_000) for _ in range(250)] for _ in range(30)]
    means = [sum(column) // 30 for column in zip(*rows, strict=True)]
    return _knapsack([mean + rng.randrange(500) for mean in means], rows, 2)


def _backlog(rng: Random) -> Problem:
    """Return a company's backlog: curves, prerequisites, thousands of items."""
    return backlog(rng, 4_000, 60, 0.2)


FAMILIES: dict[str, Callable[[Random], Problem]] = {
    "market split": _split,
    "correlated": _correlated,
    "subset sum": _subset,
    "30 rows": _many_rows,
    "backlog": _backlog,
}


def _knapsack(profits: list[int], rows: list[list[int]], part: int, spare: int = 0) -> Problem:
    """Return a problem with the rows' sums divided by `part` for limits."""
    limits = [Fraction(sum(row) // part // 2 * 2 + spare) for row in rows]
    roles = [f"row {number}" for number in range(1, len(rows))]
    harms: dict[str, float] = {}
    candidates = []
    for i, profit in enumerate(profits):
        removals, harm = value_of(f"item {i:05d}", profit)
        harms |= harm
        spent = [Fraction(row[i]) for row in rows]
        pairs = tuple(zip(roles, spent[1:], strict=True))
        candidates.append(Candidate(f"item {i:05d}", spent[0], removals, pairs))
    return Problem.of(candidates, harms, limits[0], roles=dict(zip(roles, limits[1:], strict=True)))
