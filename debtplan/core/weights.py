"""Weights of worlds that make the best of some sets look worst: a small linear program.

    minimise t   subject to   sum_k w_k V_jk <= t for every j,   sum_k w_k = 1,   0 <= w_k <= cap

Adding the same to every V changes no weights, so t is above 0. Divided by it, with y = w / t, this
is `maximise sum y` from a start that is allowed, y = 0. So the plain simplex method does (G. B.
Dantzig 1951), and wherever it stops, `capped` makes weights of what it has found.
"""

from collections.abc import Sequence
from math import fsum

PIVOTS = 2000
"""Steps after which the weights found so far are taken."""

NUDGE = 1e-7
"""Each world's cap is let out by another tiny part, so that no step goes nowhere."""

TINY = 1e-3
"""Part of the cap below which a weight is none."""

ZERO = 1e-10


def hardest_weights(rows: Sequence[Sequence[float]], cap: float) -> tuple[float, ...]:
    """Return weights, at most `cap` each and 1 together, that nearly solve the program.

    Args:
        rows: What each set relieves in each world, 0 or more; at least one set.
        cap: Most weight of a world, at least 1 / worlds.
    """
    count = len(rows[0])
    top = max(max(row) for row in rows)
    if top <= 0:
        return tuple([1 / count] * count)
    table = [[1.0 + value / top for value in row] + [1.0] for row in rows]
    for k in range(count):
        caps = [-cap] * count
        caps[k] += 1.0
        table.append([*caps, NUDGE * (k + 1) / count])
    found = _simplex(table, count)
    total = fsum(found)
    if total <= 0:
        return tuple([1 / count] * count)
    return capped([value / total for value in found], cap)


def capped(weights: Sequence[float], cap: float) -> tuple[float, ...]:
    """Return weights near these that add up to 1, with none above the cap nor below 0.

    What is missing goes to the others that have room, the largest first; tiny ones become 0, for
    every world that counts makes the problem larger.
    """
    cut = [min(weight, cap) if weight > TINY * cap else 0.0 for weight in weights]
    total = fsum(cut)
    if total > 1:
        return tuple(weight / total for weight in cut)
    missing = 1.0 - total
    for k in sorted(range(len(cut)), key=lambda k: (-cut[k], k)):
        added = min(missing, cap - cut[k])
        cut[k] += added
        missing -= added
    return tuple(cut)


def _simplex(table: list[list[float]], count: int) -> list[float]:
    """Return y of `maximise sum y, A y <= b, y >= 0`, b >= 0, or the last y before it gave up.

    Args:
        table: Rows of A with b at the end; worked on in place.
        count: Columns of A.
    """
    goal = [-1.0] * count + [0.0]
    basis = list(range(count, count + len(table)))
    columns = list(range(count))
    for _ in range(PIVOTS):
        enter = min(range(count), key=lambda j: (goal[j], columns[j]))
        if goal[enter] >= -ZERO:
            break
        leave = _leaving(table, enter, basis)
        if leave is None:
            break
        _pivot(table, goal, leave, enter)
        basis[leave], columns[enter] = columns[enter], basis[leave]
    found = [0.0] * count
    for row, name in zip(table, basis, strict=True):
        if name < count:
            found[name] = max(0.0, row[-1])
    return found


def _leaving(table: list[list[float]], enter: int, basis: list[int]) -> int | None:
    """Return the row that limits the entering column most; None where nothing does."""
    ratios = [
        (row[-1] / row[enter], basis[i], i) for i, row in enumerate(table) if row[enter] > ZERO
    ]
    return min(ratios)[2] if ratios else None


def _pivot(table: list[list[float]], goal: list[float], leave: int, enter: int) -> None:
    """Swap a row and a column of the condensed table."""
    pivot = table[leave][enter]
    row = [value / pivot for value in table[leave]]
    row[enter] = 1.0 / pivot
    table[leave] = row
    for i, other in enumerate(table):
        if i != leave and other[enter]:
            table[i] = _less(other, row, enter)
    goal[:] = _less(goal, row, enter)


def _less(other: list[float], row: list[float], enter: int) -> list[float]:
    factor = other[enter]
    fresh = [value - factor * one for value, one in zip(other, row, strict=True)]
    fresh[enter] = -factor * row[enter]
    return fresh
