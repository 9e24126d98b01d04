"""The loops of `near`: a search through all sets of a box, depth first.

They are compiled where a compiler is at hand, see `compiled`, and are the same Python where none
is; the answers do not depend on it. They touch arrays and plain numbers only.
"""

from typing import NamedTuple

import numpy as np

from debtplan.engines.compiled import compiled
from debtplan.engines.frame import SLACK, Floats, Ints

BINS = 256
"""Steps in which it is tabled what a curve loses."""

BLOCK = 2 * BINS
"""Numbers of a table: what is beyond the last step is infinite."""

WAYS = 2
"""An item is left out (0) or taken (1)."""

OVER, FOUND, MANY = 0, 1, 2
"""How a walk ends: nothing is left, at a set, after many parts."""


class Layers(NamedTuple):
    """The decisions, one item after the other.

    Attributes:
        losses: By depth and way, what an item loses that is left out (0) or taken (1).
        first: By depth, where the entries of its item start; then the end of the last.
        curve: By entry, the curve.
        steps: By entry, how far it gets.
        table: By entry, where the table of the curve starts in which it is open.
        tables: What curves lose at least, see `tabled`.
        ends: By curve, where the table starts in which no item is open.
        base: By curve, its reach at the start.
        length: By curve, the length of its steps.
        harms: By curve.
        slopes: By curve, its price.
        earned: By curve, what it earns at its peak.
        weights: By depth and row of the frame.
        more: By depth and row, what this and all later items may use of it.
        less: By depth and row, what they may give back.
        prices: By row.
        bound: By depth, where the ties of its item start; then the end of the last.
        other: By tie, the depth of an earlier item.
        needs: By tie, 1 where the item needs that one, 0 where that one needs it.
        paid: By tie, what is lost where only the needed one is taken.
    """

    losses: Floats
    first: Ints
    curve: Ints
    steps: Floats
    table: Ints
    tables: Floats
    ends: Ints
    base: Floats
    length: Floats
    harms: Floats
    slopes: Floats
    earned: Floats
    weights: Floats
    more: Floats
    less: Floats
    prices: Floats
    bound: Ints
    other: Ints
    needs: Ints
    paid: Floats


class Path(NamedTuple):
    """Where a walk stands.

    Attributes:
        lost: By depth, what is lost at least before its decision.
        room: By depth and row, what is left of it then.
        reach: By curve, how far it is, in its steps.
        passed: By entry, how far its curve was before.
        tried: By depth, how many of the two ways were tried.
        way: By depth, the way that was taken last.
        depth: One number, where it stands; below 0 where nothing is left.
    """

    lost: Floats
    room: Floats
    reach: Floats
    passed: Floats
    tried: Ints
    way: Ints
    depth: Ints


@compiled
def tabled(least: Floats, counts: Ints, steps: Floats, out: Floats, taken: Floats) -> Floats:
    """Return what curves lose at least: by curve, number of open items, and step it is on.

    A number is a lower bound for all reaches of its step, whatever is taken later. What items lose
    is in it too, a part of it with each of their curves.

    Args:
        least: By curve and step, what it loses with no item open.
        counts: By curve, its entries; they follow each other in the order they are decided in.
        steps: By entry, how far it gets.
        out: By entry, what it loses to leave it out.
        taken: By entry, what it loses to take it.
    """
    tables = np.full((np.sum(counts) + len(counts)) * BLOCK, np.inf)
    at, end = 0, 0
    for c in range(len(counts)):
        end += counts[c]
        tables[at : at + BINS] = least[c]
        for left in range(1, counts[c] + 1):
            e, moved = end - left, at + int(steps[end - left])
            for n in range(BINS):
                # Where in its step a part is, is not known: it may end in either of two.
                come = min(tables[moved + n], tables[moved + n + 1]) + taken[e]
                tables[at + BLOCK + n] = min(tables[at + n] + out[e], come)
            at += BLOCK
        at += BLOCK
    return tables


@compiled
def _bent(layers: Layers, reach: Floats, depth: int, way: int) -> float:
    """Return what curves lose more at least once an item is decided."""
    more = 0.0
    for e in range(layers.first[depth], layers.first[depth + 1]):
        far, at = reach[layers.curve[e]], layers.table[e]
        more -= layers.tables[at + int(far)]
        more += layers.tables[at - BLOCK + int(far + way * layers.steps[e])]
    return more


@compiled
def _tied(layers: Layers, ways: Ints, depth: int, way: int) -> float:
    """Return what a decision loses for earlier ones: infinite where they forbid it."""
    lost = 0.0
    for n in range(layers.bound[depth], layers.bound[depth + 1]):
        other = ways[layers.other[n]]
        needs, needed = (way, other) if layers.needs[n] == 1 else (other, way)
        if needs > needed:
            return np.inf
        if needed > needs:
            lost += layers.paid[n]
    return lost


