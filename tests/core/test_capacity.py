"""Capacity from closed sprints, and the reserve of the coming one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from debtplan.core.capacity import CapacityPolicy, Sprint, by_time, estimate_capacity, sprint_length
from debtplan.core.reserve import ReservePolicy, size_reserve
from tests.builders import SPRINT, closed

AUTO = ReservePolicy()


def policy(**fields: Any) -> CapacityPolicy:
    """A capacity policy."""
    return CapacityPolicy.model_validate(fields)


@pytest.mark.parametrize(
    "fields",
    [{"floor": 0.2}, {"ceiling": 0.4}, {"ceiling": 0}, {"window": 0}, {"window": 7},
     {"window": "all"}, {"floor": -0.1}, {"sprint_max": 1.2}, {"floor": float("nan")}],
)  # fmt: skip
def test_a_reserve_that_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReservePolicy.model_validate(fields)


def test_a_sprint_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValidationError, match="before it starts"):
        Sprint(id="1", name="S", start_on=SPRINT.end_on, end_on=SPRINT.start_on)


def test_no_closed_sprint_is_unknown_and_not_zero() -> None:
    found = estimate_capacity([], policy())
    assert (found.points, found.velocity) == (None, None)
    blank = closed(48, None)
    found = estimate_capacity([blank], policy())
    assert found.points is None
    assert [one.ref for one in found.skipped] == ["sprint Sprint 48"]


def test_a_sprint_with_nothing_committed_and_nothing_done_is_left_out() -> None:
    sprints = [closed(46, 0), closed(47, 0, committed=0), closed(48, 30)]
    found = estimate_capacity(sprints, policy())
    assert found.points == 30
    assert len(found.skipped) == 2


def test_a_sprint_that_committed_and_did_nothing_counts() -> None:
    assert estimate_capacity([closed(47, 0, committed=20), closed(48, 30)], policy()).points == 15


def test_the_velocity_is_the_median_of_the_last_sprints_with_points() -> None:
    sprints = [closed(40 + i, done) for i, done in enumerate([99, 10, 20, None, 60])]
    found = estimate_capacity(list(reversed(sprints)), policy(last=3))
    assert (found.velocity, found.sprints) == (20, ("Sprint 41", "Sprint 42", "Sprint 44"))
    assert (found.low, found.high) == (15, 40)
    assert found.basis == "median of the last 3 closed sprints, whole team there"


def test_one_sprint_has_no_spread() -> None:
    found = estimate_capacity([closed(48, 30)], policy())
    assert (found.points, found.low, found.high) == (30, None, None)


def test_availability_scales_points_and_quartiles_but_not_the_velocity() -> None:
    found = estimate_capacity([closed(47, 20), closed(48, 40)], policy(availability=0.8))
    assert (found.velocity, found.points, found.low, found.high) == (30, 24, 20, 28)
    assert "80% of the team there" in found.basis


def test_stated_points_count_more_than_history() -> None:
    found = estimate_capacity([closed(48, 30)], policy(points=50, availability=0.58))
    assert found.points == 29
    assert "stated in the settings" in found.basis


def test_sprints_are_in_order_of_closing_whatever_their_order() -> None:
    sprints = [closed(n) for n in (47, 45, 48, 46)]
    assert [one.id for one in by_time(sprints)] == ["45", "46", "47", "48"]


@pytest.mark.parametrize(
    ("capacity", "ceiling", "points"),
    [(100, 0.29, 29), (46, 0.15, 6.9), (40, 0.15, 6), (7, 0.1, 0.7)],
)
def test_the_reserve_is_exact(capacity: float, ceiling: float, points: float) -> None:
    found = size_reserve(
        capacity, ReservePolicy(floor=0, ceiling=ceiling, sprint_max=ceiling, window=1)
    )
    assert (found.available, found.ceiling) == (points, points)


@pytest.mark.parametrize(
    ("items", "window"), [([], 1), ([1, 6], 1), ([6, 6.5, 9], 2), ([13, 13], 3), ([100], 6)]
)
def test_the_window_is_the_smallest_that_holds_the_median_item(
    items: list[float], window: int
) -> None:
    assert size_reserve(40, AUTO, items).window == window


@given(st.floats(1, 200), st.lists(st.floats(0.5, 40), min_size=1, max_size=9), st.integers(5, 30))
def test_no_smaller_window_holds_the_median_item(
    capacity: float, items: list[float], percent: int
) -> None:
    middle = sorted(items)[len(items) // 2] if len(items) % 2 else None
    found = size_reserve(capacity, ReservePolicy(floor=0.05, ceiling=percent / 100), items)
    if middle is not None:
        own = capacity * percent / 100
        if found.window > 1:
            assert own * (found.window - 1) < middle * (1 + 1e-9)
        if found.window < 6:
            assert own * found.window >= middle * (1 - 1e-9)
    assert 0 <= found.floor <= found.available <= capacity * 0.3 * (1 + 1e-9)


def test_a_window_of_one_takes_the_ceiling_of_each_sprint() -> None:
    found = size_reserve(40, ReservePolicy(window=1), [20], [closed(48, debt_points=40)])
    assert (found.floor, found.available, found.spent) == (4, 6, 0)
    assert found.basis == "10% to 15% of capacity, each sprint for itself"


def test_what_earlier_sprints_spent_is_taken_off() -> None:
    history = [closed(45, debt_points=99), closed(46, debt_points=5), closed(47, debt_points=4)]
    found = size_reserve(40, ReservePolicy(window=3), [], history)
    assert (found.spent, found.available) == (9, 9)
    assert "9 already spent in the 2 before" in found.basis


def test_the_floor_is_what_earlier_sprints_left_open() -> None:
    spent = [closed(46, debt_points=6), closed(47, debt_points=6)]
    assert size_reserve(40, ReservePolicy(window=3), [], spent).floor == 0
    saved = [closed(46, debt_points=0), closed(47, debt_points=2)]
    assert size_reserve(40, ReservePolicy(window=3), [], saved).floor == 10


def test_no_sprint_passes_its_maximum() -> None:
    history = [closed(n, debt_points=0) for n in range(43, 49)]
    assert size_reserve(40, ReservePolicy(window=6), [], history).available == 12


def test_an_overdrawn_account_leaves_nothing() -> None:
    found = size_reserve(40, ReservePolicy(window=2), [], [closed(48, debt_points=20)])
    assert (found.floor, found.available) == (0, 0)


def test_unknown_spending_is_said_to_be_unknown() -> None:
    history = [closed(47, debt_points=3), closed(48, debt_points=None)]
    found = size_reserve(40, ReservePolicy(window=3), [], history)
    assert found.spent is None
    assert "not on record, so the account starts here" in found.basis


def test_a_median_item_beyond_every_window_is_said_so() -> None:
    assert "the median item is larger still" in size_reserve(40, AUTO, [100]).basis
    assert "the shortest that holds the median item" in size_reserve(40, AUTO, [10]).basis


def test_the_length_of_a_sprint_is_set_or_seen_or_two_weeks() -> None:
    sprints = [closed(46), closed(47), closed(48)]
    assert sprint_length(sprints, policy(sprint_days=7)) == 7
    assert sprint_length(sprints, policy()) == 14
    assert sprint_length(sprints[:1], policy()) == 14
    weekly = [closed(i, start_on=SPRINT.start_on.replace(day=i)) for i in (2, 9, 16)]
    assert sprint_length(weekly, policy()) == 7
