"""Levels: the weighted mean of readings, an interval that keeps what it says, changes."""

from datetime import date, timedelta
from random import Random

import pytest

from debtplan.core.flow import Flow
from debtplan.core.harm import HarmPolicy, measure_harm
from debtplan.core.level import Level, change_between, fitting, level_of, reach
from debtplan.core.reading import Rate, Reading, Window, midnight
from tests.core.tracks import LOSS, day_of, days

FIRST = date(2027, 1, 1)


def test_a_level_is_the_share_that_the_harm_is_measured_by() -> None:
    readings = tuple(
        day_of(on, 0.1 + 0.01 * number, 100 + 900 * (number % 3))
        for number, on in enumerate(days(FIRST, FIRST + timedelta(days=28)))
    )
    window = Window(start_on=FIRST, end_on=FIRST + timedelta(days=28))
    level = level_of(LOSS, readings, window)
    harm = measure_harm([LOSS], {"f": Flow(id="f")}, readings, window, 14, HarmPolicy())[0]
    assert level is not None
    assert level.share == pytest.approx(harm.share)
    assert (level.readings, level.samples) == (28, harm.sample_size)


def test_only_readings_wholly_inside_count_and_none_is_no_level() -> None:
    readings = (day_of(FIRST, 0.5), day_of(FIRST + timedelta(days=1), 0.1))
    window = Window(start_on=FIRST + timedelta(days=1), end_on=FIRST + timedelta(days=9))
    found = level_of(LOSS, readings, window)
    assert found is not None
    assert found.share == pytest.approx(0.1)
    assert found.readings == 1
    later = Window(start_on=date(2028, 1, 1), end_on=date(2028, 2, 1))
    assert level_of(LOSS, readings, later) is None


def test_one_day_tells_no_more_than_its_sample() -> None:
    window = Window(start_on=FIRST, end_on=FIRST + timedelta(days=1))
    found = level_of(LOSS, (day_of(FIRST, 0.2, 400),), window)
    assert found is not None
    assert found.error == pytest.approx((0.2 * 0.8 / 400) ** 0.5)
    bare = Reading(
        metric="loss",
        start_at=midnight(FIRST),
        end_at=midnight(FIRST + timedelta(days=1)),
        measure=Rate(bad_share=0.2),
    )
    unsized = level_of(LOSS, (bare,), window)
    assert unsized is not None
    assert (unsized.error, unsized.interval, unsized.samples) == (None, None, None)


def test_readings_of_other_metrics_are_left_out_and_the_order_does_not_matter() -> None:
    readings = [day_of(on, 0.3) for on in days(FIRST, FIRST + timedelta(days=5))]
    mixed = [*reversed(readings), day_of(FIRST, 0.9, metric="other")]
    assert fitting(LOSS, mixed) == tuple(readings)


@pytest.mark.parametrize(("left", "least"), [(0.0, 0.93), (0.4, 0.88), (0.7, 0.87)])
def test_an_interval_of_a_month_holds_the_level_nearly_as_often_as_it_says(
    left: float, least: float
) -> None:
    draw = Random(f"levels {left}")
    held, rounds = 0, 400
    window = Window(start_on=FIRST, end_on=FIRST + timedelta(days=30))
    for _ in range(rounds):
        noise = draw.gauss(0, 1)
        readings = []
        for on in days(FIRST, FIRST + timedelta(days=30)):
            noise = left * noise + draw.gauss(0, (1 - left**2) ** 0.5)
            readings.append(day_of(on, 0.3 * (1 + 0.05 * noise), 1_000_000))
        level = level_of(LOSS, readings, window)
        assert level is not None
        assert level.interval is not None
        held += level.interval[0] <= 0.3 <= level.interval[1]
    assert least <= held / rounds <= 0.99


