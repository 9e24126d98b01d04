"""A metric over time: what was measured, day by day and by week."""

from dataclasses import dataclass
from datetime import date, timedelta

from debtplan.core.flow import MetricKind
from debtplan.core.frustration import frustrated_share, misfit
from debtplan.render.facts import Facts
from debtplan.render.number import days, full, percent

LONGEST = 180
"""Readings that a chart shows, the last ones."""

AXES: dict[MetricKind, str] = {
    MetricKind.DROP_OFF: "Share of sessions lost at this step",
    MetricKind.ERROR_RATE: "Share of attempts that fail",
    MetricKind.CSAT: "Share of unhappy answers",
    MetricKind.TICKET_RATE: "Share of sessions hurt, judging by tickets",
    MetricKind.WEB_VITAL: "Share of visits frustrated",
    MetricKind.LATENCY: "Share of sessions frustrated by waiting",
    MetricKind.COMPLETION_TIME: "Share of sessions frustrated by waiting",
    MetricKind.ADOPTION: "Share of components from elsewhere than the design system",
    MetricKind.RAGE_CLICKS: "Share of sessions with a rage click",
}


@dataclass(frozen=True, slots=True)
class Trend:
    """A metric's frustrated share over time.

    Attributes:
        points: First day of each reading and its share, in [0, 1], oldest first.
        goal: q*; None where not known.
        is_reference: True where the goal is what counts as normal, not a target.
        window: First day that counts, and the day after the last.
        axis: What the shares are.
        weeks: Days, share and observations, week by week, newest first.
        shifts: Days on which its level changed.
        releases: Days on which something went live, whatever it was.
    """

    points: tuple[tuple[date, float], ...]
    goal: float | None
    is_reference: bool
    window: tuple[date, date]
    axis: str
    weeks: tuple[tuple[str, str, str], ...]
    shifts: tuple[date, ...] = ()
    releases: tuple[date, ...] = ()


def read_trend(facts: Facts, metric_id: str) -> Trend | None:
    """Return a metric's trend; None without two readings that can be drawn."""
    metric = facts.metrics.get(metric_id)
    if metric is None:
        return None
    found = []
    for reading in facts.readings(metric_id)[-LONGEST:]:
        if not misfit(metric, reading):
            seen = frustrated_share(metric, reading)
            found.append((reading.start_at.date(), seen.share, seen.sample_size))
    if len(found) < 2:  # noqa: PLR2004 - one point is no trend
        return None
    window = facts.appraisal.window
    return Trend(
        points=tuple((on, share) for on, share, _ in found),
        goal=facts.harm(metric_id).goal,
        is_reference=metric.kind is MetricKind.DROP_OFF,
        window=(window.start_on, window.end_on),
        axis=AXES[metric.kind],
        weeks=_weeks(found, window.end_on),
        shifts=tuple(one.on for one in facts.plan.inputs.shifts if one.metric == metric_id),
        releases=tuple(sorted({one.released_at.date() for one in facts.plan.inputs.releases})),
    )


def _weeks(
    found: list[tuple[date, float, float | None]], end_on: date
) -> tuple[tuple[str, str, str], ...]:
    """Return the shares by week, counted back from the window's end; newest first."""
    weeks: dict[int, list[tuple[float, float | None]]] = {}
    for on, share, size in found:
        weeks.setdefault((end_on - timedelta(days=1) - on).days // 7, []).append((share, size))
    rows = []
    for number, parts in sorted(weeks.items()):
        sizes = [size for _, size in parts if size is not None]
        total = sum(sizes) if len(sizes) == len(parts) else None
        weights = [size or 1.0 if total else 1.0 for _, size in parts]
        pairs = zip(parts, weights, strict=True)
        share = sum(part[0] * weight for part, weight in pairs) / sum(weights)
        last = end_on - timedelta(days=1 + 7 * number)
        rows.append((days(last - timedelta(days=6), last), percent(share), full(total)))
    return tuple(rows)
