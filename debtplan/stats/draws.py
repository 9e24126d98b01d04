"""Simulated worlds: how much a plan would relieve if harm, share and grade came out otherwise.

For each draw
    harm_m   ~ normal around the counted harm, with the measured interval, never below 0
    share_im ~ PERT, a beta distribution over [low, high] with mean (low + 4 likely + high) / 6
    grade_im ~ beta with mean g and the weight of four observations: the part that is delivered
    cost_i   ~ lognormal around the estimate; see `core.cost`
and the plan's value is computed again with overlap. The shrinkage factor is kept.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from math import fsum
from random import Random

from debtplan.core.appraisal import Appraisal
from debtplan.core.harm import INTERVAL_Z
from debtplan.core.link import Link, Share
from debtplan.core.plan import Interval
from debtplan.core.problem import Candidate, Problem
from debtplan.core.value import MAX_REMOVAL, Term
from debtplan.stats.costs import Prices, draw_costs

DRAWS = 2000
"""Worlds that make an interval."""

SOLVED = 200
"""Worlds that are planned anew: a certainty of 90% is then known within about 3 points."""

GRADE_WEIGHT = 4.0
"""How many observations a grade's probability is worth: a convention until verdicts replace it."""


class Draws:
    """See `Simulator`.

    Attributes:
        draws: Worlds that make an interval.
        solved: Worlds that are planned anew, for certainty.
    """

    def __init__(self, draws: int = DRAWS, solved: int = SOLVED) -> None:
        """Take the numbers of worlds."""
        self.draws = draws
        self.solved = solved

    def interval(self, appraisal: Appraisal, chosen: Collection[str], seed: int) -> Interval | None:
        """See `Simulator.interval`."""
        links = _by_pair(appraisal)
        terms = _terms(appraisal, chosen)
        if not terms:
            return None
        random = Random(seed)
        worlds = sorted(_relief(appraisal, terms, links, random) for _ in range(self.draws))
        p10, p50, p90 = (worlds[int(rank * (self.draws - 1))] for rank in (0.1, 0.5, 0.9))
        return Interval(p10=p10, p50=p50, p90=p90)

    def costs(
        self, appraisal: Appraisal, points: Sequence[float], seed: int
    ) -> Sequence[tuple[float, ...]]:
        """See `Simulator.costs`."""
        return tuple(draw_costs(appraisal.costs, points, self.draws, seed))

    def worlds(
        self, appraisal: Appraisal, problem: Problem, seed: int, count: int | None = None
    ) -> Iterator[Problem]:
        """See `Simulator.worlds`."""
        links = _by_pair(appraisal)
        terms = _terms(appraisal, problem.keys)
        metrics = sorted({term.metric for term in terms})
        random = Random(seed)
        prices = Prices(problem, appraisal.costs, seed)
        for _ in range(self.solved if count is None else count):
            removals: dict[str, list[tuple[str, float]]] = {}
            for term in terms:
                removal = _draw_removal(term, links, random)
                removals.setdefault(term.item, []).append((term.metric, removal))
            harms = dict(problem.harms)
            for metric in metrics:
                weight = appraisal.weights[metric]
                harms[metric] = weight * _draw_harm(appraisal, metric, random)
            priced = prices.next()
            candidates = tuple(
                Candidate(one.key, points, tuple(removals.get(one.key, ())), roles, one.requires)
                for one, points, roles in zip(
                    problem.candidates, priced.points, priced.roles, strict=True
                )
            )
            yield replace(
                problem,
                candidates=candidates,
                harms=tuple(sorted(harms.items())),
                ceiling=priced.ceiling,
                roles=priced.limits,
            )


def _by_pair(appraisal: Appraisal) -> dict[tuple[str, str], Link]:
    return {(link.item, link.metric): link for link in appraisal.links}


def _terms(appraisal: Appraisal, keys: Collection[str]) -> list[Term]:
    """Return the terms of the items, in the order of their keys."""
    values = appraisal.values
    return [term for key in sorted(keys) if key in values for term in values[key].terms]


def _relief(
    appraisal: Appraisal, terms: Sequence[Term], links: dict[tuple[str, str], Link], random: Random
) -> float:
    """Return the relief of a set of terms in one world."""
    left: dict[str, float] = {}
    for term in terms:
        removal = _draw_removal(term, links, random)
        left[term.metric] = left.get(term.metric, 1.0) * (1 - removal)
    return fsum(
        appraisal.weights[metric] * _draw_harm(appraisal, metric, random) * (1 - part)
        for metric, part in sorted(left.items())
    )


def _draw_removal(term: Term, links: dict[tuple[str, str], Link], random: Random) -> float:
    share = _draw_share(links[term.item, term.metric].share, random)
    delivered = _draw_grade(term.grade_factor, random)
    return min(MAX_REMOVAL, share * delivered * term.calibration * term.shrink)


def _draw_harm(appraisal: Appraisal, metric: str, random: Random) -> float:
    """Return a harm drawn from its interval, scaled as the ledger scales it."""
    harm, counted = appraisal.harms[metric], appraisal.counted[metric]
    if not harm.harm or harm.low is None or harm.high is None:
        return counted
    deviation = (harm.high - harm.low) / (2 * INTERVAL_Z) * (counted / harm.harm)
    return max(0.0, random.gauss(counted, deviation))


def _draw_share(share: Share, random: Random) -> float:
    """Return a draw of the PERT distribution: beta(1 + 4 (likely - low) / (high - low), ...)."""
    width = share.high - share.low
    if width <= 0:
        return share.likely
    alpha = 1 + 4 * (share.likely - share.low) / width
    beta = 1 + 4 * (share.high - share.likely) / width
    return share.low + width * random.betavariate(alpha, beta)


def _draw_grade(factor: float, random: Random) -> float:
    if factor >= 1:
        return 1.0
    return random.betavariate(GRADE_WEIGHT * factor, GRADE_WEIGHT * (1 - factor))
