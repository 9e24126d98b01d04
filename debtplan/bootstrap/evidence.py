"""What moves together, from settings and what the store holds; what of it was known on a day.

A sync keeps what it found for the plans that follow. A plan as of an earlier day takes none of
that: what moves together is found anew in the readings up to then, and what was counted of raw
events up to a later day is left out, with a remark.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

from debtplan.config.assemble import Held, plain_metrics
from debtplan.config.measured import pick_readings
from debtplan.config.settings import Loaded
from debtplan.core.chains import Moves
from debtplan.core.flow import Flow, UxMetric
from debtplan.core.item import Skipped
from debtplan.core.reading import Reading, Window, midnight
from debtplan.core.release import Release
from debtplan.core.source import SourceState
from debtplan.core.tally import Overlap, Tally
from debtplan.errors import UsageError
from debtplan.ports import Store
from debtplan.workflows.corroborate import Corroboration, corroborate, latest_window


def refresh_evidence(loaded: Loaded, store: Store, when: datetime) -> Corroboration:
    """Find anew what moves together, and keep it in the place of what was found before.

    The days are the last ones of the history that were measured, none after `when`.
    """
    found = _find_evidence(loaded, store.readings(), store.releases(), when)
    store.save_movements(found.moves.movements, found.moves.shifts)
    return found


def look_for_evidence(loaded: Loaded, store: Store, when: datetime) -> Corroboration:
    """Return the same, kept only where no source was read after `when`.

    A look at an earlier day is no news for the plans of today.
    """
    if is_past(store.sources(), when):
        return _find_evidence(loaded, store.readings(), store.releases(), when)
    return refresh_evidence(loaded, store, when)


def known_by(loaded: Loaded, held: Held, when: datetime) -> Held:
    """Return what the store holds, without evidence of days after `when`.

    What moves together is found anew where a source was read since; items, sprints and links are as
    they were read last.
    """
    held = counted_by(held, when)
    if not is_past(held.sources, when):
        return held
    moves = _find_evidence(loaded, held.readings, held.releases, when).moves
    return held.model_copy(update={"movements": moves.movements, "shifts": moves.shifts})


def counted_by(held: Held, when: datetime) -> Held:
    """Return what the store holds, without counts of raw events up to a moment after `when`."""
    counts: tuple[Tally | Overlap, ...] = (*held.tallies, *held.overlaps)
    later = [one for one in counts if one.end_at > when]
    if not later:
        return held
    update = {
        "tallies": tuple(one for one in held.tallies if one.end_at <= when),
        "overlaps": tuple(one for one in held.overlaps if one.end_at <= when),
        "skipped": (*held.skipped, *_remarks(later, when)),
    }
    return held.model_copy(update=update)


def is_past(sources: Iterable[SourceState], when: datetime) -> bool:
    """Tell whether a source was read after `when`."""
    return any(one.fetched_at is not None and one.fetched_at > when for one in sources)


def check_metric(loaded: Loaded, metric: str | None) -> None:
    """Refuse a metric that is not declared.

    Raises:
        UsageError: It is none of the settings' metrics.
    """
    names = sorted(one.id for one in loaded.settings.metric)
    if metric is None or metric in names:
        return
    near = get_close_matches(metric, names, n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`debtplan metrics` lists them."
    raise UsageError(f"There is no metric {metric!r}.", hint)


def _find_evidence(
    loaded: Loaded, readings: Sequence[Reading], releases: Sequence[Release], when: datetime
) -> Corroboration:
    settings, metrics = loaded.settings, plain_metrics(loaded.settings)
    declared = {one.id for one in metrics}
    window = latest_window(
        [one for one in readings if one.metric in declared], when, settings.harm.history_days
    )
    # The reading's own end, a day on: `pick_readings` leaves out the last 24 hours.
    end = midnight(window.end_on) + timedelta(days=1)
    picked, _ = pick_readings(settings, metrics, readings, end)
    return corroborate(releases, metrics, settings.flow, picked, window, _find)


def _remarks(later: Iterable[Tally | Overlap], when: datetime) -> list[Skipped]:
    """Return one remark for every warehouse that counted later days, and how to count others."""
    ends = {one.source: one.end_at for one in sorted(later, key=lambda one: one.end_at)}
    day = when.date()
    return [
        Skipped(
            ref=name,
            reason=(
                f"counted raw events up to {(end - timedelta(days=1)).date()}, which tells nothing "
                f"as of {day}: `debtplan sync {name}:tallies --as-of {day}` counts those before it"
            ),
        )
        for name, end in sorted(ends.items())
    ]


def _find(
    metrics: Sequence[UxMetric],
    flows: Sequence[Flow],
    readings: Iterable[Reading],
    window: Window,
) -> Moves:
    """See `MoveFinder`; loads the statistics when they are needed."""
    from debtplan.stats.comove import find_moves

    return find_moves(metrics, flows, readings, window)
