"""Commands about what goes in: sync, items, metrics."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from debtplan.cli.columns import columns
from debtplan.cli.rows import Day, Form, ListForm, show_rows
from debtplan.cli.state import Progress, note, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from debtplan.config.settings import Loaded
    from debtplan.core.flow import UxMetric
    from debtplan.core.harm import Harm
    from debtplan.core.intake import Backlog
    from debtplan.core.item import Skipped
    from debtplan.core.lint import LintFinding
    from debtplan.core.source import Changes
    from debtplan.workflows.synced import Synced

SHOWN_SKIPS = 5

UNITS_OF_HARM = (
    "harm, low, high: frustrated sessions a sprint beyond the target; sessions: a sprint."
)

SyncedAsOf = Annotated[
    str | None,
    typer.Option(help="Count raw events up to this day, YYYY-MM-DD; up to now if left out."),
]

MANY_FINDINGS = 10
"""With more findings of --lint than these they are also counted by rule."""


def sync(
    context: typer.Context,
    source: Annotated[
        list[str] | None, typer.Argument(help="Sources to read; none reads all.")
    ] = None,
    from_file: Annotated[
        str | None,
        typer.Option(help="File, folder or 'pattern' of saved answers, for the one named source."),
    ] = None,
    allow_shrink: Annotated[
        bool, typer.Option("--allow-shrink", help="Believe it that much has vanished at once.")
    ] = False,
    as_of: SyncedAsOf = None,
) -> None:
    """Read trackers, metrics and sprints into the store.

    Files are read whole. A live service is read page by page, from where the last run ended; a
    source that fails leaves the others alone (exit 5, or 4 where it refuses the credentials).
    """
    from debtplan.bootstrap import adapters, answers, feeds
    from debtplan.bootstrap.evidence import refresh_evidence
    from debtplan.errors import UsageError
    from debtplan.workflows.sync import forget_others, sync_sources

    loaded, when = settings(context), answers.moment(as_of)
    if not feeds.feeds(loaded, source or (), from_file):
        what = "No source is set, so there is nothing to read."
        raise UsageError(what, "Add [sources.NAME] or [metrics.NAME], or run `debtplan init`.")
    waits = _tell_wait(context)
    with adapters.open_store(loaded) as store, Progress(context) as progress:
        way = feeds.Way(store, waits, allow_shrink=allow_shrink, clock=lambda: when)
        wanted = feeds.feeds(loaded, source or (), from_file, way)
        done = sync_sources(wanted, store, adapters.now, progress)
        gone = () if source else forget_others(store, [feed.name for feed in wanted])
        refresh_evidence(loaded, store, when)
    _tell_synced(context, done, gone)
    _tell_idle(context, loaded, done)
    _raise_failed(done)


def _tell_synced(context: typer.Context, done: "Sequence[Synced]", gone: "Sequence[str]") -> None:
    """Write what each source gave, then what could not be used."""
    rows = [(one.state.name, one.state.status.value, *_say_synced(one)) for one in done]
    typer.echo(columns(("source", "status", "read", "changes"), rows))
    for name in gone:
        note(context, f"{name} is no longer set; what it gave was taken out.")
    for one in done:
        _tell_skipped(context, one)


def _tell_idle(context: typer.Context, loaded: "Loaded", done: "Sequence[Synced]") -> None:
    """Tell why raw events gave no readings: they are read for metrics that name their source."""
    sources = {one.source for one in loaded.settings.metric}
    for one in done:
        name = one.state.name
        if name not in loaded.settings.warehouse or name in sources or one.error is not None:
            continue
        compared = loaded.settings.warehouse[name].compare
        beside = " (what its compare names is counted all the same)" if compared else ""
        what = f"{name} gave no daily readings: no metric has it as its source{beside}."
        note(context, f'{what} To have them, write source = "{name}" under a [[metric]].')


def _tell_wait(context: typer.Context) -> "Callable[[str, float], None]":
    """Return what tells of waits."""
    return lambda why, seconds: note(context, f"waiting {seconds:,.0f} s: the service {why}")


def _say_synced(one: "Synced") -> tuple[str, str]:
    """Return what was read of a source and what that changed, in words."""
    if one.error is not None and one.changes is not None:
        return "not to the end", _say_changes(one.changes)  # why stands on stderr
    if one.changes is None:
        kept = f"none, {one.state.records:,} from before kept" if one.state.fetched_at else "none"
        return "nothing", kept
    return one.state.detail, _say_changes(one.changes)


def _say_changes(changes: "Changes") -> str:
    return f"{changes.added:,} added, {changes.updated:,} changed, {len(changes.gone):,} gone"


def _tell_skipped(context: typer.Context, one: "Synced") -> None:
    """Tell the first records that were not used, then the first remarks."""
    from debtplan.workflows.synced import is_unread

    unread = [skip for skip in one.skipped if is_unread(skip)]
    for skip in unread[:SHOWN_SKIPS]:
        note(context, f"not used: {skip.ref}: {skip.reason}")
    if len(unread) > SHOWN_SKIPS:
        more = len(unread) - SHOWN_SKIPS
        note(context, f"and {more:,} more of {one.state.name} not used; plan.json lists all")
    _tell_remarks(context, [skip for skip in one.skipped if not is_unread(skip)])


def _tell_remarks(context: typer.Context, remarks: "Sequence[Skipped]") -> None:
    """Tell the first remarks, and how many more there are."""
    for skip in remarks[:SHOWN_SKIPS]:
        note(context, f"remark: {skip.ref}: {skip.reason}")
    if len(remarks) > SHOWN_SKIPS:
        more = len(remarks) - SHOWN_SKIPS
        said = "remark" if more == 1 else "remarks"
        note(context, f"and {more:,} more {said}; plan.json lists all")


def _raise_failed(done: "Sequence[Synced]") -> None:
    """Raise what ends a run of which sources failed: the one's own error, or one for all.

    As in `debtplan run`, credentials that were refused come before data that are partial.
    """
    from debtplan.errors import AuthenticationError, PartialDataError

    failed = [(one.state.name, one.error) for one in done if one.error is not None]
    if len(done) == 1 and failed:
        raise failed[0][1]
    if failed:
        what = "\n".join(
            (
                f"{len(failed)} of {len(done)} sources failed; the others were stored.",
                *(f"  - {name}: {error.what}" for name, error in failed),
            )
        )
        is_refused = any(isinstance(error, AuthenticationError) for _, error in failed)
        kind = AuthenticationError if is_refused else PartialDataError
        raise kind(what, " ".join(dict.fromkeys(error.fix for _, error in failed)))


def items(
    context: typer.Context,
    lint: Annotated[bool, typer.Option("--lint", help="Say what is wrong with each item.")] = False,
    unmarked: Annotated[
        bool,
        typer.Option("--unmarked", help="List items that read like debt and are not marked so."),
    ] = False,
    team: Annotated[str | None, typer.Option(help="Only this team's items.")] = None,
    form: Form = ListForm.TABLE,
) -> None:
    """List debt items, or what is wrong with them.

    --lint ends with exit 1 where a rule that is set to "refuse" is broken.
    """
    from debtplan.bootstrap import adapters, answers

    loaded = settings(context)
    if unmarked:
        _unmarked(context, team, form)
        return
    with adapters.open_store(loaded) as store:
        backlog = answers.backlog(loaded, store, team)
        if lint:
            findings = answers.lint(loaded, store, team)
    if lint:
        _lint(context, findings, form, len(backlog.items))
        return
    empty = "The backlog is empty; run `debtplan sync`."
    show_rows(_item_rows(backlog), form, empty, by=("key",))
    if backlog.skipped:
        _tell_remarks(context, backlog.skipped)


def _item_rows(backlog: "Backlog") -> list[dict[str, object]]:
    links: dict[str, list[str]] = {}
    for claim in backlog.claims:
        links.setdefault(claim.item, []).append(claim.metric)
    return [
        {
            "key": item.key,
            "state": item.state.value,
            "points": item.points,
            "epic": item.epic,
            "metrics": sorted(set(links.get(item.key, []))),
            "title": item.title,
        }
        for item in backlog.items
    ]


def _unmarked(context: typer.Context, team: str | None, form: ListForm) -> None:
    """List items that read like debt, and what becomes of them."""
    from debtplan.bootstrap import adapters, linking
    from debtplan.core.natural import natural

    loaded = settings(context)
    with adapters.open_store(loaded) as store:
        found = linking.unmarked(loaded, store, team)
    is_table = form is ListForm.TABLE
    if is_table:
        found = tuple(sorted(found, key=lambda one: (-round(one[1], 6), natural(one[0].key))))
    records = [
        {
            "key": item.key,
            "type": item.type_name,
            "likelihood": f"{likely:.0%}" if is_table else round(likely, 4),
            "title": item.title,
        }
        for item, likely in found
    ]
    show_rows(records, form, "No item without a mark of debt reads like it.")
    if found:
        note(context, "They are no candidates until they carry a label or type of [items].")


def metrics(
    context: typer.Context,
    as_of: Day = None,
    form: Form = ListForm.TABLE,
) -> None:
    """List the metrics with their harm, or why it is not known."""
    from debtplan.bootstrap import adapters, answers

    loaded = settings(context)
    with adapters.open_store(loaded) as store:
        harms = answers.harms(loaded, store, answers.moment(as_of))
        reversals = answers.reversals(loaded, store, answers.moment(as_of))
    known = {one.id: one for one in loaded.settings.metric}
    records = [
        {
            "metric": harm.metric,
            "harm": harm.harm,
            "low": harm.low,
            "high": harm.high,
            "share": harm.share,
            "goal": harm.goal,
            "sessions": harm.sessions,
            "readings": harm.readings,
            "missing": harm.missing,
            **_standing(harm, known[harm.metric], None if form is ListForm.JSON else ""),
        }
        for harm in harms
    ]
    hidden = ("readings",) if all(one["harm"] is not None for one in records) else ()
    empty = "No metric is declared; add [[metric]] to the settings."
    show_rows(records, form, empty, hidden, by=("metric",))
    if records and form is ListForm.TABLE:
        note(context, UNITS_OF_HARM)
    for one in reversals:
        note(context, f"{one.say()}.")


def _standing(
    harm: "Harm", metric: "UxMetric", nothing: str | None
) -> dict[str, float | str | None]:
    """Return where a metric stands that only speaks for links; of others nothing."""
    from debtplan.core.consistency import UNITS, better_of

    if not harm.only_speaks:
        return dict.fromkeys(("level", "target", "unit", "better"), nothing)
    return {
        "level": harm.level,
        "target": metric.target,
        "unit": UNITS[metric.kind],
        "better": better_of(metric.kind),
    }


def _lint(
    context: typer.Context, findings: "Sequence[LintFinding]", form: ListForm, count: int
) -> None:
    records = [
        {"key": one.key, "rule": one.rule.value, "severity": one.severity, "message": one.message}
        for one in findings
    ]
    items = f"{count:,} item{'' if count == 1 else 's'}"
    show_rows(records, form, f"Nothing is wrong with {items}.", by=("key",))
    refused = sum(1 for one in findings if one.severity == "refuse")
    if records:
        found = f"{len(records):,} finding{'' if len(records) == 1 else 's'}"
        note(context, f"{found} on {items}, {refused:,} refused.")
    if len(records) > MANY_FINDINGS:
        by_rule = Counter(one.rule.value for one in findings).most_common()
        note(context, f"By rule: {', '.join(f'{rule} {number:,}' for rule, number in by_rule)}.")
    if refused:
        raise typer.Exit(1)
