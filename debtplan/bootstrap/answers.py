"""What the command line and the page ask, answered from settings and store."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import Path

from debtplan.bootstrap.adapters import now, open_store, planner, render
from debtplan.bootstrap.evidence import known_by
from debtplan.bootstrap.feeds import feeds
from debtplan.bootstrap.kept import with_kept
from debtplan.bootstrap.past import Lookback
from debtplan.config.assemble import Held, assemble_inputs, backlog_of, items_of, pick_team
from debtplan.config.notes import Noted
from debtplan.config.settings import Loaded, PlanSettings, TeamSettings
from debtplan.config.suggested import Told
from debtplan.core.appraisal import appraise
from debtplan.core.document import parse_plan
from debtplan.core.harm import Harm
from debtplan.core.inputs import Inputs
from debtplan.core.intake import Backlog
from debtplan.core.item import resolve_key
from debtplan.core.ledger_table import write_ledger
from debtplan.core.link import Link
from debtplan.core.lint import LintFinding, lint_item
from debtplan.core.plan import LedgerRow, Plan
from debtplan.core.program import write_program
from debtplan.core.reading import window_before
from debtplan.core.same_release import told_once
from debtplan.core.simpson import Reversal, find_reversals
from debtplan.core.source import Probe
from debtplan.core.suspects import Suspect, find_suspects
from debtplan.errors import DebtplanError, InputError, UsageError
from debtplan.ports import Store
from debtplan.store import open_store as open_sql
from debtplan.workflows.examine import examine_engine, examine_feeds, examine_inputs
from debtplan.workflows.feed import Feed
from debtplan.workflows.planner import Progress, no_progress
from debtplan.workflows.sync import sync_sources
from debtplan.workflows.verify import Checked, compare_pages, verify_plan
from debtplan.workflows.walk import Live

SAMPLE_DAY = "2026-11-23"
"""The day that the OmniRetail sample is planned on."""

PLANNED_YEARS = range(1990, 2200)
"""Years in which a sprint may be planned; a window of readings fits before each of their days."""


def moment(day: str | None) -> datetime:
    """Return now, or the given day at its end in UTC.

    Raises:
        UsageError: It is no day, or none that a sprint could be planned on.
    """
    if day is None:
        return now()
    try:
        found = date.fromisoformat(day)
    except ValueError:
        what = f"{day!r} is no day of the calendar."
        raise UsageError(what, "Write it as 2026-11-23.") from None
    if found.year not in PLANNED_YEARS:
        raise UsageError(f"{day} is no day to plan on.", "Name a day near the coming sprint.")
    return datetime.combine(found, time(23, 59, 59), UTC)


def inputs(
    loaded: Loaded, store: Store, team: str | None, when: datetime, sprint: str | None = None
) -> Inputs:
    """Return a team's inputs from what the store holds."""
    name = pick_team(loaded.settings, team)
    known = known_by(loaded, held(store), when)
    return with_kept(assemble_inputs(loaded, name, known, when, sprint), store)


def plan_inputs(
    loaded: Loaded, store: Store, team: str | None, when: datetime, sprint: str | None = None
) -> Inputs:
    """Return the same with what came of earlier plans, which a plan's report tells."""
    made = inputs(loaded, store, team, when, sprint)
    return Lookback(loaded, store, when).put_into(made)


def looking_ahead(loaded: Loaded, sprints: int | None) -> Loaded:
    """Return the settings with another number of sprints planned together; None leaves them."""
    if sprints is None:
        return loaded
    horizon = loaded.settings.horizon.model_copy(update={"sprints": sprints})
    return loaded.model_copy(
        update={"settings": loaded.settings.model_copy(update={"horizon": horizon})}
    )


def held(store: Store) -> Held:
    """Return all that the store holds for planning."""
    return Held(
        items=tuple(store.items()),
        readings=tuple(store.readings()),
        sprints=tuple(store.sprints()),
        open_sprints=tuple(store.open_sprints()),
        skipped=tuple(store.skipped()),
        sources=tuple(store.sources()),
        tallies=store.tallies(),
        overlaps=store.overlaps(),
        notes=store.notes(),
        decisions=store.link_decisions(),
        forecasts=store.forecasts(),
        verdicts=store.verdicts(),
        placebos=store.placebos(),
        movements=store.movements(),
        shifts=store.shifts(),
        releases=told_once(store.releases()),
    )


def backlog(loaded: Loaded, store: Store, team: str | None) -> Backlog:
    """Return the items as they would be planned, of all teams or of one."""
    told = Told(decisions=store.link_decisions(), tallies=store.tallies())
    items = store.items()
    if team is not None:
        items = items_of(loaded.settings, pick_team(loaded.settings, team), items)
    return backlog_of(loaded, items, told, Noted(store.notes()))


def lint(loaded: Loaded, store: Store, team: str | None) -> tuple[LintFinding, ...]:
    """Return what is wrong with the open items, by key."""
    found = backlog(loaded, store, team)
    linked = {claim.item for claim in found.claims}
    room = _room(loaded, store, team)
    policy = loaded.settings.items.lint
    return tuple(one for item in found.items for one in lint_item(item, linked, room, policy))


def harms(loaded: Loaded, store: Store, when: datetime) -> tuple[Harm, ...]:
    """Return the harm of every declared metric, by id."""
    appraisal = appraise(_any_inputs(loaded, store, when))
    return tuple(appraisal.harms[metric] for metric in sorted(appraisal.harms))


def settled_links(loaded: Loaded, store: Store, when: datetime) -> tuple[Link, ...]:
    """Return every link with its grade, by item and metric."""
    return appraise(_any_inputs(loaded, store, when)).links


