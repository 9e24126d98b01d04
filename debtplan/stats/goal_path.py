"""How likely a level gets under a limit: a local level with a damped slope, simulated ahead.

    y_t = l_t + e_t,   l_t = l_(t-1) + b_(t-1) + w_t,   b_t = phi * b_(t-1) + v_t

by weeks on the logistic scale (Harvey 1989, chapter 2; damped as Gardner and McKenzie 1985). How
much of the wandering is the level's and how much its slope's is not fitted to one value: every pair
of a small grid is filtered (Kalman 1960) and weighs as likely as it makes the weeks that were seen,
the size of the noise integrated out. So the forecast holds that nobody knows these numbers, which
with twenty weeks matters more than the model. In a week in which something went live, and the one
after it, the level is learned anew: a jump is no trend. Nor is it wandering in a month that is
measured (`core.level`), so that a month's chance and its interval speak of the same noise.

The chance counts simulated futures. Of releases to come it knows those of approved work: in every
future each item comes on its day or later, and removes a part of the excess that is drawn from a
beta distribution with its forecast's mean and spread. The same futures without that work answer
"if we stopped now".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, product
from math import exp, inf, log, sqrt
from random import Random

from debtplan.core.headway import LEAST_WEEKS
from debtplan.core.outlook import Lift, Outlook, logistic

FUTURES = 1_000

LEVELS = (0.0, 0.1, 0.3, 0.6, 1.0)
"""Standard deviation of a week's move of the level, against the noise of one week."""

SLOPES = (0.0, 0.03, 0.1, 0.3)
"""The same of the slope."""

DAMPING = 0.9
"""What is left of a slope a week later: half of it after six and a half weeks."""

VAGUE = 1e4
"""Variance of a level of which nothing is known, against the noise of one week."""

Vector = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Fit:
    """One member of the grid, filtered up to the last week; variances against the noise's.

    Attributes:
        weight: Logarithm of how likely it makes the weeks, up to a constant.
        noise: Sum of squares that the noise's variance is drawn by, and its degrees of freedom.
        mean: Of level and slope.
        spread: Their variances and covariance: level, both, slope.
        moves: Standard deviations of a week's move of level and slope.
    """

    weight: float
    noise: tuple[float, int]
    mean: Vector
    spread: tuple[float, float, float]
    moves: Vector


def chances(outlook: Outlook, futures: int = FUTURES) -> tuple[float, ...] | None:
    """See `ports.Odds`."""
    if outlook.known < LEAST_WEEKS or not outlook.months:
        return None
    fits = [filtered(outlook, moves) for moves in product(LEVELS, SLOPES)]
    best = max(one.weight for one in fits)
    odds = list(accumulate(exp(one.weight - best) for one in fits))
    # Of their own, so that approved work changes no draw of the level.
    random, aside = Random(outlook.seed), Random(f"{outlook.seed} lifts")
    parts = _parts(outlook)
    hits = [0] * len(parts)
    for _ in range(futures):
        fit = random.choices(fits, cum_weights=odds)[0]
        for at in range(_first_hit((outlook, fit), parts, random, aside), len(parts)):
            hits[at] += 1
    return tuple(count / futures for count in hits)


def filtered(outlook: Outlook, moves: Vector) -> Fit:
    """Return the grid's member with these moves, filtered through the weeks."""
    level, slope = 0.0, 0.0
    steady = moves[1] ** 2 / (1 - DAMPING**2)
    ll, lb, bb = inf, 0.0, steady
    weight, squares, counted = 0.0, 0.0, 0
    for at, seen in enumerate(outlook.weeks):
        if ll < inf:
            level, slope = level + slope, DAMPING * slope
            ll, lb = ll + 2 * lb + bb + moves[0] ** 2, DAMPING * (lb + bb)
            bb = DAMPING**2 * bb + moves[1] ** 2
            if at in outlook.breaks:
                ll += VAGUE
        if seen is None:
            continue
        if ll == inf:  # nothing was seen yet: the first week gives the level
            level, ll, lb = seen, 1.0, 0.0
            continue
        total, miss = ll + 1, seen - level
        gain = (ll / total, lb / total)
        level, slope = level + gain[0] * miss, slope + gain[1] * miss
        ll, lb, bb = ll - gain[0] * ll, lb - gain[0] * lb, bb - gain[1] * lb
        weight -= log(total) / 2
        if total < VAGUE / 2:
            squares += miss * miss / total
            counted += 1
    squares = max(squares, 1e-12)
    return Fit(
        weight - counted / 2 * log(squares), (squares, counted), (level, slope), (ll, lb, bb), moves
    )


