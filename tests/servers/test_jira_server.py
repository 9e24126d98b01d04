"""The fake Jira's oddities: credentials, pages that lie, limits, moving data."""

import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.servers.harness import Reply
from tests.servers.jira import CLOUD_ID, FakeJira, Paging

JQL = "project = A ORDER BY updated ASC, id ASC"
SEARCH = "/rest/api/3/search/jql"
# Nothing here is encrypted; reading the system's certificates would take most of the time.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def site(server: FakeJira, count: int = 0) -> None:
    server.store.add_project("A")
    for _ in range(count):
        server.store.create("A")
        server.advance(1)


def open_client(server: FakeJira, **headers: str) -> httpx.Client:
    given = {"Authorization": server.authorization(), **headers}
    return httpx.Client(base_url=server.url, headers=given, verify=PLAIN)


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with FakeJira() as server:
        site(server)
        yield server


def pages(client: httpx.Client, most: int = 50, **body: Any) -> list[dict[str, Any]]:
    """Walk a search; follows tokens as they come."""
    found: list[dict[str, Any]] = []
    token: dict[str, Any] = {}
    while len(found) < most:
        answer = client.post(SEARCH, json={"jql": JQL, **body, **token})
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        if "nextPageToken" not in found[-1]:
            break
        token = {"nextPageToken": found[-1]["nextPageToken"]}
    return found


def ids(found: list[dict[str, Any]]) -> list[int]:
    return [int(issue["id"]) for page in found for issue in page["issues"]]


def messages(answer: httpx.Response) -> tuple[int, list[str]]:
    return answer.status_code, answer.json()["errorMessages"]


def test_only_what_was_asked_for_is_returned(jira: FakeJira) -> None:
    jira.store.create("A", labels=["debt"])
    with open_client(jira) as client:
        (bare,) = pages(client)[0]["issues"]
        (named,) = pages(client, fields=["labels", "nothing"])[0]["issues"]
        (whole,) = pages(client, fields=["*all", "-labels"])[0]["issues"]
    assert bare == {"id": "10001"}
    assert (named["key"], named["fields"]) == ("A-1", {"labels": ["debt"]})
    assert "summary" in whole["fields"]
    assert "labels" not in whole["fields"]


def test_pages_have_jiras_limits(jira: FakeJira) -> None:
    for _ in range(120):
        jira.store.create("A")
    with open_client(jira) as client:
        assert [len(page["issues"]) for page in pages(client, maxResults=5000)] == [120]
        sizes = [len(page["issues"]) for page in pages(client, maxResults=500, fields=["key"])]
        assert sizes == [100, 20]
        assert [len(page["issues"]) for page in pages(client)] == [50, 50, 20]
        for wrong in (0, -1, 5001):
            assert client.post(SEARCH, json={"jql": JQL, "maxResults": wrong}).status_code == 400


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"jql": ""}, 400, "Unbounded JQL queries are not allowed here"),
        ({"jql": "ORDER BY key"}, 400, "Unbounded JQL queries are not allowed here"),
        ({"jql": JQL, "nextPageToken": "BOGUS"}, 400, "nextPageToken is invalid"),
        ({"jql": JQL, "startAt": 0}, 400, "There was an error parsing JSON"),
        ({"jql": JQL, "maxResults": "many"}, 400, "There was an error parsing JSON"),
        ({"jql": JQL, "reconcileIssues": [*range(51)]}, 400, "must not exceed 50"),
    ],
)
def test_a_wrong_search_is_refused(
    jira: FakeJira, body: dict[str, Any], status: int, message: str
) -> None:
    with open_client(jira) as client:
        found, said = messages(client.post(SEARCH, json=body))
    assert found == status
    assert message in said[0]


def test_a_token_belongs_to_its_query(jira: FakeJira) -> None:
    for _ in range(2):
        jira.store.create("A")
    with open_client(jira) as client:
        token = client.get(SEARCH, params={"jql": JQL, "maxResults": 1}).json()["nextPageToken"]
        assert set(token) & set("+/=")
        good = {"jql": JQL, "nextPageToken": token}
        assert [one["id"] for one in client.get(SEARCH, params=good).json()["issues"]] == ["10002"]
        assert client.get(SEARCH, params=good | {"jql": "project = A"}).status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_old_search_is_gone(jira: FakeJira, method: str) -> None:
    with open_client(jira) as client:
        status, said = messages(client.request(method, "/rest/api/3/search"))
    assert status == 410
    assert "CHANGE-2046" in said[0]


