"""What people said or did: interviews, usability tests, quotes of support. Redacted when read."""

from datetime import date

from pydantic import model_validator
from sqlmodel import Field

from debtplan.core.link import EvidenceKind
from debtplan.core.record import Stored


class Note(Stored):
    """One observation, of several people.

    Attributes:
        id: Unique over all notes.
        method: How it was learned: `interview`, `usability_test`, `survey`, `tickets`, `opinion`.
        noted_on: Day of it.
        seen: People that showed or said it, 1 or more.
        of: People that were looked at, `seen` or more; None where nobody counted.
        severity: 0 no problem, 1 cosmetic, 2 minor, 3 major, 4 catastrophe (Nielsen 1994).
        flow, step, segment, metric, item: What it is about, "" where not said; a note that names an
            item and a metric opens a link at grade E, one that names a metric or a place
            corroborates the links there.
        text: What was seen or said, personal data taken out.
        contradicts: Whether it speaks against a link instead of for it.
        source: Name of the `[notes.NAME]` table.
    """

    id: str = Field(primary_key=True)
    method: EvidenceKind
    noted_on: date
    seen: int = Field(default=1, ge=1)
    of: int | None = Field(default=None, ge=1)
    severity: int | None = Field(default=None, ge=0, le=4)
    flow: str = ""
    step: str = ""
    segment: str = ""
    metric: str = ""
    item: str = ""
    text: str = ""
    contradicts: bool = False
    source: str = ""

    @model_validator(mode="after")
    def _check(self) -> "Note":
        if self.of is not None and self.of < self.seen:
            msg = f"{self.seen} of {self.of} people"
            raise ValueError(msg)
        return self
