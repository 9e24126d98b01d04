"""The worked examples of docs/outcomes.md: the program computes every line of them."""

from debtplan.core.calibration import Track, calibrate
from debtplan.core.drift import drift_of, say_drift
from debtplan.core.effect import Effect
from debtplan.core.judge import judge
from debtplan.core.link import Grade
from debtplan.core.outcomes import say_delivered
from debtplan.core.verdict import Outcome
from tests.core.test_drift import placebo
from tests.court import SEEN, at, case, forecast
from tests.docs.page import DOCS, section

TEXT = (DOCS / "outcomes.md").read_text(encoding="utf-8")

SIX = ((0.8, 0.17), (0.2, 0.3), (0.5, 0.4), (-0.1, 0.9), (0.9, 0.25), (0.4, 0.3))


def test_the_verdict_of_the_example_comes_out() -> None:
    part = section(TEXT, "## The verdict")
    made = forecast()
    effect = Effect(effect=-0.024, error=0.005, low=-0.034, high=-0.014, observed=-0.024)
    (found,) = judge(case(made), effect, (), (), at(SEEN))
    assert found.outcome is Outcome.MOVED
    points = 100 * made.removal * (made.bad_share - made.goal_share)
    assert f"claimed  = {made.removal:.2f} × (20% - 10%) = {points:.1f} points" in part
    assert f"realised = 2.4 / 10 = {found.realised:.2f}" in part
    said = f"ratio    = {found.realised:.2f} / {made.removal:.2f} = {found.ratio:.2f}"
    assert f"{said}, standard error {found.ratio_error:.2f}" in part


def test_the_factors_of_the_example_come_out() -> None:
    part = section(TEXT, "## Calibration")
    tracks = [
        Track(grade=Grade.C, debt_kind="reliability", team="web", ratio=ratio, error=error)
        for ratio, error in SIX
    ]
    assert ", ".join(f"{ratio:g} ± {error:g}" for ratio, error in SIX) in part
    assert say_delivered(tracks) in part
    found = calibrate(tracks, "web", ("reliability",))
    assert found is not None
    own, other = found.factor(Grade.C, "reliability"), found.factor(Grade.E, "")
    assert f"grade C, this kind and team: {own.factor:.2f} ± {own.error:.2f}" in part
    assert f"grade E, another kind:       {other.factor:.2f} ± {other.error:.2f}" in part


def test_the_placebos_of_the_example_come_out() -> None:
    part = section(TEXT, "## What did not come")
    six = ((0.06, 0.03), (0.02, 0.04), (0.09, 0.05), (0.04, 0.03), (0.11, 0.06), (-0.01, 0.04))
    assert ", ".join(f"{changed:g} ± {error:g}" for changed, error in six) in part
    drift = drift_of([placebo(*one) for one in six])
    assert drift is not None
    said = f"drift: {drift.mean:.3f} ± {drift.error:.3f}, from metric to metric {drift.spread:.3f}"
    assert said in part
    assert say_drift(drift) in part
    tracks = [
        Track(
            grade=Grade.C, debt_kind="reliability", team="web", ratio=ratio, error=error, claim=0.3
        )
        for ratio, error in SIX
    ]
    assert say_delivered(tracks, drift) in part
    assert f"by 0.04 / 0.30 = {0.04 / 0.3:.2f}" in part
    assert f"would say {say_delivered(tracks).split()[5]}" in part
