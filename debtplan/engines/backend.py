"""The solvers: HiGHS in a process of its own, CBC as the program that comes with PuLP.

HiGHS gets its model as arrays: building one with PuLP took longer than most solves.
"""

from array import array
from importlib.metadata import version
from time import monotonic, perf_counter
from typing import Any

from debtplan.engines import worker
from debtplan.engines.child import CHILDREN
from debtplan.engines.program import NOTHING, Answer, Backend, Program, Word

TOLERANCE = 1e-9
"""What HiGHS may be off in a row, a reduced cost or a whole number. Objectives are scaled to about
1e4, so this is some 1e-13 of the value; the default 1e-6 would blur ties."""

WIDE = 1e9
"""Weights that span more than this are not presolved: HiGHS 1.15.1 then calls about one in 100,000
small programs infeasible that are not."""


LONGEST_S = 1e7
"""A third of a year: clocks cannot bear any number of seconds."""

PROVEN = ("kOptimal", "kModelEmpty")
"""HiGHS's names for an optimum; a program without columns and rows has one, too."""

IMPOSSIBLE = ("kInfeasible", "kUnboundedOrInfeasible")
"""Its names for a program that nothing fits: every column has an upper bound."""


class HighsBackend:
    """HiGHS through highspy, one thread: the same input takes the same path."""

    def __init__(self, second: Backend | None = None) -> None:
        """Take the version down for the record.

        Args:
            second: The solver that takes over where HiGHS gets stuck; None for no other.
        """
        self.name = f"HiGHS {version('highspy')}"
        self.second = second

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
        until = monotonic() + min(time_limit_s, LONGEST_S)
        is_presolved = is_presolved and not _is_wide(program)
        task = _task(program, _options(program, gap, nodes, is_presolved=is_presolved), until)
        try:
            reply = CHILDREN.ask(task)
        except OSError:
            # No process to be had: better a plan that the solver could take along than none.
            reply = _solve_here(task)
        return _read(program, reply) if reply else NOTHING


class CbcBackend:
    """The CBC that comes with PuLP, as a program of its own: quick where HiGHS gets stuck.

    CBC 2.10.3 calls wrong answers optimal where one sum has a minimum and a maximum, unless its
    preprocessing is off; that can go with a newer CBC in PuLP.
    """

    def __init__(self) -> None:
        """Take the version down for the record."""
        self.name = f"CBC (PuLP {version('pulp')})"
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
        from debtplan.engines import cbc  # noqa: PLC0415 -- loads PuLP

        del is_presolved
        options = ["preprocess", "off", "increment", "1e-9", "primalT", "1e-9", "dualT", "1e-9"]
        options += ["ratioGap", str(gap), "allowableGap", "0"]
        if program.is_pure and _is_packing(program):
            # Cuts halve the branches of a knapsack of many rows and make each four times as slow;
            # on one row they end it at the root.
            options += ["cuts", "off"]
        if nodes is not None:
            options += ["maxNodes", str(nodes)]
        return cbc.ask(program, options, perf_counter() + time_limit_s)


def make_backend(name: str) -> Backend:
    """Return the backend of that name, one of `engines.BACKENDS`."""
    if name == "cbc":
        return CbcBackend()
    return HighsBackend(CbcBackend() if name == "auto" else None)


def _options(
    program: Program, gap: float, nodes: int | None, *, is_presolved: bool
) -> dict[str, Any]:
    # Where tangents stand for curves, the search knows better sets than these find, and they took
    # nine tenths of the time.
    is_searched = program.is_pure
    options: dict[str, Any] = {
        "mip_rel_gap": gap,
        "mip_abs_gap": 0.0,
        "threads": 1,
        "presolve": "choose" if is_presolved else "off",
        # The incumbent is good before HiGHS starts: the jump took a third of its time, and
        # restarts another tenth.
        "mip_heuristic_run_feasibility_jump": False,
        "mip_allow_restart": False,
        "mip_heuristic_run_rins": is_searched,
        "mip_heuristic_run_rens": is_searched,
        "mip_heuristic_run_root_reduced_cost": is_searched,
        "primal_feasibility_tolerance": TOLERANCE,
        "dual_feasibility_tolerance": TOLERANCE,
        "mip_feasibility_tolerance": TOLERANCE,
    }
    return options if nodes is None else {**options, "mip_max_nodes": nodes}


def _task(program: Program, options: dict[str, Any], until: float) -> worker.Task:
    """Return the program as HiGHS takes it, its objective turned into costs."""
    starts, columns, weights = array("i", [0]), array("i"), array("d")
    for row in program.rows:
        for column, weight in row.weights:
            if weight:
                columns.append(column)
                weights.append(weight)
        starts.append(len(columns))
    return worker.Task(
        cost=array("d", [-gain for gain in program.gains]).tobytes(),
        upper=array("d", program.upper).tobytes(),
        limits=array("d", [row.limit for row in program.rows]).tobytes(),
        starts=starts.tobytes(),
        columns=columns.tobytes(),
        weights=weights.tobytes(),
        whole=program.whole,
        start=array("d", program.start).tobytes(),
        options=options,
        until=until,
    )


def _solve_here(task: worker.Task) -> worker.Reply | None:
    try:
        return worker.solve(task)
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError):
        return None


def _read(program: Program, reply: worker.Reply) -> Answer:
    if reply.status in IMPOSSIBLE:
        return Answer(Word.INFEASIBLE)
    if reply.status not in PROVEN and not reply.has_solution:
        return NOTHING
    return Answer(
        word=Word.OPTIMAL if reply.status in PROVEN else Word.FEASIBLE,
        values=tuple(array("d", reply.values)),
        duals=() if program.whole else tuple(map(abs, array("d", reply.duals))),
        bound=-reply.bound if program.whole else None,
    )


def _is_wide(program: Program) -> bool:
    weights = [abs(weight) for row in program.rows for _, weight in row.weights if weight]
    return bool(weights) and max(weights) > WIDE * min(weights)


def _is_packing(program: Program) -> bool:
    rows = program.rows
    return len(rows) > 1 and all(weight >= 0 for row in rows for _, weight in row.weights)
