"""Did it work: what came of earlier plans stands in the report of the next, and changes none."""

from datetime import date

import pytest

from debtplan.core.digest import plan_digest
from debtplan.core.document import parse_plan
from debtplan.core.outcomes import Outcomes, Pending, say_delivered
from debtplan.core.plan import Plan
from debtplan.core.swap import GROUPS
from debtplan.render import RENDERERS
from debtplan.render.json import plan_json
from debtplan.render.worked import ROWS, write_worked
from tests import plans
from tests.builders import inputs, item, plan_of
from tests.render.test_html import Page
from tests.render.test_outcome_page import headway, outcomes, row, scored

NOTHING = Outcomes(
    as_of=plans.AS_OF,
    team="Checkout",
    line=say_delivered([]),
    is_calibrated=False,
    verdict_days=33,
)


def plan(found: Outcomes | None) -> Plan:
    made = plans.omniretail()
    return made.model_copy(update={"inputs": made.inputs.model_copy(update={"outcomes": found})})


def waiting(key: str, from_on: date | None) -> Pending:
    return Pending(
        plan_id="p", team="web", item=key, metric="m", from_on=from_on, why="is not released"
    )


def section(made: Plan) -> str:
    """Return the text of section 6 of the page."""
    text = Page(RENDERERS["html"]().render(made)).text
    return text.partition("Did it work?")[2].partition("For those who check")[0]


@pytest.mark.slow
def test_a_document_that_knows_no_outcomes_says_what_will_be_judged() -> None:
    made = plan(None)
    said = section(made)
    assert "Not calibrated yet" in said
    assert "What this plan promises is frozen when it is approved" in said
    assert "due on" not in said
    assert "<table" not in said


def test_before_the_first_verdict_the_day_of_the_first_one_is_told() -> None:
    # Sprint 49 ends on 11 Dec 2026; 33 days later is 13 Jan 2027.
    (due,) = write_worked(plan(NOTHING)).due
    assert due.endswith(
        "of an item that is live by 11 Dec 2026, the first verdict is due on 13 Jan 2027, 33 days "
        "later."
    )
    assert due in section(plan(NOTHING))


def test_a_plan_that_chooses_nothing_promises_nothing_by_a_day() -> None:
    made = plans.empty()
    known = made.inputs.model_copy(update={"outcomes": NOTHING})
    (due,) = write_worked(made.model_copy(update={"inputs": known})).due
    assert "due on" not in due


def test_what_waits_is_told_by_what_it_waits_for() -> None:
    found = NOTHING.model_copy(
        update={
            "pending": (
                waiting("jira:A-1", date(2026, 11, 20)),
                waiting("jira:A-2", date(2026, 12, 24)),
                waiting("jira:A-3", date(2026, 12, 20)),
                waiting("jira:A-4", None),
            )
        }
    )
    ready, dated, rest = write_worked(plan(found)).due
    assert ready == "One forecast can be judged now: `debtplan outcomes` does it."
    assert dated == (
        "The first verdict, on A-3, is due on 20 Dec 2026; two forecasts wait for theirs."
    )
    assert rest.startswith("One forecast cannot be judged yet: a verdict needs a release")
    assert rest.endswith("is due, 33 days after it.")


@pytest.mark.slow
def test_verdicts_goals_and_calibration_stand_in_the_report() -> None:
    found = outcomes(row(), row("jira:A-2"), goals=(headway(),))
    made = plan(found)
    said = section(made)
    assert found.line in said
    assert "Fewer given up, −20% by 31 Jan 2027: 40% likely" in said
    assert said.count("Moved") == 2
    assert "Alarm. Sign-in got slower" in " ".join(said.split())
    page = Page(RENDERERS["html"]().render(made))
    assert page.open == []
    assert sorted(page.ids) == sorted(set(page.ids))
    assert "goal-1-chart" in page.ids


def test_the_sentence_is_said_once() -> None:
    found = outcomes(row())
    for form in ("html", "markdown", "table"):
        text = " ".join(RENDERERS[form]().render(plan(found)).split())
        shown = Page(text).text if form == "html" else text
        assert shown.count("of what was claimed; today") == 1, form


def test_how_good_forecasts_were_is_said_from_five_on() -> None:
    for form in ("html", "markdown", "table"):
        for count in (4, 5):
            text = RENDERERS[form]().render(plan(scored(count)))
            shown = text.partition("<template")[0]
            assert ("within their own interval" in " ".join(shown.split())) == (count > 4), form


def test_markdown_says_the_same_shorter() -> None:
    text = RENDERERS["markdown"]().render(plan(outcomes(row(), goals=(headway(),))))
    said = text.partition("## Did it work?")[2].partition("## For those who check")[0]
    assert "40% likely" in said
    assert "| A-1 | Lost at shipping | C | 20% | 15% | 5% to 25% | moved |" in said


@pytest.mark.slow
def test_of_many_verdicts_the_newest_are_shown_and_the_others_counted() -> None:
    many = [row(f"jira:A-{n:03}") for n in range(ROWS + 7)]
    said = section(plan(outcomes(*many)))
    assert "7 older verdicts stand in the data of this report" in said
    assert "A-026" in said
    assert "A-006" not in said


@pytest.mark.slow
def test_outcomes_are_not_in_the_digest_and_survive_the_document() -> None:
    without, made = plan(None), plan(outcomes(row(), goals=(headway(),)))
    assert plan_digest(made) == plan_digest(without)
    assert parse_plan(plan_json(made)).inputs.outcomes == made.inputs.outcomes
    assert parse_plan(RENDERERS["html"]().render(made)).inputs.outcomes == made.inputs.outcomes


def test_outcomes_change_no_plan() -> None:
    made_from = inputs([item("A-1"), item("A-2")])
    plain = plan_of(made_from)
    told = plan_of(made_from.model_copy(update={"outcomes": outcomes(row())}))
    assert told.digest == plain.digest
    assert told.plan_id == plain.plan_id
    assert told.inputs.outcomes is not None
    assert "outcomes" in GROUPS


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
@pytest.mark.slow
def test_names_from_outside_stay_text(payload: str) -> None:
    bad = row(f"jira:{payload}", title=payload, metric_title=payload, reasons=(payload,))
    page = Page(RENDERERS["html"]().render(plan(outcomes(bad, goals=(headway(payload),)))))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert page.open == []
