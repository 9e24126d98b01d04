"""A sprint that only begins what a later one finishes: what is said of it, and what is not."""

import pytest

from debtplan.core.plan import Chosen, Plan
from debtplan.render.answer import say_baseline, say_people, say_relief, say_sure
from debtplan.render.card import write_card
from debtplan.render.facts import Facts
from debtplan.render.story import tell
from tests import plans

LATER = "Sprint 50"


def begun(one: Chosen, **more: object) -> Chosen:
    """Return a chosen item as a later sprint finishes it."""
    later = {"finishes_in": 2, "sprint": LATER, "points_now": one.points / 2, "certainty": None}
    return one.model_copy(update=later | more)


def beginning(count: int = 1, **more: object) -> Plan:
    """Return OmniRetail's plan with its first items alone, none of them finished in its sprint."""
    made = plans.omniretail()
    return made.model_copy(
        update={
            "chosen": tuple(begun(one, **more) for one in made.chosen[:count]),
            "ledger": tuple(one.model_copy(update={"relieved": 0.0}) for one in made.ledger),
            "sessions": 0.0,
            "ux_value": 0.0,
            "interval": None,
        }
    )


def test_work_that_no_metric_speaks_for_is_still_of_unknown_worth() -> None:
    facts = Facts(beginning(terms=()))
    assert say_relief(facts).claim.endswith("none of the work is measured.")
    assert say_people(facts).claim == "Whom it helps is not known."
    assert tell(beginning(terms=())).strip[1].figure == "not known"


def test_begun_work_is_not_called_unmeasured_but_said_to_count_later() -> None:
    facts = Facts(beginning(ux_value=840.0))
    assert say_relief(facts).claim == (
        "They begin OMNI-12, which Sprint 50 finishes. From then on it should spare about 840 "
        "sessions a sprint a frustrating experience."
    )
    assert say_people(facts).claim.startswith("It is for international users at shipping")
    stat = tell(beginning()).strip[1]
    assert (stat.figure, stat.meaning) == (
        "none yet",
        "what is begun is finished in a later sprint",
    )


def test_several_begun_items_are_named_without_a_sum_that_would_count_twice() -> None:
    claim = say_relief(Facts(beginning(2))).claim
    assert "which Sprint 50 finishes. Nobody is spared anything before that." in claim


def test_what_was_not_simulated_is_not_said_to_be_a_lack_of_simulation() -> None:
    facts = Facts(beginning())
    why = "only work that one sprint begins and finishes is simulated."
    assert say_sure(facts).claim == f"How sure the choice is, is not known: {why}"
    (one,) = facts.plan.chosen
    assert why in write_card(facts, one, {}).chosen.claim


@pytest.mark.parametrize("share", [1.0, 0.4])
def test_a_sprint_that_finishes_nothing_is_not_compared_with_a_simple_rule(share: float) -> None:
    made = beginning()
    made = made.model_copy(update={"baseline": made.baseline.model_copy(update={"share": share})})
    assert "cannot be told from this sprint alone" in say_baseline(made).claim
    assert tell(made).strip[2].figure == "not known"
