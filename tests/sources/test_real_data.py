"""Real backlogs, sprints and recorded answers: what goes in comes out as an item or a reason."""

import csv
import gzip
import io
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from debtplan.core.capacity import ClosedSprint
from debtplan.core.graph import find_cycles
from debtplan.core.item import DebtItem, ItemState, Skipped
from debtplan.files.saved import Page
from debtplan.sources import SOURCES, SPRINTS
from debtplan.sources.github.issue import read_issues
from debtplan.sources.options import IssueTable, SprintTable
from tests.real_projects import (
    ISSUES_BY_FILE,
    PROJECTS,
    Project,
    merico,
    mesos,
    nlbse,
    spring_xd,
    sprint_boards,
)
from tests.recorded import Exchange, read_octokit, read_pygithub

RECORDED = "api/recorded"


def fetch(table: IssueTable, folder: Path) -> list[DebtItem | Skipped]:
    assert table.type is not None
    return list(SOURCES[table.type](table.type, table, folder).fetch(since=None))


def sprints_of(table: SprintTable, folder: Path) -> list[ClosedSprint | Skipped]:
    return list(SPRINTS[table.type]("team", table, folder).closed_sprints())


def items_of(found: Iterable[object]) -> list[DebtItem]:
    return [one for one in found if isinstance(one, DebtItem)]


def closed_of(found: Iterable[object]) -> list[ClosedSprint]:
    return [one for one in found if isinstance(one, ClosedSprint)]


def skipped_of(found: Iterable[object]) -> list[Skipped]:
    return [one for one in found if isinstance(one, Skipped)]


def raw_rows(file: Path, encoding: str = "utf-8") -> list[list[str]]:
    csv.field_size_limit(sys.maxsize)
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))[1:]


@pytest.mark.parametrize("project", [make() for make in PROJECTS.values()], ids=lambda p: p.name)
@pytest.mark.slow
def test_every_row_of_a_real_backlog_is_an_item_with_points(
    data_dir: Path, project: Project
) -> None:
    table = project.items.model_copy(update={"links_path": ""})
    found = fetch(table, data_dir)
    items = {item.key: item for item in items_of(found)}
    assert skipped_of(found) == []
    rows = raw_rows(data_dir / table.path)
    assert len(items) == len(rows) == ISSUES_BY_FILE[Path(table.path).name]
    for key, title, text, points in rows:
        item = items[f"csv:{key}"]
        assert item.points == float(points)
        assert item.title
        assert bool(item.text) == (text not in {"NULL", "-"} and bool(text.strip())), key
        assert len(item.title) <= len(title) * 8


def test_every_storypoints_file_is_mapped(data_dir: Path) -> None:
    names = sorted(Path(make().items.path).name for make in PROJECTS.values())
    assert names == sorted(one.name for one in (data_dir / "backlogs/storypoints").iterdir())


@pytest.mark.parametrize(
    ("project", "links", "waiting_items", "edges"),
    [(mesos(), 1373, 36, 45), (spring_xd(), 1519, 131, 145)],
    ids=lambda value: getattr(value, "name", ""),
)
@pytest.mark.slow
def test_links_join_the_real_backlog(
    data_dir: Path, project: Project, links: int, waiting_items: int, edges: int
) -> None:
    found = fetch(project.items, data_dir)
    waiting = {item.key: item.prerequisites for item in items_of(found) if item.prerequisites}
    about = next(one for one in skipped_of(found) if one.ref == project.items.links_path)
    assert about.reason.startswith(f"of {links} links ")
    assert len(waiting) == waiting_items
    assert sum(map(len, waiting.values())) == edges
    assert find_cycles(waiting) == ()


@pytest.mark.parametrize(
    ("family", "rows", "malformed", "boards"),
    [("apache", 348, 0, 17), ("jira", 1873, 12, 83), ("spring", 476, 0, 13)],
)
def test_every_real_sprint_is_read_or_listed(
    data_dir: Path, family: str, rows: int, malformed: int, boards: int
) -> None:
    table = sprint_boards(family)
    found = sprints_of(table, data_dir)
    assert len(raw_rows(data_dir / table.path, "latin-1")) == rows
    listed = [one for one in skipped_of(found) if " row " in one.ref]
    assert (len(closed_of(found)), len(listed)) == (rows - malformed, malformed)
    assert all("cells where the header has 19" in one.reason for one in listed)
    assert len({one.id.partition("/")[0] for one in closed_of(found)}) == boards
    by_time = [sprints_of(sprint_boards(family, done=at), data_dir) for at in ("30", "50", "80")]
    delivered = [one.completed for one in closed_of(found)]
    assert [[one.completed for one in closed_of(other)] for other in by_time] == [delivered] * 3


