"""Many problems solved at once: in this process, or by a crew where they are many."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from time import perf_counter
from typing import TypeVar

from debtplan.core.delta import Delta, apply_delta, find_delta
from debtplan.core.explain import Question
from debtplan.core.problem import Problem, Selection, Status
from debtplan.ports import Portion
from debtplan.workflows.planner import Planner
from debtplan.workflows.portfolio import run_jobs

T = TypeVar("T")

WORTH_A_CREW_S = 1.5
"""Time in seconds that the rest has to take here for a crew to pay: its processes have to start."""

FEW = 30
"""Problems that are solved here even where a crew stands ready."""


def solve_portion(portion: Portion) -> tuple[Selection, ...]:
    """Return the answers of a portion: what members of a crew do."""
    return portion()


class Many:
    """Solves problems that are like one base; who does it makes no difference to the answers.

    Attributes:
        gap: Part of its value that an answer that was taken for the best may miss.
    """

    def __init__(self, planner: Planner, base: Problem, known: Selection) -> None:
        """Take what to solve with.

        Args:
            planner: Its explorer, if it has one; its engine otherwise.
            base: What the problems are like.
            known: The best set of the base.
        """
        self._planner = planner
        self._base, self._known, self._known_status = base, known.chosen, known.status
        self._until = planner.explain_until
        self._is_large = False
        self._pace_s = 0.0
        self.gap = 0.0

    @property
    def is_late(self) -> bool:
        """Whether the time for explaining is over."""
        return perf_counter() > self._until

    def prepare(self, count: int) -> None:
        """Have a crew start, while we go on, where so many problems to come are worth it."""
        explorer, crew = self._planner.explorer, self._planner.crew
        if explorer is None or crew is None or crew.warm is None:
            return
        if self._pace_s * count > WORTH_A_CREW_S:
            crew.warm(partial(solve_portion, explorer.opening(self._base, self._known)))

    def solve(
        self,
        problems: Iterable[Problem],
        count: int,
        *,
        is_first: bool = False,
        enough: float | None = None,
    ) -> Iterator[Selection]:
        """Return the answers in order.

        Args:
            problems: Taken one by one.
            count: How many there will be.
            is_first: Whether the first of equals is asked for; any of them otherwise.
            enough: See `ports.Explorer.portions`.
        """
        deltas = (find_delta(self._base, problem) for problem in problems)
        return self.solve_deltas(deltas, count, is_first=is_first, enough=enough)

    def solve_deltas(
        self,
        deltas: Iterable[Delta],
        count: int,
        *,
        is_first: bool = False,
        enough: float | None = None,
    ) -> Iterator[Selection]:
        """Yield the answers to problems told by how they differ from the base: see `solve`."""
        planner, base = self._planner, self._base
        if planner.explorer is None:
            engine = planner.engine
            solve = engine.select if is_first else engine.any_best
            yield from (solve(apply_delta(base, delta)) for delta in deltas)
            return
        portions = planner.explorer.portions(
            base, self._known, deltas, is_first=is_first, enough=enough
        )
        yield from chain.from_iterable(self._answers(portions, count))

    def _answers(
        self, portions: Iterator[Portion], count: int
    ) -> Generator[tuple[Selection, ...], None, None]:
        done, started = 0, perf_counter()
        is_crewed = self._is_large and count > FEW
        for portion in () if is_crewed else portions:
            begun = perf_counter()
            answers = portion()
            self._pace_s = (perf_counter() - begun) / len(answers)
            yield answers
            done += len(answers)
            rest_s = (perf_counter() - started) / done * (count - done)
            if self._planner.crew is not None and rest_s > WORTH_A_CREW_S:
                self._is_large = is_crewed = True  # the next ones are likely as many
                break
        if is_crewed and self._planner.crew is not None:
            yield from run_jobs(solve_portion, portions, self._planner.crew)

    def will_do(self, answer: Selection, enough: float | None = None) -> bool:
        """Tell whether an answer is as good as that of the base: proven or close, where it is.

        Args:
            answer: To a problem.
            enough: Value from which on any answer will do.
        """
        proven = (Status.OPTIMAL, Status.INFEASIBLE)
        if answer.status in proven or self._known_status not in proven:
            return True
        if enough is not None and answer.value is not None and answer.value >= enough:
            return True
        if answer.is_close:
            self.gap = max(self.gap, answer.gap or 0.0)
        return answer.is_close

    def ask(
        self,
        questions: Mapping[str, Question[T]],
        told: Callable[[int], None],
        *,
        is_first: bool = False,
        enough: float | None = None,
    ) -> dict[str, T]:
        """Return what questions come to, by key, without those that were not proven in time.

        Each round solves what all of them ask for next.

        Args:
            questions: By key.
            told: Told how many are answered.
            is_first: See `solve`.
            enough: See `solve`.
        """
        answered: dict[str, T] = {}
        pending = _begin(questions, answered)
        while pending and perf_counter() <= self._until:
            told(len(answered))
            asked = list(chain.from_iterable(pending.values()))
            answers = self.solve(asked, len(asked), is_first=is_first, enough=enough)
            following: dict[str, tuple[Problem, ...]] = {}
            for key, problems in pending.items():
                if self.is_late:
                    break
                found = tuple(next(answers) for _ in problems)
                if not all(self.will_do(one, enough) for one in found):
                    continue
                try:
                    following[key] = questions[key].send(found)
                except StopIteration as end:
                    answered[key] = end.value
            if not self.is_late:
                next(answers, None)  # a crew that is left before its end is let go of
            pending = following
        return answered


def _begin(
    questions: Mapping[str, Question[T]], answered: dict[str, T]
) -> dict[str, tuple[Problem, ...]]:
    """Return what questions ask for first; those that need nothing solved are answered."""
    pending = {}
    for key, question in questions.items():
        try:
            pending[key] = next(question)
        except StopIteration as end:
            answered[key] = end.value
    return pending
