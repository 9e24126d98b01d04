"""The worked example of docs/how-it-decides.md: the program computes every line of it."""

from datetime import UTC, date, datetime
from functools import cache
from math import exp, expm1, log1p

from debtplan.core.appraisal import Appraisal, appraise
from debtplan.core.capacity import CapacityPolicy, Sprint
from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.core.inputs import HorizonPolicy, Inputs
from debtplan.core.item import DebtItem
from debtplan.core.link import Claim, Evidence, EvidenceKind, Grade, LinkBasis, Share, settle_links
from debtplan.core.plan import Plan
from debtplan.core.problem import relief
from debtplan.core.program import Program, write_program
from debtplan.core.proof import verify
from debtplan.core.reading import Buckets, Counts, Reading, midnight
from debtplan.core.reserve import ReservePolicy
from debtplan.core.value import Term, shrink_factors
from debtplan.engines import make_engine
from debtplan.stats.draws import Draws
from debtplan.workflows.plan import make_plan
from debtplan.workflows.planner import Planner
from tests.docs.page import DOCS, read_blocks, section

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
A, B, C = "csv:A", "csv:B", "csv:C"


def planner() -> Planner:
    """Return the planner of the program itself."""
    engine, baseline = make_engine(), make_engine("greedy")
    return Planner(engine=engine, baseline=baseline, simulator=Draws(), clock=lambda: NOW)


def inputs() -> Inputs:
    """Return the example as a plan's inputs: one step, two metrics, three items, 40 points."""
    start, end = midnight(date(2026, 10, 25)), midnight(date(2026, 11, 22))
    failed = Counts(bad=3_200, total=40_000, recovered=800)
    waited = Buckets(bounds=(2.0, 8.0), counts=(30_400, 38_400), total=40_000)
    readings = (
        Reading(metric="failed", start_at=start, end_at=end, measure=failed),
        Reading(metric="slow", start_at=start, end_at=end, measure=waited),
    )
    metrics = (
        UxMetric(id="failed", flow="checkout", step="pay", kind=MetricKind.ERROR_RATE, target=0.02),
        UxMetric(
            id="slow",
            flow="checkout",
            step="pay",
            kind=MetricKind.LATENCY,
            threshold_s=2,
            target=0.9,
        ),
    )
    return Inputs(
        team="web",
        sprint=Sprint(
            id="27", name="Sprint 27", start_on=date(2026, 11, 30), end_on=date(2026, 12, 11)
        ),
        as_of=NOW,
        items=(
            DebtItem(key=A, source="csv", title="A", points=3),
            DebtItem(key=B, source="csv", title="B", points=3),
            DebtItem(key=C, source="csv", title="C", points=2),
        ),
        claims=(
            _claim(A, "failed", Share(low=0.3, likely=0.4, high=0.5)),
            _claim(B, "slow", Share(low=0.2, likely=0.4, high=0.6)),
            _claim(C, "failed", Share(low=0.1, likely=0.3, high=0.5)),
        ),
        flows=(Flow(id="checkout", steps=("pay",), sessions_per_sprint=20_000),),
        metrics=metrics,
        readings=readings,
        capacity=CapacityPolicy(points=40),
    )


def _claim(item: str, metric: str, share: Share) -> Claim:
    return Claim(item=item, metric=metric, basis=LinkBasis.FILE, share=share, grade=Grade.C)


@cache
def made() -> Plan:
    """Return the plan of the example."""
    return make_plan(inputs(), planner())


@cache
def parts() -> tuple[Appraisal, Program]:
    """Return the example's values and its program."""
    appraisal = appraise(inputs())
    return appraisal, write_program(inputs(), appraisal)


def value(*keys: str) -> float:
    """Return what a set relieves."""
    return relief(parts()[1].problem, keys)


def term(key: str) -> Term:
    """Return an item's only term."""
    (found,) = parts()[0].values[key].terms
    return found


def harm_lines() -> list[str]:
    """Return the lines about q, N, harm and its interval."""
    failed, slow = parts()[0].harms["failed"], parts()[0].harms["slow"]
    return [
        f"q      = (3,200 - 800 / 2) / 40,000 = {failed.share:.2f}",
        (
            f"harm   = {failed.sessions:,.0f} × ({failed.share:.2f} - {failed.goal:.2f})"
            f" = {failed.harm:,.0f}"
        ),
        f"likely {failed.low:,.0f} to {failed.high:,.0f}",
        f"q      = P(t > 8 s) + P(2 s < t <= 8 s) / 2 = 0.04 + 0.20 / 2 = {slow.share:.2f}",
        f"q*     = 1 - 0.90 = {slow.goal:.2f}",
        f"harm   = {slow.sessions:,.0f} × ({slow.share:.2f} - {slow.goal:.2f}) = {slow.harm:,.0f}",
    ]


