"""What a plan is made with: the ports and limits that the planning workflows take."""

from collections.abc import Callable
from dataclasses import dataclass

from debtplan.ports import Clock, Engine, Simulator

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Planner:
    """What a plan is made with.

    Attributes:
        engine: Finds the plan.
        baseline: The simple rule it is held against.
        simulator: Gives the worlds that make intervals and certainty.
        clock: Gives the time of making.
        explain_limit: Items that are explained by solving again, the most valuable first; with
            more candidates than this, certainty is not simulated.
        progress: Told how far it is.
        patient: Plans several sprints together, which takes longer; None takes `engine`.
        hedger: Finds sets for the bad worlds, many of them, so with less time for each; None takes
            `engine`.
        hedge_limit_s: Time in seconds after which no further one is looked for.
    """

    engine: Engine
    baseline: Engine
    simulator: Simulator
    clock: Clock
    explain_limit: int = 60
    progress: Progress = no_progress
    patient: Engine | None = None
    hedger: Engine | None = None
    hedge_limit_s: float = 60.0

    @property
    def ahead(self) -> Engine:
        """The engine that plans several sprints together."""
        return self.patient or self.engine
