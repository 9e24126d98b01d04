from typing import Any

import pytest

from debtplan.core.decode import Json
from tests.sources.jira_records import issue, items_of, read, skipped_of


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-1, "-1"),
        (0, "0"),
        ("-1", "-1"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        ("NaN", "NaN"),
        (True, "True"),
        ({"value": "3"}, "{'value': '3'}"),
        (10**400, "1" + "0" * 27 + "... (cut from 200 characters)"),
    ],
)
def test_an_estimate_that_is_none_leaves_the_item_without_points_and_a_notice(
    value: Any,
    shown: str,
) -> None:
    found = read({"issues": [issue(sp=value)]})
    assert items_of(found)["jira:A-1"].points is None
    [(ref, reason)] = skipped_of(found)
    assert ref == "jira:A-1"
    assert reason.startswith("sp is ")
    assert reason.endswith(", taken as not estimated")
    assert shown[:20] in reason


@pytest.mark.parametrize(
    ("value", "points"), [(3, 3.0), (2.5, 2.5), ("3,5", 3.5), (None, None), ("", None)]
)
def test_an_estimate_is_read_as_a_number_or_its_text(value: Json, points: float | None) -> None:
    found = read({"issues": [issue(sp=value)]})
    assert items_of(found)["jira:A-1"].points == points
    assert skipped_of(found) == []


def test_the_board_says_which_field_holds_the_estimate() -> None:
    board = {
        "columnConfig": {},
        "estimation": {"type": "field", "field": {"fieldId": "customfield_7"}},
    }
    found = read(
        {"issues": [issue(customfield_7=5, customfield_10016=1)]}, board, estimate_field=None
    )
    assert items_of(found)["jira:A-1"].points == 5
    assert skipped_of(found) == [
        ("p*.json", "estimates are read from customfield_7, as the board says")
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Geschätzter Aufwand", "com.pyxis.greenhopper.jira:jsw-story-points"),
        ("Story Points", "com.atlassian.jira.plugin.system.customfieldtypes:float"),
    ],
)
def test_the_field_list_says_which_field_holds_the_estimate(name: str, kind: str) -> None:
    fields = [
        {"id": "customfield_8", "name": "Rank", "custom": True, "schema": {"custom": "x:rank"}},
        {"id": "customfield_7", "name": name, "custom": True, "schema": {"custom": kind}},
    ]
    found = read(fields, {"issues": [issue(customfield_7=5)]}, estimate_field=None)
    assert items_of(found)["jira:A-1"].points == 5
    assert skipped_of(found)[0][1].startswith(f"estimates are read from customfield_7 ({name})")


def test_names_and_schema_of_the_page_itself_serve_as_field_list() -> None:
    page = {
        "issues": [issue(customfield_7=5)],
        "names": {"customfield_7": "Aufwand"},
        "schema": {"customfield_7": {"custom": "com.pyxis.greenhopper.jira:jsw-story-points"}},
    }
    assert items_of(read(page, estimate_field=None))["jira:A-1"].points == 5


def test_a_number_in_a_field_nobody_named_is_never_taken() -> None:
    found = read({"issues": [issue(customfield_99999=5)]}, estimate_field=None)
    assert items_of(found)["jira:A-1"].points is None
    assert "no field with estimates was found; set estimate_field" in skipped_of(found)[0][1]


def test_one_well_known_field_is_taken_and_said() -> None:
    found = read({"issues": [issue(customfield_10016=5), issue("A-2")]}, estimate_field=None)
    assert items_of(found)["jira:A-1"].points == 5
    assert 'set estimate_field = "customfield_10016"' in skipped_of(found)[0][1]


def test_two_well_known_fields_with_numbers_are_both_left() -> None:
    found = read(
        {"issues": [issue(customfield_10016=5), issue("A-2", customfield_10028=8)]},
        estimate_field=None,
    )
    assert items_of(found)["jira:A-1"].points is None
    assert "customfield_10016 and customfield_10028 hold numbers" in skipped_of(found)[0][1]


def test_a_well_known_id_that_holds_something_else_is_not_the_estimate() -> None:
    found = read(
        {"issues": [issue(customfield_10016=5), issue("A-2", customfield_10016="0|i00:")]},
        estimate_field=None,
    )
    assert items_of(found)["jira:A-1"].points is None


def test_a_field_can_be_set_by_its_name() -> None:
    fields: Json = [{"id": "customfield_7", "name": "Effort", "custom": True, "schema": {}}]
    found = read(fields, {"issues": [issue(customfield_7=5)]}, estimate_field="effort")
    assert items_of(found)["jira:A-1"].points == 5


def test_time_estimates_are_read_as_hours() -> None:
    found = read(
        {"issues": [issue(timeoriginalestimate=5400)]}, estimate_field="timeoriginalestimate"
    )
    assert items_of(found)["jira:A-1"].points == 1.5
