"""What would be if: the plan as it stands, and the plan with what is asked about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from debtplan.core.change import Cause, Change
from debtplan.core.diff import compare
from debtplan.core.inputs import Inputs
from debtplan.core.plan import Plan
from debtplan.core.problem import relief
from debtplan.core.record import Value
from debtplan.core.replay import Replay, replay_of
from debtplan.core.whatif import CAUSES, WhatIf, apply
from debtplan.errors import DebtplanError
from debtplan.workflows.diff import as_it_stands, decide, replay_of_case
from debtplan.workflows.plan import make_plan
from debtplan.workflows.planner import Planner


class Alone(Value):
    """What one of the changes would do without the others.

    Attributes:
        ux_value: Value of the plan with this change alone; None where there would be no plan.
        points: Points it would take.
    """

    text: str
    ux_value: float | None
    points: float | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A plan beside the one that stands; neither is kept anywhere.

    Attributes:
        asked: The changes asked about, in their order.
        standing: The plan without them.
        plan: The plan with all of them.
        changes: What differs, each item with the change that causes it.
        alone: Each of the changes by itself.
    """

    asked: tuple[WhatIf, ...]
    standing: Plan
    plan: Plan
    changes: tuple[Change, ...]
    alone: tuple[Alone, ...]


def weigh(inputs: Inputs, asked: Sequence[WhatIf], planner: Planner) -> Alternative:
    """Return the plan with what is asked about beside the plan as it stands.

    Items are not explained one by one, so it takes a part of a whole plan's time. Where no plan is
    approved, the one that stands counts as approved for the alternative: nothing changes places at
    equal value.

    Raises:
        DebtplanError: As `make_plan` does; with what is asked about there may be no plan.
    """
    quick = replace(planner, explain_limit=0)
    standing = make_plan(inputs, quick)
    base = inputs
    if inputs.kept is None:
        kept = tuple(sorted(one.key for one in standing.chosen))
        base = inputs.model_copy(update={"kept": kept, "keep_within": 0.0})
    plan = make_plan(apply(base, asked), quick)
    replays = tuple(_replays(base, asked, (standing, plan), quick))
    alone = tuple(_alone(apply(base, [one]), one, quick) for one in asked)
    return Alternative(tuple(asked), standing, plan, compare(standing, plan, replays), alone)


def _replays(
    base: Inputs, asked: Sequence[WhatIf], plans: tuple[Plan, Plan], planner: Planner
) -> Iterator[Replay]:
    """Yield the plan as it stands, the one after each change, and the one with all of them."""
    standing, plan = plans
    last = replay_of(standing, Cause.SOLVER)
    yield last
    for number, one in enumerate(asked[:-1], 1):
        try:
            decided = decide(apply(base, asked[:number]), planner)
        except DebtplanError:
            continue  # with the changes that follow there is a plan: they are the cause then
        last = replay_of_case(decided, CAUSES[one.kind], last, one.text)
        yield last
    end = asked[-1]
    yield replace(as_it_stands(plan, CAUSES[end.kind], last), label=end.text)


def _alone(inputs: Inputs, one: WhatIf, planner: Planner) -> Alone:
    try:
        decided = decide(inputs, planner)
    except DebtplanError:
        return Alone(text=one.text, ux_value=None, points=None)
    problem, chosen = decided.case.program.problem, decided.chosen
    points = sum(item.points for item in problem.candidates if item.key in chosen)
    return Alone(text=one.text, ux_value=relief(problem, chosen), points=float(points))
