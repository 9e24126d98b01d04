"""GraphQL of the fake GitHub: paging, permissions and errors, which come with HTTP 200."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.github import FakeGithub
from tests.servers.github_ask import ask, query
from tests.servers.github_boards import Board

ITEMS = """
query ($first: Int = 2, $after: String) { organization(login: "acme") { projectV2(number: 1) {
  items(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { type content { ... on Issue { number } } }
  }
} } }
"""


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with FakeGithub() as server:
        server.store.add_repo("acme/shop")
        yield server


@pytest.fixture
def board(github: FakeGithub) -> Board:
    made = github.add_project("acme", "Planning")
    made.add_field("Points", "number")
    for number in range(5):
        made.add(github.store.add_issue("acme/shop"), {"Points": number})
    return made


def items(github: FakeGithub, **variables: Any) -> Any:
    return query(github, ITEMS, **variables).json()["data"]["organization"]["projectV2"]["items"]


def test_pages_follow_the_cursor_though_items_leave(github: FakeGithub, board: Board) -> None:
    github.options.on_page = lambda page: (
        board.remove(board.project.items[1]) if page == 1 else None
    )
    found, after = [], None
    for _ in range(3):
        page = items(github, after=after)
        found += [one["content"]["number"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert found == [1, 2, 3, 4, 5]
    assert not page["pageInfo"]["hasNextPage"]


def test_an_item_whose_issue_is_hidden_is_redacted(github: FakeGithub, board: Board) -> None:
    github.store.hide("acme/shop")
    assert items(github)["nodes"] == [{"type": "REDACTED", "content": None}] * 2
    rest = ask(github, "/orgs/acme/projectsV2/1/items").json()
    assert [one["content"] for one in rest] == [None] * 5


def test_a_deleted_issue_leaves_and_a_transferred_one_stays(
    github: FakeGithub, board: Board
) -> None:
    github.store.add_repo("acme/attic")
    github.store.delete(github.store.numbered("acme/shop", 1))
    github.store.transfer(github.store.numbered("acme/shop", 2), "acme/attic")
    page = items(github, first=9)["nodes"]
    assert [one["content"]["number"] for one in page] == [1, 3, 4, 5]


def test_the_way_from_an_issue_to_its_items(github: FakeGithub, board: Board) -> None:
    text = """{ repository(owner: "acme", name: "shop") { issue(number: 3) {
      projectItems(first: 5) { nodes { project { number }
        fieldValueByName(name: "Points") { ... on ProjectV2ItemFieldNumberValue { number } } } }
    } } }"""
    found = query(github, text).json()["data"]["repository"]["issue"]["projectItems"]["nodes"]
    assert found == [{"project": {"number": 1}, "fieldValueByName": {"number": 2}}]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ('{ organization(login: "none") { login } }', "NOT_FOUND", "Organization with the login"),
        ('{ user(login: "acme") { login } }', "NOT_FOUND", "to a User with the login of 'acme'"),
        (
            '{ organization(login: "acme") { projectV2(number: 9) { id } } }',
            "NOT_FOUND",
            "number 9",
        ),
        ('{ repository(owner: "acme", name: "no") { id } }', "NOT_FOUND", "name 'acme/no'"),
        (ITEMS.replace("first: $first, ", ""), "MISSING_PAGINATION_BOUNDARIES", "`first` or"),
        (ITEMS.replace("first: $first", "first: 101"), "EXCESSIVE_PAGINATION", "limit of 100"),
        (ITEMS.replace("first: $first", "most: 1"), None, "wrong arguments"),
        ("{ viewer { age } }", None, "Field 'age' doesn't exist on type 'User'"),
        ("{ viewer }", None, "must have selections"),
        ("query ($x: Int!) { viewer { login } }", None, "Variable $x of type Int! was provided"),
        ("{ viewer { login ", None, "Unexpected end of document"),
        ("{ viewer { login } } %", None, "UNKNOWN_CHAR"),
    ],
)
def test_errors_come_beside_the_data(
    github: FakeGithub, board: Board, text: str, kind: str | None, words: str
) -> None:
    answer = query(github, text)
    assert answer.status_code == 200
    (error,) = answer.json()["errors"]
    assert error.get("type") == kind
    assert words in error["message"]
    assert ("data" in answer.json()) == (kind == "NOT_FOUND")


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"scopes": ("repo",)}, "INSUFFICIENT_SCOPES", "requires one of the following scopes"),
        ({"scopes": None, "permissions": {"issues": "read"}}, "FORBIDDEN", "not accessible by per"),
        ({"unauthorised": frozenset({"acme"})}, "FORBIDDEN", "SAML enforcement"),
    ],
)
def test_a_token_without_projects_is_told_so(
    github: FakeGithub, board: Board, fields: dict[str, Any], kind: str, words: str
) -> None:
    github.add_token("less", **fields)
    (error,) = query(github, ITEMS, "less").json()["errors"]
    assert error["type"] == kind
    assert words in error["message"]
    assert ask(github, "/orgs/acme/projectsV2/1", "less").status_code == 403


def test_a_fine_grained_token_sees_no_project_of_a_person(github: FakeGithub) -> None:
    github.add_project("ada", "Mine", "User")
    github.add_token("fine", scopes=None)
    text = '{ user(login: "ada") { projectV2(number: 1) { title } } }'
    assert query(github, text).json()["data"]["user"]["projectV2"] == {"title": "Mine"}
    assert query(github, text, "fine").json()["errors"][0]["type"] == "NOT_FOUND"


def test_nobody_and_nonsense_are_refused(github: FakeGithub) -> None:
    assert query(github, "{ viewer { login } }", None).status_code == 401
    assert query(github, "{ viewer { login } }", "wrong").status_code == 401
    assert query(github, None).status_code == 400


def test_a_query_that_is_too_large_fails_with_502(github: FakeGithub, board: Board) -> None:
    github.options.graphql_nodes = 20
    answer = query(github, ITEMS, first=21)
    assert answer.status_code == 502
    assert "Something went wrong" in answer.json()["errors"][0]["message"]
    assert len(items(github, first=20)["nodes"]) == 5


def test_the_limit_is_told_with_http_200(github: FakeGithub, board: Board) -> None:
    github.options.graphql_limit = 1
    assert "errors" not in query(github, ITEMS).json()
    answer = query(github, ITEMS)
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["type"] == "RATE_LIMITED"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert answer.headers["x-ratelimit-resource"] == "graphql"


def test_directives_aliases_and_fragments_are_followed(github: FakeGithub) -> None:
    text = """query ($no: Boolean!) {
      me: viewer { ...who id @skip(if: true) url @include(if: $no) }
      # a remark
      viewer { __typename ... on Organization { databaseId } ... { databaseId } } }
      fragment who on User { login }"""
    assert query(github, text, no=False).json() == {
        "data": {"me": {"login": "octocat"}, "viewer": {"__typename": "User", "databaseId": 1}}
    }
