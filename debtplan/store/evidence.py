"""The part of the store that is about evidence; see `ports.EvidenceStore`."""

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import ColumnElement

from debtplan.core.forecast import Forecast
from debtplan.core.movement import Movement, Shift
from debtplan.core.note import Note
from debtplan.core.placebo import Placebo
from debtplan.core.release import Release
from debtplan.core.suggestion import LinkDecision
from debtplan.core.tally import Overlap, Tally
from debtplan.core.verdict import Verdict
from debtplan.store import table
from debtplan.store.database import Database
from debtplan.store.shelf import Shelf
from debtplan.store.shelves import (
    DECISIONS,
    FORECASTS,
    MOVEMENTS,
    NOTES,
    OVERLAPS,
    PLACEBOS,
    RELEASES,
    SHIFTS,
    TALLIES,
    VERDICTS,
)

R = TypeVar("R", bound=BaseModel)


class SqlEvidence:
    """Evidence, link decisions, forecasts and verdicts. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Use a database whose tables are there; `open_store` sees to it."""
        self._database = database

    def tallies(self) -> tuple[Tally, ...]:
        """See `EvidenceStore.tallies`."""
        return self._read(TALLIES)

    def overlaps(self) -> tuple[Overlap, ...]:
        """See `EvidenceStore.overlaps`."""
        return self._read(OVERLAPS)

    def notes(self) -> tuple[Note, ...]:
        """See `EvidenceStore.notes`."""
        return self._read(NOTES)

    def releases(self) -> tuple[Release, ...]:
        """See `EvidenceStore.releases`."""
        return self._read(RELEASES)

    def save_movements(self, movements: Iterable[Movement], shifts: Iterable[Shift]) -> None:
        """See `EvidenceStore.save_movements`."""
        moves, changes = MOVEMENTS.pack(movements), SHIFTS.pack(shifts)
        with self._database.writing() as connection:
            MOVEMENTS.remove(connection, MOVEMENTS.seals(connection))
            MOVEMENTS.add(connection, moves.values())
            SHIFTS.remove(connection, SHIFTS.seals(connection))
            SHIFTS.add(connection, changes.values())

    def movements(self) -> tuple[Movement, ...]:
        """See `EvidenceStore.movements`."""
        return self._read(MOVEMENTS)

    def shifts(self) -> tuple[Shift, ...]:
        """See `EvidenceStore.shifts`."""
        return self._read(SHIFTS)

    def decide_link(self, decision: LinkDecision) -> None:
        """See `EvidenceStore.decide_link`."""
        with self._database.writing() as connection:
            DECISIONS.put(connection, [decision])

    def forget_decision(self, item: str, metric: str) -> bool:
        """See `EvidenceStore.forget_decision`."""
        columns = table.DECISIONS.c
        mine = (columns.item == item, columns.metric == metric)
        with self._database.writing() as connection:
            found = DECISIONS.seals(connection, *mine)
            DECISIONS.remove(connection, found)
        return bool(found)

    def link_decisions(self) -> tuple[LinkDecision, ...]:
        """See `EvidenceStore.link_decisions`."""
        return self._read(DECISIONS)

    def save_forecasts(self, forecasts: Iterable[Forecast]) -> int:
        """See `EvidenceStore.save_forecasts`; of two with one key the first counts."""
        rows = FORECASTS.pack(reversed(tuple(forecasts)))
        if not rows:
            return 0
        with self._database.writing() as connection:
            held = FORECASTS.seals(connection, FORECASTS.among(rows))
            new = [row for key, row in rows.items() if key not in held]
            FORECASTS.add(connection, new)
        return len(new)

    def forecasts(self, team: str | None = None) -> tuple[Forecast, ...]:
        """See `EvidenceStore.forecasts`."""
        conditions = [] if team is None else [table.FORECASTS.c.team == team]
        return self._read(FORECASTS, *conditions)

    def save_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """See `EvidenceStore.save_verdicts`."""
        with self._database.writing() as connection:
            VERDICTS.put(connection, verdicts)

    def verdicts(self) -> tuple[Verdict, ...]:
        """See `EvidenceStore.verdicts`."""
        return self._read(VERDICTS)

    def save_placebos(self, placebos: Iterable[Placebo]) -> None:
        """See `EvidenceStore.save_placebos`."""
        rows = PLACEBOS.pack(placebos)
        with self._database.writing() as connection:
            PLACEBOS.remove(connection, PLACEBOS.seals(connection))
            PLACEBOS.add(connection, rows.values())

    def placebos(self) -> tuple[Placebo, ...]:
        """See `EvidenceStore.placebos`."""
        return self._read(PLACEBOS)

    def _read(self, shelf: Shelf[R], *conditions: ColumnElement[bool]) -> tuple[R, ...]:
        with self._database.reading() as connection:
            return shelf.read(connection, *conditions)
