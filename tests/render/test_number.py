"""Numbers for people: two significant digits in sentences, units always, unknown never zero."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.render import number


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "not known"),
        (0, "0"),
        (0.4, "less than 1"),
        (1, "1"),
        (1.04, "1"),
        (8.44, "8.4"),
        (9.96, "10"),
        (14.4, "14"),
        (99.6, "100"),
        (995, "1,000"),
        (3_912, "3,900"),
        (123_456, "120,000"),
        (-3_912, "-3,900"),
    ],
)
def test_a_sentence_says_two_significant_digits(value: float | None, said: str) -> None:
    assert number.about(value) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "not known"),
        (0, "0%"),
        (0.00001, "less than 0.01%"),
        (0.0041, "0.41%"),
        (0.0267, "2.7%"),
        (0.03, "3%"),
        (0.414, "41%"),
        (0.994, "99%"),
        (0.9999, "over 99%"),
        (1, "100%"),
        (1.23, "120%"),
    ],
)
def test_a_share_is_never_rounded_to_all(share: float | None, said: str) -> None:
    assert number.percent(share) == said


@given(st.floats(1, 1e12))
def test_a_rounded_number_is_within_five_percent(value: float) -> None:
    said = float(number.about(value).replace(",", ""))

    assert said == pytest.approx(value, rel=0.05)


def test_a_table_says_the_whole_number() -> None:
    assert [number.full(one) for one in (None, 0, 3.21, 9.96, 3912.4)] == [
        "not known",
        "0",
        "3.2",
        "10",
        "3,912",
    ]


@pytest.mark.parametrize(
    ("points", "unit", "said"),
    [
        (1, "points", "1 point"),
        (2.5, "points", "2.5 points"),
        (1, "hours", "1 hour"),
        (3, "story points", "3 story points"),
        (None, "points", "not estimated"),
        (0.1 + 0.2, "points", "0.3 points"),
        (1_200_000, "points", "1,200,000 points"),
    ],
)
def test_points_carry_their_unit(points: float | None, unit: str, said: str) -> None:
    assert number.amount(points, unit) == said


def test_days_name_month_and_year_once() -> None:
    assert number.days(date(2026, 11, 1), date(2026, 11, 28)) == "1–28 Nov"
    assert number.days(date(2026, 11, 30), date(2026, 12, 11)) == "30 Nov – 11 Dec"
    assert number.days(date(2026, 12, 28), date(2027, 1, 8)) == "28 Dec 2026 – 8 Jan 2027"
    assert number.days(date(2026, 11, 1), date(2026, 11, 1)) == "1 Nov"


def test_an_age_is_rough() -> None:
    now = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
    ages = [number.age(datetime(2026, 11, *at, tzinfo=UTC), now) for at in AGES]

    assert ages == ["less than a minute", "1 minute", "90 minutes", "8 hours", "9 days"]


AGES = ((29, 8, 1), (29, 7, 59), (29, 6, 30), (29, 0, 0), (20, 0, 0))


def test_words_are_listed_and_counted() -> None:
    assert number.listed(["a", "b", "c"]) == "a, b and c"
    assert number.listed([]) == ""
    assert number.counted(1, "item") == "one item"
    assert number.counted(12, "item") == "12 items"
    assert number.plural("party") == "parties"
    assert number.sentence("jira:OMNI-12 is first") == "jira:OMNI-12 is first."
    assert number.sentence("costs 5") == "Costs 5."


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "an unknown number of sessions"),
        (0.4, "less than one session"),
        (1.02, "about 1 session"),
        (3_912, "about 3,900 sessions"),
    ],
)
def test_less_than_one_is_not_about_anything(value: float | None, said: str) -> None:
    assert number.some(value, "sessions") == said


def test_an_interval_from_next_to_nothing_is_up_to_its_end() -> None:
    assert number.span(0.2, 47) == "up to 47"
    assert number.span(0.2, 0.4) == "less than 1"
    assert number.span(0, 47) == "0–47"


@pytest.mark.parametrize(
    ("numbers", "digits"),
    [
        ((7_310.0, 7_410.0, 7_490.0), 2),
        ((1_633.0, 1_675.0, 1_717.0), 3),
        ((5.0, 5.0, 5.0), 2),
        ((0.2, 0.4, 12.0), 3),
    ],
)
def test_digits_are_as_many_as_tell_numbers_apart(numbers: tuple[float, ...], digits: int) -> None:
    assert number.enough(*numbers) == digits


def test_an_estimate_does_not_look_like_an_end_of_its_interval() -> None:
    low, likely, high = 1_633.0, 1_675.0, 1_717.0
    digits = number.enough(low, likely, high)
    assert number.some(likely, "sessions", digits) == "about 1,680 sessions"
    assert number.span(low, high, digits) == "1,630–1,720"


@pytest.mark.parametrize(
    ("value", "digits", "said"), [(14.537, 3, "14.5"), (14.537, 2, "15"), (145.4, 3, "145")]
)
def test_three_digits_are_three_below_a_hundred_too(value: float, digits: int, said: str) -> None:
    assert number.about(value, digits) == said
