import math
import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.files.cell import is_unknown, parse_day, parse_instant, parse_number, split_list


@pytest.mark.parametrize(
    "cell", ["NaN", "nan", "inf", "-Infinity", "+inf", "∞", "1e999", "-1e999", "1" * 350]
)
def test_a_number_that_is_not_finite_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"finite|too large"):
        parse_number(cell)


@pytest.mark.parametrize(
    "cell", ["three", "3 pts", "1,2,3", "1_000", "0x10", "=1+1", "٣", "1.2.3", "3%", "9" * 500, "."]
)
def test_what_is_no_number_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_number(cell)


def test_one_comma_before_three_digits_could_be_either_and_is_refused_with_both() -> None:
    with pytest.raises(ValueError, match=r"write 1234 or 1\.234"):
        parse_number("1,234")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("3,5", 3.5),
        ("3.5", 3.5),
        ("3", 3.0),
        (" 3 ", 3.0),
        ("\u00a03\u00a0", 3.0),
        ("0,125", 0.125),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234", 1.234),
        ("1.234.567", 1234567.0),
        ("1,234,567", 1234567.0),
        ("1 234,5", 1234.5),
        ("1\u202f234", 1234.0),
        ("1'234.5", 1234.5),
        ("-3,5", -3.5),
        ("+2", 2.0),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("13.", 13.0),
    ],
)
def test_a_number_is_read_with_either_decimal_mark(cell: str, value: float) -> None:
    assert parse_number(cell) == value


@pytest.mark.parametrize("cell", ["", "  ", "NULL", "null", "None", "-", "–", "?", "n/a", "N/A"])
def test_words_for_not_known_are_unknown_and_never_zero(cell: str) -> None:
    assert is_unknown(cell)
    assert parse_number(cell) is None
    assert parse_instant(cell) is None


@given(st.text(max_size=40))
def test_any_cell_is_a_finite_number_unknown_or_a_value_error(cell: str) -> None:
    try:
        value = parse_number(cell)
    except ValueError:
        value = None
    assert value is None or math.isfinite(value)


@given(st.floats(allow_nan=False, allow_infinity=False), st.booleans())
def test_a_number_as_python_writes_it_comes_back(number: float, is_comma: bool) -> None:  # noqa: FBT001
    text = repr(number)
    if is_comma:
        text = text.replace(".", ",")
    try:
        value = parse_number(text)
    except ValueError:
        assert re.fullmatch(r"-?[1-9][0-9]{0,2},[0-9]{3}", text)
    else:
        assert value == number


@pytest.mark.parametrize(
    "cell",
    [
        "31/12/2026",
        "yesterday",
        "2026-13-01",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00+14:00",
    ],
)
def test_what_is_no_date_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="not a date"):
        parse_instant(cell)


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("2026-03-01T12:00:00.123+0800", 4),
        ("2026-03-01T12:00:00Z", 12),
        ("2026-03-01 12:00:00", 12),
        ("2026-03-01T12:00:00-09:30", 21),
        ("01/Mar/26 12:00 PM", 12),
    ],
)
def test_an_instant_with_any_offset_becomes_utc(cell: str, hour: int) -> None:
    found = parse_instant(cell)
    assert found is not None
    assert found.tzinfo is UTC
    assert (found.date(), found.hour) == (date(2026, 3, 1), hour)


def test_a_day_is_the_day_in_utc() -> None:
    assert parse_day("2026-03-01") == date(2026, 3, 1)
    assert parse_day("2026-03-01T23:30:00-02:00") == date(2026, 3, 2)
    assert parse_instant("2026-03-01") == datetime(2026, 3, 1, tzinfo=UTC)


def test_a_list_is_split_at_comma_semicolon_bar_and_line_but_not_at_spaces() -> None:
    assert split_list("tech debt, ux;a|b\nc,,") == ("tech debt", "ux", "a", "b", "c")
