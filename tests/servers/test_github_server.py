"""What the fake GitHub does when names, limits and permissions change under the reader."""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from tests.servers.github import TOKEN, FakeGithub
from tests.servers.github_ask import ISSUES, WALK, ask, fill, numbers, post
from tests.servers.github_desk import Secondary
from tests.servers.harness import Reply


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with FakeGithub() as server:
        server.store.add_repo("acme/shop")
        yield server


# Issues that leave


def test_a_transferred_issue_is_found_at_its_new_place(github: FakeGithub) -> None:
    store = github.store
    store.add_repo("acme/attic")
    old = store.add_issue("acme/shop", labels=("debt",))
    blocker = store.add_issue("acme/shop")
    child = store.add_issue("acme/shop")
    store.link(old, blocker)
    store.add_child(old, child)
    new = store.transfer(old, "acme/attic")
    answer = ask(github, f"{ISSUES}/1")
    assert answer.status_code == 301
    found = ask(github, answer.headers["location"]).json()
    assert (found["number"], found["id"] == old.id) == (1, False)
    assert found["repository_url"].endswith("/repos/acme/attic")
    assert found["issue_dependencies_summary"]["blocked_by"] == 1
    assert ask(github, f"{ISSUES}/2/dependencies/blocking").json()[0]["id"] == new.id
    assert ask(github, f"{ISSUES}/3/parent").json()["id"] == new.id
    assert numbers(github, WALK) == [2, 3]
    store.hide("acme/attic")
    assert ask(github, f"{ISSUES}/1").status_code == 404
    store.delete(new)
    assert store.related(store.blocking, blocker) == []


def test_links_leave_the_time_of_the_issue_alone(github: FakeGithub) -> None:
    fill(github, 2)
    first, second = github.store.issues.values()
    github.store.add_child(first, second)
    github.store.link(first, second)
    assert github.store.issue(first).updated_at == first.updated_at
    github.store.unlink(first, second, touch=True)
    assert github.store.issue(first).updated_at > first.updated_at


def test_related_issues_come_in_pages_and_only_those_that_may_be_seen(github: FakeGithub) -> None:
    store = github.store
    store.add_repo("acme/secret")
    issue, *others = (store.add_issue("acme/shop") for _ in range(8))
    store.link(issue, *others, store.add_issue("acme/secret"))
    path = f"{ISSUES}/1/dependencies/blocked_by?per_page=3"
    assert len(numbers(github, path)) == 8
    store.hide("acme/secret")
    assert numbers(github, path) == list(range(2, 9))


def test_a_renamed_repository_answers_under_its_id_until_the_name_is_taken(
    github: FakeGithub,
) -> None:
    fill(github, 3)
    github.store.rename("acme/shop", "acme/store")
    answer = ask(github, f"{WALK}&per_page=2")
    assert answer.status_code == 301
    assert numbers(github, answer.headers["location"]) == [1, 2, 3]
    github.store.add_repo("Acme/Shop")
    assert numbers(github, WALK) == []


# Who may


def test_each_refusal_is_worded_as_github_words_it(github: FakeGithub) -> None:
    github.store.add_repo("acme/other")
    classic: dict[str, Mapping[str, Any]] = {
        "narrow": {"scopes": ("read:org",)},
        "outside": {"unauthorised": frozenset({"acme"})},
    }
    fine: dict[str, Mapping[str, Any]] = {
        "one": {"repos": frozenset({"acme/other"})},
        "few": {"permissions": {"metadata": "read"}},
    }
    for name, fields in classic.items():
        github.add_token(name, **fields)
    for name, fields in fine.items():
        github.add_token(name, scopes=None, **fields)
    got = {name: ask(github, ISSUES, name) for name in ("wrong", *classic, *fine)}
    assert {name: (one.status_code, one.json()["message"][:30]) for name, one in got.items()} == {
        "wrong": (401, "Bad credentials"),
        "narrow": (404, "Not Found"),
        "outside": (403, "Resource protected by organiza"),
        "one": (404, "Not Found"),
        "few": (403, "Resource not accessible by per"),
    }
    assert got["outside"].headers["x-github-sso"].startswith("required; url=")
    assert got["few"].headers["x-accepted-github-permissions"] == "issues=read"
    assert ask(github, ISSUES, None).status_code == 404
    assert ask(github, "/user", None).status_code == 401


def test_scopes_are_named_for_classic_tokens_only(github: FakeGithub) -> None:
    github.add_token("fine", scopes=None, expires_at=datetime(2026, 12, 1, tzinfo=UTC))
    assert ask(github, "/user").headers["x-oauth-scopes"] == "repo, read:org, read:project"
    answer = ask(github, "/user", "fine")
    assert "x-oauth-scopes" not in answer.headers
    assert answer.headers["github-authentication-token-expiration"] == "2026-12-01 00:00:00 UTC"
    github.now = datetime(2026, 12, 1, tzinfo=UTC)
    assert ask(github, "/user", "fine").status_code == 401
    github.revoke(TOKEN)
    assert ask(github, "/user").status_code == 401


