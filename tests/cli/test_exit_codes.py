"""Every documented exit code, reached through the command line."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial

import pytest

from debtplan import errors
from debtplan.bootstrap import adapters, feeds
from debtplan.cli.app import HELP
from debtplan.cli.boundary import BUG, INTERRUPTED
from debtplan.cli.plan import CHANGED, PARTIAL
from debtplan.store import open_store
from tests.cli.shop import DAY, Shop

PLAN = ("plan", "--as-of", DAY)


def test_the_help_names_every_exit_code() -> None:
    branches = [one for one in vars(errors).values() if isinstance(one, type)]
    codes = {one.exit_code for one in branches if issubclass(one, errors.DebtplanError)}
    codes |= {0, CHANGED, PARTIAL, BUG, INTERRUPTED}
    told = HELP.partition("Exit codes:")[2]
    assert {int(number) for number in re.findall(r"\b\d+\b", told)} == codes


def test_0_where_all_is_well_and_results_alone_are_on_stdout(shop: Shop) -> None:
    assert shop.spawn("sync").code == 0
    done = shop.spawn(*PLAN)
    assert (done.code, done.err) == (0, "")
    assert "WHAT WE DO" in done.out


def test_1_where_a_check_fails(shop: Shop) -> None:
    shop.settings('[items.lint]\nno_link = "refuse"\n')
    shop.run("sync")
    assert shop.run("items", "--lint").code == 1
    shop.settings()
    shop.write("items.csv", "key,title\n")
    assert shop.run("doctor", "--as-of", DAY).code == 1


@pytest.mark.slow
def test_1_where_the_database_is_damaged(shop: Shop) -> None:
    shop.write("debtplan.db", "no database, but longer than the smallest one " * 20)
    done = shop.spawn("items")
    assert done.code == 1
    assert done.err.startswith("debtplan: The database ")
    assert "Traceback" not in done.err


@pytest.mark.slow
def test_2_where_the_command_line_or_the_settings_are_wrong(shop: Shop) -> None:
    assert shop.spawn("plan", "--nothing").code == 2
    assert shop.spawn("plan", "--as-of", "soon").code == 2
    shop.settings("[nothing]\n")
    assert shop.spawn("plan").code == 2


@pytest.mark.slow
def test_3_where_the_plan_differs_and_only_if_asked(shop: Shop) -> None:
    assert shop.synced("plan", "--detailed-exitcode").code == 3
    assert shop.run(*PLAN, "--detailed-exitcode").code == 0
    shop.settings(changes={"capacity = 40": "capacity = 20"})
    assert shop.run(*PLAN, "--detailed-exitcode").code == 3
    shop.settings()
    assert shop.run(*PLAN).code == 0


@pytest.mark.slow
def test_4_is_for_credentials_that_a_source_refuses(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise errors.AuthenticationError("jira refused DEBTPLAN_JIRA_TOKEN.", "Make a new one.")

    monkeypatch.setattr(feeds, "feeds", refuse)
    done = shop.run("sync")
    assert done.code == 4
    assert done.err == "debtplan: jira refused DEBTPLAN_JIRA_TOKEN.\nMake a new one.\n"


@pytest.mark.slow
def test_5_where_a_source_failed_at_sync_and_at_the_plan(shop: Shop) -> None:
    shop.settings('[sources.more]\ntype = "csv"\npath = "gone.csv"\n')
    done = shop.spawn("sync")
    assert done.code == 5
    assert "1 of 2 sources failed" in done.err
    planned = shop.spawn(*PLAN, "--detailed-exitcode")
    assert planned.code == 5
    assert "WHAT WE DO" in planned.out


def test_6_where_pinned_items_conflict(shop: Shop) -> None:
    shop.settings(changes={"capacity = 40": 'capacity = 40\npinned = ["A-1", "A-2", "A-3"]'})
    shop.run("sync")
    done = shop.spawn(*PLAN)
    assert (done.code, done.out) == (6, "")
    assert "csv:A-1 pinned; csv:A-2 pinned; csv:A-3 pinned; the reserve of 6" in done.err


def test_70_for_a_bug_without_its_values(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: object) -> None:
        msg = "secret-token-77"
        raise RuntimeError(msg)

    monkeypatch.setattr(adapters, "load", fall)
    done = shop.run("plan")
    assert (done.code, done.out) == (BUG, "")
    assert "bug in debtplan: RuntimeError in debtplan." in done.err
    assert "DEBTPLAN_DEBUG=1" in done.err
    assert "secret-token-77" not in done.err
    monkeypatch.setenv("DEBTPLAN_DEBUG", "1")
    assert shop.run("plan").code == 1, "with the variable the error itself comes through"


def test_75_where_another_run_holds_the_store(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.run("sync")
    monkeypatch.setattr(adapters, "open_sql", partial(open_store, wait_s=0.05))
    with closing(sqlite3.connect(shop.folder / "debtplan.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = shop.run("sync")
        assert done.code == 75
        assert "Another run is writing" in done.err
        assert "Try again" in done.err
    assert shop.run("sync").code == 0


def test_130_where_it_is_interrupted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(adapters, "load", interrupt)
    done = shop.run("plan")
    assert (done.code, done.out) == (INTERRUPTED, "")
    assert done.err == "debtplan: Interrupted; what was stored before stays.\n"


@pytest.mark.slow
def test_130_for_a_signal_and_what_was_stored_stays(shop: Shop) -> None:
    """A pipe that nobody fills holds the run up while it reads; the signal then finds it there."""
    shop.run("sync")
    before = shop.run("items").out
    (shop.folder / "items.csv").unlink()
    os.mkfifo(shop.folder / "items.csv")
    with subprocess.Popen(
        [sys.executable, "-m", "debtplan", "sync"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Where the suite runs in the background, the signal is ignored by all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread
    ) as run:
        held = os.open(shop.folder / "items.csv", os.O_WRONLY)  # returns once it is read
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=30)
        os.close(held)
    assert (run.returncode, out) == (INTERRUPTED, "")
    assert err == "debtplan: Interrupted; what was stored before stays.\n"
    assert shop.run("items").out == before


@pytest.mark.slow
def test_a_reader_that_leaves_early_is_no_error(shop: Shop) -> None:
    rows = "".join(f"A-{n},Item {n} {'long ' * 40},1\n" for n in range(2_000))
    shop.write("items.csv", f"key,title,points\n{rows}")
    shop.run("sync")
    with subprocess.Popen(
        [sys.executable, "-m", "debtplan", "items"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.readline()
        run.stdout.close()
        err = run.stderr.read()
    assert (run.returncode, err) == (0, b"")
