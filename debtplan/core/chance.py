"""What simulated worlds say about a plan, in words."""

from debtplan.core.overrun import Overrun
from debtplan.core.plan import Finding
from debtplan.core.problem import Status
from debtplan.core.risk import Robust

RARE = 0.005
"""A chance below this is said to be less than 1 per cent."""


def overrun_finding(overrun: Overrun, unit: str) -> Finding:
    """Return how likely the chosen items cost more than the reserve, and what that rests on."""
    often = "less than 1%" if overrun.chance < RARE else f"{overrun.chance:.0%}"
    claim = (
        f"In {often} of {overrun.worlds:,} simulated worlds the chosen items cost more than the "
        f"{overrun.reserve:g} {unit} this sprint can give: half of the time at most "
        f"{overrun.p50:.3g}, nine times in ten at most {overrun.p90:.3g}. "
        f"{overrun.basis[:1].upper()}{overrun.basis[1:]}"
    )
    figures = {"chance": overrun.chance, "p50": overrun.p50, "p90": overrun.p90}
    return Finding(claim=claim, figures=figures, source="costs")


def robust_finding(robust: Robust) -> Finding:
    """Return what the plan was chosen by, and what that costs."""
    figures = {"cvar": robust.cvar, "bound": robust.bound, "price": robust.price}
    if robust.gain is not None:
        figures["gain"] = robust.gain
    return Finding(claim=robust.words.rstrip("."), figures=figures, source="risk")


def robust_words(robust: Robust) -> str:
    """Return what was optimised, how well, at which price, and what it buys."""
    part = f"{robust.alpha:.0%}"
    proof = (
        "no allowed set does better there"
        if robust.status is Status.OPTIMAL
        else f"no allowed set does better than {_amount(robust.bound)}, none was found that does"
    )
    words = (
        f"Chosen for the bad worlds, not for the expected relief: over the worst {part} of "
        f"{robust.worlds:,} simulated worlds the plan relieves {_amount(robust.cvar)} frustrated "
        f"sessions a sprint; {proof}"
    )
    if robust.cvar_checked is not None:
        words += (
            f". Over the worst {part} of {robust.checked:,} other worlds, which nothing was chosen "
            f"by, it is {_amount(robust.cvar_checked)}"
        )
    return f"{words}. {_comparison(robust)}."


def _comparison(robust: Robust) -> str:
    """Return the price and the gain against the plan of most expected relief."""
    if robust.is_same:
        return "It is the plan of most expected relief as well, so that costs nothing"
    words = (
        f"The plan of most expected relief would relieve {_amount(robust.price)} more on average"
        f"{_part(robust.price, robust.expected_best)}"
    )
    if robust.gain is None or robust.expected_cvar_checked is None:
        less = robust.cvar - robust.expected_cvar
        return f"{words}, and {_amount(less)} less in the bad worlds"
    verb, end = ("less", "") if robust.gain > 0 else ("more", ": here the choice buys nothing")
    return (
        f"{words}, and {_amount(abs(robust.gain))} {verb} in the bad ones of those other worlds"
        f"{_part(abs(robust.gain), robust.expected_cvar_checked)}{end}"
    )


def _amount(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 10 else f"{number:.2g}"  # noqa: PLR2004 - two digits


def _part(number: float, whole: float) -> str:
    return f" ({number / whole:.1%})" if whole > 0 else ""
