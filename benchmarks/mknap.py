"""Knapsacks of one and of many rows: the first row is the reserve, the others are roles.

Formats as in the README beside the instances. Chu and Beasley's values (mknapcb) are the best that
their genetic algorithm found, not optima; the others are optima given with the files.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from csv import DictReader
from fractions import Fraction
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.published import (
    Instance,
    Run,
    figures,
    find_data,
    read_words,
    run,
    spread,
    value_of,
)
from debtplan.core.problem import Candidate, Problem

PER_FILE = 2
"""Problems of a file of Chu and Beasley's that are solved: all 15 of each take hours."""

LARGE = "mknapcb"


def measure(data: Path | None = None) -> Iterator[Figure]:
    """Yield the same figures for the files with optima and for Chu and Beasley's."""
    folder = find_data(data, "mknap")
    files = _files(folder) if folder else []
    if not folder or not files:
        return
    known = _known(folder)
    small: list[Run] = []
    large: list[Run] = []
    for file in files:
        name = _name(folder, file)
        found = list(read_problems(file))
        chosen = spread(len(found), PER_FILE) if name.startswith(LARGE) else range(len(found))
        for i in chosen:
            problem, best = found[i]
            given = known.get((name, i), best)
            instance = Instance(f"{name} {i}", problem, given)
            (large if name.startswith(LARGE) else small).append(run(instance))
    if small:
        yield from figures("mknap", small, "mknap1, mknap2 and plain knapsacks")
    if large:
        detail = f"Chu and Beasley, {PER_FILE} of each file, against their best"
        yield from figures("mknapcb", large, detail)


def read_problems(file: Path) -> Iterator[tuple[Problem, int | None]]:
    """Yield the problems of a file, each with the value that the file states."""
    words = iter(read_words(file))
    if file.name.startswith("knapPI"):
        items, most = int(next(words)), next(words)
        pairs = [(float(next(words)), next(words)) for _ in range(items)]
        yield _problem([p for p, _ in pairs], [[w for _, w in pairs]], [most]), None
        return
    for _ in range(1 if file.suffix == ".dat" else int(next(words))):
        items, rows, best = int(next(words)), int(next(words)), float(next(words))
        profits = [float(next(words)) for _ in range(items)]
        weights = [[next(words) for _ in range(items)] for _ in range(rows)]
        limits = [next(words) for _ in range(rows)]
        yield _problem(profits, weights, limits), int(best) if best else None


def _problem(
    profits: Sequence[float], weights: Sequence[Sequence[str]], limits: Sequence[str]
) -> Problem:
    roles = [f"row {number:02d}" for number in range(1, len(limits))]
    harms: dict[str, float] = {}
    candidates = []
    for i, profit in enumerate(profits):
        key = f"item {i:05d}"
        removals, harm = value_of(key, profit)
        harms |= harm
        spent = [Fraction(row[i]) for row in weights]
        candidates.append(
            Candidate(key, spent[0], removals, tuple(zip(roles, spent[1:], strict=True)))
        )
    most = [Fraction(limit) for limit in limits]
    return Problem.of(candidates, harms, most[0], roles=dict(zip(roles, most[1:], strict=True)))


def _files(folder: Path) -> list[Path]:
    found = {*folder.glob("mknap*.txt*"), *folder.glob("**/*.dat"), *folder.glob("**/knapPI_*")}
    return sorted(found)


def _name(folder: Path, file: Path) -> str:
    name = file.relative_to(folder).as_posix()
    return name.removesuffix(".gz").removesuffix(".txt")


def _known(folder: Path) -> dict[tuple[str, int], int]:
    file = folder / "best_known.csv"
    found: defaultdict[tuple[str, int], int] = defaultdict(int)
    if file.exists():
        with file.open(newline="") as lines:
            for row in DictReader(lines):
                place = int(row["index_in_this_file"])
                found[row["file"], place] = int(float(row["best_known"]))
    return dict(found)
