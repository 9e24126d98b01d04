from datetime import date
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.capacity import ClosedSprint
from debtplan.core.item import Skipped
from debtplan.errors import InputError
from debtplan.files.saved import Page
from debtplan.sources import SPRINTS
from debtplan.sources.jira.sprint import parse_sprint
from debtplan.sources.jira.sprints import read_sprints
from debtplan.sources.options import SprintTable

Found = list[ClosedSprint | Skipped]


def from_csv(folder: Path, content: str, **settings: Any) -> Found:
    (folder / "s.csv").write_text(content, encoding="utf-8")
    table = SprintTable.model_validate({"path": "s.csv", **settings})
    return list(SPRINTS["csv"]("web", table, folder).closed_sprints())


def from_jira(*contents: Any, **settings: Any) -> Found:
    pages = [Page(f"p{number}.json", content) for number, content in enumerate(contents, 1)]
    table = SprintTable.model_validate({"path": "p*.json", "estimate_field": "sp", **settings})
    return list(read_sprints(pages, "web", table))


def sprints_of(found: Found) -> list[ClosedSprint]:
    return [one for one in found if isinstance(one, ClosedSprint)]


def skipped_of(found: Found) -> list[tuple[str, str]]:
    return [(one.ref, one.reason) for one in found if isinstance(one, Skipped)]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1,-3,5", "column 'committed': '-3' is negative"),
        ("1,NaN,5", "is not a finite number"),
        (",3,5", "is no sprint"),
        ("1,3", "has 2 cells where the header has 3"),
    ],
)
def test_a_bad_row_is_skipped_with_row_and_column(tmp_path: Path, row: str, words: str) -> None:
    found = from_csv(tmp_path, f"id,committed,completed\n{row}\n2,3,5\n")
    assert [sprint.id for sprint in sprints_of(found)] == ["2"]
    [(ref, reason)] = skipped_of(found)
    assert ref == "s.csv row 2"
    assert words in reason


def test_a_sprint_that_ends_before_it_starts_is_skipped(tmp_path: Path) -> None:
    found = from_csv(tmp_path, "id,start,end\n1,2026-01-15,2026-01-01\n")
    assert "is before its start on 2026-01-15" in skipped_of(found)[0][1]


def test_stop_reads_nothing_of_a_file_with_a_bad_row(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"s\.csv row 3"):
        from_csv(tmp_path, "id,completed\n1,3\n2,x\n", on_error="stop")


def test_an_empty_file_of_sprints_says_so(tmp_path: Path) -> None:
    assert "holds no sprints" in skipped_of(from_csv(tmp_path, "id,completed\n"))[0][1]


def test_sprints_come_oldest_first_and_numbered(tmp_path: Path) -> None:
    found = from_csv(
        tmp_path,
        "Sprint,Start,End,Committed,Completed,Debt points,State\n"
        'S 2,2026-01-15,2026-01-28,20,"18,5",2,closed\n'
        "S 1,2026-01-01,2026-01-14,,,,Done\n"
        "S 3,2026-01-29,2026-02-11,20,,,active\n",
    )
    assert sprints_of(found) == [
        ClosedSprint(
            team="web", id="S 1", position=1, start_on=date(2026, 1, 1), end_on=date(2026, 1, 14)
        ),
        ClosedSprint(
            team="web",
            id="S 2",
            position=2,
            start_on=date(2026, 1, 15),
            end_on=date(2026, 1, 28),
            committed=20,
            completed=18.5,
            debt_points=2,
        ),
    ]
    assert skipped_of(found) == [("s.csv row 4 (S 3)", "is active, not closed")]


def test_columns_are_added_up_to_what_was_completed(tmp_path: Path) -> None:
    found = from_csv(
        tmp_path,
        "boardid,sprintid,name,vel_diff,vel_starttime,vel_added,vel_removed\n"
        "1,8,a,-2,10,3,1\n1,9,b,0,0,0,0\n2,8,c,1,1,1,1\n",
        columns={
            "id": "sprintid",
            "board": "boardid",
            "committed": "vel_starttime",
            "completed": ["vel_starttime", "vel_added", "-vel_removed", "vel_diff"],
        },
        board="1",
    )
    assert [(one.id, one.committed, one.completed) for one in sprints_of(found)] == [
        ("8", 10, 10),
        ("9", 0, 0),
    ]


def test_several_boards_are_kept_apart_and_said(tmp_path: Path) -> None:
    found = from_csv(tmp_path, "board,id,completed\n1,8,3\n2,8,4\n")
    assert [one.id for one in sprints_of(found)] == ["1/8", "2/8"]
    assert skipped_of(found) == [
        ("s.csv", "holds sprints of 2 boards, all taken as one team's; set board: 1, 2")
    ]


def test_a_board_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    found = from_csv(tmp_path, "board,id,completed\n1,8,3\n", board="7")
    assert skipped_of(found) == [("s.csv", "holds no sprint of board 7; it has 1")]


