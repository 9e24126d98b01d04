"""What a database says when it fails, as one of our errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from debtplan.errors import DebtplanError, LockedError, StoreError

RESTORE = (
    "Put a backup in its place, or move it away and run `debtplan sync` to read every source again."
)

# By the beginning of SQLite's error name or PostgreSQL's SQLSTATE: what is wrong, what to do.
_SENTENCES = {
    "SQLITE_NOTADB": ("is not a database", "Name another file under [store] url."),
    "SQLITE_CORRUPT": ("is damaged", RESTORE),
    "SQLITE_CANTOPEN": (
        "cannot be opened",
        "Create its folder, or give this user the right to write there ([store] url).",
    ),
    "SQLITE_READONLY": (
        "cannot be written",
        "Give this user the right to write the file and its folder ([store] url).",
    ),
    "SQLITE_FULL": ("has no room left on its disk", "Free some space and run the command again."),
    "SQLITE_IOERR": (
        "cannot be read or written: the disk reports a failure or is full",
        "Check the disk and its free space, then run the command again.",
    ),
    "08": ("does not answer", "Start the server, or correct [store] url."),
    "25006": ("is read-only", "Name the primary server in [store] url."),
    "28": ("refused the user or the password", "Correct them in [store] url."),
    "3D": ("does not exist", "Create the database, or correct [store] url."),
    "42501": ("denies this user a right", "Grant the user all rights on its schema."),
    "53": ("has no room or no connection left", "Free some, then run the command again."),
    "57": ("ended the connection", "Run the command again once the server is up."),
}

# Another writer was there first: trying again helps.
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "40", "55P03")


class DamageError(Exception):
    """A row is not what was written; never leaves this room."""


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn what goes wrong with a database into our errors.

    Args:
        place: The database's name for people, without a password.
    """
    try:
        yield
    except DamageError as error:
        raise damaged(place, "a row is not what was written") from error
    except UnicodeDecodeError as error:  # SQLite quotes the damaged bytes in its message
        raise damaged(place, "its tables cannot be read") from error
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise _explain(place, error) from error


@contextmanager
def decoded() -> Iterator[None]:
    """Take a value that cannot be read for damage: each was checked before it was written."""
    try:
        yield
    except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
        raise DamageError from error


def damaged(place: str, detail: str) -> StoreError:
    """Return the error for content that is not what was written."""
    return StoreError(f"The database {place} is damaged: {detail}.", RESTORE)


def _explain(place: str, error: Exception) -> DebtplanError:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""
    if code.startswith(_BUSY):
        return LockedError(
            f"Another run is writing to the database {place}.", "Try again when it has finished."
        )
    for beginning, (what, fix) in _SENTENCES.items():
        if code.startswith(beginning):
            return StoreError(f"The database {place} {what}.", fix)
    lines = str(cause).strip().splitlines() or [type(cause).__name__]
    return StoreError(
        f"The database {place} cannot be used: {lines[0].rstrip('.')}.",
        "Run `debtplan doctor`, and check [store] url.",
    )
