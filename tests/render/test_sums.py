"""The sum behind a value: why its harm is less than what was measured."""

import pytest

from debtplan.core.beside import Beside
from debtplan.core.plan import Plan
from debtplan.render.card import say_sum
from debtplan.render.facts import Facts
from tests import plans

TWICE = "people hurt twice count once"
OTHERS = "what other teams' items relieve is taken off"


def said(made: Plan, part: float) -> str:
    """Return the sum of the first item's first term, with this part of the measured harm."""
    facts = Facts(made)
    term = made.chosen[0].terms[0]
    measured = facts.harm(term.metric).harm
    assert measured
    return say_sum(facts, term.model_copy(update={"harm": measured * part})).claim


def beside(left: float) -> Plan:
    """Return the plan beside another team's, which leaves this part of the first metric's harm."""
    made = plans.omniretail()
    metric = made.chosen[0].terms[0].metric
    other = Beside(teams=("payments",), sprint_days=14, left={metric: left})
    return made.model_copy(update={"inputs": made.inputs.model_copy(update={"beside": other})})


def test_a_harm_that_is_all_that_was_measured_needs_no_word() -> None:
    assert "measured, but" not in said(plans.omniretail(), 1.0)


@pytest.mark.parametrize(
    ("made", "part", "why"),
    [
        (plans.omniretail(), 0.9, TWICE),
        (beside(0.9), 0.9, OTHERS),
        (beside(0.9), 0.8, f"{TWICE}, and {OTHERS}"),
    ],
    ids=["twice", "others", "both"],
)
def test_why_the_harm_is_less_is_the_reason_that_is_true(made: Plan, part: float, why: str) -> None:
    assert f"measured, but {why})" in said(made, part)