def ledger_lines() -> list[str]:
    """Return the lines about the pool."""
    (pool,) = parts()[0].pools
    failed, slow = pool.members
    return [
        f"measured = 20,000 × (1 - (1 - 0.05) × (1 - 0.04)) = {pool.measured:,.0f}",
        f"bounds     {pool.low:,.0f} to {pool.high:,.0f}",
        f"failed   = {failed.own:,.0f} × 1,760 / 1,800 = {failed.counted:,.1f}",
        f"slow     = {slow.own:,.0f} × 1,760 / 1,800 = {slow.counted:,.1f}",
    ]


def value_lines() -> list[str]:
    """Return the lines about shares, removals and values alone."""
    (share,) = [link.share for link in parts()[0].links if link.item == A]
    lines = [f"share    = (0.3 + 4 × 0.4 + 0.5) / 6 = {share.expected:.2f}"]
    for key in (A, B, C):
        one = term(key)
        lines.append(
            f"{key[-1]}          {one.share:.2f} × {one.grade_factor:.2f} = {one.removal:.2f}"
            f"     {one.harm:,.1f} × {one.removal:.2f} = {one.ux_value:,.1f}"
        )
    return lines


def set_lines() -> list[str]:
    """Return the lines about sets of items and the tangent."""
    a, c = term(A).removal, term(C).removal
    u_a, u_c = -log1p(-a), -log1p(-c)
    tangent = -expm1(-u_a) + exp(-u_a) * u_c
    return [
        (
            f"A and C   977.8 × (1 - 0.80 × 0.85) = {value(A, C):,.1f}"
            f"     not {value(A) + value(C):,.1f}"
        ),
        f"A and B   {value(A):,.1f} + {value(B):,.1f} = {value(A, B):,.1f}",
        f"B and C   {value(B):,.1f} + {value(C):,.1f} = {value(B, C):,.1f}",
        f"a_A = -ln(1 - 0.20) = {u_a:.4f}",
        f"a_C = -ln(1 - 0.15) = {u_c:.4f}",
        f"1 - exp(-({u_a:.4f} + {u_c:.4f})) = {-expm1(-u_a - u_c):.4f}",
        f"0.20 + 0.80 × {u_c:.4f} = {tangent:.4f}",
    ]


def decision_lines() -> list[str]:
    """Return the lines about reserve, plan, baseline, explanations and certainty."""
    plan, problem = made(), parts()[1].problem
    assert verify(problem, make_engine().select(problem)).holds
    chosen_a, chosen_b = sorted(plan.chosen, key=lambda one: one.key)
    (passed,) = plan.passed_over
    assert passed.flip.points is None
    assert passed.flip.ux_value is not None
    assert plan.interval is not None
    reserve = plan.capacity.reserve
    chosen = " and ".join(sorted(one.key[-1] for one in plan.chosen))
    simple = " and ".join(sorted(key[-1] for key in plan.baseline.chosen))
    sure = {one.key[-1]: one.certainty or 0 for one in plan.chosen}
    interval = plan.interval
    return [
        f"reserve   40 points × 10% to 15% = {reserve.floor:g} to {reserve.ceiling:g} points",
        (
            f"plan      {chosen}: {plan.ux_value:,.1f}, bound {plan.solver.bound:,.1f},"
            f" {plan.solver.status}"
        ),
        ahead_line(),
        f"without A {chosen_a.drop_loss:,.1f} less; {chosen_a.replaced_by[0][-1]} takes its place",
        f"without B {chosen_b.drop_loss:,.1f} less; {chosen_b.replaced_by[0][-1]} takes its place",
        f"with C    {passed.force_loss:,.1f} less",
        (
            f"C enters  worth {value(C):,.1f} + {passed.force_loss:,.1f}"
            f" = {passed.flip.ux_value:,.1f}, or with a reserve of {passed.flip.reserve:.0%}"
        ),
        *surrounding_lines(),
        f"worlds    A in {sure['A']:.0%}, B in {sure['B']:.0%}",
        f"likely    {interval.p10:,.0f} to {interval.p90:,.0f}, middle {interval.p50:,.0f}",
        f"baseline  {simple}: {plan.baseline.ux_value:,.1f}, {plan.baseline.share:.0%} of the plan",
    ]


