"""Closed sprints from a CSV file."""

from collections.abc import Iterator
from pathlib import Path

from debtplan.core.capacity import ClosedSprint
from debtplan.core.item import ItemState, Skipped
from debtplan.core.text import clean_line
from debtplan.files.column import Column
from debtplan.files.row import Row
from debtplan.files.table import parse_rows
from debtplan.sources.intake import NAME_LIMIT, clean_key
from debtplan.sources.options import SprintTable
from debtplan.sources.sprints import Placed, settle_sprints
from debtplan.sources.state import state_of_word

COLUMNS = (
    Column("id", ("sprintid", "sprint id", "sprint_id", "sprint", "iteration", "iteration path")),
    Column("name", ("sprint name", "title")),
    Column("board", ("boardid", "board id", "board_id", "team")),
    Column("position", ("number", "order")),
    Column("start_on", ("start", "start date", "startdate", "start_date", "started")),
    Column("end_on", ("end", "end date", "enddate", "end_date", "closed", "completedate")),
    Column("committed", ("commitment", "committed points", "planned", "planned points")),
    Column("completed", ("completed points", "done", "done points", "velocity", "delivered")),
    Column("debt_points", ("debt", "debt points")),
    Column("state", ("status",)),
)
"""What is read of a row, and the headers that are recognised without a column map."""

_CLOSED = frozenset({"", "closed", "complete", "completed", "done", "ended", "finished", "past"})


class CsvSprints:
    """See `SprintSource`. Without dates and `position` the order of the file counts."""

    def __init__(self, name: str, table: SprintTable, folder: Path) -> None:
        self.name = name
        self._table = table
        self._folder = folder

    def closed_sprints(self) -> Iterator[ClosedSprint | Skipped]:
        """See `SprintSource.closed_sprints`."""
        found = list(parse_rows(self._table, self._folder, COLUMNS, self._read))
        yield from settle_sprints(found, self._table)
        placed = [one for one in found if isinstance(one, Placed)]
        if not found:
            yield Skipped(ref=self._table.path, reason=_NO_ROWS)
        elif placed and all(one.sprint.completed is None for one in placed):
            yield Skipped(ref=self._table.path, reason=_NO_POINTS)

    def _read(self, row: Row) -> Placed | Skipped:
        return parse_sprint(row, self.name)


_NO_ROWS = "holds no sprints: a header, and no row that `where` lets through; check the export"


_NO_POINTS = (
    "says of no sprint what was completed, so none counts for the velocity; name the column: "
    'columns = { completed = "HEADER" }'
)


def parse_sprint(row: Row, team: str) -> Placed | Skipped:
    """Return the sprint of a row, or why it does not count.

    Raises:
        CellError: A number or a date of the row is none, or is below 0.
    """
    name = clean_line(row.text("name"), limit=NAME_LIMIT)
    sprint_id = clean_key(row.text("id")) or name
    if not sprint_id:
        raise row.refuse("id", "no sprint: it needs an id or a name")
    state = row.text("state").strip().casefold()
    if state not in _CLOSED and state_of_word(state) is not ItemState.DONE:
        said = clean_line(state, limit=60)
        return Skipped(ref=f"{row.ref} ({name or sprint_id})", reason=f"is {said}, not closed")
    start_on, end_on = row.day("start_on"), row.day("end_on")
    if start_on and end_on and end_on < start_on:
        raise row.refuse("end_on", f"before its start on {start_on}")
    position = row.number("position", at_least=0)
    sprint = ClosedSprint(
        team=team,
        id=sprint_id,
        name=name,
        position=row.line if position is None else int(position),
        start_on=start_on,
        end_on=end_on,
        committed=row.number("committed", at_least=0),
        completed=row.number("completed", at_least=0),
        debt_points=row.number("debt_points", at_least=0),
    )
    return Placed(row.ref, clean_key(row.text("board")), sprint)
