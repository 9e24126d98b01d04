from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.files.moment import parse_day, parse_instant


def test_what_is_not_known_is_no_instant() -> None:
    assert parse_instant("NULL") is None
    assert parse_day("?") is None


@pytest.mark.parametrize(
    "cell",
    [
        "2026-W47",
        "31.02.2026",
        "2026/3/1 25:00",
        "Nov 31, 2026",
        "x" * 500,
        "1/2",
        "1.2.345",
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


@pytest.mark.parametrize("cell", ["03/04/2026", "31/12/2026", "29-02-2016 04:40", "4/3/26"])
def test_day_and_month_in_an_unsaid_order_are_never_guessed(cell: str) -> None:
    with pytest.raises(ValueError, match='set dates = "day-first" or "month-first"'):
        parse_instant(cell)


def test_the_order_of_day_and_month_can_be_set() -> None:
    assert parse_day("03/04/2026", "day-first") == date(2026, 4, 3)
    assert parse_day("03/04/2026", "month-first") == date(2026, 3, 4)
    assert parse_instant("29-02-2016 04:40", "day-first") == datetime(
        2016, 2, 29, 4, 40, tzinfo=UTC
    )
    with pytest.raises(ValueError, match="not a date"):
        parse_instant("13/14/2026", "month-first")


@pytest.mark.parametrize(
    "cell",
    [
        "1.11.2026 9:05",
        "01.11.26 09:05:00",
        "2026/11/01 09:05",
        "2026/11/1 9:05 AM",
        "Nov 1, 2026, 9:05 AM",
        "Nov 1, 2026, 9:05\u202fAM",
        "November 1, 2026 09:05",
        "1 Nov 2026 09:05:00 GMT",
        "Sun, 01 Nov 2026 09:05:00 +0000",
        "Sun Nov 01 2026 10:05:00 GMT+0100 (Central European Standard Time)",
        "01-Nov-2026 09:05",
        "01/Nov/26 9:05 AM",
        "2026-11-01 09:05:00 UTC",
        "2026-11-01 10:05:00 +0100",
        "1793523900",
        "1793523900000",
    ],
)
def test_dates_of_spreadsheets_trackers_and_services_are_read(cell: str) -> None:
    assert parse_instant(cell) == datetime(2026, 11, 1, 9, 5, tzinfo=UTC)


@given(st.text(max_size=60))
def test_any_text_is_an_instant_in_utc_unknown_or_a_value_error(text: str) -> None:
    try:
        found = parse_instant(text, "day-first")
    except ValueError:
        return
    assert found is None or found.tzinfo is UTC


@given(st.datetimes(datetime(2000, 1, 1), datetime(2067, 12, 31)))  # noqa: DTZ001 - put on below
def test_an_instant_comes_back_from_every_form(moment: datetime) -> None:
    wanted = moment.replace(second=0, microsecond=0, tzinfo=UTC)
    forms = ("%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M", "%b %d, %Y, %I:%M %p", "%d/%b/%y %I:%M %p")
    assert {parse_instant(wanted.strftime(form)) for form in forms} == {wanted}
