"""Days off from a calendar: all-day events, appointments in any zone, what repeats."""

import sys
from datetime import date, time
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from debtplan.core.item import Skipped
from debtplan.errors import InputError, SettingsError
from debtplan.files.absence import Absence
from debtplan.files.calendar import Working, read_calendar

WORKING = Working(date(2026, 11, 23), date(2026, 12, 4))
BERLIN = Working(WORKING.start_on, WORKING.end_on, zone=ZoneInfo("Europe/Berlin"))
CUSTOM_ZONE = """\
BEGIN:VTIMEZONE
TZID:Our office
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


def event(*lines: str) -> str:
    """One event of a calendar."""
    return "\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT"))


def calendar(*events: str, head: str = "") -> str:
    """A calendar of some events."""
    parts = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", head, *events, "END:VCALENDAR")
    return "\n".join(part.strip() for part in parts if part) + "\n"


def read(
    folder: Path,
    text: str,
    working: Working = WORKING,
    where: dict[str, str] | None = None,
) -> list[Absence | Skipped]:
    """What a calendar says."""
    (folder / "off.ics").write_text(text, encoding="utf-8", newline="\r\n")
    return list(read_calendar("off.ics", folder, working, where))


def absences(folder: Path, text: str, working: Working = WORKING) -> list[Absence]:
    """What a calendar says that can be read to its end."""
    found = read(folder, text, working)
    kept = [one for one in found if isinstance(one, Absence)]
    assert kept == found
    return kept


def spans(found: list[Absence]) -> list[tuple[date, date]]:
    """First and last days."""
    return [(one.start_on, one.end_on) for one in found]


def reason(folder: Path, *lines: str) -> str:
    """Why a calendar's one event was not read."""
    (found,) = read(folder, calendar(event(*lines)))
    assert isinstance(found, Skipped)
    assert found.ref == "off.ics event 1"
    return found.reason


def test_an_all_day_event_ends_on_the_day_before_its_end(tmp_path: Path) -> None:
    lines = "DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261126", "SUMMARY:Ada on holiday"
    (found,) = absences(tmp_path, calendar(event(*lines)))
    assert spans([found]) == [(date(2026, 11, 24), date(2026, 11, 25))]
    assert (found.text, found.people) == ("Ada on holiday", ())


@pytest.mark.parametrize("end", ["", "DTEND;VALUE=DATE:20261124", "DURATION:P1D"])
def test_an_all_day_event_is_a_day_at_least(tmp_path: Path, end: str) -> None:
    lines = [one for one in ("DTSTART;VALUE=DATE:20261124", end) if one]
    found = absences(tmp_path, calendar(event(*lines)))
    assert spans(found) == [(date(2026, 11, 24), date(2026, 11, 24))]


def test_an_appointment_takes_its_part_of_the_working_day(tmp_path: Path) -> None:
    lines = "DTSTART:20261124T070000", "DTEND:20261124T130000"
    (found,) = absences(tmp_path, calendar(event(*lines)))
    assert (found.begin, found.end) == (Fraction(0), Fraction(1, 2))


def test_an_appointment_outside_the_working_day_takes_nothing(tmp_path: Path) -> None:
    lines = "DTSTART:20261124T180000", "DURATION:PT3H"
    assert absences(tmp_path, calendar(event(*lines))) == []


def test_the_working_day_is_as_the_settings_say(tmp_path: Path) -> None:
    late = Working(WORKING.start_on, WORKING.end_on, (time(12), time(20)))
    lines = "DTSTART:20261124T180000", "DURATION:PT3H"
    (found,) = absences(tmp_path, calendar(event(*lines)), late)
    assert (found.begin, found.end) == (Fraction(3, 4), Fraction(1))


def test_an_appointment_over_several_days_takes_each_of_them(tmp_path: Path) -> None:
    lines = "DTSTART:20261124T130000", "DTEND:20261126T110000"
    found = absences(tmp_path, calendar(event(*lines)))
    assert [(one.start_on.day, one.begin, one.end) for one in found] == [
        (24, Fraction(1, 2), Fraction(1)),
        (25, Fraction(0), Fraction(1)),
        (26, Fraction(0), Fraction(1, 4)),
    ]


