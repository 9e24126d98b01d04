"""Segments against everyone: hidden rises, reversals, and changes of the mix alone."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.flow import Flow, Segment, UxMetric
from debtplan.core.reading import Counts, Rate, Reading, midnight, window_before
from debtplan.core.simpson import Reversal, Twist, find_reversals
from debtplan.core.spell import Part, Spell, kitagawa
from tests.builders import NOW, inputs, item, plan_of

SEGMENTS = (Segment(id="abroad"), Segment(id="home"), Segment(id="isles", parent="abroad"))
FLOWS = {"f": Flow(id="f", segments=SEGMENTS)}
WINDOW = window_before(NOW, 28)


def metric(name: str, segment: str = "all", **more: Any) -> UxMetric:
    """An error rate at the one step."""
    fields = {"id": name, "flow": "f", "step": "s", "kind": "error_rate", "target": 0.1}
    return UxMetric.model_validate({**fields, "segment": segment, **more})


ALL, ABROAD, HOME = metric("all"), metric("abroad", "abroad"), metric("home", "home")


def days(name: str, share: float, size: float, first: int, last: int) -> list[Reading]:
    """One reading a day, from so many days before the window's end up to so many."""
    rows = []
    for ago in range(last, first):
        start = midnight(WINDOW.end_on) - timedelta(days=ago + 1)
        counts = Counts(bad=round(share * size), total=size)
        end = start + timedelta(days=1)
        rows.append(Reading(metric=name, start_at=start, end_at=end, measure=counts))
    return rows


def two(
    name: str, before: tuple[float, float], after: tuple[float, float], split: int = 28
) -> list[Reading]:
    """Share and daily sessions in the spans before and after so many days before the end."""
    return [*days(name, *before, 2 * split, split), *days(name, *after, split, 0)]


def total(*parts: Sequence[Reading]) -> list[Reading]:
    """Everyone: the sum of the segments, day by day."""
    rows = []
    for same in zip(*parts, strict=True):
        counts = [one.measure for one in same]
        bad = sum(one.bad for one in counts if isinstance(one, Counts))
        size = sum(one.total for one in counts if isinstance(one, Counts))
        measure = Counts(bad=bad, total=size)
        rows.append(same[0].model_copy(update={"metric": "all", "measure": measure}))
    return rows


def found(readings: Sequence[Reading], *metrics: UxMetric) -> tuple[Reversal, ...]:
    """What is found in these readings."""
    return find_reversals(metrics or (ALL, ABROAD, HOME), FLOWS, readings, WINDOW)


SPELL = st.tuples(st.integers(0, 100), st.integers(1, 100)).map(
    lambda one: Spell(float(min(one)), float(max(one)), 0.0)
)


@given(st.lists(st.tuples(SPELL, SPELL), min_size=1, max_size=6))
def test_the_split_adds_up_to_the_change_of_everyone(pairs: list[tuple[Spell, Spell]]) -> None:
    parts = [Part(str(i), str(i), before, after) for i, (before, after) in enumerate(pairs)]
    change = sum(p.after.bad for p in parts) / sum(p.after.total for p in parts) - sum(
        p.before.bad for p in parts
    ) / sum(p.before.total for p in parts)
    within, mix = kitagawa(parts)
    assert within + mix == pytest.approx(change, abs=1e-12)


def test_the_split_is_that_of_a_worked_example() -> None:
    parts = [
        Part("a", "a", Spell(40, 100, 0), Spell(25, 50, 0)),
        Part("b", "b", Spell(10, 100, 0), Spell(15, 150, 0)),
    ]
    within, mix = kitagawa(parts)
    assert within == pytest.approx(0.1 * 0.375)
    assert mix == pytest.approx(-0.25 * 0.45 + 0.25 * 0.1)


def test_a_segment_that_rises_under_a_flat_total_is_found_with_its_split() -> None:
    abroad = two("abroad", (0.40, 500), (0.48, 250))
    home = two("home", (0.20, 500), (0.20, 750))
    (one,) = found([*abroad, *home, *total(abroad, home)])
    assert (one.twist, one.metric) == (Twist.HIDDEN, "abroad")
    assert (one.before, one.after) == pytest.approx((0.40, 0.48))
    assert (one.whole_before, one.whole_after) == pytest.approx((0.30, 0.27))
    assert one.within == pytest.approx(0.03)
    assert one.mix == pytest.approx(-0.06)
    assert one.say() == (
        "abroad rose from 40.0% to 48.0%, unseen in all (30.0% to 27.0%): +3.0 points come from "
        "the segments themselves, -6.0 from another mix of sessions, 2026-10-25 to 2026-11-21 "
        "against the 28 days before"
    )


def test_the_second_half_is_compared_with_the_first() -> None:
    abroad = two("abroad", (0.40, 500), (0.48, 250), split=14)
    home = two("home", (0.20, 500), (0.20, 750), split=14)
    (one,) = found([*abroad, *home, *total(abroad, home)])
    assert one.metric == "abroad"
    assert one.span == "from 2026-11-08 on against the days since 2026-10-25"


def test_siblings_without_a_metric_of_everyone_are_their_own_everyone() -> None:
    abroad = two("abroad", (0.40, 500), (0.48, 250))
    home = two("home", (0.20, 500), (0.20, 750))
    (one,) = found([*abroad, *home], ABROAD, HOME)
    assert one.whole == "all of abroad, home"
    assert one.twist is Twist.HIDDEN
    assert one.mix == pytest.approx(-0.06)


