"""What is said of the items that are not chosen, of another reserve, and of what nobody knows."""

from collections import Counter
from dataclasses import dataclass

from debtplan.core.item import ItemState
from debtplan.core.natural import natural
from debtplan.core.plan import Finding, Flip, PassedOver, Reason
from debtplan.core.text import clean_line, safe_url
from debtplan.render.facts import Facts
from debtplan.render.number import about, percent, sentence, some

_LINKLESS = "touches no metric"

REASONS: dict[Reason, str] = {
    Reason.NO_ESTIMATE: "not estimated",
    Reason.NO_LINK: _LINKLESS,
    Reason.TOO_LARGE: "too large for the reserve",
    Reason.OUTRANKED: "others help more",
    Reason.BLOCKED: "waits for another item",
    Reason.EXCLUDED: "an alternative was chosen",
    Reason.FORBIDDEN: "ruled out by the team",
    Reason.ROLE_FULL: "its role or part has no points left",
    Reason.NOT_OPEN: "not open",
}
"""Why an item was passed over, in words."""

HOPES: dict[Reason, tuple[str, ...]] = {
    Reason.NO_ESTIMATE: ("with an estimate",),
    Reason.NO_LINK: ("with a link to a metric",),
    Reason.TOO_LARGE: ("with a smaller first phase",),
    Reason.BLOCKED: ("after the item it waits for",),
    Reason.FORBIDDEN: ("if the team decides otherwise",),
    Reason.ROLE_FULL: ("with more points of its role",),
    Reason.NOT_OPEN: ("it does not wait",),
}
"""What could bring an item in where no number does."""

UNREAD = "its metric has no known harm"
"""Why an item was passed over that touches a metric, in words."""

