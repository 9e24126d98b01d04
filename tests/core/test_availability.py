"""Person-days of a sprint: what is away, and what is left for its work."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.availability import (
    Attendance,
    Away,
    Person,
    Roster,
    SprintDays,
    availability_of,
    count_days,
    say_team,
)
from debtplan.core.capacity import Capacity, CapacityPolicy, ClosedSprint, estimate_capacity

MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 12, 4)
SATURDAY = date(2026, 11, 28)
HALF = Fraction(1, 2)
FIVE = Roster(tuple(Person() for _ in range(5)))


def day(number: int) -> date:
    """A day of the sprint, its first one being 0."""
    return MONDAY + timedelta(days=number)


def counted(roster: Roster = FIVE, *away: Away, on_call: Fraction = Fraction(0)) -> SprintDays:
    """The person-days of a sprint of two weeks."""
    return count_days(replace(roster, away=away, on_call=on_call), MONDAY, FRIDAY)


def test_a_whole_team_of_five_has_fifty_person_days_in_two_weeks() -> None:
    found = counted()
    assert (found.usual, found.there) == (50, 50)
    assert found.share == 1
    assert found.words == "all 50 person-days there"


def test_days_off_of_one_person_are_taken_off() -> None:
    found = counted(FIVE, Away(0, MONDAY, day(4)))
    assert (found.there, found.days_off) == (45, 5)
    assert found.share == Fraction(9, 10)


def test_overlapping_days_off_of_one_person_count_once() -> None:
    one, two = Away(0, MONDAY, day(4)), Away(0, day(2), day(7))
    assert counted(FIVE, one, two, one).days_off == 6


def test_days_off_of_two_people_on_one_day_count_twice() -> None:
    assert counted(FIVE, Away(0, MONDAY, MONDAY), Away(1, MONDAY, MONDAY)).days_off == 2


def test_a_morning_and_an_afternoon_are_a_day_and_two_mornings_are_half_of_one() -> None:
    morning = Away(0, MONDAY, MONDAY, end=HALF)
    afternoon = Away(0, MONDAY, MONDAY, begin=HALF)
    assert counted(FIVE, morning, afternoon).days_off == 1
    assert counted(FIVE, morning, replace(morning)).days_off == 0.5


def test_an_hour_inside_a_morning_adds_nothing() -> None:
    morning = Away(0, MONDAY, MONDAY, end=HALF)
    hour = Away(0, MONDAY, MONDAY, Fraction(1, 8), Fraction(1, 4))
    assert counted(FIVE, hour, morning).days_off == 0.5


def test_weekends_are_no_days_off() -> None:
    assert counted(FIVE, Away(0, SATURDAY, SATURDAY + timedelta(days=1))).there == 50


def test_a_public_holiday_is_no_day_off_and_counts_for_those_who_have_it() -> None:
    free = Person(holidays=frozenset({MONDAY, SATURDAY}))
    found = counted(
        Roster((free, free, Person())), Away(0, MONDAY, day(1)), Away(2, MONDAY, MONDAY)
    )
    assert (found.usual, found.holidays, found.days_off, found.there) == (30, 2, 2, 26)


def test_a_part_time_member_counts_by_the_share() -> None:
    found = counted(Roster((Person(), Person(HALF))), Away(1, MONDAY, MONDAY))
    assert (found.usual, found.days_off) == (15, 0.5)


def test_on_call_takes_from_those_who_are_there_and_nobody_on_a_holiday() -> None:
    one = Person(holidays=frozenset({MONDAY}))
    away = Away(0, day(1), day(1), end=Fraction(3, 4))
    found = counted(Roster((one,)), away, on_call=HALF)
    assert (found.holidays, found.days_off) == (1, 0.75)
    assert found.on_call == 8 * 0.5 + 0.25
    assert found.there == 4


def test_other_workdays_count_as_the_settings_say() -> None:
    found = counted(replace(FIVE, workdays=frozenset({6})), Away(0, MONDAY, FRIDAY))
    assert (found.usual, found.days_off) == (5, 1)


def test_a_sprint_without_a_workday_has_a_share_of_0_and_says_so() -> None:
    found = count_days(FIVE, SATURDAY, SATURDAY)
    assert found.share == 0
    assert found.words == "no day of the sprint is a workday of the team"


def test_every_part_of_what_is_away_is_named() -> None:
    holiday = Roster(tuple(Person(holidays=frozenset({day(1)})) for _ in range(5)))
    found = counted(holiday, Away(0, MONDAY, MONDAY), on_call=Fraction(1, 9))
    assert found.words == (
        "7 of 50 person-days away (5 for public holidays, 1 for days off, 1 for on-call): "
        "86% of the team there"
    )


def test_nearly_the_whole_team_is_not_called_all_of_it() -> None:
    found = counted(FIVE, Away(0, MONDAY, MONDAY, end=Fraction(1, 8)))
    assert found.words.endswith(": 99.8% of the team there")


def test_everybody_away_is_nobody_there() -> None:
    found = counted(FIVE, *(Away(number, MONDAY, FRIDAY) for number in range(5)))
    assert found.words == "50 of 50 person-days away (50 for days off): nobody there"


def parts(least: int, most: int, of: int) -> st.SearchStrategy[Fraction]:
    """From `least` to `most` of so many equal parts of one."""
    return st.integers(least, most).map(lambda count: Fraction(count, of))


AWAY = st.builds(
    lambda person, start, length, ends: Away(
        person, day(start), day(start + length), min(ends), max(ends)
    ),
    st.integers(0, 3),
    st.integers(-10, 20),
    st.integers(0, 15),
    st.tuples(parts(0, 16, 16), parts(0, 16, 16)),
)
PEOPLE = st.lists(
    st.builds(
        lambda share, free: Person(share, frozenset(map(day, free))),
        parts(1, 10, 10),
        st.sets(st.integers(0, 11), max_size=3),
    ),
    min_size=4,
    max_size=4,
)
ROSTERS = st.builds(
    lambda people, away, on_call: Roster(tuple(people), tuple(away), on_call=on_call),
    PEOPLE,
    st.lists(AWAY, max_size=6),
    parts(0, 20, 4),
)


@given(ROSTERS)
def test_availability_lies_between_0_and_1_and_the_parts_add_up(roster: Roster) -> None:
    found = count_days(roster, MONDAY, FRIDAY)
    assert 0 <= found.share <= 1
    parts = found.there + found.holidays + found.days_off + found.on_call
    assert parts == pytest.approx(found.usual)


@given(ROSTERS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(roster: Roster, chance: Random) -> None:
    away = list(roster.away)
    chance.shuffle(away)
    again = count_days(replace(roster, away=tuple(away)), MONDAY, FRIDAY)
    assert again == count_days(roster, MONDAY, FRIDAY)


@given(ROSTERS, AWAY)
def test_one_more_absence_never_adds_anybody(roster: Roster, more: Away) -> None:
    without = count_days(roster, MONDAY, FRIDAY)
    assert count_days(replace(roster, away=(*roster.away, more)), MONDAY, FRIDAY).there <= (
        without.there
    )


@given(ROSTERS)
def test_on_call_never_adds_anybody(roster: Roster) -> None:
    less = count_days(replace(roster, on_call=Fraction(0)), MONDAY, FRIDAY)
    assert count_days(roster, MONDAY, FRIDAY).there <= less.there


@given(ROSTERS)
def test_a_sprint_is_the_sum_of_its_weeks(roster: Roster) -> None:
    whole = count_days(roster, MONDAY, FRIDAY)
    weeks = count_days(roster, MONDAY, day(6)), count_days(roster, day(7), FRIDAY)
    assert whole.there == pytest.approx(sum(week.there for week in weeks))


def days(start: date, there: float, usual: float = 50, *, is_listed: bool = True) -> SprintDays:
    """The days of a sprint of two weeks."""
    end = start + timedelta(days=11)
    return SprintDays(
        start_on=start,
        end_on=end,
        usual=usual,
        there=there,
        days_off=usual - there,
        is_listed=is_listed,
    )


def team(*past: SprintDays, there: float = 40) -> Attendance:
    """A team of five with a coming sprint and the one after it."""
    ahead = (days(MONDAY, there), days(day(14), 25))
    return Attendance(members=5, full_time=5, ahead=ahead, past=past)


def test_the_availability_of_a_sprint_is_that_of_its_days() -> None:
    found = team()
    assert availability_of(found, MONDAY, day(11)) == 0.8
    assert availability_of(found, day(14), day(25)) == 0.5


def test_a_range_between_two_sprints_takes_of_both() -> None:
    assert availability_of(team(), day(6), day(19)) == pytest.approx(0.65)


def test_the_availability_of_days_that_were_not_counted_is_not_known() -> None:
    assert availability_of(team(), day(100), day(110)) is None


def closed(start: date | None, completed: float, number: int = 1) -> ClosedSprint:
    """A closed sprint of two weeks."""
    end = start and start + timedelta(days=11)
    return ClosedSprint(
        team="t", id=str(number), position=number, start_on=start, end_on=end, completed=completed
    )


def capacity(*sprints: ClosedSprint, found: Attendance, points: float | None = None) -> Capacity:
    """The capacity of the coming sprint."""
    return estimate_capacity(sprints, CapacityPolicy(points=points), found)


def test_stated_points_are_those_of_the_whole_team() -> None:
    found = capacity(found=team(), points=30)
    assert (found.points, found.velocity, found.availability) == (24, 30, 0.8)
    assert found.basis == (
        "stated in the settings, 10 of 50 person-days away (10 for days off): 80% of the team there"
    )


def test_closed_sprints_count_by_the_days_on_which_somebody_was_there() -> None:
    past = days(day(-14), 40), days(day(-28), 20)
    sprints = closed(day(-14), 40, 2), closed(day(-28), 20, 1)
    found = capacity(*sprints, found=team(*past))
    assert found.velocity == 50
    assert found.points == 40
    assert found.basis == (
        "median of the last 2 closed sprints, 1 per person-day there, times 40; "
        "10 of 50 person-days away (10 for days off): 80% of the team there"
    )


def test_a_usual_week_of_holidays_and_on_call_does_not_count_twice() -> None:
    found = capacity(closed(day(-14), 32), found=team(days(day(-14), 40)))
    assert found.points == 32


def test_sprints_without_dates_are_taken_as_those_of_a_whole_team() -> None:
    found = capacity(closed(None, 30), found=team())
    assert found.points == 24
    assert "taken as those of a whole team; 10 of 50 person-days away" in found.basis


def test_what_is_not_known_of_closed_sprints_is_said() -> None:
    past = days(day(-14), 40, is_listed=False)
    sprints = closed(day(-14), 40, 2), closed(None, 50, 1)
    said = capacity(*sprints, found=team(past)).basis
    assert "(1 of them without dates taken as those of a whole team, " in said
    assert "days off of 1 of them not known)" in said


def test_a_sprint_in_which_nobody_was_there_is_skipped_with_its_reason() -> None:
    past = days(day(-14), 0), days(day(-28), 50)
    found = capacity(closed(day(-14), 3, 2), closed(day(-28), 30, 1), found=team(*past))
    assert found.points == 24
    assert [one.ref for one in found.skipped] == ["sprint 2"]
    assert "no day on which anybody was there" in found.skipped[0].reason


def test_nobody_there_is_a_capacity_of_0() -> None:
    found = capacity(closed(day(-14), 30), found=team(days(day(-14), 50), there=0))
    assert found.points == 0


def test_a_team_is_described_by_numbers() -> None:
    found = team().model_copy(update={"full_time": 4.5, "entries": 1_200, "unread": 3})
    assert say_team(found).startswith(
        "5 members (4.5 full-time), 1,200 entries of days off read, 3 not used; 10 of 50"
    )
    assert say_team(
        found.model_copy(update={"members": 1, "entries": 1, "full_time": 1})
    ).startswith("1 member, 1 entry of days off read, 3 not used")
