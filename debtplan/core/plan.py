"""The plan document: the decision with its reasons, and all that it was made from.

`Plan` is plan.json, schema_version 1. Everything in it can be computed again from `inputs`.
"""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from debtplan.core.alternatives import Explained
from debtplan.core.availability import SprintDays
from debtplan.core.change import Change, Compared
from debtplan.core.inputs import Inputs
from debtplan.core.item import Skipped
from debtplan.core.link import Grade
from debtplan.core.overrun import Overrun
from debtplan.core.problem import Status
from debtplan.core.record import Value
from debtplan.core.risk import Robust

SCHEMA_VERSION = 1


class Reason(StrEnum):
    """Why an item was passed over."""

    NO_ESTIMATE = "no_estimate"
    NO_LINK = "no_link"
    TOO_LARGE = "too_large"
    OUTRANKED = "outranked"
    BLOCKED = "blocked"
    EXCLUDED = "excluded"
    FORBIDDEN = "forbidden"
    ROLE_FULL = "role_full"
    NOT_OPEN = "not_open"


class SprintRef(Value):
    """The sprint that is planned."""

    id: str
    name: str
    start_on: date
    end_on: date


class ReserveUse(Value):
    """The reserve in points, and what the plan takes of it."""

    floor: float
    ceiling: float
    used: float
    window: int
    available: float
    basis: str
    spent: float | None


class CapacityUse(Value):
    """The capacity, where it comes from, and its reserve.

    Attributes:
        availability: Part of the team that is there in the sprint.
        days: Person-days of the sprint; None where the availability is stated.
    """

    points: float
    basis: str
    low: float | None
    high: float | None
    availability: float = 1.0
    days: SprintDays | None = None
    reserve: ReserveUse


class SolverUse(Value):
    """How the plan was found and what is proven about it."""

    engine: str
    backend: str
    status: Status
    gap: float | None
    bound: float | None
    seconds: float
    rounds: int


class Interval(Value):
    """10th, 50th and 90th percentile, frustrated sessions per sprint."""

    p10: float
    p50: float
    p90: float


class Baseline(Value):
    """What a simple rule would have got, and its part of the plan's value."""

    rule: str
    ux_value: float
    share: float
    chosen: tuple[str, ...]


class PlanTerm(Value):
    """One product of an item's value: harm * share * grade * ... = ux_value, done alone."""

    metric: str
    harm: float
    weight: float
    share: float
    is_assumed: bool
    is_measured: bool = False
    grade: Grade
    grade_factor: float
    calibration: float
    shrink: float
    removal: float
    ux_value: float


class Chosen(Value):
    """An item of the plan.

    Attributes:
        points: Whole cost.
        points_now: Part of it in the coming sprint.
        sprint: Name of the sprint that finishes it.
        finishes_in: Number of that sprint; the coming one is 1.
        ux_value: Value alone, weighted frustrated sessions avoided per sprint, after shrinking.
        claimed: The same before shrinking.
        certainty: Share of simulated worlds whose optimum holds it; None where not simulated.
        drop_loss: What the best plan without it loses; None where not computed.
        replaced_by: What would take its place.
        order: Place in the order of work, from 1.
        money: ux_value in the team's currency; None without a value per session.
    """

    key: str
    title: str
    url: str | None
    points: float
    points_now: float
    sprint: str
    finishes_in: int = 1
    ux_value: float
    claimed: float
    money: float | None
    order: int
    certainty: float | None
    drop_loss: float | None
    replaced_by: tuple[str, ...]
    is_pinned: bool
    terms: tuple[PlanTerm, ...]


class Flip(Value):
    """What would bring an item in: at most these points, this value, or this reserve share.

    Each alone, the rest unchanged; None where no such change does, or where not computed.
    """

    points: float | None = None
    ux_value: float | None = None
    reserve: float | None = None


class PassedOver(Value):
    """An item that is not in the plan, with the reason.

    Attributes:
        points: None where not estimated.
        ux_value: None where not linked to a metric with known harm.
        detail: The reason in words, with the names of rivals or rules.
        force_loss: What the plan loses if it is forced in; None where impossible or not computed.
        certainty: Share of simulated worlds whose optimum holds it; None where not simulated.
    """

    key: str
    title: str
    url: str | None
    points: float | None
    ux_value: float | None
    money: float | None
    reason: Reason
    detail: str
    force_loss: float | None
    flip: Flip
    certainty: float | None = None
    terms: tuple[PlanTerm, ...] = ()


class Enabling(Value):
    """Work from the pot beside the reserve: no metric speaks for it, so its value is not known.

    Attributes:
        unlocks: Value of the items that wait for it, alone, added up: an upper bound.
        why: Why it comes before others, in words.
    """

    key: str
    title: str
    url: str | None
    points: float
    unlocks: float
    why: str