def test_an_appointment_of_a_thousand_years_is_read_where_it_is_asked_for(tmp_path: Path) -> None:
    lines = "DTSTART:10000101T000000", "DTEND:29991231T000000"
    assert len(absences(tmp_path, calendar(event(*lines)))) == 12


@pytest.mark.parametrize(
    ("start", "head", "working", "begin"),
    [
        ("DTSTART:20261124T120000", "", WORKING, "3/8"),
        ("DTSTART:20261124T120000Z", "", WORKING, "3/8"),
        ("DTSTART:20261124T120000Z", "", BERLIN, "1/2"),
        ("DTSTART:20261124T120000Z", "X-WR-TIMEZONE:Europe/Berlin", WORKING, "1/2"),
        ("DTSTART:20261124T120000Z", "X-WR-TIMEZONE:Nowhere/Land", WORKING, "3/8"),
        ("DTSTART;TZID=Asia/Tokyo:20261124T120000", "", WORKING, "3/8"),
        ("DTSTART;TZID=Asia/Tokyo:20261124T180000", "", BERLIN, "1/8"),
        ("DTSTART;TZID=Our office:20261124T120000", CUSTOM_ZONE, BERLIN, "3/8"),
        ('DTSTART;TZID="W. Europe Standard Time":20261124T120000', "", BERLIN, "3/8"),
    ],
)
def test_a_time_is_that_of_the_event_or_of_the_team(
    tmp_path: Path, start: str, head: str, working: Working, begin: str
) -> None:
    text = calendar(event(start, "DURATION:PT1H"), head=head)
    (found,) = absences(tmp_path, text, working)
    assert found.begin == Fraction(begin)
    assert found.end - found.begin == Fraction(1, 8)


def test_summer_time_is_minded(tmp_path: Path) -> None:
    summer = Working(date(2026, 7, 6), date(2026, 7, 17), zone=ZoneInfo("Europe/Berlin"))
    text = calendar(event("DTSTART:20260707T120000Z", "DURATION:PT1H"))
    (found,) = absences(tmp_path, text, summer)
    assert found.begin == Fraction(5, 8)


def test_what_repeats_is_read_where_it_is_asked_for(tmp_path: Path) -> None:
    lines = "UID:1", "DTSTART;VALUE=DATE:20200103", "RRULE:FREQ=WEEKLY;BYDAY=FR"
    found = absences(tmp_path, calendar(event(*lines)))
    days = [one.start_on for one in found]
    assert date(2026, 11, 27) in days
    assert date(2026, 12, 4) in days
    assert len({one.ref for one in found}) == 1
    assert all(date(2026, 11, 20) <= one <= date(2026, 12, 6) for one in days)


def test_a_repetition_that_was_taken_out_moved_or_cancelled_is_minded(tmp_path: Path) -> None:
    rule = "RRULE:FREQ=DAILY;COUNT=5"
    text = calendar(
        event("UID:1", "DTSTART;VALUE=DATE:20261123", rule, "EXDATE;VALUE=DATE:20261123"),
        event("UID:1", "RECURRENCE-ID;VALUE=DATE:20261124", "DTSTART;VALUE=DATE:20261201"),
        event(
            "UID:1",
            "RECURRENCE-ID;VALUE=DATE:20261125",
            "DTSTART;VALUE=DATE:20261125",
            "STATUS:CANCELLED",
        ),
    )
    days = sorted(one.start_on.isoformat() for one in absences(tmp_path, text))
    assert days == ["2026-11-26", "2026-11-27", "2026-12-01"]


