from collections.abc import Callable
from datetime import date, timedelta

import pytest

from debtplan.core.capacity import Sprint
from debtplan.errors import UsageError
from debtplan.workflows.due import Due, find_due

MONDAY = date(2026, 11, 30)


def sprint(start: date, days: int = 12) -> Sprint:
    return Sprint(
        id=f"s{start}", name=f"S {start}", start_on=start, end_on=start + timedelta(days=days - 1)
    )


def every(days: int, length: int = 12) -> Callable[[date], Sprint]:
    """A calendar with a sprint every so many days, one of them on MONDAY."""

    def coming(day: date) -> Sprint:
        ahead = -((MONDAY - day).days) % days
        return sprint(day + timedelta(days=(days - ahead) % days), length)

    return coming


def names(due: tuple[Due, ...]) -> list[tuple[str, bool]]:
    return [(one.sprint.id, one.is_late) for one in due]


def test_before_a_sprint_only_that_is_due() -> None:
    found = find_due("web", every(14), MONDAY - timedelta(days=3), 2)
    assert names(found) == [("s2026-11-30", False)]


def test_on_its_first_day_a_sprint_is_still_to_come() -> None:
    assert names(find_due("web", every(14), MONDAY, 2)) == [("s2026-11-30", False)]


@pytest.mark.parametrize("late", [1, 2])
def test_a_sprint_that_started_a_moment_ago_comes_before_the_next(late: int) -> None:
    found = find_due("web", every(14), MONDAY + timedelta(days=late), 2)
    assert names(found) == [("s2026-11-30", True), ("s2026-12-14", False)]


def test_a_sprint_that_started_earlier_is_never_planned() -> None:
    found = find_due("web", every(14), MONDAY + timedelta(days=3), 2)
    assert names(found) == [("s2026-12-14", False)]


def test_without_late_days_nothing_is_caught_up_on() -> None:
    found = find_due("web", every(14), MONDAY + timedelta(days=1), 0)
    assert names(found) == [("s2026-12-14", False)]


def test_a_sprint_that_is_over_is_not_late_however_short_it_was() -> None:
    found = find_due("web", every(2, 1), MONDAY + timedelta(days=1), 2)
    assert names(found) == [("s2026-12-02", False)]


def test_a_sprint_set_by_hand_is_late_first_and_then_asked_for() -> None:
    def coming(_day: date) -> Sprint:
        return sprint(MONDAY)

    assert names(find_due("web", coming, MONDAY - timedelta(days=9), 2)) == [("s2026-11-30", False)]
    late = find_due("web", coming, MONDAY + timedelta(days=2), 2)
    assert names(late) == [("s2026-11-30", True)]
    with pytest.raises(UsageError, match="started on 2026-11-30") as caught:
        find_due("web", coming, MONDAY + timedelta(days=3), 2)
    assert "[team.web.sprint]" in caught.value.fix
