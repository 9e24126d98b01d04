"""The version of the tables: compared when a database is opened, brought up to date by alembic."""

from sqlalchemy import Connection, inspect, text

from debtplan.errors import StoreError
from debtplan.store.database import Database

HEAD = "0005"
"""Newest revision in `migrations/versions`; a test keeps it so."""

VERSION_TABLE = "debtplan_version"
"""Not alembic's own name: another application in the same database may use that."""

MIGRATIONS = "debtplan.store:migrations"


def prepare(database: Database) -> None:
    """Create the tables, or bring them up to date; nothing is done where they are.

    Raises:
        StoreError: It is not ours, or of a newer debtplan.
    """
    with database.reading() as connection:
        stored = stored_version(connection)
    if stored == HEAD:
        return
    with database.writing() as connection:
        # Another process may have done it meanwhile.
        stored = stored_version(connection)
        if stored != HEAD:
            _migrate(connection, stored, database.place)


def stored_version(connection: Connection) -> str | None:
    """Return the revision of the tables; None where there are none of ours."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - our own name


def _migrate(connection: Connection, stored: str | None, place: str) -> None:
    # Loaded only where there is something to do: it takes longer than everything else here.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    from debtplan.store.table import METADATA  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.attributes["connection"] = connection
    known = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    if stored is None:
        foreign = sorted(set(METADATA.tables) & set(inspect(connection).get_table_names()))
        if foreign:
            raise StoreError(
                f"The database {place} belongs to another program: it has a table {foreign[0]!r}.",
                "Name another file or database in [store] url.",
            )
    elif stored not in known:
        raise StoreError(
            f"The database {place} is of a newer debtplan: its tables have version {stored}, "
            f"this one knows {HEAD}.",
            "Upgrade debtplan, or name another file or database in [store] url.",
        )
    command.upgrade(config, "head")
