"""What came of what was promised, in words and spans: for its own page and a plan's report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from debtplan.core.calibration import Pooled
from debtplan.core.outcomes import OutcomeRow, Outcomes, Pending
from debtplan.core.text import clean_line
from debtplan.core.tracked import Headway
from debtplan.core.verdict import Outcome
from debtplan.render.goals import MONTH_HEAD, goal_details, goal_headline, month_rows
from debtplan.render.number import UNKNOWN, about, day, days, percent, sentence
from debtplan.render.path import draw_path
from debtplan.render.verdicts import WORDS, for_people, say_honesty, short_name, undone_cells

MARGIN = 0.06
"""Part of a row's width that stays free on either side."""

LEAST, MOST = -0.5, 1.0
"""Where the rows are cut: one that nobody can tell anything of would squeeze all the others."""

NAME = 120
REASON = 600

CLASSES = (
    ("by_grade", "Grade"),
    ("by_kind", "Kind of debt"),
    ("by_team", "Team"),
)


class Span(NamedTuple):
    """A value with its interval, and the mark it is held against, in parts of a row's width.

    Attributes:
        zero: Where nothing is; None where that is not on the row.
        low, value, high: Of what came; None where it is not known.
        mark_low, mark, mark_high: Of what was claimed.
    """

    zero: float | None
    low: float | None
    value: float | None
    high: float | None
    mark_low: float
    mark: float
    mark_high: float


class ForecastRow(NamedTuple):
    """A forecast beside what happened, in words and as a span."""

    name: str
    title: str
    metric: str
    span: Span
    claimed: str
    came: str
    word: str
    is_worse: bool
    reasons: tuple[str, ...]


class Class(NamedTuple):
    """What came of what was claimed, by grade, kind or team."""

    name: str
    span: Span
    figure: str
    forecasts: int


class GoalPart(NamedTuple):
    """A tracked goal: a paragraph, a chart where there is a path, its months.

    Attributes:
        chart_title: The chart's finding.
        source: What was measured, and over which days before.
    """

    name: str
    story: str
    chart: Markup | None
    chart_title: str
    source: str
    heads: tuple[str, ...]
    months: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Record:
    """All of it, in words.

    Attributes:
        classes: Heading of the column, and rows.
        notes: How good the forecasts were: coverage first, where enough are judged.
        undone: What was approved and did not come, in the columns of `UNDONE_HEAD`.
        pending: Name, metric, day from which it can be judged, and why not yet.
    """

    line: str
    goals: tuple[GoalPart, ...]
    rows: tuple[ForecastRow, ...]
    alarms: tuple[str, ...]
    classes: tuple[tuple[str, tuple[Class, ...]], ...]
    notes: tuple[str, ...]
    undone: tuple[tuple[str, ...], ...]
    pending: tuple[tuple[str, str, str, str], ...]


def write_record(found: Outcomes) -> Record:
    """Return outcomes and goals in words."""
    found = for_people(found)
    groups = ((head, getattr(found, name)) for name, head in CLASSES)
    return Record(
        line=found.line,
        goals=tuple(_goal(one, number) for number, one in enumerate(found.goals, 1)),
        rows=_rows(found.rows),
        alarms=tuple(sentence(clean_line(one, REASON)) for one in found.alarms),
        classes=tuple((head, _classes(pooled)) for head, pooled in groups if pooled),
        notes=tuple(say_honesty(found)),
        undone=tuple(undone_cells(one) for one in found.undone),
        pending=tuple(_pending(one) for one in found.pending),
    )


