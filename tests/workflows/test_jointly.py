"""Teams that depend on each other are solved as one, and each gets a plan that proves itself."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

import pytest

from debtplan.core.capacity import CapacityPolicy
from debtplan.core.inputs import HorizonPolicy, Inputs, Rules
from debtplan.core.item import ItemState
from debtplan.core.plan import Plan
from debtplan.core.problem import Status
from debtplan.core.source import SourceState, SourceStatus
from debtplan.workflows.jointly import Grouped, plan_group
from debtplan.workflows.verify import verify_plan
from tests.builders import NOW, claim, item, keys, plan_of, planner, reasons
from tests.workflows.companies import best_value, company, team, worth_of

CASES = 60


def grouped(*teams: Inputs, limit: int = 0) -> Grouped:
    return plan_group(teams, planner(draws=20, worlds=2, limit=limit), 14.0)


def plan(done: Grouped, name: str) -> Plan:
    return next(one for one in done.plans if one.team == name)


def chosen(done: Grouped) -> dict[str, list[str]]:
    return {one.team: sorted(keys(one.chosen)) for one in done.plans}


def said(made: Plan) -> str:
    return " ".join(finding.claim for finding in made.findings)


@pytest.mark.parametrize("start", range(0, CASES, 10))
@pytest.mark.slow
def test_the_joint_optimum_is_that_of_trying_everything(start: int) -> None:
    for seed in range(start, start + 10):
        group = company(seed)
        done = grouped(*group)
        assert not done.failed, seed
        assert done.status is Status.OPTIMAL, seed
        assert done.ux_value == pytest.approx(best_value(group), rel=1e-9, abs=1e-9), seed
        assert worth_of(group, done) == pytest.approx(done.ux_value, rel=1e-9, abs=1e-9), seed


@pytest.mark.slow
def test_three_teams_do_as_well_as_trying_everything() -> None:
    for seed in range(100, 115):
        group = company(seed, ("a", "b", "c"))
        done = grouped(*group)
        assert done.ux_value == pytest.approx(best_value(group), rel=1e-9, abs=1e-9), seed


@pytest.mark.slow
def test_every_plan_of_a_group_proves_itself() -> None:
    for seed in range(12):
        for made in grouped(*company(seed)).plans:
            checks = verify_plan(made, planner(draws=20, worlds=2, limit=0))
            assert [check for check in checks if not check.holds] == [], seed


@pytest.mark.slow
def test_work_in_progress_comes_first_and_the_plans_prove_themselves() -> None:
    for seed in range(12):
        done = grouped(*company(seed, started_share=0.4))
        assert not done.failed, seed
        for made in done.plans:
            checks = verify_plan(made, planner(draws=20, worlds=2, limit=0))
            assert [check for check in checks if not check.holds] == [], seed


def test_work_in_progress_of_a_group_is_in_as_far_as_it_fits() -> None:
    begun = {"state": ItemState.IN_PROGRESS}
    links = [claim("a1", "m3", 0.9), claim("a2", "m1", 0.1)]
    a = team("a", [item("a1", 5), item("a2", 5, **begun)], links)
    b = team("b", [item("b1", 4, **begun), item("b2", 4, **begun)], [claim("b2", "m3", 0.2)])
    done = grouped(a, b)
    assert chosen(done) == {"a": ["jira:a2"], "b": ["jira:b2"]}
    assert not plan(done, "b").chosen[0].is_pinned


@pytest.mark.slow
def test_the_teams_values_and_what_is_shared_add_up() -> None:
    for seed in range(10):
        done = grouped(*company(seed))
        own = sum(done.own.values())
        assert own <= done.ux_value + 1e-9, seed
        assert sum(one.ux_value for one in done.plans) == pytest.approx(own), seed


@pytest.mark.slow
def test_teams_that_share_nothing_do_the_same_together_and_apart() -> None:
    for seed in range(8):
        random = Random(seed)
        group = []
        for name, metric in (("a", "m1"), ("b", "m2")):
            rows = [item(f"{name}{n}", random.choice((1, 2, 3))) for n in range(5)]
            links = [claim(one.key, metric, random.choice((0.2, 0.4, 0.9))) for one in rows]
            group.append(team(name, rows, links))
        together, apart = grouped(*group), [grouped(one) for one in group]
        assert chosen(together) == {**chosen(apart[0]), **chosen(apart[1])}
        assert together.ux_value == pytest.approx(sum(one.ux_value for one in apart))


@pytest.mark.slow
def test_the_order_of_the_teams_does_not_matter() -> None:
    for seed in range(5):
        group = company(seed, ("a", "b", "c"))
        first, second = grouped(*group), grouped(*reversed(group))
        assert [one.digest for one in first.plans] == [one.digest for one in second.plans]
        assert first.ux_value == second.ux_value


def test_harm_that_two_teams_can_relieve_counts_once() -> None:
    pair = [team(one, [item(one, 2)], [claim(one, "m3", 0.9)]) for one in ("a", "b")]
    done = grouped(*pair)
    each = 1_000 * 0.45
    assert done.ux_value == pytest.approx(1_000 * (1 - 0.55 * 0.55))
    assert done.own == pytest.approx({"a": each * 0.55, "b": each * 0.55})
    assert plan(done, "a").chosen[0].ux_value == pytest.approx(each * 0.55)
    assert "45% of m3" in said(plan(done, "a"))


def test_the_example_of_the_documentation_comes_out() -> None:
    a = team("a", [item("a1", 2)], [claim("a1", "m3", 0.8)])
    b = team("b", [item("b1", 2)], [claim("b1", "m3", 1.0)])
    done = grouped(a, b)
    assert done.ux_value == pytest.approx(700)
    assert done.own == pytest.approx({"a": 200, "b": 300})


def test_a_team_leaves_to_another_what_that_one_does_better() -> None:
    a = team("a", [item("a1", 6), item("a2", 6)], [claim("a1", "m3", 0.9), claim("a2", "m2", 0.8)])
    b = team("b", [item("b1", 6)], [claim("b1", "m3", 0.9)])
    assert chosen(grouped(a)) == {"a": ["jira:a1"]}
    assert chosen(grouped(a, b)) == {"a": ["jira:a1"], "b": ["jira:b1"]}
    b = team("b", [item("b1", 6)], [claim("b1", "m3", 1.0)])
    a = team("a", [item("a1", 6), item("a2", 6)], [claim("a1", "m3", 0.8), claim("a2", "m2", 0.8)])
    assert chosen(grouped(a)) == {"a": ["jira:a1"]}
    assert chosen(grouped(a, b)) == {"a": ["jira:a1"], "b": ["jira:b1"]}
    a = team("a", [item("a1", 6), item("a2", 6)], [claim("a1", "m3", 0.5), claim("a2", "m2", 0.9)])
    assert chosen(grouped(a)) == {"a": ["jira:a1"]}
    assert chosen(grouped(a, b)) == {"a": ["jira:a2"], "b": ["jira:b1"]}


def enabling(**more: object) -> list[Inputs]:
    """Team a's best item waits for one of team b that helps nobody else."""
    a = team("a", [item("a1", 3, prerequisites=["b1"])], [claim("a1", "m3", 0.9)])
    b = team("b", [item("b1", 2), item("b2", 5)], [claim("b2", "m1", 0.2)], **more)
    return [a, b]


