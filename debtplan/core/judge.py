"""From a forecast and what the readings say to a verdict, with reasons in words.

moved       the whole 95% interval of the effect lies below 0
worse       it lies above 0
not_moved   it holds 0, and not even half of what was claimed
cannot_tell it holds both, or the readings allow no judgement

realised = -effect / (q - q*)        ratio = realised / claimed removal
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import prod, sqrt
from typing import Any

from pydantic import Field

from debtplan.core.days import DayShare, between, longest_gap, sharpest_jump
from debtplan.core.effect import Effect, Question
from debtplan.core.forecast import Forecast
from debtplan.core.natural import in_order
from debtplan.core.phase import names_whole
from debtplan.core.record import Value
from debtplan.core.release import Release
from debtplan.core.teams import whole_of
from debtplan.core.verdict import Outcome, Verdict

METHOD = "interrupted time series, 1"
"""Name and version of the method that forecasts are frozen with."""

PART = 0.5
"""An interval that leaves out this part of what was claimed says that it did not come."""


class OutcomePolicy(Value):
    """`[outcomes]`: how forecasts are frozen and judged.

    Attributes:
        baseline_days: Days before the approval that the baseline reaches back.
        after_days: Days after the release that a verdict looks at; it is made when they are over.
        transition_days: Days on each side of a release that count for neither.
        gap_days: A longer run of days without readings voids the verdict.
        jump: A week with this many times the observations of the week before, or that part of
            them, voids the verdict: it is another way of counting.
        controls: Most controls that a forecast fixes.
        guardrails: Most metrics that are watched beside it.
    """

    baseline_days: int = Field(default=90, ge=28, le=730)
    after_days: int = Field(default=30, ge=14, le=180)
    transition_days: int = Field(default=1, ge=0, le=14)
    gap_days: int = Field(default=3, ge=0, le=30)
    jump: float = Field(default=2.0, gt=1)
    controls: int = Field(default=3, ge=0, le=10)
    guardrails: int = Field(default=12, ge=0, le=100)


@dataclass(frozen=True, slots=True)
class Case:
    """Forecasts of one metric whose releases are too close to be told apart.

    Attributes:
        forecasts: One or more, all of one metric.
        releases: When each was released, in the same order.
        window: First day that may be looked at and the first that may not.
        is_redefined: Whether the metric is defined otherwise than when they were frozen.
        titles: Names for people, by metric.
    """

    forecasts: tuple[Forecast, ...]
    releases: tuple[Release, ...]
    window: tuple[date, date]
    is_redefined: bool
    titles: Mapping[str, str]

    @property
    def metric(self) -> str:
        """Id of the metric."""
        return self.forecasts[0].metric

    @property
    def released_on(self) -> date:
        """Day of the first release."""
        return min(one.released_at.date() for one in self.releases)

    @property
    def settled_on(self) -> date:
        """Day of the last."""
        return max(one.released_at.date() for one in self.releases)

    @property
    def claimed(self) -> float:
        """Removal that all of them claim together: 1 - prod(1 - removal)."""
        return 1 - prod(1 - one.removal for one in self.forecasts)

    @property
    def left_out(self) -> tuple[date, date]:
        """Days that led to the work, end exclusive."""
        return (
            min(one.baseline_end_on for one in self.forecasts),
            min(max(one.frozen_at.date() for one in self.forecasts), self.released_on),
        )


def window_of(
    forecasts: Sequence[Forecast], released_on: date, settled_on: date, policy: OutcomePolicy
) -> tuple[date, date]:
    """Return the first day a verdict looks at and the first that it does not."""
    start = min(one.baseline_start_on for one in forecasts)
    after = max(one.after_days for one in forecasts)
    end = settled_on + timedelta(days=policy.transition_days + after + 1)
    return min(start, released_on), end


def void_reason(case: Case, days: Sequence[DayShare], policy: OutcomePolicy) -> str:
    """Return why the readings allow no verdict, one sentence; empty where they do."""
    if case.is_redefined:
        return "The metric is defined otherwise than when the forecast was made"
    start, end = case.window
    inside = between(days, start, end)
    if not inside:
        return "There are no daily readings in the window"
    gap_on, length = longest_gap(inside, inside[0].on, end)
    if length > policy.gap_days:
        return f"There are no readings on the {length} days from {gap_on} on"
    jump = sharpest_jump(inside)
    if jump is not None and jump[1] > policy.jump:
        return (
            f"The number of observations changed {jump[1]:.1f} times in the week of {jump[0]}: "
            "that is another way of counting, so before and after are not the same thing"
        )
    return ""


def question_of(
    case: Case, days: Mapping[str, tuple[DayShare, ...]], policy: OutcomePolicy
) -> Question:
    """Return what is asked of the metric's series, with the controls that were fixed."""
    start, end = case.window
    names = sorted({name for one in case.forecasts for name in one.controls})
    return Question(
        days=between(days.get(case.metric, ()), start, end),
        released_on=case.released_on,
        settled_on=case.settled_on,
        left_out=case.left_out,
        transition_days=policy.transition_days,
        controls={name: between(days.get(name, ()), start, end) for name in names},
    )


