"""What a plan is made with: the ports and limits that the planning workflows take."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from time import perf_counter

from debtplan.ports import Clock, Engine, Explorer, Simulator
from debtplan.workflows.portfolio import Crew

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
        explain_limit: Items that are explained by solving again, the most valuable first.
        progress: Told how far it is.
        patient: Plans several sprints together, which takes longer; None takes `engine`.
        hedger: Finds sets for the bad worlds, many of them, so with less time for each; None takes
            `engine`.
        hedge_limit_s: Time in seconds after which no further one is looked for.
        explorer: Solves many problems that are alike, for explaining; None leaves it to `engine`.
        crew: Who solves them where they are many; None for this process alone.
        worlds: Simulated worlds that are planned anew for certainty; None takes the usual number.
        explain_limit_s: Time in seconds after which what is not explained yet is left so, and said.
        explain_until: When that is, on the clock of `time.perf_counter`; see `started`.
    """

    engine: Engine
    baseline: Engine
    simulator: Simulator
    clock: Clock
    explain_limit: int = 1_000
    progress: Progress = no_progress
    patient: Engine | None = None
    hedger: Engine | None = None
    hedge_limit_s: float = 60.0
    explorer: Explorer | None = None
    crew: Crew | None = None
    worlds: int | None = None
    explain_limit_s: float = 50.0
    explain_until: float = inf

    def started(self) -> "Planner":
        """Return the planner whose time for explaining begins now."""
        return replace(self, explain_until=perf_counter() + self.explain_limit_s)

    @property
    def ahead(self) -> Engine:
        """The engine that plans several sprints together."""
        return self.patient or self.engine
