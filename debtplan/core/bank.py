"""The reserve of several sprints: what each may hold, and what each window of sprints may."""

from collections.abc import Sequence
from fractions import Fraction

from debtplan.core.capacity import ClosedSprint, by_time
from debtplan.core.exact import exact
from debtplan.core.horizon import Bank
from debtplan.core.reserve import Reserve, ReservePolicy


def write_banks(
    capacities: Sequence[float],
    policy: ReservePolicy,
    reserve: Reserve,
    history: Sequence[ClosedSprint],
) -> tuple[Bank, ...]:
    """Return what the coming sprints may hold, each by itself and each window together.

    A window holds the ceiling's share of all its sprints; what its earlier sprints spent on record
    is gone. The coming sprint may hold what `size_reserve` says.

    Args:
        capacities: Points of each sprint, above 0, the coming one first; it stands for earlier
            ones too.
        policy: Shares.
        reserve: Of the coming sprint; its window holds for all.
        history: Closed sprints, for what was spent.
    """
    window = reserve.window
    own = [exact(points) * exact(policy.ceiling) for points in capacities]
    banks = [Bank(1, 1, exact(reserve.available))]
    for sprint in range(2, len(own) + 1):
        part = own[sprint - 1]
        most = exact(capacities[sprint - 1]) * exact(policy.sprint_max)
        banks.append(Bank(sprint, sprint, part if window == 1 else min(part * window, most)))
    for last in range(2, len(own) + 1) if window > 1 else ():
        first = max(1, last - window + 1)
        earlier = max(0, window - last)
        left = sum(own[first - 1 : last], Fraction(0)) + own[0] * earlier
        left -= _spent(history, earlier) if reserve.spent is not None else 0
        banks.append(Bank(first, last, max(Fraction(0), left)))
    return tuple(banks)


def _spent(history: Sequence[ClosedSprint], sprints: int) -> Fraction:
    """Return the debt points of the last closed sprints on record."""
    last = by_time(history)[-sprints:] if sprints > 0 else ()
    return sum((exact(one.debt_points) for one in last if one.debt_points is not None), Fraction(0))
