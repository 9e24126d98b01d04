"""Costs against the reserve: a case worked by hand, and what must hold of any."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.overrun import Overrun, weigh_costs

BASIS = ("by hand", True)


def weigh(order: Sequence[str], worlds: Sequence[Sequence[float]], reserve: float) -> Overrun:
    """The overrun where each item is worth 100."""
    found = weigh_costs(
        order, worlds, (reserve, 1.0 * len(order)), lambda keys: 100.0 * len(keys), BASIS
    )
    assert found is not None
    return found


def test_a_case_worked_by_hand() -> None:
    worlds = [(1.0, 1.0), (2.0, 2.0), (3.0, 1.5), (5.0, 1.0), (2.0, 1.0)]
    found = weigh(("a", "b"), worlds, 4.0)
    assert found.chance == pytest.approx(2 / 5)
    assert [(one.key, one.chance) for one in found.finish] == [("a", 4 / 5), ("b", 3 / 5)]
    assert found.relief == pytest.approx(3 / 5 * 200 + 1 / 5 * 100)
    assert (found.p10, found.p50, found.p90) == (2.0, 4.0, 4.5)
    assert (found.estimate, found.reserve, found.worlds) == (2.0, 4.0, 5)
    assert (found.basis, found.is_assumed) == BASIS


def test_nothing_chosen_or_nothing_drawn_overruns_nothing() -> None:
    assert weigh_costs((), [()], (4.0, 0.0), len, BASIS) is None
    assert weigh_costs(("a",), [], (4.0, 0.0), len, BASIS) is None


def test_costs_that_just_fill_the_reserve_fit() -> None:
    assert weigh(("a", "b"), [(1.0, 3.0)], 4.0).chance == 0
    assert weigh(("a", "b"), [(1.0, 3.0)], 3.999).chance == 1


COSTS = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.tuples(*[st.floats(0.01, 20)] * n), min_size=1, max_size=30)
)


@given(COSTS, st.floats(0, 40))
def test_chances_fall_along_the_order_and_the_last_one_is_that_of_no_overrun(
    worlds: list[tuple[float, ...]], reserve: float
) -> None:
    order = [f"k{i}" for i in range(len(worlds[0]))]
    found = weigh(order, worlds, reserve)
    chances = [one.chance for one in found.finish]
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] == pytest.approx(1 - found.chance)
    assert found.p10 <= found.p50 <= found.p90
    assert found.relief == pytest.approx(100 * sum(chances))


@given(COSTS, st.floats(0, 20), st.floats(0, 20))
@pytest.mark.slow
def test_a_larger_reserve_never_makes_an_overrun_likelier(
    worlds: list[tuple[float, ...]], reserve: float, more: float
) -> None:
    order = [f"k{i}" for i in range(len(worlds[0]))]
    less, greater = (weigh(order, worlds, one) for one in (reserve, reserve + more))
    assert greater.chance <= less.chance
    assert greater.relief >= less.relief - 1e-9
