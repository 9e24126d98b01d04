"""Parts of the reserve: kept for some, raised in an emergency, a pot beside it; work begun."""

from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest

from debtplan.core.flow import UxMetric
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.plan import Plan
from debtplan.core.reserve import KeptFor, ReservePolicy
from debtplan.workflows.verify import verify_plan
from tests.builders import claim, inputs, item, keys, plan_of, planner, reasons

ALONE = ReservePolicy(window=1)
"""6 points."""


def backlog(reserve: ReservePolicy = ALONE, **more: Any) -> Inputs:
    """Two items on m, worth most, and two on n; 3 points each."""
    return inputs(
        [item(key, 3) for key in ("a", "b", "c", "d")],
        [
            claim("a", "m", 0.5),
            claim("b", "m2", 0.5),
            claim("c", "n", 0.2),
            claim("d", "n2", 0.1),
        ],
        {"m": 1_000.0, "m2": 1_000.0, "n": 1_000.0, "n2": 1_000.0},
        reserve=reserve,
        **more,
    )


def holds(plan: Plan) -> bool:
    return all(one.holds for one in verify_plan(plan, planner()))


def kept(share: float, **what: str) -> ReservePolicy:
    return ReservePolicy(window=1, kept_for=(KeptFor(share=share, **what),))


def test_what_is_kept_for_some_work_other_work_does_not_get() -> None:
    assert keys(plan_of(backlog()).chosen) == ["jira:a", "jira:b"]
    plan = plan_of(backlog(kept(0.5, metric="n")))
    assert sorted(keys(plan.chosen)) == ["jira:a", "jira:c"]
    assert reasons(plan)["jira:b"] == "role_full"
    (detail,) = (one.detail for one in plan.passed_over if one.key == "jira:b")
    assert detail == "the points that are not kept for n are used up"
    assert holds(plan)


def test_what_nobody_can_use_stays_unused_and_is_said() -> None:
    made_from = inputs(
        [item("a", 3), item("b", 3)], [claim("a", "m", 0.5), claim("b", "m", 0.4)],
        {"m": 1_000.0, "n": 1_000.0}, reserve=kept(0.5, metric="n"),
    )  # fmt: skip
    plan = plan_of(made_from)
    assert keys(plan.chosen) == ["jira:a"]
    assert any("Of 3 points kept aside, 0 are used" in one.claim for one in plan.findings)


