"""The linear program of a part of the problem, with tangents in the place of curves.

    maximise  sum of gain_i x_i + sum over m of z_m
    z_m <= slope * sum of a_im x_i + intercept      for each tangent of harm_m * (1 - exp(-u_m))

The curve is concave, so every tangent lies above it: what this program cannot reach, no set can.
A metric that one open candidate touches needs no curve: its gain is a number.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, expm1, floor, fsum, gcd, inf, log
from operator import mul

from debtplan.engines.indexed import ROUNDING, Indexed
from debtplan.engines.program import Answer, LinearRow, Program, Word

SOLVER_SCALE = 1e4
"""Values are handed to the solver so that the best known one is this large."""

MAX_WEIGHT = 10**7
"""Rows with larger whole numbers are rounded in favour of the candidates; what then does not fit
in exact numbers is cut off by a row of its own."""

TAKEN = 0.5
"""From here on a whole column counts as taken: a solver's 1 may be 0.9999."""

SEEDS = (0.2, 0.5, 0.9, 1.6, 3.0)
"""Distances from the base at which each curve gets its first tangents."""

EXACT_UP_TO = 3
"""Candidates on one curve up to which each of their sets gets its tangent at once."""

SAME_POINT = 1e-7
"""A second tangent this near would lower the curve by less than 1e-14 of the harm."""


@dataclass(frozen=True, slots=True)
class Space:
    """A part of the problem: `base` is chosen, `open` is undecided, the rest is out."""

    base: frozenset[int]
    open: tuple[int, ...]


class Tangents:
    """Where each metric's curve is touched: u = sum of a_im over the chosen."""

    def __init__(self, metrics: int) -> None:
        """Start with none."""
        self._points: list[list[float]] = [[] for _ in range(metrics)]

    def add(self, metric: int, u: float) -> bool:
        """Add a point; say whether it is new."""
        if any(abs(u - known) < SAME_POINT for known in self._points[metric]):
            return False
        insort(self._points[metric], u)
        return True

    def between(self, metric: int, low: float, high: float) -> list[float]:
        """Return both ends and the known points between, in order."""
        inner = [u for u in self._points[metric] if low < u < high]
        return [low, *inner, *([high] if high > low else [])]


@dataclass(frozen=True, slots=True)
class Curve:
    """A metric's curve beyond the base: the harm left, and how far all open candidates reach."""

    metric: int
    harm: float
    reach: float
    touching: tuple[tuple[int, float], ...]

    def relieved(self, u: float) -> float:
        """Return what u beyond the base relieves."""
        return -self.harm * expm1(-u)

    def tangent(self, touch: float, u: float) -> float:
        """Return the height at u of the tangent that touches the curve at `touch`."""
        return self.relieved(touch) + self.harm * exp(-touch) * (u - touch)

    def conjugate(self, price: float) -> float:
        """Return the most that relieved(u) - price * u is, for u in [0, reach]."""
        if price >= self.harm:
            return 0.0
        u = min(log(self.harm / price), self.reach) if price > 0 else self.reach
        return self.relieved(u) - price * u


