"""Points committed and completed in a sprint; points done in a fortnight without sprints."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from debtplan.core.capacity import ClosedSprint
from debtplan.core.decode import Json
from debtplan.core.text import clean_line
from debtplan.files.shape import instant, record, words
from debtplan.sources.intake import NAME_LIMIT
from debtplan.sources.jira.estimate import Estimate, read_points
from debtplan.sources.jira.history import History, Moment
from debtplan.sources.jira.sprint import JiraSprint

FORTNIGHT = timedelta(days=14)
FORTNIGHTS = 6
"""Windows of a board without sprints: twelve weeks."""

_FIRST_MONDAY = date(1970, 1, 5)
"""From which fortnights are counted, so that each run has the same ones."""


@dataclass
class Tally:
    """Points of one sprint, as its issues are counted one by one.

    Attributes:
        began_at: When it was started, which may differ from the start date that a person has set.
        counted: Issues that were in it.
        estimated: Those of them that had points.
    """

    sprint: JiraSprint
    done: frozenset[str]
    began_at: datetime | None = None
    committed: float = 0.0
    completed: float = 0.0
    counted: int = 0
    estimated: int = 0

    def add(self, issue: History) -> None:
        """Count an issue.

        Committed: it was in the sprint at its start, and not done. Completed: it was in the sprint
        at its end, and done, which it was not at the start. Points are those of that instant. So
        does Jira's velocity chart ("View and understand the velocity chart").
        """
        start = self.began_at or self.sprint.started_at
        end = self.sprint.completed_at or self.sprint.ended_at
        before = issue.at(start) if start else None
        after = issue.at(end) if end else None
        was_done = before is not None and before.status in self.done
        is_in = [one for one in (before, after) if one and self.sprint.id in one.sprints]
        if was_done or not is_in:
            return
        self.counted += 1
        self.estimated += any(one.points is not None for one in is_in)
        self.committed += _points(before) if before in is_in else 0.0
        is_done = after is not None and after.status in self.done
        self.completed += _points(after) if after in is_in and is_done else 0.0

    def closed(self, team: str, position: int) -> ClosedSprint:
        """Return the sprint with its points; what cannot be known is None."""
        sprint = self.sprint
        end = sprint.completed_at or sprint.ended_at
        is_known = self.estimated > 0
        return ClosedSprint(
            team=team,
            id=sprint.id,
            name=title_of(sprint),
            position=position,
            start_on=sprint.started_at.date() if sprint.started_at else None,
            end_on=end.date() if end else None,
            committed=self.committed if is_known and sprint.started_at else None,
            completed=self.completed if is_known and end else None,
        )

    def remarks(self) -> Iterator[str]:
        """Yield what there is to say about it."""
        if self.sprint.started_at is None or not (self.sprint.completed_at or self.sprint.ended_at):
            yield "is closed without its dates, so not all of its points are known"
        if self.counted and not self.estimated:
            yield f"none of its {self.counted} issues has points, so its velocity is not known"
        elif self.counted > self.estimated:
            missing = self.counted - self.estimated
            yield f"{missing} of its {self.counted} issues have no points and count nothing"
        elif not self.counted:
            yield "no issue was in it, so its velocity is not known"


def title_of(sprint: JiraSprint) -> str:
    """Return a sprint's name for people."""
    return clean_line(sprint.name, limit=NAME_LIMIT) or sprint.id


def fortnights(now: datetime) -> list[tuple[datetime, datetime]]:
    """Return the last whole fortnights before an instant, oldest first, each half-open, in UTC."""
    number = (now.astimezone(UTC).date() - _FIRST_MONDAY) // FORTNIGHT
    starts = [
        datetime.combine(_FIRST_MONDAY + (number - back) * FORTNIGHT, time(), UTC)
        for back in range(FORTNIGHTS, 0, -1)
    ]
    return [(start, start + FORTNIGHT) for start in starts]


@dataclass
class Throughput:
    """Points done in each fortnight of a board without sprints."""

    windows: list[tuple[datetime, datetime]]
    done: frozenset[str]
    estimate: Estimate

    def __post_init__(self) -> None:
        """Start with nothing."""
        self.points = [0.0] * len(self.windows)
        self.counted = self.estimated = 0

    def add(self, issue: Json) -> None:
        """Count an issue where it was finished in one of the fortnights."""
        fields = record(record(issue).get("fields"))
        at = _finished_at(fields, self.done)
        for number, (start, end) in enumerate(self.windows):
            if at is not None and start <= at < end:
                points, _ = read_points(fields, self.estimate)
                self.counted += 1
                self.estimated += points is not None
                self.points[number] += points or 0.0

    def closed(self, team: str) -> Iterator[ClosedSprint]:
        """Yield a window each; points are None where no finished issue of any has them."""
        for points, (start, end) in zip(self.points, self.windows, strict=True):
            last = (end - timedelta(days=1)).date()
            yield ClosedSprint(
                team=team,
                id=last.isoformat(),
                name=f"14 days to {last.isoformat()}",
                position=(start.date() - _FIRST_MONDAY) // FORTNIGHT,
                start_on=start.date(),
                end_on=last,
                completed=points if self.estimated else None,
            )

    def remarks(self) -> Iterator[str]:
        """Yield what there is to say about them."""
        yield (
            "the board has no sprints; its velocity is what was finished in each 14 days of the "
            "last 12 weeks"
        )
        if self.counted and not self.estimated:
            yield f"none of the {self.counted} finished issues has points, so set a capacity"
        elif self.counted > self.estimated:
            missing = self.counted - self.estimated
            yield f"{missing} of the {self.counted} finished issues have no points"


def done_statuses(configuration: Json, statuses: Iterable[Json]) -> frozenset[str]:
    """Return the ids of the statuses in which an issue is done for a board.

    Jira counts the board's last column ("Configure columns"); a board that does not say its columns
    counts the statuses of the category done.
    """
    columns = record(record(configuration).get("columnConfig")).get("columns")
    last = record(columns[-1]) if isinstance(columns, list) and columns else {}
    listed = last.get("statuses")
    if isinstance(listed, list) and listed:
        return frozenset(words(record(one).get("id")) for one in listed) - {""}
    return frozenset(
        words(one.get("id"))
        for one in map(record, statuses)
        if words(record(one.get("statusCategory")).get("key")) == "done"
    )


def _finished_at(fields: Mapping[str, Json], done: frozenset[str]) -> datetime | None:
    """Return when an issue was finished; None where it is not.

    Some workflows set no resolution; the change of category stands for it.
    """
    if words(record(fields.get("status")).get("id")) not in done:
        return None
    resolved_at = instant(fields.get("resolutiondate"))
    return resolved_at or instant(fields.get("statuscategorychangedate"))


def _points(moment: Moment | None) -> float:
    return (moment.points if moment else None) or 0.0
