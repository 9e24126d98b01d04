"""What people are told of a plan or of a failure, as data: what changed since the last plan."""

import hashlib
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from debtplan.core.plan import Chosen, Plan, SprintRef
from debtplan.core.record import Value
from debtplan.errors import DebtplanError

SCHEMA_VERSION = 1

_NUMBER = re.compile(r"(?<![\w-])\d[\d,.]*(?![\w-])")
"""A number that stands alone; the one in `OMNI-12` does not."""


class Delivery(StrEnum):
    """What became of a notice at one notifier."""

    SENT = "sent"
    """The service took it; whether a person sees it is the service's matter."""
    SKIPPED = "skipped"
    """It had been told before, or nothing that people would see has changed."""
    FAILED = "failed"
    """The service surely did not take it; the next run tries again."""
    UNKNOWN = "unknown"
    """The answer was lost, or a run ended in between. It is not sent again."""


class NoticeKind(StrEnum):
    """What a notice is about."""

    PLAN = "plan"
    FAILURE = "failure"


class Line(Value):
    """One line of a list, with the address it leads to where there is one."""

    text: str
    url: str | None = None


class Section(Value):
    """A list with its title."""

    title: str
    lines: tuple[Line, ...]


class Moved(Value):
    """An item that came into a plan, went out of it, or has another size there.

    Attributes:
        points: Points of the coming sprint; of an item that went out, what it had there.
        points_before: The same in the last plan; None where it was not in it.
        detail: Why it went out; "" else.
    """

    key: str
    title: str
    url: str | None = None
    points: float
    points_before: float | None = None
    detail: str = ""


class PlanChange(Value):
    """What differs between a plan and the last one of its sprint.

    Attributes:
        is_first: Nothing was told of this sprint before: everything is new.
        points: Points of the sprint that go to debt.
        ux_value: Weighted frustrated sessions avoided per sprint.
    """

    is_first: bool
    entered: tuple[Moved, ...] = ()
    left: tuple[Moved, ...] = ()
    resized: tuple[Moved, ...] = ()
    points: float
    points_before: float | None = None
    ux_value: float
    ux_value_before: float | None = None

    @property
    def is_news(self) -> bool:
        """Whether a reader would see a difference: values are told with two digits."""
        if self.is_first or self.entered or self.left or self.resized:
            return True
        return self.is_repointed or self.is_revalued

    @property
    def is_repointed(self) -> bool:
        """Whether another number of points goes to debt."""
        return self.points_before is None or round(self.points - self.points_before, 2) != 0

    @property
    def is_revalued(self) -> bool:
        """Whether the value is told with other digits."""
        return self.ux_value_before is None or _told(self.ux_value) != _told(self.ux_value_before)


class Failure(Value):
    """Something that an unattended run could not do.

    Attributes:
        scope: What it is about: `source jira`, `team checkout`, `notifier slack`, `run`.
        kind: Class of the error.
        what: The error's sentence.
        fix: What to do, one imperative sentence.
        exit_code: What the error alone would end the run with.
        team: The one team it is about; "" for none or all.
    """

    scope: str
    team: str = ""
    kind: str
    what: str
    fix: str
    exit_code: int

    @property
    def mark(self) -> str:
        """Tells it from other failures of its scope, whatever numbers it holds today."""
        text = f"{self.kind}\n{_NUMBER.sub('#', self.what)}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Notice(Value):
    """One message, before it takes a service's form. JSON of it is what a webhook gets.

    Attributes:
        id: The plan's digest; of failures, one digest over all of them.
        team: Whose plan; "" for failures that are not one team's.
        is_late: The sprint had started when it was planned.
        subject: One line.
        sentences: The message, one paragraph each.
        sections: Lists below it.
        change: Of a plan: what is new.
        failures: Of failures: all of them.
    """

    schema_version: Literal[1] = 1
    kind: NoticeKind
    id: str
    team: str = ""
    sprint: SprintRef | None = None
    plan_id: str = ""
    is_late: bool = False
    subject: str
    sentences: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    change: PlanChange | None = None
    failures: tuple[Failure, ...] = ()


def compare_plans(plan: Plan, last: Plan | None) -> PlanChange:
    """Return what changed since the last plan; None where nobody was told of one."""
    used = plan.capacity.reserve.used
    if last is None:
        return PlanChange(
            is_first=True,
            entered=tuple(_moved(one) for one in _in_order(plan)),
            points=used,
            ux_value=plan.ux_value,
        )
    now = {one.key: one for one in plan.chosen}
    before = {one.key: one for one in last.chosen}
    why = {one.key: one.detail for one in plan.passed_over}
    return PlanChange(
        is_first=False,
        entered=tuple(_moved(one) for one in _in_order(plan) if one.key not in before),
        left=tuple(
            _moved(one, why.get(one.key, "is not in the backlog any more"))
            for one in _in_order(last)
            if one.key not in now
        ),
        resized=tuple(
            _moved(one).model_copy(update={"points_before": before[one.key].points_now})
            for one in _in_order(plan)
            if one.key in before and round(one.points_now - before[one.key].points_now, 2) != 0
        ),
        points=used,
        points_before=last.capacity.reserve.used,
        ux_value=plan.ux_value,
        ux_value_before=last.ux_value,
    )


def failure_of(scope: str, error: DebtplanError, team: str = "") -> Failure:
    """Return an error as a failure of what it is about."""
    return Failure(
        scope=scope,
        team=team,
        kind=type(error).__name__,
        what=error.what,
        fix=error.fix,
        exit_code=error.exit_code,
    )


def failures_id(failures: Iterable[Failure]) -> str:
    """Return one digest over failures, in any order."""
    text = "\n".join(sorted(f"{one.scope}\t{one.mark}" for one in failures))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _moved(one: Chosen, detail: str = "") -> Moved:
    return Moved(key=one.key, title=one.title, url=one.url, points=one.points_now, detail=detail)


def _in_order(plan: Plan) -> list[Chosen]:
    return sorted(plan.chosen, key=lambda one: (one.order, one.key))


def _told(value: float) -> float:
    return float(f"{value:.2g}")
