"""The seams: what the workflows need from the outside, as small Protocols.

Implementations do not inherit from these; each passes its port's contract suite.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, Self

from debtplan.ports.evidence import EvidenceStore

if TYPE_CHECKING:
    from debtplan.core.appraisal import Appraisal
    from debtplan.core.approval import Approval
    from debtplan.core.capacity import ClosedSprint, OpenSprint
    from debtplan.core.delta import Delta
    from debtplan.core.flips import Prices
    from debtplan.core.item import DebtItem, Skipped
    from debtplan.core.notice import Notice
    from debtplan.core.plan import Interval, Plan
    from debtplan.core.problem import Problem, Selection
    from debtplan.core.reading import Reading
    from debtplan.core.source import (
        Batch,
        Changes,
        Fate,
        Mark,
        Probe,
        Record,
        Sighting,
        SourceState,
    )


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


class Census(Protocol):
    """The ids that one part of a live source has now, to notice what is no longer there."""

    def count(self) -> int | None:
        """Return how many there are, where the service says so in one answer; None elsewhere.

        An estimate that may be off is no count.
        """

    def ids(self) -> Iterator[str]:
        """Yield the id of every record the settings ask for.

        Raises:
            SourceError: Not all of them could be read; what was yielded proves nothing.
        """

    def look(self, ids: Sequence[str]) -> Iterator[tuple[str, "Fate"]]:
        """Yield what became of records that are not among the ids, by asking for each of them."""

    def fetch(self, ids: Sequence[str]) -> Iterator["Batch"]:
        """Yield records by their ids: those that no walk has given yet."""


class LiveSource(Protocol):
    """A service that is asked over the network, part by part and page by page.

    Every method raises `SourceError` where the service gives no usable answer, and
    `AuthenticationError` where it refuses the credentials; an odd answer is never an empty list.
    """

    name: str

    def parts(self) -> tuple[str, ...]:
        """Return what is walked by itself: projects, repositories, metrics, boards."""

    def scope(self, part: str) -> str:
        """Return what is asked for there; another text means that it must be read anew."""

    def walk(self, part: str, mark: "Mark") -> Iterator["Batch"]:
        """Yield what changed since the mark, page by page, everything where it has no `since`.

        A little before the mark is read again: services list a change late. A record may come
        several times; the last one counts.
        """

    def census(self, part: str) -> Census | None:
        """Return the census of a part; None where records never vanish (readings, sprints)."""

    def probe(self) -> Iterator["Probe"]:
        """Yield how every endpoint in use answers, and what token, scopes and fields it found.

        Failures are probes too; nothing is raised.
        """

    def close(self) -> None:
        """Let go of the connections."""


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


class Portion(Protocol):
    """Problems to solve together, here or in another process: it can be pickled."""

    def __call__(self) -> "tuple[Selection, ...]":
        """Return their answers, in their order."""


class Explorer(Protocol):
    """Solves many problems that differ little from one another, each as the engine would."""

    def portions(
        self,
        base: "Problem",
        known: Sequence[str],
        deltas: "Iterable[Delta]",
        *,
        is_first: bool,
        enough: float | None = None,
    ) -> Iterator[Portion]:
        """Yield problems in portions. Who solves one makes no difference to its answers.

        Args:
            base: What the problems are like.
            known: A good set for it.
            deltas: How the problems differ from the base; taken one by one.
            is_first: Whether the first of equals is asked for, as by `Engine.select`; otherwise any
                of them, but nothing that is of no use to it.
            enough: Value from which on any set will do, best or not. Where no set has it, the
                answer may be `infeasible`, which is quicker than to look for the best of them.
        """

    def opening(self, base: "Problem", known: Sequence[str]) -> Portion:
        """Return a portion of nothing: whoever solves it is ready for the others."""

    def prices(self, base: "Problem", known: Sequence[str]) -> "Prices | None":
        """Return prices of a problem; None where none are found."""

    def apart(
        self, base: "Problem", known: Sequence[str], level: float, time_limit_s: float
    ) -> tuple[tuple[str, ...], int]:
        """Return the set that shares least with a known one, of all worth at least `level`.

        Args:
            base: A problem.
            known: A set of it that is worth enough.
            level: Above 0.
            time_limit_s: Time in seconds after which what was found by then will do.

        Returns:
            Its keys, and how many items any set worth enough shares at least. It shares that many
            where it is proven.
        """


class Simulator(Protocol):
    """Chance: what could come out otherwise. The seed decides the answer, on every machine."""

    def interval(
        self, appraisal: "Appraisal", chosen: Collection[str], seed: int
    ) -> "Interval | None":
        """Return P10, P50 and P90 of the weighted relief of a fixed set; None for an empty one."""

    def removals(
        self, appraisal: "Appraisal", keys: Collection[str], seed: int
    ) -> Mapping[tuple[str, str], tuple[float, float]]:
        """Return the 10th and 90th percentile of what each item removes of each metric's harm."""

    def costs(
        self, appraisal: "Appraisal", points: Sequence[float], seed: int
    ) -> Sequence[tuple[float, ...]]:
        """Return what items of these points cost in simulated worlds, in the same order."""

    def worlds(
        self, appraisal: "Appraisal", problem: "Problem", seed: int, count: int | None = None
    ) -> Iterator["Delta"]:
        """Yield how the problem would differ in simulated worlds; None takes the usual number."""


