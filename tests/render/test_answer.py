"""Why nothing is chosen, by what is left to do."""

import pytest

from debtplan.core.plan import Plan, Reason
from debtplan.render.answer import say_relief
from debtplan.render.facts import Facts
from tests import plans


def closing(plan: Plan, count: int) -> Plan:
    """Return the plan with its first items passed over because they are closed."""
    passed = tuple(
        one.model_copy(update={"reason": Reason.NOT_OPEN}) if at < count else one
        for at, one in enumerate(plan.passed_over)
    )
    return plan.model_copy(update={"passed_over": passed})


@pytest.mark.parametrize(
    ("closed", "claim"),
    [(0, "Ten items could be done, but"), (3, "Seven items could be done, but")],
)
def test_closed_items_are_no_work_that_could_be_done(closed: int, claim: str) -> None:
    plan = closing(plans.unlinked(), closed)
    assert len(plan.passed_over) == 10
    assert say_relief(Facts(plan)).claim.startswith(claim)


def test_where_every_item_is_closed_that_is_said() -> None:
    claim = say_relief(Facts(closing(plans.unlinked(), 10))).claim
    assert claim == "No item is open: there is nothing left to do."
