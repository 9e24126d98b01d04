"""What metrics do by themselves, against dense algebra."""

from math import exp, log, sqrt
from random import Random
from typing import Any

import numpy as np
import pytest

from debtplan.core import calibration, drift
from debtplan.core.calibration import (
    GRADE_SPREAD,
    PRIOR_MEAN,
    PRIOR_SPREAD,
    TAU_SCALE,
    Track,
    calibrate,
    pool_all,
    track_of,
)
from debtplan.core.drift import SPREADS, Drift, drift_of, say_drift
from debtplan.core.effect import Effect
from debtplan.core.judge import judge
from debtplan.core.link import Grade
from debtplan.core.placebo import Placebo
from debtplan.core.verdict import Outcome
from tests.court import SEEN, at, case, forecast


def placebo(realised: float | None, error: float = 0.05, **more: Any) -> Placebo:
    fields = {
        "plan_id": "p",
        "item": "jira:A-1",
        "metric": "m",
        "judged_at": at(SEEN),
        "due_on": SEEN,
        "outcome": Outcome.NOT_MOVED,
        "realised": realised,
        "realised_error": None if realised is None else error,
    }
    return Placebo.model_validate({**fields, **more})


def known(mean: float, error: float = 0.02, spread: float = 0.0, placebos: int = 9) -> Drift:
    return Drift(
        mean=mean, error=error, low=mean - error, high=mean + error, spread=spread,
        placebos=placebos,
    )  # fmt: skip


def track(ratio: float, claim: float, error: float = 0.1) -> Track:
    return Track(grade=Grade.C, team="web", ratio=ratio, error=error, claim=claim)


def test_the_drift_is_the_average_over_spreads_of_the_joint_normal_density() -> None:
    random = Random(2)
    rows = [(random.gauss(0.08, 0.07), random.uniform(0.02, 0.1)) for _ in range(7)]
    found = drift_of([placebo(*row) for row in rows])
    assert found is not None
    values = np.array([value for value, _ in rows])
    weights, means, variances = [], [], []
    for spread in SPREADS:
        own = np.diag([error**2 + spread**2 for _, error in rows])
        joint = own + drift.PRIOR_SPREAD**2
        _, size = np.linalg.slogdet(joint)
        likely = -0.5 * size - 0.5 * values @ np.linalg.solve(joint, values)
        weights.append(likely - 0.5 * (spread / drift.SPREAD_SCALE) ** 2)
        gain = drift.PRIOR_SPREAD**2 * np.linalg.solve(joint, np.ones(len(rows)))
        means.append(gain @ values)
        variances.append(drift.PRIOR_SPREAD**2 * (1 - gain.sum()))
    parts = np.exp(np.array(weights) - max(weights))
    parts /= parts.sum()
    mean = parts @ np.array(means)
    spread = parts @ (np.array(variances) + (np.array(means) - mean) ** 2)
    assert found.mean == pytest.approx(mean)
    assert found.error == pytest.approx(sqrt(spread))
    assert found.spread == pytest.approx(sqrt(parts @ np.array(SPREADS) ** 2))
    assert found.low < found.mean < found.high


def test_what_could_not_be_measured_says_nothing_of_the_drift() -> None:
    assert drift_of([]) is None
    assert drift_of([placebo(None)]) is None
    both = drift_of([placebo(0.1), placebo(None)])
    assert both == drift_of([placebo(0.1)])


def test_the_order_of_placebos_makes_no_difference() -> None:
    rows = [placebo(value) for value in (0.3, -0.1, 0.05, 0.2)]
    assert drift_of(rows) == drift_of(rows[::-1])


def test_few_unsure_placebos_hardly_leave_nothing() -> None:
    found = drift_of([placebo(0.5, 0.5)])
    assert found is not None
    assert abs(found.mean) < 0.03
    assert not found.is_used


def test_a_drift_of_few_placebos_corrects_nothing() -> None:
    tracks = [track(0.9, 0.2)] * 8
    assert calibrate(tracks, "web", (), known(0.1, placebos=4)) == calibrate(tracks, "web", ())
    used = calibrate(tracks, "web", (), known(0.1, placebos=5))
    assert used is not None
    assert used.drift == known(0.1, placebos=5)


def test_what_goes_away_by_itself_is_taken_off_the_ratios() -> None:
    tracks = [track(0.5 + 0.1 / claim, claim) for claim in (0.15, 0.2, 0.25, 0.3) * 5]
    plain, told = pool_all(tracks), pool_all(tracks, known(0.1))
    assert plain is not None
    assert told is not None
    assert plain.mean == pytest.approx(0.97, abs=0.05)
    assert told.mean == pytest.approx(0.5, abs=0.07)
    assert told.high - told.low > plain.high - plain.low


