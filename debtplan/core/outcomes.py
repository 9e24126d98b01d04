"""What came of what was promised: the rows, the sums and the sentence of `debtplan outcomes`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import sqrt
from statistics import NormalDist, fmean
from typing import Literal

from pydantic import AwareDatetime

from debtplan.core.calibration import (
    LEAST_VERDICTS,
    Pooled,
    Track,
    pool_all,
    pool_by,
    track_of,
)
from debtplan.core.drift import INTERVAL_Z, Drift, drift_of, say_drift
from debtplan.core.forecast import Forecast, beside_forecasts, promised
from debtplan.core.link import Grade
from debtplan.core.record import Value
from debtplan.core.subject import subject_of
from debtplan.core.tracked import Headway
from debtplan.core.undone import WIDE_Z, Missed, UndoneRow, undone_rows
from debtplan.core.verdict import Outcome, Verdict

SCHEMA_VERSION = 1

AT_LEAST = 0.5
"""Of what was claimed: the event that the Brier score is about."""

EXPECTED_COVERAGE = 0.8
"""Part of forecasts that should come out within their 10th and 90th percentile."""

NEARLY_ONE = 0.005


class OutcomeRow(Value):
    """A forecast beside what happened. Removals are parts of the metric's excess over its goal.

    Attributes:
        claimed, claimed_low, claimed_high: Removal as it was forecast, with its 10th and 90th
            percentile.
        sessions: Claimed frustrated sessions avoided per sprint.
        realised, realised_low, realised_high: What was removed, with its 95% interval; below 0
            where it got worse. Of items that are judged together, its part of it.
        ratio: realised / claimed.
        ratio_error: Its standard error.
        observed: Share after less before, whatever caused it.
        effect: The part at the release, trend, weekdays and controls taken out, with its 95%
            interval `effect_low` to `effect_high`.
    """

    plan_id: str
    sprint_id: str
    team: str
    item: str
    title: str = ""
    metric: str
    metric_title: str = ""
    grade: Grade
    debt_kind: str = ""
    outcome: Outcome
    released_on: date | None
    judged_on: date
    claimed: float
    claimed_low: float
    claimed_high: float
    sessions: float
    realised: float | None = None
    realised_low: float | None = None
    realised_high: float | None = None
    ratio: float | None = None
    ratio_error: float | None = None
    observed: float | None = None
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    days_before: int = 0
    days_after: int = 0
    reasons: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


class Pending(Value):
    """A forecast that cannot be judged yet, or never.

    Attributes:
        from_on: Day from which on it can; None where that is not known.
        why: A phrase that follows its name.
    """

    plan_id: str
    team: str
    item: str
    title: str = ""
    metric: str
    metric_title: str = ""
    from_on: date | None = None
    why: str


class Coverage(Value):
    """How many forecasts came out within their own interval.

    Attributes:
        share: Part of them; `expected` of them should.
    """

    share: float
    expected: float = EXPECTED_COVERAGE
    forecasts: int


class Brier(Value):
    """How good the forecasts' chances were: mean of (chance - what happened)^2 (Brier 1950).

    Attributes:
        score: 0 is perfect, 0.25 is always saying 50%.
        base: What always saying the usual rate would have got, known only afterwards.
        at_least: Part of the claim that the event is about.
        happened: Part of the forecasts of which it came true.
    """

    score: float
    base: float
    at_least: float = AT_LEAST
    happened: float
    forecasts: int


class Outcomes(Value):
    """All of it: `debtplan outcomes --format json`, schema_version 1.

    Attributes:
        team: Whose; "" for all.
        line: What forecasts delivered so far, in one sentence.
        is_calibrated: Whether today's values hold that.
        delivered: Over all verdicts of every team; None without any.
        by_grade, by_kind, by_team: The same by class.
        alarms: What got worse elsewhere.
        goals: Where the goals of the settings stand.
        verdict_days: Days from a release to its verdict; None where nobody said.
        undone: What was approved and did not come; it is in none of the sums above.
        drift: What that tells of metrics left alone, over all teams; None without any.
        drift_line: The same in words; "" without any.
    """

    schema_version: Literal[1] = 1
    as_of: AwareDatetime
    team: str = ""
    line: str
    is_calibrated: bool
    delivered: Pooled | None = None
    by_grade: tuple[Pooled, ...] = ()
    by_kind: tuple[Pooled, ...] = ()
    by_team: tuple[Pooled, ...] = ()
    coverage: Coverage | None = None
    brier: Brier | None = None
    rows: tuple[OutcomeRow, ...] = ()
    pending: tuple[Pending, ...] = ()
    alarms: tuple[str, ...] = ()
    goals: tuple[Headway, ...] = ()
    verdict_days: int | None = None
    undone: tuple[UndoneRow, ...] = ()
    drift: Drift | None = None
    drift_line: str = ""


Pair = tuple[Forecast, Verdict]


def pair_up(forecasts: Iterable[Forecast], verdicts: Iterable[Verdict]) -> tuple[Pair, ...]:
    """Return each verdict with its forecast, by release, then by plan, item and metric."""
    return tuple(sorted(beside_forecasts(forecasts, verdicts), key=_by_release))


def waiting(
    forecast: Forecast, titles: Mapping[str, str], why: str, from_on: date | None
) -> Pending:
    """Return the row of a forecast that has no verdict yet."""
    return Pending(**subject_of(forecast, titles), from_on=from_on, why=why)


def tracks_of(pairs: Iterable[Pair]) -> tuple[Track, ...]:
    """Return what calibration counts of the verdicts."""
    found = (track_of(forecast, verdict) for forecast, verdict in pairs)
    return tuple(one for one in found if one is not None)


def sum_up(
    pairs: Sequence[Pair],
    pending: Sequence[Pending],
    titles: Mapping[str, str],
    as_of: AwareDatetime,
    team: str = "",
    missed: Sequence[Missed] = (),
) -> Outcomes:
    """Return the outcomes of a team beside the calibration of all.

    Args:
        pairs: Forecasts with their verdicts, of every team.
        pending: What is not judged yet, of every team.
        titles: Names for people, of items and metrics.
        as_of: The day it is looked at.
        team: Whose rows are wanted; "" takes all.
        missed: Forecasts with their placebos, of every team.
    """
    tracks = tracks_of(pairs)
    drift = drift_of(placebo for _, placebo in missed)
    rows = tuple(_row(made, came, titles) for made, came in pairs if team in ("", made.team))
    return Outcomes(
        as_of=as_of,
        team=team,
        line=say_delivered(tracks, drift),
        is_calibrated=len(tracks) >= LEAST_VERDICTS,
        delivered=pool_all(tracks, drift),
        by_grade=pool_by(tracks, "grade", drift),
        by_kind=pool_by(tracks, "debt_kind", drift),
        by_team=pool_by(tracks, "team", drift),
        coverage=cover(rows),
        brier=score(rows),
        rows=rows,
        pending=tuple(one for one in pending if not team or one.team == team),
        alarms=tuple(dict.fromkeys(alarm for one in rows for alarm in one.alarms)),
        undone=undone_rows([one for one in missed if team in ("", one[0].team)], titles),
        drift=drift,
        drift_line=say_drift(drift),
    )


def say_delivered(tracks: Sequence[Track], drift: Drift | None = None) -> str:
    """Return what forecasts delivered so far, in one sentence."""
    count = len(tracks)
    delivered = pool_all(tracks, drift)
    if delivered is None or count < LEAST_VERDICTS:
        judged = (
            "no forecast has"
            if not count
            else f"{count} forecast{'s have' if count > 1 else ' has'}"
        )
        return (
            f"Not calibrated yet: {judged} been measured, {LEAST_VERDICTS} are needed. Too few "
            "verdicts to correct anything by: today's values are as claimed."
        )
    said = f"{delivered.mean:.2f} ({delivered.low:.2f} to {delivered.high:.2f})"
    way = "reduced" if delivered.mean < 1 else "raised"
    applied = f"today's values are already {way} by that"
    if abs(delivered.mean - 1) < NEARLY_ONE:
        applied = "today's values are as claimed"
    return f"The last {count} forecasts delivered {said} of what was claimed; {applied}."


def cover(rows: Iterable[OutcomeRow]) -> Coverage | None:
    """Return how many came out within their interval, widened by the error of the measurement."""
    inside = []
    for one in rows:
        if one.realised is not None and one.ratio_error is not None:
            error = INTERVAL_Z * one.ratio_error * one.claimed
            below = sqrt((one.claimed - one.claimed_low) ** 2 + error**2)
            above = sqrt((one.claimed_high - one.claimed) ** 2 + error**2)
            inside.append(one.claimed - below <= one.realised <= one.claimed + above)
    return Coverage(share=fmean(inside), forecasts=len(inside)) if inside else None


def score(rows: Iterable[OutcomeRow]) -> Brier | None:
    """Return the Brier score of "at least half of what was claimed comes"."""
    scored = []
    for one in rows:
        if one.realised is not None and one.ratio_error is not None:
            wanted = AT_LEAST * one.claimed
            own = max(0.0, one.claimed - one.claimed_low) / INTERVAL_Z
            spread = max(1e-9, sqrt(own**2 + (one.ratio_error * one.claimed) ** 2))
            chance = NormalDist(one.claimed, spread)
            scored.append((1 - chance.cdf(wanted), one.realised >= wanted))
    if not scored:
        return None
    rate = fmean(came for _, came in scored)
    return Brier(
        score=fmean((chance - came) ** 2 for chance, came in scored),
        base=rate * (1 - rate),
        happened=rate,
        forecasts=len(scored),
    )


def _row(forecast: Forecast, verdict: Verdict, titles: Mapping[str, str]) -> OutcomeRow:
    ratio, error = verdict.ratio, verdict.ratio_error
    realised = None if ratio is None else ratio * forecast.removal
    reach = None if error is None else WIDE_Z * error * forecast.removal
    has_span = realised is not None and reach is not None
    return OutcomeRow(
        **subject_of(forecast, titles),
        sprint_id=forecast.sprint_id,
        grade=forecast.grade,
        debt_kind=forecast.debt_kind,
        outcome=verdict.outcome,
        released_on=verdict.released_at.date() if verdict.released_at else None,
        judged_on=verdict.judged_at.date(),
        claimed=forecast.removal,
        claimed_low=forecast.low,
        claimed_high=forecast.high,
        sessions=forecast.harm * forecast.removal,
        realised=realised,
        realised_low=(realised or 0.0) - (reach or 0.0) if has_span else None,
        realised_high=(realised or 0.0) + (reach or 0.0) if has_span else None,
        ratio=ratio,
        ratio_error=error,
        observed=verdict.observed,
        effect=verdict.effect,
        effect_low=verdict.low,
        effect_high=verdict.high,
        days_before=verdict.days_before,
        days_after=verdict.days_after,
        reasons=tuple(verdict.reasons),
        beside=tuple(verdict.beside),
        alarms=tuple(verdict.alarms),
    )


def _by_release(pair: Pair) -> tuple[str, str, str, str]:
    forecast, verdict = pair
    released = verdict.released_at or verdict.judged_at
    return (released.isoformat(), *promised(forecast))
