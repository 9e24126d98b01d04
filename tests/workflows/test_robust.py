"""Plans that are chosen for the bad worlds, and what simulated costs say of any plan."""

from dataclasses import replace
from typing import Any

import pytest

from debtplan.core.cost import Actual
from debtplan.core.document import parse_plan
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.plan import Plan
from debtplan.core.problem import Status
from debtplan.core.reserve import ReservePolicy
from debtplan.core.risk import Risk, RiskPolicy
from debtplan.render.json import plan_json
from debtplan.stats.draws import Draws
from debtplan.workflows.plan import make_plan
from debtplan.workflows.verify import verify_plan
from tests.builders import claim, inputs, item, keys, plan_of, planner

TIGHT = ReservePolicy(window=1)
CVAR = RiskPolicy(measure=Risk.CVAR)


def gamble(policy: RiskPolicy = CVAR, **more: Any) -> Inputs:
    """A guess that would help more if it came true, and a tested fix; only one of them fits."""
    return inputs(
        [item("bet", 5), item("sure", 5)],
        [claim("bet", "m", 0.9, grade="E"), claim("sure", "n", 0.12, grade="A")],
        {"m": 1_000.0, "n": 1_000.0},
        reserve=TIGHT,
        risk=policy,
        **more,
    )


def test_the_expected_relief_takes_the_bet_and_the_bad_worlds_the_tested_fix() -> None:
    assert keys(plan_of(gamble(RiskPolicy())).chosen) == ["jira:bet"]
    assert keys(plan_of(gamble()).chosen) == ["jira:sure"]


def test_the_price_of_robustness_is_what_the_expected_plan_relieves_more() -> None:
    plain, safe = plan_of(gamble(RiskPolicy())), plan_of(gamble())
    robust = safe.robust
    assert plain.robust is None
    assert robust is not None
    assert robust.expected_chosen == ("jira:bet",)
    assert robust.price == pytest.approx(plain.ux_value - safe.ux_value)
    assert robust.price > 0
    assert robust.expected == pytest.approx(safe.ux_value)
    assert robust.gain is not None
    assert robust.gain > 20
    assert robust.cvar > robust.expected_cvar
    assert not robust.is_same


def test_a_robust_plan_says_what_was_optimised_and_what_is_proven() -> None:
    plan = plan_of(gamble())
    assert plan.robust is not None
    assert plan.robust.status is Status.OPTIMAL
    assert plan.robust.bound == pytest.approx(plan.robust.cvar, rel=1e-6)
    assert plan.solver.status is Status.OPTIMAL
    assert plan.solver.bound is None
    assert "the worst 20% of 100 simulated worlds" in plan.robust.words
    assert "no allowed set does better there" in plan.robust.words
    assert any(one.claim in plan.robust.words for one in plan.findings)


def test_the_share_of_bad_worlds_is_a_setting_and_all_of_them_are_the_mean() -> None:
    whole = plan_of(gamble(RiskPolicy(measure=Risk.CVAR, alpha=1.0)))
    assert keys(whole.chosen) == ["jira:bet"]
    assert whole.robust is not None
    assert whole.robust.is_same
    assert "costs nothing" in whole.robust.words


def test_rules_hold_for_the_bad_worlds_too() -> None:
    pinned = plan_of(gamble(rules=Rules(pinned=("jira:bet",))))
    assert keys(pinned.chosen) == ["jira:bet"]


@pytest.mark.slow
def test_a_robust_plan_comes_out_again_and_is_proven_again() -> None:
    first, again = plan_of(gamble()), plan_of(gamble())
    assert first.digest == again.digest
    assert parse_plan(plan_json(first)) == first
    assert all(one.holds for one in verify_plan(first, planner()))


@pytest.mark.slow
def test_a_robust_plan_that_claims_more_of_the_bad_worlds_is_caught() -> None:
    plan = plan_of(gamble())
    assert plan.robust is not None
    more = plan.robust.model_copy(update={"cvar": plan.robust.cvar * 1.01})
    bent = plan.model_copy(update={"robust": more})
    failed = [one.what for one in verify_plan(bent, planner()) if not one.holds]
    assert "what it relieves in the bad worlds comes out, and is at most the bound" in failed


