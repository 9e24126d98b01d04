"""Reading a live source: nothing lost, nothing twice, nothing deleted that is only out of sight."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from debtplan.core.item import Skipped
from debtplan.core.source import Batch, Fate, SourceStatus
from debtplan.errors import (
    AuthenticationError,
    ForbiddenError,
    PartialDataError,
    SourceError,
)
from debtplan.store import SqlStore, open_store
from debtplan.workflows.synced import Synced
from debtplan.workflows.walk import Live, walk_live
from tests.builders import NOW
from tests.fakes import FakeTracker

LOST = SourceError("jira.example broke off.", "Run it again.")


@pytest.fixture
def store() -> Iterator[SqlStore]:
    """An empty store in memory."""
    with open_store("sqlite://") as opened:
        yield opened


@pytest.fixture
def tracker() -> FakeTracker:
    """A tracker with ten records."""
    made = FakeTracker()
    for number in range(10):
        made.put(str(number), f"OMNI-{number}")
    return made


def sync(tracker: FakeTracker, store: SqlStore, max_shrink: float | None = 0.2) -> Synced:
    return walk_live(Live(tracker, max_shrink), store, lambda: NOW)


def keys(store: SqlStore) -> list[str]:
    return [one.key.removeprefix("jira:") for one in store.items()]


def test_everything_is_read_and_a_second_time_nothing_changes(
    tracker: FakeTracker, store: SqlStore
) -> None:
    first = sync(tracker, store)
    assert (first.error, first.state.records, tracker.is_closed) == (None, 10, True)
    assert first.changes is not None
    assert first.changes.added == 10
    again = sync(tracker, store)
    assert again.changes is not None
    assert (again.changes.added, again.changes.updated, again.changes.gone) == (0, 0, ())
    assert tracker.walks == [None, tracker.now]


def test_a_walk_that_breaks_off_keeps_its_pages_and_goes_on_from_there(
    tracker: FakeTracker, store: SqlStore
) -> None:
    def broken(_: int) -> None:
        if len(store.items()) == 6:
            raise LOST

    tracker.on_page = broken
    done = sync(tracker, store)
    assert done.state.status is SourceStatus.FAILED
    assert done.state.detail == f"OMNI: {LOST.what}"  # a host and a status tell no project
    assert (type(done.error), str(done.error)) == (type(LOST), f"OMNI: {LOST}")
    assert len(store.items()) == 6
    tracker.on_page = lambda _: None
    assert sync(tracker, store).error is None
    assert len(store.items()) == 10
    assert tracker.walks[1] == tracker.records["5"].updated_at


def test_an_error_that_names_its_part_is_told_as_it_stands(
    tracker: FakeTracker, store: SqlStore
) -> None:
    said = SourceError("Project OMNI of jira.example is gone.", "Look.")

    def broken(_: int) -> None:
        raise said

    tracker.on_page = broken
    assert sync(tracker, store).error is said


def test_a_remark_is_told_where_it_is_news_and_kept_all_the_time(
    tracker: FakeTracker, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    remarks = [Skipped(ref="jira OMNI", reason="estimates are read from sp")]
    plain = tracker.batch

    def remarked(page: Any) -> Batch:
        found = plain(page)
        return replace(found, records=(*remarks, *found.records))

    monkeypatch.setattr(tracker, "batch", remarked)
    assert set(sync(tracker, store).skipped) == set(remarks)
    tracker.put("1", "OMNI-1", 5.0)
    assert sync(tracker, store).skipped == ()
    assert set(store.skipped()) == set(remarks)
    remarks[0] = Skipped(ref="jira OMNI", reason="estimates are read from size")
    tracker.put("1", "OMNI-1", 8.0)
    assert set(sync(tracker, store).skipped) == set(remarks)
    assert set(store.skipped()) == set(remarks)


def test_what_changes_during_a_walk_is_read_by_its_end(
    tracker: FakeTracker, store: SqlStore
) -> None:
    changed: list[int] = []

    def drift(_: int) -> None:
        if len(changed) < 4:
            changed.append(1)
            tracker.put("0", "OMNI-0", 5.0 + len(changed))

    tracker.on_page = drift
    sync(tracker, store)
    assert len(store.items()) == 10
    assert {one.points for one in store.items() if one.key == "jira:OMNI-0"} == {9.0}


def test_what_no_page_gave_is_fetched_by_its_id(tracker: FakeTracker, store: SqlStore) -> None:
    tracker.drops = {"3", "7"}
    done = sync(tracker, store)
    assert (done.error, len(store.items())) == (None, 10)


def test_a_record_counts_as_deleted_at_the_second_census_that_misses_it(
    tracker: FakeTracker, store: SqlStore
) -> None:
    sync(tracker, store)
    del tracker.records["4"]
    sync(tracker, store)
    assert "OMNI-4" in keys(store)
    done = sync(tracker, store)
    assert "OMNI-4" not in keys(store)
    assert done.changes is not None
    assert done.changes.gone == ("jira:OMNI-4",)


@pytest.mark.slow
def test_a_record_that_comes_back_starts_to_count_anew(
    tracker: FakeTracker, store: SqlStore
) -> None:
    sync(tracker, store)
    kept = tracker.records.pop("4")
    sync(tracker, store)
    tracker.records["4"] = kept
    sync(tracker, store)
    del tracker.records["4"]
    sync(tracker, store)
    assert "OMNI-4" in keys(store)


@pytest.mark.parametrize(("fate", "stays"), [(Fate.LEFT, False), (Fate.HIDDEN, True)])
def test_what_left_is_gone_at_once_and_what_is_hidden_stays(
    tracker: FakeTracker, store: SqlStore, fate: Fate, *, stays: bool
) -> None:
    sync(tracker, store)
    tracker.records["4"].fate = fate
    for _ in range(3):
        sync(tracker, store)
        assert ("OMNI-4" in keys(store)) is stays


def test_what_changed_while_it_was_hidden_is_read_when_it_is_back(
    tracker: FakeTracker, store: SqlStore
) -> None:
    sync(tracker, store)
    tracker.records["4"].fate = Fate.HIDDEN
    tracker.put("9", "OMNI-9", 3.0)
    tracker.records["4"].points = 8.0
    sync(tracker, store)
    tracker.put("9", "OMNI-9", 5.0)
    sync(tracker, store)
    tracker.records["4"].fate = Fate.HERE
    sync(tracker, store)
    assert {one.points for one in store.items() if one.key == "jira:OMNI-4"} == {8.0}


def test_a_record_that_moved_has_one_item_under_its_new_key(
    tracker: FakeTracker, store: SqlStore
) -> None:
    tracker.projects = ("OMNI", "SHOP")
    sync(tracker, store)
    tracker.put("4", "SHOP-1", part="SHOP")
    sync(tracker, store)
    assert "SHOP-1" in keys(store)
    assert "OMNI-4" not in keys(store)
    assert len(keys(store)) == 10


@pytest.mark.parametrize("left", [0, 4, 7])
def test_nothing_is_removed_where_too_much_vanishes_at_once(
    tracker: FakeTracker, store: SqlStore, left: int
) -> None:
    for number in range(10, 20):
        tracker.put(str(number), f"OMNI-{number}")
    sync(tracker, store)
    everything = dict(tracker.records)
    tracker.records = {id_: everything[id_] for id_ in sorted(everything)[:left]}
    for _ in range(3):
        done = sync(tracker, store)
        assert isinstance(done.error, PartialDataError)
        assert (done.state.status, len(store.items())) == (SourceStatus.SHRUNK, 20)
        assert f"{20 - left} of 20 records of OMNI" in done.error.what
    for _ in range(2):
        done = sync(tracker, store, max_shrink=None)
    assert (done.state.status, len(store.items())) == (SourceStatus.OK, left)


def test_other_settings_read_a_part_anew(tracker: FakeTracker, store: SqlStore) -> None:
    sync(tracker, store)
    tracker.asks_for = "labels = debt"
    sync(tracker, store)
    assert tracker.walks == [None, None]


def test_no_census_is_walked_where_the_count_agrees(
    tracker: FakeTracker, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker.counts = True
    sync(tracker, store)
    monkeypatch.setattr("tests.fakes.FakeCensus.ids", lambda _: pytest.fail("walked"))
    assert sync(tracker, store).error is None


@pytest.mark.parametrize(
    ("error", "read"),
    [
        (ForbiddenError("OMNI is forbidden.", "Ask."), ["SHOP-1"]),
        (AuthenticationError("The token is refused.", "Renew it."), []),
    ],
)
def test_a_forbidden_project_leaves_the_others_and_a_refused_token_stops_at_once(
    store: SqlStore, error: Any, read: list[str]
) -> None:
    tracker = FakeTracker(projects=("OMNI", "SHOP"))
    tracker.put("1", "SHOP-1", part="SHOP")
    plain = tracker.walk

    def walk(part: str, mark: Any) -> Any:
        if part == "OMNI":
            raise error
        return plain(part, mark)

    tracker.walk = walk  # type: ignore[method-assign]
    done = sync(tracker, store)
    assert (done.error, keys(store)) == (error, read)
    assert done.state.status is SourceStatus.FAILED


class Histories(RuleBasedStateMachine):
    """Any history of a tracker: after two quiet runs, the store holds what the tracker has."""

    def __init__(self) -> None:
        super().__init__()
        self.tracker = FakeTracker(projects=("OMNI", "SHOP"))
        self.store = open_store("sqlite://")
        self.next_id = 0
        self.deleted: set[str] = set()

    def teardown(self) -> None:
        self.store.close()

    @rule(part=st.sampled_from(["OMNI", "SHOP"]), points=st.sampled_from([1.0, 2.0, 3.0]))
    def create(self, part: str, points: float) -> None:
        self.next_id += 1
        self.tracker.put(str(self.next_id), f"{part}-{self.next_id}", points, part)

    @precondition(lambda self: self.tracker.records)
    @rule(data=st.data(), points=st.sampled_from([5.0, 8.0]))
    def update(self, data: st.DataObject, points: float) -> None:
        one = self.tracker.records[data.draw(st.sampled_from(sorted(self.tracker.records)))]
        self.tracker.put(one.id, one.key, points, one.part)

    @precondition(lambda self: self.tracker.records)
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        one = self.tracker.records[data.draw(st.sampled_from(sorted(self.tracker.records)))]
        part = "SHOP" if one.part == "OMNI" else "OMNI"
        self.next_id += 1
        self.tracker.put(one.id, f"{part}-{self.next_id}", one.points, part)

    @precondition(lambda self: self.tracker.records)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        del self.tracker.records[data.draw(st.sampled_from(sorted(self.tracker.records)))]

    @rule(after=st.integers(1, 3))
    def run_and_break(self, after: int) -> None:
        pages = [0]

        def broken(_: int) -> None:
            pages[0] += 1
            if pages[0] == after:
                raise LOST

        self.tracker.on_page = broken
        sync(self.tracker, self.store, None)
        self.tracker.on_page = lambda _: None

    @rule()
    def run_while_it_moves(self) -> None:
        pages = [0]

        def drift(_: int) -> None:
            pages[0] += 1
            if pages[0] < 4 and self.tracker.records:
                one = self.tracker.records[min(self.tracker.records)]
                self.tracker.put(one.id, one.key, 13.0, one.part)

        self.tracker.on_page = drift
        sync(self.tracker, self.store, None)
        self.tracker.on_page = lambda _: None

    @rule()
    def run_twice_in_quiet(self) -> None:
        for _ in range(2):
            assert sync(self.tracker, self.store, None).error is None
        wanted = {f"jira:{one.key}": one.points for one in self.tracker.records.values()}
        assert {one.key: one.points for one in self.store.items()} == wanted

    @invariant()
    def no_key_stands_twice(self) -> None:
        found = [one.key for one in self.store.items()]
        assert len(found) == len(set(found))


Histories.TestCase.settings = settings(max_examples=10, stateful_step_count=20, deadline=None)
TestHistories = Histories.TestCase


@pytest.mark.soak
def test_two_thousand_histories_lose_nothing() -> None:
    many = settings(max_examples=2_000, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(Histories, settings=many)


def test_the_mark_never_runs_ahead_of_the_service(tracker: FakeTracker, store: SqlStore) -> None:
    sync(tracker, store)
    (mark,) = store.marks("jira")
    assert mark.since == tracker.now
    assert mark.since > NOW - timedelta(days=1)
