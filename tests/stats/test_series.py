"""From readings to daily series, and what is taken out of them."""

from datetime import timedelta

import numpy as np
import pytest
from statsmodels.tsa.ar_model import AutoReg

from debtplan.core.reading import Counts, Rate, Reading, midnight
from debtplan.stats.series import (
    LIMIT,
    MOST_MEMORY,
    clipped,
    daily_series,
    even_noise,
    fit_memory,
    spread,
    steadied,
    whiten,
    without_trend,
    without_weekdays,
)
from tests.stats.noise import MONDAY, counted, daily, noise, ux, weekly, window


def test_each_day_has_its_share_and_a_day_without_a_reading_stays_missing() -> None:
    shares = np.array([0.1, np.nan, 0.3])
    found = daily_series(ux("m"), counted("m", shares), window(4))
    assert found.shares == pytest.approx([0.1, np.nan, 0.3, np.nan], nan_ok=True)
    assert found.sizes == pytest.approx([1e4, np.nan, 1e4, np.nan], nan_ok=True)
    assert (found.days, found.day(2)) == (2, MONDAY + timedelta(days=2))


def test_readings_of_one_day_are_averaged_by_their_samples() -> None:
    start = midnight(MONDAY)
    noon = start + timedelta(hours=12)
    parts = [
        Reading(metric="m", start_at=start, end_at=noon, measure=Counts(bad=1, total=10)),
        Reading(
            metric="m",
            start_at=noon,
            end_at=start + timedelta(days=1),
            measure=Counts(bad=60, total=90),
        ),
    ]
    for order in (parts, parts[::-1]):
        found = daily_series(ux("m"), order, window(1))
        assert (found.shares[0], found.sizes[0]) == (pytest.approx(0.61), 100)


def test_weeks_what_was_stated_by_hand_and_other_metrics_are_no_days() -> None:
    start = midnight(MONDAY)
    day, week = start + timedelta(days=1), start + timedelta(days=7)
    odd = [
        Reading(metric="m", start_at=start, end_at=week, measure=Counts(bad=1, total=10)),
        Reading(
            metric="m",
            start_at=start,
            end_at=day,
            measure=Rate(bad_share=0.5),
            sample_size=5,
            stated_by="Ann",
        ),
        Reading(metric="n", start_at=start, end_at=day, measure=Counts(bad=1, total=10)),
    ]
    assert daily_series(ux("m"), odd, window(7)).days == 0


def test_of_tickets_only_the_reporting_rate_s_part_is_the_sample() -> None:
    found = daily_series(ux("m", "ticket_rate"), counted("m", np.array([0.001])), window(1))
    assert (found.shares[0], found.sizes[0]) == (pytest.approx(0.05), 200)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_the_noise_of_counts_does_not_depend_on_their_height(share: float) -> None:
    draw = np.random.default_rng(1)
    series = daily("m", np.zeros(4_000))
    sizes = np.full(4_000, 500.0)
    counts = type(series)("m", MONDAY, draw.binomial(500, share, 4_000) / 500, sizes)
    assert float(steadied(counts).var()) == pytest.approx(1 / (4 * 500), rel=0.1)


def test_a_pure_season_vanishes_and_the_level_stays() -> None:
    found = without_weekdays(5 + weekly(84), 0)
    assert found[7:-7] == pytest.approx(np.full(70, found[10]))
    assert found.mean() == pytest.approx(5, abs=0.1)


def test_a_season_is_found_from_any_weekday_and_with_days_missing() -> None:
    values = np.roll(weekly(140), -3) + 0.1 * noise(1, 140)
    values[[5, 17, 18, 60]] = np.nan
    found = without_weekdays(values, 3)
    assert float(np.nanstd(found)) < 0.15
    assert np.isnan(found[17])


def test_one_odd_day_hardly_moves_its_weekday() -> None:
    values = weekly(140) + 0.1 * noise(2, 140)
    odd = values.copy()
    odd[70] += 1_000
    apart = np.abs(without_weekdays(odd, 0) - without_weekdays(values, 0))
    assert float(np.delete(apart, 70).max()) < 0.1


def test_a_straight_trend_vanishes_whatever_a_few_odd_days_say() -> None:
    values = np.asarray(3 + 0.05 * np.arange(100, dtype=np.float64))
    values[[3, 50, 97]] = 90
    found = np.delete(without_trend(values), [3, 50, 97])
    assert found == pytest.approx(np.zeros(97), abs=0.1)


@pytest.mark.parametrize("days", [60, 180, 1_000])
def test_days_far_out_are_drawn_to_the_limit_and_others_kept(days: int) -> None:
    values = noise(3, days)
    values[10] = 500
    found = clipped(values)
    assert found[10] == pytest.approx(LIMIT * spread(values))
    assert np.delete(found, 10) == pytest.approx(
        np.delete(np.clip(values - np.median(values), -found[10], found[10]), 10)
    )


def test_a_day_of_few_observations_counts_less() -> None:
    values = 0.05 * noise(4, 100)
    sizes = np.full(100, 1_000.0)
    sizes[7] = 20
    found = even_noise(values, sizes)
    assert abs(found[7]) < 0.7 * abs(values[7])
    assert np.delete(found, 7) == pytest.approx(np.delete(values, 7))
    assert even_noise(values, np.full(100, np.nan)) == pytest.approx(values)


@pytest.mark.parametrize("seed", range(4))
def test_memory_is_the_autoregression_of_its_order(seed: int) -> None:
    values = noise(seed, 200, 0.7)
    found = fit_memory(values)
    assert len(found) > 0
    other = AutoReg(values, lags=len(found), hold_back=MOST_MEMORY).fit()
    assert found == pytest.approx(other.params[1:], abs=1e-9)
    scores = {
        order: AutoReg(values, lags=order, hold_back=MOST_MEMORY).fit().bic
        for order in range(1, MOST_MEMORY + 1)
    }
    assert len(found) == min(scores, key=scores.__getitem__)


def test_noise_without_memory_and_a_constant_have_none() -> None:
    assert len(fit_memory(noise(5, 200))) == 0
    assert len(fit_memory(np.ones(200))) == 0
    assert len(fit_memory(noise(5, 20))) == 0


def test_what_is_whitened_is_missing_where_a_day_before_is_and_white_elsewhere() -> None:
    values = noise(6, 2_000, 0.8)
    values[100] = np.nan
    memory = fit_memory(values)
    found = whiten(values, memory)
    assert np.isnan(found[[100, 101]]).all()
    kept = found[102 + MOST_MEMORY :]
    assert abs(float(np.corrcoef(kept[1:], kept[:-1])[0, 1])) < 0.06
    assert whiten(values[None, :], memory)[0] == pytest.approx(found, nan_ok=True)
