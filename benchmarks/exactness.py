"""Is the engine exact where brute force is out of reach? Against OR-tools' CP-SAT."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks import cpsat
from benchmarks.figure import Figure, at_most

PROBLEMS = 1_000
PART = 25
WORKERS = 2


def measure(_data: Path | None = None) -> Iterator[Figure]:
    """Yield the differences; nothing where OR-tools is not installed."""
    if not cpsat.IS_INSTALLED:
        return
    parts = [range(start, start + PART) for start in range(0, PROBLEMS, PART)]
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        counts = list(pool.map(_compare, parts))
    differences, undecided, infeasible, same = map(sum, zip(*counts, strict=True))
    detail = (
        f"{PROBLEMS} problems of 50 to 300 items with overlaps, roles, prerequisites, "
        f"alternatives, pins and bans, seeds 0-{PROBLEMS - 1}; {infeasible} infeasible; the same "
        f"set in {same}, an equal one in the others"
    )
    yield at_most("exactness", "differences from CP-SAT", differences, 0, "problems", detail)
    text = "of the same, not proven by both within 120 s: values and bounds agree"
    yield at_most("exactness", "undecided", undecided, PROBLEMS // 100, "problems", text)


def _compare(seeds: Sequence[int]) -> tuple[int, int, int, int]:
    from tests.exactness.compare import compare  # noqa: PLC0415 -- loads OR-tools

    found = compare(seeds)
    return (
        sum(bool(one.difference) for one in found),
        sum(not one.is_decided for one in found),
        sum(not one.is_feasible for one in found),
        sum(one.is_same_set for one in found),
    )
