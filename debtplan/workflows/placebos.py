"""Judging what approved plans promised and nobody did: free evidence on drift.

An approved forecast whose item did not come in its sprint, nor in the days a verdict would have
looked at, is judged as if it had come on the sprint's last day. Nothing else that was promised of
its metric may have come in these days, and of forecasts that would look at the same days after only
one counts: they would be one measurement told twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from debtplan.core.contained import closing_of
from debtplan.core.days import last_complete
from debtplan.core.effect import Effect
from debtplan.core.forecast import Forecast, promised
from debtplan.core.item import ItemState
from debtplan.core.judge import Case, question_of, void_reason
from debtplan.core.missed import placebo_of
from debtplan.core.placebo import Placebo
from debtplan.core.release import Release
from debtplan.workflows.court import Court, Docket, Series, case_of, releases_beside


def find_placebos(
    court: Court, docket: Docket, series: Series, when: datetime
) -> tuple[Placebo, ...]:
    """Judge what was promised and did not come, keep it, and return all that is known by `when`.

    One that was measured before stands, as long as nothing is known to have come in its days.
    """
    held = court.store.placebos()
    known = {promised(one): one for one in held}
    found = []
    for case in missed_cases(court, docket, when):
        (forecast,) = case.forecasts
        before = known.get(promised(forecast))
        if before is not None and before.judged_at <= when and before.realised is not None:
            found.append(before)
        else:
            found.append(_hear(case, court, series, docket.releases, when))
    later = [one for one in held if one.judged_at > when]
    keys = set(map(promised, later))
    fresh = [one for one in found if promised(one) not in keys]
    kept = sorted((*fresh, *later), key=promised)
    if tuple(kept) != held:
        court.store.save_placebos(kept)
    return tuple(sorted(found, key=lambda one: (one.due_on, *promised(one))))


def missed_cases(court: Court, docket: Docket, when: datetime) -> tuple[Case, ...]:
    """Return the forecasts whose work did not come, each as a case, by metric and day.

    Only those whose days are all over.
    """
    ready = last_complete(when)
    by_metric: dict[str, list[Case]] = {}
    for one in docket.forecasts:
        if one.due_on is not None and one.due_on >= one.frozen_at.date():
            case = case_of([(one, _as_if(one, one.due_on))], court)
            if case.window[1] <= ready and not _may_have_come(case, docket):
                by_metric.setdefault(one.metric, []).append(case)
    came = _came_on(docket)
    return tuple(
        case
        for metric in sorted(by_metric)
        for case in _apart(by_metric[metric], came.get(metric, []), court)
    )


def _as_if(forecast: Forecast, due_on: date) -> Release:
    """Return the release that there was none of."""
    at = datetime.combine(due_on, time(), UTC)
    return Release(id=f"placebo {forecast.item}", released_at=at, items=(forecast.item,))


def _may_have_come(case: Case, docket: Docket) -> bool:
    """Tell whether users may have had the work in the days that are looked at, or before."""
    (forecast,) = case.forecasts
    item = docket.items.get(forecast.item)
    if item is None:
        return True  # nobody knows what became of it
    days = _days_of(forecast.item, docket)
    if item.state is ItemState.DONE and not days:
        return True
    return any(day < case.window[1] for day in days)


def _days_of(item: str, docket: Docket) -> list[date]:
    """Return the days on which an item was released, or else closed."""
    days = [one.released_at.date() for one in docket.releases if item in one.items]
    found = docket.items.get(item)
    closing = None if found is None or days else closing_of(found)
    return days if closing is None else [closing.released_at.date()]


def _came_on(docket: Docket) -> dict[str, list[date]]:
    """Return the days on which anything came that was promised of a metric, by metric."""
    promised = {(one.metric, one.item) for one in docket.forecasts}
    days = {item: _days_of(item, docket) for item in {item for _, item in promised}}
    found: dict[str, set[date]] = {}
    for metric, item in promised:
        found.setdefault(metric, set()).update(days[item])
    return {metric: sorted(found[metric]) for metric in found}


def _apart(cases: Sequence[Case], came: Sequence[date], court: Court) -> list[Case]:
    """Return cases of one metric in whose days nothing came, none of them looking at another's."""
    aside = timedelta(days=court.policy.transition_days)
    found: list[Case] = []
    for case in sorted(cases, key=_by_day):
        due, (start, end) = case.released_on, case.window
        before = [day for day in came if day < due - aside]
        if any(due - aside <= day < end for day in came):
            continue
        if found and due - aside < found[-1].window[1]:
            continue
        if before:
            start = max(start, before[-1] + aside + timedelta(days=1))
        found.append(replace(case, window=(start, end)))
    return found


def _by_day(case: Case) -> tuple[date, datetime, str, str]:
    (one,) = case.forecasts
    return (case.released_on, one.frozen_at, one.plan_id, one.item)


def _hear(
    case: Case, court: Court, series: Series, releases: Sequence[Release], when: datetime
) -> Placebo:
    days = series.about(case)
    missing = void_reason(case, days.get(case.metric, ()), court.policy)
    if missing:
        return placebo_of(case, Effect(missing=missing), (), when)
    effect = court.meter.measure(question_of(case, days, court.policy))
    return placebo_of(case, effect, releases_beside(case, releases), when)
