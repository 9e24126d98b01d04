"""A plan with everything looked up that its sentences need: names, metrics, links, weights."""

import re
from functools import cached_property

from debtplan.core.appraisal import appraise
from debtplan.core.flow import EVERYONE, UxMetric
from debtplan.core.harm import Harm
from debtplan.core.item import DebtItem
from debtplan.core.link import Link
from debtplan.core.plan import Chosen, LedgerRow, PassedOver, Plan, PlanTerm
from debtplan.core.reading import Reading
from debtplan.core.text import clean_line
from debtplan.render.number import amount, percent

_KEY = re.compile(r"\b[a-z]+:[^\s,;]*[^\s,;.:]")
UNSIMULATED = "only work that one sprint begins and finishes is simulated"
"""Why what a later sprint finishes has no certainty."""

KEY_LIMIT = 120
"""Characters of a key that are shown."""


class Facts:
    """A plan and what can be read off it. Every text it hands out is cleaned and cut.

    Attributes:
        plan: The plan, as it is.
        appraisal: Harms, ledger and links, computed again from the plan's inputs.
        items: Items by key.
        metrics: Metrics by id.
        is_weighted: True where some flow's sessions count more or less than others'.
    """

    def __init__(self, plan: Plan) -> None:
        """Look everything up once."""
        self.plan = plan
        self.appraisal = appraise(plan.inputs)
        self.items: dict[str, DebtItem] = {item.key: item for item in plan.inputs.items}
        self.metrics: dict[str, UxMetric] = {one.id: one for one in plan.inputs.metrics}
        self._flows = {flow.id: flow for flow in plan.inputs.flows}
        self._links = {(link.item, link.metric): link for link in self.appraisal.links}
        self._readings: dict[str, list[Reading]] = {}
        for reading in sorted(plan.inputs.readings, key=lambda one: (one.metric, one.start_at)):
            self._readings.setdefault(reading.metric, []).append(reading)
        self.is_weighted = any(flow.weight != 1 for flow in plan.inputs.flows)

    @property
    def sessions(self) -> str:
        """What values count: "sessions", or "weighted sessions" where flows have weights."""
        return "weighted sessions" if self.is_weighted else "sessions"

    @cached_property
    def _short(self) -> dict[str, str]:
        """Keys without their source, where that leaves them apart."""
        plan = self.plan
        keys = {one.key for one in (*plan.chosen, *plan.next)}
        keys |= {one.key for one in plan.passed_over} | set(self.items)
        owners: dict[str, list[str]] = {}
        for key in sorted(keys):
            owners.setdefault(key.partition(":")[2] or key, []).append(key)
        return {mine[0]: short for short, mine in owners.items() if len(mine) == 1}

    def name(self, key: str) -> str:
        """Return an item's key as people say it: `OMNI-12` for `jira:OMNI-12`."""
        return clean_line(self._short.get(key, key), KEY_LIMIT) or "(no key)"

    def shortened(self, text: str) -> str:
        """Return a sentence of the plan with its keys as people say them."""
        return _KEY.sub(
            lambda key: self._short.get(key.group(), key.group()), clean_line(text, 600)
        )

    def points(self, number: float | None) -> str:
        """Return points in the team's unit: `3 points`."""
        return amount(number, clean_line(self.plan.unit, 40))

    def harm(self, metric: str) -> Harm:
        """Return what is known of a metric's harm; unknown ones say why."""
        return self.appraisal.harms.get(metric) or Harm(metric=metric, missing="is not measured")

    def link(self, item: str, metric: str) -> Link | None:
        """Return the settled link of an item and a metric."""
        return self._links.get((item, metric))

    def readings(self, metric: str) -> list[Reading]:
        """Return a metric's readings, oldest first."""
        return self._readings.get(metric, [])

    def metric_name(self, metric: str) -> str:
        """Return a metric's name for people."""
        known = self.metrics.get(metric)
        return clean_line(known.title if known else metric)

    def step(self, metric: UxMetric) -> str:
        """Return the step where a metric is measured."""
        return clean_line(metric.step.replace("_", " "), KEY_LIMIT)

    def people(self, metric: UxMetric) -> str:
        """Return whom a metric speaks of: `international users at shipping (Checkout)`."""
        flow = self._flows.get(metric.flow)
        title = clean_line(flow.title if flow else metric.flow, KEY_LIMIT)
        segment = (
            ""
            if metric.segment == EVERYONE
            else clean_line(metric.segment.replace("_", " "), KEY_LIMIT)
        )
        users = f"{segment} users" if segment else "users"
        return f"{users} at {self.step(metric)} ({title})"

    @cached_property
    def begun(self) -> tuple[Chosen, ...]:
        """The chosen items that a later sprint finishes: until then they spare nobody anything."""
        later = (one for one in self.plan.chosen if one.finishes_in > 1)
        return tuple(sorted(later, key=lambda one: (one.order, one.key)))

    def main_term(self, one: Chosen | PassedOver) -> PlanTerm | None:
        """Return the term that makes most of an item's value."""
        return max(one.terms, key=lambda term: (term.ux_value, term.metric), default=None)

    def relieved(self) -> list[tuple[LedgerRow, float]]:
        """Return the ledger rows that the plan relieves, most relief first, with their parts."""
        total = sum(row.relieved for row in self.plan.ledger)
        rows = [(row, row.relieved / total) for row in self.plan.ledger if row.relieved > 0]
        return sorted(rows, key=lambda pair: (-pair[1], pair[0].pool))

    def reference_words(self, metric: UxMetric, goal: float | None) -> str:
        """Return the goal in words: `the goal is 2%`."""
        if goal is None:
            return "what is normal is not known"
        if metric.reference == "best":
            return f"its own best window had {percent(goal)}"
        if isinstance(metric.reference, str):
            other = self.metrics.get(metric.reference)
            if other and other.segment not in (metric.segment, EVERYONE):
                segment = clean_line(other.segment.replace("_", " "), KEY_LIMIT)
                return f"for {segment} users it is {percent(goal)}"
            return f"“{self.metric_name(metric.reference)}” has {percent(goal)}"
        if metric.reference is not None:
            return f"{percent(goal)} counts as normal"
        return f"the goal is at most {percent(goal)}"
