"""What a metric did where the work that was approved for it did not come.

Such a forecast is judged as if its item had been released on the last day of its sprint: same
method, same metric, same days and controls. Nothing was done, so whatever it finds is drift,
regression to the mean and the method's own mistakes: a negative control (Lipsitch, Tchetgen
Tchetgen and Cohen 2010).
"""

from datetime import date

from pydantic import AwareDatetime
from sqlmodel import JSON, Field

from debtplan.core.record import Stored
from debtplan.core.verdict import Outcome


class Placebo(Stored):
    """The verdict on work that did not come. Shares are of sessions; below 0 is better.

    Attributes:
        plan_id, item, metric: Of the forecast.
        judged_at: Day the readings were looked at, aware UTC.
        due_on: Last day of the sprint that was to finish it, taken for the day of the release.
        outcome: What the method would have said of a release on that day.
        observed: Frustrated share after less before.
        effect: Change of level on that day, trend, weekdays and controls taken out; None where it
            cannot be told.
        low, high: 95% interval of the effect.
        realised: Part of the metric's excess over its goal that went away although nothing was
            done; below 0 where it grew.
        realised_error: Standard error of `realised`.
        days_before, days_after: Days with readings that were used.
        reasons: Why it is what it is, one sentence each.
        beside: Releases of other work in the window, by name.
    """

    plan_id: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    judged_at: AwareDatetime
    due_on: date
    outcome: Outcome
    observed: float | None = None
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    realised: float | None = None
    realised_error: float | None = None
    days_before: int = Field(default=0, ge=0)
    days_after: int = Field(default=0, ge=0)
    reasons: tuple[str, ...] = Field(default=(), sa_type=JSON)
    beside: tuple[str, ...] = Field(default=(), sa_type=JSON)