def _parts(outlook: Outlook) -> list[tuple[float, float, tuple[tuple[int, float], ...]]]:
    """Return each month as its known sum of share-days, its days, and its days in weeks to come."""
    found = []
    for month in outlook.months:
        known = 0.0
        ahead: dict[int, float] = {}
        for number in range(month.days):
            day = month.start_on + timedelta(days=number)
            week = (day - outlook.end_on).days // 7
            if week >= 0:
                ahead[week] = ahead.get(week, 0.0) + 1
            else:
                past = outlook.weeks[week] if -week <= len(outlook.weeks) else None
                if past is None:  # counted as the first week to come
                    ahead[0] = ahead.get(0, 0.0) + 1
                else:
                    known += logistic(past)
        found.append((known, float(month.days), tuple(sorted(ahead.items()))))
    return found


def _first_hit(
    known: tuple[Outlook, Fit],
    parts: Sequence[tuple[float, float, tuple[tuple[int, float], ...]]],
    random: Random,
    aside: Random,
) -> int:
    """Return the first month of one simulated future that gets there; one past the last if none."""
    outlook, fit = known
    squares, freedom = fit.noise
    scale = sqrt(squares / random.gammavariate(max(freedom, 1) / 2, 2.0))
    level, slope = _draw(fit, scale, random)
    last = parts[-1][2][-1][0] if parts[-1][2] else -1
    left = _left(outlook, last + 1, aside) if outlook.lifts else [1.0] * (last + 1)
    weeks: list[float] = []
    plain = found = len(parts)
    for at, (past, days, ahead) in enumerate(parts):
        while ahead and len(weeks) <= ahead[-1][0]:
            level += slope + random.gauss(0, fit.moves[0] * scale)
            slope = DAMPING * slope + random.gauss(0, fit.moves[1] * scale)
            weeks.append(logistic(level + random.gauss(0, scale)))
        mean = (past + sum(weeks[week] * left[week] * count for week, count in ahead)) / days
        if mean <= outlook.limit:
            found = min(found, at)
        if (past + sum(weeks[week] * count for week, count in ahead)) / days <= outlook.limit:
            plain = at
            break  # without approved work too: from here on no draw is needed
    return min(found, plain)


def _left(outlook: Outlook, weeks: int, random: Random) -> list[float]:
    """Return which part of every week to come approved work leaves in one future.

    The days of a week are not told apart: a week in which work comes is better by the days after.
    """
    comes: dict[str, date] = {}
    removed: dict[str, tuple[float, list[tuple[date, float]]]] = {}
    for lift in outlook.lifts:
        if lift.item not in comes:
            late = 0
            while random.random() >= lift.chance and late < weeks:
                late += 1
            comes[lift.item] = lift.due_on + timedelta(days=1 + late * lift.step_days)
        part, own = removed.setdefault(lift.metric, (lift.part, []))
        removed[lift.metric] = (max(part, lift.part), own)
        own.append((comes[lift.item], _removal(lift, random)))
    found = []
    for week in range(weeks):
        first = outlook.end_on + timedelta(days=7 * week)
        gone = 0.0
        for part, own in removed.values():
            rest = 1.0
            for on, removal in own:
                rest *= 1 - removal * min(7, max(0, 7 - (on - first).days)) / 7
            gone += part * (1 - rest)
        found.append(max(0.0, 1 - gone))
    return found


def _removal(lift: Lift, random: Random) -> float:
    """Draw the part of the excess that an item removes, with its mean and its spread."""
    mean = min(1 - 1e-6, max(1e-6, lift.removal))
    variance = min(lift.spread**2, 0.95 * mean * (1 - mean))
    if variance < 1e-12:  # noqa: PLR2004 - as good as known
        return mean
    size = mean * (1 - mean) / variance - 1
    return random.betavariate(mean * size, (1 - mean) * size)


def _draw(fit: Fit, scale: float, random: Random) -> Vector:
    """Draw level and slope of the last week."""
    ll, lb, bb = fit.spread
    root = sqrt(max(ll, 0.0))
    first, second = random.gauss(0, scale), random.gauss(0, scale)
    tied = lb / root if root > 0 else 0.0
    rest = sqrt(max(0.0, bb - tied * tied))
    return fit.mean[0] + root * first, fit.mean[1] + tied * first + rest * second
