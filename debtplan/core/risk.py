"""What a plan is chosen by: its expected relief, or its relief where things turn out badly.

CVaR_alpha(x) is the mean of V_k(x), what set x relieves in world k, over the worst part alpha of K
equally likely worlds (R. T. Rockafellar and S. Uryasev, Optimization of Conditional Value-at-Risk,
Journal of Risk 2(3), 2000). Where alpha * K is no whole number, the last world counts in part.
"""

from collections.abc import Sequence
from enum import StrEnum
from math import fsum

from pydantic import Field

from debtplan.core.problem import Status
from debtplan.core.record import Value

ALPHA = 0.2
"""Part of the worlds that are the bad ones, unless the settings say otherwise."""


class Risk(StrEnum):
    """What a plan is chosen by."""

    EXPECTED = "expected"
    """The relief that is expected."""
    CVAR = "cvar"
    """The mean relief over the worst part of the simulated worlds."""


class RiskPolicy(Value):
    """What the plan is chosen by.

    Attributes:
        measure: See `Risk`.
        alpha: Part of the worlds that are the bad ones.
    """

    measure: Risk = Risk.EXPECTED
    alpha: float = Field(default=ALPHA, gt=0, le=1)


class Robust(Value):
    """How a plan that was chosen for the bad worlds compares with the one of most expected relief.

    Values are weighted frustrated sessions per sprint.

    Attributes:
        alpha: Part of the worlds that are the bad ones.
        worlds: K, the worlds that the plan was chosen in.
        cvar: The plan's mean relief over the bad ones of them.
        bound: No allowed set has more.
        gap: (bound - cvar) / cvar; None where cvar is 0 and the bound is not.
        status: Optimal where bound and cvar met within 1e-6; else feasible.
        expected: The plan's expected relief.
        is_same: Whether the plan is the one of most expected relief.
        expected_chosen: The set of most expected relief, by key.
        expected_best: Its expected relief.
        expected_cvar: Its mean relief over its bad ones of the K worlds.
        price: Expected relief given up, expected_best - expected.
        checked: Fresh worlds that both sets were tried in.
        cvar_checked: The plan's mean relief over the bad ones of these.
        expected_cvar_checked: The other set's.
        gain: cvar_checked - expected_cvar_checked; None without fresh worlds.
        solves: Programs that were solved.
        words: All this in words.
    """

    alpha: float
    worlds: int
    cvar: float
    bound: float
    gap: float | None
    status: Status
    expected: float
    is_same: bool
    expected_chosen: tuple[str, ...]
    expected_best: float
    expected_cvar: float
    price: float
    checked: int
    cvar_checked: float | None
    expected_cvar_checked: float | None
    gain: float | None
    solves: int
    words: str


def cvar(values: Sequence[float], alpha: float) -> float:
    """Return the mean of the worst part alpha of equally likely values."""
    weights = tail_weights(values, alpha)
    return fsum(weight * value for weight, value in zip(weights, values, strict=True))


def tail_weights(values: Sequence[float], alpha: float) -> tuple[float, ...]:
    """Return what each value counts in their CVaR: at most 1 / (alpha K), 1 together.

    Of equal values the earlier counts first. Of all weights within these limits, these give the
    least sum of weight * value.
    """
    mass = max(alpha * len(values), 1e-12)
    weights, left = [0.0] * len(values), 1.0
    for place in sorted(range(len(values)), key=lambda k: (values[k], k)):
        weights[place] = min(1 / mass, left)
        left -= weights[place]
        if left <= 0:
            break
    return tuple(weights)