class FrontierPoint(Value):
    """The best value for one size of the reserve.

    Attributes:
        next_point: Value that a point more is worth from here to the next size; None at the end.
    """

    reserve_share: float
    points: float
    ux_value: float
    next_point: float | None = None


class LedgerRow(Value):
    """One pool of the ledger: each harmed session counted once.

    Attributes:
        measured: What was measured, frustrated sessions per sprint.
        claimed: What all linked items together would remove of it.
        relieved: What the chosen items remove of it.
        low: Lower bound of what was measured, max(parts).
        high: Upper bound, min(N, sum of the parts).
        basis: How it is known that no session counts twice: counted, or assumed independent.
    """

    pool: str
    sessions: float
    measured: float
    claimed: float
    relieved: float
    low: float
    high: float
    metrics: tuple[str, ...]
    basis: str = ""

    @property
    def holds(self) -> bool:
        """Whether relieved <= claimed <= measured, rounding aside."""
        slack = 1e-9 * max(1.0, self.measured)
        return self.relieved <= self.claimed + slack and self.claimed <= self.measured + slack


class Ahead(Value):
    """The coming sprints planned together; only the first is committed.

    Attributes:
        sprints: The coming one first.
        benefits: Sprints that benefits are counted for.
        ux_value: Weighted frustrated sessions avoided per sprint, the mean over these.
        alone: The same of the best schedule that begins with the best coming sprint taken by
            itself; None where that is this one.
        is_joint: Whether the coming sprint is another than the best one taken by itself; what is
            said of losses is then about all sprints together.
        status: What is proven about the schedule.
    """

    sprints: tuple[SprintRef, ...]
    benefits: int
    ux_value: float
    alone: float | None
    is_joint: bool
    status: Status
    bound: float | None
    gap: float | None


class MeasureFirst(Value):
    """A number that is missing or weak: an item's, or a metric's.

    Attributes:
        key: Item, or metric where the number is the metric's.
        worth: What knowing it would be worth to the plan, weighted frustrated sessions per sprint;
            0 where no answer changes the plan, None where not computed.
        takes: What finding it out would take, in words.
    """

    key: str
    title: str
    missing: str
    why: str
    worth: float | None = None
    takes: str = ""


class SourceRow(Value):
    """A source and its age."""

    name: str
    fetched_at: AwareDatetime | None
    status: str
    detail: str


class Finding(Value):
    """Something the plan's makers should know: a sentence, its figures and their source."""

    claim: str
    figures: dict[str, float] = {}
    """By name. An item that the sentence counts and does not name ("and 3 more") is here by its
    key: how often it is counted."""
    source: str = ""


class Plan(Value):
    """A sprint's allocation with its reasons: plan.json.

    Attributes:
        plan_id: Team, sprint and the start of the digest.
        digest: SHA-256 over the plan but for what belongs to the run; see `core.digest`.
        ux_value: Value of the chosen set with overlap, weighted frustrated sessions per sprint.
        sessions: The same unweighted; equal where every weight is 1.
        money: Value of the chosen set in `currency`; None without a value per session.
        ahead: The horizon; None where only the coming sprint is planned.
        next: What is finished in its later sprints, same shape as `chosen`.
        overrun: What the coming sprint's work may cost; None where nothing is chosen.
        robust: How the plan was chosen for the bad worlds; None where by its expected relief.
        explained: What surrounds the plan; None where nothing was solved again.
        findings: Warnings, in words.
        compared: The plan that `changes` are against; None for the first plan of a sprint. Both
            belong to the run: they are not in the digest, and need the other plan to be proven.
    """

    schema_version: Literal[1] = 1
    debtplan_version: str
    plan_id: str
    digest: str
    created_at: AwareDatetime
    team: str
    sprint: SprintRef
    unit: str
    capacity: CapacityUse
    solver: SolverUse
    ux_value: float
    sessions: float
    money: float | None
    currency: str
    weights_version: str
    interval: Interval | None
    baseline: Baseline
    chosen: tuple[Chosen, ...]
    ahead: Ahead | None = None
    next: tuple[Chosen, ...] = ()
    enabling: tuple[Enabling, ...] = ()
    passed_over: tuple[PassedOver, ...]
    frontier: tuple[FrontierPoint, ...]
    ledger: tuple[LedgerRow, ...]
    measure_first: tuple[MeasureFirst, ...]
    skipped: tuple[Skipped, ...]
    sources: tuple[SourceRow, ...]
    overrun: Overrun | None = None
    robust: Robust | None = None
    explained: Explained | None = None
    findings: tuple[Finding, ...]
    compared: Compared | None = None
    changes: tuple[Change, ...] = ()
    inputs: Inputs
