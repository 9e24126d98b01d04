"""What finished items took: a CSV with one row an item, read for the spread of costs."""

from pathlib import Path

from debtplan.core.cost import Actual
from debtplan.core.item import Skipped
from debtplan.core.text import clean_line
from debtplan.files.column import Column
from debtplan.files.options import FileTable
from debtplan.files.row import Row
from debtplan.files.table import parse_rows

KEY_LIMIT = 200

COLUMNS = (
    Column("key", ("issue key", "issuekey", "issue", "id", "item"), required=True),
    Column(
        "estimate",
        ("estimated", "points", "story points", "original estimate", "planned"),
        required=True,
    ),
    Column("actual", ("spent", "time spent", "actual points", "took", "effort"), required=True),
)
"""What is read of a row, and the headers that are recognised without a column map."""


class ActualsTable(FileTable):
    """`[team.NAME] actuals = {...}`: what finished items took, in the unit of the capacity."""


def read_actuals(
    table: ActualsTable | None, folder: Path
) -> tuple[tuple[Actual, ...], tuple[Skipped, ...]]:
    """Return finished items with estimate and actual, and rows that could not be used.

    A row without either says nothing and is passed over in silence; of two rows with one key the
    later counts.

    Raises:
        InputError: The file cannot be used at all.
    """
    if table is None:
        return (), ()
    found: dict[str, Actual] = {}
    skipped: list[Skipped] = []
    for one in parse_rows(table, folder, COLUMNS, _parse):
        if isinstance(one, Skipped):
            skipped.append(one)
        elif one is not None:
            found[one.key] = one
    return tuple(found[key] for key in sorted(found)), tuple(skipped)


def _parse(row: Row) -> Actual | None:
    """Return what a row says of an item; None where a number is missing.

    Raises:
        CellError: A number is none, or not above 0.
    """
    key = clean_line(row.text("key"), limit=KEY_LIMIT)
    estimate, actual = (row.number(name, at_least=0) for name in ("estimate", "actual"))
    if not key or estimate is None or actual is None:
        return None
    for name, number in (("estimate", estimate), ("actual", actual)):
        if number == 0:
            raise row.refuse(
                name, "0; what took nothing, or was estimated at nothing, has no ratio"
            )
    return Actual(key=key, estimate=estimate, actual=actual)
