"""Inputs between two plans: the old ones, with the new ones swapped in group by group.

The order is fixed, and it matters: where two groups only together push an item out, the later one
is named as the cause. What a group holds:

    data       readings, sources, metrics, flows without their weights, the day of planning
    link       which item touches which metric, shares, grades, how links are settled
    estimate   points and role points of items that stand in both backlogs
    backlog    items that are new, gone or changed in anything else, and what is done elsewhere
    capacity   closed sprints, capacity, days off, the sprint, the reserve
    rule       pins, bans, roles, limits, checks, horizon, and all that is not named here
    weight     the flows' weights
"""

from collections.abc import Collection
from types import MappingProxyType

from debtplan.core.change import Cause
from debtplan.core.flow import Flow
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.item import DebtItem
from debtplan.core.link import Claim

ORDER = (
    Cause.DATA,
    Cause.LINK,
    Cause.ESTIMATE,
    Cause.BACKLOG,
    Cause.CAPACITY,
    Cause.RULE,
    Cause.WEIGHT,
)
"""The order in which groups are swapped in."""

GROUPS = MappingProxyType(
    {
        "readings": Cause.DATA,
        "sources": Cause.DATA,
        "skipped": Cause.DATA,
        "metrics": Cause.DATA,
        "harm": Cause.DATA,
        "as_of": Cause.DATA,
        "calibration": Cause.DATA,
        "tallies": Cause.DATA,
        "overlaps": Cause.DATA,
        "movements": Cause.DATA,
        "shifts": Cause.DATA,
        "releases": Cause.DATA,
        "outcomes": Cause.DATA,
        "links": Cause.LINK,
        "actuals": Cause.ESTIMATE,
        "sized_by_rule": Cause.ESTIMATE,
        "capacity": Cause.CAPACITY,
        "reserve": Cause.CAPACITY,
        "sprints": Cause.CAPACITY,
        "sprint": Cause.CAPACITY,
        "later": Cause.CAPACITY,
        "attendance": Cause.CAPACITY,
        "weights_version": Cause.WEIGHT,
    }
)
"""The group of each field that is swapped whole; fields that are not named belong to the rules."""

_FROM_TRACKERS = ("done", "elsewhere")
"""Fields of `Rules` that the trackers say, not the team."""


def mix(old: Inputs, new: Inputs, swapped: Collection[Cause], kept: Collection[str]) -> Inputs:
    """Return the old inputs with some groups of the new ones, and what counts as approved."""

    def side(cause: Cause) -> Inputs:
        return new if cause in swapped else old

    fields = {
        name: getattr(side(GROUPS.get(name, Cause.RULE)), name) for name in Inputs.model_fields
    }
    fields["items"] = _items(side(Cause.BACKLOG), side(Cause.ESTIMATE))
    fields["flows"] = _flows(side(Cause.DATA), side(Cause.WEIGHT))
    fields["rules"] = _rules(side(Cause.RULE), side(Cause.BACKLOG))
    fields["claims"] = _known(side(Cause.LINK).claims, fields["items"], side(Cause.DATA))
    fields["kept"] = tuple(sorted(set(kept)))
    return old.model_copy(update=fields)


def _items(backlog: Inputs, estimates: Inputs) -> tuple[DebtItem, ...]:
    """Return the items of one backlog with the estimates of another, where it has them."""
    if backlog is estimates:
        return backlog.items
    sized = {item.key: item for item in estimates.items}
    return tuple(
        item.model_copy(update={"points": sized[item.key].points, "roles": sized[item.key].roles})
        if item.key in sized
        else item
        for item in backlog.items
    )


def _flows(measured: Inputs, weighed: Inputs) -> tuple[Flow, ...]:
    """Return the flows of one side with the weights of another."""
    if measured is weighed:
        return measured.flows
    weights = {flow.id: flow.weight for flow in weighed.flows}
    return tuple(
        flow.model_copy(update={"weight": weights.get(flow.id, flow.weight)})
        for flow in measured.flows
    )


def _rules(team: Inputs, trackers: Inputs) -> Rules:
    """Return what the team decided on one side, with what the trackers say on another."""
    told = {name: getattr(trackers.rules, name) for name in _FROM_TRACKERS}
    return team.rules.model_copy(update=told)


def _known(
    claims: tuple[Claim, ...], items: tuple[DebtItem, ...], measured: Inputs
) -> tuple[Claim, ...]:
    """Return the links between items and metrics that are both there."""
    keys = {item.key for item in items}
    metrics = {metric.id for metric in measured.metrics}
    return tuple(one for one in claims if one.item in keys and one.metric in metrics)
