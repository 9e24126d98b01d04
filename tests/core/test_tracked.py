"""A goal of the settings: its months, its line, and what is refused."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from debtplan.core.tracked import months_after
from tests.core.tracks import LOSS, goal


def test_months_follow_the_calendar_and_short_months_end_early() -> None:
    assert months_after(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert months_after(date(2027, 11, 30), 3) == date(2028, 2, 29)
    assert months_after(date(2026, 12, 1), 6) == date(2027, 6, 1)


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(min_value=1, max_value=1700),
)
def test_months_cover_every_day_of_a_goal_once(start: date, length: int) -> None:
    asked = goal(
        start_on=start,
        by=start + timedelta(days=length),
        baseline={"start_on": start - timedelta(days=9), "end_on": start - timedelta(days=1)},
    )
    months = asked.months
    assert months[0].start_on == start
    assert months[-1].end_on == asked.by + timedelta(days=1)
    assert all(a.end_on == b.start_on for a, b in pairwise(months))
    assert all(28 <= one.days <= 31 for one in months[:-1])
    assert 1 <= months[-1].days <= 31


def test_the_line_is_straight_from_baseline_to_goal() -> None:
    asked = goal()
    line = [asked.line(0.4, 0.32, month) for month in asked.months]
    assert line == sorted(line, reverse=True)
    assert 0.39 < line[0] < 0.4
    assert 0.32 < line[-1] < 0.33


def test_a_goal_is_a_change_or_a_number() -> None:
    assert goal().share_from(LOSS, 0.4) == pytest.approx(0.32)
    assert goal(relative="-20%").relative == pytest.approx(-0.2)
    assert goal(relative=None, absolute="25%").share_from(LOSS, 0.4) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"absolute": 0.3}, "one of relative and absolute"),
        ({"relative": None}, "one of relative and absolute"),
        ({"relative": 0.2}, "less than 0"),
        ({"by": date(2027, 1, 1)}, "is not after"),
        ({"start_on": date(2026, 12, 1)}, "inside its baseline"),
        ({"by": date(2040, 1, 1)}, "longer than 5 years"),
        ({"parts": ("loss",)}, "its own metric as a part"),
        ({"baseline": {"start_on": "2026-10-02", "end_on": "2026-10-01"}}, "before it starts"),
    ],
)
def test_what_is_no_goal_is_refused_with_the_reason(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        goal(**changes)
