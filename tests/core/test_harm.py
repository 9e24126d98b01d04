"""Harm: the window, the goal, the exposure, the interval; and what is not known stays unknown."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.flow import Flow, Segment, UxMetric
from debtplan.core.harm import INTERVAL_Z, Harm, HarmPolicy, measure_harm, skip_unfit, wilson
from debtplan.core.reading import (
    Bands,
    Counts,
    Measure,
    Percentiles,
    Rate,
    Reading,
    Window,
    midnight,
)

WINDOW = Window(start_on=date(2026, 10, 1), end_on=date(2026, 10, 29))
FLOWS = {
    "f": Flow(
        id="f",
        sessions_per_sprint=1000,
        segments=(Segment(id="abroad", sessions_per_sprint=300), Segment(id="home")),
    ),
    "bare": Flow(id="bare"),
}


def metric(**fields: object) -> UxMetric:
    """An error rate of flow f, unless said otherwise."""
    base: dict[str, Any] = {"id": "m", "flow": "f", "step": "s"}
    base |= {"kind": "error_rate", "target": 0.02}
    if fields.get("kind") == "drop_off":
        del base["target"]
    return UxMetric.model_validate({**base, **fields})


def day(
    measure: Measure,
    on: date = WINDOW.start_on,
    of: str = "m",
    size: float | None = None,
    days: int = 1,
) -> Reading:
    """A reading of one day."""
    return Reading(
        metric=of,
        start_at=midnight(on),
        end_at=midnight(on + timedelta(days=days)),
        measure=measure,
        sample_size=size,
    )


def measure(
    metrics: UxMetric | Sequence[UxMetric], readings: Sequence[Reading], **policy: float
) -> dict[str, Harm]:
    """The harms by metric, sprints of 14 days."""
    listed = [metrics] if isinstance(metrics, UxMetric) else list(metrics)
    found = measure_harm(listed, FLOWS, readings, WINDOW, 14, HarmPolicy.model_validate(policy))
    assert [harm.metric for harm in found] == [one.id for one in listed]
    return {harm.metric: harm for harm in found}


# --- unknown is unknown ------------------------------------------------------------------------


def test_without_readings_the_harm_is_unknown_not_zero() -> None:
    harm = measure(metric(), [])["m"]
    assert (harm.harm, harm.low, harm.share) == (None, None, None)
    assert harm.missing == "no reading of m is known"


def test_readings_of_the_wrong_form_are_left_out_and_named() -> None:
    wrong = day(Percentiles(ranks=(0.5, 0.9), values=(1, 2)))
    harm = measure(metric(), [wrong])["m"]
    assert harm.harm is None
    assert harm.missing == (
        "m is error_rate: it needs counts, or a rate with its sample size, "
        "this reading has percentiles"
    )
    right = day(Counts(bad=5, total=10), WINDOW.start_on + timedelta(days=1))
    assert measure(metric(), [wrong, right])["m"].share == 0.5
    (skipped,) = skip_unfit([metric()], [wrong, right])
    assert skipped.ref == "m"
    assert skipped.reason.startswith("1 readings are left out: m is error_rate")


def test_old_readings_leave_it_unknown_and_say_when_the_last_one_ended() -> None:
    old = day(Counts(bad=1, total=10), WINDOW.start_on - timedelta(days=3))
    harm = measure(metric(), [old])["m"]
    assert harm.harm is None
    assert harm.missing.endswith("the last one ends on 2026-09-29")


def test_readings_after_the_window_never_count() -> None:
    late = day(Counts(bad=10, total=10), WINDOW.end_on)
    inside = day(Counts(bad=0, total=10))
    assert measure(metric(), [inside, late])["m"].share == 0
    assert measure(metric(), [late])["m"].harm is None


def test_without_sessions_the_harm_is_unknown_and_the_share_is_not() -> None:
    harm = measure(metric(flow="bare"), [day(Rate(bad_share=0.1))])["m"]
    assert (harm.harm, harm.share) == (None, 0.1)
    assert "set sessions_per_sprint" in harm.missing


def test_a_reference_without_readings_leaves_the_harm_unknown() -> None:
    one = metric(kind="drop_off", reference="sibling")
    sibling = metric(id="sibling", kind="drop_off", reference=0.1)
    harm = measure([one, sibling], [day(Counts(bad=5, total=10))])["m"]
    assert harm.harm is None
    assert "the reference 'sibling' of m has no reading" in harm.missing


def test_an_unknown_sample_size_gives_no_interval_but_a_value() -> None:
    harm = measure(metric(), [day(Rate(bad_share=0.12))])["m"]
    assert harm.harm == pytest.approx(100)
    assert (harm.low, harm.high, harm.sample_size) == (None, None, None)


# --- the formula -------------------------------------------------------------------------------


def test_harm_is_sessions_times_what_exceeds_the_goal() -> None:
    readings = [day(Rate(bad_share=0.05), size=1000)]
    harm = measure(metric(sessions_per_sprint=2000), readings)["m"]
    assert harm.harm == pytest.approx(2000 * (0.05 - 0.02))
    assert harm.excess == pytest.approx(0.03)


def test_a_metric_at_its_goal_hurts_nobody() -> None:
    harm = measure(metric(), [day(Counts(bad=1, total=100))])["m"]
    assert (harm.harm, harm.low) == (0, 0)
    assert (harm.high or 0) > 0


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=10), st.data()
)
def test_a_worse_metric_never_lowers_the_harm(
    parts: list[tuple[int, int]], data: st.DataObject
) -> None:
    def harm(worse: int) -> float:
        readings = [
            day(
                Counts(bad=bad + (worse if number == at else 0), total=bad + good + 10),
                WINDOW.start_on + timedelta(days=number),
            )
            for number, (bad, good) in enumerate(parts)
        ]
        return measure(metric(), readings)["m"].harm or 0.0

    at = data.draw(st.integers(0, len(parts) - 1))
    assert harm(data.draw(st.integers(1, 10))) >= harm(0)


def test_days_weigh_by_their_samples_and_alike_where_one_is_unknown() -> None:
    big = day(Rate(bad_share=0.1), size=900)
    small = day(Rate(bad_share=0.5), WINDOW.start_on + timedelta(days=1), size=100)
    unknown = day(Rate(bad_share=0.5), WINDOW.start_on + timedelta(days=1))
    assert measure(metric(), [big, small])["m"].share == pytest.approx(0.14)
    assert measure(metric(), [big, unknown])["m"].share == pytest.approx(0.3)


def test_few_samples_do_not_move_the_value() -> None:
    few = measure(metric(sessions_per_sprint=1000), [day(Counts(bad=1, total=10))])["m"]
    many = measure(metric(sessions_per_sprint=1000), [day(Counts(bad=1000, total=10_000))])["m"]
    assert few.harm == pytest.approx(many.harm)
    assert (few.high or 0) - (few.low or 0) > 5 * ((many.high or 0) - (many.low or 0))


def test_the_answers_of_a_step_are_shrunk_to_the_mean_of_the_product() -> None:
    step = metric(id="a", kind="csat", target=0.9)
    rest = metric(id="b", step="t", kind="csat", target=0.9)
    readings = [
        day(Counts(bad=5, total=10), of="a"),
        day(Counts(bad=85, total=890), of="b"),
    ]
    found = measure([step, rest], readings, prior_answers=20)
    mean = 90 / 900
    assert found["a"].share == pytest.approx((5 + 20 * mean) / (10 + 20))
    assert measure([step, rest], readings, prior_answers=0)["a"].share == pytest.approx(0.5)


def test_the_order_of_readings_and_metrics_changes_nothing() -> None:
    one, two = metric(), metric(id="n", kind="drop_off", reference="best")
    readings = [
        day(Counts(bad=i % 5, total=60 + i), WINDOW.start_on + timedelta(days=i), of=of)
        for of in ("m", "n")
        for i in range(-40, 20)
    ]
    assert measure([one, two], readings) == measure([two, one], readings[::-1])


# --- the goal of a drop-off --------------------------------------------------------------------


def drop(on: int, bad: int, of: str = "m") -> Reading:
    """A day of 100 entries, so many days after the window starts."""
    return day(Counts(bad=bad, total=100), WINDOW.start_on + timedelta(days=on), of=of)


def test_a_sibling_is_the_reference() -> None:
    one = metric(kind="drop_off", reference="n", sessions_per_sprint=1000)
    other = metric(id="n", kind="drop_off", reference=0.0)
    harm = measure([one, other], [drop(0, 54), drop(0, 18, of="n")])["m"]
    assert harm.goal == pytest.approx(0.18)
    assert harm.harm == pytest.approx(360)


def test_the_best_earlier_window_is_the_reference() -> None:
    one = metric(kind="drop_off", reference="best", sessions_per_sprint=100)
    calm = [drop(day_, 20) for day_ in range(-60, -30)]
    worse = [drop(day_, 40) for day_ in range(-30, 28)]
    harm = measure(one, [*calm, *worse])["m"]
    assert harm.goal == pytest.approx(0.2)
    assert harm.harm == pytest.approx(20)


def test_one_lucky_day_is_no_best_window() -> None:
    one = metric(kind="drop_off", reference="best", sessions_per_sprint=100)
    days = [drop(day_, 0 if day_ == -40 else 28) for day_ in range(-60, 28)]
    harm = measure(one, days)["m"]
    assert harm.goal == pytest.approx(0.27)


def test_a_span_with_fewer_days_than_the_window_has_is_no_best() -> None:
    one = metric(kind="drop_off", reference="best", sessions_per_sprint=100)
    ends = [drop(-60, 5), drop(-33, 5)]
    harm = measure(one, [*ends, *(drop(day_, 30) for day_ in range(-28, 28))])["m"]
    assert harm.goal == pytest.approx(0.3)


def test_a_metric_that_is_only_read_on_working_days_has_a_best_window() -> None:
    one = metric(kind="drop_off", reference="best", sessions_per_sprint=100)
    start = WINDOW.start_on
    work = [n for n in range(-120, 28) if (start + timedelta(days=n)).weekday() < 5]
    harm = measure(one, [drop(n, 20 if n < -50 else 30) for n in work])["m"]
    assert harm.goal == pytest.approx(0.2)


def test_without_a_complete_earlier_window_best_is_unknown() -> None:
    one = metric(kind="drop_off", reference="best")
    harm = measure(one, [drop(day_, 20) for day_ in range(-20, 28)])["m"]
    assert harm.harm is None
    assert "no complete earlier window" in harm.missing


def test_days_without_readings_do_not_make_a_best_window_of_few() -> None:
    one = metric(kind="drop_off", reference="best", sessions_per_sprint=100)
    sparse = [drop(-60, 5), drop(-59, 5), *(drop(day_, 30) for day_ in range(-29, 28))]
    harm = measure(one, sparse)["m"]
    assert harm.goal == pytest.approx(0.3), "two good days, then a month without readings"


# --- exposure ----------------------------------------------------------------------------------


def test_sessions_are_stated_counted_or_sampled_in_this_order() -> None:
    readings = [
        day(Counts(bad=1, total=280), WINDOW.start_on + timedelta(days=i)) for i in range(28)
    ]
    assert measure(metric(sessions_per_sprint=7), readings)["m"].sessions == 7
    counted = measure(metric(), readings)["m"]
    assert counted.sessions == pytest.approx(280 * 14)
    assert counted.sessions_basis == "counted in the window, scaled to 14 days"
    rates = [day(Rate(bad_share=0.1), size=50)]
    assert measure(metric(segment="abroad"), rates)["m"].sessions == 300
    assert measure(metric(), rates)["m"].sessions == 1000
    assert measure(metric(flow="bare"), rates)["m"].sessions == pytest.approx(50 * 14)


def test_answers_to_a_survey_are_never_sessions() -> None:
    one = metric(flow="bare", kind="csat", target=0.85)
    assert measure(one, [day(Counts(bad=5, total=10))])["m"].harm is None


def test_the_flow_of_everybody_is_not_the_exposure_of_a_part() -> None:
    harm = measure(metric(segment="home"), [day(Rate(bad_share=0.5))])["m"]
    assert harm.harm is None


def test_gaps_in_a_counted_metric_do_not_lower_its_sessions() -> None:
    full = [day(Counts(bad=5, total=100), WINDOW.start_on + timedelta(days=i)) for i in range(28)]
    whole, half = measure(metric(), full)["m"], measure(metric(), full[:14])["m"]
    assert half.sessions == pytest.approx(whole.sessions)
    assert half.sessions_basis.endswith("scaled to 14 days from 14 days with readings")


# --- intervals ---------------------------------------------------------------------------------


@given(st.floats(0, 1), st.floats(1, 1e6))
def test_wilsons_interval_contains_the_share_and_stays_in_range(share: float, size: float) -> None:
    low, high = wilson(share, size, INTERVAL_Z)
    assert 0 <= low <= share <= high <= 1


@given(st.floats(0, 1), st.floats(1, 1e5), st.floats(1.5, 100))
def test_wilsons_interval_narrows_with_the_sample(share: float, size: float, more: float) -> None:
    few, many = wilson(share, size, INTERVAL_Z), wilson(share, size * more, INTERVAL_Z)
    assert many[1] - many[0] < few[1] - few[0]


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_interval_of_the_harm_holds_the_harm(bad: int, good: int) -> None:
    harm = measure(metric(), [day(Counts(bad=bad, total=bad + good + 1))])["m"]
    assert harm.low is not None
    assert harm.high is not None
    assert harm.low <= (harm.harm or 0) <= harm.high


def test_tickets_are_as_uncertain_as_their_number_says() -> None:
    one = metric(kind="ticket_rate", target=0.0, reporting_rate=0.02, sessions_per_sprint=1000)
    harm = measure(one, [day(Counts(bad=100, total=50_000))])["m"]
    assert harm.harm == pytest.approx(100)
    # A count of 100 is known to about one part in ten (Poisson); 1.28 deviations of it.
    assert ((harm.high or 0) - (harm.low or 0)) / 2 == pytest.approx(12.8, rel=0.1)


def test_a_statement_by_hand_marks_the_harm() -> None:
    stated = day(Rate(bad_share=0.1), days=28).model_copy(update={"stated_by": "Support"})
    assert measure(metric(), [stated])["m"].is_stated


def test_every_kind_of_measure_can_become_harm() -> None:
    timed = metric(id="t", kind="latency", threshold_s=1, target=0.9)
    vital = UxMetric(id="v", flow="f", step="s", kind="web_vital", vital="lcp")  # type: ignore[arg-type]
    found = measure(
        [timed, vital],
        [
            day(Percentiles(ranks=(0.5, 0.95), values=(1.5, 9)), of="t", size=80),
            day(Bands(good=0.6, needs_improvement=0.2, poor=0.2), of="v", size=80),
        ],
    )
    assert found["v"].harm == pytest.approx(1000 * (0.3 - 0.125))
    assert (found["t"].harm or 0) > 300
