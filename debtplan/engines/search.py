"""The search for the set of most value: relax, narrow, solve, until bound and value meet.

1. The greedy set is the first incumbent.
2. The program without whole numbers, with new tangents where it touches the curves, gives prices,
   and prices give a bound that no solver has to be trusted for.
3. A candidate whose other decision costs more than the incumbent is short of the bound is decided.
4. Larger and larger parts of what stays open are solved in whole numbers, with a new tangent at
   each incumbent. `rivals` then asks whether anything else is as good.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum, inf, isfinite
from operator import mul
from time import perf_counter
from typing import TYPE_CHECKING

from debtplan.engines.greedy import fill
from debtplan.engines.indexed import Indexed, upward
from debtplan.engines.master import Master, Space, Tangents, bound_by_prices, solver_scale
from debtplan.engines.program import NOTHING, Answer, Backend, Program, Word

if TYPE_CHECKING:
    from debtplan.engines.exchange import Exchange

TIE = 1e-9
"""Values that differ by this part of themselves (of 1 for smaller ones) are equal."""

MEETS = 1e-11
"""Bound and value meet when they differ by this part: well inside a tie."""

RELAXED_ROUNDS = 8
ENOUGH = 0.3
"""Part of the distance between bound and value that tangents may still hide after relaxing."""

CORE_SIZE = 20
CORE_PART = 0.6
"""Parts double from the first to the second of these, a share of what is open."""

FIRST_CORE = 30
"""The one part that is solved before the whole where values go by steps and HiGHS got stuck."""

CORE_GAP = 1e-4
"""Part of a part's value that its best set may miss: the whole is solved anyway, with a good set
for a start, and closing the last of each part took as long as that."""

CORE_SHARE = 0.25
"""Share of the time left that the search for a better incumbent may take."""

FEW_NODES = 20
"""Branches after which the second solver takes over: HiGHS ends most programs at the root, and a
hard one not in a thousand times as many."""

EXCHANGE_SHARE = 0.4
"""Share of the time left that is kept for looking for better sets, where `exchange` can."""

HARD_SIZE = 60
HARD_PART = 0.5
HARD_GAP = 0.025
"""Where more than this many candidates, and this share of them, are still open after the
relaxation, the second solver is asked at once if there are several rows and nothing requires
anything, or if the greedy value is this part below the bound: on published instances of these kinds
it was 2 to 20 times as quick."""

WHOLE = 1 - 1e-6
"""From here on a relaxed column counts as taken, when a set is made from it."""


def tie_margin(value: float) -> float:
    """Return how far below a value another one may lie and still be equal to it."""
    return TIE * max(1.0, value)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What the relaxation says: a bound, what each open candidate adds to it, the columns."""

    bound: float
    worth: Sequence[float]
    values: Sequence[float]


