"""The fake Jira against Atlassian's own descriptions of its APIs."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft7Validator

from tests.servers.jira import FakeJira

PLATFORM, AGILE = "jira-cloud-platform-v3", "jira-software-agile"
# Real answers hold these where the description allows none (README of the contracts).
NULLABLE = {"from", "fromString", "to", "toString"}


def plain(schema: Any, name: str = "") -> Any:
    """Turn an OpenAPI 3.0 schema into JSON Schema: `nullable`, and nulls that Jira really sends."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: plain(value, key) for key, value in schema.items() if key != "example"}
    is_null = found.pop("nullable", False) is True or name in NULLABLE
    if is_null and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found


class Contract:
    """A description that answers are held against."""

    def __init__(self, folder: Path, name: str) -> None:
        file = folder / "api" / "contracts" / f"{name}.openapi.json.gz"
        if not file.is_file():
            pytest.skip(f"no {file.name} in the data folder")
        self._whole = json.loads(gzip.decompress(file.read_bytes()))
        self._components = plain(self._whole["components"])

    def check(self, answer: Any, method: str, path: str) -> None:
        """Hold a successful answer against the schema of its operation."""
        content = self._whole["paths"][path][method]["responses"]["200"]["content"]
        self.fits(answer, content["application/json"]["schema"])

    def fits(self, answer: Any, schema: Any) -> None:
        """Hold a part of an answer against a schema."""
        whole = {"allOf": [plain(schema)], "components": self._components}
        errors = Draft7Validator(whole).iter_errors(answer)
        assert [f"{error.json_path}: {error.message[:200]}" for error in errors] == []

    def example(self, path: str) -> Any:
        """Return the example of an operation that has no schema."""
        content = self._whole["paths"][path]["get"]["responses"]["200"]["content"]
        return json.loads(content["application/json"]["example"])


@pytest.fixture(scope="module")
def platform(data_dir: Path) -> Contract:
    return Contract(data_dir, PLATFORM)


@pytest.fixture(scope="module")
def agile(data_dir: Path) -> Contract:
    return Contract(data_dir, AGILE)


@pytest.fixture(scope="module")
def jira() -> Iterator[FakeJira]:
    with FakeJira(time_zone="Asia/Kolkata") as server:
        fill(server)
        yield server


def fill(server: FakeJira) -> None:
    """Put in one of everything."""
    store = server.store
    store.add_project("A")
    store.add_project("B", team_managed=True)
    board = store.add_board("A")
    store.add_board("A", "Flow", "kanban")
    store.add_board("B", kind="simple")
    old, new = store.add_sprint(board), store.add_sprint(board)
    store.start_sprint(old)
    epic = store.create("A", kind="Epic")
    story = store.create("A", labels=["debt"], components=["cart"], points=3, parent=epic)
    version = store.add_version("A", "1.0", released=True, released_on="2026-10-14")
    store.add_version("A", "1.1")
    store.update(story, fix_versions=(version.id,))
    store.create("B", kind="Bug", points=5, description="one\n\ntwo")
    store.link(story, "Blocks", "B-1")
    server.advance(60)
    store.update(story, sprint=old, points=8, status="In Progress", description="text")
    store.close_sprint(old, move_to=new)
    store.start_sprint(new)
    store.update(story, status="Done")
    store.move("B-1", "A")


@pytest.fixture
def client(jira: FakeJira) -> Iterator[httpx.Client]:
    headers = {"Authorization": jira.authorization()}
    with httpx.Client(base_url=jira.url, headers=headers) as client:
        yield client


