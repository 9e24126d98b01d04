"""The tables: made by migrations, equal to the models, never older or newer than the program."""

import logging
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from debtplan.errors import StoreError
from debtplan.store import open_store
from debtplan.store.database import Database
from debtplan.store.schema import HEAD, MIGRATIONS, VERSION_TABLE, prepare, stored_version
from debtplan.store.table import METADATA
from tests import plans
from tests.store.evidence import forecast, note
from tests.store.samples import SKIPPED, item, reading, sprint, state


def migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    return config


def test_the_newest_migration_is_the_one_that_opening_looks_for() -> None:
    assert ScriptDirectory.from_config(migrations()).get_current_head() == HEAD


def test_migrations_make_the_tables_that_the_models_describe(url: str) -> None:
    open_store(url).close()
    database = Database(url, Path(), 30)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []
    database.close()


def test_a_difference_between_models_and_migrations_is_seen(tmp_path: Path) -> None:
    database = Database("sqlite:///a.db", tmp_path, 30)
    prepare(database)
    with database.writing() as connection:
        connection.execute(text("ALTER TABLE item DROP COLUMN sprint"))
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert len(compare_metadata(context, METADATA)) == 1
    database.close()


def test_down_to_nothing_and_up_again(url: str) -> None:
    database = Database(url, Path(), 30)
    prepare(database)
    config = migrations()
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == [VERSION_TABLE]
    with database.reading() as connection:
        assert stored_version(connection) is None
    prepare(database)
    with database.reading() as connection:
        assert stored_version(connection) == HEAD
        assert set(METADATA.tables) < set(inspect(connection).get_table_names())
    database.close()


def test_items_of_a_database_from_before_epics_stand_as_they_are(url: str) -> None:
    kept = [item(1), item(2, labels=("debt",), points=3.0)]
    database = Database(url, Path(), 30)
    config = migrations()
    with open_store(url) as store:
        store.save_source(state(), kept)
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        columns = {one["name"] for one in inspect(connection).get_columns("item")}
        assert "epic" not in columns
    with open_store(url) as store:
        assert store.items() == tuple(kept)
        store.check()
        moved = [kept[0].model_copy(update={"epic": "A-100"}), kept[1]]
        changes = store.save_source(state(), moved)
        assert (changes.updated, changes.unchanged) == (1, 1)
        assert store.items() == tuple(moved)
    database.close()


@pytest.mark.parametrize("version", ["0001", "0002", "0003"])
@pytest.mark.slow
def test_a_database_of_any_earlier_version_keeps_what_it_holds(url: str, version: str) -> None:
    config = migrations()
    with open_store(url) as store:
        store.save_source(state(), [item(1), item(2), reading(1), sprint(1), SKIPPED])
        store.save_plan(plans.empty())
    database = Database(url, Path(), 30)
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, version)
        assert stored_version(connection) == version
        assert not inspect(connection).has_table("forecast")
    database.close()
    with open_store(url) as store:
        assert (store.items(), store.readings()) == ((item(1), item(2)), (reading(1),))
        assert (store.sprints(), store.skipped()) == ((sprint(1),), (SKIPPED,))
        assert store.last_plan(plans.empty().team) == plans.empty()
        assert store.save_forecasts([forecast(1)]) == 1
        store.save_source(state("notes"), [note(1)])
        store.check()


@pytest.mark.parametrize(("was", "becomes"), [("", "A-100"), ("A-100", "")])
def test_an_epic_that_changed_by_itself_is_damage(url: str, was: str, becomes: str) -> None:
    with open_store(url) as store:
        store.save_source(state(), [item(1, epic=was)])
    database = Database(url, Path(), 30)
    with database.writing() as connection:
        connection.execute(text("UPDATE item SET epic = :epic"), {"epic": becomes})
    database.close()
    with open_store(url) as store, pytest.raises(StoreError, match="damaged"):
        store.items()


def test_a_newer_database_is_refused_with_what_to_do(url: str) -> None:
    with open_store(url) as store:
        store.save_source(state(), [item(1)])
    database = Database(url, Path(), 30)
    with database.writing() as connection:
        connection.execute(text("UPDATE debtplan_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer debtplan.*9999") as caught:
        open_store(url)
    assert "Upgrade debtplan" in caught.value.fix
    with database.reading() as connection:
        assert stored_version(connection) == "9999"
    database.close()


def test_tables_of_another_program_are_not_touched(url: str) -> None:
    database = Database(url, Path(), 30)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE item (key VARCHAR)"))
    with pytest.raises(StoreError, match="another program"):
        open_store(url)
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == ["item"]
    database.close()


@pytest.mark.slow
def test_opening_an_existing_database_does_not_load_alembic(url: str) -> None:
    open_store(url).close()
    program = (
        "import sys; from debtplan.store import open_store; open_store(sys.argv[1]).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, url], check=True)


def test_migrating_prints_nothing_and_leaves_logging_alone(
    url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = (logging.root.level, list(logging.root.handlers))
    open_store(url).close()
    assert capfd.readouterr() == ("", "")
    assert (logging.root.level, list(logging.root.handlers)) == before


def test_a_sqlite_file_lets_readers_go_on_and_syncs_every_commit(tmp_path: Path) -> None:
    open_store("sqlite:///a.db", tmp_path).close()
    plain = sqlite3.connect(tmp_path / "a.db")
    assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    plain.close()
    database = Database("sqlite:///a.db", tmp_path, 30)
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
    database.close()
