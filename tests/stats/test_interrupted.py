"""Interrupted time series: what is found, what is refused, and how sure it is."""

from datetime import date, timedelta
from random import Random

import numpy as np
import pytest
from scipy import stats

from debtplan.core.days import DayShare
from debtplan.core.effect import Question
from debtplan.stats import interrupted
from debtplan.stats.interrupted import Fit, InterruptedSeries
from tests.court import APPROVED, RELEASED, START, days, question

METER = InterruptedSeries()


def spoilt(
    series: tuple[DayShare, ...], start: date, end: date, part: float
) -> tuple[DayShare, ...]:
    """The series with another share on some days."""
    return tuple(
        one.model_copy(update={"share": one.share * part}) if start <= one.on < end else one
        for one in series
    )


def test_a_planted_change_is_found_with_its_interval() -> None:
    found = METER.measure(question(days(-0.15)))
    assert found.missing == ""
    assert found.effect == pytest.approx(-0.03, abs=0.003)
    assert found.low is not None
    assert found.high is not None
    assert found.effect is not None
    assert found.low < found.effect < found.high < 0
    assert found.fakes == ()
    assert found.has_trend


def test_nothing_is_found_where_nothing_happened() -> None:
    found = METER.measure(question(days()))
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high


def test_the_days_that_led_to_the_work_are_nobodys_baseline() -> None:
    bad = spoilt(days(), APPROVED - timedelta(days=20), APPROVED, 1.5)
    plain, other = METER.measure(question(days())), METER.measure(question(bad))
    assert (plain.effect, plain.low, plain.high) == (other.effect, other.low, other.high)
    counted = METER.measure(question(bad, left_out=(START, START)))
    assert counted.effect is not None
    assert counted.effect < -0.01  # what would be said without the guard


def test_the_days_around_the_release_count_for_neither() -> None:
    torn = spoilt(days(-0.15), RELEASED - timedelta(days=1), RELEASED + timedelta(days=2), 5)
    assert METER.measure(question(torn)) == METER.measure(question(days(-0.15)))
    wide = METER.measure(question(torn, transition_days=0))
    assert wide.effect != METER.measure(question(days(-0.15), transition_days=0)).effect


@pytest.mark.parametrize(
    ("start", "end", "side"),
    [(RELEASED - timedelta(days=12), date(2026, 8, 1), "before"),
     (START, RELEASED + timedelta(days=13), "after")],
)  # fmt: skip
def test_eleven_days_on_a_side_are_too_few(start: date, end: date, side: str) -> None:
    short = days(-0.15, start=start, end=end)
    found = METER.measure(question(short, left_out=(START, START)))
    assert found.effect is None
    assert f"only 11 days with readings {side} the release, 12 are needed" in found.missing


def test_twelve_days_on_each_side_are_enough_without_a_trend() -> None:
    short = days(-0.15, start=RELEASED - timedelta(days=13), end=RELEASED + timedelta(days=14))
    found = METER.measure(question(short, left_out=(START, START)))
    assert (found.days_before, found.days_after) == (12, 12)
    assert not found.has_trend
    assert found.effect == pytest.approx(-0.03, abs=0.01)


def test_a_control_that_jumps_is_refused_and_one_that_moves_alone_too() -> None:
    common = days(0.0, noise=0.05, seed=5)
    own = tuple(
        one.model_copy(update={"share": one.share * (0.85 if one.on >= RELEASED else 1.0)})
        for one in common
    )
    controls = {"good": common, "jumps": own, "alone": days(noise=0.05, seed=77)}
    found = METER.measure(question(own, controls=controls))
    assert found.controls == ("good",)
    why = {one.metric: one.why for one in found.refused}
    assert "changed itself at the release" in why["jumps"]
    assert "did not move like it before the release" in why["alone"]


def test_a_good_control_makes_the_answer_surer() -> None:
    common = days(0.0, noise=0.05, seed=5)
    own = spoilt(common, RELEASED, date(2026, 9, 1), 0.85)
    small = tuple(one.model_copy(update={"share": one.share * 0.3}) for one in common)
    alone = METER.measure(question(own))
    helped = METER.measure(question(own, controls={"c": small}))
    assert alone.error is not None
    assert helped.error is not None
    assert helped.error < alone.error / 2
    assert helped.effect == pytest.approx(-0.03, abs=0.004)


def test_a_control_with_holes_is_refused() -> None:
    own = days(noise=0.05)
    found = METER.measure(question(own, controls={"c": own[::2]}))
    assert found.controls == ()
    assert "has readings on" in found.refused[0].why


def test_a_change_at_a_date_without_a_release_is_noticed() -> None:
    broken = days(-0.3, changed_on=date(2026, 4, 8))
    found = METER.measure(question(broken, left_out=(START, START)))
    assert found.fakes
    assert METER.measure(question(broken, left_out=(START, START), is_tried=False)).fakes == ()


