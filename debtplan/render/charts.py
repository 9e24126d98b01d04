"""The charts, as SVG that the page's style sheet colours.

No text of users is drawn; where a name has to stand in a chart it is put in escaped, afterwards.

Colours are CSS variables, so that light, dark and paper recolour them. Axes carry explicit ticks
and the frame a fixed size: the drawing does not depend on the fonts of the machine.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, log10
from typing import Any, Literal, TypeAlias

import altair as alt
import vl_convert
from markupsafe import Markup, escape

from debtplan.render.number import about, percent
from debtplan.render.trend import Trend

WIDTH, HEIGHT = 340, 170
PADDING = {"left": 46, "right": 14, "top": 22, "bottom": 26}
FONT_SIZE = 13
DAY = "%Y-%m-%d"
TICKS = 4
CLOSE = 0.12
"""A goal this near the bottom has its name above the line; part of the height."""

TICK = 0.06
"""Height of a release's tick, as a part of the chart's."""

MOST_RELEASES = 60
"""Releases that are ticked, the last ones."""

SHORT = 62
"""Up to so many days are ticked by day, longer spans by month."""

Align: TypeAlias = Literal["left", "center", "right"]

_NOISE = re.compile(
    r' (?:role|aria-[a-z]+|pointer-events|font-family|xmlns:xlink|version)="[^"]*"| opacity="1"'
)
_EMPTY = re.compile(r'<path class="(?:background|foreground)"[^>]*/>')
_SIZE = re.compile(r'<svg [^>]*viewBox="([^"]*)"[^>]*>')
_PLACED = re.compile("\N{SECTION SIGN}([0-9]+)\N{SECTION SIGN}")
_DECIMALS = re.compile(r"(\d\.\d)\d+")


@dataclass(frozen=True, slots=True)
class Frontier:
    """Value against reserve.

    Attributes:
        steps: Reserve share in [0, 1] and best value, by share; at least one.
        today: The same of the plan; None leaves the mark out.
        rise: Share and value of the next rise beyond today, and what it adds; None without one.
    """

    steps: tuple[tuple[float, float], ...]
    today: tuple[float, float] | None
    rise: tuple[float, float, float] | None


def draw_trend(trend: Trend, name: str, title: str) -> Markup:
    """Return a line of shares over time, with the goal and the window that counts.

    Args:
        trend: What to draw.
        name: Id of the drawing, unique on the page.
        title: What it shows, for people who do not see it.
    """
    first, last = trend.points[0][0], trend.points[-1][0]
    high = max(*(share for _, share in trend.points), trend.goal or 0.0)
    ticks = ticks_to(high)
    days = alt.Scale(type="utc", domain=[_day(first), _day(last)], nice=False)
    x = alt.X("x:T", scale=days, axis=days_axis(first, last))
    y = shares_up_to(ticks)
    layers: list[Any] = [_window(trend, first, last, ticks[-1])]
    rows = [{"x": _day(on), "y": round(share, 5)} for on, share in trend.points]
    line = chart_of(rows).mark_line(color="var(--harm)", strokeWidth=1.5)
    layers.append(line.encode(x=x, y=y))
    if trend.goal is not None:
        layers += _goal(trend, first, last, ticks[-1])
    ticked = [on for on in trend.releases[-MOST_RELEASES:] if first < on < last]
    if ticked:
        rows = [{"x": _day(on), "y": 0, "y2": ticks[-1] * TICK} for on in ticked]
        rule = chart_of(rows).mark_rule(color="var(--ink)", strokeWidth=2)
        layers.append(rule.encode(x="x:T", y="y:Q", y2="y2:Q"))
    shifts = [{"x": _day(on), "y": 0, "y2": ticks[-1]} for on in trend.shifts if first < on < last]
    if shifts:
        rule = chart_of(shifts).mark_rule(color="var(--accent)", strokeDash=[2, 2])
        layers.append(rule.encode(x="x:T", y="y:Q", y2="y2:Q"))
    return svg(alt.LayerChart(layer=layers), name, title)


def draw_frontier(frontier: Frontier, name: str, title: str) -> Markup:
    """Return the best value against the reserve as steps, with today's choice and the next rise.

    Args:
        frontier: What to draw.
        name: Id of the drawing, unique on the page.
        title: What it shows, for people who do not see it.
    """
    ticks = ticks_to(max(1.0, *(value for _, value in frontier.steps)))
    most = max(0.05, *(share for share, _ in frontier.steps))
    marks = [n / 20 for n in range(ceil(most * 20) + 1)]
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, most], nice=False), axis=axis_of(marks, "%"))
    y_axis = axis_of(ticks, ",.0f" if ticks[1] >= 1 else ",.1f", is_grid=True)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, ticks[-1]], nice=False), axis=y_axis)
    rows = [{"x": round(share, 6), "y": round(value, 2)} for share, value in frontier.steps]
    base = chart_of(rows)
    line = base.mark_line(color="var(--neutral)", interpolate="step-after", strokeWidth=2)
    layers: list[Any] = [line.encode(x=x, y=y)]
    if frontier.rise is not None and frontier.rise[0] <= most:
        share, value, gain = frontier.rise
        mark = chart_of([{"x": share, "y": value}])
        layers.append(label(mark, f"+{about(gain)}", "var(--ink)", dx=-4, dy=-6, align="right"))
    if frontier.today is not None:
        layers += _today(min(frontier.today[0], most), frontier.today[1], most)
    return svg(alt.LayerChart(layer=layers), name, title)


def _today(share: float, value: float, most: float) -> list[alt.Chart]:
    """Return today's choice: a dot, a line down to the reserve it takes, and its value."""
    mark = chart_of([{"x": share, "y": value, "low": 0}])
    rule = mark.mark_rule(color="var(--accent)", strokeDash=[4, 3])
    dot = mark.mark_point(size=90, filled=True, opacity=1, color="var(--accent)")
    is_left = share < most / 3
    align: Align = "left" if is_left else "right"
    dx = 8 if is_left else -8
    words = f"this plan {about(value)}"
    return [
        rule.encode(x="x:Q", y="low:Q", y2="y:Q"),
        dot.encode(x="x:Q", y="y:Q"),
        label(mark, words, "var(--accent)", dx=dx, dy=-9, align=align),
    ]


