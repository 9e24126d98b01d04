import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.decode import DEPTH_LIMIT, Json
from debtplan.core.item import Skipped
from debtplan.errors import InputError
from debtplan.files import saved
from debtplan.files.options import FileTable
from debtplan.files.saved import Page, decode, read_pages


def pages_of(folder: Path, path: str, **settings: str) -> list[Page | Skipped]:
    return list(read_pages(FileTable.model_validate({"path": path, **settings}), folder))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n\0", "is empty"),
        (b"{", r"is not JSON: .*line 1, column 2"),
        (b"<html>login</html>", "is not JSON"),
        (b'{"a": NaN}', "holds NaN"),
        (b"[Infinity]", "holds Infinity"),
        (b"[-Infinity]", "holds -Infinity"),
        (b"[1e999]", "1e999, which is too large"),
        (b"[" + b"9" * 5000 + b"]", "a number of 5000 digits"),
        (b"[" * 200_000, "nested more than 200 deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested more than 200 deep"),
        (b"[\xff]", r"is not UTF-8 \(byte 2\)"),
        (b"[1] [2]", "more than one JSON document"),
    ],
)
def test_what_is_no_strict_json_is_refused_by_name(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        decode(data, "page.json")
    assert "page.json" in caught.value.what
    assert caught.value.fix.endswith(".")


def test_brackets_inside_strings_are_no_nesting() -> None:
    text = "[" * 1000 + '"' + "{" * 1000
    assert decode(json.dumps([text]).encode(), "x") == [text]


def test_nesting_up_to_the_limit_is_read() -> None:
    deepest = "[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT
    assert decode(deepest.encode(), "x")
    with pytest.raises(InputError, match="nested"):
        decode(f"[{deepest}]".encode(), "x")


def test_the_last_of_duplicate_keys_counts() -> None:
    assert decode(b'{"a": 1, "a": 2}', "x") == {"a": 2}


def test_a_byte_order_mark_does_not_matter() -> None:
    assert decode("\ufeff[1]".encode(), "x") == [1]
    assert decode("[1]".encode("utf-16"), "x") == [1]


def test_a_file_over_the_budget_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "PAGE_LIMIT", 1 << 20)
    bomb = gzip.compress(b" " * (3 << 20) + b"[]")
    assert len(bomb) < 10_000
    (tmp_path / "a.json.gz").write_bytes(bomb)
    with pytest.raises(InputError, match="holds more than 1 MiB"):
        pages_of(tmp_path, "a.json.gz")


def test_one_document_a_file_and_files_by_name(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text("[2]", encoding="utf-8")
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b"[1]"))
    (tmp_path / "notes.txt").write_text("no", encoding="utf-8")
    assert pages_of(tmp_path, ".") == [
        Page("a.json.gz", [1], "a.json.gz"),
        Page("b.json", [2], "b.json"),
    ]
    assert [page.content for page in pages_of(tmp_path, "*.json") if isinstance(page, Page)] == [
        [2]
    ]


def test_a_folder_without_answers_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no file that ends in \.json"):
        pages_of(tmp_path, ".")


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_json_lines_are_one_page_a_line_and_a_bad_line_is_skipped(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text('{"a": 1}\n\n{"a": NaN}\r\n{"a": 3}\n', encoding="utf-8")
    found = pages_of(tmp_path, name)
    assert found[0] == Page(f"{name} row 1", {"a": 1}, name)
    assert isinstance(found[1], Skipped)
    assert found[1].ref == f"{name} row 3"
    assert found[1].reason == "is refused: it holds NaN, which is no JSON number"
    assert found[2] == Page(f"{name} row 4", {"a": 3}, name)
    with pytest.raises(InputError, match=f"{name} row 3: is refused"):
        pages_of(tmp_path, name, on_error="stop")


def test_a_table_with_a_record_a_row_is_read_by_its_data_column(tmp_path: Path) -> None:
    lines = ["id,data,url", '1,"{""key"": ""A-1""}",x', "2,{,x", '3,"[\n1]",x', "4"]
    (tmp_path / "raw.csv").write_text("\n".join(lines), encoding="utf-8")
    found = pages_of(tmp_path, "raw.csv")
    assert [type(one) for one in found] == [Page, Skipped, Page, Skipped]
    assert found[0] == Page("raw.csv row 2", {"key": "A-1"}, "raw.csv")
    assert isinstance(found[2], Page)
    assert found[2].place == "raw.csv row 4"
    assert isinstance(found[3], Skipped)
    assert found[3].ref == "raw.csv row 6"


def test_a_table_without_a_data_column_says_which_type_to_set(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("key,title\n1,a\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no column 'data'[^\n]*\n[^\n]*type = \"csv\""):
        pages_of(tmp_path, "a.csv")


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_an_input_error(data: bytes) -> None:
    try:
        decode(data, "x")
    except InputError as error:
        assert error.what.startswith("x ")  # noqa: PT017


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_what_python_writes_comes_back(value: Json) -> None:
    assert decode(json.dumps(value).encode(), "x") == value


def test_documents_that_follow_each_other_on_one_line_are_pages(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"n": 1}][{"n": 2}]\n [3]')
    found = list(saved.read_pages(FileTable(path="a.json"), tmp_path))
    assert [page.content for page in found if isinstance(page, saved.Page)] == [
        [{"n": 1}],
        [{"n": 2}],
        [3],
    ]


def test_documents_with_something_else_between_are_read_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[1][2] x\n[3]\n")
    first, second = saved.read_pages(FileTable(path="a.json"), tmp_path)
    assert isinstance(first, Skipped)
    assert isinstance(second, saved.Page)
    assert second.content == [3]
