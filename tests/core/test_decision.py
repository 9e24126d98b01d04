"""The plan document: its sums, its money, its order, and nothing lost."""

from math import fsum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.decision import Extras, write_plan
from debtplan.core.explain import Drop
from debtplan.core.flow import Flow
from debtplan.core.inputs import Inputs
from debtplan.core.item import Skipped
from debtplan.core.ledger_table import write_ledger
from debtplan.core.link import Claim, Grade
from debtplan.core.plan import Flip, Plan
from debtplan.core.reserve import ReservePolicy
from tests.builders import NOW, claim, closed, inputs, item, keys, metric, picked, program_of

TIGHT = ReservePolicy(window=1)


def written(made_from: Inputs, *chosen: str, extras: Extras | None = None) -> Plan:
    """The document of a choice."""
    appraisal, program = program_of(made_from)
    selection = picked(program, *(f"jira:{one}" for one in chosen))
    return write_plan(
        made_from, appraisal, program, (selection, picked(program)), extras or Extras(), (NOW, "1")
    )


def two_flows(**values: float | None) -> dict[str, Any]:
    """Flows `shop` (weight 2) and `blog` with a value per session, each with a metric."""
    return {
        "harms": {"m": 1_000.0, "n": 1_000.0},
        "flows": (
            Flow(id="shop", weight=2, value_per_session=values.get("shop")),
            Flow(id="blog", value_per_session=values.get("blog")),
        ),
        "metrics": (
            metric("m", sessions_per_sprint=1e4),
            metric("n", "blog", sessions_per_sprint=1e4),
        ),
        "reserve": TIGHT,
    }


def test_every_item_is_chosen_or_passed_over_once() -> None:
    items = [item("a"), item("b"), item("c", None), item("d"), item("e", state="done")]
    plan = written(inputs(items, [claim("a", "m"), claim("b", "m")]), "b")
    assert keys(plan.chosen) == ["jira:b"]
    assert keys(plan.passed_over) == ["jira:a", "jira:c", "jira:d", "jira:e"]
    unknown = {row.key for row in plan.passed_over if row.ux_value is None}
    assert unknown == {"jira:c", "jira:d", "jira:e"}


def test_an_unknown_value_is_none_and_never_zero() -> None:
    plan = written(inputs([item("a")]))
    (row,) = plan.passed_over
    assert (row.ux_value, row.money, row.terms) == (None, None, ())
    assert [(one.key, one.missing) for one in plan.measure_first] == [
        ("jira:a", "a link to a metric")
    ]


def test_measure_first_says_what_each_item_lacks() -> None:
    items = [item("a"), item("b", None), item("c", None), item("d")]
    claims = [claim("b", "m"), claim("d", "x")]
    made_from = inputs(items, claims, metrics=(metric("m", sessions_per_sprint=1e4), metric("x")))
    found = {one.key: (one.missing, one.why) for one in written(made_from).measure_first}
    assert found["jira:a"][0] == "a link to a metric"
    assert found["jira:b"] == (
        "an estimate", "has no estimate; estimate it, worth about 250 sessions a sprint"
    )  # fmt: skip
    assert found["jira:c"][1].endswith("it touches no metric, so its value is not known (not zero)")
    assert found["jira:d"] == ("a reading", "no reading of x is known")


def test_the_value_counts_overlap_and_the_parts_do_not() -> None:
    made_from = inputs([item("a"), item("b")], [claim("a", "m"), claim("b", "m")])
    plan = written(made_from, "a", "b")
    assert [one.ux_value for one in plan.chosen] == pytest.approx([250, 250])
    assert plan.ux_value == pytest.approx(1_000 * (1 - 0.75 * 0.75))


def test_weights_count_in_the_value_and_not_in_sessions() -> None:
    made_from = inputs([item("a"), item("b")], [claim("a", "m"), claim("b", "n")], **two_flows())
    plan = written(made_from, "a", "b")
    assert [plan.ux_value, plan.sessions] == pytest.approx([750, 500])


def test_money_is_sessions_times_their_value() -> None:
    made_from = inputs(
        [item("a"), item("b")], [claim("a", "m"), claim("b", "n")], **two_flows(shop=3.0, blog=1.0)
    )
    plan = written(made_from, "a", "b")
    assert plan.money == pytest.approx(250 * 3 + 250 * 1)
    assert {one.key: one.money for one in plan.chosen} == pytest.approx(
        {"jira:a": 750, "jira:b": 250}
    )


def test_money_is_unknown_where_a_relieved_flow_has_no_value_per_session() -> None:
    made_from = inputs(
        [item("a"), item("b")], [claim("a", "m"), claim("b", "n")], **two_flows(shop=3.0)
    )
    plan = written(made_from, "a", "b")
    assert plan.money is None
    assert {one.key: one.money for one in plan.chosen} == {
        "jira:a": pytest.approx(750), "jira:b": None
    }  # fmt: skip
    assert written(made_from, "a").money == pytest.approx(750)
    assert written(inputs([item("a")], [claim("a", "m")]), "a").money is None


