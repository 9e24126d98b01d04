"""What a plan is made from: the whole of it, so that the same inputs give the same plan."""

from collections import Counter

from pydantic import AwareDatetime, BaseModel, Field, field_validator, model_validator

from debtplan.core.capacity import CapacityPolicy, ClosedSprint, ReservePolicy, Sprint, by_time
from debtplan.core.flow import Flow, UxMetric
from debtplan.core.harm import HarmPolicy
from debtplan.core.item import DebtItem, Skipped
from debtplan.core.link import Claim, LinkPolicy
from debtplan.core.lint import LintPolicy
from debtplan.core.order import in_order
from debtplan.core.reading import Reading
from debtplan.core.record import Value
from debtplan.core.source import SourceState


class Rules(Value):
    """What the team decided beforehand.

    Attributes:
        pinned: Keys that must be in.
        forbidden: Keys that must stay out, each with the team's reason.
        roles: Most points of each role that may go to debt this sprint.
        per_flow: At most this many items of one flow; None is no limit.
        done: Keys that are finished, so that prerequisites on them are met.
    """

    pinned: tuple[str, ...] = ()
    forbidden: dict[str, str] = {}
    roles: dict[str, float] = {}
    per_flow: int | None = Field(default=None, ge=1)
    done: tuple[str, ...] = ()

    @field_validator("pinned", "done")
    @classmethod
    def _in_order(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(keys)))


class Inputs(Value):
    """Everything a plan is made from. Same inputs, same plan; they put themselves in order.

    Attributes:
        sized_by_rule: Keys whose points are a rule's assumption, not an estimate.
        items: All items of the team, phases already split off, by key.
        claims: Links as found.
        readings: Readings of the history window, by metric and time.
        sprints: Closed sprints of the team, oldest first.
        weights_version: Name of the flow weights in force.
        kept: Keys of the plan approved before; None without one.
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
    reserve: ReservePolicy = ReservePolicy()
    capacity: CapacityPolicy = CapacityPolicy()
    harm: HarmPolicy = HarmPolicy()
    links: LinkPolicy = LinkPolicy()
    rules: Rules = Rules()
    lint: LintPolicy = LintPolicy()
    kept: tuple[str, ...] | None = None
    weights_version: str = "1"
    currency: str = ""
    seed: int = 1
    sized_by_rule: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    sources: tuple[SourceState, ...] = ()

    @model_validator(mode="after")
    def _check_items(self) -> "Inputs":
        """Refuse two items with one key: one of them would be lost."""
        keys = [item.key for item in self.items]
        if len(set(keys)) < len(keys):
            twice = sorted(key for key, count in Counter(keys).items() if count > 1)
            msg = f"items stand twice: {', '.join(twice)}"
            raise ValueError(msg)
        return self

    @field_validator("items", "claims", "flows", "metrics", "readings", "skipped", "sources")
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
