"""Commands for the first hour: demo, init, config show."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from debtplan.cli import terminal
from debtplan.cli.output import write_result
from debtplan.cli.state import Progress, note, settings
from debtplan.errors import UsageError

if TYPE_CHECKING:
    from debtplan.bootstrap.demo import Sample
    from debtplan.config.template import Answers
    from debtplan.core.plan import Plan

_WHERE = (
    "Where your items are: Jira's address (https://...), a GitHub repository (owner/name), "
    "or an exported file"
)

MOST_POINTS = 1_000_000
"""More is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class _Given:
    """What the options of `init` say; None is asked for."""

    team: str | None
    items: str | None
    capacity: float | None
    flow: str | None
    email: str | None
    projects: list[str] | None
    board: str | None
    prometheus: str | None


config_app = typer.Typer(
    help="Look at the settings in force.", no_args_is_help=True, rich_markup_mode=None
)


def demo(
    context: typer.Context,
    out: Annotated[
        Path,
        typer.Option(
            help="Folder for plan.json, report.html, report.md, items.csv, outcomes.html and "
            "outcomes.json."
        ),
    ] = Path("debtplan-demo"),
) -> None:
    """Do the whole job on sample data: no token, no network.

    OmniRetail loses customers abroad at its shipping step. The plan finds out which debt is to
    blame, and what to leave for later; half a year on, the outcomes tell what came of it. Only the
    six files are written.
    """
    from debtplan.bootstrap import adapters
    from debtplan.bootstrap import demo as sample

    with Progress(context) as progress, sample.open_sample(progress) as opened:
        made = sample.plan_sample(opened, progress)
        files = {
            "plan.json": "json",
            "report.html": "html",
            "report.md": "markdown",
            "items.csv": "csv",
        }
        for done, (name, form) in enumerate(files.items()):
            progress(f"writing {name}", done, len(files))
            write_result(out / name, adapters.render(made, form))
        later = _look_back(opened, made, out, progress)
    terminal.show(adapters.renderer("table", terminal.width()).render(made))
    note(context, f"Wrote {', '.join(files)} to {out}. Open {out / 'report.html'} in a browser.")
    note(context, later)
    note(context, "Now your own team: debtplan init.")


def _look_back(opened: "Sample", made: "Plan", out: Path, progress: Progress) -> str:
    """Write what came of the sample's plan half a year later; return one line on it."""
    from debtplan.bootstrap import demo as sample
    from debtplan.bootstrap.outcomes import outcome_form
    from debtplan.render.goals import status_of

    try:
        found = sample.look_back(opened, made, progress)
    except UsageError as error:
        return f"What came of it is not shown: {error.what} {error.fix}"
    files = {"outcomes.html": "html", "outcomes.json": "json"}
    for name, form in files.items():
        write_result(out / name, outcome_form(form)(found))
    goals = "; ".join(f"its goal was {status_of(one)}" for one in found.goals)
    return f"Wrote {' and '.join(files)}: what came of this plan half a year later, where {goals}."


_Email = Annotated[str | None, typer.Option(help="Account of the Jira token; '' for Data Center.")]
_Projects = Annotated[
    list[str] | None, typer.Option(help="Key of a Jira project; may be given several times.")
]
_Export = Annotated[
    str | None, typer.Option(help="Your tracker's export: a CSV file or saved JSON answers.")
]
_Tracker = Annotated[
    str | None,
    typer.Option(help="A live one instead: Jira's address, or a GitHub repository owner/name."),
]
_Board = Annotated[
    str | None, typer.Option(help="Number of the Jira board that has the team's sprints.")
]


def init(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("debtplan.toml"),
    *,
    team: Annotated[str | None, typer.Option(help="Name of the team.")] = None,
    export: _Export = None,
    tracker: _Tracker = None,
    email: _Email = None,
    project: _Projects = None,
    board: _Board = None,
    prometheus: Annotated[
        str | None, typer.Option(help="Address of a Prometheus that measures the path.")
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

    On a terminal it asks for what is not given; elsewhere --team, --export (or --tracker) and
    --capacity (or --board) say it. Then it looks whether the tracker can be read.
    """
    from debtplan.config.template import write_settings  # loads the settings' models

    if path.exists() and not force:
        raise UsageError(f"{path} exists.", "Add --force to write over it, or name another file.")
    _check_answers(team, tracker or export, capacity if board is None else 1.0)
    folder = path.absolute().parent
    given = _Given(team, tracker or export, capacity, flow, email, project, board, prometheus)
    write_result(path, write_settings(_ask_for(given, folder), folder))
    note(context, f"Wrote {path}. Look for CHANGE in it: those numbers are yours to give.")
    _tell_sources(context, path)
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
    answers = (("--team", team), ("--export or --tracker", export), ("--capacity", capacity))
    missing = [option for option, answer in answers if answer is None]
    if missing and not sys.stdin.isatty():
        what = f"There is nobody to ask for {', '.join(missing)}: this is no terminal."
        fix = "Give them: debtplan init --team checkout --export issues.csv --capacity 40."
        raise UsageError(what, fix)


def _ask_for(given: _Given, folder: Path) -> "Answers":
    """Return the answers: those given, the others asked for where somebody is there."""
    from debtplan.config.template import Answers, tracker_of

    team = given.team or _ask("Name of the team", "checkout")
    items = given.items or _ask(_WHERE, "issues.csv")
    tracker = tracker_of(items, folder)
    email, board, prometheus = given.email, given.board, given.prometheus
    projects = given.projects or []
    if tracker == "jira":
        email = _ask_unless(email, "Account of the token (an address; empty for Data Center)")
        projects = projects or _ask_unless(None, "Keys of the projects, with commas").split(",")
        board = _ask_unless(board, "Number of the board with the team's sprints (empty for none)")
    if tracker:
        prometheus = _ask_unless(prometheus, "Address of a Prometheus (empty for none)")
    capacity = given.capacity
    if capacity is None and not board:
        capacity = _ask_number("Points the team does in a sprint", "40")
    return Answers(
        team=team,
        items=items,
        capacity=None if capacity is None else _checked(capacity),
        flow=given.flow or _ask_unless(None, "The path users take that hurts most", "checkout"),
        email=email or "",
        projects=tuple(one.strip() for one in projects if one.strip()),
        board=board or "",
        prometheus=prometheus or "",
    )


def _checked(capacity: float) -> float:
    if not 0 < capacity <= MOST_POINTS:
        what = f"A capacity of {capacity:g} points is none that a team has."
        raise UsageError(what, "Give the points that the team does in a sprint, above 0.")
    return capacity


def _ask(question: str, default: str) -> str:
    return str(typer.prompt(question, default=default, err=True))


def _ask_unless(given: str | None, question: str, default: str = "") -> str:
    """Return what was given, else the answer; the default where nobody can be asked."""
    if given is not None or not sys.stdin.isatty():
        return default if given is None else given
    return str(typer.prompt(question, default=default, show_default=bool(default), err=True))


def _ask_number(question: str, default: str) -> float:
    while True:
        try:
            return _checked(float(_ask(question, default).replace(",", ".")))
        except (ValueError, UsageError):
            terminal.tell("That is no number above 0, such as 40 or 37.5.")


def _tell_sources(context: typer.Context, path: Path) -> None:
    """Tell how the sources read under the settings just written."""
    from debtplan.bootstrap import adapters, feeds
    from debtplan.workflows.examine import examine_feeds

    for part in examine_feeds(feeds.feeds(adapters.load(path))):
        note(context, f"{part.part}: {part.what.removesuffix('.')}.")
        if part.fix:
            note(context, f"  {part.fix}")
