"""What every live tracker promises: what is read, page by page, whatever the pages do.

Every check goes through the workflow and a real store, so it looks at what the user gets.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from debtplan.core.item import DebtItem
from debtplan.core.source import SourceStatus
from debtplan.sources import LIVE_SOURCES
from debtplan.store import SqlStore, open_store
from debtplan.workflows.synced import Synced
from tests.servers.harness import Reply, Seen
from tests.sources.live.contract import DESK_PARAMS, DESKS, desk_of
from tests.sources.live.contract_desk import HOUR, Desk


@pytest.fixture(scope="module")
def store() -> Iterator[SqlStore]:
    """Open a real store in memory, once: making its tables takes longer than most checks."""
    with open_store("sqlite://") as opened:
        yield opened


@pytest.fixture(params=DESK_PARAMS)
def desk(request: pytest.FixtureRequest, store: SqlStore) -> Iterator[Desk]:
    """Each tracker in turn, with nothing in it."""
    with desk_of(request.param, store) as opened:
        yield opened


def assert_all(desk: Desk, done: Synced) -> None:
    """Assert that a run ended well and that the store holds what the tracker has."""
    assert done.error is None
    assert desk.kept() == desk.there()
    assert (done.state.status, done.state.records) == (SourceStatus.OK, len(desk.there()))
    assert desk.store.sources() == (done.state,)
    assert desk.mark().since is not None or not desk.there()


def assert_nothing_lost(desk: Desk, done: Synced) -> None:
    """Assert that a run that may end in an error says so, and that the next one reads the rest."""
    if done.error is not None:
        assert (done.state.status, done.error.exit_code) == (SourceStatus.FAILED, 5)
        assert desk.host in done.error.what
        desk.scripts.clear()
        done = desk.sync()
    assert_all(desk, done)


def only(desk: Desk) -> DebtItem:
    """Return the only item in the store."""
    (found,) = desk.store.items()
    return found


def test_every_live_tracker_stands_in_the_suite() -> None:
    assert {one.kind for one in DESKS.values()} == set(LIVE_SOURCES)


def test_two_pages_are_read_whole_and_each_item_once(desk: Desk) -> None:
    desk.fill(8)
    desk.size = lambda _: 5
    done = desk.sync()
    assert_all(desk, done)
    assert done.changes is not None
    assert (done.changes.added, done.changes.gone) == (8, ())
    assert desk.mark().newest is None
    assert desk.mark().resume == ""


def test_a_page_of_the_trackers_own_size_is_not_the_last(desk: Desk) -> None:
    desk.fill(101)
    assert_all(desk, desk.sync())


def test_an_empty_backlog_is_empty_without_an_error(desk: Desk) -> None:
    done = desk.sync()
    assert_all(desk, done)
    assert (done.state.records, done.state.fetched_at) == (0, desk.server.now)


def test_a_page_that_comes_again_and_again_is_no_end_of_the_list(desk: Desk) -> None:
    desk.fill(12)
    desk.size = lambda _: 5
    first: list[Reply] = []

    def again(seen: Seen) -> Reply | None:
        if not desk.is_walk(seen):
            return None
        first.append(first[0] if first else desk.real(seen))
        return desk.next_again(first[0], seen)

    desk.script(again)
    done = desk.sync()
    assert len(first) <= 10
    assert_nothing_lost(desk, done)


@pytest.mark.parametrize("is_last", [True, False])
def test_what_a_page_says_about_being_the_last_may_be_a_lie(desk: Desk, *, is_last: bool) -> None:
    desk.fill(12)
    desk.size = lambda _: 5

    def lie(seen: Seen) -> Reply | None:
        return desk.retell(desk.real(seen), is_last=is_last) if desk.is_walk(seen) else None

    desk.script(lie)
    assert_all(desk, desk.sync())


def test_an_empty_page_in_the_middle_is_not_the_end(desk: Desk) -> None:
    desk.fill(12)
    desk.size = lambda _: 5
    desk.empty_page()
    assert_nothing_lost(desk, desk.sync())


def test_pages_that_shrink_lose_nothing(desk: Desk) -> None:
    desk.fill(20)
    desk.size = lambda page: max(1, 7 - page)
    assert_all(desk, desk.sync())
    assert desk.pages > 3


def test_items_that_change_between_pages_are_there_as_they_became(desk: Desk) -> None:
    desk.fill(20)
    desk.size = lambda _: 5

    def change(page: int) -> None:
        if page <= 8:
            desk.server.advance(1)
            desk.change(page, f"Changed after page {page}")

    desk.on_page = change
    done = desk.sync()
    assert done.error is None
    assert desk.kept().keys() == desk.there().keys()
    desk.on_page = lambda _: None
    assert_all(desk, desk.sync())


def test_items_that_come_and_go_between_pages_disturb_no_other(desk: Desk) -> None:
    desk.fill(20)
    desk.size = lambda _: 5

    def come_and_go(page: int) -> None:
        desk.server.advance(1)
        if page in {1, 2, 3}:
            desk.delete(page * 3)
            desk.add()

    desk.on_page = come_and_go
    done = desk.sync()
    assert done.error is None
    assert desk.there().items() <= desk.kept().items()
    desk.on_page = lambda _: None
    for _ in range(2):
        done = desk.sync()
    assert_all(desk, done)


def test_items_of_one_instant_are_read_over_the_border_of_pages(desk: Desk) -> None:
    for _ in range(13):
        desk.add()
    desk.server.advance(HOUR)
    desk.size = lambda _: 5
    assert_all(desk, desk.sync())


def test_an_item_twice_on_a_page_is_one_item(desk: Desk) -> None:
    desk.fill(3)
    desk.retouch(lambda records: records.extend(list(records)))
    assert_all(desk, desk.sync())


def test_a_run_that_is_killed_goes_on_and_loses_nothing(desk: Desk) -> None:
    desk.fill(20)
    desk.size = lambda _: 5

    def kill(_what: str, read: int, _of: int) -> None:
        if read >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.sync(progress=kill)
    (state,) = desk.store.sources()
    assert (state.status, state.fetched_at) == (SourceStatus.FAILED, None)
    assert 0 < len(desk.kept()) < 20
    assert_all(desk, desk.sync())


def test_a_change_is_read_once_and_what_is_unchanged_changes_nothing(desk: Desk) -> None:
    desk.fill(300)
    desk.sync()
    asked_first, before = len(desk.server.log), desk.store.items()
    desk.sync()
    done = desk.sync()
    assert done.changes is not None
    assert (done.changes.added, done.changes.updated, done.changes.gone) == (0, 0, ())
    assert desk.store.items() == before
    assert (len(desk.server.log) - asked_first) / 2 <= max(8, asked_first)
    desk.server.advance(HOUR)
    desk.change(7, "Changed")
    done = desk.sync()
    assert done.changes is not None
    assert (done.changes.added, done.changes.updated) == (0, 1)
    assert_all(desk, done)


def test_a_run_long_after_the_last_one_reads_what_came_in_between(desk: Desk) -> None:
    desk.fill(5)
    desk.sync()
    desk.server.advance(3 * 24 * HOUR)
    desk.fill(5)
    desk.change(2, "Changed meanwhile")
    assert_all(desk, desk.sync())


def test_an_item_dated_in_the_future_hides_no_later_change(desk: Desk) -> None:
    desk.fill(3)
    late = (desk.server.now + timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    desk.retouch(lambda records: desk.dated(records[-1], late) if records else None)
    assert desk.sync().error is None
    mark = desk.mark()
    assert mark.since is not None
    assert mark.since <= desk.server.now
    desk.scripts.clear()
    desk.server.advance(HOUR)
    desk.change(1, "Changed later")
    assert_all(desk, desk.sync())


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "soon", ""])
def test_a_time_that_is_none_stops_no_run(desk: Desk, at: str) -> None:
    desk.fill(2)

    def date(records: list[Any]) -> None:
        for one in records:
            desk.dated(one, at)

    desk.retouch(date)
    for _ in range(2):
        assert desk.sync().error is None
        assert desk.kept() == desk.there()


def test_a_field_that_nobody_knows_disturbs_nothing(desk: Desk) -> None:
    desk.fill(2)
    extra: dict[str, Any] = {"newer_than_this_program": {"a": [1, None]}, "": 0}

    def add(records: list[Any]) -> None:
        for one in records:
            one.update(extra)
            if "fields" in one:
                one["fields"].update(extra)

    desk.retouch(add)
    assert_all(desk, desk.sync())


def test_an_item_without_an_estimate_has_none_which_is_not_zero(desk: Desk) -> None:
    desk.add(points=None)
    assert_all(desk, desk.sync())
    assert only(desk).points is None


def test_an_estimate_is_read(desk: Desk) -> None:
    desk.add(points=3)
    assert_all(desk, desk.sync())
    assert only(desk).points == 3


def test_a_title_with_a_script_stays_a_title(desk: Desk) -> None:
    desk.add("<script>alert(1)</script> & 'co'")
    assert_all(desk, desk.sync())
    assert only(desk).title == "<script>alert(1)</script> & 'co'"


def test_what_no_terminal_should_show_is_shown_as_what_it_is(desk: Desk) -> None:
    desk.add("Slow\u202e\x1b[31m\x00 checkout\nsecond line")
    assert desk.sync().error is None
    assert only(desk).title.isprintable()


def test_a_record_that_is_none_is_named_and_takes_no_other_with_it(desk: Desk) -> None:
    desk.fill(4)

    def spoil(records: list[Any]) -> None:
        if len(records) == 4:
            kept = ("id", "key") if "fields" in records[1] else ("id",)
            records[1] = {name: records[1][name] for name in kept}

    desk.retouch(spoil)
    assert desk.sync().error is None
    assert len(desk.kept()) in {3, 4}  # the census may have fetched it by itself
    desk.scripts.clear()
    desk.store.forget_source(desk.kind)
    assert_all(desk, desk.sync())
    desk.retouch(spoil)
    desk.size = lambda _: 4
    done = desk.sync()
    assert done.changes is not None
    assert (done.changes.gone, desk.kept()) == ((), desk.there())
    assert done.skipped
