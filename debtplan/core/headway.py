"""Where a tracked goal stands on a day: observed, attributable, reached or how likely.

A goal is reached with the first month that is over, has twelve readings or more, and whose whole
95% interval lies at the goal or beyond: a good fortnight is no goal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import exp, sqrt

from debtplan.core import awaited
from debtplan.core.awaited import Promise
from debtplan.core.credit import credit_of
from debtplan.core.flow import UxMetric
from debtplan.core.level import FEW, Level, Ratio, change_between, level_of, reach
from debtplan.core.natural import in_order
from debtplan.core.outlook import Outlook, jumps, weekly
from debtplan.core.reading import Reading, Window, midnight
from debtplan.core.tracked import GoalMonth, Headway, TrackedGoal, TrackedStatus
from debtplan.core.verdict import Verdict

NOW_DAYS = 28
"""Complete days that the present level is the mean of."""

MONTH_DAYS = 30
"""Days that a month to come is taken to have readings of."""

OPEN = (TrackedStatus.UNDER_WAY, TrackedStatus.TOO_EARLY)
"""A goal that is not settled."""

ALONE = -1
"""The question of today, were nothing to come that is approved."""

LEAST_WEEKS = 12
"""Fewer weeks than these say nothing of the weeks to come."""


@dataclass(frozen=True)
class Seen:
    """All that a goal is judged by.

    Attributes:
        goal: The goal.
        metric: Its metric.
        readings: Of this metric, fitting its kind, in order of time.
        weights: See `credit_of`.
        verdicts: On released items.
        released_on: Days on which something went live.
        end_on: The first day that is not complete yet.
        seed: Of the simulated futures.
        promises: Of every approved plan.
    """

    goal: TrackedGoal
    metric: UxMetric
    readings: tuple[Reading, ...]
    weights: Mapping[str, float]
    verdicts: tuple[Verdict, ...]
    released_on: tuple[date, ...]
    end_on: date
    seed: int
    promises: tuple[Promise, ...] = ()

    @property
    def last_on(self) -> date:
        """The last complete day."""
        return self.end_on - timedelta(days=1)

    def level(self, window: Window) -> Level | None:
        """Return the metric's level in the days of a window that are complete."""
        end = min(window.end_on, self.end_on)
        if end <= window.start_on:
            return None
        kept = Window(start_on=window.start_on, end_on=end)
        return level_of(self.metric, self.readings, kept, self.released_on)


def unmeasured(seen: Seen, why: str) -> Headway:
    """Return that nothing can be said of a goal, and why."""
    goal = seen.goal
    return Headway(
        goal=goal, title=seen.metric.title, segment=seen.metric.segment, as_of=seen.last_on,
        status=TrackedStatus.UNKNOWN, reasons=(why,),
    )  # fmt: skip


def headway_of(seen: Seen) -> Headway:
    """Return where a goal stands, chances left out; see `questions`."""
    goal, metric = seen.goal, seen.metric
    baseline = seen.level(goal.baseline.window)
    if baseline is None:
        why = f"no reading of {metric.title} lies in the baseline"
        return unmeasured(seen, f"{why}, {goal.baseline.start_on} to {goal.baseline.end_on}")
    if baseline.share == 0:
        return unmeasured(seen, f"{metric.title} was zero in the baseline: nothing is left to gain")
    wanted = goal.share_from(metric, baseline.share)
    if wanted >= baseline.share:
        return unmeasured(seen, f"{metric.title} was at the goal in the baseline already")
    months = tuple(_months(seen, baseline, wanted))
    first = next((one for one in months if one.is_beyond), None)
    now = _now(seen)
    credit = credit_of(
        seen.verdicts, seen.weights, baseline, goal.baseline.window.end_on, seen.end_on
    )
    found = Headway(
        goal=goal,
        title=metric.title,
        segment=metric.segment,
        as_of=seen.last_on,
        status=TrackedStatus.UNDER_WAY,
        baseline=baseline,
        wanted=wanted,
        now=now,
        change=change_between(baseline, now) if now else None,
        attributable=credit.change if credit else None,
        credited=credit.items if credit else (),
        months=months,
        reached_on=first.end_on - timedelta(days=1) if first else None,
        reached_month=first.number if first else None,
    )
    status = _status(seen, found)
    reasons = tuple(_reasons(seen, found, status))
    told = {"status": status, "reasons": reasons}
    return found.model_copy(update=told | _coming(seen, baseline, status))


