"""Which teams' plans depend on each other."""

from random import Random
from typing import Any

import pytest

from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.teams import Homes, Reach, components, reach_of, whole_of
from tests.builders import claim, inputs, item


def groups(*teams: Inputs) -> list[tuple[str, ...]]:
    return list(components(reach_of(one) for one in teams))


def team(name: str, *items: str | DebtItem, touches: str = "") -> Inputs:
    rows = [one if not isinstance(one, str) else item(one) for one in items]
    claims = [claim(rows[0].key, touches)] if touches else []
    return inputs(rows, claims, {"m": 100.0, "n": 100.0}, team=name)


def test_teams_that_share_nothing_are_apart() -> None:
    assert groups(team("b", "B-1", touches="n"), team("a", "A-1", touches="m")) == [("a",), ("b",)]


def test_teams_that_touch_one_metric_belong_together() -> None:
    found = groups(team("a", "A-1", touches="m"), team("b", "B-1", touches="m"), team("c", "C-1"))
    assert found == [("a", "b"), ("c",)]


def test_a_metric_that_only_finished_items_touch_ties_nobody() -> None:
    done = item("A-1", state=ItemState.DONE)
    assert len(groups(team("a", done, touches="m"), team("b", "B-1", touches="m"))) == 2


@pytest.mark.parametrize("field", ["prerequisites", "excludes"])
def test_prerequisites_and_alternatives_tie_teams(field: str) -> None:
    wanted: dict[str, Any] = {field: ["B-1"]}
    assert groups(team("a", item("A-1", **wanted)), team("b", "B-1")) == [("a", "b")]


def test_a_prerequisite_that_is_split_into_phases_ties_teams() -> None:
    assert groups(team("a", item("A-1", prerequisites=["B-1"])), team("b", "B-1/one")) == [
        ("a", "b")
    ]


def test_a_prerequisite_that_nobody_has_ties_nobody() -> None:
    assert len(groups(team("a", item("A-1", prerequisites=["X-1"])), team("b", "B-1"))) == 2


def test_an_own_namesake_counts_before_another_teams_item() -> None:
    mine = item("csv:OMNI-1")
    waiting = item("A-1", prerequisites=["jira:OMNI-1"])
    assert len(groups(team("a", mine, waiting), team("b", "jira:OMNI-1"))) == 2


def test_ties_pass_on_from_team_to_team() -> None:
    found = groups(
        team("a", item("A-1", prerequisites=["B-1"])),
        team("b", "B-1", touches="m"),
        team("c", "C-1", touches="m"),
    )
    assert found == [("a", "b", "c")]


@pytest.mark.parametrize(
    ("key", "whole"),
    [
        ("jira:A-1/service", "jira:A-1"),
        ("jira:A-1", "jira:A-1"),
        ("github:owner/repo#7", "github:owner/repo#7"),
        ("github:owner/repo#7/api", "github:owner/repo#7"),
    ],
)
def test_a_phase_is_a_part_of_its_item(key: str, whole: str) -> None:
    assert whole_of(key) == whole


def test_an_item_keeps_its_first_home() -> None:
    homes = Homes()
    homes.add("a", ["jira:X-1"])
    homes.add("b", ["jira:X-1", "jira:X-2"])
    assert (homes.team("jira:X-1"), homes.team("jira:X-2")) == ("a", "b")


def test_groups_equal_those_of_a_walk_through_the_graph() -> None:
    for seed in range(200):
        random = Random(seed)
        reaches = [_reach(random, f"t{n}") for n in range(random.randint(1, 8))]
        random.shuffle(reaches)
        assert components(reaches) == _walked(reaches)


def _reach(random: Random, team: str) -> Reach:
    metrics = frozenset(f"m{n}" for n in range(8) if random.random() < 0.12)
    wants = frozenset(f"t{random.randrange(9)}-1" for _ in range(random.choice((0, 0, 1))))
    return Reach(team, metrics, frozenset({f"{team}-1"}), wants - {f"{team}-1"})


def _walked(reaches: list[Reach]) -> tuple[tuple[str, ...], ...]:
    """Group by repeated merging, nothing clever."""
    sets = [{one.team} for one in reaches]
    by_team = {one.team: one for one in reaches}

    def are_tied(one: Reach, other: Reach) -> bool:
        wants = one.wants & other.keys or other.wants & one.keys
        return bool(one.metrics & other.metrics or wants)

    is_changed = True
    while is_changed:
        is_changed = False
        for first in sets:
            for second in sets:
                if first is not second and any(
                    are_tied(by_team[a], by_team[b]) for a in first for b in second
                ):
                    first.update(second)
                    sets.remove(second)
                    is_changed = True
                    break
            if is_changed:
                break
    return tuple(sorted(tuple(sorted(one)) for one in sets))
