"""All sets that lose little at given prices, found item by item without a solver.

At Lagrange's prices every set is worth the bound less what it loses, and the losses add up: an item
decided against its worth loses that, a row its price for what is left of it, a curve how far it
lies below its tangent. What a part of a set loses at least is known as soon as it is decided, so
parts that lose more than bound and incumbent leave go at once, and few are left.

Items of much worth come first: few of them are decided against it. The way that loses less is
tried first.
"""

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import NamedTuple

import numpy as np

from debtplan.engines.frame import SLACK, Box, Flags, Floats, Frame, Ints, summed
from debtplan.engines.relaxation import Priced
from debtplan.engines.walk import BINS, BLOCK, FOUND, OVER, Layers, Path, dive, tabled, walk

MOST_PARTS = 3_000_000
"""Parts after which the search gives up."""

PORTION = 100_000
"""Parts after which a search looks at the clock."""


class _Curves(NamedTuple):
    """Curves that open items touch, and their tables: see `walk.Layers`.

    Attributes:
        kept: By curve, its number in `Priced`.
        base: By curve.
        length: By curve.
        ends: By curve.
        tables: All of them.
        depth: By entry, the depth of its item; entries go by curve, then by depth.
        curve: By entry.
        steps: By entry.
        table: By entry.
    """

    kept: Ints
    base: Floats
    length: Floats
    ends: Ints
    tables: Floats
    depth: Ints
    curve: Ints
    steps: Floats
    table: Ints


