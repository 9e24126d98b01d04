"""What would be if: both plans, what differs, and what each change does alone."""

import pytest

from debtplan.core.change import Cause, What
from debtplan.core.inputs import Inputs
from debtplan.core.whatif import parse_whatifs
from debtplan.errors import NoPlanError
from debtplan.workflows.plan import make_plan
from debtplan.workflows.whatif import Alternative, weigh
from tests.builders import claim, inputs, item, keys, planner

PLANNER = planner(limit=0)


def base() -> Inputs:
    items = [item(name, 3) for name in "abc"]
    claims = [claim(name, f"m{name}") for name in "abc"]
    return inputs(items, claims, {"ma": 1_000.0, "mb": 900.0, "mc": 800.0})


def ask(*texts: str, made_from: Inputs | None = None) -> Alternative:
    made_from = made_from or base()
    return weigh(made_from, parse_whatifs(texts, made_from), PLANNER)


def test_the_plan_that_stands_is_the_plan_and_the_other_one_is_what_was_asked() -> None:
    found = ask("forbid:a")
    assert found.standing.ux_value == make_plan(base(), PLANNER).ux_value
    assert keys(found.standing.chosen) == ["jira:a", "jira:b"]
    assert keys(found.plan.chosen) == ["jira:b", "jira:c"]
    assert [(one.key, one.what, one.cause) for one in found.changes] == [
        ("jira:c", What.ADDED, Cause.RULE),
        ("jira:a", What.REMOVED, Cause.RULE),
    ]
    assert found.changes[1].detail == "forbid:a: it is ruled out now"


def test_each_change_is_named_for_what_it_causes_and_valued_alone() -> None:
    found = ask("points:b=4", "forbid:a")
    causes = {one.key: one.detail.partition(": ")[0] for one in found.changes}
    assert causes["jira:a"] == "forbid:a"
    assert causes["jira:b"] == "points:b=4"
    alone = {one.text: one for one in found.alone}
    for text, one in alone.items():
        assert one.ux_value == pytest.approx(ask(text).plan.ux_value)
        assert one.points == ask(text).plan.capacity.reserve.used


def test_nothing_changes_places_at_equal_value() -> None:
    same = inputs([item("a", 6), item("b", 6)], [claim("a", "m"), claim("b", "m")])
    assert ask("capacity=41", made_from=same).changes == ()


def test_a_question_that_changes_nothing_has_no_changes() -> None:
    found = ask("points:c=4")
    assert found.changes == ()
    assert found.plan.ux_value == pytest.approx(found.standing.ux_value)


def test_a_question_that_leaves_no_plan_is_refused_and_one_alone_is_marked() -> None:
    with pytest.raises(NoPlanError, match="cannot hold together"):
        ask("pin:a", "pin:b", "pin:c")
    found = ask("pin:a", "pin:b", "pin:c", "capacity=80")
    assert len(found.plan.chosen) == 3
    assert all(one.ux_value is not None for one in found.alone)
    late = ask("points:a=30", "done:a")
    assert keys(late.plan.chosen) == ["jira:b", "jira:c"]


def test_the_approved_plan_counts_for_both() -> None:
    kept = base().model_copy(update={"kept": ("jira:b", "jira:c"), "keep_within": 0.2})
    found = ask("points:a=2", made_from=kept)
    assert keys(found.standing.chosen) == ["jira:b", "jira:c"]
    assert found.changes == ()
