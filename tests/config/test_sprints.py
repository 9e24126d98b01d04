"""Which sprints come after the one that is planned."""

from datetime import date

from debtplan.config.sprints import later_sprints
from debtplan.core.capacity import Sprint


def sprint(name: str, start: date, end: date) -> Sprint:
    return Sprint(id=name, name=name, start_on=start, end_on=end)


FIRST = sprint("Sprint 49", date(2026, 11, 30), date(2026, 12, 11))


def test_later_sprints_count_on() -> None:
    later = later_sprints(FIRST, [], 14, 2)
    assert [(one.name, one.start_on, one.end_on) for one in later] == [
        ("Sprint 50", date(2026, 12, 14), date(2026, 12, 25)),
        ("Sprint 51", date(2026, 12, 28), date(2027, 1, 8)),
    ]


def test_the_trackers_own_come_first() -> None:
    known = sprint("Holidays", date(2026, 12, 14), date(2026, 12, 31))
    later = later_sprints(FIRST, [FIRST, known], 14, 2)
    assert [one.name for one in later] == ["Holidays", "Holidays +1"]
    assert later[1].start_on == date(2026, 12, 28)


def test_a_sprint_without_a_name_is_called_by_its_first_day() -> None:
    first = sprint("Sprint of 2026-11-30", date(2026, 11, 30), date(2026, 12, 11))
    assert [one.name for one in later_sprints(first, [], 14, 2)] == [
        "Sprint of 2026-12-14",
        "Sprint of 2026-12-28",
    ]


def test_no_later_sprints_are_none() -> None:
    assert later_sprints(FIRST, [], 14, 0) == ()
