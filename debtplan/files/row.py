"""One row of a table, asked by our names."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from debtplan.core.text import clean_line
from debtplan.files.cell import is_unknown, parse_number, split_list
from debtplan.files.column import Layout
from debtplan.files.moment import parse_day, parse_instant

T = TypeVar("T")
_SHOWN = 60


class CellError(ValueError):
    """A cell cannot be used; `str()` names column and value and says what is wrong."""

    def __init__(self, column: str, value: str, problem: str) -> None:
        """Put the three into one phrase that can follow the row."""
        named, shown = (clean_line(one[: 4 * _SHOWN], limit=_SHOWN) for one in (column, value))
        super().__init__(f"column {named!r}: {shown!r} is {problem}")


@dataclass(frozen=True)
class Row:
    """A row as it stands in the file.

    Attributes:
        file: Name of the file, as in the settings.
        line: Number of the line the row begins at, the header's first line being 1.
        cells: As in the file.
    """

    file: str
    line: int
    cells: tuple[str, ...]
    layout: Layout

    @property
    def ref(self) -> str:
        """`FILE row 12`."""
        return f"{self.file} row {self.line}"

    def names(self, prefix: str) -> tuple[str, ...]:
        """Return our names that begin so and that this file has."""
        return tuple(name for name in self.layout.parts if name.startswith(prefix))

    def has(self, name: str) -> bool:
        """Tell whether the file has a column for it."""
        return name in self.layout.parts

    def first(self, header: str) -> str:
        """Return the cell of a column by the file's own name for it."""
        return self.cells[self.layout.positions[header][0]]

    def text(self, name: str) -> str:
        """Return the cell as it stands, "" where it is not known; several with a blank line."""
        return "\n\n".join(cell for cell in self._cells(name) if not is_unknown(cell))

    def many(self, name: str) -> tuple[str, ...]:
        """Return a list: one value a cell where the header repeats, else the cell's parts."""
        cells = [cell for cell in self._cells(name) if not is_unknown(cell)]
        if len(self._parts(name)) > 1:
            return tuple(cell.strip() for cell in cells)
        return tuple(part for cell in cells for part in split_list(cell) if not is_unknown(part))

    def number(self, name: str, *, at_least: float | None = None) -> float | None:
        """Return the number, or the sum of the columns it is made of; None where any is unknown.

        Raises:
            CellError: A cell is no finite number, or the sum is below `at_least`.
        """
        parts = self._parts(name)
        found = [self._one(at, self._number) for at, _ in parts]
        known = [value for value in found if value is not None]
        if not parts or len(known) < len(parts):
            return None
        total = sum(factor * value for (_, factor), value in zip(parts, known, strict=True))
        if at_least is not None and total < at_least:
            shown = self._cells(name)[0] if len(parts) == 1 else f"{total:g}"
            low = "negative" if at_least == 0 else f"below {at_least:g}"
            raise CellError(self.layout.chosen[name], shown.strip(), low)
        return total

    def share(self, name: str) -> float | None:
        """Return a number of 0 or more; "5.2%" is 0.052.

        Raises:
            CellError: The cell is no finite number, or negative.
        """
        parts, cells = self._parts(name), self._cells(name)
        if len(parts) != 1 or not cells[0].strip().endswith("%"):
            return self.number(name, at_least=0)
        value = self._one(parts[0][0], lambda cell: self._number(cell.strip().removesuffix("%")))
        if value is not None and value < 0:
            raise CellError(self.layout.header[parts[0][0]], cells[0], "negative")
        return None if value is None else round(value / 100, 12)

    def count(self, header: str) -> float | None:
        """Return the number, 0 or more, under one of the file's own headers.

        Raises:
            CellError: The cell is no finite number, or negative.
        """
        at = self.layout.positions[header][0]
        value = self._one(at, self._number)
        if value is not None and value < 0:
            raise CellError(header, self.cells[at], "negative")
        return value

    def instant(self, name: str) -> datetime | None:
        """Return an instant as aware UTC.

        Raises:
            CellError: The cell is no date.
        """
        return self._read(name, lambda cell: parse_instant(cell, self.layout.dates))

    def day(self, name: str) -> date | None:
        """Return a day.

        Raises:
            CellError: The cell is no date.
        """
        return self._read(name, lambda cell: parse_day(cell, self.layout.dates))

    def refuse(self, name: str, problem: str) -> CellError:
        """Return the error for a value of ours that cannot be used; `problem` follows "is"."""
        return CellError(self.layout.chosen.get(name, name), self.text(name), problem)

    def _parts(self, name: str) -> tuple[tuple[int, int], ...]:
        """Return where it stands: the first further column that says something, if only that."""
        parts = self.layout.parts.get(name, ())
        others = self.layout.others.get(name, ())
        if others and all(is_unknown(self.cells[at]) for at, _ in parts):
            return next((((at, 1),) for at in others if not is_unknown(self.cells[at])), parts)
        return parts

    def _cells(self, name: str) -> list[str]:
        return [self.cells[at] for at, _ in self._parts(name)]

    def _number(self, cell: str) -> float | None:
        return parse_number(cell, self.layout.decimal)

    def _read(self, name: str, parse: Callable[[str], T | None]) -> T | None:
        parts = self._parts(name)
        return self._one(parts[0][0], parse) if parts else None

    def _one(self, at: int, parse: Callable[[str], T | None]) -> T | None:
        try:
            return parse(self.cells[at])
        except ValueError as error:
            raise CellError(self.layout.header[at], self.cells[at], str(error)) from None
