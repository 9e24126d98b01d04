"""Solvers left alone with a model: what the engine's time is measured against.

Each gets the model as fast as it can take one: HiGHS as arrays that are there beforehand, CBC as
the engine hands it over, CP-SAT through its own builder, which is not counted. All run on one
thread to a gap of 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from resource import RUSAGE_CHILDREN, getrusage
from time import process_time

import numpy as np

from benchmarks import cpsat
from debtplan.engines.backend import CbcBackend
from debtplan.engines.child import CHILDREN
from debtplan.engines.program import Program, Word


@dataclass(frozen=True, slots=True)
class Alone:
    """What a solver took.

    Attributes:
        seconds: Of the processor; None where it was stopped.
        value: Of the objective; None where it found nothing.
    """

    seconds: float | None
    value: float | None


def processor_s() -> float:
    """Return the processor seconds of this process, its solvers and all that it waited for."""
    children = getrusage(RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime + CHILDREN.spent_s


def ask_highs(program: Program, limit_s: float) -> Alone:
    """Return what HiGHS takes with its own settings but an exact gap."""
    import highspy  # noqa: PLC0415 -- not in a process that is to ask CP-SAT, see `cpsat`

    starts, places, weights = [0], [], []
    for row in program.rows:
        places += [column for column, _ in row.weights]
        weights += [weight for _, weight in row.weights]
        starts.append(len(places))
    rows, columns = len(program.rows), len(program.gains)
    kinds = np.zeros(columns, np.int32)
    kinds[: program.whole] = int(highspy.HighsVarType.kInteger)
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", False)  # noqa: FBT003 -- highspy takes it by position
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("threads", 1)
    model.setOptionValue("time_limit", limit_s)
    costs, limits = -np.array(program.gains), np.array([row.limit for row in program.rows])
    lower, upper = np.zeros(columns), np.array(program.upper)
    least = np.full(rows, -highspy.kHighsInf)
    started_at, indices = np.array(starts, np.int32), np.array(places, np.int32)
    values, entries = np.array(weights), len(places)
    by_row, sense = int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize)
    started = process_time()
    model.passModel(
        columns, rows, entries, by_row, sense, 0.0,
        costs, lower, upper, least, limits, started_at, indices, values, kinds,
    )  # fmt: skip
    model.run()
    spent_s = process_time() - started
    is_done = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return Alone(spent_s if is_done else None, -model.getInfo().objective_function_value)


def ask_cbc(program: Program, limit_s: float) -> Alone:
    """Return what CBC takes, `preprocess off`, reading and writing files included."""
    spent = processor_s()
    answer = CbcBackend().solve(program, limit_s)
    spent_s = processor_s() - spent
    value = sum(gain * one for gain, one in zip(program.gains, answer.values, strict=False))
    return Alone(spent_s if answer.word is Word.OPTIMAL else None, value)


def ask_cpsat(program: Program, limit_s: float) -> Alone:
    """Return what CP-SAT takes for a program of whole numbers."""
    return Alone(*cpsat.ask(program, limit_s))


SOLVERS: dict[str, Callable[[Program, float], Alone]] = {
    "HiGHS": ask_highs,
    "CBC": ask_cbc,
    **({"CP-SAT": ask_cpsat} if cpsat.IS_INSTALLED else {}),
}
"""By name; CP-SAT only where OR-tools is installed, which debtplan itself does without."""
