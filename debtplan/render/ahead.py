"""What a plan says beyond its own sprint: the sprints after it, and the pot beside the reserve."""

from dataclasses import dataclass
from typing import NamedTuple

from debtplan.core.plan import Finding
from debtplan.core.text import clean_line
from debtplan.render.facts import Facts
from debtplan.render.number import about, plain, some


class SprintAhead(NamedTuple):
    """A later sprint: its name, its days in words, and a line for each item it finishes."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class After:
    """What comes after the sprint, and beside its reserve.

    Attributes:
        ahead: How this sprint and the later ones hang together.
        sprints: What the later sprints finish.
        pot: How much goes to work beside the reserve.
        enabling: That work, a line each.
    """

    ahead: Finding
    sprints: tuple[SprintAhead, ...]
    pot: Finding
    enabling: tuple[str, ...]


def write_after(facts: Facts) -> After:
    """Return what a plan says beyond its own sprint."""
    return After(say_ahead(facts), write_later(facts), say_enabling(facts), write_enabling(facts))


def say_ahead(facts: Facts) -> Finding:
    """Return how the coming sprint and the later ones hang together; empty for one sprint alone."""
    ahead = facts.plan.ahead
    if ahead is None:
        return Finding(claim="")
    number = len(ahead.sprints)
    over = f"over the next {ahead.benefits} sprints"
    figures = {"ux_value": ahead.ux_value}
    if not ahead.is_joint:
        claim = (
            f"Looking {number} sprints ahead changes nothing in this one: what is best for it is "
            "also best for all of them together."
        )
        if ahead.status != "optimal":
            claim = "The later sprints are planned around this one."
        return Finding(claim=claim, figures=figures, source="ahead")
    claim = (
        f"This sprint was chosen together with the {number - 1} after it: that spares "
        f"{some(ahead.ux_value, facts.sessions)} a sprint on average {over}"
    )
    if ahead.alone is not None:
        figures["alone"] = ahead.alone
        claim += f"; taking what is best for this sprint alone, {about(ahead.alone)}"
    return Finding(claim=f"{claim}.", figures=figures, source="ahead")


def write_later(facts: Facts) -> tuple[SprintAhead, ...]:
    """Return the later sprints with what each finishes, in their order."""
    begun = [one for one in facts.plan.chosen if one.finishes_in > 1]
    sprints: dict[str, list[str]] = {}
    for one in sorted((*begun, *facts.plan.next), key=lambda row: row.finishes_in):
        sprints.setdefault(clean_line(one.sprint, 80), []).append(
            f"{facts.name(one.key)} {clean_line(one.title)} "
            f"({facts.points(one.points)}, {some(one.ux_value, facts.sessions)} a sprint"
            f"{', begun in this sprint' if one in begun else ''})"
        )
    return tuple(SprintAhead(sprint, tuple(lines)) for sprint, lines in sprints.items())


def write_enabling(facts: Facts) -> tuple[str, ...]:
    """Return a line for each piece of work of the pot beside the reserve."""
    return tuple(
        f"{facts.name(one.key)} {clean_line(one.title)} ({facts.points(one.points)}; "
        f"{clean_line(one.why)})"
        for one in facts.plan.enabling
    )


def say_enabling(facts: Facts) -> Finding:
    """Return how much goes to work that no metric speaks for; empty where the team wants none."""
    rows = facts.plan.enabling
    if not rows:
        return Finding(claim="")
    points = sum(one.points for one in rows)
    claim = (
        f"Beside the reserve, {plain(points)} {facts.plan.unit} go to work that makes other work "
        "possible. No metric speaks for it, so what it is worth is not known."
    )
    return Finding(claim=claim, figures={"points": points}, source="enabling")
