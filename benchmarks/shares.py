"""Measured shares on sessions with a planted cause: do intervals cover, are causes found?

Sessions are drawn independently: a stratum, a mark (with a probability that differs between
strata), and whether they go wrong (with a risk that differs between strata and is multiplied by the
mark). So strata confound: where the mark is common, the risk is often higher anyway. The truth is
the attributable fraction of that population, computed from its probabilities.

The suspects are looked for among three dimensions with 75 values. One error code of one dimension
is the cause; one country meets it more often than others, so it seems to be a cause and is none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp, fsum, log, sqrt
from pathlib import Path
from statistics import fmean, median, stdev

import numpy as np
from numpy.typing import NDArray

from benchmarks.figure import Figure, at_most
from debtplan.core.attributable import Attributable, Z, attribute
from debtplan.core.measured import MeasuredShare
from debtplan.core.suspects import Suspect, suspects_of
from debtplan.core.tally import Selector, Stratum, Tally

TRIES = 3_000
"""Populations drawn for each coverage: it is then known within 0.8 points (two errors)."""

WORLDS = 300
"""Worlds in which suspects are looked for, with a cause and without one."""

COVERED = (0.93, 0.97)
FIRST = 0.9
FALSE = 0.1

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A population.

    Attributes:
        name: What is special about it.
        sessions: Sessions drawn.
        weights: Of the strata.
        mark: Chance of the mark, by stratum.
        risk: Risk without the mark, by stratum.
        ratio: What the mark multiplies it by, by stratum.
        halves: Part of the bad sessions that were only annoyed and count one half.
    """

    name: str
    sessions: int
    weights: Sequence[float]
    mark: Sequence[float]
    risk: Sequence[float]
    ratio: Sequence[float]
    halves: float = 0.0

    @property
    def chances(self) -> Floats:
        """Chance of each stratum's four cells: with the mark bad and good, without it likewise."""
        weight = np.array(self.weights) / sum(self.weights)
        mark, risk = np.array(self.mark), np.array(self.risk)
        worse = np.minimum(1.0, risk * np.array(self.ratio))
        cells = (mark * worse, mark * (1 - worse), (1 - mark) * risk, (1 - mark) * (1 - risk))
        return np.stack([weight * cell for cell in cells], axis=-1)

    @property
    def truth(self) -> float:
        """The attributable fraction."""
        cells = self.chances
        expected = fsum(cells.sum(axis=1) * cells[:, 2] / (cells[:, 2] + cells[:, 3]))
        return 1 - expected / fsum(cells[:, 0] + cells[:, 2])


def _same(value: float, count: int) -> tuple[float, ...]:
    return (value,) * count


def _line(start: float, end: float, count: int) -> tuple[float, ...]:
    return tuple(float(one) for one in np.linspace(start, end, count))


FOUR = ((4, 3, 2, 1), (0.1, 0.2, 0.4, 0.6), (0.1, 0.2, 0.3, 0.3))
SELDOM = (0.001, 0.002, 0.004, 0.006)
HUNDRED = (_same(1, 100), _line(0.1, 0.6, 100), _line(0.05, 0.3, 100))

CASES = (
    Case("one stratum", 5_000, (1,), (0.3,), (0.2,), (3,)),
    Case("one stratum, 200 sessions", 200, (1,), (0.3,), (0.2,), (3,)),
    Case("four strata that confound", 5_000, *FOUR, _same(2, 4)),
    Case("ratios that differ between strata", 5_000, *FOUR, (4, 2, 1.5, 1)),
    Case("no effect, only confounding", 5_000, *FOUR, _same(1, 4)),
    Case("a mark that protects", 5_000, *FOUR, _same(0.5, 4)),
    Case("a rare mark, 6 bad sessions with it", 5_000, FOUR[0], SELDOM, FOUR[2], _same(2, 4)),
    Case("rare failures, 9 with the mark", 5_000, FOUR[0], FOUR[1], (0.001, *_same(0.002, 3)),
         _same(4, 4)),
    Case("100 strata of 8 sessions", 800, *HUNDRED, _same(2.5, 100)),
    Case("100 strata of 20 sessions", 2_000, *HUNDRED, _same(2.5, 100)),
    Case("nearly all is explained", 3_000, (1,), (0.7,), (0.05,), (15,)),
)  # fmt: skip
HALVES = Case("half of the bad only annoyed", 5_000, *FOUR, _same(2, 4), halves=0.5)


def measure(_data: Path | None = None) -> Iterator[Figure]:
    """Yield coverage and bias by case, and what becomes of planted causes."""
    for number, case in enumerate(CASES):
        yield from coverage(case, number)
    yield from _spread(CASES[2])
    yield from _record(len(CASES))
    yield from _found()


