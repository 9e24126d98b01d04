"""A problem solved by bounds of our own: price, narrow, branch, and try out what little is left.

1. Prices for the whole problem, with tangents for curves, give a first bound; a good set is made
   from what they lean to.
2. What the bound decides is decided; the rest is priced again with the curves as they are (`hull`).
   That bound is mostly within a few parts in 10,000 of the best set, and leaves little open.
3. What stays open is branched, each part bounded by the same loaded program, until a dozen items
   are left, whose sets are tried out one by one.

The solver only proposes prices, so a proof owes nothing to it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from time import perf_counter
from typing import Any

import numpy as np

from debtplan.core.flips import Prices
from debtplan.engines.frame import Box, Flags, Floats, Frame, Ints, tighten, whole_box, wide_box
from debtplan.engines.guess import guess
from debtplan.engines.hull import Bound, Hull, Paid, every_set
from debtplan.engines.master import TAKEN, solver_scale
from debtplan.engines.search import tie_margin
from debtplan.engines.trial import MOST_OPEN, bits, radius, sets_within

FEW = 10
"""Open items whose sets are tried out one by one."""

MOST_BOUNDS = 250
"""Bounds after which the closing gives up: problems that need more are left to the engine."""

REWRITTEN = 0.7
"""A box that holds less than this part of its program's items gets a program of its own, where
that one still has tangents."""

TOUCHES = 5
"""Times that tangents are added before the first narrowing."""

ENOUGH = 0.3
"""Part of the distance between bound and value that tangents may still hide then."""

LEANED = 4
"""A set is made from every so many bounds, and from those whose columns are whole."""

LEANS = 1 - 1e-6
"""From here on a column counts as taken, when a set is made from it."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What a closing proves.

    Attributes:
        best: A set of most value.
        value: Its value.
        equals: All sets as good, where they were asked for; the best alone otherwise.
        bounds: Times a program was solved.
    """

    best: frozenset[int]
    value: float
    equals: frozenset[frozenset[int]]
    bounds: int


@dataclass(slots=True)
class Start:
    """Where the first program of like problems starts from."""

    basis: Any = None  # highspy's own


def close(
    frame: Frame,
    known: Iterable[Collection[int]],
    deadline: float,
    *,
    is_first: bool = False,
    at_least: float = 0.0,
    start: Start | None = None,
) -> Closed | None:
    """Return the best set of a feasible problem, proven; None where it gave up.

    Args:
        frame: The problem.
        known: Sets to start from, allowed or not.
        deadline: On the clock of `time.perf_counter`.
        is_first: Whether all sets as good are asked for.
        at_least: Sets worth less are not looked for; what is found then may be worth less, and
            says that none is worth as much.
        start: Of an earlier problem of the same items; filled where it is empty.
    """
    return _Closing(frame, deadline, start or Start(), is_first=is_first, at_least=at_least).run(
        known
    )


def price(frame: Frame, known: Collection[int], deadline: float) -> Prices | None:
    """Return prices of the whole problem; None where the solver gives nothing.

    Args:
        frame: A feasible problem.
        known: A good set, near which the prices are to hold.
        deadline: On the clock of `time.perf_counter`.
    """
    box = whole_box(frame)
    taken = np.zeros(frame.size)
    taken[sorted(known)] = 1.0
    value = frame.value(taken)
    hull = Hull(frame, box, solver_scale(value), taken)
    best: Prices | None = None
    for _ in range(2 * TOUCHES):
        bound = hull.bound(box, deadline - perf_counter()) if deadline > perf_counter() else None
        if bound is None:
            break
        if best is None or bound.most < best.bound:
            keys = frame.indexed.problem.keys
            pairs = zip(hull.open.tolist(), bound.worth.tolist(), strict=True)
            paid = hull.reserve_price
            most = bound.most + paid * frame.hidden
            best = Prices(most, paid, {keys[i]: worth for i, worth in pairs})
        if bound.short <= ENOUGH * ENOUGH * (bound.most - value):
            break
        hull.touch(bound)
    return best


NEAR = 1e-6
"""What a column in doubt counts for at least."""


class _GaveUpError(Exception):
    """Neither proven nor refuted."""


class _Closing:
    def __init__(
        self, frame: Frame, deadline: float, start: Start, *, is_first: bool, at_least: float
    ) -> None:
        self.frame, self.indexed, self.deadline = frame, frame.indexed, deadline
        self.is_first, self.start, self.at_least = is_first, start, at_least
        self.best = frame.indexed.forced
        self.value = -1.0
        self.found: dict[frozenset[int], float] = {}
        self.bounds = self.halves = 0

    def run(self, known: Iterable[Collection[int]]) -> Closed | None:
        box = whole_box(self.frame)
        self._offer(self.indexed.forced)
        for one in known:
            start = np.zeros(self.frame.size, bool)
            start[sorted(one)] = True
            self._offer_flags(start | box.low)
        try:
            self._close(box)
        except _GaveUpError:
            return None
        if self.value < 0 and not self.at_least:
            return None
        margin = tie_margin(self.value)
        equals = {one for one, value in self.found.items() if value >= self.value - margin}
        return Closed(self.best, self.value, frozenset(equals | {self.best}), self.bounds)

    @property
    def least(self) -> float:
        """What a set has to be worth to be looked for."""
        margin = tie_margin(self.value)
        found = self.value - 2 * margin if self.is_first else self.value + margin / 2
        return max(found, self.at_least - 2 * tie_margin(self.at_least))

    def _close(self, box: Box) -> None:
        if len(box.open) <= FEW:
            self._try_all(box)
            return
        scale = solver_scale(max(self.value, self.at_least))
        known = np.zeros(self.frame.size)
        known[sorted(self.best)] = 1.0
        # Of all items, decided or not: so it has one shape, whatever is pinned or banned.
        hull = Hull(self.frame, wide_box(self.frame), scale, known, basis=self.start.basis)
        for _ in range(TOUCHES):
            bound = self._bound(hull, box)
            if self.start.basis is None:
                self.start.basis = hull.program.basis
            if bound.most < self.least:
                return
            self._lean(box, hull, bound)
            if bound.short <= ENOUGH * (bound.most - self.least):
                break
            hull.touch(bound)
        slopes = hull.slopes
        narrower = self._narrow(box, hull, bound)
        if narrower is not None:
            most = self._try_near(box, narrower, hull, bound)
            if most >= self.least:
                self._explore(narrower, slopes, bound.most)

    def _explore(self, box: Box, slopes: Floats, most: float) -> None:
        """Look through a box, the part that may hold most first."""
        parts: list[tuple[float, int, Box, Hull]] = []
        self._look(parts, box, self._rewritten(box, slopes, most), most)
        while parts:
            most, _, part, hull = heappop(parts)
            if -most < self.least:
                return
            self._look(parts, part, hull, -most)

    def _rewritten(self, box: Box, slopes: Floats, most: float) -> Hull:
        known = np.zeros(self.frame.size)
        known[sorted(self.best)] = 1.0
        scale = solver_scale(max(self.value, self.at_least))
        spare = most - self.least
        return Hull(self.frame, box, scale, known, paid=Paid(slopes, spare))

    def _look(
        self, parts: list[tuple[float, int, Box, Hull]], part: Box, hull: Hull, most: float
    ) -> None:
        """Bound a part of what is left; try it out, or put its halves back."""
        bound = self._bound(hull, part)
        most = min(most, bound.most)
        if most < self.least:
            return
        if self.bounds % LEANED == 0 or not bound.is_mixed:
            self._lean(part, hull, bound)
        rest = self._narrow(part, hull, bound)
        if rest is None or most < self.least:
            return
        most = min(most, self._try_near(part, rest, hull, bound))
        if most < self.least:
            return
        halves = self._branches(rest, hull, bound)
        if hull.has_tangents and len(rest.open) < REWRITTEN * len(hull.open):
            hull = self._rewritten(rest, hull.slopes, np.inf)
        elif hull.has_tangents and bound.short > ENOUGH * (most - self.least):
            hull.touch(bound)
        for half in halves:
            self.halves += 1
            heappush(parts, (-most, -self.halves, half, hull))

    def _bound(self, hull: Hull, box: Box) -> Bound:
        self.bounds += 1
        left_s = self.deadline - perf_counter()
        if self.bounds > MOST_BOUNDS or left_s <= 0:
            raise _GaveUpError
        bound = hull.bound(box, left_s)
        if bound is None:
            raise _GaveUpError
        return bound

    def _lean(self, box: Box, hull: Hull, bound: Bound) -> None:
        """Offer a set made from what the prices lean to."""
        start = box.low.copy()
        start[hull.open[bound.values >= LEANS]] = True
        self._offer_flags(guess(self.frame, box, start))

    def _narrow(self, box: Box, hull: Hull, bound: Bound) -> Box | None:
        """Return the box without what the bound decides; None where nothing is left of it."""
        spare = bound.most - self.least
        is_open = (box.high & ~box.low)[hull.open]
        taken = hull.open[(bound.worth > spare) & is_open]
        out = hull.open[(-bound.worth > spare) & is_open]
        return tighten(self.frame, box, taken.tolist(), out.tolist())

    def _branches(self, box: Box, hull: Hull, bound: Bound) -> list[Box]:
        """Return the two halves of a box, the one that the prices lean to last."""
        is_open = (box.high & ~box.low)[hull.open]
        doubt = np.minimum(bound.values, 1 - bound.values).clip(0.0) + NEAR
        # A large item decides more; where none is in doubt, any is taken in turn.
        n = int(np.argmax(np.where(is_open, doubt * (self.frame.points[hull.open] + NEAR), -1.0)))
        i = int(hull.open[n])
        halves = [tighten(self.frame, box, [i], []), tighten(self.frame, box, [], [i])]
        if bound.values[n] > TAKEN:
            halves.reverse()
        return [one for one in halves if one is not None]

    def _try_all(self, box: Box) -> None:
        """Offer every set of a small box that may be of interest."""
        self._try(box, box.open, every_set(len(box.open)))

    def _try_near(self, part: Box, rest: Box, hull: Hull, bound: Bound) -> float:
        """Try out the sets that lose least at the prices; return what others can be worth at most.

        Args:
            part: What the bound is of.
            rest: What it leaves of it.
            hull: What gave the bound.
            bound: See there.
        """
        worth = np.zeros(self.frame.size)
        worth[hull.open] = bound.worth
        # What was decided against its worth has lost that already.
        decided = (part.high & ~part.low) & ~(rest.high & ~rest.low)
        lost = np.where(rest.low, -worth, worth)[decided]
        most = bound.most - float(lost[lost > 0].sum())
        spare = most - self.least
        if spare < 0:
            return most
        like = rest.low.copy()
        like[rest.open[worth[rest.open] > 0]] = True
        places = rest.open
        is_all = len(places) <= MOST_OPEN
        if not is_all:
            # A good set is found here at best, no bound: the rest stays as the prices like it.
            places = np.sort(places[np.argsort(np.abs(worth[places]), kind="stable")[:MOST_OPEN]])
        losses = np.abs(worth[places])
        reach = radius(losses, spare)
        if reach <= 0:
            return most
        self._try_around(Box(like, rest.high), places, losses, reach, bound.prices)
        if not is_all:
            return most
        return most - reach if reach < spare else -np.inf

    def _try_around(
        self, like: Box, places: Ints, losses: Floats, reach: float, prices: Floats
    ) -> None:
        """Offer the sets that differ from a liked one in some places, and lose little by that."""
        liked = like.low[places]
        masks = sets_within(
            losses,
            reach,
            self.frame.room(like.low.astype(float)),
            np.where(liked, 1.0, -1.0) * self.frame.weights[:, places],
            prices,
        )
        rows = bits(masks, len(places))
        base = Box(like.low.copy(), like.high)
        base.low[places] = False
        self._try(base, places, np.where(liked, 1 - rows, rows))

    def _try(self, box: Box, places: Ints, rows: Floats) -> None:
        """Offer the sets of interest of a box, rows of zeros and ones over some places."""
        frame, low = self.frame, box.low.astype(float)
        fits = (rows @ frame.weights[:, places].T <= frame.room(low)).all(axis=1)
        place = np.full(frame.size, -1)
        place[places] = np.arange(len(places))
        for i, j in place[frame.arcs]:
            if i >= 0 and j >= 0:
                fits &= rows[:, i] <= rows[:, j]
        rows = rows[fits]
        there = place[frame.item]
        is_open = there >= 0
        logs = np.zeros((len(places), len(frame.harms)))
        logs[there[is_open], frame.metric[is_open]] = frame.log[is_open]
        values = -np.expm1(-(rows @ logs + frame.reach(low))) @ frame.harms
        for n in np.argsort(-values, kind="stable").tolist():
            if values[n] < self.least - tie_margin(self.value):
                break
            chosen = box.low.copy()
            chosen[places[rows[n] > 0]] = True
            self._offer_flags(chosen)

    def _offer_flags(self, taken: Flags) -> None:
        self._offer(frozenset(np.flatnonzero(taken).tolist()))

    def _offer(self, chosen: frozenset[int]) -> None:
        """Take an allowed set for the best if it is."""
        if chosen in self.found or not self.indexed.allows(chosen):
            return
        value = self.indexed.value(chosen)
        self.found[chosen] = value
        if value > self.value:
            self.best, self.value = chosen, value
