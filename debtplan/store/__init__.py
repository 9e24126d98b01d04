"""What was read and what was planned, kept in SQLite or, by URL, in PostgreSQL."""

from pathlib import Path

from debtplan.store.database import Database
from debtplan.store.schema import prepare
from debtplan.store.sql import SqlStore

__all__ = ["SqlStore", "open_store"]


def open_store(url: str, folder: Path = Path(), wait_s: float = 30.0) -> SqlStore:
    """Return the store, created or brought up to date where needed.

    Args:
        url: `sqlite:///FILE`, `sqlite://` for one in memory, or `postgresql://USER@HOST/NAME`.
        folder: Where a relative SQLite file starts from.
        wait_s: Seconds to wait for another writer.

    Raises:
        StoreError: It cannot be opened, is damaged, or is of a newer debtplan; nothing changed.
        LockedError: Another writer held it for longer than `wait_s`.
    """
    database = Database(url, folder, wait_s)
    try:
        database.check_structure()
        prepare(database)
    except BaseException:
        database.close()
        raise
    return SqlStore(database)
