"""Warnings beside a plan."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from debtplan.core.finding import find_warnings
from debtplan.core.inputs import Inputs
from debtplan.core.plan import Finding
from debtplan.core.problem import Status
from debtplan.core.release import Release
from debtplan.core.reserve import ReservePolicy
from tests.builders import NOW, claim, inputs, item, metric, picked, program_of, reading

TIGHT = ReservePolicy(window=1)


def warnings(made_from: Inputs, *chosen: str, **changes: Any) -> dict[str, Finding]:
    """The warnings by their source."""
    appraisal, program = program_of(made_from)
    selection = replace(picked(program, *chosen), **changes)
    return {one.source: one for one in find_warnings(made_from, appraisal, program, selection)}


def test_a_plan_without_worries_has_no_warning() -> None:
    made_from = inputs([item("a", 5)], [claim("a", "m", 0.9, grade="A")], reserve=TIGHT)
    assert warnings(made_from, "jira:a") == {}


def test_an_unproven_plan_is_said_to_be_unproven() -> None:
    made_from = inputs([item("a", 5)], [claim("a", "m", 0.9, grade="A")], reserve=TIGHT)
    late = warnings(made_from, "jira:a", status=Status.FEASIBLE, gap=0.2)["solver"]
    assert "before the plan was proven best" in late.claim
    assert late.figures == {"gap": 0.2}
    greedy = warnings(made_from, "jira:a", status=Status.GREEDY)["solver"]
    assert "The solver gave nothing in time" in greedy.claim


def test_a_floor_that_is_not_met_says_what_to_do() -> None:
    made_from = inputs([item("a", 3)], [claim("a", "m", 0.9, grade="A")], reserve=TIGHT)
    found = warnings(made_from, "jira:a")["reserve"]
    assert found.claim.startswith("Only 3 of at least 4 points could be filled")
    assert found.figures == {"used": 3, "floor": 4}


def test_an_unknown_harm_is_named_with_its_reason() -> None:
    made_from = inputs([item("a", 5)], [claim("a", "m", 0.9, grade="A")], reserve=TIGHT,
                       readings=())  # fmt: skip
    assert "not known: no reading of m is known" in warnings(made_from)["m"].claim


def test_a_goal_that_all_items_together_miss_is_out_of_reach() -> None:
    made_from = inputs([item("a", 5)], [claim("a", "m", 0.5)], reserve=TIGHT)
    found = warnings(made_from, "jira:a")["ledger"]
    assert "m (at most 25% less)" in found.claim


def test_assumed_shares_points_and_stated_readings_of_the_plan_are_named() -> None:
    made_from = inputs(
        [item("a", 5), item("b", 5)],
        [claim("a", "m", None), claim("b", "m", None)],
        reserve=TIGHT,
        sized_by_rule=("jira:a", "jira:b"),
        readings=(reading("m", 3_000).model_copy(update={"stated_by": "ann"}),),
    )
    found = warnings(made_from, "jira:a")
    assert found["links"].claim.startswith("The share of jira:a is assumed (10% to 60%")
    assert found["rules"].claim == "The points of jira:a are a rule's assumption; estimate them"
    assert "m were stated by hand" in found["metrics"].claim


def test_a_histogram_that_ends_too_early_gives_a_lower_bound() -> None:
    slow = metric("slow", kind="latency", threshold_s=1, target=0.9, sessions_per_sprint=100)
    buckets = {"form": "buckets", "bounds": [0.5, 2], "counts": [10, 50], "total": 100}
    made_from = inputs(
        [item("a", 5)],
        [claim("a", "slow", 0.9, grade="A")],
        metrics=(slow,),
        readings=(reading("slow", 1).model_validate(
            {**reading("slow", 1).model_dump(), "measure": buckets}),),
        reserve=TIGHT,
    )  # fmt: skip
    assert "is a lower bound" in warnings(made_from, "jira:a")["slow"].claim


def released(key: str, days_ago: int, name: str = "release 3.3", **more: Any) -> Release:
    """A release of one item."""
    at = NOW - timedelta(days=days_ago)
    return Release(id=f"jira:FER@{days_ago}", released_at=at, name=name, items=(key,), **more)


def test_a_chosen_item_that_users_have_already_is_named_with_its_first_release() -> None:
    made_from = inputs(
        [item("FER-11", 5), item("FER-12", 5)],
        [claim("FER-11", "m", 0.9, grade="A"), claim("FER-12", "m", 0.9, grade="A")],
        reserve=TIGHT,
        releases=(
            released("FER-11", 4),
            released("jira:FER-11", 2, name="release 3.4"),
            released("FER-12", 3),
            released("UTF-8", 3),
        ),
    )
    assert warnings(made_from, "jira:FER-11")["releases"].claim == (
        "jira:FER-11 reached users on 2026-11-19 by release 3.3 and is still open: "
        "close it, or say what is left"
    )


def test_a_release_without_a_real_day_or_of_a_whole_item_says_nothing_of_a_phase() -> None:
    made_from = inputs(
        [item("A-1/rest", 2), item("B-1", 2)],
        [claim("A-1/rest", "m", 0.9, grade="A"), claim("B-1", "m", 0.9, grade="A")],
        reserve=TIGHT,
        releases=(released("A-1", 4), released("B-1", 3, is_assumed=True)),
    )
    assert "releases" not in warnings(made_from, "jira:A-1/rest", "jira:B-1")
