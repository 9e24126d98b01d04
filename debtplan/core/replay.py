"""A plan that was solved again with some of its inputs swapped."""

from collections.abc import Mapping
from dataclasses import dataclass

from debtplan.core.change import Cause
from debtplan.core.inputs import Inputs
from debtplan.core.plan import Plan

NEARLY = 0.05
"""Values that differ by less than this part of the larger one are told as the same."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The plan after one more swap.

    Attributes:
        cause: What was swapped in.
        chosen: Keys of the coming sprint.
        points: Estimate by item; None where not estimated.
        values: Value alone by item, where known.
        reserve: Points that may go to debt.
        is_tie: Whether the plan from before the swap is worth as much after it.
        is_proven: Whether the plan was proven best.
        label: What was asked for, where a person asked what would be if; "" else.
    """

    cause: Cause
    inputs: Inputs
    chosen: frozenset[str]
    points: Mapping[str, float | None]
    values: Mapping[str, float]
    reserve: float
    is_tie: bool = False
    is_proven: bool = True
    label: str = ""


def replay_of(plan: Plan, cause: Cause, *, is_tie: bool = False) -> Replay:
    """Return a plan as it stands, as the first or the last of the replays."""
    values = {one.key: one.ux_value for one in plan.chosen}
    values |= {one.key: one.ux_value for one in plan.passed_over if one.ux_value is not None}
    return Replay(
        cause=cause,
        inputs=plan.inputs,
        chosen=frozenset(one.key for one in plan.chosen),
        points={item.key: item.points for item in plan.inputs.items},
        values=values,
        reserve=plan.capacity.reserve.available,
        is_tie=is_tie,
    )


def is_revalued(old: float | None, new: float | None) -> bool:
    """Tell whether people are told that an item's value is another one."""
    if old is None or new is None:
        return old is not new
    return abs(new - old) > NEARLY * max(abs(old), abs(new))
