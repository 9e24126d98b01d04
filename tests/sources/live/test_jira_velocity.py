import csv
import gzip
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.sources.jira.estimate import Estimate
from debtplan.sources.jira.history import Vocabulary, history_of
from debtplan.sources.jira.velocity import Throughput, done_statuses, fortnights
from tests.sources.live.jira_boards import Read
from tests.sources.live.jira_runs import DAY, live_board, omni

BOTH = pytest.mark.parametrize("deployment", ["Cloud", "Server"])


@BOTH
def test_a_board_without_sprints_gives_fortnights(deployment: str) -> None:
    with omni(deployment) as jira:
        jira.store.boards.clear()
        board = jira.store.add_board("OMNI", kind="kanban")
        issues = [jira.store.create("OMNI", points=4) for _ in range(3)]
        jira.store.update(issues[0], status="Done")
        jira.advance(14 * DAY)
        jira.store.update(issues[1], status="Done")
        jira.store.update(issues[2], status="In Progress")
        jira.advance(21 * DAY)
        read = Read(live_board(jira, str(board.id)))
        assert [one.completed for one in read.closed.values()] == [0, 0, 0, 4, 4, 0]
        assert {one.committed for one in read.closed.values()} == {None}
        for name, one in read.closed.items():
            assert one.start_on is not None
            assert one.end_on is not None
            assert name == f"14 days to {one.end_on.isoformat()}"
            assert (one.end_on - one.start_on).days == 13
            assert one.end_on < jira.now.date()
        assert any("no sprints" in one for one in read.said)
        ids = {one.id for one in read.closed.values()}
        jira.advance(DAY)
        assert {one.id for one in Read(live_board(jira, str(board.id))).closed.values()} == ids


def test_fortnights_without_estimates_are_unknown() -> None:
    with omni() as jira:
        jira.store.boards.clear()
        board = jira.store.add_board("OMNI", kind="kanban")
        issue = jira.store.create("OMNI")
        jira.store.update(issue, status="Done")
        jira.advance(30 * DAY)
        read = Read(live_board(jira, str(board.id)))
        assert {one.completed for one in read.closed.values()} == {None}
        assert any("has points" in one for one in read.said)


@given(st.integers(946_684_800, 4_070_908_800))
def test_fortnights_are_whole_over_and_always_the_same_ones(seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    windows = fortnights(at)
    assert len(windows) == 6
    assert windows[-1][1] <= at < windows[-1][1] + timedelta(days=14)
    assert all(end - start == timedelta(days=14) for start, end in windows)
    assert all(one[1] == two[0] for one, two in pairwise(windows))
    assert all(start.weekday() == 0 for start, _ in windows)
    later = fortnights(at + timedelta(days=14))
    assert later[:5] == windows[1:]


def test_a_workflow_without_resolution_is_dated_by_its_change_of_category() -> None:
    window = (datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC))
    counted = Throughput([window], frozenset({"3"}), Estimate(("sp",)))
    for at in ("2026-11-01T23:59:59Z", "2026-11-02T00:00:00Z", "2026-11-16T00:00:00Z"):
        fields: dict[str, Any] = {"status": {"id": "3"}, "sp": 2, "statuscategorychangedate": at}
        counted.add({"fields": fields})
    counted.add({"fields": {"status": {"id": "1"}, "sp": 8, "resolutiondate": "2026-11-03"}})
    assert counted.points == [2]


def test_done_is_the_last_column_and_else_the_category() -> None:
    columns: list[Any] = [{"statuses": [{"id": "1"}]}, {"statuses": [{"id": "5"}, {"id": "6"}]}]
    statuses: list[Any] = [
        {"id": "1", "statusCategory": {"key": "new"}},
        {"id": "9", "statusCategory": {"key": "done"}},
    ]
    assert done_statuses({"columnConfig": {"columns": columns}}, statuses) == {"5", "6"}
    assert done_statuses({"columnConfig": {"columns": []}}, statuses) == {"9"}
    assert done_statuses({"columnConfig": {"columns": [{"statuses": []}]}}, statuses) == {"9"}


WORDS = Vocabulary(Estimate(("customfield_10024",)), ("customfield_10020",), {})


def test_recorded_changelogs_of_a_real_site_go_back_to_the_beginning(data_dir: Path) -> None:
    file = data_dir / "api/recorded/jira/devlake-merico/_raw_jira_api_issues.csv.gz"
    csv.field_size_limit(10**9)
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        issues = [json.loads(row["data"]) for row in csv.DictReader(stream)]
    moved = 0
    for issue in issues:
        history = history_of(issue, issue["changelog"]["histories"], WORDS)
        now = history.at(datetime(2100, 1, 1, tzinfo=UTC))
        assert now is not None
        assert now.status == issue["fields"]["status"]["id"]
        assert history.at(datetime(2000, 1, 1, tzinfo=UTC)) is None
        created = history.created_at
        assert created is not None
        first = history.at(created)
        assert first is not None
        moved += first.sprints != now.sprints
        for changed_at, member, _ in history.changes:
            assert history.at(changed_at) is not None
            assert member in {"status", "sprint", "customfield_10024"}
    assert moved > 5
