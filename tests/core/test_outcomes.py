"""What came of what was promised, summed up."""

from statistics import NormalDist

import pytest

from debtplan.core.calibration import Track
from debtplan.core.effect import Effect
from debtplan.core.judge import judge
from debtplan.core.outcomes import Outcomes, Pending, pair_up, say_delivered, sum_up
from debtplan.core.verdict import Verdict
from tests.court import SEEN, at, case, forecast


def judged(
    number: int, change: float, error: float = 0.002, team: str = "web"
) -> tuple[object, ...]:
    made = forecast(plan_id=f"p{number}", item=f"jira:A-{number}", team=team)
    found = Effect(
        effect=change, error=error, low=change - 2 * error, high=change + 2 * error, observed=change
    )
    return made, judge(case(made), found, ("Search got worse.",), (), at(SEEN))[0]


def summed(changes: list[float], team: str = "", error: float = 0.002) -> Outcomes:
    pairs = [judged(n, change, error, "ab"[n % 2]) for n, change in enumerate(changes)]
    found = pair_up([one for one, _ in pairs], [one for _, one in pairs])  # type: ignore[misc]
    waits = Pending(plan_id="p", team="a", item="jira:A-9", metric="m", why="is not released yet")
    return sum_up(found, [waits], {"jira:A-1": "Mend it", "m": "Failures"}, at(SEEN), team)


def test_rows_hold_claim_and_outcome_in_the_same_unit() -> None:
    row = summed([-0.03, -0.015]).rows[1]
    assert (row.title, row.metric_title) == ("Mend it", "Failures")
    assert row.claimed == 0.3
    assert row.realised == pytest.approx(0.15)
    assert row.ratio == pytest.approx(0.5)
    assert row.realised_low == pytest.approx(0.15 - 1.959964 * 0.02)
    assert row.realised_high == pytest.approx(0.15 + 1.959964 * 0.02)
    assert row.sessions == pytest.approx(300)


def test_the_line_says_what_was_delivered_from_five_verdicts_on() -> None:
    few = summed([-0.015] * 4)
    assert few.line == (
        "Not calibrated yet: 4 forecasts have been measured, 5 are needed. Too few verdicts to "
        "correct anything by: today's values are as claimed."
    )
    assert not few.is_calibrated
    many = summed([-0.015] * 14)
    assert many.is_calibrated
    assert many.delivered is not None
    mean, low, high = (many.delivered.mean, many.delivered.low, many.delivered.high)
    assert many.line == (
        f"The last 14 forecasts delivered {mean:.2f} ({low:.2f} to {high:.2f}) of what was "
        "claimed; today's values are already reduced by that."
    )
    assert low < 0.6 < high + 0.1


def test_what_delivers_more_than_claimed_raises_and_nothing_says_so() -> None:
    track = Track(grade="C", ratio=1.5, error=0.01)  # type: ignore[arg-type]
    assert say_delivered([track] * 40).endswith("already raised by that.")
    assert "no forecast has been measured" in say_delivered([])


def test_coverage_counts_those_within_their_own_interval() -> None:
    found = summed([-0.03, -0.02, -0.045, -0.09]).coverage  # 0.3, 0.2, 0.45, and 0.9 of 0.1 to 0.5
    assert found is not None
    assert (found.share, found.forecasts, found.expected) == (0.75, 4, 0.8)


def test_the_brier_score_is_the_mean_square_of_chance_less_outcome() -> None:
    found = summed([-0.03, 0.0]).brier
    assert found is not None
    spread = ((0.2 / NormalDist().inv_cdf(0.9)) ** 2 + 0.02**2) ** 0.5
    chance = 1 - NormalDist(0.3, spread).cdf(0.15)
    assert found.score == pytest.approx(((chance - 1) ** 2 + chance**2) / 2)
    assert (found.happened, found.base) == (0.5, 0.25)


def test_a_team_sees_its_own_rows_and_everyones_calibration() -> None:
    own, every = summed([-0.03] * 6, "a"), summed([-0.03] * 6)
    assert {one.team for one in own.rows} == {"a"}
    assert own.delivered == every.delivered
    assert [one.team for one in own.pending] == ["a"]
    assert summed([-0.03] * 6, "b").pending == ()
    assert own.alarms == ("Search got worse.",)


def test_a_verdict_without_its_forecast_is_left_out() -> None:
    made, verdict = judged(1, -0.03)
    assert isinstance(verdict, Verdict)
    assert pair_up([], [verdict]) == ()
    assert len(pair_up([made], [verdict])) == 1  # type: ignore[list-item]
