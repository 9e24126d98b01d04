"""Many problems that are like one another, each solved as the engine would, only sooner.

What does not change is worked out once: rules, a program to start from, a good set. What the
closing gives up is left to the engine itself, but for large problems that are solved closely
enough: their answers are `feasible`, with their bound.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from math import inf
from pickle import dumps, loads
from time import perf_counter

from threadpoolctl import threadpool_limits

from debtplan.core.delta import Delta, apply_delta
from debtplan.core.flips import Prices
from debtplan.core.problem import CLOSE, Problem, Selection, Status
from debtplan.engines import make_engine
from debtplan.engines.apart import most_apart
from debtplan.engines.closing import Closed, Closing, Start, price
from debtplan.engines.frame import Frame, make_frame, whole_box
from debtplan.engines.indexed import index_problem
from debtplan.engines.relaxation import Basis, Relaxation
from debtplan.engines.world import Ground

CHUNK = 20
"""Problems of one portion: enough that handing it to another process pays."""

LARGE, LARGE_CHUNK = 400, 4
"""Candidates from which on a problem takes long enough to be handed out in smaller portions."""

WORLD_CLOSE = 0.01
"""Part of its value that the best plan of a large world may miss, where it is not found thoroughly:
it is one of a thousand, and the engine would take longer for it than for all others."""

LARGE_PARTS = 30_000
"""Parts of a large problem's sets after which a set that is close will do: ten times as many gain
3% of the gap, for twice the time."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Problems to solve, in little room: it goes to another process as it is.

    Attributes:
        base: A problem, pickled, and keys of a good set for it.
        deltas: How the problems differ from it.
        is_first: Whether the first of equals is asked for; any of them otherwise.
        enough: Value from which on any set will do; None for the best.
        settings: Name, backend and time limit in seconds of the engine that is to be matched.
    """

    base: bytes
    deltas: tuple[Delta, ...]
    is_first: bool
    enough: float | None
    settings: tuple[str, str, float]

    def __call__(self) -> tuple[Selection, ...]:
        """Solve them, in their order."""
        return _outset(self.base, self.settings).solve(self)


class Explorer:
    """See `ports.Explorer`."""

    def __init__(self, name: str, backend: str, time_limit_s: float) -> None:
        """Take the settings of the engine whose answers are wanted."""
        self._settings = (name, backend, time_limit_s)

    def portions(
        self,
        base: Problem,
        known: Sequence[str],
        deltas: Iterable[Delta],
        *,
        is_first: bool,
        enough: float | None = None,
    ) -> Iterator[Portion]:
        """See `ports.Explorer.portions`."""
        packed = dumps((base, tuple(known)))
        size = CHUNK if len(base.candidates) < LARGE else LARGE_CHUNK
        left = iter(deltas)
        while chunk := tuple(islice(left, size)):
            yield Portion(packed, chunk, is_first, enough, self._settings)

    def opening(self, base: Problem, known: Sequence[str]) -> Portion:
        """See `ports.Explorer.opening`."""
        return Portion(dumps((base, tuple(known))), (), False, None, self._settings)  # noqa: FBT003

    def prices(self, base: Problem, known: Sequence[str]) -> Prices | None:
        """See `ports.Explorer.prices`."""
        return self._outset(base, known).prices()

    def apart(
        self, base: Problem, known: Sequence[str], level: float, time_limit_s: float
    ) -> tuple[tuple[str, ...], int]:
        """See `ports.Explorer.apart`."""
        return self._outset(base, known).apart(level, perf_counter() + time_limit_s)

    def _outset(self, base: Problem, known: Sequence[str]) -> "_Outset":
        return _outset(dumps((base, tuple(known))), self._settings)


@lru_cache(maxsize=4)
def _outset(base: bytes, settings: tuple[str, str, float]) -> "_Outset":
    problem, known = loads(base)  # noqa: S301 -- from this program
    return _Outset(problem, known, settings)


class _Outset:
    """What does not change from problem to problem."""

    def __init__(
        self, base: Problem, known: tuple[str, ...], settings: tuple[str, str, float]
    ) -> None:
        name, backend, self._time_limit_s = settings
        # The matrices are small: more threads than one spend their time waiting for each other.
        threadpool_limits(limits=1, user_api="blas")
        self._engine = make_engine(name, backend=backend, time_limit_s=self._time_limit_s)
        self._base = base
        self._indexed = index_problem(base)
        self._frame = make_frame(self._indexed)
        self._ground = Ground(self._indexed, self._frame)
        self._known = frozenset(i for i, key in enumerate(base.keys) if key in set(known))
        self._is_large = len(base.candidates) >= LARGE
        # Where equals abound, bounds prove little, and the engine leaves out most of them at once.
        self._has_twins = bool(self._indexed.twins)
        # The same in every process, whatever it solves first.
        start = Start(None, self._basis())
        # A large problem is looked through quickly first, and thoroughly where that will not do.
        quick = (replace(start, most_parts=LARGE_PARTS),) if self._is_large else ()
        self._starts = *quick, start
        if self._indexed.is_feasible and not self._has_twins:
            Closing(self._frame, start).run((self._known,), inf)  # loads what is compiled

    def _basis(self) -> Basis | None:
        if not self._indexed.is_feasible:
            return None
        relaxation = Relaxation(self._frame)
        # Made fine once, the pieces still reach as far as a pin moves the curves.
        relaxation.price(whole_box(self._frame), self._time_limit_s, rounds=1)
        return relaxation.basis

    def solve(self, asked: Portion) -> tuple[Selection, ...]:
        return tuple(self._solve(delta, asked) for delta in asked.deltas)

    def prices(self) -> Prices | None:
        if not self._indexed.is_feasible:
            return None
        return price(self._frame, self._base, perf_counter() + self._time_limit_s)

    def apart(self, level: float, deadline: float) -> tuple[tuple[str, ...], int]:
        found = most_apart(self._frame, self._known, level, deadline, self._starts[0])
        return self._indexed.keys(without_idle(self._frame, found.chosen)), found.least

    def _solve(self, delta: Delta, asked: Portion) -> Selection:
        is_first, started = asked.is_first, perf_counter()
        is_kept = (delta.whole or self._base).is_kept
        if (is_first and is_kept) or (self._has_twins and not delta.is_world):
            return self._by_engine(delta, is_first=is_first)
        frame = self._framed(delta)
        indexed = frame.indexed
        if not indexed.is_feasible:
            return self._selection(Status.INFEASIBLE, (), None, started)
        is_world = delta.is_world and not is_first
        closed = self._closed(frame, asked, WORLD_CLOSE if is_world else CLOSE)
        if closed is None:
            return self._by_engine(delta, is_first=is_first)
        if closed.is_proven and asked.enough is not None and closed.value < asked.enough:
            return self._selection(Status.INFEASIBLE, (), None, started, closed.rounds)
        best = closed.best if is_first else without_idle(frame, closed.best)
        is_best = closed.bound == closed.value
        status = Status.OPTIMAL if is_best else Status.FEASIBLE
        found = self._selection(
            status, indexed.keys(best), indexed.value(best), started, closed.rounds
        )
        return found if is_best else replace(found, bound=closed.bound, gap=closed.gap)

    def _by_engine(self, delta: Delta, *, is_first: bool) -> Selection:
        problem = apply_delta(self._base, delta)
        return self._engine.select(problem) if is_first else self._engine.any_best(problem)

    def _framed(self, delta: Delta) -> Frame:
        frame = self._ground.read(delta) if delta.whole is None else None
        return frame or make_frame(index_problem(apply_delta(self._base, delta)))

    def _closed(self, frame: Frame, asked: Portion, distance: float) -> Closed | None:
        """Return an answer that needs nothing more of the engine; None where there is none."""
        deadline = perf_counter() + self._time_limit_s
        for start, within in zip(self._starts, (CLOSE, distance), strict=False):
            closing = Closing(frame, start, is_first=asked.is_first, enough=asked.enough)
            closed = closing.run((self._known,), deadline)
            if closed is None:
                return None
            if closed.is_proven:
                return None if asked.is_first and len(closed.equals) > 1 else closed
            if self._is_large and closed.gap <= within:
                return closed
        return None

    def _selection(
        self,
        status: Status,
        chosen: tuple[str, ...],
        value: float | None,
        started: float,
        rounds: int = 0,
    ) -> Selection:
        return Selection(
            status=status,
            chosen=chosen,
            value=value,
            bound=value,
            gap=None if value is None else 0.0,
            engine=self._engine.name,
            backend="prices by HiGHS",
            seconds=perf_counter() - started,
            rounds=rounds,
        )


def without_idle(frame: Frame, chosen: frozenset[int]) -> frozenset[int]:
    """Return the set without what adds nothing, to no value and to no other item.

    Any best set will do where only its value counts, but nobody should read that an item which
    relieves nobody is in most of them.
    """
    indexed, busy = frame.indexed, frame.indexed.forced.union(frame.item.tolist())
    idle = sorted(chosen - busy)
    while True:
        gone = [i for i in idle if i in chosen and chosen.isdisjoint(indexed.dependents[i])]
        if not gone:
            return chosen
        chosen = chosen.difference(gone)
