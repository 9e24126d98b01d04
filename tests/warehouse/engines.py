"""Every engine, filled with events, behind its own runner."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from debtplan.warehouse.clickhouse import SETTINGS, ClickHouseRunner
from debtplan.warehouse.duckdb import DuckDbRunner
from debtplan.warehouse.options import WarehouseTable
from debtplan.warehouse.runner import Runner

Rows = Sequence[Mapping[str, Any]]
Open = Callable[[], Runner]
"""Connects anew; as often as it is asked."""

DUCKDB = {"text": "VARCHAR", "timestamp": "TIMESTAMPTZ", "double": "DOUBLE"}
ZONED = {"text": "text", "timestamp": "timestamptz", "double": "double precision"}


def fill(connection: Any, table: str, rows: Rows, fields: Mapping[str, str]) -> None:
    """Make a table of DuckDB and put the rows in, a column at a time."""
    columns = ", ".join(f'"{one}" {DUCKDB[kind]}' for one, kind in fields.items())
    connection.execute(f"CREATE TABLE {table} ({columns})")
    holes = ", ".join(f"unnest(?::{DUCKDB[kind]}[])" for kind in fields.values())
    values = [[row[one] for row in rows] for one in fields]
    connection.execute(f"INSERT INTO {table} SELECT {holes}", values)


@contextmanager
def duckdb(folder: Path, name: str, rows: Rows, fields: Mapping[str, str]) -> Iterator[Open]:
    """Yield DuckDB on a Parquet file."""
    import duckdb as library

    file = folder / f"{name}.parquet"
    connection = library.connect()
    connection.execute("SET TimeZone = 'UTC'")
    fill(connection, "events", rows, fields)
    connection.execute(f"COPY events TO '{file}'")
    connection.close()
    table = WarehouseTable(path=str(file), table=name)
    yield lambda: DuckDbRunner(table, folder, str(file))


@contextmanager
def postgres(url: str, name: str, rows: Rows, fields: Mapping[str, str]) -> Iterator[Open]:
    """Yield PostgreSQL on a server of our own."""
    import psycopg

    from debtplan.transport.access import Access
    from debtplan.transport.options import LineTable
    from debtplan.warehouse import connect

    columns = ", ".join(f'"{one}" {ZONED[kind]}' for one, kind in fields.items())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE TABLE "{name}" ({columns})')
        with connection.cursor().copy(f'COPY "{name}" FROM STDIN') as copy:
            for row in rows:
                copy.write_row([row[one] for one in fields])
    access = Access("w", {}, LineTable(), Path(), lambda: pytest.fail("no clock is needed"))
    yield lambda: connect("w", WarehouseTable(url=url, table=name), access)


@contextmanager
def clickhouse(folder: Path, name: str, rows: Rows, fields: Mapping[str, str]) -> Iterator[Open]:
    """Yield ClickHouse in this process, through chdb."""
    # It reads the zone when it is loaded, and knows zones by their names only.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        chdb = pytest.importorskip("chdb.session", reason="no chdb: install the group engines")
    types = {
        "text": "Nullable(String)",
        "timestamp": "Nullable(DateTime64(6, 'UTC'))",
        "double": "Nullable(Float64)",
    }
    session = chdb.Session(str(folder / "chdb"))
    session.query("CREATE DATABASE IF NOT EXISTS w ENGINE = Atomic")
    session.query("USE w")
    columns = ", ".join(f'"{one}" {types[kind]}' for one, kind in fields.items())
    session.query(f'CREATE TABLE "{name}" ({columns}) ENGINE = MergeTree ORDER BY tuple()')
    lines = "\n".join(",".join(_cell(row[one]) for one in fields) for row in rows)
    (folder / "rows.csv").write_text(lines + "\n", encoding="utf-8")
    place = folder / "rows.csv"
    session.query(f"INSERT INTO \"{name}\" FROM INFILE '{place}' FORMAT CSV")
    for key, value in SETTINGS.items():
        shown = f"'{value}'" if isinstance(value, str) else value
        session.query(f"SET {key} = {shown}")

    def ask(statement: str) -> list[Sequence[Any]]:
        import json

        if statement.startswith(("CREATE", "DROP")):
            session.query(statement)
            return []
        said = session.query(statement, "JSONCompactEachRow").bytes()
        return [json.loads(line) for line in said.decode().splitlines()]

    try:
        yield lambda: ClickHouseRunner(ask, lambda: None, "chdb", 60)
    finally:
        session.close()


def _cell(value: object) -> str:
    if value is None:
        return "\\N"
    if hasattr(value, "strftime"):
        return f'"{value:%Y-%m-%d %H:%M:%S.%f}"'
    return '"' + str(value).replace('"', '""') + '"'


@contextmanager
def spark(folder: Path, name: str, rows: Rows, fields: Mapping[str, str]) -> Iterator[Open]:
    """Yield Spark in this process, on the Parquet file that DuckDB wrote."""
    pytest.importorskip("pyspark", reason="no pyspark: install the group engines")
    from debtplan.transport.access import Access
    from debtplan.transport.options import LineTable
    from debtplan.warehouse.address import parse_address
    from debtplan.warehouse.spark import connect

    table = WarehouseTable(url="spark:local", table=name)
    access = Access("w", {}, LineTable(), Path(), lambda: pytest.fail("no clock is needed"))
    address = parse_address("spark:local", "w")
    with duckdb(folder, name, rows, fields):
        pass
    runner = connect(table, access, address)
    session = runner._session  # noqa: SLF001 - to fill it
    session.conf.set("spark.sql.shuffle.partitions", "2")
    session.conf.set("spark.sql.adaptive.enabled", "false")
    session.conf.set("spark.sql.codegen.wholeStage", "false")  # compiling takes longer than running
    session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
    session.read.parquet(str(folder / f"{name}.parquet")).createOrReplaceTempView(name)
    close, runner.close = runner.close, lambda: None  # type: ignore[method-assign]
    try:
        yield lambda: runner
    finally:
        close()
