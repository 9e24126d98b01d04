"""Which epic an issue is a part of."""

from typing import Any

import pytest

from debtplan.sources.jira.epic import EPIC_TYPE, epic_fields, epic_of
from tests.sources.jira_records import issue, items_of, read
from tests.sources.live.jira_runs import kept, omni

LINK: dict[str, Any] = {"id": "customfield_9", "name": "Epos", "schema": {"custom": EPIC_TYPE}}


def above(key: str, **kind: Any) -> dict[str, Any]:
    return {"parent": {"key": key, "fields": {"issuetype": kind}}}


@pytest.mark.parametrize(
    ("fields", "epic"),
    [
        (above("A-100", name="Epos", hierarchyLevel=1), "A-100"),
        (above("A-100", name="Epic"), "A-100"),
        (above("A-1", name="Story", hierarchyLevel=0), ""),
        (above("A-200", name="Epic", hierarchyLevel=2), ""),
        (above("A-1", name="Story"), ""),
        ({"parent": {"key": "A-1"}}, ""),
        ({"customfield_9": "A-100"}, "A-100"),
        (above("A-1", name="Story") | {"customfield_9": "A-100"}, "A-100"),
        (above("A-100", name="Epic") | {"customfield_9": "A-7"}, "A-100"),
        ({"epic": {"id": 7, "key": "A-100", "name": "Checkout"}}, "A-100"),
        ({"epic": None, "customfield_9": None, "parent": None}, ""),
        ({"epic": "", "customfield_9": {"x": 1}, "parent": []}, ""),
        ({"customfield_8": "A-100"}, ""),
    ],
)
def test_the_epic_is_what_is_above_and_no_sub_tasks_story(
    fields: dict[str, Any], epic: str
) -> None:
    assert epic_of(fields, epic_fields([LINK, {"id": "customfield_8"}, None])) == epic


def test_saved_pages_say_which_field_holds_the_epic() -> None:
    page = {"issues": [issue(customfield_9="A-100")], "schema": {"customfield_9": LINK["schema"]}}
    assert items_of(read(page))["jira:A-1"].epic == "A-100"
    assert items_of(read({"issues": page["issues"]}))["jira:A-1"].epic == ""


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_live_site_tells_the_epic_in_every_language(deployment: str, language: str) -> None:
    with omni(deployment, language=language) as jira:
        epic = jira.store.create("OMNI", "Checkout", kind="Epic")
        story = jira.store.create("OMNI", parent=epic)
        jira.store.create("OMNI", kind="Sub-task", parent=story)
        run = kept(jira).run()
        assert [run.item(f"OMNI-{number}").epic for number in (1, 2, 3)] == ["", "OMNI-1", ""]
