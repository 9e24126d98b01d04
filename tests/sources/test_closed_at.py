"""When an item was closed, as each tracker says it; only of what is done."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.item import DebtItem
from debtplan.sources.csv import CsvIssues
from debtplan.sources.github.issue import parse_issue as parse_github
from debtplan.sources.jira.issue import parse_issue as parse_jira
from debtplan.sources.options import IssueTable
from tests.sources.test_jira import SITE

CLOSED = "2026-03-02T12:00:00Z"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(("state", "wanted"), [("closed", NOON), ("open", None)])
def test_github_says_when_an_issue_was_closed(state: str, wanted: datetime | None) -> None:
    for key in ("closed_at", "closedAt"):
        record: dict[str, Any] = {"number": 7, "title": "T", "state": state, key: CLOSED}
        found = parse_github(record, "github", IssueTable(repos=("acme/shop",)))
        assert isinstance(found, DebtItem)
        assert found.closed_at == wanted


@pytest.mark.parametrize(("key", "wanted"), [("done", NOON), ("new", None)])
def test_jira_says_when_an_issue_was_resolved(key: str, wanted: datetime | None) -> None:
    fields: dict[str, Any] = {"summary": "T", "status": {"statusCategory": {"key": key}}}
    if wanted is not None:
        fields["resolutiondate"] = "2026-03-02T13:00:00.000+0100"
    found = parse_jira({"key": "A-1", "fields": fields}, SITE)
    assert isinstance(found, DebtItem)
    assert found.closed_at == wanted


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (f"A-1,T,Done,{CLOSED}", NOON),
        (f"A-1,T,Open,{CLOSED}", None),
        (f"A-1,T,,{CLOSED}", NOON),
        ("A-1,T,Done,", None),
        ("A-1,T,Done,soon", None),
    ],
)
def test_a_csv_says_when_an_item_was_closed(
    tmp_path: Path, row: str, wanted: datetime | None
) -> None:
    (tmp_path / "a.csv").write_text(f"key,title,state,closed at\n{row}\n", encoding="utf-8")
    (found,) = CsvIssues("csv", IssueTable(path="a.csv"), tmp_path).fetch(since=None)
    assert isinstance(found, DebtItem)
    assert found.closed_at == wanted
