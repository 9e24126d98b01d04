"""How many teams are planned a minute: by one core, by a pool of processes, by a Dask cluster.

As a program: `python -m benchmarks.portfolio TEAMS`, a smaller company, to see that it works.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from random import Random
from time import perf_counter

from benchmarks.figure import Figure, at_most
from benchmarks.instances import PLANNING_POINTS
from debtplan.bootstrap.crew import open_crew
from debtplan.bootstrap.portfolio import Answer, Job, work
from debtplan.config.settings import PlanSettings
from debtplan.core.capacity import CapacityPolicy, Sprint
from debtplan.core.flow import Flow, UxMetric
from debtplan.core.inputs import HorizonPolicy, Inputs
from debtplan.core.item import DebtItem
from debtplan.core.link import Claim, Grade, LinkBasis, Share
from debtplan.core.problem import Status
from debtplan.core.reading import Counts, Reading, midnight
from debtplan.workflows.portfolio import Crew, run_jobs

TEAMS = 500
ITEMS = 200
METRICS = 10
PAIRED = 0.1
"""Part of the teams that share a metric with the team before them, so that both are one problem."""

PREREQUISITES = 0.2
SPRINTS_OF_WORK = 5.0
"""How many sprints of the whole team a backlog would take."""

WORKERS = 2
EXPLAINED = 0
"""Items of each team that are explained by solving again. Explaining all takes nearly all of a
plan's time, and says nothing about how teams are spread over workers: see the bench `explain`."""

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAYS = 28.0


def measure(_data: Path | None = None, teams: int = TEAMS) -> Iterator[Figure]:
    """Yield teams and items a second of one core, of a pool and of Dask, and their ratios."""
    alone_s, alone = _timed(teams, 1, None)
    pool_s, pool = _timed(teams, WORKERS, None)
    assert pool == alone, "the pool's plans are not those of one core"
    seconds = {"one core": alone_s, f"pool of {WORKERS} processes": pool_s}
    missing = "" if find_spec("distributed") else "; distributed is not installed, so no Dask"
    if not missing:
        with _cluster() as address:
            dask_s, dask = _timed(teams, None, address)
        assert dask == alone, "the cluster's plans are not those of one core"
        seconds[f"Dask, {WORKERS} local workers"] = dask_s
    detail = (
        f"{teams} teams of {ITEMS} items and {METRICS} metrics each, {PREREQUISITES:.0%} "
        f"prerequisites, {PAIRED:.0%} of the teams share a metric with another, seed 0; "
        f"a horizon of one sprint and explain_limit {EXPLAINED}: the optimum, its interval and the "
        f"frontier, no item explained; start-up included; same plans from all{missing}"
    )
    for name, wall in seconds.items():
        yield at_most("portfolio", f"{name}: teams", teams / wall, None, "1/s", detail)
        yield at_most("portfolio", f"{name}: items", teams * ITEMS / wall, None, "1/s", detail)
    for name, wall in list(seconds.items())[1:]:
        figure = f"{name}: wall / wall of one core"
        yield at_most("portfolio", figure, wall / alone_s, None, "ratio", detail)


def _timed(teams: int, workers: int | None, address: str | None) -> tuple[float, list[str]]:
    """Return the seconds for all plans, and their digests by team."""
    started = perf_counter()
    digests: dict[str, str] = {}
    with open_crew(workers, address) as crew:
        for answer in _answers(teams, crew):
            assert not answer.grouped.failed, answer.grouped.failed
            assert answer.grouped.status is Status.OPTIMAL
            digests |= {plan.team: plan.digest for plan in answer.grouped.plans}
    assert len(digests) == teams
    return perf_counter() - started, [digests[team] for team in sorted(digests)]


def _answers(teams: int, crew: Crew) -> Iterator[Answer]:
    settings = PlanSettings(explain_limit=EXPLAINED)
    jobs = (Job(group, settings, NOW, 14.0) for group in _groups(teams))
    return run_jobs(work, jobs, crew)


