"""Whether the chosen items fit into the reserve once their real costs come in.

Items are worked one after the other in the plan's order, and work stops where the reserve is used
up: an item is finished in a world where the costs up to it add up to the reserve at most. Costs do
not depend on harms, shares and grades, so what is relieved within the reserve is expected to be

    sum over j of P(exactly the first j items are finished) * value(first j items)
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate
from math import fsum

from debtplan.core.record import Value


class Finish(Value):
    """How likely a chosen item is finished within the reserve, worked in the plan's order."""

    key: str
    chance: float


class Overrun(Value):
    """What the chosen items may really cost, against the reserve.

    Attributes:
        chance: Share of simulated worlds in which they cost more than the reserve.
        reserve: Points that the sprint can give to debt.
        estimate: What they are estimated at, in points.
        p10: Cost in points that one world in ten stays within.
        p50: Half of the worlds.
        p90: Nine worlds in ten.
        relief: Expected relief where work stops when the reserve is used up, weighted frustrated
            sessions per sprint; the plan's ux_value is that of all of them finished.
        finish: By place in the order of work.
        worlds: How many were simulated.
        is_assumed: Whether any part of the costs' distribution is a default.
        basis: Where the distribution comes from, in words.
    """

    chance: float
    reserve: float
    estimate: float
    p10: float
    p50: float
    p90: float
    relief: float
    finish: tuple[Finish, ...]
    worlds: int
    is_assumed: bool
    basis: str


def weigh_costs(
    order: Sequence[str],
    worlds: Sequence[Sequence[float]],
    limits: tuple[float, float],
    value: Callable[[Sequence[str]], float],
    basis: tuple[str, bool],
) -> Overrun | None:
    """Return what simulated costs say about a plan; None without items or worlds.

    Args:
        order: The chosen keys in the order of work.
        worlds: In each world what they cost, in points, in the same order.
        limits: Reserve and sum of the estimates, in points.
        value: What a set of them relieves.
        basis: Where the costs come from, and whether that is assumed.
    """
    if not order or not worlds:
        return None
    reserve = limits[0]
    sums = [tuple(accumulate(costs)) for costs in worlds]
    ends = Counter(sum(1 for one in row if one <= reserve) for row in sums)
    totals = sorted(row[-1] for row in sums)
    count = len(worlds)
    done = list(accumulate(ends.get(place, 0) for place in range(len(order), 0, -1)))[::-1]
    return Overrun(
        chance=(count - ends.get(len(order), 0)) / count,
        reserve=reserve,
        estimate=limits[1],
        p10=_rank(totals, 0.1),
        p50=_rank(totals, 0.5),
        p90=_rank(totals, 0.9),
        relief=fsum(
            number / count * value(order[:place]) for place, number in sorted(ends.items()) if place
        ),
        finish=_finish(order, [many / count for many in done]),
        worlds=count,
        is_assumed=basis[1],
        basis=basis[0],
    )


def _finish(order: Sequence[str], chances: Sequence[float]) -> tuple[Finish, ...]:
    return tuple(Finish(key=key, chance=one) for key, one in zip(order, chances, strict=True))


def _rank(ordered: Sequence[float], rank: float) -> float:
    return ordered[int(rank * (len(ordered) - 1))]
