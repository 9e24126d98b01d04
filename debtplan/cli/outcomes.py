"""The command about what came of approved plans: outcomes."""

from pathlib import Path
from typing import Annotated

import typer

from debtplan.cli import terminal
from debtplan.cli.output import form_of, write_result
from debtplan.cli.state import note, settings

Team = Annotated[str | None, typer.Option(help="Only this team's; all of them if left out.")]
AsOf = Annotated[
    str | None, typer.Option(help="Judge as of this day, YYYY-MM-DD; now if left out.")
]
Form = Annotated[str, typer.Option("--format", help="table, json, markdown or html, to stdout.")]
Outputs = Annotated[
    list[Path] | None,
    typer.Option(
        "--output",
        "-o",
        help="Also write it to outcomes.html, .json, .md or .txt: the ending decides. May "
        "be given several times.",
    ),
]


def outcomes(
    context: typer.Context,
    *,
    team: Team = None,
    as_of: AsOf = None,
    form: Form = "table",
    output: Outputs = None,
) -> None:
    """Judge what approved plans promised, beside what happened.

    A forecast is judged once, when the days after its release are over; what cannot be judged yet
    is listed with the day from which it can. What the verdicts say corrects the next plan.
    """
    from debtplan.bootstrap import adapters, answers, tracked
    from debtplan.bootstrap import outcomes as judging
    from debtplan.config.assemble import pick_team

    written = judging.outcome_form(form, terminal.width())
    files = {path: judging.outcome_form(form_of(path)) for path in output or ()}
    loaded = settings(context)
    name = "" if team is None else pick_team(loaded.settings, team)
    with adapters.open_store(loaded) as store:
        when = answers.moment(as_of)
        session = judging.judge_now(loaded, store, when, name)
        found = tracked.with_goals(session.outcomes, loaded, store, when)
    for path, write in files.items():
        write_result(path, write(found))
        note(context, f"Wrote {path}.")
    if not (found.rows or found.pending or found.goals) and form == "table":
        typer.echo("No forecast is kept yet; `debtplan approve` keeps those of a plan.")
        return
    (terminal.show if form == "table" else terminal.hand_over)(written(found))
