"""Forecasts, releases and daily readings for the tests of verdicts."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from debtplan.core.days import DayShare
from debtplan.core.effect import Question
from debtplan.core.forecast import Forecast
from debtplan.core.judge import METHOD, Case, OutcomePolicy, window_of
from debtplan.core.link import Grade
from debtplan.core.reading import Counts, Reading, midnight
from debtplan.core.release import Release

APPROVED = date(2026, 6, 1)
RELEASED = date(2026, 6, 15)
SEEN = date(2026, 8, 1)
"""A day on which all can be judged."""

START = date(2026, 2, 1)


def at(day: date, hour: int = 9) -> datetime:
    """An instant of a day."""
    return datetime.combine(day, time(hour), UTC)


def days(  # noqa: PLR0913 - a test names what matters
    change: float = 0.0,
    *,
    share: float = 0.2,
    size: float = 4_000,
    seed: int = 1,
    start: date = START,
    end: date = SEEN,
    changed_on: date = RELEASED,
    noise: float = 0.01,
) -> tuple[DayShare, ...]:
    """Days of a metric whose share is another one, by a part of it, from a day on."""
    random = Random(seed)
    found = []
    for number in range((end - start).days):
        on = start + timedelta(days=number)
        level = share * (1 + 0.1 * (on.weekday() > 4)) * (1 + change * (on >= changed_on))
        found.append(DayShare(on=on, share=level * (1 + random.gauss(0, noise)), size=size))
    return tuple(found)


def readings(name: str, series: tuple[DayShare, ...]) -> list[Reading]:
    """The days as readings of counts."""
    return [
        Reading(
            metric=name,
            start_at=midnight(one.on),
            end_at=midnight(one.on + timedelta(days=1)),
            measure=Counts(bad=round(one.share * (one.size or 1_000)), total=one.size or 1_000),
            source="csv",
        )
        for one in series
    ]


def forecast(**more: Any) -> Forecast:
    """A promise to remove 30% of a metric's excess of 10 points."""
    fields = {
        "plan_id": "p1",
        "item": "jira:A-1",
        "metric": "m",
        "team": "web",
        "sprint_id": "49",
        "frozen_at": at(APPROVED),
        "grade": Grade.C,
        "debt_kind": "reliability",
        "sessions": 10_000,
        "bad_share": 0.2,
        "goal_share": 0.1,
        "harm": 1_000,
        "removal": 0.3,
        "low": 0.1,
        "high": 0.5,
        "baseline_start_on": APPROVED - timedelta(days=90),
        "baseline_end_on": APPROVED - timedelta(days=29),
        "method": METHOD,
    }
    return Forecast.model_validate({**fields, **more})


def release(*items: str, on: date = RELEASED, **more: Any) -> Release:
    """A release of some items."""
    names = items or ("jira:A-1",)
    fields = {
        "id": f"github:{'+'.join(names)}@{on}",
        "name": f"Release of {on}",
        "source": "github",
    }
    return Release.model_validate({**fields, "released_at": at(on), "items": names, **more})


def case(*forecasts: Forecast, **more: Any) -> Case:
    """Forecasts of one metric, released together unless said otherwise."""
    made = forecasts or (forecast(),)
    fields: dict[str, Any] = {
        "forecasts": made,
        "releases": tuple(release(one.item) for one in made),
        "is_redefined": False,
        "titles": {},
        **more,
    }
    on = [one.released_at.date() for one in fields["releases"]]
    window = window_of(made, min(on), max(on), OutcomePolicy())
    return Case(**{"window": window, **fields})


def question(series: tuple[DayShare, ...], **more: Any) -> Question:
    """The question of the usual case."""
    fields: dict[str, Any] = {
        "days": series,
        "released_on": RELEASED,
        "settled_on": RELEASED,
        "left_out": (APPROVED - timedelta(days=29), APPROVED),
    }
    return Question(**{**fields, **more})
