"""A goal on a metric, and the share of its harm that has to go for it.

Items remove shares of a metric's harm, and harm is only what exceeds the metric's target. A goal is
about the metric itself. With q the frustrated share today, q* that share at the target, and g the
one at the goal, a set of items brings the metric to its goal where

    prod over chosen i of (1 - removal_i) <= 1 - c,      c = (q - g) / (q - q*)

Nothing removes more than all harm: a goal beyond the target (c > 1) cannot be shown by this model.
"""

from enum import StrEnum
from math import inf, isfinite

from debtplan.core.flow import FOUND, TIMED, MetricKind, UxMetric
from debtplan.core.harm import Harm
from debtplan.core.record import Value

RISING = TIMED | {MetricKind.CSAT, MetricKind.WEB_VITAL, MetricKind.ADOPTION}
"""Kinds whose number is a score: more of it is better."""

AT_GOAL = 1e-9
"""A needed share of harm up to this one is nothing; beyond all of it by no more is all of it."""


class GoalStatus(StrEnum):
    """What can be said about a goal."""

    MET = "met"
    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"
    """All items that could be done together fall short."""
    BEYOND = "beyond"
    """The goal is better than the target: more than all harm would have to go."""
    UNKNOWN = "unknown"
    """The metric's harm is not known, or counted with another metric."""


class Wanted(Value):
    """What is asked of a metric; exactly one of the two is set.

    Attributes:
        relative: Change of today's number, -0.2 for a fifth less. For a score (an Apdex, satisfied
            answers, good visits) a negative one is taken of what is bad, a positive one of the
            score.
        value: The number to reach, in the metric's own terms: what `UxMetric.target` says, and the
            share of sessions lost for drop-off. In [0, 1]; a number of findings is 0 or more.
    """

    relative: float | None = None
    value: float | None = None


class Need(Value):
    """What a goal asks for.

    Attributes:
        status: Whether the goal is met, beyond the target, unknown, or still to be looked for
            (reachable, until the items say otherwise).
        today: Today's number in the metric's own terms; None is unknown.
        wanted: The number to reach, likewise.
        normal: The number at the target or reference, likewise.
        share: q, frustrated share today, in [0, 1].
        wanted_share: g, that share at the goal.
        normal_share: q*, that share at the target.
        removal: c, share of the harm that has to go; 0 where met, above 1 beyond the target, None
            where there is no harm to take a share of.
        why: What stands in the way, in words; empty where nothing does.
    """

    status: GoalStatus
    today: float | None = None
    wanted: float | None = None
    normal: float | None = None
    share: float | None = None
    wanted_share: float | None = None
    normal_share: float | None = None
    removal: float | None = None
    why: str = ""


def parse_share(text: str) -> float:
    """Return a share or a change as people write it: `-20%`, `0.2`, `12.5 %`.

    Raises:
        ValueError: It is neither.
    """
    plain = text.strip().replace("\u2212", "-")
    number, is_percent = plain.removesuffix("%").strip(), plain.endswith("%")
    try:
        found = float(number)
    except ValueError:
        msg = f"{text!r} is no share"
        raise ValueError(msg) from None
    if not isfinite(found):
        msg = f"{text!r} is no share"
        raise ValueError(msg)
    if not is_percent and abs(found) > 1:
        msg = f"{text!r} is no share; {number}% would be one"
        raise ValueError(msg)
    return found / 100 if is_percent else found


def own_number(metric: UxMetric, share: float) -> float:
    """Return a frustrated share in the metric's own terms: see `goal_share`, whose inverse it is.

    A web vital's number counts a poor visit as two that need improvement, as its goal does; where
    over half of the visits are poor it is 0.
    """
    if metric.kind is MetricKind.WEB_VITAL:
        return max(0.0, 1 - 2 * share)
    if metric.kind in RISING:
        return 1 - share
    if metric.kind is MetricKind.TICKET_RATE:
        return share * (metric.reporting_rate or 1.0)
    return share


