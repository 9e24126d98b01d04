"""Every kind of record that is kept, each with its table."""

from typing import Any

from pydantic import BaseModel

from debtplan.core.capacity import ClosedSprint, OpenSprint
from debtplan.core.forecast import Forecast
from debtplan.core.item import DebtItem
from debtplan.core.movement import Movement, Shift
from debtplan.core.note import Note
from debtplan.core.placebo import Placebo
from debtplan.core.reading import Reading
from debtplan.core.release import Release
from debtplan.core.source import Mark, Sighting, SourceState
from debtplan.core.suggestion import LinkDecision
from debtplan.core.tally import Overlap, Tally
from debtplan.core.verdict import Verdict
from debtplan.store import table
from debtplan.store.shelf import Shelf

SOURCES = Shelf(SourceState, table.SOURCES, ["name"])
ITEMS = Shelf(DebtItem, table.ITEMS, ["key"])
READINGS = Shelf(Reading, table.READINGS, ["metric", "start_at", "end_at", "source"])
SPRINTS = Shelf(ClosedSprint, table.SPRINTS, ["team", "position", "id"])
OPEN_SPRINTS = Shelf(OpenSprint, table.OPEN_SPRINTS, ["team", "id"])
TALLIES = Shelf(Tally, table.TALLIES, ["metric", "dimension", "value", "source"])
OVERLAPS = Shelf(Overlap, table.OVERLAPS, ["flow", "step", "segment", "source"])
NOTES = Shelf(Note, table.NOTES, ["noted_on", "id"])
RELEASES = Shelf(Release, table.RELEASES, ["released_at", "id"])
MARKS = Shelf(Mark, table.MARKS, ["source", "part"])
SIGHTINGS = Shelf(Sighting, table.SIGHTINGS, ["source", "id"])
ANSWERS = Shelf(table.KeptAnswer, table.ANSWERS, ["key"])
NOTICES = Shelf(table.KeptNotice, table.NOTICES, ["digest", "notifier"])
SKIPPED = Shelf(table.KeptSkip, table.SKIPPED, ["source", "position"])
PLANS = Shelf(table.KeptPlan, table.PLANS, ["created_at", "plan_id"])
MOVEMENTS = Shelf(Movement, table.MOVEMENTS, ["leader", "follower"])
SHIFTS = Shelf(Shift, table.SHIFTS, ["metric", "on"])
DECISIONS = Shelf(LinkDecision, table.DECISIONS, ["item", "metric"])
FORECASTS = Shelf(Forecast, table.FORECASTS, ["frozen_at", "plan_id", "item", "metric"])
VERDICTS = Shelf(Verdict, table.VERDICTS, ["plan_id", "item", "metric"])
PLACEBOS = Shelf(Placebo, table.PLACEBOS, ["plan_id", "item", "metric"])

KEPT: tuple[Shelf[Any], ...] = (
    *(SKIPPED, PLANS, MARKS, SIGHTINGS, ANSWERS, NOTICES),
    *(MOVEMENTS, SHIFTS, DECISIONS, FORECASTS, VERDICTS, PLACEBOS),
)

GIVEN: dict[type[BaseModel], Shelf[Any]] = {
    DebtItem: ITEMS,
    Reading: READINGS,
    ClosedSprint: SPRINTS,
    OpenSprint: OPEN_SPRINTS,
    Tally: TALLIES,
    Overlap: OVERLAPS,
    Note: NOTES,
    Release: RELEASES,
}
