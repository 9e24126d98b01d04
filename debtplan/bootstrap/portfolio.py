"""Settings in, all teams' plans out, a group of teams at a time."""

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from debtplan import __version__
from debtplan.bootstrap.adapters import planner
from debtplan.bootstrap.answers import held
from debtplan.bootstrap.compare import plan_before
from debtplan.bootstrap.evidence import known_by
from debtplan.bootstrap.kept import with_kept
from debtplan.bootstrap.past import Lookback
from debtplan.config.assemble import Held, assemble_inputs
from debtplan.config.ownership import Ownership, sort_by_team
from debtplan.config.settings import Loaded, PlanSettings
from debtplan.core.approval import Approval
from debtplan.core.capacity import sprint_length
from debtplan.core.inputs import Inputs
from debtplan.core.plan import Plan
from debtplan.core.summary import TeamFailure
from debtplan.core.teams import Reach, components, reach_of
from debtplan.errors import DebtplanError, UsageError
from debtplan.ports import Store
from debtplan.workflows.diff import with_changes
from debtplan.workflows.jointly import Grouped, failure_of, plan_group
from debtplan.workflows.planner import Progress, no_progress
from debtplan.workflows.portfolio import Crew, run_jobs


@dataclass(frozen=True, slots=True)
class Job:
    """A group of teams to plan: all that a worker needs, to be sent to another machine.

    Attributes:
        group: Inputs by team.
        settings: What plans are made with.
        made_at: Moment of making, the same for all teams.
        sprint_days: Calendar days that joint values are counted for.
        before: What each plan is held against, by team; nothing for a team's first.
        is_alone: Whether this is the only job, so that it may have all cores of its machine.
    """

    group: tuple[Inputs, ...]
    settings: PlanSettings
    made_at: datetime
    sprint_days: float
    before: Mapping[str, Plan | Approval] = field(default_factory=dict)
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a job, and by which version of debtplan."""

    version: str
    grouped: Grouped


def work(job: Job) -> Answer:
    """Plan a group of teams; see `plan_group`."""
    found = planner(job.settings, lambda: job.made_at)
    if not job.is_alone:
        found = replace(found, crew=None)
    made = plan_group(job.group, found, job.sprint_days)
    plans = tuple(
        with_changes(plan, job.before[plan.team], found) if plan.team in job.before else plan
        for plan in made.plans
    )
    return Answer(__version__, replace(made, plans=plans))


@dataclass(frozen=True, slots=True)
class _Looked:
    """What is known of all teams before any is planned; their inputs are too large to keep."""

    reaches: list[Reach]
    failed: list[TeamFailure]
    lengths: dict[str, float]


@dataclass(frozen=True)
class Portfolio:
    """All teams of the settings, and what the store holds for them.

    Attributes:
        when: The moment to plan from.
        made_at: The moment of making.
        sprint: Name of the coming sprint, the same for all; None takes each team's next.
    """

    loaded: Loaded
    store: Store
    when: datetime
    made_at: datetime
    sprint: str | None = None

    @property
    def teams(self) -> tuple[str, ...]:
        """Their names, sorted.

        Raises:
            UsageError: The settings name none.
        """
        if not self.loaded.settings.team:
            raise UsageError("The settings name no team.", "Add a table such as [team.checkout].")
        return tuple(sorted(self.loaded.settings.team))

    @cached_property
    def sprint_days(self) -> float:
        """Calendar days that values are counted for: most teams' sprint, the shortest of equals."""
        lengths = Counter(self._looked.lengths.values())
        return min(lengths, key=lambda days: (-lengths[days], days), default=14.0)

    @cached_property
    def failed(self) -> tuple[TeamFailure, ...]:
        """Teams whose inputs cannot be made, by name."""
        return tuple(self._looked.failed)

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The teams in groups that depend on each other; see `components`."""
        return components(self._looked.reaches)

    def plans(self, crew: Crew, progress: Progress = no_progress) -> Generator[Grouped, None, None]:
        """Yield what comes of each group, in the order of their first teams.

        Raises:
            DebtplanError: A worker has another version of debtplan.
        """
        done, total = 0, len(self.teams) - len(self.failed)
        progress("planning teams", done, total)
        with closing(run_jobs(work, self._jobs(), crew)) as answers:
            for answer in answers:
                if answer.version != __version__:
                    what = f"A worker runs debtplan {answer.version}, and this is {__version__}."
                    raise DebtplanError(what, "Install the same version on all workers.")
                done += len(answer.grouped.plans) + len(answer.grouped.failed)
                progress("planning teams", done, total)
                yield answer.grouped

    def _jobs(self) -> Iterator[Job]:
        settings = self.loaded.settings.plan
        is_alone = len(self.groups) == 1
        past = Lookback(self.loaded, self.store, self.when)
        for group in self.groups:
            made = (with_kept(self._inputs(team), self.store) for team in group)
            inputs = tuple(past.put_into(one) for one in made)
            found = ((one.team, plan_before(self.store, one.team, one.sprint.id)) for one in inputs)
            before = {team: plan for team, plan in found if plan is not None}
            yield Job(inputs, settings, self.made_at, self.sprint_days, before, is_alone)

    @cached_property
    def _looked(self) -> "_Looked":
        found = _Looked([], [], {})
        for team in self.teams:
            try:
                inputs = self._inputs(team)
            except DebtplanError as error:
                found.failed.append(failure_of(team, error))
            else:
                found.reaches.append(reach_of(inputs))
                found.lengths[team] = sprint_length(inputs.sprints, inputs.capacity)
        return found

    @cached_property
    def _held(self) -> Held:
        return known_by(self.loaded, held(self.store), self.when)

    @cached_property
    def _owned(self) -> Ownership:
        return sort_by_team(self.loaded.settings, self._held.items)

    def _inputs(self, team: str) -> Inputs:
        return assemble_inputs(self.loaded, team, self._held, self.when, self.sprint, self._owned)
