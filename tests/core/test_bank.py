"""What several sprints may hold, each by itself and each window together."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.bank import write_banks
from debtplan.core.horizon import Bank
from debtplan.core.reserve import ReservePolicy, size_reserve
from tests.builders import closed


def banks(policy: ReservePolicy, spent: tuple[float | None, ...], sprints: int) -> list[Bank]:
    history = [closed(n, debt_points=points) for n, points in enumerate(spent)]
    reserve = size_reserve(40.0, policy, (), history)
    return list(write_banks([40.0] * sprints, policy, reserve, history))


def limits(found: list[Bank]) -> dict[tuple[int, int], float]:
    return {(one.first, one.last): float(one.limit) for one in found}


def test_without_a_bank_each_sprint_stands_for_itself() -> None:
    found = banks(ReservePolicy(window=1), (), 3)
    assert limits(found) == {(1, 1): 6.0, (2, 2): 6.0, (3, 3): 6.0}


def test_a_window_holds_all_its_sprints_together() -> None:
    found = banks(ReservePolicy(window=2), (0.0,), 3)
    assert limits(found) == {(1, 1): 12.0, (2, 2): 12.0, (3, 3): 12.0, (1, 2): 12.0, (2, 3): 12.0}


def test_what_was_spent_is_gone_until_its_sprint_leaves_the_window() -> None:
    found = limits(banks(ReservePolicy(window=3), (9.0, 4.0), 3))
    assert found[1, 1] == 18 - 13 == 5
    assert found[1, 2] == 18 - 4
    assert found[1, 3] == 18
    assert found[2, 2] == 12, "no sprint passes sprint_max"


def test_what_is_not_on_record_counts_as_nothing() -> None:
    assert limits(banks(ReservePolicy(window=2), (None,), 2))[1, 2] == 12


def test_more_spent_than_there_was_leaves_nothing_and_no_less() -> None:
    found = limits(banks(ReservePolicy(window=2), (40.0,), 2))
    assert found[1, 1] == 0
    assert found[1, 2] == 12


@given(
    st.integers(1, 6),
    st.lists(st.integers(0, 20), max_size=6),
    st.integers(1, 6),
    st.sampled_from((0.15, 0.2, 0.3)),
)
def test_the_coming_sprint_holds_what_its_reserve_says(
    window: int, spent: list[int], sprints: int, ceiling: float
) -> None:
    policy = ReservePolicy(window=window, ceiling=ceiling, sprint_max=0.3)
    history = [closed(n, debt_points=points) for n, points in enumerate(spent)]
    reserve = size_reserve(40.0, policy, (), history)
    found = write_banks([40.0] * sprints, policy, reserve, history)
    assert found[0] == Bank(1, 1, found[0].limit)
    assert float(found[0].limit) == pytest.approx(reserve.available)
    assert all(bank.limit >= 0 for bank in found)
    assert all(bank.last - bank.first < window for bank in found)
    assert {bank.last for bank in found} == set(range(1, sprints + 1))


def test_a_sprint_with_fewer_people_holds_less() -> None:
    policy = ReservePolicy(window=2)
    reserve = size_reserve(40.0, policy, (), [closed(1, debt_points=0)])
    found = limits(list(write_banks([40.0, 20.0], policy, reserve, [closed(1, debt_points=0)])))
    assert found == {(1, 1): 12.0, (2, 2): 6.0, (1, 2): 9.0}


def test_banks_have_names() -> None:
    assert Bank(1, 1, Fraction(1)).name == "reserve of sprint 1"
    assert Bank(1, 3, Fraction(1)).name == "reserve of sprints 1 to 3"
