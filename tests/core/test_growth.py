"""Whether harm grows from sprint to sprint, and that chance does not make it so."""

from datetime import timedelta
from itertools import permutations
from random import Random

import pytest

from debtplan.core.appraisal import appraise
from debtplan.core.growth import MOST, growth_of
from debtplan.core.inputs import HorizonPolicy, Inputs
from debtplan.core.reading import Counts, Reading, midnight, window_before
from tests.builders import NOW, claim, inputs, item


def series(shares: list[float], **policy: object) -> Inputs:
    """Six sprints of 14 days in which so many of 2,000 sessions a day were hurt; 1% is the goal."""
    end = window_before(NOW, 1).end_on
    made_from = inputs([item("a")], [claim("a", "m")])
    readings = []
    for day in range(14 * len(shares)):
        start = midnight(end - timedelta(days=day + 1))
        bad = 2_000 * shares[len(shares) - 1 - day // 14]
        readings.append(
            Reading(
                metric="m",
                start_at=start,
                end_at=start + timedelta(days=1),
                measure=Counts(bad=bad, total=2_000),
                source="test",
                fetched_at=NOW,
            )
        )
    horizon = HorizonPolicy.model_validate(policy)
    fields = {**dict(made_from), "readings": tuple(readings), "horizon": horizon}
    return Inputs.model_validate(fields)


def growth(shares: list[float], **policy: object) -> dict[str, float]:
    made_from = series(shares, **policy)
    return growth_of(made_from, appraise(made_from))


def test_a_steady_rise_is_counted_on() -> None:
    shares = [0.01 + 0.1 * 1.05**n for n in range(6)]
    assert growth(shares) == {"m": pytest.approx(1.05, rel=1e-6)}


def test_a_fall_is_too_and_neither_beyond_a_tenth() -> None:
    assert growth([0.01 + 0.1 * 0.5**n for n in range(6)]) == {"m": pytest.approx(1 / MOST)}
    assert growth([0.01 + 0.01 * 1.5**n for n in range(6)]) == {"m": pytest.approx(MOST)}


def test_what_goes_up_and_down_is_no_trend() -> None:
    assert growth([0.11, 0.15, 0.12, 0.16, 0.13, 0.14]) == {}


def test_less_than_six_sprints_tell_nothing() -> None:
    assert growth([0.11, 0.12, 0.13, 0.14, 0.15]) == {}


def test_no_harm_has_no_trend() -> None:
    assert growth([0.005, 0.006, 0.007, 0.12, 0.13, 0.14]) == {}


def test_nobody_counts_on_it_where_the_team_does_not_want_to() -> None:
    assert growth([0.01 + 0.1 * 1.05**n for n in range(6)], trend=False) == {}


@pytest.mark.slow
def test_one_order_in_sixty_is_taken_for_a_trend() -> None:
    values = [0.11, 0.12, 0.13, 0.14, 0.15, 0.16]
    orders = Random(1).sample(list(permutations(values)), 120)
    assert sum(bool(growth(list(order))) for order in orders) <= 6
