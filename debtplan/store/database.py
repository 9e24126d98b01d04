"""One database: its address, its connections, and its two kinds of transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from debtplan.errors import StoreError
from debtplan.store.fault import damaged, translated
from debtplan.store.shelf import document

# One writer at a time, as in SQLite. The number names debtplan's lock among an application's own.
_WRITER_LOCK = 0x64656274

_SHORTEST = 512
"""Bytes of SQLite's smallest page."""


class Database:
    """An open SQLite file or PostgreSQL database.

    Attributes:
        place: Its name for people, without a password.
        is_sqlite: Whether it is SQLite.
    """

    def __init__(self, url: str, folder: Path, wait_s: float) -> None:
        """Connect to nothing yet; see `open_store` for the arguments."""
        address = _address(url, folder)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self.is_memory = self.is_sqlite and address.database in (None, "", ":memory:")
        self.place = _place(address)
        self.wait_s = wait_s
        self.engine = self._sqlite(address) if self.is_sqlite else self._postgresql(address)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database throughout."""
        with translated(self.place), self.engine.connect() as connection:
            if not self.is_sqlite:  # where this is the rule
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that keeps other writers out; all of it is kept, or nothing."""
        with translated(self.place), self.engine.connect() as connection:
            connection.execution_options(is_writer=True)
            with connection.begin():
                if not self.is_sqlite:  # each statement after it sees what the last writer left
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"))
                yield connection

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """Open a connection for itself, outside of any transaction."""
        with translated(self.place), self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def check_structure(self, *, is_thorough: bool = False) -> None:
        """Check the pages of a SQLite file, 1 ms a megabyte; the indexes too where thorough.

        Raises:
            StoreError: The file is damaged. Without this, a changed byte can hide rows.
        """
        if not self.is_sqlite:
            return
        if self._is_stump():
            raise damaged(self.place, "it is shorter than any database")
        with self.reading() as connection:
            check = "integrity_check(1)" if is_thorough else "quick_check(1)"
            found = str(connection.exec_driver_sql(f"PRAGMA {check}").scalar())
            if found != "ok":
                raise damaged(self.place, found.splitlines()[-1].rstrip("."))
            if is_thorough and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise damaged(self.place, "a row is of a source that is not there")

    def _is_stump(self) -> bool:
        """Tell whether the file is so short that SQLite would take it for a new one."""
        if self.is_memory:
            return False
        file = Path(str(self.engine.url.database))
        return file.is_file() and 0 < file.stat().st_size < _SHORTEST

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _sqlite(self, address: URL) -> Engine:
        engine = create_engine(
            address,
            connect_args={"timeout": self.wait_s, "check_same_thread": False},
            hide_parameters=True,
            json_serializer=document,
            poolclass=StaticPool if self.is_memory else None,
        )
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
        return engine

    def _postgresql(self, address: URL) -> Engine:
        options = f"-c timezone=UTC -c lock_timeout={round(self.wait_s * 1000)}"
        try:
            return create_engine(
                address,
                connect_args={"options": options, "connect_timeout": 10},
                hide_parameters=True,
                json_serializer=document,
                pool_pre_ping=True,
            )
        except ImportError as error:
            raise StoreError(
                f"The database {self.place} needs the package psycopg, which is not installed.",
                "Install `debtplan[postgres]`, or name a SQLite file in [store] url.",
            ) from error


def _set_up(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
    """Prepare a new SQLite connection."""
    # The driver would begin and commit by itself, around CREATE TABLE too; `_begin` does it here.
    connection.isolation_level = None
    for setting in (
        "journal_mode = WAL",  # readers go on while one process writes
        "foreign_keys = ON",
        "synchronous = FULL",  # a commit is on the disk before it is acknowledged
        "cell_size_check = ON",
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once where another one wrote in
    # between, whatever the timeout: a writer says so at its start.
    is_writer = connection.get_execution_options().get("is_writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def _address(url: str, folder: Path) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise _unusable("is no database address") from error
    if address.drivername == "postgres":
        address = address.set(drivername="postgresql")
    backend = address.get_backend_name() if "+" not in address.drivername else ""
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise _unusable(f"names {address.drivername}, which is not supported")
    if address.database in (None, "", ":memory:"):
        return address
    return address.set(database=str(folder / Path(str(address.database)).expanduser()))


def _place(address: URL) -> str:
    if address.get_backend_name() == "sqlite":
        return str(address.database or "in memory")
    return f"{address.database or ''} on {address.host or 'this machine'}".strip()


def _unusable(problem: str) -> StoreError:
    # The address itself is not shown: it may hold a password.
    return StoreError(
        f"[store] url {problem}.", "Set it to sqlite:///FILE or postgresql://USER@HOST/NAME."
    )
