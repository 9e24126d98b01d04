"""The ledger: each session's harm is counted once, in its pool, among its members."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.flow import Flow, Segment, UxMetric
from debtplan.core.harm import Harm
from debtplan.core.ledger import (
    ALONE,
    ASSUMED,
    COUNTED,
    PARTLY,
    Pool,
    counted_harms,
    keep_ledger,
    overlaps_in,
)
from debtplan.core.reading import Window
from debtplan.core.tally import Overlap, OverlapPart

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


WINDOW = Window(start_on=date(2026, 10, 25), end_on=date(2026, 11, 22))
PLACE = ("f", "s", "all")


def overlap(parts: Sequence[float], union: float, sessions: float = 1000.0, **more: Any) -> Overlap:
    """The overlap of metrics m0, m1 and so on, counted over the window."""
    end = datetime(2026, 11, 22, tzinfo=UTC)
    fields = {"flow": "f", "step": "s", "segment": "all", "sessions": sessions, **more}
    fields = {"start_at": end - timedelta(days=28), "end_at": end, **fields}
    rows = tuple(OverlapPart(metric=f"m{i}", frustrated=part) for i, part in enumerate(parts))
    return Overlap.model_validate({**fields, "frustrated": union, "parts": rows})


def counted(harms: Sequence[float], known: Overlap) -> Pool:
    """The pool of metrics m0, m1 and so on with their harms and their overlap."""
    metrics = [metric(f"m{i}") for i in range(len(harms))]
    rows = [harm(one.id, value) for one, value in zip(metrics, harms, strict=True)]
    (pool,) = keep_ledger(metrics, rows, FLOWS, {PLACE: known})
    return pool


def independent(parts: Sequence[float], sessions: float = 1000.0) -> float:
    """The union of independent parts."""
    return sessions * (1 - prod(1 - part / sessions for part in parts))


MANY = st.lists(st.floats(0, 1000), min_size=2, max_size=5)
ANY = st.floats(0, 1)


@given(MANY, ANY)
def test_where_goals_are_0_the_harm_is_the_counted_union_itself(
    parts: list[float], place: float
) -> None:
    low, high = max(parts), min(1000.0, sum(parts))
    union = low + place * (high - low)
    if union <= 0:
        return
    pool = counted(parts, overlap(parts, union))
    assert pool.basis == COUNTED
    assert pool.measured == pytest.approx(union, abs=1e-6)
    assert sum(one.counted for one in pool.members) == pytest.approx(pool.measured)


@given(MANY, st.lists(ANY, min_size=5, max_size=5))
def test_parts_that_are_counted_to_be_independent_change_nothing(
    parts: list[float], of_them: list[float]
) -> None:
    union = independent(parts)
    if union <= 0:
        return
    harms = [part * share for part, share in zip(parts, of_them, strict=False)]
    pool = counted(harms, overlap(parts, union))
    assert pool.measured == pytest.approx(independent(harms), abs=1e-6)


@given(MANY, st.lists(ANY, min_size=5, max_size=5), st.floats(1, 2000))
def test_whatever_was_counted_the_pool_lies_within_its_bounds(
    parts: list[float], of_them: list[float], union: float
) -> None:
    harms = [part * share for part, share in zip(parts, of_them, strict=False)]
    pool = counted(harms, overlap(parts, union))
    assert max(harms) - 1e-9 <= pool.measured <= min(1000.0, sum(harms)) + 1e-9


@given(MANY, ANY, ANY)
def test_more_overlap_never_means_more_harm(parts: list[float], one: float, two: float) -> None:
    low, high = max(parts), min(1000.0, sum(parts))
    unions = sorted(low + place * (high - low) for place in (one, two))
    if unions[0] <= 0:
        return
    harms = [part / 2 for part in parts]
    less, more = (counted(harms, overlap(parts, union)).measured for union in unions)
    assert less <= more + 1e-6


def test_metrics_that_hurt_the_same_people_count_once() -> None:
    pool = counted([300, 300], overlap([300, 300], 300))
    assert pool.measured == pytest.approx(300)
    assert counted([300, 200], overlap([300, 200], 500)).measured == pytest.approx(500)


def test_the_order_of_metrics_and_overlaps_changes_nothing() -> None:
    rows = [(metric(f"m{i}"), harm(f"m{i}", value)) for i, value in enumerate((300, 200, 50))]
    known = [overlap([400, 300, 50], 500), overlap([400, 300, 50], 600, source="z")]
    found = [
        keep_ledger([m for m, _ in order], [h for _, h in order], FLOWS, overlaps_in(both, WINDOW))
        for order in permutations(rows)
        for both in permutations(known)
    ]
    assert all(one == found[0] for one in found)


def test_a_metric_that_was_not_counted_is_independent_of_the_others() -> None:
    metrics = [metric("m0"), metric("m1"), metric("other")]
    harms = [harm("m0", 300), harm("m1", 300), harm("other", 500)]
    (pool,) = keep_ledger(metrics, harms, FLOWS, {PLACE: overlap([300, 300], 300)})
    assert pool.basis == PARTLY
    assert pool.measured == pytest.approx(independent([300, 500]))


@pytest.mark.parametrize(
    "known",
    [
        overlap([300, 200, 100], 500),
        overlap([300, 200], 0),
        overlap([300, 200], 1_100),
        overlap([300], 300),
    ],
)
def test_counts_that_do_not_fit_the_pool_leave_independence_assumed(known: Overlap) -> None:
    pool = counted([300, 200], known)
    assert pool.basis == ASSUMED
    assert pool.measured == pytest.approx(independent([300, 200]))


def test_a_pool_without_counts_says_that_independence_is_assumed() -> None:
    (pool,) = ledger([(metric("a"), 500), (metric("b"), 500)])
    assert pool.basis == ASSUMED
    assert ledger([(metric("a"), 500)])[0].basis == ALONE


def test_the_overlap_of_the_window_counts_the_latest_of_them() -> None:
    early, late = overlap([1, 1], 1), overlap([1, 1], 2, end_at=datetime(2026, 11, 23, tzinfo=UTC))
    assert overlaps_in([late, early], WINDOW) == {PLACE: late}
    old = overlap([1, 1], 1, end_at=datetime(2026, 10, 25, tzinfo=UTC))
    old = old.model_copy(update={"start_at": old.end_at - timedelta(days=28)})
    assert overlaps_in([old], WINDOW) == {}
