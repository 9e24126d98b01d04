"""The charts of parts of a flow's users: the funnel by step and segment, and the slopes.

They name steps and segments; see `svg` for how users' texts get into a drawing.
"""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
from markupsafe import Markup

from debtplan.render.charts import (
    FONT_SIZE,
    Frame,
    axis_of,
    chart_of,
    placed,
    shares_up_to,
    svg,
    ticks_to,
)
from debtplan.render.funnel import Bar, Funnel
from debtplan.render.number import percent
from debtplan.render.slope import Slope, SlopeLine

ROW, HEAD, THICK = 24, 30, 14
"""Heights of a bar's row, of a step's heading, and of a bar, in pixels."""

FUNNEL_WIDTH = 192
FUNNEL_PADDING = {"left": 140, "right": 68, "top": 2, "bottom": 26}

SLOPE_WIDTH, SLOPE_HEIGHT = 178, 190
SLOPE_PADDING = {"left": 46, "right": 176, "top": 12, "bottom": 26}

APART = 16
"""Pixels between the names of two lines, at least."""

LONG, SHORT = 20, 15
"""Characters of a name in a funnel and at a line's end; the table below holds it whole."""


def draw_funnel(funnel: Funnel, name: str) -> Markup:
    """Return a bar for each segment at each step: who comes there, and who is lost, at its end.

    Args:
        funnel: What to draw.
        name: Id of the drawing, unique on the page.
    """
    has_groups = len({one.users for one in funnel.bars}) > 1
    rows: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    names: list[str] = []
    at = 0
    step = ""
    for number, one in enumerate(funnel.bars):
        if has_groups and one.step != step:
            heads.append({"x": 0, "y": at + HEAD - 8, "t": placed(len(names))})
            names.append(_short(one.step, 2 * LONG))
            at, step = at + HEAD, one.step
        rows.append(_row(one, at, placed(len(names)), is_worst=number == funnel.worst))
        names.append(_short(one.users if has_groups else one.step, LONG))
        at += ROW
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis_of(_QUARTERS, "%"))
    y = alt.Y("y:Q", scale=alt.Scale(domain=[at, 0], nice=False), axis=None)
    layers = [
        *_bars(rows, x, y),
        _texts(rows, "label", "var(--ink)", x=-6, align="right"),
        *_shares(rows),
        *([_heads(heads)] if heads else ()),
    ]
    frame = Frame(FUNNEL_WIDTH, at, FUNNEL_PADDING)
    return svg(alt.LayerChart(layer=layers), name, funnel.title, frame, names)


_QUARTERS = [0.0, 0.25, 0.5, 0.75, 1.0]


def _row(one: Bar, at: int, label: str, *, is_worst: bool) -> dict[str, Any]:
    top = at + (ROW - THICK) / 2
    stays = one.reach * (1 - one.share)
    return {
        "x": 0,
        "kept": round(stays, 4),
        "end": round(one.reach, 4),
        "y": top,
        "y2": top + THICK,
        "mid": at + ROW / 2 + 4.5,
        "label": label,
        "said": f"{percent(one.share)} lost",
        "worst": is_worst,
    }


