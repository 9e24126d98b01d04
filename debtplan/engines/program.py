"""A linear or integer program in plain numbers, and what a solver says about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LinearRow:
    """sum of weights times columns <= limit."""

    weights: tuple[tuple[int, float], ...]
    limit: float


@dataclass(frozen=True, slots=True)
class Program:
    """Maximise `gains` times the columns, each in [0, upper], under the rows.

    Attributes:
        gains: By column.
        upper: By column.
        rows: All of them `<=`.
        whole: How many columns, the first ones, take whole numbers only.
        start: A solution that is known already, by column; empty without one.
    """

    gains: tuple[float, ...]
    upper: tuple[float, ...]
    rows: tuple[LinearRow, ...]
    whole: int = 0
    start: tuple[float, ...] = ()

    @property
    def is_pure(self) -> bool:
        """Whether every column takes whole numbers only."""
        return 0 < self.whole == len(self.gains)


class Word(StrEnum):
    """What a solver's status means; a word nobody knows means nothing."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solver says; to be checked before it is believed.

    Attributes:
        word: What it claims.
        values: By column; empty unless optimal or feasible.
        duals: By row, as magnitudes, of a program without whole columns.
        bound: No solution is worth more, says the solver; None where it says nothing.
    """

    word: Word
    values: tuple[float, ...] = ()
    duals: tuple[float, ...] = ()
    bound: float | None = None


NOTHING = Answer(Word.NOTHING)


class Backend(Protocol):
    """A solver.

    Attributes:
        name: With its version.
        second: The solver that takes over where this one gets stuck; None for no other.
    """

    name: str
    second: "Backend | None"

    def solve(
        self,
        program: Program,
        time_limit_s: float,
        gap: float = 0.0,
        *,
        is_presolved: bool = True,
        nodes: int | None = None,
    ) -> Answer:
        """Return the solver's answer; a solver that fails says nothing instead of raising.

        Args:
            program: What to maximise.
            time_limit_s: Time in seconds after which the best so far is the answer.
            gap: Part of the value that the answer may miss; 0 asks for the optimum.
            is_presolved: Whether the program may be rewritten first: faster, and a rare source of
                wrong answers.
            nodes: Branches after which the best so far is the answer: unlike time, the same on
                every machine. None for no limit.
        """