@pytest.mark.slow
def test_where_time_is_over_the_bound_is_stated_and_the_plan_still_holds() -> None:
    items = [item(f"k{n}", 2) for n in range(8)]
    grades = "EADBECDA"
    claims = [claim(f"k{n}", "mn"[n % 2], 0.1 + n / 12, grade=g) for n, g in enumerate(grades)]
    made_from = inputs(items, claims, {"m": 900.0, "n": 1_100.0}, reserve=TIGHT, risk=CVAR)
    hurried = replace(planner(), hedge_limit_s=0.0)
    rushed, whole = make_plan(made_from, hurried), plan_of(made_from)
    assert rushed.robust is not None
    assert whole.robust is not None
    assert whole.robust.status is Status.OPTIMAL
    assert rushed.robust.solves == 1
    assert rushed.robust.bound >= whole.robust.cvar - 1e-9
    assert rushed.robust.cvar <= whole.robust.cvar + 1e-9
    assert all(one.holds for one in verify_plan(rushed, hurried))


def costed(points: float = 5, **more: Any) -> Plan:
    """A plan of two items of 6 points together, unless said otherwise."""
    made_from = inputs(
        [item("a", points), item("b", 1)],
        [claim("a", "m"), claim("b", "n")],
        {"m": 1_000.0, "n": 500.0},
        reserve=TIGHT,
        **more,
    )
    return plan_of(made_from, draws=2_000)


def test_a_plan_says_how_likely_its_items_cost_more_than_the_reserve() -> None:
    plan = costed()
    found = plan.overrun
    assert found is not None
    assert (found.estimate, found.reserve, found.worlds) == (6.0, 6.0, 2_000)
    assert 0.35 < found.chance < 0.55
    assert found.p10 < found.p50 < 6 < found.p90
    assert [one.key for one in found.finish] == keys(plan.chosen)
    assert found.finish[-1].chance == pytest.approx(1 - found.chance)
    assert 0 < found.relief < plan.ux_value
    assert found.is_assumed
    said = next(one for one in plan.findings if one.source == "costs")
    assert "assumed" in said.claim
    assert said.figures["chance"] == found.chance


def test_a_plan_that_leaves_room_overruns_less() -> None:
    full, roomy = costed().overrun, costed(points=2).overrun
    assert full is not None
    assert roomy is not None
    assert roomy.chance < full.chance / 3


def test_the_teams_own_history_replaces_the_assumption() -> None:
    true = tuple(Actual(key=f"x{n}", estimate=2, actual=2.0 + 0.1 * (n % 2)) for n in range(40))
    long = tuple(Actual(key=f"x{n}", estimate=2, actual=4.0 + 0.1 * (n % 2)) for n in range(40))
    assumed, exact, late = costed().overrun, costed(actuals=true).overrun, costed(actuals=long)
    assert assumed is not None
    assert exact is not None
    assert late.overrun is not None
    assert exact.p90 - exact.p10 < assumed.p90 - assumed.p10
    assert late.overrun.p50 == pytest.approx(11.3, abs=0.8)
    assert late.overrun.chance > 0.9
    assert "fitted to 40 finished items" in exact.basis


def test_nothing_chosen_has_no_overrun() -> None:
    made_from = inputs([item("a", 50)], [claim("a", "m")], reserve=TIGHT)
    plan = plan_of(made_from)
    assert plan.chosen == ()
    assert plan.overrun is None
    assert not [one for one in plan.findings if one.source == "costs"]


def test_costs_depend_on_the_seed_alone() -> None:
    first, again, other = costed(), costed(), costed(seed=2)
    assert first.overrun == again.overrun
    assert first.overrun != other.overrun


def test_certainty_counts_worlds_in_which_costs_differ_too() -> None:
    sure = tuple(Actual(key=f"x{n}", estimate=2, actual=2.0) for n in range(4_000))
    made_from = inputs(
        [item("a", 6), item("b", 6)],
        [claim("a", "m", 0.5, grade="A"), claim("b", "n", 0.1, grade="A")],
        {"m": 1_000.0, "n": 1_000.0},
        reserve=TIGHT,
    )
    few = replace(planner(), simulator=Draws(50, 60))
    plan = make_plan(made_from, few)
    certain = make_plan(made_from.model_copy(update={"actuals": sure}), few)
    assert plan.chosen[0].certainty is not None
    assert certain.chosen[0].certainty is not None
    assert plan.chosen[0].certainty < 0.9
    assert plan.chosen[0].key == certain.chosen[0].key == "jira:a"
