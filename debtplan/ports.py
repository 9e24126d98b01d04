"""The seams: what the workflows need from the outside, as small Protocols.

Implementations do not inherit from these; each passes its port's contract suite.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from debtplan.core.capacity import ClosedSprint
    from debtplan.core.item import DebtItem, Skipped
    from debtplan.core.plan import Plan
    from debtplan.core.problem import Problem, Selection
    from debtplan.core.reading import Reading


class IssueSource(Protocol):
    """A tracker, live or as saved files."""

    name: str

    def fetch(self, *, since: datetime | None) -> Iterator["DebtItem | Skipped"]:
        """Yield every item changed at or after `since` (None: all), each once.

        Raises:
            InputError: The source cannot be read at all; nothing was yielded.
        """


class SprintSource(Protocol):
    """Where closed sprints come from."""

    name: str

    def closed_sprints(self) -> Iterator["ClosedSprint | Skipped"]:
        """Yield every closed sprint, oldest first."""


class MetricSource(Protocol):
    """A telemetry provider, live or as saved files."""

    name: str

    def read(self) -> Iterator["Reading | Skipped"]:
        """Yield every reading of the configured metrics, oldest first within a metric."""


class Engine(Protocol):
    """An optimiser."""

    name: str

    def select(self, problem: "Problem") -> "Selection":
        """Return the best selection found. Infeasible is a status, not an exception."""


class Renderer(Protocol):
    """A form of the report. Pure: no clock, no files."""

    name: str
    suffix: str

    def render(self, plan: "Plan") -> str:
        """Return the whole document."""


class Clock(Protocol):
    """The time, as an argument."""

    def __call__(self) -> datetime:
        """Return now, aware UTC."""