def _bars(rows: list[dict[str, Any]], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return who goes on, and behind it who is lost; the worst in the colour of harm."""
    kept = chart_of(rows).mark_rect(color="var(--line)").encode(x=x, x2="kept:Q", y=y, y2="y2:Q")
    lost = []
    for is_worst, color in ((False, "var(--neutral)"), (True, "var(--harm)")):
        some = [row for row in rows if row["worst"] is is_worst]
        mark = chart_of(some).mark_rect(color=color)
        lost.append(mark.encode(x="kept:Q", x2="end:Q", y="y:Q", y2="y2:Q"))
    return [kept, *lost]


def _shares(rows: list[dict[str, Any]]) -> list[alt.Chart]:
    """Return the lost share beside each bar, the worst in bold."""
    found = []
    for is_worst, color in ((False, "var(--ink)"), (True, "var(--harm)")):
        some = [row for row in rows if row["worst"] is is_worst]
        if some:
            found.append(
                _texts(
                    some,
                    "said",
                    color,
                    x=FUNNEL_WIDTH + 6,
                    align="left",
                    weight="bold" if is_worst else "normal",
                )
            )
    return found


def _texts(
    rows: list[dict[str, Any]],
    field: str,
    color: str,
    *,
    x: float,
    align: Literal["left", "right"],
    weight: Literal["normal", "bold"] = "normal",
) -> alt.Chart:
    mark = chart_of(rows).mark_text(
        align=align, baseline="alphabetic", color=color, fontSize=FONT_SIZE, fontWeight=weight
    )
    placed_at: alt.Chart = mark.encode(x=alt.value(x), y="mid:Q", text=f"{field}:N")
    return placed_at


def _heads(heads: list[dict[str, Any]]) -> alt.Chart:
    """Return the names of the steps above their bars."""
    mark = chart_of(heads).mark_text(
        align="left",
        baseline="alphabetic",
        color="var(--ink)",
        fontSize=FONT_SIZE,
        fontWeight="bold",
    )
    found: alt.Chart = mark.encode(x=alt.value(-FUNNEL_PADDING["left"]), y="y:Q", text="t:N")
    return found


def draw_slope(slope: Slope, name: str) -> Markup:
    """Return a line from before to after for each segment, and one for everyone.

    Args:
        slope: What to draw.
        name: Id of the drawing, unique on the page.
    """
    ticks = ticks_to(max(max(one.before, one.after) for one in slope.lines))
    y = shares_up_to(ticks)
    words = "datum.value == 0 ? 'before' : 'after'"
    axis = alt.Axis(title=None, values=[0, 1], grid=False, labelExpr=words)
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)
    layers: list[Any] = []
    for one in slope.lines:
        rows = [{"x": 0, "y": round(one.before, 5)}, {"x": 1, "y": round(one.after, 5)}]
        layers += _line(rows, one, x, y)
    layers += _names(slope.lines, ticks[-1])
    names = [_short(one.name, SHORT) for one in slope.lines]
    frame = Frame(SLOPE_WIDTH, SLOPE_HEIGHT, SLOPE_PADDING)
    return svg(alt.LayerChart(layer=layers), name, slope.title, frame, names)


def _line(rows: list[dict[str, Any]], one: SlopeLine, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    color, base = _color(one), chart_of(rows)
    dash = [5, 3] if one.is_whole else [1, 0]
    line = base.mark_line(color=color, strokeWidth=2.5 if one.is_told else 1.5, strokeDash=dash)
    dots = base.mark_point(size=45, filled=True, opacity=1, color=color)
    return [line.encode(x=x, y=y), dots.encode(x="x:Q", y="y:Q")]


def _names(lines: Sequence[SlopeLine], top: float) -> list[alt.Chart]:
    """Return each line's name and last share at its end, none over another."""
    ends = sorted(range(len(lines)), key=lambda n: -lines[n].after)
    found, above = [], float("-inf")
    places = {}
    for number in ends:
        at = max(above + APART, SLOPE_HEIGHT * (1 - lines[number].after / top))
        places[number], above = at, at
    over = max(0.0, above - SLOPE_HEIGHT)
    for number, at in places.items():
        one = lines[number]
        chart = chart_of([{"t": f"{placed(number)} {percent(one.after)}"}])
        mark = chart.mark_text(
            align="left",
            baseline="middle",
            color=_color(one),
            fontSize=FONT_SIZE,
            fontWeight="bold" if one.is_told else "normal",
        )
        where = {"x": alt.value(SLOPE_WIDTH + 9), "y": alt.value(round(at - over, 1))}
        found.append(mark.encode(text="t:N", **where))
    return found


def _color(one: SlopeLine) -> str:
    if one.is_told:
        return "var(--harm)"
    return "var(--ink)" if one.is_whole else "var(--neutral)"


def _short(name: str, limit: int) -> str:
    """Return a name as long as there is room for."""
    return name if len(name) <= limit else f"{name[: limit - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
