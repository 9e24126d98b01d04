"""Many problems solved at once: in this process, or by a crew where they are many."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from itertools import chain
from time import perf_counter
from typing import TypeVar

from debtplan.core.explain import Question
from debtplan.core.problem import Problem, Selection
from debtplan.ports import Portion
from debtplan.workflows.planner import Planner
from debtplan.workflows.portfolio import run_jobs

T = TypeVar("T")

WORTH_A_CREW_S = 1.5
"""Time in seconds that the rest has to take here for a crew to pay: its processes have to start."""


def solve_portion(portion: Portion) -> tuple[Selection, ...]:
    """Return the answers of a portion: what members of a crew do."""
    return portion()


class Many:
    """Solves problems that are like one base; who does it makes no difference to the answers."""

    def __init__(self, planner: Planner, base: Problem, known: Selection) -> None:
        """Take what to solve with.

        Args:
            planner: Its explorer, if it has one; its engine otherwise.
            base: What the problems are like.
            known: The best set of the base.
        """
        self._planner = planner
        self._base, self._known = base, known.chosen
        self._until = perf_counter() + planner.explain_limit_s
        self._is_large = False

    @property
    def is_late(self) -> bool:
        """Whether the time for explaining is over."""
        return perf_counter() > self._until

    def solve(
        self, problems: Iterable[Problem], count: int, *, is_first: bool = False
    ) -> Iterator[Selection]:
        """Yield the answers in order.

        Args:
            problems: Taken one by one.
            count: How many there will be.
            is_first: Whether the first of equals is asked for; any of them otherwise.
        """
        planner = self._planner
        if planner.explorer is None:
            engine = planner.engine
            yield from map(engine.select if is_first else engine.any_best, problems)
            return
        portions = planner.explorer.portions(self._base, self._known, problems, is_first=is_first)
        yield from chain.from_iterable(self._answers(portions, count))

    def _answers(
        self, portions: Iterator[Portion], count: int
    ) -> Generator[tuple[Selection, ...], None, None]:
        done = 0
        started = perf_counter()
        for portion in () if self._is_large else portions:
            answers = portion()
            yield answers
            done += len(answers)
            rest_s = (perf_counter() - started) / done * (count - done)
            if self._planner.crew is not None and rest_s > WORTH_A_CREW_S:
                self._is_large = True  # the next ones are as many
                break
        if self._is_large and self._planner.crew is not None:
            yield from run_jobs(solve_portion, portions, self._planner.crew)

    def ask(
        self, questions: Mapping[str, Question[T]], told: Callable[[int], None]
    ) -> dict[str, T]:
        """Return what questions come to, by key, without those that the time was too short for.

        Each round solves what all of them ask for next.

        Args:
            questions: By key.
            told: Told how many are answered.
        """
        return self._rounds(questions, told, is_first=False)

    def ask_first(
        self, questions: Mapping[str, Question[T]], told: Callable[[int], None]
    ) -> dict[str, T]:
        """Do the same where the first of equals counts."""
        return self._rounds(questions, told, is_first=True)

    def _rounds(
        self, questions: Mapping[str, Question[T]], told: Callable[[int], None], *, is_first: bool
    ) -> dict[str, T]:
        answered: dict[str, T] = {}
        pending: dict[str, tuple[Problem, ...]] = {}
        for key, question in questions.items():
            try:
                pending[key] = next(question)
            except StopIteration as end:
                answered[key] = end.value
        while pending and perf_counter() <= self._until:
            told(len(answered))
            asked = list(chain.from_iterable(pending.values()))
            answers = self.solve(asked, len(asked), is_first=is_first)
            following: dict[str, tuple[Problem, ...]] = {}
            for key, problems in pending.items():
                if self.is_late:
                    break
                found = tuple(next(answers) for _ in problems)
                try:
                    following[key] = questions[key].send(found)
                except StopIteration as end:
                    answered[key] = end.value
            pending = following
        return answered
