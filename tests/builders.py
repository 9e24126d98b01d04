"""Small makers of core values for the tests: each takes what matters, the rest is plain."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from debtplan.core.appraisal import Appraisal, appraise
from debtplan.core.capacity import CapacityPolicy, ClosedSprint, Sprint
from debtplan.core.flow import Flow, UxMetric
from debtplan.core.harm import Harm
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem
from debtplan.core.link import Claim, Grade, Link, LinkBasis, Share
from debtplan.core.plan import Plan
from debtplan.core.problem import Selection, Status, relief
from debtplan.core.program import Program, write_program
from debtplan.core.reading import Counts, Reading, midnight
from debtplan.engines import make_engine
from debtplan.stats.draws import Draws
from debtplan.workflows.plan import make_plan
from debtplan.workflows.planner import Planner

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SPRINT = Sprint(id="49", name="Sprint 49", start_on=date(2026, 11, 30), end_on=date(2026, 12, 11))


def item(key: str, points: float | None = 1.0, **more: Any) -> DebtItem:
    """An open item; a key without a source is Jira's."""
    key = key if ":" in key else f"jira:{key}"
    fields = {"key": key, "source": key.partition(":")[0], "title": f"Mend {key}", **more}
    for name in ("prerequisites", "excludes"):
        wanted = fields.get(name, ())
        fields[name] = tuple(one if ":" in one else f"jira:{one}" for one in wanted)
    return DebtItem.model_validate({**fields, "points": points})


def share(low: float, likely: float | None = None, high: float | None = None) -> Share:
    """A share; one number stands for all three."""
    likely = low if likely is None else likely
    return Share(low=low, likely=likely, high=likely if high is None else high)


def claim(key: str, metric: str, part: float | None = 0.5, **more: Any) -> Claim:
    """A claim of the links file with a share and grade C, unless said otherwise."""
    key = key if ":" in key else f"jira:{key}"
    fields = {"basis": LinkBasis.FILE, "grade": Grade.C, "origin": "test", **more}
    fields["share"] = None if part is None else share(part)
    return Claim.model_validate({"item": key, "metric": metric, **fields})


def link(key: str, metric: str, part: float = 0.5, grade: Grade = Grade.C) -> Link:
    """A settled link."""
    return Link(
        item=key,
        metric=metric,
        share=share(part),
        is_assumed=False,
        grade=grade,
        claimed_grade=grade,
        basis=LinkBasis.FILE,
        origin="test",
    )


def harm(metric: str, value: float, spread: float = 0.0) -> Harm:
    """A measured harm with an interval of `spread` of it to each side."""
    return Harm(
        metric=metric,
        sessions=10 * value + 1,
        share=0.1,
        goal=0.0,
        harm=value,
        low=value * (1 - spread),
        high=value * (1 + spread),
        sample_size=1_000,
    )


def metric(name: str, flow: str = "shop", step: str | None = None, **more: Any) -> UxMetric:
    """An error rate with target 1% on a step of its own."""
    fields = {"id": name, "flow": flow, "step": step or name, "kind": "error_rate", "target": 0.01}
    return UxMetric.model_validate({**fields, **more})


def reading(name: str, bad: float, total: float = 28_000, days_ago: int = 3) -> Reading:
    """Counts of one day, within the window unless it is long ago."""
    start = midnight(NOW.date() - timedelta(days=days_ago))
    return Reading(
        metric=name,
        start_at=start,
        end_at=start + timedelta(days=1),
        measure=Counts(bad=bad, total=total),
        source="csv",
    )


def closed(number: int, completed: float | None = 40, **more: Any) -> ClosedSprint:
    """A two-week sprint of team `web`; number 48 ended before SPRINT."""
    start = SPRINT.start_on - timedelta(days=14 * (49 - number))
    fields = {
        "team": "web",
        "id": str(number),
        "name": f"Sprint {number}",
        "position": number,
        "start_on": start,
        "end_on": start + timedelta(days=11),
        "completed": completed,
    }
    return ClosedSprint.model_validate({**fields, **more})


def inputs(
    items: Iterable[DebtItem],
    claims: Iterable[Claim] = (),
    harms: Mapping[str, float] | None = None,
    capacity: float | None = 40,
    **more: Any,
) -> Inputs:
    """Inputs of team `web` with 6 of 40 points for debt, and metrics that hurt so many sessions.

    Args:
        items: The backlog.
        claims: Its links.
        harms: Harm by metric, frustrated sessions per sprint, each of 10,000 sessions; m is 1,000.
        capacity: Stated points; None takes closed sprints.
        more: Other fields of `Inputs`.
    """
    harms = {"m": 1_000.0} if harms is None else harms
    flows = (Flow(id="shop", sessions_per_sprint=10_000, weight=1.0),)
    fields: dict[str, Any] = {
        "team": "web",
        "sprint": SPRINT,
        "as_of": NOW,
        "items": tuple(items),
        "claims": tuple(claims),
        "flows": flows,
        "metrics": tuple(metric(name, sessions_per_sprint=10_000) for name in harms),
        "readings": tuple(
            reading(name, 28_000 * (one / 1e4 + 0.01)) for name, one in harms.items()
        ),
        "capacity": CapacityPolicy(points=capacity),
    }
    return Inputs(**{**fields, **more})


def program_of(made_from: Inputs) -> tuple[Appraisal, Program]:
    """What everything is worth, and the program."""
    appraisal = appraise(made_from)
    return appraisal, write_program(made_from, appraisal)


def picked(program: Program, *keys: str) -> Selection:
    """A selection of these keys, taken for optimal."""
    chosen = tuple(sorted(keys))
    value = relief(program.problem, chosen)
    return Selection(Status.OPTIMAL, chosen, value, value, 0.0, "test")


def planner(draws: int = 50, worlds: int = 5, limit: int = 60) -> Planner:
    """The real engines with few simulated worlds and a clock that stands still."""
    return Planner(
        engine=make_engine("milp"),
        baseline=make_engine("greedy"),
        simulator=Draws(draws, worlds),
        clock=lambda: NOW,
        explain_limit=limit,
    )


def plan_of(made_from: Inputs, **more: int) -> Plan:
    """The plan of the inputs."""
    return make_plan(made_from, planner(**more))


def reasons(plan: Plan) -> dict[str, str]:
    """Why each item was passed over, by key."""
    return {row.key: row.reason.value for row in plan.passed_over}


def keys(rows: Sequence[Any]) -> list[str]:
    """The keys of chosen or passed-over rows, in their order."""
    return [row.key for row in rows]
