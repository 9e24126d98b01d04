"""What solving again says of a plan, the quick way and the plain way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from random import Random

import pytest

from benchmarks.explain import backlog_inputs
from debtplan.core import problem
from debtplan.core.flow import Flow
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.item import RolePoints
from debtplan.core.plan import Plan
from debtplan.core.reserve import ReservePolicy
from debtplan.engines.explorer import Explorer
from debtplan.render.facts import Facts
from debtplan.render.surety import write_missing
from debtplan.workflows import many
from debtplan.workflows.plan import explain_item, make_plan
from debtplan.workflows.planner import Planner
from debtplan.workflows.portfolio import Crew
from debtplan.workflows.verify import verify_plan
from tests.builders import claim, inputs, item, keys, metric, planner, reading
from tests.closely import answer_closely

QUICK = Explorer("milp", "auto", 60.0)
TIGHT = ReservePolicy(window=1)


def quick(worlds: int = 6, crew: Crew | None = None) -> Planner:
    """The planner of the tests with the explorer, and all items explained."""
    return replace(
        planner(limit=1_000), explorer=QUICK, crew=crew, worlds=worlds, explain_limit_s=900.0
    )


def small(items: int = 24) -> Inputs:
    """A backlog with roles, prerequisites and overlaps."""
    return backlog_inputs(Random(5), items)


def decided(plan: Plan) -> dict[str, object]:
    """The plan as a document, numbers rounded, without what names solvers."""
    content = plan.model_dump(mode="json", exclude={"solver", "digest", "plan_id"})
    rounded = _rounded(content)
    assert isinstance(rounded, dict)
    return rounded


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


@pytest.mark.slow
def test_the_quick_way_says_what_the_plain_way_says() -> None:
    made_from = small()
    plain = replace(planner(limit=1_000), worlds=6, explain_limit_s=900.0)
    expected, found = decided(make_plan(made_from, plain)), decided(make_plan(made_from, quick()))
    assert found == expected


@pytest.mark.slow
def test_a_crew_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    made_from = small()
    expected = make_plan(made_from, quick(worlds=70)).model_dump_json(exclude={"solver"})
    monkeypatch.setattr(many, "WORTH_A_CREW_S", 0.0)
    opened: list[int] = []

    def pool() -> ThreadPoolExecutor:
        opened.append(1)
        return ThreadPoolExecutor(2)

    found = make_plan(made_from, quick(worlds=70, crew=Crew(pool, 2)))
    assert opened
    assert found.model_dump_json(exclude={"solver"}) == expected


def test_every_candidate_has_its_certainty_however_many_are_explained() -> None:
    made_from = small()
    plan = make_plan(made_from, replace(quick(), explain_limit=3))
    assert plan.explained is not None
    assert plan.explained.coverage.items == 3
    assert plan.explained.coverage.worlds == 6
    assert all(one.certainty is not None for one in plan.chosen)
    assert all(row.certainty is not None for row in plan.passed_over if row.reason == "outranked")


def test_what_the_time_was_too_short_for_is_said() -> None:
    plan = make_plan(small(), replace(quick(), explain_limit_s=1e-9))
    assert plan.explained is not None
    coverage = plan.explained.coverage
    assert coverage.items == 0
    said = " ".join(coverage.missing)
    for what in ("loses without", "loses with", "bring in", "Certainty rests on 1 of 6 worlds"):
        assert what in said
    assert all(one.drop_loss is None for one in plan.chosen)


@pytest.mark.slow
def test_nothing_is_missing_where_the_time_was_long_enough() -> None:
    plan = make_plan(small(), quick())
    assert plan.explained is not None
    coverage = plan.explained.coverage
    assert coverage.missing == ()
    assert coverage.items == coverage.of_items
    sure = {*plan.explained.no_regret, *plan.explained.open_to_debate}
    assert sure <= {*keys(plan.chosen), *keys(plan.passed_over)}


@pytest.fixture
def way() -> Callable[[Inputs], Plan]:
    """A way to make plans, the quick one."""
    return partial(make_plan, planner=quick())


def test_the_reserve_binds_and_a_point_more_is_worth_what_it_lets_in(
    way: Callable[[Inputs], Plan],
) -> None:
    made_from = inputs(
        [item("a", 6), item("b", 1)],
        [claim("a", "m", 0.5), claim("b", "n", 0.5)],
        harms={"m": 1_000.0, "n": 100.0},
        reserve=TIGHT,
    )
    plan = way(made_from)
    assert [one.key for one in plan.chosen] == ["jira:a"]
    assert plan.explained is not None
    (row,) = plan.explained.binding
    assert (row.rule, row.more) == ("the reserve of 6 points", "1 point more")
    assert row.takes_in == ("jira:b",)
    assert row.leaves_out == ()
    rival = next(one for one in plan.passed_over if one.key == "jira:b")
    assert row.worth == pytest.approx(rival.ux_value)


def test_an_item_that_was_too_large_comes_in_with_a_point_more(
    way: Callable[[Inputs], Plan],
) -> None:
    made_from = inputs(
        [item("a", 7), item("b", 1)],
        [claim("a", "m", 0.9), claim("b", "n", 0.5)],
        harms={"m": 1_000.0, "n": 10.0},
        reserve=TIGHT,
    )
    plan = way(made_from)
    assert plan.explained is not None
    assert plan.explained.binding[0].takes_in == ("jira:a",)
    assert plan.explained.binding[0].leaves_out == ("jira:b",)


def test_a_full_role_binds(way: Callable[[Inputs], Plan]) -> None:
    made_from = inputs(
        [
            item("a", 2, roles=(RolePoints(role="web", points=2),)),
            item("b", 1, roles=(RolePoints(role="web", points=1),)),
        ],
        [claim("a", "m", 0.5), claim("b", "n", 0.5)],
        harms={"m": 1_000.0, "n": 100.0},
        rules=Rules(roles={"web": 2}),
        reserve=TIGHT,
    )
    plan = way(made_from)
    assert plan.explained is not None
    assert [row.rule for row in plan.explained.binding] == ["the 2 points of role web"]


def test_alternatives_are_allowed_and_worth_what_they_say(way: Callable[[Inputs], Plan]) -> None:
    names = "abcdefgh"
    made_from = inputs(
        [item(name, 2) for name in names],
        [claim(name, f"m{name}", 0.5) for name in names],
        harms={f"m{name}": 1_000.0 - n for n, name in enumerate(names)},
        reserve=TIGHT,
    )
    plan = way(made_from)
    assert set(keys(plan.chosen)) == {"jira:a", "jira:b", "jira:c"}
    assert plan.explained is not None
    found = plan.explained.alternatives
    far = next(one for one in found if one.kind == "most_different")
    assert set(far.takes_in) == set(far.chosen)
    assert len(far.chosen) == 3
    assert far.points == 6
    near = [one for one in found if one.kind == "near_best"]
    assert near[0].takes_in == ("jira:d",)
    assert near[0].leaves_out == ("jira:c",)
    for one in found:
        assert 0.98 <= one.share <= 1
        assert one.ux_value == pytest.approx(one.share * plan.ux_value)


def test_weightings_agree_on_the_core_and_contest_the_rest(way: Callable[[Inputs], Plan]) -> None:
    flows = (
        Flow(id="shop", sessions_per_sprint=10_000),
        Flow(id="login", sessions_per_sprint=10_000),
    )
    made_from = inputs(
        [item("a", 2), item("b", 4), item("c", 4)],
        [claim("a", "ma", 0.9), claim("b", "mb", 0.5), claim("c", "mc", 0.5)],
        flows=flows,
        metrics=tuple(
            metric(name, flow, sessions_per_sprint=10_000)
            for name, flow in (("ma", "shop"), ("mb", "shop"), ("mc", "login"))
        ),
        readings=tuple(
            reading(name, 28_000 * (harm / 1e4 + 0.01))
            for name, harm in (("ma", 1_000), ("mb", 300), ("mc", 250))
        ),
        reserve=TIGHT,
    )
    plan = way(made_from)
    assert [one.key for one in plan.chosen] == ["jira:a", "jira:b"]
    assert plan.explained is not None
    agreement = plan.explained.agreement
    assert agreement is not None
    assert [one.name for one in agreement.weightings] == [
        "as set",
        "login counts double",
        "shop counts double",
    ]
    assert agreement.core == ("jira:a",)
    assert [(row.key, row.taken_by) for row in agreement.contested] == [
        ("jira:b", ("as set", "shop counts double")),
        ("jira:c", ("login counts double",)),
    ]
    assert agreement.weightings[1].share < 1


@pytest.mark.slow
def test_the_frontier_says_what_the_next_point_is_worth(way: Callable[[Inputs], Plan]) -> None:
    plan = way(small())
    for left, right in zip(plan.frontier, plan.frontier[1:], strict=False):
        more = plan.capacity.points * (right.reserve_share - left.reserve_share)
        assert left.next_point == pytest.approx((right.ux_value - left.ux_value) / more, abs=1e-6)
    assert plan.frontier[-1].next_point is None


@pytest.mark.slow
def test_one_item_is_explained_with_all_that_surrounds_the_plan() -> None:
    made_from = small()
    plan = make_plan(made_from, quick())
    key = next(row.key for row in plan.passed_over if row.force_loss)
    alone = explain_item(made_from, key, quick())
    row, other = (
        next(one for one in found.passed_over if one.key == key) for found in (plan, alone)
    )
    assert other.force_loss == pytest.approx(row.force_loss)
    assert other.flip == row.flip
    assert other.certainty == row.certainty
    assert alone.explained is not None
    assert plan.explained is not None
    assert alone.explained.binding == plan.explained.binding


@pytest.mark.slow
def test_a_large_backlog_is_explained_closely_and_the_plan_says_how_closely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer_closely(monkeypatch)
    monkeypatch.setattr(problem, "CLOSE", 0.5)
    plan = make_plan(small(60), quick(worlds=10))
    assert plan.explained is not None
    coverage = plan.explained.coverage
    assert coverage.missing == ()
    assert (coverage.items, coverage.worlds) == (60, 10)
    assert 0 < coverage.gap <= 0.5
    assert all(one.drop_loss is None or one.drop_loss >= 0 for one in plan.chosen)
    assert all(one.holds for one in verify_plan(plan, quick(worlds=10)))
    assert any(f"within {coverage.gap:.3%}" in line for line in write_missing(Facts(plan)))


@pytest.mark.slow
def test_reserves_whose_best_plan_is_not_proven_are_left_out_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer_closely(monkeypatch)
    monkeypatch.setattr(problem, "CLOSE", 0.0)
    plan = make_plan(small(61), quick(worlds=1))
    assert plan.explained is not None
    left_out = 26 - len(plan.frontier)
    assert left_out > 1
    assert f"Not proven in time: the best plan of {left_out} reserves." in (
        plan.explained.coverage.missing
    )


@pytest.mark.slow
def test_where_every_answer_is_proven_no_distance_is_told() -> None:
    plan = make_plan(small(), quick(worlds=3))
    assert plan.explained is not None
    assert plan.explained.coverage.gap == 0
    assert write_missing(Facts(plan)) == ()
