"""Settings in, an unattended run out: its desk, its files, its readers."""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path

from debtplan import __version__
from debtplan.bootstrap.adapters import now, open_store, planner, render
from debtplan.bootstrap.answers import held
from debtplan.bootstrap.evidence import counted_by, refresh_evidence
from debtplan.bootstrap.kept import is_approved, with_kept
from debtplan.bootstrap.outcomes import judge_now, say_judged
from debtplan.bootstrap.past import Lookback
from debtplan.bootstrap.readers import make_readers
from debtplan.config.assemble import Held, assemble_inputs, pick_team
from debtplan.config.settings import Loaded
from debtplan.core.account import RunAccount
from debtplan.core.capacity import Sprint
from debtplan.core.inputs import Inputs
from debtplan.core.notice import Notice
from debtplan.core.plan import Plan, SprintRef
from debtplan.errors import UsageError
from debtplan.ports import Store
from debtplan.render.notice import write_failure_notice, write_plan_notice
from debtplan.transport.retry import Told, tell_nobody
from debtplan.workflows.due import Due, find_due
from debtplan.workflows.feed import Feed
from debtplan.workflows.planner import Progress, no_progress
from debtplan.workflows.run import Desk, run_all
from debtplan.workflows.tell import Herald, Reader
from debtplan.workflows.walk import Live

FILES: Mapping[str, str] = {
    "plan.json": "json",
    "report.html": "html",
    "report.md": "markdown",
    "items.csv": "csv",
}
"""The form of every file of a plan."""

ACCOUNT = "run.json"

_LONGEST_NAME = 60
"""Characters of a folder's name, at most four bytes each; file systems take 255 bytes."""

_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Ask:
    """What is asked of a run.

    Attributes:
        loaded: The settings.
        team: Only this one; None takes all.
        when: The moment to plan from.
        out: Folder for the files.
        write: Writes one file whole, or not at all.
        limit: See `Desk`.
        keep: See `Desk`.
        is_quiet: Whether nobody is told.
        progress: Told how far it is.
        told: Hears why and how many seconds are waited.
    """

    loaded: Loaded
    team: str | None
    when: datetime
    out: Path
    write: Callable[[Path, str], None]
    limit: Callable[[], AbstractContextManager[None]]
    keep: Callable[[RunAccount], None]
    is_quiet: bool = False
    progress: Progress = no_progress
    told: Told = tell_nobody
    started_at: datetime = field(default_factory=now)


def begin(when: datetime, started_at: datetime) -> RunAccount:
    """Return the account of a run that begins."""
    return RunAccount(debtplan_version=__version__, started_at=started_at, as_of=when)


def run(ask: Ask) -> RunAccount:
    """Return the account of the whole run.

    Raises:
        LockedError: Another run is at work; nothing was done.
        StoreError: The database cannot be used.
        UsageError: The settings name no team, or not that one, or a notifier that is none.
    """
    settings = ask.loaded.settings
    teams = tuple(sorted(settings.team))
    if ask.team is not None or not teams:
        teams = (pick_team(settings, ask.team),)
    readers = {} if ask.is_quiet else make_readers(ask.loaded)
    with open_store(ask.loaded) as store, store.run_lock():
        account = begin(ask.when, ask.started_at)
        ask.keep(account)
        return run_all(_desk(ask, store, teams, readers), account)


def _desk(ask: Ask, store: Store, teams: tuple[str, ...], readers: dict[str, Reader]) -> Desk:
    files = Files(ask.out, ask.write)
    stock = _Stock(ask, store)
    return Desk(
        store=store,
        sources=stock.sources,
        teams=teams,
        due=stock.due,
        inputs=stock.inputs,
        planner=planner(ask.loaded.settings.plan, progress=ask.progress),
        write=files.write_plan,
        herald=Herald(store, readers, stock.write_notice, write_failure_notice),
        clock=now,
        limit=ask.limit,
        keep=ask.keep,
        is_approved=partial(is_approved, store),
        judge=stock.judge,
    )


