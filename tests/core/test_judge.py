"""Verdicts: what the interval says, what voids it, and the sums."""

from datetime import date, timedelta
from math import sqrt
from typing import Any

import pytest

from debtplan.core.effect import Effect, Refused
from debtplan.core.judge import OutcomePolicy, alarm_of, judge, question_of, void_reason
from debtplan.core.verdict import Outcome, Verdict
from tests.court import APPROVED, RELEASED, SEEN, at, case, days, forecast, release

POLICY = OutcomePolicy()


def effect(change: float, reach: float, **more: Any) -> Effect:
    """An effect whose 95% interval reaches so far to each side."""
    fields = {
        "effect": change,
        "error": reach / 1.96,
        "low": change - reach,
        "high": change + reach,
        "observed": change,
        "days_before": 60,
        "days_after": 30,
    }
    return Effect.model_validate({**fields, **more})


def verdict(found: Effect, *names: str, **more: Any) -> Verdict:
    made = case(**more)
    return judge(made, found, (), names, at(SEEN))[0]


@pytest.mark.parametrize(
    ("change", "reach", "outcome"),
    [
        (-0.03, 0.01, Outcome.MOVED),
        (0.03, 0.01, Outcome.WORSE),
        (0.0, 0.014, Outcome.NOT_MOVED),  # half of the claimed 3 points would have been seen
        (0.0, 0.016, Outcome.CANNOT_TELL),
        (-0.02, 0.03, Outcome.CANNOT_TELL),
    ],
)
def test_the_interval_decides(change: float, reach: float, outcome: Outcome) -> None:
    assert verdict(effect(change, reach)).outcome is outcome


def test_the_ratio_is_what_came_over_what_was_claimed() -> None:
    found = verdict(effect(-0.024, 0.0098))
    assert found.realised == pytest.approx(0.24)  # of an excess of 10 points
    assert found.ratio == pytest.approx(0.8)  # of the claimed 0.3
    assert found.ratio_error == pytest.approx(0.005 / 0.1 / 0.3)


def test_what_cannot_be_told_keeps_its_ratio_with_its_large_error() -> None:
    found = verdict(effect(-0.01, 0.05))
    assert found.outcome is Outcome.CANNOT_TELL
    assert found.ratio == pytest.approx(1 / 3)
    assert found.ratio_error is not None
    assert found.ratio_error > 0.8


def test_a_change_seen_at_a_fake_date_too_is_no_verdict() -> None:
    found = verdict(effect(-0.03, 0.01, fakes=(date(2026, 4, 1),)))
    assert found.outcome is Outcome.CANNOT_TELL
    assert "sees a change on 2026-04-01 too" in found.reasons[0]


def test_without_an_effect_nothing_is_told_and_nothing_counts() -> None:
    found = verdict(Effect(missing="only 3 days with readings after the release"))
    assert found.outcome is Outcome.CANNOT_TELL
    assert (found.ratio, found.realised, found.effect) == (None, None, None)
    assert found.reasons == ("only 3 days with readings after the release.",)


def test_two_releases_too_close_are_judged_together_and_count_as_one() -> None:
    both = case(forecast(), forecast(item="jira:A-2", removal=0.2))
    first, second = judge(both, effect(-0.022, 0.0098), (), (), at(SEEN))
    claimed = 1 - 0.7 * 0.8
    assert first.ratio == second.ratio == pytest.approx(0.22 / claimed)
    assert first.ratio_error == pytest.approx(0.005 / 0.1 / claimed * sqrt(2))
    assert "Judged together with jira:A-2" in " ".join(first.reasons)
    assert "Judged together with jira:A-1" in " ".join(second.reasons)


def test_items_that_are_judged_together_stand_as_people_count() -> None:
    all_three = case(*(forecast(item=f"jira:A-{number}") for number in (1, 10, 9)))
    first, *_ = judge(all_three, effect(-0.022, 0.0098), (), (), at(SEEN))
    assert "Judged together with jira:A-9, jira:A-10, released" in " ".join(first.reasons)


def test_reasons_name_controls_company_and_what_is_assumed() -> None:
    found = verdict(
        effect(-0.03, 0.01, controls=("c",), refused=(Refused(metric="d", why="has holes"),)),
        "Payment 2.0",
        releases=(release(is_assumed=True),),
        titles={"c": "Log-ins that fail", "d": "Search"},
    )
    said = " ".join(found.reasons)
    assert "Held against Log-ins that fail" in said
    assert "Search is no control: it has holes." in said
    assert "Payment 2.0" in said
    assert "is assumed: the item was closed then" in said
    assert found.beside == ("Payment 2.0",)


def test_the_days_from_the_plans_window_to_the_approval_are_left_out() -> None:
    asked = question_of(case(), {"m": days()}, POLICY)
    assert asked.left_out == (APPROVED - timedelta(days=29), APPROVED)
    assert asked.released_on == RELEASED
    assert asked.days[0].on == APPROVED - timedelta(days=90)
    assert asked.days[-1].on == RELEASED + timedelta(days=31)  # 30 after the day of transition


def test_controls_are_those_that_were_fixed() -> None:
    made = case(forecast(controls=("c",)))
    asked = question_of(made, {"m": days(), "c": days(seed=2), "d": days(seed=3)}, POLICY)
    assert asked.controls is not None
    assert set(asked.controls) == {"c"}


def test_a_metric_defined_otherwise_voids_the_verdict() -> None:
    assert "defined otherwise" in void_reason(case(is_redefined=True), days(), POLICY)


def test_a_gap_voids_the_verdict_and_a_weekend_does_not() -> None:
    torn = tuple(one for one in days() if not date(2026, 6, 20) <= one.on < date(2026, 6, 24))
    assert "no readings on the 4 days from 2026-06-20" in void_reason(case(), torn, POLICY)
    office = tuple(one for one in days() if one.on.weekday() < 5)
    assert void_reason(case(), office, POLICY) == ""


def test_a_tracking_change_voids_the_verdict() -> None:
    doubled = tuple(
        one.model_copy(update={"size": (one.size or 0) * (2.5 if one.on >= RELEASED else 1)})
        for one in days()
    )
    assert "another way of counting" in void_reason(case(), doubled, POLICY)
    assert void_reason(case(), days(), POLICY) == ""
    assert "no daily readings" in void_reason(case(), (), POLICY)


def test_an_alarm_needs_the_whole_interval() -> None:
    assert "Search got worse after the release of 2026-06-15: +2 points" in alarm_of(
        "Search", effect(0.02, 0.01), RELEASED
    )
    assert alarm_of("Search", effect(0.02, 0.03), RELEASED) == ""
    assert alarm_of("Search", effect(-0.02, 0.01), RELEASED) == ""
    assert alarm_of("Search", Effect(missing="no"), RELEASED) == ""
