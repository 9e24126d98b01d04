"""The command that lists the goals of the settings; `goal` asks what one would take."""

from typing import Annotated

import typer

from debtplan.cli import terminal
from debtplan.cli.columns import columns
from debtplan.cli.rows import Day, Form, ListForm
from debtplan.cli.state import note, settings

Months = Annotated[bool, typer.Option("--months", help="Show every goal month by month too.")]


def goals(
    context: typer.Context,
    as_of: Day = None,
    form: Form = ListForm.TABLE,
    *,
    months: Months = False,
) -> None:
    """List the tracked goals: reached, missed or how likely.

    They stand under [[goal]]. What a goal would take is another question: `debtplan goal METRIC`.
    """
    from debtplan.bootstrap import adapters, answers, tracked
    from debtplan.render import goals as render

    loaded = settings(context)
    with adapters.open_store(loaded) as store:
        found = tracked.headways(loaded, store, answers.moment(as_of))
    if form is ListForm.JSON:
        terminal.hand_over(render.goals_json(found))
        return
    if not found:
        typer.echo("No goal is tracked; add [[goal]] to the settings.")
        return
    typer.echo(columns(render.HEAD, render.goal_rows(found)))
    for one in found if months else ():
        typer.echo(f"\n{render.name_of(one)}")
        typer.echo(columns(render.MONTH_HEAD, render.month_rows(one)))
    for one in found:
        for reason in one.reasons:
            note(context, f"note: {one.goal.id}: {reason}.")
