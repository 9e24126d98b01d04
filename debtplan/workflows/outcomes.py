"""Judging what approved plans promised: every forecast whose days after the release are over.

A forecast is judged once, on a day fixed beforehand: looking every day until something shows finds
something. What could not be measured then is looked at again by the next run.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from debtplan.core.appraisal import appraise
from debtplan.core.days import DayShare, between, last_complete
from debtplan.core.effect import LEAST_POINTS, LEVEL, Effect, Question
from debtplan.core.forecast import Forecast, promised
from debtplan.core.freeze import freeze
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.judge import (
    Case,
    OutcomePolicy,
    alarm_of,
    judge,
    question_of,
    void_reason,
)
from debtplan.core.outcomes import Outcomes, Pending, pair_up, sum_up, waiting
from debtplan.core.plan import Plan
from debtplan.core.release import Release
from debtplan.core.undone import place
from debtplan.core.verdict import Verdict
from debtplan.ports import Simulator, Store
from debtplan.workflows.court import (
    Court,
    Docket,
    Series,
    case_of,
    docket_of,
    release_of,
    releases_beside,
    titles_of,
)
from debtplan.workflows.placebos import find_placebos


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
        when: The moment, aware UTC; nothing that happened later is looked at. What was judged
            later is judged here as if it had not been, and the later verdict is the one kept.
        team: Whose outcomes are wanted; "" takes all. Judged are everyone's.
    """
    store = court.store
    docket = docket_of(store, when)
    sorted_ = sort_forecasts(docket, court, when)
    held = {promised(one): one for one in store.verdicts()}
    known = {key: one for key, one in held.items() if one.judged_at <= when}
    due = [case for case in sorted_.cases if not _is_settled(case, known)]
    series = Series(court)
    heard = {
        promised(one): one
        for case in due
        for one in _hear(case, court, series, docket.releases, when)
    }
    new = tuple(one for key, one in heard.items() if key in known or key not in held)
    if new:
        store.save_verdicts(new)
    pairs = pair_up(docket.forecasts, (known | heard).values())
    placebos = place(docket.forecasts, find_placebos(court, docket, series, when))
    titles = titles_of(court.metrics, docket.items)
    found = sum_up(pairs, sorted_.pending, titles, when, team, placebos)
    return Session(new, found)


def sort_forecasts(docket: Docket, court: Court, when: datetime) -> Sorted:
    """Return which forecasts can be judged together or alone, and which cannot, and why."""
    items, releases = docket.items, docket.releases
    pending = _Pending(titles_of(court.metrics, items))
    by_metric: dict[str, list[tuple[Forecast, Release]]] = {}
    promises: dict[tuple[str, str], list[Forecast]] = {}
    for one in sorted(docket.forecasts, key=lambda one: (one.frozen_at, one.plan_id)):
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
    return _apart([case_of(group, court) for group in groups], court.policy)


def _apart(cases: Sequence[Case], policy: OutcomePolicy) -> list[Case]:
    """Return cases of one metric, oldest first, without the days that its neighbours changed."""
    rest = timedelta(days=policy.transition_days + 1)
    starts = [date.min, *(one.settled_on + rest for one in cases)]
    ends = [*(one.released_on for one in cases[1:]), date.max]
    return [
        replace(case, window=(max(start, case.window[0]), min(end, case.window[1])))
        for case, start, end in zip(cases, starts, ends, strict=False)
    ]


def _is_settled(case: Case, known: Mapping[tuple[str, str, str], Verdict]) -> bool:
    """Tell whether all of a case was judged before, of the same releases, with a measurement."""
    for one, release in zip(case.forecasts, case.releases, strict=True):
        verdict = known.get(promised(one))
        if verdict is None or verdict.ratio is None or verdict.released_at != release.released_at:
            return False
    return True


def _hear(
    case: Case, court: Court, series: Series, releases: Sequence[Release], when: datetime
) -> tuple[Verdict, ...]:
    """Return the verdicts of one case."""
    days = series.about(case)
    missing = void_reason(case, days.get(case.metric, ()), court.policy)
    if missing:
        return judge(case, Effect(missing=missing), (), (), when)
    effect = court.meter.measure(question_of(case, days, court.policy))
    return judge(case, effect, _alarms(case, court, days), releases_beside(case, releases), when)


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


@dataclass
class _Pending:
    """Collects what cannot be judged yet."""

    titles: Mapping[str, str]
    rows: list[Pending] = field(default_factory=list)

    def add(self, made: Iterable[Forecast], why: str, from_on: date | None = None) -> None:
        self.rows += [waiting(one, self.titles, why, from_on) for one in made]
