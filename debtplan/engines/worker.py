"""HiGHS in a process of its own, so that it can be ended: the far side of `engines.child`.

Run by its path, not as a module, so it loads nothing of debtplan. The side that asks imports it for
its words alone, so the first task loads HiGHS. A frame is eight bytes of length and a pickle; the
standard input is a socket and carries both directions. What HiGHS prints goes nowhere.
"""

import os
import pickle
import signal
from time import monotonic, process_time
from typing import Any, BinaryIO, NamedTuple

HEADER_BYTES = 8

LEFT_ALONE_S = 5.0
"""After its limit and this many seconds a solver ends even if nobody is left to end it."""

MIN_TIME_S = 0.01
"""A limit of 0 means none to some solvers."""


class Task(NamedTuple):
    """A program in bytes: 8-byte floats, and 4-byte integers for starts and columns.

    Attributes:
        cost: By column, to be minimised.
        upper: By column.
        limits: By row.
        starts: By row, where its entries start.
        columns: By entry.
        weights: By entry.
        whole: How many columns, the first ones, take whole numbers only.
        start: A solution that is known, by column; empty without one.
        options: Names and values of HiGHS.
        until: On the clock of `time.monotonic`, which both processes read alike.
    """

    cost: bytes
    upper: bytes
    limits: bytes
    starts: bytes
    columns: bytes
    weights: bytes
    whole: int
    start: bytes
    options: dict[str, Any]
    until: float


class Reply(NamedTuple):
    """What HiGHS says, in plain values.

    Attributes:
        status: Name of its model status.
        has_solution: Whether the values keep every row.
        values: By column, as 8-byte floats.
        duals: By row, likewise.
        bound: Of the costs; for programs with whole columns.
        spent_s: Processor time of the process since it started.
    """

    status: str
    has_solution: bool
    values: bytes
    duals: bytes
    bound: float
    spent_s: float


def solve(task: Task) -> Reply:
    """Return what HiGHS says of a task.

    Raises:
        ValueError: HiGHS does not take the program.
    """
    import highspy  # noqa: PLC0415 -- see above
    import numpy as np  # noqa: PLC0415 -- the same

    model = _loaded(task)
    if task.start:
        known = highspy.HighsSolution()
        known.col_value = np.frombuffer(task.start).tolist()
        model.setSolution(known)
    model.setOptionValue("time_limit", max(task.until - monotonic(), MIN_TIME_S))
    model.run()
    info, solution = model.getInfo(), model.getSolution()
    feasible = int(highspy.SolutionStatus.kSolutionStatusFeasible)
    return Reply(
        status=model.getModelStatus().name,
        has_solution=info.primal_solution_status == feasible,
        values=np.array(solution.col_value, float).tobytes(),
        duals=np.array(solution.row_dual, float).tobytes(),
        bound=float(info.mip_dual_bound),
        spent_s=process_time(),
    )


def _loaded(task: Task) -> Any:  # noqa: ANN401 - highspy has no types
    """Return HiGHS with the task's program; see `solve`."""
    import highspy  # noqa: PLC0415 -- see above
    import numpy as np  # noqa: PLC0415 -- the same

    cost, limits = np.frombuffer(task.cost), np.frombuffer(task.limits)
    weights = np.frombuffer(task.weights)
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", False)  # noqa: FBT003 -- highspy takes it by position
    for name, value in task.options.items():
        model.setOptionValue(name, value)
    kinds = np.zeros(len(cost), np.int32)
    kinds[: task.whole] = int(highspy.HighsVarType.kInteger)
    passed = model.passModel(
        len(cost),
        len(limits),
        len(weights),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        cost,
        np.zeros(len(cost)),
        np.frombuffer(task.upper),
        np.full(len(limits), -highspy.kHighsInf),
        limits,
        np.frombuffer(task.starts, np.int32),
        np.frombuffer(task.columns, np.int32),
        weights,
        kinds,
    )
    if passed == highspy.HighsStatus.kError:
        raise ValueError
    return model


def serve(asked: BinaryIO, answered: BinaryIO) -> None:
    """Answer tasks until nobody asks any more; a task that fails has an empty answer."""
    while len(header := asked.read(HEADER_BYTES)) == HEADER_BYTES:
        parts = pickle.loads(asked.read(int.from_bytes(header)))  # noqa: S301 -- from our parent
        task = Task(*parts)
        left_s = max(task.until - monotonic(), 0.0) + LEFT_ALONE_S
        signal.setitimer(signal.ITIMER_REAL, left_s)
        try:
            reply: Reply | None = solve(task)
        except Exception:  # noqa: BLE001 -- whatever it is, the plan goes on without this answer
            reply = None
        signal.setitimer(signal.ITIMER_REAL, 0)
        body = pickle.dumps(reply and tuple(reply))
        answered.write(len(body).to_bytes(HEADER_BYTES) + body)
        answered.flush()


def main() -> None:
    """Serve the process that started this one."""
    # An interrupt at the terminal is for the parent, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Nothing runs on when the parent is gone: the alarm's own action ends the process.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    link = os.dup(0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    with os.fdopen(link, "rb") as asked, os.fdopen(os.dup(link), "wb") as answered:
        serve(asked, answered)


if __name__ == "__main__":
    main()
