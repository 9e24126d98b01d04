"""Goals: is a chance of 70% reached seven times in ten? Simulated metrics with a known course.

Every series has thirteen weeks of baseline and six months of a goal of -20%. Its level drifts, days
hang together (AR(1), 0 to 0.7), weekends differ, and one to three releases move it by 0 to -25%.
The goal is looked at after one to five months, then at its end, by the program's own rule. `quiet`
series see no release after the look; in `busy` ones releases go on, and no forecast knows of them.
In `approved` ones what is released after the look was approved before, with a removal that is right
on average; three in ten come two weeks late. Ten earlier items tell how many come in time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from math import exp, prod
from pathlib import Path
from random import Random
from statistics import fmean

from benchmarks.figure import Figure, at_most
from debtplan.core.awaited import Promise
from debtplan.core.drift import INTERVAL_Z
from debtplan.core.flow import MetricKind, UxMetric
from debtplan.core.forecast import Forecast
from debtplan.core.link import Grade
from debtplan.core.reading import Counts, Reading, midnight
from debtplan.core.release import Release
from debtplan.core.tracked import Baseline, TrackedGoal, TrackedStatus, months_after
from debtplan.stats.goal_path import chances
from debtplan.workflows.targets import Known, track_goals

SERIES = 400
FUTURES = 400
LATE = 0.3
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
    promises: tuple[Promise, ...] = ()

    @property
    def known(self) -> Known:
        """All of it, as known after its last day."""
        end = GOAL.by + timedelta(days=1)
        return Known((METRIC,), self.readings, (), self.releases, end, promises=self.promises)


def measure(data: Path | None) -> Iterator[Figure]:
    """Yield how well chances are kept."""
    del data
    for kind in ("quiet", "busy"):
        pairs = [judge(draw_course(seed, is_busy=kind == "busy")) for seed in range(SERIES)]
        told = [(chance, hit) for chance, hit in pairs if chance is not None]
        yield from _figures(kind, told)
    courses = [draw_approved(seed) for seed in range(SERIES)]
    for kind, found in (
        ("approved", courses),
        ("approved, unknown", [replace(one, promises=()) for one in courses]),
    ):
        pairs = [judge(one) for one in found]
        told = [(chance, hit) for chance, hit in pairs if chance is not None]
        yield from _figures(kind, told)


def _figures(kind: str, told: list[tuple[float, bool]]) -> Iterator[Figure]:
    base = fmean(hit for _, hit in told)
    brier = fmean((chance - hit) ** 2 for chance, hit in told)
    detail = f"{len(told)} series not settled when looked at, seeds 0 to {SERIES - 1}"
    row = partial(at_most, "goals")
    is_kept = kind in {"quiet", "approved"}
    yield row(f"Brier score, {kind}", brier, 0.12 if kind == "quiet" else None, "", detail)
    yield row(
        f"Brier score of the mean, {kind}", base * (1 - base), None, "", f"{base:.0%} reached"
    )
    gap = abs(fmean(chance for chance, _ in told) - base)
    yield row(f"mean chance against reached, {kind}", gap, 0.06 if is_kept else None, "", detail)
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


def draw_approved(seed: int) -> Course:
    """Return one metric whose releases after the look were approved before it."""
    draw = Random(f"approved {seed}")
    course = draw_course(seed, is_busy=False)
    end = months_after(START, course.months)
    came = {one.released_at.date(): one for one in course.releases}
    factors: dict[date, float] = {}
    promises = [_past(draw, number, end) for number in range(10)]
    for number in range(draw.randint(1, 3)):
        due = end + timedelta(days=draw.randint(0, 27))
        claim = draw.choice((0.05, 0.1, 0.2))
        true = draw.betavariate(4 * claim, 4 * (1 - claim))
        comes = due + timedelta(days=1 + 14 * (draw.random() < LATE))
        factors[comes] = factors.get(comes, 1.0) * (1 - true)
        came[comes] = Release(id=str(comes), released_at=midnight(comes), name=str(comes))
        promises.append(_promise(f"jira:N-{number}", claim, (due, comes)))
    readings = [_lowered(draw, one, factors) for one in course.readings]
    releases = tuple(came[day] for day in sorted(came))
    return Course(tuple(readings), releases, course.months, tuple(promises))


def _past(draw: Random, number: int, end: date) -> Promise:
    """Return one item whose sprint was over before the look."""
    due = end - timedelta(days=14)
    came = due - timedelta(days=1) if draw.random() >= LATE else due + timedelta(days=10)
    return _promise(f"jira:P-{number}", 0.1, (due, came), "another")


def _promise(item: str, claim: float, days: tuple[date, date], metric: str = "loss") -> Promise:
    """Return a promise whose whole share is excess, with the spread of its true removals."""
    due, came = days
    spread = INTERVAL_Z * (claim * (1 - claim) / 5) ** 0.5
    return Promise(
        Forecast(
            plan_id="p", item=item, metric=metric, team="t", sprint_id="s",
            frozen_at=midnight(due - timedelta(days=28)), grade=Grade.C, sessions=1_000,
            bad_share=0.2, goal_share=0.0, harm=200, removal=claim,
            low=max(0.0, claim - spread), high=claim + spread, baseline_start_on=FIRST,
            baseline_end_on=START, method="", due_on=due,
        ),
        came,
    )  # fmt: skip


def _lowered(draw: Random, reading: Reading, factors: dict[date, float]) -> Reading:
    """Return a day with what approved work takes off from then on."""
    assert isinstance(reading.measure, Counts)
    left = prod(factor for day, factor in factors.items() if day <= reading.start_at.date())
    kept = reading.measure.bad * left
    bad = max(0, min(reading.measure.bad, round(draw.gauss(kept, (kept * (1 - left)) ** 0.5))))
    measured = Counts(bad=bad, total=reading.measure.total)
    return reading.model_copy(update={"measure": measured})


def _reading(draw: Random, day: date, share: float, sessions: int) -> Reading:
    spread = (sessions * share * (1 - share)) ** 0.5
    bad = min(sessions, max(0, round(draw.gauss(sessions * share, spread))))
    end = midnight(day + timedelta(days=1))
    measured = Counts(bad=bad, total=sessions)
    return Reading(metric="loss", start_at=midnight(day), end_at=end, measure=measured)
