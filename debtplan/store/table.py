"""The tables. They inherit from the core's records, so no field is declared twice."""

from typing import ClassVar

from pydantic import AwareDatetime, ConfigDict
from sqlalchemy import JSON, BigInteger, Enum, Integer, LargeBinary, MetaData, String, Table
from sqlmodel import AutoString, Field, SQLModel

from debtplan.core.capacity import ClosedSprint, OpenSprint
from debtplan.core.forecast import Forecast
from debtplan.core.item import DebtItem
from debtplan.core.movement import Movement, Shift
from debtplan.core.note import Note
from debtplan.core.placebo import Placebo
from debtplan.core.reading import Reading
from debtplan.core.record import Stored
from debtplan.core.release import Release
from debtplan.core.source import Mark, Sighting, SourceState
from debtplan.core.suggestion import LinkDecision
from debtplan.core.tally import Overlap, Tally
from debtplan.core.verdict import Verdict

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


class KeptPlan(Stored):
    """A plan with what it is found by.

    Attributes:
        document: plan.json, as it was made.
    """

    plan_id: str = Field(primary_key=True)
    digest: str
    team: str
    sprint_id: str
    created_at: AwareDatetime
    approved_at: AwareDatetime | None = None
    approved_by: str | None = None
    document: str


class KeptSkip(Stored):
    """A `Skipped` with its place among those of its source.

    `Skipped` itself is no table model, for it stands inside other documents too.
    """

    source: str = Field(primary_key=True, foreign_key="source.name")
    position: int = Field(primary_key=True)
    ref: str
    reason: str


class KeptAnswer(Stored):
    """An answer of a service, to ask next time whether it still holds.

    Attributes:
        key: Digest of address and credential.
    """

    key: str = Field(primary_key=True)
    etag: str
    content: bytes = Field(sa_type=LargeBinary)


class KeptNotice(Stored):
    """That a notifier was given a plan; `is_sent` once it took it."""

    digest: str = Field(primary_key=True)
    notifier: str = Field(primary_key=True)
    is_sent: bool = False


class _Row(SQLModel):
    """What every row has beside its record.

    Attributes:
        seal: Checksum of the row, so that a changed byte is noticed; see `shelf`.
    """

    metadata: ClassVar[MetaData] = METADATA
    model_config = ConfigDict(frozen=False)  # type: ignore[assignment]

    seal: str


class _GivenRow(_Row):
    """What every row has that a source gave.

    Attributes:
        given_by: The source's name; `source` of a record is what the record says itself.
    """

    given_by: str = Field(foreign_key="source.name", index=True)


class SourceRow(_Row, SourceState, table=True):
    """How the last reading of each source ended."""

    __tablename__ = "source"


class ItemRow(_GivenRow, DebtItem, table=True):
    """Items of all sources."""

    __tablename__ = "item"


class ReadingRow(_GivenRow, Reading, table=True):
    """Readings of all sources."""

    __tablename__ = "reading"


class SprintRow(_GivenRow, ClosedSprint, table=True):
    """Closed sprints of all sources."""

    __tablename__ = "closed_sprint"


class OpenSprintRow(_GivenRow, OpenSprint, table=True):
    """Sprints that run or are to come, of all sources."""

    __tablename__ = "open_sprint"


class TallyRow(_GivenRow, Tally, table=True):
    """Sessions with and without each mark, of all warehouses."""

    __tablename__ = "tally"


class OverlapRow(_GivenRow, Overlap, table=True):
    """How far metrics of one place frustrate the same sessions, of all warehouses."""

    __tablename__ = "overlap"


class NoteRow(_GivenRow, Note, table=True):
    """Notes of all sources."""

    __tablename__ = "note"


class ReleaseRow(_GivenRow, Release, table=True):
    """Releases of all sources."""

    __tablename__ = "release"


class MarkRow(_Row, Mark, table=True):
    """How far the parts of live sources are read."""

    __tablename__ = "mark"


class SightingRow(_Row, Sighting, table=True):
    """Records that live sources have."""

    __tablename__ = "sighting"


class AnswerRow(_Row, KeptAnswer, table=True):
    """Answers with their ETag."""

    __tablename__ = "answer"


class NoticeRow(_Row, KeptNotice, table=True):
    """Notices of plans."""

    __tablename__ = "notice"


class SkippedRow(_Row, KeptSkip, table=True):
    """What could not be used, until its source is read again."""

    __tablename__ = "skipped"


class PlanRow(_Row, KeptPlan, table=True):
    """Plans that were made."""

    __tablename__ = "plan"


class MovementRow(_Row, Movement, table=True):
    """Metrics that move together."""

    __tablename__ = "movement"


class ShiftRow(_Row, Shift, table=True):
    """Days on which levels changed."""

    __tablename__ = "shift"


class DecisionRow(_Row, LinkDecision, table=True):
    """What people decided on links."""

    __tablename__ = "link_decision"


class ForecastRow(_Row, Forecast, table=True):
    """What approved plans promised."""

    __tablename__ = "forecast"


class VerdictRow(_Row, Verdict, table=True):
    """What came of it."""

    __tablename__ = "verdict"


class PlaceboRow(_Row, Placebo, table=True):
    """What metrics did where promised work did not come."""

    __tablename__ = "placebo"


def _settle_types(table: Table) -> Table:
    """Give columns the types that both databases keep without loss.

    A word list is text (PostgreSQL's own enum types cannot lose a word again), an absent document
    is NULL and not the document `null`, and whole numbers have 64 bits.
    """
    for column in table.columns:
        if isinstance(column.type, Enum | AutoString):
            column.type = String()
        elif isinstance(column.type, JSON):
            column.type = JSON(none_as_null=True)
        elif isinstance(column.type, Integer):
            column.type = BigInteger()
    return table


SOURCES, ITEMS, READINGS, SPRINTS, OPEN_SPRINTS, SKIPPED, PLANS = (
    _settle_types(METADATA.tables[name])
    for name in ("source", "item", "reading", "closed_sprint", "open_sprint", "skipped", "plan")
)
MARKS, SIGHTINGS, ANSWERS, NOTICES = (
    _settle_types(METADATA.tables[name]) for name in ("mark", "sighting", "answer", "notice")
)
TALLIES, OVERLAPS, NOTES, RELEASES = (
    _settle_types(METADATA.tables[name]) for name in ("tally", "overlap", "note", "release")
)
MOVEMENTS, SHIFTS, DECISIONS, FORECASTS, VERDICTS, PLACEBOS = (
    _settle_types(METADATA.tables[name])
    for name in ("movement", "shift", "link_decision", "forecast", "verdict", "placebo")
)
