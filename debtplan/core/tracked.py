"""A goal that is tracked: a metric, how far it should move, from when and until when.

`core.goal` asks what a goal would take; this one was set, and time tells.
"""

import calendar
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from debtplan.core.flow import UxMetric
from debtplan.core.goal import parse_share, share_at
from debtplan.core.level import Level, Ratio
from debtplan.core.reading import Window
from debtplan.core.record import Value

MOST_MONTHS = 60
"""A goal that lies further ahead than five years is none to plan by."""


def _as_share(value: object) -> object:
    """Take `-20%` for -0.2."""
    return parse_share(value) if isinstance(value, str) else value


Lessening = Annotated[float, BeforeValidator(_as_share), Field(gt=-1, lt=0)]
Number = Annotated[float, BeforeValidator(_as_share), Field(ge=0, le=1)]


class Baseline(Value):
    """The days that a goal is measured against, the last one included."""

    start_on: date
    end_on: date

    @model_validator(mode="after")
    def _check(self) -> "Baseline":
        if self.end_on < self.start_on:
            msg = f"the baseline ends on {self.end_on}, before it starts on {self.start_on}"
            raise ValueError(msg)
        return self

    @property
    def window(self) -> Window:
        """The days as a half-open window."""
        return Window(start_on=self.start_on, end_on=self.end_on + timedelta(days=1))


class TrackedGoal(Value):
    """`[[goal]]`: what a metric should have become by a day.

    Attributes:
        id: Unique over the goals.
        name: For people.
        metric: Id of the metric.
        relative: Change of the frustrated share in the baseline, -0.2 for a fifth less, in (-1, 0).
        absolute: The number to reach instead, as the metric's target is written: a share, for
            waiting times an Apdex; the share of sessions lost for drop-off.
        baseline: Days the change is measured against; they lie before `start_on`.
        start_on: First day that counts for the goal.
        by: Last day on which it may be reached.
        parts: Metrics whose bad sessions are part of this one's: a release that was found to move
            one of them has moved this one by their sessions.
    """

    id: str = Field(min_length=1)
    name: str = ""
    metric: str
    relative: Lessening | None = None
    absolute: Number | None = None
    baseline: Baseline
    start_on: date
    by: date
    parts: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name for people."""
        return self.name or self.id

    @model_validator(mode="after")
    def _check(self) -> "TrackedGoal":
        if (self.relative is None) == (self.absolute is None):
            msg = f"goal {self.id!r} needs one of relative and absolute"
            raise ValueError(msg)
        if self.by <= self.start_on:
            msg = f"goal {self.id!r} ends on {self.by}, which is not after {self.start_on}"
            raise ValueError(msg)
        if self.baseline.end_on >= self.start_on:
            msg = f"goal {self.id!r} starts on {self.start_on}, inside its baseline"
            raise ValueError(msg)
        if months_after(self.start_on, MOST_MONTHS) <= self.by:
            msg = f"goal {self.id!r} takes longer than {MOST_MONTHS // 12} years"
            raise ValueError(msg)
        if self.metric in self.parts:
            msg = f"goal {self.id!r} names its own metric as a part"
            raise ValueError(msg)
        return self

    @property
    def months(self) -> tuple[Window, ...]:
        """The months from `start_on` to `by`; the last one ends with `by`, whole or not."""
        end = self.by + timedelta(days=1)
        found, number = [], 0
        while (start := months_after(self.start_on, number)) < end:
            number += 1
            stop = min(end, months_after(self.start_on, number))
            found.append(Window(start_on=start, end_on=stop))
        return tuple(found)

    def share_from(self, metric: UxMetric, baseline: float) -> float:
        """Return the frustrated share at the goal, from the one in the baseline."""
        if self.relative is not None:
            return baseline * (1 + self.relative)
        return share_at(metric, self.absolute or 0.0)

    def line(self, baseline: float, goal: float, window: Window) -> float:
        """Return the straight line from baseline to goal, in the middle of a window's days."""
        whole = (self.by + timedelta(days=1) - self.start_on).days
        gone = (window.start_on - self.start_on).days + window.days / 2
        return baseline + (goal - baseline) * min(1.0, max(0.0, gone / whole))


class TrackedStatus(StrEnum):
    """Where a goal stands, in a word."""

    REACHED = "reached"
    MISSED = "missed"
    UNDER_WAY = "under_way"
    TOO_EARLY = "too_early"
    """Not begun, or fewer than twelve readings since."""
    UNKNOWN = "unknown"
    """The metric, its baseline or its present level is not measured."""


class GoalMonth(Value):
    """One month of a goal.

    Attributes:
        number: 1 for the first.
        start_on: Its first day.
        end_on: The day after its last.
        line: Frustrated share on the straight line to the goal, in the middle of the month.
        is_over: Whether all of its days can be looked at.
        level: What was measured of it so far; None where nothing was.
        change: Against the baseline.
        is_beyond: Whether the month is over and its whole 95% interval lies at the goal or beyond.
        chance: Of a month that is over: the chance that the goal is reached by its date, as it was
            seen at the end of this month. Of one to come: the chance that it is reached by the end
            of this month, as seen today. None where it cannot be told.
    """

    number: int
    start_on: date
    end_on: date
    line: float
    is_over: bool = False
    level: Level | None = None
    change: Ratio | None = None
    is_beyond: bool = False
    chance: float | None = None


class Awaited(Value):
    """Approved work on a goal that users do not have yet.

    Attributes:
        item: Key.
        metric: The metric it was promised of.
        due_on: Last day of its sprint.
        change: What it is expected to change alone, against the goal's baseline.
    """

    item: str
    metric: str
    due_on: date
    change: Ratio


class Headway(Value):
    """Where a goal stands on a day.

    Attributes:
        goal: The goal.
        title: The metric, for people.
        segment: Whom it is measured of.
        as_of: Last complete day that was looked at.
        status: In a word.
        baseline: Level in the baseline; None where it is not measured.
        wanted: Frustrated share at the goal, in [0, 1]; None where not known.
        now: Level of the last 28 complete days; None where nothing was measured in them, or they
            began before the goal did.
        change: Of `now` against the baseline, whatever caused it.
        attributable: The part of that change that verdicts give to released items, in the same
            terms; None where there is no verdict.
        credited: Items that `attributable` is made of, sorted.
        months: Month by month.
        reached_on: Last day of the first month whose interval lies at the goal or beyond.
        reached_month: Number of that month.
        chance: Of reaching the goal by its date; 1 or 0 once that is settled; None where it cannot
            be told. It counts on work that is approved and not released yet.
        chance_alone: The same if none of that work came; None where there is none.
        approved: Of the change to come, what that work is expected to do, if all of it comes; None
            where there is none.
        awaited: That work, by the day it is due.
        on_time: Chance that an approved item comes in its sprint, as the simulation takes it.
        reasons: What the status rests on and what it lacks, one sentence each.
    """

    goal: TrackedGoal
    title: str = ""
    segment: str = ""
    as_of: date
    status: TrackedStatus
    baseline: Level | None = None
    wanted: float | None = None
    now: Level | None = None
    change: Ratio | None = None
    attributable: Ratio | None = None
    credited: tuple[str, ...] = ()
    months: tuple[GoalMonth, ...] = ()
    reached_on: date | None = None
    reached_month: int | None = None
    chance: float | None = None
    chance_alone: float | None = None
    approved: Ratio | None = None
    awaited: tuple[Awaited, ...] = ()
    on_time: float | None = None
    reasons: tuple[str, ...] = ()


def months_after(day: date, count: int) -> date:
    """Return the same day so many months later, or the last one of a shorter month."""
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
