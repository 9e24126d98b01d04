"""Every item belongs to one team at most, and what is odd about that is said."""

from pathlib import Path

from debtplan.config.assemble import Held, assemble_inputs
from debtplan.config.ownership import Ownership, sort_by_team
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem, ItemState
from tests.builders import NOW, item
from tests.config.settings_file import SETTINGS, load

TEAMS = SETTINGS.replace(
    "[team.web]\ncapacity = 40",
    '[team.web]\ncapacity = 40\nmatch = { label = "web" }\n'
    '[team.app]\ncapacity = 40\nmatch = { label = "app" }\n'
    "[team.ops]\ncapacity = 40",
)


def sorted_items(folder: Path, *items: DebtItem, text: str = TEAMS) -> Ownership:
    return sort_by_team(load(folder, text=text).settings, items)


def keys(owned: Ownership) -> dict[str, list[str]]:
    return {team: [one.key for one in own] for team, own in owned.by_team.items() if own}


def made(folder: Path, team: str, *items: DebtItem) -> Inputs:
    return assemble_inputs(load(folder, text=TEAMS), team, Held(items=items), NOW)


def test_a_team_has_what_is_named_so_or_matches(tmp_path: Path) -> None:
    owned = sorted_items(
        tmp_path,
        item("a", labels=("web",)),
        item("b", team="app", labels=("web",)),
        item("c", team="ops"),
        item("d", team="elsewhere", labels=("web",)),
        item("e"),
    )
    assert keys(owned) == {"app": ["jira:b"], "ops": ["jira:c"], "web": ["jira:a"]}
    assert [one.key for one in owned.homeless] == ["jira:d", "jira:e"]


def test_of_several_teams_the_first_by_name_has_an_item(tmp_path: Path) -> None:
    both = item("a", labels=("web", "app"))
    owned = sorted_items(tmp_path, both)
    assert keys(owned) == {"app": ["jira:a"]}
    assert owned.contested == {"jira:a": ("app", "web")}
    told = {team: [row.reason for row in owned.remarks(team)] for team in ("app", "web", "ops")}
    assert told["ops"] == []
    assert told["app"] == told["web"]
    assert "matches the teams app and web; app plans it" in told["app"][0]


def test_an_only_team_has_everything_unless_items_are_named_after_it(tmp_path: Path) -> None:
    unnamed = sorted_items(tmp_path, item("a", team="x"), item("b"), text=SETTINGS)
    assert keys(unnamed) == {"web": ["jira:a", "jira:b"]}
    named = sorted_items(
        tmp_path, item("a", team="x"), item("b"), item("c", team="web"), text=SETTINGS
    )
    assert keys(named) == {"web": ["jira:b", "jira:c"]}
    assert [one.key for one in named.homeless] == ["jira:a"]


def test_no_teams_own_nothing(tmp_path: Path) -> None:
    text = SETTINGS.replace("[team.web]\ncapacity = 40", "")
    owned = sorted_items(tmp_path, item("a"), text=text)
    assert (keys(owned), [one.key for one in owned.homeless]) == ({}, ["jira:a"])


def test_items_elsewhere_are_found_by_full_and_short_keys_and_phases(tmp_path: Path) -> None:
    owned = sorted_items(tmp_path, item("A-1", labels=("web",)), item("B-1", labels=("app",)))
    assert owned.elsewhere("web", ["b-1", "jira:A-1", "B-1/two", "X-9"]) == ["jira:B-1"]
    assert owned.elsewhere("ops", ["A-1"]) == ["jira:A-1"]


def test_inputs_say_which_team_has_a_prerequisite(tmp_path: Path) -> None:
    waiting = item("a", labels=("web",), prerequisites=("b", "c", "d/one", "e", "zz"))
    found = made(
        tmp_path,
        "web",
        waiting,
        item("b", labels=("app",)),
        item("c", labels=("app",), state=ItemState.DONE),
        item("d", team="ops"),
        item("e", labels=("web",)),
    )
    assert found.rules.elsewhere == {"jira:b": "app", "jira:d/one": "ops"}
    assert found.rules.done == ("jira:c",)


def test_a_prerequisite_that_nobody_has_is_nowhere(tmp_path: Path) -> None:
    homeless = item("x")
    found = made(tmp_path, "web", item("a", labels=("web",), prerequisites=("x",)), homeless)
    assert found.rules.elsewhere == {}
