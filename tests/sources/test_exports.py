"""Exports of trackers as they leave their buttons, read without a column map."""

from pathlib import Path

from debtplan.core.item import ItemState
from tests.sources.test_csv import items_of, read, skipped_of


def test_dependencies_of_a_jira_export_are_read_from_either_end(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Summary,Issue key,Inward issue link (Blocks),Outward issue link (Blocks),"
        "Outward issue link (Blocks),Outward issue link (Dependency),Outward issue link (Relates)\n"
        "a,A-1,,A-2,A-3,,A-9\nb,A-2,A-1,,,,\nc,A-3,,,,A-2,\nd,A-4,X-7,,,,\n",
    )
    assert {item.key: item.prerequisites for item in items_of(found)} == {
        "csv:A-1": (),
        "csv:A-2": ("csv:A-1",),
        "csv:A-3": ("csv:A-1", "csv:A-2"),
        "csv:A-4": ("csv:X-7",),
    }


def test_both_fields_for_points_of_a_jira_export_count(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Summary,Issue key,Custom field (Story Points),Custom field (Story Points),"
        "Custom field (Story point estimate)\na,A-1,5,,\nb,A-2,,3,\nc,A-3,,,2\n",
    )
    assert [item.points for item in items_of(found)] == [5, 3, 2]


def test_the_category_of_a_status_goes_before_its_name(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Key,Summary,Status,Status Category\nA-1,a,Live in the shops,Done\nA-2,b,In Progress,\n",
    )
    assert [item.state for item in items_of(found)] == [ItemState.DONE, ItemState.IN_PROGRESS]


def test_an_azure_devops_export_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "ID,Work Item Type,Title 1,Title 2,State,Tags,Story Points,Effort\n"
        "1,Feature,Whole,,New,debt; ux,,\n2,User Story,,Part,Active,,5,\n"
        "3,Product Backlog Item,,Other,Committed,,,8\n",
    )
    assert [(item.title, item.points, item.state) for item in items_of(found)] == [
        ("Whole", None, ItemState.OPEN),
        ("Part", 5, ItemState.IN_PROGRESS),
        ("Other", 8, ItemState.IN_PROGRESS),
    ]
    assert items_of(found)[0].labels == ("debt", "ux")
    assert skipped_of(found) == []


def test_an_item_with_a_day_it_was_closed_on_is_done_where_no_state_says_else(
    tmp_path: Path,
) -> None:
    found = read(
        tmp_path,
        "Task ID,Name,Status,Completed At\n1,a,,2026-01-02\n2,b,Shelved for good,2026-01-02\n"
        "3,c,To Do,2026-01-02\n4,d,,\n5,e,,soon\n",
    )
    done = [item.title for item in items_of(found) if item.state is ItemState.DONE]
    assert done == ["a", "b"]


def test_cards_of_a_board_are_read(tmp_path: Path) -> None:
    [item] = items_of(
        read(
            tmp_path,
            "Card ID,Card Name,Card URL,Card Description,Labels,List Name,Estimate\n"
            "5f,a,https://example.com/c,text,x,Doing,3\n",
        )
    )
    assert (item.key, item.title, item.text, item.points) == ("csv:5f", "a", "text", 3)
    assert item.state is ItemState.IN_PROGRESS


def test_a_file_without_a_column_for_points_says_which_columns_nobody_reads(
    tmp_path: Path,
) -> None:
    [notice] = skipped_of(read(tmp_path, "key,title,Aufwand\nA-1,a,3\n"))
    assert "'Aufwand' does, name it: columns = { points" in notice.reason
    assert skipped_of(read(tmp_path, "key,title\nA-1,a\n")) == []


def test_links_of_other_types_are_named(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(
        "issuekey,linkedIssueKey,name\nA-1,A-2,Is  Blocked by\nA-1,A-2,gates\nA-2,A-1,gates\n"
    )
    found = read(tmp_path, "key,title\nA-1,a\nA-2,b\n", links_path="l.csv")
    assert items_of(found)[0].prerequisites == ("csv:A-2",)
    assert "2 are of other types ('gates' 2)" in skipped_of(found)[0].reason
