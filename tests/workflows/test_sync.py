"""Reading sources into the store: each whole or not at all, and twice changes nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from debtplan.core.item import Skipped
from debtplan.core.source import Changes, SourceStatus
from debtplan.errors import AuthenticationError, InputError
from debtplan.store import SqlStore, open_store
from debtplan.workflows.feed import Feed
from debtplan.workflows.sync import forget_others, sync_sources
from tests.builders import NOW, closed, item, reading

LOST = Skipped(ref="items.csv row 3", reason="has no key")
REMARK = Skipped(ref="jira:a", reason="label 'ux:' is not understood")
A, B = item("a"), item("b", 3)


@pytest.fixture
def store() -> Iterator[SqlStore]:
    """An empty store in memory."""
    with open_store("sqlite://") as opened:
        yield opened


def feed(name: str, *records: Any) -> Feed:
    """A source that gives these records; an error among them stops it there."""

    def read() -> Iterator[Any]:
        for one in records:
            if isinstance(one, Exception):
                raise one
            yield one

    return Feed(name, read)


def later(hours: int) -> Any:
    """A clock that stands some hours after NOW."""
    return lambda: NOW + timedelta(hours=hours)


def test_a_source_that_fails_half_way_keeps_what_it_gave_before(store: SqlStore) -> None:
    sync_sources([feed("jira", A, B, LOST)], store, later(0))
    error = AuthenticationError("Jira refuses the token.", "Make a new one.")
    (done,) = sync_sources([feed("jira", item("c"), error)], store, later(5))
    assert (done.error, done.changes) == (error, None)
    assert store.items() == (A, B)
    assert store.skipped() == (LOST,)
    (state,) = store.sources()
    assert state.status is SourceStatus.FAILED
    assert state.detail == "Jira refuses the token."
    assert (state.fetched_at, state.records, state.skipped) == (NOW, 2, 1)


def test_a_source_that_loses_every_record_keeps_what_it_gave_before(store: SqlStore) -> None:
    sync_sources([feed("csv", A, B)], store, later(0))
    other = Skipped(ref="items.csv row 4", reason="has no title")
    (done,) = sync_sources([feed("csv", LOST, other, REMARK)], store, later(5))
    assert done.error is not None
    assert done.error.what == ("None of the 2 records could be read: items.csv row 3: has no key.")
    assert store.items() == (A, B)
    (state,) = store.sources()
    assert state.status is SourceStatus.FAILED
    assert (state.fetched_at, state.records) == (NOW, 2)


@pytest.mark.parametrize("records", [(), (REMARK,)], ids=["nothing", "remarks alone"])
def test_a_source_that_is_empty_has_not_failed(store: SqlStore, records: tuple[Any, ...]) -> None:
    (done,) = sync_sources([feed("csv", *records)], store, later(0))
    assert done.error is None
    assert store.sources()[0].status is SourceStatus.OK


def test_a_source_that_never_worked_has_no_day(store: SqlStore) -> None:
    sync_sources([feed("jira", InputError("No file.", "Give one."))], store, later(0))
    (state,) = store.sources()
    assert (state.status, state.fetched_at, state.records) == (SourceStatus.FAILED, None, 0)


def test_one_failure_leaves_the_other_sources_alone(store: SqlStore) -> None:
    error = InputError("No file.", "Give one.")
    done = sync_sources(
        [feed("jira", error), feed("csv", reading("m", 9)), feed("sprints:web", closed(48))],
        store,
        later(0),
    )
    assert [one.error for one in done] == [error, None, None]
    assert len(store.readings()) == len(store.sprints()) == 1


def test_a_bug_in_a_source_is_not_hidden(store: SqlStore) -> None:
    with pytest.raises(ZeroDivisionError):
        sync_sources([feed("jira", ZeroDivisionError())], store, later(0))


def test_syncing_twice_changes_nothing(store: SqlStore) -> None:
    feeds = [feed("jira", A, B), feed("csv", reading("m", 9))]
    first = sync_sources(feeds, store, later(0))
    assert [one.changes for one in first] == [Changes(added=2), Changes(added=1)]
    held = (store.items(), store.readings(), store.skipped())
    again = sync_sources(feeds, store, later(1))
    assert [one.changes for one in again] == [Changes(unchanged=2), Changes(unchanged=1)]
    assert (store.items(), store.readings(), store.skipped()) == held


def test_what_a_source_no_longer_gives_is_gone_and_named(store: SqlStore) -> None:
    sync_sources([feed("jira", A, B)], store, later(0))
    (done,) = sync_sources([feed("jira", A.model_copy(update={"points": 8.0}))], store, later(1))
    assert done.changes == Changes(updated=1, gone=("jira:b",))
    assert [one.points for one in store.items()] == [8]


def test_lost_records_make_a_source_partial_and_remarks_do_not(store: SqlStore) -> None:
    done = sync_sources([feed("one", A, LOST), feed("two", B, REMARK)], store, later(0))
    assert [one.state.status for one in done] == [SourceStatus.PARTIAL, SourceStatus.OK]
    assert [one.state.detail for one in done] == ["1 record, 1 not used", "1 record, 1 remark"]
    assert [one.skipped for one in done] == [(LOST,), (REMARK,)]


def test_progress_names_each_source(store: SqlStore) -> None:
    told: list[tuple[str, int, int]] = []
    sync_sources([feed("one", A), feed("two", B)], store, later(0), lambda *one: told.append(one))
    assert told == [("reading one", 0, 2), ("reading two", 1, 2)]


def test_a_source_that_is_no_longer_set_is_forgotten(store: SqlStore) -> None:
    sync_sources([feed("one", A), feed("two", B)], store, later(0))
    assert forget_others(store, {"two"}) == ("one",)
    assert store.items() == (B,)
    assert [one.name for one in store.sources()] == ["two"]
