"""The verdict on work that was approved and did not come: see `core.placebo`."""

from collections.abc import Sequence
from datetime import datetime

from debtplan.core.effect import Effect
from debtplan.core.judge import Case, judge, say_change
from debtplan.core.placebo import Placebo

_SAME = (
    *("plan_id", "item", "metric", "judged_at", "outcome", "observed", "effect", "low", "high"),
    *("realised", "days_before", "days_after", "beside"),
)
"""Fields that say the same as a verdict's."""


def placebo_of(case: Case, effect: Effect, beside: Sequence[str], judged_at: datetime) -> Placebo:
    """Return the verdict on a forecast whose item did not come, of a case that holds it alone.

    Args:
        case: The forecast, with its sprint's last day as the release.
        effect: What the series says of that day; one with `missing` cannot be told.
        beside: Names of releases of other work in the window.
        judged_at: Aware UTC.
    """
    (verdict,) = judge(case, effect, (), beside, judged_at)
    (forecast,) = case.forecasts
    excess = forecast.bad_share - forecast.goal_share
    is_known = verdict.realised is not None and effect.error is not None
    return Placebo(
        due_on=case.released_on,
        realised_error=(effect.error or 0.0) / excess if is_known else None,
        reasons=_reasons(case, effect),
        **{name: getattr(verdict, name) for name in _SAME},
    )


def _reasons(case: Case, effect: Effect) -> tuple[str, ...]:
    if effect.effect is None:
        return (f"{effect.missing}.",)
    said = f"Nothing of it was released; from {case.released_on} on {say_change(effect)}"
    if effect.fakes:
        days = ", ".join(str(on) for on in effect.fakes)
        return (f"{said}. The same method sees a change on {days} too.",)
    return (f"{said}: what this metric does by itself.",)
