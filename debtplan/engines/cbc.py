"""CBC through PuLP: PuLP writes the model, starts nothing itself, and reads the answer.

PuLP's `status` says "Optimal" after a time limit too; only `sol_status` tells an optimum from the
best found so far (pulp/apis/coin_api.py of 3.3.2, read 2026-11-23).
"""

import re
from pathlib import Path
from subprocess import DEVNULL, SubprocessError, run
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import pulp

from debtplan.engines.program import NOTHING, Answer, Program, Word

MIN_TIME_S = 0.01
"""A limit of 0 means none to CBC."""

GRACE_S = 2.0
"""What CBC may take beyond its limit before it is ended."""

_WORDS = {
    pulp.LpSolutionOptimal: Word.OPTIMAL,
    pulp.LpSolutionIntegerFeasible: Word.FEASIBLE,
}

_FAILURES = (
    pulp.PulpError,
    ArithmeticError,
    LookupError,
    OSError,
    RuntimeError,
    SubprocessError,
    TypeError,
    ValueError,
)
"""What comes up where CBC dies, writes nothing or leaves a column out, and where PuLP cannot take a
number or name a status."""


def ask(program: Program, options: list[str], until: float) -> Answer:
    """Return CBC's answer; nothing where it fails.

    Args:
        program: What to maximise.
        options: Names and values, without dashes.
        until: Building included, on the clock of `time.perf_counter`.
    """
    try:
        return _ask(program, options, until)
    except _FAILURES:
        return NOTHING


def _ask(program: Program, options: list[str], until: float) -> Answer:
    problem, columns, rows = _build(program)
    # Building a large model takes seconds of its own.
    bound = _run(problem, options, max(until - perf_counter(), MIN_TIME_S))
    # "Integer infeasible" reaches `status` only.
    if problem.status == pulp.LpStatusInfeasible:
        return Answer(Word.INFEASIBLE)
    if problem.sol_status not in _WORDS:
        return NOTHING
    return Answer(
        word=_WORDS[problem.sol_status],
        values=tuple(float(column.varValue) for column in columns),
        duals=() if program.whole else tuple(abs(row.pi or 0.0) for row in rows),
        bound=bound if program.whole else None,
    )


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


def _run(problem: Any, options: list[str], left_s: float) -> float | None:  # noqa: ANN401
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
