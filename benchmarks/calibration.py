"""What calibration is worth: teams whose claims are off by a planted ratio, grade by grade.

A team has 30 items a round, each on a metric of its own, with a share that was claimed with an
error. The five that look best are done, so the claims are over-claimed by that choice too. What
each removes is its true share, times what its grade delivers that time, times the planted ratio of
the grade and of the team. Verdicts see that with an error; from five verdicts on every round is
planned with what those before delivered, as the program does. After six rounds, 30 verdicts, two
more are looked at.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import fmean

from benchmarks.figure import Figure, at_most
from debtplan.core.appraisal import appraise
from debtplan.core.calibration import Calibration, Track, calibrate
from debtplan.core.capacity import CapacityPolicy, Sprint
from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem
from debtplan.core.link import GRADE_WEIGHT, Claim, Grade, LinkBasis, LinkPolicy, Share
from debtplan.core.reading import Counts, Reading, midnight
from debtplan.core.value import MAX_REMOVAL
from debtplan.stats.draws import Draws

TEAMS = 100
WORKERS = 2
ITEMS, DONE, ROUNDS, AFTER = 30, 5, 6, 2
WORLDS = 400

TRUTH = {Grade.A: 1.0, Grade.B: 0.9, Grade.C: 0.75, Grade.D: 0.6, Grade.E: 0.5}
"""Planted part of what a grade claims that comes."""

TEAM_SPREAD = 0.15
SHARE_NOISE = 0.3
"""Standard deviation of ln(claimed / true share)."""

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SPRINT = Sprint(id="s", name="s", start_on=date(2026, 11, 30), end_on=date(2026, 12, 11))
FLOW = Flow(id="shop", sessions_per_sprint=10_000)


@dataclass(frozen=True)
class Promise:
    """A forecast of the rounds that are looked at, and what came."""

    grade: Grade
    claimed: float
    low: float
    high: float
    came: float
    is_last: bool


@dataclass(frozen=True)
class Team:
    """One team's promises, and whether the interval of what was delivered holds the truth."""

    promises: tuple[Promise, ...]
    holds: bool


def measure(_data: Path | None = None) -> Iterator[Figure]:
    """Yield claimed / realised and the intervals' coverage, with calibration and without."""
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        yield from figures(partial(_teams, pool.map), TEAMS)


def figures(run: Callable[[str, int], list[Team]], count: int) -> Iterator[Figure]:
    """Yield all figures, each from so many teams."""
    teams = run("partly", count)
    said = f"{count} teams, seeds 0-{count - 1}; {ITEMS} items a round, the best {DONE} are done"
    first = [one for team in teams for one in team.promises if not one.is_last]
    last = [one for team in teams for one in team.promises if one.is_last]
    yield at_most(
        "calibration", "claimed / realised before any verdict", _ratio(first), None, "ratio", said
    )
    after = f"after {ROUNDS * DONE} verdicts; {said}"
    yield _within("claimed / realised", _ratio(last), (0.9, 1.1), "ratio", after)
    yield _within("80% intervals hold what came", _held(last), (0.75, 0.85), "", after)
    yield at_most("calibration", "the same before any verdict", _held(first), None, "", said)
    for grade in Grade:
        own = [one for one in last if one.grade is grade]
        if own:
            detail = (
                f"planted {TRUTH[grade]:g}; {len(own)} forecasts, {_held(own):.2f} held; {after}"
            )
            figure = f"claimed / realised, grade {grade}"
            yield at_most("calibration", figure, _ratio(own), None, "ratio", detail)
    holds = fmean(team.holds for team in teams)
    detail = f"80% interval of the mean ratio; {after}"
    yield at_most("calibration", "the honesty line's interval holds", holds, None, "", detail)
    hard = [one for team in run("whole", count) for one in team.promises if one.is_last]
    detail = f"a fix works whole or not at all, which the worlds do not expect; {after}"
    yield at_most(
        "calibration", "claimed / realised, all or nothing", _ratio(hard), None, "ratio", detail
    )
    yield at_most("calibration", "80% intervals, all or nothing", _held(hard), None, "", detail)


