"""No request, and so no token, goes to a server that the settings do not name."""

import json
from urllib.parse import quote

import pytest

from debtplan.errors import DebtplanError, SourceError, UsageError
from debtplan.transport.answer import Request
from debtplan.transport.client import Client, Login
from debtplan.transport.pages import pages
from debtplan.transport.retry import Budget
from debtplan.transport.secret import Secret
from tests.servers.harness import FakeServer, Reply, Seen, reply
from tests.transport.asking import LOGIN, TOKEN, client, line

EVERY_HEADER = Login(
    {
        name: Secret(TOKEN)
        for name in ("Authorization", "Api-Key", "Private-Token", "X-Scope-OrgID", "Cookie")
    }
)


def nobody(_: Seen) -> Reply:
    return reply({})


def elsewhere(home: FakeServer, other: FakeServer) -> list[str]:
    """Return addresses that are not `home`'s, however much they look so."""
    port = home.url.rsplit(":", 1)[1]
    other_port = other.url.rsplit(":", 1)[1]
    return [
        f"{other.url}/next",
        f"http://localhost:{other_port}/next",
        f"http://localhost:{port}/next",
        f"http://[::1]:{port}/next",
        f"https://127.0.0.1:{port}/next",
        f"http://127.0.0.1:{port}@127.0.0.1:{other_port}/next",
        f"http://127.0.0.1:{other_port}\\@127.0.0.1:{port}/next",
        f"http://127.0.0.1:{port}\\@127.0.0.1:{other_port}/next",
        f"http://x@127.0.0.1:{port}/next",
        "http://169.254.169.254/latest/meta-data/",
        f"//127.0.0.1:{other_port}/next",
        "file:///etc/passwd",
        "http:///next",
        "http://127.0.0.1:port/next",
    ]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.slow
def test_no_redirect_leads_to_another_server(status: int) -> None:
    with FakeServer(nobody) as other, FakeServer(nobody) as home:
        for target in elsewhere(home, other):
            if target == "http:///next":
                continue  # without a host, it is the server's own
            home.log.clear()
            home.faults[:] = [lambda _, target=target: Reply(status, headers={"Location": target})]  # type: ignore[misc]
            with client(home.url, EVERY_HEADER) as asking:
                with pytest.raises(SourceError, match="sends on to"):
                    asking.get("first")
                assert asking.requests == 1
            assert len(home.log) == 1
            assert home.log[0].headers["private-token"] == TOKEN
        assert other.log == []


@pytest.mark.slow
def test_no_next_page_is_asked_of_another_server() -> None:
    with FakeServer(nobody) as other, FakeServer(nobody) as home:
        for target in elsewhere(home, other):
            if target.startswith("//"):
                continue  # a path of our own server, as every path without a scheme
            home.log.clear()
            home.faults[:] = [
                lambda _, target=target: reply([1], Link=f'<{target}>; rel="next"')  # type: ignore[misc]
            ]
            with client(home.url, EVERY_HEADER) as asking:
                found = pages(
                    asking,
                    Request("first"),
                    lambda page: Request(link) if (link := page.link("next")) else None,
                )
                assert next(found).json() == [1]
                with pytest.raises(SourceError) as caught:
                    next(found)
                assert asking.requests == 1
            assert "for the next page" in caught.value.what
            assert "gets no token" in caught.value.fix
        assert other.log == []


def test_a_path_that_looks_like_a_host_stays_with_the_service() -> None:
    with FakeServer(nobody) as home, client(home.url) as asking:
        asking.get("//evil.example/next")
        asking.get("rest?callback=https://evil.example")
    assert home.paths() == ["GET /evil.example/next", "GET /rest"]


def test_a_redirect_within_the_service_is_followed_with_the_token() -> None:
    with FakeServer(lambda seen: reply({"at": seen.path})) as home:
        home.fail_once("/a", Reply(302, headers={"Location": "/b?x=1"}))
        home.fail_once("/b", Reply(307, headers={"Location": f"{home.url}/c"}))
        with client(home.url) as asking:
            assert asking.get("a").json() == {"at": "/c"}
    assert {seen.headers["authorization"] for seen in home.log} == {f"Bearer {TOKEN}"}


