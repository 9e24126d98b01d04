"""All sets of a box whose losses at its prices leave them of interest, found without a solver.

At Lagrange's prices a set is worth the bound less what it loses: each item decided against its
worth loses that, and each row loses its price for what is left of it. Sets that lose no more than
bound and incumbent leave are few where little is open, and only those are worth a look.
"""

import numpy as np
from numpy.typing import NDArray

from debtplan.engines.frame import SLACK, Floats

Masks = NDArray[np.uint64]

MOST_OPEN = 60
"""Open items whose sets fit into the bits of a number."""

MOST_SETS = 10_000
"""Sets up to which trying them out is quicker than another bound."""

TINY = 1e-3
"""Part of what is to spare that is next to nothing."""

LEAST_BINS = 12
"""Parts that the sets have to fill, so that rounding does not count too many of them."""

BINS = 48
"""Parts of what is to spare that losses are counted in, for a first estimate."""


def radius(losses: Floats, spare: float) -> float:
    """Return how much sets may lose so that about `MOST_SETS` lose no more, `spare` at most.

    Losses are rounded down before they are added up, so the sets are rather fewer.
    """
    while spare > 0:
        steps = np.minimum(losses * (BINS / spare), BINS + 1).astype(int)
        counts = np.zeros(BINS + 1)
        counts[0] = 1.0
        for step in steps.tolist():
            if step == 0:
                counts *= 2
            elif step <= BINS:
                counts[step:] += counts[:-step].copy()
        last = int(np.searchsorted(np.cumsum(counts), MOST_SETS, side="right")) - 1
        if last >= BINS:
            return spare
        if last >= LEAST_BINS:
            return last * spare / BINS
        spare /= 4
        if np.count_nonzero(losses <= spare * TINY) >= np.log2(MOST_SETS):
            break
    return 0.0


def sets_within(
    losses: Floats, spare: float, left: Floats, changes: Floats, prices: Floats
) -> Masks:
    """Return the sets of positions that lose no more than what is to spare and keep every row.

    Args:
        losses: By position.
        spare: The most that a set may lose, its rows included.
        left: By row, what the empty set leaves of it.
        changes: By row and position, what taking the position changes of that.
        prices: By row, what is lost for what is left of it.
    """
    masks, lost, rooms = np.zeros(1, np.uint64), np.zeros(1), left[:, None]
    # The dear ones first: most of their sets end there.
    for n in np.argsort(-losses, kind="stable").tolist():
        more = lost + losses[n]
        kept = more <= spare
        masks = np.concatenate([masks, masks[kept] | np.uint64(1 << n)])
        lost = np.concatenate([lost, more[kept]])
        rooms = np.concatenate([rooms, rooms[:, kept] + changes[:, n : n + 1]], axis=1)
    slack = SLACK * float(prices.sum())
    fits = (rooms >= 0).all(axis=0) & (lost + prices @ rooms <= spare + slack)
    found: Masks = masks[fits]
    return found


def bits(masks: Masks, size: int) -> Floats:
    """Return the sets as rows of zeros and ones."""
    rows: Floats = ((masks[:, None] >> np.arange(size, dtype=np.uint64)) & np.uint64(1)).astype(
        float
    )
    return rows
