"""How much of what was claimed came: by grade, kind of debt and team, for the next plan.

For a judged forecast i of grade g, debt kind k and team t

    ratio_i = mu + a_g + b_k + c_t + item_i + error_i
    mu ~ N(1, 0.5)   a, b, c ~ N(0, tau)   item_i ~ N(0, sqrt(spread_g^2 + omega^2))

spread_g is how much a claim of grade g varies anyway, error_i has the verdict's standard error.
Where a verdict could not tell, its error is large: it says little, and it is not left out, since
otherwise only successes would count. The ratio is what came over what the link alone would have
claimed, whatever calibration was in force when the forecast was made.

Where work that was approved and did not come tells what metrics do by themselves (`drift`), a
verdict is taken to have seen that too. In its ratio it counts the more, the less was claimed:

    ratio_i = ... + drift / claim_i + own_i / claim_i

drift ~ N(mean, error) of the placebos, own_i ~ N(0, their spread). A drift is nobody's doing: it is
in no factor.

tau, and omega, how much more items vary than their grade says, are not picked: the posterior is
averaged over a grid of both, each pair weighted by how likely it makes the ratios (Gelman et al.
2013, section 5.4). DerSimonian and Laird's estimate (1986) is 0 in many small samples, which claims
too much.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import exp, log, sqrt

from pydantic import Field

from debtplan.core.drift import INTERVAL_Z, Drift
from debtplan.core.forecast import Forecast
from debtplan.core.link import GRADE_WEIGHT, Grade, LinkPolicy
from debtplan.core.record import Value
from debtplan.core.verdict import Verdict

LEAST_VERDICTS = 5
"""With fewer nothing is calibrated."""

PRIOR_MEAN, PRIOR_SPREAD = 1.0, 0.5
"""The grades already discount, so the ratio is expected at 1."""

TAUS = (0.02, 0.1, 0.2, 0.35, 0.6)
TAU_SCALE = 0.25
"""Half-normal prior of how far grades, kinds and teams differ."""

OMEGAS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.1, 1.6)
OMEGA_SCALE = 0.5
"""Half-normal prior of how much items vary beyond what was forecast."""

LEAST_FACTOR, MOST_FACTOR = 0.05, 2.0
"""Bounds of the factor: no track record makes a claim nothing, or more than double."""

GRADE_SPREAD = {
    grade: sqrt((1 - chance) / (chance * (1 + GRADE_WEIGHT)))
    for grade, chance in LinkPolicy().grades.items()
}
"""Standard deviation of what an item delivers over what its grade expects, as in the draws."""

MOST_TEAMS = 12
"""Teams with a deviation of their own, those with most verdicts; the others share one."""

OTHERS = "other teams"

DRIFT = "drift"

LEAST_ERROR = 1e-6
"""Of the drift: none is known better than this."""


class Track(Value):
    """One judged forecast.

    Attributes:
        ratio: Realised over claimed removal, without the calibration then in force.
        error: Its standard error.
        claim: Removal that the ratio is a part of, in (0, 1]; where several were judged together,
            that of all of them.
    """

    grade: Grade
    debt_kind: str = ""
    team: str = ""
    ratio: float
    error: float = Field(ge=0)
    claim: float = Field(default=1.0, gt=0)


class Pooled(Value):
    """What came of what was claimed, over some verdicts: the mean and its 80% interval."""

    name: str
    mean: float
    low: float
    high: float
    verdicts: int


class Factor(Value):
    """What a claim of one grade and debt kind is multiplied by.

    Attributes:
        factor: In [0.05, 2].
        error: Its standard deviation.
        width: Standard deviation of items of it beyond what is forecast, omega.
    """

    grade: Grade
    debt_kind: str = ""
    factor: float = Field(gt=0)
    error: float = Field(ge=0)
    width: float = Field(default=0.0, ge=0)


class Calibration(Value):
    """A team's factors, from all verdicts so far.

    Attributes:
        verdicts: How many ratios they rest on.
        delivered: Mean ratio of them, with its 80% interval.
        factors: By grade and debt kind; "" is a kind that is not said.
        drift: What was taken off the verdicts; None where nothing was.
    """

    team: str
    verdicts: int
    delivered: Pooled
    factors: tuple[Factor, ...]
    drift: Drift | None = None

    def factor(self, grade: Grade, debt_kind: str) -> Factor:
        """Return the factor of a link's grade and its item's debt kind."""
        for one in self.factors:
            if one.grade is grade and one.debt_kind == debt_kind:
                return one
        return self.factor(grade, "")


@dataclass(frozen=True, slots=True)
class Posterior:
    """Mean and covariance of mu and every shift, for one pair of tau and omega."""

    weight: float
    omega: float
    names: tuple[str, ...]
    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]

    def of(self, part: Sequence[tuple[str, float]], tau: float) -> tuple[float, float]:
        """Return mean and variance of a weighted sum; a name without verdicts is its prior."""
        place = {name: number for number, name in enumerate(self.names)}
        known = [(place[name], weight) for name, weight in part if name in place]
        new = sum(weight**2 for name, weight in part if name not in place)
        mean = sum(weight * self.mean[number] for number, weight in known)
        variance = sum(
            left * right * self.covariance[i][j] for i, left in known for j, right in known
        )
        return mean, variance + new * tau**2


def track_of(forecast: Forecast, verdict: Verdict) -> Track | None:
    """Return a verdict as calibration counts it; None where nothing was measured."""
    if verdict.ratio is None or verdict.ratio_error is None or forecast.removal <= 0:
        return None
    return Track(
        grade=forecast.grade,
        debt_kind=forecast.debt_kind,
        team=forecast.team,
        ratio=verdict.ratio * forecast.calibration,
        error=verdict.ratio_error * forecast.calibration,
        claim=_claim(forecast, verdict),
    )


def _claim(forecast: Forecast, verdict: Verdict) -> float:
    """Return what a verdict's ratio is a part of, without the calibration then in force."""
    claimed = forecast.removal
    if verdict.realised and verdict.ratio:
        claimed = verdict.realised / verdict.ratio
    return claimed / forecast.calibration