def test_pages_lie_as_told(jira: FakeJira) -> None:
    for _ in range(5):
        jira.store.create("A")
    paging = jira.options.paging = Paging(size=lambda page: 2)
    with open_client(jira) as client:
        honest = pages(client)
        assert [page.get("isLast") for page in honest] == [False, False, True]
        paging.is_last = lambda page, is_last: True
        assert [page["isLast"] for page in pages(client)] == [True, True, True]
        paging.is_last = lambda page, is_last: None
        assert not any("isLast" in page for page in pages(client))
        paging.empty = frozenset({2})
        assert [len(page["issues"]) for page in pages(client)] == [2, 0, 2, 1]
        paging.repeats_from = 2
        looped = pages(client, most=6)
    assert len({page["nextPageToken"] for page in looped}) == 1


@pytest.mark.parametrize(("by", "lost"), [("offset", [10003]), ("keyset", [])])
def test_an_update_between_pages_shifts_what_follows(by: Any, lost: list[int]) -> None:
    def touch_the_first(page: int) -> None:
        if page == 1:
            server.store.update("A-1", points=5)

    with FakeJira(paging=Paging(by=by), on_page=touch_the_first) as server:
        site(server, 5)
        with open_client(server) as client:
            seen = ids(pages(client, maxResults=2))
    assert [one for one in range(10001, 10006) if one not in seen] == lost
    assert seen[-1] == 10001


def test_the_search_lags_and_the_issue_does_not() -> None:
    with FakeJira(lag_s=30) as server, open_client(server) as client:
        site(server)
        issue = server.store.create("A")
        assert ids(pages(client)) == []
        assert ids(pages(client, reconcileIssues=[issue.id])) == [issue.id]
        assert client.get("/rest/api/3/issue/A-1").json()["id"] == "10001"
        server.advance(30)
        assert ids(pages(client)) == [issue.id]
        count = client.post("/rest/api/3/search/approximate-count", json={"jql": "project = A"})
        assert count.json() == {"count": 1}


def test_what_is_hidden_deleted_moved_or_archived(jira: FakeJira) -> None:
    store = jira.store
    store.add_project("B")
    hidden, deleted, moved, archived = (store.create("A") for _ in range(4))
    store.hide(hidden)
    store.delete(deleted)
    store.move(moved, "B")
    store.archive(archived)
    refs = ["A-1", "A-2", "A-3", "A-4", "10003"]
    with open_client(jira) as client:
        assert ids(pages(client, jql="project in (A, B)")) == [10003]
        status = [client.get(f"/rest/api/3/issue/{ref}").status_code for ref in refs]
        answer = client.post("/rest/api/3/issue/bulkfetch", json={"issueIdsOrKeys": refs}).json()
        put_away = client.get("/rest/api/3/issue/A-4").json()["fields"]
        store.show(hidden)
        store.unarchive(archived)
        assert ids(pages(client, jql="project in (A, B) ORDER BY id")) == [10001, 10004, 10003]
    assert status == [404, 404, 200, 200, 200]
    assert put_away["archiveddate"] == "2026-11-02T09:00:00.000+0000"
    assert [one["key"] for one in answer["issues"]] == ["B-1", "A-4"]
    assert [one["id"] for one in answer["issueErrors"]] == ["A-1", "A-2"]


def test_a_hidden_project_is_gone_from_everything(jira: FakeJira) -> None:
    jira.store.create("A")
    jira.store.add_board("A")
    jira.store.hide_project("A")
    with open_client(jira) as client:
        status, said = messages(client.post(SEARCH, json={"jql": JQL}))
        assert (status, said) == (400, ["The value 'A' does not exist for the field 'project'."])
        assert client.get("/rest/api/3/project/search").json()["values"] == []
        assert client.get("/rest/agile/1.0/board").json()["values"] == []
        for path in ("api/3/project/A", "api/3/issue/A-1", "agile/1.0/board/1"):
            assert client.get(f"/rest/{path}").status_code == 404
        answer = client.get("/rest/api/3/mypermissions?projectKey=A&permissions=BROWSE_PROJECTS")
        assert answer.status_code == 404


