"""Estimates from an organisation's issue fields."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from debtplan.core.decode import Json
from debtplan.sources.github.field import field_points, has_value
from tests.servers.github import FakeGithub
from tests.sources.live.github_source import SHOP, items_of, serving, skipped_of, source_of, walk

KEY = "github:acme/shop#1"


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with serving() as server:
        server.store.add_field("acme", "Area", "text")
        server.store.add_field("acme", "Effort")
        server.store.add_issue(SHOP, labels=("points:8",))
        yield server


def points(github: FakeGithub, **settings: Any) -> float | None:
    return items_of(walk(source_of(github, **settings)))[KEY].points


def set_value(github: FakeGithub, name: str, value: float | str) -> None:
    github.store.update(github.store.numbered(SHOP, 1), values=((name, value),))


def test_the_field_that_the_settings_name_holds_the_estimate(github: FakeGithub) -> None:
    set_value(github, "Effort", 2.5)
    number = str(github.store.fields["acme"][1].id)
    assert points(github, estimate_field="effort") == 2.5
    assert points(github, estimate_field=number) == 2.5
    assert points(github) == 8
    assert skipped_of(walk(source_of(github, estimate_field="Effort"))) == {}


def test_an_issue_without_a_value_is_estimated_by_its_label(github: FakeGithub) -> None:
    other = github.store.add_issue(SHOP, values=(("Effort", 1.0),))
    batches = walk(source_of(github, estimate_field="Effort"))
    assert items_of(batches)[KEY].points == 8
    assert items_of(batches)[f"github:{SHOP}#{other.number}"].points == 1
    assert skipped_of(batches) == {}


def test_a_field_that_nobody_fills_in_is_said_once_everything_is_read(github: FakeGithub) -> None:
    source = source_of(github, estimate_field="Size")
    reason = skipped_of(walk(source))["acme/shop fields"]
    assert reason.startswith("estimate_field 'Size': no issue has a value in a field of that name")
    assert "acme/shop fields" not in skipped_of(walk(source, since=github.now))


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("Effort", 0, "field 'Effort' is 0, taken as not estimated"),
        ("Effort", -1.5, "field 'Effort' is -1.5, taken as not estimated"),
        ("Area", "cart", "field 'Area' is no number but text; taken as not estimated"),
    ],
)
def test_a_value_that_is_no_estimate_is_said(
    github: FakeGithub, name: str, value: float | str, reason: str
) -> None:
    set_value(github, name, value)
    batches = walk(source_of(github, estimate_field=name))
    assert skipped_of(batches)[KEY] == reason
    assert items_of(batches)[KEY].points == 8


def test_an_estimate_in_the_project_comes_first(github: FakeGithub) -> None:
    set_value(github, "Effort", 2.5)
    board = github.add_project("acme", "Debt")
    board.add_field("Points", "number")
    board.add_iterations("Sprint", date(2026, 11, 2), 14, ["S1"])
    issue = github.store.numbered(SHOP, 1)
    asked: dict[str, Any] = {"project": "orgs/acme/1", "estimate_field": "Effort"}
    board.add(issue)
    assert points(github, **asked) == 2.5
    board.add(github.store.add_issue(SHOP), {"Points": 5})
    found = items_of(walk(source_of(github, **asked)))
    assert [one.points for _, one in sorted(found.items())] == [2.5, 5]


def test_another_field_is_read_anew(github: FakeGithub) -> None:
    one, other = (source_of(github, estimate_field=name).scope(SHOP) for name in ("Size", "Effort"))
    assert one != other


@pytest.mark.parametrize("value", [True, "3", [], {"number": 3}])
def test_what_is_no_number_is_no_estimate(value: Json) -> None:
    issue: dict[str, Json] = {
        "issue_field_values": [
            None,
            {"issue_field_name": "Effort", "data_type": "number", "value": None},
            {"issue_field_name": "Effort", "data_type": "number", "value": value},
        ]
    }
    assert has_value(issue, "Effort")
    assert not has_value(issue, "")
    found, reason = field_points(issue, "Effort")
    assert found is None
    assert "no number" in reason
