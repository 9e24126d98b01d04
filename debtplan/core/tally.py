"""What a warehouse counted of raw events: bad sessions with and without a mark, and overlaps.

Only such aggregates come back from raw events; no session and no person does.
"""

from pydantic import AwareDatetime, model_validator
from pydantic import Field as Bounded
from sqlmodel import JSON, Field

from debtplan.core.reading import NonNegative
from debtplan.core.record import Stored, Value

NONE = "none"
"""What sessions without a value of a dimension are called."""


class Selector(Value):
    """The sessions that carry a mark: a value of a dimension, such as `error_code = ADDR_INVALID`.

    Attributes:
        dimension: Name of a dimension of the events.
        value: Its value, compared as text; "" stands for sessions without one.
    """

    dimension: str = Bounded(min_length=1)
    value: str

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: object) -> object:
        """Take `{ error_code = "ADDR_INVALID" }` for its dimension and value."""
        if not isinstance(data, dict) or data.keys() & {"dimension", "value"}:
            return data
        if len(data) != 1:
            msg = 'a selector names one dimension and its value: { error_code = "ADDR_INVALID" }'
            raise ValueError(msg)
        ((dimension, value),) = data.items()
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return {"dimension": dimension, "value": str(value) if is_number else value}

    def __str__(self) -> str:
        """Return `error_code = ADDR_INVALID`."""
        return f"{self.dimension} = {self.value or NONE}"


class Stratum(Value):
    """Sessions of one kind, so that they can be compared: with the mark and without it.

    Attributes:
        name: What they have in common, `device = mobile, country = IE`; "" where there is one
            stratum.
        bad_with: Sessions that carry the mark and went wrong, in [0, total_with].
        bad_without: Sessions without it that went wrong, in [0, total_without].
    """

    name: str = ""
    bad_with: NonNegative
    total_with: NonNegative
    bad_without: NonNegative
    total_without: NonNegative

    @property
    def marks(self) -> dict[str, str]:
        """What they have in common, by dimension; empty where the name is not of that form."""
        pairs = [part.split(" = ") for part in self.name.split(", ")]
        if any(len(pair) != 2 for pair in pairs):  # noqa: PLR2004 - dimension and value
            return {}
        return {dimension: value for dimension, value in pairs}  # noqa: C416 - pairs are lists

    @model_validator(mode="after")
    def _check(self) -> "Stratum":
        if self.bad_with > self.total_with or self.bad_without > self.total_without:
            msg = f"stratum {self.name!r} has more bad sessions than sessions"
            raise ValueError(msg)
        return self


class Tally(Stored):
    """Bad sessions of a metric's step with one mark and without it, over one window.

    Attributes:
        metric: Id of a `UxMetric`.
        dimension: Of the mark; see `Selector`.
        value: Of the mark.
        start_at: Start of the window, aware UTC.
        end_at: End of the window, exclusive.
        strata: By what else may explain the difference (device, segment), at least one.
        source: Name of the `[warehouse.NAME]` table.
    """

    metric: str = Field(primary_key=True)
    dimension: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    start_at: AwareDatetime
    end_at: AwareDatetime
    strata: tuple[Stratum, ...] = Field(sa_type=JSON)
    source: str = Field(default="", primary_key=True)

    @property
    def selector(self) -> Selector:
        """The mark."""
        return Selector(dimension=self.dimension, value=self.value)


class OverlapPart(Value):
    """Frustrated sessions of one metric; a tolerating one counts one half."""

    metric: str
    frustrated: NonNegative


class Overlap(Stored):
    """Sessions of one place that any of its metrics frustrated, each counted once.

    Attributes:
        sessions: Sessions that met the step.
        frustrated: Union: each session by the metric that frustrated it most, 1 or one half.
        parts: By metric, each session counted for itself.
    """

    flow: str = Field(primary_key=True)
    step: str = Field(primary_key=True)
    segment: str = Field(primary_key=True)
    start_at: AwareDatetime
    end_at: AwareDatetime
    sessions: float = Field(ge=0)
    frustrated: float = Field(ge=0)
    parts: tuple[OverlapPart, ...] = Field(sa_type=JSON)
    source: str = Field(default="", primary_key=True)