def test_an_item_is_done_because_another_team_waits_for_it() -> None:
    done = grouped(*enabling(), limit=10)
    assert chosen(done) == {"a": ["jira:a1"], "b": ["jira:b1"]}
    made = plan(done, "b")
    assert "jira:b1 is in because other teams wait for it with jira:a1" in said(made)
    assert not made.chosen[0].is_pinned
    assert made.chosen[0].drop_loss is None
    assert plan(done, "a").chosen[0].drop_loss == pytest.approx(450)


def test_an_item_waits_in_vain_for_one_that_its_team_cannot_do() -> None:
    done = grouped(*enabling(rules=Rules(forbidden={"jira:b1": "not ours"})))
    assert chosen(done) == {"a": [], "b": ["jira:b2"]}
    row = plan(done, "a").passed_over[0]
    assert row.reason == "blocked"
    assert row.detail == "waits for jira:b1 of team b, which ruled out by the team: not ours"


def test_an_item_waits_in_vain_for_one_that_is_not_worth_its_place() -> None:
    a = team("a", [item("a1", 3, prerequisites=["b1"])], [claim("a1", "m1", 0.1)])
    b = team("b", [item("b1", 6), item("b2", 6)], [claim("b2", "m3", 0.9)])
    row = plan(grouped(a, b), "a").passed_over[0]
    assert row.detail == "waits for jira:b1 of team b, which is not in that team's plan"


