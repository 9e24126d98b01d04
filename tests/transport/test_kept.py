"""Answers kept by their ETag: what still holds is not sent again, and nothing else is kept."""

from contextlib import suppress

import pytest

from debtplan.errors import DebtplanError, SourceError
from debtplan.transport.answer import Answer, Request
from debtplan.transport.client import Login
from debtplan.transport.secret import Secret, basic, bearer
from tests.servers.harness import FakeServer, Reply, Seen, reply
from tests.transport.asking import LOGIN, TOKEN, Table, client

ETAG = 'W/"v1"'


def versioned(seen: Seen) -> Reply:
    if seen.headers.get("if-none-match") == ETAG:
        return Reply(304, headers={"ETag": ETAG})
    link = '</rest?page=2>; rel="next"'
    return reply({"path": seen.path, "query": dict(seen.query)}, ETag=ETAG, Link=link)


def test_what_has_not_changed_is_the_kept_answer_with_its_next_page() -> None:
    table = Table()
    with FakeServer(versioned) as home, client(home.url, etags=table) as asking:
        before = asking.get("rest", is_kept=True, q="1")
        after = asking.get("rest", is_kept=True, q="1")
        assert [seen.headers.get("if-none-match") for seen in home.log] == [None, ETAG]
    assert (after.status, after.content) == (200, before.content)
    assert after.link("next") == before.link("next") == "/rest?page=2"


def test_a_next_page_that_is_new_counts_more_than_the_kept_one() -> None:
    table = Table()
    with FakeServer(versioned) as home, client(home.url, etags=table) as asking:
        asking.get("rest", is_kept=True)
        home.fail_once("/rest", Reply(304, headers={"Link": '</rest?page=9>; rel="next"'}))
        assert asking.get("rest", is_kept=True).link("next") == "/rest?page=9"


def test_an_answer_is_kept_only_where_that_is_asked_for() -> None:
    table = Table()
    with FakeServer(versioned) as home, client(home.url, etags=table) as asking:
        asking.get("rest")
        asking.ask(Request("rest", body={"jql": "x"}, is_kept=True))
    assert table == {}


def test_a_changed_answer_takes_the_place_of_the_kept_one() -> None:
    table = Table()
    with FakeServer(versioned) as home, client(home.url, etags=table) as asking:
        asking.get("rest", is_kept=True)
        home.faults.append(lambda _: reply({"new": True}, ETag='"v2"'))
        assert asking.get("rest", is_kept=True).json() == {"new": True}
    assert [etag for etag, _ in table.values()] == ['"v2"']


@pytest.mark.parametrize(
    "other",
    [
        Login({"Authorization": bearer(Secret("another-token"))}),
        Login({"Private-Token": bearer(Secret(TOKEN))}),
        Login(),
    ],
)
def test_an_answer_to_one_user_is_not_given_to_another(other: Login) -> None:
    table = Table()
    with FakeServer(versioned) as home:
        for login in (LOGIN, other):
            with client(home.url, login, etags=table) as asking:
                asking.get("rest", is_kept=True)
        assert [seen.headers.get("if-none-match") for seen in home.log] == [None, None]
    assert len(table) == 2


def test_answers_at_other_addresses_are_others() -> None:
    table = Table()
    with FakeServer(versioned) as home, client(home.url, etags=table) as asking:
        for path, query in (("rest", "1"), ("rest", "2"), ("other", "1")):
            found = asking.get(path, is_kept=True, q=query).json()
            assert found == {"path": f"/{path}", "query": {"q": query}}
    assert len(table) == 3


def test_nothing_changed_without_a_kept_answer_is_a_failure() -> None:
    with FakeServer(lambda _: Reply(304)) as home, client(home.url, etags=Table()) as asking:
        with pytest.raises(SourceError, match="nothing is known from before"):
            asking.get("rest", is_kept=True)
        with pytest.raises(SourceError, match="nothing is known from before"):
            asking.get("rest")


@pytest.mark.parametrize("damaged", [b"", b"no head", b"[]\n{}", b"\xff\n{}"])
def test_a_damaged_entry_is_not_used(damaged: bytes) -> None:
    table = Table()
    with FakeServer(versioned) as home, client(home.url, etags=table) as asking:
        asking.get("rest", is_kept=True)
        for key in table:
            table[key] = (ETAG, damaged)
        assert asking.get("rest", is_kept=True).json() == {"path": "/rest", "query": {}}


@pytest.mark.parametrize(
    "failed",
    [
        reply({"message": "no"}, 401, ETag=ETAG),
        reply({"message": "no"}, 404, ETag=ETAG),
        reply({}, 206, ETag=ETAG),
        reply({}, ETag=ETAG, X_Seraph_LoginReason="AUTHENTICATED_FAILED"),
        Reply(200, b"<html>Log in</html>", {"ETag": ETAG}),
        Reply(200, b'{"issues": []}', {"ETag": ETAG}, cut_after=3),
        reply({"no": "etag"}),
        reply({}, ETag='"\xfc"'),
    ],
)
def test_nothing_is_kept_of_what_is_no_whole_answer(failed: Reply) -> None:
    def judge(found: Answer) -> str | None:
        return found.headers.get("x-seraph-loginreason")

    table = Table()
    login = Login(LOGIN.headers, judge=judge)
    with (
        suppress(DebtplanError),
        FakeServer(lambda _: failed) as home,
        client(home.url, login, etags=table) as asking,
    ):
        asking.get("rest", is_kept=True)
    assert table == {}


def test_the_table_holds_no_credentials() -> None:
    table = Table()
    login = Login({"Authorization": basic("ann", Secret("hunter2-canary"))})
    with FakeServer(versioned) as home, client(home.url, login, etags=table) as asking:
        asking.get("rest", is_kept=True)
    assert "hunter2" not in repr(table)
    assert login.headers["Authorization"].reveal().split()[1] not in repr(table)
