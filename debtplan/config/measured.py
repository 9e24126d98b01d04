"""Which readings count: those of declared metrics, from one source each, or stated by hand."""

from collections.abc import Sequence
from datetime import datetime

from debtplan.config.settings import Settings
from debtplan.core.flow import UxMetric
from debtplan.core.harm import skip_unfit
from debtplan.core.item import Skipped
from debtplan.core.reading import Reading, window_before
from debtplan.metrics.stated import read_stated


def pick_readings(
    settings: Settings, metrics: Sequence[UxMetric], readings: Sequence[Reading], now: datetime
) -> tuple[tuple[Reading, ...], tuple[Skipped, ...]]:
    """Return the readings of the history that count, by metric and time, and what does not.

    A metric that several sources measure is taken from the one its settings name, else from the
    first by name: the same sessions must not count twice. A reading stated by hand counts only
    where nothing is measured in the window.
    """
    history = window_before(now, settings.harm.history_days)
    named = {metric.id: metric.source for metric in metrics}
    known = [one for one in readings if one.metric in named]
    sources: dict[str, set[str]] = {}
    for one in known:
        sources.setdefault(one.metric, set()).add(one.source)
    taken = {
        metric: named[metric] if named[metric] in found else min(found)
        for metric, found in sources.items()
    }
    measured = [one for one in known if one.source == taken[one.metric] and history.holds(one)]
    stated, odd = _stated(settings, now)
    window = window_before(now, settings.harm.window_days)
    covered = {one.metric for one in measured if window.holds(one)}
    extra = [one for one in stated if one.metric not in covered]
    counted = sorted((*measured, *extra), key=lambda one: (one.metric, one.start_at, one.end_at))
    skipped = (
        *odd,
        *_undeclared(readings, named),
        *_second_sources(sources, taken),
        *skip_unfit(metrics, counted),
    )
    return tuple(counted), skipped


def _stated(settings: Settings, now: datetime) -> tuple[list[Reading], list[Skipped]]:
    """Return readings stated by hand, laid over the window that counts, and the unusable ones."""
    window = window_before(now, settings.harm.window_days)
    readings, odd = [], []
    for metric in settings.metric:
        if metric.reading is None:
            continue
        found = read_stated(metric.id, metric.reading, window)
        if isinstance(found, Reading):
            readings.append(found)
        else:
            odd.append(found)
    return readings, odd


def _undeclared(readings: Sequence[Reading], named: dict[str, str]) -> list[Skipped]:
    """Return one notice for every metric that has readings but no declaration."""
    counts: dict[str, int] = {}
    for one in readings:
        if one.metric not in named:
            counts[one.metric] = counts.get(one.metric, 0) + 1
    reason = "readings wait: the metric is not declared; add it as [[metric]]"
    return [
        Skipped(ref=metric, reason=f"{count:,} {reason}")
        for metric, count in sorted(counts.items())
    ]


def _second_sources(sources: dict[str, set[str]], taken: dict[str, str]) -> list[Skipped]:
    """Return one notice for every metric that more than one source measures."""
    found = []
    for metric, names in sorted(sources.items()):
        others = ", ".join(sorted(names - {taken[metric]}))
        if others:
            reason = (
                f"is measured by {taken[metric]} and by {others}; only {taken[metric]} counts "
                "(set source under [[metric]] for another)"
            )
            found.append(Skipped(ref=metric, reason=reason))
    return found
