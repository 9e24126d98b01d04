"""What simulated costs say of a plan that is written: whether it fits into the reserve."""

from collections.abc import Sequence

from debtplan.core.appraisal import Appraisal
from debtplan.core.chance import overrun_finding, robust_finding
from debtplan.core.digest import with_digest
from debtplan.core.overrun import Overrun, weigh_costs
from debtplan.core.plan import Finding, Plan
from debtplan.core.problem import Problem, relief
from debtplan.core.risk import Robust
from debtplan.ports import Simulator


def with_chances(
    plan: Plan,
    appraisal: Appraisal,
    problem: Problem,
    simulator: Simulator,
    robust: Robust | None = None,
) -> Plan:
    """Return the plan with the chance that it overruns its reserve, signed anew.

    Args:
        plan: As it was written.
        appraisal: What everything is worth and costs.
        problem: Of the coming sprint.
        simulator: Draws the costs.
        robust: How the plan was chosen, where not by its expected relief.
    """
    overrun = weigh_overrun(plan, appraisal, problem, simulator)
    findings: list[Finding] = []
    if robust is not None:
        findings.append(robust_finding(robust))
    if overrun is not None:
        findings.append(overrun_finding(overrun, plan.unit))
    update = {
        "overrun": overrun,
        "robust": robust,
        "findings": (*plan.findings, *findings),
    }
    return with_digest(plan.model_copy(update=update))


def weigh_overrun(
    plan: Plan, appraisal: Appraisal, problem: Problem, simulator: Simulator
) -> Overrun | None:
    """Return what the coming sprint's work may cost; None where nothing is chosen.

    What is only begun costs its part of this sprint, and relieves nobody yet.
    """
    finished = {one.key for one in plan.chosen if one.finishes_in == 1}
    points = [one.points_now for one in plan.chosen]
    if not points:
        return None

    def value(keys: Sequence[str]) -> float:
        return relief(problem, finished.intersection(keys))

    costs = appraisal.costs
    return weigh_costs(
        [one.key for one in plan.chosen],
        simulator.costs(appraisal, points, plan.inputs.seed),
        (plan.capacity.reserve.available, plan.capacity.reserve.used),
        value,
        (costs.basis, costs.is_assumed),
    )
