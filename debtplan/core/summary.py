"""All teams' plans in a few lines: what each does, and what they relieve together, counted once."""

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from math import fsum
from typing import Literal

from pydantic import AwareDatetime

from debtplan.core.exact import exact
from debtplan.core.plan import Plan
from debtplan.core.problem import Status
from debtplan.core.record import Value

PARTIAL = 5
CHANGED = 3

WORST_FIRST = (70, 1, 2, 6, 4, 5)
"""Exit codes of teams, the worst first: a bug or an answer that does not hold, settings, rules that
contradict each other, refused credentials, partial data."""

WEAKEST_FIRST = (Status.INFEASIBLE, Status.GREEDY, Status.FEASIBLE, Status.OPTIMAL)


class TeamLine(Value):
    """One team's plan.

    Attributes:
        together: The teams that it was planned together with.
        capacity: Points of the coming sprint.
        reserve: Points of it that may go to debt.
        used: Points that the plan takes.
        items: Items chosen.
        ux_value: What its items spare beside those of all others, weighted frustrated sessions per
            `Total.sprint_days`.
        status: What is proven about the plan.
        gap: How far it may be from the best, as a part of its value; None where nothing is known.
        is_new: Whether it differs from the last plan of its sprint.
    """

    team: str
    together: tuple[str, ...]
    plan_id: str
    digest: str
    sprint: str
    unit: str
    capacity: float
    reserve: float
    used: float
    items: int
    ux_value: float
    status: Status
    gap: float | None
    is_new: bool = False


class TeamFailure(Value):
    """A team without a plan: why, what to do, and the exit code it would have had by itself."""

    team: str
    what: str
    fix: str
    exit_code: int


class Total(Value):
    """All plans together.

    Attributes:
        teams: Teams with a plan.
        failed: Teams without one.
        sprint_days: Calendar days that values are counted for, one length for all teams.
        ux_value: What all chosen items spare together, each session once, weighted.
        sessions: The same unweighted.
        shared: The part of `ux_value` that items of several teams spare at once. It is in no
            team's value: those add up to `ux_value - shared`.
        used: Points, where all teams count in one unit; None elsewhere.
        status: The weakest of the teams' answers; None without a plan.
        gap: How far `ux_value` may be from the best; None where nothing is known.
    """

    teams: int
    failed: int
    sprint_days: float
    items: int
    ux_value: float
    sessions: float
    shared: float
    used: float | None
    unit: str | None
    status: Status | None
    gap: float | None


class Summary(Value):
    """What `plan --all-teams` says beside the plans themselves.

    Attributes:
        lines: By team.
        failed: By team.
    """

    schema_version: Literal[1] = 1
    debtplan_version: str
    created_at: AwareDatetime
    lines: tuple[TeamLine, ...]
    failed: tuple[TeamFailure, ...]
    total: Total


class GroupTotal(Value):
    """What a group of teams that depend on each other relieves together.

    Attributes:
        ux_value: Each session once, weighted, per `Total.sprint_days`.
        sessions: The same unweighted.
        status: What is proven about it.
        gap: How far it may be from the best; None where nothing is known.
    """

    ux_value: float
    sessions: float
    status: Status
    gap: float | None


def team_line(plan: Plan, ux_value: float, *, is_new: bool) -> TeamLine:
    """Return a plan in one line; see `TeamLine.ux_value` for the value."""
    beside = plan.inputs.beside
    return TeamLine(
        team=plan.team,
        together=beside.teams if beside else (),
        plan_id=plan.plan_id,
        digest=plan.digest,
        sprint=plan.sprint.name,
        unit=plan.unit,
        capacity=plan.capacity.points,
        reserve=plan.capacity.reserve.available,
        used=plan.capacity.reserve.used,
        items=len(plan.chosen),
        ux_value=ux_value,
        status=plan.solver.status,
        gap=plan.solver.gap,
        is_new=is_new,
    )


def add_up(
    lines: Sequence[TeamLine],
    failed: Sequence[TeamFailure],
    groups: Iterable[GroupTotal],
    sprint_days: float,
) -> Total:
    """Return all teams together: groups share nothing, so their relief adds up."""
    groups = tuple(groups)
    ux_value = fsum(one.ux_value for one in groups)
    units = {one.unit for one in lines}
    used = sum((exact(one.used) for one in lines), Fraction(0))
    return Total(
        teams=len(lines),
        failed=len(failed),
        sprint_days=sprint_days,
        items=sum(one.items for one in lines),
        ux_value=ux_value,
        sessions=fsum(one.sessions for one in groups),
        shared=max(0.0, ux_value - fsum(one.ux_value for one in lines)),
        used=float(used) if len(units) == 1 else None,
        unit=units.pop() if len(units) == 1 else None,
        status=min((one.status for one in groups), key=WEAKEST_FIRST.index, default=None),
        gap=_gap(groups, ux_value),
    )


def _gap(groups: Collection[GroupTotal], ux_value: float) -> float | None:
    """Return how far the whole may be from the best, by the bounds of its groups."""
    if any(one.gap is None for one in groups):
        return None
    more = fsum((one.gap or 0.0) * one.ux_value for one in groups)
    return more / ux_value if ux_value > 0 else 0.0


def exit_code_of(summary: Summary, *, is_partial: bool, is_change_told: bool) -> int:
    """Return the worst exit code of the teams, by `WORST_FIRST`.

    A team that its settings let nobody plan (no capacity, no items) leaves the others: with them,
    that is partial data. Where no team has a plan, its own code stands.

    Args:
        summary: What came of the teams.
        is_partial: Whether a source had failed.
        is_change_told: Whether a plan that differs from the last one of its sprint is told by
            code 3.
    """
    codes = {one.exit_code for one in summary.failed}
    if summary.lines and 2 in codes:  # noqa: PLR2004 - usage or settings
        codes = codes - {2} | {PARTIAL}
    if is_partial:
        codes.add(PARTIAL)
    if codes:
        return next((code for code in WORST_FIRST if code in codes), 1)
    return CHANGED if is_change_told and any(one.is_new for one in summary.lines) else 0
