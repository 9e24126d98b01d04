"""What waits for what, and umbrellas with their parts."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.github import FakeGithub
from tests.servers.harness import Reply
from tests.sources.live.github_source import (
    SHOP,
    items_of,
    serving,
    sighted,
    skipped_of,
    source_of,
    walk,
)


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with serving() as server:
        server.store.add_repo("acme/api")
        for number in range(1, 6):
            server.store.add_issue(SHOP, f"Issue {number}", labels=("debt",))
        server.store.add_issue("acme/api", "Far", labels=("debt",))
        yield server


def waits(github: FakeGithub, number: int = 1, **settings: Any) -> tuple[str, ...]:
    found = items_of(walk(source_of(github, **settings)))
    return found[f"github:acme/shop#{number}"].prerequisites


def test_what_blocks_an_issue_is_its_prerequisite_in_other_repositories_too(
    github: FakeGithub,
) -> None:
    store = github.store
    store.link(store.numbered(SHOP, 1), store.numbered(SHOP, 2), store.numbered("acme/api", 1))
    assert waits(github) == ("github:acme/api#1", "github:acme/shop#2")


def test_what_the_text_and_the_tracker_say_is_taken_once(github: FakeGithub) -> None:
    one, two = github.store.numbered(SHOP, 1), github.store.numbered(SHOP, 2)
    github.store.link(one, two)
    github.store.update(one, body="Blocked by #2\nDepends on #3")
    assert waits(github) == ("github:acme/shop#2", "github:acme/shop#3")
    assert skipped_of(walk(source_of(github))) == {}


def test_a_closed_blocker_blocks_nothing(github: FakeGithub) -> None:
    store = github.store
    store.link(store.numbered(SHOP, 1), store.numbered(SHOP, 2), store.numbered(SHOP, 3))
    store.close(store.numbered(SHOP, 2))
    assert waits(github) == ("github:acme/shop#3",)


def test_nothing_is_asked_about_issues_without_ties_or_that_are_closed(github: FakeGithub) -> None:
    store = github.store
    store.link(store.numbered(SHOP, 1), store.numbered(SHOP, 2))
    store.close(store.numbered(SHOP, 1))
    walk(source_of(github))
    assert {seen.path for seen in github.log} == {"/repos/acme/shop", "/repos/acme/shop/issues"}


def test_nothing_is_asked_about_issues_without_the_label(github: FakeGithub) -> None:
    store = github.store
    store.link(store.numbered(SHOP, 1), store.numbered(SHOP, 2))
    walk(source_of(github, labels=("other",)))
    assert {seen.path for seen in github.log} == {"/repos/acme/shop", "/repos/acme/shop/issues"}


def test_an_umbrella_gives_way_to_its_open_parts(github: FakeGithub) -> None:
    store = github.store
    parts = [store.numbered(SHOP, n) for n in (2, 3)]
    store.add_child(store.numbered(SHOP, 1), *parts)
    store.close(parts[1])
    batches = walk(source_of(github))
    assert "github:acme/shop#1" not in items_of(batches)
    assert "github:acme/shop#2" in items_of(batches)
    reason = skipped_of(batches)["github:acme/shop#1"]
    assert "umbrella" in reason
    assert "acme/shop#2;" in reason
    assert min(sighted(batches).values()) == ""


def test_an_umbrella_whose_parts_are_all_closed_is_an_item_again(github: FakeGithub) -> None:
    store = github.store
    store.add_child(store.numbered(SHOP, 1), store.numbered(SHOP, 2))
    store.close(store.numbered(SHOP, 2))
    assert waits(github) == ()


@pytest.mark.parametrize("labels", [(), ("debt",)])
def test_an_umbrella_whose_parts_become_no_items_stands_for_them(
    github: FakeGithub, labels: tuple[str, ...]
) -> None:
    store = github.store
    far = store.numbered("acme/api", 1)
    bare = store.add_issue(SHOP, "No label")
    store.add_child(store.numbered(SHOP, 1), bare if labels else far)
    assert waits(github, labels=labels) == ()


def test_parts_in_another_repository_of_the_settings_are_parts(github: FakeGithub) -> None:
    store = github.store
    store.add_child(store.numbered(SHOP, 1), store.numbered("acme/api", 1))
    batches = walk(source_of(github, repos=(SHOP, "Acme/API")))
    assert "github:acme/shop#1" not in items_of(batches)


@pytest.mark.parametrize("enterprise", [False, True])
def test_the_issue_above_a_part_is_its_epic(enterprise: bool) -> None:  # noqa: FBT001
    with serving(enterprise=enterprise) as github:
        store = github.store
        store.add_repo("acme/api")
        parts = [store.add_issue(SHOP, f"Part {number}") for number in range(3)]
        store.add_child(store.add_issue(SHOP, "Near"), parts[0])
        store.add_child(store.add_issue("acme/api", "Far"), parts[1])
        found = items_of(walk(source_of(github)))
        epics = [found[f"github:acme/shop#{number}"].epic for number in (1, 2, 3)]
        assert epics == ["acme/shop#4", "acme/api#1", ""]


def test_what_waits_for_an_umbrella_waits_for_its_parts(github: FakeGithub) -> None:
    store = github.store
    store.link(store.numbered(SHOP, 5), store.numbered(SHOP, 1))
    store.add_child(store.numbered(SHOP, 1), store.numbered(SHOP, 2), store.numbered(SHOP, 3))
    assert waits(github, 5) == ("github:acme/shop#2", "github:acme/shop#3")


def test_long_lists_of_ties_are_read_to_their_end(github: FakeGithub) -> None:
    store = github.store
    many = [store.add_issue(SHOP, "Many", labels=("debt",)) for _ in range(130)]
    store.add_child(store.numbered(SHOP, 1), *many)
    asked = skipped_of(walk(source_of(github)))["github:acme/shop#1"]
    assert asked.count("acme/shop#") == 5
    assert "and 125 more" in asked


def test_a_server_without_the_endpoint_leaves_the_remark_of_the_count(github: FakeGithub) -> None:
    store = github.store
    store.link(store.numbered(SHOP, 1), store.numbered(SHOP, 2))
    github.fail_once("/blocked_by", Reply(404, b"{}"))
    batches = walk(source_of(github))
    assert items_of(batches)["github:acme/shop#1"].prerequisites == ()
    assert "blocked by 1 open issue by" in skipped_of(batches)["github:acme/shop#1"]