def test_a_segment_that_falls_while_everyone_rises_is_a_reversal() -> None:
    abroad = two("abroad", (0.50, 200), (0.44, 700))
    home = two("home", (0.20, 800), (0.20, 300))
    rows = [*abroad, *home, *total(abroad, home)]
    (one,) = found(rows)
    assert (one.twist, one.metric) == (Twist.REVERSED, "abroad")
    assert "fell from 50.0% to 44.0%, though all rose" in one.say()


@pytest.mark.parametrize(
    ("sizes", "twist", "said"),
    [
        ((250, 750), Twist.MIX_WORSE, "rose from 27.5% to 42.5%, but no segment got worse"),
        ((750, 250), Twist.MIX_BETTER, "fell from 42.5% to 27.5%, but no segment got better"),
    ],
)
def test_a_change_of_the_mix_alone_is_called_that(
    sizes: tuple[int, int], twist: Twist, said: str
) -> None:
    abroad = two("abroad", (0.5, sizes[0]), (0.5, sizes[1]))
    home = two("home", (0.2, sizes[1]), (0.2, sizes[0]))
    (one,) = found([*abroad, *home, *total(abroad, home)])
    assert (one.twist, one.metric) == (twist, "all")
    assert one.within == pytest.approx(0, abs=1e-9)
    assert said in one.say()


def test_a_segment_that_rises_with_everyone_is_no_news() -> None:
    abroad = two("abroad", (0.40, 500), (0.60, 500))
    home = two("home", (0.20, 500), (0.20, 500))
    assert found([*abroad, *home, *total(abroad, home)]) == ()


def test_users_whom_no_segment_holds_are_the_others() -> None:
    abroad = two("abroad", (0.40, 500), (0.48, 250))
    others = two("others", (0.20, 500), (0.20, 750))
    (one,) = found([*abroad, *total(abroad, others)], ALL, ABROAD)
    assert one.mix == pytest.approx(-0.06)


def test_segments_larger_than_everyone_are_not_compared() -> None:
    abroad = two("abroad", (0.40, 500), (0.48, 250))
    home = two("home", (0.20, 500), (0.20, 750))
    assert found([*abroad, *home, *two("all", (0.3, 600), (0.3, 600))]) == ()


@pytest.mark.parametrize(
    "metrics",
    [
        (ALL,),
        (ALL, metric("abroad", "abroad", step="other")),
        (ALL, metric("abroad", "abroad", kind="ticket_rate", reporting_rate=0.1)),
        (ALL, ABROAD, metric("abroad too", "abroad")),
    ],
)
def test_what_does_not_measure_the_same_is_not_compared(metrics: tuple[UxMetric, ...]) -> None:
    abroad = two("abroad", (0.40, 500), (0.48, 250))
    home = two("home", (0.20, 500), (0.20, 750))
    assert found([*abroad, *home, *total(abroad, home)], *metrics) == ()


def test_readings_without_sizes_or_with_too_few_days_say_nothing() -> None:
    abroad = two("abroad", (0.40, 500), (0.48, 250))
    home = two("home", (0.20, 500), (0.20, 750))
    rows = [*abroad, *home, *total(abroad, home)]
    bare = [
        one.model_copy(update={"measure": Rate(bad_share=0.4)}) if one.metric == "abroad" else one
        for one in rows
    ]
    assert found(bare) == ()
    assert found([one for one in rows if one.start_at.day % 3 == 0]) == ()
    assert found([]) == ()


def test_grandchildren_belong_to_the_nearest_measured_segment() -> None:
    isles = metric("isles", "isles")
    abroad = two("abroad", (0.40, 500), (0.48, 250))
    others = two("others", (0.20, 500), (0.20, 750))
    rows = [one.model_copy(update={"metric": "isles"}) for one in abroad]
    whole = [one.model_copy(update={"metric": "abroad"}) for one in total(abroad, others)]
    (one,) = found([*rows, *whole], ABROAD, isles)
    assert (one.metric, one.whole) == ("isles", "abroad")


@pytest.mark.slow
def test_noise_seldom_looks_like_a_disagreement() -> None:
    seen = 0
    for seed in range(150):
        random = Random(seed)
        rows: list[Reading] = []
        parts = []
        for name, share in (("abroad", 0.4), ("home", 0.2)):
            mine = []
            for one in days(name, share, 400, 56, 0):
                bad = sum(random.random() < share for _ in range(400))
                mine.append(one.model_copy(update={"measure": Counts(bad=bad, total=400)}))
            parts.append(mine)
            rows += mine
        seen += bool(found([*rows, *total(*parts)]))
    assert seen <= 150 * 0.05


def test_a_plan_says_where_a_segment_and_everyone_disagree() -> None:
    abroad = two("abroad", (0.40, 500), (0.48, 250))
    home = two("home", (0.20, 500), (0.20, 750))
    made_from = inputs(
        [item("A-1")],
        flows=tuple(FLOWS.values()),
        metrics=(ALL, ABROAD, HOME),
        readings=(*abroad, *home, *total(abroad, home)),
    )
    said = [one for one in plan_of(made_from).findings if one.source == "abroad"]
    assert [one.claim.split(":", maxsplit=1)[0] for one in said] == [
        "abroad rose from 40.0% to 48.0%, unseen in all (30.0% to 27.0%)"
    ]
    assert said[0].figures["mix"] == pytest.approx(-0.06)
