"""Warnings beside a plan."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from debtplan.core.finding import find_warnings
from debtplan.core.inputs import Inputs
from debtplan.core.link import LinkBasis
from debtplan.core.plan import Finding
from debtplan.core.problem import Status
from debtplan.core.release import Release
from debtplan.core.reserve import ReservePolicy
from debtplan.core.tally import Selector
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


def test_a_sprint_that_is_over_is_said_to_be_over() -> None:
    made_from = inputs([item("a", 5)], [claim("a", "m", 0.9, grade="A")], reserve=TIGHT)
    late = made_from.model_copy(update={"as_of": NOW + timedelta(days=27)})
    found = warnings(late, "jira:a")["sprint"]
    assert found.claim.startswith("Sprint 49 ended on 2026-12-11, before the day of this plan")
    last = made_from.model_copy(update={"as_of": NOW + timedelta(days=18)})
    assert "sprint" not in warnings(last, "jira:a")


def test_a_floor_that_nothing_fills_is_not_filled_with_nothing() -> None:
    made_from = inputs([item("a", 3)], [claim("a", "m", 0.9, grade="A")], reserve=TIGHT)
    assert warnings(made_from)["reserve"].claim.startswith("None of at least 4 points could")


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


def test_items_of_a_warning_stand_as_people_count() -> None:
    keys = ("A-10", "A-9")
    made_from = inputs(
        [item(key, 5) for key in keys],
        [claim(key, "m", None) for key in keys],
        reserve=TIGHT,
        sized_by_rule=tuple(f"jira:{key}" for key in keys),
    )
    found = warnings(made_from, "jira:A-10", "jira:A-9")
    assert found["links"].claim.startswith("The share of jira:A-9, jira:A-10 is assumed")
    assert found["rules"].claim.startswith("The points of jira:A-9, jira:A-10 are")


def test_items_that_a_sentence_counts_and_does_not_name_stand_in_its_figures() -> None:
    mark = Selector(dimension="error_code", value="X")
    keys = [f"A-{number}" for number in (1, 2, 3, 9, 10)]
    made_from = inputs(
        [item(key, 5) for key in keys],
        [claim(key, "m", 0.3, selector=mark) for key in keys],
        reserve=TIGHT,
    )
    found = warnings(made_from)["links"]
    assert found.claim.startswith(
        "The share of jira:A-1 (error_code = X), jira:A-2 (error_code = X), jira:A-3 (error_code = "
        "X) and 2 more is not measured yet"
    )
    assert found.figures == {"links": 5, "jira:A-9": 1, "jira:A-10": 1}


def test_links_that_a_sentence_counts_and_does_not_name_stand_in_its_figures() -> None:
    pairs = [("A-10", "m"), ("A-2", "m"), ("A-2", "n"), ("A-11", "m"), ("A-11", "n")]
    made_from = inputs(
        [item(key, 5) for key in dict.fromkeys(key for key, _ in pairs)],
        [claim(key, name, 0.3, basis=LinkBasis.SUGGESTED) for key, name in pairs],
        metrics=(metric("m"), metric("n")),
        reserve=TIGHT,
    )
    found = warnings(made_from, "jira:A-11")[LinkBasis.SUGGESTED]
    named = "jira:A-11 on m, jira:A-11 on n, jira:A-2 on m and 2 more;"
    assert named in found.claim
    assert found.figures == {"links": 5, "chosen": 2, "jira:A-2": 1, "jira:A-10": 1}


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
