"""The way to a goal as a document: what it takes, when, with what chance, and what it lacks.

`Route` is what `debtplan goal --format json` prints, schema_version 1.
"""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from debtplan.core.flow import MetricKind
from debtplan.core.goal import GoalStatus, Need, Wanted
from debtplan.core.link import Grade
from debtplan.core.plan import Reason
from debtplan.core.record import Value


class GoalMetric(Value):
    """The metric that the goal is about.

    Attributes:
        kind: Says what its numbers are: see `core.goal.own_number`.
        harm: Frustrated sessions a sprint beyond the target; None is unknown.
        low: 10th percentile of it, where known.
        high: 90th percentile, likewise.
        sessions: Sessions a sprint that it is measured on; None is unknown.
        sample_size: Observations in the window; None is unknown.
        window_start_on: First day of the readings that count.
        window_end_on: The day after the last of them.
    """

    id: str
    title: str
    flow: str
    step: str
    segment: str
    kind: MetricKind
    harm: float | None
    low: float | None
    high: float | None
    sessions: float | None
    sample_size: float | None
    window_start_on: date
    window_end_on: date


class GoalItem(Value):
    """An item of a way to the goal.

    Attributes:
        removal: Expected share of the metric's harm that it removes, done alone; None for one that
            is only done because another waits for it.
        grade: Of its link to the metric; None without one.
        is_assumed: Whether the share is the configured default.
    """

    key: str
    title: str
    url: str | None
    points: float
    removal: float | None
    grade: Grade | None
    is_assumed: bool


class GoalSet(Value):
    """A set of items and what it does to the metric.

    Attributes:
        points: What it costs.
        keys: Its items, sorted.
        removal: Expected share of the metric's harm that it removes together.
        number: The metric's expected number afterwards, in its own terms.
        sessions: Frustrated sessions a sprint that are expected to be spared.
        chance: Share of simulated worlds in which it reaches the goal; None where none were made.
    """

    points: float
    keys: tuple[str, ...]
    removal: float
    number: float
    sessions: float
    chance: float | None


class Price(Value):
    """What a chance costs.

    Attributes:
        chance: In (0, 1).
        points: At most so many points; None where no set of the ladder has the chance.
        keys: The set that has it.
    """

    chance: float
    points: float | None
    keys: tuple[str, ...] = ()


class GoalPart(Value):
    """What one sprint does of one item.

    Attributes:
        points: In this sprint.
        is_finished: Whether it ends here.
        is_for_goal: False for pinned work that the reserve must hold first.
    """

    key: str
    points: float
    is_finished: bool
    is_for_goal: bool


class GoalSprint(Value):
    """One sprint on the way.

    Attributes:
        number: From 1, the coming one.
        name: Empty where nobody has named it yet.
        room: Most debt points that it may hold.
        used: Points of it that are used.
        number_after: The metric's expected number once the work of it is released.
    """

    number: int
    name: str
    start_on: date
    end_on: date
    room: float
    used: float
    parts: tuple[GoalPart, ...]
    number_after: float


class GoalTime(Value):
    """When the goal is reached if the whole reserve goes to it.

    Attributes:
        sprints: What each sprint does; the work for the goal ends with the last.
        at_least: Sprints that the points alone take: fewer are impossible.
        at_floor: Sprints it takes where each gives only the reserve's floor; None where it is 0 or
            never enough.
        done_on: Last day of the last sprint.
        shown_on: From when a whole window of readings lies behind that.
        trouble: Why there are no sprints; empty where there are.
    """

    sprints: tuple[GoalSprint, ...] = ()
    at_least: int | None = None
    at_floor: int | None = None
    done_on: date | None = None
    shown_on: date | None = None
    trouble: str = ""


class Lacking(Value):
    """An item that might help and cannot count.

    Attributes:
        removal: Expected share of the harm that it would remove; None where not known.
        reason: Why not.
        detail: The same in words.
    """

    key: str
    title: str
    removal: float | None
    reason: Reason
    detail: str


class Route(Value):
    """What a goal takes.

    Attributes:
        wanted: The goal as it was asked for.
        need: The goal as it was read.
        least: The cheapest set whose expected removal reaches the goal; None where none does.
        is_proven: Whether no cheaper set does, proven; out of reach, whether no set at all does.
        points_above: No set of so many points reaches the goal, proven.
        asked_chance: The chance that was asked for; None without one.
        taken: The set that the sprints hold: the least, or the first of the ladder with the chance
            that was asked for.
        items: Items of all sets shown here, by key.
        ladder: Sets of most expected removal within growing budgets, below and above the least
            points.
        prices: What chances cost. The ladder's sets are best in expectation, not in chance, so each
            is an upper bound: it costs at most so much.
        most: What all items that could be done together reach; None where none is linked.
        worlds: Simulated worlds behind each chance.
        lacking: Items linked to the metric that do not count, the most helpful first.
        unlinked: Open items that touch no metric: nobody knows whether they would help.
        caveats: Where the numbers are approximate, one sentence each.
        failed: Sources that failed when last read.
    """

    schema_version: Literal[1] = 1
    debtplan_version: str
    as_of: AwareDatetime
    team: str
    unit: str
    metric: GoalMetric
    wanted: Wanted
    need: Need
    least: GoalSet | None = None
    is_proven: bool = False
    points_above: float = 0.0
    asked_chance: float | None = None
    taken: GoalSet | None = None
    items: tuple[GoalItem, ...] = ()
    ladder: tuple[GoalSet, ...] = ()
    prices: tuple[Price, ...] = ()
    most: GoalSet | None = None
    time: GoalTime | None = None
    seed: int
    worlds: int = 0
    lacking: tuple[Lacking, ...] = ()
    unlinked: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def status(self) -> GoalStatus:
        """What can be said about the goal."""
        return self.need.status
