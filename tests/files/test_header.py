from pathlib import Path

import pytest

from debtplan.core.item import Skipped
from debtplan.errors import InputError
from debtplan.files.column import Column
from debtplan.files.options import FileTable
from debtplan.files.row import Row
from debtplan.files.table import read_rows

COLUMNS = (
    Column("key", ("id",), required=True),
    Column("title", ("summary", "title 1", "title 2"), more=("title 1", "title 2")),
    Column("points", ("story points", "effort", "estimate"), more=("story points", "effort")),
    Column(
        "waits", ("inward (blocks)", "depends"), is_list=True, more=("inward (blocks)", "depends")
    ),
)


def rows_of(folder: Path, data: str | bytes, **settings: str) -> list[Row]:
    (folder / "a.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    found = list(
        read_rows(FileTable.model_validate({"path": "a.csv", **settings}), folder, COLUMNS)
    )
    assert not any(isinstance(one, Skipped) for one in found), found
    return [one for one in found if isinstance(one, Row)]


def test_a_file_whose_every_line_lacks_the_columns_names_its_first(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it has 'Report', 'of May'"):
        rows_of(tmp_path, "Report,of May\n1,2\n3,4\n")


def test_data_below_a_header_that_lacks_a_column_is_never_taken_for_the_header(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError, match="it has 'Nr', 'Was'"):
        rows_of(tmp_path, "Nr,Was\n1,id\n2,Key\n")


@pytest.mark.parametrize(
    "above",
    ["Backlog export,,\n,,\n", "# made by a tool\n# of 3 May\n\n", '"A title, with a comma"\n'],
)
def test_a_title_above_the_header_is_passed_over(tmp_path: Path, above: str) -> None:
    [row] = rows_of(tmp_path, f"{above}Key,Summary,Story Points\nA-1,a,3\n")
    assert (row.text("key"), row.text("title"), row.number("points")) == ("A-1", "a", 3)


def test_a_title_without_a_delimiter_does_not_hide_the_delimiter(tmp_path: Path) -> None:
    [row] = rows_of(tmp_path, "Backlog\nKey;Summary;Story Points\nA-1;a, b;3,5\n")
    assert (row.text("title"), row.number("points")) == ("a, b", 3.5)


def test_utf_16_without_a_mark_and_with_a_line_about_tabs_is_read(tmp_path: Path) -> None:
    text = "sep=\t\r\nKey\tSummary\r\nA-1\ta\r\n"
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        [row] = rows_of(tmp_path, text.encode(encoding))
        assert row.text("title") == "a"


def test_the_first_filled_of_several_columns_counts(tmp_path: Path) -> None:
    text = "Key,Title 1,Title 2,Estimate,Effort,Story Points,Story Points\n"
    rows = rows_of(tmp_path, f"{text}1,epic,,9,8,,5\n2,,story,9,8,,\n3,,,9,,,\n4,e,s,,0,1,2\n")
    assert [row.text("title") for row in rows] == ["epic", "story", "", "e"]
    assert [row.number("points") for row in rows] == [5, 8, None, 1]


def test_lists_of_several_columns_are_put_together(tmp_path: Path) -> None:
    text = "key,inward (blocks),depends,inward (blocks)\n1,A-1,A-2,A-3\n"
    [row] = rows_of(tmp_path, text)
    assert sorted(row.many("waits")) == ["A-1", "A-2", "A-3"]


def test_a_column_that_the_settings_name_stands_alone(tmp_path: Path) -> None:
    table = FileTable(path="a.csv", columns={"points": "Effort"})
    (tmp_path / "a.csv").write_text("key,Story Points,Effort\n1,5,\n")
    [row] = read_rows(table, tmp_path, COLUMNS)
    assert isinstance(row, Row)
    assert row.number("points") is None


def test_cells_that_nobody_reads_may_be_missing_at_a_rows_end(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "key,title,points,Watchers,\nA-1,a,3,x,\nA-2,b,5\n")
    assert [row.number("points") for row in rows] == [3, 5]


def test_where_fields_are_parted_by_semicolons_a_dot_may_group_thousands(tmp_path: Path) -> None:
    [row] = rows_of(tmp_path, "key;points\nA-1;1.000\n")
    with pytest.raises(ValueError, match="ambiguous"):
        row.number("points")
    [row] = rows_of(tmp_path, "key;points\nA-1;1.000\n", decimal="comma")
    assert row.number("points") == 1000


def test_a_share_may_be_written_in_per_cent(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "key;points\n1;5,2%\n2;12 %\n3;0.4\n4;\n")
    assert [row.share("points") for row in rows] == [0.052, 0.12, 0.4, None]
    [row] = rows_of(tmp_path, "key,points\n1,-3%\n")
    with pytest.raises(ValueError, match="negative"):
        row.share("points")
