"""What to find out first, from settings and inputs."""

from debtplan.bootstrap.adapters import planner
from debtplan.config.settings import Loaded
from debtplan.core.inputs import Inputs
from debtplan.core.plan import MeasureFirst
from debtplan.workflows.information import value_information
from debtplan.workflows.plan import refuse_shrunk, solve
from debtplan.workflows.planner import Progress, no_progress


def what_to_measure(
    loaded: Loaded, inputs: Inputs, progress: Progress = no_progress
) -> tuple[MeasureFirst, ...]:
    """Return missing and weak numbers, the most worth first; see `value_information`."""
    refuse_shrunk(inputs)
    maker = planner(loaded.settings.plan, progress=progress)
    return value_information(solve(inputs, maker), maker.started())
