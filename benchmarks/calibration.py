"""What calibration is worth: teams whose claims are off by a planted ratio, grade by grade.

A team has 30 items a round, each on a metric of its own, with a share that was claimed with an
error. The five that look best are done, so the claims are over-claimed by that choice too. What
each removes is its true share, times what its grade delivers that time, times the planted ratio of
the grade and of the team. Verdicts see that with an error; from five verdicts on every round is
planned with what those before delivered, as the program does. After six rounds, 30 verdicts, two
more are looked at.

In every round the two items that look next best are approved too and do not come. What metrics do
by themselves is planted: a drift, a deviation of each metric's own, and regression to the mean:
metrics are measured with an error, the worst measured are chosen, and the error falls back (real
verdicts leave out the days that led to the plan; here they are taken to compare with them). What
is seen holds all of it, on top of what the release did.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from math import exp, log, sqrt
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import fmean

from benchmarks.figure import Figure, at_most
from debtplan.core.appraisal import appraise
from debtplan.core.calibration import Calibration, Track, calibrate
from debtplan.core.capacity import CapacityPolicy, Sprint
from debtplan.core.drift import drift_of
from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem
from debtplan.core.link import GRADE_WEIGHT, Claim, Grade, LinkBasis, LinkPolicy, Share
from debtplan.core.placebo import Placebo
from debtplan.core.reading import Counts, Reading, midnight
from debtplan.core.value import MAX_REMOVAL
from debtplan.core.verdict import Outcome
from debtplan.stats.draws import Draws

TEAMS = 100
WORKERS = 2
ITEMS, DONE, ROUNDS, AFTER = 30, 5, 6, 2
WORLDS = 400
GOAL = 0.01

TRUTH = {Grade.A: 1.0, Grade.B: 0.9, Grade.C: 0.75, Grade.D: 0.6, Grade.E: 0.5}
"""Planted part of what a grade claims that comes."""

TEAM_SPREAD = 0.15
MISSED = 2
"""Approved items a round that do not come."""

SHARE_NOISE = 0.3
"""Standard deviation of ln(claimed / true share)."""

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SPRINT = Sprint(id="s", name="s", start_on=date(2026, 11, 30), end_on=date(2026, 12, 11))
FLOW = Flow(id="shop", sessions_per_sprint=10_000)


@dataclass(frozen=True)
class Truth:
    """What is planted, and what is known of it.

    Attributes:
        is_whole: Whether a fix works whole or not at all.
        drift: Part of the excess that goes away by itself, on average.
        own: Standard deviation of that from metric to metric.
        regress: Standard deviation of ln(measured / true frustrated share); it falls back.
        is_told: Whether what did not come is held against the verdicts.
    """

    is_whole: bool = False
    drift: float = 0.0
    own: float = 0.0
    regress: float = 0.0
    is_told: bool = False


PLAIN = Truth()


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


def figures(run: Callable[[Truth, int], list[Team]], count: int) -> Iterator[Figure]:
    """Yield all figures, each from so many teams."""
    teams = run(PLAIN, count)
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
    hard = [
        one for team in run(Truth(is_whole=True), count) for one in team.promises if one.is_last
    ]
    detail = f"a fix works whole or not at all, which the worlds do not expect; {after}"
    yield at_most(
        "calibration", "claimed / realised, all or nothing", _ratio(hard), None, "ratio", detail
    )
    yield at_most("calibration", "80% intervals, all or nothing", _held(hard), None, "", detail)
    yield from _drifting(run, count, after)


def _drifting(run: Callable[[Truth, int], list[Team]], count: int, after: str) -> Iterator[Figure]:
    """Yield what placebos are worth: with and without them, where metrics drift and where not."""
    planted = {
        "no drift": Truth(),
        "5% better by itself": Truth(drift=0.05, own=0.03),
        "10% better by itself": Truth(drift=0.1, own=0.05),
        "5% worse by itself": Truth(drift=-0.05, own=0.03),
        "chosen for being measured bad": Truth(regress=0.15),
    }
    for name, truth in planted.items():
        plain, told = (run(replace(truth, is_told=is_told), count) for is_told in (False, True))
        before, last = (
            [one for team in teams for one in team.promises if one.is_last]
            for teams in (plain, told)
        )
        detail = (
            f"without placebos {_ratio(before):.3f}; {MISSED * ROUNDS} placebos, each metric "
            f"{truth.own:g} of its own; {after}"
        )
        figure = f"claimed / realised with placebos, {name}"
        yield _within(figure, _ratio(last), (0.9, 1.1), "ratio", detail)
        off, off_told = (_off(teams) for teams in (plain, told))
        detail = f"without placebos {off:.3f}; over teams; {after}"
        yield at_most(
            "calibration", f"a team's claimed / realised is off by, {name}", off_told,
            None, "root mean square of ln", detail,
        )  # fmt: skip
        detail = f"without placebos {_held(before):.3f}; {after}"
        figure = f"80% intervals hold what came, {name}"
        yield _within(figure, _held(last), (0.75, 0.85), "", detail)


def _off(teams: Sequence[Team]) -> float:
    """Return how far single teams' sums are off: the root mean square of ln(claimed / came)."""
    found = []
    for team in teams:
        ratio = _ratio([one for one in team.promises if one.is_last])
        found.append(log(ratio) ** 2)
    return sqrt(fmean(found))


