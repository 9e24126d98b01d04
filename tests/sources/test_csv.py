from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.item import DebtItem, DebtKind, ItemState, RolePoints, Skipped, UserStory
from debtplan.errors import InputError
from debtplan.sources.csv import CsvIssues
from debtplan.sources.options import IssueTable

Found = list[DebtItem | Skipped]


def read(folder: Path, content: str, **settings: Any) -> Found:
    (folder / "a.csv").write_text(content, encoding="utf-8")
    table = IssueTable.model_validate({"path": "a.csv", **settings})
    return list(CsvIssues("csv", table, folder).fetch(since=None))


def items_of(found: Found) -> list[DebtItem]:
    return [one for one in found if isinstance(one, DebtItem)]


def skipped_of(found: Found) -> list[Skipped]:
    return [one for one in found if isinstance(one, Skipped)]


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ("-1", "column 'points': '-1' is negative"),
        ("NaN", "is not a finite number"),
        ("inf", "is not a finite number"),
        ("big", "is not a number"),
    ],
)
def test_a_row_with_points_that_are_none_is_skipped_and_the_rest_is_read(
    tmp_path: Path, points: str, words: str
) -> None:
    found = read(tmp_path, f"key,title,points\nA-1,a,{points}\nA-2,b,3\n")
    assert [item.key for item in items_of(found)] == ["csv:A-2"]
    [skipped] = skipped_of(found)
    assert skipped.ref == "a.csv row 2"
    assert words in skipped.reason


def test_stop_reads_nothing_of_a_file_with_a_bad_row(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.csv row 3: column 'points': '-1' is negative"):
        read(tmp_path, "key,title,points\nA-1,a,1\nA-2,b,-1\n", on_error="stop")


@pytest.mark.parametrize("key", ["", "?", "x" * 201, "\u200b"])
def test_a_row_without_a_key_is_skipped(tmp_path: Path, key: str) -> None:
    found = read(tmp_path, f"key,title\n{key},a\n")
    assert items_of(found) == []
    assert "is no key" in skipped_of(found)[0].reason


def test_an_empty_backlog_says_so(tmp_path: Path) -> None:
    [only] = read(tmp_path, "key,title\n")
    assert only == Skipped(
        ref="a.csv",
        reason="holds no items: a header, and no row that `where` lets through; check the export",
    )


def test_no_points_and_zero_points_are_not_estimated(tmp_path: Path) -> None:
    found = read(tmp_path, "key,title,points\nA-1,a,\nA-2,b,0\n")
    assert [item.points for item in items_of(found)] == [None, None]
    assert skipped_of(found) == [
        Skipped(ref="csv:A-2", reason="a.csv row 3: points are 0, taken as not estimated")
    ]


def test_of_a_key_that_stands_twice_the_last_updated_row_stands(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "key,title,updated\nA-1,new,2026-02-01\nA-2,x,\nA-1,old,2026-01-01\nA-2,y,\n",
    )
    assert [(item.key, item.title) for item in items_of(found)] == [
        ("csv:A-1", "new"),
        ("csv:A-2", "y"),
    ]
    assert skipped_of(found) == [
        Skipped(ref="a.csv row 3", reason="holds csv:A-2 again; the one in a.csv row 5 is taken"),
        Skipped(
            ref="a.csv row 4",
            reason="holds csv:A-1 again; the one in a.csv row 2 is taken, it was updated later "
            "(2026-02-01 00:00 UTC)",
        ),
    ]


def test_what_is_not_needed_to_plan_is_left_out_with_a_notice(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "key,title,debt_kind,state,created\nA-1,,speed,Floating,31/12/2026\n",
    )
    [item] = items_of(found)
    assert (item.title, item.debt_kind, item.state, item.created_at) == (
        "A-1",
        None,
        ItemState.OPEN,
        None,
    )
    assert {one.ref for one in skipped_of(found)} == {"csv:A-1"}
    assert len(skipped_of(found)) == 4


def test_every_field_of_ours_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "key;title;text;type;state;labels;components;paths;points;points.backend;points.ui;url;"
        "prerequisites;excludes;team;debt_kind;sprint;story.who;story.need;story.outcome;created_at;"
        "updated_at\n"
        'A-1;T;"x\ny";Bug;In Progress;"ux,debt|a b";API;src/a.py,src/b.py;3,5;2;;'
        "https://example.com/A-1;A-2, jira:B-1;A-3;checkout;usability;Sprint 3;guest;to pay;I pay;"
        "2026-01-01;2026-01-02T00:00:00+01:00\n",
    )
    assert found == [
        DebtItem(
            key="csv:A-1",
            source="csv",
            title="T",
            text="x\ny",
            type_name="Bug",
            state=ItemState.IN_PROGRESS,
            labels=("ux", "debt", "a b"),
            components=("API",),
            paths=("src/a.py", "src/b.py"),
            points=3.5,
            roles=(RolePoints(role="backend", points=2),),
            url="https://example.com/A-1",
            prerequisites=("csv:A-2", "jira:B-1"),
            excludes=("csv:A-3",),
            team="checkout",
            debt_kind=DebtKind.USABILITY,
            sprint="Sprint 3",
            story=UserStory(who="guest", need="to pay", outcome="I pay"),
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            updated_at=datetime(2026, 1, 1, 23, tzinfo=UTC),
        )
    ]


