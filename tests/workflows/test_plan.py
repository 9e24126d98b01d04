"""Making a plan: what stops it, and that what comes out is proven and explained."""

from dataclasses import dataclass, replace

import pytest

from debtplan.core.digest import plan_digest
from debtplan.core.inputs import Rules
from debtplan.core.item import RolePoints
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.reserve import ReservePolicy
from debtplan.core.source import SourceState, SourceStatus
from debtplan.engines import make_engine
from debtplan.errors import NoPlanError, PartialDataError, ProofError, UsageError
from debtplan.workflows.plan import explain_item, make_plan
from tests.builders import claim, inputs, item, keys, plan_of, planner, reasons

TIGHT = ReservePolicy(window=1)


@dataclass
class Liar:
    """An engine whose answers are bent."""

    bend: dict[str, object]
    name: str = "liar"

    def select(self, problem: Problem) -> Selection:
        """See `Engine.select`."""
        return replace(make_engine("milp").select(problem), **self.bend)  # type: ignore[arg-type]

    def any_best(self, problem: Problem) -> Selection:
        """See `Engine.any_best`."""
        return self.select(problem)


def test_an_empty_backlog_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="is empty"):
        plan_of(inputs([]))


def test_an_empty_backlog_after_a_failure_names_the_source() -> None:
    failed = SourceState(name="jira", status=SourceStatus.FAILED, detail="no route")
    with pytest.raises(PartialDataError, match="jira failed: no route"):
        plan_of(inputs([], sources=(failed,)))


def test_unknown_capacity_says_where_to_set_it() -> None:
    with pytest.raises(UsageError, match="not known") as caught:
        plan_of(inputs([item("a")], [claim("a", "m")], capacity=None))
    assert "[team.web]" in caught.value.fix


@pytest.mark.parametrize(
    ("pin", "said"),
    [
        ("jira:z", "is pinned, but it is in no backlog"),
        ("jira:b", "is pinned, but it has no estimate"),
        ("jira:c", "is pinned, but it costs 9, more than the 6"),
    ],
)
def test_a_pin_that_cannot_be_held_is_no_plan(pin: str, said: str) -> None:
    made_from = inputs(
        [item("a"), item("b", None), item("c", 9)],
        [claim(name, "m") for name in "abc"],
        rules=Rules(pinned=(pin,)),
        reserve=TIGHT,
    )
    with pytest.raises(NoPlanError, match=said):
        plan_of(made_from)


def test_pins_that_contradict_each_other_are_named_and_no_others() -> None:
    made_from = inputs(
        [item("a", excludes=("b",)), item("b"), item("c")],
        [claim(name, "m") for name in "abc"],
        rules=Rules(pinned=("jira:a", "jira:b", "jira:c")),
    )
    with pytest.raises(NoPlanError) as caught:
        plan_of(made_from)
    assert caught.value.what == (
        "These rules cannot hold together: "
        "jira:a pinned; jira:b pinned; jira:a or jira:b, not both."
    )
    assert caught.value.exit_code == 6


@pytest.mark.parametrize(
    "bend",
    [{"chosen": ("jira:a", "jira:b")}, {"chosen": ()}, {"value": 999.0}, {"bound": 0.0},
     {"bound": None}, {"chosen": ("jira:zz",)}],
)  # fmt: skip
def test_an_engine_that_lies_is_not_believed(bend: dict[str, object]) -> None:
    made_from = inputs(
        [item("a", 4), item("b", 4)], [claim("a", "m", 0.5), claim("b", "m", 0.4)], reserve=TIGHT
    )
    with pytest.raises(ProofError, match="does not hold"):
        make_plan(made_from, replace(planner(), engine=Liar(bend)))


def test_the_best_set_is_chosen_and_not_the_best_item() -> None:
    made_from = inputs(
        [item("a", 4), item("b", 3), item("c", 3)],
        [claim("a", "m", 0.5), claim("b", "n", 0.4), claim("c", "o", 0.4)],
        {"m": 1_000.0, "n": 1_000.0, "o": 1_000.0},
        reserve=TIGHT,
    )
    plan = plan_of(made_from)
    assert sorted(keys(plan.chosen)) == ["jira:b", "jira:c"]
    assert plan.ux_value == pytest.approx(400)
    assert plan.solver.status is Status.OPTIMAL
    assert plan.baseline.ux_value <= plan.ux_value


