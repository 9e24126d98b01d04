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
    """

    engine: Engine
    baseline: Engine
    simulator: Simulator
    clock: Clock
    explain_limit: int = 60
    progress: Progress = no_progress
