"""Work that was approved and did not come, beside what its metric did: for `debtplan outcomes`."""

from collections.abc import Iterable, Mapping
from datetime import date
from statistics import NormalDist

from debtplan.core.forecast import Forecast, beside_forecasts, promised
from debtplan.core.placebo import Placebo
from debtplan.core.record import Value
from debtplan.core.subject import subject_of
from debtplan.core.verdict import Outcome

WIDE_Z = NormalDist().inv_cdf(0.975)

Missed = tuple[Forecast, Placebo]


class UndoneRow(Value):
    """A forecast whose work did not come. It is no success and no failure of anybody.

    Attributes:
        outcome: What the method would have said, had the work been released on `due_on`.
        due_on: Last day of its sprint.
        claimed: Removal that was forecast.
        changed, changed_low, changed_high: Part of the metric's excess that went away by itself,
            with its 95% interval; below 0 where it grew.
        observed: Share after less before.
        effect: The same, trend, weekdays and controls taken out, with its 95% interval.
    """

    plan_id: str
    sprint_id: str
    team: str
    item: str
    title: str = ""
    metric: str
    metric_title: str = ""
    outcome: Outcome
    due_on: date
    judged_on: date
    claimed: float
    changed: float | None = None
    changed_low: float | None = None
    changed_high: float | None = None
    observed: float | None = None
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    days_before: int = 0
    days_after: int = 0
    reasons: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def place(forecasts: Iterable[Forecast], placebos: Iterable[Placebo]) -> tuple[Missed, ...]:
    """Return each placebo with its forecast, by the day it was due, then by plan, item and metric.

    A placebo of no known forecast is left out.
    """
    pairs = beside_forecasts(forecasts, placebos)
    return tuple(sorted(pairs, key=lambda pair: (pair[1].due_on, *promised(pair[1]))))


def undone_rows(missed: Iterable[Missed], titles: Mapping[str, str]) -> tuple[UndoneRow, ...]:
    """Return the rows of work that did not come, in their order."""
    return tuple(_row(forecast, placebo, titles) for forecast, placebo in missed)


def _row(forecast: Forecast, placebo: Placebo, titles: Mapping[str, str]) -> UndoneRow:
    changed, error = placebo.realised, placebo.realised_error
    is_known = changed is not None and error is not None
    reach = WIDE_Z * (error or 0.0)
    return UndoneRow(
        **subject_of(forecast, titles),
        sprint_id=forecast.sprint_id,
        outcome=placebo.outcome,
        due_on=placebo.due_on,
        judged_on=placebo.judged_at.date(),
        claimed=forecast.removal,
        changed=changed,
        changed_low=(changed or 0.0) - reach if is_known else None,
        changed_high=(changed or 0.0) + reach if is_known else None,
        observed=placebo.observed,
        effect=placebo.effect,
        effect_low=placebo.low,
        effect_high=placebo.high,
        days_before=placebo.days_before,
        days_after=placebo.days_after,
        reasons=tuple(placebo.reasons),
        beside=tuple(placebo.beside),
    )
