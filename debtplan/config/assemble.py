"""From settings and what the store holds to a plan's inputs."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from debtplan.config.links import read_links
from debtplan.config.measured import pick_readings
from debtplan.config.settings import Loaded, Settings, TeamSettings
from debtplan.core.capacity import CapacityPolicy, ClosedSprint, Sprint, sprint_length
from debtplan.core.flow import UxMetric
from debtplan.core.intake import Backlog, DebtFilter, take_in
from debtplan.core.item import DebtItem, Skipped, resolve_key
from debtplan.core.link import Claim, LinkPolicy
from debtplan.core.plan import Inputs, Rules
from debtplan.core.reading import Reading
from debtplan.core.record import Value
from debtplan.core.source import SourceState
from debtplan.errors import UsageError

WORKDAYS = 5


class Held(Value):
    """What the store holds."""

    items: tuple[DebtItem, ...] = ()
    readings: tuple[Reading, ...] = ()
    sprints: tuple[ClosedSprint, ...] = ()
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
    """Return a team's inputs: everything that its plan is made from.

    Args:
        loaded: The settings and their folder.
        team: Name of the team; see `pick_team`.
        held: What the store holds.
        now: Time of planning, aware.
        sprint_name: Name of the coming sprint; None takes the settings' or the next in line.
    """
    settings, own = loaded.settings, loaded.settings.team[team]
    metrics = tuple(_plain(metric) for metric in settings.metric)
    mine = items_of(settings, team, held.items)
    backlog = _backlog(loaded, metrics, mine)
    capacity = CapacityPolicy(
        points=own.capacity,
        last=own.last,
        availability=own.availability,
        sprint_days=own.sprint_days,
    )
    sprints = _sprints_of(team, held.sprints)
    readings, odd = pick_readings(settings, metrics, held.readings, now)
    return Inputs(
        team=team,
        unit=own.unit,
        sprint=_coming(own, sprints, capacity, now, sprint_name),
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
        links=_link_policy(settings),
        rules=_rules(own, backlog.items),
        lint=settings.items.lint,
        kept=held.kept,
        weights_version=settings.weights.version,
        currency=settings.weights.currency,
        seed=settings.plan.seed,
        skipped=_ordered((*held.skipped, *backlog.skipped, *odd, *_homeless(settings, held.items))),
        sources=tuple(sorted(held.sources, key=lambda one: one.name)),
    )


def backlog_of(loaded: Loaded, items: Iterable[DebtItem]) -> Backlog:
    """Return all items as they would be planned, with their claims, whatever their team."""
    metrics = tuple(_plain(metric) for metric in loaded.settings.metric)
    return _backlog(loaded, metrics, tuple(items))


def _backlog(loaded: Loaded, metrics: Sequence[UxMetric], items: Sequence[DebtItem]) -> Backlog:
    settings = loaded.settings
    filed: tuple[Claim, ...] = ()
    if settings.links.file is not None:
        filed = read_links(loaded.folder / settings.links.file)
    debt = DebtFilter(labels=settings.items.debt_labels, types=settings.items.debt_types)
    return take_in(items, settings.rule, filed, {metric.id for metric in metrics}, debt)


def _plain(metric: UxMetric) -> UxMetric:
    """Return a metric without the reading that its settings may state."""
    return UxMetric.model_validate(metric.model_dump(exclude={"reading"}))


def items_of(settings: Settings, team: str, items: Sequence[DebtItem]) -> tuple[DebtItem, ...]:
    own = settings.team[team]
    if own.match is None and len(settings.team) == 1:
        return tuple(item for item in items if item.team in (None, team))
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
    mine = [sprint for sprint in sprints if sprint.team == team]
    return tuple(sorted(mine, key=lambda one: (one.end_on or date.min, one.position, one.id)))


def _link_policy(settings: Settings) -> LinkPolicy:
    links = settings.links
    return LinkPolicy(
        default_share=links.default_share,
        grades={**LinkPolicy().grades, **links.grades},
        expire_days=links.expire_days,
        expire_days_qualitative=links.expire_days_qualitative,
    )


def _rules(own: TeamSettings, items: Sequence[DebtItem]) -> Rules:
    """Return the team's rules with full keys: `OMNI-12` for `jira:OMNI-12` where that is plain."""
    keys = [item.key for item in items]

    def full(key: str) -> str:
        return resolve_key(key, keys) or key

    return Rules(
        pinned=tuple(sorted({full(key) for key in own.pinned})),
        forbidden={full(key): why for key, why in sorted(own.forbidden.items())},
        roles=dict(sorted(own.roles.items())),
        per_flow=own.per_flow,
    )


def _coming(
    own: TeamSettings,
    sprints: Sequence[ClosedSprint],
    capacity: CapacityPolicy,
    now: datetime,
    name: str | None,
) -> Sprint:
    """Return the coming sprint: as set, else the one after the last closed one, else next Monday."""
    if own.sprint is not None and name in (None, own.sprint.name, own.sprint.id):
        return Sprint(**{**own.sprint.model_dump(), "id": own.sprint.id or own.sprint.name})
    length = round(sprint_length(sprints, capacity))
    dated = [sprint for sprint in sprints if sprint.end_on is not None]
    today = now.date()
    start = today + timedelta(days=7 - today.weekday())
    called = name or f"Sprint of {start}"
    if dated:
        last = dated[-1]
        start = (last.start_on or last.end_on or today) + timedelta(days=length)
        steps = 1
        while start <= today:
            start, steps = start + timedelta(days=length), steps + 1
        called = name or _following(last.name, steps)
    end = start + timedelta(days=max(length - 1 - (2 if length > WORKDAYS else 0), 0))
    return Sprint(id=_slug(called), name=called, start_on=start, end_on=end)


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
