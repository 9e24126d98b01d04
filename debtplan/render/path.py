"""The chart of a tracked goal: what was measured month by month, and the straight line to it."""

from datetime import date, timedelta
from typing import Any

import altair as alt
from markupsafe import Markup

from debtplan.core.tracked import GoalMonth, Headway
from debtplan.render.charts import chart_of, days_axis, label, shares_up_to, svg, ticks_to
from debtplan.render.number import percent


def draw_path(found: Headway, name: str, title: str) -> Markup:
    """Return the measured months with their intervals, the line to the goal, and the goal.

    Args:
        found: With a baseline, a goal, and at least one month that is measured.
        name: Id of the drawing, unique on the page.
        title: What it shows, for people who do not see it.
    """
    assert found.baseline is not None  # noqa: S101 - as it was asked for
    assert found.wanted is not None  # noqa: S101 - the same
    start, by = found.goal.start_on, found.goal.by
    baseline, wanted = found.baseline.share, found.wanted
    measured = [_point(one, found.as_of) for one in found.months if one.level is not None]
    ticks = ticks_to(max([baseline, wanted, *(row["high"] for row in measured)]))
    x = alt.X(
        "x:T",
        scale=alt.Scale(type="utc", domain=[_at(start), _at(by)], nice=False),
        axis=days_axis(start, by),
    )
    y = shares_up_to(ticks)
    line = chart_of([{"x": _at(start), "y": baseline}, {"x": _at(by), "y": wanted}])
    layers: list[Any] = [
        line.mark_line(color="var(--neutral)", strokeDash=[5, 3]).encode(x=x, y=y),
        chart_of(measured).mark_rule(color="var(--harm)").encode(x="x:T", y="low:Q", y2="high:Q"),
        chart_of(measured).mark_line(color="var(--harm)", strokeWidth=1.5).encode(x="x:T", y="y:Q"),
        chart_of(measured)
        .mark_point(size=60, filled=True, opacity=1, color="var(--harm)")
        .encode(x="x:T", y="y:Q"),
        *_goal(start, by, wanted),
    ]
    return svg(alt.LayerChart(layer=layers), name, title)


def _goal(start: date, by: date, wanted: float) -> list[alt.Chart]:
    chart = chart_of([{"x": _at(start), "x2": _at(by), "y": wanted}])
    rule = chart.mark_rule(color="var(--ink)").encode(x="x:T", x2="x2:T", y="y:Q")
    return [rule, label(chart, f"goal {percent(wanted, 3)}", "var(--ink)", dx=4, dy=13)]


def _point(month: GoalMonth, as_of: date) -> dict[str, Any]:
    """Return a month's level in the middle of the days that were looked at."""
    assert month.level is not None  # noqa: S101 - measured months only
    end = min(month.end_on, as_of + timedelta(days=1))
    middle = month.start_on + (end - month.start_on) / 2
    low, high = month.level.interval or (month.level.share, month.level.share)
    return {
        "x": _at(middle),
        "y": round(month.level.share, 5),
        "low": round(low, 5),
        "high": round(high, 5),
    }


def _at(on: date) -> str:
    return on.isoformat()
