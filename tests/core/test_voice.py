"""What moves with a metric speaks for its links: a grade at most, a value never."""

from dataclasses import replace
from typing import Any

import pytest

from debtplan.core.appraisal import appraise
from debtplan.core.inputs import Inputs
from debtplan.core.link import Evidence, EvidenceKind, Grade, Link
from debtplan.core.movement import Movement
from debtplan.core.voice import Voice, movement_voices
from tests.builders import claim, harm, inputs, item, metric, reading

ERRORS = metric("errors")
TICKETS = metric(
    "tickets", kind="ticket_rate", target=0.001, reporting_rate=0.05, step="errors"
).model_copy(update={"name": "Tickets"})
FAILURES = metric("failures")
INTERVIEW = (Evidence(kind=EvidenceKind.INTERVIEW),)


def moved(follower: str, lag: int = 1, r: float = 0.6, leader: str = "errors") -> Movement:
    return Movement(
        leader=leader, follower=follower, lag_days=lag, correlation=r, p=0.001, q=0.02, days=120
    )


def made(*movements: Movement, grade: Grade = Grade.E, bad: float = 5_000, **more: Any) -> Inputs:
    """Return inputs with one item linked to errors; tickets are two steps away from it."""
    tickets = TICKETS.model_copy(update={"step": "elsewhere"})
    found = inputs(
        [item("A-1")],
        [claim("A-1", "errors", grade=grade, **more)],
        harms={"errors": 1_000.0, "failures": 500.0},
        movements=movements,
    )
    readings = (*found.readings, reading("tickets", bad))
    return found.model_copy(update={"metrics": (*found.metrics, tickets), "readings": readings})


def settled(found: Inputs) -> Link:
    (link,) = appraise(found).links
    return link


def test_tickets_that_move_with_a_metric_lift_its_link_by_one_grade_and_are_named() -> None:
    link = settled(made(moved("tickets"), grade=Grade.C))
    assert (link.claimed_grade, link.grade) == (Grade.C, Grade.B)
    assert "moves with Tickets, 1 day before" in link.reasons
    assert "lifted: telemetry and users' own words agree" in link.reasons


def test_telemetry_that_moves_with_it_is_telemetry_once_more() -> None:
    measured = settled(made(moved("failures"), grade=Grade.D))
    assert measured.grade is Grade.D
    assert "moves with failures, 1 day before" in measured.reasons
    spoken = settled(made(moved("failures", 0), evidence=INTERVIEW))
    assert spoken.grade is Grade.D
    assert spoken.reasons[1] == "moves with failures, on the same day"


def test_an_opinion_alone_is_lifted_by_nothing() -> None:
    opinion = (Evidence(kind=EvidenceKind.OPINION),)
    assert settled(made(moved("tickets"), evidence=opinion)).grade is Grade.E


def test_two_movements_lift_no_more_than_one() -> None:
    both = settled(made(moved("tickets"), moved("failures"), evidence=INTERVIEW))
    assert both.grade is Grade.D


@pytest.mark.parametrize(
    ("movement", "bad"),
    [
        (moved("tickets", r=-0.6), 5_000),
        (moved("tickets"), 1),
        (moved("unknown"), 5_000),
        (moved("errors", leader="tickets"), 5_000),
    ],
)
def test_what_moves_the_other_way_keeps_its_goal_or_is_unknown_speaks_for_nothing(
    movement: Movement, bad: float
) -> None:
    assert settled(made(movement, bad=bad)) == settled(made(bad=bad))


def test_a_follower_in_another_flow_speaks_for_nothing() -> None:
    elsewhere = TICKETS.model_copy(update={"flow": "account"})
    harms = {"tickets": harm("tickets", 100)}
    assert movement_voices([moved("tickets")], [ERRORS, elsewhere], harms) == {}
    assert movement_voices([moved("tickets")], [ERRORS, TICKETS], harms) == {
        "errors": (Voice("users' own words", "moves with Tickets, 1 day before", is_movement=True),)
    }


def test_a_movement_changes_no_harm_and_no_share() -> None:
    quiet, told = appraise(made(grade=Grade.C)), appraise(made(moved("tickets"), grade=Grade.C))
    assert quiet.harms == told.harms
    assert quiet.counted == told.counted
    (before,), (after,) = quiet.links, told.links
    assert after.share == before.share
    same = {"grade": before.grade, "reasons": before.reasons}
    assert after.model_copy(update=same) == before
    assert replace(told, links=(), links_of={}, values={}) == replace(
        quiet, links=(), links_of={}, values={}
    )


def test_the_order_of_movements_changes_nothing() -> None:
    rows = (moved("tickets"), moved("failures"))
    assert made(*rows).movements == made(*rows[::-1]).movements
