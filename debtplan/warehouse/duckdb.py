"""Files and DuckDB databases, through DuckDB in this process; nothing is written to them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from glob import glob, has_magic
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any

from sqlglot import exp

from debtplan.core.text import clean_line
from debtplan.errors import DebtplanError, InputError, SourceError
from debtplan.transport.access import Access
from debtplan.warehouse.address import Address
from debtplan.warehouse.driver import library
from debtplan.warehouse.options import WarehouseTable
from debtplan.warehouse.runner import Row
from debtplan.warehouse.tongue import Tongue

DATABASES = (".duckdb", ".db", ".ddb")


def _micros(value: exp.Expr, _type: str) -> exp.Expr:
    moment = exp.TryCast(this=value, to=exp.DataType.build("timestamptz"))
    return exp.func("epoch_us", moment, dialect="duckdb")


def _collect(value: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """Return `LIST_DISTINCT(LIST(value) FILTER (...))`: four times as fast as `LIST(DISTINCT)`."""
    every = exp.Anonymous(this="list", expressions=[value])
    found = exp.Filter(this=every, expression=exp.Where(this=condition))
    return exp.Anonymous(this="list_distinct", expressions=[found])


DUCKDB = Tongue("duckdb", micros=_micros, collect=_collect)


class DuckDbRunner:
    """See `Runner`."""

    tongue = DUCKDB

    def __init__(self, table: WarehouseTable, folder: Path, path: str) -> None:
        """Open the files; relative paths start from `folder`.

        Raises:
            InputError: There are none, or they cannot be read.
        """
        self.place = path
        self._timeout_s = table.timeout_s
        self._duckdb = library("duckdb")
        self._spill = _room(table.temp_directory)
        self._connection = self._duckdb.connect()
        try:
            with self._told():
                self._limit(table)
                self._attach(table, _files(folder, path))
        except DebtplanError:
            self.close()
            raise

    def columns(self, table: exp.Table) -> Mapping[str, str]:
        """See `Runner.columns`."""
        query = exp.select("*").from_(table.copy()).limit(0)
        with self._told():
            found = self._connection.execute(f"DESCRIBE {self.tongue.write(query)}").fetchall()
        return {str(row[0]): str(row[1]) for row in found}

    def rows(self, query: exp.Query) -> list[Row]:
        """See `Runner.rows`."""
        return self._run(self.tongue.write(query))

    def stage(self, name: str, query: exp.Query) -> bool:
        """See `Runner.stage`."""
        made = exp.Create(
            this=exp.to_table(name),
            kind="TABLE",
            expression=query,
            replace=True,
            properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
        )
        self._run(self.tongue.write(made))
        return True

    def close(self) -> None:
        """See `Runner.close`."""
        self._connection.close()
        self._spill.cleanup()

    def _run(self, statement: str) -> list[Row]:
        timer = Timer(self._timeout_s, self._connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            with self._told():
                found: list[Row] = self._connection.execute(statement).fetchall()
                return found
        finally:
            timer.cancel()

    def _limit(self, table: WarehouseTable) -> None:
        settings: dict[str, Any] = {
            "memory_limit": table.memory_limit,
            "preserve_insertion_order": False,
            "TimeZone": "UTC",
            "autoinstall_known_extensions": False,
            "enable_progress_bar": False,
            "temp_directory": self._spill.name,
        }
        for key, value in settings.items():
            self._set(key, value)

    def _set(self, key: str, value: object) -> None:
        literal = exp.Boolean(this=value) if isinstance(value, bool) else exp.Literal.string(value)
        self._connection.execute(f"SET {key} = {literal.sql('duckdb')}")

    def _attach(self, table: WarehouseTable, files: list[Path]) -> None:
        if files[0].suffix in DATABASES:
            place = exp.Literal.string(str(files[0])).sql("duckdb")
            self._connection.execute(f"ATTACH {place} AS warehouse (READ_ONLY)")
            self._connection.execute("USE warehouse")
            return
        if table.shape == "table":
            self._view(table.table.rpartition(".")[2], files)
            return
        by_name: dict[str, list[Path]] = {}
        for file in files:
            by_name.setdefault(file.name.partition(".")[0], []).append(file)
        for name, few in by_name.items():
            self._view(name, few, table.dataset)

    def _view(self, name: str, files: list[Path], dataset: str = "") -> None:
        """Make the files of one table readable under its name."""
        schema = exp.to_identifier(dataset, quoted=True) if dataset else None
        if schema is not None:
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema.sql('duckdb')}")
        listed = exp.Array(expressions=[exp.Literal.string(str(one)) for one in files])
        reader, options = _reader(files[0])
        source = exp.Anonymous(this=reader, expressions=[listed, *options])
        target = exp.Table(this=exp.to_identifier(name, quoted=True), db=schema)
        made = exp.Create(this=target, kind="VIEW", expression=exp.select("*").from_(source))
        self._connection.execute(self.tongue.write(made))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what DuckDB says into a sentence with a fix."""
        errors = self._duckdb
        try:
            yield
        except errors.InterruptException:
            what = f"A query on {self.place} took longer than {self._timeout_s:g} s; it was ended."
            raise SourceError(what, _SLOW) from None
        except errors.CatalogException as error:
            what = f"{self.place} lacks what is asked for: {_line(error)}."
            raise InputError(what, "Check table, dataset and steps.") from None
        except errors.OutOfMemoryException as error:
            what = f"A query on {self.place} needs more than it may have: {_line(error)}."
            fix = "Raise memory_limit, or name a temp_directory with more room."
            raise SourceError(what, fix) from None
        except errors.Error as error:
            what = f"{self.place} cannot be read: {_line(error)}."
            raise InputError(what, "Check the files, and the columns that are named.") from None


