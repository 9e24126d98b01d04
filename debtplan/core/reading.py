"""What was measured: readings, the distributions they carry, and the window that counts."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, model_validator
from pydantic import Field as Bounded
from sqlmodel import JSON, Field

from debtplan.core.record import Stored, Value

NonNegative = Annotated[float, Bounded(ge=0)]

NOBODY = "CHANGE: you"
"""Who states the reading of the first settings, until somebody puts their name there."""


class Counts(Value):
    """Bad events among all: failed of attempted, left of entered, unhappy of answers.

    Attributes:
        bad: In [0, total].
        total: Above 0.
        recovered: How many of the bad ones a retry mended, in [0, bad]; they count one half.
    """

    form: Literal["counts"] = "counts"
    bad: NonNegative
    total: float = Bounded(gt=0)
    recovered: NonNegative = 0.0

    @model_validator(mode="after")
    def _check(self) -> "Counts":
        if self.bad > self.total:
            msg = f"{self.bad:g} bad of {self.total:g} in all"
            raise ValueError(msg)
        if self.recovered > self.bad:
            msg = f"{self.recovered:g} recovered of {self.bad:g} bad"
            raise ValueError(msg)
        return self


class Buckets(Value):
    """A histogram as Prometheus has it: cumulative counts at or below each bound.

    Attributes:
        bounds: Ascending, in the metric's unit; what lies beyond the last is `total` less its
            count.
        counts: Cumulative, one a bound, never falling.
        total: All observations, at least the last count.
    """

    form: Literal["buckets"] = "buckets"
    bounds: tuple[float, ...] = Bounded(min_length=1)
    counts: tuple[NonNegative, ...]
    total: float = Bounded(gt=0)

    @model_validator(mode="after")
    def _check(self) -> "Buckets":
        if len(self.bounds) != len(self.counts):
            msg = f"{len(self.bounds)} bounds but {len(self.counts)} counts"
            raise ValueError(msg)
        if list(self.bounds) != sorted(set(self.bounds)):
            msg = "bucket bounds must ascend"
            raise ValueError(msg)
        if list(self.counts) != sorted(self.counts) or self.counts[-1] > self.total:
            msg = "bucket counts must be cumulative"
            raise ValueError(msg)
        return self


class Percentiles(Value):
    """Two or more percentiles of a time or a score.

    Attributes:
        ranks: Ascending, each in (0, 1): 0.5 for the median, 0.95 for p95.
        values: In the metric's unit, above 0, never falling.
    """

    form: Literal["percentiles"] = "percentiles"
    ranks: tuple[Annotated[float, Bounded(gt=0, lt=1)], ...] = Bounded(min_length=2)
    values: tuple[Annotated[float, Bounded(gt=0)], ...]

    @model_validator(mode="after")
    def _check(self) -> "Percentiles":
        if len(self.ranks) != len(self.values):
            msg = f"{len(self.ranks)} ranks but {len(self.values)} values"
            raise ValueError(msg)
        if list(self.ranks) != sorted(set(self.ranks)) or list(self.values) != sorted(self.values):
            msg = "a higher percentile cannot be lower than a smaller one"
            raise ValueError(msg)
        return self


BANDS_SLACK = 0.01 + 1e-9
"""CrUX rounds each share, so their sum is off by up to one percent."""


class Bands(Value):
    """The three shares of a web vital; they add up to 1 (within one percent, then normalised)."""

    form: Literal["bands"] = "bands"
    good: NonNegative
    needs_improvement: NonNegative
    poor: NonNegative

    @model_validator(mode="after")
    def _check(self) -> "Bands":
        total = self.good + self.needs_improvement + self.poor
        if abs(total - 1) > BANDS_SLACK:
            msg = f"good, needs_improvement and poor add up to {total:g}, not 1"
            raise ValueError(msg)
        return self


class Rate(Value):
    """A bad share alone, without the counts behind it. In [0, 1]."""

    form: Literal["rate"] = "rate"
    bad_share: float = Bounded(ge=0, le=1)


class Findings(Value):
    """How many things a scan found: raw values in style sheets, elements that fail a check."""

    form: Literal["findings"] = "findings"
    found: float = Bounded(ge=0, allow_inf_nan=False)


Measure = Annotated[
    Counts | Buckets | Percentiles | Bands | Rate | Findings, Bounded(discriminator="form")
]


class Reading(Stored):
    """One measured value of a metric over one window.

    Attributes:
        metric: Id of a `UxMetric`.
        start_at: Start of the window, aware UTC.
        end_at: End of the window, exclusive.
        measure: What was measured, as the provider gave it.
        sample_size: Observations behind it; None is unknown. `Counts` and `Buckets` carry theirs.
        source: Provider it came from.
        fetched_at: When it was read; None for a file.
        stated_by: Who stated it by hand; such a reading supports grade E at most.
    """

    metric: str = Field(primary_key=True)
    start_at: AwareDatetime = Field(primary_key=True)
    end_at: AwareDatetime = Field(primary_key=True)
    measure: Measure = Field(sa_type=JSON)
    sample_size: float | None = Field(default=None, gt=0)
    source: str = Field(default="", primary_key=True)
    fetched_at: AwareDatetime | None = None
    stated_by: str | None = None

    @property
    def observations(self) -> float | None:
        """How many observations stand behind the value; None is unknown."""
        if isinstance(self.measure, Counts | Buckets):
            return self.measure.total
        return self.sample_size


class Window(Value):
    """A half-open span of whole UTC days: from `start_on` up to, not including, `end_on`."""

    start_on: date
    end_on: date

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end_on - self.start_on).days

    def holds(self, reading: Reading) -> bool:
        """Tell whether the reading lies wholly inside."""
        start, end = midnight(self.start_on), midnight(self.end_on)
        return start <= reading.start_at and reading.end_at <= end


def midnight(day: date) -> datetime:
    """Return the first instant of a day in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def window_before(now: datetime, days: int) -> Window:
    """Return the last `days` complete days before `now`, leaving out the last 24 hours.

    Late events still arrive during the last 24 hours, so the day they fall into never counts.
    """
    end_on = (now.astimezone(UTC) - timedelta(hours=24)).date()
    return Window(start_on=end_on - timedelta(days=days), end_on=end_on)
