"""What the doctor says about GitHub."""

from collections.abc import Iterator
from datetime import date

import pytest

from debtplan.core.decode import Json
from debtplan.core.source import Probe
from debtplan.sources.github.live import LiveGithub
from tests.servers.github import FakeGithub
from tests.servers.harness import Reply, reply
from tests.sources.live.github_source import SHOP, access_to, serving, source_of, with_token


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with serving() as server:
        server.store.add_issue(SHOP)
        yield server


def told(source: LiveGithub) -> list[str]:
    return [probe.what for probe in source.probe()]


def ill(source: LiveGithub) -> list[Probe]:
    return [probe for probe in source.probe() if not probe.is_well]


def test_a_classic_token_shows_its_scopes_and_what_is_left(github: FakeGithub) -> None:
    found = told(source_of(github))
    host = github.api.removeprefix("http://")
    assert found[0] == (
        f"{host} takes the token, a classic one with the scopes: repo, read:org, read:project"
    )
    assert found[1] == "5,000 of 5,000 requests are left this hour"
    assert found[2:] == [
        "acme/shop lists 1 issue or pull request",
        "acme/shop: dependencies are read",
        "acme/shop: sub-issues are read",
    ]
    assert ill(source_of(github)) == []
    assert "octocat" not in " ".join(found)


def test_other_kinds_of_tokens_are_told_apart(github: FakeGithub) -> None:
    github.add_token("github_pat_x", scopes=None)
    fine = told(source_of(github, with_token(github, "github_pat_x")))
    assert "fine-grained" in fine[0]
    app = github.add_app(7, {42: "acme"})
    access = access_to(github, PRIVATE_KEY=app.private_key)
    assert "App 7" in told(source_of(github, access, app_id=7, installation_id=42))[0]
    github.store.repo(SHOP).private = False
    nobody = told(source_of(github, with_token(github, None)))
    assert "without a token" in nobody[0]
    assert "acme/shop lists 1 issue or pull request" in nobody


def test_a_refused_token_is_one_probe_with_its_fix(github: FakeGithub) -> None:
    (found,) = source_of(github, with_token(github, "wrong")).probe()
    assert not found.is_well
    assert "DEBTPLAN_GITHUB_TOKEN" in found.what
    assert found.fix


def test_settings_that_name_no_repository_are_a_probe_too(github: FakeGithub) -> None:
    (found,) = source_of(github, repos=()).probe()
    assert "names no repository" in found.what


def test_each_repository_is_looked_at_whatever_the_others_say(github: FakeGithub) -> None:
    github.store.add_repo("acme/off", has_issues=False)
    source = source_of(github, repos=("acme/nothing", "acme/off", SHOP))
    assert [probe.what for probe in ill(source)] == [
        "acme/nothing does not exist, or is hidden from this token",
        "acme/off has its issues switched off",
    ]
    assert "acme/shop: sub-issues are read" in told(source)


def test_a_missing_permission_is_named(github: FakeGithub) -> None:
    github.add_token("github_pat_x", scopes=None, permissions={"metadata": "read"})
    (found,) = ill(source_of(github, with_token(github, "github_pat_x")))
    assert "Issues: read" in found.fix


def test_a_renamed_repository_is_told(github: FakeGithub) -> None:
    github.store.rename(SHOP, "acme/store")
    assert "acme/shop is called acme/store now, and still found; put the new name into `repos`" in (
        told(source_of(github))
    )


def test_features_that_the_server_lacks_are_told_and_no_illness(github: FakeGithub) -> None:
    for path in ("/blocked_by", "/sub_issues"):
        github.fail_once(path, Reply(404, b"{}"), times=2)
    assert ill(source_of(github)) == []
    for path in ("/blocked_by", "/sub_issues"):
        github.fail_once(path, Reply(404, b"{}"))
    found = " ".join(told(source_of(github)))
    assert "this server has no dependencies" in found
    assert "this server has no sub-issues" in found


def test_many_issues_are_counted(github: FakeGithub) -> None:
    for _ in range(40):
        github.store.add_issue(SHOP)
    assert "acme/shop lists 41 issues and pull requests" in told(source_of(github))


def test_a_repository_with_pull_requests_only_says_what_was_not_tried() -> None:
    with serving() as github:
        github.store.add_issue(SHOP, is_pull=True)
        found = told(source_of(github))
        assert "acme/shop shows no issue yet; its other endpoints were not tried" in found


@pytest.mark.parametrize(("left", "is_well"), [(501, True), (500, False), (0, False)])
def test_few_requests_left_are_a_warning(github: FakeGithub, left: int, is_well: bool) -> None:  # noqa: FBT001
    core: Json = {"resources": {"core": {"remaining": left, "limit": 5_000}}}
    github.fail_once("/rate_limit", reply(core))
    found = [probe for probe in source_of(github).probe() if "requests are left" in probe.what]
    assert [(probe.is_well, bool(probe.fix)) for probe in found] == [(is_well, not is_well)]


def test_the_projects_fields_are_shown_with_their_types(github: FakeGithub) -> None:
    board = github.add_project("acme", "Debt")
    board.add_field("Size", "number")
    board.add_iterations("Sprint", date(2026, 11, 2), 14, ["S1"])
    source = source_of(github, project="orgs/acme/1")
    fields = (
        "the project orgs/acme/1 has the fields Size (number), Sprint (iteration), Title (title)"
    )
    assert fields in told(source)
    assert "sprints come from its iteration field 'Sprint'" in told(source)
    (missing,) = ill(source)
    assert missing.what == "the project has no number field 'Points' for estimates"
    assert "points_field" in missing.fix


def test_a_project_that_cannot_be_read_is_a_probe(github: FakeGithub) -> None:
    (found,) = ill(source_of(github, project="orgs/acme/9"))
    assert "orgs/acme/9" in found.what


def test_a_server_without_limits_is_well(github: FakeGithub) -> None:
    github.fail_once("/rate_limit", Reply(404, b'{"message": "Rate limiting is not enabled."}'))
    assert "has no limit of requests" in told(source_of(github))


def test_the_issue_field_of_the_estimate_is_looked_for_in_each_organisation(
    github: FakeGithub,
) -> None:
    github.store.add_repo("other/shop")
    github.store.add_field("acme", "Effort")
    github.store.add_field("other", "Effort", "text")
    github.store.add_field("other", "Size")
    source = source_of(github, repos=(SHOP, "other/shop"), estimate_field="effort")
    assert "estimates come from the issue field 'effort' of acme" in told(source)
    (missing,) = ill(source)
    assert missing.what == "the issue field 'effort' of other holds no numbers"
    assert missing.fix == "Set estimate_field of [sources.github] to a number field: Size."
    (nowhere,) = ill(source_of(github, estimate_field="Points"))
    assert nowhere.what == "acme has not the issue field 'Points'"


def test_issue_fields_that_may_not_be_listed_are_no_illness(github: FakeGithub) -> None:
    github.add_token("plain", scopes=("repo",))
    source = source_of(github, with_token(github, "plain"), estimate_field="Effort")
    assert ill(source) == []
    assert "the issue fields of acme cannot be listed (status 404)" in " ".join(told(source))
    told_without = " ".join(told(source_of(github)))
    assert "issue field" not in told_without