def suspects(
    loaded: Loaded, store: Store, when: datetime, metric: str | None = None
) -> tuple[Suspect, ...]:
    """Return the marks that explain most bad sessions, of all metrics or of one.

    Raises:
        UsageError: No such metric is declared.
    """
    made_from = _any_inputs(loaded, store, when)
    names = sorted(one.id for one in made_from.metrics)
    if metric is not None and metric not in names:
        near = get_close_matches(metric, names, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "`debtplan metrics` lists them."
        raise UsageError(f"There is no metric {metric!r}.", hint)
    appraisal = appraise(made_from)
    return find_suspects(made_from.tallies, when, appraisal.harms, appraisal.links, metric)


def reversals(loaded: Loaded, store: Store, when: datetime) -> tuple[Reversal, ...]:
    """Return where segments and everyone disagree, by metric."""
    made_from = _any_inputs(loaded, store, when)
    flows = {flow.id: flow for flow in made_from.flows}
    window = window_before(when, made_from.harm.window_days)
    return find_reversals(made_from.metrics, flows, made_from.readings, window)


def ledger(made_from: Inputs) -> tuple[LedgerRow, ...]:
    """Return the ledger of all items, nothing chosen."""
    return write_ledger(appraise(made_from), ())


def item_key(made_from: Inputs, key: str) -> str:
    """Return the full key of an item.

    Raises:
        UsageError: No item has it, or several could be meant.
    """
    keys = [item.key for item in made_from.items]
    found = resolve_key(key, keys)
    if found is not None:
        return found
    phases = [one for one in keys if one.partition(":")[2].startswith(f"{key}/")]
    short = [one.partition(":")[2] for one in keys]
    same = [one for one in keys if one.partition(":")[2].casefold() == key.casefold()]
    near = same or phases or get_close_matches(key, short, n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`debtplan items` lists them."
    raise UsageError(f"There is no item {key!r} in the backlog of team {made_from.team!r}.", hint)


def read_plan(text: str, file: Path) -> Plan:
    """Return the plan of a plan.json or report.

    Raises:
        InputError: It is neither.
    """
    try:
        return parse_plan(text)
    except ValueError as error:
        what = f"{file} is no debtplan plan or report: {error}."
        raise InputError(what, "Make one with `debtplan plan -o plan.json`.") from None


def verify(plan: Plan, text: str, progress: Progress = no_progress) -> tuple[Checked, ...]:
    """Return all checks of a plan, and of the page it came from."""
    checks = verify_plan(plan, planner(PlanSettings(), lambda: plan.created_at, progress))
    if text.lstrip().startswith("<"):
        checks = (*checks, compare_pages(text, render(plan, "html"), plan.debtplan_version))
    return checks


def examine(loaded: Loaded, when: datetime) -> Iterator[Probe]:
    """Yield how every part stands, from what the sources say right now; nothing is stored."""
    settings = loaded.settings
    yield Probe(part="settings", is_well=True, what=f"{loaded.path} holds")
    yield examine_engine(lambda: planner(settings.plan).engine)
    try:
        with open_store(loaded) as store:
            store.check()
            kept = len(store.items())
            what = f"{kept:,} item{'' if kept == 1 else 's'} kept"
            yield Probe(part="store", is_well=True, what=what)
    except DebtplanError as error:
        yield Probe(part="store", is_well=False, what=error.what, fix=error.fix)
    sources = feeds(loaded)
    yield from examine_feeds(sources)
    if not settings.team:
        fix = "Add a table such as [team.checkout]."
        yield Probe(part="team", is_well=False, what="the settings name no team", fix=fix)
    try:
        with _looked_at(loaded, sources) as store:
            for team in sorted(settings.team):
                yield from _examine_team(loaded, store, team, when)
    except DebtplanError as error:
        yield Probe(part="inputs", is_well=False, what=error.what, fix=error.fix)


@contextmanager
def _looked_at(loaded: Loaded, sources: Sequence[Feed | Live]) -> Iterator[Store]:
    """Open what the inputs are made from: files as they are now, a live source as last read."""
    if any(isinstance(source, Live) for source in sources):
        with open_store(loaded) as store:
            yield store
        return
    with open_sql("sqlite://", loaded.folder) as memory:
        sync_sources(sources, memory, now)
        yield memory


def _examine_team(loaded: Loaded, store: Store, team: str, when: datetime) -> Iterator[Probe]:
    try:
        yield from examine_inputs(inputs(loaded, store, team, when))
    except DebtplanError as error:
        yield Probe(part="inputs", is_well=False, what=error.what, fix=error.fix)


def _any_inputs(loaded: Loaded, store: Store, when: datetime) -> Inputs:
    """Return inputs with every team's items, for lists that do not plan."""
    settings = loaded.settings
    teams = settings.team or {"all": TeamSettings()}
    name = min(teams)
    team = teams[name].model_copy(update={"match": None, "members": None})
    only = loaded.model_copy(
        update={"settings": settings.model_copy(update={"team": {name: team}})}
    )
    everything = known_by(loaded, held(store), when)
    items = tuple(item.model_copy(update={"team": None}) for item in everything.items)
    return assemble_inputs(only, name, everything.model_copy(update={"items": items}), when)


def _room(loaded: Loaded, store: Store, team: str | None) -> float | None:
    """Return the points that one sprint can give to debt; None where that is not known."""
    try:
        made_from = inputs(loaded, store, team, now())
        return write_program(made_from, appraise(made_from)).reserve.available
    except (UsageError, ValueError):
        return None
