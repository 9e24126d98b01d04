"""The way to a goal, found with the real engines."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from debtplan.core.goal import GoalStatus, Wanted
from debtplan.core.inputs import HorizonPolicy, Inputs, Rules
from debtplan.core.item import DebtItem, RolePoints
from debtplan.core.link import Claim
from debtplan.core.plan import Reason
from debtplan.core.reserve import ReservePolicy
from debtplan.core.route import Route
from debtplan.core.source import SourceState, SourceStatus
from debtplan.errors import PartialDataError, UsageError
from debtplan.render.goal import GOAL_FORMS, render_goal
from debtplan.workflows.goal import DRAWN, WORLDS, find_route
from tests.builders import NOW, claim, inputs, item, metric, planner, reading

M = metric("m", kind="error_rate", target=0.1, sessions_per_sprint=10_000)

HALF = 0.5
"""Of a metric at 30% with a target of 10%: to 20%."""


def made(items: Sequence[DebtItem], claims: Sequence[Claim], **more: Any) -> Inputs:
    """A team with 6 of 40 points for debt, and a metric at 30%, 20 points above its target."""
    fields = {"metrics": (M,), "readings": (reading("m", 8_400),), **more}
    return inputs(items, claims, **fields)


def route(made_from: Inputs, share: float = HALF, chance: float | None = None) -> Route:
    """The way to a goal that asks for this share of the harm."""
    return find_route(made_from, "m", Wanted(value=0.3 - 0.2 * share), chance, planner())


def simple(**more: Any) -> Inputs:
    """Three items that remove 40%, 30% and 20%."""
    items = [item("A", 5), item("B", 3), item("C", 2)]
    return made(items, [claim("A", "m", 0.8), claim("B", "m", 0.6), claim("C", "m", 0.4)], **more)


def keys(found: Route) -> list[str]:
    """The keys of the least set, without their source."""
    assert found.least
    return [key.partition(":")[2] for key in found.least.keys]


def test_the_least_set_is_found_with_its_reading_and_its_sprints() -> None:
    found = route(simple(), 0.44)
    # B and C leave 0.7 * 0.8 = 56%: the goal to the point.
    assert keys(found) == ["B", "C"]
    assert found.least
    assert found.least.points == 5
    assert found.least.removal == pytest.approx(0.44)
    assert found.least.number == pytest.approx(0.212)
    assert found.least.sessions == pytest.approx(880)
    assert found.is_proven
    assert found.points_above == 4
    assert found.time
    (sprint,) = found.time.sprints
    assert (sprint.room, sprint.used, sprint.end_on) == (6, 5, date(2026, 12, 11))
    assert sprint.number_after == pytest.approx(0.212)
    assert found.time.shown_on == date(2027, 1, 10)
    assert found.time.at_floor == 2


def test_the_ladder_prices_chance_and_a_chance_may_be_asked_for() -> None:
    found = route(simple())
    assert keys(found) == ["A", "C"]
    ladder = {one.points: one.chance for one in found.ladder}
    assert list(ladder) == [2, 3, 5, 7, 8, 10]
    assert found.worlds == WORLDS
    for price in found.prices:
        enough = [points for points, odds in ladder.items() if (odds or 0) >= price.chance]
        assert price.points == (enough[0] if enough else None)
    odds = ladder[8]
    assert odds is not None
    asked = route(simple(), chance=odds)
    assert asked.taken
    assert asked.taken.points == 8
    assert asked.least == found.least
    assert asked.time
    assert len(asked.time.sprints) == 2
    assert odds in [price.chance for price in asked.prices]
    out = route(simple(), chance=0.999)
    assert out.taken is None
    assert out.time == found.time


@pytest.mark.slow
def test_many_items_are_drawn_in_fewer_worlds() -> None:
    items = [item(f"A-{n}", 1) for n in range(150)]
    found = route(made(items, [claim(one.key, "m", 0.02) for one in items]), 0.02)
    assert found.worlds == DRAWN // 150


def test_certain_links_reach_certain_goals() -> None:
    """With a grade that never fails and nothing unknown, the chance is all or nothing."""
    policy = {"grades": dict.fromkeys("ABCDE", 1.0)}
    sure = simple().model_copy(update={"links": simple().links.model_validate(policy)})
    exact = sure.readings[0].model_copy(
        update={
            "measure": sure.readings[0].measure.model_copy(update={"bad": 8.4e9, "total": 28e9})
        }
    )
    found = route(sure.model_copy(update={"readings": (exact,)}), 0.7)
    assert [one.chance for one in found.ladder if one.removal < 0.7] == [0.0] * 2
    assert found.least
    assert found.least.chance == 1.0


def test_prerequisites_cost_and_alternatives_exclude() -> None:
    items = [
        item("A", 2, prerequisites=["P"]), item("P", 4), item("B", 5, excludes=["A"]), item("Z", 1)
    ]  # fmt: skip
    found = route(made(items, [claim("A", "m", 1.0), claim("B", "m", 0.9)]), 0.45)
    assert keys(found) == ["B"]
    more = route(made(items, [claim("A", "m", 1.0), claim("B", "m", 0.9)]), 0.5)
    assert keys(more) == ["A", "P"]
    assert [(one.key, one.removal) for one in more.items if one.key == "jira:P"] == [
        ("jira:P", None)
    ]
    (other,) = more.lacking
    assert (other.key, other.reason) == ("jira:B", Reason.EXCLUDED)
    assert more.unlinked == ("jira:Z",)


def test_what_one_sprint_holds_limits_the_sprints_and_not_the_total() -> None:
    web = (RolePoints(role="web", points=4),)
    items = [item("A", 4, roles=web), item("B", 4, roles=web), item("C", 40)]
    claims = [claim("A", "m", 0.9), claim("B", "m", 0.9), claim("C", "m", 0.9)]
    rules = Rules(roles={"web": 4}, per_flow=1)
    found = route(made(items, claims, rules=rules), 0.8)
    assert found.time
    assert keys(found) == ["A", "B", "C"]
    assert [len(one.parts) for one in found.time.sprints] == [1] * 9
    assert found.time.at_least == 8
    assert found.time.sprints[1].start_on == date(2026, 12, 14)
    assert found.time.sprints[-1].number_after == pytest.approx(0.3 - 0.2 * (1 - 0.55**3))


def test_where_items_are_not_spread_too_large_ones_do_not_count() -> None:
    items = [item("A", 4), item("B", 9), item("C", 1, prerequisites=["B"])]
    claims = [claim("A", "m", 0.9), claim("B", "m", 0.9), claim("C", "m", 0.9)]
    one_go = ReservePolicy(window=1)
    found = route(made(items, claims, reserve=one_go, horizon=HorizonPolicy(spread=False)), 0.8)
    assert found.status is GoalStatus.UNREACHABLE
    assert found.most
    assert found.most.keys == ("jira:A",)
    assert {one.key: one.reason for one in found.lacking} == {
        "jira:B": Reason.TOO_LARGE, "jira:C": Reason.BLOCKED,
    }  # fmt: skip
    assert route(made(items, claims, reserve=one_go), 0.8).status is GoalStatus.REACHABLE


def test_pinned_work_takes_its_room_first() -> None:
    items = [item("A", 4), item("P", 5)]
    found = route(made(items, [claim("A", "m", 0.9)], rules=Rules(pinned=("jira:P",))), 0.4)
    assert keys(found) == ["A"]
    assert found.time
    first, second = found.time.sprints
    assert [(part.key, part.is_for_goal) for part in first.parts] == [("jira:P", False)]
    assert [part.key for part in second.parts] == ["jira:A"]
    assert "P (pinned)" in render_goal(found)


def test_out_of_reach_says_the_most_and_what_is_missing() -> None:
    items = [item("A", 2), item("B", None), item("C", 3, prerequisites=["B"]), item("D", 1)]
    claims = [claim("A", "m", 0.4), claim("B", "m", 0.9), claim("C", "m", 0.2)]
    found = route(made(items, claims))
    assert found.status is GoalStatus.UNREACHABLE
    assert found.is_proven
    assert found.least is None
    assert found.most
    assert found.most.removal == pytest.approx(0.2)
    assert [(one.key, one.reason) for one in found.lacking] == [
        ("jira:B", Reason.NO_ESTIMATE), ("jira:C", Reason.BLOCKED),
    ]  # fmt: skip
    said = render_goal(found)
    assert "Today's items do not get there." in said
    assert "B has no estimate" in said
    assert "One open item touches no metric" in said


def test_what_cannot_be_computed_gives_way_to_no_alternative() -> None:
    unread = metric("x", kind="error_rate", target=0.1, sessions_per_sprint=10_000)
    claims = [claim("A", "m", 0.8), claim("A", "x", 0.8)]
    found = find_route(
        made([item("A", 5)], claims, metrics=(M, unread)), "x", Wanted(value=0.2), None, planner()
    )
    assert found.status is GoalStatus.UNKNOWN
    assert found.lacking == ()


def test_forbidden_items_stay_out() -> None:
    found = route(simple(rules=Rules(forbidden={"jira:A": "owned elsewhere"})))
    assert found.status is GoalStatus.UNREACHABLE
    assert found.lacking[0].reason is Reason.FORBIDDEN


def test_no_linked_item_is_out_of_reach() -> None:
    found = route(made([item("A", 2)], []))
    assert found.status is GoalStatus.UNREACHABLE
    assert found.most is None
    assert "No open item that could be done is linked" in render_goal(found)


def test_a_goal_beyond_the_target_shows_how_far_items_go() -> None:
    found = find_route(simple(), "m", Wanted(value=0.05), None, planner())
    assert found.status is GoalStatus.BEYOND
    assert found.most
    assert found.most.number == pytest.approx(0.1 + 0.2 * 0.6 * 0.7 * 0.8)
    said = render_goal(found)
    assert "This model cannot show a way there" in said
    assert "more than all of that" in said


def test_a_goal_that_is_met_needs_no_search() -> None:
    found = find_route(simple(), "m", Wanted(value=0.4), None, planner())
    assert found.status is GoalStatus.MET
    assert found.least is None
    assert "met already" in render_goal(found)


def test_a_metric_without_readings_or_harm_of_its_own_is_said() -> None:
    blind = route(simple(readings=()))
    assert blind.status is GoalStatus.UNKNOWN
    assert "no reading of m is known" in render_goal(blind)
    voice = metric("v", step="m", kind="csat", target=0.9)
    told = simple(metrics=(M, voice), readings=(reading("m", 8_400), reading("v", 8_400)))
    found = find_route(told, "v", Wanted(relative=-0.1), None, planner())
    assert found.status is GoalStatus.UNKNOWN
    assert found.need.why.endswith("set the goal on m")


def test_metrics_are_found_by_id_and_by_name() -> None:
    named = simple(metrics=(M.model_copy(update={"name": "Failed payments"}),))
    found = find_route(named, "failed payments", Wanted(relative=-0.1), None, planner())
    assert found.metric.id == "m"
    with pytest.raises(UsageError, match="Use one of those at shop: m"):
        find_route(named, "shop", Wanted(relative=-0.1), None, planner())
    with pytest.raises(UsageError, match="Did you mean 'm'"):
        find_route(named, "m1", Wanted(relative=-0.1), None, planner())


def test_what_cannot_be_asked_is_refused_with_a_fix() -> None:
    with pytest.raises(UsageError, match="makes m no better"):
        find_route(simple(), "m", Wanted(relative=0.1), None, planner())
    with pytest.raises(UsageError, match="no chance between"):
        route(simple(), chance=1.0)
    with pytest.raises(UsageError, match="capacity of team 'web' is not known"):
        route(simple(capacity=None))
    shrunk = SourceState(name="jira", status=SourceStatus.SHRUNK, fetched_at=NOW, detail="half")
    with pytest.raises(PartialDataError, match="jira has shrunk"):
        route(simple(sources=(shrunk,)))


def test_a_failed_source_is_named() -> None:
    failed = SourceState(name="jira", status=SourceStatus.FAILED, fetched_at=NOW, detail="down")
    found = route(simple(sources=(failed,)))
    assert found.failed == ("jira",)
    assert "partial: jira failed" in render_goal(found)


def test_work_that_is_never_done_has_no_date() -> None:
    web = (RolePoints(role="web", points=2),)
    items = [item("A", 2, roles=web)]
    found = route(made(items, [claim("A", "m", 1.0)], rules=Rules(roles={"web": 0})), 0.4)
    assert found.time
    assert found.time.sprints == ()
    assert "no points of web" in render_goal(found)


def test_the_order_of_the_input_never_matters() -> None:
    told = simple()
    other = told.model_copy(
        update={
            "items": tuple(reversed(told.items)),
            "claims": tuple(reversed(told.claims)),
        }
    )
    assert route(told) == route(other)


@pytest.mark.parametrize("form", GOAL_FORMS)
def test_every_form_names_every_item_and_escapes(form: str) -> None:
    items = [item("A", 2, title="<b>|`x`"), item("B", None, title="later")]
    claims = [claim("A", "m", 0.9), claim("B", "m", 0.9)]
    text = GOAL_FORMS[form](route(made(items, claims), 0.3))
    assert "A" in text
    assert "B" in text
    if form == "json":
        assert json.loads(text)["schema_version"] == 1
        assert Route.model_validate_json(text).least
    if form == "markdown":
        assert "<b>" not in text
        assert "| A | 2 | 45%" in text
