"""The seams: what the workflows need from the outside, as small Protocols.

Implementations do not inherit from these; each passes its port's contract suite.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from debtplan.core.appraisal import Appraisal
    from debtplan.core.capacity import ClosedSprint
    from debtplan.core.item import DebtItem, Skipped
    from debtplan.core.plan import Interval, Plan
    from debtplan.core.problem import Problem, Selection
    from debtplan.core.reading import Reading
    from debtplan.core.source import Changes, SourceState


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
        """Return the best selection found, the first of its equals.

        Infeasible is a status, not an exception.
        """

    def any_best(self, problem: "Problem") -> "Selection":
        """Return the best selection found, any of its equals: quicker where only value counts.

        The same problem gives the same answer.
        """


class Simulator(Protocol):
    """Chance: what could come out otherwise. The seed decides the answer, on every machine."""

    def interval(
        self, appraisal: "Appraisal", chosen: Collection[str], seed: int
    ) -> "Interval | None":
        """Return P10, P50 and P90 of the weighted relief of a fixed set; None for an empty one."""

    def worlds(self, appraisal: "Appraisal", problem: "Problem", seed: int) -> Iterator["Problem"]:
        """Yield the problem as it would be in simulated worlds."""


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


class EtagTable(Protocol):
    """Answers kept from before, to ask whether they still hold."""

    def recall(self, key: str) -> tuple[str, bytes] | None:
        """Return the ETag and the body kept under a key."""

    def keep(self, key: str, etag: str, content: bytes) -> None:
        """Keep an answer under a key, in the place of an older one."""


class Store(Protocol):
    """What was read and planned. Every method is one transaction: kept whole, or not at all.

    What is returned equals what was saved; it comes in a fixed order, whatever the database.
    Every method raises `StoreError` where the database cannot be used or is damaged, and
    `LockedError` where another writer holds it for too long; nothing is written then.
    """

    def __enter__(self) -> Self:
        """Return itself: `with open_store(url) as store` closes it at the end."""

    def __exit__(self, *error: object) -> None:
        """Close it."""

    def save_source(
        self,
        state: "SourceState",
        records: Iterable["DebtItem | Reading | ClosedSprint | Skipped"],
        *,
        is_complete: bool = True,
    ) -> "Changes":
        """Replace what the source `state.name` gave before.

        Of two records with one key the later counts. A key that another source gave first stays
        with it, and the newcomer is listed as skipped.

        Args:
            state: How the reading ended. After a failure nothing is removed, and the last success
                stays on record where `fetched_at` is None.
            records: All that it gave, the skipped among them.
            is_complete: False where these are only the changes since last time: what is not among
                them stays.
        """

    def forget_source(self, name: str) -> None:
        """Remove a source and all it gave."""

    def items(self) -> tuple["DebtItem", ...]:
        """Return every item, by key."""

    def readings(
        self, metrics: Iterable[str] | None = None, since: datetime | None = None
    ) -> tuple["Reading", ...]:
        """Return readings that start at or after `since`, by metric, then oldest first.

        Args:
            metrics: Only of these; None takes all.
            since: Aware; None takes all.
        """

    def sprints(self, team: str | None = None) -> tuple["ClosedSprint", ...]:
        """Return closed sprints, by team, then in order of closing; None takes all teams."""

    def skipped(self) -> tuple["Skipped", ...]:
        """Return what the sources could not use, by source, then as they gave it."""

    def sources(self) -> tuple["SourceState", ...]:
        """Return the state of every source, by name."""

    def save_plan(self, plan: "Plan") -> None:
        """Keep a plan. The same plan again (same digest) keeps its approval."""

    def plan(self, plan_id: str) -> "Plan | None":
        """Return the plan with this id."""

    def last_plan(self, team: str, sprint_id: str | None = None) -> "Plan | None":
        """Return the plan made last for the team, and for the sprint where one is named."""

    def check(self) -> None:
        """Read and check everything, for `debtplan doctor`.

        Raises:
            StoreError: Something is not what was written.
        """

    def close(self) -> None:
        """Let go of the database."""
