"""The report as one HTML file: no script, no address it loads from, prints on A4.

Everything that comes from outside goes through the template's escaping; addresses only http(s).
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from debtplan.core.link import Link
from debtplan.core.natural import Place, in_order, natural
from debtplan.core.plan import Plan
from debtplan.render import check
from debtplan.render.answer import MOST
from debtplan.render.card import say_metric
from debtplan.render.facts import Facts
from debtplan.render.funnel import HEADS as FUNNEL_HEADS
from debtplan.render.glossary import GLOSSARY
from debtplan.render.json import plan_json
from debtplan.render.number import full, percent, plain, window_days
from debtplan.render.page import render_page
from debtplan.render.slope import HEADS as SLOPE_HEADS
from debtplan.render.story import Story, tell
from debtplan.render.trend import read_trend
from debtplan.render.waiting import Waiting, say_next

if TYPE_CHECKING:
    from debtplan.render.outcome_record import Record

SHOWN = 40
"""Rows of a long table that are shown; the rest is listed by reason or counted."""

MOST_SERIES = 6
"""Charts of metrics that move together."""

MOST_NAMED = 3_000
"""Items that are still named beyond the table."""


class Figure(NamedTuple):
    """A chart with all that stands around it.

    Attributes:
        named: Columns of the table that hold names, from the left; the others hold numbers.
        note: A sentence below the title.
    """

    id: str
    title: str
    axis: str
    svg: Markup
    source: str
    anchor: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    named: int = 1
    note: str = ""


class Bar(NamedTuple):
    """The bullet bar of the reserve, in parts of 100."""

    floor: float
    ceiling: float
    available: float
    used: float
    words: str


class HtmlRenderer:
    """See `Renderer`."""

    name = "html"
    suffix = ".html"

    def render(self, plan: Plan) -> str:
        """See `Renderer.render`."""
        story = tell(plan)
        anchors = {
            metric: f"metric-{n}" for n, metric in enumerate(in_order(story.facts.metrics), 1)
        }
        figures = _figures(story, anchors)
        return render_page(
            "report.html.jinja",
            story=story,
            facts=story.facts,
            plan=plan,
            bar=_bar(story.facts),
            figures=figures,
            parts=_parts(story, anchors),
            series=_series(story, figures, anchors),
            frontier=_frontier(story.facts),
            record=_record(story),
            anchors=anchors,
            shown=story.waiting[:SHOWN],
            hidden=_by_reason(story.waiting[SHOWN:]),
            limit=SHOWN,
            sheets=_sheets(story.facts, anchors),
            unlisted=max(0, len(story.facts.appraisal.links) - SHOWN),
            settings=check.settings(story.facts),
            proof=check.proof(story.facts),
            glossary=GLOSSARY,
            data=Markup(escape(plan_json(plan), quote=False)),  # noqa: S704 - escaped here
            MOST=MOST,
        )


def _bar(facts: Facts) -> Bar:
    reserve = facts.plan.capacity.reserve
    most = max(reserve.ceiling, reserve.available, reserve.used, 1e-9) * 1.15

    def scaled(points: float) -> float:
        return round(100 * points / most, 2)

    words = (
        f"{plain(reserve.used)} of {facts.points(reserve.available)} used; "
        f"floor {plain(reserve.floor)}, ceiling {plain(reserve.ceiling)}"
    )
    return Bar(
        floor=scaled(reserve.floor),
        ceiling=scaled(reserve.ceiling),
        available=scaled(reserve.available),
        used=scaled(reserve.used),
        words=words,
    )


def _figures(story: Story, anchors: Mapping[str, str]) -> dict[str, Figure]:
    """Return the chart of each card that is the first to speak of its metric, by the card's key."""
    figures = {}
    for card in story.cards:
        figure = None
        if card.metric and not card.told_by:
            figure = _figure(story.facts, card.metric, anchors)
        if figure is not None:
            figures[card.key] = figure
    return figures


def _series(
    story: Story, figures: Mapping[str, Figure], anchors: Mapping[str, str]
) -> tuple[Figure, ...]:
    """Return the charts of what moves together, but for those that stand on a card already."""
    drawn = {figure.anchor for figure in figures.values()}
    metrics = dict.fromkeys(one for chain in story.causes.chains for one in chain.metrics)
    wanted = [one for one in metrics if one in anchors and anchors[one] not in drawn]
    found = (_figure(story.facts, one, anchors, "series") for one in wanted[:MOST_SERIES])
    return tuple(one for one in found if one is not None)


