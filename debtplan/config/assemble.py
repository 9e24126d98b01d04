"""From settings and what the store holds to a plan's inputs."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from debtplan.config.actuals import read_actuals
from debtplan.config.availability import SPRINTS_AHEAD, attendance_of
from debtplan.config.links import read_links
from debtplan.config.measured import pick_readings
from debtplan.config.notes import NOTHING_NOTED, Noted, opened_claims, with_notes
from debtplan.config.ownership import Ownership, sort_by_team
from debtplan.config.settings import Loaded, MetricSettings, Settings, TeamSettings
from debtplan.config.sprints import coming_sprint, dated_sprints, later_sprints
from debtplan.config.suggested import NOTHING_TOLD, Told, with_suggested
from debtplan.core.calibration import Calibration, calibrate
from debtplan.core.capacity import (
    CapacityPolicy,
    ClosedSprint,
    OpenSprint,
    Sprint,
    by_time,
    counted_sprints,
    sprint_length,
)
from debtplan.core.drift import drift_of
from debtplan.core.flow import UxMetric
from debtplan.core.forecast import Forecast
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.intake import Backlog, DebtFilter, take_in
from debtplan.core.item import DebtItem, Skipped, key_resolver
from debtplan.core.link import Claim
from debtplan.core.measured import latest_tallies
from debtplan.core.movement import Movement, Shift
from debtplan.core.note import Note
from debtplan.core.outcomes import pair_up, tracks_of
from debtplan.core.placebo import Placebo
from debtplan.core.reading import Reading
from debtplan.core.record import Value
from debtplan.core.release import Release
from debtplan.core.risk import RiskPolicy
from debtplan.core.source import SourceState
from debtplan.core.suggestion import LinkDecision
from debtplan.core.tally import Overlap, Tally
from debtplan.core.verdict import Verdict
from debtplan.errors import UsageError
from debtplan.metrics.options import MetricQuery


class Held(Value):
    """What the store holds."""

    items: tuple[DebtItem, ...] = ()
    readings: tuple[Reading, ...] = ()
    sprints: tuple[ClosedSprint, ...] = ()
    open_sprints: tuple[OpenSprint, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    sources: tuple[SourceState, ...] = ()
    kept: tuple[str, ...] | None = None
    tallies: tuple[Tally, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    notes: tuple[Note, ...] = ()
    decisions: tuple[LinkDecision, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    placebos: tuple[Placebo, ...] = ()
    movements: tuple[Movement, ...] = ()
    shifts: tuple[Shift, ...] = ()
    releases: tuple[Release, ...] = ()


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
    loaded: Loaded,
    team: str,
    held: Held,
    now: datetime,
    sprint_name: str | None = None,
    owned: Ownership | None = None,
) -> Inputs:
    """Return a team's inputs as of `now`; `owned` saves finding out whose items they are again."""
    settings, own = loaded.settings, loaded.settings.team[team]
    metrics = tuple(_plain(metric) for metric in settings.metric)
    owned = owned or sort_by_team(settings, held.items)
    backlog = _linked(loaded, metrics, held, (owned, team), now.date())
    capacity, sprints = _capacity(own), _sprints_of(team, held.sprints)
    readings, odd = pick_readings(settings, metrics, held.readings, now)
    rules, astray = _rules(own, team, backlog.items, owned)
    sprint, *after = _coming(own, team, held, sprints, (now.date(), sprint_name))
    actuals, unused = read_actuals(own.actuals, loaded.folder)
    counted, _ = counted_sprints(sprints, capacity)
    attendance, unread = attendance_of(loaded, team, (sprint, *after), counted)
    skipped = (*held.skipped, *backlog.skipped, *odd, *astray, *unread, *unused)
    known = _counted(held, metrics, now, settings.harm.history_days)
    return Inputs(
        team=team,
        sprint=sprint,
        later=tuple(after[: settings.horizon.sprints - 1]),
        as_of=now,
        metrics=metrics,
        readings=readings,
        sprints=sprints,
        actuals=actuals,
        capacity=capacity,
        attendance=attendance,
        rules=rules,
        skipped=_ordered((*skipped, *owned.remarks(team))),
        calibration=_calibration(held, team, backlog, now),
        **(_work(backlog) | _policies(settings, own) | known),
        **{name: getattr(held, name) for name in ("kept", "sources", "movements", "shifts")},
    )


def _linked(
    loaded: Loaded,
    metrics: Sequence[UxMetric],
    held: Held,
    owned: tuple[Ownership, str],
    today: date,
) -> Backlog:
    """Return a team's backlog with all its links: stated, suggested, and what notes say of them."""
    owners, team = owned
    noted = Noted(held.notes, today)
    found = _backlog(loaded, metrics, owners.by_team[team], noted, owned)
    told = Told(decisions=held.decisions, tallies=held.tallies)
    found = with_suggested(found, loaded.settings, metrics, told)
    return with_notes(found, noted, metrics, loaded.settings.links.expire_days_qualitative)


def _calibration(held: Held, team: str, backlog: Backlog, now: datetime) -> Calibration | None:
    """Return what forecasts that were judged by now delivered; None where too few were."""
    judged = [one for one in held.verdicts if one.judged_at <= now]
    kinds = sorted({item.debt_kind for item in backlog.items if item.debt_kind is not None})
    drift = drift_of(one for one in held.placebos if one.judged_at <= now)
    return calibrate(tracks_of(pair_up(held.forecasts, judged)), team, kinds, drift)


