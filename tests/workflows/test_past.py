"""What is known of approved plans without judging: rows that stand, and what the rest waits for."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from debtplan.core.judge import OutcomePolicy
from debtplan.ports import Store
from debtplan.store import open_store
from debtplan.workflows.court import docket_of
from debtplan.workflows.outcomes import judge_due
from debtplan.workflows.past import DUE, look_back, verdict_days
from tests.court import RELEASED, at, forecast
from tests.workflows.test_outcomes import court, fill, phased

READY = date(2026, 7, 18)
"""The first day on which the release can be judged; the tests of verdicts hold that."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store("sqlite://", tmp_path) as found:
        yield found


def test_without_a_forecast_there_is_nothing_but_the_days_a_verdict_takes(store: Store) -> None:
    found = look_back(court(store), at(READY)).of("web")
    assert (found.rows, found.pending, found.is_calibrated) == ((), (), False)
    assert found.verdict_days == (READY - RELEASED).days == verdict_days(OutcomePolicy())


def test_what_is_due_is_named_and_not_judged(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast()])
    (waiting,) = look_back(court(store), at(READY)).of("").pending
    assert (waiting.item, waiting.from_on, waiting.why) == ("jira:A-1", READY, DUE)
    assert store.verdicts() == ()


def test_what_is_not_due_yet_waits_for_its_day(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast()])
    (waiting,) = look_back(court(store), at(date(2026, 7, 1))).of("").pending
    assert waiting.from_on == READY


def test_what_was_judged_comes_out_as_it_was_judged(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast()])
    judged = judge_due(court(store), at(READY)).outcomes
    found = look_back(court(store), at(READY)).of("")
    assert found.rows == judged.rows
    assert found.pending == ()
    assert found.line == judged.line


def test_the_future_is_not_looked_at(store: Store) -> None:
    fill(store)
    store.save_forecasts([forecast()])
    judge_due(court(store), at(READY))
    found = look_back(court(store), at(date(2026, 6, 20))).of("")
    assert found.rows == ()


def test_what_a_later_verdict_found_out_changes_nothing_that_was_known_before(
    store: Store,
) -> None:
    fill(store, items=(phased(date(2026, 6, 20)),))
    store.save_forecasts([forecast(item="jira:A-1/service")])
    known = docket_of(store, at(date(2026, 6, 25)))
    assert judge_due(court(store), at(READY)).new
    assert docket_of(store, at(date(2026, 6, 25))) == known


def test_each_team_has_its_own_rows(store: Store) -> None:
    fill(store)
    own = forecast()
    store.save_forecasts([own])
    judge_due(court(store), at(READY))
    past = look_back(court(store), at(READY))
    assert len(past.of(own.team).rows) == 1
    assert past.of("another").rows == ()
    assert past.of("another").line == past.of(own.team).line
