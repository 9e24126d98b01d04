"""Which sprint comes, and which ones after it."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from debtplan.config.settings import SprintSettings
from debtplan.core.capacity import ClosedSprint, OpenSprint, Sprint

WORKDAYS = 5

_UNNAMED = "Sprint of {}"


def coming_sprint(
    stated: SprintSettings | None,
    sprints: Sequence[ClosedSprint],
    ahead: Sequence[Sprint],
    length: int,
    wanted: tuple[date, str | None],
) -> Sprint:
    """Return the coming sprint: as set, else the tracker's next one, else one after the last.

    A sprint that starts today is still to be planned.

    Args:
        stated: As the settings have it.
        sprints: Closed ones.
        ahead: Those of the tracker that are not closed, see `dated_sprints`.
        length: Days from one start to the next.
        wanted: Today, and the name or id that is asked for; None for the next.
    """
    today, name = wanted
    if stated is not None and name in (None, stated.name, stated.id):
        return Sprint(**{**stated.model_dump(), "id": stated.id or stated.name})
    for sprint in ahead:
        is_asked = name in (sprint.name, sprint.id)
        if is_asked or (name is None and sprint.start_on >= today):
            return sprint
    dated = [sprint for sprint in sprints if sprint.end_on is not None]
    start = _monday(today)
    called = name or _UNNAMED.format(start)
    if dated:
        last = dated[-1]
        start = _after(last, length)
        steps = 1
        while start < today:
            start, steps = start + timedelta(days=length), steps + 1
        called = name or _following(last.name or last.id, steps)
    return _guessed(called, start, length)


def later_sprints(
    first: Sprint, ahead: Sequence[Sprint], length: int, count: int
) -> tuple[Sprint, ...]:
    """Return so many sprints after one: the tracker's, and where it has none, as they would be."""
    found = [one for one in ahead if one.start_on > first.start_on][:count]
    last = found[-1] if found else first
    for steps in range(1, count - len(found) + 1):
        start = last.start_on + timedelta(days=length * steps)
        called = _following(last.name, steps)
        if last.name == _UNNAMED.format(last.start_on):
            called = _UNNAMED.format(start)
        found.append(_guessed(called, start, length))
    return tuple(found)


def _guessed(called: str, start: date, length: int) -> Sprint:
    """Return a sprint that ends on no weekend."""
    end = start + timedelta(days=length - 1)
    while end.weekday() >= WORKDAYS and end > start:
        end -= timedelta(days=1)
    return Sprint(id=_slug(called), name=called, start_on=start, end_on=end)


def dated_sprints(team: str, sprints: Iterable[OpenSprint]) -> list[Sprint]:
    """Return the team's sprints that the tracker has dates for, the first to start first."""
    found = [
        Sprint(id=one.id, name=one.name or one.id, start_on=one.start_on, end_on=one.end_on)
        for one in sprints
        if one.team == team and one.start_on and one.end_on and one.start_on <= one.end_on
    ]
    return sorted(found, key=lambda one: (one.start_on, one.id))


def _after(last: ClosedSprint, length: int) -> date:
    """Return when the sprint after a closed one starts: on no weekend, where that is guessed."""
    if last.start_on is not None:
        return last.start_on + timedelta(days=length)
    day = (last.end_on or date.min) + timedelta(days=1)
    return day if day.weekday() < WORKDAYS else _monday(day)


def _monday(day: date) -> date:
    """Return the day where it is a Monday, else the next one."""
    return day + timedelta(days=-day.weekday() % 7)


def _following(name: str, steps: int) -> str:
    """Return `Sprint 49` after `Sprint 48`; a name without a number gets one."""
    found = re.search(r"(\d+)(?!.*\d)", name)
    if not found:
        return f"{name} +{steps}".strip()
    return f"{name[: found.start()]}{int(found.group()) + steps}{name[found.end() :]}"


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-").lower() or "next"
