"""Solvers behind PuLP: HiGHS in this process, CBC as a program beside it.

PuLP's `status` says "Optimal" after a time limit too; only `sol_status` tells an optimum from the
best found so far (pulp/apis/highs_api.py of 3.3.2, read 2026-11-23).
"""

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import DEVNULL, SubprocessError, run
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

GRACE_S = 2.0
"""What CBC may take beyond its limit before it is ended."""

_WORDS = {
    pulp.LpSolutionOptimal: Word.OPTIMAL,
    pulp.LpSolutionIntegerFeasible: Word.FEASIBLE,
}

_SOLVER_FAILURES = (
    pulp.PulpError,
    ArithmeticError,
    LookupError,
    OSError,
    RuntimeError,
    SubprocessError,
    ValueError,
)
"""What PuLP raises where it cannot take a number, or a solver dies, writes nothing, or ends with a
status PuLP cannot name."""


class HighsBackend:
    """HiGHS through highspy, one thread: the same input takes the same path."""

    def __init__(self) -> None:
        """Take the versions down for the record."""
        self.name = f"HiGHS {_highs_version()} (PuLP {pulp.__version__})"
        self.second: Backend | None = CbcBackend()

    def solve(
        self,
        program: Program,
        time_limit_s: float,
        gap: float = 0.0,
        *,
        is_presolved: bool = True,
        nodes: int | None = None,
    ) -> Answer:
        """See `Backend.solve`."""
        options: dict[str, Any] = {} if nodes is None else {"mip_max_nodes": nodes}
        # Where tangents stand for curves, the search knows better sets than these find, and they
        # took nine tenths of the time.
        is_searched = program.is_pure
        solver = _Highs(
            program,
            msg=False,
            gapRel=gap,
            gapAbs=0.0,
            threads=1,
            presolve="choose" if is_presolved and not _is_wide(program) else "off",
            # The incumbent is good before HiGHS starts: the jump took a third of its time, and
            # restarts another tenth.
            mip_heuristic_run_feasibility_jump=False,
            mip_allow_restart=False,
            mip_heuristic_run_rins=is_searched,
            mip_heuristic_run_rens=is_searched,
            mip_heuristic_run_root_reduced_cost=is_searched,
            primal_feasibility_tolerance=TOLERANCE,
            dual_feasibility_tolerance=TOLERANCE,
            mip_feasibility_tolerance=TOLERANCE,
            **options,
        )
        return _answer(
            program, time_limit_s, lambda model, left_s: _run_highs(solver, model, left_s)
        )


class CbcBackend:
    """The CBC that comes with PuLP, as a program of its own: quick where HiGHS gets stuck.

    CBC 2.10.3 calls wrong answers optimal where one sum has a minimum and a maximum, unless its
    preprocessing is off; that can go with a newer CBC in PuLP.
    """

    def __init__(self) -> None:
        """Take the versions down for the record."""
        self.name = f"CBC (PuLP {pulp.__version__})"
        self.second: Backend | None = None

    def solve(
        self,
        program: Program,
        time_limit_s: float,
        gap: float = 0.0,
        *,
        is_presolved: bool = True,
        nodes: int | None = None,
    ) -> Answer:
        """See `Backend.solve`; CBC never presolves, and gives no prices that are needed."""
        del is_presolved
        options = ["preprocess", "off", "increment", "1e-9", "primalT", "1e-9", "dualT", "1e-9"]
        options += ["ratioGap", str(gap), "allowableGap", "0"]
        if program.is_pure and _is_packing(program):
            # Cuts halve the branches of a knapsack of many rows and make each four times as slow;
            # on one row they end it at the root.
            options += ["cuts", "off"]
        if nodes is not None:
            options += ["maxNodes", str(nodes)]
        return _answer(
            program, time_limit_s, lambda model, left_s: _run_cbc(model, options, left_s)
        )


def make_backend(name: str) -> Backend:
    """Return the backend of that name, one of `engines.BACKENDS`."""
    return CbcBackend() if name == "cbc" else HighsBackend()


