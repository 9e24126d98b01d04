"""Boards, sprints and histories of the fake Jira, and what Data Center does its own way."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from debtplan.sources.jira.estimate import find_estimate
from debtplan.sources.jira.sprint import parse_sprint
from tests.servers.jira import FakeJira
from tests.servers.jira_store import START

AGILE = "/rest/agile/1.0"
# Nothing here is encrypted; reading the system's certificates would take most of the time.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(params=["Cloud", "Server"])
def jira(request: pytest.FixtureRequest) -> Iterator[FakeJira]:
    with FakeJira(request.param) as server:
        server.store.add_project("A")
        yield server


@pytest.fixture
def client(jira: FakeJira) -> Iterator[httpx.Client]:
    headers = {"Authorization": jira.authorization()}
    with httpx.Client(base_url=jira.url, headers=headers, verify=PLAIN) as client:
        yield client


@pytest.fixture
def server() -> Iterator[FakeJira]:
    with FakeJira("Server") as server:
        server.store.add_project("A")
        yield server


def get(server: FakeJira, path: str, **query: Any) -> Any:
    headers = {"Authorization": server.authorization()}
    answer = httpx.get(server.url + path, params=query, headers=headers, verify=PLAIN)
    assert answer.status_code == 200, answer.text
    return answer.json()


def post(server: FakeJira, path: str, body: dict[str, Any]) -> Any:
    headers = {"Authorization": server.authorization()}
    answer = httpx.post(server.url + path, json=body, headers=headers, verify=PLAIN)
    assert answer.status_code == 200, answer.text
    return answer.json()


def keys(page: Any) -> list[str]:
    return [issue["key"] for issue in page["issues"]]


def test_boards_and_sprints_come_fifty_at_a_time(jira: FakeJira) -> None:
    boards = [jira.store.add_board("A", f"Board {number}") for number in range(52)]
    for number in range(51):
        jira.store.add_sprint(boards[0], f"Sprint {number}")
    page = get(jira, f"{AGILE}/board", maxResults=1000)
    assert (len(page["values"]), page["maxResults"], page["isLast"]) == (50, 50, False)
    page = get(jira, f"{AGILE}/board", startAt=50)
    assert (len(page["values"]), page["isLast"]) == (2, True)
    page = get(jira, f"{AGILE}/board/1/sprint", startAt=10, maxResults=500)
    assert (len(page["values"]), page["isLast"]) == (41, True)
    assert ("total" in page) == jira.store.site.is_cloud


def test_boards_are_chosen_by_project_type_and_name(jira: FakeJira) -> None:
    jira.store.add_project("B")
    for project, name, kind in (("A", "One", "scrum"), ("A", "Two", "kanban"), ("B", "x", "scrum")):
        jira.store.add_board(project, name, kind)
    for query, names in (
        ({"projectKeyOrId": "A"}, ["One", "Two"]),
        ({"projectKeyOrId": "10001"}, ["x"]),
        ({"type": "kanban,simple"}, ["Two"]),
        ({"name": "o"}, ["One", "Two"]),
    ):
        page = get(jira, f"{AGILE}/board", **query)
        assert [one["name"] for one in page["values"]] == names


def test_a_kanban_board_has_no_sprints(jira: FakeJira, client: httpx.Client) -> None:
    jira.store.add_board("A", kind="kanban")
    answer = client.get(f"{AGILE}/board/1/sprint")
    assert answer.status_code == 400
    assert answer.json()["errorMessages"] == ["The board does not support sprints"]
    assert "estimation" not in get(jira, f"{AGILE}/board/1/configuration")


@pytest.mark.parametrize("path", ["board/9", "board/9/sprint", "sprint/9", "sprint/9/issue"])
def test_what_does_not_exist_is_404(client: httpx.Client, path: str) -> None:
    assert client.get(f"{AGILE}/{path}").status_code == 404


def test_the_board_names_the_estimate_that_its_issues_hold(jira: FakeJira) -> None:
    store = jira.store
    store.add_project("T", team_managed=jira.store.site.is_cloud)
    for project, board in (("A", store.add_board("A")), ("T", store.add_board("T", kind="simple"))):
        store.create(project, points=5)
        configuration = get(jira, f"{AGILE}/board/{board.id}/configuration")
        estimate = find_estimate(None, [configuration], get(jira, "/rest/api/2/field"), [])
        fields = get(jira, f"/rest/api/2/issue/{project}-1")["fields"]
        assert fields[estimate.fields[0]] == 5
    hours = store.add_board("A", estimate="timeoriginalestimate")
    field = get(jira, f"{AGILE}/board/{hours.id}/configuration")["estimation"]["field"]
    assert field["fieldId"] == "timeoriginalestimate"
    count = store.add_board("A", estimate="")
    assert get(jira, f"{AGILE}/board/{count.id}/configuration")["estimation"] == {
        "type": "issueCount"
    }


def test_sprint_board_and_backlog_hold_their_issues(jira: FakeJira) -> None:
    store = jira.store
    board = store.add_board("A")
    active, future = store.add_sprint(board), store.add_sprint(board)
    store.start_sprint(active)
    store.create("A", sprint=active, labels=["debt"])
    store.create("A", sprint=future)
    store.create("A")
    store.create("A", status="Done")
    store.create("A", sprint=active)
    assert keys(get(jira, f"{AGILE}/sprint/{active.id}/issue")) == ["A-1", "A-5"]
    assert keys(get(jira, f"{AGILE}/board/1/backlog")) == ["A-3"]
    page = get(jira, f"{AGILE}/board/1/issue", startAt=1, maxResults=2, fields="summary")
    assert (keys(page), page["total"]) == (["A-2", "A-3"], 5)
    assert [list(one["fields"]) for one in page["issues"]] == [["summary"], ["summary"]]
    page = get(jira, f"{AGILE}/board/1/issue", jql="labels = debt OR key = A-4 ORDER BY key DESC")
    assert keys(page) == ["A-4", "A-1"]


def test_a_sprint_goes_through_its_states(jira: FakeJira) -> None:
    store = jira.store
    board = store.add_board("A")
    old, new = store.add_sprint(board, "Old"), store.add_sprint(board, "New")
    path = f"{AGILE}/sprint/{old.id}"
    assert get(jira, path)["state"] == "future"
    assert "startDate" not in get(jira, path)
    store.start_sprint(old, days=7)
    jira.advance(86_400)
    store.close_sprint(old)
    found = parse_sprint(get(jira, path))
    assert found is not None
    assert (found.state, found.board) == ("closed", str(board.id))
    assert (found.started_at, found.ended_at) == (START, START + timedelta(days=7))
    assert found.completed_at == START + timedelta(days=1)
    store.start_sprint(new)
    shown = get(jira, f"{AGILE}/board/1/sprint", state="active,closed")["values"]
    assert [(one["name"], one["state"]) for one in shown] == [("Old", "closed"), ("New", "active")]


def test_a_history_tells_each_change_with_its_instant(jira: FakeJira) -> None:
    store = jira.store
    board = store.add_board("A")
    old, new = store.add_sprint(board, "Old"), store.add_sprint(board, "New")
    store.create("A", points=3)
    store.start_sprint(old)
    for change in ({"sprint": old}, {"points": 5}, {"status": "In Progress"}, {"points": None}):
        jira.advance(60)
        store.update("A-1", **change)
    jira.advance(60)
    store.close_sprint(old, move_to=new)
    log = get(jira, "/rest/api/2/issue/A-1", expand="changelog")["changelog"]
    histories = sorted(log["histories"], key=lambda one: int(one["id"]))
    assert [one["created"] for one in histories] == [
        f"2026-11-02T09:0{minute}:00.000+0000" for minute in range(1, 6)
    ]
    parts = ("field", "from", "fromString", "to", "toString")
    items = [tuple(one["items"][0][part] for part in parts) for one in histories]
    statuses = (store.statuses["To Do"].id, store.statuses["In Progress"].id)
    assert items == [
        ("Sprint", "", "", str(old.id), "Old"),
        ("Story Points", None, "3", None, "5"),
        ("status", statuses[0], "To Do", statuses[1], "In Progress"),
        ("Story Points", None, "5", None, ""),
        ("Sprint", str(old.id), "Old", f"{old.id}, {new.id}", "Old, New"),
    ]
    assert ("fieldId" in histories[0]["items"][0]) == store.site.is_cloud


def test_a_long_history_is_cut_on_cloud_and_paged() -> None:
    with FakeJira() as server:
        server.store.add_project("A")
        server.store.create("A")
        for points in range(1, 131):
            server.store.update("A-1", points=points)
        short = get(server, "/rest/api/3/issue/A-1", expand="changelog")["changelog"]
        path = "/rest/api/3/issue/A-1/changelog"
        pages = [get(server, path), get(server, path, startAt=100)]
    texts = [one["items"][0]["toString"] for one in short["histories"]]
    assert (short["total"], texts) == (130, [str(number) for number in range(130, 90, -1)])
    every = [one["items"][0]["toString"] for page in pages for one in page["values"]]
    assert every == [str(number) for number in range(1, 131)]
    assert [page["isLast"] for page in pages] == [False, True]


def test_changes_of_many_issues_come_oldest_first_and_paged() -> None:
    with FakeJira() as server:
        server.store.add_project("A")
        for _ in range(2):
            server.store.create("A")
        for key, change in (("A-2", {"points": 1}), ("A-1", {"points": 2}), ("A-2", {"points": 3})):
            server.advance(1)
            server.store.update(key, **change)
        server.store.update("A-1", labels=["debt"])
        body: dict[str, Any] = {"issueIdsOrKeys": ["A-1", "10002"], "maxResults": 2}
        body["fieldIds"] = [server.store.site.points]
        first = post(server, "/rest/api/3/changelog/bulkfetch", body)
        body["nextPageToken"] = first["nextPageToken"]
        last = post(server, "/rest/api/3/changelog/bulkfetch", body)
    found = [
        [(log["issueId"], [one["items"][0]["toString"] for one in log["changeHistories"]])]
        for page in (first, last)
        for log in page["issueChangeLogs"]
    ]
    assert found == [[("10002", ["1"])], [("10001", ["2"])], [("10002", ["3"])]]
    assert "nextPageToken" not in last


def test_links_are_seen_from_both_ends_and_not_to_hidden_issues(jira: FakeJira) -> None:
    store = jira.store
    one, two, three = (store.create("A") for _ in range(3))
    made = store.link(one, "Blocks", two)
    store.link(one, "Relates", three)
    store.hide(three)

    def links(key: str) -> list[tuple[str, str]]:
        found = get(jira, f"/rest/api/2/issue/{key}", fields="issuelinks")["fields"]["issuelinks"]
        return [
            (link["type"][end.removesuffix("Issue")], link[end]["key"])
            for link in found
            for end in ("inwardIssue", "outwardIssue")
            if end in link
        ]

    assert links("A-1") == [("blocks", "A-2")]
    assert links("A-2") == [("is blocked by", "A-1")]
    store.add_link_type("Blocks", "waits for", "holds up")
    assert links("A-2") == [("waits for", "A-1")]
    store.unlink(made)
    assert links("A-2") == []


def test_data_center_pages_by_place_and_length(server: FakeJira) -> None:
    for _ in range(30):
        server.store.create("A")
    page = get(server, "/rest/api/2/search", jql="project = A ORDER BY key", startAt=28)
    assert (keys(page), page["total"], page["startAt"]) == (["A-29", "A-30"], 30, 28)
    page = get(server, "/rest/api/2/search", jql="", maxResults=0)
    assert (keys(page), page["total"]) == ([], 30)
    server.options.page_limit = 10
    page = get(server, "/rest/api/2/search", jql="project = A", maxResults=-1)
    assert (len(keys(page)), page["maxResults"]) == (10, 10)


def test_data_center_ends_at_its_result_window(server: FakeJira) -> None:
    server.options.window = 10_000
    headers = {"Authorization": server.authorization()}
    body = {"jql": "", "startAt": 10_000, "maxResults": 100}
    answer = httpx.post(f"{server.url}/rest/api/2/search", json=body, headers=headers, verify=PLAIN)
    assert answer.status_code == 500
    assert "requests 10,100 results" in answer.json()["errorMessages"][0]


def test_data_center_pages_by_keys_as_far_as_there_are_issues(server: FakeJira) -> None:
    for _ in range(7):
        server.store.create("A")
    found: list[str] = []
    bound = ""
    while True:
        jql = f"project = A{bound} ORDER BY id ASC"
        page = get(server, "/rest/api/2/search", jql=jql, maxResults=3, fields="key")
        if not page["issues"]:
            break
        found += keys(page)
        bound = f" AND id > {page['issues'][-1]['id']}"
    assert found == [f"A-{number}" for number in range(1, 8)]


def test_data_center_writes_sprints_as_text_and_descriptions_as_wiki(server: FakeJira) -> None:
    board = server.store.add_board("A")
    sprint = server.store.add_sprint(board, "One, two [three], state=x")
    server.store.start_sprint(sprint)
    epic = server.store.create("A", kind="Epic")
    server.store.create("A", sprint=sprint, parent=epic, description="h1. Title\n* point")
    fields = get(server, "/rest/api/2/issue/A-2")["fields"]
    (text,) = fields[server.store.site.sprint]
    found = parse_sprint(text)
    assert found is not None
    assert (found.id, found.state, found.started_at) == (str(sprint.id), "active", START)
    assert text.startswith("com.atlassian.greenhopper.service.sprint.Sprint@")
    assert "completeDate=<null>" in text
    assert fields["description"] == "h1. Title\n* point"
    assert (fields[server.store.site.epic_link], "parent" in fields) == ("A-1", False)


def test_cloud_writes_documents_and_parents() -> None:
    with FakeJira() as server:
        server.store.add_project("A")
        epic = server.store.create("A", kind="Epic")
        server.store.create("A", parent=epic, description="one\n\ntwo", other={"customfield_1": 7})
        new = get(server, "/rest/api/3/issue/A-2", fields="description,parent,customfield_1")
        old = get(server, "/rest/api/2/issue/A-2", fields="description")
    document = new["fields"]["description"]
    assert [one["content"] for one in document["content"]] == [
        [{"type": "text", "text": "one"}],
        [],
        [{"type": "text", "text": "two"}],
    ]
    assert new["fields"]["parent"]["key"] == "A-1"
    assert new["fields"]["customfield_1"] == 7
    assert old["fields"]["description"] == "one\n\ntwo"


def test_data_center_knows_no_cloud_paths(server: FakeJira) -> None:
    headers = {"Authorization": server.authorization()}
    for path in ("/rest/api/3/myself", "/rest/api/3/search/jql", "/_edge/tenant_info"):
        assert httpx.get(server.url + path, headers=headers, verify=PLAIN).status_code == 404
    assert get(server, "/rest/api/2/serverInfo")["deploymentType"] == "Server"


def test_a_german_site_says_it_in_german() -> None:
    with FakeJira(language="de") as server:
        server.store.add_project("A")
        server.store.create("A", kind="Bug", status="In Progress")
        fields = get(server, "/rest/api/3/issue/A-1")["fields"]
        names = {one["id"]: one["name"] for one in get(server, "/rest/api/3/field")}
        links = get(server, "/rest/api/3/issueLinkType")["issueLinkTypes"]
    assert (fields["status"]["name"], fields["issuetype"]["name"]) == ("In Arbeit", "Fehler")
    assert fields["status"]["statusCategory"]["key"] == "indeterminate"
    assert names[server.store.site.points] == "Story-Punkte"
    assert (links[0]["id"], links[0]["inward"]) == ("10000", "wird blockiert von")
