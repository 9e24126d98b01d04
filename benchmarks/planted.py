"""Backlogs whose items are known to touch a metric, or none, of products in `benchmarks.products`.

The first three products and phrase books fit the weights of `core.suggest`; the others, with
phrase books of their own, are only ever measured on. All of it was written for this purpose, so
real backlogs are likely harder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.core.item import DebtItem, UserStory
from debtplan.core.link import Claim, LinkBasis
from debtplan.core.reading import midnight
from debtplan.core.suggest import Known
from debtplan.core.tally import Stratum, Tally

DAYS = (date(2026, 10, 1), date(2026, 10, 29))
ITEMS = 60
TOUCHING = 0.7
LINKED = 0.4
HOME = 0.6
"""Part of the items that name the very part of the product that causes the harm."""

PARTS = ("core", "edge", "jobs")
COMMON_PARTS = ("build", "platform", "web")
TYPO = 0.04
"""Part of the words with a wrong letter."""


@dataclass(frozen=True, slots=True)
class Place:
    """A step of a flow, and how people speak of it.

    Attributes:
        said: Ways to name it in an item, several languages.
        components: Names of the parts that serve it.
        mark: An endpoint or error code of its own.
    """

    flow: str
    step: str
    said: tuple[str, ...]
    components: tuple[str, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class Book:
    """How a company speaks.

    Attributes:
        problems: By kind of metric, what is said of it.
        work: What is to be done, with a place for a component.
        asides: Sentences that say nothing of any metric.
        chores: Items that touch no metric; some name a place all the same.
        segments: Parts of the users that some metrics are about, and how people speak of them.
    """

    problems: Mapping[MetricKind, tuple[str, ...]]
    work: tuple[str, ...]
    asides: tuple[str, ...]
    chores: tuple[str, ...]
    segments: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Planted:
    """A backlog with its truth: the metric that each open item without a link touches, or None."""

    known: Known
    truth: dict[str, str | None]


def plant(places: Sequence[Place], book: Book, seed: int) -> Planted:
    """Return a backlog of a product; the same seed, the same backlog."""
    draw = Random(seed)
    metrics = _metrics(places, sorted(book.segments), draw)
    place_of = {(one.flow, one.step): one for one in places}
    tallies = _tallies(metrics, place_of, draw)
    counted = {one.metric for one in tallies if one.dimension == "error_code"}
    items: list[DebtItem] = []
    claims: list[Claim] = []
    truth: dict[str, str | None] = {}
    for number in range(ITEMS):
        key = f"jira:P-{number + 1}"
        touched = draw.choice(metrics) if draw.random() < TOUCHING else None
        if touched is None:
            items.append(_chore(key, draw.choice(places), book, draw))
            truth[key] = None
            continue
        place = place_of[touched.flow, touched.step]
        is_marked = place.mark in touched.query or touched.id in counted
        items.append(_item(key, touched, (place, is_marked), book, draw))
        if draw.random() < LINKED:
            claims.append(Claim(item=key, metric=touched.id, basis=LinkBasis.FILE))
        else:
            truth[key] = touched.id
    flows = [Flow(id=name, steps=()) for name in sorted({one.flow for one in places})]
    known = Known(items, metrics, flows, claims, (), tallies)
    return Planted(known, truth)


NAMES: Mapping[MetricKind, tuple[str, str]] = {
    MetricKind.LATENCY: ("{step}-latency", "Waiting time of {step}"),
    MetricKind.ERROR_RATE: ("{step}-errors", "Failed attempts at {step}"),
    MetricKind.DROP_OFF: ("{step}-loss", "Users lost at {step}"),
    MetricKind.TICKET_RATE: ("{step}-tickets", "Tickets about {step}"),
    MetricKind.WEB_VITAL: ("{step}-lcp", "Slow first picture of {step}"),
}

GOALS: Mapping[MetricKind, dict[str, object]] = {
    MetricKind.LATENCY: {"threshold_s": 1.0, "target": 0.9},
    MetricKind.ERROR_RATE: {"target": 0.02},
    MetricKind.DROP_OFF: {"reference": "best"},
    MetricKind.TICKET_RATE: {"target": 0.001, "reporting_rate": 0.02},
    MetricKind.WEB_VITAL: {"vital": "lcp"},
}


def _metrics(places: Sequence[Place], segments: Sequence[str], draw: Random) -> list[UxMetric]:
    """Return one to three metrics a place, one of them by segment; some name its endpoint."""
    found = []
    split = draw.choice(places)
    for place in places:
        kinds = draw.sample(sorted(NAMES), draw.choice((1, 1, 2, 3)))
        parts = segments if place == split else ("all",)
        for kind, segment in ((kind, part) for kind in kinds for part in parts):
            id_, name = (one.format(step=place.step.replace("_", " ")) for one in NAMES[kind])
            query = f"rum of {place.flow}"
            if place.mark.startswith("/") and draw.random() < 0.5:
                query = f"percentiles of POST {place.mark}"
            data = {
                "id": id_.replace(" ", "-") + (f"-{segment}" if segment != "all" else ""),
                "segment": segment,
                "name": name,
                "flow": place.flow,
                "step": place.step,
                "kind": kind,
                "query": query,
                **GOALS[kind],
            }
            found.append(UxMetric.model_validate(data))
    return found


def _tallies(
    metrics: Sequence[UxMetric], places: Mapping[tuple[str, str], Place], draw: Random
) -> list[Tally]:
    """Return what was counted: the error codes of some metrics, and a device, which is no mark."""
    found = []
    start, end = midnight(DAYS[0]), midnight(DAYS[1])
    for metric in metrics:
        mark = places[metric.flow, metric.step].mark
        values = [("device", "mobile")]
        if "_" in mark and metric.kind in {MetricKind.ERROR_RATE, MetricKind.DROP_OFF}:
            values += [("error_code", mark)] * (draw.random() < 0.7)
        for dimension, value in values:
            strata = (Stratum(bad_with=5, total_with=10, bad_without=5, total_without=90),)
            found.append(
                Tally(
                    metric=metric.id, dimension=dimension, value=value, start_at=start,
                    end_at=end, strata=strata, source="plant",
                )
            )  # fmt: skip
    return found


def _item(
    key: str, metric: UxMetric, where: tuple[Place, bool], book: Book, draw: Random
) -> DebtItem:
    """Return an item that touches a metric, and says so more or less plainly.

    Args:
        key: Its key.
        metric: What it touches.
        where: The metric's place, and whether the place's mark was counted of this metric.
        book: How the company speaks.
        draw: Where chance comes from.
    """
    place, is_marked = where
    # Parts of a product mostly serve one purpose: waiting comes from one, failing from another.
    at = sorted(NAMES).index(metric.kind)
    own = f"{place.components[at % len(place.components)]}-{PARTS[at % len(PARTS)]}"
    component = own if draw.random() < HOME else draw.choice(place.components)
    said, problem = draw.choice(place.said), draw.choice(book.problems[metric.kind])
    work = draw.choice(book.work).format(component=component)
    title = draw.choice((f"{said}: {problem}", f"{problem} ({said})", work, f"{work} ({said})"))
    lines = [draw.choice(book.asides), draw.choice(book.asides)]
    if title == work or draw.random() < 0.6:
        lines.insert(draw.randrange(2), f"{said} {draw.choice(book.problems[metric.kind])}.")
    if draw.random() < (0.4 if is_marked else 0.05):
        verb = "POST " if place.mark.startswith("/") else "Code "
        lines.append(f"{verb}{place.mark} shows it.")
    if metric.segment in book.segments and draw.random() < 0.7:
        title = f"{title} {draw.choice(book.segments[metric.segment])}"
    story = None
    if draw.random() < 0.25:
        story = UserStory(need=f"{draw.choice(place.said)} to work", pain=problem)
    return DebtItem(
        key=key,
        source="jira",
        title=_slip(title, draw),
        text=_slip(" ".join(lines), draw),
        labels=("tech-debt",),
        components=(component,) if draw.random() < 0.5 else (),
        story=story,
        points=3,
    )


def _chore(key: str, place: Place, book: Book, draw: Random) -> DebtItem:
    """Return an item that touches no metric, though it may lie in a place that has some."""
    component = draw.choice((*place.components, *COMMON_PARTS))
    title = draw.choice(book.chores).format(component=component, step=draw.choice(place.said))
    text = " ".join(draw.choice(book.asides) for _ in range(2))
    return DebtItem(
        key=key,
        source="jira",
        title=_slip(title, draw),
        text=_slip(text, draw),
        labels=("tech-debt",),
        components=(component,) if draw.random() < 0.5 else (),
        points=2,
    )


def _slip(text: str, draw: Random) -> str:
    """Return the text with a letter swapped or lost in some of its words."""
    found = []
    for word in text.split():
        if len(word) > 5 and word.isalpha() and draw.random() < TYPO:
            at = draw.randrange(1, len(word) - 2)
            swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            found.append(draw.choice((swapped, word[:at] + word[at + 1 :])))
        else:
            found.append(word)
    return " ".join(found)