class Search:
    """One problem's search; its fields are what is known so far.

    Attributes:
        best: The best allowed set, checked in exact numbers.
        value: Its value.
        bound: No allowed set is worth more, the solver's claims included.
        safe_bound: The same without them.
        has_answer: Whether the solver gave any allowed set of whole numbers.
        is_doubted: Whether the solver said what cannot be: it is not believed any more.
        is_stuck: Whether the first solver did not prove the value in a few branches.
        is_seconded: Whether the second solver had to help.
        rounds: Times a program was solved.
    """

    def __init__(
        self, indexed: Indexed, backend: Backend, deadline: float, *, is_presolved: bool = True
    ) -> None:
        """Start with the greedy set and the bound that everything together gives.

        Args:
            indexed: A feasible problem.
            backend: The solver.
            deadline: On the clock of `time.perf_counter`.
            is_presolved: Whether the solver may rewrite programs first.
        """
        self.indexed, self.backend, self.deadline = indexed, backend, deadline
        self.is_presolved = is_presolved
        self.tangents = Tangents(len(indexed.harms))
        self.best = indexed.canonical(fill(indexed))
        self.value = indexed.value(self.best)
        self.whole_space = Space(indexed.forced, indexed.open)
        self.safe_bound = max(self.value, indexed.value(indexed.forced.union(indexed.open)))
        self.bound = self.safe_bound
        self.has_answer = False
        self.is_doubted = False
        self.is_stuck = self.is_seconded = False
        self.rounds = 0

    @property
    def is_proven(self) -> bool:
        """Whether bound and value met."""
        return self.bound <= self.value + tie_margin(self.value)

    @property
    def is_from_solver(self) -> bool:
        """Whether the solver gave an allowed set and nothing that cannot be."""
        return self.has_answer and not self.is_doubted

    @property
    def seconds_left(self) -> float:
        """Time in seconds until the deadline, 0 or more."""
        return max(0.0, self.deadline - perf_counter())

    def run(self, *, is_last: bool = False) -> Space:
        """Search; return a space that holds every set as good as the best, ties included.

        Args:
            is_last: Whether the value must be proven here, not by `rivals`.
        """
        relaxed = self.relax(self.whole_space) if self.whole_space.open else None
        space = self.narrow(relaxed)
        if self.indexed.steps:
            return self._run_by_steps(space, relaxed)
        size = CORE_SIZE
        while (
            relaxed
            and size < CORE_PART * len(space.open)
            and not (self.is_proven or self.is_doubted)
        ):
            self._improve(space, relaxed, size)
            space = self.narrow(relaxed)
            size *= 2
        is_small = len(space.open) <= CORE_SIZE
        if not self.is_proven and (is_last or is_small or not self.is_from_solver):
            self.prove(space)
            space = self.narrow(relaxed)
        return space

    def _run_by_steps(self, space: Space, relaxed: Relaxed | None) -> Space:
        """Prove a problem without curves, where bounds are as good as the next step below them."""
        if not (self.is_proven or self._is_hard(space)):
            self.prove(space, FEW_NODES)
            space = self.narrow(relaxed)
        self.is_stuck = not self.is_proven
        is_large = len(space.open) > FIRST_CORE
        if relaxed and is_large and not (self.is_proven or self.is_doubted):
            self._improve(space, relaxed, FIRST_CORE, gap=0.0)
            space = self.narrow(relaxed)
        if relaxed and not (self.is_proven or self.is_doubted):
            from debtplan.engines.nearby import look_nearby  # noqa: PLC0415 -- works on a search

            look_nearby(self)
            space = self.narrow(relaxed)
        exchange = self._exchange(space, relaxed)
        if exchange:
            exchange.first()
        if not (self.is_proven or self.is_doubted):
            share = EXCHANGE_SHARE if exchange else 0.0
            self.prove(space, until=self.deadline - share * self.seconds_left)
        if exchange and not (self.is_proven or self.is_doubted):
            exchange.rest()
        return self.narrow(relaxed)

    def _exchange(self, space: Space, relaxed: Relaxed | None) -> "Exchange | None":
        """Return what looks for better sets where branching takes long; None where it is no use."""
        from debtplan.engines.exchange import Exchange  # noqa: PLC0415 -- it works on a search

        exchange = Exchange(self, space, relaxed) if relaxed and not self.is_proven else None
        return exchange if exchange and exchange.order else None

    def _is_hard(self, space: Space) -> bool:
        """Guess from the relaxation whether the first solver would get stuck."""
        is_open = len(space.open) > max(HARD_SIZE, HARD_PART * len(self.whole_space.open))
        if len(self.indexed.rows) > 1 and not any(self.indexed.requires[i] for i in space.open):
            return is_open
        return is_open and self.bound - self.value > HARD_GAP * self.value

    def relax(self, space: Space) -> Relaxed | None:
        """Return the relaxation of the space; None where the solver gives nothing."""
        master = self.master(space)
        master.seed(self.tangents, self.best)
        found: Relaxed | None = None
        for _ in range(RELAXED_ROUNDS):
            program = master.program(self.tangents, is_whole=False)
            answer = self.solve(program, self.deadline)
            if answer.word is Word.INFEASIBLE or len(answer.duals) < len(program.rows):
                break
            bound, worth = self._bound(master, answer)
            if isfinite(bound) and (found is None or bound < found.bound):
                found = Relaxed(bound, worth, answer.values)
            is_news = master.touch(self.tangents, answer.values)
            short = master.model_value(answer.values) - master.true_value(answer.values)
            if found is None or not is_news or short <= ENOUGH * (found.bound - self.value):
                break
        if found:
            self.safe_bound = min(self.safe_bound, max(self._down(found.bound), self.value))
            self.bound = self.safe_bound
            start = frozenset(upward(master.chosen(found.values, WHOLE), self.indexed.needs))
            if self.is_allowed(start):
                self.offer(fill(self.indexed, start))
        return found

    def narrow(self, relaxed: Relaxed | None) -> Space:
        """Return the space without what the bound decides; every set as good as the best stays."""
        space = self.whole_space
        if relaxed is None:
            return space
        spare = relaxed.bound - (self.value - 2 * tie_margin(self.value))
        pairs = list(zip(space.open, relaxed.worth, strict=True))
        taken = upward((i for i, worth in pairs if worth > spare), self.indexed.needs)
        out = upward((i for i, worth in pairs if -worth > spare), self.indexed.needed_by)
        base = space.base | taken
        room = self.indexed.room(base)
        for i, _ in pairs:
            is_undecided = i not in base and i not in out
            if is_undecided and self.indexed.bundle(i, base, room, out) is None:
                out |= upward((i,), self.indexed.needed_by)
        return Space(base, tuple(i for i, _ in pairs if i not in base and i not in out))

    def prove(self, space: Space, nodes: int | None = None, until: float | None = None) -> None:
        """Solve the space in whole numbers until bound and value meet, or time or sense run out.

        Args:
            space: Holds every set as good as the best.
            nodes: Branches after which the solver may give up.
            until: Time after which it must, on the deadline's clock; None for the deadline.
        """
        claimed = self._solve_rounds(space, until or self.deadline, gap=0.0, nodes=nodes)
        if not self.is_doubted:
            self.bound = min(self.bound, max(claimed, self.value))

    def offer(self, chosen: frozenset[int]) -> float:
        """Take an allowed set for the best if it is; return its value."""
        value = self.indexed.value(chosen)
        if value > self.value:
            self.best = self.indexed.canonical(chosen)
            self.value = self.indexed.value(self.best)
        if value > self.bound + tie_margin(self.value):
            self.bound = max(self.safe_bound, self.value)
        return value

    def believe(self, chosen: frozenset[int], bound: float) -> None:
        """Take an allowed set, and a bound that owes nothing to the solver."""
        self.has_answer |= self.offer(chosen) >= self.value
        self.safe_bound = max(self.value, min(self.safe_bound, self._down(bound)))
        self.bound = min(self.bound, self.safe_bound)

    def is_allowed(self, chosen: frozenset[int]) -> bool:
        """Say whether every rule holds, in exact numbers."""
        return self.indexed.allows(chosen)

    def master(self, space: Space) -> Master:
        """Return the linear program of a space, scaled for the solver."""
        return Master(self.indexed, space, solver_scale(self.value or self.bound))

    def solve(
        self, program: Program, until: float, gap: float = 0.0, nodes: int | None = None
    ) -> Answer:
        """Return the solver's answer; nothing where its shape does not fit the program.

        A program of whole columns alone goes to the second solver where the first one does not
        finish in a few branches: no solver is the quicker one everywhere, and branches are counted
        the same on every machine.
        """
        second = self.backend.second
        if not program.is_pure or second is None or nodes is not None:
            return self._ask(self.backend, program, until, gap, nodes)
        first = NOTHING
        if not self.is_stuck:
            first = self._ask(self.backend, program, until, gap, FEW_NODES)
            if first.word in (Word.OPTIMAL, Word.INFEASIBLE):
                return first
        other = self._ask(second, program, until, gap, None)
        self.is_seconded |= other.word is not Word.NOTHING
        if other.word is Word.NOTHING:
            other = self._ask(self.backend, program, until, gap, None)
        return _better(program, first, other)

    def _ask(
        self, backend: Backend, program: Program, until: float, gap: float, nodes: int | None
    ) -> Answer:
        self.rounds += 1
        left_s = max(0.0, until - perf_counter())
        answer = backend.solve(program, left_s, gap, is_presolved=self.is_presolved, nodes=nodes)
        is_solution = answer.word in (Word.OPTIMAL, Word.FEASIBLE)
        if is_solution and not _fits(answer, program):
            return NOTHING
        return answer

    def _down(self, bound: float) -> float:
        """Return the bound, or the step below it where values go by steps."""
        return self.indexed.steps.down(bound) if self.indexed.steps else bound

    def _bound(self, master: Master, answer: Answer) -> tuple[float, list[float]]:
        prices = answer.duals[: len(master.rules)]
        slopes: dict[int, float] = {}
        tangents = master.tangent_rows(self.tangents)
        for (_, curve, slope), dual in zip(tangents, answer.duals[len(prices) :], strict=True):
            slopes[curve] = slopes.get(curve, 0.0) + slope * dual
        return bound_by_prices(master, [price / master.scale for price in prices], slopes)

    def _improve(self, space: Space, relaxed: Relaxed, size: int, gap: float = CORE_GAP) -> None:
        """Look for a better set among the candidates that the prices are least sure of."""
        worth = dict(zip(self.whole_space.open, relaxed.worth, strict=True))
        core = set(sorted(space.open, key=lambda i: (abs(worth[i]), i))[:size])
        start = self.whole_space.base.union(
            i
            for i, value in zip(self.whole_space.open, relaxed.values, strict=False)
            if value >= WHOLE and i not in core
        )
        base = frozenset(upward(start, self.indexed.needs))
        if not self.is_allowed(base):
            return
        part = tuple(sorted(core - base))
        kept = self._without_loose_ends(base, part)
        until = perf_counter() + CORE_SHARE * self.seconds_left
        self._solve_rounds(Space(base, kept), until, gap)

    def _without_loose_ends(self, base: frozenset[int], part: tuple[int, ...]) -> tuple[int, ...]:
        inside = base.union(part)
        out = {i for i in part if not inside.issuperset(self.indexed.needs[i])}
        room = self.indexed.room(base)
        out |= {i for i in part if self.indexed.bundle(i, base, room) is None}
        out = upward(out, self.indexed.needed_by)
        return tuple(i for i in part if i not in out)

    def _solve_rounds(
        self, space: Space, until: float, gap: float, nodes: int | None = None
    ) -> float:
        """Offer the best sets of a space; return what the solver claims as its bound."""
        if not space.open:
            return self.offer(space.base)
        master = self.master(space)
        master.seed(self.tangents, self.best)
        claimed, known, known_value = inf, self.best, self.value
        while perf_counter() < until:
            program = master.program(self.tangents, is_whole=True)
            if program.is_pure and known <= space.base.union(space.open):
                program = replace(program, start=tuple(master.columns(known)))
            answer = self.solve(program, until, gap, nodes)
            if answer.word not in (Word.OPTIMAL, Word.FEASIBLE):
                break
            claimed = min(claimed, master.claim(self.tangents, answer))
            chosen = master.chosen(answer.values)
            is_news = master.touch(self.tangents, master.columns(chosen))
            if self.is_allowed(chosen):
                self.has_answer = True
                value = self.offer(chosen)
                if claimed <= max(self.value + MEETS * max(1.0, self.value), value * (1 + gap)):
                    break
            else:
                is_news = master.forbid(chosen)
            if not is_news:
                break
        if space.base <= known <= space.base.union(space.open):
            self.is_doubted |= claimed < known_value - tie_margin(known_value)
        return claimed


def _better(program: Program, first: Answer, other: Answer) -> Answer:
    """Return what two answers to one program say together."""
    if first.word is not Word.FEASIBLE or other.word is Word.INFEASIBLE:
        return other
    if other.word is Word.NOTHING:
        return first
    if other.word is Word.OPTIMAL:
        return other
    bounds = [one.bound for one in (first, other) if one.bound is not None]
    best = max((other, first), key=lambda one: fsum(map(mul, program.gains, one.values)))
    return replace(best, bound=min(bounds, default=None))


def _fits(answer: Answer, program: Program) -> bool:
    sizes = 0, len(program.rows)
    is_whole_shape = len(answer.values) == len(program.gains) and len(answer.duals) in sizes
    return is_whole_shape and all(map(isfinite, answer.values))
