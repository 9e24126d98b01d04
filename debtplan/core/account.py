"""The account of an unattended run: run.json, schema_version 1."""

from typing import Literal

from pydantic import AwareDatetime

from debtplan.core.notice import Delivery
from debtplan.core.plan import SprintRef
from debtplan.core.record import Value

SCHEMA_VERSION = 1


class SourceAccount(Value):
    """What one source gave in this run.

    Attributes:
        status: ok, partial, failed or shrunk.
        records: Records of it that are kept.
        skipped: Records that could not be used.
        added: Records that are new; with `changed` and `gone` 0 where the source failed.
    """

    name: str
    status: str
    records: int
    skipped: int
    added: int = 0
    changed: int = 0
    gone: int = 0
    detail: str = ""


class SprintAccount(Value):
    """What became of one sprint of one team.

    Attributes:
        sprint: None where not even that could be found out.
        is_late: It had started when it was planned.
        is_new: Whether the plan differs from the one before.
        is_approved: A person has approved the plan that stands; it is not replaced.
        files: What was written, or stands there unchanged.
        notified: By notifier, what became of its notice.
    """

    team: str
    sprint: SprintRef | None = None
    is_late: bool = False
    plan_id: str = ""
    digest: str = ""
    is_new: bool = False
    is_approved: bool = False
    files: tuple[str, ...] = ()
    notified: dict[str, Delivery] = {}
    errors: tuple[str, ...] = ()


class RunAccount(Value):
    """What a run did: run.json.

    Attributes:
        ended_at: None while it is at work, and for ever where it was ended by force.
        exit_code: None likewise.
        sources: In the order they were read.
        teams: A row per sprint that was planned; two for a team that had missed one.
        judged: What earlier plans promised and was judged now, in one line; "" for nothing.
        told: What became of the message about failures, by notifier.
        errors: What failed, with what to do; one sentence pair each.
    """

    schema_version: Literal[1] = 1
    debtplan_version: str
    started_at: AwareDatetime
    as_of: AwareDatetime
    ended_at: AwareDatetime | None = None
    exit_code: int | None = None
    sources: tuple[SourceAccount, ...] = ()
    teams: tuple[SprintAccount, ...] = ()
    judged: str = ""
    told: dict[str, Delivery] = {}
    errors: tuple[str, ...] = ()


def say_account(account: RunAccount) -> str:
    """Return a run in one line, for people and logs."""
    parts = [_say_sprint(one) for one in account.teams]
    parts += _say_sources(account)
    if account.judged:
        parts.append(account.judged)
    if account.told:
        parts.append(f"failures told: {_say_told(account.told)}")
    if account.errors:
        first = account.errors[0].split("\n")[0]
        more = f" (and {len(account.errors) - 1} more)" if len(account.errors) > 1 else ""
        parts.append(f"{first}{more}")
    code = "not ended" if account.exit_code is None else f"exit {account.exit_code}"
    return " | ".join((*parts, code))


def _say_sprint(one: SprintAccount) -> str:
    name = one.sprint.name if one.sprint else "no sprint"
    late = ", late" if one.is_late else ""
    if not one.plan_id:
        return f"{one.team}: no plan for {name}{late}"
    state = "approved, kept" if one.is_approved else "new" if one.is_new else "unchanged"
    told = f", {_say_told(one.notified)}" if one.notified else ""
    return f"{one.team}: plan for {name} {state}{late}{told}"


def _say_told(told: dict[str, Delivery]) -> str:
    return ", ".join(f"{name} {delivery}" for name, delivery in sorted(told.items()))


def _say_sources(account: RunAccount) -> list[str]:
    bad = [f"{one.name} {one.status}" for one in account.sources if one.status != "ok"]
    read = len(account.sources) - len(bad)
    said = f"{read} source{'' if read == 1 else 's'} read"
    return [", ".join((said, *bad))] if account.sources else []
