"""Which sprints an unattended run plans: the one that comes next, and one that was missed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from debtplan.core.capacity import Sprint
from debtplan.errors import UsageError

Coming = Callable[[date], Sprint]
"""Gives the sprint that came next on a day; one that starts that day is still to come."""


@dataclass(frozen=True, slots=True)
class Due:
    """A sprint that is to be planned; late where it has started."""

    sprint: Sprint
    is_late: bool = False


def find_due(team: str, coming: Coming, today: date, late_days: int) -> tuple[Due, ...]:
    """Return the sprints that are due, the one that runs first.

    Args:
        team: Whose sprints, for the message.
        coming: See `Coming`.
        today: The day in UTC.
        late_days: Days after its start within which the sprint that runs counts; 0 for never.

    Raises:
        UsageError: The sprint that is said to come started longer ago than that.
    """
    late = _started(coming, today, late_days)
    following = coming(today)
    if following.start_on >= today:
        return (*([Due(late, is_late=True)] if late else []), Due(following))
    if late is not None:
        return (Due(late, is_late=True),)
    what = f"{following.name}, the coming sprint of team {team}, started on {following.start_on}."
    raise UsageError(what, f"Set the next one under [team.{team}.sprint], or take the table out.")


def _started(coming: Coming, today: date, late_days: int) -> Sprint | None:
    """Return the sprint that runs, where it started at most so many days ago."""
    for back in range(1, late_days + 1):
        day = today - timedelta(days=back)
        sprint = coming(day)
        if sprint.start_on == day and today <= sprint.end_on:
            return sprint
    return None
