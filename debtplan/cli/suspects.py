"""The command that looks for causes: `debtplan suspects`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from debtplan.cli.rows import Day, Form, ListForm, show_rows
from debtplan.cli.state import note, settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from debtplan.core.suspects import Suspect
    from debtplan.core.tally import Tally


def suspects(
    context: typer.Context,
    metric: Annotated[str | None, typer.Argument(help="Only this metric; none takes all.")] = None,
    as_of: Day = None,
    form: Form = ListForm.TABLE,
) -> None:
    """List the marks that explain most bad sessions.

    A mark is a value that raw events are counted by: an error code, a country, a release. Listed is
    what goes wrong more often than chance would have it, at most one false find in ten, those that
    explain most sessions first.
    """
    from debtplan.bootstrap import adapters, answers

    loaded = settings(context)
    when = answers.moment(as_of)
    with adapters.open_store(loaded) as store:
        found = answers.suspects(loaded, store, when, metric)
        counts = [one for one in store.tallies() if metric in (None, one.metric)]
    records = [_full(one) if form is ListForm.JSON else _short(one) for one in found]
    show_rows(records, form, _nothing(counts, when))
    explained = sum(1 for one in found if one.is_explained)
    if explained:
        note(context, f"The last {explained} may be the same sessions as others above.")
    if found and not found[0].items:
        mark = found[0].selector
        hint = f'selector = {{ {mark.dimension} = "{mark.value}" }}'
        note(context, f"No item names {mark}; the share of a link with {hint} would be measured.")


def _nothing(counts: "Sequence[Tally]", when: "datetime") -> str:
    """Return why no mark is listed."""
    if any(one.end_at <= when for one in counts):
        return "No mark goes wrong more often than chance would have it."
    if counts:
        day = when.date()
        return (
            f"Raw events were counted up to a day after {day}; "
            f"`debtplan sync --as-of {day}` counts those before it."
        )
    return (
        "Nothing was counted of raw events; add [warehouse.NAME], or the metric to its `compare`, "
        "and run `debtplan sync`."
    )


def _short(one: "Suspect") -> dict[str, Any]:
    found = one.found
    return {
        "metric": one.metric,
        "mark": str(one.selector),
        "of the bad sessions": f"{found.carried:.0%}",
        "would not be without it": f"{one.fraction:.0%} ({found.low:.0%} to {found.high:.0%})",
        "a sprint": one.sessions,
        "items": list(one.items),
        "beside others": one.note,
    }


def _full(one: "Suspect") -> dict[str, Any]:
    found = one.found
    return {
        "metric": one.metric,
        "dimension": one.selector.dimension,
        "value": one.selector.value,
        "bad_share": found.carried,
        "fraction": found.fraction,
        "low": found.low,
        "high": found.high,
        "sessions": one.sessions,
        "p": one.p,
        "q": one.q,
        "own": one.own,
        "beside": None if one.beside is None else str(one.beside),
        "is_explained": one.is_explained,
        "note": one.note,
        "items": list(one.items),
        "counts": found.say(),
    }
