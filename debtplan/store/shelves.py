"""Every kind of record that is kept, each with its table."""

from typing import Any

from pydantic import BaseModel

from debtplan.core.capacity import ClosedSprint, OpenSprint
from debtplan.core.item import DebtItem
from debtplan.core.reading import Reading
from debtplan.core.source import Mark, Sighting, SourceState
from debtplan.store import table
from debtplan.store.shelf import Shelf

SOURCES = Shelf(SourceState, table.SOURCES, ["name"])
ITEMS = Shelf(DebtItem, table.ITEMS, ["key"])
READINGS = Shelf(Reading, table.READINGS, ["metric", "start_at", "end_at", "source"])
SPRINTS = Shelf(ClosedSprint, table.SPRINTS, ["team", "position", "id"])
OPEN_SPRINTS = Shelf(OpenSprint, table.OPEN_SPRINTS, ["team", "id"])
MARKS = Shelf(Mark, table.MARKS, ["source", "part"])
SIGHTINGS = Shelf(Sighting, table.SIGHTINGS, ["source", "id"])
ANSWERS = Shelf(table.KeptAnswer, table.ANSWERS, ["key"])
NOTICES = Shelf(table.KeptNotice, table.NOTICES, ["digest", "notifier"])
SKIPPED = Shelf(table.KeptSkip, table.SKIPPED, ["source", "position"])
PLANS = Shelf(table.KeptPlan, table.PLANS, ["created_at", "plan_id"])

KEPT: tuple[Shelf[Any], ...] = (SKIPPED, PLANS, MARKS, SIGHTINGS, ANSWERS, NOTICES)

GIVEN: dict[type[BaseModel], Shelf[Any]] = {
    DebtItem: ITEMS,
    Reading: READINGS,
    ClosedSprint: SPRINTS,
    OpenSprint: OPEN_SPRINTS,
}
