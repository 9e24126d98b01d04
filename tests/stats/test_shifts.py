"""Days on which a level changed: found, dated, and not seen where there is none."""

from datetime import timedelta

import numpy as np
import pytest
import ruptures

from debtplan.stats.series import Daily
from debtplan.stats.shifts import (
    LEAST_DAYS,
    LEVEL,
    _gains,
    find_changes,
    find_shifts,
    without_changes,
    without_odd_days,
)
from tests.stats.noise import MONDAY, daily, noise, weekly


@pytest.mark.parametrize("seed", range(5))
def test_the_best_split_is_the_best_of_all_splits(seed: int) -> None:
    values = noise(seed, 60, 0.5)

    def squares(part: np.ndarray) -> float:
        return float(((part - part.mean()) ** 2).sum())

    whole = squares(values)
    gains = [
        whole - squares(values[:at]) - squares(values[at:])
        for at in range(LEAST_DAYS, 60 - LEAST_DAYS + 1)
    ]
    assert _gains(values[None, :])[0] == pytest.approx(gains)
    search = ruptures.Dynp(model="l2", min_size=LEAST_DAYS, jump=1).fit(values)
    assert int(np.argmax(gains)) + LEAST_DAYS == search.predict(n_bkps=1)[0]


@pytest.mark.parametrize("at", [20, 64, 100])
def test_a_step_is_found_on_its_day_with_the_shares_before_and_after(at: int) -> None:
    level = 0.3 * noise(1, 120) + weekly(120) + np.where(np.arange(120) >= at, 3.0, 0.0)
    (found,) = find_shifts(daily("m", level))
    assert found.on == MONDAY + timedelta(days=at)
    assert found.before == pytest.approx(np.sin(0.4) ** 2, abs=0.01)
    assert found.after == pytest.approx(np.sin(0.46) ** 2, abs=0.01)
    assert found.p <= LEVEL


@pytest.mark.parametrize("length", [4, 10, 18])
def test_a_slow_change_is_one_change_dated_to_its_first_day(length: int) -> None:
    ramp = np.clip((np.arange(150) - 80 + 1) / length, 0, 1)
    (found,) = find_changes(0.05 * noise(2, 150) + 2 * ramp)
    assert abs(found.at - 80) <= 1
    assert abs(found.length - length) <= 2
    assert found.rise == pytest.approx(2, abs=0.1)


def test_two_changes_are_both_found_in_order_and_taken_out_again() -> None:
    days = np.arange(160)
    values = 0.3 * noise(3, 160) + np.where(days >= 50, 2.0, 0.0) - np.where(days >= 110, 3.0, 0.0)
    found = find_changes(values)
    assert [one.at for one in found] == pytest.approx([50, 110], abs=1)
    assert [one.rise for one in found] == pytest.approx([2, -3], abs=0.3)
    assert float(without_changes(values, found).std()) == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.8])
@pytest.mark.slow
def test_noise_with_season_trend_and_odd_days_hardly_ever_shifts(memory: float) -> None:
    false = 0
    for seed in range(40):
        level = noise(seed, 150, memory) + weekly(150) + 0.2 * np.arange(150) / 150
        level[[31, 90]] += (9, -9)
        false += bool(find_shifts(daily("m", level)))
    assert false <= 4


def test_an_episode_of_a_week_is_no_shift() -> None:
    days = np.arange(150)
    values = 0.5 * noise(5, 150) + np.where((days >= 70) & (days < 76), 3.0, 0.0)
    assert find_changes(values) == ()


def test_single_odd_days_are_drawn_in_and_the_rest_is_left_alone() -> None:
    values = noise(6, 100)
    odd = values.copy()
    odd[40] += 50
    found = without_odd_days(odd)
    assert abs(found[40]) < 10
    assert np.delete(found, 40) == pytest.approx(np.delete(values, 40), abs=1.5)


def test_missing_days_leave_the_date_where_it_is() -> None:
    days = np.arange(140)
    level = 0.3 * noise(7, 140) + np.where(days >= 90, 3.0, 0.0)
    series = daily("m", level)
    shares = series.shares.copy()
    shares[[3, 4, 5, 40, 88, 120]] = np.nan
    (found,) = find_shifts(Daily("m", MONDAY, shares, series.sizes))
    assert found.on == MONDAY + timedelta(days=90)


@pytest.mark.parametrize("values", [[], [1.0] * 100, [1.0, 2.0] * 10, [np.nan] * 90])
def test_what_is_too_short_constant_or_absent_has_no_change(values: list[float]) -> None:
    assert find_changes(np.array(values)) == ()


def test_the_same_series_gives_the_same_shifts() -> None:
    level = noise(8, 150, 0.6) + np.where(np.arange(150) >= 75, 2.0, 0.0)
    assert find_shifts(daily("m", level)) == find_shifts(daily("m", level))