def draw(case: Case, tries: int, seed: int) -> Iterator[tuple[Stratum, ...]]:
    """Yield the strata of so many draws of a population."""
    random = np.random.default_rng(seed)
    cells = case.chances
    drawn = random.multinomial(case.sessions, cells.ravel(), size=tries)
    for one in drawn.reshape(tries, *cells.shape).astype(float):
        if case.halves:
            for cell in (0, 2):
                half = random.binomial(one[:, cell].astype(int), case.halves) / 2
                one[:, cell : cell + 2] += np.stack([-half, half], axis=1)
        yield tuple(
            Stratum(bad_with=a, total_with=a + b, bad_without=c, total_without=c + d)
            for a, b, c, d in one.tolist()
        )


def coverage(case: Case, seed: int) -> Iterator[Figure]:
    """Yield how often the interval holds the truth, with the bias beside it."""
    found = [attribute(one) for one in draw(case, TRIES, seed)]
    known = [one for one in found if one.fraction is not None]
    covered = fmean(_holds(one, case.truth) for one in known)
    below = fmean((one.high or 0.0) < case.truth for one in known)
    bias = fmean(one.fraction or 0.0 for one in known) - case.truth
    detail = (
        f"truth {case.truth:.3f}, bias {bias:+.4f}, truth above it {below:.3f}, below it "
        f"{1 - covered - below:.3f}; {TRIES - len(known)} of {TRIES} could not be said, seed {seed}"
    )
    fine = COVERED[0] <= covered <= COVERED[1]
    figure = f"95% interval covers: {case.name}"
    yield Figure("shares", figure, covered, COVERED[0], fine, "", detail)


def _holds(one: Attributable, truth: float) -> bool:
    return one.low is not None and one.high is not None and one.low <= truth <= one.high


