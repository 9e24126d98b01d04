"""Small companies of a few teams, and the best that they can do, by trying everything."""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from random import Random
from typing import Any

from debtplan.core.appraisal import appraise
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.reserve import ReservePolicy
from debtplan.workflows.jointly import Grouped
from tests.builders import claim, inputs, item

HARMS = {"m1": 300.0, "m2": 500.0, "m3": 1_000.0}
ALONE = ReservePolicy(window=1)


def team(name: str, items: Sequence[DebtItem], claims: Sequence[Any] = (), **more: Any) -> Inputs:
    """A team with 6 of 40 points for debt, each sprint for itself, unless said otherwise."""
    fields = {"capacity": 40.0, "reserve": ALONE, "harms": HARMS, **more}
    return inputs(items, claims, team=name, **fields)


def company(
    seed: int, teams: Sequence[str] = ("a", "b"), *, started_share: float = 0.0
) -> list[Inputs]:
    """Teams of two to four items with ties of every kind across them and within."""
    random = Random(seed)
    keys = {name: [f"{name}{n}" for n in range(random.randint(2, 4))] for name in teams}
    everybody = [key for own in keys.values() for key in own]
    made = []
    for name in teams:
        rows, claims = [], []
        for key in keys[name]:
            others = [one for one in everybody if one != key]
            waits = [one for one in others if random.random() < 0.1]
            rest = [one for one in others if one not in waits]
            rows.append(
                item(
                    key,
                    random.choice((0.5, 1, 2, 3)),
                    prerequisites=waits,
                    excludes=[one for one in rest if random.random() < 0.05],
                    state=_state(random, started_share),
                )
            )
            claims += [
                claim(key, metric, random.choice((0.2, 0.4, 0.6, 0.9)))
                for metric in HARMS
                if random.random() < 0.45
            ]
        capacity = random.choice((10.0, 20.0, 30.0))
        made.append(team(name, rows, claims, capacity=capacity))
    return [_with_done(one, made) for one in made]


def _state(random: Random, started_share: float) -> ItemState:
    if random.random() < 0.08:
        return ItemState.DONE
    is_started = started_share and random.random() < started_share
    return ItemState.IN_PROGRESS if is_started else ItemState.OPEN


def _with_done(one: Inputs, everybody: Sequence[Inputs]) -> Inputs:
    """What the settings' room adds: prerequisites that other teams have finished."""
    awaited = {key for row in one.items for key in row.prerequisites}
    finished = {
        row.key for other in everybody for row in other.items if row.state is ItemState.DONE
    }
    return one.model_copy(update={"rules": Rules(done=tuple(sorted(awaited & finished)))})


def best_value(group: Sequence[Inputs]) -> float:
    """The most that all teams can spare together: every set of items tried."""
    items = [one for inputs_ in group for one in inputs_.items]
    open_items = [one for one in items if one.state is not ItemState.DONE]
    removals = _removals(group)
    harms = _harms(group)
    best = 0.0
    for picks in product((False, True), repeat=len(open_items)):
        taken = {one.key for one, is_in in zip(open_items, picks, strict=True) if is_in}
        if _fits(group, taken) and _is_in_order(items, taken):
            best = max(best, _worth(taken, removals, harms))
    return best


def worth_of(group: Sequence[Inputs], done: Grouped) -> float:
    """What the plans' items spare together, computed from each team's own links."""
    taken = {one.key for plan in done.plans for one in plan.chosen}
    assert _fits(group, taken)
    assert _is_in_order([one for inputs_ in group for one in inputs_.items], taken)
    return _worth(taken, _removals(group), _harms(group))


def _removals(group: Sequence[Inputs]) -> dict[str, dict[str, float]]:
    return {
        key: {term.metric: term.removal for term in value.terms}
        for one in group
        for key, value in appraise(one).values.items()
    }


def _harms(group: Sequence[Inputs]) -> Mapping[str, float]:
    return appraise(group[0]).weighted


def _worth(
    taken: set[str], removals: Mapping[str, Mapping[str, float]], harms: Mapping[str, float]
) -> float:
    left = {
        metric: prod(1 - removals.get(key, {}).get(metric, 0.0) for key in taken)
        for metric in harms
    }
    return sum(harms[metric] * (1 - part) for metric, part in left.items())


def _fits(group: Sequence[Inputs], taken: set[str]) -> bool:
    for one in group:
        room = (one.capacity.points or 0.0) * one.reserve.ceiling
        if sum(row.points or 0.0 for row in one.items if row.key in taken) > room + 1e-9:
            return False
    return True


def _is_in_order(items: Sequence[DebtItem], taken: set[str]) -> bool:
    """Prerequisites can be done one after the other, and no alternative of a taken one is in."""
    done = {one.key for one in items if one.state is ItemState.DONE}
    for one in items:
        pair = [{one.key, other} for other in one.excludes]
        if any(both <= taken | done and both & taken for both in pair):
            return False
    waits = {one.key: set(one.prerequisites) for one in items if one.key in taken}
    finished = set(done)
    while ready := {key for key in waits.keys() - finished if waits[key] <= finished}:
        finished |= ready
    return taken <= finished
