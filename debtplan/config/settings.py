"""The shape of debtplan.toml. Reading and checking the file is `config.load`."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from debtplan.config.actuals import ActualsTable
from debtplan.config.members import DaysOffLists, Members, Workdays, check_presence
from debtplan.config.run import RunTable
from debtplan.core.flow import EVERYONE, Flow, MetricKind, UxMetric
from debtplan.core.harm import HarmPolicy
from debtplan.core.inputs import HorizonPolicy
from debtplan.core.item import ItemKey, Skipped
from debtplan.core.judge import OutcomePolicy
from debtplan.core.link import Grade, LinkPolicy, Share
from debtplan.core.lint import LintPolicy
from debtplan.core.reading import Window
from debtplan.core.record import Value
from debtplan.core.reserve import ReservePolicy
from debtplan.core.risk import ALPHA, Risk
from debtplan.core.rule import Match, Rule, short_share
from debtplan.core.tracked import TrackedGoal
from debtplan.metrics.options import TOLD_BY, ReadingTable, StatedReading
from debtplan.metrics.stated import read_stated
from debtplan.notify.options import NotifyTable
from debtplan.sources.options import IssueTable, NoteTable, ReleaseTable, SprintTable
from debtplan.transport.options import LineTable
from debtplan.warehouse.options import WarehouseTable

_ANY_WINDOW = Window(start_on=date(2000, 1, 1), end_on=date(2000, 1, 2))
"""Any days will do to look whether a statement holds."""


def _one_path(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


def _one_board(value: object) -> object:
    """Return the table that `jira:42` stands for: board 42 of the tracker `[sources.jira]`."""
    if not isinstance(value, str):
        return value
    source, _, board = value.partition(":")
    if not source or not board:
        msg = "write it as SOURCE:BOARD, such as jira:42"
        raise ValueError(msg)
    return {"type": "jira", "source": source, "board": board}


class SprintSettings(Value):
    """The coming sprint, where no source tells it."""

    name: str
    start_on: date
    end_on: date
    id: str = ""

    @model_validator(mode="after")
    def _check(self) -> "SprintSettings":
        if self.end_on < self.start_on:
            msg = f"end_on {self.end_on} is before start_on {self.start_on}"
            raise ValueError(msg)
        return self


class TeamSettings(Value):
    """`[team.NAME]`: capacity, sprints, and what the team decided beforehand.

    Attributes:
        capacity: Stated points of a sprint; None takes the velocity of closed sprints.
        last: Closed sprints that count for the velocity.
        availability: Part of the team that is there in the coming sprint, stated; with members it
            is counted instead.
        members: Who is in the team; None is not said, and availability is as stated.
        workdays: Days of the week on which the team works.
        holidays: Whose public holidays count: country, or country and part of it, `DE-BY`.
        on_call: People, or parts of one, that on-call takes in every sprint.
        days_off: Lists of days off: CSV, iCalendar, or written down here.
        roles: Most debt points of each role in the coming sprint.
        board: The live board that tells the sprints, `jira:42`, instead of `sprints`.
        actuals: What finished items took against their estimates, a CSV.
        match: Which items are the team's; with one team and no match, all of them.
        pinned: Keys that must be in.
        forbidden: Keys that must stay out, with the team's reason.
        per_flow: At most this many items of one flow in a sprint.
        in_progress: Whether items in progress go first, as far as they fit, or count as any other.
        reserve: This team's own reserve instead of `[reserve]`.
    """

    unit: str = "points"
    match: Match | None = None
    capacity: float | None = Field(default=None, gt=0, le=1_000_000)
    last: int = Field(default=6, ge=1, le=50)
    availability: float = Field(default=1.0, gt=0, le=2)
    members: Members = None
    workdays: Workdays = ("mon", "tue", "wed", "thu", "fri")
    holidays: str = ""
    on_call: float = Field(default=0.0, ge=0)
    days_off: DaysOffLists = ()
    sprint_days: float | None = Field(default=None, gt=0, le=120)
    sprints: Annotated[SprintTable | None, BeforeValidator(_one_path)] = None
    board: Annotated[SprintTable | None, BeforeValidator(_one_board)] = None
    actuals: Annotated[ActualsTable | None, BeforeValidator(_one_path)] = None
    sprint: SprintSettings | None = None
    roles: dict[str, Annotated[float, Field(ge=0)]] = {}
    pinned: tuple[ItemKey, ...] = ()
    forbidden: dict[ItemKey, str] = {}
    per_flow: int | None = Field(default=None, ge=1)
    in_progress: Literal["first", "any"] = "first"
    reserve: ReservePolicy | None = None

    @model_validator(mode="after")
    def _check_presence(self) -> "TeamSettings":
        check_presence(self.members, self.days_off, self.on_call, self.model_fields_set)
        return self


class MetricSettings(UxMetric):
    """`[[metric]]`: a metric, perhaps with a reading stated by hand.

    Attributes:
        queries: How a live provider computes it, by figure; see `MetricQuery`. `query` alone is the
            same as one without a name.
    """

    queries: dict[str, str] = {}
    reading: StatedReading | None = None

    @model_validator(mode="after")
    def _check_reading(self) -> "MetricSettings":
        """Refuse a statement that no window could use, and say why."""
        if self.reading is not None:
            found = read_stated(self.id, self.reading, _ANY_WINDOW)
            if isinstance(found, Skipped):
                msg = f"{found.ref} {found.reason}"
                raise ValueError(msg)
        return self


class ItemSettings(Value):
    """`[items]`: what counts as debt, and how strictly items are checked.

    Attributes:
        debt_labels: Labels of which one makes an item debt.
        debt_types: Type names that make an item debt; with both empty every item is.
        lint: Checks of `debtplan items --lint`.
    """

    debt_labels: tuple[str, ...] = ()
    debt_types: tuple[str, ...] = ()
    lint: LintPolicy = LintPolicy()


class LinkSettings(Value):
    """`[links]`: the links file, the assumed share, grades and expiry.

    Attributes:
        use_unconfirmed: Confidence, in (0, 1], from which suggested links are used at grade E
            although nobody confirmed them; False uses none.
    """

    file: str | None = None
    use_unconfirmed: Literal[False] | Annotated[float, Field(gt=0, le=1)] = False
    default_share: Annotated[Share, BeforeValidator(short_share)] = Share(
        low=0.1, likely=0.3, high=0.6
    )
    grades: dict[Grade, float] = {}
    expire_days: int = Field(default=180, ge=1)
    expire_days_qualitative: int = Field(default=365, ge=1)

    @property
    def policy(self) -> LinkPolicy:
        """How links are settled; grades that are not set keep their default."""
        return LinkPolicy(
            default_share=self.default_share,
            grades={**LinkPolicy().grades, **self.grades},
            expire_days=self.expire_days,
            expire_days_qualitative=self.expire_days_qualitative,
        )

    @field_validator("use_unconfirmed", mode="before")
    @classmethod
    def _no_bare_true(cls, value: object) -> object:
        if value is True or (value == 0 and value is not False):
            msg = "says from which confidence on: write a number such as 0.8, or false"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _check(self) -> "LinkSettings":
        """Refuse grades that no policy takes, while the file can still be named."""
        _ = self.policy
        return self


class WeightSettings(Value):
    """`[weights]`: the name of the flow weights in force and the money they are counted in."""

    version: str = "1"
    currency: str = ""


class PlanSettings(Value):
    """`[plan]`: engine, limits, and how much is explained.

    Attributes:
        engine: One of `ENGINES`.
        backend: Solver of the milp engine.
        time_limit_s: Seconds the solver may take.
        seed: Of the simulated worlds.
        explain_limit: Items that are explained by re-solving; `debtplan explain KEY` does any.
        explain_limit_s: Seconds after which the plan is given out with what is explained by then,
            and says what is missing.
        worlds: Simulated worlds that are planned anew, for certainty: with 1,000 a certainty of 90%
            is known within about 1 point.
        keep_within: Part of the best value, such as 0.01, that may be given up to keep the items
            of the plan that was approved for the sprint.
        risk: What the plan is chosen by; see `Risk`.
        cvar_alpha: Part of the simulated worlds that are the bad ones, where they decide.
    """

    engine: str = "milp"
    backend: str = "auto"
    time_limit_s: float = Field(default=60.0, gt=0)
    explain_limit: int = Field(default=1_000, ge=0)
    explain_limit_s: float = Field(default=50.0, gt=0)
    worlds: int = Field(default=1_000, ge=0, le=100_000)
    keep_within: float = Field(default=0.0, ge=0, lt=1)
    seed: int = 1
    risk: Risk = Risk.EXPECTED
    cvar_alpha: float = Field(default=ALPHA, gt=0, le=1)


class StoreSettings(Value):
    """`[store]`: where items, readings and plans are kept."""

    url: str = "sqlite:///debtplan.db"


class Settings(Value):
    """All of debtplan.toml, checked."""

    team: dict[str, TeamSettings] = {}
    reserve: ReservePolicy = ReservePolicy()
    sources: dict[str, IssueTable] = {}
    metrics: dict[str, ReadingTable] = {}
    notes: dict[str, NoteTable] = {}
    releases: dict[str, ReleaseTable] = {}
    warehouse: dict[str, WarehouseTable] = {}
    flow: tuple[Flow, ...] = ()
    metric: tuple[MetricSettings, ...] = ()
    goal: tuple[TrackedGoal, ...] = ()
    rule: tuple[Rule, ...] = ()
    horizon: HorizonPolicy = HorizonPolicy()
    harm: HarmPolicy = HarmPolicy()
    items: ItemSettings = ItemSettings()
    links: LinkSettings = LinkSettings()
    weights: WeightSettings = WeightSettings()
    plan: PlanSettings = PlanSettings()
    store: StoreSettings = StoreSettings()
    transport: LineTable = LineTable()
    notify: dict[str, NotifyTable] = {}
    run: RunTable = RunTable()
    outcomes: OutcomePolicy = OutcomePolicy()

    @model_validator(mode="after")
    def _check(self) -> "Settings":
        """Refuse references to what is not declared, all of them at once."""
        problems = [*_twice(self), *_dangling(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self


def _twice(settings: Settings) -> list[str]:
    found = []
    for kind, ids in (
        ("flow", [flow.id for flow in settings.flow]),
        ("metric", [metric.id for metric in settings.metric]),
        ("goal", [goal.id for goal in settings.goal]),
    ):
        found += [
            f"{kind} {one!r} is declared twice" for one in sorted(set(ids)) if ids.count(one) > 1
        ]
    return found


def _dangling(settings: Settings) -> list[str]:
    flows = {flow.id: flow for flow in settings.flow}
    metrics = {metric.id: metric for metric in settings.metric}
    found = []
    for metric in settings.metric:
        flow = flows.get(metric.flow)
        if flow is None:
            found.append(f"metric {metric.id!r} names flow {metric.flow!r}, which is not declared")
        elif flow.steps and metric.step not in flow.steps:
            found.append(
                f"metric {metric.id!r} names step {metric.step!r}, which flow {flow.id!r} lacks"
            )
        elif flow.segments and metric.segment not in {EVERYONE, *(s.id for s in flow.segments)}:
            found.append(
                f"metric {metric.id!r} names segment {metric.segment!r}, "
                f"which flow {flow.id!r} lacks"
            )
        found += _bad_reference(metric, metrics)
    found += _misscanned(settings, metrics)
    for policy in (settings.reserve, *(team.reserve for team in settings.team.values())):
        found += _kept_for_nobody(policy, settings) if policy else []
    for goal in settings.goal:
        found += [
            f"goal {goal.id!r} names metric {name!r}, which is not declared"
            for name in (goal.metric, *goal.parts)
            if name not in metrics
        ]
    for number, rule in enumerate(settings.rule, 1):
        if rule.metric is not None and rule.metric not in metrics:
            found.append(f"rule {number} names metric {rule.metric!r}, which is not declared")
    return found


def _misscanned(settings: Settings, metrics: Mapping[str, MetricSettings]) -> list[str]:
    """Return which scanners are to tell a metric of a kind that they do not tell."""
    found = []
    for name, table in settings.metrics.items():
        tool, metric = table.type or name, metrics.get(table.metric or "")
        kind = TOLD_BY.get(tool)
        if kind is not None and metric is not None and metric.kind is not kind:
            said = f"metrics.{name} reads {tool}, which tells {kind}"
            found.append(f"{said}, but metric {metric.id!r} is {metric.kind}")
    return found


def _kept_for_nobody(policy: ReservePolicy, settings: Settings) -> list[str]:
    """Return what a part of the reserve is kept for that no metric is about."""
    return [
        f"kept_for names {one.title!r}, and no metric is about that"
        for one in policy.kept_for
        if not any(
            one.flow in ("", metric.flow)
            and one.segment in ("", metric.segment)
            and one.metric in ("", metric.id)
            for metric in settings.metric
        )
    ]


def _bad_reference(metric: MetricSettings, metrics: Mapping[str, MetricSettings]) -> list[str]:
    """Return what is wrong with a reference to another metric, if anything is."""
    if not isinstance(metric.reference, str) or metric.reference == "best":
        return []
    other = metrics.get(metric.reference)
    named = f"metric {metric.id!r} names reference {metric.reference!r}"
    if other is None:
        return [f"{named}, which is no metric"]
    if other.id == metric.id:
        return [f"{named}, which is itself, so it could never be missed"]
    if other.kind is not MetricKind.DROP_OFF:
        return [f"{named}, which is no drop_off but {other.kind}"]
    return []


class Loaded(Value):
    """Settings with the folder that relative paths start from, and where each value came from."""

    settings: Settings
    path: Path
    origin: dict[str, str] = {}

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self.path.parent