class Near:
    """The sets of a box that lose little at some prices."""

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

    def search(
        self, radius: Callable[[], float], offer: Callable[[Flags], None], deadline: float
    ) -> bool:
        """Offer the sets that lose no more than the radius; False where not all were offered.

        Args:
            radius: Tells it; shrinks while better sets are offered.
            offer: Takes a set.
            deadline: On the clock of `time.perf_counter`.
        """
        layers, path = self._begin()
        left = self.most_parts
        while left > 0 and perf_counter() < deadline:
            end, parts = walk(layers, path, radius(), min(left, PORTION))
            if end == OVER:
                return True
            if end == FOUND:
                offer(self._set(path.way))
            left -= parts
        return False

    def dive(self, width: int) -> Iterator[Flags]:
        """Yield sets that lose little, without a proof; those that lose least first.

        Args:
            width: Parts of each depth that go on.
        """
        layers, path = self._begin()
        ways, lost = dive(layers, path, width)
        for n in np.argsort(lost, kind="stable").tolist():
            yield self._set(ways[n])

    def _set(self, ways: Ints) -> Flags:
        chosen = self.box.low.copy()
        chosen[self.order] = ways == 1
        return chosen

    def _begin(self) -> tuple[Layers, Path]:
        self._weigh()
        layers = self._layers()
        return layers, self._path(len(layers.curve), len(layers.ends))

    def _weigh(self) -> None:
        """Work out what each item loses in and out, by position, and what is lost already."""
        frame, box, worth = self.frame, self.box, self.priced.worth
        taken, out = np.maximum(-worth, 0.0), np.maximum(worth, 0.0)
        self.lost = float(taken[box.low].sum() + out[~box.high].sum())
        i, j = frame.arcs.T
        paid, low = self.priced.paid, box.low
        # Paid is what the item pays to the one it needs: lost where only that one is taken.
        is_open, needs = self.place[i] >= 0, self.place[j] >= 0
        self.lost += float(paid[~is_open & ~needs & low[j] & ~low[i]].sum())
        taken += summed(j, paid * (~is_open & needs & ~low[i]), frame.size)
        out += summed(i, paid * (is_open & ~needs & low[j]), frame.size)
        self.losses = np.stack([out[self.order], taken[self.order]], axis=1)
        both = is_open & needs
        self.arcs = self.place[i[both]], self.place[j[both]], paid[both]

    def _layers(self) -> Layers:
        """Return the decisions on the open items."""
        count, weights = len(self.order), self.frame.weights[:, self.order].T
        curves = self._curves()
        order = np.argsort(curves.depth, kind="stable")
        bound, other, needs, paid = self._ties(count)
        return Layers(
            losses=self.losses,
            first=np.searchsorted(curves.depth[order], np.arange(count + 1)),
            curve=curves.curve[order],
            steps=curves.steps[order],
            table=curves.table[order],
            tables=curves.tables,
            ends=curves.ends,
            base=curves.base,
            length=curves.length,
            harms=self.priced.harms[curves.kept],
            slopes=self.priced.slopes[curves.kept],
            earned=self.priced.earned[curves.kept],
            weights=np.ascontiguousarray(weights),
            more=_later(np.maximum(weights, 0.0)),
            less=_later(np.maximum(-weights, 0.0)),
            prices=self.priced.prices,
            bound=bound,
            other=other,
            needs=needs,
            paid=paid,
        )

    def _curves(self) -> _Curves:
        """Return the curves that open items touch, and note what all curves lose at least."""
        priced, place, size = self.priced, self.place, len(self.priced.harms)
        base = summed(priced.curve, priced.log * self.box.low[priced.item], size)
        entries = np.flatnonzero(place[priced.item] >= 0)
        entries = entries[np.lexsort((place[priced.item[entries]], priced.curve[entries]))]
        counts = np.bincount(priced.curve[entries], minlength=size)
        fixed, kept = np.flatnonzero(counts == 0), np.flatnonzero(counts)
        self.lost += float(priced.below(fixed, base[fixed], base[fixed]).sum())
        base, counts, log = base[kept], counts[kept], priced.log[entries]
        curve, depth = np.repeat(np.arange(len(kept)), counts), place[priced.item[entries]]
        length = summed(curve, log, len(kept)) / (BINS - 2)
        low = base[:, None] + length[:, None] * np.arange(BINS)
        parts = self.losses[depth] / np.bincount(depth)[depth, None]
        steps = np.minimum(log / length[curve], BINS - 2)
        tables = tabled(
            priced.below(kept, low, low + length[:, None]), counts, steps, parts[:, 0], parts[:, 1]
        )
        ends = (np.cumsum(counts + 1) - (counts + 1)) * BLOCK
        self.lost += float(tables[ends + counts * BLOCK].sum())
        number = np.arange(len(curve)) - (np.cumsum(counts) - counts)[curve]
        table = ends[curve] + (counts[curve] - number) * BLOCK
        return _Curves(kept, base, length, ends, tables, depth, curve, steps, table)

    def _ties(self, count: int) -> tuple[Ints, Ints, Ints, Floats]:
        """Return what ties items to earlier ones, by the depth of the later one."""
        i, j, paid = self.arcs
        later = np.maximum(i, j)
        order = np.argsort(later, kind="stable")
        bound = np.searchsorted(later[order], np.arange(count + 1))
        needs = (i > j)[order].astype(np.int64)
        return bound, np.minimum(i, j)[order], needs, paid[order]

    def _path(self, entries: int, curves: int) -> Path:
        """Return where a walk begins."""
        count, room = len(self.order), self.frame.room(self.box.low.astype(float))
        path = Path(
            lost=np.zeros(count + 1),
            room=np.zeros((count + 1, len(room))),
            reach=np.zeros(curves),
            passed=np.zeros(entries),
            tried=np.zeros(count, np.int64),
            way=np.zeros(count, np.int64),
            depth=np.zeros(1, np.int64),
        )
        # What a float may hide is nothing that a set leaves.
        path.lost[0], path.room[0] = self.lost, room - SLACK
        return path


def _later(weights: Floats) -> Floats:
    """Return by depth and row the sum from there on, and 0 after the last."""
    sums = np.cumsum(weights[::-1], axis=0)[::-1]
    return np.concatenate([sums, np.zeros((1, weights.shape[1]))])