def calibrate(
    tracks: Iterable[Track], team: str, kinds: Sequence[str], drift: Drift | None = None
) -> Calibration | None:
    """Return a team's factors; None below five verdicts, when every factor is 1.

    Args:
        tracks: Of every team, in any order.
        team: Whose factors.
        kinds: Debt kinds to give factors for, beside the one that is not said.
        drift: What metrics do by themselves; few placebos correct nothing.
    """
    known = _ordered(tracks)
    if len(known) < LEAST_VERDICTS:
        return None
    used = _used(drift)
    found = posteriors(known, used)
    teams = {one.team for one in known}
    shared = OTHERS if team not in teams and OTHERS in teams else team
    return Calibration(
        team=team,
        verdicts=len(known),
        delivered=_pooled("all", found, known),
        factors=tuple(
            _factor(grade, kind, shared, found) for grade in Grade for kind in sorted({"", *kinds})
        ),
        drift=used,
    )


def pool_by(tracks: Iterable[Track], axis: str, drift: Drift | None = None) -> tuple[Pooled, ...]:
    """Return the mean ratio of each grade, debt kind or team that has verdicts.

    Args:
        tracks: In any order.
        axis: `grade`, `debt_kind` or `team`.
        drift: See `calibrate`.
    """
    known = _ordered(tracks)
    if not known:
        return ()
    found = posteriors(known, _used(drift))
    groups: dict[str, list[Track]] = {}
    for one in known:
        groups.setdefault(str(getattr(one, axis)), []).append(one)
    return tuple(_pooled(name, found, groups[name]) for name in sorted(groups))


def pool_all(tracks: Iterable[Track], drift: Drift | None = None) -> Pooled | None:
    """Return the mean ratio over all, the drift taken off; None without any."""
    known = _ordered(tracks)
    return _pooled("all", posteriors(known, _used(drift)), known) if known else None


def _used(drift: Drift | None) -> Drift | None:
    return drift if drift is not None and drift.is_used else None


def _ordered(tracks: Iterable[Track]) -> tuple[Track, ...]:
    """Return the tracks in one order, with the teams that share a deviation under one name."""
    found = list(tracks)
    counts = Counter(one.team for one in found)
    known = sorted(counts, key=lambda team: (-counts[team], team))[:MOST_TEAMS]
    named = [one if one.team in known else one.model_copy(update={"team": OTHERS}) for one in found]
    return tuple(sorted(named, key=lambda one: one.model_dump_json()))


def _names(one: Track) -> tuple[str, ...]:
    return _class(one.grade, one.debt_kind, one.team)


def _class(grade: Grade, kind: str, team: str) -> tuple[str, ...]:
    return ("mu", f"grade {grade}", f"kind {kind}", f"team {team}")


def _pooled(name: str, found: Sequence[tuple[Posterior, float]], tracks: Sequence[Track]) -> Pooled:
    """Return the mean of the tracks' expected ratios, with its 80% interval."""
    part: dict[str, float] = {}
    for one in tracks:
        for own in _names(one):
            part[own] = part.get(own, 0.0) + 1 / len(tracks)
    mean, deviation = _average(found, sorted(part.items()))
    reach = INTERVAL_Z * deviation
    return Pooled(name=name, mean=mean, low=mean - reach, high=mean + reach, verdicts=len(tracks))


def _factor(grade: Grade, kind: str, team: str, found: Sequence[tuple[Posterior, float]]) -> Factor:
    mean, deviation = _average(found, [(name, 1.0) for name in _class(grade, kind, team)])
    factor = min(MOST_FACTOR, max(LEAST_FACTOR, mean))
    width = sum(one.weight * one.omega for one, _ in found)
    return Factor(grade=grade, debt_kind=kind, factor=factor, error=deviation, width=width)


