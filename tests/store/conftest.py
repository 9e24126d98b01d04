"""The databases every store test runs on: a SQLite file, one in memory, and PostgreSQL."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from debtplan.store import SqlStore, open_store

HEAVY = pytest.param("postgresql", marks=pytest.mark.heavy)


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs; Debian keeps them off the path."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not folders:
        pytest.skip("no PostgreSQL: install Debian's package postgresql")
    return folders[-1].parent


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL of our own in a temporary folder, reached by a socket file only."""
    pytest.importorskip("psycopg", reason="no psycopg: install debtplan[postgres]")
    programs = _programs()
    # The server refuses to run as root, and that user has to reach its folder.
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="debtplan-pg-"))
    if user:
        shutil.chown(folder, user)
    data, log = str(folder / "data"), str(folder / "log")
    options = f"-k {folder} -c listen_addresses= -c fsync=off"
    make = ["initdb", "-D", data, "-U", "debtplan", "-A", "trust", "-E", "UTF8", "--no-sync"]
    start = ["pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start"]
    stop = ["pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    try:
        for command in (make, start):
            command[0] = str(programs / command[0])
            done = subprocess.run(
                command, user=user, env=environment, cwd=folder, stdout=subprocess.DEVNULL,
                stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{command[0]} failed"
        yield f"postgresql://debtplan@/postgres?host={folder}"
        stop[0] = str(programs / stop[0])
        subprocess.run(stop, user=user, cwd=folder, check=False, stdout=subprocess.DEVNULL)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def postgresql(server: str) -> str:
    """The address of an empty PostgreSQL database."""
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return server


@pytest.fixture(params=["file", HEAVY])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database that several processes can open."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql"))
    return f"sqlite:///{tmp_path}/debtplan.db"


@pytest.fixture(params=["file", "memory", HEAVY])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store on each database."""
    address = {"file": f"sqlite:///{tmp_path}/debtplan.db", "memory": "sqlite://"}
    found = address.get(request.param) or request.getfixturevalue("postgresql")
    with open_store(found) as opened:
        yield opened
