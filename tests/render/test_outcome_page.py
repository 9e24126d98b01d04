"""The page of what came: whole, offline, every forecast in it, and no text of users as markup."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from debtplan.core.calibration import Track, pool_all, pool_by
from debtplan.core.level import Level, Ratio
from debtplan.core.link import Grade
from debtplan.core.outcomes import (
    Brier,
    Coverage,
    OutcomeRow,
    Outcomes,
    Pending,
    say_delivered,
)
from debtplan.core.tracked import Baseline, GoalMonth, Headway, TrackedGoal, TrackedStatus
from debtplan.core.undone import UndoneRow
from debtplan.core.verdict import Outcome
from debtplan.render.outcome_page import render_outcome_page
from debtplan.render.outcome_record import write_record
from debtplan.render.outcomes import OUTCOME_FORMS, render_outcomes
from tests.render.test_html import Page

TRACKS = tuple(
    Track(grade=Grade.C, debt_kind="usability", team="web", ratio=ratio, error=0.2)
    for ratio in (0.4, 0.9, 0.7, -0.1, 1.1)
)


def row(key: str = "jira:A-1", **changes: object) -> OutcomeRow:
    fields = {
        "plan_id": "p",
        "sprint_id": "49",
        "team": "web",
        "item": key,
        "title": "Check addresses",
        "metric": "m",
        "metric_title": "Lost at shipping",
        "grade": Grade.C,
        "outcome": Outcome.MOVED,
        "released_on": date(2026, 12, 1),
        "judged_on": date(2027, 1, 5),
        "claimed": 0.2,
        "claimed_low": 0.1,
        "claimed_high": 0.3,
        "sessions": 1_000.0,
        "realised": 0.15,
        "realised_low": 0.05,
        "realised_high": 0.25,
        "ratio": 0.75,
        "ratio_error": 0.2,
        "reasons": ("The share fell",),
    }
    return OutcomeRow.model_validate(fields | changes)


def headway(name: str = "Fewer given up") -> Headway:
    goal = TrackedGoal(
        id="g",
        name=name,
        metric="m",
        relative=-0.2,
        baseline=Baseline(start_on=date(2026, 8, 1), end_on=date(2026, 11, 22)),
        start_on=date(2026, 12, 1),
        by=date(2027, 1, 31),
    )
    level = Level(share=0.3, error=0.004, readings=30, effective=20.0)
    months = tuple(
        GoalMonth(
            number=number,
            start_on=one.start_on,
            end_on=one.end_on,
            line=0.3,
            is_over=True,
            level=level,
            change=Ratio(value=-0.1, low=-0.12, high=-0.08),
        )
        for number, one in enumerate(goal.months, 1)
    )
    return Headway(
        goal=goal,
        title="Checkouts given up",
        as_of=date(2027, 1, 30),
        status=TrackedStatus.UNDER_WAY,
        baseline=level,
        wanted=0.24,
        now=level,
        change=months[0].change,
        months=months,
        chance=0.4,
    )


def outcomes(*rows: OutcomeRow, goals: tuple[Headway, ...] = (), team: str = "web") -> Outcomes:
    waiting = Pending(plan_id="p", team="web", item="jira:A-9", metric="m", why="is not released")
    return Outcomes(
        as_of=datetime(2027, 2, 1, tzinfo=UTC),
        team=team,
        line=say_delivered(TRACKS),
        is_calibrated=True,
        delivered=pool_all(TRACKS),
        by_grade=pool_by(TRACKS, "grade"),
        rows=rows,
        pending=(waiting,),
        alarms=("Sign-in got slower",),
        goals=goals,
    )


def scored(count: int) -> Outcomes:
    """Outcomes with the scores of so many forecasts."""
    return outcomes(row()).model_copy(
        update={
            "coverage": Coverage(share=0, forecasts=count),
            "brier": Brier(score=0.01, base=0, happened=0, forecasts=count),
        }
    )


def test_the_page_is_whole_and_names_every_part_of_it() -> None:
    page = Page(render_outcome_page(outcomes(row(), row("jira:A-2"), goals=(headway(),))))
    assert page.open == []
    assert sorted(page.ids) == sorted(set(page.ids))
    assert "script" not in page.tags
    for said in ("A-1", "A-2", "A-9", "Sign-in got slower", "Fewer given up", "Moved"):
        assert said in page.text
    assert {link for link in page.links if link.startswith("#")} <= {f"#{one}" for one in page.ids}


def test_headings_come_in_order() -> None:
    found = Page(render_outcome_page(outcomes(row(), goals=(headway(),)))).headings
    assert found[0] == 1
    assert all(later - former <= 1 for former, later in pairwise(found))


def test_a_row_that_nobody_can_tell_anything_of_squeezes_no_other() -> None:
    wild = row("jira:A-2", realised=-3.0, realised_low=-9.0, realised_high=3.0)
    alone = write_record(outcomes(row())).rows[0].span
    first, second = write_record(outcomes(row(), wild)).rows
    assert second.span.low == 0
    assert second.span.high == 100
    width = (first.span.high or 0) - (first.span.low or 0)
    assert width > ((alone.high or 0) - (alone.low or 0)) / 6


def test_what_could_not_be_measured_is_not_nothing() -> None:
    unknown = row(
        outcome=Outcome.CANNOT_TELL,
        realised=None,
        realised_low=None,
        realised_high=None,
        ratio=None,
        ratio_error=None,
    )
    (found,) = write_record(outcomes(unknown)).rows
    assert found.span.value is None
    assert found.came == "not known"
    assert "Cannot tell" in Page(render_outcome_page(outcomes(unknown))).text


@pytest.mark.parametrize(
    "payload", ["<script>alert(1)</script>", '"><img src=x onerror=a>', "\u202e"]
)
def test_no_text_of_users_becomes_markup(payload: str) -> None:
    bad = row(f"jira:{payload}", title=payload, metric_title=payload, reasons=(payload,))
    page = Page(render_outcome_page(outcomes(bad, goals=(headway(payload),), team=payload)))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert "\u202e" not in page.text


def test_without_anything_there_is_still_a_page() -> None:
    empty = Outcomes(
        as_of=datetime(2027, 2, 1, tzinfo=UTC), line=say_delivered(()), is_calibrated=False
    )
    page = Page(render_outcome_page(empty))
    assert "Not calibrated yet" in page.text
    assert "table" not in page.tags


@pytest.mark.parametrize(
    ("count", "many"), [(0, "no forecast has"), (1, "1 forecast has"), (4, "4 forecasts have")]
)
def test_with_few_verdicts_it_is_said_how_many_there_are_and_how_many_it_takes(
    count: int, many: str
) -> None:
    few = outcomes(row()).model_copy(
        update={"line": say_delivered(TRACKS[:count]), "is_calibrated": False}
    )
    said = Page(render_outcome_page(few)).text
    assert f"{many} been measured, 5 are needed." in said
    assert "Too few verdicts to correct anything by: today's values are as claimed." in said
    assert "factor is 1" not in said


def test_with_enough_verdicts_nothing_is_called_too_few() -> None:
    assert "Too few verdicts" not in Page(render_outcome_page(outcomes(row()))).text


@pytest.mark.parametrize("form", ["table", "markdown", "html"])
def test_how_good_forecasts_were_is_said_from_five_on(form: str) -> None:
    def said(count: int) -> list[str]:
        text = " ".join(OUTCOME_FORMS[form](scored(count)).split())
        return [word for word in ("within their own interval", "Brier") if word in text]

    assert said(4) == []
    assert said(5) == ["within their own interval", "Brier"]


def test_the_json_keeps_the_score_of_few_forecasts() -> None:
    told = OUTCOME_FORMS["json"](scored(1))
    assert '"score": 0.01' in told
    assert '"share": 0.0' in told


def test_what_was_approved_and_did_not_come_stands_apart() -> None:
    undone = UndoneRow(
        plan_id="p",
        sprint_id="49",
        team="web",
        item="jira:A-7",
        metric="m",
        metric_title="Lost at shipping",
        outcome=Outcome.NOT_MOVED,
        due_on=date(2026, 12, 11),
        judged_on=date(2027, 1, 20),
        claimed=0.2,
        changed=-0.04,
        changed_low=-0.1,
        changed_high=0.02,
    )
    found = outcomes(row()).model_copy(
        update={"undone": (undone,), "drift_line": "It changed by itself by +4%."}
    )
    page = Page(render_outcome_page(found))
    assert "undone" in page.ids
    assert page.text.count("It changed by itself by +4%.") == 1
    for said in ("A-7", "11 Dec 2026", "−10% to 2%"):
        assert said in page.text
    assert "undone" not in Page(render_outcome_page(outcomes(row()))).ids
    assert "APPROVED, AND NOT THERE IN TIME" in render_outcomes(found)
