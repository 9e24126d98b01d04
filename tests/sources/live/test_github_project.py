"""Estimates and sprints from a project's fields."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from debtplan.errors import AuthenticationError, ForbiddenError, SettingsError, SourceError
from debtplan.sources.github.live import LiveGithub
from tests.servers.github import FakeGithub
from tests.servers.github_boards import Board
from tests.servers.harness import Reply, reply
from tests.sources.live.github_source import (
    SHOP,
    items_of,
    serving,
    skipped_of,
    source_of,
    walk,
    with_token,
)


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with serving() as server:
        for number in range(1, 6):
            server.store.add_issue(SHOP, f"Issue {number}", labels=("points:1",))
        yield server


@pytest.fixture
def board(github: FakeGithub) -> Board:
    made = github.add_project("acme", "Debt")
    made.add_field("Points", "number")
    made.add_iterations("Sprint", date(2026, 10, 19), 14, ["S1", "S2", "S3"])  # today: 2 November
    return made


def planned(github: FakeGithub, **settings: Any) -> LiveGithub:
    return source_of(github, **{"project": "orgs/acme/1", **settings})


def points_of(source: LiveGithub) -> dict[str, tuple[float | None, str | None]]:
    found = items_of(walk(source))
    return {key.partition("#")[2]: (one.points, one.sprint) for key, one in found.items()}


def test_points_and_sprint_come_from_the_project_and_else_from_the_label(
    github: FakeGithub, board: Board
) -> None:
    board.add(github.store.numbered(SHOP, 1), {"Points": 5, "Sprint": "S2"})
    board.add(github.store.numbered(SHOP, 2), {"Points": 0.5})
    board.add(github.store.numbered(SHOP, 3))
    board.add_draft("An idea", {"Points": 8})
    found = points_of(planned(github))
    same = dict.fromkeys(("3", "4", "5"), (1, None))
    assert found == {"1": (5, "S2"), "2": (0.5, None), **same}


def test_an_iteration_that_is_over_holds_nothing(github: FakeGithub, board: Board) -> None:
    board.add(github.store.numbered(SHOP, 1), {"Sprint": "S1"})
    board.add(github.store.numbered(SHOP, 2), {"Sprint": "S3"})
    found = points_of(planned(github))
    assert (found["1"], found["2"]) == ((1, None), (1, "S3"))


def test_with_a_project_milestones_are_no_sprints(github: FakeGithub, board: Board) -> None:
    github.store.add_milestone(SHOP, "Autumn")
    github.store.update(github.store.numbered(SHOP, 1), milestone=1)
    assert points_of(source_of(github))["1"] == (1, "Autumn")
    assert points_of(planned(github))["1"] == (1, None)


@pytest.mark.parametrize("points", [0, -3])
def test_an_estimate_not_above_0_is_told_and_not_taken(
    github: FakeGithub, board: Board, points: float
) -> None:
    board.add(github.store.numbered(SHOP, 1), {"Points": points})
    batches = walk(planned(github))
    assert items_of(batches)["github:acme/shop#1"].points == 1
    assert f"has {points} in the project's field" in skipped_of(batches)["github:acme/shop#1"]


def test_a_change_of_the_project_alone_makes_its_repository_be_read_anew(
    github: FakeGithub, board: Board
) -> None:
    github.store.add_repo("acme/other")
    item = board.add(github.store.numbered(SHOP, 1), {"Points": 5})
    source = planned(github, repos=(SHOP, "acme/other"))
    before = source.scope(SHOP), source.scope("acme/other")
    source.close()
    assert (source.scope(SHOP), source.scope("acme/other")) == before
    source.close()
    board.set(item, {"Points": 8})
    assert source.scope(SHOP) != before[0]
    assert source.scope("acme/other") == before[1]
    assert points_of(source)["1"] == (8, None)


def test_a_project_of_several_pages_is_read_to_its_end(github: FakeGithub, board: Board) -> None:
    for number in range(6, 131):
        board.add(github.store.add_issue(SHOP), {"Points": number})
    assert points_of(planned(github))["130"] == (130, None)
    sizes = [s.json["variables"].get("first") for s in github.log if s.path == "/graphql"]
    assert sizes == [None, 50, 50, 50]


def test_pages_that_are_too_large_shrink_and_nothing_is_lost(
    github: FakeGithub, board: Board
) -> None:
    github.options.graphql_nodes = 100
    for number in range(6, 36):
        board.add(github.store.add_issue(SHOP), {"Points": number})
    crowded = reply({"data": None, "errors": [{"message": "Something went wrong while ..."}]})
    asked = []

    def fault(seen: Any) -> Reply | None:
        if seen.path != "/graphql" or "first" not in seen.json["variables"]:
            return None
        asked.append(seen.json["variables"]["first"])
        if asked[-1] > 12:
            return crowded if asked[-1] > 25 else Reply(502, b"<html>Bad gateway</html>")
        return None

    github.faults.append(fault)
    found = points_of(planned(github))
    assert {found[str(number)][0] for number in range(6, 36)} == set(range(6, 36))
    assert asked == [50, 25, 12, 12, 12]


@pytest.mark.parametrize("kind", ["", "RATE_LIMITED", "FORBIDDEN", "INSUFFICIENT_SCOPES"])
def test_errors_in_an_answer_of_status_200_are_failures(
    github: FakeGithub, board: Board, kind: str
) -> None:
    github.fail_once("/graphql", reply({"data": {}, "errors": [{"type": kind, "message": "No."}]}))
    expected = ForbiddenError if kind[:1] in {"F", "I"} else SourceError
    with pytest.raises(expected, match=r"orgs/acme/1 \(No\)"):
        planned(github).scope(SHOP)


def test_a_project_that_is_not_there_is_named(github: FakeGithub) -> None:
    with pytest.raises(SourceError, match="orgs/acme/1") as error:
        planned(github).scope(SHOP)
    assert "Projects: read" in error.value.fix


def test_a_token_without_the_scope_is_told_which_one(github: FakeGithub, board: Board) -> None:
    github.add_token("ghp_small", scopes=("repo",))
    source = planned(github, access=with_token(github, "ghp_small"))
    with pytest.raises(ForbiddenError) as error:
        source.scope(SHOP)
    assert "read:project" in error.value.fix


def test_a_project_needs_a_token(github: FakeGithub, board: Board) -> None:
    github.store.repo(SHOP).private = False
    source = planned(github, access=with_token(github, None))
    with pytest.raises(AuthenticationError, match="without a token"):
        source.scope(SHOP)


def test_a_points_field_that_is_missing_is_no_empty_estimate(
    github: FakeGithub, board: Board
) -> None:
    board.add_field("Size", "number")
    board.add_field("Effort", "text")
    with pytest.raises(SourceError, match=r"'Effort' \(number fields: Points, Size\)") as error:
        planned(github, points_field="Effort").scope(SHOP)
    assert "points_field" in error.value.fix


def test_fields_are_found_in_any_case_and_may_be_switched_off(
    github: FakeGithub, board: Board
) -> None:
    board.add(github.store.numbered(SHOP, 1), {"Points": 5, "Sprint": "S2"})
    assert points_of(planned(github, points_field="POINTS", iteration_field="sprint"))["1"] == (
        5,
        "S2",
    )
    assert points_of(planned(github, points_field="", iteration_field=""))["1"] == (1, None)


def test_a_persons_project_is_read_by_another_name(github: FakeGithub) -> None:
    made = github.add_project("octocat", "Mine", "User")
    made.add_field("Points", "number")
    made.add(github.store.numbered(SHOP, 1), {"Points": 5})
    assert points_of(planned(github, project="users/octocat/1"))["1"] == (5, None)


@pytest.mark.parametrize("project", ["acme/1", "orgs/acme", "orgs/acme/x", "5"])
def test_what_names_no_project_is_a_mistake_of_the_settings(
    github: FakeGithub, project: str
) -> None:
    with pytest.raises(SettingsError, match="project of"):
        planned(github, project=project).scope(SHOP)


def test_a_project_that_names_the_same_page_again_is_an_error(
    github: FakeGithub, board: Board
) -> None:
    page = {"hasNextPage": True, "endCursor": "x"}
    again = {"data": {"owner": {"projectV2": {"items": {"pageInfo": page, "nodes": []}}}}}

    def fault(seen: Any) -> Reply | None:
        is_items = seen.path == "/graphql" and "first" in seen.json["variables"]
        return reply(again) if is_items else None  # type: ignore[arg-type]

    github.faults.append(fault)
    with pytest.raises(SourceError, match="read before"):
        planned(github).scope(SHOP)