def test_of_two_teams_alternatives_one_is_done() -> None:
    a = team("a", [item("a1", 3, excludes=["b1"])], [claim("a1", "m3", 0.9)])
    b = team("b", [item("b1", 3)], [claim("b1", "m3", 0.5)])
    done = grouped(a, b)
    assert chosen(done) == {"a": ["jira:a1"], "b": []}
    row = plan(done, "b").passed_over[0]
    assert (row.reason, row.detail) == (
        "excluded",
        "is an alternative to jira:a1 of team a, which is in that team's plan",
    )


def test_an_alternative_that_another_team_has_done_is_out() -> None:
    a = team("a", [item("a1", 3, state=ItemState.DONE)])
    b = team("b", [item("b1", 3, excludes=["a1"])], [claim("b1", "m3", 0.5)])
    row = plan(grouped(a, b), "b").passed_over[0]
    assert row.detail == "is an alternative to jira:a1 of team a, which is done"


def test_a_cycle_across_teams_is_named() -> None:
    a = team("a", [item("a1", 1, prerequisites=["b1"])], [claim("a1", "m1")])
    b = team("b", [item("b1", 1, prerequisites=["a1"])], [claim("b1", "m1")])
    done = grouped(a, b)
    assert chosen(done) == {"a": [], "b": []}
    assert "jira:a1 -> jira:b1 -> jira:a1" in plan(done, "a").passed_over[0].detail
    assert reasons(plan(done, "b")) == {"jira:b1": "blocked"}


def test_a_phase_counts_as_done_with_all_phases_of_its_item() -> None:
    a = team("a", [item("a1", 1, prerequisites=["b1"])], [claim("a1", "m3", 0.9)])
    b = team("b", [item("b1/one", 2), item("b1/two", 3, prerequisites=["b1/one"])])
    assert chosen(grouped(a, b))["b"] == ["jira:b1/one", "jira:b1/two"]


def test_role_limits_hold_for_each_team_by_itself() -> None:
    part = [{"role": "back", "points": 2.0}]
    pair = [
        team(
            name,
            [item(f"{name}{n}", 2, roles=part) for n in range(2)],
            [claim(f"{name}{n}", "m3", 0.5) for n in range(2)],
            rules=Rules(roles={"back": limit}),
        )
        for name, limit in (("a", 2.0), ("b", 4.0))
    ]
    assert {name: len(own) for name, own in chosen(grouped(*pair)).items()} == {"a": 1, "b": 2}


def test_a_team_without_capacity_leaves_the_others() -> None:
    a, b = enabling()
    b = b.model_copy(update={"capacity": CapacityPolicy()})
    done = grouped(a, b)
    assert [(one.team, one.exit_code) for one in done.failed] == [("b", 2)]
    assert "team 'b'" in done.failed[0].what
    assert [one.team for one in done.plans] == ["a"]
    assert plan(done, "a").inputs.beside is None


