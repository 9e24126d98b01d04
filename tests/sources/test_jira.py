import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.decode import Json
from debtplan.core.item import DebtItem, ItemState, Skipped
from debtplan.errors import InputError
from debtplan.sources.jira.estimate import Estimate
from debtplan.sources.jira.issue import JiraIssues, JiraSite, parse_issue
from debtplan.sources.options import IssueTable
from tests.sources.jira_records import issue, items_of, link, read, skipped_of, status

POINTS = Estimate(("customfield_10016",))
SITE = JiraSite("jira", estimate=POINTS)


@pytest.mark.parametrize(
    "record", [None, 3, "x", [], {}, {"id": "1"}, {"key": "A-1"}, {"key": "A-1", "fields": None}]
)
def test_a_record_without_key_or_fields_is_skipped_with_the_fix(record: Json) -> None:
    found = parse_issue(record, SITE, "p.json issue 4")
    assert isinstance(found, Skipped)
    assert found.ref == "p.json issue 4"
    assert "fields=*all" in found.reason


WRONG: tuple[Any, ...] = (
    *(None, 3, "x", True, [], {}),
    [None, 3, "x", {}, []],
    {"name": 3, "key": []},
)


def test_every_field_may_be_missing_null_or_of_the_wrong_type() -> None:
    names = (
        "summary description status issuetype labels components issuelinks created updated sprint"
    )
    for name in [*names.split(), "resolution", "customfield_10016", "customfield_10020"]:
        for value in WRONG:
            found = parse_issue({"key": "A-1", "fields": {"other": 1, name: value}}, SITE)
            assert isinstance(found, DebtItem), (name, value)


def test_stop_refuses_a_record_that_is_none() -> None:
    with pytest.raises(InputError, match=r"p1\.json issue 2 has no key"):
        read({"issues": [issue(), 3]}, on_error="stop")


def test_an_answer_that_is_an_error_is_never_no_items() -> None:
    with pytest.raises(InputError, match=r"p1\.json: Jira refused the request: The value 'x'"):
        read({"errorMessages": ["The value 'x' does not exist."], "errors": {}})


def test_an_error_beside_good_pages_is_listed() -> None:
    found = read({"issues": [issue()]}, {"errorMessages": ["Later."]})
    assert skipped_of(found) == [("p2.json", "Jira refused the request: Later.")]


def test_no_issues_at_all_says_so() -> None:
    assert read({"issues": [], "isLast": True}) == [
        Skipped(ref="p*.json", reason="holds no issues; check the search that saved it")
    ]


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": status("已完成", "done")}, ItemState.DONE),
        ({"status": status("Irgendwo", "indeterminate")}, ItemState.IN_PROGRESS),
        ({"status": status("Whatever", "new")}, ItemState.OPEN),
        ({"status": status("Odd", "undefined"), "resolution": {"name": "Done"}}, ItemState.DONE),
        (
            {"status": status("Odd"), "resolutiondate": "2026-01-01T00:00:00.000+0000"},
            ItemState.DONE,
        ),
        ({"status": status("In  progress")}, ItemState.IN_PROGRESS),
        ({"status": status("进行中")}, ItemState.IN_PROGRESS),
        ({"status": None}, ItemState.OPEN),
    ],
)
def test_the_state_comes_from_the_category_then_the_resolution_then_the_name(
    fields: dict[str, Any], state: ItemState
) -> None:
    found = read({"issues": [issue(**fields)]})
    assert items_of(found)["jira:A-1"].state is state
    assert skipped_of(found) == []


def test_a_status_that_says_nothing_is_open_with_a_notice() -> None:
    found = read({"issues": [issue(status=status("Limbo"))]})
    assert items_of(found)["jira:A-1"].state is ItemState.OPEN
    assert skipped_of(found) == [
        ("jira:A-1", "status 'Limbo' has no category and is not known, taken as open")
    ]


def test_a_resolved_issue_whose_status_is_open_is_done_with_a_notice() -> None:
    found = read({"issues": [issue(status=status("Ready", "new"), resolution={"name": "Done"})]})
    assert items_of(found)["jira:A-1"].state is ItemState.DONE
    assert "although it is resolved (Done)" in skipped_of(found)[0][1]


