"""All sets that lose little at given prices, found item by item without a solver.

At Lagrange's prices every set is worth the bound less what it loses, and the losses add up: an item
decided against its worth loses that, a row its price for what is left of it, a curve how far it
lies below its tangent. What a part of a set loses at least is known as soon as it is decided, so
parts that lose more than bound and incumbent leave go at once, and few are left.

Items of much worth come first, all at a time: few of them are decided against it. The others follow
one by one. Of each layer the parts that lose least go on; the rest waits until a better set is
known, and mostly is superfluous then.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from debtplan.engines.frame import Box, Flags, Floats, Frame, Ints, summed
from debtplan.engines.relaxation import Priced

BINS = 256
"""Steps in which it is tabled what a curve loses."""

LATE, EARLY_PARTS = 24, 400
"""Items that are decided one by one at least, and parts at which the others stop."""

FIRST_WIDTH, WIDER = 400, 16
"""Parts of a layer that go on first, and how many times as many do in the next round."""

MOST_PARTS = 1_000_000
"""Parts after which the search gives up."""

WORD = 50
"""Items that a mask tells of: a float holds as many bits exactly."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The decision on one item.

    Attributes:
        out: What it loses to leave it out.
        taken: What it loses to take it.
        curves: Rows of the curves it touches.
        steps: How far it gets on each.
        before: Where the tables of these start in which it is open.
        after: Where those start in which it is decided.
        change: What taking it adds to a part.
        waits: Positions that it needs, with the price of that.
        waited: Positions that need it, likewise.
        more: By row, what all later items may still use of it.
        less: By row, what they may give back.
        is_late: Whether later items may leave some of a row.
    """

    out: float
    taken: float
    curves: Ints
    steps: Floats
    before: Ints
    after: Ints
    change: Floats
    waits: list[tuple[int, float]]
    waited: list[tuple[int, float]]
    more: Floats
    less: Floats
    is_late: bool


class Near:
    """The sets of a box that lose little at some prices.

    Parts of sets are columns: what each loses at least, what is left of each row, how far it is on
    each curve in steps of its table, and masks of the positions that are taken.
    """

    def __init__(
        self, frame: Frame, box: Box, priced: Priced, most_parts: int | None = None
    ) -> None:
        """Take what is searched, and after how many parts to give up."""
        self.frame, self.box, self.priced = frame, box, priced
        self.most_parts = MOST_PARTS if most_parts is None else most_parts
        places = box.open
        self.order: Ints = places[np.argsort(-np.abs(priced.worth[places]), kind="stable")]
        self.place = np.full(frame.size, -1)
        self.place[self.order] = np.arange(len(self.order))
        self.rooms = slice(1, 1 + len(frame.weights))
        self.parts = 0

    def search(
        self,
        radius: Callable[[], float],
        offer: Callable[[Flags], None],
        *,
        is_dive: bool = False,
    ) -> bool:
        """Offer the sets that lose no more than the radius; False where not all were offered.

        Args:
            radius: Tells it; shrinks while better sets are offered.
            offer: Takes sets, one a row.
            is_dive: Whether only the parts go on that lose least.
        """
        self._weigh()
        early = self._early(radius())
        self._table(early.shape[1])
        waiting: list[Floats | None] = [None] * (len(self.order) + 1)
        waiting[early.shape[1]] = self._start(early)
        layers = self._layers(early.shape[1])
        width = FIRST_WIDTH
        while any(one is not None for one in waiting):
            parts: Floats | None = None
            for depth, layer in enumerate(layers, early.shape[1]):
                parts, waiting[depth] = _narrowed(parts, waiting[depth], radius(), width)
                if parts is not None:
                    self.parts += parts.shape[1]
                    if self.parts > self.most_parts:
                        return False
                    parts = self._decide(layer, parts, radius())
            if not layers:
                parts, waiting[-1] = waiting[-1], None
            if parts is not None and parts.shape[1]:
                offer(self._sets(parts))
            if is_dive:
                return False
            width *= WIDER
        return True

    def _weigh(self) -> None:
        """Work out what each item loses in and out, by position, and what is lost already."""
        frame, box, worth, place = self.frame, self.box, self.priced.worth, self.place
        taken, out = np.maximum(-worth, 0.0), np.maximum(worth, 0.0)
        self.lost = float(taken[box.low].sum() + out[~box.high].sum())
        self.arcs: list[tuple[int, int, float]] = []
        for (i, j), paid in zip(frame.arcs.tolist(), self.priced.paid.tolist(), strict=True):
            # Paid is what the item pays to the one it needs: lost where only that one is taken.
            if place[i] < 0 and place[j] < 0:
                self.lost += paid * (box.low[j] and not box.low[i])
            elif place[i] < 0:
                taken[j] += paid * (not box.low[i])
            elif place[j] < 0:
                out[i] += paid * box.low[j]
            else:
                self.arcs.append((int(place[i]), int(place[j]), paid))
        self.out, self.taken = out[self.order], taken[self.order]

    def _early(self, radius: float) -> Flags:
        """Return what may be decided on items of much worth, one a row."""
        losses = self.taken - self.out
        spare = radius - self.lost - float(np.minimum(self.taken, self.out).sum())
        count = max(0, len(self.order) - LATE)
        rows, lost = np.zeros((1, count), bool), np.zeros(1)
        for n in range(count):
            if len(lost) > EARLY_PARTS:
                count = n
                break
            more = lost + abs(losses[n])
            kept = np.flatnonzero(more <= spare)
            others = rows[kept]
            others[:, n] = True
            rows, lost = np.concatenate([rows, others]), np.concatenate([lost, more[kept]])
        found: Flags = rows[:, :count] ^ (losses[:count] < 0)
        fits = np.ones(len(found), bool)
        for i, j, _ in self.arcs:
            if i < count and j < count:
                fits &= ~found[:, i] | found[:, j]
        return found[fits]

    def _start(self, early: Flags) -> Floats:
        """Return the parts that the first items make."""
        frame, count = self.frame, early.shape[1]
        taken = early.astype(float)
        lost = self.lost + taken @ self.taken[:count] + (1 - taken) @ self.out[:count]
        for i, j, paid in self.arcs:
            if i < count and j < count:
                lost += paid * (early[:, j] & ~early[:, i])
        logs = np.zeros((frame.size, len(self.base)))
        logs[self.priced.item, self.priced.curve] = self.priced.log
        reach = taken @ logs[self.order[:count]]
        fixed = np.flatnonzero(self.counts == 0)
        at = (self.base + reach)[:, fixed].T
        lost += self.priced.below(fixed, at, at).sum(axis=0)
        reach = reach[:, self.kept].T / self.step[:, None]
        starts = ((self.counts[self.kept] * len(self.kept)) + np.arange(len(self.kept))) * 2 * BINS
        lost += self.tables[reach.astype(np.intp) + starts[:, None]].sum(axis=0)
        room = frame.room(self.box.low.astype(float))[:, None]
        room = room - frame.weights[:, self.order[:count]] @ taken.T
        words = len(self.order) // WORD + 1
        masks = np.zeros((words, len(early)))
        for n in range(count):
            masks[n // WORD] += np.where(early[:, n], float(2 ** (n % WORD)), 0.0)
        return np.concatenate([lost[None, :], room, reach, masks])

    def _layers(self, count: int) -> list[Layer]:
        """Return the decisions that are taken one by one."""
        frame, size = self.frame, len(self.order)
        waits, waited = self._waits()
        weights = frame.weights[:, self.order]
        more, less = _later(np.maximum(weights, 0.0)), _later(np.maximum(-weights, 0.0))
        room = frame.room(self.box.low.astype(float)) + less[:, 0]
        is_late = np.any(room[:, None] > more, axis=0).tolist()
        first = self.rooms.stop
        found = []
        for n in range(count, size):
            curves, steps, before, after = self.touched[n - count]
            found.append(
                Layer(
                    self.out[n],
                    self.taken[n],
                    first + curves,
                    steps[:, None],
                    before[:, None],
                    after[:, None],
                    self._change(n, weights[:, n], curves, steps),
                    waits[n],
                    waited[n],
                    more[:, n + 1 : n + 2],
                    less[:, n + 1 : n + 2],
                    is_late[n + 1],
                )
            )
        return found

    def _waits(self) -> tuple[list[list[tuple[int, float]]], list[list[tuple[int, float]]]]:
        """Return by position the earlier ones that it needs, and those that need it."""
        waits: list[list[tuple[int, float]]] = [[] for _ in self.order]
        waited: list[list[tuple[int, float]]] = [[] for _ in self.order]
        for i, j, paid in self.arcs:
            if i > j:
                waits[i].append((j, paid))
            else:
                waited[j].append((i, paid))
        return waits, waited

    def _change(self, n: int, weights: Floats, curves: Ints, steps: Floats) -> Floats:
        """Return what taking the item at a position adds to a part."""
        first, masks = self.rooms.stop, self.rooms.stop + len(self.kept)
        change = np.zeros((masks + len(self.order) // WORD + 1, 1))
        change[self.rooms, 0] = -weights
        change[first + curves, 0] = steps
        change[masks + n // WORD] = 2.0 ** (n % WORD)
        return change

    def _decide(self, layer: Layer, parts: Floats, radius: float) -> Floats:
        """Return the parts with one more item decided, those out first."""
        tables, prices = self.tables, self.priced.prices
        reach = parts[layer.curves]
        at = reach.astype(np.intp)
        lost = parts[0] - tables[at + layer.before].sum(axis=0)
        out = lost + tables[at + layer.after].sum(axis=0) + layer.out
        at = (reach + layer.steps).astype(np.intp)
        taken = lost + tables[at + layer.after].sum(axis=0) + layer.taken
        for place, paid in layer.waits:
            there = self._has(parts, place)
            out += paid * there
            taken[~there] = np.inf
        for place, paid in layer.waited:
            there = self._has(parts, place)
            taken += paid * ~there
            out[there] = np.inf
        before = parts[self.rooms]
        room = before + layer.change[self.rooms]
        fits = (room + layer.less >= 0).all(axis=0)
        if layer.is_late:
            stays = np.flatnonzero(out + prices @ np.maximum(before - layer.more, 0.0) <= radius)
            idle = prices @ np.maximum(room - layer.more, 0.0)
            comes = np.flatnonzero(fits & (taken + idle <= radius))
        else:
            stays = np.flatnonzero(out <= radius)
            comes = np.flatnonzero(fits & (taken <= radius))
        count = len(stays)
        following: Floats = parts[:, np.concatenate([stays, comes])]
        following[:, count:] += layer.change
        following[0, :count], following[0, count:] = out[stays], taken[comes]
        return following

    def _has(self, parts: Floats, place: int) -> Flags:
        mask = parts[self.rooms.stop + len(self.kept) + place // WORD]
        found: Flags = np.floor(mask * 0.5 ** (place % WORD)) % 2 > 0
        return found

    def _sets(self, parts: Floats) -> Flags:
        """Return the sets, one a row."""
        sets = np.repeat(self.box.low[None, :], parts.shape[1], axis=0)
        for depth, i in enumerate(self.order.tolist()):
            sets[:, i] = self._has(parts, depth)
        return sets

    def _table(self, early: int) -> None:
        """Table what curves lose at least, by the number of late items that are open still.

        A number is a lower bound for all reaches of its step, whatever is taken later. What late
        items lose is in it too, a part of it with each of their curves.
        """
        priced, place = self.priced, self.place
        self.base = summed(priced.curve, priced.log * self.box.low[priced.item], len(priced.harms))
        is_open = place[priced.item] >= 0
        reach = summed(priced.curve, priced.log * is_open, len(priced.harms))
        entries = np.flatnonzero(place[priced.item] >= early)
        entries = entries[np.lexsort((place[priced.item[entries]], priced.curve[entries]))]
        self.counts = np.bincount(priced.curve[entries], minlength=len(priced.harms))
        self.kept, curve = np.unique(priced.curve[entries], return_inverse=True)
        count, counts = len(self.kept), self.counts[self.kept]
        self.step = reach[self.kept] / (BINS - 2)
        low = self.base[self.kept, None] + self.step[:, None] * np.arange(BINS)
        first = np.cumsum(counts) - counts
        steps = priced.log[entries] / self.step[curve]
        own = place[priced.item[entries]]
        parts = np.bincount(own, minlength=len(self.out))[own]
        least = priced.below(self.kept, low, low + self.step[:, None])
        self.tables = _tabled(
            least, counts, steps, self.out[own] / parts, self.taken[own] / parts
        ).ravel()
        number = np.arange(len(entries)) - first[curve]
        before = ((counts[curve] - number) * count + curve) * 2 * BINS
        after = before - count * 2 * BINS
        self.touched = [
            (curve[at], steps[at], before[at], after[at])
            for at in _by_place(own - early, len(self.order) - early)
        ]


def _tabled(least: Floats, counts: Ints, steps: Floats, out: Floats, taken: Floats) -> Floats:
    """Return what curves lose at least: by number of open items, curve, and step it is on.

    Args:
        least: By curve and step, what it loses with no item open.
        counts: Entries of each curve; they follow each other in the order they are decided in.
        steps: By entry, how far it gets.
        out: By entry, what it loses to leave it out.
        taken: By entry, what it loses to take it.
    """
    tables = np.full((int(counts.max(initial=0)) + 1, len(counts), 2 * BINS), np.inf)
    tables[0, :, :BINS] = least
    starts = np.arange(len(counts))[:, None] * 2 * BINS + np.arange(BINS)
    ends = np.cumsum(counts)
    for left in range(1, len(tables)):
        has = np.flatnonzero(counts >= left)
        at = ends[has] - left
        moved = starts[has] + steps[at, None].astype(np.intp)
        flat = tables[left - 1].ravel()
        kept = tables[left - 1, has, :BINS] + out[at, None]
        # Where in its step a part is, is not known: it may end in either of two.
        come = np.minimum(flat[moved], flat[moved + 1]) + taken[at, None]
        tables[left, has, :BINS] = np.minimum(kept, come)
    return tables


def _by_place(places: Ints, size: int) -> list[Ints]:
    """Return the entries of each place."""
    order = np.argsort(places, kind="stable")
    return np.split(order, np.cumsum(np.bincount(places, minlength=size))[:-1])


def _later(weights: Floats) -> Floats:
    """Return by row and position the sum from there on, and 0 after the last."""
    sums = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([sums, np.zeros((len(weights), 1))], axis=1)


def _narrowed(
    parts: Floats | None, waiting: Floats | None, radius: float, width: int
) -> tuple[Floats | None, Floats | None]:
    """Return the parts that go on and those that wait, without what lost too much by now."""
    if waiting is None and (parts is None or 0 < parts.shape[1] <= width):
        return parts, None
    if waiting is not None:
        waiting = waiting[:, waiting[0] <= radius]
        parts = waiting if parts is None else np.concatenate([parts, waiting], axis=1)
    if parts is None or not parts.shape[1]:
        return None, None
    if parts.shape[1] <= width:
        return parts, None
    order = np.argpartition(parts[0], width)
    return parts[:, order[:width]], parts[:, order[width:]]