def surrounding_lines() -> list[str]:
    """Return the lines about a smaller reserve and about two flows."""
    small = make_plan(
        inputs().model_copy(update={"reserve": ReservePolicy(ceiling=0.125)}), planner()
    )
    assert small.explained is not None
    assert not small.explained.alternatives
    (rule,) = small.explained.binding
    second = value(B, C)
    chosen = " and ".join(sorted(one.key[-1] for one in small.chosen))
    lines = [
        f"5 points  {chosen}: {small.ux_value:,.1f}",
        (
            f"1 more    {rule.worth:,.1f} more; {rule.takes_in[0][-1]} comes in"
            f" for {rule.leaves_out[0][-1]}"
        ),
        f"B and C   {1 - second / small.ux_value:.1%} less, so not nearly as good",
    ]
    return [*lines, *weighting_lines()]


def weighting_lines() -> list[str]:
    """Return the lines about the example with its waiting time in another flow."""
    failed, slow = inputs().metrics
    other = Flow(id="search", steps=("find",), sessions_per_sprint=20_000)
    moved = slow.model_copy(update={"flow": "search", "step": "find"})
    two = {"flows": (*inputs().flows, other), "metrics": (failed, moved)}
    plan = make_plan(inputs().model_copy(update=two), planner())
    assert plan.explained is not None
    agreement = plan.explained.agreement
    assert agreement is not None
    lines = [
        f"{one.name:<23} {' and '.join(key[-1] for key in one.chosen)}"
        f"   the plan gets {one.share:.1%} of that"
        for one in agreement.weightings[1:]
    ]
    core = " and ".join(key[-1] for key in agreement.core)
    rest = ", ".join(f"{one.key[-1]} in {one.share:.0%}" for one in agreement.contested)
    return [*lines, f"all agree on {core}; contested: {rest}"]


def ahead_line() -> str:
    """Return the line about two sprints."""
    later = Sprint(
        id="28", name="Sprint 28", start_on=date(2026, 12, 14), end_on=date(2026, 12, 25)
    )
    two = {"horizon": HorizonPolicy(sprints=2), "later": (later,)}
    plan = make_plan(inputs().model_copy(update=two), planner())
    assert plan.ahead is not None
    now = " and ".join(sorted(one.key[-1] for one in plan.chosen))
    then = " and ".join(one.key[-1] for one in plan.next)
    return (
        f"two sprints   {now}, then {then}: {plan.ahead.ux_value:,.1f} a sprint over the next six"
    )


def shrink_lines() -> list[str]:
    """Return the lines about shrinking."""
    claimed = {"P": 100.0, "Q": 120.0, "R": 150.0, "S": 90.0, "T": 900.0}
    noise = {"P": 0.3, "Q": 0.3, "R": 0.5, "S": 0.3, "T": 0.8}
    factors = shrink_factors(claimed, noise)
    return [
        f"{key}   {claimed[key]:3.0f}   {noise[key]:.1f}   {factors[key]:.2f}"
        f"   {claimed[key] * factors[key]:3.0f}"
        for key in sorted(claimed)
    ]


def grade_lines() -> list[str]:
    """Return the line about a lifted grade."""
    claim = Claim(
        item=A,
        metric="failed",
        basis=LinkBasis.FILE,
        share=Share(low=0.3, likely=0.4, high=0.5),
        grade=Grade.C,
        noted_on=date(2026, 4, 1),
        evidence=(
            Evidence(kind=EvidenceKind.MECHANISM),
            Evidence(kind=EvidenceKind.INTERVIEW),
        ),
    )
    policy = inputs().links
    (fresh,) = settle_links([claim], policy, date(2026, 9, 1))
    (old,) = settle_links([claim], policy, date(2026, 11, 23))
    return [
        f"C, a mechanism and an interview, 153 days old   {fresh.grade}",
        f"the same, 236 days old                          {old.grade}",
    ]


def test_every_line_of_the_worked_example_is_what_the_program_computes() -> None:
    text = (DOCS / "how-it-decides.md").read_text(encoding="utf-8")
    said = [
        line
        for block in read_blocks(text)
        if block.language == "text"
        for line in block.lines
        if line.strip() and not line.startswith("#")
    ]
    computed = [
        *harm_lines(),
        *ledger_lines(),
        *grade_lines(),
        *value_lines(),
        *shrink_lines(),
        *set_lines(),
        *decision_lines(),
    ]
    assert said == computed


def test_the_example_has_less_items_than_shrinking_needs() -> None:
    assert all(one.shrink == 1 for one in parts()[0].values.values())


def test_the_grades_of_the_page_are_those_of_the_code() -> None:
    text = (DOCS / "how-it-decides.md").read_text(encoding="utf-8")
    for grade, chance in inputs().links.grades.items():
        assert f"| {grade} | {chance:g} |" in section(text, "## Grades")
