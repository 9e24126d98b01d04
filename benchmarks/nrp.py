"""The next release problem: customers are candidates of value, requirements what they need.

Format and budgets as in the README beside the instances: a budget is the share of all costs,
rounded down. Instances: Xuan, Jiang, Ren and Luo, IEEE TSE 2012.
"""

from collections import defaultdict
from collections.abc import Iterator
from csv import DictReader
from fractions import Fraction
from math import floor
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.published import Instance, figures, find_data, read_words, run, value_of
from debtplan.core.problem import Candidate, Problem

RATIOS = ("0.3", "0.5", "0.7")
REALISTIC = "nrp-"
"""Files of real bug repositories; their budgets are the first two of `RATIOS`."""


def measure(data: Path | None = None) -> Iterator[Figure]:
    """Yield how many known values are reached, and the times against the solvers alone."""
    folder = find_data(data, "nrp")
    files = sorted(folder.glob("nrp*.txt")) if folder else []
    if not folder or not files:
        return
    known = _known(folder)
    runs = [
        run(_instance(file, ratio, known))
        for file in files
        for ratio in (RATIOS[:2] if file.name.startswith(REALISTIC) else RATIOS)
    ]
    detail = f"{len(runs)} budgets of {len(files)} files, Problem and milp engine (any_best)"
    yield from figures("nrp", runs, detail)


def read_problem(file: Path, ratio: str) -> Problem:
    """Return a file's problem with a budget of that share of all costs, rounded down."""
    words = map(int, read_words(file))
    costs = [next(words) for _ in range(next(words)) for _ in range(next(words))]
    needs: defaultdict[int, list[str]] = defaultdict(list)
    for _ in range(next(words)):
        first, then = next(words), next(words)
        needs[then].append(_requirement(first))
    candidates = [
        Candidate(_requirement(i), Fraction(cost), requires=tuple(needs[i]))
        for i, cost in enumerate(costs, start=1)
    ]
    harms: dict[str, float] = {}
    for number in range(1, next(words) + 1):
        key, profit = f"customer {number:05d}", next(words)
        asked = tuple(_requirement(next(words)) for _ in range(next(words)))
        removals, harm = value_of(key, profit)
        harms |= harm
        candidates.append(Candidate(key, Fraction(0), removals, requires=asked))
    return Problem.of(candidates, harms, Fraction(floor(Fraction(ratio) * sum(costs))))


def _requirement(number: int) -> str:
    return f"requirement {number:05d}"


def _instance(file: Path, ratio: str, known: dict[str, dict[str, str]]) -> Instance:
    name = f"{file.stem}-{ratio}"
    row = known.get(name)
    problem = read_problem(file, ratio)
    if row is None:
        return Instance(name, problem)
    return Instance(name, problem, int(row["best"]), is_open=row["proved"] != "1")


def _known(folder: Path) -> dict[str, dict[str, str]]:
    file = folder / "measured.csv"
    if not file.exists():
        return {}
    with file.open(newline="") as lines:
        return {row["instance"]: row for row in DictReader(lines)}
