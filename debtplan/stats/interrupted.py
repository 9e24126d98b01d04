"""Interrupted time series: by how much a metric's level changed at a release.

The daily share is regressed on a level change at the release, a straight trend, the days of the
week and the controls (Wagner et al. 2002; Bernal et al. 2017). What is left of a day is part
sampling, which no other day shares, and part a deviation of which the next day keeps the part rho.
Neither rho nor the mixture is known, so none is picked: for every pair on a grid the regression is
solved by generalised least squares, and the answers are averaged by how likely the pair makes the
series (Zellner and Tiao 1964, with flat priors and the restricted likelihood of Patterson and
Thompson 1971). The interval therefore knows that the autocorrelation is a guess, which intervals by
Newey and West (1987) on so few days do not; `benchmarks/verdicts.py` has both.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from debtplan.core.days import WEEK, DayShare, correlation, swings
from debtplan.core.effect import LEAST_POINTS, Effect, Question, Refused
from debtplan.errors import UsageError

Array = NDArray[np.float64]

RHOS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9)
"""Part of a deviation that the next day keeps; beforehand the less likely the larger, 1 - rho."""

SAMPLING = (0.0, 0.2, 0.4, 0.6, 0.8, 0.95)
"""Part of a day's variance that is its own."""

TREND_FROM = 28
"""Days before the release below which a trend cannot be told from a change."""

SEASON_FROM = 28
"""Days in all below which weekdays are not told apart."""

ALIKE = 0.3
"""A control's correlation with the metric before the release, at least."""

JUMP_P = 0.1
"""A control that changes at the release with a chance of less than this is refused: a good one
that is lost costs little, a bad one hides or invents the effect."""

COVERED = 0.9
"""Part of the metric's days that a control must have."""

FAKES = 3
FAKE_P = 0.05

LEAST_DEVIATION = 1e-6
"""Of a day's share: a series without any noise is not known better than this."""

NUDGE = 1e-9
"""Two controls that are one and the same still give an answer."""


class Fit(NamedTuple):
    """The level change under every pair of the grid.

    Attributes:
        weights: How likely each pair is; they add up to 1.
        means, errors: The change and its standard error under each.
        freedom: Degrees of freedom.
        rho: Mean carry-over.
    """

    weights: Array
    means: Array
    errors: Array
    freedom: int
    rho: float

    @property
    def mean(self) -> float:
        """The change."""
        return float(self.weights @ self.means)

    @property
    def error(self) -> float:
        """Its standard deviation over all pairs."""
        spread = self.errors**2 * self.freedom / max(1, self.freedom - 2)
        return float(np.sqrt(self.weights @ (spread + (self.means - self.mean) ** 2)))

    def below(self, change: float) -> float:
        """Return the probability that the change is at most this."""
        return float(self.weights @ _student(self.freedom, (change - self.means) / self.errors))

    def quantile(self, rank: float) -> float:
        """Return the change that lies at this rank, by halving."""
        reach = 60 * float(self.errors.max())
        low, high = float(self.means.min()) - reach, float(self.means.max()) + reach
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if self.below(middle) < rank else (low, middle)
        return (low + high) / 2

    @property
    def chance(self) -> float:
        """The two-sided chance of a change as large as this, were there none."""
        below = self.below(0.0)
        return 2 * min(below, 1 - below)


class InterruptedSeries:
    """See `EffectMeter`."""

    def measure(self, question: Question) -> Effect:
        """See `EffectMeter.measure`."""
        used = _used(question)
        before, after = _sides(used, question)
        if min(len(before), len(after)) < LEAST_POINTS:
            return _too_few(len(before), len(after))
        controls, refused = _controls(question, used, before)
        kept = [one for one in used if all(one.on in days for days in controls.values())]
        before, after = _sides(kept, question)
        fit = _fit_change(kept, question.released_on, tuple(controls.values()))
        tail = (1 - question.level) / 2
        return Effect(
            observed=_mean(after) - _mean(before),
            effect=fit.mean,
            error=fit.error,
            low=fit.quantile(tail),
            high=fit.quantile(1 - tail),
            level=question.level,
            days_before=len(before),
            days_after=len(after),
            controls=tuple(controls),
            refused=refused,
            fakes=_fakes(before) if question.is_tried else (),
            has_trend=len(before) >= TREND_FROM,
            carry_over=fit.rho,
        )


