"""Measures that contradict themselves are refused; windows never hold the last 24 hours."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from debtplan.core.reading import (
    Bands,
    Buckets,
    Counts,
    Percentiles,
    Rate,
    Reading,
    Window,
    midnight,
    window_before,
)

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: Counts(bad=3, total=2), "3 bad of 2"),
        (lambda: Counts(bad=-1, total=2), "greater than or equal to 0"),
        (lambda: Counts(bad=0, total=0), "greater than 0"),
        (lambda: Counts(bad=1, total=2, recovered=2), "2 recovered of 1 bad"),
        (lambda: Counts(bad=NAN, total=2), "finite"),
        (lambda: Counts(bad=0, total=INFINITY), "finite"),
        (lambda: Buckets(bounds=(), counts=(), total=1), "at least 1"),
        (lambda: Buckets(bounds=(1, 2), counts=(1,), total=1), "2 bounds but 1 counts"),
        (lambda: Buckets(bounds=(2, 1), counts=(1, 2), total=2), "must ascend"),
        (lambda: Buckets(bounds=(1, 1), counts=(1, 2), total=2), "must ascend"),
        (lambda: Buckets(bounds=(1, 2), counts=(2, 1), total=2), "cumulative"),
        (lambda: Buckets(bounds=(1, 2), counts=(1, 3), total=2), "cumulative"),
        (lambda: Percentiles(ranks=(0.5,), values=(1,)), "at least 2"),
        (lambda: Percentiles(ranks=(0.5, 0.9), values=(1,)), "2 ranks but 1 values"),
        (lambda: Percentiles(ranks=(0.9, 0.5), values=(1, 2)), "higher percentile"),
        (lambda: Percentiles(ranks=(0.5, 0.9), values=(2, 1)), "higher percentile"),
        (lambda: Percentiles(ranks=(0.5, 1.0), values=(1, 2)), "less than 1"),
        (lambda: Percentiles(ranks=(0.5, 0.9), values=(0, 2)), "greater than 0"),
        (lambda: Bands(good=0.5, needs_improvement=0.2, poor=0.1), "add up to 0.8"),
        (lambda: Bands(good=1.2, needs_improvement=-0.2, poor=0.0), "greater than or equal to 0"),
        (lambda: Rate(bad_share=1.1), "less than or equal to 1"),
    ],
)
def test_a_measure_that_cannot_be_is_refused(make: Callable[[], object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        make()


def test_bands_may_miss_one_by_a_rounded_percent() -> None:
    assert Bands(good=0.75, needs_improvement=0.2, poor=0.06).poor == 0.06


def reading(start_at: datetime, end_at: datetime) -> Reading:
    """A reading of one day or other span."""
    return Reading(metric="m", start_at=start_at, end_at=end_at, measure=Rate(bad_share=0.1))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        reading(datetime(2026, 11, 1), datetime(2026, 11, 2, tzinfo=UTC))  # noqa: DTZ001 - the point


def test_counts_and_buckets_carry_their_own_sample() -> None:
    start, end = midnight(date(2026, 11, 1)), midnight(date(2026, 11, 2))
    counts = Reading(metric="m", start_at=start, end_at=end, measure=Counts(bad=1, total=40))
    assert counts.observations == 40
    assert reading(start, end).observations is None


def test_a_window_holds_what_lies_wholly_inside_its_half_open_span() -> None:
    window = Window(start_on=date(2026, 11, 1), end_on=date(2026, 11, 3))
    first, last = midnight(date(2026, 11, 1)), midnight(date(2026, 11, 3))
    assert window.holds(reading(first, last))
    assert window.days == 2
    second = timedelta(seconds=1)
    assert not window.holds(reading(first - second, last))
    assert not window.holds(reading(first, last + second))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - an offset follows
    st.integers(-14 * 60, 14 * 60),
    st.integers(1, 366),
)
def test_the_last_24_hours_never_count_whatever_the_zone(
    local: datetime, offset: int, days: int
) -> None:
    now = local.replace(tzinfo=timezone(timedelta(minutes=offset)))
    window = window_before(now, days)
    assert window.days == days
    end = midnight(window.end_on)
    assert timedelta(hours=24) <= now - end < timedelta(hours=48)
    assert window_before(now.astimezone(UTC), days) == window
