import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.files.cell import is_unknown, parse_number, split_list


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


def test_a_list_is_split_at_comma_semicolon_bar_and_line_but_not_at_spaces() -> None:
    assert split_list("tech debt, ux;a|b\nc,,") == ("tech debt", "ux", "a", "b", "c")


@pytest.mark.parametrize("decimal", ["point", "comma", "either"])
def test_a_number_that_is_none_stays_none_whatever_the_decimal_sign(decimal: Any) -> None:
    for cell in ("three", "1,2,3", "1.2.3", "1,23.4,5"):
        with pytest.raises(ValueError, match="not a number"):
            parse_number(cell, decimal)


def test_the_decimal_sign_that_is_set_settles_what_could_be_either() -> None:
    assert [parse_number(cell, "point") for cell in ("1,234", "12,345.6", "1.234")] == [
        1234,
        12345.6,
        1.234,
    ]
    assert [parse_number(cell, "comma") for cell in ("1.234", "12.345,6", "1,234")] == [
        1234,
        12345.6,
        1.234,
    ]


def test_a_dot_before_three_digits_is_doubtful_where_the_file_may_use_commas() -> None:
    with pytest.raises(ValueError, match=r"write 1234 or 1\.234, or set decimal"):
        parse_number("1.234", "either")
    assert parse_number("0.234", "either") == 0.234
