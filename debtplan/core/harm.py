"""From readings to harm: how many sessions a sprint a metric frustrates beyond its goal.

    harm_m = N * max(0, q - q*)

N is the number of sessions per sprint exposed to the metric's step, q the share of them that the
metric frustrates and q* that share at the goal. A tolerating session counts one half.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from math import sqrt
from statistics import NormalDist

from pydantic import Field

from debtplan.core.consistency import latest_scan, misread, own_level, value_of
from debtplan.core.flow import CONSISTENCY, FOUND, SCANNED, TIMED, Flow, MetricKind, UxMetric
from debtplan.core.frustration import Frustration, frustrated_share, goal_share
from debtplan.core.item import Skipped
from debtplan.core.reading import Counts, Reading, Window
from debtplan.core.record import Value

INTERVAL_Z = NormalDist().inv_cdf(0.9)
"""Half width, in standard errors, of every interval shown: from the 10th to the 90th percentile."""


class HarmPolicy(Value):
    """How harm is measured.

    Attributes:
        window_days: Complete days that count, the last 24 hours never.
        history_days: Days of readings kept for charts and for a metric's own best window.
        prior_answers: Answers at the product's mean that shrink a step's CSAT (beta-binomial).
    """

    window_days: int = Field(default=28, ge=1, le=366)
    history_days: int = Field(default=180, ge=1, le=1096)
    prior_answers: float = Field(default=20.0, ge=0)


class Harm(Value):
    """What one metric costs users, or why that is not known.

    Attributes:
        sessions: N, sessions per sprint exposed to the step; None is unknown.
        sessions_basis: Where N comes from, in words.
        share: q, the frustrated share in the window, in [0, 1].
        goal: q*, that share at the target or reference, in [0, 1].
        harm: N * max(0, q - q*), frustrated sessions per sprint; None is unknown.
        low: 10th percentile of the harm; None where no sample size is known.
        high: 90th percentile, likewise.
        sample_size: Observations in the window; None is unknown.
        readings: How many readings the window holds.
        is_bound: True where q is a lower bound (the histogram ends before 4T).
        is_stated: True where a reading was stated by hand; such a metric supports grade E at most.
        missing: What keeps the harm unknown, one sentence; empty where it is known.
        only_speaks: True where the kind never carries harm and only speaks for links.
        level: What such a metric was measured at, in the terms of its target; None is unknown.
        is_beyond: Whether such a metric misses its target: a scan does or does not, rage clicks
            where even the lower end of their interval does.
    """

    metric: str
    sessions: float | None = None
    sessions_basis: str = ""
    share: float | None = None
    goal: float | None = None
    harm: float | None = None
    low: float | None = None
    high: float | None = None
    sample_size: float | None = None
    readings: int = 0
    is_bound: bool = False
    is_stated: bool = False
    missing: str = ""
    only_speaks: bool = False
    level: float | None = None
    is_beyond: bool = False

    @property
    def excess(self) -> float:
        """max(0, q - q*), in [0, 1]; 0 where unknown."""
        if self.share is None or self.goal is None:
            return 0.0
        return max(0.0, self.share - self.goal)


def measure_harm(
    metrics: Sequence[UxMetric],
    flows: Mapping[str, Flow],
    readings: Sequence[Reading],
    window: Window,
    sprint_days: float,
    policy: HarmPolicy,
) -> tuple[Harm, ...]:
    """Return the harm of every metric, in the metrics' order.

    Args:
        metrics: What is measured.
        flows: Flows by id; every metric's flow is among them.
        readings: All readings known, of any metric and age.
        window: The span that counts.
        sprint_days: Calendar days from one sprint's start to the next.
        policy: How harm is measured.
    """
    by_metric, unfit = _by_metric(metrics, readings)
    mean = _product_mean(metrics, by_metric, window)
    shares = {
        metric.id: _window_share(metric, by_metric[metric.id], window, mean, policy)
        for metric in metrics
        if metric.kind not in FOUND
    }
    return tuple(
        _spoken(metric, by_metric[metric.id], shares.get(metric.id), window, unfit.get(metric.id))
        if metric.kind in CONSISTENCY
        else _harm(metric, flows[metric.flow], by_metric, shares, window, sprint_days)
        if shares[metric.id] is not None or metric.id not in unfit
        else Harm(metric=metric.id, missing=unfit[metric.id][0])
        for metric in metrics
    )


def _by_metric(
    metrics: Sequence[UxMetric], readings: Sequence[Reading]
) -> tuple[dict[str, list[Reading]], dict[str, list[str]]]:
    """Return by metric the readings that it can use, in order, and why it cannot use each other."""
    by_metric: dict[str, list[Reading]] = {metric.id: [] for metric in metrics}
    declared = {metric.id: metric for metric in metrics}
    unfit: dict[str, list[str]] = {}
    for reading in sorted(readings, key=_in_order):
        if reading.metric in declared:
            problem = misread(declared[reading.metric], reading)
            if problem:
                unfit.setdefault(reading.metric, []).append(problem)
            else:
                by_metric[reading.metric].append(reading)
    return by_metric, unfit


def skip_unfit(metrics: Sequence[UxMetric], readings: Sequence[Reading]) -> tuple[Skipped, ...]:
    """Return one notice a metric whose readings have a form that its kind cannot use.

    `measure_harm` leaves such readings out.
    """
    _, found = _by_metric(metrics, readings)
    return tuple(
        Skipped(ref=metric, reason=f"{len(problems):,} readings are left out: {problems[0]}")
        for metric, problems in found.items()
    )


def _in_order(reading: Reading) -> tuple[str, datetime, datetime, str]:
    return (reading.metric, reading.start_at, reading.end_at, reading.source)


def _harm(
    metric: UxMetric,
    flow: Flow,
    by_metric: Mapping[str, Sequence[Reading]],
    shares: Mapping[str, Frustration | None],
    window: Window,
    sprint_days: float,
) -> Harm:
    inside = [reading for reading in by_metric[metric.id] if window.holds(reading)]
    share = shares[metric.id]
    if share is None:
        return Harm(metric=metric.id, missing=_no_reading(metric, by_metric[metric.id], window))
    goal = _goal(metric, by_metric[metric.id], shares, window)
    sessions, basis = _exposure(metric, flow, inside, window, sprint_days)
    known = Harm(
        metric=metric.id,
        sessions=sessions,
        sessions_basis=basis,
        share=share.share,
        goal=goal,
        sample_size=share.sample_size,
        readings=len(inside),
        is_bound=share.is_bound,
        is_stated=any(reading.stated_by for reading in inside),
    )
    if goal is None:
        return known.model_copy(update={"missing": _no_goal(metric)})
    if sessions is None:
        return known.model_copy(update={"missing": _no_sessions(metric)})
    low, high = _interval(metric, share, goal, sessions)
    return known.model_copy(
        update={"harm": sessions * max(0.0, share.share - goal), "low": low, "high": high}
    )


def _spoken(
    metric: UxMetric,
    readings: Sequence[Reading],
    share: Frustration | None,
    window: Window,
    unfit: Sequence[str] | None,
) -> Harm:
    """Return where a metric stands that only speaks for links; its harm is never known."""
    inside = [reading for reading in readings if window.holds(reading)]
    known = Harm(metric=metric.id, readings=len(inside), only_speaks=True)
    if not inside:
        missing = unfit[0] if unfit else _no_reading(metric, readings, window)
        return known.model_copy(update={"missing": missing})
    if metric.kind in SCANNED:
        value, low = (value_of(metric, latest_scan(inside)),) * 2
    else:
        value, size = (share.share, share.sample_size) if share else (0.0, None)
        low = wilson(value, size, INTERVAL_Z)[0] if size else 0.0
    goal = metric.target if metric.kind in FOUND else goal_share(metric)
    is_share = metric.kind not in FOUND
    return known.model_copy(
        update={
            "share": value if is_share else None,
            "goal": goal if is_share else None,
            "sample_size": share.sample_size if share and metric.kind not in SCANNED else None,
            "is_stated": any(reading.stated_by for reading in inside),
            "missing": f"{metric.title} only speaks for links and carries no harm",
            "level": own_level(metric, value),
            "is_beyond": goal is not None and low > goal,
        }
    )


def _window_share(
    metric: UxMetric,
    readings: Sequence[Reading],
    window: Window,
    csat_mean: float | None,
    policy: HarmPolicy,
) -> Frustration | None:
    """Return q over the window: the mean of the readings' shares, weighted by their samples.

    A mixture's frustrated share is the weighted mean of its parts' shares, for every kind. Where a
    reading has no sample size the readings weigh the same and the sample size stays unknown.
    CSAT is shrunk to the product's mean: q = (bad + k * mean) / (answers + k), k = prior_answers.
    """
    parts = [frustrated_share(metric, one) for one in readings if window.holds(one)]
    if not parts:
        return None
    sizes = [part.sample_size for part in parts]
    known = [size for size in sizes if size is not None]
    total = sum(known) if len(known) == len(sizes) else None
    if total is None:
        share = sum(part.share for part in parts) / len(parts)
    else:
        share = sum(p.share * (p.sample_size or 0) for p in parts) / total
    if metric.kind is MetricKind.CSAT and total is not None and csat_mean is not None:
        prior = policy.prior_answers
        share = (share * total + prior * csat_mean) / (total + prior)
    return Frustration(min(share, 1.0), total, any(part.is_bound for part in parts))


def _product_mean(
    metrics: Sequence[UxMetric], by_metric: Mapping[str, Sequence[Reading]], window: Window
) -> float | None:
    """Return the dissatisfied share over all CSAT answers of the window, None without any."""
    counts = [
        reading.measure
        for metric in metrics
        if metric.kind is MetricKind.CSAT
        for reading in by_metric[metric.id]
        if window.holds(reading) and isinstance(reading.measure, Counts)
    ]
    answers = sum(count.total for count in counts)
    return sum(count.bad for count in counts) / answers if answers else None


def _goal(
    metric: UxMetric,
    readings: Sequence[Reading],
    shares: Mapping[str, Frustration | None],
    window: Window,
) -> float | None:
    """Return q*: from the target, or for drop-off from the reference; None is unknown."""
    if metric.kind is not MetricKind.DROP_OFF:
        return goal_share(metric)
    if isinstance(metric.reference, int | float):
        return float(metric.reference)
    if metric.reference == "best":
        return _best_share(metric, readings, window)
    sibling = shares.get(str(metric.reference))
    return sibling.share if sibling else None


def _best_share(metric: UxMetric, readings: Sequence[Reading], window: Window) -> float | None:
    """Return the lowest drop-off over any earlier span as long as the window, if there is one.

    A span counts where readings cover as many of its days as they cover of the window's.
    """
    need = _covered_days([one for one in readings if window.holds(one)])
    earlier = [one for one in readings if one.end_at.date() <= window.start_on]
    parts = [frustrated_share(metric, one) for one in earlier]
    weights = [part.sample_size or 1.0 for part in parts]
    # Sums up to each reading: a span's is the difference of two.
    bad = [0.0, *accumulate(p.share * w for p, w in zip(parts, weights, strict=True))]
    total = [0.0, *accumulate(weights)]
    days = [0.0, *accumulate(_covered_days([one]) for one in earlier)]
    best: float | None = None
    last = 0
    for first, reading in enumerate(earlier):
        end = reading.start_at + timedelta(days=window.days)
        last = max(last, first)
        while last < len(earlier) and earlier[last].end_at <= end:
            last += 1
        if last > first and days[last] - days[first] >= need - 1e-9:
            mean = max(0.0, (bad[last] - bad[first]) / (total[last] - total[first]))
            best = mean if best is None else min(best, mean)
    return best


def _covered_days(readings: Sequence[Reading]) -> float:
    """Return the days that readings of one metric cover; two at once count twice."""
    return sum((one.end_at - one.start_at) / timedelta(days=1) for one in readings)


def _exposure(
    metric: UxMetric, flow: Flow, inside: Sequence[Reading], window: Window, sprint_days: float
) -> tuple[float | None, str]:
    """Return N, sessions per sprint exposed to the step, and where it comes from.

    In this order: stated for the metric; counted by the metric itself (attempts, entries,
    sessions); stated for the segment or the flow; for timed kinds and web vitals the samples,
    scaled to a sprint. Answers to a survey are never sessions, nor is the sample of a reading that
    was stated by hand. Days without readings are unknown, not days without sessions.
    """
    if metric.sessions_per_sprint is not None:
        return metric.sessions_per_sprint, "stated for the metric"
    covered = _covered_days(inside)
    scale = sprint_days / covered if covered else 0.0
    days = f"{sprint_days:g} days"
    scaled = days if covered == window.days else f"{days} from {covered:g} days with readings"
    sizes = [reading.observations for reading in inside]
    total = None if any(size is None for size in sizes) else sum(size or 0 for size in sizes)
    counts = (MetricKind.DROP_OFF, MetricKind.ERROR_RATE, MetricKind.TICKET_RATE)
    counted = metric.kind in counts and not any(reading.stated_by for reading in inside)
    if counted and total and all(isinstance(one.measure, Counts) for one in inside):
        return total * scale, f"counted in the window, scaled to {scaled}"
    for segment in flow.segments:
        if segment.id == metric.segment and segment.sessions_per_sprint is not None:
            return segment.sessions_per_sprint, f"stated for segment {segment.id}"
    if flow.sessions_per_sprint is not None and metric.segment == "all":
        return flow.sessions_per_sprint, f"stated for flow {flow.id}"
    sampled = metric.kind in TIMED or metric.kind is MetricKind.WEB_VITAL or counted
    if sampled and total and not any(reading.stated_by for reading in inside):
        return total * scale, f"samples in the window, scaled to {scaled}"
    return None, ""


def _interval(
    metric: UxMetric, share: Frustration, goal: float, sessions: float
) -> tuple[float, float] | tuple[None, None]:
    """Return the harm's 10th and 90th percentile by Wilson's score interval for a share.

    Wilson (1927); few samples widen it and never move the value. Of tickets, only the reporting
    rate's part of the sessions could be seen to be hurt, so only that part is the sample.
    """
    if share.sample_size is None:
        return None, None
    is_reported = metric.kind is MetricKind.TICKET_RATE
    seen = share.sample_size * (metric.reporting_rate or 1.0 if is_reported else 1.0)
    low, high = wilson(share.share, seen, INTERVAL_Z)
    return sessions * max(0.0, low - goal), sessions * max(0.0, high - goal)


def wilson(share: float, size: float, z: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share in [0, 1] seen in `size` > 0 observations."""
    spread = z * z / size
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / size + spread / (4 * size)) / (1 + spread)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def _no_reading(metric: UxMetric, readings: Sequence[Reading], window: Window) -> str:
    if readings:
        last = max(reading.end_at for reading in readings).date()
        return (
            f"no reading of {metric.title} lies in the window {window.start_on} to "
            f"{window.end_on} (exclusive); the last one ends on {last}"
        )
    return f"no reading of {metric.title} is known"


def _no_goal(metric: UxMetric) -> str:
    if metric.reference == "best":
        return f"{metric.title} has no complete earlier window to take its best from"
    return f"the reference {metric.reference!r} of {metric.title} has no reading in the window"


def _no_sessions(metric: UxMetric) -> str:
    return (
        f"how many sessions per sprint meet {metric.title} is not known; "
        "set sessions_per_sprint for the flow, the segment or the metric"
    )
