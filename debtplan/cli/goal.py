"""The command about a goal: what it takes to bring a metric there."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from debtplan.cli import terminal
from debtplan.cli.output import form_of, write_result
from debtplan.cli.plan import PARTIAL, AsOf, SprintName, Team
from debtplan.cli.state import Progress, note, settings

if TYPE_CHECKING:
    from debtplan.core.goal import Wanted


_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")

MetricName = Annotated[
    str, typer.Argument(help="Id of the metric; `debtplan metrics` lists them.", metavar="METRIC")
]
Change = Annotated[
    str | None, typer.Option(help="Change of today's number, such as -20%.", metavar="CHANGE")
]
Level = Annotated[
    str | None,
    typer.Option(
        help="Number to reach, as the metric's target is written: a share such as 25%, for waiting "
        "times an Apdex such as 0.9, for scans a number of findings such as 10.",
        metavar="VALUE",
    ),
]
Odds = Annotated[
    str | None,
    typer.Option(help="Plan for this chance of getting there, such as 80%.", metavar="CHANCE"),
]
Form = Annotated[str, typer.Option("--format", help="table, json or markdown, to stdout.")]
Outputs = Annotated[
    list[Path] | None,
    typer.Option(
        "--output",
        "-o",
        help="Also write it to goal.json, goal.md or goal.txt: the ending decides. May be given "
        "several times.",
    ),
]


def goal(
    context: typer.Context,
    metric: MetricName,
    *,
    relative: Change = None,
    to: Level = None,
    chance: Odds = None,
    team: Team = None,
    sprint: SprintName = None,
    as_of: AsOf = None,
    form: Form = "table",
    output: Outputs = None,
) -> None:
    """Say what brings a metric to a goal: points, sprints, chance.

    That a goal is out of reach is an answer too: exit 0. Exit 5 where a source had failed.
    """
    from debtplan.bootstrap import adapters, answers, goals
    from debtplan.core.flow import FOUND

    written = goals.goal_form(form, terminal.width())
    files = {path: goals.goal_form(form_of(path)) for path in output or ()}
    odds = None if chance is None else _share(chance, "--chance", "80%")
    loaded = settings(context)
    is_count = any(one.id == metric and one.kind in FOUND for one in loaded.settings.metric)
    wanted = _wanted(relative, to, is_count=is_count)
    when = answers.moment(as_of)
    with adapters.open_store(loaded) as store, Progress(context) as progress:
        inputs = answers.inputs(loaded, store, team, when, sprint)
        found = goals.find(loaded, inputs, (metric, wanted, odds), progress)
    for path, write in files.items():
        write_result(path, write(found))
        note(context, f"Wrote {path}.")
    (terminal.show if form == "table" else terminal.hand_over)(written(found))
    if found.failed:
        terminal.tell(f"debtplan: partial data: {', '.join(found.failed)} failed when last read.")
        raise typer.Exit(PARTIAL)


def _wanted(relative: str | None, to: str | None, *, is_count: bool) -> "Wanted":
    from debtplan.core.goal import Wanted
    from debtplan.errors import UsageError

    if (relative is None) == (to is None):
        what = "A goal needs either a change or a number to reach."
        raise UsageError(what, "Give one of --relative -20% and --to VALUE.")
    if relative is not None:
        return Wanted(relative=_share(relative, "--relative", "-20%"))
    return Wanted(value=_count(to or "") if is_count else _share(to or "", "--to", "25%"))


def _count(text: str) -> float:
    """Return a number of findings as people write it: `10`."""
    from debtplan.errors import UsageError

    if not _NUMBER.fullmatch(text.strip()):
        what = f"--to: {text!r} is no number of findings, which is what this metric counts."
        raise UsageError(what, "Write it as --to 10, or a change as --relative -20%.")
    return float(text)


def _share(text: str, option: str, example: str) -> float:
    from debtplan.core.goal import parse_share
    from debtplan.errors import UsageError

    try:
        return parse_share(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}.", f"Write it as {option} {example}.") from None
