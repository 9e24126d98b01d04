"""Closed sprints from Jira's answers: sprint pages, and issues that name their sprints."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from debtplan.core.capacity import ClosedSprint
from debtplan.core.decode import Json
from debtplan.core.item import Skipped
from debtplan.core.text import clean_line
from debtplan.errors import InputError
from debtplan.files.saved import Page, read_pages
from debtplan.files.shape import instant, record
from debtplan.sources.intake import NAME_LIMIT
from debtplan.sources.jira.estimate import Estimate, find_estimate, read_points
from debtplan.sources.jira.page import JiraPages, gather
from debtplan.sources.jira.sprint import JiraSprint, parse_sprint, sprints_of_issue
from debtplan.sources.options import SprintTable
from debtplan.sources.sprints import Placed, settle_sprints


class JiraSprints:
    """See `SprintSource`."""

    def __init__(self, name: str, table: SprintTable, folder: Path) -> None:
        self.name = name
        self._table = table
        self._folder = folder

    def closed_sprints(self) -> Iterator[ClosedSprint | Skipped]:
        """See `SprintSource.closed_sprints`."""
        yield from read_sprints(read_pages(self._table, self._folder), self.name, self._table)


def read_sprints(
    pages: Iterable[Page | Skipped], name: str, table: SprintTable
) -> Iterator[ClosedSprint | Skipped]:
    """Yield the closed sprints of decoded pages, from files or from a server.

    Raises:
        InputError: Every answer says that its request failed.
    """
    found = gather(pages)
    if found.failed and not found.sprints and not found.issues:
        first = found.failed[0]
        fix = "Save the answer again with a token that may read the board."
        raise InputError(f"{first.ref}: {first.reason}.", fix)
    issues = [record(record(issue).get("fields")) for _, issue in found.issues]
    estimate = find_estimate(table.estimate_field, found.configurations, found.definitions, issues)
    points = _points_by_sprint(issues, estimate)
    yield from settle_sprints(_sprints(found, issues, points, name), table)
    yield from found.failed
    yield from found.skipped
    yield from found.unknown()
    for remark in _remarks(found, estimate, points):
        yield Skipped(ref=table.path or name, reason=remark)


@dataclass
class _Points:
    """Points of one sprint's issues; None until an issue with points is seen."""

    committed: float | None = None
    completed: float | None = None


def _sprints(
    found: JiraPages,
    issues: Iterable[Mapping[str, Json]],
    points: Mapping[str, _Points],
    name: str,
) -> Iterator[Placed | Skipped]:
    """Yield the sprints of the pages, then those that only issues name, each once."""
    listed: dict[str, tuple[str, JiraSprint]] = {}
    for place, entry in found.sprints:
        sprint = parse_sprint(entry)
        if sprint is None:
            yield Skipped(ref=place, reason="is a sprint without an id; not used")
        elif sprint.id in listed:
            reason = f"holds sprint {sprint.id} again; the one in {listed[sprint.id][0]} is taken"
            yield Skipped(ref=place, reason=reason)
        else:
            listed[sprint.id] = (place, sprint)
    for fields in issues:
        for sprint in sprints_of_issue(fields):
            listed.setdefault(sprint.id, ("the issues", sprint))
    for place, sprint in listed.values():
        yield _closed(place, sprint, points.get(sprint.id, _Points()), name)


def _closed(place: str, sprint: JiraSprint, points: _Points, name: str) -> Placed | Skipped:
    title = clean_line(sprint.name, limit=NAME_LIMIT) or sprint.id
    if sprint.state != "closed":
        return Skipped(ref=f"{place} ({title})", reason=f"is {sprint.state}, not closed")
    start = sprint.started_at.date() if sprint.started_at else None
    last = sprint.completed_at or sprint.ended_at
    closed = ClosedSprint(
        team=name,
        id=sprint.id,
        name=title,
        position=int(sprint.id) if re.fullmatch("[0-9]{1,9}", sprint.id) else 0,
        start_on=start,
        end_on=last.date() if last else None,
        committed=points.committed,
        completed=points.completed,
    )
    return Placed(place, sprint.board, closed)


def _points_by_sprint(
    issues: Iterable[Mapping[str, Json]], estimate: Estimate
) -> dict[str, _Points]:
    """Return points by sprint id.

    Completed: of issues resolved while the sprint ran; without a date of resolution, of issues that
    are done and were in no later sprint. Committed: of issues of the sprint that existed at its
    start; the answers do not say which of them were added later, so it is an upper limit.
    """
    points: dict[str, _Points] = {}
    for fields in issues:
        value, _ = read_points(fields, estimate)
        sprints = sorted(sprints_of_issue(fields), key=_start)
        if value is None:
            continue
        resolved_at, created_at = (
            instant(fields.get("resolutiondate")),
            instant(fields.get("created")),
        )
        for at, sprint in enumerate(sprints):
            own = points.setdefault(sprint.id, _Points(0.0, 0.0))
            is_last = at == len(sprints) - 1
            if _was_finished(fields, sprint, resolved_at, is_last=is_last):
                own.completed = (own.completed or 0.0) + value
            if created_at is None or sprint.started_at is None or created_at <= sprint.started_at:
                own.committed = (own.committed or 0.0) + value
    return points


def _start(sprint: JiraSprint) -> tuple[float, str]:
    return (sprint.started_at.timestamp() if sprint.started_at else float("inf"), sprint.id)


def _was_finished(
    fields: Mapping[str, Json], sprint: JiraSprint, resolved_at: datetime | None, *, is_last: bool
) -> bool:
    end = sprint.completed_at or sprint.ended_at
    if resolved_at is not None and sprint.started_at is not None and end is not None:
        return sprint.started_at <= resolved_at <= end
    category = record(record(fields.get("status")).get("statusCategory")).get("key")
    return is_last and (category == "done" or resolved_at is not None)


def _remarks(found: JiraPages, estimate: Estimate, points: Mapping[str, _Points]) -> Iterator[str]:
    if not found.sprints and not found.issues:
        yield "holds no sprints; check the request that saved it"
    elif not found.issues:
        yield (
            "holds sprints but no issues, so their points are not known; "
            "save the sprints' issues beside them"
        )
    elif estimate.origin:
        yield estimate.origin
    if found.issues and not points:
        yield "no issue of a sprint has points, so velocities are not known"
