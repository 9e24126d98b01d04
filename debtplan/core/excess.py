"""The chance of so many bad sessions with a mark, were the mark of no account.

In each stratum the bad sessions fall on sessions with and without the mark as lots would: the
number with it is hypergeometric, and over strata these add up (Cochran 1954; Mantel and Haenszel
1959). Where few are expected the sum's distribution is computed; elsewhere it is taken as normal,
with the continuity correction and the sum's skewness (Cornish and Fisher 1938). Among many rare
marks the normal curve alone would call one after the other a suspect.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, floor, lgamma, sqrt
from statistics import NormalDist

from debtplan.core.tally import Stratum

FEW = 30.0
"""Bad sessions expected with the mark, below which the distribution is computed."""

NEGLIGIBLE = 1e-18
"""Chances below this part of the largest are left out."""


@dataclass(frozen=True, slots=True)
class _Lots:
    """A stratum: sessions, bad ones, and those with the mark, in whole numbers where exact."""

    total: float
    bad: float
    marked: float

    @property
    def mean(self) -> float:
        """Bad sessions expected with the mark."""
        return self.bad * self.marked / self.total

    @property
    def variance(self) -> float:
        """Of the bad sessions with the mark."""
        rest = (self.total - self.bad) * (self.total - self.marked)
        return self.mean * rest / self.total / (self.total - 1)

    @property
    def third(self) -> float:
        """Their third central moment."""
        if self.total <= 2:  # noqa: PLR2004 - of two lots the distribution is symmetric
            return 0.0
        lean = (self.total - 2 * self.bad) * (self.total - 2 * self.marked)
        return self.variance * lean / self.total / (self.total - 2)


def excess_p(strata: Iterable[Stratum]) -> float:
    """Return the chance of at least so many bad sessions with the mark, were it of no account.

    One-sided: marks whose sessions go wrong less often have values near 1. Where bad sessions count
    one half, they are rounded so that the chance is rather too large.
    """
    counts = sorted((s.bad_with, s.total_with, s.bad_without, s.total_without) for s in strata)
    seen = sum(row[0] for row in counts)
    lots = [_Lots(n1 + n0, b1 + b0, n1) for b1, n1, b0, n0 in counts if n1 + n0 > 1]
    seen -= sum(row[0] for row in counts if row[1] + row[3] <= 1)
    telling = [one for one in lots if one.variance > 0]
    seen -= sum(one.mean for one in lots if one.variance <= 0)
    if not telling:
        return 1.0
    if sum(one.mean for one in telling) < FEW:
        return _exactly(telling, seen)
    return _nearly(telling, seen)


def _nearly(lots: Sequence[_Lots], seen: float) -> float:
    deviation = sqrt(sum(one.variance for one in lots))
    z = (seen - 0.5 - sum(one.mean for one in lots)) / deviation
    skewness = sum(one.third for one in lots) / deviation**3
    return 1 - NormalDist().cdf(z - skewness * (z * z - 1) / 6)


def _exactly(lots: Sequence[_Lots], seen: float) -> float:
    least, chances = 0, [1.0]
    for one in lots:
        start, more = _chances(round(one.total), round(one.bad), round(one.marked))
        least += start
        chances = _summed(chances, more)
    first = max(0, floor(seen + 1e-9) - least)
    return min(1.0, sum(chances[first:]))


def _chances(total: int, bad: int, marked: int) -> tuple[int, list[float]]:
    """Return a number k and the chances of k, k + 1 and so on bad sessions with the mark."""
    low, high = max(0, bad + marked - total), min(bad, marked)
    middle = min(max(round(bad * marked / total), low), high)
    top = exp(_log_chance(total, bad, marked, middle))
    down, chance = [], top
    for k in range(middle, low, -1):
        chance *= k * (total - bad - marked + k) / ((bad - k + 1) * (marked - k + 1))
        if chance < NEGLIGIBLE * top:
            break
        down.append(chance)
    up, chance = [], top
    for k in range(middle, high):
        chance *= (bad - k) * (marked - k) / ((k + 1) * (total - bad - marked + k + 1))
        if chance < NEGLIGIBLE * top:
            break
        up.append(chance)
    return middle - len(down), [*reversed(down), top, *up]


def _log_chance(total: int, bad: int, marked: int, k: int) -> float:
    """Return ln P(k bad ones with the mark)."""
    return (
        _log_choose(marked, k)
        + _log_choose(total - marked, bad - k)
        - _log_choose(total, bad)
    )  # fmt: skip


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _summed(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """Return the chances of the sum of two independent numbers."""
    found = [0.0] * (len(one) + len(other) - 1)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            found[i + j] += a * b
    return found
