"""The line of a table that names its columns, perhaps below a title."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from debtplan.errors import InputError
from debtplan.files.column import Column, Layout, lay_out
from debtplan.files.options import FileTable

TITLES = 10
"""Lines that may stand above the header: a report's name, merged cells, blanks."""

_ENOUGH = 2
"""Columns that a line below the first must name, so that no row of data is taken for it."""


class Record(NamedTuple):
    """One record of the file; `cells` is None where it could not be split."""

    line: int
    cells: list[str] | None
    problem: str = ""


def find_header(
    records: Iterator[Record], name: str, table: FileTable, columns: Sequence[Column]
) -> tuple[Layout, list[Record]]:
    """Return the layout and the records below it that were read to find it.

    The first line that is not blank is the header, unless it names no column that is looked for
    and one of the next lines does.

    Raises:
        InputError: The file is empty, or the first line cannot be used and none below it can.
    """
    filled = (one for one in records if one.cells is None or any(map(str.strip, one.cells)))
    first = next(filled, None)
    if first is None:
        raise InputError(f"{name} is empty.", "Export it again with its header line.")
    if first.cells is None:
        raise InputError(f"{name} row {first.line}: {first.problem}.", "Correct the header line.")
    layout = _layout(first, name, table, columns)
    if isinstance(layout, Layout) and layout.chosen:
        return layout, []
    below = list(islice(filled, TITLES))
    for at, one in enumerate(below):
        found = _layout(one, name, table, columns) if one.cells else None
        if isinstance(found, Layout) and len(found.chosen) >= _ENOUGH:
            return found, below[at + 1 :]
    if isinstance(layout, InputError):
        raise layout
    return layout, below


def _layout(
    record: Record, name: str, table: FileTable, columns: Sequence[Column]
) -> Layout | InputError:
    try:
        return lay_out([cell.strip() for cell in record.cells or ()], name, table, columns)
    except InputError as error:
        return error