def share_at(metric: UxMetric, number: float) -> float:
    """Return the frustrated share at a number in the metric's own terms, in [0, 1]."""
    if metric.kind is MetricKind.WEB_VITAL:
        return (1 - number) / 2
    if metric.kind in RISING:
        return 1 - number
    if metric.kind is MetricKind.TICKET_RATE:
        return min(1.0, number / (metric.reporting_rate or 1.0))
    return number


def read_goal(metric: UxMetric, harm: Harm, wanted: Wanted, *, is_counted: bool) -> Need:
    """Return the share of harm that has to go.

    Args:
        metric: The metric.
        harm: What is measured of it.
        wanted: Its goal.
        is_counted: Whether it carries harm of its own in the ledger.

    Raises:
        ValueError: The goal is none: no number of the metric, worse than today by its sign, or not
            one of the two ways.
    """
    check_wanted(metric, wanted)
    share, normal = harm.share, harm.goal
    known = Need(
        status=GoalStatus.UNKNOWN,
        today=None if share is None else own_number(metric, share),
        normal=None if normal is None else own_number(metric, normal),
        share=share,
        normal_share=normal,
    )
    if share is None or normal is None or harm.harm is None:
        return known.model_copy(update={"why": harm.missing})
    goal = _goal_share(metric, share, wanted)
    asked = {"wanted": own_number(metric, goal), "wanted_share": goal}
    return known.model_copy(
        update=asked | _needed(metric, (share, goal, normal), is_counted=is_counted)
    )


def _needed(
    metric: UxMetric, shares: tuple[float, float, float], *, is_counted: bool
) -> dict[str, GoalStatus | float | str | None]:
    """Return status, needed removal and what stands in the way, from q, g and q*."""
    share, goal, normal = shares
    if goal >= share - AT_GOAL:
        return {"status": GoalStatus.MET, "removal": 0.0}
    if not is_counted:
        why = f"{metric.title} only supports other metrics of its step and carries no harm itself"
        return {"status": GoalStatus.UNKNOWN, "why": why}
    if share <= normal:
        why = "today is at the target or better, so no harm is left that items could remove"
        return {"status": GoalStatus.BEYOND, "why": why}
    removal = (share - goal) / (share - normal)
    if removal > 1 + AT_GOAL:
        why = "the goal is better than the target, and items remove only what exceeds the target"
        return {"status": GoalStatus.BEYOND, "why": why, "removal": removal}
    return {"status": GoalStatus.REACHABLE, "removal": min(1.0, removal)}


def number_after(metric: UxMetric, need: Need, removal: float) -> float:
    """Return the metric's number, in its own terms, with that share of its harm gone.

    Raises:
        ValueError: Today's number or its target is not known.
    """
    if need.share is None or need.normal_share is None:
        msg = f"{metric.id} has no known harm"
        raise ValueError(msg)
    excess = max(0.0, need.share - need.normal_share)
    return own_number(metric, need.share - removal * excess)


def check_wanted(metric: UxMetric, wanted: Wanted) -> None:
    """Refuse what is no goal.

    Raises:
        ValueError: See `read_goal`.
    """
    if (wanted.relative is None) == (wanted.value is None):
        msg = "a goal is either a change or a number to reach"
        raise ValueError(msg)
    most = inf if metric.kind in FOUND else 1.0
    if wanted.value is not None and not 0 <= wanted.value <= most:
        msg = f"{wanted.value:g} is no {'number of findings' if most > 1 else 'share in [0, 1]'}"
        raise ValueError(msg)
    if wanted.relative is None:
        return
    if not wanted.relative > -1:
        msg = f"a change of {wanted.relative:.0%} leaves less than nothing"
        raise ValueError(msg)
    if wanted.relative >= 0 and metric.kind not in RISING:
        msg = f"a change of {wanted.relative:+.0%} makes {metric.title} no better: less is better"
        raise ValueError(msg)


def _goal_share(metric: UxMetric, share: float, wanted: Wanted) -> float:
    """Return g, the frustrated share at the goal."""
    if wanted.value is not None:
        return share_at(metric, wanted.value)
    change = wanted.relative or 0.0
    if change < 0:
        return share * (1 + change)
    return max(0.0, share_at(metric, own_number(metric, share) * (1 + change)))
