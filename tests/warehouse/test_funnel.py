"""Funnels for people: what rises in a part while the total hides it, and what readings tell."""

from datetime import UTC, datetime, timedelta

import pytest

from debtplan.core.flow import Flow, UxMetric
from debtplan.core.reading import Counts, Percentiles, Reading
from debtplan.warehouse.funnel import make_funnel
from debtplan.warehouse.saved import saved_funnel

STEPS = ("cart", "pay")


def test_a_part_that_gets_worse_behind_a_flat_total_is_told() -> None:
    rows = [
        ("phone", 0, 4_000, 2_400, 2_400, 2_400),
        ("phone", 1, 1_000, 500, 500, 500),
        ("desktop", 0, 6_000, 4_800, 4_800, 4_800),
        ("desktop", 1, 9_000, 6_700, 6_700, 6_700),
    ]
    found = make_funnel("shop", STEPS, rows, {})
    told = [(one.group, round(one.before, 3), round(one.after, 3)) for one in found.reversals]
    assert told == [("desktop", 0.2, 0.256), ("phone", 0.4, 0.5)]
    assert found.reversals[0].all_before == pytest.approx(0.28)
    assert found.reversals[0].all_after == pytest.approx(0.28)


def test_a_part_that_rises_with_the_total_is_no_reversal() -> None:
    rows = [
        ("phone", 0, 5_000, 4_000, 4_000, 4_000),
        ("phone", 1, 5_000, 3_000, 3_000, 3_000),
        ("desktop", 0, 5_000, 4_000, 4_000, 4_000),
        ("desktop", 1, 5_000, 4_000, 4_000, 4_000),
    ]
    assert not make_funnel("shop", STEPS, rows, {}).reversals


def test_a_total_of_one_group_hides_nothing() -> None:
    rows = [("", 0, 5_000, 4_000, 4_000, 4_000), ("", 1, 5_000, 3_000, 3_000, 3_000)]
    assert not make_funnel("shop", STEPS, rows, {}).reversals


def test_a_group_in_one_half_only_is_shown_and_not_compared() -> None:
    rows = [("new", 1, 10, 5, 5, 5), ("old", 0, 10, 5, 5, 5), ("old", 1, 10, 5, 5, 5)]
    found = make_funnel("shop", STEPS, rows, {("new", 0): 3.0})
    assert [(one.group, one.entered, one.median_s) for one in found.steps] == [
        ("old", 20, None), ("old", 10, None), ("new", 10, 3.0), ("new", 5, None),
    ]  # fmt: skip
    assert not found.reversals


def test_saved_readings_add_up_to_a_funnel() -> None:
    flow = Flow(id="shop", steps=("cart", "pay", "done"))
    place = {"flow": "shop", "step": "cart"}
    loss = UxMetric.model_validate({"id": "l", "kind": "drop_off", "reference": 0.1, **place})
    time = UxMetric.model_validate(
        {
            "id": "t",
            "kind": "completion_time",
            "threshold_s": 5,
            "target": 0.9,
            "unit": "ms",
            **place,
        }
    )
    start = datetime(2026, 6, 1, tzinfo=UTC)
    readings = []
    for n, (bad, total, middle) in enumerate(((10, 100, 1_000), (30, 100, 9_000), (5, 50, 2_000))):
        on, after = start + timedelta(days=n), start + timedelta(days=n + 1)
        counts = Counts(bad=bad, total=total)
        readings.append(Reading(metric="l", start_at=on, end_at=after, measure=counts))
        times = Percentiles(ranks=(0.5, 0.95), values=(middle, 20_000))
        readings.append(Reading(metric="t", start_at=on, end_at=after, measure=times))
    (step,) = saved_funnel(flow, [loss, time], readings).steps
    assert (step.step, step.entered, step.went_on, step.median_s) == ("cart", 250, 205, 2.0)
    assert step.drop_off == pytest.approx(0.18)
    assert not saved_funnel(flow, [loss], []).steps
