"""README shows what the program prints, to the byte, and stays short."""

import re
from pathlib import Path

import pytest

from debtplan import errors
from tests.docs.page import DOCS, REPOSITORY, section, table_rows
from tests.docs.refresh import README, shown, with_demo
from tests.docs.shell import run

TEXT = README.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_output_in_the_readme_is_what_the_demo_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command, said = shown(TEXT)
    code, printed, _ = run(command)
    assert code == 0
    assert said == printed, "run `python -m tests.docs.refresh` and read the difference"


def test_refreshing_puts_the_new_output_between_the_markers() -> None:
    fresh = with_demo(TEXT, "one\ntwo\n")
    assert shown(fresh) == (shown(TEXT)[0], "one\ntwo\n")
    assert with_demo(fresh, shown(TEXT)[1]) == TEXT


def test_the_readme_is_short() -> None:
    assert len(TEXT.splitlines()) < 150


def test_the_readme_names_every_exit_code_that_the_settings_page_names() -> None:
    settings = (DOCS / "settings.md").read_text(encoding="utf-8")
    named = [row[0] for row in table_rows(section(TEXT, "## For a scheduler"))]
    assert named == [row[0] for row in table_rows(section(settings, "## Exit codes"))]
    assert str(errors.LockedError.exit_code) in named


def test_every_make_target_of_the_readme_exists() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", TEXT, re.MULTILINE)) <= set(targets)