def _goal(found: Headway, number: int) -> GoalPart:
    measured = [one for one in found.months if one.level is not None]
    chart = None
    title, goal = clean_line(found.title, NAME), found.goal
    if found.baseline is not None and measured and measured[-1].level is not None:
        ends = (found.baseline.share, measured[-1].level.share)
        title += f": from {percent(ends[0], 3)} to {percent(ends[1], 3)}"
    if found.baseline is not None and found.wanted is not None and measured:
        chart = draw_path(found, f"goal-{number}-chart", title)
    return GoalPart(
        name=goal_headline(found),
        story=goal_details(found),
        chart=chart,
        chart_title=title,
        source=(
            f"readings of {clean_line(goal.metric, NAME)}; before: "
            f"{days(goal.baseline.start_on, goal.baseline.end_on)} {goal.baseline.end_on.year}"
        ),
        heads=MONTH_HEAD,
        months=month_rows(found),
    )


def _rows(rows: Sequence[OutcomeRow]) -> tuple[ForecastRow, ...]:
    """Return the rows on one common scale, so that they can be compared by eye."""
    ends = [
        min(MOST, max(LEAST, end))
        for one in rows
        for end in (0.0, one.claimed_low, one.claimed_high, one.realised_low, one.realised_high)
        if end is not None
    ]
    scale = _Scale(ends)
    return tuple(
        ForecastRow(
            name=short_name(one.item),
            title=clean_line(one.title, NAME),
            metric=clean_line(one.metric_title or one.metric, NAME),
            span=Span(
                scale.at(0.0),
                scale.of(one.realised_low),
                scale.of(one.realised),
                scale.of(one.realised_high),
                scale.at(one.claimed_low),
                scale.at(one.claimed),
                scale.at(one.claimed_high),
            ),
            claimed=f"{percent(one.claimed)} of the harm ({percent(one.claimed_low)} to "
            f"{percent(one.claimed_high)}): {about(one.sessions)} sessions a sprint",
            came=_came(one),
            word=WORDS[one.outcome],
            is_worse=one.outcome is Outcome.WORSE,
            reasons=tuple(sentence(clean_line(reason, REASON)) for reason in one.reasons),
        )
        for one in rows
    )


def _came(one: OutcomeRow) -> str:
    if one.realised is None:
        return UNKNOWN
    said = signed_percent(one.realised)
    if one.realised_low is not None and one.realised_high is not None:
        low, high = signed_percent(one.realised_low), signed_percent(one.realised_high)
        said += f" ({low} to {high})"
    return said


def signed_percent(share: float) -> str:
    """Return a share that may be below 0: `31%`, `−4%`."""
    return f"−{percent(-share)}" if share < 0 else percent(share)


def _classes(pooled: Sequence[Pooled]) -> tuple[Class, ...]:
    scale = _Scale([0.0, 1.0, *(one.low for one in pooled), *(one.high for one in pooled)])
    return tuple(
        Class(
            name=clean_line(one.name, NAME) or "not said",
            span=Span(
                scale.at(0.0),
                scale.at(one.low),
                scale.at(one.mean),
                scale.at(one.high),
                *[scale.at(1.0)] * 3,
            ),
            figure=f"{one.mean:.2f} ({one.low:.2f} to {one.high:.2f})",
            forecasts=one.verdicts,
        )
        for one in pooled
    )


def _pending(one: Pending) -> tuple[str, str, str, str]:
    from_on = UNKNOWN if one.from_on is None else f"{day(one.from_on)} {one.from_on.year}"
    metric = clean_line(one.metric_title or one.metric, NAME)
    return (short_name(one.item), metric, from_on, sentence(clean_line(one.why, REASON)))


class _Scale:
    """From values to parts of a row's width, in [0, 100]."""

    def __init__(self, ends: Sequence[float]) -> None:
        low, high = min(ends, default=0.0), max(ends, default=1.0)
        free = MARGIN * ((high - low) or 1.0)
        self._low, self._width = low - free, (high - low + 2 * free) or 1.0

    def at(self, value: float) -> float:
        place = 100 * (value - self._low) / self._width
        return round(min(100.0, max(0.0, place)), 2)

    def of(self, value: float | None) -> float | None:
        return None if value is None else self.at(value)