_FURTHER = "the reserve goes further with "
_TOLD = {Reason.NO_ESTIMATE: "has no estimate", Reason.NO_LINK: _LINKLESS}
_VERBS = frozenset({"costs", "gives", "has", "is", "needs", "only", "touches", "waits"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item that is not chosen, in words.

    Attributes:
        ux_value: None where it is not known.
        reason: In words.
        detail: The same with names.
        brief: The detail without what the reason, the value or `say_common` says already.
        flips: What could bring it in, each alone; empty where nothing is known to.
        planned: In which later sprint it is planned, "" where in none.
    """

    key: str
    name: str
    title: str
    url: str | None
    points: float | None
    ux_value: float | None
    reason: str
    detail: str
    brief: str
    flips: tuple[str, ...]
    planned: str
    force_loss: float | None


def say_hopes(one: Waiting) -> tuple[str, ...]:
    """Return in which sprint an item is planned, and what could bring it in before."""
    return (*filter(None, [one.planned]), *one.flips)


def write_waiting(facts: Facts) -> tuple[Waiting, ...]:
    """Return the items that are left undone: most valuable first, unknown ones after them.

    What is done is none of them. What is in a sprint already comes last: nobody waits for it.
    """
    order = sorted(
        _left(facts),
        key=lambda one: (
            one.reason is Reason.NOT_OPEN,
            one.ux_value is None,
            -(one.ux_value or 0.0),
            natural(one.key),
        ),
    )
    common = _common(facts)
    return tuple(_waiting(facts, one, common) for one in order)


def tell_waiting(facts: Facts, one: PassedOver) -> Waiting:
    """Return one item that is not chosen, done or not."""
    return _waiting(facts, one, _common(facts))


def _reason(one: PassedOver) -> str:
    """Return why an item is left, in words; a link to a metric of unknown harm is a link."""
    is_linked = one.reason is Reason.NO_LINK and one.detail and not one.detail.startswith(_LINKLESS)
    return UNREAD if is_linked else REASONS[one.reason]


def _hopes(one: PassedOver) -> tuple[str, ...]:
    """Return what could bring an item in where no number does."""
    if _reason(one) == UNREAD:
        return ("with a reading of its metric",)
    if one.reason is Reason.BLOCKED and one.detail.startswith("is in a cycle"):
        return ("once the cycle is broken",)
    return HOPES.get(one.reason, ())


def _left(facts: Facts) -> list[PassedOver]:
    """Return the items that are not chosen, without those that are done."""
    done = {key for key, item in facts.items.items() if item.state is ItemState.DONE}
    return [one for one in facts.plan.passed_over if one.key not in done]


def say_common(facts: Facts) -> str:
    """Return what most outranked items are passed over for, to be said once; empty for none."""
    common = _common(facts)
    return sentence(f"Where others help more, {facts.shortened(common)}") if common else ""


def count_reasons(facts: Facts) -> tuple[tuple[str, int], ...]:
    """Return how many items are left undone for each reason, most first."""
    left = _left(facts)
    order = {_reason(one): one.reason for one in left}
    counts = Counter(_reason(one) for one in left)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], order[pair[0]], pair[0])))


def say_flips(facts: Facts, flip: Flip) -> tuple[str, ...]:
    """Return what alone would bring an item in, one phrase each."""
    phrases = []
    if flip.points is not None:
        phrases.append(f"if it shrinks to {facts.points(flip.points)}")
    if flip.ux_value is not None:
        phrases.append(f"if it is worth {about(flip.ux_value)} {facts.sessions} a sprint")
    if flip.reserve is not None:
        phrases.append(f"with a reserve of {percent(flip.reserve)}")
    return tuple(phrases)


def say_frontier(facts: Facts) -> Finding:
    """Return what the next points of reserve are worth."""
    plan = facts.plan
    if not plan.frontier:
        return Finding(
            claim="What another point of reserve is worth is not known: it was not computed."
        )
    steps = _steps(facts)
    most = max(point.reserve_share for point in plan.frontier)
    if not steps:
        claim = f"More reserve, up to {percent(most)} of the sprint, would spare nobody more."
        return Finding(claim=claim, figures={"reserve_share": most}, source="frontier")
    points, gain, share = steps[0]
    claim = f"{say_next(facts)} (a reserve of {percent(share)})"
    figures = {"points": points, "ux_value": gain, "reserve_share": share}
    if len(steps) > 1:
        then, less, _ = steps[1]
        only = "only about" if less < gain else "about"
        after = facts.points(then).removeprefix("1 ")
        claim += f"; the next {after} after that {only} {about(less)}"
        figures |= {"next_points": then, "next_ux_value": less}
    return Finding(claim=f"{claim}.", figures=figures, source="frontier")


def say_next(facts: Facts) -> str:
    """Return what the next points of reserve are worth, without a full stop; empty for nothing."""
    steps = _steps(facts)
    if not steps:
        return ""
    points, gain, _ = steps[0]
    spared = some(gain, f"more {facts.sessions}")
    return f"{_more(facts, points)} would spare {spared} a sprint"


def _more(facts: Facts, points: float) -> str:
    number, _, unit = facts.points(points).partition(" ")
    return f"{number} more {unit}"


def today(facts: Facts) -> float | None:
    """Return the share of the sprint that the plan takes; None without a capacity."""
    points = facts.plan.capacity.points
    return facts.plan.capacity.reserve.used / points if points > 0 else None


def _steps(facts: Facts) -> list[tuple[float, float, float]]:
    """Return the frontier's rises beyond the plan: points more, value more, reserve share."""
    plan = facts.plan
    points, value = plan.capacity.reserve.used, plan.ux_value
    steps = []
    for point in sorted(plan.frontier, key=lambda one: one.reserve_share):
        if point.points > points + 1e-9 and point.ux_value > value * (1 + 1e-9):
            steps.append((point.points - points, point.ux_value - value, point.reserve_share))
            points, value = point.points, point.ux_value
    return steps


def _common(facts: Facts) -> str:
    """Return the beginning that most details of outranked items share; empty for none."""
    leads = Counter(
        one.detail.partition("; ")[0]
        for one in facts.plan.passed_over
        if one.reason is Reason.OUTRANKED and one.detail.startswith(_FURTHER)
    )
    ranked = sorted(leads.items(), key=lambda pair: (-pair[1], pair[0]))
    return ranked[0][0] if ranked and ranked[0][1] > 1 else ""


def _brief(one: PassedOver, common: str) -> str:
    """Return an item's detail without what stands beside it in the table anyway."""
    lead, _, rest = one.detail.partition("; ")
    if common and lead == common:
        return rest
    if one.detail.startswith(_TOLD.get(one.reason, "\n")):
        return ""
    return f"it {one.detail}" if lead.partition(" ")[0] in _VERBS else one.detail


def _planned(facts: Facts, key: str) -> str:
    sprints = (one.sprint for one in facts.plan.next if one.key == key)
    return next((f"planned for {clean_line(sprint, 80)}" for sprint in sprints), "")


def _waiting(facts: Facts, one: PassedOver, common: str) -> Waiting:
    reason, detail = _reason(one), facts.shortened(one.detail)
    if detail.casefold().rstrip(".") == reason:
        detail = ""
    brief = facts.shortened(_brief(one, common)) if detail else ""
    flips = say_flips(facts, one.flip) or _hopes(one)
    return Waiting(
        key=one.key,
        name=facts.name(one.key),
        title=clean_line(one.title) or "(no title)",
        url=safe_url(one.url),
        points=one.points,
        ux_value=one.ux_value,
        reason=sentence(reason)[:-1],
        detail=sentence(detail) if detail else "",
        brief=sentence(brief) if brief else "",
        flips=flips,
        planned=_planned(facts, one.key),
        force_loss=one.force_loss,
    )
