"""The command that writes tidy tables for other tools."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from debtplan.cli.columns import columns
from debtplan.cli.output import write_result
from debtplan.cli.rows import Day
from debtplan.cli.state import Progress, note, settings


class Files(StrEnum):
    """Forms of the tables."""

    CSV = "csv"
    PARQUET = "parquet"
    BOTH = "both"


Folder = Annotated[Path, typer.Argument(help="Folder to write into, made where needed.")]
Form = Annotated[Files, typer.Option("--format", help="Form of the files.")]


def export(
    context: typer.Context, folder: Folder, form: Form = Files.CSV, as_of: Day = None
) -> None:
    """Write tidy tables for Tableau, Grafana and notebooks.

    One file a table, with the columns that docs/export.md lists; files of other names are left
    alone. Links and harm are as of today, or --as-of.
    """
    from debtplan.bootstrap import adapters, answers, export
    from debtplan.errors import InputError

    loaded, when = settings(context), answers.moment(as_of)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        fix = "Name another folder, or give this user the right to write there."
        raise InputError(f"{folder} cannot be made: {cause}.", fix) from None
    written: list[tuple[str, str, str]] = []
    with adapters.open_store(loaded) as store, Progress(context) as progress:
        for table, rows, lost in export.tidy_tables(loaded, store, when):
            progress(f"writing {table.name}", len(written), 0)
            names = []
            if form is not Files.PARQUET:
                names.append(f"{table.name}.csv")
                write_result(folder / names[-1], export.render_csv(table, rows))
            if form is not Files.CSV:
                names.append(f"{table.name}.parquet")
                export.write_parquet(folder / names[-1], table, rows)
            written.append((table.name, f"{len(rows):,}", " ".join(names)))
            for one in lost:
                note(context, f"not written: {one.ref}: {one.reason}")
    typer.echo(columns(("table", "rows", "files"), written))
