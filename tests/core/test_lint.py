"""Checking items before they are planned."""

from typing import Any

import pytest

from debtplan.core.item import UserStory
from debtplan.core.lint import LintPolicy, LintRule, lint_item
from tests.builders import item

STORY = UserStory(need="to pay")


def rules(
    points: float | None = 2, *, linked: bool = True, most: float | None = 6, **fields: Any
) -> list[str]:
    """The rules that an item breaks; a plain one breaks none."""
    one = item("a", points, **{"story": STORY, "title": "Refactor the cart", **fields})
    known = {one.key} if linked else set()
    return [found.rule.value for found in lint_item(one, known, most, LintPolicy())]


def test_a_good_item_and_a_finished_one_have_no_findings() -> None:
    assert rules() == []
    assert rules(None, linked=False, story=None, state="done") == []


@pytest.mark.parametrize(
    ("fields", "broken"),
    [
        ({"points": None}, ["no_estimate"]),
        ({"linked": False}, ["no_link"]),
        ({"story": None}, ["no_story"]),
        ({"points": 6.5}, ["too_big"]),
        ({"points": 0.5}, ["too_small"]),
        ({"type_name": "New Feature"}, ["not_debt"]),
        ({"title": "Add a wish list"}, ["not_debt"]),
        ({"title": "SUPPORT for gift cards"}, ["not_debt"]),
        ({"points": None, "linked": False, "story": None}, ["no_estimate", "no_link", "no_story"]),
    ],
)
def test_each_rule_finds_what_it_is_for(fields: dict[str, Any], broken: list[str]) -> None:
    assert rules(**fields) == broken


@pytest.mark.parametrize(
    "fields",
    [
        {"points": 6},
        {"points": 99, "most": None},
        {"title": "Add a retry to the payment call"},
        {"title": "Additional cleaning"},
        {"title": "Newsletter is slow"},
        {"title": "Add a wish list", "debt_kind": "usability"},
        {"type_name": "feature", "debt_kind": "usability"},
    ],
)
def test_each_rule_leaves_the_rest_alone(fields: dict[str, Any]) -> None:
    assert rules(**fields) == []


def test_a_big_item_is_told_into_how_many_phases() -> None:
    (found,) = lint_item(item("a", 13, story=STORY), {"jira:a"}, 6, LintPolicy())
    assert "split it into 3 phases" in found.message
    (found,) = lint_item(item("a", 13, story=STORY), {"jira:a"}, 0, LintPolicy())
    assert "phases" not in found.message


def test_severity_is_as_set_and_off_is_silent() -> None:
    policy = LintPolicy(no_story="refuse", no_link="off")
    found = lint_item(item("a", None), (), 6, policy)
    assert [(one.rule, one.severity) for one in found] == [
        (LintRule.NO_ESTIMATE, "warn"), (LintRule.NO_STORY, "refuse")
    ]  # fmt: skip
