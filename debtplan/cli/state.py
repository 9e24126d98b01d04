"""What every command shares: the settings asked for, and how much to say."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import typer

from debtplan.cli import terminal
from debtplan.core.text import clean_line

if TYPE_CHECKING:
    from debtplan.config.settings import Loaded

LONGEST_TASK = 60
"""Characters of what a progress bar says."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the whole command line.

    Attributes:
        config: Settings file asked for; None looks for one.
        quiet: Say nothing on stderr but errors.
        risk: What plans are chosen by; None as the settings say.
    """

    config: Path | None = None
    quiet: bool = False
    risk: str | None = None


def options(context: typer.Context) -> Options:
    """Return the options of the whole command line."""
    found = context.find_root().obj
    return found if isinstance(found, Options) else Options()


def settings(context: typer.Context) -> "Loaded":
    """Return the settings that apply here."""
    from debtplan.bootstrap import adapters

    asked = options(context)
    return adapters.by_risk(adapters.load(asked.config), asked.risk)


def note(context: typer.Context, sentence: str) -> None:
    """Say something beside the result, on stderr."""
    if not options(context).quiet:
        terminal.tell(sentence)


class Progress:
    """A bar on stderr for what takes over a second; none when piped, quiet or without colours."""

    AFTER_S = 1.0

    def __init__(self, context: typer.Context) -> None:
        """Show nothing yet."""
        is_plain = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
        wanted = sys.stderr.isatty() and not is_plain
        self._is_on = wanted and not options(context).quiet
        self._start = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        """Start the clock."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show how far it is, once a second has passed."""
        if not self._is_on or time.monotonic() - self._start < self.AFTER_S:
            return
        if self._bar is None:
            self._open()
        from rich.markup import escape

        said = escape(clean_line(what, LONGEST_TASK))
        self._bar.update(self._task, description=said, completed=done, total=total or None)

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bar

        self._bar = Bar(console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("", total=None)
        self._bar.start()
