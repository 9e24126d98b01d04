"""Benchmarks: each yields figures with their limits, measured as ratios inside one run.

`python -m benchmarks [NAME...] [--data DIR] [--json]`
"""

from benchmarks.figure import Figure

__all__ = ["BENCHMARKS", "Figure"]

BENCHMARKS: dict[str, str] = {
    "engine": "benchmarks.engine",
    "plan": "benchmarks.plan",
    "startup": "benchmarks.startup",
    "nrp": "benchmarks.nrp",
    "mknap": "benchmarks.mknap",
    "explain": "benchmarks.explain",
    "timelimit": "benchmarks.timelimit",
    "value": "benchmarks.value",
    "exactness": "benchmarks.exactness",
    "portfolio": "benchmarks.portfolio",
    "sync": "benchmarks.sync",
    "links": "benchmarks.links",
    "events": "benchmarks.events",
    "corroboration": "benchmarks.corroboration",
    "shares": "benchmarks.shares",
    "verdicts": "benchmarks.verdicts",
    "calibration": "benchmarks.calibration",
    "goals": "benchmarks.goals",
}
"""Name -> module with `measure(data: Path | None) -> Iterator[Figure]`, loaded when it runs."""
