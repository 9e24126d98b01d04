"""What happened after a release, held against its forecast."""

from enum import StrEnum

from pydantic import AwareDatetime
from sqlmodel import JSON, Field

from debtplan.core.record import Stored


class Outcome(StrEnum):
    """The verdict in a word."""

    MOVED = "moved"
    NOT_MOVED = "not_moved"
    WORSE = "worse"
    CANNOT_TELL = "cannot_tell"

    @property
    def is_change(self) -> bool:
        """Whether the metric is said to have changed, either way."""
        return self in {Outcome.MOVED, Outcome.WORSE}


class Verdict(Stored):
    """The verdict on one forecast. Shares are of sessions; below 0 is better.

    Attributes:
        plan_id, item, metric: Of the forecast.
        judged_at: Day the readings were looked at, aware UTC.
        released_at: When users had it; None where nobody knows (then it cannot be told).
        observed: Frustrated share after less before, whatever caused it; None where not known.
        effect: The part that is attributable to the release: against what the series and its
            controls would have done without it; None where it cannot be told.
        low, high: 95% interval of the effect.
        realised: Part of the metric's excess over its goal that was removed, to be held against
            the forecast's `removal`: -effect / (bad_share - goal_share).
        ratio: realised / claimed removal; below 0 where it got worse; None where nothing was
            claimed or nothing could be measured.
        ratio_error: Standard error of the ratio.
        days_before, days_after: Days with readings that were used.
        reasons: Why the verdict is what it is, one sentence each.
        beside: Other releases in the window, by name.
        alarms: Guardrails that got worse, a sentence each.
    """

    plan_id: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    judged_at: AwareDatetime
    released_at: AwareDatetime | None = None
    outcome: Outcome
    observed: float | None = None
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    realised: float | None = None
    ratio: float | None = None
    ratio_error: float | None = None
    days_before: int = Field(default=0, ge=0)
    days_after: int = Field(default=0, ge=0)
    reasons: tuple[str, ...] = Field(default=(), sa_type=JSON)
    beside: tuple[str, ...] = Field(default=(), sa_type=JSON)
    alarms: tuple[str, ...] = Field(default=(), sa_type=JSON)
