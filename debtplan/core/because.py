"""The cause of a change in words: what about the inputs was another before."""

from collections.abc import Callable, Iterator, Mapping

from debtplan.core.change import Cause
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.natural import in_order
from debtplan.core.replay import Replay, is_revalued
from debtplan.core.whatif import WHY

NAMED = 3
"""Items or rules named in one sentence."""

RULE_NAMES: Mapping[str, str] = {
    "beside": "what other teams do",
    "horizon": "how far the plan looks ahead",
    "keep_within": "how much value may be given up to keep the approved plan",
    "lint": "which items are refused",
    "risk": "what the plan is chosen by",
    "unit": "the unit of estimates",
}
"""Rules that are fields of the inputs, for people."""

GOALS = {Cause.DATA: "measurements", Cause.LINK: "links", Cause.WEIGHT: "flow weights"}


def explain_cause(key: str, cause: Cause, before: Replay, after: Replay) -> str:
    """Return why an item differs, as the end of a sentence that begins with the item.

    What the swap changed about the item itself comes first; where it changed nothing about it, the
    items that changed places with it are named.

    Args:
        key: The item.
        cause: What was swapped in between.
        before: The plan before the swap.
        after: The plan after it.
    """
    return _SAY[cause](key, cause, before, after)


def _say_worth(key: str, cause: Cause, before: Replay, after: Replay) -> str:
    own = _worth(key, before, after)
    new = f"by the new {GOALS[cause]}"
    if own:
        return f"{new} it {own}"
    rivals = [
        (one, said) for one in _rivals(key, before, after) if (said := _worth(one, before, after))
    ]
    if rivals:
        told_of = "; ".join(f"{one} {said}" for one, said in rivals[:NAMED])
        return f"{new} {told_of}"
    return f"{new} another set of items relieves more"


def _say_estimate(key: str, _cause: Cause, before: Replay, after: Replay) -> str:
    own = _size(key, before, after)
    if own:
        return f"its estimate is {own}"
    others = [
        f"the estimate of {one} is {said}"
        for one in (*_rivals(key, before, after), *in_order(after.points))
        if one != key and (said := _size(one, before, after))
    ]
    return "; ".join(list(dict.fromkeys(others))[:NAMED]) or "roles or actual costs changed"


def _say_backlog(key: str, _cause: Cause, before: Replay, after: Replay) -> str:
    own = _fate(key, before.inputs, after.inputs)
    if own:
        return f"it {own}"
    others = [
        f"{one} {said}"
        for one in (*_rivals(key, before, after), *in_order({*before.points, *after.points}))
        if one != key and (said := _fate(one, before.inputs, after.inputs))
    ]
    return "; ".join(list(dict.fromkeys(others))[:NAMED]) or "work elsewhere was finished or begun"


def _say_capacity(_key: str, _cause: Cause, before: Replay, after: Replay) -> str:
    if round(before.reserve, 2) != round(after.reserve, 2):
        return f"the reserve is {after.reserve:g} {after.inputs.unit} instead of {before.reserve:g}"
    return "the capacity of this sprint or of later ones changed"


def _say_rule(key: str, _cause: Cause, before: Replay, after: Replay) -> str:
    old, new = before.inputs.rules, after.inputs.rules
    own = [said for name, said in _rulings(before.inputs, after.inputs) if name == key]
    if own:
        return f"it {own[0]}"
    others = [f"{name} {said}" for name, said in _rulings(before.inputs, after.inputs)]
    if old.per_flow != new.per_flow:
        others.append("another number of items of one flow is allowed")
    if old.roles != new.roles:
        others.append("what each role may give to debt changed")
    others += [
        f"{said} changed"
        for name, said in RULE_NAMES.items()
        if getattr(before.inputs, name, None) != getattr(after.inputs, name, None)
    ]
    return "; ".join(others[:NAMED]) or "the settings changed"


def _say_tie(key: str, _cause: Cause, before: Replay, after: Replay) -> str:
    others = _rivals(key, before, after)
    with_whom = f" with {' and '.join(others[:NAMED])}" if others else ""
    return f"it changed places{with_whom} at equal value; fewer points or the smaller key decided"


def _say_solver(_key: str, _cause: Cause, before: Replay, after: Replay) -> str:
    if not (before.is_proven and after.is_proven):
        return "one of the two plans was not proven best in time"
    return "the same inputs gave another plan: it was made by another version or another engine"


def _worth(key: str, before: Replay, after: Replay) -> str:
    """Return what an item is worth and was; "" where people would be told the same."""
    old, new = before.values.get(key), after.values.get(key)
    if not is_revalued(old, new):
        return ""
    if new is None:
        return "has no known value any more"
    if old is None:
        return f"is worth {_number(new)} frustrated sessions a sprint, which was not known before"
    return f"is worth {_number(new)} instead of {_number(old)} frustrated sessions a sprint"


def _size(key: str, before: Replay, after: Replay) -> str:
    if key not in before.points or key not in after.points:
        return ""
    old, new = before.points[key], after.points[key]
    if old == new:
        return ""
    if new is None:
        return f"missing; it was {old:g}"
    unit = after.inputs.unit
    said = f"{new:g} {unit.removesuffix('s') if new == 1 else unit}"
    return f"{said}; it was missing" if old is None else f"{said} instead of {old:g}"


def _fate(key: str, before: Inputs, after: Inputs) -> str:
    old, new = _item(key, before), _item(key, after)
    if new is None:
        return "is not in the backlog any more" if old else ""
    if old is None:
        return "is new in the backlog"
    if old.state is not new.state and new.state is ItemState.DONE:
        return "is done"
    if old.sprint != new.sprint:
        return f"is in {new.sprint} now" if new.sprint else "is in no sprint any more"
    if (old.prerequisites, old.excludes) != (new.prerequisites, new.excludes):
        return "waits for other items than before, or excludes others"
    if old.state is not new.state:
        return f"is {new.state.value.replace('_', ' ')} now"
    return ""


def _item(key: str, inputs: Inputs) -> DebtItem | None:
    return next((item for item in inputs.items if item.key == key), None)


def _rulings(before: Inputs, after: Inputs) -> Iterator[tuple[str, str]]:
    """Yield keys whose pins and bans differ, with the difference in words."""
    old, new = before.rules, after.rules
    for key in in_order(new.pinned):
        if key not in old.pinned:
            yield key, "is pinned now"
    for key in in_order(new.forbidden):
        why = new.forbidden[key]
        if key not in old.forbidden:
            told = why and why != WHY
            yield key, f"is ruled out now: {why}" if told else "is ruled out now"
    for key in in_order(old.pinned):
        if key not in new.pinned:
            yield key, "is not pinned any more"
    for key in in_order(old.forbidden):
        if key not in new.forbidden:
            yield key, "is not ruled out any more"


def _rivals(key: str, before: Replay, after: Replay) -> list[str]:
    """Return the other items that the same swap brought in or pushed out."""
    return in_order((before.chosen ^ after.chosen) - {key})


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004 - two digits


_SAY: Mapping[Cause, Callable[[str, Cause, Replay, Replay], str]] = {
    Cause.DATA: _say_worth,
    Cause.LINK: _say_worth,
    Cause.WEIGHT: _say_worth,
    Cause.ESTIMATE: _say_estimate,
    Cause.BACKLOG: _say_backlog,
    Cause.CAPACITY: _say_capacity,
    Cause.RULE: _say_rule,
    Cause.TIE: _say_tie,
    Cause.SOLVER: _say_solver,
}
