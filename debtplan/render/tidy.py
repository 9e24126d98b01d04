"""A tidy table as CSV. Opens safely in a spreadsheet."""

import csv
from datetime import UTC, datetime
from io import StringIO

from debtplan.core.tidy import Cell, Rows, Tidy
from debtplan.render.csv import safe_cell


def render_tidy(table: Tidy, rows: Rows) -> str:
    """Return the table as CSV (RFC 4180): UTF-8, CRLF, a header; what is not known is empty.

    Numbers have a point and all the digits they need, instants are ISO 8601 in UTC. A text that
    would start a formula has an apostrophe in front.
    """
    target = StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    names = [field.name for field in table.fields]
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in rows)
    return target.getvalue()


def _cell(cell: Cell) -> str:
    if cell is None or isinstance(cell, str):
        return safe_cell(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return repr(cell).removesuffix(".0")
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(cell)
