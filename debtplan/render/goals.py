"""Tracked goals for people and as JSON: one line each for a list, a few for a page of outcomes.

Every share is the frustrated one, so less is better; changes are against the baseline.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

from debtplan.core.level import Ratio
from debtplan.core.natural import in_order
from debtplan.core.text import clean_line
from debtplan.core.tracked import GoalMonth, Headway, TrackedStatus
from debtplan.render.number import MONTHS, UNKNOWN, day, listed, percent

HEAD = ("goal", "until", "before", "now", "change", "attributable", "chance", "status")
MONTH_HEAD = ("month", "level", "change", "line", "chance", "remark")

STATUSES = {
    TrackedStatus.REACHED: "reached",
    TrackedStatus.MISSED: "missed",
    TrackedStatus.UNDER_WAY: "under way",
    TrackedStatus.TOO_EARLY: "too early to tell",
    TrackedStatus.UNKNOWN: UNKNOWN,
}

OPEN = frozenset({TrackedStatus.UNDER_WAY, TrackedStatus.TOO_EARLY})
"""Where the chance is a forecast, not what happened."""

NAME_LIMIT = 80


def goal_rows(found: Sequence[Headway]) -> list[tuple[str, ...]]:
    """Return one line for every goal, in the columns of `HEAD`."""
    return [
        (
            name_of(one),
            f"{day(one.goal.by)} {one.goal.by.year}",
            percent(one.baseline.share, 3) if one.baseline else UNKNOWN,
            percent(one.now.share, 3) if one.now else UNKNOWN,
            change_of(one.change),
            change_of(one.attributable),
            chance_of(one.chance),
            status_of(one),
        )
        for one in found
    ]


def month_rows(found: Headway) -> list[tuple[str, ...]]:
    """Return a goal's months, in the columns of `MONTH_HEAD`."""
    return [
        (
            _month_name(one),
            percent(one.level.share, 3) if one.level else "",
            change_of(one.change) if one.change else "",
            percent(one.line, 3),
            chance_of(one.chance),
            _remark(one),
        )
        for one in found.months
    ]


def goals_json(found: Sequence[Headway]) -> str:
    """Return all that is known of the goals."""
    rows = [one.model_dump(mode="json") for one in found]
    return json.dumps({"schema_version": 1, "rows": rows}, indent=1)


def goal_story(found: Headway) -> str:
    """Return where a goal stands, in one paragraph."""
    return " ".join(_sentences(found))


def goal_headline(found: Headway) -> str:
    """Return a goal with its chance: `Fewer given up, −20% by 31 May 2027: 84% likely`."""
    goal = found.goal
    stands = status_of(found)
    if found.status in OPEN and found.chance is not None:
        stands = f"{chance_of(found.chance)} likely"
    return f"{name_of(found)} by {day(goal.by)} {goal.by.year}: {stands}"


def goal_details(found: Headway) -> str:
    """Return what a goal's headline rests on, in one paragraph."""
    return " ".join((*_measured(found), *_reasons(found)))


def name_of(found: Headway) -> str:
    """Return the goal's name with what it asks for: `Fewer given up, −20%`."""
    return f"{clean_line(found.goal.title, NAME_LIMIT)}, {wanted_of(found)}"


def wanted_of(found: Headway) -> str:
    """Return what a goal asks for: `−20%`, `to 25%`."""
    if found.goal.relative is not None:
        return signed(found.goal.relative)
    return f"to {percent(found.goal.absolute, 3)}"


def status_of(found: Headway) -> str:
    """Return the status in words: `reached in month 5, by 30 Apr 2027`."""
    word = STATUSES[found.status]
    if found.reached_on is None:
        return word
    on = f"{day(found.reached_on)} {found.reached_on.year}"
    return f"{word} in month {found.reached_month}, by {on}"


def chance_of(chance: float | None) -> str:
    """Return a chance in words: nothing that is only simulated is certain."""
    if chance is None:
        return UNKNOWN
    if chance in {0.0, 1.0}:
        return f"{chance:.0%}"
    return "below 1%" if chance < 0.01 else percent(chance)  # noqa: PLR2004 - beyond what draws tell


def change_of(change: Ratio | None) -> str:
    """Return a change with its interval: `−23% (−24% to −22%)`."""
    if change is None:
        return UNKNOWN
    if change.low is None or change.high is None:
        return signed(change.value)
    return f"{signed(change.value)} ({signed(change.low)} to {signed(change.high)})"


def signed(share: float) -> str:
    """Return a change with its sign: `−20%`, `+3.1%`, `±0%`."""
    said = percent(abs(share))
    if round(share, 4) == 0:
        return "±0%"
    return f"{'+' if share > 0 else '−'}{said}"


def _sentences(found: Headway) -> Iterator[str]:
    goal = found.goal
    yield f"{name_of(found)} by {day(goal.by)} {goal.by.year}: {status_of(found)}."
    yield from _measured(found)
    if found.chance is not None and found.status in OPEN:
        yield f"The chance of reaching it in time is {chance_of(found.chance)}."
    yield from _reasons(found)


def _measured(found: Headway) -> Iterator[str]:
    """Yield what was measured, and which part of it is whose."""
    if found.baseline is not None and found.now is not None:
        yield (
            f"{clean_line(found.title, NAME_LIMIT)}: {percent(found.baseline.share, 3)} in the "
            f"baseline, {percent(found.now.share, 3)} in the last 28 days, "
            f"observed {change_of(found.change)}."
        )
    if found.attributable is not None:
        short = [one.partition(":")[2] or one for one in in_order(found.credited)]
        items = listed([clean_line(one, NAME_LIMIT) for one in short])
        yield f"Attributable to {items}: {change_of(found.attributable)}."


def _reasons(found: Headway) -> Iterator[str]:
    for reason in found.reasons:
        yield f"{clean_line(reason, 300)[:1].upper()}{clean_line(reason, 300)[1:]}."


def _month_name(month: GoalMonth) -> str:
    first, last = month.start_on, month.end_on - timedelta(days=1)
    if first.month == last.month and first.day == 1:
        return f"{month.number}, {MONTHS[first.month - 1]} {first.year}"
    return f"{month.number}, {day(first)} – {day(last)} {last.year}"


def _remark(month: GoalMonth) -> str:
    if month.is_beyond:
        return "beyond the goal"
    if not month.is_over:
        return "to come" if month.level is None else "not over"
    return "" if month.level else "not measured"