def test_days_that_hang_together_tell_less_than_days_that_do_not() -> None:
    window = Window(start_on=FIRST, end_on=FIRST + timedelta(days=30))
    month = days(FIRST, FIRST + timedelta(days=30))
    runs = level_of(LOSS, [day_of(on, 0.2 + 0.1 * (on.day > 15)) for on in month], window)
    mixed = level_of(LOSS, [day_of(on, 0.2 + 0.1 * (on.day % 2)) for on in month], window)
    assert runs is not None
    assert mixed is not None
    assert (runs.error or 0) > 3 * (mixed.error or 1)


def test_a_step_on_a_known_day_is_no_wandering() -> None:
    window = Window(start_on=FIRST, end_on=FIRST + timedelta(days=30))
    on_day = FIRST + timedelta(days=20)
    calm = [day_of(on, 0.2 + 0.01 * (on.day % 2)) for on in days(FIRST, window.end_on)]
    moved = [
        day_of(on, 0.2 + 0.01 * (on.day % 2) - 0.1 * (on >= on_day))
        for on in days(FIRST, window.end_on)
    ]
    still = level_of(LOSS, calm, window)
    blind, known = (level_of(LOSS, moved, window, steps) for steps in ((), [on_day]))
    assert still is not None
    assert blind is not None
    assert known is not None
    assert known.share == blind.share
    assert (blind.error or 0) > 5 * (still.error or 1)
    assert known.error == pytest.approx(still.error, rel=0.05)
    assert known.effective == pytest.approx(still.effective - 1)


@pytest.mark.parametrize("steps", [(0,), (-3, 30, 45), tuple(range(30)), (*range(6, 30, 4),)])
def test_releases_that_no_days_lie_between_change_nothing(steps: tuple[int, ...]) -> None:
    window = Window(start_on=FIRST, end_on=FIRST + timedelta(days=30))
    draw = Random("steps")
    readings = [day_of(on, draw.uniform(0.2, 0.3)) for on in days(FIRST, window.end_on)]
    on_days = [FIRST + timedelta(days=number) for number in steps]
    assert level_of(LOSS, readings, window, on_days) == level_of(LOSS, readings, window)


@pytest.mark.parametrize(("left", "least"), [(0.0, 0.93), (0.4, 0.89), (0.7, 0.87)])
def test_the_interval_of_a_month_with_steps_holds_its_level_as_often(
    left: float, least: float
) -> None:
    draw = Random(f"stepped levels {left}")
    held, rounds = 0, 400
    window = Window(start_on=FIRST, end_on=FIRST + timedelta(days=30))
    for _ in range(rounds):
        on_days = [FIRST + timedelta(days=n) for n in draw.sample(range(1, 30), 2)]
        noise = draw.gauss(0, 1)
        readings, true = [], 0.0
        for on in days(FIRST, window.end_on):
            noise = left * noise + draw.gauss(0, (1 - left**2) ** 0.5)
            level = 0.3 * 0.8 ** sum(on >= one for one in on_days)
            true += level / 30
            readings.append(day_of(on, level * (1 + 0.05 * noise), 1_000_000))
        found = level_of(LOSS, readings, window, on_days)
        assert found is not None
        assert found.interval is not None
        held += found.interval[0] <= true <= found.interval[1]
    assert least <= held / rounds <= 0.99


@pytest.mark.parametrize(("readings", "quantile"), [(12, 2.201), (28, 2.052), (91, 1.987)])
def test_the_half_width_is_students_quantile(readings: int, quantile: float) -> None:
    assert reach(readings) == pytest.approx(quantile, abs=0.02)


def test_a_change_is_relative_and_its_interval_widens_with_either_error() -> None:
    before = Level(share=0.4, error=0.004, readings=90, effective=90)
    change = change_between(before, Level(share=0.3, error=0.006, readings=30, effective=30))
    assert change is not None
    assert change.value == pytest.approx(-0.25)
    assert change.low is not None
    assert change.high is not None
    assert change.low < -0.25 < change.high
    surer = change_between(before, Level(share=0.3, error=0.003, readings=30, effective=30))
    assert surer is not None
    assert (surer.high or 1) < change.high
    assert change_between(Level(share=0, error=0, readings=9), before) is None
