"""What became of an item between two plans, and why."""

from enum import StrEnum

from pydantic import AwareDatetime

from debtplan.core.record import Value


class What(StrEnum):
    """What became of an item."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    """It is planned in both, in another sprint."""
    REPRICED = "repriced"
    """It is in both, with other points or another value."""


class Cause(StrEnum):
    """What made the difference; see `core.swap` for what belongs to each."""

    DATA = "data"
    LINK = "link"
    ESTIMATE = "estimate"
    BACKLOG = "backlog"
    CAPACITY = "capacity"
    RULE = "rule"
    WEIGHT = "weight"
    TIE = "tie"
    """Both ways are worth the same; changes, points and keys decided."""
    SOLVER = "solver"
    """The same inputs gave another answer: another version, or a plan not proven best."""


class Change(Value):
    """One item that differs between two plans.

    Attributes:
        cause: The first swap of inputs after which the difference stays.
        detail: The cause in words.
        difference: Its value alone in the new plan less that in the old one, weighted frustrated
            sessions avoided per sprint; 0 where a plan lacks it. Overlaps make the plans' values
            differ by another number than the sum of these.
        points: Of the coming sprint in the new plan, of the whole item where it is in another
            sprint; None where it is not in it.
        points_before: In the old plan, likewise.
        sprint: Name of the sprint that finishes it; "" where it is not in the new plan.
        sprint_before: In the old plan, likewise.
        is_proven: Whether every plan that was solved again to find the cause was proven best.
    """

    key: str
    title: str
    url: str | None = None
    what: What
    cause: Cause
    detail: str
    difference: float
    points: float | None = None
    points_before: float | None = None
    sprint: str = ""
    sprint_before: str = ""
    is_proven: bool = True


class Compared(Value):
    """The plan that another one was held against.

    Attributes:
        approved_at: When a person approved it; None where it was only saved.
        ux_value: What it was worth by its own inputs.
        worth_now: What its items would be worth together by the new inputs; None where the new
            rules do not allow them any more.
        broken: Why they are not, in words; "" where they are.
    """

    plan_id: str
    digest: str
    created_at: AwareDatetime
    approved_at: AwareDatetime | None = None
    approved_by: str = ""
    ux_value: float
    points: float
    worth_now: float | None = None
    broken: str = ""