def test_an_appointment_that_repeats_keeps_its_hours_over_the_change_of_clocks(
    tmp_path: Path,
) -> None:
    lines = (
        "DTSTART;TZID=Europe/Berlin:20260907T130000",
        "DURATION:PT4H",
        "RRULE:FREQ=WEEKLY;UNTIL=20261231T000000Z",
    )
    text = calendar(event(*lines))
    for working in (WORKING, BERLIN):
        found = absences(tmp_path, text, working)
        assert [(one.start_on.day, one.begin) for one in found] == [
            (23, Fraction(1, 2)),
            (30, Fraction(1, 2)),
        ]


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=HOURLY;INTERVAL=2",
        "RRULE:FREQ=DAILY;BYHOUR=1,2,3",
        "RRULE:FREQ=WEEKLY;UNTIL=soon",
        "RRULE:FREQ=WEEKLY\nRRULE:FREQ=DAILY",
    ],
)
def test_what_repeats_in_a_way_that_cannot_be_read_is_listed(tmp_path: Path, rule: str) -> None:
    assert "repeats in a way" in reason(tmp_path, "DTSTART;VALUE=DATE:20261123", rule)


def test_a_cancelled_event_is_no_absence(tmp_path: Path) -> None:
    assert read(tmp_path, calendar(event("DTSTART;VALUE=DATE:20261124", "STATUS:CANCELLED"))) == []


def test_attendees_are_whom_an_event_is_about_unless_they_declined(tmp_path: Path) -> None:
    lines = (
        "DTSTART;VALUE=DATE:20261124",
        "ATTENDEE;CN=Ada:mailto:ada@example.org",
        "ATTENDEE:mailto:bo@example.org",
        "ATTENDEE;PARTSTAT=DECLINED;CN=Cy:mailto:cy@example.org",
    )
    (found,) = absences(tmp_path, calendar(event(*lines)))
    assert found.people == (("Ada", "mailto:ada@example.org"), ("mailto:bo@example.org",))


def test_only_events_with_the_value_asked_for_count(tmp_path: Path) -> None:
    text = calendar(
        event("DTSTART;VALUE=DATE:20261124", "CATEGORIES:Home,Vacation"),
        event("DTSTART;VALUE=DATE:20261125", "CATEGORIES:Meeting"),
        event("DTSTART;VALUE=DATE:20261126"),
    )
    found = read(tmp_path, text, where={"CATEGORIES": "vacation"})
    assert [one.ref for one in found if isinstance(one, Absence)] == ["off.ics event 1"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("DTSTART:nonsense",), "has no start and end"),
        (("SUMMARY:Ada",), "has no start and end"),
        (("DTSTART;VALUE=DATE:20261123", "DTEND:20261124T090000"), "has no start and end"),
        (("DTSTART:20261123T090000", "DTEND:20261123T100000Z"), "has no start and end"),
        (("DTSTART:20261123T090000", "DTEND:20261122T090000"), "ends before it starts"),
        (("DTSTART:20261123T090000",), "without an end"),
    ],
)
def test_an_event_that_cannot_be_read_is_skipped_with_its_reason(
    tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    assert said in reason(tmp_path, *lines)


@pytest.mark.parametrize(
    "text", ["", "hello", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "BEGIN:VEVENT\nEND:VEVENT\n", "\0\0"]
)
def test_a_file_that_is_no_calendar_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="no calendar"):
        read(tmp_path, text)


def test_events_are_numbered_through_all_calendars_of_a_file(tmp_path: Path) -> None:
    one = calendar(event("DTSTART;VALUE=DATE:20261124"))
    found = read(tmp_path, one + one)
    assert [row.ref for row in found] == ["off.ics event 1", "off.ics event 2"]


def test_a_folder_of_calendars_is_read_by_name(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    for name in ("b.ics", "a.ics"):
        (tmp_path / "all" / name).write_text(calendar(event("DTSTART;VALUE=DATE:20261124")))
    found = list(read_calendar("all", tmp_path, WORKING))
    assert [one.ref for one in found] == ["all/a.ics event 1", "all/b.ics event 1"]


def test_a_missing_package_is_named_with_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, calendar())
    assert "debtplan[calendar]" in caught.value.fix