@pytest.mark.parametrize(
    ("project", "sprints", "velocity", "recent"),
    [(mesos(), 41, 26.0, 37.0), (spring_xd(), 54, 100.0, 88.0)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_real_board_has_a_velocity(
    data_dir: Path, project: Project, sprints: int, velocity: float, recent: float
) -> None:
    assert project.sprints is not None
    closed = closed_of(sprints_of(project.sprints, data_dir))
    assert len(closed) == sprints
    assert (
        median(one.completed or 0 for one in closed if one.completed or one.committed) == velocity
    )
    assert median(one.completed or 0 for one in closed[-6:] if one.completed) == recent


def test_a_real_jira_cloud_site_is_read_whole(data_dir: Path) -> None:
    found = fetch(merico().items, data_dir)
    items = {item.key: item for item in items_of(found)}
    assert len(items) == 33
    assert {key: item.points for key, item in items.items() if item.points} == {"jira:EE-2": 2.0}
    types = Counter(item.type_name for item in items.values())
    assert (types["故事"], types["子任务"], types["缺陷"], types["Epic"]) == (8, 12, 1, 1)
    reasons = {one.ref: one.reason for one in skipped_of(found) if "customfield" in one.reason}
    assert reasons["jira:EE-1"] == "customfield_10024 is -1, taken as not estimated"
    assert 'set estimate_field = "customfield_10024"' in reasons[merico().items.path]
    resolved = [one for one in skipped_of(found) if "although it is resolved" in one.reason]
    assert len(resolved) == 5
    assert all(one.ref in {*items, merico().items.path} for one in skipped_of(found))
    assert items["jira:K5-2"].sprint == "K5 Sprint 1"
    epics = {key: item.epic for key, item in items.items() if item.epic}
    assert epics == {"jira:K5-2": "K5-1", "jira:K5-3": "K5-4"}
    assert items["jira:EE-1"].url == "https://merico.atlassian.net/browse/EE-1"


def test_a_real_jira_cloud_sites_sprints_are_read(data_dir: Path) -> None:
    table = merico().sprints
    assert table is not None
    found = sprints_of(table, data_dir)
    closed = closed_of(found)
    assert len(closed) == 29
    assert [one.position for one in closed] == list(range(1, 30))
    assert (closed[0].name, closed[-1].name) == ("EE Sprint 7", "EE Sprint 37")
    assert all(one.completed is None for one in closed)
    assert "their points are not known" in skipped_of(found)[0].reason


def test_a_whole_folder_of_collected_answers_is_read(data_dir: Path) -> None:
    table = IssueTable(type="jira", path=f"{RECORDED}/jira/devlake-merico")
    found = fetch(table, data_dir)
    assert len(items_of(found)) == 33
    counts = [
        one.reason.split()[1] for one in skipped_of(found) if "records that are" in one.reason
    ]
    assert counts == ["279", "7", "12", "53", "30"]


@pytest.mark.parametrize(
    ("path", "items", "states"),
    [
        ("go-jira/issues_in_sprint.json", 1, {"done": 1}),
        ("jira-cli/search.json", 3, {"open": 1, "in_progress": 1, "done": 1}),
        ("jira-cli/epic.json", 2, {"open": 1, "in_progress": 1}),
        ("jira-cli/issue*.json", 1, {"open": 1}),
        ("appcelerator_issue_with_changelog.json", 1, {"open": 1}),
    ],
)
def test_recorded_jira_answers_are_read(
    data_dir: Path, path: str, items: int, states: dict[str, int]
) -> None:
    table = IssueTable(type="jira", path=f"{RECORDED}/jira/{path}")
    found = items_of(fetch(table, data_dir))
    assert len(found) == items
    assert Counter(item.state.value for item in found) == states


def test_a_page_of_ten_with_one_issue_says_that_nine_are_missing(data_dir: Path) -> None:
    table = IssueTable(type="jira", path=f"{RECORDED}/jira/go-jira/issues_in_sprint.json")
    assert any("hold 1 of 10 issues" in one.reason for one in skipped_of(fetch(table, data_dir)))


def test_recorded_sprint_pages_are_read(data_dir: Path) -> None:
    folder = f"{RECORDED}/jira"
    pages = sprints_of(SprintTable(type="jira", path=f"{folder}/jira-cli/sprints-*.json"), data_dir)
    assert [one.id for one in closed_of(pages)] == ["1", "2", "3", "4"]
    listed = [one for one in skipped_of(pages) if "entry" in one.ref]
    assert len(closed_of(pages)) + len(listed) == 8
    page = sprints_of(SprintTable(type="jira", path=f"{folder}/go-jira/sprints.json"), data_dir)
    assert [one.name for one in closed_of(page)] == [
        "Iteration-10",
        "Iteration-12-1",
        "Iteration-12-2",
    ]


def test_github_issues_as_a_table_are_read(data_dir: Path) -> None:
    table = nlbse().items
    found = fetch(table, data_dir)
    rows = raw_rows(data_dir / table.path)
    repeated = [one for one in skipped_of(found) if "again" in one.reason]
    assert len(items_of(found)) + len(repeated) == len(rows) == 1800
    assert Counter(item.type_name for item in items_of(found)).keys() == {
        "bug",
        "feature",
        "question",
    }
    [notice] = [one for one in skipped_of(found) if one not in repeated]
    assert "no column is known to hold points" in notice.reason


def test_a_page_of_github_issues_with_a_pull_request(data_dir: Path) -> None:
    table = IssueTable(type="github", path=f"{RECORDED}/github/github-to-sqlite/issues.json")
    found = fetch(table, data_dir)
    assert [item.key for item in items_of(found)] == ["github:simonw/datasette#572"]
    assert skipped_of(found) == [
        Skipped(ref="github:simonw/datasette#571", reason="is a pull request")
    ]


def issue_answers(exchanges: Iterable[Exchange]) -> Iterator[Any]:
    """Yield each answer that lists issues or holds one."""
    for one in exchanges:
        path = one.path.partition("?")[0]
        is_list = path.endswith(("/issues", "/sub_issues")) and isinstance(one.body, list)
        is_one = path.rpartition("/")[0].endswith("/issues") and isinstance(one.body, dict)
        if one.status in {200, 201} and (is_list or is_one or path.startswith("/search/issues")):
            yield one.body


def count_issues(answers: Iterable[Any]) -> int:
    return sum(
        len(one) if isinstance(one, list) else len(one["items"]) if "items" in one else 1
        for one in answers
    )


@pytest.mark.parametrize("name", ["paginate-issues", "search-issues"])
@pytest.mark.parametrize("form", ["normalized", "raw"])
def test_octokits_recorded_pages_are_read(data_dir: Path, name: str, form: str) -> None:
    file = data_dir / RECORDED / f"github/octokit-fixtures/{name}/{form}-fixture.json"
    answers = [one for one in issue_answers(read_octokit(file)) if "title" in str(one)]
    pages = [Page(f"answer {at}", body) for at, body in enumerate(answers, 1)]
    found = list(read_issues(pages, "github", IssueTable()))
    assert len(items_of(found)) + len(skipped_of(found)) == count_issues(answers)
    assert len(items_of(found)) == (13 if name == "paginate-issues" else 2)


def test_pygithubs_recorded_answers_are_read(data_dir: Path) -> None:
    total = 0
    for file in sorted((data_dir / RECORDED / "github/pygithub-replay").glob("*.txt")):
        answers = list(issue_answers(read_pygithub(file)))
        if not answers:
            continue
        pages = [Page(f"{file.name} {at}", body) for at, body in enumerate(answers, 1)]
        found = list(read_issues(pages, "github", IssueTable()))
        assert len(items_of(found)) + len(skipped_of(found)) == count_issues(answers), file.name
        total += count_issues(answers)
    assert total > 30


def test_every_issue_of_the_webhook_payloads_is_read_or_listed(data_dir: Path) -> None:
    folder = data_dir / RECORDED / "github/webhooks/issues"
    files = sorted(folder.glob("*.json"))
    assert all("issue" in json.loads(file.read_text(encoding="utf-8")) for file in files)
    table = IssueTable(type="github", path=f"{RECORDED}/github/webhooks/issues")
    found = fetch(table, data_dir)
    assert len(found) == len(files) == 28
    assert [item.key for item in items_of(found)] == [
        "github:Codertocat/Hello-World#1",
        "github:octo-org/hello-world-npm#1",
    ]
    assert items_of(found)[0].state is ItemState.OPEN
    reasons = Counter(one.reason.partition(";")[0] for one in skipped_of(found))
    assert (
        reasons["is a pull request"] + reasons["holds github:Codertocat/Hello-World#1 again"] == 26
    )
