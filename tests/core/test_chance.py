"""What simulated worlds say of a plan, in sentences that a reader can check against the figures."""

from typing import Any

from debtplan.core.chance import overrun_finding, robust_finding, robust_words
from debtplan.core.overrun import Overrun
from debtplan.core.problem import Status
from debtplan.core.risk import Robust


def robust(**more: Any) -> Robust:
    """A plan that gives up 40 of 1,000 on average and wins 25 of 500 in the bad worlds."""
    fields: dict[str, Any] = {
        "alpha": 0.2,
        "worlds": 50,
        "cvar": 600.0,
        "bound": 600.0,
        "gap": 0.0,
        "status": Status.OPTIMAL,
        "expected": 960.0,
        "is_same": False,
        "expected_chosen": ("a",),
        "expected_best": 1_000.0,
        "expected_cvar": 550.0,
        "price": 40.0,
        "checked": 1_000,
        "cvar_checked": 525.0,
        "expected_cvar_checked": 500.0,
        "gain": 25.0,
        "solves": 9,
        "words": "",
    }
    return Robust(**{**fields, **more})


def overrun(chance: float) -> Overrun:
    """Items of 6 points that may cost more."""
    return Overrun(
        chance=chance,
        reserve=6.0,
        estimate=6.0,
        p10=3.8,
        p50=5.82,
        p90=9.02,
        relief=100.0,
        finish=(),
        worlds=2_000,
        is_assumed=True,
        basis="what items cost is assumed",
    )


def test_a_proven_choice_says_so_with_price_and_gain() -> None:
    said = robust_words(robust())
    assert "over the worst 20% of 50 simulated worlds the plan relieves 600" in said
    assert "no allowed set does better there" in said
    assert (
        "Over the worst 20% of 1,000 other worlds, which nothing was chosen by, it is 525" in said
    )
    assert "would relieve 40 more on average (4.0%)" in said
    assert "and 25 less in the bad ones of those other worlds (5.0%)" in said
    assert "buys nothing" not in said


def test_a_choice_that_is_not_proven_states_its_bound() -> None:
    said = robust_words(robust(status=Status.FEASIBLE, bound=612.0, gap=0.02))
    assert "no allowed set does better than 612, none was found that does" in said


def test_a_choice_that_loses_in_other_worlds_is_said_to_buy_nothing() -> None:
    said = robust_words(robust(cvar_checked=490.0, gain=-10.0))
    assert "and 10 more in the bad ones of those other worlds (2.0%): here the choice buys" in said


def test_a_choice_that_is_the_expected_one_costs_nothing() -> None:
    said = robust_words(robust(is_same=True, price=0.0, gain=0.0))
    assert said.endswith("as well, so that costs nothing.")


def test_without_other_worlds_the_gain_is_that_of_the_drawn_ones() -> None:
    said = robust_words(robust(cvar_checked=None, expected_cvar_checked=None, gain=None))
    assert said.endswith("and 50 less in the bad worlds.")
    assert "gain" not in robust_finding(robust(gain=None, words="So.")).figures


def test_an_overrun_is_told_with_its_range_and_its_basis() -> None:
    found = overrun_finding(overrun(0.4655), "points")
    assert found.claim.startswith("In 47% of 2,000 simulated worlds the chosen items cost more")
    assert "at most 5.82, nine times in ten at most 9.02. What items cost is assumed" in found.claim
    assert found.figures == {"chance": 0.4655, "p50": 5.82, "p90": 9.02}


def test_a_rare_overrun_is_no_zero() -> None:
    assert overrun_finding(overrun(0.001), "points").claim.startswith("In less than 1% of")
