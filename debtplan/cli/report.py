"""Commands about the document: report, verify."""

from pathlib import Path
from typing import Annotated

import typer

from debtplan.cli import terminal
from debtplan.cli.output import form_of, read_text, write_result
from debtplan.cli.state import Progress, note


def report(
    context: typer.Context,
    plan: Annotated[Path, typer.Argument(help="A plan.json, or a report.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; its ending decides the form."),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", help="table, json, markdown, csv or html.")
    ] = None,
) -> None:
    """Turn a plan into a report: HTML, Markdown, CSV, JSON or a table."""
    from debtplan.bootstrap import adapters, answers

    chosen = form or (form_of(output) if output else "table")
    renderer = adapters.renderer(chosen, terminal.width() if output is None else None)
    text = renderer.render(answers.read_plan(read_text(plan), plan))
    if output is not None:
        write_result(output, text)
        note(context, f"Wrote {output}.")
    elif chosen == "table":
        terminal.show(text)
    else:
        terminal.hand_over(text)


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A report.html or plan.json.")],
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every check.")] = False,
) -> None:
    """Prove a report again, offline, from the data inside it.

    Every rule is added up in exact arithmetic, every number computed again from the readings, and
    the page drawn again and compared. Exit 1 where anything does not hold.
    """
    from debtplan.bootstrap import answers

    text = read_text(file)
    made = answers.read_plan(text, file)
    with Progress(context) as progress:
        checks = answers.verify(made, text, progress)
    bad = [check for check in checks if not check.holds]
    lines = [
        f"{'holds' if check.holds else 'FAILS'}  {check.what}"
        f"{': ' + check.detail if check.detail else ''}"
        for check in (checks if verbose else bad)
    ]
    if bad:
        lines.append(f"{file} does NOT hold: {len(bad)} of {len(checks)} checks fail.")
    else:
        items = f"{len(made.chosen)} item{'' if len(made.chosen) == 1 else 's'}"
        lines.append(
            f"{file} holds: {len(checks)} checks, {items}, {made.ux_value:,.0f} frustrated "
            f"sessions avoided per sprint, digest {made.digest[:12]}."
        )
    for line in lines:
        terminal.show(line)
    if bad:
        raise typer.Exit(1)
