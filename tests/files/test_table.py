import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.item import Skipped
from debtplan.errors import InputError
from debtplan.files.column import Column
from debtplan.files.options import FileTable
from debtplan.files.row import Row
from debtplan.files.table import parse_rows, read_rows

COLUMNS = (
    Column("key", ("issue",), required=True),
    Column("title", ("summary",)),
    Column("points"),
    Column("labels", ("tags",), is_list=True),
    Column("points."),
)


def rows_of(folder: Path, table: FileTable | None = None) -> list[Row | Skipped]:
    return list(read_rows(table or FileTable(path="a.csv"), folder, COLUMNS))


def write(folder: Path, content: str | bytes, name: str = "a.csv") -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(data)


def good(folder: Path, table: FileTable | None = None) -> list[Row]:
    found = rows_of(folder, table)
    assert not any(isinstance(one, Skipped) for one in found), found
    return [one for one in found if isinstance(one, Row)]


def test_a_missing_file_names_the_nearest_one(tmp_path: Path) -> None:
    write(tmp_path, "key\n1\n", "backlog.csv")
    with pytest.raises(InputError, match=r"does not exist.*\n.*backlog\.csv"):
        rows_of(tmp_path, FileTable(path="backlgo.csv"))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "No path is set"),
        ("*.tsv", "No file matches"),
        (".", "is a folder"),
        ("x\0y", "cannot be looked up|does not exist"),
    ],
)
def test_a_path_that_means_nothing_is_an_error(tmp_path: Path, path: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        rows_of(tmp_path, FileTable(path=path))


@pytest.mark.parametrize("content", ["", "\n\n", " ,\n", "\ufeff"])
def test_an_empty_file_is_an_error(tmp_path: Path, content: str) -> None:
    write(tmp_path, content)
    with pytest.raises(InputError, match="is empty"):
        rows_of(tmp_path)


def test_a_header_without_rows_gives_none(tmp_path: Path) -> None:
    write(tmp_path, "key,title\n")
    assert rows_of(tmp_path) == []


def test_a_spreadsheet_is_an_error_with_the_fix(tmp_path: Path) -> None:
    write(tmp_path, b"PK\x03\x04rest")
    with pytest.raises(InputError, match=r"is a spreadsheet.*\n.*CSV"):
        rows_of(tmp_path)


def test_a_damaged_gzip_file_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, gzip.compress(b"key\n1\n" * 1000)[:-9], "a.csv.gz")
    with pytest.raises(InputError, match="damaged gzip"):
        rows_of(tmp_path, FileTable(path="a.csv.gz"))


def test_a_mapped_column_that_is_missing_names_the_nearest_one(tmp_path: Path) -> None:
    write(tmp_path, "Issue,Story Points\n1,2\n")
    with pytest.raises(InputError, match="nearest is 'Story Points'"):
        rows_of(tmp_path, FileTable(path="a.csv", columns={"points": "Story Point"}))


def test_a_name_that_is_nothing_of_ours_names_the_nearest_one(tmp_path: Path) -> None:
    write(tmp_path, "key\n1\n")
    with pytest.raises(InputError, match="did you mean title"):
        rows_of(tmp_path, FileTable(path="a.csv", columns={"titel": "key"}))


def test_a_required_column_that_is_missing_shows_the_header(tmp_path: Path) -> None:
    write(tmp_path, "a,b\n1,2\n")
    with pytest.raises(InputError, match="no column for key; it has 'a', 'b'"):
        rows_of(tmp_path)


def test_a_column_of_where_that_is_missing_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "key\n1\n")
    with pytest.raises(InputError, match="no column 'team'"):
        rows_of(tmp_path, FileTable(path="a.csv", where={"team": "x"}))


def test_a_header_that_stands_twice_is_an_error_where_one_is_needed(tmp_path: Path) -> None:
    write(tmp_path, "key,points,points\n1,2,3\n")
    with pytest.raises(InputError, match=r"2 columns 'points' \(columns 2, 3\)"):
        rows_of(tmp_path)


def test_a_header_that_stands_twice_and_is_not_read_does_not_matter(tmp_path: Path) -> None:
    write(tmp_path, "key,comment,comment\n1,2,3\n")
    assert good(tmp_path)[0].text("key") == "1"


def test_a_list_may_stand_in_several_columns_of_one_name(tmp_path: Path) -> None:
    write(tmp_path, 'key,labels,labels\n1,"API, public",\n')
    assert good(tmp_path)[0].many("labels") == ("API, public",)


