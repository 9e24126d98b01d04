"""What moves together, and when levels changed: found in the readings, told in chains."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from debtplan.core.chains import Chain, Moves, build_chains, releases_before
from debtplan.core.flow import Flow, UxMetric
from debtplan.core.movement import Movement, Shift
from debtplan.core.reading import Reading, Window, window_before
from debtplan.core.release import Release
from debtplan.core.same_release import told_once
from debtplan.ports.evidence import MoveFinder


@dataclass(frozen=True, slots=True)
class Corroboration:
    """What the readings say of each other.

    Attributes:
        window: The days that were looked at.
        moves: Movements and shifts.
        chains: The movements as chains, longest first.
        beside: By metric and day of a shift, the releases of the days before it.
    """

    window: Window
    moves: Moves
    chains: tuple[Chain, ...]
    beside: dict[tuple[str, str], tuple[Release, ...]]

    def about(self, metric: str) -> "Corroboration":
        """Return what concerns one metric."""

        def concerns(one: Movement) -> bool:
            return metric in (one.leader, one.follower)

        moves = self.moves
        found = moves.model_copy(
            update={
                "movements": tuple(one for one in moves.movements if concerns(one)),
                "shifts": tuple(one for one in moves.shifts if one.metric == metric),
            }
        )
        chains = tuple(one for one in self.chains if metric in one.metrics)
        return Corroboration(self.window, found, chains, self.beside)

    def releases_of(self, shift: Shift) -> tuple[Release, ...]:
        """Return the releases of the days before a shift, newest first."""
        return self.beside.get((shift.metric, shift.on.isoformat()), ())


def corroborate(
    releases: Iterable[Release],
    metrics: Sequence[UxMetric],
    flows: Sequence[Flow],
    readings: Sequence[Reading],
    window: Window,
    find: MoveFinder,
) -> Corroboration:
    """Return what moves together in a window with its chains, and the releases beside shifts."""
    moves = find(metrics, flows, readings, window)
    told = told_once(releases)
    beside = {
        (shift.metric, shift.on.isoformat()): releases_before(shift, told) for shift in moves.shifts
    }
    return Corroboration(window, moves, build_chains(moves.movements), beside)


def latest_window(readings: Sequence[Reading], now: datetime, days: int) -> Window:
    """Return the last days before `now` for which something was measured.

    Where the readings ended long ago their own end counts: what moved together then still did.
    """
    measured = [one.end_at for one in readings if one.stated_by is None]
    if not measured:
        return window_before(now, days)
    return window_before(min(now, max(measured) + timedelta(days=1)), days)
