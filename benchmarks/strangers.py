"""Backlogs of another making than `benchmarks.planted`: bug reports and chores of six companies.

Other products, phrases, names of metrics, kinds and habits. Here items carry folders and epics,
many metrics name their place in other words than items do, and one item in ten does not say what
is wrong with its place. Three of the companies help to fit the weights of `core.suggest`; the
three others were written when the method was finished, and are only measured on. See
`benchmarks.companies`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.planted import DAYS, Planted
from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.core.item import DebtItem
from debtplan.core.link import Claim, LinkBasis
from debtplan.core.reading import midnight
from debtplan.core.suggest import Known
from debtplan.core.tally import Stratum, Tally

ITEMS = 80
TOUCHING = 0.75
LINKED = 0.35
VAGUE = 0.1
TERSE = 0.15
"""Part of the items that give nothing but a code, an endpoint, a folder or a component."""

SEGMENTED = 0.25
"""Part of the places whose metrics are taken of two segments."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A step, how its metrics call it, how people call it, where its code is, and its codes."""

    flow: str
    step: str
    called: str
    said: tuple[str, ...]
    folder: str
    endpoint: str
    code: str


@dataclass(frozen=True, slots=True)
class Habits:
    """How some companies speak and name things.

    Attributes:
        wrong: By kind, what is said to be wrong with a place.
        named: By kind, a metric's id and name, with a place for the step, and its goal.
        work: Titles that do not say what is wrong.
        terse: Titles that do not even say where.
        causes: Sentences about the code.
        chores: Items that touch no metric.
        parts: Segments that some metrics are taken of, and how people speak of them.
    """

    wrong: Mapping[MetricKind, tuple[str, ...]]
    named: Mapping[MetricKind, tuple[str, str, dict[str, object]]]
    work: tuple[str, ...]
    terse: tuple[str, ...]
    causes: tuple[str, ...]
    chores: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]


def plant(spots: Sequence[Spot], habits: Habits, seed: int) -> Planted:
    """Return a backlog of a company; the same seed, the same backlog."""
    draw = Random(seed)
    metrics, tallies = _metrics(spots, habits, draw)
    spot_of = {(one.flow, one.step): one for one in spots}
    items: list[DebtItem] = []
    claims: list[Claim] = []
    truth: dict[str, str | None] = {}
    for number in range(ITEMS):
        key = f"github:acme/app#{number + 1}"
        if draw.random() >= TOUCHING:
            items.append(_chore(key, draw.choice(spots), habits, draw))
            truth[key] = None
            continue
        metric = draw.choice(metrics)
        spot = spot_of[metric.flow, metric.step]
        counted = {one.metric for one in tallies}
        if draw.random() < TERSE:
            items.append(_terse(key, (metric, spot, metric.id in counted), habits, draw))
        else:
            items.append(_report(key, (metric, spot), habits, draw))
        if draw.random() < LINKED:
            claims.append(Claim(item=key, metric=metric.id, basis=LinkBasis.FILE))
        else:
            truth[key] = metric.id
    flows = [Flow(id=name, steps=()) for name in sorted({one.flow for one in spots})]
    return Planted(Known(items, metrics, flows, claims, (), tallies), truth)


def _metrics(
    spots: Sequence[Spot], habits: Habits, draw: Random
) -> tuple[list[UxMetric], list[Tally]]:
    metrics: list[UxMetric] = []
    tallies: list[Tally] = []
    for spot in spots:
        segments = sorted(habits.parts) if draw.random() < SEGMENTED else ["all"]
        for kind in draw.sample(sorted(habits.named), draw.choice((1, 2, 3))):
            for segment in segments:
                id_, name, goal = habits.named[kind]
                data: dict[str, object] = {
                    "id": id_.format(spot.step) + ("" if segment == "all" else f"_{segment}"),
                    "name": name.format(spot.called),
                    "flow": spot.flow,
                    "step": spot.step,
                    "segment": segment,
                    "kind": kind,
                    "query": f"GET {spot.endpoint}" if draw.random() < 0.4 else "",
                    **goal,
                }
                metrics.append(UxMetric.model_validate(data))
                if kind is MetricKind.ERROR_RATE and draw.random() < 0.5:
                    tallies.append(_tally(metrics[-1].id, spot.code))
    return metrics, tallies


def _tally(metric: str, code: str) -> Tally:
    strata = (Stratum(bad_with=20, total_with=30, bad_without=9, total_without=400),)
    return Tally(
        metric=metric, dimension="error_code", value=code, start_at=midnight(DAYS[0]),
        end_at=midnight(DAYS[1]), strata=strata, source="plant",
    )  # fmt: skip


def _report(key: str, what: tuple[UxMetric, Spot], habits: Habits, draw: Random) -> DebtItem:
    metric, spot = what
    said, wrong = draw.choice(spot.said), draw.choice(habits.wrong[metric.kind])
    again = draw.choice(habits.wrong[metric.kind])
    is_vague = draw.random() < VAGUE
    where = draw.choice(habits.parts[metric.segment]) if metric.segment in habits.parts else ""
    if is_vague or draw.random() < 0.4:
        title = draw.choice(habits.work).format(said)
    else:
        title = f"{said[0].upper()}{said[1:]} {wrong}"
    lines = [draw.choice(habits.causes)]
    if not is_vague:
        lines.append(f"Today {said} {again}.")
    if where and draw.random() < 0.6:
        lines.append(f"Seen {where}.")
    if metric.kind is MetricKind.ERROR_RATE and draw.random() < 0.3:
        lines.append(f"Logs say {spot.code}.")
    elif draw.random() < 0.2:
        lines.append(f"See {spot.endpoint}.")
    draw.shuffle(lines)
    return DebtItem(
        key=key, source="github", title=title, text=" ".join(lines), labels=("debt",),
        epic=f"E-{spot.flow}" if draw.random() < 0.3 else "",
        paths=(f"{spot.folder}/{draw.choice(('index', 'client', 'form'))}.ts",)
        if draw.random() < 0.4 else (),
        points=3,
    )  # fmt: skip


def _terse(key: str, what: tuple[UxMetric, Spot, bool], habits: Habits, draw: Random) -> DebtItem:
    """Return an item that names its metric's code, endpoint, folder or component, and no more."""
    metric, spot, is_counted = what
    lines = [draw.choice(habits.causes)]
    paths: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    if is_counted and draw.random() < 0.7:
        lines.append(f"{spot.code} comes from here.")
    elif spot.endpoint in metric.query and draw.random() < 0.7:
        lines.append(f"It serves {spot.endpoint}.")
    elif draw.random() < 0.5:
        paths = (f"{spot.folder}/{metric.kind}/{draw.choice(('a', 'b', 'c'))}.ts",)
    else:
        components = (f"{spot.step}-{metric.kind}-service",)
    return DebtItem(
        key=key, source="github", title=draw.choice(habits.terse), text=" ".join(lines),
        labels=("debt",), paths=paths, components=components, points=3,
    )  # fmt: skip


def _chore(key: str, spot: Spot, habits: Habits, draw: Random) -> DebtItem:
    title = draw.choice(habits.chores).format(folder=spot.folder, said=draw.choice(spot.said))
    return DebtItem(
        key=key, source="github", title=title, text=draw.choice((*habits.causes, "", "")),
        labels=("debt",), epic=f"E-{spot.flow}" if draw.random() < 0.15 else "",
        paths=(f"{spot.folder}/index.ts",) if draw.random() < 0.3 else (), points=2,
    )  # fmt: skip
