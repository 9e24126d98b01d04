"""What knowing a number would be worth: the expected value of perfect information.

    worth = sum over v of chance(v) * (value of the best plan if v - value of today's plan if v)

(Raiffa and Schlaifer 1961, Howard 1966), v what the number may be, in weighted frustrated sessions
per sprint. Only what could change the plan is worth anything: where every answer leaves today's
plan the best one, it is 0.

| number | its values, and their chances |
|---|---|
| a share | low, likely, high: 1/6, 4/6, 1/6, whose mean is the share that the plan counts with |
| a reading stated by hand | five normal quantiles of its interval, one fifth each |
| a missing reading | five quantiles of the team's own harms, one fifth each |
| a missing estimate | five quantiles of the team's own estimates, one fifth each |
| a missing link | none: 1/2; else five quantiles of the team's own values per point, 1/10 each |

One number at a time, the others as they are. What shrinking takes off the other items stays.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from statistics import NormalDist

from debtplan.core.appraisal import Appraisal
from debtplan.core.eligible import missing_value
from debtplan.core.exact import exact
from debtplan.core.explain import TINY, Question
from debtplan.core.flow import MetricKind, UxMetric
from debtplan.core.gaps import (
    ESTIMATE,
    LINK,
    MEASURED_READING,
    METRIC_READING,
    SHARE,
    SURER_SHARE,
    TAKES,
)
from debtplan.core.graph import closure, dependents
from debtplan.core.harm import INTERVAL_Z
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem
from debtplan.core.link import Grade, Link, Share
from debtplan.core.plan import Reason
from debtplan.core.problem import Candidate, Problem, relief
from debtplan.core.program import Program, write_program
from debtplan.core.value import MAX_REMOVAL, ItemValue, Term

QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Where a distribution is asked, each standing for one fifth of it."""

TOUCHES = 0.5
"""Chance that an item that nobody has linked touches any metric: a convention."""

PERT = (1 / 6, 4 / 6, 1 / 6)
"""Chances of low, likely and high, whose mean is the PERT mean (Malcolm et al. 1959)."""

SOMEWHERE = "(a metric yet to be named)"
"""Stands for the metric that an item without a link may touch."""

World = tuple[float, Problem]
"""A chance, and what is to be planned then."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A number that is missing or weak.

    Attributes:
        key: Item, or metric where the number is a metric's.
        title: For people.
        missing: What it is, as `core.gaps` names it.
        why: What is known of it, in words.
        takes: What it would take, in words.
        bound: More than this it cannot be worth; 0 where it can change nothing.
        worlds: What its values lead to; None where they cannot be told.
    """

    key: str
    title: str
    missing: str
    why: str
    takes: str
    bound: float
    worlds: Callable[[], Sequence[World]] | None

    @property
    def order(self) -> tuple[float, str, str, str]:
        """The ones that may be worth most first."""
        return (-round(self.bound, 9), self.missing, self.key, self.why)


def worth_of(unknown: Unknown, chosen: Sequence[str]) -> Question[float | None]:
    """Return what knowing a number would be worth to a plan; None where that cannot be told."""
    if unknown.worlds is None:
        return None
    if unknown.bound <= 0:
        return 0.0
    worlds = unknown.worlds()
    answers = yield tuple(problem for _, problem in worlds)
    gain = total = 0.0
    for (chance, problem), best in zip(worlds, answers, strict=True):
        today = relief(problem, chosen)
        total += chance * today
        gain += chance * max(0.0, (best.value or 0.0) - today)
    return 0.0 if gain <= TINY * max(1.0, total) else gain


def find_unknowns(
    inputs: Inputs, appraisal: Appraisal, program: Program, chosen: Sequence[str]
) -> tuple[Unknown, ...]:
    """Return the numbers that are missing or weak, those that may be worth most first."""
    ground = _Ground(inputs, appraisal, program, frozenset(chosen))
    found = [*ground.shares(), *ground.stated(), *ground.unread(), *ground.barred()]
    return tuple(sorted(found, key=lambda one: one.order))


