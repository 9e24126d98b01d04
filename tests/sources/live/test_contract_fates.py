"""What every live tracker promises about items that are no longer there, and about secrets."""

import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from debtplan.core.source import SourceStatus
from debtplan.store import SqlStore, open_store
from tests.servers.harness import Seen, reply
from tests.sources.live.contract import DESK_PARAMS, desk_of
from tests.sources.live.contract_desk import CANARY, HOUR, Desk


@pytest.fixture(scope="module")
def store() -> Iterator[SqlStore]:
    """Open a real store in memory, once: making its tables takes longer than most checks."""
    with open_store("sqlite://") as opened:
        yield opened


@pytest.fixture(params=DESK_PARAMS)
def desk(request: pytest.FixtureRequest, store: SqlStore) -> Iterator[Desk]:
    """Each tracker in turn, with ten items that the store knows."""
    with desk_of(request.param, store) as opened:
        opened.fill(10)
        assert opened.sync().error is None
        opened.server.advance(HOUR)
        yield opened


def key(desk: Desk, number: int) -> str:
    return min(desk.kept(), key=len)[:-1] + str(number)


def test_a_deleted_item_is_gone_at_the_second_run_that_misses_it(desk: Desk) -> None:
    gone = key(desk, 4)
    desk.delete(4)
    done = desk.sync()
    assert (done.error, done.state.records) == (None, 10)
    assert gone in desk.kept()
    done = desk.sync()
    assert done.changes is not None
    assert (done.error, done.changes.gone) == (None, (gone,))
    assert desk.kept() == desk.there()


def test_a_moved_item_is_gone_at_once(desk: Desk) -> None:
    gone = key(desk, 4)
    desk.move(4)
    done = desk.sync()
    assert done.changes is not None
    assert (done.error, done.changes.gone) == (None, (gone,))
    assert desk.kept() == desk.there()


def test_a_hidden_item_stays_for_good(desk: Desk) -> None:
    desk.hide(4)
    for _ in range(4):
        desk.sync()
        assert key(desk, 4) in desk.kept()
        assert len(desk.kept()) == 10


def test_deleted_moved_and_hidden_items_of_one_run_are_told_apart(desk: Desk) -> None:
    deleted, moved, hidden = (key(desk, number) for number in (2, 3, 9))
    desk.delete(2)
    desk.move(3)
    assert desk.sync().error is None
    assert {deleted, moved, hidden} & desk.kept().keys() == {deleted, hidden}
    assert desk.sync().error is None
    assert {deleted, moved, hidden} & desk.kept().keys() == {hidden}
    desk.hide(9)
    for _ in range(3):
        desk.sync()
    assert {deleted, moved, hidden} & desk.kept().keys() == {hidden}


def test_an_item_that_only_one_census_missed_stays(desk: Desk) -> None:
    missing = {"until": 1}

    def lag(records: list[object]) -> None:
        if missing["until"]:
            del records[3:4]

    before = desk.kept()
    for _ in range(3):
        desk.retouch(lag, everywhere=True)
        assert desk.sync().error is None
        desk.scripts.clear()
        assert desk.sync().error is None
        assert desk.kept() == before


def test_a_permission_that_is_lost_deletes_nothing(desk: Desk) -> None:
    before, at = desk.kept(), desk.store.sources()[0].fetched_at
    desk.hide_all()
    for _ in range(4):
        done = desk.sync()
        assert done.error is not None
        assert done.error.exit_code in {4, 5}
        assert desk.host in done.error.what
        assert "status" in done.error.what or "404" in done.error.what
        assert desk.kept() == before
        assert (done.state.status, done.state.fetched_at) == (SourceStatus.FAILED, at)
    desk.hide_all(hidden=False)
    assert desk.sync().error is None
    assert desk.kept() == before


def test_a_permission_that_is_lost_after_the_walk_deletes_nothing(desk: Desk) -> None:
    before = desk.kept()

    def close(seen: Seen) -> None:
        if desk.is_list(seen) and not desk.is_walk(seen):
            desk.hide_all()

    desk.script(close)
    for _ in range(3):
        desk.hide_all(hidden=False)
        desk.sync()
        assert desk.kept() == before


@pytest.mark.parametrize("left", [0, 3])
def test_a_backlog_that_shrinks_stops_the_run_and_keeps_all(desk: Desk, left: int) -> None:
    before = desk.kept()
    for number in range(left + 1, 11):
        desk.delete(number)
    for _ in range(3):
        done = desk.sync()
        assert done.error is not None
        assert f"{10 - left} of 10 records of {desk.part}" in done.error.what
        assert f"debtplan sync {desk.kind} --allow-shrink" in done.error.fix
        assert (done.error.exit_code, done.state.status) == (5, SourceStatus.SHRUNK)
        assert desk.kept() == before
    for _ in range(2):
        assert desk.sync(max_shrink=None).error is None
    assert desk.kept() == desk.there()
    assert len(desk.kept()) == left


def test_an_item_that_no_page_gave_is_found_by_the_census(desk: Desk) -> None:
    desk.add()

    def drop(records: list[object]) -> None:
        del records[-1:]

    desk.retouch(drop)
    desk.sync()
    desk.scripts.clear()
    done = desk.sync()
    assert (done.error, desk.kept()) == (None, desk.there())


def test_the_token_is_in_nothing_that_is_kept_said_or_shown(desk: Desk) -> None:
    pair = desk.server.log[-1].headers["authorization"].split()[1]
    no = f"{CANARY} and Basic {pair} and Bearer {CANARY} are refused"
    shown: list[str] = []
    for status in (200, 400, 401, 403, 404, 410, 429, 500):
        said: dict[str, Any] = {
            "message": no,
            "errorMessages": [no],
            "errors": {"jql": no},
            "error": no,
        }
        desk.scripts.clear()
        desk.fail(reply(said, status, Retry_After="99999"), times=99)
        done = desk.sync(attempts=2)
        assert done.error is not None
        shown += [str(done.error), repr(done), *traceback.format_exception(done.error)]
    desk.scripts.clear()
    source = desk.source()
    shown += [repr(source), *(repr(one) for one in source.probe()), source.scope(desk.part)]
    source.close()
    desk.sync()
    kept = (desk.store.items(), desk.store.sources(), desk.store.skipped(), desk.mark())
    with desk.store._database.reading() as connection:  # noqa: SLF001 - the bytes on the disk
        dumped = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
    text = "\n".join([*shown, repr(kept), dumped])
    assert "INSERT" in dumped
    assert [one for one in (CANARY, pair) if one in text] == []