def _average(
    found: Sequence[tuple[Posterior, float]], part: Sequence[tuple[str, float]]
) -> tuple[float, float]:
    """Return mean and standard deviation of a weighted sum over the whole grid."""
    rows = [(one.weight, *one.of(part, tau)) for one, tau in found]
    mean = sum(weight * value for weight, value, _ in rows)
    variance = sum(weight * (spread + (value - mean) ** 2) for weight, value, spread in rows)
    return mean, sqrt(variance)


@lru_cache(maxsize=8)
def posteriors(
    tracks: tuple[Track, ...], drift: Drift | None = None
) -> list[tuple[Posterior, float]]:
    """Return the posterior of every pair of the grid with its tau; the weights add up to 1."""
    found = {name for one in tracks for name in _names(one)}
    if drift is not None:
        found.add(DRIFT)
    names = tuple(sorted(found, key=_mu_first))
    solved = [
        (tau, omega, *_solve(tracks, (names, drift), tau, omega))
        for tau, omega in product(TAUS, OMEGAS)
    ]
    priors = [
        -0.5 * (tau / TAU_SCALE) ** 2 - 0.5 * (omega / OMEGA_SCALE) ** 2
        for tau, omega, *_ in solved
    ]
    logs = [row[4] + prior for row, prior in zip(solved, priors, strict=True)]
    top = max(logs)
    total = sum(exp(one - top) for one in logs)
    return [
        (Posterior(exp(one - top) / total, omega, names, mean, covariance), tau)
        for one, (tau, omega, mean, covariance, _) in zip(logs, solved, strict=True)
    ]


def _mu_first(name: str) -> tuple[bool, str]:
    return (name != "mu", name)


def _solve(
    tracks: Sequence[Track],
    unknown: tuple[tuple[str, ...], Drift | None],
    tau: float,
    omega: float,
) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...], float]:
    """Return posterior mean, covariance and log marginal likelihood of a normal linear model.

    The drift's mean in the answer is what the verdicts move it by.
    """
    names, drift = unknown
    size = len(names)
    place = {name: number for number, name in enumerate(names)}
    prior = [1 / PRIOR_SPREAD**2, *([1 / tau**2] * (size - 1))]
    if drift is not None:
        prior[place[DRIFT]] = 1 / max(drift.error, LEAST_ERROR) ** 2
    precision = [[prior[i] if i == j else 0.0 for j in range(size)] for i in range(size)]
    shift = [0.0] * size
    likely = 0.5 * sum(log(one) for one in prior)
    for one in tracks:
        named, variance, rest = _equation(one, drift)
        part = [(place[name], factor) for name, factor in named]
        weight = 1 / (variance + omega**2)
        for i, left in part:
            shift[i] += weight * left * rest
            for j, right in part:
                precision[i][j] += weight * left * right
        likely += 0.5 * log(weight) - 0.5 * weight * rest**2
    root = _cholesky(precision)
    mean = _back(root, _forward(root, shift))
    likely -= sum(log(root[i][i]) for i in range(size))
    likely += 0.5 * sum(a * b for a, b in zip(mean, shift, strict=True))
    columns = [
        _back(root, _forward(root, [1.0 if i == j else 0.0 for i in range(size)]))
        for j in range(size)
    ]
    mean[0] += PRIOR_MEAN
    return tuple(mean), tuple(tuple(column) for column in columns), likely


def _equation(one: Track, drift: Drift | None) -> tuple[list[tuple[str, float]], float, float]:
    """Return a ratio's unknowns with their factors, its variance, and what it has beyond priors."""
    part = [(name, 1.0) for name in _names(one)]
    variance, rest = one.error**2 + GRADE_SPREAD[one.grade] ** 2, one.ratio - PRIOR_MEAN
    if drift is not None:
        part.append((DRIFT, 1 / one.claim))
        variance += (drift.spread / one.claim) ** 2
        rest -= drift.mean / one.claim
    return part, variance, rest


def _cholesky(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the lower triangle L with L L' = matrix, which is positive definite."""
    size = len(matrix)
    root = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(root[i][k] * root[j][k] for k in range(j))
            root[i][j] = sqrt(rest) if i == j else rest / root[j][j]
    return root


def _forward(root: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    found: list[float] = []
    for i, value in enumerate(right):
        rest = value - sum(root[i][k] * found[k] for k in range(i))
        found.append(rest / root[i][i])
    return found


def _back(root: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    size = len(right)
    found = [0.0] * size
    for i in reversed(range(size)):
        rest = right[i] - sum(root[k][i] * found[k] for k in range(i + 1, size))
        found[i] = rest / root[i][i]
    return found
