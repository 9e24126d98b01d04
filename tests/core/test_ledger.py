"""The ledger: each session's harm is counted once, in its pool, among its members."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.flow import Flow, Segment, UxMetric
from debtplan.core.harm import Harm
from debtplan.core.ledger import Pool, counted_harms, keep_ledger

FLOWS = {
    "f": Flow(
        id="f",
        segments=(
            Segment(id="abroad"),
            Segment(id="home"),
            Segment(id="islands", parent="abroad"),
        ),
    )
}


def metric(name: str, segment: str = "all", kind: str = "error_rate", step: str = "s") -> UxMetric:
    """A metric of flow f."""
    fields: dict[str, Any] = {"id": name, "flow": "f", "step": step, "kind": kind}
    if kind == "ticket_rate":
        fields["reporting_rate"] = 0.1
    return UxMetric.model_validate({**fields, "segment": segment, "target": 0.5})


def harm(name: str, value: float | None, sessions: float = 1000.0) -> Harm:
    """A harm."""
    return Harm(metric=name, harm=value, sessions=sessions)


def ledger(parts: Sequence[tuple[UxMetric, float | None]]) -> tuple[Pool, ...]:
    """The pools of metrics with their harms, 1,000 sessions each."""
    return keep_ledger([m for m, _ in parts], [harm(m.id, value) for m, value in parts], FLOWS)


PARTS = st.lists(st.floats(0, 1000), min_size=1, max_size=6)


@given(PARTS)
def test_members_add_up_to_what_was_measured_and_lie_within_the_bounds(parts: list[float]) -> None:
    (pool,) = ledger([(metric(f"m{i}"), part) for i, part in enumerate(parts)])
    assert sum(member.counted for member in pool.members) == pytest.approx(pool.measured)
    assert pool.low <= pool.measured <= pool.high
    assert pool.low == max(parts)
    assert pool.high == pytest.approx(min(1000.0, sum(parts)))
    for member, part in zip(pool.members, parts, strict=True):
        assert member.own == part
        assert 0 <= member.counted <= part + 1e-9


@given(PARTS, st.floats(0, 500))
def test_more_harm_of_one_metric_never_lowers_the_pool(parts: list[float], more: float) -> None:
    (before,) = ledger([(metric(f"m{i}"), part) for i, part in enumerate(parts)])
    worse = [min(1000.0, parts[0] + more), *parts[1:]]
    (after,) = ledger([(metric(f"m{i}"), part) for i, part in enumerate(worse)])
    assert after.measured >= before.measured - 1e-9


def test_two_independent_halves_hurt_three_quarters() -> None:
    (pool,) = ledger([(metric("a"), 500), (metric("b"), 500)])
    assert pool.measured == pytest.approx(750)
    assert counted_harms([pool]) == {"a": pytest.approx(375), "b": pytest.approx(375)}


def test_one_metric_alone_keeps_its_harm() -> None:
    (pool,) = ledger([(metric("a"), 123.0)])
    assert pool.measured == pytest.approx(123)


def test_unknown_harm_makes_no_pool_and_is_not_zero() -> None:
    assert ledger([(metric("a"), None)]) == ()
    (pool,) = ledger([(metric("a"), None), (metric("b"), 10)])
    assert [member.metric for member in pool.members] == ["b"]


def test_no_harm_at_all_is_a_pool_of_zero() -> None:
    (pool,) = ledger([(metric("a"), 0.0)])
    assert (pool.measured, pool.low, pool.high) == (0, 0, 0)


def test_places_are_separate_pools_in_order() -> None:
    pools = ledger(
        [(metric("a", step="z"), 1), (metric("b", step="c"), 2), (metric("c", "home", step="c"), 1)]
    )
    assert [pool.name for pool in pools] == ["f / c / all", "f / c / home", "f / z / all"]


def test_a_parent_leaves_out_what_its_children_carry() -> None:
    pools = ledger([(metric("a"), 500), (metric("b", "abroad"), 300), (metric("c", "home"), 50)])
    by_segment = {pool.segment: pool for pool in pools}
    everyone = by_segment["all"]
    assert everyone.inclusive == 500
    assert everyone.measured == pytest.approx(150)
    assert [member.counted for member in everyone.members] == [pytest.approx(150)]
    assert by_segment["abroad"].measured == 300


def test_a_grandchild_is_left_out_once_however_deep() -> None:
    pools = ledger(
        [(metric("a"), 500), (metric("b", "abroad"), 300), (metric("c", "islands"), 100)]
    )
    measured = {pool.segment: pool.measured for pool in pools}
    assert measured == {"all": pytest.approx(200), "abroad": pytest.approx(200), "islands": 100}
    without_middle = ledger([(metric("a"), 500), (metric("c", "islands"), 100)])
    measured = {pool.segment: pool.measured for pool in without_middle}
    assert measured == {"all": pytest.approx(400), "islands": 100}


def test_a_segment_that_nobody_declared_lies_below_everyone() -> None:
    pools = ledger([(metric("a"), 500), (metric("b", "phones"), 120)])
    assert {pool.segment: pool.measured for pool in pools} == {
        "all": pytest.approx(380),
        "phones": 120,
    }


@given(st.floats(0, 1000), st.floats(0, 1000), st.floats(0, 1000))
def test_what_is_counted_never_exceeds_the_parent_or_the_children_if_they_are_more(
    parent: float, abroad: float, home: float
) -> None:
    pools = ledger(
        [(metric("a"), parent), (metric("b", "abroad"), abroad), (metric("c", "home"), home)]
    )
    total = sum(pool.measured for pool in pools)
    assert total == pytest.approx(max(parent, abroad + home))
    assert all(pool.low <= pool.measured <= pool.high for pool in pools)


@pytest.mark.parametrize("kind", ["csat", "ticket_rate"])
def test_users_words_carry_nothing_where_behaviour_is_measured(kind: str) -> None:
    (pool,) = ledger([(metric("a"), 100), (metric("words", kind=kind), 900)])
    assert counted_harms([pool]) == {"a": pytest.approx(100)}
    assert pool.corroborating == ("words",)


@pytest.mark.parametrize("kind", ["csat", "ticket_rate"])
def test_users_words_of_another_segment_of_that_step_carry_nothing_either(kind: str) -> None:
    pools = ledger([(metric("a"), 100), (metric("words", "home", kind=kind), 900)])
    assert counted_harms(pools) == {"a": pytest.approx(100)}


@pytest.mark.parametrize("kind", ["csat", "ticket_rate"])
def test_users_words_carry_harm_where_nothing_else_is_known(kind: str) -> None:
    parts = [(metric("a", step="other"), 100.0), (metric("words", kind=kind), 90.0)]
    assert counted_harms(ledger(parts)) == {"a": pytest.approx(100), "words": pytest.approx(90)}
    unknown = [(metric("a"), None), (metric("words", kind=kind), 90.0)]
    assert counted_harms(ledger(unknown)) == {"words": pytest.approx(90)}