def test_a_series_without_any_noise_has_an_answer() -> None:
    flat = tuple(one.model_copy(update={"share": 0.0}) for one in days())
    found = METER.measure(question(flat))
    assert found.effect == pytest.approx(0, abs=1e-6)


def test_two_controls_that_are_one_and_the_same_have_an_answer() -> None:
    common = days(0.0, noise=0.05, seed=5)
    own = spoilt(common, RELEASED, date(2026, 9, 1), 0.85)
    found = METER.measure(question(own, controls={"a": common, "b": common}))
    assert found.effect == pytest.approx(-0.03, abs=0.005)


def test_without_sample_sizes_every_day_weighs_the_same() -> None:
    plain = tuple(one.model_copy(update={"size": None}) for one in days(-0.15))
    assert METER.measure(question(plain)).effect == pytest.approx(-0.03, abs=0.003)


def test_without_carry_over_it_is_least_squares(monkeypatch: pytest.MonkeyPatch) -> None:
    """One pair of the grid, rho 0 and all alike, is the textbook's regression."""
    monkeypatch.setattr(interrupted, "RHOS", (0.0,))
    monkeypatch.setattr(interrupted, "SAMPLING", (0.0,))
    series = days(-0.15, noise=0.05)
    asked = question(series, left_out=(START, START), transition_days=0, is_tried=False)
    kept = [one for one in series if one.on != RELEASED]
    times = np.array([(one.on - RELEASED).days for one in kept])
    weekdays = np.array([one.on.weekday() for one in kept])
    columns = [np.ones(len(kept)), times >= 0, times / 28]
    columns += [(weekdays == day).astype(float) - (weekdays == 6) for day in range(6)]
    design = np.column_stack(columns).astype(float)
    shares = np.array([one.share for one in kept])
    solved, rest, *_ = np.linalg.lstsq(design, shares, rcond=None)
    freedom = len(kept) - design.shape[1]
    error = np.sqrt(rest[0] / freedom * np.linalg.inv(design.T @ design)[1, 1])
    found = METER.measure(asked)
    assert found.effect == pytest.approx(solved[1], rel=1e-6)
    low, high = stats.t.interval(0.95, freedom, solved[1], error)
    assert found.low == pytest.approx(low, rel=1e-6)
    assert found.high == pytest.approx(high, rel=1e-6)


def test_carry_over_is_taken_out_as_by_generalised_least_squares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One pair with gaps between the days, against the covariance matrix written out."""
    monkeypatch.setattr(interrupted, "RHOS", (0.6,))
    monkeypatch.setattr(interrupted, "SAMPLING", (0.4,))
    sizes = Random(3)
    series = tuple(
        one.model_copy(update={"size": float(sizes.randrange(500, 5_000))})
        for one in days(-0.15, noise=0.05)
    )
    kept = [
        one
        for one in series
        if one.on != RELEASED and not APPROVED - timedelta(days=29) <= one.on < APPROVED
    ]
    times = np.array([(one.on - RELEASED).days for one in kept])
    weekdays = np.array([one.on.weekday() for one in kept])
    columns = [np.ones(len(kept)), times >= 0, times / 28]
    columns += [(weekdays == day).astype(float) - (weekdays == 6) for day in range(6)]
    own = np.array([1 / (one.size or 1) for one in kept])
    spread = 0.4 * np.diag(own / own.mean()) + 0.6 * 0.6 ** np.abs(times[:, None] - times)
    inverse, design = np.linalg.inv(spread), np.column_stack(columns).astype(float)
    shares = np.array([one.share for one in kept])
    wanted = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ shares)[1]
    found = METER.measure(question(series, transition_days=0, is_tried=False))
    assert found.effect == pytest.approx(wanted, rel=1e-6)


def test_the_interval_of_one_pair_is_students() -> None:
    fit = Fit(np.array([1.0]), np.array([0.3]), np.array([0.1]), 20, 0.0)
    low, high = stats.t.interval(0.95, 20, 0.3, 0.1)
    assert fit.quantile(0.025) == pytest.approx(low, abs=1e-9)
    assert fit.quantile(0.975) == pytest.approx(high, abs=1e-9)
    assert fit.chance == pytest.approx(2 * stats.t.sf(3, 20))


def test_the_answer_does_not_depend_on_the_order_of_controls() -> None:
    common = days(0.0, noise=0.05, seed=5)
    own = spoilt(common, RELEASED, date(2026, 9, 1), 0.85)
    one, other = days(0.0, noise=0.05, seed=5, share=0.3), common

    def asked(controls: dict[str, tuple[DayShare, ...]]) -> Question:
        return question(own, controls=controls)

    first = METER.measure(asked({"a": one, "b": other}))
    assert first == METER.measure(asked({"b": other, "a": one}))
