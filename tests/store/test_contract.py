"""What every store promises, on every database."""

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from debtplan.core.capacity import ClosedSprint
from debtplan.core.item import DebtItem, Skipped
from debtplan.core.reading import Reading
from debtplan.core.source import Changes, SourceState, SourceStatus
from debtplan.errors import StoreError
from debtplan.ports import Store
from debtplan.store import SqlStore, open_store
from tests import plans
from tests.store import samples
from tests.store.samples import NOON, SKIPPED, Given, item, reading, sprint, state


def test_an_empty_store_holds_nothing(store: SqlStore) -> None:
    port: Store = store
    assert (port.items(), port.readings(), port.sprints(), port.skipped()) == ((), (), (), ())
    assert port.sources() == ()
    assert port.plan("none") is None
    assert port.last_plan("checkout") is None
    port.check()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(samples.items, max_size=4, unique_by=lambda one: one.key),
    st.lists(samples.readings, max_size=4),
    st.lists(samples.sprints, max_size=3, unique_by=lambda one: (one.team, one.id)),
    st.lists(samples.skipped, max_size=3),
    samples.states,
)
def test_what_is_read_equals_what_was_written(
    store: SqlStore,
    items: list[DebtItem],
    readings: list[Reading],
    sprints: list[ClosedSprint],
    skipped: list[Skipped],
    said: SourceState,
) -> None:
    by_key = {(r.metric, r.source, r.start_at, r.end_at): r for r in readings}
    store.save_source(said, [*items, *readings, *sprints, *skipped])
    assert store.items() == tuple(sorted(items, key=lambda one: one.key))
    assert {(r.metric, r.source, r.start_at, r.end_at): r for r in store.readings()} == by_key
    found = store.sprints()
    assert sorted(found, key=lambda s: (s.team, s.id)) == sorted(
        sprints, key=lambda s: (s.team, s.id)
    )
    assert store.skipped() == tuple(skipped)
    assert store.sources() == (said,)
    assert all(one.start_at.utcoffset() == timedelta(0) for one in store.readings())


def test_the_order_does_not_depend_on_the_order_of_arrival(store: SqlStore) -> None:
    given: list[Given] = [
        *(item(number) for number in range(30)),
        item(1, key="jira:Ä-1"),
        item(1, key="jira:a-1"),
        *(reading(day, metric) for day in range(10) for metric in ("b", "B", "ä")),
        *(sprint(number, team) for number in range(1, 12) for team in ("z", "a")),
    ]
    store.save_source(state(), given)
    first = (store.items(), store.readings(), store.sprints())
    store.forget_source("jira")
    random.Random(1).shuffle(given)
    store.save_source(state(), given)
    assert (store.items(), store.readings(), store.sprints()) == first
    assert [one.key for one in first[0]] == sorted(one.key for one in first[0])
    assert [one.position for one in store.sprints("a")] == list(range(1, 12))


def test_saving_twice_changes_nothing(store: SqlStore) -> None:
    given: list[Given] = [item(1), reading(1), sprint(1), SKIPPED]
    assert store.save_source(state(), given) == Changes(added=3)
    before = dump(store)
    assert store.save_source(state(), given) == Changes(unchanged=3)
    assert dump(store) == before


def test_what_changed_is_counted_and_what_is_gone_is_named(store: SqlStore) -> None:
    store.save_source(state(), [item(1), item(2), item(3), reading(1)])
    changes = store.save_source(state(), [item(1), item(2, points=5), item(4)])
    assert changes == Changes(
        added=1,
        updated=1,
        unchanged=1,
        gone=("jira:OMNI-3", "loss 2026-03-03T12:00:00+00:00 2026-03-04T12:00:00+00:00 csv"),
    )
    assert [(one.key, one.points) for one in store.items()] == [
        ("jira:OMNI-1", 3.0),
        ("jira:OMNI-2", 5.0),
        ("jira:OMNI-4", 3.0),
    ]
    assert store.readings() == ()


def test_what_an_incremental_reading_does_not_mention_stays(store: SqlStore) -> None:
    store.save_source(state(), [item(1), item(2)])
    changes = store.save_source(state(), [item(2, points=5)], is_complete=False)
    assert changes == Changes(updated=1)
    assert [one.points for one in store.items()] == [3.0, 5.0]


def test_of_two_records_with_one_key_the_later_counts(store: SqlStore) -> None:
    assert store.save_source(state(), [item(1), item(1, points=8)]) == Changes(added=1)
    assert store.items() == (item(1, points=8),)


def test_a_failed_source_keeps_what_it_gave(store: SqlStore) -> None:
    store.save_source(state(records=1), [item(1), SKIPPED])
    failed = state(fetched_at=None, status=SourceStatus.FAILED, detail="It does not answer.")
    assert store.save_source(failed, []) == Changes()
    assert store.items() == (item(1),)
    assert store.skipped() == (SKIPPED,)
    assert store.sources() == (failed.model_copy(update={"fetched_at": NOON}),)


def test_a_source_leaves_the_others_alone(store: SqlStore) -> None:
    other = item(1, key="csv:1", source="csv")
    store.save_source(state(), [item(1), SKIPPED])
    store.save_source(state("csv"), [other])
    assert store.items() == (other, item(1))
    store.save_source(state("csv"), [])
    assert store.items() == (item(1),)
    assert store.skipped() == (SKIPPED,)
    assert [one.name for one in store.sources()] == ["csv", "jira"]