@dataclass
class _Stock:
    """What the store holds after the sync, read once."""

    ask: Ask
    store: Store
    _held: Held | None = None
    _judged: str = ""

    def sources(self) -> list[Feed | Live]:
        """Return every source of the settings.

        Raises:
            UsageError: None is set, or one cannot be made.
        """
        from debtplan.bootstrap.feeds import Way, feeds

        way = Way(etags=self.store, told=self.ask.told, clock=lambda: self.ask.when)
        found = feeds(self.ask.loaded, way=way)
        if not found:
            what = "No source is set, so there is nothing to read."
            raise UsageError(what, "Add [sources.NAME] or [metrics.NAME], or run `debtplan init`.")
        return found

    def due(self, team: str) -> tuple[Due, ...]:
        """Return the sprints of a team that are due."""
        bare = Held(sprints=self.held.sprints, open_sprints=self.held.open_sprints)

        def coming(day: date) -> Sprint:
            noon = datetime.combine(day, time(12), UTC)
            return assemble_inputs(self.ask.loaded, team, bare, noon).sprint

        late_days = self.ask.loaded.settings.run.late_days if self._has_calendar(team) else 0
        return find_due(team, coming, self.ask.when.astimezone(UTC).date(), late_days)

    def judge(self) -> str:
        """Judge what earlier plans promised; see `Desk`."""
        self._judged = say_judged(judge_now(self.ask.loaded, self.store, self.ask.when))
        return self._judged

    def write_notice(self, plan: Plan, last: Plan | None, is_late: bool) -> Notice:  # noqa: FBT001 - `WritePlan`
        """Return the notice of a plan, with one line on what was judged in this run."""
        notice = write_plan_notice(plan, last, is_late=is_late)
        if not self._judged:
            return notice
        return notice.model_copy(update={"sentences": (*notice.sentences, self._judged)})

    def _has_calendar(self, team: str) -> bool:
        """Tell whether a team's sprints are known; one that is only guessed was never missed."""
        known = {one.team for one in self.held.sprints}
        known |= {one.team for one in self.held.open_sprints}
        return team in known or self.ask.loaded.settings.team[team].sprint is not None

    def inputs(self, team: str, due: Due) -> Inputs:
        """Return the inputs of a team's sprint, as of now."""
        made = assemble_inputs(self.ask.loaded, team, self.held, self.ask.when)
        made = with_kept(made.model_copy(update={"sprint": due.sprint}), self.store)
        return self._lookback.put_into(made)

    @cached_property
    def _lookback(self) -> Lookback:
        return Lookback(self.ask.loaded, self.store, self.ask.when)

    @property
    def held(self) -> Held:
        """What the store holds, with what moves together in what was read just now."""
        if self._held is None:
            refresh_evidence(self.ask.loaded, self.store, self.ask.when)
            self._held = counted_by(held(self.store), self.ask.when)
        return self._held


@dataclass(frozen=True)
class Files:
    """Where plans are written: OUT/TEAM/SPRINT/."""

    out: Path
    write: Callable[[Path, str], None]

    def write_plan(self, plan: Plan) -> tuple[str, ...]:
        """Write a plan in every form, and return the files' names below OUT.

        A file that holds just that already is left alone.
        """
        folder = Path(safe_name(plan.team), sprint_folder(plan.sprint))
        names = []
        for file, form in FILES.items():
            self.write_text(folder / file, render(plan, form))
            names.append((folder / file).as_posix())
        return tuple(names)

    def write_text(self, name: Path, text: str) -> None:
        """Write a text file below OUT, unless it stands there."""
        path = self.out / name
        if not _holds(path, text):
            self.write(path, text)


def safe_name(text: str) -> str:
    """Return a name that one folder may have, another one for every text.

    Spaces become dashes. Where more has to change, a part of the text's digest follows.
    """
    dashed = "-".join(text.split())
    name = _UNSAFE.sub("-", dashed).strip("-.")[:_LONGEST_NAME]
    if name and name == dashed:
        return name
    return f"{name or 'x'}-{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def sprint_folder(sprint: SprintRef) -> str:
    """Return a sprint's folder: its name, and its id where that is another word."""
    name = safe_name(sprint.name)
    if sprint.id.casefold() in {sprint.name.casefold(), name.casefold()}:
        return name
    return f"{name}-{safe_name(sprint.id)}"


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False