def _parts(story: Story, anchors: Mapping[str, str]) -> dict[str, list[Figure]]:
    """Return the funnels and the slopes."""
    if not (story.causes.funnels or story.causes.slopes):
        return {"funnels": [], "slopes": []}
    from debtplan.render.parts import draw_funnel, draw_slope  # noqa: PLC0415 - as below

    funnels = [
        Figure(
            id=f"funnel-{number}",
            title=one.title,
            axis=one.axis,
            svg=draw_funnel(one, f"funnel-{number}"),
            source=one.source,
            anchor=anchors[one.bars[one.worst].metric],
            heads=FUNNEL_HEADS,
            rows=one.rows,
            named=2,
        )
        for number, one in enumerate(story.causes.funnels, 1)
    ]
    slopes = [
        Figure(
            id=f"slope-{number}",
            title=one.title,
            axis=f"Share of frustrated sessions; before: {one.spans[0]}, after: {one.spans[1]}",
            svg=draw_slope(one, f"slope-{number}"),
            source=one.source,
            anchor=anchors.get(one.metric, "metrics"),
            heads=SLOPE_HEADS,
            rows=one.rows,
            note=one.split,
        )
        for number, one in enumerate(story.causes.slopes, 1)
    ]
    return {"funnels": funnels, "slopes": slopes}


def _figure(
    facts: Facts, metric: str, anchors: Mapping[str, str], place: str = "chart"
) -> Figure | None:
    # Drawing is slow to import; a plan without charts does without.
    from debtplan.render.charts import draw_trend  # noqa: PLC0415

    trend = read_trend(facts, metric)
    if trend is None:
        return None
    window = window_days(facts.appraisal.window)
    name = f"{place}-{anchors[metric]}"
    title = say_metric(facts, facts.metrics[metric])
    source = facts.metrics[metric].source or "source not stated"
    shifted = "; dotted: the level changed" if trend.shifts else ""
    shifted += "; ticks below: releases" if trend.releases else ""
    return Figure(
        id=name,
        title=title,
        axis=f"{trend.axis}, per day; shaded: the window that counts, {window}{shifted}",
        svg=draw_trend(trend, name, title),
        source=f"{facts.metric_name(metric)} ({source})",
        anchor=anchors[metric],
        heads=("Week", "Share", "Observations"),
        rows=trend.weeks,
    )


def _record(story: Story) -> "Record | None":
    """Return what came of earlier plans; None where nobody looked."""
    if story.worked.found is None:
        return None
    from debtplan.render.outcome_record import write_record  # noqa: PLC0415 - as above

    return write_record(story.worked.found)


def _frontier(facts: Facts) -> Figure | None:
    """Return the chart of value against reserve; None where it was not computed."""
    plan = facts.plan
    if not plan.frontier:
        return None
    from debtplan.render.charts import Frontier, draw_frontier  # noqa: PLC0415 - as above

    points = sorted(plan.frontier, key=lambda one: one.reserve_share)
    use = plan.capacity
    today = None
    if use.points > 0:
        today = (use.reserve.used / use.points, plan.ux_value)
    rise = next((p for p in points if today and p.ux_value > plan.ux_value * (1 + 1e-9)), None)
    steps = tuple((one.reserve_share, one.ux_value) for one in points)
    gain = (
        None if rise is None else (rise.reserve_share, rise.ux_value, rise.ux_value - plan.ux_value)
    )
    title = say_next(facts) or "More reserve would spare nobody more"
    return Figure(
        id="chart-frontier",
        title=title,
        axis=f"Frustrated {facts.sessions} spared per sprint, by part of the sprint reserved",
        svg=draw_frontier(Frontier(steps, today, gain), "chart-frontier", title),
        source="solved again for each reserve",
        anchor="proof",
        heads=("Reserve", "Points used", "Value"),
        rows=tuple(
            (percent(one.reserve_share), plain(one.points), full(one.ux_value)) for one in points
        ),
    )


def _by_reason(waiting: Sequence[Waiting]) -> tuple[tuple[str, int, tuple[Waiting, ...]], ...]:
    """Return the items beyond the table by reason: the words, how many, and those named."""
    groups: dict[str, list[Waiting]] = {}
    for one in waiting[:MOST_NAMED]:
        groups.setdefault(one.reason, []).append(one)
    ranked = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple((reason, len(group), tuple(group)) for reason, group in ranked)


def _sheets(facts: Facts, anchors: dict[str, str]) -> dict[str, Any]:
    """Return the tables for those who check."""
    chosen = {one.key for one in facts.plan.chosen}

    def rank(link: Link) -> tuple[bool, Place, Place]:
        return link.item not in chosen, natural(link.item), natural(link.metric)

    links = sorted(facts.appraisal.links, key=rank)[:SHOWN]
    return {
        "ledger": check.sheet_ledger(facts),
        "metrics": check.sheet_metrics(facts, anchors),
        "links": check.sheet_links(facts, links, anchors),
        "grades": check.sheet_grades(facts.plan),
    }
