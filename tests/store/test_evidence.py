"""What every store promises of evidence, link decisions, forecasts and verdicts."""

import random
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from debtplan.core.forecast import Forecast
from debtplan.core.item import Skipped
from debtplan.core.movement import Movement, Shift
from debtplan.core.note import Note
from debtplan.core.placebo import Placebo
from debtplan.core.release import Release
from debtplan.core.source import Batch, Changes, Mark, SourceStatus
from debtplan.core.suggestion import LinkDecision
from debtplan.core.tally import Overlap, Tally
from debtplan.core.verdict import Outcome, Verdict
from debtplan.errors import StoreError
from debtplan.ports import Store
from debtplan.ports.evidence import EvidenceStore
from debtplan.store import SqlStore, open_store
from debtplan.store.database import Database
from tests.store import evidence
from tests.store.evidence import (
    decision,
    forecast,
    movement,
    note,
    overlap,
    placebo,
    release,
    shift,
    tally,
    verdict,
)
from tests.store.samples import NOON, item, state

GIVEN: list[Tally | Overlap | Note | Release] = [tally(), overlap(), note(1), release(1)]

ONE_STORE = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def given_back(store: EvidenceStore) -> tuple[object, ...]:
    return (*store.tallies(), *store.overlaps(), *store.notes(), *store.releases())


def kept(store: EvidenceStore) -> tuple[object, ...]:
    known = (*store.movements(), *store.shifts(), *store.link_decisions())
    return (*known, *store.forecasts(), *store.verdicts(), *store.placebos())


def fill(store: SqlStore) -> None:
    store.save_source(state("events"), GIVEN)
    store.save_movements([movement("tickets")], [shift("login")])
    store.decide_link(decision(1))
    store.save_forecasts([forecast(1)])
    store.save_verdicts([verdict(1)])
    store.save_placebos([placebo(1)])


def test_an_empty_store_holds_no_evidence(store: SqlStore) -> None:
    port: Store = store
    assert (given_back(port), kept(port)) == ((), ())


@ONE_STORE
@given(
    st.lists(evidence.tallies, max_size=3, unique_by=lambda t: (t.metric, t.dimension, t.value)),
    st.lists(evidence.overlaps, max_size=3, unique_by=lambda o: (o.flow, o.step, o.segment)),
    st.lists(evidence.notes, max_size=3, unique_by=lambda one: one.id),
    st.lists(evidence.releases, max_size=3, unique_by=lambda one: one.id),
)
def test_evidence_of_sources_comes_back_as_it_was_given(
    store: SqlStore,
    tallies: list[Tally],
    overlaps: list[Overlap],
    notes: list[Note],
    releases: list[Release],
) -> None:
    store.save_source(state("any"), [*tallies, *overlaps, *notes, *releases])
    assert store.tallies() == tuple(
        sorted(tallies, key=lambda t: (t.metric, t.dimension, t.value, t.source))
    )
    assert store.overlaps() == tuple(
        sorted(overlaps, key=lambda o: (o.flow, o.step, o.segment, o.source))
    )
    assert store.notes() == tuple(sorted(notes, key=lambda one: (one.noted_on, one.id)))
    assert store.releases() == tuple(sorted(releases, key=lambda one: (one.released_at, one.id)))
    assert all(one.released_at.utcoffset() == timedelta(0) for one in store.releases())


@ONE_STORE
@given(
    st.lists(evidence.movements, max_size=3, unique_by=lambda one: (one.leader, one.follower)),
    st.lists(evidence.shifts, max_size=3, unique_by=lambda one: (one.metric, one.on)),
    st.lists(evidence.decisions, max_size=2, unique_by=lambda one: (one.item, one.metric)),
    st.lists(evidence.verdicts, max_size=3, unique_by=lambda v: (v.plan_id, v.item, v.metric)),
)
def test_what_was_found_and_decided_comes_back_as_it_was_kept(
    store: SqlStore,
    movements: list[Movement],
    shifts: list[Shift],
    decisions: list[LinkDecision],
    verdicts: list[Verdict],
) -> None:
    store.save_movements(movements, shifts)
    assert store.movements() == tuple(sorted(movements, key=lambda one: (one.leader, one.follower)))
    assert store.shifts() == tuple(sorted(shifts, key=lambda one: (one.metric, one.on)))
    for one in decisions:
        store.decide_link(one)
        assert one in store.link_decisions()
        assert store.forget_decision(one.item, one.metric)
    assert store.link_decisions() == ()
    store.save_verdicts(verdicts)
    found = store.verdicts()  # those of earlier examples are among them
    assert all(found.count(one) == 1 for one in verdicts)
    places = [(one.plan_id, one.item, one.metric) for one in found]
    assert places == sorted(set(places))


