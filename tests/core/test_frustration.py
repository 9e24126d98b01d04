"""The frustrated share of every kind: exact where it can be, and never lower for a worse metric."""

from datetime import date
from math import exp
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from debtplan.core.flow import MetricKind, UxMetric, Vital
from debtplan.core.frustration import (
    fit_log_normal,
    frustrated_share,
    goal_share,
    misfit,
    share_above,
)
from debtplan.core.reading import (
    Bands,
    Buckets,
    Counts,
    Measure,
    Percentiles,
    Rate,
    Reading,
    midnight,
)

SHARE = st.floats(0, 1)
DEFAULTS: dict[MetricKind, dict[str, Any]] = {
    MetricKind.LATENCY: {"threshold_s": 1.0, "target": 0.9},
    MetricKind.COMPLETION_TIME: {"threshold_s": 30.0, "target": 0.8},
    MetricKind.WEB_VITAL: {"vital": Vital.LCP},
    MetricKind.ERROR_RATE: {"target": 0.02},
    MetricKind.DROP_OFF: {"reference": 0.2},
    MetricKind.CSAT: {"target": 0.85},
    MetricKind.TICKET_RATE: {"target": 0.001, "reporting_rate": 0.05},
}


def metric(kind: MetricKind, **changes: object) -> UxMetric:
    """A metric of a kind with what it needs."""
    given_fields: dict[str, Any] = {"id": "m", "flow": "f", "step": "s", "kind": kind}
    return UxMetric.model_validate({**given_fields, **DEFAULTS[kind], **changes})


def share_of(one: UxMetric, measure: Measure, sample_size: float | None = None) -> float:
    """The frustrated share of a measure."""
    return frustrated_share(one, reading(measure, sample_size)).share


def reading(measure: Measure, sample_size: float | None = None) -> Reading:
    """A reading of one day."""
    return Reading(
        metric="m",
        start_at=midnight(date(2026, 11, 1)),
        end_at=midnight(date(2026, 11, 2)),
        measure=measure,
        sample_size=sample_size,
    )


@pytest.mark.parametrize(
    ("kind", "measure", "need"),
    [
        (MetricKind.LATENCY, Rate(bad_share=0.1), "buckets or two or more percentiles"),
        (MetricKind.COMPLETION_TIME, Counts(bad=1, total=2), "buckets or two or more percentiles"),
        (MetricKind.WEB_VITAL, Rate(bad_share=0.1), "the three shares"),
        (MetricKind.CSAT, Rate(bad_share=0.1), "not only an average"),
        (MetricKind.ERROR_RATE, Bands(good=1, needs_improvement=0, poor=0), "counts, or a rate"),
        (MetricKind.DROP_OFF, Percentiles(ranks=(0.5, 0.9), values=(1, 2)), "counts, or a rate"),
        (MetricKind.TICKET_RATE, Buckets(bounds=(1,), counts=(1,), total=1), "counts, or a rate"),
    ],
)
def test_a_measure_of_the_wrong_form_is_refused_with_what_is_needed(
    kind: MetricKind, measure: Measure, need: str
) -> None:
    assert need in misfit(metric(kind), reading(measure))
    with pytest.raises(ValueError, match="it needs"):
        frustrated_share(metric(kind), reading(measure))


# --- buckets -----------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=8, unique=True), st.floats(0, 1))
@pytest.mark.slow
def test_interpolation_is_exact_on_uniform_data(bounds: list[int], place: float) -> None:
    bounds = sorted(bounds)
    buckets = Buckets(bounds=tuple(bounds), counts=tuple(bounds), total=bounds[-1])
    share, is_exact = share_above(buckets, place * bounds[-1])
    assert is_exact
    assert share == pytest.approx(1 - place, abs=1e-9)


def test_beyond_the_last_bound_only_a_lower_bound_is_known() -> None:
    buckets = Buckets(bounds=(1.0, 2.0), counts=(60, 90), total=100)
    assert share_above(buckets, 4.0) == (0.0, False)
    assert share_above(buckets, 2.0)[0] == pytest.approx(0.1)
    found = frustrated_share(metric(MetricKind.LATENCY), reading(buckets))
    assert found.is_bound
    assert found.share == pytest.approx((0.4 + 0.0) / 2)


def test_an_empty_open_bucket_is_exact() -> None:
    buckets = Buckets(bounds=(1.0, 2.0), counts=(60, 100), total=100)
    assert share_above(buckets, 4.0) == (0.0, True)


@given(st.lists(st.integers(0, 50), min_size=3, max_size=3), st.integers(0, 50), st.integers(1, 3))
def test_slower_requests_never_lower_the_share_of_a_histogram(
    parts: list[int], beyond: int, place: int
) -> None:
    def q(sizes: list[int]) -> float:
        counts = [sum(sizes[: i + 1]) for i in range(3)]
        measure = Buckets(bounds=(0.5, 2.0, 8.0), counts=tuple(counts), total=sum(sizes))
        return share_of(metric(MetricKind.LATENCY), measure)

    sizes = [*parts, beyond]
    assume(sizes[place - 1] > 0)
    worse = [*sizes]
    worse[place - 1] -= 1
    worse[place] += 1
    assert q(worse) >= q(sizes) - 1e-12


# --- percentiles -------------------------------------------------------------------------------

RANKS = st.lists(
    st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999]), min_size=2, unique=True
)


