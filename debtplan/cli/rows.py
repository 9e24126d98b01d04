"""Lists: rows as a table or as JSON."""

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Any

import typer

from debtplan.cli import terminal
from debtplan.cli.columns import columns

UNKNOWN = "not known"

WHOLE_FROM = 100
"""Numbers from here on are shown without decimals."""


class ListForm(StrEnum):
    """Forms of a list."""

    TABLE = "table"
    JSON = "json"


Form = Annotated[ListForm, typer.Option("--format", help="Form of the list.")]

Day = Annotated[str | None, typer.Option(help="Day to look from, YYYY-MM-DD; today if left out.")]


def show_rows(
    records: list[dict[str, Any]],
    form: ListForm,
    empty: str,
    hidden: Collection[str] = (),
    by: Collection[str] = (),
) -> None:
    """Write records as JSON, or as a table without hidden columns and those that say nothing.

    Args:
        records: In the order that JSON has.
        form: Table or JSON.
        empty: What a table says without records.
        hidden: Columns that a table leaves out.
        by: Columns of keys or days that order a table, the first of them first.
    """
    if form is ListForm.JSON:
        import json

        # Characters outside ASCII are spelled out: what a title hides cannot hide here.
        terminal.hand_over(json.dumps({"schema_version": 1, "rows": records}, indent=1))
        return
    if not records:
        typer.echo(empty)
        return
    from debtplan.core.natural import natural

    head = [
        name
        for name in records[0]
        if name not in hidden and any(one[name] != "" for one in records)
    ]
    listed = sorted(records, key=lambda one: [natural(str(one[name])) for name in by])
    rows = [[_cell(one[name]) for name in head] for one in listed]
    typer.echo(columns(head, rows))


def _cell(value: object) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, list):
        from debtplan.core.natural import in_order

        return ", ".join(in_order(map(str, value)))
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= WHOLE_FROM else f"{value:.3g}"
    return str(value)
