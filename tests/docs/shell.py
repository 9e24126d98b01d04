"""Running a document's commands in this process: as quick as the program itself."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from typer.testing import CliRunner

from debtplan.cli.app import app
from tests.docs.page import Command, Shown


def write(shown: Shown, folder: Path) -> None:
    """Write a file as the document shows it."""
    file = folder / shown.name
    file.parent.mkdir(parents=True, exist_ok=True)
    text = shown.text
    if shown.is_added:
        text = f"{file.read_text(encoding='utf-8')}\n{text}"
    elif shown.replaced is not None:
        before = file.read_text(encoding="utf-8")
        assert before.count(f"{shown.replaced}\n") == 1, f"{shown.name} lacks {shown.replaced!r}"
        text = before.replace(f"{shown.replaced}\n", text)
    file.write_text(text, encoding="utf-8")


def run(command: str) -> tuple[int, str, str]:
    """Return exit code, stdout, and stdout with stderr of one command; `| head -N` cuts stdout."""
    words = shlex.split(command)
    assert words[0] == "debtplan", f"{command!r} is no command of debtplan"
    head = None
    if "|" in words:
        at = words.index("|")
        assert words[at + 1] == "head", command
        head = int(words[at + 2].lstrip("-"))
        words = words[:at]
    piped = {"COLUMNS": None}  # documents quote what a pipe gets
    done = CliRunner().invoke(app, words[1:], prog_name="debtplan", env=piped)
    lines = done.stdout.splitlines(keepends=True)
    return done.exit_code, "".join(lines[:head]), done.output


def missing_lines(said: Sequence[str], printed: str) -> list[str]:
    """Return the quoted lines that were not printed in this order; the width of gaps is free."""
    lines = iter([line.split() for line in printed.splitlines()])
    return [line for line in said if line != "..." and line.split() not in lines]


def check(command: Command, where: str) -> None:
    """Run a command of a document and hold it against what the document says."""
    code, _, printed = run(command.words)
    assert code == command.code, f"{where}:{command.line}: exit {code}\n{printed}"
    missing = missing_lines(command.said, printed)
    assert not missing, f"{where}:{command.line} quotes {missing}, but it prints\n{printed}"