def test_a_row_with_the_wrong_number_of_cells_is_skipped_and_the_rest_is_read(
    tmp_path: Path,
) -> None:
    write(tmp_path, "key,title\n1,a\n2,b,c\n3\n4,d,\n5,e")
    found = rows_of(tmp_path)
    assert [one.ref for one in found] == [f"a.csv row {n}" for n in (2, 3, 4, 5, 6)]
    assert [type(one) for one in found] == [Row, Skipped, Skipped, Row, Row]
    assert "has 3 cells where the header has 2" in found[1].reason  # type: ignore[union-attr]


def test_a_truncated_last_line_is_skipped(tmp_path: Path) -> None:
    write(tmp_path, "key,title,points\n1,a,3\n2,b")
    found = rows_of(tmp_path)
    assert isinstance(found[1], Skipped)
    assert "cut off" in found[1].reason


def test_an_open_quote_loses_its_own_row_only(tmp_path: Path) -> None:
    write(tmp_path, 'key,title\n1,"a\n2,b\n3,"c"\n4,d\n')
    found = rows_of(tmp_path)
    assert [(one.ref, type(one)) for one in found] == [
        ("a.csv row 2", Skipped),
        ("a.csv row 3", Row),
        ("a.csv row 4", Row),
        ("a.csv row 5", Row),
    ]


def test_a_quote_that_never_closes_is_named(tmp_path: Path) -> None:
    write(tmp_path, 'key,title\n1,a\n2,"b\n3,c\n')
    found = rows_of(tmp_path)
    assert isinstance(found[1], Skipped)
    assert found[1] == Skipped(
        ref="a.csv row 3", reason="a quote opens and never closes; close it or double it"
    )
    assert isinstance(found[2], Row)


def test_stop_turns_the_first_bad_row_into_an_error_with_row_and_fix(tmp_path: Path) -> None:
    write(tmp_path, "key,title\n1,a\n2\n3,b\n")
    with pytest.raises(InputError, match=r"a\.csv row 3: has 1 cells.*\n.*on_error") as caught:
        rows_of(tmp_path, FileTable(path="a.csv", on_error="stop"))
    assert caught.value.exit_code == 2


def test_stop_yields_nothing_before_a_bad_cell(tmp_path: Path) -> None:
    write(tmp_path, "key,points\n1,1\n2,x\n")
    table = FileTable(path="a.csv", on_error="stop")
    found = parse_rows(table, tmp_path, COLUMNS, lambda row: row.number("points"))
    with pytest.raises(InputError, match=r"a\.csv row 3: column 'points': 'x' is not a number"):
        next(found)


def test_skip_names_row_column_and_value(tmp_path: Path) -> None:
    write(tmp_path, "key,Story Points\n1,1\n2,-1\n3,NaN\n4,inf\n5,2\n")
    table = FileTable(path="a.csv", columns={"points": "Story Points"})
    found = list(parse_rows(table, tmp_path, COLUMNS, lambda row: row.number("points", at_least=0)))
    assert found[0] == 1
    assert found[4] == 2
    bad = [one for one in found if isinstance(one, Skipped)]
    assert bad[0] == Skipped(ref="a.csv row 3", reason="column 'Story Points': '-1' is negative")
    assert "'NaN' is not a finite number" in bad[1].reason
    assert "'inf' is not a finite number" in bad[2].reason


