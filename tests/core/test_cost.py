"""What items cost against their estimates: the default, the history, and how they are mixed."""

from collections.abc import Sequence
from math import exp, log, sqrt
from random import Random
from statistics import fmean, variance

import pytest

from debtplan.core.capacity import ClosedSprint
from debtplan.core.cost import ITEM_SIGMA, TEAM_SIGMA, Actual, fit_costs
from tests.builders import closed


def history(*pairs: tuple[float | None, float | None]) -> list[ClosedSprint]:
    """Closed sprints by points committed and completed."""
    return [closed(n, completed, committed=committed) for n, (committed, completed) in
            enumerate(pairs, 20)]  # fmt: skip


def finished(*ratios: float) -> list[Actual]:
    """Finished items by actual / estimate."""
    return [Actual(key=f"k{n}", estimate=2, actual=2 * one) for n, one in enumerate(ratios)]


def test_without_history_an_item_costs_half_to_twice_its_estimate_and_the_model_says_so() -> None:
    model = fit_costs([], [])
    assert (model.team, model.item, model.is_assumed) == (TEAM_SIGMA, ITEM_SIGMA, True)
    total = sqrt(model.team**2 + model.item**2)
    assert exp(1.2816 * total) == pytest.approx(2.0, rel=0.01)
    assert exp(model.centre + model.item**2 / 2) == pytest.approx(1.0)
    assert model.basis.count("assumed") == 2


@pytest.mark.parametrize("there", [1, 4])
def test_fewer_than_five_sprints_or_items_change_nothing_but_are_counted(there: int) -> None:
    few = fit_costs(history(*[(40, 10)] * there), finished(*[3.0] * there))
    assert (few.centre, few.team, few.item) == (
        fit_costs([], []).centre,
        TEAM_SIGMA,
        ITEM_SIGMA,
    )
    assert f"{there} closed sprints" in few.basis
    assert f"{there} finished items" in few.basis


def test_sprints_give_the_swing_by_the_stated_formula() -> None:
    pairs = [(40.0, 30.0), (40.0, 40.0), (42.0, 28.0), (36.0, 40.0), (40.0, 38.0), (44.0, 40.0)]
    model = fit_costs(history(*pairs), [], [1, 2, 3])
    spread = variance([log(a / b) for a, b in pairs])
    own = ITEM_SIGMA**2 * (14 / 6) / 40
    swing = max(spread - own, spread / 4)
    assert model.team**2 == pytest.approx((5 * 0.09 + 5 * swing) / 10 * (1 + 1 / 6))
    assert (model.item, model.sprints, model.items) == (ITEM_SIGMA, 6, 0)
    assert "fitted to 6 closed sprints" in model.basis


def test_items_give_centre_and_spread_by_the_stated_formula() -> None:
    ratios = (1.0, 1.5, 2.0, 0.8, 3.0, 1.2)
    model = fit_costs([], finished(*ratios))
    logs = [log(one) for one in ratios]
    total = (5 * (0.09 + ITEM_SIGMA**2) + 5 * variance(logs)) / 10
    assert model.item**2 == pytest.approx(max(total - 0.09, total / 4))
    assert model.centre == pytest.approx((5 * -(ITEM_SIGMA**2) / 2 + 6 * fmean(logs)) / 11)
    assert model.team**2 == pytest.approx(0.09 + total / 11)
    assert "fitted to 6 finished items" in model.basis


def test_a_model_with_both_histories_is_no_assumption() -> None:
    model = fit_costs(history(*[(40, 40)] * 5), finished(*[1.0] * 5))
    assert not model.is_assumed


def test_a_team_that_always_takes_on_too_much_is_not_charged_for_it_twice() -> None:
    usual = fit_costs(history(*[(40, 40)] * 8), [])
    eager = fit_costs(history(*[(60, 40)] * 8), [])
    assert eager.centre == usual.centre
    assert eager.team == pytest.approx(usual.team)


def test_more_swing_and_a_longer_history_count_for_more() -> None:
    calm = history(*[(40, 40), (40, 41)] * 4)
    wild = history(*[(40, 20), (40, 60)] * 4)
    wilder = history(*[(40, 20), (40, 60)] * 12)
    found = [fit_costs(one, []).team for one in (calm, wild, wilder)]
    assert found == sorted(found)
    assert found[0] < TEAM_SIGMA < found[1]


def test_a_sprint_without_points_on_record_says_nothing() -> None:
    told = history(*[(40, 35), (40, 45)] * 3)
    silent = history(*[(40, 35), (40, 45)] * 3, (None, 30), (40, None), (40, 0), (0, 0))
    assert fit_costs(told, []) == fit_costs(silent, [])


def test_a_ratio_beyond_four_is_cut_as_a_change_of_scope() -> None:
    rest = [(40.0, 38.0), (40.0, 41.0), (40.0, 40.0), (40.0, 39.0)]
    assert fit_costs(history((40, 10), *rest), []) == fit_costs(history((40, 1), *rest), [])


def test_only_the_last_year_of_sprints_counts() -> None:
    year = [(40.0, 36.0), (40.0, 44.0)] * 13
    old = [(40.0, 10.0), (40.0, 100.0)] * 10
    assert fit_costs(history(*old, *year), []) == fit_costs(history(*year), [])


@pytest.mark.parametrize(("bias", "sigma"), [(1.4, 0.3), (0.8, 0.6)])
def test_a_long_history_of_items_finds_the_planted_centre_and_spread(
    bias: float, sigma: float
) -> None:
    random = Random(3)
    ratios: Sequence[float] = [bias * exp(random.gauss(0, sigma)) for _ in range(4_000)]
    model = fit_costs(history(*[(40, 39), (40, 41)] * 13), finished(*ratios))
    assert exp(model.centre) == pytest.approx(bias, rel=0.03)
    assert sqrt(model.item**2 + model.team**2) == pytest.approx(sigma, rel=0.05)