class _Ground:
    """A plan, and what its numbers could be."""

    def __init__(
        self, inputs: Inputs, appraisal: Appraisal, program: Program, chosen: frozenset[str]
    ) -> None:
        self.inputs, self.appraisal, self.program = inputs, appraisal, program
        self.problem = replace(program.problem, keep_within=0.0)
        self.chosen = chosen
        self.metrics = {metric.id: metric for metric in inputs.metrics}
        self.values = appraisal.values
        self.points = sorted(item.points for item in program.items.values() if item.points)
        self.followers = dependents(program.waits)

    def shares(self) -> Iterator[Unknown]:
        """Yield shares that nobody measured and that are not one number."""
        links = {(one.item, one.metric): one for one in self.appraisal.links}
        for candidate in self.problem.candidates:
            value = self.values.get(candidate.key)
            for term in value.terms if value else ():
                link = links[term.item, term.metric]
                if link.share.low < link.share.high and link.share.expected > 0:
                    yield self._share(link, term)

    def _share(self, link: Link, term: Term) -> Unknown:
        share = link.share
        low, likely, high = (one / share.expected - 1 for one in _points(share))
        is_in = link.item in self.chosen
        parts = [abs(one) if is_in else max(0.0, one) for one in (low, likely, high)]
        bound = term.ux_value * sum(p * x for p, x in zip(PERT, parts, strict=True))
        basis = "is assumed" if link.is_assumed else f"is of grade {link.grade}"
        return Unknown(
            key=link.item,
            title=self.program.items[link.item].title,
            missing=SURER_SHARE if link.is_measured else SHARE,
            why=f"its share of {link.metric}, {share.low:.0%} to {share.high:.0%}, {basis}",
            takes=_to_measure(link),
            bound=bound,
            worlds=lambda: [
                (chance, self._with_removal(link, term.removal * part / share.expected))
                for chance, part in zip(PERT, _points(share), strict=True)
            ],
        )

    def _with_removal(self, link: Link, removal: float) -> Problem:
        """Return the problem with another removal of one item on one metric."""

        def changed(one: Candidate) -> Candidate:
            if one.key != link.item:
                return one
            removals = tuple(
                (metric, min(MAX_REMOVAL, removal) if metric == link.metric else old)
                for metric, old in one.removals
            )
            return replace(one, removals=removals)

        return replace(self.problem, candidates=tuple(map(changed, self.problem.candidates)))

    def stated(self) -> Iterator[Unknown]:
        """Yield metrics whose harm rests on a reading that somebody stated by hand."""
        for metric, harm in sorted(self.appraisal.harms.items()):
            now = dict(self.problem.harms).get(metric, 0.0)
            if not (harm.is_stated and harm.harm and now and harm.low is not None):
                continue
            deviation = ((harm.high or harm.harm) - harm.low) / (2 * INTERVAL_Z) / harm.harm
            factors = [
                max(0.0, 1 + deviation * NormalDist().inv_cdf(quantile)) for quantile in QUANTILES
            ]
            swing = sum(abs(one - 1) for one in factors) / len(factors)
            worlds = [(1 / len(factors), {metric: now * one}) for one in factors]
            yield Unknown(
                key=metric,
                title=self.metrics[metric].title,
                missing=MEASURED_READING,
                why=f"it was stated by hand: {harm.low:,.0f} to {harm.high or 0:,.0f} a sprint",
                takes=self._counter(metric),
                bound=now * swing * self._reach(self.problem, metric),
                worlds=partial(_reweighed, self.problem, worlds),
            )

    def unread(self) -> Iterator[Unknown]:
        """Yield metrics without a known harm that items are linked to."""
        known = sorted(harm for harm in self.appraisal.weighted.values() if harm > 0)
        linked: dict[str, list[Link]] = {}
        for link in self.appraisal.links:
            harm = self.appraisal.harms.get(link.metric)
            is_lacking = harm is not None and harm.missing and not harm.only_speaks
            if is_lacking and link.item in self.program.items:
                linked.setdefault(link.metric, []).append(link)
        for metric, links in sorted(linked.items()):
            draws = [quantile_of(known, one) for one in QUANTILES] if known else []
            shares = [self._usual_removal(link) for link in links]
            count = f"{len(links)} item{'' if len(links) == 1 else 's'}"
            yield Unknown(
                key=metric,
                title=self.metrics[metric].title,
                missing=METRIC_READING,
                why=f"{self.appraisal.harms[metric].missing}; {count} may relieve it",
                takes=self._counter(metric),
                bound=_mean(draws) * (1 - prod(1 - one for one in shares))
                + sum(self._unlocked(link.item) for link in links),
                worlds=partial(self._read, metric, links, draws) if draws else None,
            )

    def _read(self, metric: str, links: Sequence[Link], draws: Sequence[float]) -> list[World]:
        """Return the worlds in which a metric has harm, its items valued by it."""
        values = dict(self.values)
        for link in links:
            term = self._term(link.item, metric, self._usual_removal(link), link)
            values[link.item] = _with_term(values.get(link.item), term)
        counted = self.appraisal.counted | {metric: 1.0}
        base = self._rewritten(self.inputs, replace(self.appraisal, values=values, counted=counted))
        return [(1 / len(draws), _with_harms(base, {metric: harm})) for harm in draws]

    def barred(self) -> Iterator[Unknown]:
        """Yield items that lack an estimate or a link."""
        for key, barred in sorted(self.program.barred.items()):
            item = self.program.items[key]
            if barred.reason is Reason.NO_ESTIMATE:
                yield self._unestimated(item, barred.detail)
            elif barred.reason is Reason.NO_LINK and key not in self.appraisal.links_of:
                yield self._unlinked(item, barred.detail)

    def _unestimated(self, item: DebtItem, detail: str) -> Unknown:
        value = self.values.get(item.key)
        draws = [quantile_of(self.points, one) for one in QUANTILES] if self.points else []
        why = detail if value else f"{detail}; it {missing_value(item.key, self.appraisal)}"
        fits = [one for one in draws if exact(one) <= self.problem.ceiling]
        worth = (value.ux_value if value else 0.0) + self._unlocked(item.key)
        return Unknown(
            key=item.key,
            title=item.title,
            missing=ESTIMATE,
            why=why,
            takes=TAKES[ESTIMATE],
            bound=worth * len(fits) / len(draws) if draws else 0.0,
            worlds=(lambda: [(1 / len(draws), self._sized(item, one)) for one in draws])
            if draws and worth
            else None,
        )

    def _sized(self, item: DebtItem, points: float) -> Problem:
        sized = item.model_copy(update={"points": points})
        items = tuple(sized if one.key == item.key else one for one in self.inputs.items)
        return self._rewritten(self.inputs.model_copy(update={"items": items}), self.appraisal)

    def _unlinked(self, item: DebtItem, detail: str) -> Unknown:
        per_point = sorted(
            self.values[one.key].ux_value / float(one.points)
            for one in self.problem.candidates
            if one.key in self.values and one.points > 0
        )
        points = item.points or 0.0
        draws = [quantile_of(per_point, one) * points for one in QUANTILES] if per_point else []
        return Unknown(
            key=item.key,
            title=item.title,
            missing=LINK,
            why=detail,
            takes=TAKES[LINK],
            bound=TOUCHES * _mean(draws) + self._unlocked(item.key) if draws else 0.0,
            worlds=partial(self._touching, item, draws) if draws else None,
        )

    def _touching(self, item: DebtItem, draws: Sequence[float]) -> list[World]:
        """Return the worlds in which an item is worth so much.

        In the one where it touches nothing today's plan stays the best.
        """
        half = self._term(item.key, SOMEWHERE, 0.5, None)
        values = {**self.values, item.key: _with_term(None, half)}
        metric = UxMetric(id=SOMEWHERE, flow="", step="", kind=MetricKind.ERROR_RATE, target=0.0)
        inputs = self.inputs.model_copy(update={"metrics": (*self.inputs.metrics, metric)})
        appraisal = replace(
            self.appraisal,
            values=values,
            counted=self.appraisal.counted | {SOMEWHERE: 1.0},
            weights=self.appraisal.weights | {SOMEWHERE: 1.0},
        )
        base = self._rewritten(inputs, appraisal)
        chance = TOUCHES / len(draws)
        # One half of twice the value, and nothing else touches it: exactly the value.
        return [(chance, _with_harms(base, {SOMEWHERE: 2 * worth})) for worth in draws]

    def _rewritten(self, inputs: Inputs, appraisal: Appraisal) -> Problem:
        """Return the problem of other inputs, its reserve as it is today."""
        problem = write_program(inputs, appraisal).problem
        return replace(
            problem, ceiling=self.problem.ceiling, floor=self.problem.floor, keep_within=0.0
        )

    def _usual_removal(self, link: Link) -> float:
        return min(MAX_REMOVAL, link.share.expected * self.inputs.links.grades[link.grade])

    def _term(self, item: str, metric: str, removal: float, link: Link | None) -> Term:
        """Return a term of an item whose harm is still to be said."""
        return Term(
            item=item,
            metric=metric,
            harm=1.0,
            weight=1.0,
            share=link.share.expected if link else removal,
            grade=link.grade if link else Grade.E,
            grade_factor=1.0,
            calibration=1.0,
            shrink=1.0,
            removal=removal,
            ux_value=removal,
            noise=0.0,
        )

    def _reach(self, problem: Problem, metric: str) -> float:
        """Return the part of a metric's harm that all items together remove."""
        parts = [
            removal
            for one in problem.candidates
            for name, removal in one.removals
            if name == metric
        ]
        return 1 - prod(1 - one for one in parts)

    def _unlocked(self, key: str) -> float:
        """Return the value of what waits for an item."""
        waiting = closure(self.followers.get(key, ()), self.followers)
        return sum(self.values[one].ux_value for one in waiting if one in self.values)

    def _counter(self, metric: str) -> str:
        one = self.metrics[metric]
        return f"add a counter on step {one.step} of {one.flow}"


def quantile_of(ordered: Sequence[float], at: float) -> float:
    """Return a quantile of numbers in order, at least one, between the two nearest ones."""
    place = at * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def _points(share: Share) -> tuple[float, float, float]:
    return share.low, share.likely, share.high


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _reweighed(
    problem: Problem, worlds: Sequence[tuple[float, Mapping[str, float]]]
) -> list[World]:
    return [(chance, _with_harms(problem, harms)) for chance, harms in worlds]


def _with_harms(problem: Problem, changed: Mapping[str, float]) -> Problem:
    harms = tuple((metric, changed.get(metric, harm)) for metric, harm in problem.harms)
    return replace(problem, harms=harms)


def _with_term(value: ItemValue | None, term: Term) -> ItemValue:
    terms = (*(value.terms if value else ()), term)
    return ItemValue(
        item=term.item,
        ux_value=sum(one.ux_value for one in terms),
        claimed=sum(one.ux_value for one in terms),
        shrink=1.0,
        terms=terms,
    )


def _to_measure(link: Link) -> str:
    if link.selector is not None:
        return f"count sessions with {link.selector}"
    return "one spike of a day: which error code or endpoint does it go by"
