"""`debtplan funnel`: how far sessions get in a flow, and where they are lost."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from debtplan.cli import terminal
from debtplan.cli.columns import columns
from debtplan.cli.rows import UNKNOWN, Day, Form, ListForm
from debtplan.cli.state import note, settings

if TYPE_CHECKING:
    from debtplan.config.settings import Loaded
    from debtplan.core.flow import Flow
    from debtplan.warehouse.funnel import Funnel, FunnelStep

REST = "the rest"
"""What sessions are called that belong to none of the segments."""


def funnel(
    context: typer.Context,
    flow: Annotated[str, typer.Argument(help="Id of a [[flow]].")],
    *,
    segment: Annotated[str, typer.Option(help="Only sessions of this segment.")] = "all",
    by: Annotated[
        str, typer.Option(help="Dimension, or `segment`, whose values are told apart.")
    ] = "",
    warehouse: Annotated[
        str | None, typer.Option(help="Which [warehouse.NAME] has the events.")
    ] = None,
    is_saved: Annotated[
        bool, typer.Option("--saved", help="Use the readings in the store; ask no warehouse.")
    ] = False,
    as_of: Day = None,
    form: Form = ListForm.TABLE,
) -> None:
    """Show how far sessions get in a flow, and where they are lost.

    Reads the warehouse of the flow over the last 28 complete days; where none is set, the readings
    in the store.
    """
    from debtplan.bootstrap import warehouses

    loaded = settings(context)
    path = warehouses.flow_of(loaded, flow)
    named = None if is_saved else warehouses.telling(loaded, path, warehouse)
    found = _named(_read(loaded, path, named, (segment, by), as_of), by)
    if form is ListForm.JSON:
        terminal.hand_over(json.dumps(_document(flow, segment, by, found), indent=1))
        return
    if not found.steps:
        typer.echo("No session entered the flow in these days; see `debtplan doctor`.")
        return
    head = ("step", by or "sessions of", "entered", "went on", "lost", "median time")
    typer.echo(columns(head, [_cells(one, segment) for one in found.steps]))
    _tell_reversals(context, found)


def _read(
    loaded: "Loaded", flow: "Flow", named: str | None, asked: tuple[str, str], as_of: str | None
) -> "Funnel":
    """Return the funnel from the warehouse of that name, or from the store."""
    from debtplan.bootstrap import adapters, answers, warehouses
    from debtplan.errors import UsageError

    when = answers.moment(as_of)
    if named is not None:
        return warehouses.read_funnel(loaded, flow, named, when, asked)
    segment, by = asked
    if by:
        what = "Saved readings tell no dimensions apart."
        raise UsageError(what, "Set [warehouse.NAME], or leave --by out.")
    with adapters.open_store(loaded) as store:
        return warehouses.kept_funnel(loaded, store, flow, when, segment)


def _named(found: "Funnel", by: str) -> "Funnel":
    """Return the funnel with a name for the sessions that have none of the values told apart."""
    from dataclasses import replace

    if not by:
        return found
    other = REST if by == "segment" else UNKNOWN
    return replace(
        found,
        steps=tuple(replace(one, group=one.group or other) for one in found.steps),
        reversals=tuple(replace(one, group=one.group or other) for one in found.reversals),
    )


def _document(flow: str, segment: str, by: str, found: "Funnel") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "schema_version": 1,
        "flow": flow,
        "segment": segment,
        "by": by,
        "rows": [{**asdict(one), "drop_off": one.drop_off} for one in found.steps],
        "reversals": [asdict(one) for one in found.reversals],
    }


def _cells(one: "FunnelStep", segment: str) -> tuple[str, ...]:
    lost = "-" if one.drop_off is None else f"{one.drop_off:.1%}"
    time = "-" if one.median_s is None else f"{one.median_s:,.0f} s"
    group = one.group or segment
    on = "-" if one.went_on is None else f"{one.went_on:,}"
    return one.step, group, f"{one.entered:,}", on, lost, time


def _tell_reversals(context: typer.Context, found: "Funnel") -> None:
    for one in found.reversals:
        note(
            context,
            f"{one.group} loses more at {one.step} than a fortnight before "
            f"({one.before:.1%}, now {one.after:.1%}), while all together do not "
            f"({one.all_before:.1%}, now {one.all_after:.1%}): the total hides it.",
        )
