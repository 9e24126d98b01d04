"""Days off as a file says them, before anybody has looked whom they are about."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from debtplan.core.exact import exact
from debtplan.core.item import Skipped
from debtplan.files.cell import is_unknown, parse_number
from debtplan.files.column import Column
from debtplan.files.moment import parse_day
from debtplan.files.options import FileTable
from debtplan.files.row import CellError, Row
from debtplan.files.table import parse_rows

COLUMNS = (
    Column(
        "person",
        ("name", "member", "team member", "employee", "employee name", "full name", "who", "email"),
        required=True,
    ),
    Column(
        "start_on",
        ("from", "start", "start date", "startdate", "start_date", "first day", "date", "day"),
        required=True,
    ),
    Column("end_on", ("to", "until", "end", "end date", "enddate", "end_date", "last day")),
    Column("part", ("share", "part of day", "half", "half day", "portion")),
    Column("days", ("number of days", "total days", "working days", "amount")),
)  # fmt: skip
"""What is read of a row, and the headers that are recognised without a column map."""

HALF = Fraction(1, 2)

_PARTS = {
    "am": (Fraction(0), HALF),
    "morning": (Fraction(0), HALF),
    "pm": (HALF, Fraction(1)),
    "afternoon": (HALF, Fraction(1)),
    "yes": (Fraction(0), HALF),
    "true": (Fraction(0), HALF),
    "half": (Fraction(0), HALF),
    "half day": (Fraction(0), HALF),
    "no": (Fraction(0), Fraction(1)),
    "false": (Fraction(0), Fraction(1)),
    "full": (Fraction(0), Fraction(1)),
    "full day": (Fraction(0), Fraction(1)),
    "all day": (Fraction(0), Fraction(1)),
}
"""Words for a part of the working day; yes and no answer whether it is half a day."""

_HIDDEN = "..."
"""Stands for a cell in messages: days off are about people, and messages reach the plan."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Days off of somebody.

    Attributes:
        ref: Where it stands: `FILE row 12`, `FILE event 3`.
        people: Whom it is about, each by all names and addresses; empty where nobody is named.
        text: A sentence that may hold a name.
        start_on: First day.
        end_on: Last day.
        begin: Start in each working day, in [0, 1].
        end: End, likewise.
        days: Working days that it takes in all; None is every one of them.
    """

    ref: str
    start_on: date
    end_on: date
    people: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    begin: Fraction = Fraction(0)
    end: Fraction = Fraction(1)
    days: Fraction | None = None


def read_absences(
    table: FileTable, folder: Path, *, is_everyone: bool = False
) -> Iterator[Absence | Skipped]:
    """Yield the days off of a delimited file, a row each.

    Args:
        table: The file and how to read it.
        folder: Where relative paths start.
        is_everyone: Whether a file need not say whom its rows are about.

    Raises:
        InputError: The file cannot be used at all, or a row where `on_error` is "stop".
    """
    person, *others = COLUMNS
    columns = (replace(person, required=not is_everyone), *others)
    yield from parse_rows(table, folder, columns, _parse)


def _parse(row: Row) -> Absence:
    """Return the days off of a row.

    Raises:
        CellError: A cell that cannot be used; its value is not told.
    """
    start_on = _day(row, "start_on")
    if start_on is None:
        raise _refuse(row, "start_on", "empty: the first day is not known")
    end_on = _day(row, "end_on") or start_on
    if end_on < start_on:
        raise _refuse(row, "end_on", "before the first day")
    begin, end = _part(row)
    days = _number(row, "days")
    if days is not None and days <= 0:
        raise _refuse(row, "days", "not above 0")
    person = row.text("person").strip()
    return Absence(
        ref=row.ref,
        start_on=start_on,
        end_on=end_on,
        people=((person,),) if person else (),
        begin=begin,
        end=end,
        days=days,
    )


def _day(row: Row, name: str) -> date | None:
    try:
        return parse_day(row.text(name), row.layout.dates)
    except ValueError as error:
        raise _refuse(row, name, str(error)) from None


def _part(row: Row) -> tuple[Fraction, Fraction]:
    """Return where in the day it begins and ends; a mere share begins with the day."""
    said = row.text("part").strip().casefold()
    if is_unknown(said):
        return Fraction(0), Fraction(1)
    if said in _PARTS:
        return _PARTS[said]
    number = _number(row, "part", said.removesuffix("%"))
    share = (number or Fraction(0)) / (100 if said.endswith("%") else 1)
    if not 0 < share <= 1:
        raise _refuse(row, "part", "no part of a day: write 0.5, am or pm")
    return Fraction(0), share


def _number(row: Row, name: str, said: str | None = None) -> Fraction | None:
    try:
        found = parse_number(row.text(name) if said is None else said, row.layout.decimal)
    except ValueError as error:
        raise _refuse(row, name, str(error)) from None
    return None if found is None else exact(found)


def _refuse(row: Row, name: str, problem: str) -> CellError:
    return CellError(row.layout.chosen.get(name, name), _HIDDEN, problem)
