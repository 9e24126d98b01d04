"""The command about metrics that move together: evidence."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debtplan.cli import terminal
from debtplan.cli.columns import columns
from debtplan.cli.rows import Day, Form, ListForm
from debtplan.cli.state import note, settings

if TYPE_CHECKING:
    from debtplan.core.flow import UxMetric
    from debtplan.core.movement import Movement, Shift
    from debtplan.workflows.corroborate import Corroboration

SHOWN_UNTRIED = 5


def evidence(
    context: typer.Context,
    metric: Annotated[
        str | None, typer.Argument(help="Only what concerns this metric.", metavar="[METRIC]")
    ] = None,
    as_of: Day = None,
    form: Form = ListForm.TABLE,
) -> None:
    """Find metrics that move together, and when levels changed.

    What is found speaks for links when a plan is made: it can lift a grade, never a value. At most
    one movement in ten that is shown is expected to be chance (q = 0.1).
    """
    from debtplan.bootstrap import adapters, answers
    from debtplan.bootstrap.evidence import check_metric, look_for_evidence

    loaded = settings(context)
    check_metric(loaded, metric)
    with adapters.open_store(loaded) as store:
        found = look_for_evidence(loaded, store, answers.moment(as_of))
    shown = found if metric is None else found.about(metric)
    if form is ListForm.JSON:
        terminal.hand_over(json.dumps(_document(shown), indent=1))
        return
    metrics: dict[str, UxMetric] = {one.id: one for one in loaded.settings.metric}
    terminal.show("\n\n".join(_told(shown, metrics)))
    _tell_untried(context, found)


def _told(found: "Corroboration", metrics: dict[str, "UxMetric"]) -> list[str]:
    """Return the parts of the answer: chains, movements, shifts."""
    from debtplan.core.chains import say_chain

    titles = {one.id: one.title for one in metrics.values()}
    days = f"{found.window.start_on} to {found.window.end_on}, the end not included"
    head = f"{found.moves.tried:,} pairs of metrics were compared, {days}."
    if not found.moves.movements:
        parts = [head, "Nothing moves together."]
    else:
        chains = "\n".join(f"  {say_chain(one, titles)}" for one in found.chains)
        parts = [head, *([f"Chains, first what moves first:\n{chains}"] if chains else [])]
        rows = [_movement_row(one) for one in found.moves.movements]
        parts.append(columns(("leader", "follower", "lag", "r", "q", "days", "how"), rows))
    if not found.moves.shifts:
        return [*parts, "No level changed for good."]
    rows = [_shift_row(found, one, metrics.get(one.metric)) for one in found.moves.shifts]
    return [*parts, columns(("metric", "since", "before", "after", "p", "releases before"), rows)]


def _movement_row(one: "Movement") -> tuple[str, ...]:
    how = "levels changed" if one.is_shift else "day by day"
    lag = f"{one.lag_days} d"
    r, q = f"{one.correlation:.2f}", f"{one.q:.2g}"
    return one.leader, one.follower, lag, r, q, str(one.days), how


def _shift_row(found: "Corroboration", one: "Shift", metric: "UxMetric | None") -> tuple[str, ...]:
    from debtplan.core.consistency import say_value

    levels = (one.before, one.after)
    shares = [f"{each:.2%}" if metric is None else say_value(metric, each, 2) for each in levels]
    named = ", ".join(
        f"{release.name or release.id} ({release.released_at.date()})"
        for release in found.releases_of(one)
    )
    return one.metric, str(one.on), *shares, f"{one.p:.2g}", named


def _document(found: "Corroboration") -> dict[str, Any]:
    moves = found.moves
    return {
        "schema_version": 1,
        "start_on": found.window.start_on.isoformat(),
        "end_on": found.window.end_on.isoformat(),
        "tried": moves.tried,
        "chains": [
            {"metrics": one.metrics, "lags": one.lags, "lag_days": one.lag_days}
            for one in found.chains
        ],
        "movements": [one.model_dump(mode="json") for one in moves.movements],
        "shifts": [
            one.model_dump(mode="json")
            | {"releases": [release.id for release in found.releases_of(one)]}
            for one in moves.shifts
        ],
        "untried": [one.model_dump(mode="json") for one in moves.untried],
    }


def _tell_untried(context: typer.Context, found: "Corroboration") -> None:
    """Tell what was not compared, and why."""
    untried = found.moves.untried
    for one in untried[:SHOWN_UNTRIED]:
        note(context, f"not compared: {one.ref}: {one.reason}")
    if len(untried) > SHOWN_UNTRIED:
        note(context, f"and {len(untried) - SHOWN_UNTRIED:,} more; --format json lists all")
