"""The program of a box: sets for curves of few open items, tangents for the others.

A tangent lets half of two items relieve more than either, and most of what a relaxation promises
too much comes from there. Where few items of a metric are open, their sets can be listed, and a
mixture of sets stands for the curve:

    maximise  sum of gain_i x_i + sum over metrics m and sets T of f_m(T) l_mT
    sum over T of l_mT <= 1,   sum over T with i in T of l_mT <= x_i      for each m and i

A set whose loss at known prices is above what bound and incumbent leave is left out for good.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from debtplan.engines.frame import Box, Floats, Frame, Ints, summed
from debtplan.engines.prices import LoadedProgram, Quote, Rows

MOST_TOUCHING = 10
"""Open items of a metric whose sets are listed."""

MOST_SETS = 160
"""Sets of a metric that get a column; with more of them tangents do."""

SEEDS = (0.5, 1.0, 1.6)
"""Where a curve is touched first, as parts of where a good set is on it."""

LEAST_REACH = 0.15
"""Where a good set is not on a curve at all, the part of its reach that is taken for it."""


WHOLE = 1e-6
"""What a column may be off a whole number."""


@lru_cache(maxsize=32)
def every_set(size: int) -> Floats:
    """Return all subsets of so many, one a row of zeros and ones."""
    rows: Floats = ((np.arange(2**size)[:, None] >> np.arange(size)) & 1).astype(float)
    return rows


@dataclass(frozen=True, slots=True)
class Listed:
    """A curve as sets: `rows` of zeros and ones over `places` among the open items."""

    places: Ints
    rows: Floats
    values: Floats


@dataclass(frozen=True, slots=True)
class Touched:
    """Curves as tangents, by entry: `places` among the open items, `curve` and a = `log`.

    Attributes:
        metrics: By curve.
        harms: By curve, what the base leaves.
        reach: By curve, how far all open items together get.
    """

    metrics: Ints
    harms: Floats
    reach: Floats
    places: Ints
    curve: Ints
    log: Floats

    def at(self, values: Floats) -> Floats:
        """Return u by curve, for a column of 0 to 1 for each open item."""
        return summed(self.curve, self.log * values[self.places], len(self.harms))

    def relieved(self, u: Floats) -> Floats:
        """Return what u relieves, by curve."""
        gone: Floats = -self.harms * np.expm1(-u)
        return gone

    def conjugate(self, prices: Floats) -> float:
        """Return the sum of the most that relieved(u) - price * u is, for u in [0, reach]."""
        with np.errstate(divide="ignore"):
            best = np.log(self.harms / np.minimum(prices, self.harms))
        u = np.clip(best, 0.0, self.reach)
        return float((self.relieved(u) - prices * u).sum())


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound on a box, and what gave it.

    Attributes:
        most: No set of the box is worth more.
        worth: What each open item adds to it at the prices.
        values: The solver's columns of the open items.
        short: What tangents hide of the true value at these columns.
        prices: By row of the frame, what was paid for it.
    """

    most: float
    worth: Floats
    values: Floats
    short: float
    prices: Floats

    @property
    def is_mixed(self) -> bool:
        """Whether any item is neither in nor out."""
        return bool((np.abs(self.values - self.values.round()) > WHOLE).any())


@dataclass(frozen=True, slots=True)
class Paid:
    """What curves were paid before, a slope by metric, and what bound and incumbent then left."""

    slopes: Floats
    spare: float