def test_a_drift_the_other_way_raises_the_ratios() -> None:
    tracks = [track(0.5, 0.2)] * 20
    plain, told = pool_all(tracks), pool_all(tracks, known(-0.05))
    assert plain is not None
    assert told is not None
    assert told.mean > plain.mean + 0.1


def test_the_drift_is_one_more_unknown_of_the_same_normal_model() -> None:
    random = Random(4)
    rows = [track(random.gauss(0.9, 0.4), random.uniform(0.1, 0.4)) for _ in range(6)]
    moved = known(0.05, 0.03, 0.02)
    ratios = np.array([one.ratio for one in rows])
    ones, slopes = np.ones((6, 6)), np.array([1 / one.claim for one in rows])
    logs, means = [], []
    for tau in calibration.TAUS:
        for omega in calibration.OMEGAS:
            own = [
                one.error**2 + GRADE_SPREAD[one.grade] ** 2 + omega**2 + (0.02 / one.claim) ** 2
                for one in rows
            ]
            shared = (PRIOR_SPREAD**2 + 3 * tau**2) * ones
            joint = np.diag(own) + shared + 0.03**2 * np.outer(slopes, slopes)
            rest = ratios - PRIOR_MEAN - 0.05 * slopes
            _, size = np.linalg.slogdet(joint)
            solved = np.linalg.solve(joint, rest)
            prior = -0.5 * (tau / TAU_SCALE) ** 2 - 0.5 * (omega / calibration.OMEGA_SCALE) ** 2
            logs.append(-0.5 * size - 0.5 * rest @ solved + prior)
            means.append(PRIOR_MEAN + shared[0] @ solved)
    weights = [exp(one - max(logs)) for one in logs]
    mean = sum(w * m for w, m in zip(weights, means, strict=True)) / sum(weights)
    found = pool_all(rows, moved)
    assert found is not None
    assert found.mean == pytest.approx(mean, rel=1e-6)


def test_a_ratio_knows_what_it_is_a_part_of() -> None:
    pair = (forecast(calibration=0.5), forecast(item="jira:A-2", calibration=0.5))
    effect = Effect(effect=-0.02, error=0.005, low=-0.03, high=-0.01)
    verdict = judge(case(*pair), effect, (), (), at(SEEN))[0]
    found = track_of(pair[0], verdict)
    assert found is not None
    assert found.claim == pytest.approx((1 - 0.7 * 0.7) / 0.5)
    assert found.ratio * found.claim == pytest.approx(verdict.realised)
    still = judge(case(pair[0]), effect.model_copy(update={"effect": 0.0}), (), (), at(SEEN))[0]
    nothing = track_of(pair[0], still)
    assert nothing is not None
    assert nothing.claim == pytest.approx(0.3 / 0.5)


def test_the_sentence_says_how_many_and_whether_it_counts() -> None:
    assert say_drift(None) == ""
    few = drift_of([placebo(0.1, outcome=Outcome.MOVED)])
    assert "(1 forecast)" in say_drift(few)
    assert "would have called 1 of 1 a change. From 5 on" in say_drift(few)
    many = drift_of([placebo(0.1, 0.01)] * 12)
    assert say_drift(many).startswith(
        "Where approved work did not come (12 forecasts), 10% of the excess went away by itself ("
    )
    assert "is taken off every verdict" in say_drift(many)


def test_what_grew_by_itself_is_below_nothing_as_in_the_table_beside_it() -> None:
    said = say_drift(drift_of([placebo(-0.1, 0.01)] * 12))
    assert "(12 forecasts), −10% of the excess went away by itself (−1" in said
    assert "; below 0 it grew); the method" in said
    assert "below 0" not in say_drift(drift_of([placebo(0.1, 0.01)] * 12))
    assert "-" not in say_drift(drift_of([placebo(-0.001, 0.0001)] * 12))


def test_the_weights_of_spreads_are_densities() -> None:
    wide = drift_of([placebo(value, 0.01) for value in (-0.3, 0.3, -0.2, 0.25, 0.1, -0.35)])
    narrow = drift_of([placebo(0.02 + 0.001 * n, 0.01) for n in range(6)])
    assert wide is not None
    assert narrow is not None
    assert wide.spread > 0.15 > narrow.spread
    assert log(wide.error / narrow.error) > 1
