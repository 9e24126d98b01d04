"""Where a goal stands on a day: too early, under way, reached, missed, not known."""

from datetime import date, timedelta
from random import Random

import pytest

from debtplan.core.headway import headway_of, questions, with_chances
from debtplan.core.outlook import logistic, logit
from debtplan.core.tracked import Headway, TrackedStatus
from tests.core.tracks import START, course, day_of, days, goal, seen, stepped, verdict

FEBRUARY, APRIL = date(2027, 2, 1), date(2027, 4, 1)
END = date(2027, 7, 2)


def standing(end: date, *steps: tuple[date, float]) -> Headway:
    """Where the goal stands when that day is the first one not complete."""
    return headway_of(seen(course(stepped(*steps), end), end))


def test_a_goal_is_reached_by_the_first_whole_month_beyond_it() -> None:
    found = standing(END, (FEBRUARY, 0.9), (APRIL, 0.85))
    assert found.status is TrackedStatus.REACHED
    assert (found.reached_month, found.reached_on) == (4, date(2027, 4, 30))
    assert [one.is_beyond for one in found.months] == [False, False, False, True, True, True]
    assert found.change is not None
    assert found.change.value == pytest.approx(-0.235, abs=0.01)


def test_a_month_in_which_something_went_live_is_judged_like_any_other() -> None:
    on, end = date(2027, 2, 5), date(2027, 3, 1)
    readings = course(stepped((on, 0.72)), end)
    known = headway_of(seen(readings, end, released_on=[on]))
    assert (known.reached_month, known.months[1].is_beyond) == (2, True)
    blind = headway_of(seen(readings, end))
    assert blind.reached_month is None  # for all the days tell, it may have wandered there


def test_a_goal_that_is_barely_touched_is_not_reached() -> None:
    found = standing(END, (FEBRUARY, 0.8))
    assert found.status is TrackedStatus.MISSED
    assert found.chance is None
    assert "no month until 2027-06-30 lies beyond the goal" in found.reasons[0]
    assert with_chances(found, {}).chance == 0


def test_a_month_that_is_not_over_reaches_nothing() -> None:
    steps = (FEBRUARY, 0.5)
    assert standing(date(2027, 2, 28), steps).status is TrackedStatus.UNDER_WAY
    assert standing(date(2027, 3, 1), steps).status is TrackedStatus.REACHED


def test_before_and_just_after_the_start_it_is_too_early() -> None:
    assert standing(START).reasons[0] == "it starts on 2027-01-01"
    soon = standing(START + timedelta(days=5), (START, 0.5))
    assert soon.status is TrackedStatus.TOO_EARLY
    assert "fewer than 12 readings" in soon.reasons[0]
    assert standing(START + timedelta(days=12)).status is TrackedStatus.UNDER_WAY


def test_a_few_readings_in_the_baseline_are_said() -> None:
    readings = [day_of(on, 0.4) for on in days(date(2026, 12, 20), END)]
    found = headway_of(seen(readings, END))
    assert "the baseline has 8 readings, fewer than 12" in found.reasons


def test_what_is_not_measured_is_not_known() -> None:
    late = [day_of(on, 0.4) for on in days(START, END)]
    found = headway_of(seen(late, END))
    assert found.status is TrackedStatus.UNKNOWN
    assert "no reading of Loss lies in the baseline" in found.reasons[0]
    early = course(stepped(), date(2027, 2, 1))
    stopped = headway_of(seen(early, date(2027, 5, 1)))
    assert stopped.status is TrackedStatus.UNKNOWN
    assert "no reading of Loss lies in the last 28 complete days" in stopped.reasons


def test_a_goal_that_the_baseline_meets_already_is_none() -> None:
    asked = goal(relative=None, absolute=0.5)
    found = headway_of(seen(course(stepped(), END), END, asked))
    assert found.status is TrackedStatus.UNKNOWN
    assert "at the goal in the baseline already" in found.reasons[0]


def test_an_absolute_goal_is_reached_where_the_interval_lies_below_it() -> None:
    asked = goal(relative=None, absolute=0.33)
    found = headway_of(seen(course(stepped((FEBRUARY, 0.8)), END), END, asked))
    assert (found.status, found.reached_month) == (TrackedStatus.REACHED, 2)


def test_slipping_back_after_the_goal_is_said() -> None:
    found = standing(END, (FEBRUARY, 0.7), (APRIL, 1.4))
    assert (found.status, found.reached_month) == (TrackedStatus.REACHED, 2)
    assert "it slipped back: month 6 lies above the goal again" in found.reasons


def test_what_verdicts_give_to_items_stands_apart() -> None:
    readings = course(stepped((FEBRUARY, 0.7)), END)
    told = [verdict("jira:A-1", -0.06, FEBRUARY)]
    found = headway_of(seen(readings, END, verdicts=told))
    assert found.attributable is not None
    assert found.attributable.value == pytest.approx(-0.15, abs=0.002)
    assert found.credited == ("jira:A-1",)
    alone = headway_of(seen(readings, END))
    assert alone.attributable is None
    assert alone.change == found.change
    assert "no verdict on a released item" in alone.reasons[-1]


def test_readings_in_another_order_say_the_same() -> None:
    readings = list(course(stepped((FEBRUARY, 0.8)), END))
    shuffled = sorted(readings, key=lambda _: Random(7).random())
    Random(7).shuffle(shuffled)
    first = seen(readings, END)
    again = seen(sorted(shuffled, key=lambda one: one.start_at), END)
    assert headway_of(first) == headway_of(again)


def test_a_month_is_asked_about_what_was_known_at_its_end_only() -> None:
    end = date(2027, 4, 10)
    known = seen(course(stepped((FEBRUARY, 0.9)), end), end)
    asked = questions(known, headway_of(known))
    assert sorted(asked) == [0, 1, 2, 3]
    assert [asked[number].end_on for number in (1, 2, 3, 0)] == [
        date(2027, 2, 1),
        date(2027, 3, 1),
        date(2027, 4, 1),
        end,
    ]
    assert [len(asked[number].months) for number in (1, 2, 3, 0)] == [5, 4, 3, 3]
    assert logistic(asked[1].weeks[-1] or 0) == pytest.approx(0.4, abs=0.003)
    assert logistic(asked[2].weeks[-1] or 0) == pytest.approx(0.36, abs=0.003)
    assert 0.3 < asked[0].limit < 0.32


def test_answers_land_in_their_months() -> None:
    end = date(2027, 4, 10)
    known = seen(course(stepped(), end), end)
    found = with_chances(
        headway_of(known),
        {0: (0.1, 0.2, 0.3), 1: (0, 0, 0, 0, 0.5), 2: (0, 0, 0, 0.4), 3: (0, 0, 0.35)},
    )
    assert [one.chance for one in found.months] == [0.5, 0.4, 0.35, 0.1, 0.2, 0.3]
    assert found.chance == 0.3


def test_the_logistic_scale_is_its_own_inverse() -> None:
    for share in (0.0001, 0.3, 0.5, 0.97):
        assert logistic(logit(share)) == pytest.approx(share)
