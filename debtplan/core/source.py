"""What a source last said: when it was read, how far, whether it worked, how much it gave."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from pydantic import AwareDatetime
from sqlmodel import Field

from debtplan.core.capacity import ClosedSprint, OpenSprint
from debtplan.core.item import DebtItem, Skipped
from debtplan.core.note import Note
from debtplan.core.reading import Reading
from debtplan.core.record import Stored, Value
from debtplan.core.release import Release
from debtplan.core.tally import Overlap, Tally

Record: TypeAlias = (
    DebtItem | Reading | ClosedSprint | OpenSprint | Tally | Overlap | Note | Release
)
"""What sources give and the store keeps."""


class SourceStatus(StrEnum):
    """How the last reading of a source ended."""

    OK = "ok"
    PARTIAL = "partial"
    """Some records could not be used; they are listed as skipped."""
    FAILED = "failed"
    """The source could not be read; what it gave before is kept."""
    SHRUNK = "shrunk"
    """So much vanished at once that nobody should plan before a person has looked; all is kept."""


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

    def __add__(self, more: "Changes") -> "Changes":
        """Return both as one."""
        return Changes(
            added=self.added + more.added,
            updated=self.updated + more.updated,
            unchanged=self.unchanged + more.unchanged,
            gone=(*self.gone, *more.gone),
        )


class Mark(Stored):
    """How far one part of a live source has been read.

    Attributes:
        source: Name of the source.
        part: What is walked by itself: a project, a repository, a metric, a board.
        scope: What was asked for there; where the settings ask for something else, it is read anew.
        since: Every change before this instant is in the store; None before the first walk ended.
        resume: Where a walk that broke off goes on, in the source's own terms; "" at a beginning.
        newest: Latest change that the present walk has seen, by the service's clock.
    """

    source: str = Field(primary_key=True, foreign_key="source.name")
    part: str = Field(primary_key=True)
    scope: str = ""
    since: AwareDatetime | None = None
    resume: str = ""
    newest: AwareDatetime | None = None


class Sighting(Stored):
    """A record that a live source has: by it, what was deleted, moved or hidden is noticed.

    Attributes:
        id: The tracker's own id, which stays when the key changes.
        key: Key of the item it became; "" where it became none (a pull request).
        missing: Times in a row that a census did not find it.
    """

    source: str = Field(primary_key=True, foreign_key="source.name")
    id: str = Field(primary_key=True)
    part: str = Field(index=True)
    key: str = ""
    missing: int = Field(default=0, ge=0)


class Fate(StrEnum):
    """What became of a record that a census did not find."""

    HERE = "here"
    """It is there; the service's index lags behind."""
    LEFT = "left"
    """It is there, and no longer what the settings ask for: another project, another label."""
    GONE = "gone"
    """The service does not know it, or hides it from everyone."""
    HIDDEN = "hidden"
    """This token may no longer see it; that says nothing of its being there."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one page of a live source gave; kept whole, with its mark, or not at all.

    Attributes:
        records: Items, readings or sprints, and what could not be used.
        sightings: (id, key) of every record on the page, those that became no item among them.
        newest: Latest change on the page, by the service's clock; None where it says none.
        resume: Where to go on after this page, in the source's own terms.
        is_ordered: Whether everything changed before `newest` has been given by now: a walk that
            breaks off then goes on from there, without `resume`.
        tells_ahead: Whether its open sprints are all there are: others are no longer open.
        cleared: Refs of what was skipped before and is no longer, unless a record says it again.
    """

    records: tuple[Record | Skipped, ...]
    sightings: tuple[tuple[str, str], ...] = ()
    newest: datetime | None = None
    resume: str = ""
    is_ordered: bool = True
    tells_ahead: bool = False
    cleared: tuple[str, ...] = ()


class Probe(Value):
    """One thing that `debtplan doctor` looked at.

    Attributes:
        part: What it belongs to: `jira`, `store`, `metrics`.
        what: One sentence, or a phrase that follows the part's name.
        fix: What to do; "" where nothing is to be done.
    """

    part: str
    is_well: bool
    what: str
    fix: str = ""
