"""Sprints of a fake Jira, and what a run over a board gives."""

from datetime import datetime

from debtplan.core.capacity import ClosedSprint, OpenSprint
from debtplan.core.item import Skipped
from debtplan.core.source import Mark
from debtplan.sources.jira.board import LiveJiraBoard
from tests.servers.jira import FakeJira
from tests.servers.jira_site import Sprint
from tests.sources.live.jira_runs import DAY, HOUR


class Read:
    """What a run over a board gave."""

    def __init__(self, source: LiveJiraBoard, since: datetime | None = None) -> None:
        (part,) = source.parts()
        mark = Mark(source=source.name, part=part, scope=source.scope(part), since=since)
        self.pages = list(source.walk(part, mark))
        records = [one for page in self.pages for one in page.records]
        self.closed = {one.name: one for one in records if isinstance(one, ClosedSprint)}
        self.open = {one.name: one for one in records if isinstance(one, OpenSprint)}
        self.said = [f"{one.ref}: {one.reason}" for one in records if isinstance(one, Skipped)]
        source.close()

    def points(self) -> dict[str, tuple[float | None, float | None]]:
        return {name: (one.committed, one.completed) for name, one in self.closed.items()}


def start(jira: FakeJira, sprint: Sprint) -> None:
    jira.advance(HOUR)
    jira.store.start_sprint(sprint)
    jira.advance(HOUR)


def close(jira: FakeJira, sprint: Sprint, into: Sprint | None = None) -> None:
    jira.advance(14 * DAY)
    jira.store.close_sprint(sprint, into)
    jira.advance(HOUR)


def sprints(jira: FakeJira, count: int) -> list[Sprint]:
    return [jira.store.add_sprint(jira.store.boards[1], f"S{at}") for at in range(1, count + 1)]
