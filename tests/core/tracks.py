"""A metric with a goal, day by day, for the tests of tracked goals."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from debtplan.core.flow import MetricKind, UxMetric
from debtplan.core.headway import Seen
from debtplan.core.reading import Counts, Reading, midnight
from debtplan.core.tracked import Baseline, TrackedGoal
from debtplan.core.verdict import Outcome, Verdict

LOSS = UxMetric(id="loss", flow="f", step="s", kind=MetricKind.DROP_OFF, reference=1.0, name="Loss")
START = date(2027, 1, 1)
BASELINE = Baseline(start_on=date(2026, 10, 5), end_on=date(2026, 12, 27))


def goal(**more: Any) -> TrackedGoal:
    """A fifth less within the first half of 2027."""
    fields = {
        "id": "fifth",
        "metric": "loss",
        "relative": -0.2,
        "baseline": BASELINE,
        "start_on": START,
        "by": date(2027, 6, 30),
        **more,
    }
    return TrackedGoal.model_validate(fields)


def day_of(on: date, share: float, total: float = 10_000, metric: str = "loss") -> Reading:
    """One day's reading."""
    end = midnight(on + timedelta(days=1))
    measure = Counts(bad=share * total, total=total)
    return Reading(metric=metric, start_at=midnight(on), end_at=end, measure=measure)


def days(first: date, end: date) -> list[date]:
    """Every day from the first up to, not including, the end."""
    return [first + timedelta(days=number) for number in range((end - first).days)]


def course(share: Callable[[date], float], end: date) -> tuple[Reading, ...]:
    """Daily readings from the baseline on, a little up and down from day to day."""
    return tuple(
        day_of(on, share(on) * (1.01 if on.toordinal() % 2 else 0.99))
        for on in days(BASELINE.start_on, end)
    )


def stepped(*steps: tuple[date, float]) -> Callable[[date], float]:
    """A level of 40% that is multiplied from each of these days on."""

    def level(on: date) -> float:
        share = 0.4
        for since, factor in steps:
            share *= factor if on >= since else 1.0
        return share

    return level


def seen(
    readings: Iterable[Reading],
    end: date,
    asked: TrackedGoal | None = None,
    verdicts: Iterable[Verdict] = (),
    released_on: Iterable[date] = (),
) -> Seen:
    """All that a goal is judged by."""
    return Seen(
        goal=asked or goal(),
        metric=LOSS,
        readings=tuple(readings),
        weights={"loss": 1.0, "part": 0.25},
        verdicts=tuple(verdicts),
        released_on=tuple(released_on),
        end_on=end,
        seed=1,
    )


def verdict(item: str, effect: float | None, on: date, **more: Any) -> Verdict:
    """A verdict with an interval of four points."""
    fields = {
        "plan_id": "p",
        "item": item,
        "metric": "loss",
        "judged_at": midnight(on + timedelta(days=40)),
        "released_at": midnight(on),
        "outcome": Outcome.CANNOT_TELL if effect is None else Outcome.MOVED,
        "effect": effect,
        "low": None if effect is None else effect - 0.02,
        "high": None if effect is None else effect + 0.02,
        "days_after": 30,
        **more,
    }
    return Verdict.model_validate(fields)
