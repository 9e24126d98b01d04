"""Freezing what an approved plan promises, so that nobody chooses the measure afterwards.

One forecast for every item that the sprint is to finish and every metric it is linked to: how large
the harm is, which part of it the item is to remove, which days are its baseline, which metrics it
is held against and which must not suffer.

The days that the plan was made from are nobody's baseline. Work is chosen because those days were
bad, and bad days are followed by better ones whatever is done (regression to the mean; Barnett, van
der Pols and Dobson 2005). The baseline therefore ends where the plan's own window begins.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from debtplan.core.appraisal import Appraisal
from debtplan.core.days import DayShare, between, correlation, daily_shares, swings
from debtplan.core.flow import SCANNED, UxMetric
from debtplan.core.forecast import Forecast
from debtplan.core.inputs import Inputs
from debtplan.core.judge import METHOD, OutcomePolicy
from debtplan.core.plan import Chosen, Plan, PlanTerm
from debtplan.core.value import MAX_REMOVAL

ALIKE = 0.3
"""Correlation of the days, trend and weekdays taken out, from which a metric is a control."""

Removals = Mapping[tuple[str, str], tuple[float, float]]
"""By item and metric, the removal at the 10th and the 90th percentile."""


def freeze(
    plan: Plan,
    appraisal: Appraisal,
    removals: Removals,
    frozen_at: datetime,
    policy: OutcomePolicy,
    days: Mapping[str, tuple[DayShare, ...]] | None = None,
) -> tuple[Forecast, ...]:
    """Return what a plan promises, by item and metric.

    Links to a metric without harm beyond its goal promise nothing and are left out.

    Args:
        plan: As it is approved.
        appraisal: Of its inputs.
        removals: Spread of every removal in the simulated worlds.
        frozen_at: Moment of the approval, aware UTC.
        policy: Baseline, and how many controls and guardrails.
        days: The metrics' days, where more of them are known than the plan holds.
    """
    series = days if days is not None else _series(plan.inputs)
    window = _baseline(appraisal.window.start_on, frozen_at, policy)
    metrics = {one.id: one for one in plan.inputs.metrics if one.kind not in SCANNED}
    linked = _linked(appraisal, [one.key for one in plan.chosen])
    quiet = {name: swings(between(days, *window)) for name, days in series.items()}
    found = []
    for item, term in _promises(plan):
        metric, own = metrics[term.metric], _linked(appraisal, [item.key])
        if appraisal.harms[term.metric].sessions and appraisal.harms[term.metric].excess > 0:
            watched = {
                "controls": _controls(metric, metrics, quiet, linked, policy),
                "guardrails": _guardrails(metric, metrics, series, own, policy),
                "definition": definition_of(metric),
            }
            claim = _forecast(plan, item, term, appraisal, removals)
            days_of = {"baseline_start_on": window[0], "baseline_end_on": window[1]}
            made = {"frozen_at": frozen_at, "after_days": policy.after_days}
            found.append(Forecast.model_validate({**claim, **watched, **days_of, **made}))
    return tuple(found)


def definition_of(metric: UxMetric) -> str:
    """Return a digest of what decides a metric's frustrated share and where it is measured."""
    fields = metric.model_dump(
        mode="json", exclude={"name", "critical", "target", "reference", "sessions_per_sprint"}
    )
    text = "\n".join(f"{name}={fields[name]!r}" for name in sorted(fields))
    return sha256(text.encode()).hexdigest()[:16]


def _series(inputs: Inputs) -> dict[str, tuple[DayShare, ...]]:
    return {one.id: daily_shares(one, inputs.readings) for one in inputs.metrics}


def _baseline(window_start: date, frozen_at: datetime, policy: OutcomePolicy) -> tuple[date, date]:
    """Return the days before the plan's own window, as far back as the setting says."""
    approved = frozen_at.astimezone(UTC).date()
    start = approved - timedelta(days=policy.baseline_days)
    return min(start, window_start), window_start


def _promises(plan: Plan) -> list[tuple[Chosen, PlanTerm]]:
    """Return the terms of what the sprint is to finish."""
    chosen = [one for one in plan.chosen if one.finishes_in == 1]
    return [(one, term) for one in chosen for term in one.terms]


def _linked(appraisal: Appraisal, keys: Sequence[str]) -> set[str]:
    return {link.metric for key in keys for link in appraisal.links_of.get(key, ())}


def _forecast(
    plan: Plan,
    item: Chosen,
    term: PlanTerm,
    appraisal: Appraisal,
    removals: Removals,
) -> dict[str, object]:
    """Return what is promised; without simulated worlds the interval is the number itself."""
    harm = appraisal.harms[term.metric]
    low, high = removals.get((item.key, term.metric), (term.removal, term.removal))
    kinds = {one.key: one.debt_kind for one in plan.inputs.items}
    return {
        "plan_id": plan.plan_id,
        "item": item.key,
        "metric": term.metric,
        "team": plan.team,
        "sprint_id": plan.sprint.id,
        "due_on": plan.sprint.end_on,
        "grade": term.grade,
        "debt_kind": kinds.get(item.key) or "",
        "sessions": harm.sessions,
        "bad_share": harm.share,
        "goal_share": harm.goal,
        "harm": term.harm,
        "removal": min(MAX_REMOVAL, term.removal),
        "low": low,
        "high": high,
        "calibration": term.calibration,
        "method": METHOD,
    }


def _controls(
    metric: UxMetric,
    metrics: Mapping[str, UxMetric],
    quiet: Mapping[str, dict[date, float]],
    linked: set[str],
    policy: OutcomePolicy,
) -> tuple[str, ...]:
    """Return the metrics that moved most like this one, that no chosen item is linked to.

    A metric of the same step sees the same people, so it is none.
    """
    own = quiet.get(metric.id, {})
    found = []
    for name in sorted(metrics):
        other = metrics[name]
        is_near = (other.flow, other.step) == (metric.flow, metric.step)
        if name not in linked and not is_near:
            alike = correlation(own, quiet.get(name, {}))
            if alike is not None and alike >= ALIKE:
                found.append((-alike, name))
    return tuple(name for _, name in sorted(found)[: policy.controls])


def _guardrails(
    metric: UxMetric,
    metrics: Mapping[str, UxMetric],
    series: Mapping[str, tuple[DayShare, ...]],
    own: set[str],
    policy: OutcomePolicy,
) -> tuple[str, ...]:
    """Return daily metrics that the item does not mean to change, those of its flow first."""
    others = [
        (one.flow != metric.flow, one.id)
        for one in metrics.values()
        if one.id not in own and one.id != metric.id and series.get(one.id)
    ]
    return tuple(name for _, name in sorted(others)[: policy.guardrails])
