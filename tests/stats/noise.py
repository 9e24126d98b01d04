"""Made-up daily series whose truth is known."""

from datetime import date, timedelta

import numpy as np

from debtplan.core.flow import MetricKind, UxMetric
from debtplan.core.reading import Counts, Reading, Window, midnight
from debtplan.stats.series import Array, Daily

MONDAY = date(2026, 1, 5)


def noise(seed: int, days: int, memory: float = 0.0) -> Array:
    """Return normal noise of variance 1 that remembers the day before."""
    drawn = np.random.default_rng(seed).standard_normal(days + 50)
    for day in range(1, days + 50):
        drawn[day] = memory * drawn[day - 1] + (1 - memory**2) ** 0.5 * drawn[day]
    return drawn[50:]


def weekly(days: int, height: float = 1.0) -> Array:
    """Return a weekday season about 0, beginning on a Monday."""
    usual = np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 1.0, 0.5])
    return height * np.resize(usual, days)


def daily(name: str, level: Array, scale: float = 0.02) -> Daily:
    """Return a series whose steadied shares are 0.4 and so much of the level."""
    shares = np.sin(np.clip(0.4 + scale * level, 0.01, 1.5)) ** 2
    return Daily(name, MONDAY, shares, np.full(len(level), np.nan))


def ux(name: str, kind: str = "error_rate", step: str | None = None, **more: object) -> UxMetric:
    """Return a metric of flow `shop`, with the goal that its kind needs."""
    needs: dict[str, dict[str, object]] = {
        MetricKind.ERROR_RATE: {"target": 0.01},
        MetricKind.DROP_OFF: {"reference": 0.05},
        MetricKind.TICKET_RATE: {"target": 0.001, "reporting_rate": 0.02},
        MetricKind.CSAT: {"target": 0.85},
        MetricKind.LATENCY: {"target": 0.9, "threshold_s": 1.0},
    }
    fields = {"id": name, "flow": "shop", "step": step or name, "kind": kind, **needs[kind], **more}
    return UxMetric.model_validate(fields)


def counted(name: str, shares: Array, total: int = 10_000) -> list[Reading]:
    """Return one day's counts a share, from MONDAY on; NaN gives none."""
    found = []
    for number, share in enumerate(shares):
        start = midnight(MONDAY + timedelta(days=number))
        if not np.isnan(share):
            measure = Counts(bad=round(float(share) * total), total=total)
            end = start + timedelta(days=1)
            found.append(Reading(metric=name, start_at=start, end_at=end, measure=measure))
    return found


def window(days: int) -> Window:
    """Return so many days from MONDAY on."""
    return Window(start_on=MONDAY, end_on=MONDAY + timedelta(days=days))
