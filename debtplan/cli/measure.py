"""The command about what to find out first."""

from typing import TYPE_CHECKING, Any

import typer

from debtplan.cli.plan import PARTIAL, AsOf, SprintName, Team
from debtplan.cli.rows import Form, ListForm, show_rows
from debtplan.cli.state import Progress, note, settings
from debtplan.cli.terminal import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from debtplan.core.plan import MeasureFirst


def measure(
    context: typer.Context,
    *,
    team: Team = None,
    sprint: SprintName = None,
    as_of: AsOf = None,
    form: Form = ListForm.TABLE,
) -> None:
    """List which missing or weak numbers would change the plan most.

    The worth is in frustrated sessions per sprint: what the plan would relieve more on average if
    the number were known. Exit 5 where a source had failed.
    """
    from debtplan.bootstrap import adapters, answers
    from debtplan.bootstrap.measuring import what_to_measure

    loaded = settings(context)
    when = answers.moment(as_of)
    with adapters.open_store(loaded) as store, Progress(context) as progress:
        inputs = answers.inputs(loaded, store, team, when, sprint)
        rows = what_to_measure(loaded, inputs, progress)
    show_rows(_records(rows, form), form, "Nothing is missing, and no weak number would change it.")
    if rows and form is ListForm.TABLE:
        kind = "weighted " if any(flow.weight != 1 for flow in inputs.flows) else ""
        note(context, f"worth: {kind}frustrated sessions a sprint.")
    _say(context, rows)
    failed = [one.name for one in inputs.sources if one.status == "failed"]
    if failed:
        tell(f"debtplan: partial data: {', '.join(failed)} failed when last read.")
        raise typer.Exit(PARTIAL)


def _records(rows: "Sequence[MeasureFirst]", form: ListForm) -> list[dict[str, Any]]:
    if form is ListForm.JSON:
        return [row.model_dump(mode="json") for row in rows]
    from debtplan.core.gaps import order
    from debtplan.core.natural import natural

    rows = sorted(rows, key=lambda row: (order(row)[:2], row.missing, natural(row.key), row.why))
    return [
        {
            "key": row.key,
            "missing": row.missing,
            "worth": "not computed" if row.worth is None else _digits(row.worth),
            "takes": row.takes,
            "title": row.title,
            "why": row.why,
        }
        for row in rows
    ]


def _digits(worth: float) -> str:
    return "0" if worth == 0 else f"{worth:,.0f}" if worth >= 10 else f"{worth:.2g}"  # noqa: PLR2004 - two digits


def _say(context: typer.Context, rows: "Sequence[MeasureFirst]") -> None:
    """Say what the numbers come to."""
    idle = sum(row.worth == 0 for row in rows)
    open_ones = sum(row.worth is None for row in rows)
    if idle:
        note(context, f"{idle} would not change the plan, whatever they turn out to be: worth 0.")
    if open_ones:
        note(context, f"{open_ones} not computed: they may be worth less, or nothing is known yet.")
