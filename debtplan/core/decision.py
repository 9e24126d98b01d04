"""The decision as a document: chosen and passed over with their reasons, ledger, findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import expm1, fsum, log1p
from typing import Any

from debtplan.core.alternatives import Explained
from debtplan.core.appraisal import Appraisal
from debtplan.core.digest import with_digest
from debtplan.core.eligible import missing_value
from debtplan.core.enabling import fill_pot
from debtplan.core.exact import exact
from debtplan.core.explain import Drop
from debtplan.core.finding import find_warnings
from debtplan.core.gaps import ESTIMATE, LINK, READING, with_worths
from debtplan.core.graph import work_order
from debtplan.core.horizon import Outlook, Span
from debtplan.core.inputs import Inputs
from debtplan.core.item import Skipped
from debtplan.core.ledger_table import write_ledger
from debtplan.core.plan import (
    Ahead,
    Baseline,
    CapacityUse,
    Chosen,
    Flip,
    FrontierPoint,
    Interval,
    MeasureFirst,
    PassedOver,
    Plan,
    PlanTerm,
    Reason,
    ReserveUse,
    SolverUse,
    SourceRow,
    SprintRef,
)
from debtplan.core.problem import Selection
from debtplan.core.program import Program
from debtplan.core.rivals import Rivals


@dataclass(frozen=True, slots=True)
class Extras:
    """What solving again and simulating added; all of it may be missing.

    Attributes:
        drops: By chosen key.
        force_losses: By passed-over key.
        flips: By passed-over key.
        frontier: From a reserve of 0 upwards.
        certainty: Share of simulated worlds whose optimum holds a candidate, by key.
        outlook: The coming sprints together; None where only the first is planned.
        explained: What surrounds the plan.
        measured: What some of the missing and weak numbers are worth.
    """

    drops: Mapping[str, Drop | None] = field(default_factory=dict)
    force_losses: Mapping[str, float | None] = field(default_factory=dict)
    flips: Mapping[str, Flip] = field(default_factory=dict)
    frontier: Sequence[FrontierPoint] = ()
    interval: Interval | None = None
    certainty: Mapping[str, float] = field(default_factory=dict)
    outlook: Outlook | None = None
    explained: Explained | None = None
    measured: Sequence[MeasureFirst] = ()


def write_plan(
    inputs: Inputs,
    appraisal: Appraisal,
    program: Program,
    selections: tuple[Selection, Selection],
    extras: Extras,
    made: tuple[datetime, str],
) -> Plan:
    """Return the plan document.

    Args:
        inputs: All that the plan is made from.
        appraisal: What everything is worth.
        program: The program of the coming sprint.
        selections: The engine's answer, and the baseline's.
        extras: What solving again added.
        made: When, and by which version of debtplan.
    """
    plan = _unsigned(inputs, appraisal, program, selections, extras)
    return with_digest(plan.model_copy(update={"created_at": made[0], "debtplan_version": made[1]}))


def _unsigned(
    inputs: Inputs,
    appraisal: Appraisal,
    program: Program,
    selections: tuple[Selection, Selection],
    extras: Extras,
) -> Plan:
    """Return the document without its digest, as if made at the time of its inputs."""
    selection, baseline = selections
    outlook = extras.outlook
    decided = outlook.selection if outlook and outlook.is_joint else selection
    chosen = _chosen(inputs, appraisal, program, selection, extras)
    metrics = dict.fromkeys(appraisal.counted, 0.0) | relief_by_metric(program, selection.chosen)
    unweighted = (value / appraisal.weights[metric] for metric, value in metrics.items())
    return Plan(
        **_unmade(inputs),
        capacity=_capacity_use(inputs, program, chosen),
        solver=_solver_use(decided),
        ux_value=selection.value or 0.0,
        sessions=fsum(unweighted),
        money=_money(inputs, appraisal, metrics),
        interval=extras.interval,
        explained=extras.explained,
        baseline=_baseline(decided, baseline),
        chosen=chosen,
        ahead=_ahead(inputs, outlook),
        next=_next(inputs, appraisal, program, extras),
        enabling=fill_pot(inputs, appraisal, program),
        passed_over=_passed_over(inputs, appraisal, program, selection, extras),
        frontier=tuple(extras.frontier),
        ledger=write_ledger(appraisal, selection.chosen),
        measure_first=with_worths(_measure_first(program, appraisal), extras.measured),
        skipped=_skipped(inputs, program),
        sources=_sources(inputs),
        findings=find_warnings(inputs, appraisal, program, selection, _begun(chosen)),
        inputs=inputs,
    )


def _unmade(inputs: Inputs) -> dict[str, Any]:
    """Return whose plan it is, as if made at the time of its inputs."""
    return {
        "debtplan_version": "",
        "plan_id": "",
        "digest": "",
        "created_at": inputs.as_of,
        "team": inputs.team,
        "sprint": SprintRef(**inputs.sprint.model_dump()),
        "unit": inputs.unit,
        "currency": inputs.currency,
        "weights_version": inputs.weights_version,
    }


def relief_by_metric(program: Program, chosen: Sequence[str]) -> dict[str, float]:
    """Return the weighted harm that the chosen items remove of each metric they touch."""
    harms = dict(program.problem.harms)
    logs: dict[str, list[float]] = {}
    taken = frozenset(chosen)
    for one in program.problem.candidates:
        if one.key in taken:
            for metric, removal in one.removals:
                logs.setdefault(metric, []).append(log1p(-removal))
    return {metric: -harms[metric] * expm1(fsum(parts)) for metric, parts in sorted(logs.items())}


def _chosen(
    inputs: Inputs,
    appraisal: Appraisal,
    program: Program,
    selection: Selection,
    extras: Extras,
) -> tuple[Chosen, ...]:
    worth = {key: appraisal.values[key].ux_value for key in appraisal.values}

    def rank(key: str) -> float:
        return worth.get(key, 0.0) / max(program.items[key].points or 0.0, 1e-9)

    begun = {span.key: span for span in (extras.outlook.begun if extras.outlook else ())}
    order = work_order([*selection.chosen, *begun], program.waits, rank)
    return tuple(
        _one_chosen(inputs, appraisal, program, extras, begun.get(key, Span(key, 1, 1)), place)
        for place, key in enumerate(order, 1)
    )


def _begun(chosen: Sequence[Chosen]) -> float:
    """Return the points of the coming sprint for items that a later one finishes."""
    return fsum(one.points_now for one in chosen if one.finishes_in > 1)


def _next(
    inputs: Inputs, appraisal: Appraisal, program: Program, extras: Extras
) -> tuple[Chosen, ...]:
    """Return what is begun in later sprints, in the order of the schedule."""
    spans = extras.outlook.spans if extras.outlook else ()
    return tuple(
        _one_chosen(inputs, appraisal, program, extras, span, place)
        for place, span in enumerate((one for one in spans if one.first > 1), 1)
    )


def _ahead(inputs: Inputs, outlook: Outlook | None) -> Ahead | None:
    if outlook is None:
        return None
    sprints = (inputs.sprint, *inputs.later)
    answer = outlook.selection
    return Ahead(
        sprints=tuple(SprintRef(**one.model_dump()) for one in sprints),
        benefits=max(inputs.horizon.benefits, inputs.horizon.sprints),
        ux_value=answer.value or 0.0,
        alone=outlook.alone,
        is_joint=outlook.is_joint,
        status=answer.status,
        bound=answer.bound,
        gap=answer.gap,
    )


def _one_chosen(
    inputs: Inputs,
    appraisal: Appraisal,
    program: Program,
    extras: Extras,
    span: Span,
    place: int,
) -> Chosen:
    """Return an item that is worked on over a span of sprints."""
    key = span.key
    item, value, drop = program.items[key], appraisal.values.get(key), extras.drops.get(key)
    points, is_now = item.points or 0.0, span.first == 1
    sprints = (inputs.sprint, *inputs.later)
    return Chosen(
        key=key,
        title=item.title,
        url=item.url,
        points=points,
        points_now=float(exact(points) / (span.last - span.first + 1)) if is_now else 0.0,
        sprint=sprints[span.last - 1].name,
        finishes_in=span.last,
        ux_value=value.ux_value if value else 0.0,
        claimed=value.claimed if value else 0.0,
        money=_item_money(inputs, appraisal, key),
        order=place,
        certainty=extras.certainty.get(key) if is_now else None,
        drop_loss=drop.loss if drop else None,
        replaced_by=drop.replaced_by if drop else (),
        is_pinned=key in inputs.rules.pinned,
        terms=_terms(appraisal, key),
    )


def _passed_over(
    inputs: Inputs,
    appraisal: Appraisal,
    program: Program,
    selection: Selection,
    extras: Extras,
) -> tuple[PassedOver, ...]:
    """Return the items that are not in the plan: the most valuable first, unknown values last."""
    rows = []
    begun = {span.key for span in (extras.outlook.begun if extras.outlook else ())}
    rivals, taken = Rivals(program, appraisal, selection), {*selection.chosen, *begun}
    for key, item in program.items.items():
        if key in taken:
            continue
        value = appraisal.values.get(key)
        barred = program.barred.get(key) or rivals.why_not(key)
        rows.append(
            PassedOver(
                key=key,
                title=item.title,
                url=item.url,
                points=item.points,
                ux_value=value.ux_value if value else None,
                money=_item_money(inputs, appraisal, key),
                reason=barred.reason,
                detail=barred.detail,
                force_loss=extras.force_losses.get(key),
                flip=extras.flips.get(key, Flip()),
                certainty=extras.certainty.get(key),
                terms=_terms(appraisal, key),
            )
        )
    return tuple(
        sorted(rows, key=lambda row: (row.ux_value is None, -(row.ux_value or 0), row.key))
    )


def _terms(appraisal: Appraisal, key: str) -> tuple[PlanTerm, ...]:
    value = appraisal.values.get(key)
    if value is None:
        return ()
    links = {link.metric: link for link in appraisal.links_of[key]}
    return tuple(
        PlanTerm(
            is_assumed=links[term.metric].is_assumed,
            is_measured=links[term.metric].is_measured,
            **term.model_dump(exclude={"item", "noise", "calibration_error", "calibration_width"}),
        )
        for term in value.terms
    )


def _capacity_use(inputs: Inputs, program: Program, chosen: Sequence[Chosen]) -> CapacityUse:
    used = fsum(one.points_now for one in chosen)
    reserve, capacity = program.reserve, program.capacity
    return CapacityUse(
        points=capacity.points or 0.0,
        basis=capacity.basis,
        low=capacity.low,
        high=capacity.high,
        availability=capacity.availability,
        days=inputs.attendance.coming if inputs.attendance else None,
        reserve=ReserveUse(used=used, **reserve.model_dump()),
    )


def _solver_use(selection: Selection) -> SolverUse:
    return SolverUse(
        engine=selection.engine,
        backend=selection.backend,
        status=selection.status,
        gap=selection.gap,
        bound=selection.bound,
        seconds=selection.seconds,
        rounds=selection.rounds,
    )


def _baseline(selection: Selection, baseline: Selection) -> Baseline:
    value, best = baseline.value or 0.0, selection.value or 0.0
    return Baseline(
        rule="value per point",
        ux_value=value,
        share=value / best if best > 0 else 1.0,
        chosen=baseline.chosen,
    )


def _measure_first(program: Program, appraisal: Appraisal) -> tuple[MeasureFirst, ...]:
    """Return open items that cannot be valued or fitted yet, and what each lacks."""
    wanted = {Reason.NO_LINK: LINK, Reason.NO_ESTIMATE: ESTIMATE}
    rows = []
    for key, barred in program.barred.items():
        if barred.reason not in wanted:
            continue
        missing, why = wanted[barred.reason], barred.detail
        metrics = [link.metric for link in appraisal.links_of.get(key, ())]
        if barred.reason is Reason.NO_LINK and not all(
            appraisal.harms[metric].only_speaks for metric in metrics
        ):
            missing = READING
        elif barred.reason is Reason.NO_ESTIMATE and key not in appraisal.values:
            why = f"{barred.detail}; it {missing_value(key, appraisal)}"
        rows.append(MeasureFirst(key=key, title=program.items[key].title, missing=missing, why=why))
    return tuple(rows)


def _sources(inputs: Inputs) -> tuple[SourceRow, ...]:
    return tuple(
        SourceRow(name=one.name, fetched_at=one.fetched_at, status=one.status, detail=one.detail)
        for one in sorted(inputs.sources, key=lambda one: one.name)
    )


def _skipped(inputs: Inputs, program: Program) -> tuple[Skipped, ...]:
    rows = {*inputs.skipped, *program.capacity.skipped}
    return tuple(sorted(rows, key=lambda row: (row.ref, row.reason)))


def _money(inputs: Inputs, appraisal: Appraisal, relieved: Mapping[str, float]) -> float | None:
    """Return unweighted relief times each flow's value per session; None where any is not set."""
    price = {flow.id: flow.value_per_session for flow in inputs.flows}
    flow_of = {metric.id: metric.flow for metric in inputs.metrics}
    total = 0.0
    for metric, value in relieved.items():
        each = price[flow_of[metric]]
        if value and each is None:
            return None
        total += value / appraisal.weights[metric] * (each or 0.0)
    return total if any(each is not None for each in price.values()) else None


def _item_money(inputs: Inputs, appraisal: Appraisal, key: str) -> float | None:
    value = appraisal.values.get(key)
    if value is None:
        return None
    return _money(inputs, appraisal, {term.metric: term.ux_value for term in value.terms})