def _coming(seen: Seen, baseline: Level, status: TrackedStatus) -> dict[str, object]:
    """Return what an open goal can count on of work that is approved and not released yet."""
    found = awaited.awaited(seen.promises, seen.weights, seen.end_on)
    if status not in OPEN or not found:
        return {}
    return {
        "approved": awaited.change_of(found, seen.weights, baseline.share),
        "awaited": awaited.rows(found, seen.weights, baseline.share),
        "on_time": awaited.on_time(seen.promises, seen.end_on),
    }


def questions(seen: Seen, found: Headway) -> dict[int, Outlook]:
    """Return what is asked of the future, by the number of the month whose end it is asked from.

    0 stands for today: its answer is the chance of each month to come. `ALONE` is the same without
    approved work, asked where there is some.
    """
    if found.baseline is None or found.wanted is None:
        return {}
    limit = _limit(seen.goal, found.baseline, found.wanted)
    asked: dict[int, Outlook] = {}
    for month in found.months:
        if found.reached_month is not None and month.number >= found.reached_month:
            break
        ahead = tuple(one for one in seen.goal.months if one.start_on >= month.end_on)
        if month.is_over and month.level is not None and ahead:
            asked[month.number] = _question(seen, (limit, found.baseline), month.end_on, ahead)
    if found.status in OPEN:
        ahead = tuple(one for one in seen.goal.months if one.end_on > seen.end_on)
        if ahead:
            asked[0] = _question(seen, (limit, found.baseline), seen.end_on, ahead)
            if asked[0].lifts:
                asked[ALONE] = replace(asked[0], lifts=())
    return asked


def with_chances(found: Headway, answers: Mapping[int, Sequence[float] | None]) -> Headway:
    """Return the same with what was answered to `questions`."""
    settled = {TrackedStatus.REACHED: 1.0, TrackedStatus.MISSED: 0.0}.get(found.status)
    today = answers.get(0)
    coming = [one.number for one in found.months if not one.is_over]
    ahead = dict(zip(coming, today, strict=True)) if today else {}
    months = []
    for month in found.months:
        chance = ahead.get(month.number)
        if month.is_over:
            then = answers.get(month.number)
            chance = then[-1] if then else None
            if found.reached_month is not None and month.number >= found.reached_month:
                chance = 1.0
        months.append(month.model_copy(update={"chance": chance}))
    chance = settled if settled is not None else (today[-1] if today else None)
    reasons = found.reasons
    alone = answers.get(ALONE)
    if alone:
        reasons = (*reasons, _counted_on(found, alone[-1]))
    if chance is None and found.status in OPEN:
        lacks = f"fewer than {LEAST_WEEKS} weeks were measured, so there is no chance to tell"
        reasons = (*reasons, lacks)
    changed = {
        "months": tuple(months),
        "chance": chance,
        "chance_alone": alone[-1] if alone else None,
        "reasons": reasons,
    }
    return found.model_copy(update=changed)


def _counted_on(found: Headway, alone: float) -> str:
    """Return what the chance counts on that is still to come."""
    keys = in_order({one.item.partition(":")[2] or one.item for one in found.awaited})
    change = 0.0 if found.approved is None else found.approved.value
    return (
        f"the chance counts on {', '.join(keys)}, approved and not released yet "
        f"({change:+.1%} if all of it comes); without that it is {alone:.0%}"
    )


def _question(
    seen: Seen, aim: tuple[float, Level], end_on: date, ahead: tuple[Window, ...]
) -> Outlook:
    """Return whether a limit is kept in the months ahead, as known before a day."""
    limit, baseline = aim
    found = awaited.awaited(seen.promises, seen.weights, end_on)
    chance = awaited.on_time(seen.promises, end_on)
    start = min(seen.goal.baseline.start_on, end_on - timedelta(days=7 * LEAST_WEEKS))
    span = Window(start_on=start, end_on=end_on)
    return Outlook(
        weeks=weekly(seen.metric, seen.readings, span),
        end_on=end_on,
        breaks=jumps(seen.released_on, span),
        months=ahead,
        limit=limit,
        seed=f"goal {seen.goal.id} {seen.seed}",
        lifts=awaited.lifts(found, seen.weights, baseline.share, chance),
    )


