"""From members, holidays and lists of days off to what a plan keeps: counts, and nobody's name."""

import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from debtplan.config.assemble import Held, assemble_inputs
from debtplan.config.holiday import public_holidays
from debtplan.core.availability import Attendance, availability_of
from debtplan.core.inputs import Inputs
from debtplan.errors import InputError, SettingsError
from tests.builders import NOW, closed
from tests.config.settings_file import SETTINGS, load

SPRINT = 'sprint = { name = "S", start_on = 2026-12-14, end_on = 2026-12-25 }'
NAMED = 'members = ["Ada Lovelace", { name = "Bo", share = 0.5, also = ["bo@example.org"] }, "Cy"]'
HEAD = "Employee,From,To,Days\n"


def made(folder: Path, *lines: str, files: Mapping[str, str] | None = None, **held: Any) -> Inputs:
    """The inputs of a team whose table holds these lines."""
    for name, text in (files or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    table = "\n".join(("[team.web]", "capacity = 40", SPRINT, *lines))
    text = SETTINGS.replace("[team.web]\ncapacity = 40", table)
    return assemble_inputs(load(folder, text=text), "web", Held(**held), NOW)


def team(folder: Path, *lines: str, files: Mapping[str, str] | None = None) -> Attendance:
    """When the team is there."""
    found = made(folder, *lines, files=files).attendance
    assert found is not None
    return found


def left(found: Inputs) -> dict[str, str]:
    """What was skipped, with the reason."""
    return {one.ref: one.reason for one in found.skipped}


def off(folder: Path, text: str, *lines: str, entry: str = '"off.csv"') -> float:
    """Person-days off in the coming sprint."""
    found = team(
        folder, *(lines or (NAMED,)), f"days_off = {entry}", files={"off.csv": HEAD + text}
    )
    return found.coming.days_off


def test_without_members_the_availability_is_as_stated(tmp_path: Path) -> None:
    found = made(tmp_path, "availability = 0.8")
    assert found.attendance is None
    assert found.capacity.availability == 0.8


def test_a_number_of_people_is_a_team(tmp_path: Path) -> None:
    found = team(tmp_path, "members = 5")
    assert (found.members, found.full_time, found.coming.usual) == (5, 5, 50)


def test_shares_add_up(tmp_path: Path) -> None:
    found = team(tmp_path, NAMED)
    assert (found.members, found.full_time, found.coming.usual) == (3, 2.5, 25)


def test_public_holidays_are_those_of_where_each_works(tmp_path: Path) -> None:
    members = 'members = ["Ada", { name = "Bo", country = "US" }, { name = "Cy", country = "JP" }]'
    found = team(tmp_path, members, 'holidays = "DE"')
    assert found.coming.holidays == 2


def test_a_part_of_a_country_has_holidays_of_its_own(tmp_path: Path) -> None:
    years = [2027]
    bavaria = public_holidays("DE-BY", years, "web") - public_holidays("DE-BE", years, "web")
    assert date(2027, 1, 6) in bavaria
    assert public_holidays("de-by", years, "web") == public_holidays("DE-BY", years, "web")


@pytest.mark.parametrize(
    ("place", "what", "fix"),
    [
        ("Germany", "'Germany', of which no public holidays", "Write the country as DE or GB"),
        ("DE-XX", "'XX', which is no part of DE", "BY"),
        ("VA-XX", "'XX', which is no part of VA", "Leave the part out"),
        ("DEU1", "'DEU1'", "did you mean DEU?"),
    ],
)
def test_an_unknown_place_is_named_with_the_fix(
    tmp_path: Path, place: str, what: str, fix: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        made(tmp_path, "members = 5", f'holidays = "{place}"')
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert caught.value.exit_code == 2


def test_holidays_without_their_package_say_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(SettingsError) as caught:
        made(tmp_path, "members = 5", 'holidays = "DE"')
    assert "debtplan[calendar]" in caught.value.fix


def test_a_list_names_members_in_any_case_and_order(tmp_path: Path) -> None:
    rows = 'ADA  lovelace,2026-12-14,,\n"Lovelace, Ada",2026-12-15,,\nBO@example.org,2026-12-16,,\n'
    assert off(tmp_path, rows) == 2.5


def test_the_order_of_rows_and_lists_changes_nothing(tmp_path: Path) -> None:
    rows = ["Cy,2026-12-14,2026-12-18,2.5\n", "Bo,2026-12-15,2026-12-16,\n", "Zoe,2026-12-15,,\n"]
    one, two = '["off.csv", { from = 2026-12-21 }]', '[{ from = 2026-12-21 }, "off.csv"]'
    first, second = (
        made(tmp_path, NAMED, f"days_off = {entry}", files={"off.csv": HEAD + "".join(order)})
        for entry, order in ((one, rows), (two, rows[::-1]))
    )
    assert first.attendance == second.attendance


def test_a_number_of_days_is_spread_over_the_workdays_of_its_span(tmp_path: Path) -> None:
    assert off(tmp_path, "Cy,2026-12-17,2026-12-22,2\n") == 2
    assert off(tmp_path, "Cy,2026-12-11,2026-12-14,1\n") == 0.5
    assert off(tmp_path, "Cy,2026-12-17,2026-12-18,9\n") == 2


def test_days_written_in_the_settings_count(tmp_path: Path) -> None:
    entry = '[{ name = "cy", from = 2026-12-14, to = 2026-12-15, part = 0.5 }]'
    assert team(tmp_path, NAMED, f"days_off = {entry}").coming.days_off == 1


def test_days_without_a_name_are_the_whole_teams(tmp_path: Path) -> None:
    assert team(tmp_path, NAMED, "days_off = { from = 2026-12-14 }").coming.days_off == 2.5


def test_of_a_mere_number_whoever_is_named_is_one(tmp_path: Path) -> None:
    rows = "Zoe,2026-12-14,2026-12-15,\nzoe,2026-12-15,,\nYann,2026-12-15,,\n"
    assert off(tmp_path, rows, "members = 2") == 3


def test_more_names_than_people_are_refused(tmp_path: Path) -> None:
    rows = "Zoe,2026-12-14,,\nYann,2026-12-15,,\n"
    with pytest.raises(InputError, match="name 2 people, but it has 1"):
        off(tmp_path, rows, "members = 1")


def test_strangers_are_one_remark_without_their_names(tmp_path: Path) -> None:
    rows = "".join(f"Stranger {number},2026-12-14,,\n" for number in range(5))
    found = made(
        tmp_path, NAMED, 'days_off = "off.csv"', files={"off.csv": f"{HEAD}Cy,2026-12-14,,\n{rows}"}
    )
    reason = left(found)["off.csv"]
    assert "names no member in row 3, row 4, row 5 and 2 more; add" in reason
    assert found.attendance is not None
    assert (found.attendance.entries, found.attendance.unread) == (1, 5)


def test_a_row_that_cannot_be_read_is_listed_and_counted(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        NAMED,
        'days_off = "off.csv"',
        files={"off.csv": f"{HEAD}Cy,2026-12-15,2026-12-14,\n"},
    )
    assert "before the first day" in left(found)["off.csv row 2"]
    assert found.attendance is not None
    assert (found.attendance.entries, found.attendance.unread) == (0, 1)


def test_nobodys_name_and_no_single_day_off_is_in_the_inputs(tmp_path: Path) -> None:
    rows = "Ada Lovelace,2026-12-15,2026-12-16,\nZoe,2026-12-17,,\nCy,nonsense of Cy,,\n"
    said = made(
        tmp_path,
        NAMED,
        'days_off = ["off.csv", { name = "Bo", from = 2026-12-18 }]',
        files={"off.csv": HEAD + rows},
    ).model_dump_json()
    for word in ("Ada", "Lovelace", "Zoe", "nonsense", '"Bo"', "2026-12-15", "2026-12-18"):
        assert word not in said, word


EVENT = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:202612{day:02}\nSUMMARY:{title}\n{more}END:VEVENT\n"


def events(*rows: tuple[int, str], more: str = "") -> dict[str, str]:
    """A calendar file of all-day events."""
    body = "".join(EVENT.format(day=day, title=title, more=more) for day, title in rows)
    return {"off.ics": f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}END:VCALENDAR\n"}


@pytest.mark.parametrize(
    ("title", "days"),
    [
        ("Cy", 1),
        ("cy: holiday", 1),
        ("Urlaub ADA LOVELACE (genehmigt)", 1),
        ("Bo and Cy", 1.5),
        ("Cyan paint", 0),
        ("Ada", 0),
        ("Team lunch", 0),
    ],
)
def test_an_event_is_about_whom_its_title_names(tmp_path: Path, title: str, days: float) -> None:
    found = team(tmp_path, NAMED, 'days_off = "off.ics"', files=events((15, title)))
    assert found.coming.days_off == days


def test_the_longer_name_goes_before_the_shorter_one(tmp_path: Path) -> None:
    members = 'members = ["Ada", "Ada Lovelace"]'
    found = team(tmp_path, members, 'days_off = "off.ics"', files=events((15, "Ada Lovelace off")))
    assert found.coming.days_off == 1


def test_attendees_go_before_the_title(tmp_path: Path) -> None:
    files = events((15, "Bo stands in for Cy"), more="ATTENDEE:mailto:bo@example.org\n")
    assert team(tmp_path, NAMED, 'days_off = "off.ics"', files=files).coming.days_off == 0.5


def test_an_event_that_names_no_member_is_listed_unless_the_calendar_is_everyones(
    tmp_path: Path,
) -> None:
    files = events((15, "Office closed"))
    found = made(tmp_path, NAMED, 'days_off = "off.ics"', files=files)
    assert "names no member in event 1" in left(found)["off.ics"]
    everyone = 'days_off = { path = "off.ics", everyone = true }'
    whole = made(tmp_path, NAMED, everyone, files=files)
    assert not left(whole)
    assert whole.attendance is not None
    assert whole.attendance.coming.days_off == 2.5


def test_a_series_counts_as_one_entry(tmp_path: Path) -> None:
    files = events((4, "Cy off"), more="RRULE:FREQ=WEEKLY\n")
    found = team(tmp_path, NAMED, 'days_off = "off.ics"', files=files)
    assert (found.entries, found.coming.days_off) == (1, 2)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv does not exist"):
        made(tmp_path, NAMED, 'days_off = "gone.csv"')


def test_later_sprints_are_counted_too(tmp_path: Path) -> None:
    found = made(tmp_path, "members = 2", 'holidays = "DE"')
    assert found.attendance is not None
    assert len(found.attendance.ahead) == 12
    for sprint in found.later:
        assert availability_of(found.attendance, sprint.start_on, sprint.end_on) is not None
    starts = [one.start_on for one in found.attendance.ahead]
    assert starts == [date(2026, 12, 14) + timedelta(days=14 * n) for n in range(12)]


def test_closed_sprints_count_by_who_was_there_in_them(tmp_path: Path) -> None:
    sprints = tuple(
        closed(number, 20).model_copy(update={"team": "web", "start_on": start, "end_on": end})
        for number, start, end in (
            (46, date(2026, 10, 19), date(2026, 10, 30)),
            (47, date(2026, 11, 2), date(2026, 11, 13)),
        )
    )
    rows = "Cy,2026-10-20,2026-10-26,\n"
    found = made(
        tmp_path,
        "members = ['Cy', 'Di']",
        "days_off = 'off.csv'",
        files={"off.csv": HEAD + rows},
        sprints=sprints,
    ).attendance
    assert found is not None
    assert [(one.there, one.is_listed) for one in found.past] == [(15, False), (20, True)]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("members = []", "members is empty"),
        ("members = 0", "a number of people is whole, 1 to 500"),
        ("members = 4.5", "for parts of one, list them"),
        ("members = nan", "a number of people is whole"),
        ("members = true", "members"),
        ('members = ["Ada", "ada"]', "two members go by 'ada'"),
        ('members = ["Ada", {}]', "some members have a name and others none"),
        ('members = [{ name = "Ada", share = nan }]', "share"),
        ('members = [{ name = "Ada", share = 1.5 }]', "share"),
        ('members = [{ name = "Ada", share = 0 }]', "share"),
        ('members = [{ name = "Ada", region = "BY" }]', "region 'BY' needs its country"),
        ("members = 5\navailability = 0.8", "availability is stated, and members ask"),
        ("members = 5\non_call = nan", "on_call"),
        ("members = 5\non_call = -1", "on_call"),
        ("members = 2\non_call = 3", "on_call takes 3 people of a team of 2"),
        ("members = 5\nworkdays = []", "workdays"),
        ('members = 5\nworkdays = ["monday"]', "workdays"),
        ('holidays = "DE"', "holidays says nothing without members"),
        ('days_off = "off.csv"', "days_off says nothing without members"),
        ('members = ["Ada"]\ndays_off = [{ name = "Zoe", from = 2026-12-14 }]', "names 'Zoe', who"),
        ("members = 5\ndays_off = [{ from = 2026-12-14, to = 2026-12-01 }]", "before it starts"),
        ('members = 5\ndays_off = [{ name = "Ada" }]', "either the path of a file, or days"),
        ('members = 5\ndays_off = [{ path = "a.csv", from = 2026-12-14 }]', "either the path"),
        ("members = 5\ndays_off = [{ from = 2026-12-14, part = nan }]", "part"),
        ('members = 5\ndays_off = { path = "a.ics", timezone = "Berlin" }', "is no time zone"),
        ('members = 5\ndays_off = { path = "a.ics", hours = "9-17" }', "is no working day"),
        ('members = 5\ndays_off = { path = "a.ics", hours = "17:00-09:00" }', "ends before"),
    ],
)
def test_settings_that_do_not_hold_are_refused_with_their_place(
    tmp_path: Path, lines: str, said: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        made(tmp_path, lines)
    (problem,) = caught.value.problems
    assert problem.startswith("team.web")
    assert said in problem
