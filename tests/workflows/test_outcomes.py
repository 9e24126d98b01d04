"""From an approved plan through a release to a verdict and the next plan, over a real store."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.days import DayShare
from debtplan.core.effect import Effect, Question
from debtplan.core.forecast import Forecast
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.judge import OutcomePolicy
from debtplan.core.release import Release
from debtplan.core.same_release import deployed_as
from debtplan.core.source import SourceState
from debtplan.core.verdict import Outcome
from debtplan.ports import Store
from debtplan.stats.draws import Draws
from debtplan.stats.interrupted import InterruptedSeries
from debtplan.store import open_store
from debtplan.workflows.court import Court, docket_of
from debtplan.workflows.outcomes import judge_due, keep_forecasts
from tests.builders import NOW, claim, inputs, item, metric, plan_of
from tests.court import RELEASED, SEEN, at, days, forecast, readings, release

METRICS = (metric("m"), metric("g", flow="search"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store("sqlite://", tmp_path) as found:
        yield found


def fill(
    store: Store,
    change: float = -0.15,
    releases: tuple[Release, ...] = (release(),),
    items: tuple[DebtItem, ...] = (),
    guard: float = 0.0,
    series: tuple[DayShare, ...] | None = None,
) -> None:
    """Put a backlog, readings and releases into the store."""
    own = days(change) if series is None else series
    found = [*readings("m", own), *readings("g", days(guard, seed=4, share=0.1))]
    store.save_source(SourceState(name="all"), [*(items or (item("A-1"),)), *found, *releases])


def court(store: Store) -> Court:
    return Court(store, METRICS, InterruptedSeries(), OutcomePolicy())


def test_a_released_item_is_judged_once_its_days_are_over(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast(guardrails=("g",))])
    early = judge_due(court(store), at(date(2026, 7, 17)))
    assert early.new == ()
    (waiting,) = early.outcomes.pending
    assert waiting.from_on == date(2026, 7, 18)
    done = judge_due(court(store), at(date(2026, 7, 18)))
    (verdict,) = done.new
    assert verdict.outcome is Outcome.MOVED
    assert verdict.ratio == pytest.approx(1.0, abs=0.1)
    assert (verdict.days_after, verdict.alarms) == (30, ())
    assert store.verdicts() == done.new
    (row,) = done.outcomes.rows
    assert (row.title, row.released_on) == ("Mend jira:A-1", RELEASED)


def test_a_verdict_stands_and_a_later_look_changes_nothing(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast()])
    first = judge_due(court(store), at(SEEN))
    again = judge_due(court(store), at(SEEN + timedelta(days=3)))
    assert again.new == ()
    assert again.outcomes.rows == first.outcomes.rows


@pytest.mark.slow
def test_a_later_release_date_is_judged_anew(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast()])
    assert len(judge_due(court(store), at(SEEN)).new) == 1
    moved = release(on=date(2026, 6, 18), id="github:jira:A-1@2026-06-15")
    fill(store, releases=(moved,))
    assert len(judge_due(court(store), at(SEEN)).new) == 1


def test_what_happened_after_the_day_that_is_asked_for_is_not_known(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast()])
    judge_due(court(store), at(SEEN))
    back = judge_due(court(store), at(date(2026, 6, 20))).outcomes
    assert back.rows == ()
    assert len(back.pending) == 1


def test_a_verdict_of_a_later_day_neither_counts_before_nor_is_lost(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast()])
    fresh = judge_due(court(store), at(date(2026, 7, 20))).outcomes
    (early,) = store.verdicts()
    later = early.model_copy(update={"judged_at": at(SEEN), "outcome": Outcome.WORSE})
    store.save_verdicts([later])
    back = judge_due(court(store), at(date(2026, 7, 20)))
    assert back.outcomes == fresh
    assert (back.new, store.verdicts()) == ((), (later,))


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (item("A-1"), "is not released yet"),
        (item("A-1", state=ItemState.DONE), "nobody knows since when"),
        (item("A-2"), "no longer in the backlog"),
    ],
)
def test_what_is_not_released_waits_and_says_why(store: Store, found: DebtItem, why: str) -> None:
    fill(store, releases=(), items=(found,))
    store.save_forecasts([forecast()])
    (waiting,) = judge_due(court(store), at(SEEN)).outcomes.pending
    assert why in waiting.why
    assert waiting.from_on is None


def test_without_a_release_the_day_of_closing_is_assumed(store: Store) -> None:
    closed = item("A-1", state=ItemState.DONE, updated_at=at(RELEASED))
    fill(store, releases=(), items=(closed,))
    store.save_forecasts([forecast()])
    (verdict,) = judge_due(court(store), at(SEEN)).new
    assert verdict.outcome is Outcome.MOVED
    assert "is assumed: the item was closed then" in " ".join(verdict.reasons)


def test_a_known_release_goes_before_an_assumed_one(store: Store) -> None:
    guessed = release(on=date(2026, 6, 5), is_assumed=True, id="jira:A-1")
    fill(store, releases=(guessed, release()))
    store.save_forecasts([forecast()])
    (verdict,) = judge_due(court(store), at(SEEN)).new
    assert verdict.released_at == at(RELEASED)


def test_a_promise_made_after_the_release_is_none(store: Store) -> None:
    fill(store)
    late = forecast(plan_id="p2", frozen_at=at(date(2026, 6, 20)))
    store.save_forecasts([late])
    (waiting,) = judge_due(court(store), at(SEEN)).outcomes.pending
    assert "before its plan was approved" in waiting.why


def test_of_two_promises_the_last_before_the_release_counts(store: Store) -> None:
    fill(store)
    again = forecast(plan_id="p2", frozen_at=at(date(2026, 6, 10)))
    store.save_forecasts([forecast(), again])
    found = judge_due(court(store), at(SEEN))
    assert [one.plan_id for one in found.new] == ["p2"]
    assert "promised again by plan p2" in found.outcomes.pending[0].why


def test_releases_of_one_metric_days_apart_are_judged_as_one(store: Store) -> None:
    near = release("jira:A-2", on=RELEASED + timedelta(days=5))
    fill(store, releases=(release(), near), items=(item("A-1"), item("A-2")))
    store.save_forecasts([forecast(), forecast(item="jira:A-2")])
    found = judge_due(court(store), at(SEEN)).new
    assert len(found) == 2
    assert found[0].ratio == found[1].ratio
    assert "Judged together" in " ".join(found[0].reasons)


def test_releases_far_apart_are_judged_alone(store: Store) -> None:
    far = release("jira:A-2", on=RELEASED - timedelta(days=60))
    fill(store, releases=(release(), far), items=(item("A-1"), item("A-2")))
    early = forecast(
        item="jira:A-2",
        frozen_at=at(date(2026, 4, 1)),
        baseline_start_on=date(2026, 2, 1),
        baseline_end_on=date(2026, 3, 3),
    )
    store.save_forecasts([forecast(), early])
    found = judge_due(court(store), at(SEEN)).new
    assert all("together" not in " ".join(one.reasons) for one in found)


def test_what_another_release_changed_is_in_nobodys_days(store: Store) -> None:
    asked: list[Question] = []

    class Meter(InterruptedSeries):
        def measure(self, question: Question) -> Effect:
            asked.append(question)
            return super().measure(question)

    before = RELEASED - timedelta(days=20)
    fill(
        store,
        releases=(release(), release("jira:A-2", on=before)),
        items=(item("A-1"), item("A-2")),
    )
    early = forecast(item="jira:A-2", frozen_at=at(before - timedelta(days=5)))
    store.save_forecasts([forecast(), early])
    judge_due(Court(store, METRICS, Meter(), OutcomePolicy()), at(SEEN))
    first, second = sorted(asked, key=lambda one: one.released_on)
    assert first.days[-1].on == RELEASED - timedelta(days=1)
    assert second.days[0].on > before + timedelta(days=OutcomePolicy().transition_days)


def test_other_releases_in_the_days_are_named(store: Store) -> None:
    fill(store, releases=(release(), release("jira:B-1", on=date(2026, 6, 25), name="Payment 2")))
    store.save_forecasts([forecast()])
    (verdict,) = judge_due(court(store), at(SEEN)).new
    assert verdict.beside == ("Payment 2",)


def test_later_deployments_of_a_release_are_no_other_releases(store: Store) -> None:
    tag = "github:acme/shop@v5.2"
    rollouts = [
        release(
            "v5.2", id=deployed_as(tag, place, number), name=f"v5.2 in {place}", on=RELEASED + after
        )
        for place, number, after in (("eu", "1", timedelta(0)), ("us", "2", timedelta(days=2)))
    ]
    fill(store, releases=(release(id=tag, name="v5.2"), *rollouts))
    store.save_forecasts([forecast()])
    (verdict,) = judge_due(court(store), at(SEEN)).new
    assert verdict.beside == ()


def test_a_guardrail_that_got_worse_raises_an_alarm(store: Store) -> None:
    fill(store, guard=0.3)
    store.save_forecasts([forecast(guardrails=("g",))])
    found = judge_due(court(store), at(SEEN))
    (alarm,) = found.new[0].alarms
    assert "g got worse after the release of 2026-06-15" in alarm
    assert found.outcomes.alarms == (alarm,)


def test_a_tracking_change_voids_the_verdict_and_it_is_looked_at_again(store: Store) -> None:
    doubled = tuple(
        one.model_copy(update={"size": (one.size or 0) * (3 if one.on >= RELEASED else 1)})
        for one in days(-0.15)
    )
    fill(store, series=doubled)
    store.save_forecasts([forecast()])
    (verdict,) = judge_due(court(store), at(SEEN)).new
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert "another way of counting" in verdict.reasons[0]
    fill(store)
    (mended,) = judge_due(court(store), at(SEEN)).new
    assert mended.outcome is Outcome.MOVED


def test_a_metric_that_is_defined_otherwise_now_is_not_judged(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast(definition="another")])
    (verdict,) = judge_due(court(store), at(SEEN)).new
    assert "defined otherwise" in verdict.reasons[0]


def test_an_approved_plan_keeps_its_promises_and_never_rewrites_them(store: Store) -> None:
    made = inputs([item("A-1", 3.0)], [claim("A-1", "m")])
    plan = plan_of(made)
    assert keep_forecasts(plan, store, Draws(50), NOW, OutcomePolicy()) == 1
    later = NOW + timedelta(days=9)
    assert keep_forecasts(plan, store, Draws(50), later, OutcomePolicy()) == 0
    (kept,) = store.forecasts()
    assert (kept.frozen_at, kept.item) == (NOW, "jira:A-1")


class Silent:
    """A meter that must not be asked."""

    def measure(self, question: Question) -> Effect:
        raise AssertionError(question)


def test_nothing_is_measured_where_nothing_is_due(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast()])
    quiet = Court(store, METRICS, Silent(), OutcomePolicy())
    assert judge_due(quiet, at(date(2026, 7, 1))).new == ()


@pytest.mark.slow
def test_the_order_of_forecasts_makes_no_difference(tmp_path: Path) -> None:
    made: list[Forecast] = [forecast(), forecast(item="jira:A-2"), forecast(plan_id="p0")]
    found = []
    for order in (made, made[::-1]):
        with open_store("sqlite://", tmp_path) as fresh:
            fill(
                fresh, items=(item("A-1"), item("A-2")), releases=(release("jira:A-1", "jira:A-2"),)
            )
            fresh.save_forecasts(order)
            found.append(judge_due(court(fresh), at(SEEN)))
    assert found[0] == found[1]


PHASES = """```debtplan
[[phases]]
id = "service"
is_done = true
[[phases]]
id = "rest"
```"""


def phased(updated_on: date = RELEASED, **more: Any) -> DebtItem:
    return item("A-1", text=PHASES, updated_at=at(updated_on), **more)


def test_a_phase_that_is_done_is_judged_from_the_day_its_item_was_changed(store: Store) -> None:
    fill(store, releases=(), items=(phased(),))
    store.save_forecasts([forecast(item="jira:A-1/service"), forecast(item="jira:A-1/rest")])
    found = judge_due(court(store), at(SEEN))
    (verdict,) = found.new
    assert (verdict.item, verdict.outcome) == ("jira:A-1/service", Outcome.MOVED)
    assert "is assumed: the phase was done by then" in " ".join(verdict.reasons)
    assert found.outcomes.rows[0].title == "Mend jira:A-1: service"
    (waiting,) = found.outcomes.pending
    assert (waiting.item, waiting.why) == ("jira:A-1/rest", "is not released yet")


def test_a_later_change_of_its_item_does_not_judge_a_phase_anew(store: Store) -> None:
    fill(store, releases=(), items=(phased(),))
    store.save_forecasts([forecast(item="jira:A-1/service")])
    first = judge_due(court(store), at(SEEN)).outcomes
    fill(store, releases=(), items=(phased(date(2026, 7, 25)),))
    again = judge_due(court(store), at(SEEN))
    assert again.new == ()
    assert again.outcomes.rows == first.rows
    assert again.outcomes.pending == ()


def test_the_day_that_a_verdict_took_for_a_phase_is_not_known_before_it(store: Store) -> None:
    fill(store, releases=(), items=(phased(),))
    store.save_forecasts([forecast(item="jira:A-1/service")])
    judge_due(court(store), at(SEEN))
    fill(store, releases=(), items=(phased(date(2026, 7, 25)),))
    days_known = {
        day: docket_of(store, at(day)).items["jira:A-1/service"].updated_at
        for day in (SEEN - timedelta(days=1), SEEN)
    }
    assert list(days_known.values()) == [at(date(2026, 7, 25)), at(RELEASED)]


def test_a_release_of_the_whole_item_counts_for_a_phase_that_is_done_and_says_so(
    store: Store,
) -> None:
    fill(store, items=(phased(date(2026, 6, 20)),))
    store.save_forecasts([forecast(item="jira:A-1/service"), forecast(item="jira:A-1/rest")])
    found = judge_due(court(store), at(SEEN))
    (verdict,) = found.new
    assert (verdict.item, verdict.released_at) == ("jira:A-1/service", at(RELEASED))
    assert "the release names the whole item, not this phase" in " ".join(verdict.reasons)
    assert [one.item for one in found.outcomes.pending] == ["jira:A-1/rest"]


@pytest.mark.slow
def test_a_release_that_names_the_phase_is_not_assumed(store: Store) -> None:
    fill(store, items=(phased(),), releases=(release("jira:A-1/rest"),))
    store.save_forecasts([forecast(item="jira:A-1/rest")])
    (verdict,) = judge_due(court(store), at(SEEN)).new
    assert verdict.outcome is Outcome.MOVED
    assert "is assumed" not in " ".join(verdict.reasons)


def test_a_closed_item_closes_its_phases(store: Store) -> None:
    closed = phased(state=ItemState.DONE, closed_at=at(RELEASED))
    fill(store, releases=(), items=(closed,))
    store.save_forecasts([forecast(item="jira:A-1/rest")])
    (verdict,) = judge_due(court(store), at(SEEN)).new
    assert verdict.released_at == at(RELEASED)
    assert "the closing of its item says" in " ".join(verdict.reasons)
