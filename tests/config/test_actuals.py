"""What finished items took, from a CSV."""

from pathlib import Path

import pytest

from debtplan.config.actuals import ActualsTable, read_actuals
from debtplan.core.cost import Actual
from debtplan.errors import InputError


def read(folder: Path, text: str, **more: object) -> tuple[list[Actual], list[str]]:
    """The items of a file, and why rows were not used."""
    (folder / "actuals.csv").write_text(text, encoding="utf-8")
    table = ActualsTable.model_validate({"path": "actuals.csv", **more})
    found, skipped = read_actuals(table, folder)
    return list(found), [one.reason for one in skipped]


def test_items_come_by_key_whatever_their_order(tmp_path: Path) -> None:
    found, skipped = read(tmp_path, "key,estimate,actual\nB-2,3,4.5\nA-1,2,1\n")
    assert found == [
        Actual(key="A-1", estimate=2, actual=1),
        Actual(key="B-2", estimate=3, actual=4.5),
    ]
    assert skipped == []


def test_columns_may_have_a_trackers_names(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "Issue key,Story points,Time spent\nA-1,2,3\n")
    assert found == [Actual(key="A-1", estimate=2, actual=3)]


def test_a_row_without_one_of_the_numbers_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "key,estimate,actual\nA-1,,3\nA-2,2,\n,2,2\n") == ([], [])


@pytest.mark.parametrize("row", ["A-1,0,3", "A-1,3,0", "A-1,-1,3", "A-1,two,3"])
def test_a_number_that_gives_no_ratio_is_listed(tmp_path: Path, row: str) -> None:
    found, skipped = read(tmp_path, f"key,estimate,actual\n{row}\nA-2,1,1\n")
    assert [one.key for one in found] == ["A-2"]
    assert len(skipped) == 1


def test_the_last_row_of_a_key_counts(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "key,estimate,actual\nA-1,2,3\nA-1,2,5\n")
    assert found == [Actual(key="A-1", estimate=2, actual=5)]


def test_without_a_table_nothing_is_read(tmp_path: Path) -> None:
    assert read_actuals(None, tmp_path) == ((), ())


def test_a_missing_file_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_actuals(ActualsTable(path="none.csv"), tmp_path)
    with pytest.raises(InputError, match="actual"):
        read(tmp_path, "key,estimate\nA-1,2\n")