@ONE_STORE
@given(evidence.forecasts)
def test_a_forecast_comes_back_as_it_was_frozen(store: SqlStore, wanted: Forecast) -> None:
    # A plan of its own, for what earlier examples froze stays as it is.
    mine = wanted.model_copy(update={"plan_id": f"{len(store.forecasts())} {wanted.plan_id}"})
    assert store.save_forecasts([mine]) == 1
    assert mine in store.forecasts()
    assert mine in store.forecasts(mine.team)


def test_the_order_does_not_depend_on_the_order_of_arrival(store: SqlStore) -> None:
    some: list[Tally | Overlap | Note | Release] = [
        *(tally(value) for value in ("b", "B", "ä", "")),
        *(overlap(step) for step in ("b", "B", "ä", "")),
        *(note(number, noted_on=evidence.TODAY - timedelta(number % 3)) for number in range(9)),
        *(release(number % 4, id=f"r:{number}") for number in range(9)),
    ]
    store.save_source(state("events"), some)
    store.save_forecasts(forecast(number) for number in range(9))
    first = given_back(store)
    store.forget_source("events")
    random.Random(1).shuffle(some)
    store.save_source(state("events"), some)
    assert given_back(store) == first
    assert [one.value for one in store.tallies()] == ["", "B", "b", "ä"]
    days = [one.released_at for one in store.releases()]
    assert days == sorted(days)


def test_evidence_is_given_replaced_and_forgotten_with_its_source(store: SqlStore) -> None:
    assert store.save_source(state("events"), GIVEN) == Changes(added=4)
    assert store.save_source(state("events"), GIVEN) == Changes(unchanged=4)
    assert store.count("events") == (4, 0)
    fewer: list[Tally | Overlap | Note | Release] = [tally(strata=()), note(2)]
    changes = store.save_source(state("events"), fewer)
    assert (changes.added, changes.updated) == (1, 1)
    assert changes.gone == ("checkout shipping  events", "interviews:1", "deployments:1")
    assert given_back(store) == tuple(fewer)
    store.forget_source("events")
    assert given_back(store) == ()


def test_a_failed_source_keeps_its_evidence(store: SqlStore) -> None:
    store.save_source(state("events"), GIVEN)
    store.save_source(state("events", status=SourceStatus.FAILED), [])
    assert given_back(store) == tuple(GIVEN)


def test_a_note_that_another_source_gave_stays_with_it(store: SqlStore) -> None:
    store.save_source(state("first"), [note(1)])
    store.save_source(state("second"), [note(1, text="Another."), release(1)])
    assert store.notes() == (note(1),)
    assert [one.ref for one in store.skipped()] == ["interviews:1"]


def test_releases_come_page_by_page_with_their_mark(store: SqlStore) -> None:
    store.save_source(state("github", status=SourceStatus.FAILED), (), is_complete=False)
    mark = Mark(source="github", part="owner/repo releases", scope="all")
    odd = Skipped(ref="deployments:2", reason="has no date")
    assert store.save_batch(Batch((release(1), odd)), mark) == Changes(added=1)
    assert store.save_batch(Batch((release(2), release(1))), mark).unchanged == 1
    assert store.releases() == (release(1), release(2))
    assert store.skipped() == ()


def test_new_movements_take_the_place_of_all_before(store: SqlStore) -> None:
    store.save_movements([movement("tickets"), movement("time")], [shift("login"), shift("a")])
    store.save_movements([movement("tickets", lag_days=2)], [])
    assert store.movements() == (movement("tickets", lag_days=2),)
    assert store.shifts() == ()


def test_a_movement_that_cannot_be_kept_leaves_those_before(store: SqlStore) -> None:
    store.save_movements([movement("tickets")], [shift("login")])
    bad = movement("time").model_copy(update={"p": 2.0})
    with pytest.raises(StoreError):
        store.save_movements([bad], [])
    assert (store.movements(), store.shifts()) == ((movement("tickets"),), (shift("login"),))


