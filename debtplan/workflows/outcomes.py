"""Judging what approved plans promised: every forecast whose days after the release are over.

A forecast is judged once, on a day fixed beforehand: looking every day until something shows finds
something. What could not be measured then is looked at again by the next run.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from debtplan.core.appraisal import appraise
from debtplan.core.contained import closing_of, with_keys
from debtplan.core.days import DayShare, between, daily_shares, last_complete
from debtplan.core.effect import LEAST_POINTS, LEVEL, Effect, Question
from debtplan.core.flow import UxMetric
from debtplan.core.forecast import Forecast
from debtplan.core.freeze import definition_of, freeze
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.judge import (
    Case,
    OutcomePolicy,
    alarm_of,
    judge,
    question_of,
    void_reason,
    window_of,
)
from debtplan.core.outcomes import Outcomes, Pending, pair_up, sum_up
from debtplan.core.plan import Plan
from debtplan.core.release import Release
from debtplan.core.verdict import Verdict
from debtplan.ports import Simulator, Store
from debtplan.ports.evidence import EffectMeter

NAMED = 8
"""Other releases that are named; the rest is counted."""

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Court:
    """What judging takes.

    Attributes:
        store: Holds forecasts, releases and readings; keeps verdicts.
        metrics: As they are defined now.
        meter: Tells by how much a level changed.
        policy: How it is judged.
    """

    store: Store
    metrics: tuple[UxMetric, ...]
    meter: EffectMeter
    policy: OutcomePolicy


@dataclass(frozen=True, slots=True)
class Sorted:
    """Forecasts by what can be done with them."""

    cases: tuple[Case, ...]
    pending: tuple[Pending, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """What came of judging.

    Attributes:
        new: Verdicts of this time.
        outcomes: All that is known now.
    """

    new: tuple[Verdict, ...]
    outcomes: Outcomes


def keep_forecasts(
    plan: Plan, store: Store, simulator: Simulator, when: datetime, policy: OutcomePolicy
) -> int:
    """Keep what a plan promises on the day it is approved; return how many promises are new.

    One that is kept already is never written again.
    """
    appraisal = appraise(plan.inputs)
    keys = [one.key for one in plan.chosen]
    removals = simulator.removals(appraisal, keys, plan.inputs.seed)
    return store.save_forecasts(freeze(plan, appraisal, removals, when, policy))


def judge_due(court: Court, when: datetime, team: str = "") -> Session:
    """Judge what can be judged, keep the verdicts, and return all outcomes of a team.

    Args:
        court: What judging takes.
        when: The moment, aware UTC; nothing that happened later is looked at.
        team: Whose outcomes are wanted; "" takes all. Judged are everyone's.
    """
    store = court.store
    items = {item.key: item for item in store.items()}
    forecasts = tuple(one for one in store.forecasts() if one.frozen_at <= when)
    known_by_now = (one for one in store.releases() if one.released_at <= when)
    releases = with_keys(known_by_now, (*items, *(one.item for one in forecasts)))
    sorted_ = sort_forecasts(forecasts, releases, items, court, when)
    known = {(one.plan_id, one.item, one.metric): one for one in store.verdicts()}
    due = [case for case in sorted_.cases if not _is_settled(case, known)]
    series = _Series(court)
    new = tuple(one for case in due for one in _hear(case, court, series, releases, when))
    if new:
        store.save_verdicts(new)
    verdicts = [one for one in store.verdicts() if one.judged_at <= when]
    titles = _titles(court.metrics, items.values())
    found = sum_up(pair_up(forecasts, verdicts), sorted_.pending, titles, when, team)
    return Session(new, found)


def sort_forecasts(
    forecasts: Sequence[Forecast],
    releases: Sequence[Release],
    items: Mapping[str, DebtItem],
    court: Court,
    when: datetime,
) -> Sorted:
    """Return which forecasts can be judged together or alone, and which cannot, and why."""
    pending = _Pending(_titles(court.metrics, items.values()))
    by_metric: dict[str, list[tuple[Forecast, Release]]] = {}
    promises: dict[tuple[str, str], list[Forecast]] = {}
    for one in sorted(forecasts, key=lambda one: (one.frozen_at, one.plan_id)):
        promises.setdefault((one.item, one.metric), []).append(one)
    for (item, metric), made in sorted(promises.items()):
        release = release_of(item, made[0].frozen_at.date(), releases, items)
        if release is None:
            pending.add(made, _not_released(items.get(item)))
        elif (last := _last_in_time(made, release, pending)) is not None:
            by_metric.setdefault(metric, []).append((last, release))
    ready, cases = last_complete(when), []
    for metric in sorted(by_metric):
        for case in _cases(by_metric[metric], court):
            if case.window[1] <= ready:
                cases.append(case)
            else:
                from_on = case.window[1] + timedelta(days=1)
                pending.add(case.forecasts, f"was released on {case.released_on}", from_on)
    return Sorted(tuple(cases), tuple(pending.rows))


def _last_in_time(
    made: Sequence[Forecast], release: Release, pending: "_Pending"
) -> Forecast | None:
    """Return the forecast that counts: the last one made before the release."""
    released_on = release.released_at.date()
    in_time = [one for one in made if one.frozen_at.date() <= released_on]
    late = [one for one in made if one.frozen_at.date() > released_on]
    pending.add(late, "was released before its plan was approved: that is no forecast")
    if not in_time:
        return None
    *earlier, last = in_time
    pending.add(earlier, f"was promised again by plan {last.plan_id}, which is judged")
    return last


def release_of(
    item: str, from_on: date, releases: Sequence[Release], items: Mapping[str, DebtItem]
) -> Release | None:
    """Return when users had an item: known before assumed, the first since `from_on`.

    Where no release holds it, the day it was closed is taken, as far as the tracker says one.
    """
    holding = [one for one in releases if item in one.items]
    ranked = sorted(
        holding,
        key=lambda one: (
            one.is_assumed,
            one.released_at.date() < from_on,
            one.released_at,
            one.id,
        ),
    )
    if ranked:
        return ranked[0]
    found = items.get(item)
    return None if found is None else closing_of(found)


def _not_released(item: DebtItem | None) -> str:
    if item is None:
        return "is no longer in the backlog, and no release names it"
    if item.state is ItemState.DONE:
        return "is done, but nobody knows since when: no release names it"
    return "is not released yet"


def _cases(made: Sequence[tuple[Forecast, Release]], court: Court) -> list[Case]:
    """Return forecasts of one metric, together where their releases are too close to be told apart.

    Between two releases there must be as many days as a verdict needs on each side.
    """
    apart = timedelta(days=LEAST_POINTS + 2 * court.policy.transition_days)
    groups: list[list[tuple[Forecast, Release]]] = []
    for one in sorted(made, key=lambda one: (one[1].released_at, one[0].item, one[0].plan_id)):
        is_near = (
            groups and one[1].released_at.date() - groups[-1][-1][1].released_at.date() < apart
        )
        if is_near:
            groups[-1].append(one)
        else:
            groups.append([one])
    return _apart([_case(group, court) for group in groups], court.policy)


def _apart(cases: Sequence[Case], policy: OutcomePolicy) -> list[Case]:
    """Return cases of one metric, oldest first, without the days that its neighbours changed."""
    rest = timedelta(days=policy.transition_days + 1)
    starts = [date.min, *(one.settled_on + rest for one in cases)]
    ends = [*(one.released_on for one in cases[1:]), date.max]
    return [
        replace(case, window=(max(start, case.window[0]), min(end, case.window[1])))
        for case, start, end in zip(cases, starts, ends, strict=False)
    ]


def _case(group: Sequence[tuple[Forecast, Release]], court: Court) -> Case:
    forecasts = tuple(forecast for forecast, _ in group)
    releases = tuple(release for _, release in group)
    days = [one.released_at.date() for one in releases]
    metric = next((one for one in court.metrics if one.id == forecasts[0].metric), None)
    now = "" if metric is None else definition_of(metric)
    return Case(
        forecasts=forecasts,
        releases=releases,
        window=window_of(forecasts, min(days), max(days), court.policy),
        is_redefined=any(one.definition not in ("", now) for one in forecasts),
        titles={one.id: one.title for one in court.metrics},
    )


def _is_settled(case: Case, known: Mapping[tuple[str, str, str], Verdict]) -> bool:
    """Tell whether all of a case was judged before, of the same releases, with a measurement."""
    for one, release in zip(case.forecasts, case.releases, strict=True):
        verdict = known.get((one.plan_id, one.item, one.metric))
        if verdict is None or verdict.ratio is None or verdict.released_at != release.released_at:
            return False
    return True


class _Series:
    """The days of every metric, read once however many cases are about it."""

    def __init__(self, court: Court) -> None:
        self._store = court.store
        self._metrics = {one.id: one for one in court.metrics}
        self._known: dict[str, tuple[DayShare, ...]] = {}

    def about(self, case: Case) -> dict[str, tuple[DayShare, ...]]:
        """Return the days of every metric that a case is about."""
        wanted = {case.metric}
        for one in case.forecasts:
            wanted.update(one.controls, one.guardrails)
        return {name: self._days(name) for name in sorted(wanted) if name in self._metrics}

    def _days(self, name: str) -> tuple[DayShare, ...]:
        if name not in self._known:
            self._known[name] = daily_shares(self._metrics[name], self._store.readings([name]))
        return self._known[name]


def _hear(
    case: Case, court: Court, series: _Series, releases: Sequence[Release], when: datetime
) -> tuple[Verdict, ...]:
    """Return the verdicts of one case."""
    days = series.about(case)
    missing = void_reason(case, days.get(case.metric, ()), court.policy)
    if missing:
        return judge(case, Effect(missing=missing), (), (), when)
    effect = court.meter.measure(question_of(case, days, court.policy))
    return judge(case, effect, _alarms(case, court, days), _beside(case, releases), when)


def _alarms(case: Case, court: Court, days: Mapping[str, tuple[DayShare, ...]]) -> tuple[str, ...]:
    """Return what got worse elsewhere; the chance of a false alarm is shared out among them."""
    names = sorted({name for one in case.forecasts for name in one.guardrails} - {case.metric})
    found = []
    for name in names:
        own = between(days.get(name, ()), *case.window)
        if not own or void_reason(replace(case, is_redefined=False), own, court.policy):
            continue
        question = Question(
            days=own,
            released_on=case.released_on,
            settled_on=case.settled_on,
            left_out=(case.released_on, case.released_on),
            transition_days=court.policy.transition_days,
            level=1 - (1 - LEVEL) / len(names),
        )
        title = case.titles.get(name, name)
        alarm = alarm_of(title, court.meter.measure(question), case.released_on)
        found += [alarm] if alarm else []
    return tuple(found)


def _beside(case: Case, releases: Sequence[Release]) -> tuple[str, ...]:
    """Return the names of other releases, from a week before to the end of the days after."""
    own = {one.id for one in case.releases}
    start, end = case.released_on - WEEK, case.window[1]
    near = [
        one
        for one in sorted(releases, key=lambda one: (one.released_at, one.id))
        if one.id not in own
        and start <= one.released_at.date() < end
        and not {forecast.item for forecast in case.forecasts}.intersection(one.items)
    ]
    names = list(dict.fromkeys(one.name or one.id for one in near))
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    return (*names[:NAMED], *more)


def _titles(metrics: Iterable[UxMetric], items: Iterable[DebtItem]) -> dict[str, str]:
    return {one.id: one.title for one in metrics} | {one.key: one.title for one in items}


@dataclass
class _Pending:
    """Collects what cannot be judged yet."""

    titles: Mapping[str, str]
    rows: list[Pending] = field(default_factory=list)

    def add(self, made: Iterable[Forecast], why: str, from_on: date | None = None) -> None:
        self.rows += [
            Pending(
                plan_id=one.plan_id,
                team=one.team,
                item=one.item,
                title=self.titles.get(one.item, ""),
                metric=one.metric,
                metric_title=self.titles.get(one.metric, ""),
                from_on=from_on,
                why=why,
            )
            for one in made
        ]
