"""`debtplan init`: asks on a terminal, takes options elsewhere; what it writes works at once."""

import tomllib
from pathlib import Path

import pytest

from tests.cli.screen import Screen
from tests.cli.shop import Ran, Shop

EXPORT = """\
Issue key,Summary,Story Points,Status,Labels
OMNI-1,Payment fails after a timeout,3,To Do,checkout
OMNI-2,Crash when the basket is empty,2,To Do,checkout
OMNI-3,Rename the tables,5,Done,
OMNI-4,Error on the address page,,In Progress,
"""
ANSWERS = ("--team", "checkout", "--export", "issues.csv", "--capacity", "40")


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.chdir(tmp_path)
    found = Shop(tmp_path)
    found.write("issues.csv", EXPORT)
    return found


def test_the_written_file_works_at_once(fresh: Shop) -> None:
    done = fresh.run("init", *ANSWERS)
    assert (done.code, done.out) == (0, "")
    assert "csv: 4 records" in done.err
    assert "CHANGE" in done.err
    for words in (("sync",), ("plan",), ("items",), ("config", "show")):
        ran: Ran = fresh.run(*words)
        assert ran.code == 0, ran.said
    planned = fresh.run("plan").out
    assert "OMNI-1" in planned.partition("WHAT WE DO NOT DO")[0]
    assert "stated by hand" in planned


def test_doctor_has_the_reading_replaced_that_init_makes_up_and_nothing_else(fresh: Shop) -> None:
    fresh.run("init", *ANSWERS)
    done = fresh.run("doctor")
    assert (done.code, done.out.count("MEND")) == (1, 1)
    assert "replace the reading, or name a source" in " ".join(done.out.split())
    written = (fresh.folder / "debtplan.toml").read_text(encoding="utf-8")
    fresh.write("debtplan.toml", written.replace("CHANGE: you", "Ann"))
    assert fresh.run("doctor").code == 0


def test_settings_stand_where_they_are_written(fresh: Shop) -> None:
    fresh.run("init", *ANSWERS, "--flow", 'Pay & "go"')
    found = tomllib.loads((fresh.folder / "debtplan.toml").read_text(encoding="utf-8"))
    assert found["team"]["checkout"]["capacity"] == 40
    assert found["sources"]["csv"]["path"] == "issues.csv"
    assert found["flow"][0]["id"] == "pay-go"


def test_what_is_missing_is_told_all_at_once_where_nobody_can_be_asked(fresh: Shop) -> None:
    done = fresh.run("init", "--team", "checkout")
    assert done.code == 2
    assert "--export or --tracker, --capacity" in done.err
    assert "debtplan init --team" in done.err
    assert not (fresh.folder / "debtplan.toml").exists()


def test_an_existing_file_stays_unless_forced(fresh: Shop) -> None:
    fresh.write("debtplan.toml", "# mine\n")
    done = fresh.run("init", *ANSWERS)
    assert done.code == 2
    assert "--force" in done.err
    assert (fresh.folder / "debtplan.toml").read_text(encoding="utf-8") == "# mine\n"
    assert fresh.run("init", *ANSWERS, "--force").code == 0
    assert fresh.run("init", "other.toml", *ANSWERS).code == 0
    assert fresh.run("--config", "other.toml", "sync").code == 0


@pytest.mark.parametrize("capacity", ["0", "-3", "nan", "inf", "1e9"])
def test_a_capacity_that_plans_nothing_is_refused(fresh: Shop, capacity: str) -> None:
    done = fresh.run("init", *ANSWERS[:4], "--capacity", capacity)
    assert done.code == 2
    assert "above 0" in done.err
    assert not (fresh.folder / "debtplan.toml").exists()


@pytest.mark.parametrize(
    ("export", "says"),
    [("gone.csv", "does not exist"), ("issues.xlsx", "neither CSV nor JSON"), (".", "neither CSV")],
)
def test_an_export_that_cannot_be_read_is_refused(fresh: Shop, export: str, says: str) -> None:
    fresh.write("issues.xlsx", "x")
    done = fresh.run("init", "--team", "t", "--export", export, "--capacity", "40")
    assert done.code == 2
    assert says in done.err


def test_an_export_without_known_columns_is_told_with_the_setting(fresh: Shop) -> None:
    fresh.write("issues.csv", "Ticket,What\n1,Crash\n")
    done = fresh.run("init", *ANSWERS)
    assert done.code == 0, "the file is written; its columns are to be named in it"
    assert "columns = {" in done.err


@pytest.mark.slow
def test_on_a_terminal_it_asks_again_until_it_understands(fresh: Shop) -> None:
    screen = Screen(fresh.folder, ("init",), typed="web team\nissues.csv\nmany\n0\n37,5\nlogin\n")
    assert screen.code == 0, screen.sent
    assert screen.sent.count("That is no number above 0") == 2
    found = tomllib.loads((fresh.folder / "debtplan.toml").read_text(encoding="utf-8"))
    assert found["team"]["web-team"]["capacity"] == 37.5
    assert found["flow"][0]["id"] == "login"


@pytest.mark.slow
def test_a_question_that_is_not_answered_writes_nothing(fresh: Shop) -> None:
    screen = Screen(fresh.folder, ("init",), typed="web\n\x04")
    assert screen.code == 130
    assert not (fresh.folder / "debtplan.toml").exists()
