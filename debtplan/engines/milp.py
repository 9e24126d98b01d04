"""The exact engine: a 0-1 program with a certificate, or a label that says what is missing."""

from collections.abc import Callable
from time import perf_counter

from debtplan.core.dominance import without_beaten
from debtplan.core.problem import Problem, Selection, Status
from debtplan.engines.indexed import index_problem
from debtplan.engines.program import Backend
from debtplan.engines.rivals import find_rival
from debtplan.engines.search import Search
from debtplan.engines.ties import break_ties, keep_approved


class MilpEngine:
    """The set of most value; of equal ones (`search.TIE`) the first by changes, points and keys.

    The selection is optimal when bound and value met and the ties were decided. Where the approved
    plan is to be kept it is optimal within that rule: the bound is still that of the best set, so
    value and bound are up to `keep_within` apart. When the time
    passes first it is feasible, or greedy where the solver gave no allowed set; both carry the
    best bound known. Infeasible needs no solver: see `indexed`.
    """

    name = "milp"

    def __init__(self, backend: Backend, time_limit_s: float) -> None:
        """Keep the solver and the time in seconds it may take."""
        self.backend = backend
        self.time_limit_s = time_limit_s

    def select(self, problem: Problem) -> Selection:
        """See `Engine.select`."""
        return self._answer(problem, self._first)

    def any_best(self, problem: Problem) -> Selection:
        """See `Engine.any_best`."""
        return self._answer(without_beaten(problem), self._any)

    def _answer(
        self, problem: Problem, look: Callable[[Search], tuple[frozenset[int], Status]]
    ) -> Selection:
        started = perf_counter()
        indexed = index_problem(problem)
        if not indexed.is_feasible:
            return self._infeasible(perf_counter() - started)
        deadline = started + self.time_limit_s
        search = Search(indexed, self.backend, deadline)
        chosen, status = look(search)
        if search.is_doubted and search.seconds_left:
            search = Search(indexed, self.backend, deadline, is_presolved=False)
            chosen, status = look(search)
        value = indexed.value(chosen)
        bound = max(search.bound, value)
        return Selection(
            status=status,
            chosen=indexed.keys(chosen),
            value=value,
            bound=bound,
            gap=_gap(value, bound),
            engine=self.name,
            backend=self._solvers(search),
            seconds=perf_counter() - started,
            rounds=search.rounds,
        )

    def _any(self, search: Search) -> tuple[frozenset[int], Status]:
        """Return a set of most value, whichever of its equals it is."""
        search.run(is_last=True)
        return search.best, self._status(search)

    def _first(self, search: Search) -> tuple[frozenset[int], Status]:
        """Return the first of the sets of most value, or of those that may stand in for it."""
        if search.indexed.problem.is_kept:
            return self._kept(search)
        space = search.run()
        # Where values go by steps, equal sets abound, and asking for one more is no cheaper than
        # asking for the first of them.
        may_tie = bool(search.indexed.steps) or find_rival(search, space)
        if not search.is_proven:
            return search.best, self._status(search)
        chosen = break_ties(search, space) if may_tie else search.best
        if chosen is None or not search.is_proven:
            return search.best, Status.FEASIBLE
        return chosen, Status.OPTIMAL

    def _kept(self, search: Search) -> tuple[frozenset[int], Status]:
        """Return the set that is as near to the approved plan as the problem asks for."""
        search.run(is_last=True)
        if not search.is_proven:
            return search.best, self._status(search)
        chosen = keep_approved(search)
        if chosen is None or not search.is_proven:
            return search.best, Status.FEASIBLE
        return chosen, Status.OPTIMAL

    def _status(self, search: Search) -> Status:
        if search.is_proven:
            return Status.OPTIMAL
        return Status.FEASIBLE if search.is_from_solver else Status.GREEDY

    def _infeasible(self, seconds: float) -> Selection:
        return Selection(
            status=Status.INFEASIBLE,
            chosen=(),
            value=None,
            bound=None,
            gap=None,
            engine=self.name,
            backend=self.backend.name,
            seconds=seconds,
        )

    def _solvers(self, search: Search) -> str:
        second = self.backend.second
        return (
            f"{self.backend.name}, {second.name}"
            if search.is_seconded and second
            else self.backend.name
        )


def _gap(value: float, bound: float) -> float | None:
    if value > 0:
        return (bound - value) / value
    return 0.0 if bound <= value else None
