"""What waits: the reason that is true, what would bring it in, and all of it in any width."""

import pytest

from debtplan.core.plan import Flip, PassedOver, Plan, Reason
from debtplan.render.answer import say_displaced
from debtplan.render.facts import Facts
from debtplan.render.table import TableRenderer, display_width
from debtplan.render.waiting import count_reasons, tell_waiting, write_waiting
from tests import plans

UNREAD = "no reading of Waiting time is known"


def waiting(count: int, **changes: object) -> Plan:
    """Return OmniRetail's plan with so many items passed over, the first of them changed."""
    made = plans.omniretail()
    first, *rest = made.passed_over
    passed = (first.model_copy(update=changes), *rest)[:count]
    return made.model_copy(update={"passed_over": passed})


def first(made: Plan) -> PassedOver:
    return made.passed_over[0]


def test_an_item_without_a_link_is_told_to_get_one() -> None:
    made = waiting(
        1, flip=Flip(), reason=Reason.NO_LINK, detail="touches no metric, so its value is not known"
    )
    told = tell_waiting(Facts(made), first(made))
    assert (told.reason, told.flips) == ("Touches no metric", ("with a link to a metric",))


def test_an_item_whose_metric_has_no_reading_is_not_said_to_touch_none() -> None:
    made = waiting(1, flip=Flip(), reason=Reason.NO_LINK, detail=UNREAD)
    told = tell_waiting(Facts(made), first(made))
    assert told.reason == "Its metric has no known harm"
    assert told.flips == ("with a reading of its metric",)
    assert count_reasons(Facts(made)) == (("its metric has no known harm", 1),)


def test_an_item_in_a_cycle_waits_for_nothing_that_will_come() -> None:
    made = waiting(
        1, flip=Flip(), reason=Reason.BLOCKED, detail="is in a cycle of prerequisites: a -> b -> a"
    )
    assert tell_waiting(Facts(made), first(made)).flips == ("once the cycle is broken",)


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "One debt item must wait: "), (2, "Two debt items must wait; the most valuable of them")],
)
def test_a_single_item_is_no_most_valuable_one(count: int, said: str) -> None:
    assert said in say_displaced(Facts(waiting(count, ux_value=486.0))).claim


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_no_width_cuts_why_an_item_waits(width: int) -> None:
    made = plans.omniretail()
    text = TableRenderer(width).render(made)
    part = text.partition("WHAT WE DO NOT DO\n")[2].partition("\n\n")[0]
    assert all(display_width(line) <= width for line in part.splitlines())
    flat = " ".join(part.split())
    for one in write_waiting(Facts(made)):
        assert one.reason in flat
        assert one.flips[0] in flat


def test_a_narrow_screen_gets_the_reason_below_the_item() -> None:
    lines = TableRenderer(80).render(plans.omniretail()).splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("OMNI-40"))
    assert lines[at + 1] == "    Too large for the reserve; could enter with a smaller first phase."
