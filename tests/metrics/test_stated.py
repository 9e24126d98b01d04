"""Readings stated by hand."""

from datetime import date

import pytest

from debtplan.core.item import Skipped
from debtplan.core.reading import Counts, Percentiles, Reading, Window
from debtplan.metrics.options import StatedReading
from debtplan.metrics.stated import read_stated

WINDOW = Window(start_on=date(2026, 10, 25), end_on=date(2026, 11, 22))


def state(**figures: object) -> Reading | Skipped:
    """Return the statement of 1 November as a reading."""
    whole = {"stated_by": "Support", "stated_on": date(2026, 11, 1), **figures}
    return read_stated("m", StatedReading.model_validate(whole), WINDOW)


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({}, "not given; a reading needs bad and total, rate"),
        ({"rate": 0.1, "bad": 1, "total": 2}, "given in 2 forms (counts and rate)"),
        ({"rate": 7.0}, "rate is above 1; write 0.07 for 7%"),
        ({"bad": 3, "total": 2}, "3 bad of 2 in all"),
        ({"bad": -3, "total": 2}, "greater than or equal to 0"),
        ({"percentiles": {"p50": 1.0}}, "one percentile alone"),
        ({"percentiles": {"median": 1.0, "p95": 2.0}}, "percentile 'median' is no percentile"),
        ({"rate": 0.1, "recovered": 2.0}, "recovered is given without bad and total"),
        ({"rate": 0.1, "stated_on": date(2025, 11, 21)}, "more than 365 days ago; state it anew"),
    ],
)
def test_a_statement_that_does_not_hold_is_skipped_with_its_reason(
    figures: dict[str, object], reason: str
) -> None:
    found = state(**figures)
    assert isinstance(found, Skipped)
    assert found.ref == "reading of m stated by Support"
    assert reason in found.reason


def test_a_statement_fills_the_window_and_names_who_and_when() -> None:
    found = state(bad=17, total=240)
    assert isinstance(found, Reading)
    assert WINDOW.holds(found)
    assert found.stated_by == "Support on 2026-11-01"
    assert found.measure == Counts(bad=17, total=240)


def test_percentiles_are_taken_in_any_order_with_their_sample() -> None:
    found = state(percentiles={"p95": 4.0, "p50": 1.2}, sample_size=30)
    assert isinstance(found, Reading)
    assert found.measure == Percentiles(ranks=(0.5, 0.95), values=(1.2, 4.0))
    assert found.observations == 30


def test_a_year_is_still_young_enough() -> None:
    assert isinstance(state(rate=0.1, stated_on=date(2025, 11, 22)), Reading)