def test_a_segment_and_a_flow_can_be_kept_for() -> None:
    made_from = backlog(kept(0.5, segment="abroad"))
    abroad = tuple(
        one.model_copy(update={"segment": "abroad"}) if one.id in ("n", "n2") else one
        for one in made_from.metrics
    )
    plan = plan_of(made_from.model_copy(update={"metrics": abroad}))
    assert sorted(keys(plan.chosen)) == ["jira:a", "jira:c"]
    everything = plan_of(backlog(kept(0.5, flow="shop")))
    assert keys(everything.chosen) == ["jira:a", "jira:b"]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"kept_for": [{"share": 0.5}]}, "names no flow"),
        ({"kept_for": [{"share": 0.6, "flow": "a"}, {"share": 0.5, "flow": "b"}]}, "more than 1"),
        ({"critical_ceiling": 0.1}, "below ceiling"),
        ({"enabling": -0.1}, "greater than or equal to 0"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(policy: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ReservePolicy.model_validate(policy)


def critical(made_from: Inputs, at: float | None) -> Inputs:
    """`n` is critical from this share of its sessions on; it stands at 11%."""
    metrics = tuple(
        UxMetric.model_validate({**dict(one), "critical": at if one.id == "n" else None})
        for one in made_from.metrics
    )
    return made_from.model_copy(update={"metrics": metrics})


def test_a_metric_past_its_critical_threshold_raises_the_reserve_for_its_own_work() -> None:
    policy = ReservePolicy(window=1, critical_ceiling=0.30)
    plan = plan_of(critical(backlog(policy), 0.1))
    assert sorted(keys(plan.chosen)) == ["jira:a", "jira:b", "jira:c"]
    assert plan.capacity.reserve.available == 12
    assert "raised from 6 as past its critical threshold: n" in plan.capacity.reserve.basis
    assert reasons(plan)["jira:d"] == "role_full"
    assert holds(plan)


@pytest.mark.parametrize("at", [0.2, None])
def test_nothing_is_raised_below_the_threshold_or_without_one(at: float | None) -> None:
    policy = ReservePolicy(window=1, critical_ceiling=0.30)
    plan = plan_of(critical(backlog(policy), at))
    assert keys(plan.chosen) == ["jira:a", "jira:b"]
    assert plan.capacity.reserve.available == 6


def test_nothing_is_raised_where_the_team_has_set_no_higher_ceiling() -> None:
    assert keys(plan_of(critical(backlog(), 0.1)).chosen) == ["jira:a", "jira:b"]


def begun(*started: str, **rules: object) -> Inputs:
    made_from = backlog(rules=Rules.model_validate(rules))
    items = tuple(
        one.model_copy(update={"state": ItemState.IN_PROGRESS}) if one.key[5:] in started else one
        for one in made_from.items
    )
    return Inputs.model_validate({**dict(made_from), "items": items})


def test_work_in_progress_goes_first() -> None:
    plan = plan_of(begun("d"))
    assert sorted(keys(plan.chosen)) == ["jira:a", "jira:d"]
    assert any("jira:d is in progress and goes first" in one.claim for one in plan.findings)
    assert not any(one.is_pinned for one in plan.chosen)
    assert holds(plan)


def test_of_more_work_in_progress_than_fits_the_most_valuable_goes_first() -> None:
    assert sorted(keys(plan_of(begun("b", "c", "d")).chosen)) == ["jira:b", "jira:c"]


def test_work_in_progress_never_pushes_out_a_pin() -> None:
    plan = plan_of(begun("b", "c", pinned=("jira:a",)))
    assert sorted(keys(plan.chosen)) == ["jira:a", "jira:b"]


def test_work_in_progress_counts_as_any_other_where_the_team_says_so() -> None:
    plan = plan_of(begun("d", in_progress_first=False))
    assert keys(plan.chosen) == ["jira:a", "jira:b"]


@pytest.mark.slow
def test_every_choice_of_work_in_progress_gives_a_plan() -> None:
    for size in range(5):
        for started in combinations("abcd", size):
            assert holds(plan_of(begun(*started))), started


def loose(key: str, points: float, **more: object) -> DebtItem:
    return item(key, points, **more)


def pot(*items: DebtItem, **policy: object) -> Plan:
    reserve = ReservePolicy.model_validate({"window": 1, "enabling": 0.1, **policy})
    made_from = backlog(reserve)
    return plan_of(Inputs.model_validate({**dict(made_from), "items": (*made_from.items, *items)}))


def test_the_pot_is_empty_unless_the_team_fills_it() -> None:
    assert pot(loose("x", 1), enabling=0.0).enabling == ()


def test_the_pot_takes_work_that_no_metric_speaks_for_beside_the_reserve() -> None:
    plan = pot(loose("x", 3), loose("y", 2), loose("z", 1))
    assert [(one.key, one.points) for one in plan.enabling] == [("jira:x", 3.0), ("jira:z", 1.0)]
    assert keys(plan.chosen) == ["jira:a", "jira:b"]
    assert plan.capacity.reserve.used == 6
    assert holds(plan)


def test_what_has_waited_longest_comes_first() -> None:
    old = datetime(2024, 5, 1, tzinfo=UTC)
    plan = pot(loose("x", 3), loose("y", 4, created_at=old))
    assert [(one.key, one.why) for one in plan.enabling] == [("jira:y", "waiting since 2024-05-01")]


def test_only_labelled_work_comes_into_the_pot_where_labels_are_named() -> None:
    plan = pot(loose("x", 1), loose("y", 1, labels=("Enabler",)), enabling_labels=("enabler",))
    assert keys(plan.enabling) == ["jira:y"]
