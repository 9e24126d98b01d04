"""From settings and what the store holds to a plan's inputs."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from debtplan.config.links import read_links
from debtplan.config.measured import pick_readings
from debtplan.config.settings import Loaded, MetricSettings, Settings, TeamSettings
from debtplan.core.capacity import (
    CapacityPolicy,
    ClosedSprint,
    OpenSprint,
    Sprint,
    by_time,
    sprint_length,
)
from debtplan.core.flow import UxMetric
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.intake import Backlog, DebtFilter, take_in
from debtplan.core.item import DebtItem, ItemKey, ItemState, Skipped, key_resolver
from debtplan.core.link import Claim
from debtplan.core.reading import Reading
from debtplan.core.record import Value
from debtplan.core.source import SourceState
from debtplan.errors import UsageError
from debtplan.metrics.options import MetricQuery

WORKDAYS = 5


class Held(Value):
    """What the store holds."""

    items: tuple[DebtItem, ...] = ()
    readings: tuple[Reading, ...] = ()
    sprints: tuple[ClosedSprint, ...] = ()
    open_sprints: tuple[OpenSprint, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    sources: tuple[SourceState, ...] = ()
    kept: tuple[str, ...] | None = None


def pick_team(settings: Settings, asked: str | None) -> str:
    """Return the team asked for, or the only one.

    Raises:
        UsageError: No such team, or several and none asked for.
    """
    names = sorted(settings.team)
    if asked is not None:
        if asked in names:
            return asked
        raise UsageError(
            f"There is no team {asked!r}.", f"Use one of: {', '.join(names) or 'none'}."
        )
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError("The settings name no team.", "Add a table such as [team.checkout].")
    raise UsageError("The settings name several teams.", f"Add --team {' or --team '.join(names)}.")


def assemble_inputs(
    loaded: Loaded, team: str, held: Held, now: datetime, sprint_name: str | None = None
) -> Inputs:
    """Return a team's inputs as of `now`; the sprint is the one asked for, else the next."""
    settings, own = loaded.settings, loaded.settings.team[team]
    metrics = tuple(_plain(metric) for metric in settings.metric)
    mine = items_of(settings, team, held.items)
    backlog = _backlog(loaded, metrics, mine, _others(held.items, mine))
    capacity = _capacity(own)
    sprints = _sprints_of(team, held.sprints)
    readings, odd = pick_readings(settings, metrics, held.readings, now)
    rules, astray = _rules(own, team, backlog.items, held.items)
    return Inputs(
        team=team,
        unit=own.unit,
        sprint=_coming(own, sprints, _dated(team, held.open_sprints), capacity, now, sprint_name),
        as_of=now,
        items=tuple(item.model_copy(update={"text": ""}) for item in backlog.items),
        claims=backlog.claims,
        flows=settings.flow,
        metrics=metrics,
        readings=readings,
        sprints=sprints,
        reserve=own.reserve or settings.reserve,
        capacity=capacity,
        harm=settings.harm,
        links=settings.links.policy,
        rules=rules,
        lint=settings.items.lint,
        kept=held.kept,
        weights_version=settings.weights.version,
        currency=settings.weights.currency,
        seed=settings.plan.seed,
        sized_by_rule=backlog.sized_by_rule,
        skipped=_ordered(
            (*held.skipped, *backlog.skipped, *odd, *astray, *_homeless(settings, held.items))
        ),
        sources=held.sources,
    )


def _capacity(own: TeamSettings) -> CapacityPolicy:
    return CapacityPolicy(
        points=own.capacity,
        last=own.last,
        availability=own.availability,
        sprint_days=own.sprint_days,
    )


def _others(items: Sequence[DebtItem], mine: Sequence[DebtItem]) -> list[ItemKey]:
    """Return the keys of the items that are not ours."""
    own = {item.key for item in mine}
    return [item.key for item in items if item.key not in own]


def backlog_of(loaded: Loaded, items: Iterable[DebtItem]) -> Backlog:
    """Return all items as they would be planned, with their claims, whatever their team."""
    metrics = tuple(_plain(metric) for metric in loaded.settings.metric)
    return _backlog(loaded, metrics, tuple(items))


def _backlog(
    loaded: Loaded,
    metrics: Sequence[UxMetric],
    items: Sequence[DebtItem],
    elsewhere: Iterable[ItemKey] = (),
) -> Backlog:
    settings = loaded.settings
    filed: tuple[Claim, ...] = ()
    if settings.links.file is not None:
        filed = read_links(loaded.folder / settings.links.file)
    debt = DebtFilter(labels=settings.items.debt_labels, types=settings.items.debt_types)
    known = {metric.id for metric in metrics}
    return take_in(items, settings.rule, filed, known, debt, elsewhere)


def _plain(metric: MetricSettings) -> UxMetric:
    """Return a metric as a plan keeps it: no stated reading, and its queries as one text."""
    query = metric.query or "; ".join(
        f"{name}: {one}" if name else one for name, one in sorted(metric.queries.items())
    )
    plain = metric.model_dump(exclude={"reading", "queries"}) | {"query": query}
    return UxMetric.model_validate(plain)


def queries_of(settings: Settings, source: str) -> tuple[MetricQuery, ...]:
    """Return what a live provider is to compute: the metrics that name it as their source."""
    return tuple(
        MetricQuery(metric=_plain(one), queries=one.queries or {"": one.query})
        for one in settings.metric
        if one.source == source and (one.query or one.queries)
    )