def _groups(teams: int) -> Iterator[tuple[Inputs, ...]]:
    """Yield the teams, those that share a metric as a pair."""
    random = Random(0)
    number = 0
    while number < teams:
        is_pair = number + 1 < teams and random.random() < PAIRED / 2
        shared = f"shared-{number:03d}" if is_pair else None
        yield tuple(_team(number + n, shared) for n in range(2 if is_pair else 1))
        number += 2 if is_pair else 1


def _team(number: int, shared: str | None) -> Inputs:
    random = Random(number)
    name = f"team-{number:03d}"
    metrics = [f"{name}-m{n}" for n in range(METRICS)]
    if shared is not None:
        metrics[0] = shared
    keys = [f"jira:T{number}-{n:03d}" for n in range(ITEMS)]
    items = tuple(_item(random, keys, place) for place in range(ITEMS))
    total = sum(item.points or 0.0 for item in items)
    return Inputs(
        team=name,
        sprint=Sprint(
            id="49", name="Sprint 49", start_on=date(2026, 11, 30), end_on=date(2026, 12, 11)
        ),
        as_of=NOW,
        items=items,
        claims=tuple(claim for key in keys for claim in _claims(random, key, metrics)),
        flows=(Flow(id="shop", sessions_per_sprint=100_000),),
        metrics=tuple(_metric(one) for one in metrics),
        readings=tuple(
            reading
            for one in metrics
            for reading in _readings(Random(one if one == shared else f"{one}/{number}"), one)
        ),
        capacity=CapacityPolicy(points=total / SPRINTS_OF_WORK),
        horizon=HorizonPolicy(sprints=1),
    )


def _item(random: Random, keys: list[str], place: int) -> DebtItem:
    waits = place and random.random() < PREREQUISITES
    return DebtItem(
        key=keys[place],
        source="jira",
        title=f"Item {place}",
        points=float(random.choice(PLANNING_POINTS)),
        prerequisites=(keys[random.randrange(place)],) if waits else (),
    )


def _claims(random: Random, key: str, metrics: list[str]) -> Iterator[Claim]:
    for metric in random.sample(metrics, random.choice((1, 1, 2, 3))):
        likely = round(random.betavariate(1.5, 5), 3)
        share = Share(low=likely / 2, likely=likely, high=min(1.0, likely * 1.5))
        grade = random.choice(list(Grade))
        yield Claim(item=key, metric=metric, basis=LinkBasis.FILE, share=share, grade=grade)


def _metric(name: str) -> UxMetric:
    return UxMetric.model_validate(
        {
            "id": name,
            "flow": "shop",
            "step": name,
            "kind": "error_rate",
            "target": 0.01,
            "sessions_per_sprint": 100_000,
        }
    )


def _readings(random: Random, metric: str) -> Iterator[Reading]:
    rate = random.uniform(0.02, 0.2)
    for day in range(1, int(DAYS) + 1):
        start = midnight(NOW.date() - timedelta(days=day))
        yield Reading(
            metric=metric,
            start_at=start,
            end_at=start + timedelta(days=1),
            measure=Counts(bad=round(7_000 * rate * random.uniform(0.9, 1.1)), total=7_000),
            source="csv",
        )


@contextmanager
def _cluster() -> Iterator[str]:
    """Yield the address of a scheduler with two worker processes on this machine."""
    with ExitStack() as stack:
        scheduler = ("scheduler", "--host", "127.0.0.1", "--port", "0")
        place = stack.enter_context(_started(*scheduler, until="Scheduler at:"))
        place = place.rpartition("tcp://")[2].strip()
        for _ in range(WORKERS):
            worker = ("worker", f"tcp://{place}", "--host", "127.0.0.1", "--nthreads", "1")
            stack.enter_context(_started(*worker, "--no-nanny", until="Registered to:"))
        yield f"dask://{place}"


@contextmanager
def _started(*words: str, until: str) -> Iterator[str]:
    """Yield the line that a part of Dask says once it is there; end it at last."""
    command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert child.stderr is not None
        yield next(line for line in child.stderr if until in line)
    finally:
        child.kill()
        child.communicate()


if __name__ == "__main__":
    for figure in measure(teams=int(sys.argv[1])):
        print(figure.as_row())
