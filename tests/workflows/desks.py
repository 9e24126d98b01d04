"""A desk for an unattended run in memory: what it reads, whom it tells, and what it leaves."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from debtplan.core.account import RunAccount
from debtplan.core.capacity import Sprint
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem
from debtplan.core.notice import Notice, NoticeKind
from debtplan.core.plan import Plan
from debtplan.ports import Clock, Store
from debtplan.render.notice import write_failure_notice, write_plan_notice
from debtplan.workflows.due import Due, find_due
from debtplan.workflows.feed import Feed
from debtplan.workflows.run import Desk, run_all
from debtplan.workflows.tell import Herald, Reader
from tests.builders import NOW, SPRINT, claim, inputs, item, planner


@dataclass
class FakeNotifier:
    """Takes notices, or fails as it is told.

    Attributes:
        error: Raised instead of taking the next notices.
        is_fleeting: Only the next one.
        tried: Every notice it was given, taken or not.
    """

    error: BaseException | None = None
    is_fleeting: bool = False
    taken: list[Notice] = field(default_factory=list)
    tried: list[Notice] = field(default_factory=list)

    def __call__(self, notice: Notice) -> None:
        self.tried.append(notice)
        error = self.error
        if self.is_fleeting:
            self.error = None
        if error is not None:
            raise error
        self.taken.append(notice)

    @property
    def plans(self) -> list[Notice]:
        """The plans it took."""
        return [one for one in self.taken if one.kind is NoticeKind.PLAN]

    @property
    def failures(self) -> list[Notice]:
        """The failures it took."""
        return [one for one in self.taken if one.kind is NoticeKind.FAILURE]


@dataclass
class Office:
    """A team `web` with two items and a Slack; change anything between two runs."""

    store: Store
    items: list[DebtItem] = field(default_factory=lambda: [item("W-1", 3), item("W-2", 2)])
    claims: list[Any] = field(default_factory=lambda: [claim("W-1", "m"), claim("W-2", "m", 0.3)])
    more: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None
    teams: tuple[str, ...] = ("web",)
    today: date = date(2026, 11, 23)
    sprints: tuple[Sprint, ...] = (SPRINT,)
    slack: FakeNotifier = field(default_factory=FakeNotifier)
    readers: dict[str, Reader] = field(default_factory=dict)
    limit: Callable[[], AbstractContextManager[None]] = nullcontext
    is_approved: Callable[[Plan], bool] = lambda _: False
    clock: Clock = lambda: NOW
    broken: dict[str, Exception] = field(default_factory=dict)
    written: list[Plan] = field(default_factory=list)
    kept: list[RunAccount] = field(default_factory=list)

    def run(self) -> RunAccount:
        """Run once."""
        readers = self.readers or {"slack": Reader(self.slack)}
        desk = Desk(
            store=self.store,
            sources=self._sources,
            teams=self.teams,
            due=self._due,
            inputs=self._inputs,
            planner=replace(planner(draws=2, worlds=1), clock=self.clock),
            write=self._write,
            herald=Herald(self.store, readers, _write_notice, write_failure_notice),
            clock=self.clock,
            limit=self.limit,
            keep=self.kept.append,
            is_approved=self.is_approved,
        )
        begun = RunAccount(debtplan_version="1", started_at=NOW, as_of=NOW)
        return run_all(desk, begun)

    def _sources(self) -> Sequence[Feed]:
        return (Feed("jira", self._read),)

    def _read(self) -> Iterator[DebtItem]:
        if self.error is not None:
            raise self.error
        yield from self.items

    def _due(self, team: str) -> Sequence[Due]:
        return find_due(team, self._coming, self.today, 2)

    def _coming(self, day: date) -> Sprint:
        ahead = [one for one in self.sprints if one.start_on >= day]
        return min(ahead or [self.sprints[-1]], key=lambda one: one.start_on)

    def _inputs(self, team: str, due: Due) -> Inputs:
        if team in self.broken:
            raise self.broken[team]
        sources = self.store.sources()
        more = {"team": team, "sprint": due.sprint, "sources": sources, **self.more}
        return inputs(self.store.items(), self.claims, **more)

    def _write(self, plan: Plan) -> tuple[str, ...]:
        self.written.append(plan)
        return (f"{plan.team}/{plan.sprint.id}/plan.json",)


def _write_notice(plan: Plan, last: Plan | None, is_late: bool) -> Notice:  # noqa: FBT001 - `WritePlan`
    return write_plan_notice(plan, last, is_late=is_late)
