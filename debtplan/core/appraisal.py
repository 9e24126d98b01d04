"""What everything is worth: harms, ledger, links and item values, computed from a plan's inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

from debtplan.core.capacity import sprint_length
from debtplan.core.cost import CostModel, fit_costs
from debtplan.core.flow import CORROBORATING, EVERYONE, Flow, UxMetric
from debtplan.core.harm import Harm, measure_harm
from debtplan.core.inputs import Inputs
from debtplan.core.item import ItemState
from debtplan.core.ledger import Pool, counted_harms, keep_ledger
from debtplan.core.link import Link, settle_links
from debtplan.core.reading import Window, window_before
from debtplan.core.value import ItemValue, value_items


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
    pools = keep_ledger(metrics, measured, flows)
    counted = counted_harms(pools)
    weights = {metric.id: flows[metric.flow].weight for metric in metrics}
    links = settle_links(
        inputs.claims,
        inputs.links,
        inputs.as_of.date(),
        frozenset(harm.metric for harm in measured if harm.is_stated),
        _voices(metrics, harms, flows),
    )
    links_of: dict[str, list[Link]] = {}
    for link in links:
        links_of.setdefault(link.item, []).append(link)
    values = value_items(_live(inputs, links), counted, harms, weights, inputs.links)
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
        links_of=links_of,
        values={value.item: value for value in values},
        costs=fit_costs(inputs.sprints, inputs.actuals, _sizes(inputs)),
    )


def _live(inputs: Inputs, links: Sequence[Link]) -> list[Link]:
    done = {item.key for item in inputs.items if item.state is ItemState.DONE}
    return [link for link in links if link.item not in done]


def _sizes(inputs: Inputs) -> list[float]:
    return [item.points for item in inputs.items if item.points is not None]


def _voices(
    metrics: list[UxMetric], harms: dict[str, Harm], flows: dict[str, Flow]
) -> dict[str, str]:
    """Return, by behavioural metric, which of users' own words at its step miss their goal.

    CSAT or tickets of the same flow step count where they speak of the same segment or of everyone,
    and where even the lower end of their interval is beyond the goal.
    """
    voices: dict[str, list[str]] = {}
    speaking = [
        metric
        for metric in metrics
        if metric.kind in CORROBORATING and (harms[metric.id].low or 0) > 0 and metric.flow in flows
    ]
    for metric in metrics:
        for voice in speaking:
            same_step = (voice.flow, voice.step) == (metric.flow, metric.step)
            same_people = voice.segment in (metric.segment, EVERYONE)
            if same_step and same_people and metric.kind not in CORROBORATING:
                voices.setdefault(metric.id, []).append(voice.title)
    return {metric: ", ".join(names) for metric, names in voices.items()}