class _Highs(pulp.HiGHS):  # type: ignore[misc]
    """PuLP's HiGHS, given the model in one piece: column by column takes longer than many a solve.

    PuLP carries no types.
    """

    def __init__(self, program: Program, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self.program = program

    def buildSolverModel(self, lp: Any) -> None:  # noqa: ANN401, N802 -- PuLP's name
        for i, column in enumerate(lp.variables()):
            column.index = i
        for i, row in enumerate(lp.constraints()):
            row.index = i
        lp.solverModel.passModel(_highs_model(self.program))
        if self.program.start:
            start = highspy.HighsSolution()
            start.col_value = list(self.program.start)
            lp.solverModel.setSolution(start)

    def findSolutionValues(self, lp: Any) -> Any:  # noqa: ANN401, N802 -- PuLP's name
        try:
            return super().findSolutionValues(lp)
        except KeyError:
            # PuLP does not know the status of a limit on branches.
            if lp.solverModel.getModelStatus() != highspy.HighsModelStatus.kSolutionLimit:
                raise
            is_solution = lp.solverModel.getInfo().primal_solution_status
            if is_solution != int(highspy.SolutionStatus.kSolutionStatusFeasible):
                return pulp.LpStatusNotSolved, pulp.LpSolutionNoSolutionFound
            return pulp.LpStatusOptimal, pulp.LpSolutionIntegerFeasible


def _highs_model(program: Program) -> Any:  # noqa: ANN401 -- highspy carries no types
    """Return the program as HiGHS takes it; PuLP hands a maximum over as a minimum, too."""
    model = highspy.HighsLp()
    columns, rows = len(program.gains), len(program.rows)
    model.num_col_, model.num_row_ = columns, rows
    model.col_cost_ = [-gain for gain in program.gains]
    model.col_lower_, model.col_upper_ = [0.0] * columns, list(program.upper)
    model.row_lower_ = [-highspy.kHighsInf] * rows
    model.row_upper_ = [row.limit for row in program.rows]
    starts, places, weights = [0], [], []
    for row in program.rows:
        for column, weight in row.weights:
            if weight:
                places.append(column)
                weights.append(weight)
        starts.append(len(places))
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.num_col_, matrix.num_row_ = columns, rows
    matrix.start_, matrix.index_, matrix.value_ = starts, places, weights
    if program.whole:
        whole, split = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        model.integrality_ = [whole] * program.whole + [split] * (columns - program.whole)
    return model


def _is_wide(program: Program) -> bool:
    weights = [abs(weight) for row in program.rows for _, weight in row.weights if weight]
    return bool(weights) and max(weights) > WIDE * min(weights)


def _is_packing(program: Program) -> bool:
    rows = program.rows
    return len(rows) > 1 and all(weight >= 0 for row in rows for _, weight in row.weights)


def _highs_version() -> str:
    parts = ("HIGHS_VERSION_MAJOR", "HIGHS_VERSION_MINOR", "HIGHS_VERSION_PATCH")
    return ".".join(str(getattr(highspy, part)) for part in parts)


def _answer(
    program: Program, time_limit_s: float, solve: Callable[[Any, float], float | None]
) -> Answer:
    """Build the model, have it solved, and read what PuLP then says of it.

    Args:
        program: The program.
        time_limit_s: For building and solving.
        solve: Solves a model of PuLP's within seconds, and returns the solver's bound.
    """
    started = perf_counter()
    try:
        problem, columns, rows = _build(program)
        # Building a large model takes seconds of its own.
        bound = solve(problem, max(time_limit_s - (perf_counter() - started), MIN_TIME_S))
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
            bound=bound if program.whole else None,
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


def _run_highs(solver: Any, problem: Any, left_s: float) -> float | None:  # noqa: ANN401
    solver.timeLimit = left_s
    problem.solve(solver)
    if problem.solverModel is None:
        return None
    # PuLP hands HiGHS the negated objective to minimise.
    return -float(problem.solverModel.getInfo().mip_dual_bound)


def _run_cbc(problem: Any, options: list[str], left_s: float) -> float | None:  # noqa: ANN401
    """Have CBC solve the model in a folder that goes afterwards; return its bound after a limit.

    PuLP's own call waits for CBC however long it takes.
    """
    program = str(Path(pulp.PULP_CBC_CMD.pulp_cbc_path).resolve())
    with TemporaryDirectory(prefix="debtplan-") as folder:
        model, answer = f"{folder}/model.mps", f"{folder}/answer.sol"
        names = problem.writeMPS(model, rename=1)
        command = [program, model, "-max", "-sec", f"{left_s:.3f}", "-timeMode", "elapsed"]
        command += [f"-{one}" if i % 2 == 0 else one for i, one in enumerate(options)]
        command += ["-solve", "-printingOptions", "all", "-solution", answer]
        done = run(  # noqa: S603 -- PuLP's own program, on files made here
            command,
            stdin=DEVNULL,
            capture_output=True,
            check=True,
            text=True,
            timeout=left_s + GRACE_S,
        )
        status, values, _, _, _, sol_status = pulp.COIN_CMD().readsol_MPS(answer, problem, *names)
    problem.assignVarsVals(values)
    problem.assignStatus(status, sol_status)
    # "Upper bound" of a maximum; CBC prints it after a limit only.
    found = re.search(r"^(?:Upper|Lower) bound: +(\S+)", done.stdout, re.MULTILINE)
    return float(found[1]) if found else None
