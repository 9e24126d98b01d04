"""A tidy table as Parquet, through DuckDB in this process."""

import json
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from debtplan.core.tidy import Cell, Kind, Rows, Tidy
from debtplan.errors import InputError, UsageError

_TYPES: Mapping[Kind, str] = {
    Kind.TEXT: "VARCHAR",
    Kind.NUMBER: "DOUBLE",
    Kind.WHOLE: "BIGINT",
    Kind.ANSWER: "BOOLEAN",
    Kind.INSTANT: "TIMESTAMPTZ",
    Kind.DAY: "DATE",
}


def write_parquet(path: Path, table: Tidy, rows: Rows) -> None:
    """Write the table to a file beside its place, then move it there; same rows, same bytes.

    What is not known is NULL. Rows go in as JSON, never as SQL.

    Raises:
        InputError: The place cannot be written; what stood there stays.
        UsageError: DuckDB is not installed.
    """
    try:
        import duckdb  # noqa: PLC0415 - loaded where Parquet is written, and nowhere else
    except ImportError:
        what = "Parquet is written by duckdb, which is not installed."
        fix = "Run pip install 'debtplan[evidence]', or export with --format csv."
        raise UsageError(what, fix) from None
    types = ", ".join(f"{field.name!r}: {_TYPES[field.kind]!r}" for field in table.fields)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".debtplan-") as place:
            lines, made = Path(place) / "rows.json", Path(place) / path.name
            with lines.open("w", encoding="utf-8") as target:
                target.writelines(f"{json.dumps(_plain(row))}\n" for row in rows)
            with duckdb.connect() as connection:
                # One thread keeps the rows in order and the bytes the same.
                connection.execute("SET threads = 1; SET TimeZone = 'UTC'")
                relation = (
                    f"SELECT * FROM read_json({_literal(lines)}, format = 'newline_delimited', "  # noqa: S608 - our own names
                    f"columns = {{{types}}}, maximum_object_size = 67108864)"
                )
                connection.execute(f"COPY ({relation}) TO {_literal(made)} (FORMAT parquet)")
            made.replace(path)
    except (OSError, duckdb.Error) as error:
        cause = (getattr(error, "strerror", None) or str(error).splitlines()[0]).lower()
        what = f"{path} cannot be written: {cause}."
        raise InputError(what, "Choose another place, or free space and rights there.") from None


def _literal(path: Path) -> str:
    """Return a path as SQL writes texts."""
    return "'" + str(path).replace("'", "''") + "'"


def _plain(row: Mapping[str, Cell]) -> dict[str, str | float | int | bool | None]:
    return {name: _value(cell) for name, cell in row.items()}


def _value(cell: Cell) -> str | float | int | bool | None:
    if cell is None or isinstance(cell, str | float | int | bool):
        return cell
    return cell.astimezone(UTC).isoformat() if isinstance(cell, datetime) else cell.isoformat()