def signed(github: FakeGithub, key: str, **claims: Any) -> str:
    now_s = int(github.now.timestamp())
    return jwt.encode({"iat": now_s - 60, "exp": now_s + 540, "iss": "5", **claims}, key, "RS256")


@pytest.mark.slow
def test_an_apps_token_lives_for_an_hour(github: FakeGithub) -> None:
    app = github.add_app(5, {9: "acme"})
    path = "/app/installations/9/access_tokens"
    now_s = int(github.now.timestamp())
    bearers = {
        signed(github, app.private_key): 201,
        signed(github, app.private_key, iss=app.client_id): 201,
        signed(github, app.private_key, exp=now_s + 601): 401,
        signed(github, app.private_key, exp=now_s - 1): 401,
        signed(github, app.private_key, iat=now_s + 5): 401,
        signed(github, app.private_key, iss="7"): 404,
        signed(github, github.add_app(6, {}).private_key): 401,
        TOKEN: 401,
    }
    for bearer, status in bearers.items():
        answer = post(github, path, bearer)
        assert answer.status_code == status, answer.text
    made = post(github, path, next(iter(bearers))).json()
    assert made["token"].startswith("ghs_5_")
    assert len(made["token"]) > 40
    assert made["expires_at"] == "2026-11-02T10:00:00Z"
    assert ask(github, ISSUES, made["token"]).status_code == 200
    assert ask(github, "/user", made["token"]).status_code == 403
    github.advance(3_600)
    assert ask(github, ISSUES, made["token"]).status_code == 401


def test_an_app_finds_its_installation(github: FakeGithub) -> None:
    key = github.add_app(5, {9: "acme"}).private_key
    paths = ("/app", "/app/installations", "/repos/acme/shop/installation")
    app, all_of_them, one = (ask(github, path, signed(github, key)).json() for path in paths)
    assert (app["id"], one["id"], one["account"]["login"]) == (5, 9, "acme")
    assert all_of_them == [one]


# Limits


def test_the_hourly_limit_ends_with_the_hour(github: FakeGithub) -> None:
    github.options.limit = 2
    left = [ask(github, "/user").headers["x-ratelimit-remaining"] for _ in range(2)]
    assert left == ["1", "0"]
    refused = ask(github, "/user")
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (403, "0")
    assert refused.json()["message"].startswith("API rate limit exceeded")
    assert ask(github, "/rate_limit").json()["resources"]["core"]["remaining"] == 0
    github.now = datetime.fromtimestamp(int(refused.headers["x-ratelimit-reset"]), UTC)
    assert ask(github, "/user").status_code == 200


@pytest.mark.parametrize(("status", "wait"), [(403, "60"), (429, "1"), (403, None)])
def test_the_secondary_limit_says_little(github: FakeGithub, status: int, wait: str | None) -> None:
    github.options.secondary = Secondary(after=1, times=2, status=status, retry_after=wait)
    answers = [ask(github, "/user") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, status, status, 200]
    assert answers[1].headers.get("retry-after") == wait
    assert answers[1].json()["message"].startswith("You have exceeded a secondary rate limit")
    assert int(answers[1].headers["x-ratelimit-remaining"]) > 0


# The server


def test_enterprise_server_lives_under_its_own_paths() -> None:
    with FakeGithub(enterprise=True, page_cap=4) as server:
        server.store.add_repo("acme/shop")
        fill(server, 6)
        assert numbers(server, f"{WALK}&per_page=2") == [1, 2, 3, 4, 5, 6]
        answer = ask(server, f"{WALK}&per_page=2")
        assert "/api/v3/repositories/" in answer.links["last"]["url"]
        assert answer.json()[0]["html_url"] == f"{server.url}/acme/shop/issues/1"
        assert "x-ratelimit-limit" not in answer.headers
        assert answer.headers["x-github-enterprise-version"]
        assert ask(server, "/rate_limit").status_code == 404
        assert ask(server, server.url + ISSUES).status_code == 404
        newer = ask(server, ISSUES, X_GitHub_Api_Version="2026-03-10")
        assert newer.status_code == 400
        assert server.graphql.endswith("/api/graphql")


def test_date_is_the_virtual_time_and_stands_there_once(github: FakeGithub) -> None:
    github.advance(90)
    answer = ask(github, "/user")
    assert answer.headers.get_list("date") == ["Mon, 02 Nov 2026 09:01:30 GMT"]


def test_a_client_without_a_name_is_refused(github: FakeGithub) -> None:
    assert ask(github, "/user", User_Agent="").status_code == 403


def test_latency_is_real(github: FakeGithub) -> None:
    github.options.latency_s = 0.05
    started_s = time.perf_counter()
    ask(github, "/user")
    assert time.perf_counter() - started_s >= 0.05


def test_a_fault_comes_before_the_answer_and_is_not_counted(github: FakeGithub) -> None:
    github.fail_once("/issues", Reply(502, b"<html>Unicorn!</html>"))
    assert [ask(github, ISSUES).status_code for _ in range(2)] == [502, 200]
    assert ask(github, "/user").headers["x-ratelimit-used"] == "2"
    assert github.paths() == [f"GET {ISSUES}"] * 2 + ["GET /user"]
