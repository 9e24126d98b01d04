"""The small linear program of the worlds' weights, held against HiGHS."""

from math import fsum

import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debtplan.core.weights import capped, hardest_weights

ROWS = st.integers(2, 8).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, 1_000).map(float), min_size=n, max_size=n), min_size=1, max_size=6
    )
)


def worst(rows: list[list[float]], weights: tuple[float, ...]) -> float:
    """What the best of the sets has under the weights."""
    return max(fsum(w * v for w, v in zip(weights, row, strict=True)) for row in rows)


def least(rows: list[list[float]], cap: float) -> float:
    """The program's optimum, by HiGHS."""
    problem = pulp.LpProblem("weights", pulp.LpMinimize)
    count = range(len(rows[0]))
    weights = [problem.add_variable(f"w{k}", 0, cap) for k in count]
    top = problem.add_variable("t")
    problem += top
    problem += pulp.lpSum(weights) == 1
    for row in rows:
        problem += pulp.lpSum(row[k] * weights[k] for k in count) <= top
    problem.solve(pulp.HiGHS(msg=False))
    return float(top.value() or 0.0)


@settings(deadline=None, max_examples=60)
@given(ROWS, st.floats(0.1, 1))
def test_no_other_weights_make_the_best_set_look_worse(
    rows: list[list[float]], alpha: float
) -> None:
    cap = 1 / (alpha * len(rows[0]))
    weights = hardest_weights(rows, max(cap, 1 / len(rows[0])))
    assert fsum(weights) == pytest.approx(1.0)
    assert all(0 <= one <= cap * (1 + 1e-9) for one in weights)
    top = max(map(max, rows))
    assert worst(rows, weights) == pytest.approx(least(rows, cap), abs=2e-3 * max(top, 1.0))


def test_one_set_looks_worst_in_its_own_worst_worlds() -> None:
    assert hardest_weights([[5.0, 1.0, 3.0, 2.0]], 0.5) == pytest.approx((0, 0.5, 0, 0.5))


def test_sets_that_relieve_nothing_weigh_all_worlds_alike() -> None:
    assert hardest_weights([[0.0, 0.0]], 1.0) == (0.5, 0.5)


@given(
    st.lists(st.floats(-1, 2), min_size=1, max_size=20),
    st.floats(1, 5),
)
def test_any_numbers_become_weights(numbers: list[float], room: float) -> None:
    cap = room / len(numbers)
    weights = capped(numbers, cap)
    assert fsum(weights) == pytest.approx(1.0)
    assert all(0 <= one <= cap + 1e-12 for one in weights)