def decoded(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("serverInfo", "serverInfo"),
        ("myself", "myself"),
        ("field", "field"),
        ("issueLinkType", "issueLinkType"),
        ("status", "status"),
        ("project/search", "project/search"),
        ("project/A", "project/{projectIdOrKey}"),
        ("project/A/versions", "project/{projectIdOrKey}/versions"),
        ("mypermissions?permissions=BROWSE_PROJECTS,EDIT_ISSUES", "mypermissions"),
        ("issue/A-2", "issue/{issueIdOrKey}"),
        ("issue/A-2?fields=summary,issuelinks&expand=changelog", "issue/{issueIdOrKey}"),
        ("issue/10002/changelog?maxResults=2", "issue/{issueIdOrKey}/changelog"),
        ("search/jql?jql=project=A", "search/jql"),
        ("search/jql?jql=project=A&fields=*all&expand=changelog,names&maxResults=2", "search/jql"),
    ],
)
def test_a_read_answer_fits_the_description(
    client: httpx.Client, platform: Contract, path: str, operation: str
) -> None:
    answer = decoded(client.get(f"/rest/api/3/{path}"))
    platform.check(answer, "get", f"/rest/api/3/{operation}")


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("search/jql", {"jql": "project = A", "fields": ["*all"], "maxResults": 1}),
        ("search/jql", {"jql": "project = A", "expand": "changelog", "reconcileIssues": [10001]}),
        ("search/approximate-count", {"jql": "project = A"}),
        ("issue/bulkfetch", {"issueIdsOrKeys": ["A-1", "10002", "A-99"], "fields": ["summary"]}),
        ("changelog/bulkfetch", {"issueIdsOrKeys": ["A-2"], "fieldIds": ["status"]}),
        ("changelog/bulkfetch", {"issueIdsOrKeys": ["A-2", "A-3"], "maxResults": 1}),
    ],
)
def test_an_answer_to_a_post_fits_the_description(
    client: httpx.Client, platform: Contract, operation: str, body: dict[str, Any]
) -> None:
    answer = decoded(client.post(f"/rest/api/3/{operation}", json=body))
    platform.check(answer, "post", f"/rest/api/3/{operation}")


def test_a_request_body_of_the_description_is_understood_and_no_other(
    client: httpx.Client, platform: Contract
) -> None:
    known = platform._components["schemas"]["SearchAndReconcileRequestBean"]["properties"]  # noqa: SLF001
    body = {"jql": "project = A", "fields": ["id"], "maxResults": 1, "fieldsByKeys": False}
    body |= {"expand": "", "properties": [], "reconcileIssues": []}
    assert {*body, "nextPageToken"} == set(known)
    assert client.post("/rest/api/3/search/jql", json=body).status_code == 200
    assert client.post("/rest/api/3/search/jql", json=body | {"startAt": 0}).status_code == 400


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("board", "board"),
        ("board?projectKeyOrId=A&type=scrum", "board"),
        ("board/1", "board/{boardId}"),
        ("board/1/configuration", "board/{boardId}/configuration"),
        ("board/2/configuration", "board/{boardId}/configuration"),
    ],
)
def test_an_agile_answer_fits_the_description(
    client: httpx.Client, agile: Contract, path: str, operation: str
) -> None:
    answer = decoded(client.get(f"/rest/agile/1.0/{path}"))
    # The real configuration says more of its location than the description allows.
    location = answer.get("location", {})
    if operation.endswith("configuration"):
        answer["location"] = {"type": location["type"], "projectKeyOrId": location["key"]}
    agile.check(answer, "get", f"/rest/agile/1.0/{operation}")


@pytest.mark.parametrize("path", ["board/1/issue", "board/1/backlog", "sprint/5/issue"])
def test_pages_of_agile_issues_fit_the_description(
    client: httpx.Client, agile: Contract, platform: Contract, path: str
) -> None:
    answer = decoded(client.get(f"/rest/agile/1.0/{path}"))
    agile.fits(answer | {"issues": []}, {"$ref": "#/components/schemas/SearchResults"})
    assert answer["total"] == len(answer["issues"])
    for issue in answer["issues"]:
        platform.fits(issue, {"$ref": "#/components/schemas/IssueBean"})


def test_sprints_look_like_the_examples(client: httpx.Client, agile: Contract) -> None:
    path = "/rest/agile/1.0/board/{boardId}/sprint"
    example = agile.example(path)
    answer = decoded(client.get("/rest/agile/1.0/board/1/sprint"))
    assert answer.keys() == example.keys()
    closed, active = answer["values"]
    assert closed.keys() == example["values"][0].keys()
    assert active.keys() == example["values"][0].keys() - {"completeDate"}


def test_the_checks_catch_a_wrong_answer(client: httpx.Client, platform: Contract) -> None:
    answer = decoded(client.get("/rest/api/3/search/jql?jql=project=A&fields=*all"))
    for wrong in ({"isLast": "yes"}, {"total": 3}, {"issues": [{"id": 10001}]}):
        with pytest.raises(AssertionError):
            platform.check(answer | wrong, "get", "/rest/api/3/search/jql")


def test_dates_are_what_the_site_says(client: httpx.Client, jira: FakeJira) -> None:
    fields = decoded(client.get("/rest/api/3/issue/A-2?fields=updated,created"))["fields"]
    assert fields["updated"].endswith(".000+0530")
    assert jira.now - timedelta(seconds=60) == jira.store.get("A-2").created