def _window(trend: Trend, first: date, last: date, top: float) -> alt.Chart:
    """Return the shaded window, cut to what is drawn."""
    start = max(first, trend.window[0])
    end = min(last, trend.window[1])
    rows = [{"x": _day(start), "x2": _day(end), "y": 0, "y2": top}] if start < end else []
    chart = chart_of(rows).mark_rect(color="var(--band)")
    band: alt.Chart = chart.encode(x="x:T", x2="x2:T", y="y:Q", y2="y2:Q")
    return band


def _goal(trend: Trend, first: date, last: date, top: float) -> list[alt.Chart]:
    """Return the goal as a dashed line with its name."""
    goal = trend.goal or 0.0
    row = {"x": _day(first), "x2": _day(last), "y": round(goal, 5)}
    chart = chart_of([row])
    rule = chart.mark_rule(color="var(--ink)", strokeDash=[5, 3])
    word = "normal" if trend.is_reference else "goal"
    # The name stands on the side of the line where the first readings are not.
    head = [share for _, share in trend.points[: max(1, len(trend.points) // 3)]]
    is_above = sum(head) / len(head) < goal or goal / top < CLOSE
    words = f"{word} {percent(goal)}"
    name = label(chart, words, "var(--ink)", dx=4, dy=-8 if is_above else 13)
    return [rule.encode(x="x:T", x2="x2:T", y="y:Q"), name]


def label(
    chart: alt.Chart, words: str, color: str, *, dx: int, dy: int, align: Align = "left"
) -> alt.Chart:
    """Return words beside a chart's mark."""
    mark = chart.mark_text(align=align, dx=dx, dy=dy, color=color, fontSize=FONT_SIZE, text=words)
    is_time = "x2" in chart.data.values[0]
    placed: alt.Chart = mark.encode(x="x:T" if is_time else "x:Q", y="y:Q")
    return placed


def shares_up_to(ticks: list[float]) -> alt.Y:
    """Return the axis of shares from 0 to the last tick."""
    axis = axis_of(ticks, _tick_format(ticks), is_grid=True)
    return alt.Y("y:Q", scale=alt.Scale(domain=[0, ticks[-1]], nice=False), axis=axis)


def ticks_to(high: float) -> list[float]:
    """Return round numbers from 0 to at least `high`, four or five steps."""
    raw = max(high, 1e-6) / TICKS
    power = 10.0 ** floor(log10(raw))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= raw * 0.999)
    return [round(step * n, 10) for n in range(ceil(high / step - 1e-9) + 1)]


def _tick_format(ticks: list[float]) -> str:
    """Return the shortest d3 format that keeps the shares apart."""
    for digits in range(4):
        if all(abs(round(t * 100, digits) - t * 100) < 1e-9 for t in ticks):  # noqa: PLR2004 - float dust
            return f".{digits}%"
    return ".3%"


def axis_of(ticks: list[float], number_format: str, *, is_grid: bool = False) -> alt.Axis:
    """Return an axis with these ticks and no title."""
    return alt.Axis(title=None, values=ticks, format=number_format, grid=is_grid, labelFlush=False)


def days_axis(first: date, last: date) -> alt.Axis:
    """Return a tick at the start of each month; four ticks where the span is short."""
    span = (last - first).days
    is_long = span > SHORT
    if is_long:
        every = (first + timedelta(days=n) for n in range(span + 1))
        starts = [on for on in every if on.day == 1]
    else:
        starts = [first + timedelta(days=n) for n in range(0, span + 1, max(1, span // 4))]
    return alt.Axis(
        title=None,
        values=[_day(on) for on in starts],
        format="%b" if is_long else "%-d %b",
        grid=False,
        labelFlush=False,
    )


def chart_of(rows: list[dict[str, Any]]) -> alt.Chart:
    """Return a chart of these rows."""
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]


def _day(on: date) -> str:
    return on.strftime(DAY)


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a chart's inside and what is kept free around it, in pixels."""

    width: int
    height: int
    padding: Mapping[str, int]


FRAME = Frame(WIDTH, HEIGHT, PADDING)


def placed(number: int) -> str:
    """Return what stands for the name of that number until the chart is drawn; see `svg`."""
    return f"\N{SECTION SIGN}{number}\N{SECTION SIGN}"


_AXIS: dict[str, Any] = {
    "domainColor": "var(--line)",
    "tickColor": "var(--line)",
    "gridColor": "var(--line)",
    "labelColor": "var(--muted)",
    "labelFontSize": FONT_SIZE,
    "labelOverlap": False,
    "labelPadding": 5,
}


def svg(
    chart: alt.LayerChart, name: str, title: str, frame: Frame = FRAME, names: Sequence[str] = ()
) -> Markup:
    """Return the chart as an SVG element without ids, fonts or roles but its own.

    Args:
        chart: What is drawn.
        name: Id of the drawing, unique on the page.
        title: What it shows, for people who do not see it.
        frame: Its size.
        names: Users' texts, put in escaped where `placed` says; nothing else reads them.
    """
    spec = (
        chart.properties(
            width=frame.width,
            height=frame.height,
            background="transparent",
            padding=dict(frame.padding),
        )
        .configure(aria=False, autosize="none")
        .configure_view(stroke=None)
        .configure_axis(**_AXIS)
        .to_dict()
    )
    drawn = _EMPTY.sub("", _NOISE.sub("", vl_convert.vegalite_to_svg(spec)))
    drawn = _PLACED.sub(
        lambda found: str(escape(names[int(found[1])])), _DECIMALS.sub(r"\1", drawn)
    )
    # The title comes last: nothing reads it for places and decimals.
    safe, words = str(escape(name)), str(escape(title))
    start = f'<svg class="chart" role="img" aria-labelledby="{safe}" viewBox="'
    head = f'"><title id="{safe}">{words}</title>'
    drawn = _SIZE.sub(lambda found: start + found[1] + head, drawn, count=1)
    return Markup(drawn)  # noqa: S704 - drawn from numbers; the title is escaped