@given(st.floats(-3, 6), st.floats(0.01, 2.5), RANKS)
def test_the_fit_recovers_the_parameters_of_a_log_normal(
    mean: float, sigma: float, ranks: list[float]
) -> None:
    true = NormalDist(mean, sigma)
    ranks = sorted(ranks)
    values = tuple(exp(true.inv_cdf(rank)) for rank in ranks)
    fit = fit_log_normal(Percentiles(ranks=tuple(ranks), values=values))
    assert fit.mean == pytest.approx(mean, abs=1e-6)
    assert fit.stdev == pytest.approx(sigma, rel=1e-6)


def test_equal_percentiles_are_a_constant() -> None:
    constant = Percentiles(ranks=(0.5, 0.95), values=(2.0, 2.0))
    assert share_of(metric(MetricKind.LATENCY, threshold_s=1.9), constant) == 0.5
    assert share_of(metric(MetricKind.LATENCY, threshold_s=2.0), constant) == 0.0
    assert share_of(metric(MetricKind.LATENCY, threshold_s=0.4), constant) == 1.0


@given(st.floats(-1, 1.5), st.floats(0.2, 1.2))
def test_percentiles_and_fine_buckets_of_one_log_normal_agree(mean: float, sigma: float) -> None:
    true = NormalDist(mean, sigma)
    ranks = (0.5, 0.75, 0.95, 0.99)
    percentiles = Percentiles(ranks=ranks, values=tuple(exp(true.inv_cdf(r)) for r in ranks))
    grid = [exp(true.inv_cdf(i / 400)) for i in range(1, 400)]
    buckets = Buckets(bounds=tuple(grid), counts=tuple(range(1, 400)), total=400)
    one = metric(MetricKind.LATENCY)
    assert share_of(one, percentiles) == pytest.approx(share_of(one, buckets), abs=0.006)


@given(st.floats(0.1, 5), st.floats(1, 5), st.floats(1, 3))
def test_higher_percentiles_never_lower_the_share(
    median: float, spread: float, factor: float
) -> None:
    def q(scale: float) -> float:
        values = (median * scale, median * spread * scale)
        return share_of(metric(MetricKind.LATENCY), Percentiles(ranks=(0.5, 0.95), values=values))

    assert q(factor) >= q(1.0) - 1e-12


def test_milliseconds_and_seconds_say_the_same() -> None:
    in_s = Percentiles(ranks=(0.5, 0.95), values=(0.4, 2.2))
    in_ms = Percentiles(ranks=(0.5, 0.95), values=(400, 2200))
    assert share_of(metric(MetricKind.LATENCY), in_s) == pytest.approx(
        share_of(metric(MetricKind.LATENCY, unit="ms"), in_ms)
    )


def test_a_layout_shift_has_no_unit() -> None:
    measure = Percentiles(ranks=(0.5, 0.95), values=(0.05, 0.3))
    plain = metric(MetricKind.WEB_VITAL, vital=Vital.CLS)
    assert share_of(plain, measure) == share_of(
        metric(MetricKind.WEB_VITAL, vital=Vital.CLS, unit="ms"), measure
    )


# --- shares and counts -------------------------------------------------------------------------


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_vital_counts_poor_whole_and_needs_improvement_half(a: float, b: float, c: float) -> None:
    total = a + b + c
    assume(total > 0.01)
    bands = Bands(good=a / total, needs_improvement=b / total, poor=c / total)
    found = share_of(metric(MetricKind.WEB_VITAL), bands)
    assert found == pytest.approx((c + b / 2) / total)


@given(st.floats(0, 1000), st.floats(1, 1000), SHARE, st.floats(0, 100))
def test_one_more_failure_never_lowers_the_share(
    good: float, bad: float, recovered_share: float, more: float
) -> None:
    recovered = bad * recovered_share
    one = metric(MetricKind.ERROR_RATE)
    before = share_of(one, Counts(bad=bad, total=good + bad, recovered=recovered))
    after = share_of(one, Counts(bad=bad + more, total=good + bad + more, recovered=recovered))
    assert after >= before - 1e-12


def test_a_failure_that_a_retry_mended_counts_half() -> None:
    one = metric(MetricKind.ERROR_RATE)
    assert share_of(one, Counts(bad=10, total=100, recovered=4)) == pytest.approx(0.08)


@given(st.floats(0, 1), st.floats(0.01, 1))
def test_a_ticket_stands_for_those_who_wrote_none_and_at_most_for_all(
    rate: float, reporting: float
) -> None:
    one = metric(MetricKind.TICKET_RATE, reporting_rate=reporting)
    assert share_of(one, Rate(bad_share=rate)) == pytest.approx(min(1.0, rate / reporting))


@pytest.mark.parametrize(
    ("kind", "goal"),
    [
        (MetricKind.LATENCY, 0.1),
        (MetricKind.COMPLETION_TIME, 0.2),
        (MetricKind.WEB_VITAL, 0.125),
        (MetricKind.ERROR_RATE, 0.02),
        (MetricKind.DROP_OFF, None),
        (MetricKind.CSAT, 0.15),
        (MetricKind.TICKET_RATE, 0.02),
    ],
)
def test_the_share_at_the_goal(kind: MetricKind, goal: float | None) -> None:
    found = goal_share(metric(kind))
    assert found == (None if goal is None else pytest.approx(goal))


def test_the_sample_size_goes_through_and_unknown_stays_unknown() -> None:
    one = metric(MetricKind.ERROR_RATE)
    assert frustrated_share(one, reading(Rate(bad_share=0.1), 90)).sample_size == 90
    assert frustrated_share(one, reading(Rate(bad_share=0.1))).sample_size is None
    assert frustrated_share(one, reading(Counts(bad=1, total=70))).sample_size == 70
