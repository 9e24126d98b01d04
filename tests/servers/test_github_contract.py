"""The fake GitHub against GitHub's own descriptions of its APIs."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.servers.github import FakeGithub
from tests.servers.github_ask import ask, query
from tests.servers.github_connection import Node
from tests.servers.github_contract import GraphContract, RestContract

REPO = "/repos/{owner}/{repo}"
ISSUE = f"{REPO}/issues/{{issue_number}}"
PROJECT = "/orgs/{org}/projectsV2/{project_number}"

BOARD = """
query Board($org: String!, $number: Int!, $after: String) {
  organization(login: $org) {
    projectV2(number: $number) {
      id title url closed
      fields(first: 20) { nodes {
        __typename
        ... on ProjectV2FieldCommon { id name dataType }
        ... on ProjectV2IterationField { configuration {
          duration startDay
          iterations { ...sprint } completedIterations { ...sprint }
        } }
        ... on ProjectV2SingleSelectField { options { id name } }
      } }
      items(first: 50, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          id type isArchived updatedAt
          content {
            __typename
            ... on Issue { id databaseId number state stateReason repository { nameWithOwner } }
            ... on PullRequest { number }
            ... on DraftIssue { title }
          }
          points: fieldValueByName(name: "Points") {
            ... on ProjectV2ItemFieldNumberValue { number }
          }
          fieldValues(first: 8) { nodes {
            __typename
            ... on ProjectV2ItemFieldIterationValue { iterationId title startDate duration }
            ... on ProjectV2ItemFieldSingleSelectValue { name optionId }
            ... on ProjectV2ItemFieldValueCommon { field { ... on ProjectV2FieldCommon { name } } }
          } }
        }
      }
    }
  }
  rateLimit { cost remaining resetAt }
}
fragment sprint on ProjectV2IterationFieldIteration { id title startDate duration }
"""


@pytest.fixture(scope="module")
def rest(data_dir: Path) -> RestContract:
    return RestContract(data_dir)


@pytest.fixture(scope="module")
def graph(data_dir: Path) -> GraphContract:
    return GraphContract(data_dir)


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with FakeGithub() as server:
        store = server.store
        store.add_repo("acme/shop")
        store.add_repo("acme/attic")
        store.add_type("acme", "Bug", color="red")
        store.add_field("acme", "Effort")
        store.add_field("acme", "Area", "text")
        store.add_milestone("acme/shop", "1.0", due_on="2026-12-01T08:00:00Z")
        store.add_milestone("acme/shop", "Some day")
        first = store.add_issue(
            "acme/shop", "Slow", body="*Why*", labels=("debt",), milestone=1, type="Bug"
        )
        store.update(first, values=(("Effort", 2.5), ("Area", "cart")))
        second = store.add_issue("acme/shop", "Slower", labels=("debt", "été / 2"))
        third = store.add_issue("acme/shop", "A change", is_pull=True)
        for number in range(4):
            store.close(store.add_issue("acme/shop", f"Old {number}"), "not_planned")
        store.link(second, first)
        store.add_child(first, second)
        gone = store.add_issue("acme/shop", "Gone")
        store.delete(gone)
        store.transfer(store.add_issue("acme/shop", "Moved"), "acme/attic")
        board = server.add_project("acme", "Planning")
        board.add_field("Points", "number")
        board.add_field("Status", "single_select", options=("Todo", "Done"))
        board.add_iterations("Sprint", date(2026, 10, 19), 14, ["S1", "S2", "S3"])
        board.add(first, {"Points": 5.5, "Sprint": "S1", "Status": "Todo"})
        board.add(second, {"Sprint": "S2"})
        board.add(third)
        board.add_draft("An idea", {"Points": 1})
        server.ships.publish("acme/shop", "v1.0", name="One", body="Fixes #1")
        server.ships.deploy("acme/shop", "v1.0", "in_progress", "success")
        yield server


def test_releases_and_deployments_are_as_github_describes_them(
    rest: RestContract, github: FakeGithub
) -> None:
    place = "/repos/acme/shop"
    (deployment,) = ask(github, f"{place}/deployments?environment=production").json()
    statuses = f"deployments/{deployment['id']}/statuses"
    for described, path in (
        ("releases", "releases"),
        ("deployments", "deployments"),
        ("deployments/{deployment_id}/statuses", statuses),
    ):
        answer = ask(github, f"{place}/{path}").json()
        assert answer
        assert rest.problems("get", f"{REPO}/{described}", 200, answer) == []
    assert ask(github, f"{place}/deployments/7/statuses").status_code == 404


ANSWERS: list[tuple[str, str, int]] = [
    ("/user", "/user", 200),
    ("/rate_limit", "/rate_limit", 200),
    (REPO, "/repos/acme/shop", 200),
    (REPO, "/repos/acme/none", 404),
    (f"{REPO}/issues", "/repos/acme/shop/issues?state=all", 200),
    (f"{REPO}/issues", "/repos/acme/shop/issues?state=all&per_page=2&page=2", 200),
    (f"{REPO}/issues", "/repos/acme/shop/issues?state=odd", 422),
    (f"{REPO}/issues", "/repos/acme/shop/issues?since=yesterday", 422),
    (f"{REPO}/issues", "/repos/acme/none/issues", 404),
    (ISSUE, "/repos/acme/shop/issues/1", 200),
    (ISSUE, "/repos/acme/shop/issues/3", 200),
    (ISSUE, "/repos/acme/shop/issues/8", 410),
    (ISSUE, "/repos/acme/shop/issues/9", 301),
    (ISSUE, "/repos/acme/shop/issues/99", 404),
    (f"{ISSUE}/sub_issues", "/repos/acme/shop/issues/1/sub_issues", 200),
    (f"{ISSUE}/sub_issues", "/repos/acme/shop/issues/8/sub_issues", 410),
    (f"{ISSUE}/parent", "/repos/acme/shop/issues/2/parent", 200),
    (f"{ISSUE}/dependencies/blocked_by", "/repos/acme/shop/issues/2/dependencies/blocked_by", 200),
    (f"{ISSUE}/dependencies/blocked_by", "/repos/acme/shop/issues/9/dependencies/blocked_by", 301),
    (f"{ISSUE}/dependencies/blocking", "/repos/acme/shop/issues/1/dependencies/blocking", 200),
    (f"{REPO}/milestones", "/repos/acme/shop/milestones?state=all", 200),
    (f"{REPO}/labels", "/repos/acme/shop/labels", 200),
    ("/orgs/{org}/issue-types", "/orgs/acme/issue-types", 200),
    ("/orgs/{org}/issue-fields", "/orgs/acme/issue-fields", 200),
    ("/orgs/{org}/projectsV2", "/orgs/acme/projectsV2", 200),
    (PROJECT, "/orgs/acme/projectsV2/1", 200),
    (f"{PROJECT}/fields", "/orgs/acme/projectsV2/1/fields", 200),
    (f"{PROJECT}/items", "/orgs/acme/projectsV2/1/items?per_page=3", 200),
]


@pytest.mark.parametrize(("described", "path", "status"), ANSWERS)
def test_an_answer_is_as_github_describes_it(
    rest: RestContract, github: FakeGithub, described: str, path: str, status: int
) -> None:
    answer = ask(github, path)
    assert answer.status_code == status, answer.text
    assert rest.problems("get", described, status, answer.json()) == []


def test_the_contract_finds_a_wrong_answer(rest: RestContract, github: FakeGithub) -> None:
    issues = ask(github, "/repos/acme/shop/issues").json()
    del issues[0]["html_url"]
    issues[1]["number"] = "2"
    found = rest.problems("get", f"{REPO}/issues", 200, issues)
    assert len(found) == 2
    assert rest.problems("get", f"{REPO}/issues", 418, issues) == [
        "418 is no answer of /repos/{owner}/{repo}/issues"
    ]


def test_every_field_of_an_issue_is_one_that_github_has(
    rest: RestContract, github: FakeGithub
) -> None:
    known = set(rest.schema("issue")["properties"])
    for issue in ask(github, "/repos/acme/shop/issues?state=all").json():
        assert set(issue) <= known


@pytest.mark.parametrize("number", ["", "/1", "/1/fields", "/1/items"])
def test_a_persons_projects_are_as_described(
    rest: RestContract, github: FakeGithub, number: str
) -> None:
    github.add_project("ada", "Mine", "User").add_draft("An idea")
    described = f"/users/{{username}}/projectsV2{number.replace('1', '{project_number}')}"
    answer = ask(github, f"/users/ada/projectsV2{number}")
    assert rest.problems("get", described, 200, answer.json()) == []


def test_the_newest_version_has_no_rate_beside_the_resources(github: FakeGithub) -> None:
    answer = ask(github, "/rate_limit", X_GitHub_Api_Version="2026-03-10")
    assert "rate" not in answer.json()
    assert answer.headers["x-github-api-version-selected"] == "2026-03-10"


def test_item_lists_show_the_fields_that_are_asked_for(github: FakeGithub) -> None:
    fields = {
        one["name"]: one["id"] for one in ask(github, "/orgs/acme/projectsV2/1/fields").json()
    }
    plain = ask(github, "/orgs/acme/projectsV2/1/items").json()
    assert [one["name"] for one in plain[0]["fields"]] == ["Title"]
    wanted = f"{fields['Points']},{fields['Sprint']}"
    items = ask(github, f"/orgs/acme/projectsV2/1/items?fields={wanted}").json()
    shown = [{one["name"]: one["value"] for one in item["fields"]} for item in items]
    assert shown[0]["Points"] == 5.5
    assert shown[0]["Sprint"]["title"]["raw"] == "S1"
    assert shown[0]["Sprint"]["completed"]
    assert shown[1] == {"Points": None, "Sprint": shown[1]["Sprint"]}
    assert [item["content_type"] for item in items] == [
        "Issue",
        "Issue",
        "PullRequest",
        "DraftIssue",
    ]


# GraphQL


def test_the_board_query_is_one_that_github_takes(graph: GraphContract) -> None:
    assert graph.problems(BOARD) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("id title url closed", "id titel", "ProjectV2 has no field titel"),
        ("(number: $number)", "", "needs the argument number"),
        ("items(first: 50, ", "items(most: 50, ", "takes no argument most"),
        ("on DraftIssue", "on Organization", "Organization is never a ProjectV2ItemContent"),
        ("fragment sprint", "fragment spring", "no fragment sprint"),
        ("totalCount", "totalCount { x }", "Int takes no selection"),
        ("pageInfo { hasNextPage endCursor }", "pageInfo", "PageInfo needs selection"),
        ("$after: String", "$behind: String", "$after is declared or used, not both"),
    ],
)
def test_the_schema_finds_a_wrong_query(
    graph: GraphContract, old: str, new: str, problem: str
) -> None:
    assert old in BOARD
    assert any(problem in one for one in graph.problems(BOARD.replace(old, new)))


def test_the_fake_knows_no_field_that_github_has_not(
    graph: GraphContract, github: FakeGithub, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, set[str]] = {}

    def noted(kind: str, fields: Mapping[str, Any]) -> Node:
        seen.setdefault(kind, set()).update(fields)
        return Node(kind, fields)

    for module in ("github_nodes", "github_connection"):
        monkeypatch.setattr(f"tests.servers.{module}.Node", noted)
    query(github, BOARD, org="acme", number=1)
    query(github, '{ viewer { login } repository(owner: "acme", name: "shop") { id } }')
    assert len(seen) >= 20
    for name, fields in seen.items():
        assert fields <= set(graph.types[name].fields), name


def test_the_board_answers_in_the_shape_of_the_query(github: FakeGithub) -> None:
    data = query(github, BOARD, org="acme", number=1).json()["data"]
    project = data["organization"]["projectV2"]
    sprint = project["fields"]["nodes"][3]["configuration"]
    assert [one["title"] for one in sprint["iterations"]] == ["S2", "S3"]
    assert [one["startDate"] for one in sprint["completedIterations"]] == ["2026-10-19"]
    items = project["items"]["nodes"]
    assert [item["points"] for item in items] == [{"number": 5.5}, None, None, {"number": 1}]
    assert items[0]["content"]["repository"] == {"nameWithOwner": "acme/shop"}
    assert items[3]["content"] == {"__typename": "DraftIssue", "title": "An idea"}
    assert data["rateLimit"] == {"cost": 1, "remaining": 4999, "resetAt": "2026-11-02T10:00:00Z"}
