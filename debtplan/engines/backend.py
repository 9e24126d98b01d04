"""Solvers behind PuLP: HiGHS in this process, CBC as a program for cross-checks.

PuLP's `status` says "Optimal" after a time limit too; only `sol_status` tells an optimum from the
best found so far (pulp/apis/highs_api.py of 3.3.2, read 2026-11-23).
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import highspy
import pulp

from debtplan.engines.program import NOTHING, Answer, Backend, Program, Word

TOLERANCE = 1e-9
"""What HiGHS may be off in a row, a reduced cost or a whole number. Objectives are scaled to about
1e4, so this is some 1e-13 of the value; the default 1e-6 would blur ties."""

WIDE = 1e9
"""Weights that span more than this are not presolved: HiGHS 1.15.1 then calls about one in 100,000
small programs infeasible that are not."""

MIN_TIME_S = 0.01
"""A limit of 0 means none to some solvers."""

_WORDS = {
    pulp.LpSolutionOptimal: Word.OPTIMAL,
    pulp.LpSolutionIntegerFeasible: Word.FEASIBLE,
}

_SOLVER_FAILURES = (pulp.PulpError, ArithmeticError, LookupError, OSError, RuntimeError, ValueError)
"""What PuLP raises where it cannot take a number, or a solver dies, writes nothing, or ends with a
status PuLP cannot name."""


class HighsBackend:
    """HiGHS through highspy, one thread: the same input takes the same path."""

    def __init__(self) -> None:
        """Take the versions down for the record."""
        self.name = f"HiGHS {_highs_version()} (PuLP {pulp.__version__})"

    def solve(
        self, program: Program, time_limit_s: float, gap: float = 0.0, *, is_presolved: bool = True
    ) -> Answer:
        """See `Backend.solve`."""
        solver = pulp.HiGHS(
            msg=False,
            gapRel=gap,
            gapAbs=0.0,
            threads=1,
            presolve="choose" if is_presolved and not _is_wide(program) else "off",
            # The incumbent is good before HiGHS starts: the jump took a third of its time, and
            # restarts another tenth.
            mip_heuristic_run_feasibility_jump=False,
            mip_allow_restart=False,
            primal_feasibility_tolerance=TOLERANCE,
            dual_feasibility_tolerance=TOLERANCE,
            mip_feasibility_tolerance=TOLERANCE,
        )
        return _run(program, solver, time_limit_s, _highs_bound)


class CbcBackend:
    """The CBC that comes with PuLP; slower, and it says "optimal" without a bound.

    CBC 2.10.3 calls wrong answers optimal where one sum has a minimum and a maximum, unless its
    preprocessing is off; that can go with a newer CBC in PuLP.
    """

    def __init__(self) -> None:
        """Take the versions down for the record."""
        self.name = f"CBC (PuLP {pulp.__version__})"

    def solve(
        self, program: Program, time_limit_s: float, gap: float = 0.0, *, is_presolved: bool = True
    ) -> Answer:
        """See `Backend.solve`; CBC never presolves."""
        del is_presolved
        solver = pulp.COIN_CMD(
            path=str(Path(pulp.PULP_CBC_CMD.pulp_cbc_path).resolve()),
            msg=False,
            gapRel=gap,
            gapAbs=0.0,
            options=["preprocess off", "increment 1e-9", "primalT 1e-9", "dualT 1e-9"],
        )
        with TemporaryDirectory(prefix="debtplan-") as folder:
            solver.tmpDir = folder
            return _run(program, solver, time_limit_s, lambda _: None)


def make_backend(name: str) -> Backend:
    """Return the backend of that name, one of `engines.BACKENDS`."""
    return CbcBackend() if name == "cbc" else HighsBackend()


def _is_wide(program: Program) -> bool:
    weights = [abs(weight) for row in program.rows for _, weight in row.weights if weight]
    return bool(weights) and max(weights) > WIDE * min(weights)


def _highs_version() -> str:
    parts = ("HIGHS_VERSION_MAJOR", "HIGHS_VERSION_MINOR", "HIGHS_VERSION_PATCH")
    return ".".join(str(getattr(highspy, part)) for part in parts)


def _run(
    program: Program,
    solver: Any,  # noqa: ANN401 -- PuLP carries no types
    time_limit_s: float,
    bound: Callable[[Any], float | None],
) -> Answer:
    started = perf_counter()
    try:
        problem, columns, rows = _build(program)
        # Building a large model takes seconds of its own.
        solver.timeLimit = max(time_limit_s - (perf_counter() - started), MIN_TIME_S)
        problem.solve(solver)
        # CBC's "Integer infeasible" reaches `status` only.
        if problem.status == pulp.LpStatusInfeasible:
            return Answer(Word.INFEASIBLE)
        word = _WORDS.get(problem.sol_status, Word.NOTHING)
        if word is Word.NOTHING:
            return NOTHING
        return Answer(
            word=word,
            values=tuple(float(column.varValue) for column in columns),
            duals=() if program.whole else tuple(abs(row.pi or 0.0) for row in rows),
            bound=bound(problem) if program.whole else None,
        )
    except (*_SOLVER_FAILURES, TypeError):  # float(None): the solver left a column out
        return NOTHING


def _build(program: Program) -> tuple[Any, list[Any], list[Any]]:
    problem = pulp.LpProblem("plan", pulp.LpMaximize)
    columns = [
        problem.add_variable(
            f"x{i:07d}", 0, upper, pulp.LpInteger if i < program.whole else pulp.LpContinuous
        )
        for i, upper in enumerate(program.upper)
    ]
    problem.setObjective(pulp.LpAffineExpression(list(zip(columns, program.gains, strict=True))))
    rows = []
    for row in program.rows:
        terms = pulp.LpAffineExpression([(columns[i], weight) for i, weight in row.weights])
        rows.append(pulp.LpConstraint(terms, pulp.LpConstraintLE, rhs=row.limit))
        problem.addConstraint(rows[-1])
    return problem, columns, rows


def _highs_bound(problem: Any) -> float | None:  # noqa: ANN401 -- PuLP carries no types
    # PuLP hands HiGHS the negated objective to minimise.
    return -float(problem.solverModel.getInfo().mip_dual_bound)