def test_row_numbers_are_lines_whatever_the_line_ends(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        write(tmp_path, end.join(["key,title", '1,"a', "", 'b"', "2,c", ""]).encode())
        assert [row.line for row in good(tmp_path)] == [2, 5]


def test_blank_rows_are_no_rows(tmp_path: Path) -> None:
    write(tmp_path, "key,title\n\n1,a\n,\n2,b\n\n")
    assert [row.line for row in good(tmp_path)] == [3, 5]


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("utf-8", "Größe 完成"),
        ("utf-8-sig", "Größe 完成"),
        ("utf-16", "Größe 完成"),
        ("cp1252", "Größe – €"),
        ("latin-1", "Größe"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, title: str) -> None:
    write(tmp_path, f"key,title\n1,{title}\n".encode(encoding))
    row = good(tmp_path)[0]
    assert (row.text("key"), row.text("title")) == ("1", title)


def test_bytes_that_are_in_no_code_page_are_read_as_latin_1(tmp_path: Path) -> None:
    write(tmp_path, b"key,title\n1,caf\xe9 \x81\n")
    assert good(tmp_path)[0].text("title").startswith("café")


def test_lone_surrogates_and_nul_do_not_stop_reading(tmp_path: Path) -> None:
    write(tmp_path, b"key,title\n1,a\xed\xa0\x80b\n2,\x00c\n3,\xc3\xa9\n")
    assert [row.text("title") for row in good(tmp_path)][2] == "é"


def test_a_wrong_encoding_in_the_settings_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, b"key,title\n1,caf\xe9\n")
    with pytest.raises(InputError, match="is not utf-8"):
        rows_of(tmp_path, FileTable(path="a.csv", encoding="utf-8"))
    with pytest.raises(InputError, match="is no encoding"):
        rows_of(tmp_path, FileTable(path="a.csv", encoding="utf-ate"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    write(tmp_path, delimiter.join(["key", "title"]) + "\n" + delimiter.join(["1", "a b"]) + "\n")
    assert good(tmp_path)[0].text("title") == "a b"


def test_a_delimiter_inside_quotes_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, 'key;"title, long, very, long"\n1;a\n')
    assert good(tmp_path)[0].text("key") == "1"


def test_the_line_that_spreadsheets_put_first_is_understood(tmp_path: Path) -> None:
    write(tmp_path, "sep=;\nkey;title\n1;a,b\n")
    row = good(tmp_path)[0]
    assert (row.text("title"), row.line) == ("a,b", 3)


def test_a_field_of_megabytes_is_read(tmp_path: Path) -> None:
    write(tmp_path, f'key,title\n1,"{"x" * 3_000_000}"\n2,b\n')
    assert [len(row.text("title")) for row in good(tmp_path)] == [3_000_000, 1]


def test_files_of_a_pattern_are_read_by_name_and_unpacked(tmp_path: Path) -> None:
    write(tmp_path, "key\n3\n", "c.csv")
    write(tmp_path, gzip.compress(b"key\n2\n"), "b.csv.gz")
    write(tmp_path, "issue\n1\n", "a.csv")
    rows = good(tmp_path, FileTable(path="*.csv*"))
    assert [(row.ref, row.text("key")) for row in rows] == [
        ("a.csv row 2", "1"),
        ("b.csv.gz row 2", "2"),
        ("c.csv row 2", "3"),
    ]


def test_columns_are_found_whatever_the_case_and_by_other_names(tmp_path: Path) -> None:
    write(tmp_path, "ISSUE,Summary,Tags,points.backend\n1,a,x;y,2\n")
    row = good(tmp_path)[0]
    assert (row.text("key"), row.text("title"), row.many("labels")) == ("1", "a", ("x", "y"))
    assert row.names("points.") == ("points.backend",)
    assert row.number("points.backend") == 2


def test_a_map_goes_before_a_column_of_our_own_name(tmp_path: Path) -> None:
    write(tmp_path, "key,id,title\n1,2,a\n")
    row = good(tmp_path, FileTable(path="a.csv", columns={"key": "id"}))[0]
    assert row.text("key") == "2"


def test_columns_are_added_up_and_subtracted(tmp_path: Path) -> None:
    write(tmp_path, "key,start,added,removed\n1,10,3,4\n2,10,,4\n")
    table = FileTable(path="a.csv", columns={"points": ("start", "added", "-removed")})
    assert [row.number("points") for row in good(tmp_path, table)] == [9, None]


def test_a_negative_sum_is_refused_with_its_columns(tmp_path: Path) -> None:
    write(tmp_path, "key,start,removed\n1,1,4\n")
    table = FileTable(path="a.csv", columns={"points": ("start", "-removed")})
    parse = list(parse_rows(table, tmp_path, COLUMNS, lambda row: row.number("points", at_least=0)))
    assert parse == [
        Skipped(ref="a.csv row 2", reason="column 'start - removed': '-3' is negative")
    ]


def test_where_takes_only_rows_with_the_value(tmp_path: Path) -> None:
    write(tmp_path, "key,team\n1,a\n2,b\n3,a\n")
    rows = good(tmp_path, FileTable(path="a.csv", where={"team": "a"}))
    assert [row.text("key") for row in rows] == ["1", "3"]


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_skipped_rows_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    write(folder, b"key,title,points\n" + data)
    try:
        found = rows_of(folder)
    except InputError:
        return
    lines = [int(one.ref.rpartition(" ")[2]) for one in found]
    assert lines == sorted(set(lines))


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Z]{1,5}-[0-9]{1,4}", fullmatch=True),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        ),
        max_size=8,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
@pytest.mark.slow
def test_what_is_written_with_quotes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str]], end: str
) -> None:
    folder = tmp_path_factory.mktemp("round")
    quoted = (f'"{key}","{text.replace(chr(34), chr(34) * 2)}"' for key, text in records)
    write(folder, end.join(["key,title", *quoted, ""]).encode())
    rows = good(folder, FileTable(path="a.csv", encoding="utf-8", delimiter=","))
    assert [(row.cells[0], row.cells[1]) for row in rows] == records
