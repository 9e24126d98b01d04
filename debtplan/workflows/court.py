"""What every verdict takes: the store's days and releases, and what is asked of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from debtplan.core.awaited import Promise
from debtplan.core.contained import closing_of, with_keys
from debtplan.core.days import DayShare, daily_shares
from debtplan.core.flow import UxMetric
from debtplan.core.forecast import Forecast
from debtplan.core.freeze import definition_of
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.judge import Case, OutcomePolicy, window_of
from debtplan.core.phase import dated, names_whole, with_phases
from debtplan.core.release import Release
from debtplan.core.same_release import deployment_of
from debtplan.ports import Store
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
class Docket:
    """What is known of promises by a moment.

    Attributes:
        forecasts: Of every team.
        releases: With full keys.
        items: As the trackers have them, phases among them.
    """

    forecasts: tuple[Forecast, ...]
    releases: tuple[Release, ...]
    items: Mapping[str, DebtItem]


def docket_of(store: Store, when: datetime) -> Docket:
    """Return what the store holds of promises, nothing that happened after `when` among it."""
    forecasts = tuple(one for one in store.forecasts() if one.frozen_at <= when)
    wanted = [one.item for one in forecasts]
    judged = (one for one in store.verdicts() if one.judged_at <= when)
    items = dated(with_phases(store.items(), wanted), judged)
    known_by_now = (one for one in store.releases() if one.released_at <= when)
    return Docket(forecasts, with_keys(known_by_now, (*items, *wanted)), items)


def promises_of(docket: Docket) -> tuple[Promise, ...]:
    """Return every promise with the day on which users had its item, as far as that is known."""
    found = []
    for one in docket.forecasts:
        from_on = one.frozen_at.date()
        release = release_of(one.item, from_on, docket.releases, docket.items)
        found.append(Promise(one, None if release is None else release.released_at.date()))
    return tuple(found)


def titles_of(metrics: Iterable[UxMetric], items: Mapping[str, DebtItem]) -> dict[str, str]:
    """Return names for people, of metrics and items."""
    return {one.id: one.title for one in metrics} | {key: items[key].title for key in items}


def release_of(
    item: str, from_on: date, releases: Sequence[Release], items: Mapping[str, DebtItem]
) -> Release | None:
    """Return when users had an item: known before assumed, the first since `from_on`.

    Where no release holds it, the day it was closed is taken, as far as the tracker says one. Of a
    phase a release that names the whole item counts as assumed, and not while the phase is open.
    """
    found = items.get(item)
    is_open = found is not None and found.state is not ItemState.DONE
    holding = [
        one.model_copy(update={"is_assumed": True}) if names_whole(one, item) else one
        for one in releases
        if item in one.items and not (is_open and names_whole(one, item))
    ]
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
    return None if found is None else closing_of(found)


def case_of(group: Sequence[tuple[Forecast, Release]], court: Court) -> Case:
    """Return forecasts of one metric with their releases as one case, and the days it looks at."""
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


class Series:
    """The days of every metric, read once however many cases are about it."""

    def __init__(self, court: Court) -> None:
        """Read what the court's store holds."""
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


def releases_beside(case: Case, releases: Sequence[Release]) -> tuple[str, ...]:
    """Return the names of other releases, from a week before to the end of the days after.

    Further deployments of the same release are none.
    """
    own = {deployment_of(one.id) for one in case.releases}
    start, end = case.released_on - WEEK, case.window[1]
    near = [
        one
        for one in sorted(releases, key=lambda one: (one.released_at, one.id))
        if deployment_of(one.id) not in own
        and start <= one.released_at.date() < end
        and not {forecast.item for forecast in case.forecasts}.intersection(one.items)
    ]
    names = list(dict.fromkeys(one.name or one.id for one in near))
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    return (*names[:NAMED], *more)