def _used(question: Question) -> list[DayShare]:
    """Return the days that count: not those that led to the work, not those of the change."""
    start, end = question.left_out
    aside = timedelta(days=question.transition_days)
    first, last = question.released_on - aside, question.settled_on + aside
    return [
        one for one in question.days if not start <= one.on < end and not first <= one.on <= last
    ]


def _sides(days: Sequence[DayShare], question: Question) -> tuple[list[DayShare], list[DayShare]]:
    before = [one for one in days if one.on < question.released_on]
    return before, [one for one in days if one.on > question.settled_on]


def _too_few(before: int, after: int) -> Effect:
    side, count = ("before", before) if before < LEAST_POINTS else ("after", after)
    days = f"{count} day{'' if count == 1 else 's'}"
    missing = f"only {days} with readings {side} the release, {LEAST_POINTS} are needed"
    return Effect(missing=missing, days_before=before, days_after=after)


def _controls(
    question: Question, used: Sequence[DayShare], before: Sequence[DayShare]
) -> tuple[dict[str, dict[date, float]], tuple[Refused, ...]]:
    """Return the controls that hold, by id, each day's share; and those that do not."""
    kept: dict[str, dict[date, float]] = {}
    refused = []
    own = swings(before)
    wanted = {one.on for one in used}
    for name, days in sorted((question.controls or {}).items()):
        its = [one for one in days if one.on in wanted]
        why = _unfit(its, len(wanted), own, question.released_on)
        if why:
            refused.append(Refused(metric=name, why=why))
        else:
            kept[name] = {one.on: one.share for one in its}
    return kept, tuple(refused)


def _unfit(days: Sequence[DayShare], wanted: int, own: dict[date, float], released_on: date) -> str:
    """Return why a control cannot be used, or an empty string."""
    if len(days) < COVERED * wanted:
        return f"has readings on {len(days)} of {wanted} days"
    alike = correlation(own, swings([one for one in days if one.on < released_on]))
    if alike is None or alike < ALIKE:
        said = "has no spread" if alike is None else f"correlation {alike:.2f}"
        return f"did not move like it before the release ({said})"
    fit = _fit_change(days, released_on, ())
    if fit.chance < JUMP_P:
        return f"changed itself at the release, by {100 * fit.mean:+.2g} points"
    return ""


def _fakes(before: Sequence[DayShare]) -> tuple[date, ...]:
    """Return the fake release dates at which the series before the release seems to change.

    A few dates, spread evenly over those with enough days on each side; the chance of 5% is shared
    out among them.
    """
    places = range(LEAST_POINTS, len(before) - LEAST_POINTS + 1)
    if not places:
        return ()
    count = min(FAKES, len(places))
    picked = sorted(
        {places[round(i * (len(places) - 1) / max(1, count - 1))] for i in range(count)}
    )
    dates = [before[place].on for place in picked]
    is_long = len(before) >= TREND_FROM
    fits = {on: _fit_change(before, on, (), has_trend=is_long) for on in dates}
    return tuple(on for on in dates if fits[on].chance < FAKE_P / len(dates))


def _mean(days: Sequence[DayShare]) -> float:
    """Return the mean share, by samples where all are known."""
    if any(one.size is None for one in days):
        return sum(one.share for one in days) / len(days)
    total = sum(one.size or 0.0 for one in days)
    return sum(one.share * (one.size or 0.0) for one in days) / total


def _fit_change(
    days: Sequence[DayShare],
    changed_on: date,
    controls: Sequence[dict[date, float]],
    *,
    has_trend: bool | None = None,
) -> Fit:
    """Return the change of level from `changed_on` on; the days before decide about a trend."""
    times = np.array([(one.on - changed_on).days for one in days], dtype=np.float64)
    shares = np.array([one.share for one in days], dtype=np.float64)
    columns = [np.ones_like(times), (times >= 0).astype(np.float64)]
    if has_trend if has_trend is not None else int((times < 0).sum()) >= TREND_FROM:
        columns.append(times / TREND_FROM)
    if len(days) >= SEASON_FROM:
        columns += _season(days)
    for control in controls:
        values = np.array([control[one.on] for one in days], dtype=np.float64)
        spread = float(values.std())
        columns.append((values - values.mean()) / (spread or 1.0))
    return _solve(shares, np.column_stack(columns), times, _own_variance(days))


