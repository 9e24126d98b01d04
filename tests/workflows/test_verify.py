"""Proving a plan again: no number in it can be changed without being found."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from debtplan.core.digest import with_digest
from debtplan.core.plan import Plan
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.reserve import ReservePolicy
from debtplan.engines import make_engine
from debtplan.workflows.plan import make_plan
from debtplan.workflows.verify import Checked, compare_pages, verify_plan
from tests.builders import claim, closed, inputs, item, plan_of, planner


@dataclass
class Late:
    """An engine that finds the best but cannot prove it in time."""

    status: Status
    name: str = "late"

    def select(self, problem: Problem) -> Selection:
        """See `Engine.select`."""
        return replace(make_engine("milp").select(problem), status=self.status)

    def any_best(self, problem: Problem) -> Selection:
        """See `Engine.any_best`."""
        return self.select(problem)


PARTS = ("chosen", "passed_over", "ledger", "frontier", "baseline", "capacity")
HEADS = ("ux_value", "sessions", "interval")


@cache
def plan(limit: int = 60) -> Plan:
    """A plan of three candidates, one too large and one not estimated."""
    made_from = inputs(
        [item("a", 3), item("b", 4, prerequisites=("c",)), item("c", 1), item("d", 20),
         item("e", None)],
        [claim("a", "m", 0.5), claim("b", "n", 0.4), claim("d", "m", 0.1), claim("a", "n", 0.1)],
        {"m": 1_000.0, "n": 700.0},
        capacity=None,
        sprints=tuple(closed(n, 30 + n / 4) for n in range(42, 49)),
        reserve=ReservePolicy(window=1),
    )  # fmt: skip
    return plan_of(made_from, limit=limit)


def failures(said: Plan) -> list[str]:
    """What does not hold."""
    return [one.what for one in verify_plan(said, planner()) if not one.holds]


def leaves(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """The places of all numbers."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*place, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from leaves(one, (*place, number))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place


def numbers() -> list[tuple[str | int, ...]]:
    """The places of all numbers of the plan that its makers computed."""
    data = json.loads(plan().model_dump_json())
    return [place for part in (*PARTS, *HEADS) for place in leaves(data[part], (part,))]


def changed(place: tuple[str | int, ...], factor: float) -> Plan:
    """The plan with one number changed and signed anew."""
    data = json.loads(plan().model_dump_json())
    here = data
    for part in place[:-1]:
        here = here[part]
    old = here[place[-1]]
    here[place[-1]] = old + 1 if isinstance(old, int) else old * factor + (0.001 if not old else 0)
    return with_digest(Plan.model_validate(data))


def test_a_plan_as_made_holds() -> None:
    assert failures(plan()) == []


@pytest.mark.slow
def test_a_plan_that_explains_less_holds_too() -> None:
    assert failures(plan(limit=0)) == []
    assert failures(plan(limit=1)) == []


def test_there_are_numbers_of_every_part() -> None:
    places = numbers()
    assert {place[0] for place in places} == {*PARTS, *HEADS}
    assert len(places) > 100
    named = {place[-1] for place in places}
    assert {"drop_loss", "force_loss", "removal", "share", "certainty", "p10", "order"} <= named


@pytest.mark.slow
@pytest.mark.parametrize("part", [*PARTS, *HEADS])
def test_every_changed_number_is_found_though_signed_anew(part: str) -> None:
    missed = [
        place for place in numbers() if place[0] == part and not failures(changed(place, 1.00001))
    ]
    assert missed == []


def test_a_change_that_is_not_signed_breaks_the_digest() -> None:
    moved = plan().model_copy(update={"ux_value": plan().ux_value + 1})
    assert "the digest is that of the content" in failures(moved)


def test_another_id_is_found() -> None:
    other = plan().model_copy(update={"plan_id": "web-49-000000000000"})
    assert failures(other) == ["the plan's id is made from it"]


@pytest.mark.parametrize(
    ("part", "update"),
    [
        ("title", "another"), ("reason", "forbidden"), ("detail", "it is boring"),
        ("url", "https://evil.example"), ("force_loss", 0.0),
    ],
)  # fmt: skip
def test_words_are_proven_like_numbers(part: str, update: object) -> None:
    data = json.loads(plan().model_dump_json())
    data["passed_over"][0][part] = update
    assert failures(with_digest(Plan.model_validate(data))) != []


def test_an_item_that_is_taken_out_or_moved_is_found() -> None:
    data = json.loads(plan().model_dump_json())
    data["chosen"].pop()
    assert failures(with_digest(Plan.model_validate(data))) != []


@pytest.mark.parametrize("status", [Status.FEASIBLE, Status.GREEDY])
def test_a_plan_that_is_not_proven_best_is_still_added_up(status: Status) -> None:
    made = make_plan(plan().inputs, replace(planner(), engine=Late(status)))
    assert failures(made) == []
    (last,) = [one for one in verify_plan(made, planner()) if "made again" in one.what]
    assert last.detail == f"its choice as it stands: it is {status}, not proven best"
    data = json.loads(made.model_dump_json())
    data["chosen"][0]["terms"][0]["harm"] *= 1.01
    assert failures(with_digest(Plan.model_validate(data))) != []


def test_inputs_that_give_no_plan_are_said_to_give_none() -> None:
    data = json.loads(plan().model_dump_json())
    data["inputs"]["flows"] = []
    (last,) = [one for one in verify_plan(with_digest(Plan.model_validate(data)), planner())
               if not one.holds]  # fmt: skip
    assert last.detail.startswith("its inputs give no plan")
    data["inputs"] = json.loads(plan().model_dump_json())["inputs"]
    data["inputs"]["items"] = []
    assert failures(with_digest(Plan.model_validate(data))) != []


def test_a_page_that_differs_in_a_word_is_found_and_one_in_a_drawing_is_not() -> None:
    drawn = "<p>value 12</p><svg a='1'><path d='M0'/></svg><p>end</p>"
    assert compare_pages(drawn, drawn, "1") == Checked(
        what="every word and number of the page is what its data gives", holds=True
    )
    other_font = compare_pages(drawn.replace("M0", "M1"), drawn, "1")
    assert other_font.holds
    assert "charts were drawn" in other_font.detail
    changed_word = compare_pages(drawn.replace("12", "13"), drawn, "1")
    assert not changed_word.holds
    assert "value 13" in changed_word.detail
    assert not compare_pages(drawn + "more", drawn, "1").holds
