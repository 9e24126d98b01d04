"""Which metrics move together: planted effects, pure noise, and every formula by another way."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from debtplan.core.chains import LEAST_DAYS, MOST_Q, Moves, Pair
from debtplan.core.flow import Flow, Segment, UxMetric
from debtplan.stats.comove import (
    FITTED,
    LAG_WEIGHTS,
    MOST_LAG,
    Noise,
    adjust,
    chance,
    compare,
    correlate,
    find_moves,
    level_by_level,
    prepare,
)
from debtplan.stats.series import Array, Daily, whiten
from debtplan.stats.shifts import LEAST_DAYS as LEAST_LEVEL_DAYS
from debtplan.stats.shifts import Change
from tests.stats.noise import MONDAY, counted, daily, noise, ux, weekly, window

SHOP = Flow(id="shop", steps=("sign_in", "session", "pay"))
DAYS = 120
ERRORS, LOSSES = ux("errors"), ux("losses", "drop_off")


def followed(lag: int, effect: float, memory: float = 0.5, seed: int = 1) -> dict[str, Daily]:
    """Return errors, and losses that follow them after so many days, with weekdays and trends."""
    errors = noise(seed, DAYS + MOST_LAG, memory)
    own = noise(seed + 100, DAYS, memory)
    losses = effect * errors[MOST_LAG - lag : MOST_LAG - lag + DAYS] + own
    trend = 0.005 * np.arange(DAYS)
    return {
        "errors": daily("errors", errors[MOST_LAG:] + weekly(DAYS) + trend),
        "losses": daily("losses", losses + weekly(DAYS, 0.5) - trend),
    }


def moves(series: dict[str, Daily], *metrics: UxMetric) -> Moves:
    return compare(metrics or (ERRORS, LOSSES), [SHOP], series)


@pytest.mark.parametrize("lag", [0, 1, 3, 6])
@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_a_planted_effect_is_found_with_its_lag(lag: int, memory: float) -> None:
    (found,) = moves(followed(lag, 1.0, memory)).movements
    assert (found.leader, found.follower, found.lag_days) == ("errors", "losses", lag)
    assert found.correlation > 0.4
    assert (found.days, found.is_shift) == (DAYS, False)
    assert found.p <= found.q <= MOST_Q


def test_what_gets_better_while_the_other_gets_worse_has_a_negative_correlation() -> None:
    (found,) = moves(followed(1, -1.0)).movements
    assert found.correlation < -0.4


def test_what_users_do_never_leads_the_software() -> None:
    series = followed(2, 1.0)
    series["errors"], series["losses"] = (
        Daily("errors", MONDAY, series["losses"].shares, series["losses"].sizes),
        Daily("losses", MONDAY, series["errors"].shares, series["errors"].sizes),
    )
    assert moves(series).movements == ()


def test_of_two_technical_metrics_the_one_that_moves_first_leads() -> None:
    series = followed(2, 1.0)
    (found,) = moves(series, ux("errors", step="pay"), ux("losses", step="sign_in")).movements
    assert (found.leader, found.follower, found.lag_days) == ("errors", "losses", 2)


@pytest.mark.slow
def test_pure_noise_seldom_moves_together() -> None:
    metrics = [ux(f"t{n}") for n in range(5)] + [ux(f"p{n}", "drop_off") for n in range(5)]
    false = 0
    for seed in range(5):
        series = {
            one.id: daily(one.id, noise(100 * seed + n, DAYS, 0.08 * n) + weekly(DAYS))
            for n, one in enumerate(metrics)
        }
        found = moves(series, *metrics)
        assert found.tried == 35
        false += bool(found.movements)
    assert false <= 2


def test_levels_that_change_together_are_a_movement_and_apart_are_none() -> None:
    days = np.arange(DAYS)

    def stepped(name: str, at: int, seed: int) -> Daily:
        return daily(name, 0.4 * noise(seed, DAYS) + np.where(days >= at, 4.0, 0.0))

    near = {"errors": stepped("errors", 60, 1), "losses": stepped("losses", 61, 2)}
    (found,) = moves(near).movements
    assert (found.lag_days, found.is_shift) == (1, True)
    assert found.p == pytest.approx(2 / (DAYS - 2 * LEAST_LEVEL_DAYS), rel=1e-3)
    assert found.correlation > 0.9
    far = {"errors": stepped("errors", 40, 1), "losses": stepped("losses", 75, 2)}
    assert moves(far).movements == ()
    before = {"errors": stepped("errors", 60, 1), "losses": stepped("losses", 57, 2)}
    assert moves(before).movements == ()


def _with_change(at: int) -> Noise:
    values = np.where(np.arange(DAYS) >= at, 1.0, 0.0)
    change = Change(at, 1, 0.002, 100.0, 1.0)
    return Noise(daily("x", values), values, (change,), values, np.zeros(0))


@pytest.mark.parametrize("is_one_way", [True, False])
@pytest.mark.parametrize("lag", [0, 1, 5, 14])
def test_p_of_two_changes_is_how_often_days_drawn_blindly_are_as_close(
    lag: int,
    is_one_way: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    pair = Pair(ERRORS, LOSSES, is_one_way=is_one_way, is_one_flow=True)
    fit = level_by_level(_with_change(50), _with_change(50 + lag), pair)
    assert fit is not None
    possible = range(LEAST_LEVEL_DAYS, DAYS - LEAST_LEVEL_DAYS)
    near = [day for day in possible if abs(day - 50) <= lag and (not is_one_way or day >= 50)]
    assert fit.p == pytest.approx(len(near) / len(possible))
    assert fit.lag == lag


def test_an_identical_day_of_many_proves_little() -> None:
    pair = Pair(ERRORS, LOSSES, is_one_way=False, is_one_flow=True)
    fit = level_by_level(_with_change(50), _with_change(50), pair)
    assert fit is not None
    assert fit.p >= 1 / DAYS
    none = Noise(daily("x", np.zeros(DAYS)), np.zeros(DAYS), (), np.zeros(DAYS), np.zeros(0))
    assert level_by_level(none, _with_change(50), pair) is None


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_q_of_equal_weights_is_that_of_benjamini_and_hochberg(ps: list[float]) -> None:
    found = adjust(ps, [1.0] * len(ps))
    assert found == pytest.approx(multipletests(ps, method="fdr_bh")[1])


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from([1.0, 5.0])), min_size=1, max_size=20),
    st.floats(0.01, 0.5),
)
def test_found_at_a_rate_is_what_stepping_up_the_weighted_p_finds(
    rows: list[tuple[float, float]], rate: float
) -> None:
    ps, weights = [p for p, _ in rows], [weight for _, weight in rows]
    mean = sum(weights) / len(weights)
    scaled = sorted(p * mean / weight for p, weight in rows)
    passed = [rank for rank, p in enumerate(scaled, 1) if p * len(scaled) / rank <= rate]
    limit = scaled[max(passed) - 1] if passed else -1.0
    expected = [p * mean / weight <= limit for p, weight in rows]
    assert [q <= rate for q in adjust(ps, weights)] == expected


@pytest.mark.parametrize("is_one_way", [True, False])
def test_the_chance_given_to_lags_adds_up_to_one_and_favours_soon_ones(
    is_one_way: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    weights = LAG_WEIGHTS[is_one_way]
    assert len(weights) == 2 * MOST_LAG + 1
    assert weights.sum() == pytest.approx(1)
    assert weights.min() > 0
    assert weights[MOST_LAG + 3] > 5 * weights[MOST_LAG + 4]
    assert (weights[MOST_LAG - 1] == weights[MOST_LAG + 1]) is not is_one_way


@pytest.mark.parametrize("r", [-0.9, -0.3, 0.0, 0.2, 0.99])
def test_p_of_a_correlation_is_fishers(r: float) -> None:
    z = np.arctanh(r) * sqrt(97)
    assert chance(r, 100) == pytest.approx(2 * stats.norm.sf(abs(z)))
    assert chance(r, 4) == 1


def test_the_table_of_correlations_is_that_of_each_pair_alone() -> None:
    draw = np.random.default_rng(3)
    ready = []
    for name in "abc":
        level = noise(int(draw.integers(99)), 80, 0.6)
        level[draw.integers(80, size=6)] = np.nan
        ready.append(prepare(daily(name, level)))
    table = correlate(ready)
    for i, leader in enumerate(ready):
        for j, follower in enumerate(ready):
            for lag in (0, 1, 9, MOST_LAG):
                assert table.at(i, j, lag) == pytest.approx(_alone(leader, follower, lag))


def _alone(leader: Noise, follower: Noise, lag: int) -> tuple[float, float]:
    x, y = (_centred(whiten(one.noise, follower.memory)) for one in (leader, follower))
    rows = [
        (x[day - lag], y[day])
        for day in range(lag, len(x))
        if not np.isnan(x[day - lag]) and not np.isnan(y[day])
    ]
    both = sum(a * b for a, b in rows)
    size = sqrt(sum(a * a for a, _ in rows) * sum(b * b for _, b in rows))
    changes = max(len(leader.changes), len(follower.changes))
    return both / size, len(rows) - FITTED - len(follower.memory) - changes


def _centred(values: Array) -> Array:
    return np.asarray(values - np.nanmean(values))


def test_the_order_of_metrics_changes_nothing() -> None:
    series = followed(1, 1.0) | {"slow": daily("slow", noise(9, DAYS))}
    metrics = (ERRORS, LOSSES, ux("slow", "latency"))
    turned = dict(reversed(series.items()))
    assert moves(series, *metrics) == compare(metrics[::-1], [SHOP], turned)


def test_segments_of_one_kind_and_step_are_not_compared_and_it_is_said() -> None:
    flow = Flow(id="shop", segments=(Segment(id="abroad"), Segment(id="home")))
    metrics = (
        ux("all", step="pay"),
        ux("abroad", step="pay", segment="abroad"),
        ux("home", step="pay", segment="home"),
    )
    series = {one.id: daily(one.id, noise(n, DAYS)) for n, one in enumerate(metrics)}
    found = compare(metrics, [flow], series)
    assert found.tried == 1
    assert [one.ref for one in found.untried] == ["abroad and all", "all and home"]


def test_copies_of_one_series_are_not_evidence() -> None:
    level = noise(1, DAYS)
    found = moves({"errors": daily("errors", level), "losses": daily("losses", level)})
    assert found.movements == ()
    assert "same counts" in found.untried[0].reason


def test_fewer_than_sixty_days_or_common_days_are_told_and_not_tried() -> None:
    shares = 0.1 + 0.02 * np.abs(noise(1, DAYS))
    late, early = shares.copy(), shares[::-1].copy()
    late[:40], early[-40:] = np.nan, np.nan
    readings = [*counted("errors", late), *counted("losses", early)]
    readings += counted("short", shares[: LEAST_DAYS - 1])
    metrics = (ERRORS, LOSSES, ux("short"))
    found = find_moves(metrics, [SHOP], readings, window(DAYS))
    assert found.tried == 0
    assert {one.ref: one.reason for one in found.untried} == {
        "errors and losses": "have 40 days in common; 60 are needed",
        "short": "has 59 days with a reading; 60 are needed",
    }


def test_one_day_is_a_day() -> None:
    readings = counted("errors", np.array([0.1]))
    found = find_moves((ERRORS,), [SHOP], readings, window(DAYS))
    assert [one.reason for one in found.untried] == ["has 1 day with a reading; 60 are needed"]


def test_nothing_measured_is_no_error() -> None:
    assert find_moves([ERRORS], [SHOP], [], window(DAYS)).movements == ()
    assert find_moves([], [], [], window(DAYS)) == Moves()