def _season(days: Sequence[DayShare]) -> list[Array]:
    """Return a column for each day of the week that the series has but the last, against it."""
    weekdays = np.array([one.on.weekday() for one in days])
    present = sorted({one.on.weekday() for one in days})
    last = (weekdays == present[-1]).astype(np.float64)
    return [(weekdays == day).astype(np.float64) - last for day in present[:-1]][: WEEK - 1]


def _own_variance(days: Sequence[DayShare]) -> Array:
    """Return each day's sampling variance against the mean day: 1 over its observations."""
    if any(not one.size for one in days):
        return np.ones(len(days))
    found = 1 / np.array([one.size for one in days], dtype=np.float64)
    return np.asarray(found / found.mean(), dtype=np.float64)


def _solve(shares: Array, design: Array, times: Array, own: Array) -> Fit:
    """Return the second column's coefficient under every pair of the grid."""
    count, width = design.shape
    freedom = count - width
    grid = np.array([(rho, part) for part in SAMPLING for rho in RHOS])
    whitened, volume = _whiten(np.column_stack([design, shares]), times, own, grid)
    left, right = whitened[:, :, :width], whitened[:, :, width]
    gram = left.transpose(0, 2, 1) @ left + NUDGE * np.eye(width)
    moment = np.einsum("gnw,gn->gw", left, right)
    inverse = np.linalg.inv(gram)
    found = np.einsum("gvw,gw->gv", inverse, moment)
    rest = (right**2).sum(axis=1) - (found * moment).sum(axis=1)
    rest = np.maximum(rest, freedom * LEAST_DEVIATION**2)
    likely = np.log(1 - grid[:, 0]) - 0.5 * volume
    likely -= 0.5 * np.linalg.slogdet(gram)[1] + 0.5 * freedom * np.log(rest)
    weights = np.exp(likely - likely.max())
    weights /= weights.sum()
    errors = np.sqrt(rest / freedom * inverse[:, 1, 1])
    rho = float(weights @ grid[:, 0])
    return Fit(weights, found[:, 1], np.maximum(errors, LEAST_DEVIATION), freedom, rho)


def _whiten(columns: Array, times: Array, own: Array, grid: Array) -> tuple[Array, Array]:
    """Return the columns without their autocorrelation, for every pair of the grid.

    What is left of each day after the days before it have said what they can (Kalman 1960): the
    same as the inverse root of the covariance matrix would give, in one pass.

    Args:
        columns: A row a day.
        times: Days, ascending; gaps are longer steps.
        own: Sampling variance of each day against the mean day.
        grid: rho, and the part of the variance that is a day's own.

    Returns:
        By pair, day and column; and the logarithm of the covariance's determinant by pair.
    """
    rhos, parts = grid[:, 0], grid[:, 1]
    count, width = columns.shape
    found = np.empty((len(grid), count, width))
    expected = np.zeros((len(grid), width))
    variance = 1 - parts
    volume = np.zeros(len(grid))
    for day in range(count):
        if day:
            kept = rhos ** (times[day] - times[day - 1])
            expected *= kept[:, None]
            variance = kept**2 * variance + (1 - kept**2) * (1 - parts)
        spread = variance + parts * own[day]
        news = columns[day] - expected
        found[:, day] = news / np.sqrt(spread)[:, None]
        volume += np.log(spread)
        gain = variance / spread
        expected += gain[:, None] * news
        variance = variance * (1 - gain)
    return found, volume


def _student(freedom: int, values: Array) -> Array:
    """Return Student's distribution function."""
    try:
        from scipy.special import stdtr  # noqa: PLC0415 - only verdicts need it
    except ImportError as error:
        what = "Verdicts need scipy, which is not installed."
        raise UsageError(what, "Run pip install 'debtplan[evidence]'.") from error
    return np.asarray(stdtr(freedom, values), dtype=np.float64)