class Hull:
    """The program of a box, loaded; boxes inside it are bounded by it too.

    Attributes:
        open: The items that it decides.
        slopes: By metric, what was paid last for its tangents; 0 where its sets are listed.
        reserve_price: What was paid last for a point of the reserve.
    """

    def __init__(
        self,
        frame: Frame,
        box: Box,
        scale: float,
        known: Floats,
        *,
        paid: Paid | None = None,
        basis: Any = None,  # noqa: ANN401 -- highspy's own
    ) -> None:
        """Write the program and load it.

        Args:
            frame: The problem.
            box: Its part.
            scale: Factor from values to the solver's objective.
            known: A good set, by item, near which curves are touched.
            paid: What curves were paid before; None lists no sets.
            basis: Of a program of the same shape.
        """
        self.frame, self.scale = frame, scale
        self.open = box.open
        self.slopes = np.zeros(len(frame.harms))
        self.reserve_price = 0.0
        low = box.low.astype(float)
        self.base_value = frame.value(low)
        base_reach = frame.reach(low)
        self._split(base_reach, paid)
        rows = Rows()
        self._write_rules(rows, low)
        gains, upper = self._write_sets(rows)
        self.fixed_rows = rows.count
        self.first_curve = len(gains)
        self.curve_at: list[Ints] = []
        self.slope_at: list[Floats] = []
        self._seed(rows, frame.reach(known) - base_reach)
        gains = np.append(gains, np.ones(len(self.touched.harms)))
        upper = np.append(upper, self.touched.relieved(self.touched.reach) * scale)
        self.program = LoadedProgram(gains, upper, rows, basis)

    @property
    def has_tangents(self) -> bool:
        """Whether any curve is not listed."""
        return len(self.touched.harms) > 0

    def bound(self, box: Box, time_limit_s: float) -> Bound | None:
        """Return a bound on a box inside this one; None where the solver gives nothing."""
        low, high = box.low[self.open].astype(float), box.high[self.open].astype(float)
        self.program.bound_columns(low, high)
        quote = self.program.solve(time_limit_s)
        return None if quote is None else self._price(quote, low, high)

    def touch(self, bound: Bound) -> None:
        """Add the tangents at the solver's columns."""
        rows = Rows()
        self._touch(rows, self.touched.at(bound.values))
        self.program.add(rows)

    def _split(self, base_reach: Floats, paid: Paid | None) -> None:
        """Sort the curves out: those of one open item, of few, and of many."""
        frame = self.frame
        place = np.full(frame.size, -1)
        place[self.open] = np.arange(len(self.open))
        places = place[frame.item]
        harms = frame.harms * np.exp(-base_reach)
        is_open = (places >= 0) & (harms[frame.metric] > 0)
        places, logs, metric = places[is_open], frame.log[is_open], frame.metric[is_open]
        counts = np.bincount(metric, minlength=len(harms))
        alone = counts[metric] == 1
        lone = -harms[metric[alone]] * np.expm1(-logs[alone])
        self.listed: list[Listed] = []
        self.gains = summed(places[alone], lone, len(self.open))
        is_touched = counts > 1
        if paid is not None:
            ends = np.concatenate([[0], np.cumsum(counts)])
            for m in np.flatnonzero(is_touched & (counts <= MOST_TOUCHING)).tolist():
                part = slice(ends[m], ends[m + 1])
                listed = _list(places[part], logs[part], harms[m], paid.slopes[m], paid.spare)
                if listed is not None:
                    self.listed.append(listed)
                    is_touched[m] = False
        metrics = np.flatnonzero(is_touched)
        curve = np.full(len(harms), -1)
        curve[metrics] = np.arange(len(metrics))
        kept = curve[metric] >= 0
        curves, logs = curve[metric[kept]], logs[kept]
        reach = summed(curves, logs, len(metrics))
        self.touched = Touched(metrics, harms[metrics], reach, places[kept], curves, logs)

    def _write_rules(self, rows: Rows, low: Floats) -> None:
        frame = self.frame
        weights, self.room = frame.weights[:, self.open], frame.limits - frame.weights @ low
        row, column = np.nonzero(weights)
        lengths = np.bincount(row, minlength=len(weights))
        rows.add_all(column, weights[row, column], lengths, self.room)
        place = np.full(frame.size, -1)
        place[self.open] = np.arange(len(self.open))
        arcs = place[frame.arcs]
        self.arcs = arcs[(arcs >= 0).all(axis=1)]
        count = len(self.arcs)
        pairs = np.tile([1.0, -1.0], count)
        rows.add_all(self.arcs.ravel(), pairs, np.full(count, 2), np.zeros(count))

    def _write_sets(self, rows: Rows) -> tuple[Floats, Floats]:
        """Write the columns and rows of the listed curves; return gains and upper bounds."""
        gains = self.gains * self.scale
        if not self.listed:
            return gains, np.ones(len(gains))
        self.woven = _weave(self.listed)
        self.set_values = np.concatenate([one.values for one in self.listed])
        taken, _, curve, places = self.woven
        there = places >= 0
        count, links = len(self.set_values), int(there.sum())
        column = len(gains) + np.arange(count)
        rows.add_all(column, np.ones(count), np.bincount(curve), np.ones(len(self.listed)))
        # One row for each item of each curve, its own column among the entries.
        link_of = np.full(places.shape, -1)
        link_of[there] = np.arange(links)
        one_set, n = np.nonzero(taken)
        link = np.concatenate([link_of[curve[one_set], n], np.arange(links)])
        columns = np.concatenate([column[one_set], places[there]])
        weights = np.concatenate([np.ones(len(one_set)), -np.ones(links)])
        order = np.argsort(link, kind="stable")
        rows.add_all(columns[order], weights[order], np.bincount(link), np.zeros(links))
        return np.append(gains, self.set_values * self.scale), np.ones(len(gains) + count)

    def _price_sets(self, paid: Floats, worth: Floats, low: Floats, high: Floats) -> float:
        """Return what the listed curves are worth beyond their prices; add these to the items.

        Whatever a curve still gains or loses by an item goes into the price: the bound gets no
        larger by that, and what is decided against an item's worth loses more.
        """
        rows, starts, curve, places = self.woven
        there = places >= 0
        prices = np.zeros(places.shape)
        prices[there] = paid
        earned = self.set_values - (rows * prices[curve]).sum(axis=1)
        must, may = low[places] * there, np.where(there, high[places], 0.0)
        allowed = ((rows >= must[curve]) & (rows <= may[curve])).all(axis=1)
        earned = np.where(allowed, earned, -np.inf)
        for n in range(places.shape[1]):
            taken = rows[:, n] > 0
            with_it = np.maximum.reduceat(np.where(taken, earned, -np.inf), starts)
            without = np.maximum.reduceat(np.where(taken, -np.inf, earned), starts)
            is_both = there[:, n] & np.isfinite(with_it) & np.isfinite(without)
            shift = np.zeros(len(starts))
            shift[is_both] = with_it[is_both] - without[is_both]
            prices[:, n] += shift
            earned = np.where(taken, earned - shift[curve], earned)
        worth += summed(places[there], prices[there], len(worth))
        return float(np.maximum.reduceat(earned, starts).sum())

    def _seed(self, rows: Rows, beyond: Floats) -> None:
        """Add the first tangents, near where a good set is beyond the base, by metric."""
        reach = self.touched.reach
        near = np.maximum(beyond[self.touched.metrics], LEAST_REACH * reach)
        for part in (0.0, *SEEDS, np.inf) if self.has_tangents else ():
            self._touch(rows, np.minimum(part * near, reach))

    def _touch(self, rows: Rows, u: Floats) -> None:
        """Add one tangent to each curve, at u."""
        curves = self.touched
        slope = curves.harms * np.exp(-u)
        lengths = np.bincount(curves.curve, minlength=len(u)) + 1
        # Entries go by curve; after those of each comes its own column.
        ends = np.cumsum(lengths - 1)
        columns = np.insert(curves.places, ends, self.first_curve + np.arange(len(u)))
        weights = np.insert(-slope[curves.curve] * curves.log * self.scale, ends, 1.0)
        rows.add_all(columns, weights, lengths, (curves.relieved(u) - slope * u) * self.scale)
        self.curve_at.append(np.arange(len(u)))
        self.slope_at.append(slope)

    def _price(self, quote: Quote, low: Floats, high: Floats) -> Bound:
        prices = quote.prices / self.scale
        rules = len(self.room)
        worth = self.gains - prices[:rules] @ self.frame.weights[:, self.open]
        most = self.base_value + float(prices[:rules] @ self.room)
        self.reserve_price = float(prices[0]) * self.frame.point
        row = rules + len(self.arcs)
        if row > rules:
            paid = prices[rules:row]
            worth -= summed(self.arcs[:, 0], paid, len(worth))
            worth += summed(self.arcs[:, 1], paid, len(worth))
        if self.listed:
            paid = prices[row + len(self.listed) : self.fixed_rows]
            most += self._price_sets(paid, worth, low, high)
        short = 0.0
        if self.has_tangents:
            curves, count = self.touched, len(self.touched.harms)
            # The columns of tangents are scaled themselves: their prices are parts of a slope.
            parts = np.concatenate(self.slope_at) * quote.prices[self.fixed_rows :]
            slopes = summed(np.concatenate(self.curve_at), parts, count)
            most += curves.conjugate(slopes)
            entries = slopes[curves.curve] * curves.log
            worth += summed(curves.places, entries, len(worth))
            self.slopes[curves.metrics] = slopes
            heights = quote.values[self.first_curve :] / self.scale
            short = float((heights - curves.relieved(curves.at(quote.values))).sum())
        most += float(np.where(worth > 0, high, low) @ worth)
        return Bound(most, worth, quote.values[: len(self.open)], short, prices[:rules])


def _weave(listed: list[Listed]) -> tuple[Floats, Ints, Ints, Ints]:
    """Return all sets of some curves one after the other: rows, starts, curve of each, places.

    Curves of fewer items than the others have places of -1.
    """
    most = max(len(one.places) for one in listed)
    lengths = np.array([len(one.values) for one in listed])
    rows = np.zeros((int(lengths.sum()), most))
    places = np.full((len(listed), most), -1)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    for number, one in enumerate(listed):
        size = len(one.places)
        rows[starts[number] : starts[number] + lengths[number], :size] = one.rows
        places[number, :size] = one.places
    return rows, starts, np.repeat(np.arange(len(listed)), lengths), places


def _list(places: Ints, logs: Floats, harm: float, slope: float, spare: float) -> Listed | None:
    """Return the sets that may be the best one's; None where they are too many."""
    rows = every_set(len(places))
    reach = rows @ logs
    values = -harm * np.expm1(-reach)
    worth = values - slope * reach
    kept = worth >= worth.max() - spare
    if np.count_nonzero(kept) > MOST_SETS:
        return None
    return Listed(places, rows[kept], values[kept])
