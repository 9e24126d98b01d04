"""Lists of the fake GitHub: pages, links, filters, lag, and what changes in between."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.servers.github import TOKEN, FakeGithub
from tests.servers.github_ask import ISSUES, WALK, ask, at_page, fill, numbers, walk


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with FakeGithub() as server:
        server.store.add_repo("acme/shop")
        yield server


def test_links_lead_over_the_repositorys_id_and_name_the_ends(github: FakeGithub) -> None:
    fill(github, 7)
    first, second, third, last = walk(github, f"{WALK}&per_page=2")
    assert set(first.links) == {"next", "last"}
    assert set(second.links) == {"prev", "next", "last", "first"}
    assert set(last.links) == {"prev", "first"}
    assert "/repositories/" in first.links["next"]["url"]
    assert second.links["last"] == third.links["last"]
    assert [one["number"] for one in last.json()] == [7]


def test_a_page_holds_thirty_issues_and_never_more_than_a_hundred(github: FakeGithub) -> None:
    fill(github, 120)
    sizes = [len(ask(github, f"{WALK}{more}").json()) for more in ("", "&per_page=500", "&page=9")]
    assert sizes == [30, 100, 0]


@pytest.mark.parametrize("links", ["page", "cursor"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_every_way_through_the_list_sees_every_issue(
    github: FakeGithub, links: Any, direction: str
) -> None:
    github.options.links = links
    fill(github, 23)
    found = numbers(github, f"{ISSUES}?state=all&direction={direction}&per_page=5")
    assert found == sorted(range(1, 24), reverse=direction == "desc")
    (*_, last) = walk(github, f"{ISSUES}?state=all&direction={direction}&per_page=5")
    before = ask(github, last.links["prev"]["url"]).json()
    assert [one["number"] for one in before] == found[-8:-3]


def test_a_long_list_has_cursors_and_no_deep_page_numbers(github: FakeGithub) -> None:
    github.options.page_cap = 10
    fill(github, 11)
    answer = ask(github, f"{WALK}&per_page=5")
    assert "after=" in answer.links["next"]["url"]
    assert "last" not in answer.links
    assert numbers(github, f"{WALK}&per_page=5") == list(range(1, 12))
    deep = ask(github, f"{WALK}&per_page=5&page=3")
    assert deep.status_code == 422
    assert "cursor based pagination" in deep.json()["message"]


def test_an_update_between_pages_hides_an_issue_from_page_numbers(github: FakeGithub) -> None:
    fill(github, 6)
    github.options.on_page = at_page(
        1, lambda: github.store.touch(github.store.numbered("acme/shop", 1))
    )
    assert numbers(github, f"{WALK}&per_page=2") == [1, 2, 4, 5, 6, 1]


def test_with_cursors_the_same_update_hides_nothing(github: FakeGithub) -> None:
    github.options.links = "cursor"
    fill(github, 6)
    github.options.on_page = at_page(
        1, lambda: github.store.touch(github.store.numbered("acme/shop", 1))
    )
    assert numbers(github, f"{WALK}&per_page=2") == [1, 2, 3, 4, 5, 6, 1]


def test_since_takes_the_instant_itself_and_fractions_of_seconds(github: FakeGithub) -> None:
    fill(github, 5)
    assert numbers(github, f"{WALK}&since=2026-11-02T09:00:03Z") == [4, 5]
    assert numbers(github, f"{WALK}&since=2026-11-02T10:00:03%2B01:00") == [4, 5]
    assert numbers(github, f"{WALK}&since=2026-11-02T09:00:03.2Z") == [5]
    created = f"{ISSUES}?state=all&direction=asc&since=2026-11-02T09:00:03Z"
    assert numbers(github, created) == [4, 5]


def test_lists_lag_and_single_issues_do_not(github: FakeGithub) -> None:
    fill(github, 2)
    github.store.lag_s = 30
    first = github.store.numbered("acme/shop", 1)
    github.store.update(first, title="New")
    github.store.delete(github.store.numbered("acme/shop", 2))
    github.advance(29)
    assert [one["title"] for one in ask(github, WALK).json()] == ["Issue 1", "Issue 2"]
    assert ask(github, f"{ISSUES}/1").json()["title"] == "New"
    assert ask(github, f"{ISSUES}/2").status_code == 410
    github.advance(1)
    assert [one["title"] for one in ask(github, WALK).json()] == ["New"]


def test_a_parameter_that_the_fake_does_not_know_is_no_answer(github: FakeGithub) -> None:
    assert ask(github, f"{ISSUES}?assignee=ada").status_code == 501


def test_type_milestone_and_pull_requests_are_told_apart(github: FakeGithub) -> None:
    store = github.store
    store.add_milestone("acme/shop", "1.0")
    store.add_issue("acme/shop", type="Bug", milestone=1)
    pull = store.turn_into_pull(store.add_issue("acme/shop"))
    assert numbers(github, f"{ISSUES}?type=bug") == [1]
    assert numbers(github, f"{ISSUES}?milestone=none") == [2]
    found = {one["number"]: one for one in ask(github, ISSUES).json()}
    assert found[1]["type"]["name"] == "Bug"
    assert found[2]["pull_request"]["url"].endswith("/pulls/2")
    assert "type" not in found[2]
    assert pull.node_id.startswith("PR_")


# Unchanged answers


def test_an_unchanged_page_costs_nothing_and_still_links(github: FakeGithub) -> None:
    fill(github, 4)
    first = ask(github, f"{WALK}&per_page=2")
    again = ask(github, f"{WALK}&per_page=2", If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-used"] == first.headers["x-ratelimit-used"] == "1"
    github.store.touch(github.store.numbered("acme/shop", 1))
    changed = ask(github, f"{WALK}&per_page=2", If_None_Match=first.headers["etag"])
    assert changed.status_code == 200


def test_a_full_last_page_stays_unchanged_when_another_follows(github: FakeGithub) -> None:
    fill(github, 2)
    first = ask(github, f"{WALK}&per_page=2")
    assert "next" not in first.links
    fill(github, 1)
    again = ask(github, f"{WALK}&per_page=2", If_None_Match=first.headers["etag"])
    assert again.status_code == 304
    assert "next" in again.links


def test_another_token_has_another_etag(github: FakeGithub) -> None:
    github.add_token("other")
    mine = ask(github, ISSUES)
    assert ask(github, ISSUES, "other", If_None_Match=mine.headers["etag"]).status_code == 200


@pytest.mark.slow
def test_a_hundred_thousand_issues_are_served_fast(github: FakeGithub) -> None:
    for number in range(100_000):
        github.store.add_issue("acme/shop", "One of many", created_at=f"{number:020d}")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(headers=headers) as client:
        started_s = time.perf_counter()
        url, count = f"{github.api}{WALK}&per_page=100", 0
        for _ in range(100):
            answer = client.get(url)
            count += len(answer.content)
            url = answer.links["next"]["url"]
            github.store.touch(github.store.numbered("acme/shop", 1))
        took_s = time.perf_counter() - started_s
    assert count > 100 * 100 * 1_000
    assert took_s < 10
