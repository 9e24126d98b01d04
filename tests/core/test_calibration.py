"""Calibration: what verdicts make of tomorrow's claims."""

from random import Random
from statistics import fmean

import pytest

from debtplan.core import calibration
from debtplan.core.calibration import (
    LEAST_FACTOR,
    MOST_FACTOR,
    Track,
    calibrate,
    pool_all,
    pool_by,
    track_of,
)
from debtplan.core.drift import INTERVAL_Z
from debtplan.core.effect import Effect
from debtplan.core.judge import judge
from debtplan.core.link import Grade
from tests.court import SEEN, at, case, forecast


def track(ratio: float, error: float = 0.05, **more: object) -> Track:
    fields = {"grade": "C", "debt_kind": "reliability", "team": "web"}
    return Track.model_validate({**fields, "ratio": ratio, "error": error, **more})


def test_four_verdicts_calibrate_nothing_and_five_do() -> None:
    assert calibrate([track(0.5)] * 4, "web", ()) is None
    found = calibrate([track(0.5)] * 5, "web", ("reliability",))
    assert found is not None
    assert found.verdicts == 5
    assert found.factor(Grade.C, "reliability").factor < 1


def test_a_kind_that_is_not_among_the_factors_takes_the_one_that_is_not_said() -> None:
    found = calibrate([track(0.5)] * 6, "web", ("reliability",))
    assert found is not None
    assert found.factor(Grade.C, "usability") == found.factor(Grade.C, "")


def test_many_sure_verdicts_leave_little_of_the_prior() -> None:
    random = Random(3)
    found = calibrate([track(random.gauss(0.4, 0.3)) for _ in range(200)], "web", ("reliability",))
    assert found is not None
    own = found.factor(Grade.C, "reliability")
    assert own.factor == pytest.approx(0.4, abs=0.08)
    assert own.error < 0.15
    assert found.delivered.low < 0.4 < found.delivered.high


def test_verdicts_that_cannot_tell_hardly_move_the_factor_but_count() -> None:
    found = calibrate([track(-3.0, 50.0)] * 10, "web", ())
    assert found is not None
    assert found.verdicts == 10
    assert found.factor(Grade.C, "").factor == pytest.approx(1.0, abs=0.02)


def test_one_grade_learns_from_its_own_verdicts_first() -> None:
    tracks = [track(0.3, grade="D") for _ in range(30)] + [track(1.1, grade="A") for _ in range(30)]
    found = {one.name: one.mean for one in pool_by(tracks, "grade")}
    assert found["D"] < 0.6
    assert found["A"] > 0.9
    assert pool_by([], "grade") == ()
    assert pool_all([]) is None


def test_a_class_without_verdicts_is_less_sure_than_one_with() -> None:
    found = calibrate([track(0.6) for _ in range(20)], "web", ("reliability",))
    assert found is not None
    assert found.factor(Grade.C, "reliability").error < found.factor(Grade.E, "").error


def test_factors_keep_their_bounds() -> None:
    low = calibrate([track(-5.0) for _ in range(60)], "web", ())
    high = calibrate([track(9.0) for _ in range(60)], "web", ())
    assert low is not None
    assert high is not None
    assert low.factor(Grade.C, "").factor == LEAST_FACTOR
    assert high.factor(Grade.C, "").factor == MOST_FACTOR


def test_the_order_of_verdicts_makes_no_difference() -> None:
    random = Random(5)
    tracks = [track(random.gauss(0.7, 0.4), team=random.choice("ab")) for _ in range(12)]
    shuffled = random.sample(tracks, len(tracks))
    assert calibrate(tracks, "a", ("reliability",)) == calibrate(shuffled, "a", ("reliability",))


def test_teams_beyond_the_dozen_share_a_deviation() -> None:
    tracks = [track(0.2, team=f"t{n:02}") for n in range(30) for _ in range(1 + (n < 3))]
    found = calibrate(tracks, "t29", ())
    assert found is not None
    assert found == found.model_copy(update={"team": "t29"})
    names = [one.name for one in pool_by(tracks, "team")]
    assert len(names) == calibration.MOST_TEAMS + 1
    assert calibration.OTHERS in names


def test_one_verdict_is_weighed_against_the_prior_as_the_textbook_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One tau, one omega: posterior mean = prior + k (ratio - prior), k = S / (S + error^2)."""
    monkeypatch.setattr(calibration, "TAUS", (0.2,))
    monkeypatch.setattr(calibration, "OMEGAS", (0.3,))
    calibration.posteriors.cache_clear()
    found = pool_all([track(0.4, 0.25)])
    calibration.posteriors.cache_clear()
    prior = 0.5**2 + 3 * 0.2**2
    noise = 0.25**2 + calibration.GRADE_SPREAD[Grade.C] ** 2 + 0.3**2
    weight = prior / (prior + noise)
    assert found is not None
    assert found.mean == pytest.approx(1 + weight * (0.4 - 1))
    deviation = (prior * (1 - weight)) ** 0.5
    assert found.high - found.mean == pytest.approx(INTERVAL_Z * deviation)


def test_a_calibration_in_force_is_taken_out_of_the_ratio() -> None:
    """A claim that was halved already and came true says 0.5 of the grade's own claim."""
    made = forecast(removal=0.15, calibration=0.5)
    effect = Effect(effect=-0.015, error=0.005, low=-0.025, high=-0.005, observed=-0.015)
    verdict = judge(case(made), effect, (), (), at(SEEN))[0]
    assert verdict.ratio == pytest.approx(1.0)
    found = track_of(made, verdict)
    assert found is not None
    assert found.ratio == pytest.approx(0.5)
    assert found.error == pytest.approx((verdict.ratio_error or 0) * 0.5)


def test_a_verdict_without_a_measurement_is_no_track() -> None:
    verdict = judge(case(), Effect(missing="none"), (), (), at(SEEN))[0]
    assert track_of(forecast(), verdict) is None


def test_the_interval_of_what_was_delivered_holds_the_truth_as_often_as_it_says() -> None:
    held = []
    for seed in range(60):
        random = Random(seed)
        truth = random.gauss(1, 0.3)
        tracks = [track(random.gauss(truth, 0.6), 0.3) for _ in range(15)]
        found = pool_all(tracks)
        assert found is not None
        held.append(found.low <= truth <= found.high)
    assert 0.65 <= fmean(held) <= 0.95