def items_of(settings: Settings, team: str, items: Sequence[DebtItem]) -> tuple[DebtItem, ...]:
    """Return a team's items: named so by the tracker, or else matched; all of an only team.

    A tracker's own names for teams count from the first item on that is named as in the settings.
    """
    own = settings.team[team]
    if own.match is None and len(settings.team) == 1:
        named = any(item.team == team for item in items)
        return tuple(item for item in items if item.team in (None, team) or not named)
    return tuple(
        item
        for item in items
        if item.team == team or (item.team is None and own.match and own.match.holds(item))
    )


def _homeless(settings: Settings, items: Sequence[DebtItem]) -> list[Skipped]:
    """Return items that no team takes, so that none is lost in silence."""
    if not settings.team:
        return []
    taken = {item.key for team in settings.team for item in items_of(settings, team, items)}
    reason = "belongs to no team; name its team, or widen a match under [team.NAME]"
    return [Skipped(ref=item.key, reason=reason) for item in items if item.key not in taken]


def _sprints_of(team: str, sprints: Sequence[ClosedSprint]) -> tuple[ClosedSprint, ...]:
    return by_time(sprint for sprint in sprints if sprint.team == team)


def _rules(
    own: TeamSettings, team: str, items: Sequence[DebtItem], everywhere: Sequence[DebtItem]
) -> tuple[Rules, list[Skipped]]:
    """Return the team's rules with full keys, and bans on items that are not there.

    `OMNI-12` stands for `jira:OMNI-12` where that is plain, and for all phases of a split item.
    """
    keys = [item.key for item in items]
    resolve = key_resolver(keys)
    resolve_whole = key_resolver(key.rpartition("/")[0] for key in keys)

    def full(key: str) -> list[str]:
        found = resolve(key)
        if found is not None:
            return [found]
        whole = resolve_whole(key)
        return [one for one in keys if whole and one.rpartition("/")[0] == whole] or [key]

    forbidden = {one: why for key, why in sorted(own.forbidden.items()) for one in full(key)}
    reason = f"is forbidden under [team.{team}], but is not in its backlog"
    awaited = {one for item in items for one in item.prerequisites}
    done = [one.key for one in everywhere if one.state is ItemState.DONE and one.key in awaited]
    rules = Rules(
        pinned=tuple(one for key in own.pinned for one in full(key)),
        forbidden=forbidden,
        roles=dict(sorted(own.roles.items())),
        per_flow=own.per_flow,
        done=tuple(done),
    )
    known = set(keys)
    return rules, [Skipped(ref=key, reason=reason) for key in forbidden if key not in known]


def _coming(
    own: TeamSettings,
    sprints: Sequence[ClosedSprint],
    ahead: Sequence[Sprint],
    capacity: CapacityPolicy,
    now: datetime,
    name: str | None,
) -> Sprint:
    """Return the coming sprint: as set, else the tracker's next one, else one after the last.

    A sprint that starts today is still to be planned.
    """
    if own.sprint is not None and name in (None, own.sprint.name, own.sprint.id):
        return Sprint(**{**own.sprint.model_dump(), "id": own.sprint.id or own.sprint.name})
    for sprint in ahead:
        is_asked = name in (sprint.name, sprint.id)
        if is_asked or (name is None and sprint.start_on >= now.date()):
            return sprint
    length = max(1, round(sprint_length(sprints, capacity)))
    dated = [sprint for sprint in sprints if sprint.end_on is not None]
    today = now.date()
    start = _monday(today)
    called = name or f"Sprint of {start}"
    if dated:
        last = dated[-1]
        start = _after(last, length)
        steps = 1
        while start < today:
            start, steps = start + timedelta(days=length), steps + 1
        called = name or _following(last.name or last.id, steps)
    end = start + timedelta(days=length - 1)
    while end.weekday() >= WORKDAYS and end > start:
        end -= timedelta(days=1)
    return Sprint(id=_slug(called), name=called, start_on=start, end_on=end)


def _dated(team: str, sprints: Iterable[OpenSprint]) -> list[Sprint]:
    """Return the team's sprints that the tracker has dates for, the first to start first."""
    found = [
        Sprint(id=one.id, name=one.name or one.id, start_on=one.start_on, end_on=one.end_on)
        for one in sprints
        if one.team == team and one.start_on and one.end_on and one.start_on <= one.end_on
    ]
    return sorted(found, key=lambda one: (one.start_on, one.id))


def _after(last: ClosedSprint, length: int) -> date:
    """Return when the sprint after a closed one starts: on no weekend, where that is guessed."""
    if last.start_on is not None:
        return last.start_on + timedelta(days=length)
    day = (last.end_on or date.min) + timedelta(days=1)
    return day if day.weekday() < WORKDAYS else _monday(day)


def _monday(day: date) -> date:
    """Return the day where it is a Monday, else the next one."""
    return day + timedelta(days=-day.weekday() % 7)


def _following(name: str, steps: int) -> str:
    """Return `Sprint 49` after `Sprint 48`; a name without a number gets one."""
    found = re.search(r"(\d+)(?!.*\d)", name)
    if not found:
        return f"{name} +{steps}".strip()
    return f"{name[: found.start()]}{int(found.group()) + steps}{name[found.end() :]}"


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-").lower() or "next"


def _ordered(skipped: Iterable[Skipped]) -> tuple[Skipped, ...]:
    return tuple(sorted(set(skipped), key=lambda one: (one.ref, one.reason)))
