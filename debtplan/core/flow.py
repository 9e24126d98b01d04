"""Where users hurt: flows, their steps and segments, and the metrics that are measured there."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field, ValidationInfo, field_validator, model_validator

from debtplan.core.record import Value

EVERYONE = "all"
"""The segment that holds every user of a flow; the parent of all others unless declared."""


class MetricKind(StrEnum):
    """What a metric measures; each kind turns into frustrated sessions in its own way."""

    LATENCY = "latency"
    COMPLETION_TIME = "completion_time"
    WEB_VITAL = "web_vital"
    ERROR_RATE = "error_rate"
    DROP_OFF = "drop_off"
    CSAT = "csat"
    TICKET_RATE = "ticket_rate"
    ADOPTION = "adoption"
    """Share of components that come from the design system."""
    OFF_TOKEN = "off_token"  # noqa: S105 - a kind of finding, no password
    """Style declarations with a raw value where a design token belongs."""
    RAGE_CLICKS = "rage_clicks"
    """Share of sessions in which somebody clicks one place again and again."""
    ACCESSIBILITY = "accessibility"
    """Elements that fail an accessibility check."""


CORROBORATING = frozenset({MetricKind.CSAT, MetricKind.TICKET_RATE})
"""Kinds that carry harm only where no behavioural metric of the same step exists."""

SCANNED = frozenset({MetricKind.ADOPTION, MetricKind.OFF_TOKEN, MetricKind.ACCESSIBILITY})
"""Kinds that a scan of code or pages tells: each reading is a whole count, no sample."""

FOUND = frozenset({MetricKind.OFF_TOKEN, MetricKind.ACCESSIBILITY})
"""Kinds that are a number of findings, and no share."""

CONSISTENCY = SCANNED | {MetricKind.RAGE_CLICKS}
"""Kinds that speak for links and never carry harm, whatever else is measured at their step."""

TIMED = frozenset({MetricKind.LATENCY, MetricKind.COMPLETION_TIME})
"""Kinds measured against an Apdex threshold T."""


class Vital(StrEnum):
    """The Core Web Vitals."""

    LCP = "lcp"
    INP = "inp"
    CLS = "cls"


class Segment(Value):
    """A part of a flow's users.

    Attributes:
        id: Name that metrics refer to.
        parent: The segment that contains it.
        sessions_per_sprint: Sessions of this part in one sprint; None is unknown.
    """

    id: str
    parent: str = EVERYONE
    sessions_per_sprint: float | None = Field(default=None, gt=0)


class Flow(Value):
    """A path users take.

    Attributes:
        weight: How much one of its sessions counts against those of other flows (1 is neutral).
        sessions_per_sprint: Sessions that enter it in one sprint; None is unknown.
        value_per_session: Money that one frustrated session avoided is worth, in `currency`.
            An assumption of the team, shown as one; None hides the money column.
    """

    id: str
    name: str = ""
    steps: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()
    weight: float = Field(default=1.0, gt=0)
    sessions_per_sprint: float | None = Field(default=None, gt=0)
    value_per_session: float | None = Field(default=None, gt=0)

    @property
    def title(self) -> str:
        """The name for people."""
        return self.name or self.id

    @model_validator(mode="after")
    def _check_segments(self) -> "Flow":
        """Refuse segments whose harm would be lost or counted twice."""
        parents = {segment.id: segment.parent for segment in self.segments}
        if len(parents) < len(self.segments):
            msg = f"flow {self.id!r} declares a segment twice"
            raise ValueError(msg)
        if EVERYONE in parents:
            msg = f"flow {self.id!r}: segment {EVERYONE!r} is every user and cannot be declared"
            raise ValueError(msg)
        for segment in self.segments:
            _check_parents(self.id, segment.id, parents)
        return self


class UxMetric(Value):
    """What we measure on one step of a flow, for one segment, and where it should be.

    Attributes:
        target: The goal, in the metric's own terms: an Apdex for timed kinds (0.9), a share of good
            visits for a web vital (0.75), a rate for `error_rate` and `ticket_rate`, a satisfied
            share for `csat`, a share from the design system for `adoption`, a share of sessions for
            `rage_clicks`. In [0, 1]; for `off_token` and `accessibility` a number of findings.
        reference: For `drop_off` only: the loss that counts as normal. A share in [0, 1], "best"
            for the metric's own best window, or the id of a sibling metric.
        threshold_s: Apdex's T, time in seconds within which a user is satisfied.
        unit: Unit of the readings' times, "s" or "ms".
        reporting_rate: For `ticket_rate`: the share of hurt sessions that write a ticket, (0, 1].
        sessions_per_sprint: Sessions exposed to the step in one sprint, where it is not the flow's.
        query: How the provider computes it, kept as provenance.
        critical: Frustrated share of sessions, in (0, 1], from which on the metric is critical: it
            may lift the reserve. None is never.
    """

    id: str
    flow: str
    step: str
    kind: MetricKind
    name: str = ""
    segment: str = EVERYONE
    source: str = ""
    query: str = ""
    target: float | None = Field(default=None, ge=0)
    reference: float | str | None = None
    threshold_s: float | None = Field(default=None, gt=0)
    vital: Vital | None = None
    unit: str = Field(default="s", pattern="^(s|ms)$")
    reporting_rate: float | None = Field(default=None, gt=0, le=1)
    sessions_per_sprint: float | None = Field(default=None, gt=0)
    critical: float | None = Field(default=None, gt=0, le=1)

    @property
    def title(self) -> str:
        """The name for people."""
        return self.name or self.id

    @property
    def place(self) -> tuple[str, str, str]:
        """Flow, step and segment: metrics of one place see the same people."""
        return (self.flow, self.step, self.segment)

    @field_validator("target")
    @classmethod
    def _check_target(cls, target: float | None, info: ValidationInfo) -> float | None:
        """Refuse a share above 1; only findings are a number of their own."""
        if target is not None and not target <= (float("inf") if _is_found(info) else 1):
            msg = f"is {target:g}, and a share is at most 1"
            raise ValueError(msg)
        return target

    @model_validator(mode="after")
    def _check_goal(self) -> "UxMetric":
        """Refuse a metric whose harm could never be computed, and say what it lacks."""
        lacks = _missing_goal(self)
        if lacks:
            msg = f"metric {self.id!r} ({self.kind}) {lacks}"
            raise ValueError(msg)
        return self


def _is_found(info: ValidationInfo) -> bool:
    return info.data.get("kind") in FOUND


def _check_parents(flow: str, segment: str, parents: Mapping[str, str]) -> None:
    """Refuse a segment whose parents do not lead up to everyone."""
    seen, here = {segment}, parents[segment]
    while here != EVERYONE:
        if here not in parents:
            msg = f"flow {flow!r}: segment {segment!r} names parent {here!r}, which is not declared"
            raise ValueError(msg)
        if here in seen:
            msg = f"flow {flow!r}: segment {segment!r} is its own parent, directly or not"
            raise ValueError(msg)
        seen.add(here)
        here = parents[here]


def _missing_goal(metric: UxMetric) -> str:
    """Return what the metric lacks for its kind, or an empty string."""
    if metric.kind is MetricKind.DROP_OFF:
        return _bad_reference(metric.reference)
    if metric.reference is not None:
        return "takes a target, not a reference; reference belongs to drop_off"
    if metric.kind in TIMED and metric.threshold_s is None:
        return "needs threshold_s, the seconds within which a user is satisfied (Apdex's T)"
    if metric.kind is MetricKind.WEB_VITAL and metric.vital is None:
        return 'needs vital = "lcp", "inp" or "cls"'
    if metric.kind is MetricKind.TICKET_RATE and metric.reporting_rate is None:
        return "needs reporting_rate, the share of hurt sessions that write a ticket"
    if metric.target is None and metric.kind in FOUND:
        return "needs a target, the most findings that are fine, such as 0"
    if metric.target is None and metric.kind is not MetricKind.WEB_VITAL:
        return "needs a target in [0, 1]"
    return ""


def _bad_reference(reference: float | str | None) -> str:
    if reference is None:
        return 'needs a reference: a share, "best", or the id of a sibling metric'
    if not isinstance(reference, str) and not 0 <= reference <= 1:
        return f"has reference {reference:g}, which no conversion can reach; give a share in [0, 1]"
    return ""
