"""From settings and the store to a plan's inputs."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from debtplan.config.assemble import Held, assemble_inputs, backlog_of, pick_team
from debtplan.core.inputs import Inputs
from debtplan.core.item import Skipped
from debtplan.core.source import SourceState
from debtplan.errors import UsageError
from tests.builders import NOW, closed, item, reading
from tests.config.settings_file import SETTINGS, load

TWO_TEAMS = SETTINGS.replace(
    "[team.web]\ncapacity = 40",
    '[team.web]\ncapacity = 40\nmatch = { label = "web" }\n[team.app]\ncapacity = 20\n'
    'match = { component = "app*" }',
)
STATED = 'reading = { rate = 0.05, sample_size = 1000, stated_by = "Ann", stated_on = 2026-11-02 }'


def made(
    folder: Path, extra: str = "", team: str = "web", text: str = SETTINGS, **held: Any
) -> Inputs:
    """The inputs of a team."""
    sprint = held.pop("sprint", None)
    now = held.pop("now", NOW)
    return assemble_inputs(load(folder, extra, text), team, Held(**held), now, sprint)


def left(found: Inputs) -> dict[str, str]:
    """What was skipped, with the reason."""
    return {one.ref: one.reason for one in found.skipped}


@pytest.mark.parametrize(
    ("text", "asked", "said"),
    [
        (SETTINGS, "app", "There is no team 'app'"),
        (TWO_TEAMS, None, "several teams"),
        (SETTINGS.replace("[team.web]\ncapacity = 40", ""), None, "name no team"),
    ],
)
def test_a_team_that_cannot_be_picked_is_said_so(
    tmp_path: Path, text: str, asked: str | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        pick_team(load(tmp_path, text=text).settings, asked)


def test_the_only_team_is_picked(tmp_path: Path) -> None:
    assert pick_team(load(tmp_path).settings, None) == "web"


def test_an_only_team_takes_all_items_that_name_no_other(tmp_path: Path) -> None:
    found = made(tmp_path, items=(item("a"), item("b", team="web"), item("c", team="app")))
    assert [one.key for one in found.items] == ["jira:a", "jira:b"]
    assert "belongs to no team" in left(found)["jira:c"]


def test_an_only_team_takes_all_items_where_none_is_named_after_it(tmp_path: Path) -> None:
    found = made(tmp_path, items=(item("a", team="Eng"), item("b", team="Ops"), item("c")))
    assert [one.key for one in found.items] == ["jira:a", "jira:b", "jira:c"]


def test_several_teams_share_the_items_and_homeless_ones_are_listed(tmp_path: Path) -> None:
    items = (
        item("a", labels=("web",)), item("b", components=("app-ios",)), item("c"),
        item("d", team="app", labels=("web",)),
    )  # fmt: skip
    web, app = (made(tmp_path, team=name, text=TWO_TEAMS, items=items) for name in ("web", "app"))
    assert [one.key for one in web.items] == ["jira:a"]
    assert [one.key for one in app.items] == ["jira:b", "jira:d"]
    assert set(left(web)) == set(left(app)) == {"jira:c"}


def test_links_of_other_teams_are_not_reported(tmp_path: Path) -> None:
    (tmp_path / "links.toml").write_text(
        '[[link]]\nitem = "a"\nmetric = "pay-errors"\n[[link]]\nitem = "b"\nmetric = "pay-errors"\n'
        '[[link]]\nitem = "z"\nmetric = "pay-errors"\n'
    )
    items = (item("a", labels=("web",)), item("b", components=("app",)))
    found = made(tmp_path, '[links]\nfile = "links.toml"', text=TWO_TEAMS, items=items)
    assert [one.item for one in found.claims] == ["jira:a"]
    assert set(left(found)) == {"z"}


def test_pins_and_bans_take_short_keys_and_all_phases(tmp_path: Path) -> None:
    block = "```debtplan\n[[phases]]\nid = 'x'\n[[phases]]\nid = 'y'\n```"
    text = SETTINGS.replace(
        "capacity = 40", 'capacity = 40\npinned = ["a"]\nforbidden = { B = "later", zz = "gone" }'
    )
    found = made(tmp_path, text=text, items=(item("a"), item("b", text=block)))
    assert found.rules.pinned == ("jira:a",)
    assert found.rules.forbidden == {"jira:b/x": "later", "jira:b/y": "later", "zz": "gone"}
    assert left(found) == {"zz": "is forbidden under [team.web], but is not in its backlog"}


def test_finished_work_outside_the_backlog_meets_prerequisites(tmp_path: Path) -> None:
    debt = '[items]\ndebt_labels = ["debt"]'
    items = (
        item("a", labels=("debt",), prerequisites=("b", "c")),
        item("b", state="done"), item("c"), item("d", state="done"),
    )  # fmt: skip
    assert made(tmp_path, debt, items=items).rules.done == ("jira:b",)


def test_points_that_a_rule_assumes_are_marked(tmp_path: Path) -> None:
    rule = '[[rule]]\nmatch = { label = "web" }\npoints = 2'
    found = made(tmp_path, rule, items=(item("a", None, labels=("web",)), item("b")))
    assert found.sized_by_rule == ("jira:a",)


def test_a_reading_stated_by_hand_fills_the_window(tmp_path: Path) -> None:
    (found,) = made(tmp_path, STATED, items=(item("a"),)).readings
    assert found.stated_by == "Ann on 2026-11-02"
    assert (found.end_at - found.start_at).days == 28


def test_a_measured_reading_in_the_window_counts_more_than_a_stated_one(tmp_path: Path) -> None:
    measured = reading("pay-errors", 300)
    found = made(tmp_path, STATED, items=(item("a"),), readings=(measured,))
    assert found.readings == (measured,)


def test_an_old_measured_reading_does_not_hide_a_stated_one(tmp_path: Path) -> None:
    old = reading("pay-errors", 300, days_ago=100)
    found = made(tmp_path, STATED, items=(item("a"),), readings=(old,))
    assert {one.stated_by for one in found.readings} == {None, "Ann on 2026-11-02"}


def test_a_stated_reading_that_is_too_old_is_listed(tmp_path: Path) -> None:
    old = STATED.replace("2026-11-02", "2024-11-02")
    assert "state it anew" in "".join(left(made(tmp_path, old, items=(item("a"),))).values())


def test_readings_beyond_the_history_and_of_unknown_metrics_do_not_count(tmp_path: Path) -> None:
    readings = (
        reading("pay-errors", 1),
        reading("pay-errors", 1, days_ago=400),
        reading("lost", 1),
    )
    found = made(tmp_path, items=(item("a"),), readings=readings)
    assert found.readings == readings[:1]
    assert "lost" in left(found)


def test_only_the_teams_own_sprints_count(tmp_path: Path) -> None:
    sprints = (closed(47), closed(48), closed(46, team="app"))
    found = made(tmp_path, items=(item("a"),), sprints=sprints)
    assert [one.id for one in found.sprints] == ["47", "48"]


def test_texts_stay_in_the_store(tmp_path: Path) -> None:
    (found,) = made(tmp_path, items=(item("a", text="As a user I want to pay."),)).items
    assert found.text == ""
    assert found.story is not None


def test_what_the_sources_said_is_carried_along(tmp_path: Path) -> None:
    lost = Skipped(ref="row 3", reason="has no key")
    found = made(
        tmp_path, items=(item("a"),), skipped=(lost,), sources=(SourceState(name="jira"),),
        kept=("jira:b", "jira:a"),
    )  # fmt: skip
    assert found.skipped == (lost,)
    assert [one.name for one in found.sources] == ["jira"]
    assert found.kept == ("jira:a", "jira:b")


def test_a_backlog_of_all_teams_holds_every_item(tmp_path: Path) -> None:
    loaded = load(tmp_path, text=TWO_TEAMS)
    items = (item("a"), item("b", team="app"))
    assert [one.key for one in backlog_of(loaded, items).items] == ["jira:a", "jira:b"]


SET = '[team.web.sprint]\nname = "Now"\nstart_on = 2026-12-01\nend_on = 2026-12-10'


def sprint_of(
    folder: Path, extra: str = "", day: str = "2026-11-23", **held: Any
) -> tuple[str, str, date, date]:
    """Id, name, start and end of the coming sprint."""
    now = datetime.fromisoformat(f"{day}T09:00:00+00:00")
    found = made(folder, extra, items=(item("a"),), now=now, **held).sprint
    return found.id, found.name, found.start_on, found.end_on


def test_the_sprint_is_as_set(tmp_path: Path) -> None:
    start, end = date(2026, 12, 1), date(2026, 12, 10)
    assert sprint_of(tmp_path, SET) == ("Now", "Now", start, end)
    assert sprint_of(tmp_path, SET, sprints=(closed(48),))[1] == "Now"


def test_the_sprint_after_the_last_closed_one_is_next(tmp_path: Path) -> None:
    sprints = (closed(46), closed(47), closed(48))
    start, end = date(2026, 11, 30), date(2026, 12, 11)
    for day in ("2026-11-23", "2026-11-29", "2026-11-30"):
        assert sprint_of(tmp_path, day=day, sprints=sprints) == (
            "sprint-49", "Sprint 49", start, end
        )  # fmt: skip


def test_sprints_that_were_never_closed_are_counted_over(tmp_path: Path) -> None:
    sprints = (closed(47), closed(48))
    found = sprint_of(tmp_path, day="2026-12-01", sprints=sprints)
    assert found[1:3] == ("Sprint 50", date(2026, 12, 14))


def test_a_sprint_that_starts_midweek_ends_before_the_next(tmp_path: Path) -> None:
    moved = closed(48, start_on=date(2026, 11, 18), end_on=date(2026, 12, 1))
    found = sprint_of(tmp_path, sprints=(moved,))
    assert found[2:] == (date(2026, 12, 2), date(2026, 12, 15))


def test_a_sprint_whose_start_is_unknown_is_followed_on_the_next_workday(tmp_path: Path) -> None:
    found = sprint_of(tmp_path, sprints=(closed(48, start_on=None, name=""),))
    assert found[1:3] == ("49", date(2026, 11, 30))


def test_without_history_the_sprint_starts_on_a_monday(tmp_path: Path) -> None:
    found = sprint_of(tmp_path, day="2026-11-23")
    assert found == (
        "sprint-of-2026-11-23", "Sprint of 2026-11-23", date(2026, 11, 23), date(2026, 12, 4)
    )  # fmt: skip
    assert sprint_of(tmp_path, day="2026-11-24")[2] == date(2026, 11, 30)


def test_a_sprint_that_is_asked_for_gets_its_name(tmp_path: Path) -> None:
    found = sprint_of(tmp_path, SET, sprint="Hardening", sprints=(closed(48),))
    assert found[:3] == ("hardening", "Hardening", date(2026, 11, 30))


@pytest.mark.parametrize(
    ("name", "following"),
    [("Sprint 9", "Sprint 10"), ("2026-S9 (web)", "2026-S10 (web)"), ("Apollo", "Apollo +1")],
)
def test_a_sprint_is_named_after_the_last(tmp_path: Path, name: str, following: str) -> None:
    assert sprint_of(tmp_path, sprints=(closed(48, name=name),))[1] == following


def test_the_same_store_gives_the_same_inputs_in_any_order(tmp_path: Path) -> None:
    items = tuple(item(name) for name in "abc")
    readings = tuple(reading("pay-errors", 3 * n, days_ago=n) for n in range(3, 9))
    first = made(tmp_path, items=items, readings=readings)
    again = made(tmp_path, items=items[::-1], readings=readings[::-1])
    assert first == again
    assert first.as_of == NOW
