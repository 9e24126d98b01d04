"""Answers recorded from real services, read by the live parsers: an item or a reason for each."""

import csv
import gzip
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.item import DebtItem, Skipped
from debtplan.core.source import Batch
from debtplan.store import SqlStore, open_store
from debtplan.workflows.synced import Synced
from tests.recorded import Exchange, read_octokit, read_pygithub
from tests.servers.harness import Reply, Seen, reply
from tests.sources.live.contract import desk_of
from tests.sources.live.contract_desk import Desk

JIRA = ("jira-center", "jira-cloud")
GITHUB = ("github", "github-server")


@pytest.fixture(scope="module")
def store() -> Iterator[SqlStore]:
    """Open a real store in memory, once: making its tables takes longer than most checks."""
    with open_store("sqlite://") as opened:
        yield opened


@pytest.fixture
def recorded(data_dir: Path) -> Path:
    return data_dir / "api/recorded"


def merico(recorded: Path) -> list[Any]:
    """Return the issues of a real Jira Cloud site."""
    file = recorded / "jira/devlake-merico/_raw_jira_api_issues.csv.gz"
    csv.field_size_limit(10**9)
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        return [json.loads(row["data"]) for row in csv.DictReader(stream)]


def jira_issues(recorded: Path) -> Iterator[list[Any]]:
    """Yield the issues of every recorded search that a Jira sent, and the single issue."""
    yield merico(recorded)
    jira = recorded / "jira"
    yield search(recorded, "go-jira/issues_in_sprint")
    single = json.loads((jira / "appcelerator_issue_with_changelog.json").read_text("utf-8"))
    yield [single]


def search(recorded: Path, name: str) -> list[Any]:
    whole = json.loads((recorded / f"jira/{name}.json").read_text(encoding="utf-8"))
    found: list[Any] = whole["issues"]
    return found


def exchanges(recorded: Path) -> Iterator[Exchange]:
    for file in sorted((recorded / "github/octokit-fixtures").rglob("*.json")):
        yield from read_octokit(file)
    for file in sorted((recorded / "github/pygithub-replay").glob("*.txt")):
        yield from read_pygithub(file)


def github_issues(recorded: Path) -> Iterator[list[Any]]:
    """Yield every recorded list of a repository's issues."""
    for one in exchanges(recorded):
        path = one.path.partition("?")[0]
        if one.status == 200 and path.endswith("/issues") and isinstance(one.body, list):
            yield one.body
    file = recorded / "github/github-to-sqlite/issues.json"
    yield json.loads(file.read_text(encoding="utf-8"))


def read(desk: Desk, records: Sequence[Any]) -> tuple[Synced, list[Batch]]:
    """Sync where every list of a walk is these records; return what was given, too."""

    def answer(seen: Seen) -> Reply | None:
        if not desk.is_list(seen):
            return None
        bound = re.search(r"\bid >= (\d+)", str(seen.content))
        is_rest = seen.query.get("per_page") == "1" or "id not in " in str(seen.content)
        given = [] if is_rest else list(records)
        if bound:  # the list ends with the issue that it is asked for from
            given = [one for one in records if str(one["id"]) == bound[1]]
        return reply({"issues": given, "total": len(given)} if desk.kind == "jira" else given)

    desk.script(answer)
    batches: list[Batch] = []
    save = desk.store.save_batch

    def noted(batch: Batch, mark: Any) -> Any:
        batches.append(batch)
        return save(batch, mark)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.store, "save_batch", noted)
        return desk.sync(max_shrink=None), batches


def unaccounted(batches: Sequence[Batch], refs: set[str]) -> set[str]:
    """Return the refs that became neither an item nor a remark with its reason."""
    said: set[str] = set()
    for batch in batches:
        for one in batch.records:
            assert not isinstance(one, Skipped) or one.reason
            if isinstance(one, DebtItem | Skipped):
                said.add(one.key if isinstance(one, DebtItem) else one.ref)
    return refs - said


@pytest.mark.parametrize("name", JIRA)
def test_recorded_issues_of_jira_become_items_by_the_live_parser(
    name: str, recorded: Path, store: SqlStore
) -> None:
    for issues in jira_issues(recorded):
        with desk_of(name, store) as desk:
            done, batches = read(desk, issues)
            assert done.error is None
            refs = {f"jira:{one['key']}" for one in issues}
            assert unaccounted(batches, refs) == set()
            assert desk.kept().keys() == refs
            assert all(title and title.isprintable() for title in desk.kept().values())
            assert all(one.reason for one in desk.store.skipped())


@pytest.mark.parametrize("name", JIRA)
@pytest.mark.parametrize("file", ["jira-cli/search", "jira-cli/epic"])
def test_issues_that_a_client_made_up_without_ids_are_refused_with_the_reason(
    name: str, file: str, recorded: Path, store: SqlStore
) -> None:
    with desk_of(name, store) as desk:
        done, _ = read(desk, search(recorded, file))
        assert done.error is not None
        assert "an issue that has no id" in done.error.what


def test_a_real_site_keeps_its_own_names(recorded: Path, store: SqlStore) -> None:
    with desk_of("jira-cloud", store) as desk:
        read(desk, merico(recorded))
        items = {one.key: one for one in desk.store.items()}
    assert len(items) == 33
    assert {one.type_name for one in items.values()} >= {"故事", "子任务", "缺陷"}
    assert items["jira:EE-2"].updated_at is not None


@pytest.mark.parametrize("name", GITHUB)
def test_recorded_lists_of_github_become_items_by_the_live_parser(
    name: str, recorded: Path, store: SqlStore
) -> None:
    count = 0
    for issues in github_issues(recorded):
        with desk_of(name, store) as desk:
            done, batches = read(desk, issues)
            pulls = [one for one in issues if one.get("pull_request")]
            own = [one for one in issues if not one.get("pull_request")]
            assert done.error is None
            assert len(desk.kept()) == len({one["number"] for one in own}), own
            sighted = {id_ for batch in batches for id_, _ in batch.sightings}
            assert sighted == {f"{one['id']}#{one['number']}" for one in issues}
            reasons = {one.ref: one.reason for one in desk.store.skipped()}
            assert bool(pulls) == ("acme/shop pulls" in reasons)
            assert all(reasons.values())
            count += len(issues)
    assert count > 20


def test_recorded_failures_of_github_are_errors_and_no_lists(
    recorded: Path, store: SqlStore
) -> None:
    failures = [one for one in exchanges(recorded) if one.status >= 400]
    assert failures
    for one in failures:
        with desk_of("github", store) as desk:
            desk.fail(reply(one.body, one.status), times=99)
            done = desk.sync(attempts=1)
            assert done.error is not None
            assert str(one.status) in done.error.what
            assert desk.kept() == {}
