"""Plans that look ahead: later sprints, items spread over several, and what is said of them."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pytest

from debtplan.core.inputs import HorizonPolicy, Inputs
from debtplan.core.plan import Plan
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.reserve import ReservePolicy
from debtplan.engines import make_engine
from debtplan.ports import Engine
from debtplan.workflows import many
from debtplan.workflows.diff import with_changes
from debtplan.workflows.plan import make_plan
from debtplan.workflows.verify import verify_plan
from tests.builders import SPRINT, claim, inputs, item, plan_of, planner

TIGHT = ReservePolicy(window=1)
"""6 points in each sprint."""

LATER = tuple(SPRINT.model_copy(update={"id": str(n), "name": f"Sprint {n}"}) for n in (50, 51))


def looking(made_from: Inputs, sprints: int = 3, **policy: object) -> Inputs:
    horizon = HorizonPolicy.model_validate({"sprints": sprints, **policy})
    return made_from.model_copy(update={"horizon": horizon, "later": LATER[: sprints - 1]})


def backlog(points: dict[str, float], parts: dict[str, float], **more: Any) -> Inputs:
    """Items with points, each on a metric of its own of which it removes a part."""
    return inputs(
        [item(key, size) for key, size in points.items()],
        [claim(key, f"m{key}", part) for key, part in parts.items()],
        {f"m{key}": 1_000.0 for key in parts},
        reserve=TIGHT,
        **more,
    )


def schedule(plan: Plan) -> dict[str, tuple[str, float]]:
    rows = (*plan.chosen, *plan.next)
    return {one.key.partition(":")[2]: (one.sprint, one.points_now) for one in rows}


THREE = backlog({"a": 6, "b": 6, "c": 6}, {"a": 0.2, "b": 0.4, "c": 0.3})
LARGE = backlog({"a": 12, "b": 6, "c": 6}, {"a": 0.9, "b": 0.1, "c": 0.08})


def test_later_sprints_hold_what_comes_next() -> None:
    plan = plan_of(looking(THREE))
    assert schedule(plan) == {
        "b": ("Sprint 49", 6.0),
        "c": ("Sprint 50", 0.0),
        "a": ("Sprint 51", 0.0),
    }
    assert plan.ahead is not None
    assert not plan.ahead.is_joint
    assert plan.ahead.status is Status.OPTIMAL
    assert plan.ahead.ux_value == pytest.approx((200 * 6 + 150 * 5 + 100 * 4) / 6)
    assert plan.ux_value == pytest.approx(200)


def test_what_is_said_of_the_coming_sprint_is_what_a_plan_of_one_sprint_says() -> None:
    ahead, alone = plan_of(looking(THREE)), plan_of(THREE)
    assert ahead.chosen == alone.chosen
    assert ahead.passed_over == alone.passed_over
    assert ahead.frontier == alone.frontier


def test_an_item_too_large_for_a_sprint_is_begun_where_that_is_worth_more() -> None:
    plan = plan_of(looking(LARGE))
    assert schedule(plan)["a"] == ("Sprint 50", 6.0)
    (now,) = plan.chosen
    assert (now.points, now.points_now, now.finishes_in) == (12.0, 6.0, 2)
    assert plan.ahead is not None
    assert plan.ahead.is_joint
    assert plan.ahead.alone is not None
    assert plan.ahead.alone < plan.ahead.ux_value
    assert plan.ux_value == 0, "nothing is finished in the coming sprint"
    assert plan.capacity.reserve.used == 6
    assert now.drop_loss is not None
    assert now.drop_loss > 0
    assert "jira:a" not in {one.key for one in plan.passed_over}
    forced = {one.key: one.force_loss for one in plan.passed_over}
    assert forced["jira:b"] is not None
    assert forced["jira:b"] > 0


def test_begun_work_fills_the_reserve_and_is_not_called_too_large() -> None:
    plan = plan_of(looking(LARGE))
    said = [one.claim for one in plan.findings]
    assert not [one for one in said if "could be filled" in one or "Every item of known" in one]


def test_a_plan_that_begins_an_item_can_still_be_kept() -> None:
    plan = plan_of(looking(LARGE))
    compared = with_changes(plan, plan, planner()).compared
    assert compared is not None
    assert (compared.broken, compared.worth_now) == ("", 0.0)


def test_begun_work_that_is_gone_is_named_where_plans_are_compared() -> None:
    old, made_from = plan_of(looking(LARGE)), looking(LARGE)
    items = tuple(one for one in made_from.items if one.key != "jira:a")
    claims = tuple(one for one in made_from.claims if one.item != "jira:a")
    new = plan_of(made_from.model_copy(update={"items": items, "claims": claims}))
    compared = with_changes(new, old, planner()).compared
    assert compared is not None
    assert compared.broken == "jira:a is not in the backlog any more"


def test_nothing_is_spread_where_the_team_does_not_want_it() -> None:
    plan = plan_of(looking(LARGE, spread=False))
    assert schedule(plan) == {"b": ("Sprint 49", 6.0), "c": ("Sprint 50", 0.0)}


@pytest.mark.parametrize("made_from", [THREE, LARGE], ids=["alone", "joint"])
def test_the_plan_proves_itself_again(made_from: Inputs) -> None:
    plan = plan_of(looking(made_from))
    assert [one for one in verify_plan(plan, planner()) if not one.holds] == []


def test_a_changed_schedule_does_not_hold() -> None:
    plan = plan_of(looking(THREE))
    later = tuple(one.model_copy(update={"finishes_in": 2}) for one in plan.next)
    wrong = plan.model_copy(update={"next": later})
    broken = [one.what for one in verify_plan(wrong, planner()) if not one.holds]
    assert "reserve of sprint 2" in broken


def test_one_sprint_says_nothing_of_later_ones() -> None:
    plan = plan_of(looking(THREE, 1))
    assert plan.ahead is None
    assert plan.next == ()


@dataclass
class Slow:
    """An engine that proves nothing beyond so many candidates."""

    engine: Engine
    most: int
    name: str = "slow"

    def select(self, problem: Problem) -> Selection:
        found = self.engine.select(problem)
        is_large = len(problem.candidates) - len(problem.forbidden) > self.most
        return replace(found, status=Status.FEASIBLE) if is_large else found

    def any_best(self, problem: Problem) -> Selection:
        return self.select(problem)


@pytest.mark.parametrize(("most", "has_ahead"), [(6, True), (0, False)])
def test_what_is_not_proven_in_time_does_not_change_the_coming_sprint(
    most: int, *, has_ahead: bool
) -> None:
    slow = replace(planner(), patient=Slow(make_engine(), most))
    plan = make_plan(looking(LARGE), slow)
    assert schedule(plan)["b"] == ("Sprint 49", 6.0)
    assert (plan.ahead is not None) == has_ahead


def test_prerequisites_come_no_later_than_what_needs_them() -> None:
    made_from = inputs(
        [item("a", 6), item("b", 6, prerequisites=("a",)), item("c", 6)],
        [claim("a", "m", 0.01), claim("b", "n", 0.9), claim("c", "o", 0.2)],
        {"m": 1_000.0, "n": 1_000.0, "o": 1_000.0},
        reserve=TIGHT,
    )
    plan = plan_of(looking(made_from))
    assert schedule(plan) == {
        "a": ("Sprint 49", 6.0),
        "b": ("Sprint 50", 0.0),
        "c": ("Sprint 51", 0.0),
    }
    assert plan.ahead is not None
    assert plan.ahead.is_joint, "alone, the sprint would hold c"


def test_what_a_joint_schedule_could_not_explain_in_time_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(many, "perf_counter", lambda: now)

    def told(words: str, _done: int, _count: int) -> None:
        nonlocal now
        now = float("inf") if words == "explaining items" else 0.0

    whole = make_plan(looking(LARGE), planner())
    cut = make_plan(looking(LARGE), replace(planner(), progress=told))
    assert whole.explained is not None
    assert cut.explained is not None
    assert whole.explained.coverage.missing == ()
    assert cut.explained.coverage.missing == (
        "Not proven in time: what the plan loses with 2 items.",
    )


def test_the_order_of_the_input_does_not_matter() -> None:
    mixed = Inputs.model_validate({**dict(LARGE), "items": tuple(reversed(LARGE.items))})
    assert plan_of(looking(mixed)).digest == plan_of(looking(LARGE)).digest


def test_a_bank_of_several_sprints_holds_over_all_of_them() -> None:
    banked = LARGE.model_copy(
        update={"reserve": ReservePolicy(window=2, ceiling=0.15, sprint_max=0.3)}
    )
    plan = plan_of(looking(banked))
    spent = {"Sprint 49": 0.0, "Sprint 50": 0.0, "Sprint 51": 0.0}
    for one in (*plan.chosen, *plan.next):
        spent[one.sprint] += one.points
    totals = list(spent.values())
    assert all(a + b <= 12 for a, b in pairwise(totals))
    assert max(totals) == 12
