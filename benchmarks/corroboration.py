"""Does what moves together really move together? Planted truth, pure noise, and real series.

Every set has 20 metrics in four flows, half of them technical. Their noise remembers the day before
(AR 0 to 0.8), has a weekday season and a slight trend, and is turned into frustrated shares. Sets
are tested as a whole, as `debtplan evidence` does it: all pairs, all lags, q = 0.1.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from math import pi
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean, median

import numpy as np

from benchmarks.figure import Figure, at_most
from benchmarks.telemetry import Telemetry, find_telemetry, name_causes, search_windows
from debtplan.core.chains import Moves
from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.stats.comove import compare
from debtplan.stats.series import Array, Daily
from debtplan.stats.shifts import find_changes, levels

BENCH = "corroboration"
WORKERS = 2
FLOWS = 4
METRICS = 20
START = date(2026, 1, 5)

MEMORIES: dict[str, tuple[float, float]] = {
    "AR 0": (0.0, 0.0),
    "AR 0 to 0.8": (0.0, 0.8),
    "AR 0.8": (0.8, 0.8),
}
EFFECT = 0.5
"""Standard deviations that a follower moves when its leader moves by one."""

NOISE_SETS = 50
STEP_SETS = 15
POWER_SETS = 50
SHIFT_SERIES = 80
RUN_IN = 100
NEAR = 3
"""Days within which a date is called near."""


@dataclass(frozen=True)
class World:
    """What a set is made of.

    Attributes:
        days: Its length.
        memory: Range of the noise's autoregression.
        planted: Effects from a technical metric to a product one of the same flow.
        steps: Whether every series changes its level once, on a day of its own.
        sets: Simulated.
    """

    days: int
    memory: tuple[float, float]
    planted: int = 0
    steps: bool = False
    sets: int = NOISE_SETS


@dataclass(frozen=True)
class Outcome:
    """What came of one set.

    Attributes:
        false: Movements that were not planted.
        found: Planted ones that were found.
        lags: By how many days the lag of those is off.
    """

    false: int
    found: int
    lags: tuple[int, ...]


def measure(data: Path | None = None) -> Iterator[Figure]:
    """Yield false discoveries, power and lags, the same of shifts, and what real series say."""
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        yield from _noise(pool)
        yield from _power(pool)
        yield from _shifts(pool)
    telemetry = find_telemetry(data)
    if telemetry is not None:
        yield from real_figures(telemetry)


def _noise(pool: ProcessPoolExecutor) -> Iterator[Figure]:
    """Yield how often a set in which nothing is related shows any movement."""
    for steps in (False, True):
        worlds = [
            World(days, memory, steps=steps, sets=STEP_SETS if steps else NOISE_SETS)
            for days in (120, 180)
            for memory in MEMORIES.values()
        ]
        rates = [float(one.false > 0) for done in pool.map(run_world, worlds) for one in done]
        what = "each changing its level once, on its own day" if steps else "pure noise"
        said = (
            f"{len(rates)} sets of {METRICS} metrics, 120 and 180 days, AR 0 to 0.8, weekly season;"
            f" {what}; nothing is true here, so this is family-wise and false-discovery rate in one"
        )
        name = "sets with a false movement" + (", shifts apart" if steps else ", noise")
        yield at_most(BENCH, name, fmean(rates), 0.1, "sets", said)


def _power(pool: ProcessPoolExecutor) -> Iterator[Figure]:
    """Yield how much of what was planted is found, and what else."""
    for planted in (1, 3):
        worlds = [World(120, memory, planted, sets=POWER_SETS) for memory in MEMORIES.values()]
        done = [one for part in pool.map(run_world, worlds) for one in part]
        found = sum(one.found for one in done) / (planted * len(done))
        wrong = fmean(one.false / max(1, one.false + one.found) for one in done)
        lags = [off for one in done for off in one.lags]
        near = sum(off <= 1 for off in lags) / max(1, len(lags))
        said = f"{len(done)} sets of 120 days, {planted} planted, {EFFECT} sd, lag 0 to 3 days"
        name = f"{planted} planted of {METRICS} metrics"
        yield at_least(f"power, {name}", found, 0.9 if planted > 1 else None, said)
        yield at_most(BENCH, f"false discoveries, {name}", wrong, 0.1, "part", said)
        yield at_least(f"lag right within a day, {name}", near, 0.9, f"{len(lags)} found")


def _shifts(pool: ProcessPoolExecutor) -> Iterator[Figure]:
    """Yield false alarms, power and date errors of shifts."""
    for name, (low, high) in MEMORIES.items():
        done = list(pool.map(run_shifts, [(seed, low, high, 0.0) for seed in (1, 2)]))
        alarms = fmean(float(bool(days)) for part in done for days, _ in part)
        said = (
            f"{2 * SHIFT_SERIES} series without one, {name}, 120-180 days, season, single outliers"
        )
        yield at_most(BENCH, f"false shifts, {name}", alarms, 0.05, "series", said)
    for size in (1.0, 2.0):
        for name, (low, high) in MEMORIES.items():
            done = list(pool.map(run_shifts, [(seed, low, high, size) for seed in (3, 4)]))
            rows = [one for part in done for one in part]
            errors = [min(abs(at - true) for at in days) for days, true in rows if days]
            said = f"{len(rows)} series, one shift of {size:g} sd, 120-180 days"
            yield at_least(
                f"shift of {size:g} sd found, {name}", len(errors) / len(rows), None, said
            )
            if errors:
                near = sum(error <= NEAR for error in errors) / len(errors)
                said = f"within {NEAR} days: {near:.0%}"
                yield at_most(
                    BENCH, f"its date off by, median, {name}", median(errors), None, "days", said
                )


def real_figures(telemetry: Telemetry) -> Iterator[Figure]:
    """Yield what is found in series with labelled windows, and in injected faults."""
    found = list(search_windows(telemetry))
    for clock in ("days", "hours"):
        rows = [one for one in found if one.clock == clock]
        if not rows:
            continue
        windows, hit = sum(one.windows for one in rows), sum(one.hit for one in rows)
        stray = sum(one.stray for one in rows)
        said = f"{hit} of {windows} in {len(rows)} series, {sum(one.steps for one in rows)} {clock}"
        yield at_least(f"labelled windows with a shift, by {clock}", hit / windows, None, said)
        name = f"shifts outside labelled windows, by {clock}"
        yield at_most(BENCH, name, stray, None, "shifts", said)
    causes = list(name_causes(telemetry))
    for top in (1, 3):
        for way in ("by_level", "by_movement") if causes else ():
            ranks = [getattr(one, way) for one in causes]
            part = fmean(float(rank is not None and rank <= top) for rank in ranks)
            said = f"{len(causes)} injected faults of about {causes[0].nodes} nodes"
            yield at_least(f"root cause in first {top}, {way.replace('_', ' ')}", part, None, said)


def run_world(world: World) -> list[Outcome]:
    """Return what came of each set of a world; its number is its seed."""
    return [run_set(world, seed) for seed in range(world.sets)]


def run_set(world: World, seed: int) -> Outcome:
    """Make a set and compare all its pairs."""
    draw = np.random.default_rng([seed, world.days, world.planted, int(world.steps)])
    metrics, flows = make_metrics()
    length = world.days + RUN_IN
    noise = {one.id: remember(draw, length, draw.uniform(*world.memory)) for one in metrics}
    truth: dict[tuple[str, str], int] = {}
    for number in range(world.planted):
        leader, follower = f"technical-{number}", f"product-{number}"
        lag = int(draw.integers(0, 4))
        memory = draw.uniform(*world.memory)
        first, own = (remember(draw, length, memory) for _ in range(2))
        noise[leader], noise[follower] = first, EFFECT * np.roll(first, lag) + own
        truth[leader, follower] = lag
    series = {name: as_series(draw, name, one[RUN_IN:], world.steps) for name, one in noise.items()}
    return _outcome(compare(metrics, flows, series), truth)


def _outcome(moves: Moves, truth: dict[tuple[str, str], int]) -> Outcome:
    found = {(one.leader, one.follower): one.lag_days for one in moves.movements}
    lags = tuple(abs(found[pair] - lag) for pair, lag in truth.items() if pair in found)
    return Outcome(len(set(found) - set(truth)), len(lags), lags)


def make_metrics() -> tuple[list[UxMetric], list[Flow]]:
    """Return ten technical and ten product metrics, the n-th of each in one flow."""
    flows = [Flow(id=f"flow-{number}", steps=("step",)) for number in range(FLOWS)]
    metrics = []
    for number in range(METRICS // 2):
        flow = f"flow-{number % FLOWS}"
        metrics += [
            UxMetric(
                id=f"technical-{number}",
                flow=flow,
                step=f"step-{number}",
                kind=MetricKind.ERROR_RATE,
                target=0.01,
            ),
            UxMetric(
                id=f"product-{number}",
                flow=flow,
                step=f"step-{number}",
                kind=MetricKind.DROP_OFF,
                reference=0.1,
            ),
        ]
    return metrics, flows


def remember(draw: np.random.Generator, days: int, memory: float) -> Array:
    """Return noise of variance 1 that remembers the day before."""
    noise = draw.standard_normal(days)
    for day in range(1, days):
        noise[day] = memory * noise[day - 1] + (1 - memory**2) ** 0.5 * noise[day]
    return noise


def as_series(draw: np.random.Generator, name: str, noise: Array, steps: bool) -> Daily:  # noqa: FBT001 - as World has it
    """Return noise as a metric's shares, with weekdays, a slight trend and, if asked, a step."""
    days = np.arange(len(noise))
    level = noise + draw.uniform(0, 1.5) * np.sin(2 * pi * (days + draw.integers(7)) / 7)
    level = level + draw.uniform(-0.3, 0.3) * days / len(days)
    if steps:
        at = draw.integers(len(days) // 6, len(days) - len(days) // 6)
        level = level + np.where(days >= at, draw.choice([-1, 1]) * draw.uniform(1.5, 4), 0.0)
    shares = np.sin(np.clip(0.35 + 0.02 * level, 0.02, 1.5)) ** 2
    return Daily(name, START, shares, np.full(len(days), np.nan))


def run_shifts(what: tuple[int, float, float, float]) -> list[tuple[list[int], int]]:
    """Return the days of the shifts that were found in each series, and the true one."""
    seed, low, high, size = what
    draw = np.random.default_rng([seed, round(100 * low), round(100 * high), round(100 * size)])
    found = []
    for _ in range(SHIFT_SERIES):
        days = int(draw.integers(120, 181))
        noise = remember(draw, days + RUN_IN, draw.uniform(low, high))[RUN_IN:]
        at = int(draw.integers(30, days - 30))
        noise = noise + np.where(np.arange(days) >= at, size, 0.0)
        noise[draw.integers(days, size=2)] += draw.choice([-8.0, 8.0])
        series = as_series(draw, "x", noise, steps=False)
        found.append(([one.at for one in find_changes(levels(series))], at))
    return found


def at_least(figure: str, value: float, limit: float | None, detail: str) -> Figure:
    """Return a share that should reach its limit."""
    return Figure(BENCH, figure, value, limit, limit is None or value >= limit, "part", detail)