class Master:
    """The rows and curves of a space. Columns: the open candidates in order, then the curves."""

    def __init__(self, indexed: Indexed, space: Space, scale: float) -> None:
        """Work out what the base leaves of rows and curves.

        Args:
            indexed: The whole problem.
            space: Its part; each open candidate has its requirements in base or open.
            scale: Factor from values to the solver's objective; not looked at where values go
                by steps, which the solver sees as whole numbers.
        """
        self.indexed, self.space = indexed, space
        self.scale = 1.0 / indexed.steps.size if indexed.steps else scale
        self.column = {i: c for c, i in enumerate(space.open)}
        self.base_value = indexed.value(space.base)
        self.reached = [0.0] * len(indexed.harms)
        for i in sorted(space.base):
            for metric, log_removed in indexed.effects[i]:
                self.reached[metric] += log_removed
        self.steps = indexed.steps
        self.gains, self.curves = self._split_metrics()
        self.rules = [*self._capacity_rows(), *self._order_rows()]
        self.cuts: list[LinearRow] = []

    def program(self, tangents: Tangents, *, is_whole: bool) -> Program:
        """Return the program of most value."""
        curves = [curve.relieved(curve.reach) * self.scale for curve in self.curves]
        return Program(
            gains=(*self._scaled_gains(), *(1.0 for _ in curves)),
            upper=(*(1.0 for _ in self.gains), *curves),
            rows=(*self.rules, *self.cuts, *(row for row, *_ in self.tangent_rows(tangents))),
            whole=len(self.gains) if is_whole else 0,
        )

    def worth_row(self, at_least: float) -> LinearRow:
        """Return the row that asks for a value of at least this much."""
        weights = [(c, -gain) for c, gain in enumerate(self._scaled_gains()) if gain]
        weights += [(len(self.gains) + c, -1.0) for c in range(len(self.curves))]
        limit = (self.base_value - at_least) * self.scale
        return LinearRow(tuple(weights), float(floor(limit + ROUNDING)) if self.steps else limit)

    def tangent_rows(self, tangents: Tangents) -> Iterable[tuple[LinearRow, int, float]]:
        """Yield each tangent's row with the position of its curve and its slope."""
        for c, curve in enumerate(self.curves):
            start = self.reached[curve.metric]
            for point in tangents.between(curve.metric, start, start + curve.reach):
                u = point - start
                slope = curve.harm * exp(-u)
                limit = (curve.relieved(u) - slope * u) * self.scale
                weights = ((i, -slope * a * self.scale) for i, a in curve.touching)
                yield LinearRow(((len(self.gains) + c, 1.0), *weights), limit), c, slope

    def touch(self, tangents: Tangents, values: Sequence[float]) -> bool:
        """Add the tangents at a point of the columns; say whether any is new."""
        found = False
        for curve in self.curves:
            u = self.reached[curve.metric] + fsum(a * values[c] for c, a in curve.touching)
            found |= tangents.add(curve.metric, u)
        return found

    def seed(self, tangents: Tangents, best: frozenset[int]) -> None:
        """Add the first tangents: where a good set is, and some along the curve.

        A curve of few candidates gets all points that their sets reach: there the program is exact.
        """
        columns = self.columns(best)
        for curve in self.curves:
            start = self.reached[curve.metric]
            at = fsum(a * columns[c] for c, a in curve.touching)
            for u in (at, *SEEDS):
                tangents.add(curve.metric, start + min(u, curve.reach))
            if len(curve.touching) <= EXACT_UP_TO:
                for u in _sums([a for _, a in curve.touching]):
                    tangents.add(curve.metric, start + u)

    def chosen(self, values: Sequence[float], at_least: float = TAKEN) -> frozenset[int]:
        """Return the set that the columns stand for: those of one half or more, say, are taken."""
        taken = (i for i, value in zip(self.space.open, values, strict=False) if value >= at_least)
        return self.space.base.union(taken)

    def model_value(self, values: Sequence[float]) -> float:
        """Return the value that the program gives its columns, tangents and all."""
        curves = fsum(values[len(self.gains) :]) / self.scale
        return fsum((self.base_value, curves, *map(mul, self.gains, values)))

    def claim(self, tangents: Tangents, answer: Answer) -> float:
        """Return the bound on the space that the answer states; infinite where it states none.

        A solver that only says "optimal" is taken at its word for what the tangents give its set.
        """
        if answer.bound is not None:
            claimed = self.base_value + answer.bound / self.scale
            return self.steps.down(claimed) if self.steps else claimed
        if answer.word is not Word.OPTIMAL:
            return inf
        columns = [float(value >= TAKEN) for value in answer.values[: len(self.gains)]]
        parts = [self.base_value, *map(mul, self.gains, columns)]
        for curve in self.curves:
            start = self.reached[curve.metric]
            at = fsum(a * columns[c] for c, a in curve.touching)
            points = tangents.between(curve.metric, start, start + curve.reach)
            parts.append(min(curve.tangent(point - start, at) for point in points))
        return fsum(parts)

    def true_value(self, values: Sequence[float]) -> float:
        """Return the value of the candidates' columns, on the curves themselves."""
        reached = (fsum(a * values[c] for c, a in curve.touching) for curve in self.curves)
        curves = (curve.relieved(u) for curve, u in zip(self.curves, reached, strict=True))
        return fsum((self.base_value, *curves, *map(mul, self.gains, values)))

    def columns(self, chosen: frozenset[int]) -> list[float]:
        """Return the columns of the open candidates for a set."""
        return [float(i in chosen) for i in self.space.open]

    def differs(self, chosen: frozenset[int]) -> LinearRow:
        """Return the row that every set but this one keeps."""
        signs = [(c, 1.0 if i in chosen else -1.0) for i, c in self.column.items()]
        return LinearRow(tuple(signs), sum(sign > 0 for _, sign in signs) - 1.0)

    def forbid(self, chosen: frozenset[int]) -> bool:
        """Cut off a set that breaks a row whose weights were rounded; say whether there is one."""
        known = len(self.cuts)
        room = self.indexed.room(chosen)
        for row, left in zip(self.indexed.rows, room, strict=True):
            cover = [self.column[i] for i, _ in row.weights if i in chosen and i in self.column]
            cut = LinearRow(tuple((c, 1.0) for c in cover), len(cover) - 1.0)
            if left < 0 and cut not in self.cuts:
                self.cuts.append(cut)
        return len(self.cuts) > known

    def _scaled_gains(self) -> Iterable[float]:
        """Yield the gains as the solver sees them: whole steps where there are any."""
        if self.steps:
            return [float(self.steps.worths[i]) for i in self.space.open]
        return [gain * self.scale for gain in self.gains]

    def _split_metrics(self) -> tuple[list[float], list[Curve]]:
        touching: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
        for i, c in self.column.items():
            for metric, log_removed in self.indexed.effects[i]:
                touching[metric].append((c, log_removed))
        gains, curves = [0.0] * len(self.column), []
        for metric, pairs in sorted(touching.items()):
            harm = self.indexed.harms[metric] * exp(-self.reached[metric])
            if len(pairs) == 1:
                ((c, log_removed),) = pairs
                gains[c] -= harm * expm1(-log_removed)
            elif harm > 0:
                reach = fsum(a for _, a in pairs)
                curves.append(Curve(metric, harm, reach, tuple(pairs)))
        return gains, curves

    def _capacity_rows(self) -> Iterable[LinearRow]:
        room = self.indexed.room(self.space.base)
        for row, left in zip(self.indexed.rows, room, strict=True):
            used = [(self.column[i], weight) for i, weight in row.weights if i in self.column]
            total = sum(weight for _, weight in used)
            if total > left:
                yield _rounded(used, left)

    def _order_rows(self) -> Iterable[LinearRow]:
        for i, c in self.column.items():
            for j in sorted(set(self.indexed.needs[i]) - {i}):
                if j in self.column:
                    yield LinearRow(((c, 1.0), (self.column[j], -1.0)), 0.0)
        for i in sorted({*self.column, *self.space.base}):
            own = [(self.column[i], 1.0)] if i in self.column else []
            for group in self.indexed.ways[i]:
                if self.space.base.isdisjoint(group):
                    others = [(self.column[j], -1.0) for j in group if j in self.column and j != i]
                    yield LinearRow((*own, *others), 0.0 if own else -1.0)


