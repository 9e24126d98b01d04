"""What moves together, from settings and what the store holds."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

from debtplan.config.assemble import plain_metrics
from debtplan.config.measured import pick_readings
from debtplan.config.settings import Loaded
from debtplan.core.chains import Moves
from debtplan.core.flow import Flow, UxMetric
from debtplan.core.reading import Reading, Window, midnight
from debtplan.errors import UsageError
from debtplan.ports import Store
from debtplan.workflows.corroborate import Corroboration, corroborate, latest_window


def refresh_evidence(loaded: Loaded, store: Store, when: datetime) -> Corroboration:
    """Find anew what moves together, and keep it in the place of what was found before.

    The days are the last ones of the history that were measured, none after `when`.
    """
    settings, metrics = loaded.settings, plain_metrics(loaded.settings)
    readings = store.readings()
    declared = {one.id for one in metrics}
    window = latest_window(
        [one for one in readings if one.metric in declared], when, settings.harm.history_days
    )
    # The reading's own end, a day on: `pick_readings` leaves out the last 24 hours.
    end = midnight(window.end_on) + timedelta(days=1)
    picked, _ = pick_readings(settings, metrics, readings, end)
    return corroborate(store, metrics, settings.flow, picked, window, _find)


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


def _find(
    metrics: Sequence[UxMetric],
    flows: Sequence[Flow],
    readings: Iterable[Reading],
    window: Window,
) -> Moves:
    """See `MoveFinder`; loads the statistics when they are needed."""
    from debtplan.stats.comove import find_moves

    return find_moves(metrics, flows, readings, window)
