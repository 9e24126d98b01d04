"""The unattended run: sync, plan, write, tell, for every team; whatever fails leaves the rest."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from debtplan.core.account import RunAccount, SourceAccount, SprintAccount
from debtplan.core.inputs import Inputs
from debtplan.core.notice import Failure, failure_of
from debtplan.core.plan import Plan, SprintRef
from debtplan.errors import AuthenticationError, DeadlineError, DebtplanError, PartialDataError
from debtplan.ports import Clock, Store
from debtplan.workflows.diff import with_changes
from debtplan.workflows.due import Due
from debtplan.workflows.feed import Feed
from debtplan.workflows.plan import make_plan
from debtplan.workflows.planner import Planner
from debtplan.workflows.sync import forget_others, sync_sources
from debtplan.workflows.synced import Synced
from debtplan.workflows.tell import Herald
from debtplan.workflows.walk import Live

BUG = 70
INTERRUPTED = 130

_WORST_FIRST = (BUG, INTERRUPTED, 1, 2, 6, 4, 5)
"""Exit codes: no plan is worse than one from partial data, and a refused token says more than
"partial"."""


class TimeUpError(BaseException):
    """Raised from outside, anywhere in a run, when its time is up.

    It is no `Exception`: nothing may take it for the failure of one source and go on.

    Attributes:
        seconds: How long the run may take.
        stop: Keeps it from being raised again.
    """

    def __init__(self, seconds: float, stop: Callable[[], None]) -> None:
        """Keep both."""
        super().__init__(seconds)
        self.seconds = seconds
        self.stop = stop


@dataclass(frozen=True, slots=True)
class Desk:
    """What a run works with.

    Attributes:
        store: Already locked for this run.
        sources: Makes the sources to read, all of them.
        teams: To plan, in this order.
        due: Gives the sprints of a team that are due, by what the store then holds.
        inputs: Gives the inputs of a team's sprint.
        planner: Makes plans.
        write: Writes a plan's files and returns their names.
        herald: Tells people.
        clock: The time.
        limit: Raises `TimeUpError` inside when the time is up.
        keep: Is given the account whenever it grows.
        is_approved: Whether a person has approved a plan; it is not replaced then.
        judge: Judges what earlier plans promised, and returns one line on it, "" for nothing new.
    """

    store: Store
    sources: Callable[[], Sequence[Feed | Live]]
    teams: tuple[str, ...]
    due: Callable[[str], Sequence[Due]]
    inputs: Callable[[str, Due], Inputs]
    planner: Planner
    write: Callable[[Plan], tuple[str, ...]]
    herald: Herald
    clock: Clock
    limit: Callable[[], AbstractContextManager[None]]
    keep: Callable[[RunAccount], None]
    is_approved: Callable[[Plan], bool]
    judge: Callable[[], str] = str


@dataclass
class _Run:
    """One run; `account` and `failures` are what came of it so far."""

    desk: Desk
    account: RunAccount
    failures: list[Failure] = field(default_factory=list)

    def run(self) -> RunAccount:
        try:
            self._work()
            self._tell()
        except Exception as error:
            what = f"This is a bug in debtplan: {type(error).__name__}."
            self._fail(_failure("run", what, BUG))
            self._end()
            raise
        except KeyboardInterrupt:
            self._fail(_failure("run", "The run was interrupted.", INTERRUPTED))
            self._end()
            raise
        return self._end()

    def _work(self) -> None:
        try:
            with self.desk.limit():
                self._sync()
                self._judge()
                for team in self.desk.teams:
                    self._plan_team(team)
            self.desk.herald.forget_failures("run")
        except TimeUpError as over:
            over.stop()
            what = (
                f"The run was ended after {over.seconds:,.3g} s; what it had kept and sent stays."
            )
            fix = "Look what takes that long, or raise total_s under [run]."
            self._fail(failure_of("run", DeadlineError(what, fix)))
        except DebtplanError as error:
            self._fail(failure_of("run", error))

    def _tell(self) -> None:
        """Tell of what failed; that was outside the time of the work, so there is some left."""
        try:
            told = self.desk.herald.tell_failures(tuple(self.failures), self._fail)
            self._note(told=told)
        except DebtplanError as error:
            self._fail(failure_of("run", error))

    def _sync(self) -> None:
        desk, names = self.desk, []
        for source in desk.sources():
            names.append(source.name)
            for done in sync_sources([source], desk.store, desk.clock, desk.planner.progress):
                self._note(sources=(*self.account.sources, _source_account(done)))
                self._settle_source(done)
        forget_others(desk.store, names)

    def _judge(self) -> None:
        """Hold what earlier plans promised against what was just read."""
        try:
            self._note(judged=self.desk.judge())
            self.desk.herald.forget_failures("outcomes")
        except DebtplanError as error:
            code = PartialDataError.exit_code
            self._fail(failure_of("outcomes", error).model_copy(update={"exit_code": code}))

    def _plan_team(self, team: str) -> None:
        try:
            due = self.desk.due(team)
        except DebtplanError as error:
            self._add(SprintAccount(team=team, errors=(_say(failure_of("", error)),)))
            self._settle(f"team {team}", error, team)
            return
        failed = [found for one in due if (found := self._plan_sprint(team, one)) is not None]
        for found in failed or (None,):
            self._settle(f"team {team}", found, team)

    def _plan_sprint(self, team: str, due: Due) -> DebtplanError | None:
        row = SprintAccount(
            team=team,
            sprint=SprintRef(**due.sprint.model_dump()),
            is_late=due.is_late,
        )
        last = self.desk.store.last_plan(team, due.sprint.id)
        if last is not None and due.is_late and last.created_at.date() < due.sprint.start_on:
            return None  # it was planned in time
        self._add(row)
        try:
            plan, row = self._decide(team, due, last, row)
            self._replace(row)
            row = row.model_copy(update={"files": self.desk.write(plan)})
            self._replace(row)
            told = self.desk.herald.tell_plan(plan, last, self._fail, is_late=due.is_late)
            self._replace(row.model_copy(update={"notified": told}))
        except DebtplanError as error:
            self._replace(row.model_copy(update={"errors": (_say(failure_of("", error)),)}))
            return error
        return None

    def _decide(
        self, team: str, due: Due, last: Plan | None, row: SprintAccount
    ) -> tuple[Plan, SprintAccount]:
        """Return the plan that stands from now on: a new one, or the last where that still holds.

        The plan of a sprint that runs is made once, and never again.
        """
        desk = self.desk
        is_approved = last is not None and desk.is_approved(last)
        if last is not None and (is_approved or due.is_late):
            plan, is_new = last, False
        else:
            made = make_plan(desk.inputs(team, due), desk.planner)
            before = desk.store.approved_plan(team, due.sprint.id) or last
            made = made if before is None else with_changes(made, before, desk.planner)
            is_new = last is None or last.digest != made.digest
            plan = made if is_new or last is None else last
        if is_new:
            desk.store.save_plan(plan)
        found = {
            "plan_id": plan.plan_id,
            "digest": plan.digest,
            "is_new": is_new,
            "is_approved": is_approved,
        }
        return plan, row.model_copy(update=found)

    def _settle_source(self, done: Synced) -> None:
        """Take down how a source ended: its failure leaves a plan from partial data."""
        scope, error = f"source {done.state.name}", done.error
        if error is None:
            self.desk.herald.forget_failures(scope)
            return
        is_refused = isinstance(error, AuthenticationError)
        code = AuthenticationError.exit_code if is_refused else PartialDataError.exit_code
        self._fail(failure_of(scope, error).model_copy(update={"exit_code": code}))

    def _settle(self, scope: str, error: DebtplanError | None, team: str = "") -> None:
        """Take down how something ended; what is well again may fail anew and be told."""
        if error is not None:
            self._fail(failure_of(scope, error, team))
        else:
            self.desk.herald.forget_failures(scope)

    def _fail(self, failure: Failure) -> None:
        self.failures.append(failure)
        self._note(errors=(*self.account.errors, _say(failure)))

    def _add(self, row: SprintAccount) -> None:
        self._note(teams=(*self.account.teams, row))

    def _replace(self, row: SprintAccount) -> None:
        self._note(teams=(*self.account.teams[:-1], row))

    def _note(self, **changes: object) -> None:
        self.account = self.account.model_copy(update=changes)
        self.desk.keep(self.account)

    def _end(self) -> RunAccount:
        codes = {one.exit_code for one in self.failures}
        code = next((one for one in _WORST_FIRST if one in codes), 1 if codes else 0)
        self._note(exit_code=code, ended_at=self.desk.clock())
        return self.account


def run_all(desk: Desk, account: RunAccount) -> RunAccount:
    """Return the account of a run, begun as `account`.

    Failures are in it, each with what to do; nothing of ours is raised. A bug or an interruption is
    taken down, and raised again.
    """
    return _Run(desk, account).run()


def _source_account(done: Synced) -> SourceAccount:
    state, changes = done.state, done.changes
    return SourceAccount(
        name=state.name,
        status=state.status.value,
        records=state.records,
        skipped=state.skipped,
        added=changes.added if changes else 0,
        changed=changes.updated if changes else 0,
        gone=len(changes.gone) if changes else 0,
        detail=state.detail,
    )


def _failure(scope: str, what: str, exit_code: int) -> Failure:
    fix = "Run it again by hand to see more."
    return Failure(scope=scope, kind="", what=what, fix=fix, exit_code=exit_code)


def _say(failure: Failure) -> str:
    """Return a failure with what it is about, unless that is the run, or the row it stands in."""
    about = "" if failure.scope in {"", "run"} else f"{failure.scope}: "
    return f"{about}{failure.what} {failure.fix}"