def test_any_column_names_can_be_mapped(tmp_path: Path) -> None:
    [item] = read(
        tmp_path,
        'Nr,Was,Aufwand,Team A,Marken\n7,Titel,"3,5",2,x y\n',
        columns={
            "key": "Nr",
            "title": "Was",
            "points": ["Aufwand", "Team A"],
            "points.backend": "Team A",
            "labels": "Marken",
        },
    )
    assert isinstance(item, DebtItem)
    assert (item.key, item.title, item.points, item.labels) == ("csv:7", "Titel", 5.5, ("x y",))
    assert item.roles == (RolePoints(role="backend", points=2),)


def test_jiras_own_export_is_read_without_a_map(tmp_path: Path) -> None:
    [item] = read(
        tmp_path,
        "Summary,Issue key,Issue id,Issue Type,Status,Labels,Labels,Component/s,Sprint,Sprint,"
        "Custom field (Story Points),Created,Updated,Comment,Comment\n"
        "Slow,OMNI-1,10001,Bug,To Do,ux,tech-debt,Web,S 1,S 2,5.0,01/Mar/26 9:00 AM,"
        "02/Mar/26 1:30 PM,a,b\n",
    )
    assert isinstance(item, DebtItem)
    assert (item.key, item.points, item.sprint) == ("csv:OMNI-1", 5.0, "S 2")
    assert (item.labels, item.components) == (("ux", "tech-debt"), ("Web",))
    assert item.updated_at == datetime(2026, 3, 2, 13, 30, tzinfo=UTC)


def test_the_storypoints_files_are_read_without_a_map(tmp_path: Path) -> None:
    [item] = read(tmp_path, 'issuekey,title,description,storypoint\nM-1,"a",NULL,3\n')
    assert isinstance(item, DebtItem)
    assert (item.key, item.text, item.points) == ("csv:M-1", "", 3)


def test_links_of_a_second_file_are_turned_to_the_item_that_waits(tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text(
        "issuekey,linkedIssueKey,name\n"
        "A-1,A-2,is blocked by\nA-3,A-1,blocks\nA-2,X-9,Depends On\n"
        "A-1,A-3,duplicates\nX-1,A-1,depends on\nA-1,A-1,depends on\nA-1\n",
        encoding="utf-8",
    )
    found = read(tmp_path, "key,title\nA-1,a\nA-2,b\nA-3,c\n", links_path="links.csv")
    assert {item.key: item.prerequisites for item in items_of(found)} == {
        "csv:A-1": ("csv:A-2", "csv:A-3"),
        "csv:A-2": ("csv:X-9",),
        "csv:A-3": (),
    }
    reasons = {one.ref: one.reason for one in skipped_of(found)}
    assert reasons["csv:A-1"] == "is linked as waiting for itself; the link is left out"
    assert "has 1 cells where the header has 3" in reasons["links.csv row 8"]
    assert reasons["links.csv"] == (
        "of 6 links 4 say what an item waits for; 1 are of other types "
        "('duplicates' 1), 1 are about items that are not here"
    )


def test_a_links_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"links\.csv does not exist"):
        read(tmp_path, "key,title\nA-1,a\n", links_path="links.csv")


def test_more_labels_than_are_kept_leave_a_notice(tmp_path: Path) -> None:
    labels = ";".join(f"l{number}" for number in range(150))
    found = read(tmp_path, f"key,title,labels\nA-1,a,{labels}\n")
    assert len(items_of(found)[0].labels) == 100
    assert skipped_of(found) == [
        Skipped(ref="csv:A-1", reason="a.csv row 2: has 150 labels; the first 100 are kept")
    ]


def test_an_item_that_is_done_is_in_no_open_sprint(tmp_path: Path) -> None:
    [item] = read(tmp_path, "key,title,status,sprint\nA-1,a,Done,S 1\n")
    assert isinstance(item, DebtItem)
    assert (item.state, item.sprint) == (ItemState.DONE, None)
