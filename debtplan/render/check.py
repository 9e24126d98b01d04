"""What the engineering manager checks: metrics, links, settings and proof, as rows of tables."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from debtplan.core.consistency import UNITS, better_of
from debtplan.core.flow import UxMetric
from debtplan.core.ledger import ALONE, ASSUMED, COUNTED, PARTLY
from debtplan.core.link import Link
from debtplan.core.natural import in_order
from debtplan.core.plan import LedgerRow, Plan
from debtplan.core.text import clean_line
from debtplan.render.evidence import GRADES, say_grade, say_share
from debtplan.render.facts import Facts
from debtplan.render.number import UNKNOWN, full, instant, listed, percent, plain, window_days

BASES: Mapping[str, str] = {
    ALONE: "counted: one metric",
    COUNTED: "counted: sessions that several metrics hurt are known",
    PARTLY: "counted in part; the rest bounded, taken as independent",
    ASSUMED: "bounded: metrics taken as independent",
}
"""The ledger's bases in words."""


class Cell(NamedTuple):
    """A cell of a table: its text, where it leads, and the id others link to it by."""

    text: str
    href: str | None = None
    id: str | None = None


class Sheet(NamedTuple):
    """A table: caption, heads, rows, and which columns hold numbers."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()


def sheet_ledger(facts: Facts) -> Sheet:
    """Return the ledger: every frustrated session counted once."""
    rows = tuple(
        (
            Cell(clean_line(row.pool)),
            Cell(full(row.sessions)),
            Cell(_bounded(row.measured, row.low, row.high)),
            Cell(full(row.claimed)),
            Cell(full(row.relieved)),
            Cell(say_basis(row)),
        )
        for row in facts.plan.ledger
    )
    heads = (
        *("Flow, step, users", "Sessions", "Harm measured", "All items claim", "This plan"),
        "How known",
    )
    caption = "Frustrated sessions per sprint, each counted once; in brackets the bounds"
    return Sheet(caption, heads, rows, frozenset((1, 2, 3, 4)))


def say_basis(row: LedgerRow) -> str:
    """Return how it is known that nobody counts twice in a row of the ledger."""
    known = clean_line(row.basis)
    return BASES.get(known, known or "not stated")


def sheet_metrics(facts: Facts, anchors: dict[str, str]) -> Sheet:
    """Return every metric with its figures and where they come from."""
    rows = tuple(
        _metric(facts, facts.metrics[metric], anchor) for metric, anchor in anchors.items()
    )
    heads = ("Metric", "Share", "Goal", "Harm a sprint", "Sessions", "Observations", "Comes from")
    window = window_days(facts.appraisal.window)
    caption = f"What was measured in the window that counts, {window}"
    return Sheet(caption, heads, rows, frozenset((1, 2, 3, 4, 5)))


def sheet_links(facts: Facts, links: Sequence[Link], anchors: dict[str, str]) -> Sheet:
    """Return links with share, grade and reasons.

    Args:
        facts: The plan.
        links: Those to show.
        anchors: Ids of the metrics.
    """
    rows = tuple(
        (
            Cell(facts.name(link.item)),
            _to_metric(facts, link.metric, anchors),
            Cell(say_share(link)),
            Cell(say_grade(facts, link)),
            Cell(clean_line(link.origin or link.basis.value)),
        )
        for link in links
    )
    heads = ("Item", "Metric", "Share", "Grade and why", "Stated in")
    return Sheet("Which item touches which metric, and how far that is trusted", heads, rows)


def sheet_grades(plan: Plan) -> Sheet:
    """Return what each grade counts for."""
    rows = tuple(
        (
            Cell(grade.value),
            Cell(GRADES[grade].capitalize()),
            Cell(f"{plan.inputs.links.grades[grade]:g}"),
        )
        for grade in GRADES
    )
    return Sheet(
        "What each grade counts for", ("Grade", "Evidence", "Chance"), rows, frozenset((2,))
    )


def settings(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Return what the team set, in words."""
    plan = facts.plan
    given, use = plan.inputs, plan.capacity
    default = given.links.default_share
    shares = f"{percent(default.low)} / {percent(default.likely)} / {percent(default.high)}"
    ranged = ""
    if use.low is not None and use.high is not None:
        ranged = f" (the middle half of sprints: {plain(use.low)}–{plain(use.high)})"
    window = f"{given.harm.window_days} days: {window_days(facts.appraisal.window)}"
    pinned = listed([facts.name(key) for key in given.rules.pinned[:10]])
    banned = listed([facts.name(key) for key in in_order(given.rules.forbidden)[:10]])
    most = given.rules.per_flow
    lines = (
        ("Capacity", f"{facts.points(use.points)}: {use.basis}{ranged}"),
        ("Reserve", use.reserve.basis),
        ("Window that counts", window),
        ("Share where none is stated", f"{shares} (low, likely, high), grade E at most"),
        ("A link drops a grade after", f"{given.links.expire_days} days"),
        ("Pinned", pinned or "none"),
        ("Ruled out", banned or "none"),
        ("Points by role", _roles(facts) or "no limits"),
        ("Items of one flow", "no limit" if most is None else str(most)),
        ("Flow weights", _weights(facts)),
        ("Seed", str(given.seed)),
    )  # fmt: skip
    return tuple((name, clean_line(text, 600)) for name, text in lines)


