"""CP-SAT alone with a model, in a process of its own: OR-tools and highspy do not load into one.

Each brings a build of HiGHS along, and whichever comes second finds the other's (OR-tools
9.15.6755, highspy 1.15.1).
"""

from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.util import find_spec
from multiprocessing import get_context
from time import process_time

from debtplan.engines.program import Program

IS_INSTALLED = find_spec("ortools") is not None


def ask(program: Program, limit_s: float) -> tuple[float | None, float | None]:
    """Return processor seconds and value; no seconds where it was stopped, no value without one."""
    return _pool().submit(_solve, program, limit_s).result()


def _solve(program: Program, limit_s: float) -> tuple[float | None, float | None]:
    """Solve a program of whole numbers; building the model is not counted."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 -- see above

    model = cp_model.CpModel()
    columns = [model.new_bool_var("") for _ in program.gains]
    for row in program.rows:
        kept = [(columns[i], round(weight)) for i, weight in row.weights if weight]
        terms = cp_model.LinearExpr.weighted_sum([c for c, _ in kept], [w for _, w in kept])
        model.add(terms <= round(row.limit))
    model.maximize(cp_model.LinearExpr.weighted_sum(columns, [round(g) for g in program.gains]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = limit_s
    started = process_time()
    status = solver.solve(model)
    spent_s = process_time() - started
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, None
    return (spent_s if status == cp_model.OPTIMAL else None), solver.objective_value


@cache
def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, get_context("spawn"))
