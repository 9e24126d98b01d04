"""CVaR: by hand, by its other definition, and the weights that give it."""

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.risk import cvar, tail_weights

VALUES = st.lists(st.floats(0, 1_000), min_size=1, max_size=30)
ALPHAS = st.floats(0.01, 1)


def test_the_worst_fifth_of_ten_values_is_the_mean_of_two() -> None:
    assert cvar([9, 1, 8, 3, 7, 6, 5, 10, 2, 4], 0.2) == pytest.approx(1.5)


def test_a_value_counts_in_part_where_the_share_is_no_whole_number() -> None:
    assert cvar([4.0, 1.0, 10.0], 0.5) == pytest.approx((1 + 0.5 * 4) / 1.5)


def test_all_of_the_values_are_their_mean_and_a_sliver_is_the_least() -> None:
    values = [5.0, 1.0, 3.0]
    assert cvar(values, 1.0) == pytest.approx(3.0)
    assert cvar(values, 0.01) == pytest.approx(1.0)


@given(VALUES, ALPHAS)
def test_it_is_rockafellar_and_uryasevs_maximum(values: list[float], alpha: float) -> None:
    def at(eta: float) -> float:
        return eta - fsum(max(0.0, eta - one) for one in values) / (alpha * len(values))

    assert cvar(values, alpha) == pytest.approx(max(map(at, values)), abs=1e-6)


@given(VALUES, ALPHAS)
def test_its_weights_are_allowed(values: list[float], alpha: float) -> None:
    weights = tail_weights(values, alpha)
    assert fsum(weights) == pytest.approx(1.0)
    assert all(0 <= one <= 1 / (alpha * len(values)) + 1e-12 for one in weights)


@given(VALUES, ALPHAS, ALPHAS)
def test_a_larger_part_of_the_worlds_is_never_worse(
    values: list[float], alpha: float, other: float
) -> None:
    low, high = sorted((alpha, other))
    assert cvar(values, low) <= cvar(values, high) + 1e-9 * max(values, default=0) + 1e-12
