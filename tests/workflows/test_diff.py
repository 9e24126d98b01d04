"""What changed between two plans, and why: each cause made to happen, and only that one named."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from debtplan.core.approval import Approval
from debtplan.core.capacity import CapacityPolicy, Sprint
from debtplan.core.change import Cause, Change, What
from debtplan.core.flow import Flow
from debtplan.core.inputs import HorizonPolicy, Inputs, Rules
from debtplan.core.item import ItemState
from debtplan.core.plan import Plan
from debtplan.core.risk import Risk, RiskPolicy
from debtplan.core.swap import GROUPS, ORDER, mix
from debtplan.workflows.diff import decide, replay, with_changes
from debtplan.workflows.plan import make_plan
from tests.builders import NOW, SPRINT, claim, inputs, item, keys, planner, reading

PLANNER = planner(limit=0)

LATER = tuple(
    Sprint(
        id=str(50 + number),
        name=f"Sprint {50 + number}",
        start_on=SPRINT.start_on + timedelta(days=14 * (number + 1)),
        end_on=SPRINT.end_on + timedelta(days=14 * (number + 1)),
    )
    for number in range(2)
)


def base(**more: Any) -> Inputs:
    """Items a, b and c of 3 points for metrics of their own; two of them fit into 6 points."""
    items = [item(name, 3) for name in "abc"]
    claims = [claim(name, f"m{name}") for name in "abc"]
    harms = {"ma": 1_000.0, "mb": 900.0, "mc": 800.0}
    return inputs(items, claims, harms, **more)


def plan(made_from: Inputs) -> Plan:
    return make_plan(made_from, PLANNER)


def changes(old: Inputs, new: Inputs) -> tuple[Change, ...]:
    return with_changes(plan(new), plan(old), PLANNER).changes


def said(found: tuple[Change, ...]) -> set[tuple[str, What, Cause]]:
    return {(one.key.removeprefix("jira:"), one.what, one.cause) for one in found}


def test_an_item_whose_value_is_not_known_any_more_is_said_so() -> None:
    old = base()
    unread = tuple(one for one in old.readings if one.metric != "ma")
    found = with_changes(plan(base(readings=unread)), plan(old), PLANNER)
    gone = next(one for one in found.changes if one.key == "jira:a")
    assert gone.detail == "by the new measurements it has no known value any more"
    came = next(one for one in found.changes if one.key == "jira:c")
    assert came.detail == "by the new measurements jira:a has no known value any more"
    assert found.compared is not None
    assert found.compared.broken == "jira:a: no reading of ma is known"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (3, None, "missing; it was 3"),
        (None, 3, "3 points; it was missing"),
        (8, 1, "1 point instead of 8"),
    ],
)
def test_an_estimate_that_came_or_went_is_said_so(
    old: float | None, new: float | None, said: str
) -> None:
    before, after = (base().model_copy(update=sized(base(), "a", size)) for size in (old, new))
    (found,) = [one for one in changes(before, after) if one.key == "jira:a"]
    assert found.detail == f"its estimate is {said}"


def sized(made_from: Inputs, key: str, points: float | None) -> dict[str, Any]:
    return {
        "items": tuple(
            one.model_copy(update={"points": points}) if one.key == f"jira:{key}" else one
            for one in made_from.items
        )
    }


def measured(_: Inputs) -> dict[str, Any]:
    rows = {"ma": 1_000.0, "mb": 900.0, "mc": 2_000.0}
    return {
        "readings": tuple(
            reading(name, 28_000 * (harm / 1e4 + 0.01)) for name, harm in rows.items()
        )
    }


def linked(_: Inputs) -> dict[str, Any]:
    return {"claims": tuple(claim(name, f"m{name}", 0.9 if name == "c" else 0.5) for name in "abc")}


def weighted(made_from: Inputs) -> dict[str, Any]:
    """Move the metric of c to a flow of its own that counts three times."""
    flows = (*made_from.flows, Flow(id="vip", sessions_per_sprint=10_000, weight=3.0))
    return {"flows": flows, "metrics": _moved(made_from)}


def _moved(made_from: Inputs) -> tuple[Any, ...]:
    return tuple(
        one.model_copy(update={"flow": "vip"}) if one.id == "mc" else one
        for one in made_from.metrics
    )


ON_VIP = (
    Flow(id="shop", sessions_per_sprint=10_000),
    Flow(id="vip", sessions_per_sprint=10_000),
)

SWAPS: list[tuple[Cause, Callable[[Inputs], dict[str, Any]], set[tuple[str, What]]]] = [
    (Cause.DATA, measured, {("c", What.ADDED), ("b", What.REMOVED)}),
    (Cause.LINK, linked, {("c", What.ADDED), ("b", What.REMOVED)}),
    (Cause.ESTIMATE, lambda old: sized(old, "a", 4), {("a", What.REMOVED), ("c", What.ADDED)}),
    (
        Cause.BACKLOG,
        lambda old: {"items": tuple(one for one in old.items if one.key != "jira:a")},
        {("a", What.REMOVED), ("c", What.ADDED)},
    ),
    (Cause.CAPACITY, lambda _: {"capacity": CapacityPolicy(points=20)}, {("b", What.REMOVED)}),
    (
        Cause.RULE,
        lambda _: {"rules": Rules(forbidden={"jira:a": "not now"})},
        {("a", What.REMOVED), ("c", What.ADDED)},
    ),
]


@pytest.mark.parametrize(("cause", "swap", "wanted"), SWAPS, ids=[one[0].value for one in SWAPS])
def test_a_change_is_put_down_to_what_was_changed(
    cause: Cause,
    swap: Callable[[Inputs], dict[str, Any]],
    wanted: set[tuple[str, What]],
) -> None:
    old = base()
    found = changes(old, old.model_copy(update=swap(old)))
    moves = {row for row in said(found) if row[1] is not What.REPRICED}
    assert moves == {(key, what, cause) for key, what in wanted}
    assert all(one.is_proven for one in found)


def test_a_heavier_flow_is_a_weight() -> None:
    old = base(flows=ON_VIP, metrics=_moved(base()))
    heavy = tuple(
        one.model_copy(update={"weight": 3.0}) if one.id == "vip" else one for one in old.flows
    )
    found = changes(old, old.model_copy(update={"flows": heavy}))
    assert said(found) == {("c", What.ADDED, Cause.WEIGHT), ("b", What.REMOVED, Cause.WEIGHT)}


def test_a_metric_moved_to_a_heavy_flow_is_data_until_the_weight_decides() -> None:
    """The new flow has no weight before, so it comes with its own: order dependence, as stated."""
    old = base()
    found = changes(old, old.model_copy(update=weighted(old)))
    assert ("c", What.ADDED, Cause.DATA) in said(found)


def test_each_of_two_changes_keeps_its_own_cause() -> None:
    old = base()
    new = old.model_copy(
        update={**sized(old, "b", 7), "rules": Rules(forbidden={"jira:a": "not now"})}
    )
    found = changes(old, new)
    assert said(found) == {
        ("b", What.REMOVED, Cause.ESTIMATE),
        ("a", What.REMOVED, Cause.RULE),
        ("c", What.ADDED, Cause.ESTIMATE),
    }


def test_a_change_that_is_taken_back_by_a_later_swap_is_none() -> None:
    old = base()
    new = old.model_copy(update={**sized(old, "a", 4), "capacity": CapacityPolicy(points=50)})
    found = changes(old, new)
    assert said(found) == {("a", What.REPRICED, Cause.ESTIMATE)}


def test_where_two_groups_only_together_change_the_plan_the_later_one_is_named() -> None:
    items = [item("a", 3), item("b", 3), item("c", 4)]
    old = inputs(
        items, [claim(name, f"m{name}") for name in "abc"],
        {"ma": 1_000.0, "mb": 900.0, "mc": 950.0}, capacity=40,
    )  # fmt: skip
    new = old.model_copy(update={**sized(old, "c", 3.5), "capacity": CapacityPolicy(points=44)})
    assert keys(plan(old).chosen) == ["jira:a", "jira:b"]
    assert said(changes(old, new)) == {
        ("c", What.ADDED, Cause.CAPACITY),
        ("b", What.REMOVED, Cause.CAPACITY),
    }


def test_a_change_at_equal_value_is_a_tie() -> None:
    same = inputs([item("a", 6), item("b", 6)], [claim("a", "m"), claim("b", "m")])
    pinned = plan(same.model_copy(update={"kept": ("jira:b",)}))
    assert keys(pinned.chosen) == ["jira:b"]
    found = with_changes(plan(same), pinned, PLANNER).changes
    assert said(found) == {("a", What.ADDED, Cause.TIE), ("b", What.REMOVED, Cause.TIE)}


def test_another_plan_from_the_same_inputs_is_the_solver_s() -> None:
    right = plan(base())
    wrong = right.model_copy(update={"chosen": right.chosen[:1], "digest": "other"})
    found = with_changes(right, wrong, PLANNER).changes
    assert said(found) == {("b", What.ADDED, Cause.SOLVER)}


def test_what_stays_with_other_figures_is_repriced() -> None:
    old = base()
    new = old.model_copy(update=sized(old, "a", 2))
    (found,) = changes(old, new)
    assert (found.what, found.cause) == (What.REPRICED, Cause.ESTIMATE)
    assert (found.points_before, found.points, found.difference) == (3, 2, 0)
    assert found.detail == "its estimate is 2 points instead of 3"


def test_the_same_plan_again_has_no_changes_but_says_with_what_it_was_compared() -> None:
    made = plan(base())
    again = with_changes(made, Approval(plan=made, approved_at=NOW, approved_by="Ann"), PLANNER)
    assert again.changes == ()
    assert again.compared is not None
    assert (again.compared.plan_id, again.compared.approved_by) == (made.plan_id, "Ann")
    assert again.compared.worth_now == pytest.approx(made.ux_value)


def test_readings_that_move_nobody_change_nothing() -> None:
    old = base()
    near = tuple(
        reading(name, 28_000 * (harm / 1e4 + 0.01))
        for name, harm in {"ma": 1_001.0, "mb": 901.0, "mc": 801.0}.items()
    )
    assert changes(old, old.model_copy(update={"readings": near})) == ()


def test_an_old_plan_that_breaks_a_rule_is_not_valued_any_more() -> None:
    old = base()
    new = old.model_copy(update={"capacity": CapacityPolicy(points=20)})
    made = with_changes(plan(new), plan(old), PLANNER)
    assert made.compared is not None
    assert made.compared.worth_now is None
    assert made.compared.broken == "reserve, 6 instead of 3 at most"


def test_mixed_inputs_without_a_plan_leave_the_cause_to_the_next_swap() -> None:
    old = base(rules=Rules(pinned=("jira:a",)))
    done = tuple(
        one.model_copy(update={"state": ItemState.DONE}) if one.key == "jira:a" else one
        for one in old.items
    )
    new = old.model_copy(update={"items": done, "rules": Rules()})
    found = changes(old, new)
    assert said(found) == {("a", What.REMOVED, Cause.RULE), ("c", What.ADDED, Cause.RULE)}


def test_all_groups_swapped_are_the_new_inputs() -> None:
    old = base()
    new = old.model_copy(
        update={
            **measured(old), **linked(old), **sized(old, "a", 5), "team": "other",
            "rules": Rules(done=("jira:z",), pinned=("jira:b",)), "kept": ("jira:a",),
        }
    )  # fmt: skip
    assert mix(old, new, ORDER, ("jira:a",)) == new
    assert mix(old, new, (), ()) == old.model_copy(update={"kept": ()})
    assert set(GROUPS) <= set(Inputs.model_fields)


def test_the_replays_begin_with_the_old_plan_and_end_with_the_new_one() -> None:
    old = plan(base())
    new = plan(base().model_copy(update={**measured(base()), **sized(base(), "a", 5)}))
    found = list(replay(old, new, PLANNER))
    assert found[0].chosen == set(keys(old.chosen))
    assert found[-1].chosen == set(keys(new.chosen))
    assert [one.cause for one in found[1:3]] == [Cause.SOLVER, Cause.DATA]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"horizon": HorizonPolicy(sprints=3), "later": LATER},
        {"risk": RiskPolicy(measure=Risk.CVAR)},
    ],
    ids=["one sprint", "three sprints", "bad worlds"],
)
@pytest.mark.slow
def test_what_is_decided_for_a_replay_is_what_the_plan_says(more: dict[str, Any]) -> None:
    items = [item("a", 3), item("b", 3), item("c", 5), item("d", 9), item("e", 1)]
    claims = [claim(name, f"m{name}") for name in "abcde"]
    harms = {"ma": 900.0, "mb": 1_000.0, "mc": 1_800.0, "md": 4_000.0, "me": 100.0}
    made_from = inputs(items, claims, harms, **more)
    assert decide(made_from, PLANNER).chosen == tuple(sorted(keys(plan(made_from).chosen)))


def test_the_approved_plan_is_kept_for_a_part_of_the_value_and_the_plan_says_so() -> None:
    made_from = base(kept=("jira:b", "jira:c"), keep_within=0.2)
    made = plan(made_from)
    assert keys(made.chosen) == ["jira:b", "jira:c"]
    (finding,) = [one for one in made.findings if one.source == "approved plan"]
    assert finding.claim.startswith(
        "Kept 2 items of the approved plan; the best plan would relieve"
    )
    lost = plan(base()).ux_value - made.ux_value
    assert finding.figures["lost"] == pytest.approx(lost)
    assert plan(base(kept=("jira:b", "jira:c"))).ux_value == pytest.approx(made.ux_value + lost)


def test_the_approved_plan_is_kept_with_later_sprints_in_view_too() -> None:
    horizon = HorizonPolicy(sprints=3)
    made = plan(base(kept=("jira:b", "jira:c"), keep_within=0.2, horizon=horizon, later=LATER))
    assert keys(made.chosen) == ["jira:b", "jira:c"]


def test_a_plan_made_again_after_its_approval_is_the_same_plan() -> None:
    made = plan(base())
    again = plan(base(kept=tuple(sorted(keys(made.chosen)))))
    assert (again.digest, again.plan_id) == (made.digest, made.plan_id)
