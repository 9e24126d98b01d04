"""Shapes that Jira's answers come in beside the plain one."""

from typing import Any

import pytest

from debtplan.core.item import ItemState
from tests.sources.jira_records import issue, items_of, link, read, skipped_of, status


@pytest.mark.parametrize(
    ("category", "state"),
    [
        ({"id": 3, "name": "Hecho"}, ItemState.DONE),
        ({"id": 4, "name": "?"}, ItemState.IN_PROGRESS),
        ({"id": 2}, ItemState.OPEN),
        ({"id": 99, "name": "Done"}, ItemState.DONE),
        ({"id": 1, "key": "undefined"}, ItemState.OPEN),
        ({"id": [3]}, ItemState.OPEN),
    ],
)
def test_a_renamed_category_is_known_by_its_number(category: Any, state: ItemState) -> None:
    found = read({"issues": [issue(status={"name": "Q", "statusCategory": category})]})
    assert items_of(found)["jira:A-1"].state is state


def test_a_resolution_called_unresolved_is_none() -> None:
    found = read(
        {"issues": [issue(status=status("Open", "new"), resolution={"name": "Unresolved"})]}
    )
    assert items_of(found)["jira:A-1"].state is ItemState.OPEN


@pytest.mark.parametrize("name", ["Story Points", "Puntos de historia", "ストーリーポイント"])
def test_names_that_came_with_a_search_tell_the_field(name: str) -> None:
    page = {"issues": [issue(customfield_11111=3)], "names": {"customfield_11111": name}}
    found = read(page, estimate_field=None)
    assert items_of(found)["jira:A-1"].points == 3


def test_a_field_of_text_with_the_name_of_points_is_not_the_estimate() -> None:
    page = {
        "issues": [issue(customfield_11111="3")],
        "names": {"customfield_11111": "Story Points"},
        "schema": {"customfield_11111": {"type": "string", "custom": "x:textfield"}},
    }
    assert items_of(read(page, estimate_field=None))["jira:A-1"].points is None


def test_pages_in_one_list_and_an_issue_of_a_webhook_are_read() -> None:
    pages = [{"issues": [issue("A-1")], "total": 2}, {"issues": [issue("A-2")], "total": 2}]
    found = read(pages, {"webhookEvent": "jira:issue_updated", "issue": issue("A-3")})
    assert items_of(found).keys() == {"jira:A-1", "jira:A-2", "jira:A-3"}
    assert skipped_of(found) == []


def test_types_of_links_that_are_not_known_are_named_once() -> None:
    found = read(
        {
            "issues": [
                issue(
                    issuelinks=[
                        link("Gate", "is gated by", "gates", inwardIssue="A-2"),
                        link("Relates", "relates to", "relates to", inwardIssue="A-2"),
                        link("D", "is a dependency of", "Is  dependent on", outwardIssue="A-3"),
                    ]
                )
            ]
        }
    )
    assert items_of(found)["jira:A-1"].prerequisites == ("jira:A-3",)
    [(_, reason)] = skipped_of(found)
    assert reason.startswith("links of other types ('is gated by' 1)")


def test_issues_that_could_not_be_fetched_keep_the_servers_word() -> None:
    page = {"issues": [], "issueErrors": [{"issueIdsOrKeys": ["Z-1"], "errorMessage": "no right"}]}
    assert ("p1.json", "Jira could not read Z-1: no right") in skipped_of(read(page))