def test_a_later_decision_takes_the_place_of_an_earlier_one(store: SqlStore) -> None:
    store.decide_link(decision(2))
    store.decide_link(decision(1, is_confirmed=False))
    later = decision(2, is_confirmed=False, decided_by="Ada", dimension="error_code", value="")
    store.decide_link(later)
    assert store.link_decisions() == (decision(1, is_confirmed=False), later)


def test_a_decision_is_taken_back_once(store: SqlStore) -> None:
    store.decide_link(decision(1))
    assert not store.forget_decision("jira:OMNI-1", "errors")
    assert store.forget_decision("jira:OMNI-1", "loss")
    assert not store.forget_decision("jira:OMNI-1", "loss")
    assert store.link_decisions() == ()


def test_a_forecast_stays_as_it_was_frozen(store: SqlStore) -> None:
    assert store.save_forecasts([forecast(1), forecast(2)]) == 2
    later = NOON + timedelta(days=1)
    again = [forecast(1, removal=0.9, frozen_at=later), forecast(3, frozen_at=later)]
    assert store.save_forecasts(again) == 1
    assert store.forecasts() == (forecast(1), forecast(2), again[1])
    assert store.save_forecasts([]) == 0


def test_of_two_forecasts_with_one_key_the_first_is_frozen(store: SqlStore) -> None:
    assert store.save_forecasts([forecast(1), forecast(1, removal=0.9)]) == 1
    assert store.forecasts() == (forecast(1),)


def test_forecasts_are_found_by_team_oldest_first(store: SqlStore) -> None:
    old = forecast(9, plan_id="login-7", team="login", frozen_at=NOON - timedelta(days=30))
    store.save_forecasts([forecast(2), forecast(1), old])
    assert store.forecasts() == (old, forecast(1), forecast(2))
    assert store.forecasts("login") == (old,)
    assert store.forecasts("nobody") == ()


def test_many_forecasts_at_once_are_frozen_once(store: SqlStore) -> None:
    many = [forecast(number, plan_id=f"plan-{number}") for number in range(1500)]
    assert store.save_forecasts(many) == 1500
    assert store.save_forecasts([*many, forecast(0)]) == 1


@ONE_STORE
@given(
    st.lists(
        evidence.placebos, max_size=3, unique_by=lambda one: (one.plan_id, one.item, one.metric)
    )
)
def test_placebos_come_back_and_take_the_place_of_all_before(
    store: SqlStore, found: list[Placebo]
) -> None:
    store.save_placebos(found)
    assert store.placebos() == tuple(
        sorted(found, key=lambda one: (one.plan_id, one.item, one.metric))
    )


def test_a_verdict_takes_the_place_of_the_one_on_the_same_forecast(store: SqlStore) -> None:
    store.save_verdicts([verdict(2), verdict(1)])
    changed = verdict(1, outcome=Outcome.CANNOT_TELL, effect=None)
    store.save_verdicts([changed])
    assert store.verdicts() == (changed, verdict(2))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("tally", "value"),
        ("overlap", "step"),
        ("note", "text"),
        ("release", "name"),
        ("movement", "follower"),
        ("shift", "metric"),
        ("link_decision", "why"),
        ("forecast", "method"),
        ("verdict", "outcome"),
        ("placebo", "outcome"),
    ],
)
def test_a_row_that_changed_by_itself_is_damage(url: str, table: str, column: str) -> None:
    with open_store(url) as store:
        fill(store)
        store.check()
        assert len(given_back(store)) == 4
        assert len(kept(store)) == 6
    database = Database(url, Path(), 30)
    with database.writing() as connection:
        connection.execute(text(f"UPDATE {table} SET {column} = 'worse'"))  # noqa: S608 - names of this file
    database.close()
    with open_store(url) as store, pytest.raises(StoreError, match="damaged"):
        store.check()


def test_items_and_evidence_of_one_source_are_kept_together_or_not_at_all(store: SqlStore) -> None:
    bad = note(1).model_copy(update={"severity": 9})
    with pytest.raises(StoreError):
        store.save_source(state("events"), [item(1), tally(), bad])
    assert (store.items(), given_back(store), store.sources()) == ((), (), ())
