"""What a plan promises, frozen on the day of approval."""

from datetime import timedelta

import pytest

from debtplan.core.appraisal import appraise
from debtplan.core.days import DayShare
from debtplan.core.forecast import Forecast
from debtplan.core.freeze import definition_of, freeze
from debtplan.core.inputs import Inputs
from debtplan.core.judge import OutcomePolicy
from debtplan.core.plan import Plan
from debtplan.core.reading import window_before
from debtplan.stats.draws import Draws
from tests.builders import NOW, claim, inputs, item, metric, plan_of, reading
from tests.court import days

POLICY = OutcomePolicy()
END = NOW.date()


def backlog() -> Inputs:
    """One item on m that fits, one on other that does not; two metrics nobody is linked to."""
    names = ("m", "other", "alike", "apart")
    return inputs(
        [item("A-1", 3.0, debt_kind="reliability"), item("A-2", 40.0)],
        [claim("A-1", "m"), claim("A-2", "other")],
        dict.fromkeys(names, 1_000.0),
    )


def series() -> dict[str, tuple[DayShare, ...]]:
    """`alike` moves like m from day to day; `apart` does not."""
    start = END - timedelta(days=120)
    moved = days(noise=0.05, start=start, end=END)
    return {
        "m": moved,
        "other": moved,
        "alike": tuple(one.model_copy(update={"share": one.share / 2}) for one in moved),
        "apart": days(noise=0.05, start=start, end=END, seed=8),
    }


def frozen(plan: Plan) -> tuple[Forecast, ...]:
    appraisal = appraise(plan.inputs)
    removals = Draws(200).removals(appraisal, [one.key for one in plan.chosen], 1)
    return freeze(plan, appraisal, removals, NOW, POLICY, series())


def test_a_promise_holds_what_the_plan_said() -> None:
    plan = plan_of(backlog())
    (found,) = frozen(plan)
    term = plan.chosen[0].terms[0]
    assert (found.item, found.metric, found.plan_id) == ("jira:A-1", "m", plan.plan_id)
    assert (found.removal, found.harm, found.grade) == (term.removal, term.harm, term.grade)
    assert found.bad_share - found.goal_share == pytest.approx(0.1)
    assert found.low < found.removal < found.high
    assert found.debt_kind == "reliability"
    assert found.calibration == 1


def test_the_days_that_the_plan_was_made_from_are_no_baseline() -> None:
    (found,) = frozen(plan_of(backlog()))
    assert found.baseline_end_on == window_before(NOW, 28).start_on
    assert found.baseline_start_on == END - timedelta(days=90)


def test_controls_move_alike_and_nothing_chosen_touches_them() -> None:
    (found,) = frozen(plan_of(backlog()))
    assert found.controls == ("alike", "other")
    linked = backlog()
    more = linked.model_copy(update={"claims": (*linked.claims, claim("A-1", "alike"))})
    assert all("alike" not in one.controls for one in frozen(plan_of(more)))


def test_a_metric_of_the_same_step_is_no_control() -> None:
    made = backlog()
    near = tuple(
        one.model_copy(update={"step": "m"}) if one.id == "alike" else one for one in made.metrics
    )
    found = frozen(plan_of(made.model_copy(update={"metrics": near})))
    assert all("alike" not in one.controls for one in found)


def test_guardrails_are_what_the_item_does_not_mean_to_change() -> None:
    (found,) = frozen(plan_of(backlog()))
    assert found.guardrails == ("alike", "apart", "other")


def test_a_metric_without_harm_promises_nothing() -> None:
    made = backlog()
    fine = tuple(reading("m", 0) if one.metric == "m" else one for one in made.readings)
    plan = plan_of(made.model_copy(update={"readings": fine}))
    assert all(one.metric != "m" for one in frozen(plan))


def test_another_definition_is_another_digest_and_another_goal_or_name_is_not() -> None:
    plain = metric("m", query="sum(a)")
    assert definition_of(plain) == definition_of(plain.model_copy(update={"name": "New name"}))
    assert definition_of(plain) == definition_of(metric("m", query="sum(a)", target=0.5))
    assert definition_of(plain) != definition_of(metric("m", query="sum(b)"))
    assert definition_of(plain) != definition_of(metric("m", query="sum(a)", step="x"))
