"""A small pot beside the reserve for work that no metric speaks for: it makes other work possible.

Its value is not known, so it is not planned by value. What the most valuable work waits for comes
first, then what is in progress, then what has waited longest; each is taken where it fits.
"""

from datetime import UTC, datetime

from debtplan.core.appraisal import Appraisal
from debtplan.core.exact import exact
from debtplan.core.graph import closure, dependents
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.plan import Enabling, Reason
from debtplan.core.program import Program

_LATEST = datetime.max.replace(tzinfo=UTC)


def fill_pot(inputs: Inputs, appraisal: Appraisal, program: Program) -> tuple[Enabling, ...]:
    """Return the work of the pot, in its order; nothing where the team has set none aside."""
    room = exact(program.capacity.points or 0.0) * exact(inputs.reserve.enabling)
    found = []
    unlocks = _unlocks(appraisal, program)
    for item in sorted(_wanted(inputs, program), key=lambda one: _rank(one, unlocks)):
        points = exact(item.points or 0.0)
        if points <= room:
            room -= points
            found.append(
                Enabling(
                    key=item.key,
                    title=item.title,
                    url=item.url,
                    points=float(points),
                    unlocks=unlocks[item.key],
                    why=_why(item, unlocks[item.key]),
                )
            )
    return tuple(found)


def _wanted(inputs: Inputs, program: Program) -> list[DebtItem]:
    """Return open, estimated items without a link that wait for nothing."""
    labels = {one.casefold() for one in inputs.reserve.enabling_labels}
    return [
        program.items[key]
        for key, barred in program.barred.items()
        if barred.reason is Reason.NO_LINK
        and program.items[key].points is not None
        and not program.waits[key]
        and (not labels or labels & {one.casefold() for one in program.items[key].labels})
    ]


def _unlocks(appraisal: Appraisal, program: Program) -> dict[str, float]:
    """Return the value of all items that wait for each one, alone, added up: an upper bound."""
    followers = dependents(program.waits)
    values = appraisal.values
    return {
        key: sum(
            values[one].ux_value
            for one in sorted(closure(followers.get(key, ()), followers))
            if one in values
        )
        for key in program.items
    }


def _rank(item: DebtItem, unlocks: dict[str, float]) -> tuple[float, bool, datetime, str]:
    is_new = item.state is not ItemState.IN_PROGRESS
    return -unlocks[item.key], is_new, item.created_at or _LATEST, item.key


def _why(item: DebtItem, unlocks: float) -> str:
    if unlocks > 0:
        return f"work worth up to {unlocks:,.0f} sessions a sprint waits for it"
    if item.state is ItemState.IN_PROGRESS:
        return "in progress"
    if item.created_at is not None:
        return f"waiting since {item.created_at.date()}"
    return "fits"