def _teams(
    spread: Callable[..., Iterator[list[Team]]],
    works: str,
    count: int,
) -> list[Team]:
    size = max(1, count // 8)
    parts = [range(start, min(start + size, count)) for start in range(0, count, size)]
    return [one for part in spread(partial(run_some, works), parts) for one in part]


def run_some(works: str, seeds: Sequence[int]) -> list[Team]:
    """Return the teams of these seeds."""
    return [run_team(seed, is_whole=works == "whole") for seed in seeds]


def run_team(seed: int, *, is_whole: bool) -> Team:
    """Return one team's promises of the first round and of the last ones."""
    random = Random(seed)
    own = max(0.3, random.gauss(1, TEAM_SPREAD))
    tracks: list[Track] = []
    truths: list[float] = []
    looked: list[Promise] = []
    delivered: Calibration | None = None
    for number in range(ROUNDS + AFTER):
        if number <= ROUNDS:
            delivered = calibrate(tracks, "t", ())
        for promise, track, truth in _round(random, own, delivered, is_whole=is_whole):
            if number < ROUNDS:
                tracks.append(track)
                truths.append(truth)
            if number == 0 or number >= ROUNDS:
                looked.append(Promise(*promise, is_last=number >= ROUNDS))
    assert delivered is not None
    pooled = delivered.delivered
    return Team(tuple(looked), pooled.low <= fmean(truths) <= pooled.high)


def _round(
    random: Random, own: float, delivered: Calibration | None, *, is_whole: bool
) -> Iterator[tuple[tuple[Grade, float, float, float, float], Track, float]]:
    """Yield what is promised of the best items, the verdict on it, and the planted ratio."""
    shares, made_from = _backlog(random, delivered)
    appraisal = appraise(made_from)
    ranked = sorted(appraisal.values.values(), key=lambda one: (-one.ux_value, one.item))
    best = [one.terms[0] for one in ranked[:DONE]]
    spreads = Draws(WORLDS).removals(appraisal, [one.item for one in best], random.randrange(10**6))
    for term in best:
        low, high = spreads[term.item, term.metric]
        worked = _worked(term.grade_factor, random, is_whole=is_whole)
        ratio = TRUTH[term.grade] * own
        came = min(MAX_REMOVAL, shares[term.item] * worked * ratio)
        error = random.uniform(0.02, 0.08)
        seen = came + random.gauss(0, error)
        plain = term.removal / term.calibration
        track = Track(
            grade=term.grade,
            team="t",
            ratio=seen / plain,
            error=error / plain,
        )
        truth = shares[term.item] * term.grade_factor * ratio / plain
        yield (term.grade, term.removal, low, high, came), track, truth


def _worked(chance: float, random: Random, *, is_whole: bool) -> float:
    """Return which part of its share a fix delivers this time."""
    if is_whole:
        return float(random.random() < chance)
    return random.betavariate(GRADE_WEIGHT * chance, GRADE_WEIGHT * (1 - chance))


def _backlog(random: Random, delivered: Calibration | None) -> tuple[dict[str, float], Inputs]:
    """Return true shares by item, and what the team knows."""
    shares, items, claims, metrics, readings = {}, [], [], [], []
    for number in range(ITEMS):
        key, metric = f"csv:{number}", f"m{number:02}"
        true = random.uniform(0.1, 0.6)
        likely = min(0.9, true * 2.718281828 ** random.gauss(0, SHARE_NOISE))
        share = Share(low=0.6 * likely, likely=likely, high=min(0.95, 1.4 * likely))
        grade = random.choices(tuple(Grade), weights=(1, 2, 4, 3, 2))[0]
        shares[key] = true
        items.append(DebtItem(key=key, source="csv", title=key, points=2))
        claims.append(
            Claim(item=key, metric=metric, basis=LinkBasis.FILE, share=share, grade=grade)
        )
        metrics.append(
            UxMetric(
                id=metric, flow="shop", step=metric, kind=MetricKind.ERROR_RATE, target=0.01,
                sessions_per_sprint=10_000,
            )
        )  # fmt: skip
        start = midnight(NOW.date() - timedelta(days=3))
        bad = Counts(bad=28_000 * random.uniform(0.05, 0.2), total=28_000)
        readings.append(
            Reading(metric=metric, start_at=start, end_at=start + timedelta(days=1), measure=bad)
        )
    made_from = Inputs(
        team="t", sprint=SPRINT, as_of=NOW, items=tuple(items), claims=tuple(claims),
        flows=(FLOW,), metrics=tuple(metrics), readings=tuple(readings),
        capacity=CapacityPolicy(points=40), links=LinkPolicy(), calibration=delivered,
    )  # fmt: skip
    return shares, made_from


def _ratio(promises: Sequence[Promise]) -> float:
    """Return what was claimed over what came, all added up."""
    return sum(one.claimed for one in promises) / sum(one.came for one in promises)


def _held(promises: Sequence[Promise]) -> float:
    return fmean(one.low <= one.came <= one.high for one in promises)


def _within(
    figure: str, value: float, limits: tuple[float, float], unit: str, detail: str
) -> Figure:
    low, high = limits
    said = f"{low:g} to {high:g}; {detail}"
    return Figure("calibration", figure, value, high, low <= value <= high, unit, said)
