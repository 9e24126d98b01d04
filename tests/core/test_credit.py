"""What verdicts give to items: added up, but never the same days twice."""

from datetime import date
from math import sqrt

import pytest

from debtplan.core.credit import credit_of
from debtplan.core.level import Level
from debtplan.core.verdict import Verdict
from tests.core.tracks import verdict

BEFORE = Level(share=0.4, error=0.004, readings=84)
JANUARY, LATE_JANUARY, MARCH = date(2027, 1, 5), date(2027, 1, 20), date(2027, 3, 10)
SINCE, TO = date(2026, 12, 28), date(2027, 6, 1)
WEIGHTS = {"loss": 1.0, "part": 0.25}


def credit(*verdicts: Verdict) -> tuple[float, float, float, tuple[str, ...]]:
    """Change, the ends of its interval, and the items."""
    found = credit_of(verdicts, WEIGHTS, BEFORE, SINCE, TO)
    assert found is not None
    change = found.change
    assert change.low is not None
    assert change.high is not None
    return change.value, change.low, change.high, found.items


def test_effects_that_lie_apart_are_added_up_with_their_errors() -> None:
    value, low, high, items = credit(verdict("b", -0.03, MARCH), verdict("a", -0.05, JANUARY))
    assert value == pytest.approx(-0.08 / 0.4)
    assert high - low == pytest.approx(2 * 0.02 * sqrt(2) / 0.4)
    assert items == ("a", "b")


def test_effects_seen_in_the_same_days_count_once() -> None:
    together = credit(verdict("a", -0.05, JANUARY), verdict("b", -0.06, LATE_JANUARY))
    assert together[0] == pytest.approx(-0.06 / 0.4)
    assert together[3] == ("a", "b")


def test_what_got_worse_and_what_did_not_move_counts_too() -> None:
    value, *_ = credit(verdict("a", 0.02, JANUARY), verdict("b", -0.06, MARCH))
    assert value == pytest.approx(-0.04 / 0.4)


def test_a_part_counts_by_its_sessions_and_an_item_only_once() -> None:
    value, *_ = credit(verdict("a", -0.08, JANUARY, metric="part"))
    assert value == pytest.approx(-0.25 * 0.08 / 0.4)
    both = credit(
        verdict("a", -0.08, JANUARY, metric="part"),
        verdict("a", -0.03, JANUARY),
    )
    assert both[0] == pytest.approx(-0.03 / 0.4)


def test_without_a_verdict_that_could_tell_nothing_is_credited() -> None:
    untold = verdict("a", None, JANUARY)
    early = verdict("b", -0.1, date(2026, 12, 1))
    late = verdict("c", -0.1, date(2027, 7, 1))
    other = verdict("d", -0.1, JANUARY, metric="other")
    assert credit_of([untold, early, late, other], WEIGHTS, BEFORE, SINCE, TO) is None