def test_a_key_that_another_source_gave_stays_with_it(store: SqlStore) -> None:
    store.save_source(state(), [item(1)])
    for _ in range(2):
        changes = store.save_source(state("copy"), [item(1, title="Copy"), item(2)])
        assert store.items() == (item(1), item(2))
        (skipped,) = store.skipped()
        assert skipped.ref == "jira:OMNI-1"
        assert "'jira' gives it already" in skipped.reason
        assert store.save_source(state(), [item(1)]) == Changes(unchanged=1)
    assert changes == Changes(unchanged=1)


def test_skipped_records_stay_until_their_source_is_read_again(store: SqlStore) -> None:
    other = Skipped(ref="row 3", reason="No points.")
    store.save_source(state(), [SKIPPED, SKIPPED])
    store.save_source(state("csv"), [other])
    assert store.skipped() == (other, SKIPPED, SKIPPED)
    store.save_source(state(), [item(1)])
    assert store.skipped() == (other,)


def test_a_forgotten_source_leaves_nothing(store: SqlStore) -> None:
    store.save_source(state(), [item(1), reading(1), sprint(1), SKIPPED])
    store.forget_source("jira")
    store.forget_source("never heard of")
    assert (store.items(), store.readings(), store.sprints(), store.skipped()) == ((), (), (), ())
    assert store.sources() == ()


def test_readings_are_found_by_metric_and_start(store: SqlStore) -> None:
    store.save_source(state(), [reading(day, metric) for day in range(5) for metric in "ab"])
    assert store.readings(["a"]) == tuple(reading(day, "a") for day in range(5))
    assert store.readings(["b", "a"], since=NOON + timedelta(days=3)) == (
        *(reading(day, "a") for day in (3, 4)),
        *(reading(day, "b") for day in (3, 4)),
    )
    assert store.readings([]) == ()


def test_readings_of_one_start_with_two_lengths_or_sources_are_both_kept(store: SqlStore) -> None:
    week = reading(1, end_at=NOON + timedelta(days=8))
    other = reading(1, source="prometheus")
    store.save_source(state(), [reading(1), week, other])
    assert store.readings() == (reading(1), other, week)


def test_a_plan_comes_back_as_it_was_made(store: SqlStore) -> None:
    plan = plans.empty()
    store.save_plan(plan)
    assert store.plan(plan.plan_id) == plan
    assert store.last_plan(plan.team) == plan
    assert store.last_plan(plan.team, plan.sprint.id) == plan
    assert store.last_plan(plan.team, "another") is None
    assert store.last_plan("another") is None


def test_the_last_plan_is_the_one_made_last(store: SqlStore) -> None:
    plan = plans.empty()
    newer = plan.model_copy(
        update={"plan_id": "a", "digest": "a", "created_at": plan.created_at + timedelta(hours=1)}
    )
    store.save_plan(newer)
    store.save_plan(plan)
    assert store.last_plan(plan.team) == newer
    again = plan.model_copy(update={"created_at": newer.created_at + timedelta(hours=1)})
    store.save_plan(again)
    assert store.last_plan(plan.team) == again


@pytest.mark.parametrize(
    ("odd", "word"),
    [
        (item(7, title="a\0b"), "NUL"),
        (item(7, title="a\ud800b"), "half a character"),
        (item(7, labels=("a\ud800b",)), "half a character"),
        (item(7, created_at=datetime(2026, 3, 2)), "no time zone"),  # noqa: DTZ001 - the fault
        (item(7).model_copy(update={"points": -1}), "greater than 0"),
        (item(7).model_copy(update={"points": float("nan")}), "finite"),
        (sprint(7).model_copy(update={"position": 2**63}), "64 bits"),
    ],
)
def test_what_cannot_be_kept_is_refused_whole(
    store: SqlStore, odd: DebtItem | ClosedSprint, word: str
) -> None:
    store.save_source(state(), [item(1)])
    with pytest.raises(StoreError, match=word):
        store.save_source(state(), [item(1, points=8), odd, item(2)])
    assert store.items() == (item(1),)


def test_a_nul_inside_a_label_and_a_megabyte_of_text_come_back(store: SqlStore) -> None:
    odd = item(1, labels=("a\0b", "\\u0000"), text="\\u0000 " + "ü" * 1_000_000)
    store.save_source(state(), [odd])
    assert store.items() == (odd,)


@pytest.mark.slow
def test_a_copy_that_nobody_validated_is_read_as_it_will_be_read_back(store: SqlStore) -> None:
    store.save_source(state(), [item(1).model_copy(update={"points": 4, "labels": ["a"]})])
    assert store.items() == (item(1, points=4.0, labels=("a",)),)
    store.check()


def test_a_relative_file_starts_from_the_folder(tmp_path: Path) -> None:
    open_store("sqlite:///here.db", tmp_path).close()
    assert (tmp_path / "here.db").exists()


def dump(store: SqlStore) -> list[object]:
    """Return every row of every table."""
    from debtplan.store.table import METADATA

    with store._database.reading() as connection:  # noqa: SLF001 - looks below the port
        return [
            sorted(map(repr, connection.execute(table.select())))
            for table in METADATA.sorted_tables
        ]
