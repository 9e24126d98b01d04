"""A newcomer counts who is there: settings and two files, a doctor, a plan, and a proof offline."""

import json
import re

import pytest

from tests.cli.shop import DAY, Shop

TEAM = """\
[team.shop]
members = ["Ada Lovelace", { name = "Bo", share = 0.5, country = "DE", region = "BY" }, "Cy"]
holidays = "DE-BE"
on_call = 0.5
days_off = ["days-off.csv", "vacation.ics", { name = "Cy", from = 2026-12-03, to = 2026-12-04 }]
sprint = { name = "Sprint 49", start_on = 2026-11-23, end_on = 2026-12-04 }
"""

ROWS = """\
Employee,From,To,Days
"Lovelace, Ada",2026-10-01,2026-10-02,
ada lovelace,2026-11-23,2026-11-24,1.5
Zoe,2026-11-23,2026-11-30,
Bo,soon,,
"""

CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261130
DTEND;VALUE=DATE:20261201
SUMMARY:Bo is off
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;TZID=Europe/Berlin:20261127T130000
DTEND;TZID=Europe/Berlin:20261127T180000
RRULE:FREQ=WEEKLY;BYDAY=FR
SUMMARY:School
ATTENDEE;CN=Ada Lovelace:mailto:ada@example.org
END:VEVENT
END:VCALENDAR
"""

SPRINTS = """\
id,name,start,end,completed
45,Sprint 45,2026-09-28,2026-10-09,30
46,Sprint 46,2026-10-12,2026-10-23,32
47,Sprint 47,2026-10-26,2026-11-06,28
48,Sprint 48,2026-11-09,2026-11-20,31
"""

AWAY = "10 of 25 person-days away (5 for days off, 5 for on-call): 60% of the team there"
NAMES = ("Ada", "Lovelace", "Zoe", "Bo ", "Cy ", "School")


@pytest.fixture
def staffed(shop: Shop) -> Shop:
    """The shop with a team, its days off and its closed sprints."""
    shop.settings(changes={"[team.shop]\ncapacity = 40\n": f'{TEAM}sprints = "sprints.csv"\n'})
    shop.write("days-off.csv", ROWS)
    shop.write("vacation.ics", CALENDAR)
    shop.write("sprints.csv", SPRINTS)
    return shop


@pytest.mark.slow
def test_the_doctor_says_who_is_there(staffed: Shop) -> None:
    done = staffed.run("doctor", "availability", "--as-of", DAY)
    assert done.code == 0
    said = " ".join(done.out.split())
    assert f"3 members (2.5 full-time), 5 entries of days off read, 2 not used; {AWAY}" in said
    assert "`debtplan plan` lists what was not used." in said


@pytest.mark.slow
def test_a_plan_counts_who_is_there_and_is_proven_again_offline(staffed: Shop) -> None:
    done = staffed.synced("plan", "-o", "plan.json", "-o", "report.html")
    assert done.code == 0
    plan = json.loads((staffed.folder / "plan.json").read_text())
    capacity = plan["capacity"]
    assert capacity["points"] == 23.625
    assert capacity["availability"] == 0.6
    assert capacity["days"]["usual"] == 25
    assert capacity["days"]["there"] == 15
    assert capacity["basis"] == (
        "median of the last 4 closed sprints, 1.575 per person-day there "
        f"(days off of 1 of them not known), times 15; {AWAY}"
    )
    left = {one["ref"]: one["reason"] for one in plan["skipped"]}
    assert "names no member in row 4" in left["days-off.csv"]
    assert "is not a date" in left["days-off.csv row 5"]
    for name in ("days-off.csv", "vacation.ics", "sprints.csv"):
        (staffed.folder / name).unlink()
    assert staffed.run("verify", "plan.json").code == 0
    assert staffed.run("verify", "report.html").code == 0


@pytest.mark.slow
def test_no_output_names_anybody(staffed: Shop) -> None:
    files = ("plan.json", "report.html", "report.md", "items.csv")
    options = [word for name in files for word in ("-o", name)]
    said = staffed.synced("plan", *options).said + staffed.run("doctor", "--as-of", DAY).said
    texts = [said, *((staffed.folder / name).read_text(encoding="utf-8") for name in files)]
    for text in texts:
        assert not [name for name in NAMES if re.search(rf"\b{name}\b", text)]


def test_the_settings_in_force_are_shown_with_where_they_come_from(staffed: Shop) -> None:
    lines = staffed.run("config", "show", "--origin").out.splitlines()
    found = dict(line.split("    # ") for line in lines)
    for line in (
        'team.shop.members[2].name = "Bo"',
        'team.shop.days_off[1].path = "days-off.csv"',
        'team.shop.holidays = "DE-BE"',
    ):
        assert found[line].endswith("debtplan.toml")
    assert found['team.shop.workdays = ["mon", "tue", "wed", "thu", "fri"]'] == "default"


@pytest.mark.slow
def test_more_days_off_leave_fewer_points(staffed: Shop) -> None:
    def points() -> float:
        staffed.synced("plan", "-o", "plan.json")
        plan = json.loads((staffed.folder / "plan.json").read_text())
        return float(plan["capacity"]["points"])

    before = points()
    staffed.write("days-off.csv", f"{ROWS}Cy,2026-11-23,2026-11-27,\n")
    assert points() < before


@pytest.mark.parametrize(
    ("old", "new", "said", "fix"),
    [
        ('"Cy"]', '"Cy", "Cy"]', "two members go by 'cy'", "docs/settings.md"),
        ('name = "Cy", from', 'name = "Zoe", from', "'Zoe', who is none of its members", ""),
        ("to = 2026-12-04", "to = 2026-12-01", "before it starts on 2026-12-03", ""),
        ("share = 0.5", "share = nan", "finite number", ""),
        ('"DE-BE"', '"Bavaria"', "no public holidays are known", "Write the country as DE"),
        ("vacation.ics", "vacations.ics", "does not exist", "Did you mean vacation.ics?"),
        ('"vacation.ics"', '{ path = "days-off.csv", type = "ical" }', "no calendar", "type"),
        ("on_call = 0.5", "availability = 0.8", "availability is stated", "docs/settings.md"),
    ],
)
def test_settings_that_do_not_hold_end_with_2_and_a_fix(
    staffed: Shop, old: str, new: str, said: str, fix: str
) -> None:
    path = staffed.folder / "debtplan.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    staffed.run("sync")
    path.write_text(text.replace(old, new), encoding="utf-8")
    done = staffed.run("plan", "--as-of", DAY)
    assert done.code == 2
    assert said in done.err
    assert fix in done.err


def test_a_sprint_without_anybody_says_what_to_do(staffed: Shop) -> None:
    staffed.write("days-off.csv", "Employee,From,To\nAda Lovelace,2026-11-01,2026-12-31\n")
    path = staffed.folder / "debtplan.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace(TEAM.splitlines()[1], 'members = ["Ada Lovelace"]')
    text = text.replace(', { name = "Cy", from = 2026-12-03, to = 2026-12-04 }', "")
    path.write_text(text, encoding="utf-8")
    done = staffed.synced("plan")
    assert done.code == 2
    assert "10 of 10 person-days away (10 for days off): nobody there" in done.err
    assert "--sprint" in done.err


def test_lists_that_do_not_plan_need_no_days_off(staffed: Shop) -> None:
    staffed.run("sync")
    (staffed.folder / "days-off.csv").unlink()
    assert staffed.run("metrics", "--as-of", DAY).code == 0