def test_of_a_sprint_that_stands_twice_the_later_record_stands(tmp_path: Path) -> None:
    found = from_csv(tmp_path, "id,completed\n8,3\n8,4\n")
    assert [one.completed for one in sprints_of(found)] == [4]
    assert skipped_of(found) == [
        ("s.csv row 2", "holds sprint 8 again; the one in s.csv row 3 is taken")
    ]


def sprint(number: int, state: str = "closed", **more: Any) -> dict[str, Any]:
    day = 14 * number - 13
    return {
        "id": number,
        "name": f"S {number}",
        "state": state,
        "startDate": f"2026-01-{day:02}T09:00:00.000Z",
        "endDate": f"2026-01-{day + 13:02}T09:00:00.000Z",
        "originBoardId": 3,
        **more,
    }


def issue(points: float | None, *sprints: Any, **fields: Any) -> dict[str, Any]:
    return {"key": "A-1", "fields": {"sp": points, "customfield_10020": list(sprints), **fields}}


def test_a_refused_request_is_an_error() -> None:
    with pytest.raises(InputError, match="Jira refused the request"):
        from_jira({"errorMessages": ["No board."]})


def test_nothing_about_sprints_says_so() -> None:
    assert skipped_of(from_jira({"values": []})) == [
        ("p*.json", "holds no sprints; check the request that saved it")
    ]


def test_sprints_without_issues_have_no_points_and_say_what_to_save() -> None:
    found = from_jira({"values": [sprint(2), sprint(1), sprint(3, "active")]})
    assert [(one.id, one.completed, one.end_on) for one in sprints_of(found)] == [
        ("1", None, date(2026, 1, 14)),
        ("2", None, date(2026, 1, 28)),
    ]
    assert skipped_of(found)[0] == ("p1.json entry 3 (S 3)", "is active, not closed")
    assert "save the sprints' issues beside them" in skipped_of(found)[1][1]


def test_points_come_from_the_sprints_issues() -> None:
    done = {"status": {"statusCategory": {"key": "done"}}}
    found = from_jira(
        {"values": [sprint(1), sprint(2)]},
        {
            "issues": [
                issue(3, sprint(1), resolutiondate="2026-01-10T00:00:00Z"),
                issue(5, sprint(1), sprint(2), resolutiondate="2026-01-20T00:00:00Z"),
                issue(8, sprint(2), created="2026-01-16T00:00:00Z", **done),
                issue(2, sprint(2)),
                issue(None, sprint(2), **done),
            ]
        },
    )
    assert [(one.id, one.committed, one.completed) for one in sprints_of(found)] == [
        ("1", 8, 3),
        ("2", 7, 13),
    ]


def test_sprints_are_found_in_the_issues_alone() -> None:
    old = (
        "com.atlassian.greenhopper.service.sprint.Sprint@1[id=4,rapidViewId=3,state=CLOSED,"
        "name=A, b,startDate=2026-01-01T09:00:00.000Z,completeDate=2026-01-14T09:00:00.000Z]"
    )
    found = from_jira({"issues": [issue(3, old, resolutiondate="2026-01-10T00:00:00Z")]})
    assert sprints_of(found) == [
        ClosedSprint(
            team="web",
            id="4",
            name="A, b",
            position=1,
            start_on=date(2026, 1, 1),
            end_on=date(2026, 1, 14),
            committed=3,
            completed=3,
        )
    ]


def test_a_sprint_page_saved_twice_gives_each_sprint_once() -> None:
    found = from_jira({"values": [sprint(1)]}, {"values": [sprint(1)]})
    assert len(sprints_of(found)) == 1
    assert skipped_of(found)[0][0] == "p2.json entry 1"


@pytest.mark.parametrize(
    "value",
    [None, 3, "x", "[id=1,state=ACTIVE,name=x]", [], {}, {"id": 1, "state": "odd", "name": "x"}],
)
def test_what_is_no_sprint_is_none(value: Any) -> None:
    assert parse_sprint(value) is None


def test_a_file_that_never_says_what_was_completed_says_so(tmp_path: Path) -> None:
    found = from_csv(tmp_path, "sprintid,vel_done\n1,3\n2,4\n")
    assert len(sprints_of(found)) == 2
    [(ref, reason)] = skipped_of(found)
    assert ref == "s.csv"
    assert 'columns = { completed = "HEADER" }' in reason


def test_closed_sprints_are_known_in_several_languages(tmp_path: Path) -> None:
    text = "sprint,state,completed\n1,Cerrado,3\n2,已关闭,4\n3,past,5\n4,activo,6\n"
    found = from_csv(tmp_path, text)
    assert [sprint.id for sprint in sprints_of(found)] == ["1", "2", "3"]
    assert [reason for _, reason in skipped_of(found)] == ["is activo, not closed"]
