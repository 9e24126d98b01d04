"""Approved work that users do not have yet, as a goal counts on it."""

from dataclasses import replace
from datetime import date, timedelta
from math import sqrt
from typing import Any

import pytest

from debtplan.core.awaited import Promise, awaited, change_of, lifts, on_time
from debtplan.core.headway import ALONE, headway_of, questions, with_chances
from debtplan.core.tracked import TrackedStatus
from tests.core.tracks import course, seen, stepped
from tests.court import at, forecast

END = date(2027, 4, 10)
DUE = date(2027, 4, 23)
WEIGHTS = {"loss": 1.0, "part": 0.25}


def promise(released_on: date | None = None, **more: Any) -> Promise:
    """A promise to remove 30% of an excess of 10 points, due after the day that is asked of."""
    fields = {"metric": "loss", "frozen_at": at(date(2027, 4, 9)), "due_on": DUE, **more}
    return Promise(forecast(**fields), released_on)


def items(*promises: Promise) -> list[tuple[str, str]]:
    return [(one.forecast.item, one.forecast.metric) for one in awaited(promises, WEIGHTS, END)]


def test_what_is_approved_and_not_released_is_awaited() -> None:
    assert items(promise()) == [("jira:A-1", "loss")]
    assert items(promise(END)) == [("jira:A-1", "loss")]
    assert items(promise(END - timedelta(days=1))) == []


@pytest.mark.parametrize(
    "more",
    [
        {"metric": "another"},
        {"due_on": END - timedelta(days=1)},
        {"due_on": None},
        {"frozen_at": at(END)},
        {"goal_share": 0.2},
    ],
    ids=["another metric", "past its sprint", "day not kept", "approved later", "nothing to gain"],
)
def test_what_does_not_count_is_not_awaited(more: dict[str, Any]) -> None:
    assert items(promise(**more)) == []


def test_the_last_promise_of_an_item_counts_and_the_metric_itself_before_its_parts() -> None:
    again = promise(plan_id="p2", frozen_at=at(END - timedelta(days=1), 8), removal=0.1)
    early = promise(plan_id="p0", frozen_at=at(date(2027, 3, 1)))
    part = promise(metric="part")
    found = awaited([again, part, early], WEIGHTS, END)
    assert [one.forecast.removal for one in found] == [0.1]
    assert items(part) == [("jira:A-1", "part")]


def test_one_that_was_promised_again_and_is_overdue_by_then_is_not_counted_twice() -> None:
    late = promise(due_on=date(2027, 4, 9), frozen_at=at(date(2027, 4, 1)))
    again = promise(plan_id="p2")
    assert items(late, again) == [("jira:A-1", "loss")]


def test_the_chance_to_come_is_learned_from_those_whose_sprint_is_over() -> None:
    assert on_time([promise()], END) == 1
    past = [
        promise(came, item=f"jira:A-{number}", due_on=date(2027, 3, 12))
        for number, came in enumerate(
            [None, date(2027, 3, 12), date(2027, 3, 13), date(2027, 3, 1)], 1
        )
    ]
    assert on_time(past, END) == pytest.approx(3 / 5)
    twice = [*past, promise(item="jira:A-1", metric="part", due_on=date(2027, 3, 12))]
    assert on_time(twice, END) == pytest.approx(3 / 5)


def test_what_is_expected_is_a_part_of_the_baseline_never_removed_twice() -> None:
    one = change_of(awaited([promise()], WEIGHTS, END), WEIGHTS, 0.4)
    assert one is not None
    assert one.value == pytest.approx(-0.3 * 0.1 / 0.4)
    spread = 0.1 / 0.4 * 0.4 / (2 * 1.2815515655)
    assert one.low == pytest.approx(one.value - 1.959964 * spread)
    assert one.high == 0
    pair = [promise(), promise(item="jira:A-2", removal=0.5)]
    both = change_of(awaited(pair, WEIGHTS, END), WEIGHTS, 0.4)
    assert both is not None
    assert both.value == pytest.approx(-(1 - 0.7 * 0.5) * 0.1 / 0.4)
    part = change_of(awaited([promise(metric="part")], WEIGHTS, END), WEIGHTS, 0.4)
    assert part is not None
    assert part.value == pytest.approx(one.value / 4)
    assert change_of((), WEIGHTS, 0.4) is None