def proof(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Return how the plan was found, and what identifies it."""
    plan, solver = facts.plan, facts.plan.solver
    bound = UNKNOWN
    if solver.bound is not None:
        bound = f"{full(solver.bound)}: no allowed set is worth more"
    lines = (
        ("Status", solver.status.value),
        ("Value", f"{full(plan.ux_value)} {facts.sessions} a sprint"),
        ("Bound", bound),
        ("Gap", percent(solver.gap)),
        ("Solver", f"{solver.engine}, {solver.backend}, solved {solver.rounds} times"),
        ("Simple rule", f"{plan.baseline.rule}: {full(plan.baseline.ux_value)} {facts.sessions}"),
        ("Plan", plan.plan_id),
        ("Digest", plan.digest),
        ("Made", f"{instant(plan.created_at)} with debtplan {plan.debtplan_version}"),
    )  # fmt: skip
    return tuple((name, clean_line(text, 600)) for name, text in lines)


def _metric(facts: Facts, metric: UxMetric, anchor: str) -> tuple[Cell, ...]:
    harm = facts.harm(metric.id)
    size = _bounded(harm.harm, harm.low, harm.high) if harm.harm is not None else UNKNOWN
    query = f"; query: {metric.query}" if metric.query else ""
    read = facts.readings(metric.id)
    count = f"{len(read):,} readings" if read else "no readings"
    origin = f"{metric.source or 'source not stated'}, {count}{query}"
    if harm.sessions_basis:
        origin += f"; sessions {harm.sessions_basis}"
    if harm.only_speaks and harm.level is not None:
        way = better_of(metric.kind)
        origin += f". Only speaks for links: {plain(harm.level)} {UNITS[metric.kind]}"
        origin += f", target {plain(metric.target or 0.0)}, {way} is better"
    elif harm.missing:
        origin += f". Harm not known: {harm.missing}"
    return (
        Cell(facts.metric_name(metric.id), id=anchor),
        Cell(percent(harm.share)),
        Cell(percent(harm.goal)),
        Cell(size),
        Cell(full(harm.sessions)),
        Cell(full(harm.sample_size)),
        Cell(clean_line(origin, 2_000)),
    )


def _to_metric(facts: Facts, metric: str, anchors: dict[str, str]) -> Cell:
    anchor = anchors.get(metric)
    return Cell(facts.metric_name(metric), href=f"#{anchor}" if anchor else None)


def _bounded(number: float | None, low: float | None, high: float | None) -> str:
    if low is None or high is None or full(low) == full(high):
        return full(number)
    return f"{full(number)} ({full(low)}–{full(high)})"


def _roles(facts: Facts) -> str:
    roles = sorted(facts.plan.inputs.rules.roles.items())
    return listed([f"{clean_line(role, 60)} {facts.points(most)}" for role, most in roles])


def _weights(facts: Facts) -> str:
    version = facts.plan.weights_version
    if not facts.is_weighted:
        return f"every session counts the same (version {version})"
    flows = facts.plan.inputs.flows
    return (
        listed([f"{flow.title} {plain(flow.weight)}" for flow in flows]) + f" (version {version})"
    )
