"""The reserve of several sprints: what each may hold, and what each window of sprints may."""

from collections.abc import Sequence
from fractions import Fraction

from debtplan.core.capacity import ClosedSprint, by_time
from debtplan.core.exact import exact
from debtplan.core.horizon import Bank
from debtplan.core.reserve import Reserve, ReservePolicy


def write_banks(
    capacity: float,
    policy: ReservePolicy,
    reserve: Reserve,
    history: Sequence[ClosedSprint],
    sprints: int,
) -> tuple[Bank, ...]:
    """Return what the coming sprints may hold, each by itself and each window together.

    A window holds the ceiling's share of all its sprints; what its earlier sprints spent on record
    is gone. The coming sprint may hold what `size_reserve` says.

    Args:
        capacity: Points of every sprint, above 0.
        policy: Shares.
        reserve: Of the coming sprint; its window holds for all.
        history: Closed sprints, for what was spent.
        sprints: Sprints that are planned, 1 or more.
    """
    own = exact(capacity) * exact(policy.ceiling)
    window = reserve.window
    most = own if window == 1 else min(own * window, exact(capacity) * exact(policy.sprint_max))
    single = [Bank(s, s, most) for s in range(2, sprints + 1)]
    banks = [Bank(1, 1, exact(reserve.available)), *single]
    for last in range(2, sprints + 1) if window > 1 else ():
        first = max(1, last - window + 1)
        left = own * window - (_spent(history, window - last) if reserve.spent is not None else 0)
        banks.append(Bank(first, last, max(Fraction(0), left)))
    return tuple(banks)


def _spent(history: Sequence[ClosedSprint], sprints: int) -> Fraction:
    """Return the debt points of the last closed sprints on record."""
    last = by_time(history)[-sprints:] if sprints > 0 else ()
    return sum((exact(one.debt_points) for one in last if one.debt_points is not None), Fraction(0))
