"""What a plan is made from: the whole of it, so that the same inputs give the same plan."""

from collections import Counter

from pydantic import AwareDatetime, BaseModel, Field, field_validator, model_validator

from debtplan.core.availability import Attendance
from debtplan.core.beside import Beside
from debtplan.core.calibration import Calibration
from debtplan.core.capacity import CapacityPolicy, ClosedSprint, Sprint, by_time
from debtplan.core.cost import Actual
from debtplan.core.flow import Flow, UxMetric
from debtplan.core.harm import HarmPolicy
from debtplan.core.item import DebtItem, Skipped
from debtplan.core.link import Claim, LinkPolicy
from debtplan.core.lint import LintPolicy
from debtplan.core.movement import Movement, Shift
from debtplan.core.natural import natural
from debtplan.core.order import in_order
from debtplan.core.outcomes import Outcomes
from debtplan.core.reading import Reading
from debtplan.core.record import Value
from debtplan.core.release import Release
from debtplan.core.reserve import ReservePolicy
from debtplan.core.risk import RiskPolicy
from debtplan.core.source import SourceState
from debtplan.core.tally import Overlap, Tally


class Rules(Value):
    """What the team decided beforehand.

    Attributes:
        pinned: Keys that must be in.
        forbidden: Keys that must stay out, each with the team's reason.
        roles: Most points of each role that may go to debt this sprint.
        per_flow: At most this many items of one flow; None is no limit.
        done: Keys that are finished, so that prerequisites on them are met.
        in_progress_first: Whether items in progress are in the plan as far as they fit.
        elsewhere: Teams that have unfinished prerequisites in their backlogs, by prerequisite.
    """

    pinned: tuple[str, ...] = ()
    forbidden: dict[str, str] = {}
    roles: dict[str, float] = {}
    per_flow: int | None = Field(default=None, ge=1)
    done: tuple[str, ...] = ()
    in_progress_first: bool = True
    elsewhere: dict[str, str] = {}

    @field_validator("pinned", "done")
    @classmethod
    def _in_order(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(keys)))


class HorizonPolicy(Value):
    """How far a plan looks ahead.

    Attributes:
        sprints: Sprints that are planned together; only the first is committed.
        benefits: Sprints that benefits are counted for, `sprints` at least.
        spread: Whether an item larger than a sprint's share is spread over several in a row.
        trend: Whether a metric's own trend is counted on; see `core.growth`.
    """

    sprints: int = Field(default=3, ge=1, le=6)
    benefits: int = Field(default=6, ge=1, le=26)
    spread: bool = True
    trend: bool = True


class Inputs(Value):
    """Everything a plan is made from. Same inputs, same plan; they put themselves in order.

    Attributes:
        sized_by_rule: Keys whose points are a rule's assumption, not an estimate.
        items: All items of the team, phases already split off, by key.
        claims: Links as found.
        readings: Readings of the history window, by metric and time.
        sprints: Closed sprints of the team, oldest first.
        actuals: What finished items took, by key.
        later: The sprints after the coming one, as far as the horizon goes.
        risk: What the plan is chosen by.
        attendance: When the team is there; None takes the availability of `capacity`.
        weights_version: Name of the flow weights in force.
        kept: Keys of the plan approved before; None without one.
        keep_within: Part of the best value that may be given up to keep that plan.
        beside: What other teams do, where this plan was made together with theirs.
        calibration: What earlier forecasts delivered; None where that is not known yet.
        tallies: Bad sessions of metrics with and without a mark, counted of raw events.
        overlaps: How far metrics of one place frustrate the same sessions, counted likewise.
        movements: Which metrics move together; they speak for links.
        shifts: Days on which levels changed.
        releases: What reached users in the days of the readings; told beside shifts, not counted.
        outcomes: What came of earlier plans, for the report. It belongs to the run: it changes no
            plan (`calibration` does), and is not in the digest. None where nobody looked.
    """

    team: str
    unit: str = "points"
    sprint: Sprint
    as_of: AwareDatetime
    items: tuple[DebtItem, ...]
    claims: tuple[Claim, ...] = ()
    flows: tuple[Flow, ...] = ()
    metrics: tuple[UxMetric, ...] = ()
    readings: tuple[Reading, ...] = ()
    sprints: tuple[ClosedSprint, ...] = ()
    actuals: tuple[Actual, ...] = ()
    reserve: ReservePolicy = ReservePolicy()
    capacity: CapacityPolicy = CapacityPolicy()
    attendance: Attendance | None = None
    harm: HarmPolicy = HarmPolicy()
    links: LinkPolicy = LinkPolicy()
    horizon: HorizonPolicy = HorizonPolicy(sprints=1)
    later: tuple[Sprint, ...] = ()
    rules: Rules = Rules()
    lint: LintPolicy = LintPolicy()
    risk: RiskPolicy = RiskPolicy()
    kept: tuple[str, ...] | None = None
    keep_within: float = Field(default=0.0, ge=0, lt=1)
    beside: Beside | None = None
    calibration: Calibration | None = None
    weights_version: str = "1"
    currency: str = ""
    seed: int = 1
    sized_by_rule: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    sources: tuple[SourceState, ...] = ()
    tallies: tuple[Tally, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    movements: tuple[Movement, ...] = ()
    shifts: tuple[Shift, ...] = ()
    releases: tuple[Release, ...] = ()
    outcomes: Outcomes | None = None

    @model_validator(mode="after")
    def _check_items(self) -> "Inputs":
        """Refuse two items with one key: one of them would be lost."""
        keys = [item.key for item in self.items]
        if len(set(keys)) < len(keys):
            twice = sorted((one for one, n in Counter(keys).items() if n > 1), key=natural)
            msg = f"items stand twice: {', '.join(twice)}"
            raise ValueError(msg)
        return self

    @field_validator(
        *("items", "claims", "flows", "metrics", "readings", "actuals", "skipped", "sources"),
        *("tallies", "overlaps", "movements", "shifts", "releases"),
    )
    @classmethod
    def _in_order(cls, rows: tuple[BaseModel, ...]) -> tuple[BaseModel, ...]:
        return in_order(rows)

    @field_validator("sprints")
    @classmethod
    def _by_time(cls, sprints: tuple[ClosedSprint, ...]) -> tuple[ClosedSprint, ...]:
        return by_time(sprints)

    @field_validator("kept", "sized_by_rule")
    @classmethod
    def _by_key(cls, keys: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if keys is None else tuple(sorted(set(keys)))
