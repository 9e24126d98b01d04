"""The `debtplan` command: global options, and the commands in the order of a day's work."""

from pathlib import Path
from typing import Annotated

import typer

from debtplan import __version__
from debtplan.cli import (
    check,
    data,
    diff,
    evidence,
    export,
    funnel,
    goal,
    goals,
    links,
    measure,
    notes,
    outcomes,
    plan,
    report,
    run,
    setup,
    suspects,
)
from debtplan.cli.boundary import Boundary
from debtplan.cli.state import Options

HELP = """Which debt work relieves users most, fitted into the capacity you reserve for it.

\b
Start here:
  debtplan demo            the whole job on sample data, no token needed
  debtplan init            write debtplan.toml for your own team
  debtplan doctor          look whether all is there for a plan
  debtplan sync            read your trackers and metrics
  debtplan plan            allocate the coming sprint
  debtplan plan -o plan.json -o report.html
  debtplan goal METRIC --relative -20%   what it takes to bring a metric there
  debtplan run             all of that, unattended: for a scheduler

Results go to stdout, everything else to stderr. Exit codes: 0 ok, 1 failure, 2 usage or settings,
3 changes (--detailed-exitcode), 4 authentication, 5 partial data, 6 no plan, 70 bug, 75 try again,
130 interrupted.
"""

app = typer.Typer(
    cls=Boundary,
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"debtplan {__version__}")
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Settings file; else DEBTPLAN_CONFIG, else debtplan.toml upward from here."
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options of the whole command line."""
    del version
    context.obj = Options(config=config, quiet=quiet)


app.command()(setup.demo)
app.command()(setup.init)
app.command()(check.doctor)
app.command()(data.sync)
app.command()(data.items)
app.command()(data.metrics)
app.command()(notes.notes)
app.command()(notes.releases)
app.command()(funnel.funnel)
app.add_typer(links.links_app, name="links")
app.command()(suspects.suspects)
app.command()(evidence.evidence)
app.command()(plan.plan)
app.command()(plan.explain)
app.command()(measure.measure)
app.command()(goal.goal)
app.command()(goals.goals)
app.command()(diff.diff)
app.command()(diff.approve)
app.command()(report.report)
app.command()(export.export)
app.command()(report.verify)
app.command()(outcomes.outcomes)
app.command()(run.run)
app.command()(check.audit)
app.add_typer(setup.config_app, name="config")
app.add_typer(check.db_app, name="db")
