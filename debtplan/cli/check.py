"""Commands that look whether all is well: doctor, audit, db path."""

from typing import TYPE_CHECKING, Annotated

import typer

from debtplan.cli import terminal
from debtplan.cli.columns import columns
from debtplan.cli.plan import AsOf, Team
from debtplan.cli.state import Progress, note, settings
from debtplan.core.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from debtplan.config.settings import Loaded
    from debtplan.core.source import Probe

db_app = typer.Typer(
    help="Look at the database that debtplan keeps.", no_args_is_help=True, rich_markup_mode=None
)


def doctor(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="Only this part, such as a source's name or metrics.")
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Say what works, what does not, and what to do about it.

    Looks at settings, solver, database, every source, sprint, capacity, metrics, links, and who is
    told of plans; stores nothing and sends no message. Exit 1 where something has to be mended.
    """
    from debtplan.errors import UsageError

    loaded = settings(context)
    found = []
    with Progress(context) as progress:
        for number, part in enumerate(_examine(loaded, as_of)):
            progress(f"looking at {part.part}", number, 0)
            found.append(part)
    parts = list(dict.fromkeys(one.part for one in found))
    if name is not None and name not in parts:
        raise UsageError(
            f"There is no part {name!r} to look at.", f"Use one of: {', '.join(parts)}."
        )
    asked = [one for one in found if name in (None, one.part)]
    _show_parts(asked)
    ill = sum(1 for one in asked if not one.is_well)
    if ill:
        verb = "needs" if ill == 1 else "need"
        note(context, f"{ill} of {len(asked)} {verb} mending; -> says how.")
        raise typer.Exit(1)
    note(context, f"All {len(asked)} well." if len(asked) > 1 else "Well.")


def _examine(loaded: "Loaded", as_of: str | None) -> "Iterator[Probe]":
    """Yield everything that is looked at."""
    from debtplan.bootstrap import answers

    yield from answers.examine(loaded, answers.moment(as_of))
    if loaded.settings.notify:  # only then is HTTP needed here
        from debtplan.bootstrap.readers import examine_readers

        yield from examine_readers(loaded)


def _show_parts(parts: "list[Probe]") -> None:
    """Write a line a part, and under it what to do."""
    widest = min(24, max(len(one.part) for one in parts))
    indent = " " * (len("MEND  ") + widest + 2)
    for one in parts:
        mark = "ok  " if one.is_well else "MEND"
        head = f"{mark}  {clean_line(one.part, 60):<{widest}}  "
        arrow = "" if one.is_well else "-> "
        lines = terminal.wrapped(f"{head}{clean_line(one.what, 2_000)}", indent)
        if one.fix:
            lines += terminal.wrapped(f"{indent}{arrow}{clean_line(one.fix, 2_000)}", indent)
        if not one.is_well:
            lines[0] = lines[0].replace(mark, terminal.bold(mark), 1)
        typer.echo("\n".join(lines))


def audit(
    context: typer.Context,
    team: Team = None,
    as_of: AsOf = None,
) -> None:
    """Prove that no harm is claimed twice.

    What all items together claim is at most the harm that was measured, step by step. Exit 1 where
    a step claims more.
    """
    from debtplan.bootstrap import adapters, answers

    loaded = settings(context)
    with adapters.open_store(loaded) as store:
        inputs = answers.inputs(loaded, store, team, answers.moment(as_of))
    rows = answers.ledger(inputs)
    if not rows:
        typer.echo("No harm is known, so nothing is claimed; see `debtplan metrics`.")
        return
    cells = [
        (
            row.pool,
            f"{row.measured:,.1f}",
            f"{row.low:,.0f} to {row.high:,.0f}",
            row.basis,
            f"{row.claimed:,.1f}",
            "holds" if row.holds else "CLAIMS TOO MUCH",
        )
        for row in rows
    ]
    head = ("flow / step / segment", "measured", "bounds", "overlap", "claimed", "proof")
    typer.echo(columns(head, cells))
    measured, claimed = sum(row.measured for row in rows), sum(row.claimed for row in rows)
    terminal.show(
        f"In all {claimed:,.0f} of {measured:,.0f} frustrated sessions per sprint are claimed."
    )
    if not all(row.holds for row in rows):
        raise typer.Exit(1)


@db_app.command("path")
def path(context: typer.Context) -> None:
    """Say where the database is: a SQLite file that any tool can open, or a server."""
    from debtplan.bootstrap import adapters

    terminal.hand_over(adapters.store_place(settings(context)))