def test_a_link_is_turned_to_the_issue_that_waits_whichever_end_lists_it() -> None:
    blocks = ("Blocks", "is blocked by", "blocks")
    found = read(
        {"issues": [issue("A-1", issuelinks=[link(*blocks, outwardIssue="A-2")])]},
        {
            "issues": [
                issue("A-2"),
                issue(
                    "A-3",
                    issuelinks=[link(*blocks, inwardIssue="A-1"), link(*blocks, inwardIssue="Z-9")],
                ),
                issue(
                    "A-4",
                    issuelinks=[link("Relates", "relates to", "relates to", inwardIssue="A-1")],
                ),
            ]
        },
    )
    assert {key: item.prerequisites for key, item in items_of(found).items()} == {
        "jira:A-1": (),
        "jira:A-2": ("jira:A-1",),
        "jira:A-3": ("jira:A-1", "jira:Z-9"),
        "jira:A-4": (),
    }


def test_link_names_of_the_site_can_be_set() -> None:
    german = link("Blockade", "wird blockiert von", "blockiert", inwardIssue="A-2")
    found = read(
        {"issues": [issue(issuelinks=[german]), issue("A-2")]}, blocked_by=["Wird blockiert von"]
    )
    assert items_of(found)["jira:A-1"].prerequisites == ("jira:A-2",)


def test_links_without_an_end_leave_a_notice() -> None:
    loose = [{"outwardIssue": {"key": "A-2"}}, {"outwardIssue": {}}]
    found = read({"issues": [issue(issuelinks=loose)]})
    assert skipped_of(found) == [
        ("jira:A-1", "has 2 links without a type or another issue; not used")
    ]


OLD = (
    "com.atlassian.greenhopper.service.sprint.Sprint@1f2e[id=12,rapidViewId=3,state=ACTIVE,"
    "name=Pay, [later], or never,startDate=2026-01-01T00:00:00.000Z,endDate=<null>,"
    "completeDate=<null>,sequence=12,goal=fast, [safe]]"
)


@pytest.mark.parametrize(
    ("fields", "sprint"),
    [
        ({"sprint": {"id": 1, "name": "S 1", "state": "active"}}, "S 1"),
        ({"sprint": {"id": 1, "name": "S 1", "state": "closed"}}, None),
        (
            {
                "customfield_10020": [
                    {"id": 1, "name": "S 1", "state": "closed"},
                    {"id": 2, "name": "S 2", "state": "future"},
                ]
            },
            "S 2",
        ),
        (
            {
                "customfield_10020": [
                    {"id": 2, "name": "S 2", "state": "future"},
                    {"id": 1, "name": "S 1", "state": "active"},
                ]
            },
            "S 1",
        ),
        ({"customfield_10007": [OLD]}, "Pay, [later], or never"),
        ({"customfield_10007": ["com.atlassian.greenhopper.service.sprint.Sprint@1"]}, None),
        ({"closedSprints": [{"id": 1, "name": "S 1", "state": "closed"}]}, None),
        ({"customfield_3": [{"name": "x", "state": "active"}]}, None),
    ],
)
def test_the_open_sprint_is_found_in_any_form(fields: dict[str, Any], sprint: str | None) -> None:
    assert items_of(read({"issues": [issue(**fields)]}))["jira:A-1"].sprint == sprint


