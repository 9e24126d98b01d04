"""What metrics do by themselves, from work that was approved and did not come.

For a placebo j, the part of the metric's excess that went away although nothing was done:

    realised_j = drift + own_j + error_j
    drift ~ N(0, 0.1)     own_j ~ N(0, spread)     error_j has the standard error of the measurement

A verdict sees the same drift on top of what the release did, and its metric's own deviation too.
Negative controls calibrate estimates so (Schuemie et al. 2014 and 2018): their mean is taken off,
their spread widens the error. The spread is averaged over a grid, as in `calibration`.
"""

from collections.abc import Iterable
from math import exp, log, sqrt
from statistics import NormalDist

from pydantic import Field

from debtplan.core.placebo import Placebo
from debtplan.core.record import Value

LEAST_PLACEBOS = 5
"""With fewer the drift is shown, and nothing is corrected by it."""

PRIOR_SPREAD = 0.1
"""Trend and controls are taken out and the days that led to the work are left out, so little drift
is expected: within a tenth of the excess, in two of three teams."""

SPREADS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
SPREAD_SCALE = 0.1
"""Half-normal prior of how far metrics drift apart."""

LEAST_VARIANCE = 1e-8
"""Of a measurement: none is known better than this."""

INTERVAL_Z = NormalDist().inv_cdf(0.9)


class Drift(Value):
    """What goes away by itself, as a part of the excess; below 0 where it grows.

    Attributes:
        mean: Over all placebos.
        error: Standard deviation of the mean.
        low, high: 80% interval of the mean.
        spread: Standard deviation from metric to metric, beyond what the measurement explains.
        placebos: How many it rests on.
        seen: Of these, how many the method would have called moved or worse.
    """

    mean: float
    error: float = Field(ge=0)
    low: float
    high: float
    spread: float = Field(ge=0)
    placebos: int
    seen: int = 0

    @property
    def is_used(self) -> bool:
        """Whether verdicts are corrected by it."""
        return self.placebos >= LEAST_PLACEBOS


def drift_of(placebos: Iterable[Placebo]) -> Drift | None:
    """Return the drift over all placebos that were measured; None without any."""
    rows = sorted(
        (one.realised, one.realised_error, one.outcome.is_change)
        for one in placebos
        if one.realised is not None and one.realised_error is not None
    )
    if not rows:
        return None
    solved = [_solve([(value, error) for value, error, _ in rows], spread) for spread in SPREADS]
    top = max(weight for weight, _, _ in solved)
    weights = [exp(weight - top) for weight, _, _ in solved]
    total = sum(weights)
    mean = sum(w * m for w, (_, m, _) in zip(weights, solved, strict=True)) / total
    second = sum(w * (v + m * m) for w, (_, m, v) in zip(weights, solved, strict=True)) / total
    error = sqrt(max(0.0, second - mean * mean))
    squares = sum(w * one * one for w, one in zip(weights, SPREADS, strict=True)) / total
    return Drift(
        mean=mean,
        error=error,
        low=mean - INTERVAL_Z * error,
        high=mean + INTERVAL_Z * error,
        spread=sqrt(squares),
        placebos=len(rows),
        seen=sum(is_change for _, _, is_change in rows),
    )


def _solve(rows: Iterable[tuple[float, float]], spread: float) -> tuple[float, float, float]:
    """Return log weight, mean and variance of the drift under one spread."""
    precision, moment = 1 / PRIOR_SPREAD**2, 0.0
    likely = -0.5 * (spread / SPREAD_SCALE) ** 2 + 0.5 * log(precision)
    for value, error in rows:
        weight = 1 / (error**2 + spread**2 + LEAST_VARIANCE)
        precision += weight
        moment += weight * value
        likely += 0.5 * log(weight) - 0.5 * weight * value**2
    likely += 0.5 * moment**2 / precision - 0.5 * log(precision)
    return likely, moment / precision, 1 / precision


def say_drift(drift: Drift | None) -> str:
    """Return what work that did not come tells, in one or two sentences; empty without any."""
    if drift is None:
        return ""
    count = drift.placebos
    things = "1 forecast" if count == 1 else f"{count} forecasts"
    span = f"{say_part(drift.low)} to {say_part(drift.high)}"
    grew = "; below 0 it grew" if "−" in span else ""
    said = (
        f"Where approved work did not come ({things}), {say_part(drift.mean)} of the excess went "
        f"away by itself ({span}{grew}); the method would have called {drift.seen} of {count} a "
        "change."
    )
    if drift.is_used:
        return f"{said} That is taken off every verdict before it corrects claims."
    return f"{said} From {LEAST_PLACEBOS} on verdicts are corrected by that."


def say_part(share: float) -> str:
    """Return a part of the excess that went away, in whole percent: `4%`, `−10%` where it grew."""
    return f"{round(100 * share) + 0:d}%".replace("-", "−")
