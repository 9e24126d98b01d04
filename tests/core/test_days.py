"""A metric day by day."""

from datetime import date, timedelta

import pytest

from debtplan.core.days import (
    DayShare,
    correlation,
    daily_shares,
    last_complete,
    longest_gap,
    sharpest_jump,
    swings,
)
from debtplan.core.reading import Counts, Rate, Reading, midnight
from tests.builders import metric
from tests.court import START, at, days, readings

DAY = date(2026, 3, 2)


def reading(bad: float, total: float, hours: int = 24, after: int = 0) -> Reading:
    start = midnight(DAY) + timedelta(hours=after)
    return Reading(
        metric="m",
        start_at=start,
        end_at=start + timedelta(hours=hours),
        measure=Counts(bad=bad, total=total),
    )


def test_readings_of_a_day_are_averaged_by_their_samples() -> None:
    found = daily_shares(metric("m"), [reading(10, 100, 12), reading(90, 300, 12, 12)])
    assert found == (DayShare(on=DAY, share=0.25, size=400),)


def test_a_day_without_a_sample_size_keeps_its_share_and_has_none() -> None:
    rate = reading(1, 1, 12, 12).model_copy(update={"measure": Rate(bad_share=0.3)})
    found = daily_shares(metric("m"), [reading(10, 100, 12), rate])
    assert found == (DayShare(on=DAY, share=0.2),)


def test_a_week_says_nothing_of_its_days_and_others_nothing_of_this_metric() -> None:
    other = reading(1, 2).model_copy(update={"metric": "other"})
    assert daily_shares(metric("m"), [reading(1, 2, 24 * 7), other]) == ()
    assert len(daily_shares(metric("m"), [reading(1, 2, 25)])) == 1


def test_a_series_comes_back_from_its_readings_in_any_order() -> None:
    series = days()
    found = daily_shares(metric("m"), reversed(readings("m", series)))
    assert [one.on for one in found] == [one.on for one in series]
    assert found[5].share == pytest.approx(series[5].share, abs=1e-3)


def test_the_longest_run_without_a_reading_is_found_at_the_end_too() -> None:
    series = tuple(one for one in days() if one.on.day not in (10, 11) or one.on.month != 4)
    assert longest_gap(series, START, date(2026, 8, 1)) == (date(2026, 4, 10), 2)
    assert longest_gap(series, START, date(2026, 8, 6)) == (date(2026, 8, 1), 5)
    assert longest_gap(days(), START, date(2026, 8, 1))[1] == 0


@pytest.mark.parametrize("times", [3.0, 1 / 3])
def test_another_way_of_counting_shows_as_a_jump_either_way(times: float) -> None:
    changed = date(2026, 5, 1)
    series = tuple(
        one.model_copy(update={"size": (one.size or 0) * (times if one.on >= changed else 1)})
        for one in days()
    )
    jump = sharpest_jump(series)
    assert jump is not None
    assert jump[1] == pytest.approx(3)
    assert abs((jump[0] - changed).days) < 7


def test_one_busy_day_is_no_jump() -> None:
    first, *rest = days()
    busy = first.model_copy(update={"size": 100_000.0})
    assert sharpest_jump((busy, *rest)) == (START + timedelta(days=7), 1.0)
    assert sharpest_jump(days()[:9]) is None


def test_swings_have_neither_trend_nor_weekdays() -> None:
    line = tuple(
        DayShare(on=START + timedelta(days=n), share=0.1 + 0.001 * n + 0.02 * (n % 7 == 3))
        for n in range(70)
    )
    assert max(abs(one) for one in swings(line).values()) < 1e-3
    assert swings(line[:13]) == {}


def test_correlation_needs_two_weeks_and_spread() -> None:
    moved, same = swings(days(seed=2)), swings(days(seed=2, share=0.4))
    assert correlation(moved, same) == pytest.approx(1, abs=1e-6)
    assert abs(correlation(moved, swings(days(seed=9))) or 0) < 0.3
    few = dict(list(moved.items())[:13])
    assert correlation(few, few) is None
    assert correlation(moved, dict.fromkeys(moved, 0.0)) is None


def test_the_last_24_hours_are_not_complete() -> None:
    assert last_complete(at(date(2026, 3, 10), 9)) == date(2026, 3, 9)