def _work(backlog: Backlog) -> dict[str, Any]:
    """Return the inputs that are the backlog's; what is read from an item's text is in them."""
    return {
        "items": tuple(item.model_copy(update={"text": ""}) for item in backlog.items),
        "claims": backlog.claims,
        "sized_by_rule": backlog.sized_by_rule,
    }


def _counted(held: Held, metrics: Sequence[UxMetric], now: datetime, days: int) -> dict[str, Any]:
    """Return what was counted of raw events of declared metrics, and the releases of these days."""
    known = {metric.id for metric in metrics}
    places = {metric.place for metric in metrics}
    return {
        "tallies": latest_tallies((one for one in held.tallies if one.metric in known), now),
        "overlaps": tuple(
            one for one in held.overlaps if (one.flow, one.step, one.segment) in places
        ),
        "releases": tuple(
            one for one in held.releases if timedelta(0) <= now - one.released_at <= timedelta(days)
        ),
    }


def _policies(settings: Settings, own: TeamSettings) -> dict[str, Any]:
    """Return the inputs that are settings and nothing else."""
    return {
        "unit": own.unit,
        "horizon": settings.horizon,
        "flows": settings.flow,
        "risk": RiskPolicy(measure=settings.plan.risk, alpha=settings.plan.cvar_alpha),
        "reserve": own.reserve or settings.reserve,
        "harm": settings.harm,
        "links": settings.links.policy,
        "lint": settings.items.lint,
        "keep_within": settings.plan.keep_within,
        "weights_version": settings.weights.version,
        "currency": settings.weights.currency,
        "seed": settings.plan.seed,
    }


def _coming(
    own: TeamSettings,
    team: str,
    held: Held,
    sprints: Sequence[ClosedSprint],
    wanted: tuple[date, str | None],
) -> tuple[Sprint, ...]:
    """Return the sprint to plan, and as many after it as anything is counted for."""
    ahead = dated_sprints(team, held.open_sprints)
    length = max(1, round(sprint_length(sprints, _capacity(own))))
    first = coming_sprint(own.sprint, sprints, ahead, length, wanted)
    return (first, *later_sprints(first, ahead, length, SPRINTS_AHEAD - 1))


def _capacity(own: TeamSettings) -> CapacityPolicy:
    return CapacityPolicy(
        points=own.capacity,
        last=own.last,
        availability=own.availability,
        sprint_days=own.sprint_days,
    )


def backlog_of(
    loaded: Loaded,
    items: Iterable[DebtItem],
    told: Told = NOTHING_TOLD,
    noted: Noted = NOTHING_NOTED,
) -> Backlog:
    """Return all items as they would be planned, with their claims, whatever their team."""
    metrics = plain_metrics(loaded.settings)
    found = _backlog(loaded, metrics, tuple(items), noted)
    found = with_suggested(found, loaded.settings, metrics, told)
    return with_notes(found, noted, metrics, loaded.settings.links.expire_days_qualitative)


def plain_metrics(settings: Settings) -> tuple[UxMetric, ...]:
    """Return the declared metrics as a plan keeps them."""
    return tuple(_plain(metric) for metric in settings.metric)


def _backlog(
    loaded: Loaded,
    metrics: Sequence[UxMetric],
    items: Sequence[DebtItem],
    noted: Noted,
    owned: tuple[Ownership, str] | None = None,
) -> Backlog:
    settings = loaded.settings
    filed: tuple[Claim, ...] = opened_claims(noted)
    if settings.links.file is not None:
        filed = (*read_links(loaded.folder / settings.links.file), *filed)
    debt = DebtFilter(labels=settings.items.debt_labels, types=settings.items.debt_types)
    known = {metric.id for metric in metrics}
    elsewhere: Iterable[str] = ()
    if owned is not None:
        owners, team = owned
        elsewhere = owners.elsewhere(team, [claim.item for claim in filed])
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
    """Return a team's items; see `sort_by_team`."""
    return sort_by_team(settings, items).by_team[team]


def _sprints_of(team: str, sprints: Sequence[ClosedSprint]) -> tuple[ClosedSprint, ...]:
    return by_time(sprint for sprint in sprints if sprint.team == team)


def _rules(
    own: TeamSettings, team: str, items: Sequence[DebtItem], owned: Ownership
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
    done = {one for one in awaited if owned.is_done(one)}
    others = {one: owned.other_team(team, one) for one in sorted(awaited - done)}
    rules = Rules(
        pinned=tuple(one for key in own.pinned for one in full(key)),
        forbidden=forbidden,
        roles=dict(sorted(own.roles.items())),
        per_flow=own.per_flow,
        in_progress_first=own.in_progress == "first",
        done=tuple(done),
        elsewhere={one: other for one, other in others.items() if other is not None},
    )
    known = set(keys)
    return rules, [Skipped(ref=key, reason=reason) for key in forbidden if key not in known]


def _ordered(skipped: Iterable[Skipped]) -> tuple[Skipped, ...]:
    return tuple(sorted(set(skipped), key=lambda one: (one.ref, one.reason)))