@compiled
def _leave(layers: Layers, room: Floats, rest: Floats, depth: int, way: int) -> float:
    """Note what rows have left after a decision.

    Returns what is lost at least because later items leave some of it; infinite where a row has
    less than nothing.
    """
    lost = 0.0
    for row in range(len(layers.prices)):
        left = room[row] - way * layers.weights[depth, row]
        rest[row] = left
        if left + layers.less[depth + 1, row] < -SLACK:
            return np.inf
        if left > layers.more[depth + 1, row]:
            lost += layers.prices[row] * (left - layers.more[depth + 1, row])
    return lost


@compiled
def _whole_loss(layers: Layers, lost: float, reach: Floats, room: Floats) -> float:
    """Return what a whole set loses: the curves themselves in the place of their tables."""
    for c in range(len(layers.ends)):
        at = layers.base[c] + reach[c] * layers.length[c]
        lost -= layers.tables[layers.ends[c] + int(reach[c])]
        below = layers.earned[c] + layers.harms[c] * np.expm1(-at) + layers.slopes[c] * at
        lost += max(0.0, below)
    for row in range(len(layers.prices)):
        lost += layers.prices[row] * room[row]
    return lost


@compiled
def _go_back(layers: Layers, path: Path, depth: int) -> None:
    """Take the item at a depth no longer."""
    path.way[depth] = 0
    for e in range(layers.first[depth], layers.first[depth + 1]):
        path.reach[layers.curve[e]] = path.passed[e]


@compiled
def _go_on(layers: Layers, path: Path, depth: int) -> None:
    """Take the item at a depth."""
    path.way[depth] = 1
    for e in range(layers.first[depth], layers.first[depth + 1]):
        path.passed[e] = path.reach[layers.curve[e]]
        path.reach[layers.curve[e]] += layers.steps[e]


@compiled
def walk(layers: Layers, path: Path, radius: float, most: int) -> tuple[int, int]:
    """Go on to a set that loses no more than the radius; return how it ended, and its parts.

    Args:
        layers: The decisions.
        path: Where the walk stands; moves on.
        radius: Most that a set may lose.
        most: Parts after which to return.
    """
    last, parts, depth = len(layers.losses), 0, path.depth[0]
    while depth >= 0 and parts < most:
        if depth == last:
            depth -= 1
            if _whole_loss(layers, path.lost[last], path.reach, path.room[last]) <= radius:
                path.depth[0] = depth
                return FOUND, parts
            continue
        if path.way[depth] == 1:
            _go_back(layers, path, depth)
        if path.tried[depth] == WAYS:
            path.tried[depth] = 0
            depth -= 1
            continue
        cheap = 0 if layers.losses[depth, 0] <= layers.losses[depth, 1] else 1
        way = cheap if path.tried[depth] == 0 else 1 - cheap
        path.tried[depth] += 1
        lost = path.lost[depth] + layers.losses[depth, way]
        lost += _tied(layers, path.way, depth, way) + _bent(layers, path.reach, depth, way)
        if lost > radius:
            continue
        if lost + _leave(layers, path.room[depth], path.room[depth + 1], depth, way) > radius:
            continue
        parts += 1
        path.lost[depth + 1] = lost
        if way == 1:
            _go_on(layers, path, depth)
        depth += 1
    path.depth[0] = depth
    return OVER if depth < 0 else MANY, parts


@compiled
def dive(layers: Layers, start: Path, width: int) -> tuple[Ints, Floats]:
    """Go down with the parts alone that lose least, so many of each depth.

    Args:
        layers: The decisions.
        start: Where it begins; stays.
        width: How many.

    Returns:
        The ways of the sets that it comes to, one set a row, and what each loses.
    """
    count, depths = 1, len(layers.losses)
    ways = np.zeros((1, depths), np.int64)
    lost, room = start.lost[:1].copy(), start.room[:1].copy()
    reach = start.reach.copy().reshape(1, -1)
    for depth in range(depths):
        least, rest = np.full(2 * count, np.inf), np.empty((2 * count, room.shape[1]))
        after = np.empty(2 * count)
        for n in range(2 * count):
            part, way = n // 2, n % 2
            after[n] = lost[part] + layers.losses[depth, way]
            after[n] += _tied(layers, ways[part], depth, way)
            after[n] += _bent(layers, reach[part], depth, way)
            least[n] = after[n] + _leave(layers, room[part], rest[n], depth, way)
        order = np.argsort(least, kind="mergesort")[:width]
        order = order[least[order] < np.inf]
        count, parts = len(order), order // 2
        lost, room, ways, reach = after[order], rest[order], ways[parts], reach[parts]
        for n in range(count):
            ways[n, depth] = order[n] % 2
            for e in range(layers.first[depth], layers.first[depth + 1]):
                reach[n, layers.curve[e]] += ways[n, depth] * layers.steps[e]
    for n in range(count):
        lost[n] = _whole_loss(layers, lost[n], reach[n], room[n])
    return ways, lost
