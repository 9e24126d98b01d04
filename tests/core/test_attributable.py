"""What a mark explains of bad sessions: the fraction, its interval, and what cannot be said."""

from collections.abc import Sequence
from math import log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.attributable import attribute
from debtplan.core.tally import Stratum
from tests.tallies import stratum

Cells = tuple[float, float, float, float]


def stratum_of(cells: Cells) -> Stratum:
    """Bad and good sessions with the mark, bad and good ones without it."""
    b1, g1, b0, g0 = cells
    return stratum(b1, b1 + g1, b0, b0 + g0)


def expected_bad(cells: Sequence[Cells]) -> float:
    """Bad sessions had all of them the risk of those without the mark, one by one."""
    return sum(sum(one) * one[2] / (one[2] + one[3]) for one in cells)


COUNT = st.integers(0, 400).map(float)
FULL = st.tuples(COUNT, COUNT, st.integers(1, 400).map(float), st.integers(3, 400).map(float))


def test_one_stratum_is_levins_fraction_in_the_form_of_miettinen() -> None:
    found = attribute([stratum_of((90, 10, 60, 240))])
    carried, ratio = 90 / 150, (90 / 100) / (60 / 300)
    assert found.carried == pytest.approx(carried)
    assert found.fraction == pytest.approx(carried * (1 - 1 / ratio))
    prevalence = 100 / 400
    levin = prevalence * (ratio - 1) / (1 + prevalence * (ratio - 1))
    assert found.fraction == pytest.approx(levin)
    assert found.risk_without == pytest.approx(0.2)


@given(st.lists(FULL, min_size=1, max_size=6))
@pytest.mark.slow
def test_strata_are_those_of_bruzzi_with_a_ratio_of_their_own(cells: list[Cells]) -> None:
    bad = sum(one[0] + one[2] for one in cells)
    if sum(one[0] + one[1] for one in cells) == 0:
        return
    found = attribute([stratum_of(one) for one in cells])
    assert found.fraction == pytest.approx(1 - expected_bad(cells) / bad, abs=1e-9)
    by_ratio = 0.0
    for b1, g1, b0, g0 in cells:
        if b1:
            by_ratio += b1 / bad * (1 - (b0 / (b0 + g0)) / (b1 / (b1 + g1)))
        elif g1:
            by_ratio -= g1 * b0 / (b0 + g0) / bad
    assert found.fraction == pytest.approx(by_ratio, abs=1e-9)


@given(st.lists(FULL, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_strata_changes_nothing(cells: list[Cells], random: object) -> None:
    rows = [stratum_of(one) for one in cells]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert attribute(rows) == attribute(shuffled)


def test_the_error_is_that_of_the_gradient() -> None:
    cells: list[Cells] = [(300, 200, 250, 1_250), (150, 50, 90, 710)]

    def value(counts: Sequence[float]) -> float:
        pairs = [tuple(counts[4 * k : 4 * k + 4]) for k in range(2)]
        bad = sum(one[0] + one[2] for one in pairs)
        return log(expected_bad(pairs) / bad)  # type: ignore[arg-type]

    flat = [count for one in cells for count in one]
    variance = 0.0
    for i, count in enumerate(flat):
        up, down = list(flat), list(flat)
        up[i], down[i] = count + 1e-3, count - 1e-3
        variance += count * ((value(up) - value(down)) / 2e-3) ** 2
    found = attribute([stratum_of(one) for one in cells])
    assert found.error == pytest.approx(sqrt(variance), rel=0.01)


def test_confounding_by_a_stratum_is_taken_out() -> None:
    # Phones carry the mark more often and fail more often; within each device it changes nothing.
    cells: list[Cells] = [(20, 180, 180, 1_620), (320, 480, 80, 120)]
    found = attribute([stratum_of(one) for one in cells])
    assert found.fraction == pytest.approx(0, abs=1e-12)
    assert found.crude is not None
    assert found.crude > 0.25
    assert not found.is_clear


def test_a_mark_that_protects_is_below_zero_and_says_so() -> None:
    found = attribute([stratum_of((10, 490, 100, 400))])
    assert found.fraction is not None
    assert found.high is not None
    assert found.fraction < 0
    assert found.high < 0


@given(st.lists(FULL, min_size=1, max_size=4))
def test_the_interval_holds_the_fraction_and_grows_with_z(cells: list[Cells]) -> None:
    found = attribute([stratum_of(one) for one in cells])
    if found.missing:
        return
    assert found.fraction is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.fraction < found.high <= 1
    low, high = found.interval(3)
    assert low < found.low
    assert high > found.high


def test_more_sessions_make_it_narrower() -> None:
    few, many = (
        attribute([stratum_of((9, 1, 6, 24))]),
        attribute([stratum_of((900, 100, 600, 2_400))]),
    )
    assert few.fraction == pytest.approx(many.fraction)
    assert few.low is not None
    assert many.low is not None
    assert few.low < many.low


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ((0, 0, 0, 0), "no session was counted"),
        ((0, 10, 0, 10), "no session went wrong"),
        ((0, 0, 5, 10), "no session carries it"),
        ((5, 10, 0, 0), "every session carries it, so there is nothing to compare with"),
    ],
)
def test_what_cannot_be_said_is_said(cells: Cells, said: str) -> None:
    found = attribute([stratum_of(cells)])
    assert (found.fraction, found.low, found.high) == (None, None, None)
    assert found.missing == said
    assert found.say() == said
    assert not found.is_clear
    with pytest.raises(ValueError, match=said):
        found.interval(2)


def test_no_stratum_at_all_is_no_session() -> None:
    assert attribute([]).missing == "no session was counted"


def test_where_nothing_went_wrong_without_the_mark_it_explains_all_within_the_rule_of_three() -> (
    None
):
    found = attribute([stratum_of((60, 40, 0, 900))])
    assert found.fraction == 1
    assert found.high == 1
    assert found.low == pytest.approx(1 - 3 / 900 * 1_000 / 60)
    assert found.interval(3) == (found.low, 1)


def test_strata_with_next_to_nothing_to_compare_with_are_put_together() -> None:
    thin: list[Cells] = [(3, 1, 0, 0), (2, 2, 1, 1), (4, 0, 0, 2)]
    found = attribute([stratum_of((90, 10, 60, 240)), *(stratum_of(one) for one in thin)])
    together = attribute([stratum_of((90, 10, 60, 240)), stratum_of((9, 3, 1, 3))])
    assert found.fraction == pytest.approx(together.fraction)
    assert found.strata == 2
    assert found.merged == sum(sum(one) for one in thin)


def test_a_stratum_that_carries_the_mark_whole_joins_the_one_nearest_to_it() -> None:
    found = attribute([stratum_of((90, 10, 60, 240)), stratum_of((5, 5, 0, 0))])
    assert found.fraction == pytest.approx(attribute([stratum_of((95, 15, 60, 240))]).fraction)


def test_counts_are_said_in_words() -> None:
    assert attribute([stratum_of((90, 10, 60, 240))]).say() == (
        "90 of 150 bad sessions carry it; with it 90.0% of 100 sessions went wrong, of comparable "
        "ones without it 20.0%"
    )