def _teams(
    spread: Callable[..., Iterator[list[Team]]],
    truth: Truth,
    count: int,
) -> list[Team]:
    size = max(1, count // 8)
    parts = [range(start, min(start + size, count)) for start in range(0, count, size)]
    return [one for part in spread(partial(run_some, truth), parts) for one in part]


def run_some(truth: Truth, seeds: Sequence[int]) -> list[Team]:
    """Return the teams of these seeds."""
    return [run_team(seed, truth) for seed in seeds]


def run_team(seed: int, truth: Truth = PLAIN) -> Team:
    """Return one team's promises of the first round and of the last ones."""
    random = Random(seed)
    own = max(0.3, random.gauss(1, TEAM_SPREAD))
    tracks: list[Track] = []
    placebos: list[Placebo] = []
    aside = Random(f"missed {seed}")
    truths: list[float] = []
    looked: list[Promise] = []
    delivered: Calibration | None = None
    for number in range(ROUNDS + AFTER):
        if number <= ROUNDS:
            drift = drift_of(placebos) if truth.is_told else None
            delivered = calibrate(tracks, "t", (), drift)
        done, missed = _round((random, aside), own, delivered, truth)
        for promise, track, ratio in done:
            if number < ROUNDS:
                tracks.append(track)
                truths.append(ratio)
            if number == 0 or number >= ROUNDS:
                looked.append(Promise(*promise, is_last=number >= ROUNDS))
        placebos += missed
    assert delivered is not None
    pooled = delivered.delivered
    return Team(tuple(looked), pooled.low <= fmean(truths) <= pooled.high)


Done = tuple[tuple[Grade, float, float, float, float], Track, float]
"""What is promised of an item and came, the verdict on it, and the planted ratio."""


def _round(
    randoms: tuple[Random, Random], own: float, delivered: Calibration | None, truth: Truth
) -> tuple[list[Done], list[Placebo]]:
    """Return what becomes of the best items, and what is measured of those that do not come."""
    random, aside = randoms
    backlog = _backlog(random, delivered, (truth, aside))
    appraisal = appraise(backlog.inputs)
    ranked = sorted(appraisal.values.values(), key=lambda one: (-one.ux_value, one.item))
    best = [one.terms[0] for one in ranked[:DONE]]
    spreads = Draws(WORLDS).removals(appraisal, [one.item for one in best], random.randrange(10**6))
    done = []
    for term in best:
        low, high = spreads[term.item, term.metric]
        worked = _worked(term.grade_factor, random, is_whole=truth.is_whole)
        ratio = TRUTH[term.grade] * own
        came = min(MAX_REMOVAL, backlog.shares[term.item] * worked * ratio)
        error = random.uniform(0.02, 0.08)
        seen = came + random.gauss(0, error) + aside.gauss(backlog.falls[term.item], truth.own)
        plain = term.removal / term.calibration
        track = Track(
            grade=term.grade, team="t", ratio=seen / plain, error=error / plain, claim=plain
        )
        comes = backlog.shares[term.item] * term.grade_factor * ratio / plain
        done.append(((term.grade, term.removal, low, high, came), track, comes))
    late = ranked[DONE : DONE + MISSED]
    return done, [_missed(truth, aside, backlog.falls[one.item], one.item) for one in late]


def _missed(truth: Truth, aside: Random, fall: float, item: str) -> Placebo:
    """Return what is measured of approved work that does not come."""
    error = aside.uniform(0.02, 0.08)
    return Placebo(
        plan_id="p",
        item=item,
        metric="m",
        judged_at=NOW,
        due_on=NOW.date(),
        outcome=Outcome.CANNOT_TELL,
        realised=aside.gauss(fall, truth.own) + aside.gauss(0, error),
        realised_error=error,
    )


def _worked(chance: float, random: Random, *, is_whole: bool) -> float:
    """Return which part of its share a fix delivers this time."""
    if is_whole:
        return float(random.random() < chance)
    return random.betavariate(GRADE_WEIGHT * chance, GRADE_WEIGHT * (1 - chance))


@dataclass(frozen=True)
class Backlog:
    """True shares, the part of each metric's excess that falls back, and what the team knows."""

    shares: dict[str, float]
    falls: dict[str, float]
    inputs: Inputs


def _backlog(
    random: Random, delivered: Calibration | None, planted: tuple[Truth, Random]
) -> Backlog:
    """Return 30 items, each with a metric of its own."""
    truth, aside = planted
    shares, falls = {}, {}
    items, claims, metrics, readings = [], [], [], []
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
                id=metric, flow="shop", step=metric, kind=MetricKind.ERROR_RATE, target=GOAL,
                sessions_per_sprint=10_000,
            )
        )  # fmt: skip
        start = midnight(NOW.date() - timedelta(days=3))
        level = random.uniform(0.05, 0.2)
        measured = level * exp(aside.gauss(0, truth.regress))
        falls[key] = truth.drift + (measured - level) / (measured - GOAL)
        bad = Counts(bad=28_000 * measured, total=28_000)
        readings.append(
            Reading(metric=metric, start_at=start, end_at=start + timedelta(days=1), measure=bad)
        )
    made_from = Inputs(
        team="t", sprint=SPRINT, as_of=NOW, items=tuple(items), claims=tuple(claims),
        flows=(FLOW,), metrics=tuple(metrics), readings=tuple(readings),
        capacity=CapacityPolicy(points=40), links=LinkPolicy(), calibration=delivered,
    )  # fmt: skip
    return Backlog(shares, falls, made_from)


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
