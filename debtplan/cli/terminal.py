"""What people see: harmless characters only, as wide as the terminal, bold where that shows."""

import io
import os
import re
import shutil
import sys
from typing import TextIO

import typer

from debtplan.core.text import clean_text

PIPED = 100
"""Columns of a result that goes to a pipe or a file, unless the variable COLUMNS says another."""

WIDEST = 140
"""Columns beyond which a line is hard to read, however wide the terminal is."""

LONGEST_LINE = 2_000
"""Characters of one line on stderr."""

LONGEST_ESCAPE = 8
"""Characters that one may become: `<U+202E>`."""

LONGEST_HEADING = 40
"""A line that is longer is a sentence."""

_WHOLE = re.compile(r"[0-9]{1,6}")

_TABLE_GAP = re.compile(r"\S {2,}\S")


def width() -> int:
    """Return the columns that a result may take: those of COLUMNS, else of the terminal."""
    if sys.stdout.isatty():
        return min(shutil.get_terminal_size((PIPED, 24)).columns, WIDEST)
    said = os.environ.get("COLUMNS", "")
    asked = int(said) if _WHOLE.fullmatch(said) else 0
    return min(asked or PIPED, WIDEST)


def is_styled() -> bool:
    """Tell whether stdout shows bold: a terminal that is not dumb, and NO_COLOR is not set."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
    return wanted and sys.stdout.isatty()


def harmless(text: str) -> str:
    """Return text that cannot steer a terminal: no escape sequence, no change of direction."""
    return clean_text(text, limit=LONGEST_ESCAPE * len(text))


def show(text: str) -> None:
    """Write a result for people to stdout: wrapped to the terminal, its headings bold there."""
    typer.echo(_bold_headings(fitted(harmless(text.rstrip("\n")))))


def hand_over(text: str) -> None:
    """Write a document to stdout as it is; its renderer has made it harmless."""
    typer.echo(text, nl=not text.endswith("\n"))


def tell(sentence: str) -> None:
    """Write something beside the result to stderr, no line of it without end."""
    for line in harmless(sentence).split("\n"):
        cut = f"{line[:LONGEST_LINE]}..." if len(line) > LONGEST_LINE else line
        for part in wrapped(cut, "  ", sys.stderr):
            typer.echo(part, err=True)


def allow_any_character() -> None:
    """Let an encoding that lacks a character spell it out instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def fitted(text: str) -> str:
    """Return text whose sentences fit a terminal; table rows and piped text stay as they are."""
    lines: list[str] = []
    for line in text.split("\n"):
        if _TABLE_GAP.search(line):
            lines.append(line)
        else:
            lines += wrapped(line, line[: len(line) - len(line.lstrip())])
    return "\n".join(lines)


def wrapped(line: str, indent: str, stream: TextIO | None = None) -> list[str]:
    """Return the lines of a terminal that a line takes, the later ones indented; piped, itself.

    Args:
        line: Without a line break.
        indent: Begins the later lines.
        stream: Where it goes; None is stdout.
    """
    stream = stream or sys.stdout
    columns = shutil.get_terminal_size((PIPED, 24)).columns
    if not stream.isatty() or len(line) <= columns:
        return [line]
    from textwrap import wrap

    return wrap(
        line,
        max(min(columns, WIDEST), len(indent) + 20),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def bold(text: str) -> str:
    """Return the text in bold where that shows."""
    return typer.style(text, bold=True) if is_styled() else text


def _bold_headings(text: str) -> str:
    """Return text with its first line, and short lines that open a paragraph, in bold."""
    if not is_styled():
        return text
    lines = text.split("\n")
    for at, line in enumerate(lines):
        opens = at == 0 or (not lines[at - 1] and lines[at + 1 : at + 2] not in ([], [""]))
        is_short = at == 0 or len(line) <= LONGEST_HEADING
        if line and opens and is_short and not line.endswith((".", ":")):
            lines[at] = bold(line)
    return "\n".join(lines)
