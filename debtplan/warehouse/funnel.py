"""A funnel for people: of the sessions that enter a flow, how many get how far, and how fast."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from debtplan.warehouse.answer import whole
from debtplan.warehouse.runner import Row

RISEN_Z = 2.5758293035489004
"""Standard errors from which on a part has risen: one chance in a hundred that it has not."""

FLAT_Z = 1.2815515655446004
"""Standard errors up to which a total is flat."""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step for one group of sessions.

    Attributes:
        group: Value of the dimension asked for; "" for all sessions together.
        entered: Sessions that entered the step.
        went_on: Those that entered a later step in time; None at the last step.
        median_s: Median seconds from entering it to entering the next; None where nobody did.
    """

    flow: str
    step: str
    group: str
    entered: int
    went_on: int | None
    median_s: float | None

    @property
    def drop_off(self) -> float | None:
        """Share that was lost here, in [0, 1]; None where nobody entered, or at the last step."""
        if self.went_on is None or not self.entered:
            return None
        return 1 - self.went_on / self.entered


@dataclass(frozen=True, slots=True)
class Reversal:
    """A part whose loss rises while the loss of all together stays as it was (Simpson).

    Attributes:
        before: Loss of the part in the earlier half of the window, in [0, 1].
        after: In the later half.
        all_before: Loss of all together in the earlier half.
        all_after: In the later half.
    """

    step: str
    group: str
    before: float
    after: float
    all_before: float
    all_after: float


@dataclass(frozen=True, slots=True)
class Funnel:
    """All steps of a flow, by group and in order."""

    steps: tuple[FunnelStep, ...]
    reversals: tuple[Reversal, ...] = ()


def make_funnel(
    flow: str,
    steps: Sequence[str],
    rows: Sequence[Row],
    medians: Mapping[tuple[str, int], float],
) -> Funnel:
    """Return the funnel that an engine's rows tell.

    Args:
        flow: Id of the flow.
        steps: Its steps, in order.
        rows: (group, half, then of each step: entered, went on); see `ask.funnel`.
        medians: Seconds by group and number of the step.
    """
    halves: dict[str, list[list[int]]] = {}
    for group, half, *figures in rows:
        both = halves.setdefault(str(group), [[0] * len(figures), [0] * len(figures)])
        both[whole(half)] = [whole(one) for one in figures]
    found = []
    for group in sorted(halves, key=lambda one: (-sum(map(sum, halves[one])), one)):
        early, late = halves[group]
        for n, step in enumerate(steps):
            entered, went_on = (early[2 * n + m] + late[2 * n + m] for m in (0, 1))
            median, is_last = medians.get((group, n)), n == len(steps) - 1
            on = None if is_last else went_on
            found.append(FunnelStep(flow, step, group, entered, on, median))
    return Funnel(tuple(found), tuple(_reversals(steps, halves)))


def _reversals(
    steps: Sequence[str], halves: Mapping[str, Sequence[Sequence[int]]]
) -> Iterator[Reversal]:
    """Yield parts that get worse at a step while all together do not move.

    Simpson (1951): what holds of every part need not hold of the whole, where the mix changes.
    The test of two shares is the usual one, with the pooled share.
    """
    if len(halves) < 2:  # noqa: PLR2004 - one group is all there is
        return
    for n in range(len(steps) - 1):
        total = [_lost([halves[one][half] for one in sorted(halves)], n) for half in (0, 1)]
        z_total = _z(total[0], total[1])
        if z_total is None or abs(z_total) > FLAT_Z:
            continue
        for group in sorted(halves):
            part = [_lost([halves[group][half]], n) for half in (0, 1)]
            z_part = _z(part[0], part[1])
            if z_part is not None and z_part > RISEN_Z:
                shares = [lost / entered for lost, entered in (*part, *total)]
                yield Reversal(steps[n], group, *shares)


def _lost(groups: Sequence[Sequence[int]], step: int) -> tuple[int, int]:
    entered = sum(one[2 * step] for one in groups)
    return entered - sum(one[2 * step + 1] for one in groups), entered


def _z(before: tuple[int, int], after: tuple[int, int]) -> float | None:
    """Return by how many standard errors a share rose; None where that is not known."""
    (bad, of), (worse, among) = before, after
    if not of or not among:
        return None
    pooled = (bad + worse) / (of + among)
    error = sqrt(pooled * (1 - pooled) * (1 / of + 1 / among))
    return (worse / among - bad / of) / error if error else None
