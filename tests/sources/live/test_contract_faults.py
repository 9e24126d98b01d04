"""What every live tracker promises where something goes wrong: said, asked again, nothing lost."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from debtplan.core.source import SourceStatus
from debtplan.store import SqlStore, open_store
from debtplan.workflows.synced import Synced
from tests.servers.harness import Reply, Seen, reply
from tests.sources.live.contract import DESK_PARAMS, desk_of
from tests.sources.live.contract_desk import HOUR, MINUTE, Desk
from tests.thinned import thinned

COMMAND = re.compile(
    r"`debtplan \w+|Run it again|Upgrade debtplan|DEBTPLAN_\w+|HTTPS_PROXY"
    r"|\[(?:transport|sources\.\w+)\]"
)
"""What somebody can type or set next."""


@pytest.fixture(scope="module")
def store() -> Iterator[SqlStore]:
    """Open a real store in memory, once: making its tables takes longer than most checks."""
    with open_store("sqlite://") as opened:
        yield opened


@pytest.fixture(params=DESK_PARAMS)
def desk(request: pytest.FixtureRequest, store: SqlStore) -> Iterator[Desk]:
    """Each tracker in turn, with five items of which the store knows none."""
    with desk_of(request.param, store) as opened:
        opened.fill(5)
        yield opened


def assert_said(desk: Desk, done: Synced, exit_code: int, *pieces: str) -> None:
    """Assert that a failure names the host and other pieces, and what to do, and is kept."""
    error = done.error
    assert error is not None
    assert [one for one in (desk.host, *pieces) if one not in error.what] == []
    assert COMMAND.search(error.fix)
    assert error.what.endswith(".")
    assert error.fix.endswith(".")
    assert error.exit_code == exit_code
    assert (done.state.status, done.state.detail) == (SourceStatus.FAILED, error.what)
    assert desk.store.sources() == (done.state,)


def assert_good(desk: Desk, done: Synced) -> None:
    assert done.error is None
    assert desk.kept() == desk.there()


def fails(desk: Desk, answer: Reply, exit_code: int, *pieces: str) -> None:
    """Let a first and a later run meet an answer; neither empties what is there."""
    desk.fail(answer, times=99)
    done = desk.sync()
    assert_said(desk, done, exit_code, *pieces)
    assert (desk.kept(), done.state.fetched_at) == ({}, None)
    desk.scripts.clear()
    good = desk.sync()
    assert_good(desk, good)
    before = desk.mark()
    desk.fail(answer, times=99)
    desk.server.advance(HOUR)
    done = desk.sync()
    assert_said(desk, done, exit_code, *pieces)
    assert (desk.kept(), done.state.records) == (desk.there(), 5)
    assert done.state.fetched_at == good.state.fetched_at
    assert desk.mark() == before


def test_a_refused_token_is_sent_no_second_time(desk: Desk) -> None:
    fails(desk, Reply(401), 4, "401", f"DEBTPLAN_{desk.kind.upper()}_TOKEN")
    desk.scripts.clear()
    desk.fail(Reply(401), times=99)
    asked = desk.pages
    desk.sync()
    assert desk.pages - asked == 1


def test_a_token_that_is_wrong_is_said_and_not_tried_long(desk: Desk) -> None:
    done = desk.sync(token="another-token")  # noqa: S106 - opens nothing
    assert_said(desk, done, 4, "401", f"DEBTPLAN_{desk.kind.upper()}_TOKEN")
    assert len(desk.server.log) <= 4


def test_a_closed_door_is_no_empty_backlog(desk: Desk) -> None:
    no: dict[str, Any] = {
        "message": "Resource not accessible",
        "errorMessages": ["You may not browse it."],
    }
    fails(desk, reply(no, 403), 4, "403")


def test_a_403_that_means_too_many_requests_is_waited_for(desk: Desk) -> None:
    words = "You have exceeded a secondary rate limit."
    said: dict[str, Any] = {"message": words, "errorMessages": [words]}
    desk.fail(reply(said, 403, Retry_After="7"))
    assert_good(desk, desk.sync())
    assert desk.waited == [7.0]


def test_what_was_removed_is_said(desk: Desk) -> None:
    fails(desk, reply({"errorMessages": ["removed"], "message": "removed"}, 410), 5, "410")


@pytest.mark.parametrize("status", [404, 418, 451])
def test_another_refusal_is_said_with_its_status(desk: Desk, status: int) -> None:
    fails(desk, reply({"message": "no"}, status), 5, str(status))


def later(desk: Desk) -> str:
    return format_datetime(desk.server.now + timedelta(seconds=9), usegmt=True)


@pytest.mark.parametrize(
    ("asks", "waits"),
    [("9", 9.0), ("date", 9.0), ("soon", 60.0), (None, 60.0), ("-5", 60.0), ("0", 1.0)],
)
def test_a_limit_is_waited_for_as_asked(desk: Desk, asks: str | None, waits: float) -> None:
    value = later(desk) if asks == "date" else asks
    desk.fail(reply({}, 429, **({"Retry_After": value} if value else {})))
    assert_good(desk, desk.sync())
    assert desk.waited == [waits]


@pytest.mark.parametrize("asks", ["3600", "999999999999"])
def test_a_limit_that_lasts_too_long_is_not_waited_for(desk: Desk, asks: str) -> None:
    fails(desk, reply({}, 429, Retry_After=asks), 5, "limit of requests", "asks to wait")
    assert desk.waited == []


def test_a_fault_that_passes_is_asked_again(desk: Desk) -> None:
    desk.fail(Reply(500), times=2)
    assert_good(desk, desk.sync())


def test_a_fault_that_stays_is_said(desk: Desk) -> None:
    fails(desk, Reply(500), 5, "500", "5 times")


BODIES = {
    "page": Reply(200, b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html"}),
    "no JSON": Reply(200, b'{"issues": ['),
    "nothing": Reply(200, b""),
    "null": reply(None),
    "text": reply("moved"),
    "another object": reply({"hello": 1}),
    "an error": reply({"errorMessages": ["boom"], "errors": {}, "message": "boom"}),
    "no number": Reply(200, b'{"issues": NaN}'),
    "nested": Reply(200, b"[" * 5000 + b"]" * 5000),
    "no UTF-8": Reply(200, b'{"issues": "\xff"}'),
    "nothing of a list": Reply(204),
    "strangers": reply({"issues": ["a", 1, None], "total": 3}),
}


@pytest.mark.parametrize("answer", thinned(BODIES, 3))
def test_a_body_that_is_no_list_is_an_error_and_never_empty(desk: Desk, answer: Reply) -> None:
    fails(desk, answer, 5)


def test_a_list_of_strangers_is_no_list_of_items(desk: Desk) -> None:
    desk.sync()
    strangers: list[Any] = [None, "a", 1]
    desk.retouch(lambda records: records.__setitem__(slice(None), strangers), everywhere=True)
    for _ in range(3):
        desk.sync()
        assert desk.kept() == desk.there()


def cut(desk: Desk, times: int) -> None:
    left = [times]

    def fault(seen: Seen) -> Reply | None:
        if not desk.is_list(seen) or not left[0]:
            return None
        left[0] -= 1
        whole = desk.real(seen)
        return Reply(200, whole.content, whole.headers, cut_after=len(whole.content) // 2)

    desk.script(fault)


def test_a_body_that_is_cut_is_asked_for_again(desk: Desk) -> None:
    cut(desk, 2)
    assert_good(desk, desk.sync())


def test_a_body_that_is_always_cut_is_said_and_kept_from_the_store(desk: Desk) -> None:
    desk.sync()
    cut(desk, 99)
    done = desk.sync()
    assert_said(desk, done, 5, "broke off")
    assert desk.kept() == desk.there()


def test_a_body_without_end_is_refused(desk: Desk) -> None:
    desk.sync()
    desk.fail(Reply(200, b" " * 200_000))
    done = desk.sync(page_mb=0.1)
    assert_said(desk, done, 5, "0.1 MB")
    assert desk.kept() == desk.there()


def test_a_page_that_fails_in_the_middle_keeps_the_pages_before_it(desk: Desk) -> None:
    desk.fill(15)
    desk.size = lambda _: 5
    desk.fail(Reply(200, b"oops"), times=99, after=2)
    done = desk.sync()
    assert_said(desk, done, 5)
    assert 5 <= len(desk.kept()) < 20
    assert done.state.records == len(desk.kept())
    desk.scripts.clear()
    asked = desk.pages
    done = desk.sync()
    assert_good(desk, done)
    assert done.changes is not None
    assert done.changes.gone == ()
    assert desk.pages > asked


def test_a_token_that_expires_between_pages_keeps_what_was_read(desk: Desk) -> None:
    desk.fill(15)
    desk.size = lambda _: 5
    desk.fail(Reply(401), times=99, after=1)
    assert_said(desk, desk.sync(), 4, "401")
    assert len(desk.kept()) == 5
    desk.scripts.clear()
    assert_good(desk, desk.sync())


def test_a_census_that_fails_deletes_nothing(desk: Desk) -> None:
    desk.sync()
    desk.server.advance(HOUR)
    desk.delete(2)

    def fault(seen: Seen) -> Reply | None:
        is_census = desk.is_list(seen) and not desk.is_walk(seen)
        return reply({"oops": []}) if is_census else None

    desk.script(fault)
    for _ in range(3):
        assert_said(desk, desk.sync(), 5)
        assert len(desk.kept()) == 5


def test_an_answer_that_leads_to_another_server_is_not_followed(desk: Desk) -> None:
    desk.sync()
    desk.fail(Reply(302, b"", {"Location": "http://127.0.0.1:9/elsewhere"}), times=99)
    assert_said(desk, desk.sync(), 5, "127.0.0.1:9")
    assert desk.kept() == desk.there()


def test_a_tracker_that_is_not_there_is_said(desk: Desk) -> None:
    desk.sync()
    desk.server._server.server_close()  # noqa: SLF001 - from now on nobody takes a call
    desk.server._server.shutdown()  # noqa: SLF001
    done = desk.sync(attempts=2)
    assert_said(desk, done, 5, "cannot be reached")
    assert desk.kept() == desk.there()


def test_a_failure_is_forgotten_when_all_is_well_again(desk: Desk) -> None:
    desk.fail(Reply(500), times=5)
    assert desk.sync().error is not None
    desk.server.advance(MINUTE)
    done = desk.sync()
    assert_good(desk, done)
    assert desk.store.sources() == (done.state,)
    assert (done.state.status, done.state.fetched_at) == (SourceStatus.OK, desk.server.now)
