"""The unattended run: debtplan run."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from debtplan.cli import terminal
from debtplan.cli.output import write_result
from debtplan.cli.state import Progress, note, settings

if TYPE_CHECKING:
    from debtplan.config.settings import Loaded
    from debtplan.core.account import RunAccount
    from debtplan.errors import DebtplanError


Team = Annotated[str | None, typer.Option(help="Only this team; all of them if left out.")]
AsOf = Annotated[str | None, typer.Option(help="Run as of this day, YYYY-MM-DD; now if left out.")]
Out = Annotated[
    Path | None, typer.Option(help="Folder for run.json and TEAM/SPRINT/; else [run] out.")
]
Quietly = Annotated[bool, typer.Option("--no-notify", help="Tell nobody.")]


def run(
    context: typer.Context,
    *,
    team: Team = None,
    as_of: AsOf = None,
    out: Out = None,
    no_notify: Quietly = False,
) -> None:
    """Sync, plan, report and notify: what a scheduler calls.

    For the sprint that comes next, and one that was missed a moment ago. Safe to repeat: the same
    data changes nothing and notifies nobody. Exit 1 where it failed or took longer than [run]
    total_s, 2 where the settings have to be mended, 4 where a source refused the credentials, 5
    where something failed and the plan was made of the rest, 6 where the rules contradict each
    other, 75 where another run is at work. OUT/run.json and the last line say what was done.
    """
    from debtplan.bootstrap import adapters, answers
    from debtplan.errors import DebtplanError, LockedError

    started_at = adapters.now()
    book = Book(out, started_at)
    try:
        book.as_of = answers.moment(as_of)
        loaded = settings(context)
        book.out = out or loaded.folder / Path(loaded.settings.run.out).expanduser()
        done = _run(context, loaded, book, team=team, is_quiet=no_notify)
    except LockedError:
        raise  # run.json is the other run's
    except DebtplanError as error:
        book.fail(error)
        raise
    for sentence in done.errors:
        terminal.tell(f"debtplan: {sentence}")
    terminal.show(f"debtplan run: {book.line}")
    if done.exit_code:
        raise typer.Exit(done.exit_code)


def _run(
    context: typer.Context, loaded: "Loaded", book: "Book", *, team: str | None, is_quiet: bool
) -> "RunAccount":
    """Return the account of the run, ended by force where nothing else ends it."""
    from debtplan.bootstrap import runs
    from debtplan.cli.alarm import Alarm

    total_s = loaded.settings.run.total_s
    sentence = (
        f"The run was ended by force after {total_s:,.3g} s; what it had kept and sent stays. "
        "Look what takes that long, or raise total_s under [run]."
    )
    alarm = Alarm(total_s, lambda: book.end(sentence))
    with alarm.running(), Progress(context) as progress:
        ask = runs.Ask(
            loaded=loaded,
            team=team,
            when=book.as_of or book.started_at,
            out=book.out or loaded.folder,
            write=write_result,
            limit=alarm.limit,
            keep=book.keep,
            is_quiet=is_quiet,
            progress=progress,
            told=lambda why, seconds: note(context, f"waiting {seconds:,.0f} s: the service {why}"),
            started_at=book.started_at,
        )
        return runs.run(ask)


@dataclass
class Book:
    """Keeps run.json up to date, so that it tells the truth however the run ends.

    Attributes:
        out: Folder of run.json; None while it is not known.
        started_at: Aware UTC.
        as_of: The moment that is planned from.
        account: What was done so far.
        is_shut: Nothing that follows changes the account.
    """

    out: Path | None
    started_at: datetime
    as_of: datetime | None = None
    account: "RunAccount | None" = None
    is_shut: bool = False

    def keep(self, account: "RunAccount") -> None:
        """Write the account down."""
        if not self.is_shut:
            self._write(account)

    def _write(self, account: "RunAccount") -> None:
        from debtplan.bootstrap.runs import ACCOUNT

        self.account = account
        if self.out is not None:
            write_result(self.out / ACCOUNT, f"{account.model_dump_json(indent=2)}\n")

    def fail(self, error: "DebtplanError") -> None:
        """Write down that a run ended before it began, and say so."""
        from debtplan.bootstrap import runs

        account = self.account or runs.begin(self.as_of or self.started_at, self.started_at)
        self._end(account, " ".join(str(error).split()), error.exit_code)

    def end(self, sentence: str) -> None:
        """Write down that a run was ended by force, and say so."""
        if self.account is not None:
            terminal.tell(f"debtplan: {sentence}")
            self._end(self.account, sentence, 1)

    def _end(self, account: "RunAccount", sentence: str, code: int) -> None:
        from debtplan.bootstrap.adapters import now

        ended = {"errors": (*account.errors, sentence), "exit_code": code, "ended_at": now()}
        self.is_shut = True
        try:
            self._write(account.model_copy(update=ended))
        finally:
            terminal.show(f"debtplan run: {self.line}")

    @property
    def line(self) -> str:
        """The account in one line."""
        from debtplan.core.account import say_account
        from debtplan.core.text import clean_line

        return clean_line(say_account(self.account), 1_000) if self.account else "not begun"
