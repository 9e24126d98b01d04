"""Commands about links: the list, suggestions, and what people decide on them."""

from typing import TYPE_CHECKING, Annotated

import typer

from debtplan.cli.rows import Day, Form, ListForm, show_rows
from debtplan.cli.state import note, settings

if TYPE_CHECKING:
    from debtplan.core.suggestion import Suggestion

LIKELY = 0.5
"""Confidence from which suggestions are shown unless asked otherwise: more likely than not."""

links_app = typer.Typer(
    help="List which item touches which metric; suggest and confirm links.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

Item = Annotated[str, typer.Argument(help="Key of the item.", metavar="ITEM")]
Metric = Annotated[str, typer.Argument(help="Id of the metric.", metavar="METRIC")]
By = Annotated[str, typer.Option(help="Who decides, as the team knows them.")]


@links_app.callback()
def links(
    context: typer.Context,
    as_of: Day = None,
    form: Form = ListForm.TABLE,
) -> None:
    """List which item touches which metric, and how sure that is.

    With a command: suggest links from what items say, and decide on them.
    """
    if context.invoked_subcommand is not None:
        return
    from debtplan.bootstrap import adapters, answers

    loaded = settings(context)
    with adapters.open_store(loaded) as store:
        found = answers.settled_links(loaded, store, answers.moment(as_of))
    records = [
        {
            "item": link.item,
            "metric": link.metric,
            "share": link.share.expected,
            "grade": link.grade.value,
            "from": link.origin
            + (" (share assumed)" if link.is_assumed else "")
            + (" (share measured)" if link.is_measured else ""),
            "why": "; ".join(link.reasons),
        }
        for link in found
    ]
    empty = (
        "No item is linked; add a label ux:METRIC, a debtplan block, or a rule, or look at "
        "`debtplan links suggest`."
    )
    show_rows(records, form, empty, by=("item", "metric"))


@links_app.command()
def suggest(
    context: typer.Context,
    item: Annotated[
        str | None, typer.Option(help="Only this item, linked or not; else all without a link.")
    ] = None,
    least: Annotated[
        float, typer.Option("--min", min=0.2, max=1.0, help="Least confidence that is shown.")
    ] = LIKELY,
    form: Form = ListForm.TABLE,
) -> None:
    """Suggest which metric items without a link may touch, how surely, and why.

    Nothing of it is used before it is confirmed, unless use_unconfirmed under [links] says so.
    """
    from debtplan.bootstrap import adapters, linking

    loaded = settings(context)
    with adapters.open_store(loaded) as store:
        found = linking.suggestions(loaded, store, item, least)
    is_table = form is ListForm.TABLE
    records = [
        {
            "item": one.item,
            "metric": one.metric,
            "confidence": f"{one.confidence:.0%}" if is_table else one.confidence,
            "selector": _selector(one, is_table),
            "title": found.titles[one.item],
            "reasons": "; ".join(one.reasons) if is_table else list(one.reasons),
            **({} if is_table else {"rivals": list(one.rivals)}),
        }
        for one in found.rows
    ]
    empty = f"Nothing is suggested with a confidence of {least:.0%} or more."
    show_rows(records, form, empty, by=("item",))
    if found.weaker:
        weaker = "1 is" if found.weaker == 1 else f"{found.weaker:,} are"
        note(context, f"{weaker} weaker than {least:.0%}; --min 0.2 shows all.")
    if found.rows and is_table:
        note(context, "Decide with: debtplan links confirm ITEM METRIC, or links reject.")


def _selector(one: "Suggestion", is_table: bool) -> object:
    if one.selector is None:
        return "" if is_table else None
    return str(one.selector) if is_table else one.selector.model_dump()


@links_app.command()
def confirm(
    context: typer.Context,
    item: Item,
    metric: Metric,
    share: Annotated[
        str | None,
        typer.Option(help="Part of the metric's harm that the item would remove: 0.3 or 30%."),
    ] = None,
    grade: Annotated[
        str | None, typer.Option(help="How sure that is, A to E; else E, or D with a mark.")
    ] = None,
    by: By = "",
) -> None:
    """Confirm that an item touches a metric, suggested or not. Plans use it from then on."""
    from debtplan.bootstrap import adapters, linking
    from debtplan.core.flow import CONSISTENCY
    from debtplan.core.text import clean_line

    loaded = settings(context)
    said = linking.Said(by=clean_line(by, 200), share=_part(share), grade=grade)
    with adapters.open_store(loaded) as store:
        kept, written = linking.decide(
            loaded, store, (item, metric), said, adapters.now(), is_confirmed=True
        )
    mark = f" by {kept.dimension} = {kept.value}" if kept.dimension else ""
    typer.echo(f"{kept.item} touches {kept.metric}{mark}: confirmed.")
    touched = next(one for one in loaded.settings.metric if one.id == kept.metric)
    if touched.kind in CONSISTENCY:
        title = clean_line(touched.title, 120)
        note(context, f"{title} only speaks for links: this one carries no value by itself.")
    if written:
        note(context, f"It stands in {', '.join(written)} too, which counts for more.")


@links_app.command()
def reject(context: typer.Context, item: Item, metric: Metric, by: By = "") -> None:
    """Say that an item does not touch a metric: it is not suggested again.

    What people wrote down themselves stays.
    """
    from debtplan.bootstrap import adapters, linking
    from debtplan.core.text import clean_line

    loaded = settings(context)
    said = linking.Said(by=clean_line(by, 200))
    with adapters.open_store(loaded) as store:
        kept, written = linking.decide(
            loaded, store, (item, metric), said, adapters.now(), is_confirmed=False
        )
    typer.echo(f"{kept.item} and {kept.metric} are not suggested again.")
    if written:
        note(context, f"Their link stands all the same, for {', '.join(written)} says so.")


@links_app.command()
def forget(context: typer.Context, item: Item, metric: Metric) -> None:
    """Take back what was decided on an item and a metric."""
    from debtplan.bootstrap import adapters, linking

    loaded = settings(context)
    with adapters.open_store(loaded) as store:
        (key, name), was_there = linking.forget(loaded, store, (item, metric))
    said = "is taken back" if was_there else "was never made"
    typer.echo(f"The decision on {key} and {name} {said}.")


@links_app.command()
def decisions(context: typer.Context, form: Form = ListForm.TABLE) -> None:
    """List what was decided on links."""
    from debtplan.bootstrap import adapters

    loaded = settings(context)
    with adapters.open_store(loaded) as store:
        found = store.link_decisions()
    records = [
        {
            "item": one.item,
            "metric": one.metric,
            "decision": "confirmed" if one.is_confirmed else "rejected",
            "on": one.decided_at.date().isoformat(),
            "by": one.decided_by,
            "why": one.why,
        }
        for one in found
    ]
    empty = "Nothing is decided yet; `debtplan links suggest` lists what could be."
    show_rows(records, form, empty, by=("item", "metric"))


def _part(text: str | None) -> float | None:
    """Return a share as people write it.

    Raises:
        UsageError: It is none.
    """
    from debtplan.core.goal import parse_share
    from debtplan.errors import UsageError

    if text is None:
        return None
    try:
        found = parse_share(text)
    except ValueError as error:
        raise UsageError(f"--share: {error}.", "Write it as --share 0.3.") from None
    if not 0 < found <= 1:
        raise UsageError(f"--share {text} is out of range.", "Write it as --share 0.3.")
    return found