class Renderer(Protocol):
    """A form of the report. Pure: no clock, no files."""

    name: str
    suffix: str

    def render(self, plan: "Plan") -> str:
        """Return the whole document."""


class Notifier(Protocol):
    """A way to tell people."""

    def __call__(self, notice: "Notice", /) -> None:
        """Send a notice, once; return where the service took it.

        Raises:
            LostAnswerError: Nobody knows whether it arrived.
            DebtplanError: It surely did not.
        """


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


class Store(EtagTable, EvidenceStore, Protocol):
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
        records: Iterable["Record | Skipped"],
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

    def marks(self, name: str) -> tuple["Mark", ...]:
        """Return how far the parts of a source are read, by part."""

    def save_batch(self, batch: "Batch", mark: "Mark") -> "Changes":
        """Keep what one page gave together with the mark after it.

        Of two records with one key the later counts. A record whose key changed takes its old item
        with it. A key that another source gave first stays with it, and the newcomer is skipped.
        What was skipped before of the same refs is replaced.
        """

    def seen(self, name: str, part: str) -> tuple[int, int]:
        """Return how many records were seen in a part, and how many of them a census missed."""

    def seen_ids(self, name: str, part: str) -> frozenset[str]:
        """Return the ids of the records that were seen in a part."""

    def sightings(self, name: str, part: str) -> tuple["Sighting", ...]:
        """Return the records seen in a part, by id."""

    def save_census(self, counted: Iterable["Sighting"], gone: Iterable["Sighting"]) -> "Changes":
        """Keep how often records were missing, and remove those that are gone with their items."""

    def count(self, name: str) -> tuple[int, int]:
        """Return how many records of a source are kept, and how many were skipped."""

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

    def open_sprints(self, team: str | None = None) -> tuple["OpenSprint", ...]:
        """Return sprints that run or are to come, by team and id; None takes all teams."""

    def skipped(self) -> tuple["Skipped", ...]:
        """Return what the sources could not use, by source, then as they gave it."""

    def sources(self) -> tuple["SourceState", ...]:
        """Return the state of every source, by name."""

    def notices(self, digest: str) -> Mapping[str, bool]:
        """Return, by notifier that was given a plan of this digest, whether it took it.

        False means that a run ended while it was sending: nobody knows whether it arrived.
        """

    def save_notice(self, digest: str, notifier: str, *, is_sent: bool) -> None:
        """Keep that a notifier is being given the plan, or that it took it."""

    def forget_notice(self, digest: str, notifier: str) -> None:
        """Forget an attempt that surely failed, so that the next run makes another one."""

    def run_lock(self) -> AbstractContextManager[None]:
        """Hold the one lock of unattended runs; whoever dies lets go of it.

        Raises:
            LockedError: Another run holds it; nothing was done.
        """

    def save_plan(self, plan: "Plan") -> None:
        """Keep a plan. The same plan again (same digest) keeps its approval."""

    def plan(self, plan_id: str) -> "Plan | None":
        """Return the plan with this id."""

    def plan_ids(self) -> tuple[tuple[str, datetime | None], ...]:
        """Return the ids of all plans and when each was approved, by when they were made."""

    def last_plan(self, team: str, sprint_id: str | None = None) -> "Plan | None":
        """Return the plan made last for the team, and for the sprint where one is named."""

    def approve(self, plan_id: str, by: str, at: datetime) -> bool:
        """Keep that a person approved a plan, in the place of an approval before.

        Returns:
            Whether there is such a plan.
        """

    def approved_plan(self, team: str, sprint_id: str | None = None) -> "Approval | None":
        """Return the plan approved last for the team, and for the sprint where one is named."""

    def check(self) -> None:
        """Read and check everything, for `debtplan doctor`.

        Raises:
            StoreError: Something is not what was written.
        """

    def close(self) -> None:
        """Let go of the database."""
