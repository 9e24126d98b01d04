"""Whatever a tracker, or somebody in its place, answers: items, reasons or one clean error."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.capacity import ClosedSprint
from debtplan.core.item import DebtItem, Skipped
from debtplan.errors import InputError
from debtplan.files.saved import Page
from debtplan.sources.github import issue as github
from debtplan.sources.jira import issue as jira
from debtplan.sources.jira.adf import plain_text
from debtplan.sources.jira.sprints import read_sprints
from debtplan.sources.options import IssueTable, SprintTable

WORDS = [
    "attrs",
    "boardId",
    "body",
    "clauseNames",
    "closedSprints",
    "columnConfig",
    "completeDate",
    "content",
    "created",
    "customfield_10016",
    "customfield_10020",
    "description",
    "endDate",
    "errorMessages",
    "errors",
    "estimation",
    "field",
    "fieldId",
    "fields",
    "goal",
    "html_url",
    "id",
    "inward",
    "inwardIssue",
    "isLast",
    "issuelinks",
    "issues",
    "issuetype",
    "items",
    "key",
    "labels",
    "message",
    "milestone",
    "name",
    "nextPageToken",
    "number",
    "originBoardId",
    "outward",
    "outwardIssue",
    "pull_request",
    "repository_url",
    "resolution",
    "resolutiondate",
    "schema",
    "sprint",
    "startDate",
    "state",
    "status",
    "statusCategory",
    "summary",
    "text",
    "title",
    "total",
    "total_count",
    "type",
    "updated",
    "updated_at",
    "url",
    "values",
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=[]), max_size=8)
    | st.sampled_from(["closed", "active", "doc", "codeBlock", "https://github.com/o/r/issues/1"])
    | st.sampled_from(
        ["2026-01-01T00:00:00.000+0000", "0001-01-01T00:00:00+14:00", "A-1", "is blocked by"]
    )
)
JSON: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner),
    max_leaves=30,
)
PAGES = st.lists(JSON, max_size=3)


def pages_of(contents: list[Any]) -> list[Page]:
    return [Page(f"page {number}", content) for number, content in enumerate(contents)]


@given(PAGES)
@pytest.mark.slow
def test_any_pages_are_items_and_reasons_for_jira(contents: list[Any]) -> None:
    try:
        found = list(jira.read_issues(pages_of(contents), "jira", IssueTable()))
    except InputError as error:
        found = [Skipped(ref="error", reason=error.what)]
    assert found
    assert all(isinstance(one, DebtItem | Skipped) for one in found)


@given(PAGES)
@pytest.mark.slow
def test_any_pages_are_items_and_reasons_for_github(contents: list[Any]) -> None:
    try:
        found = list(github.read_issues(pages_of(contents), "github", IssueTable()))
    except InputError as error:
        found = [Skipped(ref="error", reason=error.what)]
    assert found
    assert all(isinstance(one, DebtItem | Skipped) for one in found)


@given(st.dictionaries(st.sampled_from(WORDS), JSON, min_size=1))
@pytest.mark.slow
def test_any_fields_make_a_jira_item(fields: dict[str, Any]) -> None:
    found = jira.parse_issue({"key": "A-1", "fields": fields}, jira.JiraSite("jira"))
    assert isinstance(found, DebtItem)


@given(st.dictionaries(st.sampled_from(WORDS), JSON))
@pytest.mark.slow
def test_any_fields_make_a_github_item(fields: dict[str, Any]) -> None:
    record = {**fields, "number": 1, "repository_url": "https://api.github.com/repos/o/r"}
    found = github.parse_issue(record, "github", IssueTable())
    assert isinstance(found, DebtItem | Skipped)


@given(PAGES)
@pytest.mark.slow
def test_any_pages_are_sprints_and_reasons(contents: list[Any]) -> None:
    try:
        found = list(read_sprints(pages_of(contents), "web", SprintTable()))
    except InputError as error:
        found = [Skipped(ref="error", reason=error.what)]
    assert found
    assert all(isinstance(one, ClosedSprint | Skipped) for one in found)


@given(JSON)
@pytest.mark.slow
def test_any_document_is_text(value: Any) -> None:
    assert isinstance(plain_text(value), str)
