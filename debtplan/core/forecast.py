"""What an approved plan promises of a metric, frozen on the day of approval."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar

from pydantic import AwareDatetime
from sqlmodel import JSON, Field

from debtplan.core.link import Grade
from debtplan.core.record import Stored


class Judged(Protocol):
    """What is told of a forecast: a verdict, or a placebo."""

    @property
    def plan_id(self) -> str:
        """The approved plan."""

    @property
    def item(self) -> str:
        """Key of the item."""

    @property
    def metric(self) -> str:
        """Id of the metric."""


class Forecast(Stored):
    """One item's promise for one metric, kept as it was made.

    Attributes:
        plan_id: The approved plan.
        item: Key.
        metric: Id of the metric.
        team: Who does it.
        sprint_id: In which sprint.
        frozen_at: When the plan was approved, aware UTC.
        grade: Of the link, as settled then.
        debt_kind: Of the item; "" where not said.
        sessions: N, sessions per sprint exposed to the step.
        bad_share: q, the frustrated share as the plan measured it, in [0, 1].
        goal_share: q*, that share at the goal, in [0, 1].
        harm: Counted harm, frustrated sessions per sprint.
        removal: Expected removed part of the harm, discounts included, in [0, 1].
        low, high: The same at the 10th and 90th percentile of the simulated worlds.
        calibration: Factor of earlier verdicts that `removal` already holds; 1 without one.
        baseline_start_on, baseline_end_on: Window of the baseline, end exclusive. The days from
            its end to the approval may be what led to the plan: they are not its measure.
        after_days: Complete days after the release that the verdict looks at.
        controls: Metrics that the item cannot touch and that move like this one, fixed now.
        guardrails: Metrics of other flows that must not get worse.
        method: Name and version of the method, fixed now.
        definition: Digest of how the metric was defined; another one voids the verdict.
        due_on: Last day of the sprint that is to finish it; None where that was not kept.
    """

    plan_id: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    team: str
    sprint_id: str
    frozen_at: AwareDatetime
    grade: Grade
    debt_kind: str = ""
    sessions: float = Field(gt=0)
    bad_share: float = Field(ge=0, le=1)
    goal_share: float = Field(ge=0, le=1)
    harm: float = Field(ge=0)
    removal: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    calibration: float = Field(default=1.0, gt=0)
    baseline_start_on: date
    baseline_end_on: date
    after_days: int = Field(default=30, ge=1)
    controls: tuple[str, ...] = Field(default=(), sa_type=JSON)
    guardrails: tuple[str, ...] = Field(default=(), sa_type=JSON)
    method: str
    definition: str = ""
    due_on: date | None = None


Told = TypeVar("Told", bound=Judged)

Promised = tuple[str, str, str]
"""Plan, item and metric: what tells forecasts apart."""


def promised(one: Judged) -> Promised:
    """Return the plan, the item and the metric of a forecast or of what is told of it."""
    return (one.plan_id, one.item, one.metric)


def beside_forecasts(
    forecasts: Iterable[Forecast], told: Iterable[Told]
) -> list[tuple[Forecast, Told]]:
    """Return what is told, each with its forecast; what is told of no known one is left out."""
    known = {promised(one): one for one in forecasts}
    return [(known[promised(one)], one) for one in told if promised(one) in known]
