"""Draws of what items remove and of what metrics harm, many worlds at a time. See `draws`."""

from collections.abc import Collection
from math import exp, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from debtplan.core.appraisal import Appraisal
from debtplan.core.harm import INTERVAL_Z
from debtplan.core.link import GRADE_WEIGHT
from debtplan.core.value import MAX_REMOVAL, Term

Floats = NDArray[np.float64]


class Terms:
    """The terms of some items, and a stream of worlds from one seed.

    Attributes:
        pairs: (item, metric) of each term, items by key.
        metrics: Those that any term has, sorted.
    """

    def __init__(self, appraisal: Appraisal, keys: Collection[str], seed: int) -> None:
        """Take what is drawn."""
        values = appraisal.values
        self._appraisal = appraisal
        self._terms = [term for key in sorted(keys) if key in values for term in values[key].terms]
        # Of numpy's generators the one whose numbers are promised never to change.
        self._random = np.random.RandomState(seed % 2**32)
        self.pairs = [(term.item, term.metric) for term in self._terms]
        self.metrics = sorted({term.metric for term in self._terms})
        links = {(link.item, link.metric): link for link in appraisal.links}
        self._shares = [links[pair].share for pair in self.pairs]

    def removals(self, count: int) -> Floats:
        """Return the removal of each term, world by world."""
        terms = self._terms
        parts = self._draw_shares(count) * self._draw_grades(count)
        errors = np.array([term.calibration_error for term in terms])
        tilt = self._random.normal(size=(count, 1)) if errors.any() else 0.0
        calibration = np.maximum(
            0.0, np.array([term.calibration for term in terms]) + tilt * errors
        )
        parts *= calibration * np.array([term.shrink for term in terms])
        for n, term in enumerate(terms):
            if term.calibration_width:
                parts[:, n] *= self._draw_widths(term, count)
        found: Floats = np.minimum(MAX_REMOVAL, parts)
        return found

    def relief(self, count: int) -> list[list[float]]:
        """Return what all terms together relieve of each metric, world by world."""
        removals, harms = self.removals(count), self.harms(count)
        left = np.ones_like(harms)
        place = {metric: n for n, metric in enumerate(self.metrics)}
        for n, term in enumerate(self._terms):
            left[:, place[term.metric]] *= 1 - removals[:, n]
        found: list[list[float]] = (harms * (1 - left)).tolist()
        return found

    def _draw_shares(self, count: int) -> Floats:
        """Return draws of PERT distributions: beta(1 + 4 (likely - low) / (high - low), ...)."""
        low = np.array([share.low for share in self._shares])
        likely = np.array([share.likely for share in self._shares])
        width = np.array([share.high for share in self._shares]) - low
        is_wide = width > 0
        above = np.where(is_wide, (likely - low) / np.where(is_wide, width, 1.0), 0.5)
        drawn = self._random.beta(1 + 4 * above, 5 - 4 * above, (count, len(low)))
        found: Floats = np.where(is_wide, low + width * drawn, likely)
        return found

    def _draw_grades(self, count: int) -> Floats:
        """Return what is delivered: a beta distribution's draws, all of it at a sure grade."""
        grades = np.array([term.grade_factor for term in self._terms])
        is_sure = grades >= 1
        mean = GRADE_WEIGHT * np.where(is_sure, 0.5, grades)
        drawn = self._random.beta(mean, GRADE_WEIGHT - mean, (count, len(grades)))
        found: Floats = np.where(is_sure, 1.0, drawn)
        return found

    def _draw_widths(self, term: Term, count: int) -> list[float]:
        """Return lognormal factors with mean 1: how far an item is from those like it."""
        variance = log1p((term.calibration_width / term.calibration) ** 2)
        drawn = self._random.normal(-variance / 2, sqrt(variance), count)
        return [exp(one) for one in drawn.tolist()]

    def harms(self, count: int) -> Floats:
        """Return the harm of each metric, world by world: drawn from its interval.

        It is scaled as the ledger scales it, and weighted.
        """
        appraisal, means, deviations = self._appraisal, [], []
        for metric in self.metrics:
            harm, counted = appraisal.harms[metric], appraisal.counted[metric]
            means.append(counted)
            deviation = 0.0
            if harm.harm and harm.low is not None and harm.high is not None:
                deviation = (harm.high - harm.low) / (2 * INTERVAL_Z) * (counted / harm.harm)
            deviations.append(deviation)
        drawn = self._random.normal(means, deviations, (count, len(means)))
        # A harm without an interval is not drawn: it is what it is, even below 0.
        harms = np.where(np.array(deviations) > 0, np.maximum(0.0, drawn), means)
        weights = [appraisal.weights[metric] for metric in self.metrics]
        found: Floats = harms * np.array(weights)
        return found
