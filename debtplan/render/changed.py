"""What changed since the plan before, in words for the report."""

from typing import NamedTuple

from debtplan.core.change import Cause, Change, Compared, What
from debtplan.core.natural import natural
from debtplan.core.plan import Finding
from debtplan.core.text import clean_line
from debtplan.render.facts import Facts
from debtplan.render.number import amount, full, instant, sentence

HEADINGS = {
    What.ADDED: "Comes in",
    What.REMOVED: "Goes out",
    What.MOVED: "Moves to another sprint",
    What.REPRICED: "Stays, with other figures",
}

CAUSES = {
    Cause.DATA: "data",
    Cause.LINK: "link",
    Cause.ESTIMATE: "estimate",
    Cause.BACKLOG: "backlog",
    Cause.CAPACITY: "capacity",
    Cause.RULE: "rule",
    Cause.WEIGHT: "weight",
    Cause.TIE: "tie",
    Cause.SOLVER: "solver",
}


class ChangeLine(NamedTuple):
    """A change: what became of the item, its figures, and the cause.

    Attributes:
        part: What it makes of the relief against the largest change, in [-1, 1]; 0 for nothing.
    """

    what: str
    name: str
    title: str
    url: str | None
    figures: str
    part: float
    cause: str
    detail: str


def write_changes(facts: Facts) -> tuple[ChangeLine, ...]:
    """Return every change against the plan before, by kind; empty without one."""
    order = list(What)
    largest = max((abs(one.difference) for one in facts.plan.changes), default=0.0)
    return tuple(
        ChangeLine(
            HEADINGS[one.what],
            facts.name(one.key),
            clean_line(one.title),
            one.url,
            figures_of(facts, one),
            one.difference / largest if largest and one.what is not What.MOVED else 0.0,
            CAUSES[one.cause] + ("" if one.is_proven else "?"),
            facts.shortened(clean_line(one.detail, 400)),
        )
        for one in sorted(
            facts.plan.changes, key=lambda row: (order.index(row.what), natural(row.key))
        )
    )


def say_changes(facts: Facts) -> Finding:
    """Return what the plan is held against, and how much changed; empty for a first plan."""
    compared = facts.plan.compared
    if compared is None or compared.plan_id == facts.plan.plan_id:
        return Finding(claim="")
    nothing = "" if facts.plan.changes else " Nothing changed for the coming sprint."
    return Finding(claim=say_compared(facts, compared) + nothing, source="compared")


def say_compared(facts: Facts, compared: Compared, *, is_named: bool = False) -> str:
    """Return who approved the plan or when it was made, and what it would be worth by now.

    Args:
        facts: The plan now.
        compared: The plan before.
        is_named: Whether a person named it: then nobody looked for an approved one.
    """
    plan = facts.plan
    if compared.approved_at:
        by = clean_line(compared.approved_by, 80)
        made = f"Approved by {by} on {instant(compared.approved_at)}"
    else:
        made = f"Made on {instant(compared.created_at)}"
        made += "" if is_named else "; none is approved for this sprint"
    name = clean_line(compared.plan_id, 120)
    if compared.plan_id == plan.plan_id:
        return f"{made}: plan {name}, which is this one."
    then = f"{made}: plan {name}, worth {full(compared.ux_value)} {facts.sessions} a sprint then."
    if compared.worth_now is None:
        rule = clean_line(facts.shortened(compared.broken), 200)
        return f"{then} It cannot be kept as it is: {sentence(rule)}"
    return (
        f"{then} By today's figures its items would relieve {full(compared.worth_now)}, "
        f"this plan {full(plan.ux_value)}."
    )


def figures_of(facts: Facts, one: Change) -> str:
    """Return points, and the difference that the item's value makes: `3 points, +120`."""
    unit = clean_line(facts.plan.unit, 20)
    points = amount(one.points if one.points is not None else one.points_before, unit)
    if one.points is not None and one.points_before is not None and one.points != one.points_before:
        points = f"{points}, was {one.points_before:g}"
    if one.what is What.MOVED:
        sprint, before = (clean_line(name, 40) for name in (one.sprint, one.sprint_before))
        return f"{points}, {sprint} instead of {before}"
    return f"{points}, {signed(one.difference)}"


def signed(number: float) -> str:
    """Return a difference with its sign: `+120`, `−3.4`; one that shows nothing is `±0`."""
    said = full(abs(number))
    if said in ("0", "0.0"):
        return "±0"
    return f"{'+' if number > 0 else '−'}{said}"
