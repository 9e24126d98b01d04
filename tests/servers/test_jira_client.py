"""The fake Jira read by an independent client, pycontribs' `jira`."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.jira import FakeJira, Paging

pycontribs = pytest.importorskip("jira", reason="the group `contract` is not installed")

FIELDS = ["summary", "labels", "status"]


def fill(server: FakeJira, count: int = 230) -> dict[str, str]:
    """Put issues in, a fifth of them in a sprint; returns their titles by key."""
    store = server.store
    store.add_project("A")
    board = store.add_board("A", "Team board")
    sprint = store.start_sprint(store.add_sprint(board, "First"))
    for number in range(60):
        store.add_sprint(board, f"Later {number}")
    for number in range(count):
        store.create(
            "A",
            f"Title <{number}> ü",
            labels=["debt"] if number % 2 else [],
            points=number % 5,
            sprint=None if number % 5 else sprint,
            description="one\ntwo",
        )
        server.advance(1)
    return {issue.key: issue.summary for issue in store.issues.values()}


def connect(server: FakeJira) -> Any:
    options: dict[str, Any] = {"max_retries": 0}
    if server.store.site.is_cloud:
        options["basic_auth"] = (server.options.user, server.options.token)
    else:
        options["token_auth"] = server.options.token
    return pycontribs.JIRA(server.url, **options)


@pytest.fixture(params=["Cloud", "Server"])
def jira(request: pytest.FixtureRequest) -> Iterator[FakeJira]:
    with FakeJira(request.param) as server:
        yield server


def every(client: Any, jql: str, fields: list[str] = FIELDS) -> list[Any]:
    """Walk a whole search, on Cloud as on Data Center."""
    if client.deploymentType == "Cloud":
        return list(client.enhanced_search_issues(jql, maxResults=False, fields=fields))
    return list(client.search_issues(jql, maxResults=False, fields=fields))


def test_it_reads_the_issues_that_were_put_in(jira: FakeJira) -> None:
    titles = fill(jira)
    client = connect(jira)
    issues = every(client, "project = A ORDER BY key ASC")
    assert [issue.key for issue in issues] == list(titles)
    assert {issue.key: issue.fields.summary for issue in issues} == titles
    debt = every(client, "project = A AND labels = debt ORDER BY updated DESC")
    assert [issue.key for issue in debt] == [f"A-{number}" for number in range(230, 0, -2)]


@pytest.mark.parametrize("by", ["offset", "keyset"])
def test_it_reads_every_issue_however_pages_shrink(by: Any) -> None:
    paging = Paging(size=lambda page: 1 + page * 7 % 40, by=by, empty=frozenset({2, 5}))
    with FakeJira(paging=paging) as server:
        titles = fill(server)
        found = every(connect(server), "project = A ORDER BY updated ASC, id ASC")
    assert [issue.key for issue in found] == list(titles)


def test_it_posts_searches_as_well() -> None:
    with FakeJira() as server:
        titles = fill(server, 120)
        found = connect(server).enhanced_search_issues(
            "project = A ORDER BY key", maxResults=False, fields=FIELDS, use_post=True
        )
    assert [issue.key for issue in found] == list(titles)
    assert {seen.method for seen in server.log if "search" in seen.path} == {"POST"}


def test_it_counts(jira: FakeJira) -> None:
    fill(jira, 30)
    client = connect(jira)
    jql = "project = A AND labels = debt"
    if client.deploymentType == "Cloud":
        assert client.approximate_issue_count(jql) == 15
    else:
        assert client.search_issues(jql, maxResults=1).total == 15


def test_it_reads_boards_sprints_and_their_issues(jira: FakeJira) -> None:
    fill(jira, 25)
    jira.store.add_board("A", "Flow", kind="kanban")
    client = connect(jira)
    assert [board.name for board in client.boards(maxResults=False)] == ["Team board", "Flow"]
    sprints = client.sprints(1, maxResults=False)
    assert [one.name for one in sprints][:2] == ["First", "Later 0"]
    assert len(sprints) == 61
    assert [one.state for one in client.sprints(1, state="active")] == ["active"]
    inside = every(client, f"sprint = {sprints[0].id} ORDER BY key")
    assert [issue.key for issue in inside] == ["A-1", "A-6", "A-11", "A-16", "A-21"]
    with pytest.raises(pycontribs.JIRAError, match="The board does not support sprints"):
        client.sprints(63)


def test_it_reads_one_issue_with_its_field_names_and_changes(jira: FakeJira) -> None:
    fill(jira, 2)
    jira.store.update("A-1", points=8, status="Done")
    jira.store.link("A-1", "Blocks", "A-2")
    client = connect(jira)
    issue = client.issue("A-1", expand="changelog")
    points = client._fields_cache["Story Points"]  # noqa: SLF001 - its table of names
    assert getattr(issue.fields, points) == 8
    assert issue.fields.issuelinks[0].outwardIssue.key == "A-2"
    assert issue.fields.description == "one\ntwo"
    changed = {item.field: item.toString for one in issue.changelog.histories for item in one.items}
    assert changed == {
        "Story Points": "8",
        "status": "Done",
        "Link": "This issue blocks A-2",
    }


def test_it_knows_who_it_is_and_which_links_there_are(jira: FakeJira) -> None:
    client = connect(jira)
    assert client.myself()["emailAddress"] == jira.options.user
    assert next(one.outward for one in client.issue_link_types()) == "blocks"
    assert client.projects() == []
    jira.store.add_project("A", "Apples")
    assert [(one.key, one.name) for one in client.projects()] == [("A", "Apples")]


def test_it_is_told_what_is_wrong(jira: FakeJira) -> None:
    client = connect(jira)
    right, jira.options.token = jira.options.token, "another"
    with pytest.raises(pycontribs.JIRAError) as error:
        client.myself()
    assert error.value.status_code == 401
    jira.options.token = right
    with pytest.raises(pycontribs.JIRAError, match="'Z' does not exist for the field 'project'"):
        every(client, "project = Z")
