"""What work really costs: the ratio of cost to estimate, fitted to what the team did before.

    cost_i = estimate_i * exp(centre + T + e_i),   T ~ N(0, team^2),   e_i ~ N(0, item^2)

T is shared by all items of a sprint, e_i is the item's own: both lognormal. Costs are counted in
points of capacity, and capacity is what a sprint usually finishes, counted in estimates. So the
usual overrun of the team is in the capacity already: without a history of single items the centre
is -item^2 / 2, an item costs its estimate on average, and closed sprints say how far that swings.

With y_s = ln(committed_s / completed_s) of n closed sprints and z_i = ln(actual_i / estimate_i) of
k finished items, each cut at a factor of 4, from five on (s^2 is the variance over n - 1 or k - 1),

    swing   = max(s_y^2 - 0.45^2 * size / committed, s_y^2 / 4)
    team^2  = (5 * 0.3^2 + (n - 1) * swing) / (5 + n - 1) * (1 + 1/n)
    total   = (5 * (0.3^2 + 0.45^2) + (k - 1) * s_z^2) / (5 + k - 1)
    item^2  = max(total - team^2, total / 4)
    centre  = (5 * (-0.45^2 / 2) + k * mean(z)) / (5 + k)

are the history shrunk to the default with the weight of five. What single items add to the swing of
a sprint is taken off first: size is sum p^2 / sum p over the estimates p of the backlog, committed
the median of closed sprints. 1 + 1/n, and total / (5 + k) that is added to team^2 where items were
fitted, are what a centre found from so few may be off by.

The default: a single item costs half to twice its estimate in eight cases of ten, Boehm's cone of
uncertainty at the approved product definition (B. Boehm, Software Engineering Economics, 1981, as
S. McConnell, Software Estimation: Demystifying the Black Art, 2006, chapter 4, gives it), which is
where McConnell places the start of an iteration: ln(2) / 1.2816 = 0.541 = sqrt(0.3^2 + 0.45^2). How
it parts into sprint and item is a convention.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum, log, sqrt
from statistics import fmean, median, variance

from pydantic import Field

from debtplan.core.capacity import ClosedSprint
from debtplan.core.record import Value

TEAM_SIGMA = 0.3
"""Default standard deviation of what all items of a sprint share, on the log scale."""

ITEM_SIGMA = 0.45
"""Default standard deviation of an item's own part, on the log scale."""

PRIOR_WEIGHT = 5
"""Observations that the default is worth."""

FIT_FROM = 5
"""Fewer closed sprints, or finished items, than this say too little."""

RECENT = 26
"""Closed sprints that count, the last ones: a year of fortnights."""

WIDEST = 4.0
"""The cone's widest factor: a ratio beyond it is a change of scope, not of cost."""

OWN_PART = 0.25
"""Least part of a variance that stays with either source when the other's is taken off."""


class Actual(Value):
    """What a finished item was estimated at, and what it took, in points of capacity."""

    key: str
    estimate: float = Field(gt=0)
    actual: float = Field(gt=0)


@dataclass(frozen=True, slots=True)
class CostModel:
    """The distribution of cost / estimate; see the module.

    Attributes:
        centre: Mean of ln(cost / estimate).
        team: Standard deviation of the part that a sprint's items share.
        item: Standard deviation of an item's own part.
        sprints: Closed sprints that were fitted; 0 where the default stands.
        items: Finished items that were fitted; 0 where the default stands.
        basis: Where it comes from, in words.
    """

    centre: float = -(ITEM_SIGMA**2) / 2
    team: float = TEAM_SIGMA
    item: float = ITEM_SIGMA
    sprints: int = 0
    items: int = 0
    basis: str = ""

    @property
    def is_assumed(self) -> bool:
        """Whether any part of it is the default."""
        return not (self.sprints and self.items)


def fit_costs(
    sprints: Sequence[ClosedSprint], actuals: Sequence[Actual], sizes: Iterable[float] = ()
) -> CostModel:
    """Return the model that fits the history; see the module.

    Args:
        sprints: Closed sprints of the team, oldest first. One with nothing completed or committed
            on record says nothing.
        actuals: Finished items.
        sizes: Estimates of the backlog, above 0, for how much single items make a sprint swing.
    """
    swings = _swings(sprints)
    team, count = TEAM_SIGMA**2, 0
    if len(swings) >= FIT_FROM:
        count = len(swings)
        swing = variance(swings)
        own = min(_own_noise(sprints, sizes), (1 - OWN_PART) * swing)
        team = _shrunk(team, swing - own, count) * (1 + 1 / count)
    ratios = [_log_ratio(one.actual, one.estimate) for one in actuals]
    item, centre, found = ITEM_SIGMA**2, -(ITEM_SIGMA**2) / 2, 0
    if len(ratios) >= FIT_FROM:
        found = len(ratios)
        total = _shrunk(TEAM_SIGMA**2 + item, variance(ratios), found)
        item = max(total - team, total * OWN_PART)
        centre = (PRIOR_WEIGHT * centre + found * fmean(ratios)) / (PRIOR_WEIGHT + found)
        team += total / (PRIOR_WEIGHT + found)
    basis = f"{_sprint_words(count, len(swings))}; {_item_words(found, len(ratios))}"
    return CostModel(centre, sqrt(team), sqrt(item), count, found, basis)


def _swings(sprints: Sequence[ClosedSprint]) -> list[float]:
    return [_log_ratio(one.committed or 0.0, one.completed or 0.0) for one in _counted(sprints)]


def _counted(sprints: Sequence[ClosedSprint]) -> list[ClosedSprint]:
    return [one for one in sprints if one.committed and one.completed][-RECENT:]


def _log_ratio(above: float, below: float) -> float:
    return max(-log(WIDEST), min(log(WIDEST), log(above / below)))


def _own_noise(sprints: Sequence[ClosedSprint], sizes: Iterable[float]) -> float:
    """Return the variance that items of these sizes give a sprint's sum, as ratio to itself."""
    points = sorted(sizes)
    committed = median(one.committed or 0.0 for one in _counted(sprints))
    whole = fsum(points)
    return ITEM_SIGMA**2 * fsum(one * one for one in points) / whole / committed if whole else 0.0


def _shrunk(prior: float, found: float, count: int) -> float:
    """Return a variance between the default's and that of so many observations."""
    free = count - 1
    return (PRIOR_WEIGHT * prior + free * found) / (PRIOR_WEIGHT + free)


def _sprint_words(count: int, there: int) -> str:
    if count:
        return f"how far costs swing from sprint to sprint is fitted to {count} closed sprints"
    if there:
        return (
            f"how far costs swing from sprint to sprint is assumed ({there} closed sprints with "
            f"points committed and completed, {FIT_FROM} are needed)"
        )
    return "how far costs swing from sprint to sprint is assumed"


def _item_words(count: int, there: int) -> str:
    if count:
        return f"what single items cost against their estimates is fitted to {count} finished items"
    words = "what single items cost against their estimates is assumed: about half to twice"
    if there:
        return f"{words} ({there} finished items on record, {FIT_FROM} are needed)"
    return words
