"""Goals: is a chance of 70% reached seven times in ten? Simulated metrics with a known course.

Every series has thirteen weeks of baseline and six months of a goal of -20%. Its level drifts, days
hang together (AR(1), 0 to 0.7), weekends differ, and one to three releases move it by 0 to -25%.
The goal is looked at after one to five months, then at its end, by the program's own rule. `quiet`
series see no release after the look; in `busy` ones releases go on, and no forecast knows of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from math import exp
from pathlib import Path
from random import Random
from statistics import fmean

from benchmarks.figure import Figure, at_most
from debtplan.core.flow import MetricKind, UxMetric
from debtplan.core.reading import Counts, Reading, midnight
from debtplan.core.release import Release
from debtplan.core.tracked import Baseline, TrackedGoal, TrackedStatus, months_after
from debtplan.stats.goal_path import chances
from debtplan.workflows.targets import Known, track_goals

SERIES = 400
FUTURES = 400
START = date(2027, 1, 1)
FIRST = START - timedelta(days=91)
METRIC = UxMetric(id="loss", flow="f", step="s", kind=MetricKind.DROP_OFF, reference=1.0)
GOAL = TrackedGoal(
    id="fifth",
    metric="loss",
    relative=-0.2,
    baseline=Baseline(start_on=FIRST, end_on=START - timedelta(days=1)),
    start_on=START,
    by=date(2027, 6, 30),
)
BINS = ((0.0, 0.1), (0.1, 0.35), (0.35, 0.65), (0.65, 0.9), (0.9, 1.01))


@dataclass(frozen=True, slots=True)
class Course:
    """One simulated metric: its days, what went live, and the month after which it is looked at."""

    readings: tuple[Reading, ...]
    releases: tuple[Release, ...]
    months: int

    @property
    def known(self) -> Known:
        """All of it, as known after its last day."""
        end = GOAL.by + timedelta(days=1)
        return Known((METRIC,), self.readings, (), self.releases, end)


def measure(data: Path | None) -> Iterator[Figure]:
    """Yield how well chances are kept."""
    del data
    for kind in ("quiet", "busy"):
        pairs = [judge(draw_course(seed, is_busy=kind == "busy")) for seed in range(SERIES)]
        told = [(chance, hit) for chance, hit in pairs if chance is not None]
        yield from _figures(kind, told)


def _figures(kind: str, told: list[tuple[float, bool]]) -> Iterator[Figure]:
    base = fmean(hit for _, hit in told)
    brier = fmean((chance - hit) ** 2 for chance, hit in told)
    detail = f"{len(told)} series not settled when looked at, seeds 0 to {SERIES - 1}"
    row = partial(at_most, "goals")
    is_quiet = kind == "quiet"
    yield row(f"Brier score, {kind}", brier, 0.12 if is_quiet else None, "", detail)
    yield row(
        f"Brier score of the mean, {kind}", base * (1 - base), None, "", f"{base:.0%} reached"
    )
    gap = abs(fmean(chance for chance, _ in told) - base)
    yield row(f"mean chance against reached, {kind}", gap, 0.06 if is_quiet else None, "", detail)
    for low, high in BINS:
        inside = [(chance, hit) for chance, hit in told if low <= chance < high]
        if inside:
            said, was = (fmean(one[at] for one in inside) for at in (0, 1))
            name = f"reached where {low:.0%} to {min(high, 1):.0%} was said, {kind}"
            yield row(name, was, None, "", f"{said:.0%} said on average, {len(inside)} series")


def judge(course: Course) -> tuple[float | None, bool]:
    """Return the chance as told on the way, None where the goal was settled, and what came."""
    end = months_after(START, course.months)
    before = replace(course.known, end_on=end, releases=_until(course.releases, end))
    odds = partial(chances, futures=FUTURES)
    then = track_goals((GOAL,), before, odds)[0]
    last = track_goals((GOAL,), course.known, lambda _: None)[0]
    is_open = then.status is TrackedStatus.UNDER_WAY
    return (then.chance if is_open else None), last.status is TrackedStatus.REACHED


def _until(releases: tuple[Release, ...], end: date) -> tuple[Release, ...]:
    return tuple(one for one in releases if one.released_at.date() < end)


def draw_course(seed: int, *, is_busy: bool) -> Course:
    """Return one metric from its seed."""
    draw = Random(f"goals {seed} {is_busy}")
    months = draw.randint(1, 5)
    last = GOAL.by if is_busy else months_after(START, months) - timedelta(days=1)
    span = (last - START).days
    steps = {
        START + timedelta(days=draw.randrange(span)): draw.choice((0.0, 0.05, 0.1, 0.15, 0.25))
        for _ in range(draw.randint(1, 3))
    }
    level, left, wander = draw.uniform(0.03, 0.5), draw.uniform(0, 0.7), draw.uniform(0.01, 0.06)
    drift, walk = draw.gauss(0, 0.0004), draw.uniform(0, 0.003)
    sessions, weekend = draw.choice((500, 3_000, 20_000)), draw.uniform(0.9, 1.1)
    readings, moved, noise = [], 0.0, 0.0
    for number in range((GOAL.by - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        moved += drift + draw.gauss(0, walk) - steps.get(day, 0.0)
        noise = left * noise + draw.gauss(0, wander)
        share = level * exp(moved + noise) * (weekend if day.weekday() > 4 else 1)
        readings.append(_reading(draw, day, min(0.95, share), sessions))
    releases = tuple(
        Release(id=str(day), released_at=midnight(day), name=str(day)) for day in sorted(steps)
    )
    return Course(tuple(readings), releases, months)


def _reading(draw: Random, day: date, share: float, sessions: int) -> Reading:
    spread = (sessions * share * (1 - share)) ** 0.5
    bad = min(sessions, max(0, round(draw.gauss(sessions * share, spread))))
    end = midnight(day + timedelta(days=1))
    measured = Counts(bad=bad, total=sessions)
    return Reading(metric="loss", start_at=midnight(day), end_at=end, measure=measured)
