"""How much processor time `debtplan --help` takes: what every call pays before it works."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

from benchmarks.figure import Figure, at_most

RUNS = 15
LIMIT_S = 0.3
COMMAND = (sys.executable, "-m", "debtplan", "--help")


def measure(_data: Path | None = None) -> Iterator[Figure]:
    """Yield the median of several runs, user and system time together."""
    _seconds()  # compiles the modules once
    runs = [_seconds() for _ in range(RUNS)]
    detail = f"debtplan --help, {RUNS} runs, slowest {max(runs):.3f} s, processor time of the child"
    yield at_most("startup", "help: processor time, median", median(runs), LIMIT_S, "s", detail)


def _seconds() -> float:
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run(COMMAND, check=True, stdout=subprocess.DEVNULL)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
