"""Simulated worlds: how much a plan would relieve if harm, share and grade came out otherwise.

For each draw
    harm_m   ~ normal around the counted harm, with the measured interval, never below 0
    share_im ~ PERT, a beta distribution over [low, high] with mean (low + 4 likely + high) / 6
    grade_im ~ beta with mean g and the weight of four observations: the part that is delivered
    cost_i   ~ lognormal around the estimate; see `core.cost`
    calibration ~ normal with its error, the same deviation for every item: a track record that is
                read wrongly is wrong for all of them; where items varied more than forecast, by a
                lognormal factor of mean 1 too
and the plan's value is computed again with overlap. The shrinkage factor is kept.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import fsum

import numpy as np

from debtplan.core.appraisal import Appraisal
from debtplan.core.delta import Delta
from debtplan.core.plan import Interval
from debtplan.core.problem import Problem
from debtplan.stats.costs import Prices, draw_costs
from debtplan.stats.terms import Terms

DRAWS = 2000
"""Worlds that make an interval."""

SOLVED = 200
"""Worlds that are planned anew: a certainty of 90% is then known within about 3 points."""

BLOCK = 50
"""Worlds that are drawn at once; the first ones are the same however many are asked for."""


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
        terms = Terms(appraisal, chosen, seed)
        if not terms.pairs:
            return None
        worlds = sorted(map(fsum, terms.relief(self.draws)))
        p10, p50, p90 = (worlds[int(rank * (self.draws - 1))] for rank in (0.1, 0.5, 0.9))
        return Interval(p10=p10, p50=p50, p90=p90)

    def removals(
        self, appraisal: Appraisal, keys: Collection[str], seed: int
    ) -> Mapping[tuple[str, str], tuple[float, float]]:
        """See `Simulator.removals`."""
        terms = Terms(appraisal, keys, seed)
        low, high = int(0.1 * (self.draws - 1)), int(0.9 * (self.draws - 1))
        drawn = terms.removals(self.draws).T.tolist()
        return {
            pair: (ordered[low], ordered[high])
            for pair, ordered in zip(terms.pairs, map(sorted, drawn), strict=True)
        }

    def costs(
        self, appraisal: Appraisal, points: Sequence[float], seed: int
    ) -> Sequence[tuple[float, ...]]:
        """See `Simulator.costs`."""
        return tuple(draw_costs(appraisal.costs, points, self.draws, seed))

    def worlds(
        self, appraisal: Appraisal, problem: Problem, seed: int, count: int | None = None
    ) -> Iterator[Delta]:
        """See `Simulator.worlds`."""
        terms = Terms(appraisal, problem.keys, seed)
        prices = Prices(problem, appraisal.costs, seed)
        number = {pair: n for n, pair in enumerate(terms.pairs)}
        order = [number[one.key, m] for one in problem.candidates for m, _ in one.removals]
        place = {metric: m for m, (metric, _) in enumerate(problem.harms)}
        drawn = [n for n, metric in enumerate(terms.metrics) if metric in place]
        places = [place[terms.metrics[n]] for n in drawn]
        left = self.solved if count is None else count
        while left > 0:
            removals, found = terms.removals(BLOCK)[:, order], terms.harms(BLOCK)
            harms = np.tile([harm for _, harm in problem.harms], (BLOCK, 1))
            harms[:, places] = found[:, drawn]
            for numbers in np.concatenate([removals, harms], axis=1)[:left]:
                priced = prices.next()
                yield Delta(numbers.tobytes(), priced.costs, priced.ceiling, priced.roles)
            left -= BLOCK
