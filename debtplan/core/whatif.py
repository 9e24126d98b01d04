"""What would be if: changes of a plan's inputs that a person asks about, and what they become.

reserve=0.12             this share of the capacity goes to debt
capacity=30              points of the coming sprint with the whole team there
availability=0.8         part of the team that is there
points:KEY=3             the item's estimate
share:KEY:METRIC=0.4     part of the metric's harm that the item would remove
weight:FLOW=2            what one of the flow's sessions counts
pin:KEY  forbid:KEY      the item is in, or out
free:KEY                 neither pinned nor forbidden
done:KEY                 the item is finished
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from math import isfinite

from debtplan.core.change import Cause
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem, ItemState, resolve_key
from debtplan.core.link import Claim, LinkBasis, Share
from debtplan.core.record import Value
from debtplan.errors import UsageError


class Kind(StrEnum):
    """What is asked about."""

    RESERVE = "reserve"
    CAPACITY = "capacity"
    AVAILABILITY = "availability"
    POINTS = "points"
    SHARE = "share"
    WEIGHT = "weight"
    PIN = "pin"
    FORBID = "forbid"
    FREE = "free"
    DONE = "done"


FORMS: Mapping[Kind, str] = {
    Kind.RESERVE: "reserve=0.12",
    Kind.CAPACITY: "capacity=30",
    Kind.AVAILABILITY: "availability=0.8",
    Kind.POINTS: "points:KEY=3",
    Kind.SHARE: "share:KEY:METRIC=0.4",
    Kind.WEIGHT: "weight:FLOW=2",
    Kind.PIN: "pin:KEY",
    Kind.FORBID: "forbid:KEY",
    Kind.FREE: "free:KEY",
    Kind.DONE: "done:KEY",
}
"""How each is written."""

CAUSES: Mapping[Kind, Cause] = {
    Kind.RESERVE: Cause.CAPACITY,
    Kind.CAPACITY: Cause.CAPACITY,
    Kind.AVAILABILITY: Cause.CAPACITY,
    Kind.POINTS: Cause.ESTIMATE,
    Kind.SHARE: Cause.LINK,
    Kind.WEIGHT: Cause.WEIGHT,
    Kind.PIN: Cause.RULE,
    Kind.FORBID: Cause.RULE,
    Kind.FREE: Cause.RULE,
    Kind.DONE: Cause.BACKLOG,
}
"""What a change that it makes is put down to."""

_MOST: Mapping[Kind, float] = {
    Kind.RESERVE: 1.0,
    Kind.CAPACITY: 1_000_000.0,
    Kind.AVAILABILITY: 2.0,
    Kind.POINTS: 1_000_000.0,
    Kind.SHARE: 1.0,
    Kind.WEIGHT: 1_000_000.0,
}
"""The greatest number that each takes; a kind that is not listed takes none."""

WHY = "what-if"
"""The reason of a ban that was only asked about."""


class WhatIf(Value):
    """One change that is asked about.

    Attributes:
        text: As it was written.
        key: Full key of the item; "" where none is meant.
        name: Metric or flow; "" where none is meant.
        number: The new number; None for kinds without one.
    """

    text: str
    kind: Kind
    key: str = ""
    name: str = ""
    number: float | None = None


def parse_whatifs(texts: Iterable[str], inputs: Inputs) -> tuple[WhatIf, ...]:
    """Return the changes asked about, in their order; a later one overrides an earlier.

    Raises:
        UsageError: One is written otherwise, or names what is not there; the fix says what is.
    """
    return tuple(_parse(text.strip(), inputs) for text in texts)


def apply(inputs: Inputs, changes: Sequence[WhatIf]) -> Inputs:
    """Return the inputs as they would be; what is given stays as it is."""
    for one in changes:
        inputs = inputs.model_copy(update=_APPLY[one.kind](inputs, one))
    return inputs


def _parse(text: str, inputs: Inputs) -> WhatIf:
    head, equals, tail = text.rpartition("=")
    word, _, subject = (head or tail).partition(":")
    kind = next((kind for kind in Kind if kind == word.casefold()), None)
    if kind is None:
        near = get_close_matches(word, list(Kind), n=1)
        hint = f"Did you mean {FORMS[Kind(near[0])]}?" if near else f"Use {_forms()}."
        raise UsageError(f"There is no what-if {text!r}.", hint)
    if kind not in _MOST:  # a key may hold an equals sign
        return WhatIf(text=text, kind=kind, key=_key(text, text.partition(":")[2], kind, inputs))
    if not equals:
        raise UsageError(f"{text!r} says no number.", f"Write it as {FORMS[kind]}.")
    number = _number(text, tail, kind)
    if kind is Kind.POINTS:
        return WhatIf(text=text, kind=kind, key=_key(text, subject, kind, inputs), number=number)
    if kind is Kind.WEIGHT:
        flows = [flow.id for flow in inputs.flows]
        name = _name(text, subject, "flow", flows)
        return WhatIf(text=text, kind=kind, name=name, number=number)
    if kind is Kind.SHARE:
        key, name = _pair(text, subject, inputs)
        return WhatIf(text=text, kind=kind, key=key, name=name, number=number)
    if subject:
        raise UsageError(f"{text!r} names {subject!r}.", f"Write it as {FORMS[kind]}.")
    return WhatIf(text=text, kind=kind, number=number)


def _forms() -> str:
    *first, last = FORMS.values()
    return f"{', '.join(first)} or {last}"


def _number(text: str, said: str, kind: Kind) -> float:
    is_percent = said.endswith("%")
    try:
        number = float(said.removesuffix("%")) / (100 if is_percent else 1)
    except ValueError:
        raise UsageError(
            f"{said!r} in {text!r} is no number.", f"Write it as {FORMS[kind]}."
        ) from None
    least_said = "0 or more" if kind is Kind.SHARE else "above 0"
    is_enough = number >= 0 if kind is Kind.SHARE else number > 0
    if not (isfinite(number) and is_enough and number <= _MOST[kind]):
        what = f"{text!r} is out of range."
        fix = f"Give {kind} a number {least_said}, at most {_MOST[kind]:g}."
        if not is_percent and _MOST[kind] == 1 and 1 < number <= 100:  # noqa: PLR2004 - percent
            fix += f" A percentage needs its sign, as in {said}%."
        raise UsageError(what, fix)
    return number


def _key(text: str, said: str, kind: Kind, inputs: Inputs) -> str:
    keys = [item.key for item in inputs.items]
    found = resolve_key(said, keys)
    if found is not None:
        return found
    if not said:
        raise UsageError(f"{text!r} names no item.", f"Write it as {FORMS[kind]}.")
    phases = [
        key for key in keys if said in (key.rpartition("/")[0], _short(key).rpartition("/")[0])
    ]
    near = phases or get_close_matches(said, [*map(_short, keys), *keys], n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`debtplan items` lists them."
    raise UsageError(f"There is no item {said!r} in the backlog of team {inputs.team!r}.", hint)


def _short(key: str) -> str:
    return key.partition(":")[2]


def _pair(text: str, said: str, inputs: Inputs) -> tuple[str, str]:
    """Return item and metric of `KEY:METRIC`; either may hold a colon itself."""
    keys = [item.key for item in inputs.items]
    metrics = [metric.id for metric in inputs.metrics]
    cuts = [(said[:at], said[at + 1 :]) for at, sign in enumerate(said) if sign == ":"]
    for key, metric in cuts:
        full = resolve_key(key, keys)
        if full is not None and metric in metrics:
            return full, metric
    if not cuts:
        raise UsageError(f"{text!r} names no item and metric.", f"Write it as {FORMS[Kind.SHARE]}.")
    key, metric = next((cut for cut in cuts if resolve_key(cut[0], keys)), cuts[-1])
    return _key(text, key, Kind.SHARE, inputs), _name(text, metric, "metric", metrics)


def _name(text: str, said: str, what: str, names: Sequence[str]) -> str:
    if said in names:
        return said
    near = get_close_matches(said, names, n=1)
    listed = ", ".join(sorted(names)) or "none is declared"
    hint = f"Did you mean {near[0]}?" if near else f"Use one of: {listed}."
    raise UsageError(f"There is no {what} {said!r}, as {text!r} says.", hint)


def _reserve(inputs: Inputs, one: WhatIf) -> dict[str, object]:
    share, policy = one.number or 0.0, inputs.reserve
    update = {
        "ceiling": share,
        "floor": min(policy.floor, share),
        "sprint_max": max(policy.sprint_max, share),
    }
    return {"reserve": policy.model_copy(update=update)}


def _capacity(inputs: Inputs, one: WhatIf) -> dict[str, object]:
    return {"capacity": inputs.capacity.model_copy(update={"points": one.number})}


def _availability(inputs: Inputs, one: WhatIf) -> dict[str, object]:
    capacity = inputs.capacity.model_copy(update={"availability": one.number})
    return {"capacity": capacity, "attendance": None}


def _points(inputs: Inputs, one: WhatIf) -> dict[str, object]:
    sized = tuple(key for key in inputs.sized_by_rule if key != one.key)
    return {"items": _with_item(inputs, one.key, {"points": one.number}), "sized_by_rule": sized}


def _share(inputs: Inputs, one: WhatIf) -> dict[str, object]:
    number = one.number or 0.0
    share = Share(low=number, likely=number, high=number)
    is_it = [(claim.item, claim.metric) == (one.key, one.name) for claim in inputs.claims]
    claims = tuple(
        claim.model_copy(update={"share": share}) if hit else claim
        for claim, hit in zip(inputs.claims, is_it, strict=True)
    )
    if not any(is_it):
        new = Claim(item=one.key, metric=one.name, basis=LinkBasis.FILE, share=share, origin=WHY)
        claims = tuple(sorted((*claims, new), key=lambda claim: (claim.item, claim.metric)))
    return {"claims": claims}


def _weight(inputs: Inputs, one: WhatIf) -> dict[str, object]:
    return {
        "flows": tuple(
            flow.model_copy(update={"weight": one.number}) if flow.id == one.name else flow
            for flow in inputs.flows
        )
    }


def _rule(inputs: Inputs, one: WhatIf) -> dict[str, object]:
    pinned = {key for key in inputs.rules.pinned if key != one.key}
    forbidden = {key: why for key, why in inputs.rules.forbidden.items() if key != one.key}
    if one.kind is Kind.PIN:
        pinned.add(one.key)
    elif one.kind is Kind.FORBID:
        forbidden[one.key] = WHY
    update = {"pinned": tuple(sorted(pinned)), "forbidden": forbidden}
    return {"rules": inputs.rules.model_copy(update=update)}


def _done(inputs: Inputs, one: WhatIf) -> dict[str, object]:
    freed = _rule(inputs, one.model_copy(update={"kind": Kind.FREE}))
    return {"items": _with_item(inputs, one.key, {"state": ItemState.DONE}), **freed}


def _with_item(inputs: Inputs, key: str, update: dict[str, object]) -> tuple[DebtItem, ...]:
    return tuple(
        item.model_copy(update=update) if item.key == key else item for item in inputs.items
    )


_APPLY: Mapping[Kind, Callable[[Inputs, WhatIf], dict[str, object]]] = {
    Kind.RESERVE: _reserve,
    Kind.CAPACITY: _capacity,
    Kind.AVAILABILITY: _availability,
    Kind.POINTS: _points,
    Kind.SHARE: _share,
    Kind.WEIGHT: _weight,
    Kind.PIN: _rule,
    Kind.FORBID: _rule,
    Kind.FREE: _rule,
    Kind.DONE: _done,
}
