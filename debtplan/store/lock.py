"""The lock of unattended runs: one at a time on a database, let go of by whoever dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from debtplan.errors import LockedError, StoreError
from debtplan.store.database import Database

# Beside the number of the writer's lock in `database`.
_RUN_LOCK = 0x64656275


@contextmanager
def run_lock(database: Database) -> Iterator[None]:
    """Hold the lock: of a file beside a SQLite database, or PostgreSQL's own.

    Raises:
        LockedError: Another run holds it.
        StoreError: The file beside the database cannot be written.
    """
    if database.is_memory:
        yield
    elif database.is_sqlite:
        with _locked_file(Path(f"{database.place}.lock")):
            yield
    else:
        with _locked_session(database):
            yield


@contextmanager
def _locked_file(file: Path) -> Iterator[None]:
    try:
        stream = file.open("a", encoding="utf-8")
    except OSError as error:
        what = f"The lock {file} cannot be written: {(error.strerror or str(error)).lower()}."
        raise StoreError(what, "Check the rights of the folder of the database.") from None
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _held(str(file)) from None
        yield  # closing lets go of it; the file stays, for removing it would race


@contextmanager
def _locked_session(database: Database) -> Iterator[None]:
    with database.session() as connection:
        found = connection.execute(text(f"SELECT pg_try_advisory_lock({_RUN_LOCK})"))
        if not found.scalar():
            raise _held(database.place)
        try:
            yield
        finally:
            connection.execute(text(f"SELECT pg_advisory_unlock({_RUN_LOCK})"))


def _held(place: str) -> LockedError:
    what = f"Another run is at work: it holds the lock of {place}."
    return LockedError(what, "Try again when it has ended; a run that died holds no lock.")