def _sums(parts: list[float]) -> list[float]:
    found = [0.0]
    for part in parts:
        found += [part + one for one in found]
    return found


def solver_scale(value: float) -> float:
    """Return the factor that makes a value `SOLVER_SCALE`, and a value below 1 less than that.

    Ties are judged by parts of 1 there, so a larger factor would show nothing but noise.
    """
    return SOLVER_SCALE / max(value, 1.0)


def bound_by_prices(
    master: Master, prices: Sequence[float], slopes: Mapping[int, float]
) -> tuple[float, list[float]]:
    """Return a bound on the space's value, and what each open candidate adds at these prices.

    Lagrange's bound, for any prices of 0 or more, from the curves themselves: it owes nothing to
    the solver that proposed the prices.

        base + sum_r y_r limit_r + sum_m max_u (f_m(u) - p_m u) + sum_i max(0, d_i)
        d_i = gain_i + sum_m p_m a_im - sum_r y_r w_ri

    Taking a candidate with d_i < 0, or leaving one with d_i > 0, lowers the bound by |d_i|.

    Args:
        master: The space.
        prices: y, by rule.
        slopes: p, by position of the curve.
    """
    worth = list(master.gains)
    parts = [master.base_value]
    for price, row in zip(prices, master.rules, strict=True):
        if price > 0:
            parts.append(price * row.limit)
            for c, weight in row.weights:
                worth[c] -= price * weight
    for position, curve in enumerate(master.curves):
        slope = slopes.get(position, 0.0)
        parts.append(curve.conjugate(slope))
        for c, log_removed in curve.touching:
            worth[c] += slope * log_removed
    return fsum((*parts, *(one for one in worth if one > 0))), worth


def _rounded(used: list[tuple[int, int]], limit: int) -> LinearRow:
    divisor = gcd(*(weight for _, weight in used))
    whole = [(c, weight // divisor) for c, weight in used]
    most = limit // divisor
    if max(most, *(weight for _, weight in whole)) > MAX_WEIGHT:
        whole = [(c, weight * MAX_WEIGHT // most) for c, weight in whole] if most else whole
        most = MAX_WEIGHT if most else 0
    return LinearRow(tuple((c, float(weight)) for c, weight in whole if weight), float(most))