def _limit(goal: TrackedGoal, baseline: Level, wanted: float) -> float:
    """Return the share that a month must not exceed, for its interval to lie beyond the goal.

    The error of a month to come is that of the baseline, for as many days as a month has. Both are
    of the days' wandering alone: what goes live is a step, in the months to come as in measured
    ones (`level_of`).
    """
    part = min(1.0, MONTH_DAYS / baseline.readings)
    own = (baseline.error or 0.0) / baseline.share
    errors = [own / sqrt(part), *([own] if goal.relative is not None else ())]
    spread = sqrt(sum(one * one for one in errors))
    return wanted * exp(-reach(baseline.effective * part) * spread)


def _months(seen: Seen, baseline: Level, wanted: float) -> Iterator[GoalMonth]:
    for number, window in enumerate(seen.goal.months, 1):
        level = seen.level(window)
        change = change_between(baseline, level) if level else None
        is_over = window.end_on <= seen.end_on
        yield GoalMonth(
            number=number,
            start_on=window.start_on,
            end_on=window.end_on,
            line=seen.goal.line(baseline.share, wanted, window),
            is_over=is_over,
            level=level,
            change=change,
            is_beyond=is_over and _is_beyond(seen.goal, level, change, wanted),
        )


def _is_beyond(goal: TrackedGoal, level: Level | None, change: Ratio | None, wanted: float) -> bool:
    if level is None or level.readings < FEW:
        return False
    if goal.relative is not None:
        return change is not None and change.high is not None and change.high <= goal.relative
    return level.interval is not None and level.interval[1] <= wanted


def _now(seen: Seen) -> Level | None:
    """Return the level of the last complete days, as far as they lie behind the start."""
    start = max(seen.end_on - timedelta(days=NOW_DAYS), seen.goal.start_on)
    if start >= seen.end_on:
        return None
    return seen.level(Window(start_on=start, end_on=seen.end_on))


def _status(seen: Seen, found: Headway) -> TrackedStatus:
    if found.reached_on is not None:
        return TrackedStatus.REACHED
    since = [one for one in seen.readings if one.start_at >= midnight(seen.goal.start_on)]
    counted = [one for one in since if one.end_at <= midnight(seen.end_on)]
    if seen.last_on >= seen.goal.by:
        return TrackedStatus.MISSED if len(counted) >= FEW else TrackedStatus.UNKNOWN
    if seen.end_on <= seen.goal.start_on or len(counted) < FEW:
        return TrackedStatus.TOO_EARLY
    return TrackedStatus.UNDER_WAY if found.now else TrackedStatus.UNKNOWN


def _reasons(seen: Seen, found: Headway, status: TrackedStatus) -> Iterator[str]:
    goal, baseline = seen.goal, found.baseline
    if baseline is not None and baseline.readings < FEW:
        yield f"the baseline has {_readings(baseline.readings)}, fewer than {FEW}"
    if seen.end_on <= goal.start_on:
        yield f"it starts on {goal.start_on}"
    elif status is TrackedStatus.TOO_EARLY:
        yield f"fewer than {FEW} readings lie behind its start on {goal.start_on}"
    elif found.now is None:
        yield f"no reading of {found.title} lies in the last {NOW_DAYS} complete days"
    elif found.now.readings < FEW:
        yield f"the last {NOW_DAYS} days have {_readings(found.now.readings)}, fewer than {FEW}"
    if status is TrackedStatus.REACHED:
        yield from _since(found)
    elif status is TrackedStatus.MISSED:
        yield f"no month until {goal.by} lies beyond the goal with its whole interval"
    if found.attributable is None and status is not TrackedStatus.TOO_EARLY:
        yield "no verdict on a released item tells which part of the change is its doing"


def _readings(count: int) -> str:
    return f"{count} reading{'' if count == 1 else 's'}"


def _since(found: Headway) -> Iterator[str]:
    """Yield whether the level has slipped back after the goal was reached."""
    over = [one for one in found.months if one.is_over and one.level is not None]
    last = over[-1]
    if last.number == found.reached_month or last.level is None or found.wanted is None:
        return
    interval = last.level.interval
    if interval is not None and interval[0] > found.wanted:
        yield f"it slipped back: month {last.number} lies above the goal again"
