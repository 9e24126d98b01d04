"""A way to a goal in words: what touches no metric, one item or several."""

import pytest

from debtplan.core.goal import Wanted
from debtplan.render.goal import render_goal
from debtplan.workflows.goal import find_route
from tests.builders import claim, inputs, item, planner


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (
            ("b",),
            "One open item touches no metric, so nobody knows whether it would help: b. Link it",
        ),
        (("b", "c"), "whether they would help: b and c. Link them first."),
    ],
)
def test_unlinked_items_are_to_be_linked_one_or_several(others: tuple[str, ...], said: str) -> None:
    made_from = inputs([item(key, 3) for key in ("a", *others)], [claim("a", "m", 0.9)])
    route = find_route(made_from, "m", Wanted(relative=-0.05), None, planner())
    assert said in " ".join(render_goal(route).split())
