"""What was approved for a sprint, as the plan that is made next takes it."""

from debtplan.core.inputs import Inputs
from debtplan.core.plan import Plan
from debtplan.ports import Store


def with_kept(made: Inputs, store: Store) -> Inputs:
    """Return the inputs with the items that were approved for their sprint, where any were."""
    approval = store.approved_plan(made.team, made.sprint.id)
    if approval is None:
        return made
    kept = tuple(sorted(one.key for one in approval.plan.chosen))
    return made.model_copy(update={"kept": kept})


def is_approved(store: Store, plan: Plan) -> bool:
    """Tell whether a plan is the one approved last for its sprint."""
    approval = store.approved_plan(plan.team, plan.sprint.id)
    return approval is not None and approval.plan.digest == plan.digest
