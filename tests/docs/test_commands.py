"""Every command of README and docs runs as it stands there, in order, and prints what it says."""

import shutil
from pathlib import Path

import pytest

from tests.docs.page import REPOSITORY, Command, pages, read_steps
from tests.docs.shell import check, write

IN_SAMPLE = "<!-- commands run in a copy of sample_data -->"
TESTED_ELSEWHERE = "debtplan demo"
"""README's own output is compared byte for byte in test_readme."""

WITH_COMMANDS = [
    page
    for page in pages()
    if any(isinstance(step, Command) for step in read_steps(page.read_text(encoding="utf-8")))
]


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = page.read_text(encoding="utf-8")
    folder = tmp_path / "work"
    if IN_SAMPLE in text:
        shutil.copytree(REPOSITORY / "sample_data", folder, ignore=shutil.ignore_patterns("*.db"))
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    for step in read_steps(text):
        if not isinstance(step, Command):
            write(step, folder)
        elif not step.words.startswith(TESTED_ELSEWHERE):
            check(step, page.name)


def test_readme_and_tutorial_hold_commands() -> None:
    assert {"README.md", "tutorial.md", "settings.md"} <= {page.name for page in WITH_COMMANDS}