def test_the_interval_of_two_is_that_of_both_deviations() -> None:
    pair = [
        promise(item=f"jira:A-{n}", removal=0.3, low=0.29, high=0.31) for n in (1, 2)
    ]  # deviations so small that no bound cuts them
    found = change_of(awaited(pair, WEIGHTS, END), WEIGHTS, 0.4)
    assert found is not None
    assert found.low is not None
    own = 0.25 * 0.7 * 0.02 / (2 * 1.2815515655)
    assert found.value - found.low == pytest.approx(1.959964 * sqrt(2) * own)


def test_what_has_doubled_since_the_baseline_may_fall_by_more_than_the_baseline() -> None:
    grown = promise(bad_share=0.5, goal_share=0.1, removal=0.5, low=0.4, high=0.6)
    found = change_of(awaited([grown], WEIGHTS, END), WEIGHTS, 0.1)
    assert found is not None
    assert found.value == pytest.approx(-2)
    assert found.low is not None
    assert found.high is not None
    assert -4 < found.low < found.value < found.high


def test_a_lift_is_a_part_of_the_share_as_it_was_approved() -> None:
    (direct,) = lifts(awaited([promise()], WEIGHTS, END), WEIGHTS, 0.4, 0.8)
    assert direct.part == pytest.approx(0.1 / 0.2)
    assert (direct.due_on, direct.step_days, direct.chance) == (DUE, 14, 0.8)
    (part,) = lifts(awaited([promise(metric="part")], WEIGHTS, END), WEIGHTS, 0.4, 0.8)
    assert part.part == pytest.approx(0.25 * 0.1 / 0.4)


def test_what_a_chance_counts_on_stands_as_people_count() -> None:
    promises = (promise(item="jira:A-10"), promise(item="jira:A-9"))
    found = headway_of(replace(seen(course(stepped(), END), END), promises=promises))
    told = with_chances(found, {0: (0.2, 0.4, 0.6), ALONE: (0.0, 0.1, 0.3)})
    assert told.reasons[-1].startswith("the chance counts on A-9, A-10, approved")


def test_a_goal_shows_apart_what_is_approved_and_what_its_chance_is_alone() -> None:
    known = replace(seen(course(stepped(), END), END), promises=(promise(),))
    found = headway_of(known)
    assert found.status is TrackedStatus.UNDER_WAY
    assert found.approved is not None
    assert found.approved.value == pytest.approx(-0.03 / 0.4, abs=1e-3)
    assert [(one.item, one.due_on) for one in found.awaited] == [("jira:A-1", DUE)]
    assert found.on_time == 1
    asked = questions(known, found)
    assert sorted(asked) == [ALONE, 0, 1, 2, 3]
    assert asked[ALONE].lifts == asked[3].lifts == ()
    assert len(asked[0].lifts) == 1
    told = with_chances(found, {0: (0.2, 0.4, 0.6), ALONE: (0.0, 0.1, 0.3)})
    assert (told.chance, told.chance_alone) == (0.6, 0.3)
    assert told.reasons[-1] == (
        "the chance counts on A-1, approved and not released yet (-7.5% if all of it comes); "
        "without that it is 30%"
    )


def test_a_month_that_is_over_is_asked_with_what_was_approved_then() -> None:
    early = promise(date(2027, 3, 20), frozen_at=at(date(2027, 2, 20)), due_on=date(2027, 3, 12))
    known = replace(seen(course(stepped(), END), END), promises=(early,))
    found = headway_of(known)
    assert found.awaited == ()
    assert found.approved is None
    asked = questions(known, found)
    assert [len(asked[number].lifts) for number in (1, 2, 3, 0)] == [0, 1, 0, 0]
    assert ALONE not in asked


def test_a_goal_that_is_settled_waits_for_nothing() -> None:
    end = date(2027, 7, 2)
    due = promise(due_on=date(2027, 7, 9), frozen_at=at(date(2027, 7, 1)))
    known = replace(seen(course(stepped(), end), end), promises=(due,))
    found = headway_of(known)
    assert found.status is TrackedStatus.MISSED
    assert found.awaited == ()