_SLOW = "Raise timeout_s, or set history_days to fewer days."


def connect(table: WarehouseTable, access: Access, address: Address) -> DuckDbRunner:
    """Open the files of `path`, or the database of `duckdb:///file`."""
    return DuckDbRunner(table, access.folder, address.text.removeprefix("duckdb:///"))


def _room(folder: str) -> TemporaryDirectory[str]:
    """Return a folder of its own for what the memory does not hold, in the one that is asked for.

    Raises:
        InputError: There can be none.
    """
    try:
        if folder:
            Path(folder).expanduser().mkdir(parents=True, exist_ok=True)
        where = str(Path(folder).expanduser()) if folder else None
        return TemporaryDirectory(prefix="debtplan-duckdb-", dir=where, ignore_cleanup_errors=True)
    except OSError as error:
        what = f"temp_directory {folder} cannot be used: {(error.strerror or str(error)).lower()}."
        raise InputError(what, "Name a folder that you may write to.") from None


def _reader(file: Path) -> tuple[str, list[exp.Expr]]:
    """Return DuckDB's function for a file, by its ending, and what it is told."""
    endings = [one.lower() for one in file.suffixes]
    if ".csv" in endings or ".tsv" in endings:
        kept = exp.EQ(this=exp.to_identifier("all_varchar"), expression=exp.Boolean(this=True))
        alike = exp.EQ(this=exp.to_identifier("union_by_name"), expression=exp.Boolean(this=True))
        return "read_csv", [kept, alike]
    if ".parquet" in endings:
        alike = exp.EQ(this=exp.to_identifier("union_by_name"), expression=exp.Boolean(this=True))
        return "read_parquet", [alike]
    what = f"{file.name} is no file of events that can be read."
    raise InputError(what, f"Name files that end in .parquet, .csv, .csv.gz or {DATABASES[0]}.")


def _files(folder: Path, path: str) -> list[Path]:
    """Return the files of a path or a pattern, by name."""
    whole = os.path.normpath(folder / Path(path).expanduser())
    found = [Path(one) for one in sorted(glob(whole, recursive=True))]  # noqa: PTH207 - absolute
    if not has_magic(whole):
        found = [Path(whole)] if Path(whole).is_file() else []
    found = [one for one in found if one.is_file()]
    if not found:
        raise InputError(f"No file of events is at {path}.", "Check path under [warehouse.NAME].")
    unreadable = [one for one in found if not os.access(one, os.R_OK)]
    if unreadable:
        what = f"{unreadable[0].name} may not be read by this user."
        raise InputError(what, "Give yourself the right to read it.")
    return found


def _line(error: Exception) -> str:
    """Return the first line of what DuckDB says."""
    first = str(error).strip().partition("\n")[0]
    return clean_line(first.partition("Error: ")[2] or first, 200).rstrip(".")
