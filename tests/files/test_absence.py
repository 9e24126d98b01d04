"""Days off from a table: a row is read, or refused without telling whom it is about."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.item import Skipped
from debtplan.errors import InputError
from debtplan.files.absence import Absence, read_absences
from debtplan.files.options import FileTable

HALF = Fraction(1, 2)


def read(folder: Path, text: str, *, is_everyone: bool = False, **more: Any) -> list[Any]:
    """What a file says."""
    (folder / "days.csv").write_text(text, encoding="utf-8")
    table = FileTable(path="days.csv", **more)
    return list(read_absences(table, folder, is_everyone=is_everyone))


def one(folder: Path, text: str, **more: Any) -> Absence:
    """What a file of one row says."""
    (found,) = read(folder, text, **more)
    assert isinstance(found, Absence)
    return found


def reason(folder: Path, text: str, **more: Any) -> str:
    """Why a file's one row was not read."""
    (found,) = read(folder, text, **more)
    assert isinstance(found, Skipped)
    assert found.ref == "days.csv row 2"
    return found.reason


def test_a_row_of_a_personnel_system_is_read_without_a_column_map(tmp_path: Path) -> None:
    found = one(tmp_path, "Employee,From,To\nAda Lovelace,2026-12-01,2026-12-04\n")
    assert found.people == (("Ada Lovelace",),)
    assert (found.start_on, found.end_on) == (date(2026, 12, 1), date(2026, 12, 4))
    assert (found.begin, found.end) == (Fraction(0), Fraction(1))
    assert found.days is None
    assert found.ref == "days.csv row 2"


def test_other_names_of_columns_come_from_the_map(tmp_path: Path) -> None:
    text = "Wer;Ab;Bis;Art\nAda;1.12.2026;4.12.2026;Urlaub\nBo;1.12.2026;;Krank\n"
    columns = {"person": "Wer", "start_on": "Ab", "end_on": "Bis"}
    found = one(tmp_path, text, columns=columns, where={"Art": "Urlaub"})
    assert (found.people, found.end_on) == ((("Ada",),), date(2026, 12, 4))


def test_without_a_last_day_it_is_the_first(tmp_path: Path) -> None:
    assert one(tmp_path, "name,date\nAda,2026-12-01\n").end_on == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("cell", "begin", "end"),
    [
        ("0.5", Fraction(0), HALF),
        ('"0,5"', Fraction(0), HALF),
        ("50%", Fraction(0), HALF),
        ("half", Fraction(0), HALF),
        ("AM", Fraction(0), HALF),
        ("afternoon", HALF, Fraction(1)),
        ("1", Fraction(0), Fraction(1)),
        ("full day", Fraction(0), Fraction(1)),
        ("", Fraction(0), Fraction(1)),
    ],
)
def test_a_part_of_the_day_is_read(
    tmp_path: Path, cell: str, begin: Fraction, end: Fraction
) -> None:
    found = one(tmp_path, f"name,from,part\nAda,2026-12-01,{cell}\n")
    assert (found.begin, found.end) == (begin, end)


def test_a_number_of_days_is_kept_for_those_who_know_the_workdays(tmp_path: Path) -> None:
    assert one(tmp_path, "name,from,to,days\nAda,2026-12-01,2026-12-03,2.5\n").days == HALF * 5


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Ada,,2026-12-01,,", "column 'from': '...' is empty: the first day is not known"),
        ("Ada,soon,2026-12-01,,", "column 'from': '...' is not a date"),
        ("Ada,03/04/2026,,,", "set dates = "),
        ("Ada,2026-12-04,2026-12-01,,", "column 'to': '...' is before the first day"),
        ("Ada,2026-12-01,,2,", "column 'part': '...' is no part of a day"),
        ("Ada,2026-12-01,,0,", "no part of a day"),
        ("Ada,2026-12-01,,-0.5,", "no part of a day"),
        ("Ada,2026-12-01,,nan,", "not a finite number"),
        ("Ada,2026-12-01,,some,", "not a number"),
        ("Ada,2026-12-01,,,0", "column 'days': '...' is not above 0"),
        ("Ada,2026-12-01,,,-3", "not above 0"),
        ("Ada,2026-12-01,,,inf", "not a finite number"),
    ],
)
def test_a_row_that_cannot_be_read_is_skipped_with_its_reason(
    tmp_path: Path, row: str, said: str
) -> None:
    assert said in reason(tmp_path, f"name,from,to,part,days\n{row}\n")


def test_a_reason_never_quotes_a_cell(tmp_path: Path) -> None:
    assert "Lovelace" not in reason(tmp_path, "name,from,to\n1,Ada Lovelace,2\n")


def test_a_file_without_a_person_is_refused_unless_it_is_about_everyone(tmp_path: Path) -> None:
    text = "date\n2026-12-01\n"
    with pytest.raises(InputError, match="person"):
        read(tmp_path, text)
    assert one(tmp_path, text, is_everyone=True).people == ()


def test_the_first_bad_row_stops_the_file_where_that_is_set(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 2: column 'from'"):
        read(tmp_path, "name,from\nAda,soon\nBo,2026-12-01\n", on_error="stop")
