"""Everything about one item: the plan's notes that name it, and no others."""

import pytest

from debtplan.core.plan import Finding, Plan
from debtplan.render.around import say_notes
from debtplan.render.facts import Facts
from debtplan.render.item import render_item
from tests import plans

CHOSEN = "jira:OMNI-12"


def noted(*claims: str) -> Plan:
    """Return the plan of the tests with these notes alone."""
    findings = tuple(Finding(claim=one, source="links") for one in claims)
    return plans.omniretail().model_copy(update={"findings": findings})


def notes_of(made: Plan, key: str = CHOSEN) -> list[str]:
    return list(say_notes(Facts(made), key))


@pytest.mark.parametrize(
    "claim",
    [
        "The reading of payment was stated by hand, not measured",
        "The share of jira:OMNI-120 is assumed",
        "jira:OMNI-12.5 reached users",
        "jira:OMNI-12-b reached users",
        "myjira:OMNI-12 reached users",
        "other-jira:OMNI-12 reached users",
        "OMNI-12 is no whole key",
    ],
)
def test_a_note_on_something_else_is_not_shown(claim: str) -> None:
    assert notes_of(noted(claim)) == []
    assert "Notes" not in render_item(noted(claim), CHOSEN).splitlines()


@pytest.mark.parametrize(
    "claim",
    [
        "The share of {}, jira:OMNI-18 is assumed",
        "The share of jira:OMNI-18, {} (error_code = X) is not measured yet",
        "{} reached users on 2026-11-10 by 5.2 and is still open",
        "Nobody has confirmed {}.",
        "Nobody has confirmed {}: ask",
    ],
)
def test_a_note_that_names_the_item_is_shown_with_the_key_as_people_say_it(claim: str) -> None:
    (said,) = notes_of(noted(claim.format(CHOSEN)))
    assert "jira:" not in said
    assert "OMNI-12" in said
    lines = render_item(noted("Something else", claim.format(CHOSEN)), CHOSEN).splitlines()
    assert "Something else." not in " ".join(lines)
    assert lines[lines.index("Notes") + 1].strip() == said


def test_an_item_that_waits_has_its_notes_too() -> None:
    key = plans.omniretail().passed_over[0].key
    made = noted(f"{key} reached users and is still open")
    assert render_item(made, key).splitlines()[-2] == "Notes"


def test_a_note_that_counts_the_item_without_naming_it_is_shown() -> None:
    claim = "The share of jira:B-1, jira:B-2, jira:B-3 and 1 more is not measured yet"
    finding = Finding(claim=claim, figures={"links": 4, CHOSEN: 1}, source="links")
    made = plans.omniretail().model_copy(update={"findings": (finding,)})
    (said,) = notes_of(made)
    assert said.startswith("The share of ")
    assert notes_of(made, "jira:OMNI-18") == []
    lines = render_item(made, CHOSEN).splitlines()
    assert lines[lines.index("Notes") + 1].strip() == said


def test_a_key_that_looks_like_a_pattern_is_only_a_key() -> None:
    made = noted("csv:AxB is assumed", "csv:A.B is assumed")
    assert notes_of(made, "csv:A.B") == ["csv:A.B is assumed."]