def test_a_token_written_twice_over_in_a_redirects_path_does_not_show() -> None:
    twice = quote(quote(TOKEN, safe=""), safe="")
    with FakeServer(nobody) as home:
        home.fail_once("/a", Reply(302, headers={"Location": f"/b/{twice}/c"}))
        home.faults.append(lambda seen: Reply(404) if seen.path.startswith("/b/") else None)
        with client(home.url) as asking, pytest.raises(SourceError, match="does not exist") as told:
            asking.get("a")
        assert "/b/***/c" in told.value.what


def test_redirects_in_a_circle_end() -> None:
    with FakeServer(lambda seen: Reply(302, headers={"Location": f"/x{seen.path}"})) as home:
        with client(home.url) as asking, pytest.raises(SourceError, match="in a circle"):
            asking.get("a")
        assert len(home.log) == 4


@pytest.mark.parametrize("target", ["", "/a"])
def test_a_redirect_to_nowhere_or_to_itself_is_an_error(target: str) -> None:
    with FakeServer(lambda _: Reply(302, headers={"Location": target})) as home:
        with client(home.url) as asking, pytest.raises(SourceError, match="not followed"):
            asking.get("a")
        assert len(home.log) == 1


def test_a_question_with_a_body_is_not_sent_on() -> None:
    with FakeServer(lambda _: Reply(307, headers={"Location": "/b"})) as home:
        with client(home.url) as asking, pytest.raises(SourceError, match="not followed"):
            asking.post("a", {"jql": "x"})
        assert home.paths() == ["POST /a"]


def test_a_question_in_a_form_is_not_sent_on() -> None:
    with FakeServer(lambda _: Reply(307, headers={"Location": "/b"})) as home:
        with client(home.url) as asking, pytest.raises(SourceError, match="not followed"):
            asking.ask(Request("a", (("jql", "x"),), is_form=True))
        assert home.paths() == ["POST /a"]


def test_what_is_asked_arrives_as_it_was_given() -> None:
    with FakeServer(nobody) as home, client(f"{home.url}/jira/") as asking:
        asking.get("/rest/search", jql='a = "ü&b"', page="2\ud800")
        asking.post("rest/search", {"jql": "ü", "fields": ["summary"]})
        asking.ask(Request(f"{home.url}/jira/rest?cursor=a%2Bb", (("n", "1"),)))
        asking.ask(Request("rest", (("q", "ü&b"), ("page", "2\ud800")), is_form=True))
    first, second, third, fourth = home.log
    assert (first.path, first.query) == ("/jira/rest/search", {"jql": 'a = "ü&b"', "page": "2?"})
    assert json.loads(second.content) == {"jql": "ü", "fields": ["summary"]}
    assert second.headers["content-type"] == "application/json"
    assert third.query == {"cursor": "a+b", "n": "1"}
    assert (fourth.query, fourth.form) == ({}, {"q": "ü&b", "page": "2?"})
    assert fourth.headers["content-type"] == "application/x-www-form-urlencoded"
    assert first.headers["accept-encoding"] == "gzip"
    assert first.headers["user-agent"] == "debtplan"


def test_an_address_that_cannot_be_asked_is_refused_when_the_client_is_made() -> None:
    for base in ("jira.example.com", "https://jira.example.com\n", "https://ü..example"):
        with pytest.raises(UsageError, match="no web address"):
            Client(base, LOGIN, line(), Budget(1, 1))


def test_the_message_about_a_foreign_host_is_safe_to_paste() -> None:
    with FakeServer(nobody) as home, client(home.url) as asking:
        with pytest.raises(DebtplanError) as caught:
            asking.get(f"https://{TOKEN[:12].lower()}.evil.example/{TOKEN}?t={TOKEN}")
        assert TOKEN not in str(caught.value)
