"""Simulated backlogs with a planted truth, and what a team can know of it.

The team sees estimates, sampled readings and claimed shares; the truth holds what items cost, what
metrics cost users, and what each item would remove. Nothing is tuned to a method: a link is real or
not by the flip of a coin that may be worse than its grade says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import exp, sqrt
from random import Random

from benchmarks.instances import PLANNING_POINTS
from debtplan.core.capacity import CapacityPolicy, Sprint
from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.item import DebtItem, RolePoints
from debtplan.core.link import Claim, Grade, LinkBasis, LinkPolicy, Share
from debtplan.core.reading import Counts, Reading, midnight

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SPRINT = Sprint(id="1", name="Sprint 1", start_on=date(2026, 11, 30), end_on=date(2026, 12, 11))
TARGET = 0.01
ROLES = ("back", "front")

GRADES = {Grade.A: 0.05, Grade.B: 0.1, Grade.C: 0.3, Grade.D: 0.25, Grade.E: 0.3}
"""How often links carry each grade."""

GUESS = {Grade.A: 0.15, Grade.B: 0.25, Grade.C: 0.4, Grade.D: 0.7, Grade.E: 0.9}
"""Spread of ln(claimed share / true share) by grade."""

OVERRUN = 0.1
OVERRUN_SPREAD = 0.35
"""ln(true points / estimate) is normal with this mean and spread."""


@dataclass(frozen=True, slots=True)
class World:
    """A backlog and the truth about it.

    Attributes:
        inputs: What the team knows.
        harms: True harm by metric, frustrated sessions per sprint.
        cost: By key, true points over estimated points.
        removals: By key, what finishing it removes of each metric; links that are not real left
            out.
    """

    inputs: Inputs
    harms: dict[str, float]
    cost: dict[str, float]
    removals: dict[str, dict[str, float]]


def make_world(seed: int) -> World:
    """Return the backlog of a seed: 20 to 200 items on 4 to 40 metrics."""
    rng = Random(seed)
    metrics = [_metric(rng, number) for number in range(rng.randint(4, 40))]
    harms, readings = {}, []
    for metric in metrics:
        bad = TARGET + min(0.6, rng.lognormvariate(-4, 1))
        harms[metric.id] = (metric.sessions_per_sprint or 0.0) * (bad - TARGET)
        readings.append(_reading(rng, metric.id, bad))
    keys = [f"jira:W-{number:03d}" for number in range(rng.randint(20, 200))]
    trust = rng.uniform(0.5, 1.1)
    claims: list[Claim] = []
    removals: dict[str, dict[str, float]] = {}
    for key in keys:
        removals[key] = {}
        for name in rng.sample(list(harms), rng.choice((1, 1, 1, 2, 2, 3))):
            said, removed = _link(rng, key, name, trust)
            claims.append(said)
            if removed:
                removals[key][name] = removed
    items = _items(rng, keys)
    total = sum(item.points or 0.0 for item in items)
    inputs = Inputs(
        team="web",
        sprint=SPRINT,
        as_of=NOW,
        items=tuple(items),
        claims=tuple(claims),
        flows=(Flow(id="shop", sessions_per_sprint=100_000),),
        metrics=tuple(metrics),
        readings=tuple(readings),
        capacity=CapacityPolicy(points=round(total * rng.uniform(0.3, 1.5), 1)),
        rules=Rules(roles={role: round(total * rng.uniform(0.03, 0.15), 1) for role in ROLES}),
    )
    cost = {key: exp(rng.gauss(OVERRUN, OVERRUN_SPREAD)) for key in keys}
    return World(inputs, harms, cost, removals)


def _metric(rng: Random, number: int) -> UxMetric:
    return UxMetric(
        id=f"m{number:02d}",
        flow="shop",
        step=f"step {number:02d}",
        kind=MetricKind.ERROR_RATE,
        target=TARGET,
        sessions_per_sprint=float(round(min(1e5, rng.lognormvariate(9, 1)))),
    )


def _reading(rng: Random, metric: str, bad: float) -> Reading:
    """Return counts as a sample of a few hundred to tens of thousands shows them."""
    sample = round(rng.lognormvariate(8, 1.2)) + 100
    seen = sample * bad + rng.gauss(0, sqrt(sample * bad * (1 - bad)))
    start = midnight(NOW.date() - timedelta(days=3))
    return Reading(
        metric=metric,
        start_at=start,
        end_at=start + timedelta(days=1),
        measure=Counts(bad=min(max(0.0, float(round(seen))), sample), total=sample),
        source="simulated",
    )


def _link(rng: Random, key: str, metric: str, trust: float) -> tuple[Claim, float]:
    """Return what is claimed, and what is true: 0 where the link is not real."""
    (grade,) = rng.choices(list(GRADES), list(GRADES.values()))
    true = min(0.95, rng.betavariate(1.5, 4))
    likely = min(0.95, true * exp(rng.gauss(0, GUESS[grade])))
    share: Share | None = Share(
        low=likely / (1 + 2 * GUESS[grade]),
        likely=likely,
        high=min(1.0, likely * (1 + 2 * GUESS[grade])),
    )
    if grade is Grade.E and rng.random() < 0.5:
        share = None  # nobody said how much
    is_real = rng.random() < min(1.0, trust * LinkPolicy().grades[grade])
    said = Claim(
        item=key, metric=metric, basis=LinkBasis.FILE, share=share, grade=grade, origin="simulated"
    )
    return said, true if is_real else 0.0


def _items(rng: Random, keys: list[str]) -> list[DebtItem]:
    """Return the backlog: a fifth needs an earlier item, some are alternatives of each other."""
    found = []
    for place, key in enumerate(keys):
        points = float(rng.choice(PLANNING_POINTS))
        role = rng.choice((*ROLES, None))
        needs = (rng.choice(keys[:place]),) if place and rng.random() < 0.2 else ()
        excludes = (rng.choice(keys[:place]),) if place and rng.random() < 0.05 else ()
        found.append(
            DebtItem(
                key=key,
                source="jira",
                title=f"Mend {key}",
                points=points,
                roles=(RolePoints(role=role, points=points),) if role else (),
                prerequisites=needs,
                excludes=tuple(one for one in excludes if one not in needs),
            )
        )
    return found


def true_relief(world: World, finished: Mapping[str, object]) -> float:
    """Return what finished items relieve in truth, overlaps counted once."""
    left = dict.fromkeys(world.harms, 1.0)
    for key in finished:
        for metric, removed in world.removals[key].items():
            left[metric] *= 1 - removed
    return sum(world.harms[metric] * (1 - part) for metric, part in left.items())