def _spread(case: Case) -> Iterator[Figure]:
    """Yield how PERT's standard deviation of the share compares with how shares really vary."""
    day = datetime(2026, 1, 1, tzinfo=UTC).date()
    found = [attribute(one) for one in draw(case, TRIES // 3, 99)]
    mark = Selector(dimension="mark", value="x")
    parts = [MeasuredShare(selector=mark, found=f, start_on=day, end_on=day).parts for f in found]
    pert = fmean((high - low) / 6 for low, _, high in parts)
    real = stdev(likely for _, likely, _ in parts)
    figure = "PERT's standard deviation of the share / the real one"
    detail = f"{case.name}; low and high are three standard errors away"
    yield Figure("shares", figure, pert / real, 1.1, 0.9 <= pert / real <= 1.1, "ratio", detail)


def _record(seed: int) -> Iterator[Figure]:
    """Yield what does not hold, or would not: half counts, and one ratio for all strata."""
    case = HALVES
    found = [attribute(one) for one in draw(case, TRIES, seed)]
    covered = fmean(_holds(one, case.truth) for one in found)
    detail = "the binomial variance is too large where bad sessions count one half: conservative"
    yield at_most("shares", f"95% interval covers: {case.name}", covered, None, "", detail)
    for case in (CASES[2], CASES[3], CASES[5]):
        sets = list(draw(case, TRIES, seed))
        common = fmean(_common_ratio(one, case.truth) for one in sets)
        detail = "one Mantel-Haenszel ratio for all strata, Greenland's variance; not used"
        figure = f"the alternative covers: {case.name}"
        yield at_most("shares", figure, common, None, "", detail)


def _common_ratio(strata: Sequence[Stratum], truth: float) -> bool:
    """Tell whether the interval of the alternative holds the truth (Greenland 1987)."""
    up = down = spread = bad = marked = 0.0
    for one in strata:
        n1, n0, b1, b0 = one.total_with, one.total_without, one.bad_with, one.bad_without
        total = n1 + n0
        if total:
            up += b1 * n0 / total
            down += b0 * n1 / total
            spread += ((b1 + b0) * n1 * n0 - b1 * b0 * total) / total**2
        bad, marked = bad + b1 + b0, marked + b1
    ratio = up / down
    fraction = marked / bad * (1 - 1 / ratio)
    variance = (fraction / (1 - fraction)) ** 2 * (
        spread / (up * down) / (ratio - 1) ** 2
        + 2 / (marked * (ratio - 1))
        + (bad - marked) / (marked * bad)
    )
    error = sqrt(max(0.0, variance))
    ends = [1 - exp(log(1 - fraction) + sign * Z * error) for sign in (1, -1)]
    return ends[0] <= truth <= ends[1]


SESSIONS = 8_000
VALUES = {"country": 20, "error": 30, "endpoint": 25}
CAUSE, MIMIC = "error", ("country", 3)
RATIOS = (1.7, 2.0, 2.5, 3.0, 4.0)
CAUSES = 3


def planted(seed: int) -> tuple[int, float]:
    """Return a world's cause, one of the three commonest errors, and what it multiplies risks by.

    It explains about 1% to 15% of the bad sessions.
    """
    return 1 + seed % CAUSES, RATIOS[seed % len(RATIOS)]


def make_world(seed: int, *, is_planted: bool) -> list[Tally]:
    """Return what was counted of a world: three dimensions, within three devices."""
    random = np.random.default_rng(seed)
    device = random.integers(0, 3, SESSIONS)
    values: dict[str, NDArray[np.int64]] = {}
    for name in ("country", "endpoint"):
        values[name] = random.choice(VALUES[name], SESSIONS, p=_rarer(VALUES[name]))
    met = np.where(values["country"] == MIMIC[1], 0.5, 0.15)
    code = 1 + random.choice(VALUES["error"] - 1, SESSIONS, p=_rarer(VALUES["error"] - 1))
    values["error"] = np.where(random.random(SESSIONS) < met, code, 0)
    risk = np.array([0.1, 0.2, 0.3])[device]
    if is_planted:
        cause, ratio = planted(seed)
        risk = np.where(values[CAUSE] == cause, np.minimum(1.0, risk * ratio), risk)
    bad = random.random(SESSIONS) < risk
    tallies = []
    both = device * VALUES[MIMIC[0]] + values[MIMIC[0]]
    for name, count in VALUES.items():
        within = both if name == CAUSE else device
        for value in range(count):
            has = values[name] == value
            if has.any():
                tallies.append(_tally(name, value, (has, bad), within))
    return tallies


def _rarer(count: int) -> Floats:
    """Return chances that fall from value to value, so that most values are rare."""
    weights = 1 / np.arange(1, count + 1) ** 1.3
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _tally(
    name: str,
    value: int,
    sessions: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    within: NDArray[np.int64],
) -> Tally:
    has, bad = sessions
    groups = int(within.max()) + 1
    counts = [
        np.bincount(within[chosen], minlength=groups).tolist()
        for chosen in (has & bad, has, ~has & bad, ~has)
    ]
    strata = tuple(
        Stratum(
            name=_group(name, group), bad_with=b1, total_with=n1, bad_without=b0, total_without=n0
        )
        for group, b1, n1, b0, n0 in zip(range(groups), *counts, strict=True)
        if n1 + n0
    )
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 29, tzinfo=UTC)
    return Tally(
        metric="m", dimension=name, value=str(value), start_at=start, end_at=end, strata=strata
    )


def _group(name: str, group: int) -> str:
    if name != CAUSE:
        return f"device = {group}"
    device, other = divmod(group, VALUES[MIMIC[0]])
    return f"device = {device}, {MIMIC[0]} = {other}"


def _found() -> Iterator[Figure]:
    worlds = [(seed, suspects_of(make_world(seed, is_planted=True))) for seed in range(WORLDS)]
    causes = {seed: (CAUSE, planted(seed)[0]) for seed, _ in worlds}
    first = fmean(bool(one) and _is(one[0], causes[seed]) for seed, one in worlds)
    seen = [one.fraction for seed, found in worlds for one in found if _is(one, causes[seed])]
    what = f"{WORLDS} worlds, {SESSIONS:,} sessions, {sum(VALUES.values())} marks, seeds from 0"
    detail = f"{what}; it explains {min(seen):.1%} to {max(seen):.1%}, median {median(seen):.1%}"
    figure = "the planted cause is the first suspect"
    yield Figure("shares", figure, first, FIRST, first >= FIRST, "", detail)
    false = fmean(_false_part(one, causes[seed]) for seed, one in worlds)
    yield at_most("shares", "false suspects, with a cause", false, FALSE, "", what)
    told = [one for _, found in worlds for one in found if _is(one, MIMIC)]
    explained = fmean(one.is_explained for one in told) if told else 1.0
    detail = f"a country that meets the cause more often; suspected in {len(told)} worlds"
    figure = "what only seems a cause is called explained"
    yield at_most("shares", figure, explained, None, "", detail)
    quiet = [
        suspects_of(make_world(seed, is_planted=False)) for seed in range(1_000, 1_000 + WORLDS)
    ]
    any_false = fmean(bool(one) for one in quiet)
    yield at_most(
        "shares", "worlds without a cause that have a suspect", any_false, FALSE, "", what
    )


def _is(one: Suspect, mark: tuple[str, int]) -> bool:
    return (one.selector.dimension, one.selector.value) == (mark[0], str(mark[1]))


def _false_part(found: Sequence[Suspect], cause: tuple[str, int]) -> float:
    """Return the part of the suspects that is neither the cause nor said to be explained by it."""
    own = [one for one in found if not one.is_explained]
    return sum(not _is(one, cause) for one in own) / len(own) if own else 0.0
