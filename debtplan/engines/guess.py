"""Good sets, quickly: what the prices lean to, filled up and exchanged one for one.

Guesses only: a set counts when `Indexed.allows` it.
"""

import numpy as np

from debtplan.engines.frame import SLACK, Box, Flags, Floats, Frame, summed

MOST_MOVES = 60
"""Exchanges after which a guess is good enough."""

NEWS = 1e-9
"""Part of the value that an exchange has to add."""


def guess(frame: Frame, box: Box, start: Flags) -> Flags:
    """Return a set that holds the start where it can, filled up and exchanged."""
    taken = _fill(frame, box, start.astype(float))
    value = frame.value(taken)
    for _ in range(MOST_MOVES):
        other = _exchanged(frame, box, taken)
        if other is None:
            break
        other = _fill(frame, box, other.astype(bool).astype(float))
        found = frame.value(other)
        if found <= value * (1 + NEWS):
            break
        taken, value = other, found
    return taken > 0


def _can_come(frame: Frame, box: Box, taken: Floats) -> Flags:
    """Return who may be added by itself as far as requirements go."""
    missing = np.zeros(frame.size)
    if len(frame.arcs):
        missing = summed(frame.arcs[:, 0], 1 - taken[frame.arcs[:, 1]], frame.size)
    found: Flags = box.high & (taken < 1) & (missing < 1)
    return found


def _fill(frame: Frame, box: Box, taken: Floats) -> Floats:
    """Add what gives most per point, alone or with the one thing it lacks, until nothing fits."""
    size = frame.size
    room = frame.room(taken)
    arcs = frame.arcs
    while True:
        can = _can_come(frame, box, taken)
        added = frame.added(taken)
        fits = (frame.weights <= room[:, None]).all(axis=0)
        rate = np.where(can & fits & (added > 0), added / (frame.points + SLACK), 0.0)
        best = int(rate.argmax()) if size else 0
        rise = float(rate[best]) if size else 0.0
        moves = [best]
        if len(arcs):
            first, then = arcs[:, 1], arcs[:, 0]
            lacks = summed(then, 1 - taken[first], size)
            pair = can[first] & box.high[then] & (taken[then] < 1) & (lacks[then] == 1)
            both = frame.weights[:, first] + frame.weights[:, then]
            pair &= (both <= room[:, None]).all(axis=0)
            cost = frame.points[first] + frame.points[then] + SLACK
            rates = np.where(pair, (added[first] + added[then]) / cost, 0.0)
            at = int(rates.argmax())
            if rates[at] > rise:
                rise, moves = float(rates[at]), [int(first[at]), int(then[at])]
        if rise <= 0:
            return taken
        taken[moves] = 1.0
        room = frame.room(taken)


def _exchanged(frame: Frame, box: Box, taken: Floats) -> Floats | None:
    """Return the set with one out and one in, the pair that seems to add most; None without one."""
    needed = np.zeros(frame.size, bool)
    if len(frame.arcs):
        needed[frame.arcs[taken[frame.arcs[:, 0]] > 0, 1]] = True
    out = np.flatnonzero((taken > 0) & ~box.low & ~needed)
    come = np.flatnonzero(_can_come(frame, box, taken))
    if not (len(out) and len(come)):
        return None
    left = (frame.harms * np.exp(-frame.reach(taken)))[frame.metric]
    added = summed(frame.item, left * frame.gone, frame.size)
    lost = summed(frame.item, left * np.expm1(frame.log), frame.size)
    rise = added[come][None, :] - lost[out][:, None]
    room = frame.room(taken)
    for row, weights in enumerate(frame.weights):
        rise[weights[come][None, :] - weights[out][:, None] > room[row]] = -np.inf
    for n in np.argsort(-rise, axis=None, kind="stable")[:3]:
        i, j = np.unravel_index(n, rise.shape)
        if rise[i, j] == -np.inf:
            return None
        other = taken.copy()
        other[out[i]], other[come[j]] = 0.0, 1.0
        if frame.value(other) > frame.value(taken) * (1 + NEWS):
            return other
    return None
