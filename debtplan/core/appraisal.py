"""What everything is worth: harms, ledger, links and item values, computed from a plan's inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from debtplan.core.calibration import Factor
from debtplan.core.capacity import sprint_length
from debtplan.core.cost import CostModel, fit_costs
from debtplan.core.harm import Harm, measure_harm
from debtplan.core.inputs import Inputs
from debtplan.core.item import ItemState
from debtplan.core.ledger import Pool, counted_harms, keep_ledger, overlaps_in
from debtplan.core.link import Link, settle_links
from debtplan.core.measured import Mark, MeasuredShare, measure_shares
from debtplan.core.reading import Window, window_before
from debtplan.core.value import ItemValue, value_items
from debtplan.core.voice import all_voices


@dataclass(frozen=True, slots=True)
class Appraisal:
    """Everything between the readings and the program.

    Attributes:
        window: The days that count.
        sprint_days: Calendar days of a sprint.
        harms: By metric, unknown ones included.
        pools: The ledger.
        counted: Harm by metric as the ledger counts it, unweighted.
        weights: Flow weight by metric.
        links: Settled links, by item and metric.
        links_of: The same by item.
        values: Unfinished items with at least one link to a counted metric, by key.
        costs: What items cost against their estimates.
    """

    window: Window
    sprint_days: float
    harms: dict[str, Harm]
    pools: tuple[Pool, ...]
    counted: dict[str, float]
    weights: dict[str, float]
    links: tuple[Link, ...]
    links_of: dict[str, list[Link]]
    values: dict[str, ItemValue]
    costs: CostModel

    @property
    def weighted(self) -> dict[str, float]:
        """Harm by metric as the program counts it."""
        return {metric: harm * self.weights[metric] for metric, harm in self.counted.items()}


def appraise(inputs: Inputs) -> Appraisal:
    """Return harms, ledger, links and values of a plan's inputs."""
    flows = {flow.id: flow for flow in inputs.flows}
    metrics = sorted(inputs.metrics, key=lambda one: one.id)
    window = window_before(inputs.as_of, inputs.harm.window_days)
    beside = inputs.beside
    days = beside.sprint_days if beside else sprint_length(inputs.sprints, inputs.capacity)
    measured = measure_harm(metrics, flows, inputs.readings, window, days, inputs.harm)
    harms = {harm.metric: harm for harm in measured}
    pools = keep_ledger(metrics, measured, flows, overlaps_in(inputs.overlaps, window))
    counted = counted_harms(pools)
    weights = {metric.id: flows[metric.flow].weight for metric in metrics}
    links = settle_links(
        inputs.claims,
        inputs.links,
        inputs.as_of.date(),
        frozenset(harm.metric for harm in measured if harm.is_stated),
        all_voices(inputs.movements, metrics, harms, flows),
        _shares(inputs),
    )
    values = _values(inputs, links, counted, harms, weights)
    if beside:
        pools, counted = beside.of_pools(pools), beside.of_harms(counted)
        values = beside.of_values(values)
    return Appraisal(
        window=window,
        sprint_days=days,
        harms=harms,
        pools=pools,
        counted=counted,
        weights=weights,
        links=links,
        links_of=_by_item(links),
        values={value.item: value for value in values},
        costs=fit_costs(inputs.sprints, inputs.actuals, _sizes(inputs)),
    )


def _shares(inputs: Inputs) -> Mapping[Mark, MeasuredShare]:
    """Return the shares that were counted of raw events."""
    asked = [(one.metric, one.selector) for one in inputs.claims if one.selector]
    return measure_shares(asked, inputs.tallies, inputs.as_of)


def _by_item(links: Sequence[Link]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(link.item, []).append(link)
    return found


def _values(
    inputs: Inputs,
    links: Sequence[Link],
    counted: dict[str, float],
    harms: dict[str, Harm],
    weights: dict[str, float],
) -> tuple[ItemValue, ...]:
    live = _live(inputs, links)
    return value_items(live, counted, harms, weights, inputs.links, _factors(inputs, live))


def _live(inputs: Inputs, links: Sequence[Link]) -> list[Link]:
    done = {item.key for item in inputs.items if item.state is ItemState.DONE}
    return [link for link in links if link.item not in done]


def _factors(inputs: Inputs, links: Sequence[Link]) -> dict[tuple[str, str], Factor]:
    """Return what earlier forecasts of the link's grade and the item's debt kind delivered."""
    if inputs.calibration is None:
        return {}
    kinds = {item.key: item.debt_kind or "" for item in inputs.items}
    return {
        (one.item, one.metric): inputs.calibration.factor(one.grade, kinds.get(one.item, ""))
        for one in links
    }


def _sizes(inputs: Inputs) -> list[float]:
    return [item.points for item in inputs.items if item.points is not None]
