"""The fake GitHub read by an independent client, PyGithub."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.servers.github import TOKEN, FakeGithub

pygithub = pytest.importorskip("github", reason="the group `contract` is not installed")


def connect(server: FakeGithub, auth: Any = None) -> Any:
    return pygithub.Github(
        auth=auth or pygithub.Auth.Token(TOKEN),
        base_url=server.api,
        retry=None,
        per_page=100,
        seconds_between_requests=0,
    )


def fill(server: FakeGithub, count: int = 230) -> dict[int, tuple[Any, ...]]:
    """Put issues in; returns what each should read as."""
    store = server.store
    store.add_repo("acme/shop")
    store.add_milestone("acme/shop", "1.0")
    for number in range(count):
        labels = ("debt",) if number % 2 else ("bug", "Größe")
        milestone = 1 if number % 5 == 0 else None
        made = store.add_issue(
            "acme/shop", f"Title <{number}> ü", body="a\nb", labels=labels, milestone=milestone
        )
        server.advance(1)
        if number % 3 == 0:
            store.close(made)
    return {
        one.number: (one.id, one.title, one.state, one.labels, one.milestone, one.updated_at)
        for one in store.issues.values()
    }


def as_read(issue: Any) -> tuple[Any, ...]:
    return (
        issue.id,
        issue.title,
        issue.state,
        tuple(label.name for label in issue.labels),
        issue.milestone and issue.milestone.number,
        issue.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


@pytest.fixture(params=["github.com", "Enterprise Server"])
def github(request: pytest.FixtureRequest) -> Iterator[FakeGithub]:
    with FakeGithub(enterprise=request.param != "github.com") as server:
        yield server


@pytest.mark.parametrize("links", ["auto", "page", "cursor"])
def test_it_reads_the_issues_that_were_put_in(github: FakeGithub, links: Any) -> None:
    github.options.links = links
    expected = fill(github)
    found = connect(github).get_repo("acme/shop").get_issues(state="all", sort="updated")
    assert {issue.number: as_read(issue) for issue in found} == expected
    assert len(github.paths()) == 4


def test_it_reads_labels_and_milestones(github: FakeGithub) -> None:
    fill(github, 10)
    repo = connect(github).get_repo("acme/shop")
    assert [label.name for label in repo.get_labels()] == ["bug", "debt", "Größe"]
    (milestone,) = repo.get_milestones()
    assert (milestone.title, milestone.open_issues, milestone.closed_issues) == ("1.0", 1, 1)
    assert [issue.number for issue in repo.get_issues(milestone=milestone)] == [6]


def test_it_filters_as_asked(github: FakeGithub) -> None:
    expected = fill(github)
    repo = connect(github).get_repo("acme/shop")
    both = repo.get_issues(labels=["bug", "größe"], state="closed", direction="asc")
    assert [issue.number for issue in both] == [
        number for number, one in expected.items() if "bug" in one[3] and one[2] == "closed"
    ]
    since = datetime(2026, 11, 2, 9, 3, 40, tzinfo=UTC)
    late = repo.get_issues(state="all", since=since, sort="updated", direction="asc")
    assert [issue.number for issue in late] == list(range(220, 231))


def test_it_reads_sub_issues(github: FakeGithub) -> None:
    fill(github, 5)
    store = github.store
    store.add_child(store.numbered("acme/shop", 1), *list(store.issues)[1:4])
    issue = connect(github).get_repo("acme/shop").get_issue(1)
    assert [child.number for child in issue.get_sub_issues()] == [2, 3, 4]
    assert {child.parent_issue_url for child in issue.get_sub_issues()} == {issue.url}


def test_it_follows_a_renamed_repository(github: FakeGithub) -> None:
    expected = fill(github, 3)
    github.store.rename("acme/shop", "acme/store")
    repo = connect(github).get_repo("acme/shop")
    assert repo.full_name == "acme/store"
    assert len(list(repo.get_issues(state="all"))) == len(expected)


def test_it_signs_in_as_an_app(github: FakeGithub) -> None:
    github.now = datetime.now(UTC).replace(microsecond=0)
    fill(github, 3)
    app = github.add_app(123, {77: "acme"})
    auth = pygithub.Auth.AppAuth(123, app.private_key).get_installation_auth(77)
    issues = connect(github, auth).get_repo("acme/shop").get_issues()
    assert [issue.number for issue in issues] == [3, 2]


def test_it_is_refused_as_by_github(github: FakeGithub) -> None:
    fill(github, 1)
    with pytest.raises(pygithub.BadCredentialsException):
        connect(github, pygithub.Auth.Token("wrong")).get_user().login  # noqa: B018 - asks
    with pytest.raises(pygithub.UnknownObjectException):
        connect(github).get_repo("acme/none")
    github.options.limit = 0
    if not github.options.enterprise:
        with pytest.raises(pygithub.RateLimitExceededException):
            connect(github).get_repo("acme/shop")


def test_it_reads_the_limits() -> None:
    with FakeGithub(limit=60) as server:
        client = connect(server)
        client.get_user().login  # noqa: B018 - asks
        found = client.get_rate_limit().resources.core
        assert (found.limit, found.remaining) == (60, 59)
        assert found.reset == datetime(2026, 11, 2, 10, tzinfo=UTC)