def test_every_reason_can_be_given() -> None:
    roles = (RolePoints(role="ios", points=1),)
    made_from = inputs(
        [
            item("best", 2, excludes=("other",)), item("other"), item("late", 4.5),
            item("done", state="done"), item("bare", None), item("loose"),
            item("huge", 50), item("stuck", prerequisites=("nowhere",)), item("no"),
            item("phone", 1, roles=roles),
        ],
        [claim("best", "m", 0.9), claim("late", "m", 0.1)]
        + [claim(name, "m", 0.2) for name in
           ("other", "done", "bare", "huge", "stuck", "no", "phone")],
        rules=Rules(forbidden={"jira:no": "later"}, roles={"ios": 0.5}),
        reserve=TIGHT,
    )  # fmt: skip
    plan = plan_of(made_from)
    assert keys(plan.chosen) == ["jira:best"]
    assert reasons(plan) == {
        "jira:other": "excluded", "jira:late": "outranked", "jira:done": "not_open",
        "jira:bare": "no_estimate", "jira:loose": "no_link", "jira:huge": "too_large",
        "jira:stuck": "blocked", "jira:no": "forbidden", "jira:phone": "role_full",
    }  # fmt: skip


def test_the_plan_carries_losses_flips_frontier_interval_and_certainty() -> None:
    made_from = inputs(
        [item("a", 4), item("b", 4)], [claim("a", "m", 0.5), claim("b", "n", 0.4)],
        {"m": 1_000.0, "n": 1_000.0}, reserve=TIGHT,
    )  # fmt: skip
    plan = plan_of(made_from)
    (one,), (other,) = plan.chosen, plan.passed_over
    assert one.drop_loss == pytest.approx(50)
    assert one.replaced_by == ("jira:b",)
    assert other.force_loss == pytest.approx(50)
    assert other.flip.points == 2
    assert other.flip.ux_value == pytest.approx(250)
    assert other.flip.reserve == 0.2
    assert one.certainty is not None
    assert plan.interval is not None
    assert [point.reserve_share for point in plan.frontier] == [i / 100 for i in range(26)]
    worth = [point.ux_value for point in plan.frontier]
    assert worth == sorted(worth)
    assert worth[15] == plan.ux_value


def test_an_item_beyond_the_limit_is_explained_when_asked_for() -> None:
    made_from = inputs(
        [item("a", 4), item("b", 4)], [claim("a", "m", 0.5), claim("b", "m", 0.4)], reserve=TIGHT
    )
    plan = make_plan(made_from, planner(limit=0))
    assert plan.passed_over[0].force_loss is None
    asked = explain_item(made_from, "jira:b", planner(limit=0))
    assert asked.passed_over[0].force_loss == pytest.approx(50)
    assert asked.chosen[0].drop_loss is None


def test_the_same_inputs_give_the_same_plan() -> None:
    items = [item(name, i % 3 + 1) for i, name in enumerate("abcdef")]
    claims = [claim(name, "m", 0.1 + i / 20) for i, name in enumerate("abcdef")]
    first = plan_of(inputs(items, claims))
    again = plan_of(inputs(list(reversed(items)), list(reversed(claims))))
    assert first.digest == again.digest == plan_digest(first)
    assert first.plan_id == again.plan_id


def test_of_equal_plans_the_one_approved_before_stays() -> None:
    items = [item("a", 6), item("b", 6)]
    claims = [claim("a", "m", 0.5), claim("b", "m", 0.5)]
    assert keys(plan_of(inputs(items, claims, reserve=TIGHT)).chosen) == ["jira:a"]
    kept = inputs(items, claims, reserve=TIGHT, kept=("jira:b",))
    assert keys(plan_of(kept).chosen) == ["jira:b"]
