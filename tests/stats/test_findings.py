"""Numbers of findings as daily series: evened out, compared, and cut into levels."""

from datetime import timedelta

import numpy as np
import pytest

from debtplan.core.chains import LEAST_DAYS
from debtplan.core.flow import Flow, UxMetric
from debtplan.core.reading import Findings, Reading, midnight
from debtplan.stats.comove import find_moves
from debtplan.stats.series import Array, daily_series, steadied
from tests.stats.noise import MONDAY, counted, noise, ux, window

DAYS = 120
RAW = UxMetric.model_validate(
    {"id": "raw", "flow": "shop", "step": "pay", "kind": "off_token", "target": 0}
)
FAILS = ux("fails", "error_rate", "pay")
FLOWS = (Flow(id="shop"),)


def scans(values: Array, every: int = 1) -> list[Reading]:
    """Return a reading a scan, from MONDAY on."""
    found = []
    for number in range(0, len(values), every):
        start = midnight(MONDAY + timedelta(days=number))
        measure = Findings(found=round(float(values[number])))
        end = start + timedelta(days=1)
        found.append(Reading(metric="raw", start_at=start, end_at=end, measure=measure))
    return found


def test_the_noise_of_counts_is_the_same_at_every_height() -> None:
    drawn = np.random.default_rng(5)
    low, high = (
        steadied(daily_series(RAW, scans(drawn.poisson(mean, 400).astype(float)), window(400)))
        for mean in (12, 900)
    )
    assert np.nanstd(low) == pytest.approx(0.5, abs=0.05)
    assert np.nanstd(high) == pytest.approx(0.5, abs=0.05)


def test_a_jump_of_findings_is_a_shift_with_the_numbers_of_before_and_after() -> None:
    values = 40 + np.where(np.arange(DAYS) >= 70, 30.0, 0.0) + np.round(noise(1, DAYS))
    moves = find_moves([RAW], FLOWS, scans(values), window(DAYS))
    (shift,) = moves.shifts
    assert shift.on == MONDAY + timedelta(days=70)
    assert shift.before == pytest.approx(40, abs=1)
    assert shift.after == pytest.approx(70, abs=1)


def test_findings_and_failures_that_wander_together_are_a_movement_led_by_the_scan() -> None:
    shared = noise(2, DAYS, 0.5)
    values = 400 + 25 * shared
    shares = 0.05 + 0.004 * np.concatenate([[0.0, 0.0], shared[:-2]])
    readings = [*scans(values), *counted("fails", shares, 50_000)]
    (movement,) = find_moves([RAW, FAILS], FLOWS, readings, window(DAYS)).movements
    assert (movement.leader, movement.follower, movement.lag_days) == ("raw", "fails", 2)
    assert movement.correlation > 0.5


def test_a_follower_that_moves_first_is_led_by_nothing() -> None:
    shared = noise(3, DAYS, 0.5)
    values = 400 + 25 * np.concatenate([[0.0, 0.0], shared[:-2]])
    readings = [*scans(values), *counted("fails", 0.05 + 0.004 * shared, 50_000)]
    assert find_moves([RAW, FAILS], FLOWS, readings, window(DAYS)).movements == ()


def test_weekly_scans_are_too_few_and_said_to_be() -> None:
    readings = [*scans(40 + noise(4, DAYS), 7), *counted("fails", 0.05 + 0 * noise(4, DAYS))]
    moves = find_moves([RAW, FAILS], FLOWS, readings, window(DAYS))
    assert moves.tried == 0
    assert [(one.ref, one.reason) for one in moves.untried] == [
        ("raw", f"has 18 days with a reading; {LEAST_DAYS} are needed")
    ]
