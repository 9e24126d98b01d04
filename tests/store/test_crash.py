"""Killed in the middle, or with others at the same time: nothing half, nothing lost."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from debtplan.errors import LockedError
from debtplan.store import open_store
from tests.store.samples import item, state

REPOSITORY = Path(__file__).resolve().parents[2]
WRITERS = 4


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.drill", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=pipe, stderr=pipe, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


@pytest.mark.heavy
@pytest.mark.parametrize("job", ["create", "save"])
def test_a_kill_at_any_statement_leaves_all_or_nothing(url: str, job: str) -> None:
    assert "points" in finish(start(job, url))


@pytest.mark.heavy
def test_a_kill_inside_a_statement_leaves_all_or_nothing(tmp_path: Path) -> None:
    finish(start("steps", f"sqlite:///{tmp_path}/a.db"))


@pytest.mark.heavy
def test_several_processes_create_and_write_one_database_at_once(url: str) -> None:
    writers = [start("write", url, f"source{number}", "5") for number in range(WRITERS)]
    for writer in writers:
        finish(writer)
    with open_store(url) as store:
        store.check()
        assert len(store.items()) == WRITERS * 200
        assert {one.points for one in store.items()} == {5}


@pytest.mark.slow
def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    with open_store("sqlite:///a.db", tmp_path) as store:
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.3, other.execute, ["COMMIT"])
        timer.start()
        store.save_source(state(), [item(1)])
        timer.join()
        other.close()
        assert store.items() == (item(1),)


def test_a_writer_that_waits_too_long_says_to_try_again(tmp_path: Path) -> None:
    open_store("sqlite:///a.db", tmp_path).close()
    with open_store("sqlite:///a.db", tmp_path, wait_s=0.05) as store:
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockedError, match="Another run is writing"):
            store.save_source(state(), [item(1)])
        assert store.items() == ()  # reading goes on
        other.execute("COMMIT")
        other.close()
        store.save_source(state(), [item(1)])