def test_a_pin_that_waits_in_vain_fails_its_own_team() -> None:
    a, b = enabling(rules=Rules(forbidden={"jira:b1": "not ours"}))
    done = grouped(a.model_copy(update={"rules": Rules(pinned=("jira:a1",))}), b)
    assert [(one.team, one.exit_code) for one in done.failed] == [("a", 6)]
    assert "jira:a1 is pinned, but it waits for jira:b1 of team b" in done.failed[0].what
    assert chosen(done) == {"b": ["jira:b2"]}


def test_pins_that_other_teams_reserves_cannot_hold_are_named() -> None:
    a, b = enabling()
    a = a.model_copy(update={"rules": Rules(pinned=("jira:a1",))})
    b = b.model_copy(update={"rules": Rules(pinned=("jira:b2",))})
    done = grouped(a, b)
    assert sorted(one.team for one in done.failed) == ["a", "b"]
    assert done.failed[0].what == (
        "These rules cannot hold together: jira:a1 pinned; jira:b2 pinned; the reserve of b."
    )


def test_all_teams_fail_where_a_source_has_shrunk() -> None:
    shrunk = (SourceState(name="jira", status=SourceStatus.SHRUNK, detail="half is gone"),)
    done = grouped(*(one.model_copy(update={"sources": shrunk}) for one in enabling()))
    assert [(one.team, one.exit_code) for one in done.failed] == [("a", 5), ("b", 5)]
    assert (done.plans, done.status) == ((), None)


def test_a_team_alone_gets_the_plan_that_it_always_gets() -> None:
    one = team("a", [item("a1", 3), item("a2", 4)], [claim("a1", "m1"), claim("a2", "m2")])
    alone = plan_of(one, draws=20, worlds=2, limit=0)
    assert grouped(one).plans[0].digest == alone.digest


def test_values_are_counted_for_one_length_of_sprint() -> None:
    one = team("a", [item("a1", 3)], [claim("a1", "m1")])
    one = one.model_copy(
        update={
            "capacity": CapacityPolicy(points=40, sprint_days=28),
            "metrics": tuple(
                metric.model_copy(update={"sessions_per_sprint": None}) for metric in one.metrics
            ),
            "flows": tuple(
                flow.model_copy(update={"sessions_per_sprint": None}) for flow in one.flows
            ),
        }
    )
    done = grouped(one)
    assert done.own["a"] == pytest.approx(done.plans[0].ux_value / 2)
    assert done.ux_value == done.own["a"]


def test_dependent_teams_plan_the_coming_sprint_only() -> None:
    ahead = HorizonPolicy(sprints=3)
    group = [one.model_copy(update={"horizon": ahead}) for one in enabling()]
    for made in grouped(*group).plans:
        assert made.inputs.horizon.sprints == 1
        assert "for the coming sprint" in said(made)


def test_equal_choices_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    def twins(names: Sequence[str]) -> list[Inputs]:
        return [
            team(
                one,
                [item(f"{one}{n}", 3) for n in range(4)],
                [claim(f"{one}{n}", f"m{n % 2 + 1}", 0.4) for n in range(4)],
                kept=kept,
            )
            for one, kept in zip(names, ((), None, ("jira:c2",)), strict=True)
        ]

    group = twins(("a", "b", "c"))
    done = grouped(*group)
    assert not done.failed
    assert done.ux_value == pytest.approx(best_value(group))
    assert "jira:c2" in chosen(done)["c"]


def test_the_reserves_are_exact() -> None:
    rows = [item(f"a{n}", 0.1) for n in range(3)]
    a = team("a", rows, [claim(one.key, "m1") for one in rows], capacity=2.0)
    b = team("b", [item("b1", 1)], [claim("b1", "m1")])
    assert len(chosen(grouped(a, b))["a"]) == 3
    assert Fraction("0.3") == 3 * Fraction("0.1")
    assert plan(grouped(a, b), "a").created_at == NOW