def test_the_order_of_work_respects_prerequisites_then_value_per_point() -> None:
    items = [item("a", 1), item("b", 2, prerequisites=("c",)), item("c", 2), item("d", 1)]
    claims = [claim("a", "m", 0.1), claim("b", "m", 0.9), claim("d", "m", 0.2)]
    plan = written(inputs(items, claims), "a", "b", "c", "d")
    assert [one.partition(":")[2] for one in keys(plan.chosen)] == ["d", "a", "c", "b"]
    assert [one.order for one in plan.chosen] == [1, 2, 3, 4]


def test_what_solving_again_gave_stands_beside_its_item() -> None:
    extras = Extras(
        drops={"jira:a": Drop(12.0, ("jira:b",))},
        force_losses={"jira:b": 3.0},
        flips={"jira:b": Flip(points=0.5)},
        certainty={"jira:a": 0.9},
    )
    made_from = inputs([item("a"), item("b"), item("c")], [claim("a", "m"), claim("b", "m")])
    plan = written(made_from, "a", extras=extras)
    one, other = plan.chosen[0], plan.passed_over[0]
    assert (one.drop_loss, one.replaced_by, one.certainty) == (12.0, ("jira:b",), 0.9)
    assert (other.force_loss, other.flip.points) == (3.0, 0.5)
    assert plan.passed_over[1].force_loss is None


def test_terms_multiply_to_the_value_and_say_what_is_assumed() -> None:
    made_from = inputs([item("a")], [claim("a", "m", None)])
    (one,) = written(made_from, "a").chosen
    (term,) = one.terms
    assert term.is_assumed
    assert term.share * term.grade_factor * term.shrink == pytest.approx(term.removal)
    assert term.weight * term.harm * term.removal == pytest.approx(one.ux_value)


def test_nothing_chosen_is_a_plan_of_value_zero() -> None:
    plan = written(inputs([item("a")], [claim("a", "m")]))
    assert (plan.ux_value, plan.sessions, plan.capacity.reserve.used) == (0, 0, 0)
    assert plan.baseline.share == 1


def test_what_was_skipped_on_the_way_is_listed_once() -> None:
    lost = Skipped(ref="x", reason="y")
    sprints = (closed(47, None), closed(48, 40))
    made_from = inputs([item("a")], capacity=None, skipped=(lost, lost), sprints=sprints)
    assert [one.ref for one in written(made_from).skipped] == ["sprint Sprint 47", "x"]


def test_metrics_of_one_step_claim_only_what_the_ledger_counts() -> None:
    made_from = inputs(
        [item("a")],
        [claim("a", "m"), claim("a", "n")],
        {"m": 5_000.0, "n": 5_000.0},
        metrics=tuple(metric(name, step="s", sessions_per_sprint=1e4) for name in "mn"),
    )
    (row,) = write_ledger(program_of(made_from)[0], ())
    assert row.measured == pytest.approx(7_500)
    assert row.claimed == pytest.approx(7_500 * 0.25)
    assert row.relieved == 0


CLAIMS = st.lists(
    st.builds(
        claim,
        st.sampled_from("abcdef"),
        st.sampled_from(["m", "n", "o"]),
        st.floats(0, 1),
        grade=st.sampled_from(list(Grade)),
    ),
    max_size=12,
)


@given(CLAIMS, st.sets(st.sampled_from("abcdef")), st.floats(0, 9_000), st.floats(0, 9_000))
def test_relieved_is_at_most_claimed_is_at_most_measured(
    claims: list[Claim], chosen: set[str], first: float, second: float
) -> None:
    made_from = inputs(
        [item(name) for name in "abcdef"],
        claims,
        {"m": first, "n": second, "o": 10.0},
        metrics=tuple(metric(name, step="s", sessions_per_sprint=1e4) for name in "mno"),
    )
    appraisal, _ = program_of(made_from)
    ledger = write_ledger(appraisal, sorted(f"jira:{one}" for one in chosen))
    assert len(ledger) == 1
    for row in ledger:
        assert row.holds
        assert 0 <= row.relieved <= row.claimed * (1 + 1e-9) + 1e-9
        assert row.claimed <= row.measured * (1 + 1e-9) + 1e-9
        assert row.low <= row.measured * (1 + 1e-9) <= row.high * (1 + 1e-8)
    everything = write_ledger(appraisal, sorted(appraisal.values))
    assert fsum(row.relieved for row in everything) == pytest.approx(
        fsum(row.claimed for row in everything)
    )
