"""Commands for the first hour: demo, init, config show."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from debtplan.cli import terminal
from debtplan.cli.output import write_result
from debtplan.cli.state import Progress, note, settings
from debtplan.errors import UsageError

MOST_POINTS = 1_000_000
"""More is a slip of the keyboard."""

config_app = typer.Typer(
    help="Look at the settings in force.", no_args_is_help=True, rich_markup_mode=None
)


def demo(
    context: typer.Context,
    out: Annotated[
        Path, typer.Option(help="Folder for plan.json, report.html, report.md and items.csv.")
    ] = Path("debtplan-demo"),
) -> None:
    """Do the whole job on sample data: no token, no network.

    OmniRetail loses customers abroad at its shipping step. The plan finds out which debt is to
    blame, and what to leave for later. Only the four files are written.
    """
    from debtplan.bootstrap import adapters, answers

    with Progress(context) as progress:
        made = answers.make_demo(progress)
        files = {
            "plan.json": "json",
            "report.html": "html",
            "report.md": "markdown",
            "items.csv": "csv",
        }
        for done, (name, form) in enumerate(files.items()):
            progress(f"writing {name}", done, len(files))
            write_result(out / name, adapters.render(made, form))
    terminal.show(adapters.renderer("table", terminal.width()).render(made))
    note(context, f"Wrote {', '.join(files)} to {out}. Open {out / 'report.html'} in a browser.")
    note(context, "Now your own team: debtplan init.")


def init(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("debtplan.toml"),
    *,
    team: Annotated[str | None, typer.Option(help="Name of the team.")] = None,
    export: Annotated[
        str | None, typer.Option(help="Your tracker's export: a CSV file or saved JSON answers.")
    ] = None,
    capacity: Annotated[
        float | None, typer.Option(help="Points the team does in a sprint.")
    ] = None,
    flow: Annotated[
        str | None, typer.Option(help="Name of the path users take that hurts most.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
) -> None:
    """Write debtplan.toml for your team, from a few answers.

    On a terminal it asks for what is not given; elsewhere --team, --export and --capacity say it.
    """
    from debtplan.config.template import write_settings  # loads the settings' models

    if path.exists() and not force:
        raise UsageError(f"{path} exists.", "Add --force to write over it, or name another file.")
    _check_answers(team, export, capacity)
    team = team or _ask("Name of the team", "checkout")
    export = export or _ask(
        "Your tracker's export (CSV, or saved Jira or GitHub JSON)", "issues.csv"
    )
    if capacity is None:
        capacity = _ask_number("Points the team does in a sprint", "40")
    if flow is None:
        asks = sys.stdin.isatty()
        flow = _ask("The path users take that hurts most", "checkout") if asks else "checkout"
    text = write_settings(team, export, _checked(capacity), flow, path.absolute().parent)
    write_result(path, text)
    note(context, f"Wrote {path}. Look for CHANGE in it: those numbers are yours to give.")
    _tell_export(context, path)
    note(context, "Next: debtplan doctor, debtplan sync, debtplan plan.")


@config_app.command()
def show(
    context: typer.Context,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value comes from.")
    ] = False,
) -> None:
    """Show every setting in force, defaults included."""
    from debtplan.config.show import show_settings  # loads the settings' models

    for line in show_settings(settings(context), with_origin=origin):
        terminal.show(line)


def _check_answers(team: str | None, export: str | None, capacity: float | None) -> None:
    """Refuse to go on where an answer is missing and there is nobody to ask.

    Raises:
        UsageError: All that is missing, in one sentence.
    """
    answers = (("--team", team), ("--export", export), ("--capacity", capacity))
    missing = [option for option, answer in answers if answer is None]
    if missing and not sys.stdin.isatty():
        what = f"There is nobody to ask for {', '.join(missing)}: this is no terminal."
        fix = "Give them: debtplan init --team checkout --export issues.csv --capacity 40."
        raise UsageError(what, fix)


def _checked(capacity: float) -> float:
    if not 0 < capacity <= MOST_POINTS:
        what = f"A capacity of {capacity:g} points is none that a team has."
        raise UsageError(what, "Give the points that the team does in a sprint, above 0.")
    return capacity


def _ask(question: str, default: str) -> str:
    return str(typer.prompt(question, default=default, err=True))


def _ask_number(question: str, default: str) -> float:
    while True:
        try:
            return _checked(float(_ask(question, default).replace(",", ".")))
        except (ValueError, UsageError):
            terminal.tell("That is no number above 0, such as 40 or 37.5.")


def _tell_export(context: typer.Context, path: Path) -> None:
    """Tell how the export reads under the settings just written."""
    from debtplan.bootstrap import adapters, feeds
    from debtplan.workflows.examine import examine_feeds

    for part in examine_feeds(feeds.feeds(adapters.load(path))):
        note(context, f"{part.part}: {part.what.removesuffix('.')}.")
        if part.fix:
            note(context, f"  {part.fix}")
