"""How long a plan with everything that explains it takes: losses, flips, frontier, 1,000 draws."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import perf_counter

from benchmarks.figure import Figure, at_most
from benchmarks.instances import PLANNING_POINTS
from debtplan.bootstrap.standing import standing_crew
from debtplan.core.appraisal import appraise
from debtplan.core.capacity import CapacityPolicy, Sprint
from debtplan.core.delta import apply_delta
from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.item import DebtItem, RolePoints
from debtplan.core.link import Claim, Grade, LinkBasis, Share
from debtplan.core.plan import Plan
from debtplan.core.program import write_program
from debtplan.core.reading import Counts, Reading, midnight
from debtplan.core.reserve import ReservePolicy
from debtplan.engines import make_engine
from debtplan.engines.explorer import Explorer
from debtplan.stats.draws import Draws
from debtplan.workflows.plan import make_plan
from debtplan.workflows.planner import Planner

METRICS = 30
FLOWS = 5
PREREQUISITES = 0.2
ROLES = ("back", "front")
WORLDS = 1_000
NAIVE = 8
"""Worlds that the engine solves one by one, for the ratio."""

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SPRINT = Sprint(id="49", name="Sprint 49", start_on=date(2026, 11, 30), end_on=date(2026, 12, 11))


def measure(_data: Path | None = None) -> Iterator[Figure]:
    """Yield wall and processor time for 200 and for 1,000 items, and the ratio to the plain way."""
    yield from _explained(200, 5.0)
    yield from _explained(1_000, 60.0)


def backlog_inputs(rng: Random, items: int) -> Inputs:
    """Return the inputs of a team: as `instances.backlog` makes a problem, with roles besides."""
    metrics = [f"m{number:02d}" for number in range(METRICS)]
    backlog, claims = [], []
    for number in range(items):
        key = f"jira:item-{number:05d}"
        points = rng.choice(PLANNING_POINTS)
        needed = number and rng.random() < PREREQUISITES
        role = rng.choice(ROLES)
        backlog.append(
            DebtItem(
                key=key,
                source="jira",
                title=f"Mend {number}",
                points=points,
                prerequisites=(f"jira:item-{rng.randrange(number):05d}",) if needed else (),
                roles=(RolePoints(role=role, points=points),),
            )
        )
        for metric in rng.sample(metrics, rng.choice((1, 1, 2, 2, 3, 4))):
            likely = rng.uniform(0.1, 0.6)
            claims.append(
                Claim(
                    item=key,
                    metric=metric,
                    share=Share(low=likely / 2, likely=likely, high=min(0.95, likely * 1.5)),
                    basis=LinkBasis.FILE,
                    grade=rng.choice((Grade.B, Grade.C, Grade.C, Grade.D)),
                    origin="bench",
                )
            )
    reserve = sum(one.points or 0.0 for one in backlog) * 0.15
    return Inputs(
        team="bench",
        sprint=SPRINT,
        as_of=NOW,
        items=tuple(backlog),
        claims=tuple(claims),
        flows=tuple(
            Flow(id=f"flow-{n}", sessions_per_sprint=100_000, weight=1 + n / 2)
            for n in range(FLOWS)
        ),
        metrics=tuple(
            UxMetric(
                id=name,
                flow=f"flow-{n % FLOWS}",
                step=name,
                kind=MetricKind.ERROR_RATE,
                target=0.01,
                sessions_per_sprint=100_000,
            )
            for n, name in enumerate(metrics)
        ),
        readings=tuple(_reading(rng, name) for name in metrics),
        capacity=CapacityPolicy(points=round(reserve / 0.15)),
        reserve=ReservePolicy(window=1, floor=0.1, ceiling=0.15),
        rules=Rules(roles=dict.fromkeys(ROLES, round(reserve * 0.55))),
    )


def _reading(rng: Random, name: str) -> Reading:
    start = midnight(NOW.date() - timedelta(days=3))
    total = 50_000
    return Reading(
        metric=name,
        start_at=start,
        end_at=start + timedelta(days=1),
        measure=Counts(bad=round(total * rng.uniform(0.02, 0.2)), total=total),
        source="csv",
    )


def make_planner() -> Planner:
    """Return the planner as the command line has it, with a clock that stands still."""
    return Planner(
        engine=make_engine("milp"),
        baseline=make_engine("greedy"),
        simulator=Draws(),
        clock=lambda: NOW,
        explorer=Explorer("milp", "auto", 10.0),
        crew=standing_crew(),
        worlds=WORLDS,
    )


def _explained(items: int, limit_s: float) -> list[Figure]:
    made_from, planner = backlog_inputs(Random(1), items), make_planner()
    started, spent = perf_counter(), _spent_s()
    plan = make_plan(made_from, planner)
    wall, spent_s = perf_counter() - started, _spent_s() - spent
    naive_s = _naive_s(made_from, planner)
    detail = (
        f"{items:,} items, {METRICS} metrics, {len(ROLES)} roles, {PREREQUISITES:.0%} "
        f"prerequisites, seed 1: plan, {_told(plan)}"
    )
    name = f"{items:,} items"
    return [
        at_most("explain", f"{name}: wall", wall, limit_s, "s", detail),
        at_most("explain", f"{name}: processor time of this process", spent_s, None, "s", detail),
        at_most(
            "explain",
            f"{name}: one draw, engine alone",
            naive_s * 1e3,
            None,
            "ms",
            f"mean of {NAIVE} worlds, one by one",
        ),
        at_most(
            "explain",
            f"{name}: everything / draws one by one",
            wall / (naive_s * WORLDS),
            None,
            "ratio",
            f"{WORLDS:,} draws one by one are extrapolated from {NAIVE}",
        ),
        at_most("explain", f"{name}: numbers missing", len(_missing(plan)), 0, "kinds", detail),
    ]


def _told(plan: Plan) -> str:
    explained = plan.explained
    assert explained is not None
    coverage = explained.coverage
    return (
        f"{coverage.items:,} explanations, frontier of {len(plan.frontier)}, "
        f"{coverage.worlds:,} draws, {len(explained.alternatives)} alternatives"
    )


def _missing(plan: Plan) -> tuple[str, ...]:
    assert plan.explained is not None
    return plan.explained.coverage.missing


def _naive_s(made_from: Inputs, planner: Planner) -> float:
    """Return the seconds that the engine takes for one draw."""
    appraisal = appraise(made_from)
    problem = write_program(made_from, appraisal).problem
    drawn = Draws().worlds(appraisal, problem, made_from.seed, NAIVE)
    worlds = [apply_delta(problem, one) for one in drawn]
    started = perf_counter()
    for world in worlds:
        planner.engine.any_best(world)
    return (perf_counter() - started) / NAIVE


def _spent_s() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
    )