def judge(
    case: Case,
    effect: Effect,
    alarms: Sequence[str],
    beside: Sequence[str],
    judged_at: datetime,
) -> tuple[Verdict, ...]:
    """Return a verdict on each forecast of the case.

    Where several releases are judged as one, each gets the common ratio, with an error that is
    larger by the root of their number: together they count as one measurement.

    Args:
        case: What was claimed and released.
        effect: What the series says; one with `missing` cannot be told.
        alarms: What got worse elsewhere, sentences.
        beside: Names of other releases in the window.
        judged_at: Aware UTC.
    """
    outcome, reasons = _outcome(case, effect)
    measured = _measured(case, effect)
    return tuple(
        Verdict(
            plan_id=one.plan_id,
            item=one.item,
            metric=one.metric,
            judged_at=judged_at,
            released_at=release.released_at,
            outcome=outcome,
            reasons=(*reasons, *_remarks(case, one, release, effect, beside)),
            beside=tuple(beside),
            alarms=tuple(alarms),
            **measured,
        )
        for one, release in zip(case.forecasts, case.releases, strict=True)
    )


def _measured(case: Case, effect: Effect) -> dict[str, Any]:
    """Return the numbers of a verdict; None where there is nothing to compute them from."""
    excess = [one.bad_share - one.goal_share for one in case.forecasts]
    realised = ratio = error = None
    if effect.effect is not None and effect.error is not None and min(excess) > 0:
        realised = -effect.effect / max(excess)
        if case.claimed > 0:
            ratio = realised / case.claimed
            error = effect.error / max(excess) / case.claimed * sqrt(len(case.forecasts))
    return {
        "observed": effect.observed,
        "effect": effect.effect,
        "low": effect.low,
        "high": effect.high,
        "realised": realised,
        "ratio": ratio,
        "ratio_error": error,
        "days_before": effect.days_before,
        "days_after": effect.days_after,
    }


def _outcome(case: Case, effect: Effect) -> tuple[Outcome, tuple[str, ...]]:
    """Return the verdict and the first reason."""
    if effect.low is None or effect.high is None or effect.effect is None:
        return Outcome.CANNOT_TELL, (f"{effect.missing}.",)
    said = say_change(effect)
    if effect.fakes:
        days = ", ".join(str(on) for on in effect.fakes)
        why = f"The same method sees a change on {days} too, when nothing of this was released"
        return Outcome.CANNOT_TELL, (f"{why}; {said}.",)
    if effect.high < 0:
        return Outcome.MOVED, (f"At the release {said}: better than chance explains.",)
    if effect.low > 0:
        return Outcome.WORSE, (f"At the release {said}: worse than chance explains.",)
    excess = max(one.bad_share - one.goal_share for one in case.forecasts)
    wanted = -case.claimed * excess
    if effect.low > PART * wanted:
        why = f"half of the claimed {_points(wanted)} would have been seen"
        return Outcome.NOT_MOVED, (f"At the release {said}: {why}.",)
    why = f"it may be nothing, and it may be the claimed {_points(wanted)}"
    return Outcome.CANNOT_TELL, (f"At the release {said}: {why}.",)


def say_change(effect: Effect) -> str:
    """Return a change that was measured, with its interval, as half a sentence."""
    return f"the share changed by {_points(effect.effect or 0.0)}, {_span(effect)}"


def _remarks(
    case: Case, forecast: Forecast, release: Release, effect: Effect, beside: Sequence[str]
) -> tuple[str, ...]:
    """Return what else a reader should know, one sentence each."""
    found = []
    others = in_order({one.item for one in case.forecasts} - {forecast.item})
    if others:
        found.append(f"Judged together with {', '.join(others)}, released at nearly the same time.")
    if release.is_assumed:
        day = release.released_at.date()
        found.append(f"That users had it on {day} is assumed: {_why_assumed(forecast, release)}.")
    if effect.controls:
        names = ", ".join(case.titles.get(one, one) for one in effect.controls)
        found.append(f"Held against {names}, which the work does not touch.")
    found += [
        f"{case.titles.get(one.metric, one.metric)} is no control: it {one.why}."
        for one in effect.refused
    ]
    if effect.effect is not None and not effect.has_trend:
        found.append("Too few days before the release to take out a trend.")
    if beside and effect.effect is not None:
        found.append(
            f"Also released in the days that were looked at: {', '.join(beside)}; "
            "part of the change may be theirs."
        )
    return tuple(found)


def _why_assumed(forecast: Forecast, release: Release) -> str:
    if names_whole(release, forecast.item):
        return "the release names the whole item, not this phase"
    if whole_of(forecast.item) != forecast.item:
        return "the phase was done by then, as the text or the closing of its item says"
    return "the item was closed then"


def _points(share: float) -> str:
    """Return a difference of shares in percentage points."""
    return f"{100 * share:+.2g} points"


def _span(effect: Effect) -> str:
    low, high = 100 * (effect.low or 0), 100 * (effect.high or 0)
    return f"{100 * effect.level:.3g}% sure {low:+.2g} to {high:+.2g}"


def alarm_of(title: str, effect: Effect, released_on: date) -> str:
    """Return the alarm for a guardrail that got worse; empty where it did not."""
    if effect.low is None or effect.low <= 0 or effect.effect is None or effect.fakes:
        return ""
    return (
        f"{title} got worse after the release of {released_on}: "
        f"{_points(effect.effect)} of its sessions ({_span(effect)})."
    )