def test_wrong_credentials_are_refused(jira: FakeJira) -> None:
    with open_client(jira, Authorization="Basic d3Jvbmc6b25l") as client:
        for path in ("/rest/api/3/myself", "/rest/api/3/field", "/rest/agile/1.0/board"):
            answer = client.get(path)
            assert answer.status_code == 401
            assert answer.headers["x-seraph-loginreason"] == "AUTHENTICATED_FAILED"
        assert client.get("/rest/api/3/serverInfo").json()["deploymentType"] == "Cloud"
    assert jira.refused == 3


def test_an_open_site_serves_wrong_credentials_with_nothing(jira: FakeJira) -> None:
    jira.options.anonymous = True
    jira.store.create("A")
    with open_client(jira, Authorization="Basic d3Jvbmc6b25l") as client:
        answer = client.post(SEARCH, json={"jql": JQL})
        assert (answer.status_code, answer.json()) == (200, {"issues": [], "isLast": True})
        assert answer.headers["x-seraph-loginreason"] == "AUTHENTICATED_FAILED"
        assert client.get("/rest/agile/1.0/board").json()["values"] == []
        assert client.get("/rest/api/3/field").json() == []
        assert client.get("/rest/api/3/issue/A-1").status_code == 404
        assert client.get("/rest/api/3/myself").status_code == 401
    with open_client(jira) as client:
        right = client.post(SEARCH, json={"jql": JQL})
    assert len(right.json()["issues"]) == 1
    assert "x-seraph-loginreason" not in right.headers


def test_a_scoped_token_opens_the_gateway_only() -> None:
    with FakeJira(scoped=True) as server, open_client(server) as client:
        site(server, 1)
        assert httpx.get(f"{server.url}/_edge/tenant_info").json() == {"cloudId": CLOUD_ID}
        assert client.get("/rest/api/3/myself").status_code == 401
        assert client.get(f"{server.gateway}/rest/api/3/myself").status_code == 200
        answer = client.post(f"{server.gateway}{SEARCH}", json={"jql": JQL, "fields": ["key"]})
        assert answer.json()["issues"][0]["self"].startswith(f"{server.url}/rest/")
        assert client.get("/ex/jira/another/rest/api/3/myself").status_code == 404


def test_too_many_wrong_credentials_ask_for_a_captcha() -> None:
    with FakeJira("Server", captcha_after=2) as server:
        with open_client(server, Authorization="Bearer wrong") as client:
            status = [client.get("/rest/api/2/myself").status_code for _ in range(3)]
        with open_client(server) as client:
            answer = client.get("/rest/api/2/myself")
    assert status == [401, 401, 403]
    # Not even the right token helps once the account is locked.
    assert answer.status_code == 403
    reason = answer.headers["x-authentication-denied-reason"]
    assert reason.startswith("CAPTCHA_CHALLENGE; login-url=")


def test_the_rate_limit_ends_when_virtual_time_has_passed() -> None:
    with FakeJira(rate_limit=(2, 10)) as server, open_client(server) as client:
        ask: Callable[[], httpx.Response] = lambda: client.get("/rest/api/3/myself")  # noqa: E731
        assert [ask().status_code for _ in range(3)] == [200, 200, 429]
        server.advance(4)
        assert ask().headers["retry-after"] == "6"
        server.advance(6)
        assert ask().status_code == 200


def test_the_date_is_the_servers() -> None:
    with FakeJira() as server, open_client(server) as client:
        server.now = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
        answer = client.get("/rest/api/3/myself")
        assert answer.headers.get_list("date") == ["Sat, 02 Jan 2027 03:04:05 GMT"]
        server.fail_once("/myself", Reply(503))
        assert client.get("/rest/api/3/myself").headers["date"].endswith("03:04:05 GMT")


def test_latency_is_real_even_where_sleep_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with FakeJira(latency_s=0.02) as server, open_client(server) as client:
        start = time.monotonic()
        client.get("/rest/api/3/myself")
        assert time.monotonic() - start >= 0.02


def test_an_unknown_path_or_method_is_an_error(jira: FakeJira) -> None:
    with open_client(jira) as client:
        assert client.get("/rest/api/3/nothing").status_code == 404
        assert client.delete("/rest/api/3/field").status_code == 405
        assert client.get("/rest/greenhopper/1.0/rapid/charts/velocity").status_code == 404
