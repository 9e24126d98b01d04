"""Where the goals of the settings stand on a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from debtplan.core.awaited import Promise
from debtplan.core.flow import UxMetric
from debtplan.core.headway import Seen, headway_of, questions, unmeasured, with_chances
from debtplan.core.level import fitting
from debtplan.core.reading import Counts, Reading, Window
from debtplan.core.release import Release
from debtplan.core.tracked import Headway, TrackedGoal
from debtplan.core.verdict import Verdict
from debtplan.ports.odds import Odds


@dataclass(frozen=True)
class Known:
    """What goals are judged by.

    Attributes:
        metrics: All that are declared.
        readings: Of any metric and age, from one source a metric.
        verdicts: On released items.
        releases: What went live, and when.
        end_on: The first day that is not complete yet.
        seed: Of the simulated futures.
        promises: Of every approved plan.
    """

    metrics: tuple[UxMetric, ...]
    readings: tuple[Reading, ...]
    verdicts: tuple[Verdict, ...] = ()
    releases: tuple[Release, ...] = ()
    end_on: date = date.max
    seed: int = 1
    promises: tuple[Promise, ...] = ()


def track_goals(goals: Iterable[TrackedGoal], known: Known, odds: Odds) -> tuple[Headway, ...]:
    """Return where each goal stands, in the goals' order."""
    metrics = {metric.id: metric for metric in known.metrics}
    return tuple(_track(goal, metrics, known, odds) for goal in goals)


def _track(goal: TrackedGoal, metrics: Mapping[str, UxMetric], known: Known, odds: Odds) -> Headway:
    metric = metrics[goal.metric]
    seen = Seen(
        goal=goal,
        metric=metric,
        readings=fitting(metric, known.readings),
        weights=_weights(goal, metrics, known),
        verdicts=known.verdicts,
        released_on=tuple(one.released_at.date() for one in known.releases),
        end_on=known.end_on,
        seed=known.seed,
        promises=known.promises,
    )
    if not seen.readings:
        return unmeasured(seen, f"no reading of {metric.title} is known")
    found = headway_of(seen)
    answers = {number: odds(one) for number, one in questions(seen, found).items()}
    return with_chances(found, answers)


def _weights(goal: TrackedGoal, metrics: Mapping[str, UxMetric], known: Known) -> dict[str, float]:
    """Return how much of a change of each metric is one of the goal's: by sessions a day.

    A part whose sessions, or the goal's own, are not counted is left out.
    """
    found = {goal.metric: 1.0}
    whole = _sessions_a_day(metrics[goal.metric], known.readings, goal.baseline.window)
    for part in goal.parts:
        count = _sessions_a_day(metrics[part], known.readings, goal.baseline.window)
        if whole and count:
            found[part] = count / whole
    return found


def _sessions_a_day(metric: UxMetric, readings: Sequence[Reading], window: Window) -> float | None:
    inside = [one for one in fitting(metric, readings) if window.holds(one)]
    days = sum((one.end_at - one.start_at) / timedelta(days=1) for one in inside)
    totals = [one.measure.total for one in inside if isinstance(one.measure, Counts)]
    return sum(totals) / days if days and len(totals) == len(inside) else None
