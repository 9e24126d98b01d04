"""Instances that others published, solved through `Problem` and the `milp` engine.

Values that add up are said in the problem's own words: a candidate of value v removes one half of a
metric that nothing else touches and whose harm is 2 v. Both are exact in binary, so the value of a
set is exactly the sum, with removals below 1 as everywhere.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from gzip import open as open_packed
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.alone import SOLVERS, processor_s
from benchmarks.figure import Figure, at_most
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.proof import verify
from debtplan.engines import make_engine
from debtplan.engines.backend import make_backend
from debtplan.engines.indexed import index_problem
from debtplan.engines.program import Program
from debtplan.engines.search import Search

REMOVED = 0.5
"""Removal of every candidate with a value; the harm is twice the value."""

LIMIT_S = 60.0
RATIO = 1.3
PATIENCE = 3.0
"""Solvers alone are stopped after this many times what the engine took, and a second."""

NOTED_S = 0.5
"""Ratios are judged where the solver alone takes longer: below, the interpreter is measured."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A problem with what is known of it.

    Attributes:
        name: File and number, or file and budget.
        problem: In debtplan's terms.
        best: Best value known; None where nothing is.
        is_open: Whether even the publisher does not call that value the optimum or a published
            target.
    """

    name: str
    problem: Problem
    best: int | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """What the engine said of an instance, and the processor seconds of all four.

    Attributes:
        instance: Solved.
        selection: The engine's.
        wall_s: Wall time of the engine.
        engine_s: Its processor time, the solvers' included.
        alone_s: Each solver's alone on the same model; None where it was stopped.
        stopped_s: When those were stopped.
    """

    instance: Instance
    selection: Selection
    wall_s: float
    engine_s: float
    alone_s: dict[str, float | None]
    stopped_s: float

    @property
    def is_short(self) -> bool:
        """Whether the value known was not reached."""
        best = self.instance.best
        return best is not None and (self.selection.value or 0.0) < best - 1e-6

    @property
    def is_proven(self) -> bool:
        """Whether the engine calls its value the optimum."""
        return self.selection.status is Status.OPTIMAL

    def ratio(self, alone_s: float | None) -> float:
        """Return the engine's time against a solver's; at most that where it was stopped."""
        return self.engine_s / (alone_s or self.stopped_s)


def find_data(given: Path | None, name: str) -> Path | None:
    """Return the folder of instances: `--data`, DEBTPLAN_DATA or ../shared/data; None for none."""
    root = given or Path(os.environ.get("DEBTPLAN_DATA") or "../shared/data")
    inner = root / name
    if inner.is_dir():
        return inner
    return root if given and root.is_dir() else None


def read_words(path: Path) -> list[str]:
    """Return the words of a text file, packed or not."""
    if path.suffix == ".gz":
        with open_packed(path, "rt", encoding="ascii") as lines:
            return lines.read().split()
    return path.read_text(encoding="ascii").split()


def value_of(name: str, value: float) -> tuple[tuple[tuple[str, float], ...], dict[str, float]]:
    """Return the removals and harms that make a candidate worth exactly `value`."""
    return (((name, REMOVED),), {name: value / REMOVED}) if value > 0 else ((), {})


def run(instance: Instance) -> Run:
    """Solve an instance with the engine, then its model with each solver alone."""
    _warm_up()
    engine = make_engine("milp", time_limit_s=LIMIT_S)
    started, spent = perf_counter(), processor_s()
    selection = engine.any_best(instance.problem)
    wall_s, engine_s = perf_counter() - started, processor_s() - spent
    assert verify(instance.problem, selection).holds
    stopped_s = min(LIMIT_S, PATIENCE * engine_s + 1.0)
    alone = {}
    if selection.status is Status.OPTIMAL:
        program, size = _whole_program(instance.problem)
        alone = {name: ask(program, stopped_s) for name, ask in SOLVERS.items()}
        for name, one in alone.items():
            if one.seconds is not None and one.value is not None:
                short = abs(one.value * size - (selection.value or 0.0))
                assert short < size / 2, f"{name} proves another value of {instance.name}"
    seconds = {name: one.seconds for name, one in alone.items()}
    return Run(instance, selection, wall_s, engine_s, seconds, stopped_s)


def figures(bench: str, runs: Sequence[Run], detail: str) -> Iterator[Figure]:
    """Yield what holds of all runs: values reached, proofs, times and ratios."""
    closed = [one for one in runs if one.instance.best is not None and not one.instance.is_open]
    still = [one for one in runs if one.instance.is_open]
    yield _short(bench, f"known values not reached, of {len(closed)}", closed, detail)
    if still:
        text = "; ".join(_said(one) for one in still)
        yield _short(bench, f"open ones below the best known, of {len(still)}", still, text)
    proven = [one for one in runs if one.is_proven]
    unproven = [f"{one.instance.name} {_gap(one)}" for one in runs if not one.is_proven]
    yield at_most(
        bench,
        f"proven within {LIMIT_S:g} s, of {len(runs)}",
        len(proven),
        None,
        "instances",
        f"not: {', '.join(unproven)}" if unproven else "all",
    )
    slowest = max(runs, key=lambda one: one.wall_s)
    yield at_most(bench, "slowest: wall", slowest.wall_s, LIMIT_S + 5, "s", slowest.instance.name)
    for solver in SOLVERS:
        yield from _ratios(bench, solver, [(one, one.alone_s[solver]) for one in proven])


def _short(bench: str, figure: str, runs: Sequence[Run], detail: str) -> Figure:
    missed = [one for one in runs if one.is_short]
    text = f"{detail}; missed: {', '.join(map(_said, missed))}" if missed else detail
    return at_most(bench, figure, len(missed), 0, "instances", text)


def _ratios(bench: str, solver: str, pairs: Sequence[tuple[Run, float | None]]) -> Iterator[Figure]:
    if not pairs:
        return
    limit = RATIO if solver == "HiGHS" else None
    stopped = sum(alone_s is None for _, alone_s in pairs)
    ours = sum(one.engine_s for one, _ in pairs)
    theirs = sum(alone_s or one.stopped_s for one, alone_s in pairs)
    how = (
        f"processor time on the {len(pairs)} proven; {solver} alone stopped {stopped} times, after "
        f"{PATIENCE:g} times the engine's time and 1 s, and counted with that"
    )
    name = f"engine / {solver} alone"
    yield at_most(bench, f"{name}, all together", ours / theirs, limit, "ratio", how)
    ratios = [one.ratio(alone_s) for one, alone_s in pairs]
    yield at_most(bench, f"{name}, median", median(ratios), limit, "ratio", how)
    noted = [pair for pair in pairs if (pair[1] or pair[0].stopped_s) > NOTED_S]
    if noted:
        worst, alone_s = max(noted, key=lambda pair: pair[0].ratio(pair[1]))
        said = f"{worst.instance.name}: {worst.engine_s:.2f} s, alone {alone_s or 0:.2f} s"
        figure = f"{name}, worst over {NOTED_S:g} s"
        yield at_most(bench, figure, worst.ratio(alone_s), limit, "ratio", said)


def _said(one: Run) -> str:
    return f"{one.instance.name} {one.selection.value:g} of {one.instance.best} {_gap(one)}"


def _gap(one: Run) -> str:
    bound = one.selection.bound
    return f"(bound {bound:.9g})" if bound is not None else "(no bound)"


def _whole_program(problem: Problem) -> tuple[Program, float]:
    """Return the model that the engine starts from, and what one step of its gains is worth.

    It has every column, no decision and whole gains.
    """
    indexed = index_problem(problem)
    search = Search(indexed, make_backend("highs"), perf_counter() + LIMIT_S)
    program = search.master(search.whole_space).program(search.tangents, is_whole=True)
    assert indexed.steps is not None, "published values add up"
    return program, indexed.steps.size


def _warm_up() -> None:
    """Have the solver's process started: the solvers alone are loaded beforehand, too."""
    make_backend("highs").solve(Program((1.0,), (1.0,), ()), LIMIT_S)


def spread(number: int, most: int) -> Iterable[int]:
    """Return up to `most` of the positions below `number`, evenly spread, both ends included."""
    if number <= most:
        return range(number)
    return sorted({round(i * (number - 1) / (most - 1)) for i in range(most)})
