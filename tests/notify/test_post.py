"""One POST: what its answer means, and that it is one."""

import socket
import threading
from collections.abc import Iterator

import pytest

from debtplan.errors import LostAnswerError, NotSentError, SettingsError, UsageError
from debtplan.notify import NOTIFIERS
from debtplan.notify.post import Post
from debtplan.transport.access import Access
from tests.notify.notices import access, table
from tests.servers.harness import FakeServer, Reply

SECRET = "/services/T0/canary-path-0123456789?sig=" + "canary-query-0123456789"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer(lambda _: Reply(200, b"ok")) as made:
        yield made


def post(url: str) -> None:
    Post("the service", access("hook", DEBTPLAN_HOOK_URL=url))(b"{}")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_success_is_a_success(server: FakeServer, status: int) -> None:
    server.fail_once("", Reply(status))
    post(server.url + SECRET)
    (seen,) = server.log
    assert (seen.method, seen.content) == ("POST", b"{}")
    assert seen.query == {"sig": "canary-query-0123456789"}


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 410, 413, 429, 501, 503])
def test_a_refusal_is_surely_not_taken_and_never_repeated(server: FakeServer, status: int) -> None:
    told = Reply(
        status, b"no canary-path-0123456789", {"Location": "/elsewhere", "Retry-After": "1"}
    )
    server.fail_once("", told)
    with pytest.raises(NotSentError) as caught:
        post(server.url + SECRET)
    assert len(server.log) == 1
    assert str(status) in caught.value.what
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_a_failure_in_between_leaves_it_unknown_and_is_never_repeated(
    server: FakeServer, status: int
) -> None:
    server.fail_once("", Reply(status, b"oops"))
    with pytest.raises(LostAnswerError, match="not known"):
        post(server.url + SECRET)
    assert len(server.log) == 1


def test_a_login_page_is_no_success(server: FakeServer) -> None:
    server.fail_once("", Reply(200, b"<!doctype html><title>Sign in</title>"))
    with pytest.raises(NotSentError, match="a web page answered"):
        post(server.url + SECRET)


def test_an_answer_that_is_cut_off_leaves_it_unknown(server: FakeServer) -> None:
    server.fail_once("", Reply(200, b"ok" * 99, cut_after=3))
    with pytest.raises(LostAnswerError) as caught:
        post(server.url + SECRET)
    assert len(server.log) == 1
    assert "canary" not in str(caught.value)


@pytest.mark.slow
def test_an_answer_that_does_not_come_leaves_it_unknown(server: FakeServer) -> None:
    never = threading.Event()
    server.fail_once("", Reply(200, b"ok", waits_for=never))
    way = access("hook", DEBTPLAN_HOOK_URL=server.url + SECRET)
    way.line = way.line.model_copy(update={"request_s": 0.3})
    try:
        with pytest.raises(LostAnswerError, match="longer than"):
            Post("the service", way)(b"{}")
    finally:
        never.set()
    assert len(server.log) == 1


def test_a_service_that_is_not_there_surely_took_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotSentError) as caught:
        post(f"http://127.0.0.1:{port}{SECRET}")
    assert "cannot be reached" in caught.value.what
    assert "canary" not in str(caught.value)


def test_a_service_without_tls_surely_took_nothing(server: FakeServer) -> None:
    with pytest.raises(NotSentError, match="TLS"):
        post(server.url.replace("http:", "https:") + SECRET)
    assert server.log == []


def test_a_proxy_that_bars_the_way_kept_everything_back(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    with pytest.raises(NotSentError) as caught:
        post(f"https://hooks.example.com{SECRET}")
    assert server.log == []
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "hooks.example.com/services/canary-0123456789",
        "ftp://hooks.example.com/canary-0123456789",
        "http://hooks.example.com/canary-0123456789",
        "https://user:canary-0123456789@hooks.example.com/x",
        "https://hooks.example.com/x y\ncanary-0123456789",
        "https://169.254.169.254/canary-0123456789",
        "https://[::1/canary-0123456789",
    ],
)
def test_an_address_that_is_none_is_named_by_its_variable(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        post(address)
    assert "DEBTPLAN_HOOK_URL" in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_missing_address_says_which_variable_to_set() -> None:
    nothing: Access = access("hook")
    with pytest.raises(SettingsError, match="DEBTPLAN_HOOK_URL is not set"):
        Post("the service", nothing)(b"{}")


@pytest.mark.parametrize("kind", ["slack", "teams", "webhook"])
def test_a_look_posts_nothing_and_shows_no_part_of_the_address(
    server: FakeServer, kind: str
) -> None:
    way = access("hook", DEBTPLAN_HOOK_URL=server.url + SECRET)
    found = NOTIFIERS[kind]("hook", table(type=kind), way).probe()
    host = server.url.removeprefix("http://")
    assert found.is_well
    assert found.what.startswith(f"posts to {host}, with the address from DEBTPLAN_HOOK_URL; ")
    assert "nothing was posted" in found.what
    assert server.log == []
    assert "canary" not in str(found)


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("hooks.example.com/x", "DEBTPLAN_HOOK_URL holds no web address"),
        ("http://hooks.example.com/canary", "DEBTPLAN_HOOK_URL is not encrypted"),
        ("https://user:canary@hooks.example.com/x", "holds a user or a password"),
        ("https://169.254.169.254/canary", "an address of the cloud's own machine"),
    ],
)
def test_a_look_finds_an_address_that_may_not_be_asked(url: str, what: str) -> None:
    found = NOTIFIERS["slack"](
        "hook", table(type="slack"), access("hook", DEBTPLAN_HOOK_URL=url)
    ).probe()
    assert not found.is_well
    assert what in found.what
    assert found.fix
    assert "canary" not in str(found)


def test_a_look_says_whether_a_webhook_signs() -> None:
    asked = {"DEBTPLAN_HOOK_URL": "https://hooks.example.com/x"}
    for more, signed in (
        ({}, "messages are not signed"),
        ({"DEBTPLAN_HOOK_KEY": "k"}, "messages are signed with DEBTPLAN_HOOK_KEY"),
    ):
        found = NOTIFIERS["webhook"]("hook", table(type="webhook"), access("hook", **asked, **more))
        assert found.probe().what.endswith(signed)
