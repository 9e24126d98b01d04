"""What `debtplan goal` needs of the adapters: its forms, and a route from the store."""

from collections.abc import Callable

from debtplan.bootstrap.adapters import planner
from debtplan.bootstrap.names import unknown_name
from debtplan.config.settings import Loaded
from debtplan.core.goal import Wanted
from debtplan.core.inputs import Inputs
from debtplan.core.route import Route
from debtplan.render.goal import GOAL_FORMS, render_goal
from debtplan.workflows.goal import find_route
from debtplan.workflows.planner import Progress, no_progress


def goal_form(name: str, width: int | None = None) -> Callable[[Route], str]:
    """Return what writes a route in that form; the table as wide as asked.

    Raises:
        UsageError: There is no such form.
    """
    if name not in GOAL_FORMS:
        raise unknown_name("format", name, GOAL_FORMS)
    if name == "table" and width is not None:
        return lambda route: render_goal(route, width)
    return GOAL_FORMS[name]


def find(
    loaded: Loaded,
    inputs: Inputs,
    asked: tuple[str, Wanted, float | None],
    progress: Progress = no_progress,
) -> Route:
    """Return the way to a goal.

    Args:
        loaded: The settings.
        inputs: All that a plan is made from.
        asked: Metric, goal, and the chance that is asked for; see `find_route`.
        progress: Told how far it is.
    """
    metric, wanted, chance = asked
    return find_route(
        inputs, metric, wanted, chance, planner(loaded.settings.plan, progress=progress)
    )
