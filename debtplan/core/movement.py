"""Metrics that move together, and days on which a metric's level changed. Evidence, never value."""

from datetime import date

from sqlmodel import Field

from debtplan.core.record import Stored


class Movement(Stored):
    """A metric follows another one, after season and trend are taken out of both.

    Attributes:
        leader: Id of the metric that moves first.
        follower: Id of the metric that moves after it.
        lag_days: Days between them, 0 or more.
        correlation: Of the prewhitened series at that lag, in [-1, 1]; above 0 where both get
            worse together.
        p: Chance of at least that, were the series independent; over all lags that were tried.
        q: The same among all pairs that were tried (Benjamini and Hochberg 1995).
        days: Days that both series have.
        is_shift: True where both levels changed for good at about the same time: `correlation` is
            then that of the levels themselves. False where they move together day by day.
    """

    leader: str = Field(primary_key=True)
    follower: str = Field(primary_key=True)
    lag_days: int = Field(ge=0)
    correlation: float = Field(ge=-1, le=1)
    p: float = Field(ge=0, le=1)
    q: float = Field(ge=0, le=1)
    days: int = Field(ge=1)
    is_shift: bool = False


class Shift(Stored):
    """A day on which a metric's level changed for good.

    Attributes:
        on: First day of the new level.
        before: Frustrated share before, in [0, 1]; of findings, how many there were.
        after: The same from then on.
        p: Chance of such a change in a series without one.
    """

    metric: str = Field(primary_key=True)
    on: date = Field(primary_key=True)
    before: float = Field(ge=0)
    after: float = Field(ge=0)
    p: float = Field(ge=0, le=1)