def test_an_issue_is_read_whole() -> None:
    record: dict[str, Any] = {
        "key": "OMNI-12",
        "self": "https://example.atlassian.net/rest/api/3/issue/10063",
        "fields": {
            "summary": "慢\u202e<script>",
            "description": {
                "type": "doc",
                "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}],
            },
            "issuetype": {"name": "故事"},
            "labels": ["ux", "tech-debt", "ux"],
            "components": [{"name": "Check\nout"}, None],
            "customfield_10016": 3,
            "created": "2020-06-12T08:13:13.360+0800",
            "updated": "2021-03-28T16:06:08.713-0930",
        },
    }
    assert parse_issue(record, SITE) == DebtItem(
        key="jira:OMNI-12",
        source="jira",
        title="慢<U+202E><script>",
        text="x",
        url="https://example.atlassian.net/browse/OMNI-12",
        type_name="故事",
        labels=("ux", "tech-debt"),
        components=("Check out",),
        points=3,
        created_at=datetime(2020, 6, 12, 0, 13, 13, 360_000, tzinfo=UTC),
        updated_at=datetime(2021, 3, 29, 1, 36, 8, 713_000, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("own", "site", "url"),
    [
        (
            "https://jira.example.com/jira/rest/api/2/issue/1",
            None,
            "https://jira.example.com/jira/browse/A-1",
        ),
        ("https://api.atlassian.com/ex/jira/1/rest/api/3/issue/1", None, None),
        (
            "https://api.atlassian.com/ex/jira/1/rest/api/3/issue/1",
            "acme.atlassian.net",
            "https://acme.atlassian.net/browse/A-1",
        ),
        ("javascript:alert(1)//rest/", None, None),
        ("", "https://acme.atlassian.net/", "https://acme.atlassian.net/browse/A-1"),
    ],
)
def test_the_address_people_open_comes_from_the_site_or_the_issue(
    own: str, site: str | None, url: str | None
) -> None:
    found = parse_issue({**issue(), "self": own}, JiraSite("jira", address=site))
    assert isinstance(found, DebtItem)
    assert found.url == url


def test_pages_of_every_form_are_read(tmp_path: Path) -> None:
    contents: dict[str, Json] = {
        "cloud-1": {"issues": [issue("A-1")], "nextPageToken": "x", "isLast": False},
        "cloud-2": {"issues": [issue("A-2")], "isLast": True},
        "board": {"startAt": 0, "maxResults": 50, "total": 1, "issues": [issue("A-3")]},
        "list": [issue("A-4"), issue("A-5")],
        "single": issue("A-6"),
        "sprints": {"values": [{"id": 1, "name": "S", "state": "closed"}]},
        "boards": {"values": [{"id": 1, "name": "B", "type": "scrum"}]},
    }
    for name, content in contents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    table = IssueTable(path=".", estimate_field="sp")
    found = list(JiraIssues("jira", table, tmp_path).fetch(since=None))
    assert sorted(items_of(found)) == [f"jira:A-{number}" for number in range(1, 7)]
    assert skipped_of(found) == []


def test_pages_that_are_missing_are_said() -> None:
    page: dict[str, Any] = {"startAt": 0, "total": 10, "issues": [issue()]}
    assert "hold 1 of 10 issues" in skipped_of(read(page))[0][1]
    page = {"issues": [issue()], "nextPageToken": "x"}
    assert "every page names a following one" in skipped_of(read(page))[0][1]


def test_a_page_read_twice_gives_each_issue_once() -> None:
    old = issue(updated="2026-01-01T00:00:00.000+0000", summary="old")
    new = issue(updated="2026-01-02T00:00:00.000+0000", summary="new")
    found = read({"issues": [new]}, {"issues": [old]})
    assert items_of(found)["jira:A-1"].title == "new"
    [(ref, reason)] = skipped_of(found)
    assert ref == "p2.json issue 1"
    assert "updated later" in reason


def test_sub_tasks_are_items_too() -> None:
    sub = issue("A-2", issuetype={"name": "子任务", "subtask": True}, parent={"key": "A-1"})
    assert sorted(items_of(read({"issues": [issue(), sub]}))) == ["jira:A-1", "jira:A-2"]


NOTHING = "no Jira issue, sprint, field or board configuration; not used"


def test_answers_about_something_else_are_counted_not_read() -> None:
    found = read({"issues": [issue()]}, [{"id": 1, "color": "red"}, 3], {"displayName": "x"})
    assert skipped_of(found) == [
        (
            "p2.json",
            f"holds 2 records that are {NOTHING}",
        ),
        (
            "p3.json",
            f"holds a record that is {NOTHING}",
        ),
    ]
