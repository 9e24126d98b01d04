"""What was promised and did not come, judged as if it had."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from debtplan.core.days import DayShare
from debtplan.core.effect import Effect, Question
from debtplan.core.forecast import Forecast
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.judge import OutcomePolicy
from debtplan.core.release import Release
from debtplan.core.source import SourceState
from debtplan.core.verdict import Outcome
from debtplan.ports import Store
from debtplan.stats.interrupted import InterruptedSeries
from debtplan.store import open_store
from debtplan.workflows.court import Court, docket_of
from debtplan.workflows.outcomes import judge_due
from debtplan.workflows.past import look_back
from debtplan.workflows.placebos import missed_cases
from tests.builders import item, metric
from tests.court import APPROVED, SEEN, at, days, forecast, readings, release

DUE = date(2026, 6, 12)
OVER = date(2026, 7, 15)
"""First day on which a placebo of DUE can be judged: 30 days, two of transition, one complete."""

METRICS = (metric("m"), metric("n", flow="search"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store("sqlite://", tmp_path) as found:
        yield found


def fill(
    store: Store,
    items: tuple[DebtItem, ...] = (),
    releases: tuple[Release, ...] = (),
    series: tuple[DayShare, ...] | None = None,
) -> None:
    own = days() if series is None else series
    found = [*readings("m", own), *readings("n", days(seed=5))]
    store.save_source(SourceState(name="all"), [*(items or (item("A-1"),)), *found, *releases])


def court(store: Store) -> Court:
    return Court(store, METRICS, InterruptedSeries(), OutcomePolicy())


def missed(**more: Any) -> Forecast:
    """A promise for the sprint that ends on DUE."""
    return forecast(**{"due_on": DUE, **more})


def places(store: Store, when: date = SEEN) -> list[tuple[str, str, str]]:
    """The placebos as of a day."""
    cases = missed_cases(court(store), docket_of(store, at(when)), at(when))
    return [(one.forecasts[0].plan_id, one.forecasts[0].item, one.metric) for one in cases]


def test_work_that_did_not_come_is_judged_once_its_days_are_over(store: Store) -> None:
    fill(store)
    store.save_forecasts([missed()])
    early = judge_due(court(store), at(OVER - timedelta(days=1))).outcomes
    assert early.undone == ()
    found = judge_due(court(store), at(OVER))
    assert found.new == ()
    (row,) = found.outcomes.undone
    assert (row.due_on, row.judged_on, row.days_after) == (DUE, OVER, 30)
    assert row.outcome is Outcome.NOT_MOVED
    assert row.changed == pytest.approx(0, abs=0.05)
    span = (row.changed_low, row.changed, row.changed_high)
    known = [one for one in span if one is not None]
    assert known == sorted(set(known))
    assert len(known) == 3
    assert row.reasons[0].startswith("Nothing of it was released; from 2026-06-12 on the share")
    (waiting,) = found.outcomes.pending
    assert waiting.why == "is not released yet"


def test_it_is_told_apart_and_never_counted_among_forecasts(store: Store) -> None:
    fill(store, series=days(-0.3, changed_on=DUE))
    store.save_forecasts([missed()])
    found = judge_due(court(store), at(SEEN)).outcomes
    assert found.undone[0].outcome is Outcome.MOVED
    assert found.rows == ()
    assert found.delivered is None
    assert "no forecast has been measured" in found.line
    assert found.drift is not None
    assert (found.drift.placebos, found.drift.seen) == (1, 1)
    assert found.drift_line.startswith("Where approved work did not come (1 forecast), 13%")
    assert store.verdicts() == ()


def test_what_a_metric_does_by_itself_is_measured_as_a_part_of_its_excess(store: Store) -> None:
    fill(store, series=days(-0.1, changed_on=DUE))
    store.save_forecasts([missed()])
    (row,) = judge_due(court(store), at(SEEN)).outcomes.undone
    assert row.changed == pytest.approx(0.2, abs=0.03)  # 2 of 10 points beyond the goal


@pytest.mark.parametrize(
    ("found", "releases"),
    [
        ((), (release(on=date(2026, 6, 10)),)),
        ((), (release(on=date(2026, 7, 1)),)),
        ((item("A-1", state=ItemState.DONE, updated_at=at(date(2026, 6, 30))),), ()),
        ((item("A-1", state=ItemState.DONE),), ()),
        ((item("A-2"),), ()),
    ],
    ids=["in its sprint", "in the days after", "closed then", "done some day", "gone"],
)
def test_what_may_have_come_is_no_placebo(
    store: Store, found: tuple[DebtItem, ...], releases: tuple[Release, ...]
) -> None:
    fill(store, found, releases)
    store.save_forecasts([missed()])
    assert places(store) == []


def test_what_came_after_all_is_judged_too_by_its_own_days(store: Store) -> None:
    late = date(2026, 7, 20)
    fill(store, releases=(release(on=late),), series=days(end=date(2026, 9, 20)))
    store.save_forecasts([missed()])
    found = judge_due(court(store), at(date(2026, 9, 20))).outcomes
    assert [one.due_on for one in found.undone] == [DUE]
    assert [one.released_on for one in found.rows] == [late]


def test_other_work_on_the_metric_in_these_days_makes_it_none(store: Store) -> None:
    both = (item("A-1"), item("A-2"))
    fill(store, both, (release("jira:A-2", on=date(2026, 6, 30)),))
    store.save_forecasts([missed(), forecast(item="jira:A-2")])
    assert places(store) == []


def test_other_work_before_shortens_its_days(store: Store) -> None:
    before = date(2026, 5, 20)
    early = forecast(
        item="jira:A-2", frozen_at=at(date(2026, 5, 10)), baseline_end_on=date(2026, 4, 12)
    )
    fill(store, (item("A-1"), item("A-2")), (release("jira:A-2", on=before),))
    store.save_forecasts([missed(), early])
    (case,) = missed_cases(court(store), docket_of(store, at(SEEN)), at(SEEN))
    assert case.window[0] == before + timedelta(days=2)


def test_work_on_another_metric_does_not_matter(store: Store) -> None:
    fill(store, (item("A-1"), item("A-2")), (release("jira:A-2", on=date(2026, 6, 30)),))
    store.save_forecasts([missed(), forecast(item="jira:A-2", metric="n")])
    assert places(store) == [("p1", "jira:A-1", "m")]


def test_a_promise_without_the_day_it_was_due_is_none(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast()])
    assert places(store) == []


def test_of_promises_that_look_at_the_same_days_one_counts(store: Store) -> None:
    fill(store, (item("A-1"), item("A-2")), series=days(end=date(2026, 10, 1)))
    again = missed(plan_id="p2", frozen_at=at(DUE), due_on=DUE + timedelta(days=14))
    later = missed(plan_id="p3", frozen_at=at(date(2026, 7, 17)), due_on=date(2026, 7, 31))
    store.save_forecasts([missed(), missed(item="jira:A-2"), again, later])
    found = places(store, date(2026, 10, 1))
    assert found == [("p1", "jira:A-1", "m"), ("p3", "jira:A-1", "m")]


@pytest.mark.slow
def test_no_two_placebos_ever_share_a_day_after_and_nothing_came_in_any(tmp_path: Path) -> None:
    random = Random(11)
    for _ in range(12):
        keys = [f"A-{n}" for n in range(1, 5)]
        made, releases = [], []
        for number in range(8):
            due = APPROVED + timedelta(days=14 * random.randrange(8))
            made.append(
                missed(
                    plan_id=f"p{number}",
                    item=f"jira:{random.choice(keys)}",
                    frozen_at=at(due - timedelta(days=11)),
                    due_on=due,
                )
            )
        for key in random.sample(keys, 2):
            on = APPROVED + timedelta(days=random.randrange(150))
            releases.append(release(f"jira:{key}", on=on))
        with open_store("sqlite://", tmp_path) as fresh:
            found = [item(key) for key in keys]
            fresh.save_source(SourceState(name="all"), [*found, *releases])
            fresh.save_forecasts(made)
            end = date(2027, 3, 1)
            cases = missed_cases(court(fresh), docket_of(fresh, at(end)), at(end))
        promised = {one.item for one in made}
        came = [one.released_at.date() for one in releases if set(one.items) & promised]
        spans = [(one.released_on - timedelta(days=1), one.window[1]) for one in cases]
        assert not [day for day in came for start, stop in spans if start <= day < stop]
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


class Counting(InterruptedSeries):
    """A meter that counts what it is asked."""

    asked = 0

    def measure(self, question: Question) -> Effect:
        self.asked += 1
        return super().measure(question)


def test_it_stands_and_is_measured_once(store: Store) -> None:
    fill(store)
    store.save_forecasts([missed()])
    meter = Counting()
    own = Court(store, METRICS, meter, OutcomePolicy())
    first = judge_due(own, at(SEEN)).outcomes
    again = judge_due(own, at(SEEN + timedelta(days=9))).outcomes
    assert meter.asked == 1
    assert again.undone == first.undone


def test_one_that_turns_out_to_have_come_is_forgotten(store: Store) -> None:
    fill(store)
    store.save_forecasts([missed()])
    judge_due(court(store), at(SEEN))
    assert len(store.placebos()) == 1
    fill(store, releases=(release(on=date(2026, 6, 11)),))
    judge_due(court(store), at(SEEN))
    assert store.placebos() == ()


def test_a_look_back_keeps_what_was_found_since(store: Store) -> None:
    fill(store)
    store.save_forecasts([missed()])
    judge_due(court(store), at(SEEN))
    before = store.placebos()
    assert judge_due(court(store), at(date(2026, 6, 20))).outcomes.undone == ()
    assert store.placebos() == before


def test_one_that_could_not_be_measured_is_looked_at_again(store: Store) -> None:
    fill(store, series=days(end=date(2026, 6, 14)))
    store.save_forecasts([missed()])
    (row,) = judge_due(court(store), at(SEEN)).outcomes.undone
    assert row.changed is None
    assert "no readings" in row.reasons[0]
    fill(store)
    (row,) = judge_due(court(store), at(SEEN)).outcomes.undone
    assert row.changed is not None


def test_the_next_plan_knows_them_without_judging(store: Store) -> None:
    fill(store)
    store.save_forecasts([missed()])
    judged = judge_due(court(store), at(SEEN)).outcomes
    past = look_back(court(store), at(SEEN)).of("web")
    assert past.undone == judged.undone
    assert past.drift == judged.drift
    assert look_back(court(store), at(SEEN)).of("other").undone == ()
