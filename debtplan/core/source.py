"""What a source last said: when it was read, whether it worked, how much it gave."""

from enum import StrEnum

from pydantic import AwareDatetime
from sqlmodel import Field

from debtplan.core.record import Stored, Value


class SourceStatus(StrEnum):
    """How the last reading of a source ended."""

    OK = "ok"
    PARTIAL = "partial"
    """Some records could not be used; they are listed as skipped."""
    FAILED = "failed"
    """The source could not be read; what it gave before is kept."""


class SourceState(Stored):
    """One source of items, readings or sprints.

    Attributes:
        name: As in the settings: `jira`, `csv`, `prometheus`.
        fetched_at: When it was last read with success; None if never.
        records: Records it gave then.
        skipped: Records that could not be used.
        detail: One sentence for people.
    """

    name: str = Field(primary_key=True)
    fetched_at: AwareDatetime | None = None
    status: SourceStatus = SourceStatus.OK
    records: int = Field(default=0, ge=0)
    skipped: int = Field(default=0, ge=0)
    detail: str = ""


class Changes(Value):
    """What saving a source changed.

    Attributes:
        gone: Keys of what the source gave before and no longer gives, sorted.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    gone: tuple[str, ...] = ()
