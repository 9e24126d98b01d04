"""What reached users, read live by `sync`: shown, switched off, refused, and used."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from debtplan.bootstrap.feeds import feeds
from debtplan.config.load import load_settings
from debtplan.errors import UsageError
from tests.cli.shop import Shop
from tests.live import omniretail
from tests.live.roads import lead_home, stop_the_clock
from tests.servers.github import TOKEN, FakeGithub
from tests.servers.harness import reply
from tests.servers.jira import FakeJira

GITHUB = f'\n[sources.github]\nrepos = ["{omniretail.REPO}"]\n'
JIRA = """
[sources.jira]
site = "https://omniretail.atlassian.net"
email = "ada@example.com"
projects = ["OMNI"]
"""


@pytest.fixture
def github(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGithub]:
    with omniretail.github() as server:
        lead_home(monkeypatch, {"api.github.com": server.url})
        stop_the_clock(monkeypatch, omniretail.MONDAY)
        monkeypatch.setattr("time.sleep", lambda _: None)
        monkeypatch.setenv("DEBTPLAN_GITHUB_TOKEN", TOKEN)
        shop.settings(GITHUB)
        yield server


@pytest.fixture
def jira(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeJira]:
    with omniretail.jira() as server:
        homes = dict.fromkeys(("omniretail.atlassian.net", "api.atlassian.com"), server.url)
        lead_home(monkeypatch, homes)
        stop_the_clock(monkeypatch, omniretail.MONDAY)
        monkeypatch.setattr("time.sleep", lambda _: None)
        monkeypatch.setenv("DEBTPLAN_JIRA_TOKEN", server.options.token)
        shop.settings(JIRA)
        yield server


def releases(shop: Shop) -> list[dict[str, object]]:
    done = shop.run("releases", "--format", "json")
    assert done.code == 0, done.said
    found: list[dict[str, object]] = json.loads(done.out)["rows"]
    return found


@pytest.mark.slow
def test_a_tracker_is_read_with_what_it_released(github: FakeGithub, shop: Shop) -> None:
    done = shop.run("sync", "github")
    assert done.code == 0, done.said
    rows = [line.split()[0] for line in done.out.splitlines()[2:]]
    assert rows == ["github", "github:releases"]
    (found,) = releases(shop)
    assert found["released"] == "2026-11-16 10:00"  # when it was deployed
    assert (found["name"], found["known from"]) == ("Checkout 5.1", "github")


@pytest.mark.slow
def test_a_second_run_costs_two_requests_more_than_without(github: FakeGithub, shop: Shop) -> None:
    def second_run(more: str) -> int:
        shop.settings(f"{GITHUB}{more}")
        shop.run("sync")
        before = len(github.log)
        shop.run("sync")
        return len(github.log) - before

    assert second_run("") - second_run("releases = false\n") == 2


def test_what_is_switched_off_is_taken_out(github: FakeGithub, shop: Shop) -> None:
    shop.run("sync")
    shop.settings(f"{GITHUB}releases = false\n")
    done = shop.run("sync")
    assert "github:releases is no longer set" in done.err
    assert releases(shop) == []


def test_a_right_that_is_missing_fails_nothing_and_the_doctor_says_it(
    github: FakeGithub, shop: Shop
) -> None:
    no = reply({"message": "Resource not accessible by personal access token"}, 403)
    github.faults.append(lambda seen: no if "deployments" in seen.path else None)
    done = shop.run("sync")
    assert done.code == 0, done.said
    assert "remark: omniretail/storefront deployments: cannot be read" in done.err
    doctor = shop.run("doctor", "github")
    assert doctor.code == 1
    assert "Give the token the permission Deployments: read" in doctor.out


@pytest.mark.parametrize("tracker", ["github", "jira"])
def test_a_token_that_is_refused_is_not_tried_for_releases(
    tracker: str, request: pytest.FixtureRequest, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = request.getfixturevalue(tracker)
    monkeypatch.setenv(f"DEBTPLAN_{tracker.upper()}_TOKEN", "wrong")
    done = shop.run("sync", tracker)
    assert done.code == 4
    assert f"{tracker}:releases" not in done.out
    shop.run("doctor")
    asked = [one.path for one in server.log if one.path.endswith(("releases", "versions"))]
    assert asked == []


def test_a_file_and_a_tracker_that_tell_of_one_release_tell_it_once(
    github: FakeGithub, shop: Shop
) -> None:
    shop.settings(f'{GITHUB}\n[releases.log]\npath = "log.csv"\n')
    shop.write("log.csv", "released_at,name,items\n2026-11-16T11:00Z,checkout 5.1,A-2\n")
    assert shop.run("sync").code == 0
    (found,) = releases(shop)
    assert (found["name"], found["items"]) == ("Checkout 5.1", ["csv:A-2"])


def test_an_item_of_a_released_version_counts_from_its_day(jira: FakeJira, shop: Shop) -> None:
    (version,) = jira.store.versions.values()
    jira.store.update("OMNI-3", fix_versions=(version.id,), status="Done")
    jira.store.update("OMNI-4", status="Done")
    assert shop.run("sync", "jira").code == 0
    by_item = {str(one["items"]): one["known from"] for one in releases(shop)}
    assert by_item["['jira:OMNI-3']"] == "jira"
    assert by_item["['jira:OMNI-4']"] == "closing, assumed"


def test_a_name_brings_what_stands_beside_it_and_nothing_else(shop: Shop, tmp_path: Path) -> None:
    shop.settings(f'{GITHUB}\n[warehouse.lake]\npath = "events.csv"\n')
    loaded = load_settings(tmp_path / "debtplan.toml")

    def named(*names: str) -> list[str]:
        return [feed.name for feed in feeds(loaded, names)]

    assert named("lake") == ["lake", "lake:tallies"]
    assert named("lake:tallies", "lake") == ["lake:tallies", "lake"]
    assert named("github") == ["github", "github:releases"]
    assert named("csv") == ["csv"]
    assert named() == ["csv", "github", "github:releases", "lake", "lake:tallies"]
    with pytest.raises(UsageError, match="'github:tallies'"):
        named("github:tallies")


def test_saved_answers_are_read_alone(shop: Shop, tmp_path: Path) -> None:
    shop.settings(GITHUB)
    loaded = load_settings(tmp_path / "debtplan.toml")
    assert [feed.name for feed in feeds(loaded, ["github"], "issues.json")] == ["github"]
