"""Plans beside others: what was approved, what changed since, what would be if."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from debtplan.bootstrap.adapters import planner
from debtplan.bootstrap.answers import read_plan, verify
from debtplan.bootstrap.outcomes import freeze_plan
from debtplan.config.settings import Loaded
from debtplan.core.approval import Approval
from debtplan.core.inputs import Inputs
from debtplan.core.judge import OutcomePolicy
from debtplan.core.plan import Plan
from debtplan.core.whatif import parse_whatifs
from debtplan.errors import InputError, ProofError, UsageError
from debtplan.ports import Store
from debtplan.workflows.diff import with_changes
from debtplan.workflows.plan import make_plan
from debtplan.workflows.planner import Progress, no_progress
from debtplan.workflows.whatif import Alternative, weigh

NO_POLICY = OutcomePolicy()
"""What forecasts are made by where nothing is set."""

PLAN_FIX = "Name the id that `debtplan plan` ends with, or a plan.json."


def plan_before(store: Store, team: str, sprint_id: str) -> Plan | Approval | None:
    """Return what a sprint's plan is held against: the approved one, else the last one saved."""
    return store.approved_plan(team, sprint_id) or store.last_plan(team, sprint_id)


def compared(loaded: Loaded, store: Store, made: Plan, progress: Progress = no_progress) -> Plan:
    """Return a plan with what changed since the one of its sprint before; see `plan_before`."""
    before = plan_before(store, made.team, made.sprint.id)
    if before is None:
        return made
    return with_changes(made, before, planner(loaded.settings.plan, progress=progress))


def diff(
    loaded: Loaded,
    store: Store,
    pair: tuple[str | None, str | None],
    inputs: Inputs | None,
    progress: Progress = no_progress,
) -> Plan:
    """Return the new plan of two with what differs from the old one.

    Args:
        loaded: The settings.
        store: Where plans are kept.
        pair: The old one and the new one, each an id or a file; None takes the approved or last
            plan of the sprint, and the plan of the inputs.
        inputs: What the new plan is made from where none is named; it is not kept.
        progress: Told how far it is.

    Raises:
        UsageError: There is no such plan, or nothing to compare with.
    """
    found = replace(planner(loaded.settings.plan, progress=progress), explain_limit=0)
    old: Plan | Approval | None = None if pair[0] is None else find_plan(store, pair[0])
    new = find_plan(store, pair[1]) if pair[1] else None
    if new is None:
        if inputs is None:
            raise UsageError("No plan is named.", PLAN_FIX)
        new = make_plan(inputs, found)
    old = old or plan_before(store, new.team, new.sprint.id)
    if old is None:
        what = f"No plan of {new.sprint.name} was made before, so there is nothing to compare with."
        raise UsageError(what, "Run `debtplan plan` first.")
    return with_changes(new, old, found)


def find_plan(store: Store, name: str) -> Plan:
    """Return the plan of a file, or the one kept under an id.

    Raises:
        UsageError: There is neither.
    """
    path = Path(name)
    try:
        is_file = path.is_file()
    except (OSError, ValueError):
        is_file = False
    if is_file:
        return read_plan(_text(path), path)
    plan = store.plan(name)
    if plan is None:
        raise UsageError(f"There is no plan {name!r}, and no file of that name.", PLAN_FIX)
    return plan


def approve(
    store: Store,
    asked: tuple[str | None, str | None],
    by: str,
    when: datetime,
    progress: Progress = no_progress,
    policy: OutcomePolicy = NO_POLICY,
) -> Plan:
    """Keep that a person approved a plan, after proving it again; return the plan.

    What it promises of every metric is kept with it, to be judged after the release.

    Args:
        store: Where plans are kept.
        asked: The plan, as an id or a file; None takes the last one of the team, the other part.
        by: Who approves.
        when: The moment.
        progress: Told how far it is.
        policy: How its forecasts are made.

    Raises:
        UsageError: There is no such plan, or it is not among those that were kept.
        ProofError: It does not hold; nothing is approved.
    """
    name, team = asked
    plan = _last(store, team or "") if name is None else find_plan(store, name)
    kept = store.plan(plan.plan_id)
    if kept is None or kept.digest != plan.digest:
        what = f"Plan {plan.plan_id} is not among the plans made here, so it cannot be approved."
        raise UsageError(what, "Make it with `debtplan plan`, which keeps it, and approve that.")
    bad = [check for check in verify(plan, "", progress) if not check.holds]
    if bad:
        first = f"{bad[0].what}{f': {bad[0].detail}' if bad[0].detail else ''}"
        what = f"Plan {plan.plan_id} does not hold, so it is not approved: {first}."
        raise ProofError(what, "Make it again with `debtplan plan`, and look at `debtplan verify`.")
    store.approve(plan.plan_id, by, when)
    freeze_plan(store, plan, when, policy)
    return plan


def what_if(
    loaded: Loaded, inputs: Inputs, texts: Sequence[str], progress: Progress = no_progress
) -> Alternative:
    """Return the plan with what is asked about beside the one that stands; nothing is kept."""
    asked = parse_whatifs(texts, inputs)
    return weigh(inputs, asked, planner(loaded.settings.plan, progress=progress))


def _last(store: Store, team: str) -> Plan:
    plan = store.last_plan(team)
    if plan is None:
        what = f"No plan of team {team!r} was made yet, so there is none to approve."
        raise UsageError(what, "Run `debtplan plan` first.")
    return plan


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        what = f"{path} cannot be read as text in UTF-8."
        raise InputError(what, "Name a plan.json or a report.") from None
