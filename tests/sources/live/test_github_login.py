"""Tokens, Apps, addresses, limits and refusals."""

import logging
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from debtplan.errors import (
    AuthenticationError,
    DebtplanError,
    ForbiddenError,
    SettingsError,
    SourceError,
)
from debtplan.sources.github.login import api_address, graphql_address
from debtplan.sources.options import IssueTable
from tests.servers.github import TOKEN, FakeGithub
from tests.servers.github_access import App
from tests.servers.github_desk import Secondary
from tests.servers.harness import Reply
from tests.sources.live.github_source import (
    SHOP,
    access_to,
    items_of,
    serving,
    source_of,
    walk,
    with_token,
)


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with serving() as server:
        for _ in range(3):
            server.advance(60)
            server.store.add_issue(SHOP)
        yield server


@pytest.fixture
def app(github: FakeGithub) -> App:
    return github.add_app(7, {42: "acme"})


@pytest.fixture
def slept(github: FakeGithub, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let waiting pass in the fake's time."""
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        github.advance(seconds)

    monkeypatch.setattr("time.sleep", sleep)
    return waited


def as_app(github: FakeGithub, key: str, **settings: Any) -> Any:
    settings = {"app_id": 7, "installation_id": 42, **settings}
    return source_of(github, access_to(github, PRIVATE_KEY=key), **settings)


@pytest.mark.parametrize(
    ("settings", "api", "graphql"),
    [
        ({}, "https://api.github.com", "https://api.github.com/graphql"),
        (
            {"site": "https://github.com/"},
            "https://api.github.com",
            "https://api.github.com/graphql",
        ),
        (
            {"site": "https://git.acme.com"},
            "https://git.acme.com/api/v3",
            "https://git.acme.com/api/graphql",
        ),
        (
            {"api": "https://git.acme.com/api/v3/"},
            "https://git.acme.com/api/v3",
            "https://git.acme.com/api/graphql",
        ),
        (
            {"site": "https://acme.ghe.com"},
            "https://api.acme.ghe.com",
            "https://api.acme.ghe.com/graphql",
        ),
    ],
)
def test_addresses_follow_from_the_site_or_are_set(
    settings: dict[str, str], api: str, graphql: str
) -> None:
    found = api_address(IssueTable(**settings))  # type: ignore[arg-type]
    assert (found, graphql_address(found)) == (api, graphql)


def test_every_request_names_the_version_and_carries_the_token(github: FakeGithub) -> None:
    walk(source_of(github))
    assert {seen.headers["x-github-api-version"] for seen in github.log} == {"2022-11-28"}
    assert {seen.headers["authorization"] for seen in github.log} == {f"Bearer {TOKEN}"}


def test_an_enterprise_server_is_read_with_its_project() -> None:
    with serving(enterprise=True) as github:
        board = github.add_project("acme", "Debt")
        board.add_field("Points", "number")
        board.add(github.store.add_issue(SHOP), {"Points": 5})
        batches = walk(source_of(github, project="orgs/acme/1"))
        assert items_of(batches)["github:acme/shop#1"].points == 5
        paths = {seen.path for seen in github.log}
        assert paths >= {"/api/graphql", "/api/v3/repos/acme/shop/issues"}


def test_a_public_repository_is_read_without_a_token(github: FakeGithub) -> None:
    github.store.repo(SHOP).private = False
    source = source_of(github, with_token(github, None))
    assert len(items_of(walk(source))) == 3
    assert not any("authorization" in seen.headers for seen in github.log)


def test_a_private_repository_without_a_token_is_an_error(github: FakeGithub) -> None:
    with pytest.raises(SourceError, match="does not exist, or is hidden"):
        walk(source_of(github, with_token(github, None)))


def test_a_refused_token_is_asked_once_and_names_its_variable(github: FakeGithub) -> None:
    with pytest.raises(AuthenticationError, match="DEBTPLAN_GITHUB_TOKEN"):
        walk(source_of(github, with_token(github, "ghp_wrong")))
    assert len(github.log) == 1


def test_a_token_without_the_permission_names_the_repository_and_the_permission(
    github: FakeGithub,
) -> None:
    github.add_token("github_pat_x", scopes=None, permissions={"metadata": "read"})
    with pytest.raises(ForbiddenError, match="acme/shop") as error:
        walk(source_of(github, with_token(github, "github_pat_x")))
    assert "Issues: read" in error.value.fix
    assert "acme/shop" in error.value.fix


def test_an_app_signs_in_and_reads(github: FakeGithub, app: App) -> None:
    assert len(items_of(walk(as_app(github, app.private_key)))) == 3
    assert github.paths()[0] == "POST /app/installations/42/access_tokens"
    assert len(github.log) == 3


def test_a_key_on_one_line_is_taken(github: FakeGithub, app: App) -> None:
    assert walk(as_app(github, app.private_key.replace("\n", "\\n")))


def test_an_apps_token_is_renewed_before_its_hour_ends(github: FakeGithub, app: App) -> None:
    source = as_app(github, app.private_key)
    walk(source)
    github.advance(50 * 60)
    walk(source)
    assert sum(seen.method == "POST" for seen in github.log) == 1
    github.advance(6 * 60)
    walk(source)
    assert sum(seen.method == "POST" for seen in github.log) == 2


def test_an_apps_token_is_renewed_in_the_middle_of_a_list(github: FakeGithub, app: App) -> None:
    for _ in range(250):
        github.store.add_issue(SHOP)
    source = as_app(github, app.private_key)
    census = source.census(SHOP)

    def pass_time(page: int) -> None:
        if page == 1:
            github.advance(56 * 60)

    github.options.on_page = pass_time
    assert len(set(census.ids())) == 253
    assert sum(seen.method == "POST" for seen in github.log) == 2


def test_a_clock_that_runs_apart_from_githubs_renews_in_time(github: FakeGithub, app: App) -> None:
    access = access_to(github, PRIVATE_KEY=app.private_key)
    ahead = access.clock
    access.clock = lambda: ahead() + timedelta(seconds=50)
    source = source_of(github, access, app_id=7, installation_id=42)
    walk(source)
    github.advance(56 * 60)
    walk(source)
    assert sum(seen.method == "POST" for seen in github.log) == 2


@pytest.mark.parametrize(
    ("settings", "variables", "message"),
    [
        ({"installation_id": None}, {"PRIVATE_KEY": "x"}, "installation_id is not set"),
        ({}, {"TOKEN": "x"}, "DEBTPLAN_GITHUB_PRIVATE_KEY is not set"),
        ({}, {"PRIVATE_KEY": "no key"}, "no private key that can be used"),
    ],
)
def test_an_app_that_is_set_up_by_half_is_a_mistake_of_the_settings(
    github: FakeGithub, settings: dict[str, Any], variables: dict[str, str], message: str
) -> None:
    named = {"app_id": 7, "installation_id": 42, **settings}
    with pytest.raises(SettingsError, match=message) as error:
        walk(source_of(github, access_to(github, **variables), **named))
    assert "no key" not in str(error.value)


def test_an_app_without_its_package_says_which_to_install(
    github: FakeGithub, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(SettingsError) as error:
        walk(as_app(github, app.private_key))
    assert "debtplan[github-app]" in error.value.fix


def test_an_installation_that_is_none_is_named(github: FakeGithub, app: App) -> None:
    with pytest.raises(AuthenticationError, match="App 7 has no installation 43") as error:
        walk(as_app(github, app.private_key, installation_id=43))
    assert "installation_id" in error.value.fix


def test_another_apps_key_is_refused(github: FakeGithub, app: App) -> None:
    other = github.add_app(8, {42: "acme"})
    with pytest.raises(AuthenticationError, match="401"):
        walk(as_app(github, other.private_key))


def test_an_answer_without_a_token_is_an_error(github: FakeGithub, app: App) -> None:
    github.fail_once("/access_tokens", Reply(201, b"{}"))
    with pytest.raises(SourceError, match="gave no token"):
        walk(as_app(github, app.private_key))


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("retry_after", ["30", None])
def test_the_secondary_limit_is_waited_for(
    github: FakeGithub, slept: list[float], status: int, retry_after: str | None
) -> None:
    github.options.secondary = Secondary(after=1, status=status, retry_after=retry_after)
    assert len(items_of(walk(source_of(github)))) == 3
    assert slept == [30.0 if retry_after else 60.0]


def test_the_hourly_limit_is_waited_for_when_its_end_is_near(
    github: FakeGithub, slept: list[float]
) -> None:
    source = source_of(github)
    source.scope(SHOP)
    github.options.limit = 1
    github.advance(3_500)
    assert len(items_of(walk(source))) == 3
    assert slept == [100.0]


def test_no_secret_is_shown_anywhere(
    github: FakeGithub, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    lines = app.private_key.splitlines()[1:-1]
    sources = [
        source_of(github, with_token(github, "ghp_canary")),
        as_app(github, app.private_key, installation_id=43),
        as_app(github, app.private_key),
    ]
    shown = []
    for source in sources:
        try:
            walk(source)
        except DebtplanError as error:
            shown.append(f"{error!r} {error}")
        shown += [repr(source), str(vars(source))]
        shown += [f"{probe!r}" for probe in source.probe()]
    github.fail_once("/issues", Reply(500, b'{"message": "Bearer ghs_7_eyJ"}'))
    text = " ".join(shown) + caplog.text
    tokens = [seen.headers["authorization"].split()[1] for seen in github.log]
    assert tokens
    for secret in ("ghp_canary", *tokens, *lines):
        assert secret not in text
