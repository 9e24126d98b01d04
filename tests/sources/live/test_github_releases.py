"""Releases and deployments of a live GitHub: what is taken, what is refused, what it costs."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from debtplan.core.contained import all_releases
from debtplan.store import SqlStore, open_store
from tests.servers.github import FakeGithub
from tests.servers.harness import Reply, Seen, reply
from tests.sources.live.shipping import SHOP, Harbour, github_harbour

HOUR, DAY = 3600, 86_400
ID = f"github:{SHOP}"


@pytest.fixture(scope="module")
def opened() -> Iterator[SqlStore]:
    with open_store("sqlite://") as store:
        yield store


@pytest.fixture
def store(opened: SqlStore) -> SqlStore:
    for state in opened.sources():
        opened.forget_source(state.name)
    return opened


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGithub]:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr("debtplan.transport.kept._ROUNDS", 1)
    with FakeGithub() as server:
        server.store.add_repo(SHOP)
        yield server


@pytest.fixture
def harbour(github: FakeGithub, store: SqlStore) -> Harbour:
    return github_harbour(github, store)


def test_a_published_release_holds_what_its_notes_name(
    github: FakeGithub, harbour: Harbour
) -> None:
    notes = "Fixes #7, acme/web#8 and OMNI-24"
    github.ships.publish(SHOP, "v5.2", name="Checkout 5.2", body=notes)
    assert harbour.sync().error is None
    assert harbour.kept() == {
        f"{ID}@v5.2": (f"{github.now:%m-%d %H:%M}", ("OMNI-24", "acme/shop#7", "acme/web#8"))
    }
    (found,) = harbour.store.releases()
    assert (found.name, found.source, found.is_assumed) == ("Checkout 5.2", "github", False)


def test_drafts_and_prereleases_reach_nobody_until_they_are_published(
    github: FakeGithub, harbour: Harbour
) -> None:
    draft = github.ships.publish(SHOP, "v6", draft=True, published_at=None)
    early = github.ships.publish(SHOP, "v7-rc1", prerelease=True)
    assert harbour.sync().error is None
    assert harbour.kept() == {}
    github.advance(DAY)
    draft.draft, draft.published_at = False, github.store.stamp
    early.prerelease = False
    harbour.sync()
    assert [*harbour.kept()] == [f"{ID}@v7-rc1", f"{ID}@v6"]
    draft.draft = True
    harbour.sync()
    assert [*harbour.kept()] == [f"{ID}@v7-rc1"]


def test_only_a_deployment_to_users_that_succeeded_counts_from_its_success(
    github: FakeGithub, harbour: Harbour
) -> None:
    made = github.ships.deploy(SHOP, "v5.2", "in_progress", description="for OMNI-24")
    github.ships.deploy(SHOP, "v5.3", "in_progress", "failure")
    github.ships.deploy(SHOP, "v5.4", "success", environment="staging")
    github.advance(HOUR)
    github.ships.say(made, "success")
    github.advance(HOUR)
    github.ships.say(made, "inactive")  # another one took its place
    assert harbour.sync().error is None
    at = github.now - timedelta(hours=1)
    assert harbour.kept() == {
        f"{ID}@v5.2 in production, deployment {made.id}": (f"{at:%m-%d %H:%M}", ("OMNI-24",))
    }


def test_environments_are_a_setting(github: FakeGithub, harbour: Harbour) -> None:
    github.ships.deploy(SHOP, "v1", "success", environment="Live EU")
    github.ships.deploy(SHOP, "v2", "success")
    harbour.sync(environments=["Live EU"])
    (found,) = harbour.store.releases()
    assert found.name == "v1 in Live EU"
    asked = harbour.asked(lambda: harbour.sync(environments=[]))
    assert not [one for one in asked if "deployments" in one.path]


def test_a_deployment_that_waits_is_asked_until_it_has_ended(
    github: FakeGithub, harbour: Harbour
) -> None:
    waiting = github.ships.deploy(SHOP, "v1", "queued")
    github.ships.deploy(SHOP, "v2", "success", environment="production")
    harbour.sync()
    assert [one.name for one in harbour.store.releases()] == ["v2 in production"]
    github.advance(DAY)
    github.ships.say(waiting, "success")
    harbour.sync()
    assert [one.name for one in harbour.store.releases()] == [
        "v2 in production",
        "v1 in production",
    ]
    assert not [one for one in harbour.asked(harbour.sync) if "statuses" in one.path]


def test_one_that_waits_in_another_environment_is_not_passed_over(
    github: FakeGithub, harbour: Harbour
) -> None:
    both = {"environments": ["eu", "us"]}
    waiting = github.ships.deploy(SHOP, "v1", environment="us")
    github.advance(HOUR)
    github.ships.deploy(SHOP, "v1", "success", environment="eu")
    harbour.sync(**both)
    github.ships.say(waiting, "success")
    harbour.sync(**both)
    assert {one.name for one in harbour.store.releases()} == {"v1 in eu", "v1 in us"}


def test_a_deployment_that_waits_for_ever_is_given_up(github: FakeGithub, harbour: Harbour) -> None:
    github.ships.deploy(SHOP, "v1", "queued")
    github.advance(HOUR)
    github.ships.deploy(SHOP, "v2", "failure")
    harbour.sync()
    assert [one for one in harbour.asked(harbour.sync) if "statuses" in one.path]
    github.advance(31 * DAY)
    harbour.sync()
    assert not [one for one in harbour.asked(harbour.sync) if "statuses" in one.path]


def test_nothing_new_costs_two_requests_that_do_not_count(
    github: FakeGithub, harbour: Harbour
) -> None:
    for number in range(40):
        github.advance(DAY)
        github.ships.publish(SHOP, f"v{number}")
        github.ships.deploy(SHOP, f"v{number}", "success")
    first = harbour.asked(harbour.sync)
    assert len(first) == 2 + 1 + 40  # two pages of releases, one of deployments, their statuses
    second = harbour.asked(harbour.sync)
    assert [one.path for one in second] == [
        f"/repos/{SHOP}/releases",
        f"/repos/{SHOP}/deployments",
    ]
    assert all("if-none-match" in one.headers for one in second)
    github.advance(DAY)
    github.ships.publish(SHOP, "v99")
    github.ships.deploy(SHOP, "v99", "success")
    assert len(harbour.asked(harbour.sync)) == 3
    assert len(harbour.store.releases()) == 82


def test_every_page_of_a_long_list_is_read_as_far_as_it_matters(
    github: FakeGithub, harbour: Harbour
) -> None:
    for number in range(100):
        github.advance(DAY)
        github.ships.publish(SHOP, f"v{number}")
    github.ships.publish(
        SHOP, "x", draft=True, published_at=None, created_at="2020-01-01T00:00:00Z"
    )
    harbour.sync(release_days=45, environments=[])
    assert len(harbour.store.releases()) == 59  # two pages; the third is older than that
    harbour.sync(release_days=3650, environments=[])
    assert len(harbour.store.releases()) == 100


@pytest.mark.parametrize("status", [403, 404, 410])
@pytest.mark.parametrize("what", ["releases", "deployments"])
def test_what_may_not_be_read_is_a_remark_until_it_may(
    github: FakeGithub, harbour: Harbour, what: str, status: int
) -> None:
    github.ships.publish(SHOP, "v1")
    github.ships.deploy(SHOP, "v2", "success")
    no = reply({"message": "Resource not accessible by personal access token"}, status)
    barred = [True]
    github.faults.append(lambda seen: no if barred and seen.path.endswith(what) else None)
    assert harbour.sync().error is None
    assert len(harbour.kept()) == 1  # the other one
    reason = harbour.said()[f"{SHOP} {what}"]
    assert f"(status {status})" in reason
    assert "under [sources.github]" in reason
    barred.clear()
    assert harbour.sync().error is None
    assert (len(harbour.kept()), harbour.said()) == (2, {})


def test_what_was_read_before_stays_when_it_may_no_longer_be_read(
    github: FakeGithub, harbour: Harbour
) -> None:
    github.ships.publish(SHOP, "v1")
    harbour.sync()
    github.faults.append(lambda seen: reply({}, 404) if "releases" in seen.path else None)
    harbour.sync()
    harbour.sync()
    assert [*harbour.kept()] == [f"{ID}@v1"]


def test_a_token_without_the_permission_is_told_which_one(
    github: FakeGithub, store: SqlStore
) -> None:
    github.add_token("github_pat_1", scopes=None, permissions={"issues": "read"})
    harbour = github_harbour(github, store, "github_pat_1")
    assert harbour.sync().error is None
    assert "Contents: read" in harbour.said()[f"{SHOP} releases"]
    assert "Deployments: read" in harbour.said()[f"{SHOP} deployments"]
    probes = harbour.probes()
    assert [one.is_well for one in probes] == [False, False]
    assert "Contents: read" in probes[0].fix
    assert "environments = []" in probes[1].fix


def test_the_doctor_says_what_is_there(github: FakeGithub, harbour: Harbour) -> None:
    github.ships.publish(SHOP, "v1")
    said = [(one.is_well, one.what) for one in harbour.probes()]
    assert said == [
        (True, f"{SHOP}: releases can be read, 1 listed"),
        (True, f"{SHOP}: deployments to production can be read, 0 listed"),
    ]


def test_without_a_token_deployments_are_not_asked_for(github: FakeGithub, store: SqlStore) -> None:
    github.store.repo(SHOP).private = False
    github.ships.publish(SHOP, "v1")
    github.ships.deploy(SHOP, "v1", "success")
    harbour = github_harbour(github, store, None)
    asked = harbour.asked(harbour.sync)
    assert [one.path for one in asked] == [f"/repos/{SHOP}/releases"]
    assert "DEBTPLAN_GITHUB_TOKEN" in harbour.said()[f"{SHOP} deployments"]


def test_a_limit_is_waited_for(github: FakeGithub, harbour: Harbour) -> None:
    github.ships.publish(SHOP, "v1")
    github.ships.deploy(SHOP, "v1", "success")
    limited = reply({"message": "API rate limit exceeded"}, 403, Retry_After="7")
    github.fail_once("/releases", limited)
    github.fail_once("/statuses", reply({"message": "secondary rate limit"}, 429, Retry_After="7"))
    assert harbour.sync().error is None
    assert len(harbour.told) == 2
    assert len(harbour.kept()) == 2


def test_a_server_that_fails_leaves_what_it_gave(github: FakeGithub, harbour: Harbour) -> None:
    github.ships.publish(SHOP, "v1")
    github.ships.deploy(SHOP, "v1", "success")
    github.faults.append(lambda seen: reply({}, 500) if "statuses" in seen.path else None)
    done = harbour.sync()
    assert done.error is not None
    assert [*harbour.kept()] == [f"{ID}@v1"]
    github.faults.clear()
    assert harbour.sync().error is None
    assert len(harbour.kept()) == 2


@pytest.mark.parametrize("body", [b"{}", b'[{"number": 1}]', b"<html>"])
@pytest.mark.parametrize("path", ["/releases", "/deployments", "/statuses"])
def test_an_odd_answer_is_an_error_and_no_empty_list(
    github: FakeGithub, harbour: Harbour, path: str, body: bytes
) -> None:
    github.ships.publish(SHOP, "v1")
    github.ships.deploy(SHOP, "v1", "success")
    github.faults.append(lambda seen: Reply(200, body) if seen.path.endswith(path) else None)
    assert harbour.sync().error is not None


def test_a_day_that_cannot_be_read_costs_one_record(github: FakeGithub, harbour: Harbour) -> None:
    bad = github.ships.publish(SHOP, "v1", published_at="soon")
    github.ships.publish(SHOP, "v2")
    odd = github.ships.deploy(SHOP, "v3", "success", created_at="2026-02-30T00:00:00Z")
    worse = github.ships.deploy(SHOP, "v4")
    worse.statuses.append((1, "success", "tomorrow"))
    assert harbour.sync().error is None
    assert [*harbour.kept()] == [f"{ID}@v2"]
    assert set(harbour.said()) == {
        f"{SHOP} release {bad.id}",
        f"{SHOP} deployment {odd.id}",
        f"{SHOP} deployment {worse.id}",
    }


def test_a_renamed_repository_is_told_once_under_its_new_name(
    github: FakeGithub, harbour: Harbour
) -> None:
    github.ships.publish(SHOP, "v1", body="#7")
    made = github.ships.deploy(SHOP, "main", "success", description="#8")
    harbour.sync()
    github.store.rename(SHOP, "acme/store")
    github.advance(DAY)
    github.ships.publish("acme/store", "v2")
    assert harbour.sync().error is None
    kept = harbour.kept()
    assert set(kept) == {
        "github:acme/store@v1",
        "github:acme/store@v2",
        f"{ID}@main in production, deployment {made.id}",  # that one is not read again
    }
    assert kept["github:acme/store@v1"][1] == ("acme/store#7",)


def test_a_deleted_release_goes_when_it_was_missed_twice(
    github: FakeGithub, harbour: Harbour
) -> None:
    gone = github.ships.publish(SHOP, "v1")
    github.ships.publish(SHOP, "v2")
    harbour.sync()
    github.ships.delete(SHOP, gone)
    harbour.sync()
    assert len(harbour.kept()) == 2
    assert harbour.sync().changes is not None
    assert [*harbour.kept()] == [f"{ID}@v2"]


def test_a_release_that_is_edited_is_read_again(github: FakeGithub, harbour: Harbour) -> None:
    made = github.ships.publish(SHOP, "v1")
    harbour.sync()
    github.advance(DAY)
    made.body = "also fixes #9"
    harbour.sync()
    assert harbour.kept()[f"{ID}@v1"][1] == ("acme/shop#9",)


@pytest.mark.slow
def test_more_deployments_than_one_run_looks_at_are_told(
    github: FakeGithub, harbour: Harbour
) -> None:
    for number in range(103):
        github.advance(60)
        github.ships.deploy(SHOP, f"v{number}", "success")
    harbour.sync()
    assert len(harbour.kept()) == 100
    ref = f"{SHOP} older deployments to production"
    assert "100 newest" in harbour.said()[ref]
    harbour.sync()
    assert harbour.said() == {}


def test_a_release_and_its_deployment_are_told_once_from_when_users_had_it(
    github: FakeGithub, harbour: Harbour
) -> None:
    github.ships.publish(SHOP, "v5.2", body="OMNI-24")
    github.advance(DAY)
    github.ships.deploy(SHOP, "v5.2", "success")
    had_it = github.now
    github.advance(DAY)
    github.ships.deploy(SHOP, "v5.2", "success")  # once more
    harbour.sync()
    release, again = all_releases(harbour.store.releases(), ())
    assert (release.id, release.released_at) == (f"{ID}@v5.2", had_it)
    assert again.released_at == github.now


def test_a_list_that_runs_in_a_circle_is_an_error(github: FakeGithub, harbour: Harbour) -> None:
    for number in range(31):
        github.ships.publish(SHOP, f"v{number}")

    def fault(seen: Seen) -> Reply | None:
        if "page" not in seen.query:
            return None
        real = github._answers(seen)  # noqa: SLF001 - what stands behind the faults
        link = f'<{github.api}/repos/{SHOP}/releases?per_page=30&page=2>; rel="next"'
        return replace(real, headers={**real.headers, "Link": link})

    github.faults.append(fault)
    done = harbour.sync(release_days=3650)
    assert done.error is not None
    assert "without an end" in done.error.what


def test_no_person_is_kept_in_a_release(github: FakeGithub, harbour: Harbour) -> None:
    github.ships.publish(SHOP, "v1", body="thanks to all")
    github.ships.deploy(SHOP, "v1", "success")
    harbour.sync()
    told = json.dumps([one.model_dump(mode="json") for one in harbour.store.releases()])
    assert "octocat" not in told


def test_an_enterprise_server_is_read_alike(store: SqlStore) -> None:
    with FakeGithub(enterprise=True) as github:
        github.store.add_repo(SHOP)
        github.ships.publish(SHOP, "v1", body="#7")
        github.ships.deploy(SHOP, "main", "success")
        harbour = github_harbour(github, store)
        harbour.settings = {"repos": (SHOP,), "site": github.url}
        assert harbour.sync().error is None
        assert len(harbour.kept()) == 2
        assert harbour.kept()[f"{ID}@v1"][1] == ("acme/shop#7",)
