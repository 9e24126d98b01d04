"""Everything about one item, for a terminal or as JSON: `debtplan explain`."""

import json
from collections.abc import Callable, Iterator, Mapping
from textwrap import wrap

from debtplan.core.plan import Chosen, PassedOver, Plan, Reason
from debtplan.render.around import say_binding, say_notes, say_sure
from debtplan.render.card import Card, say_sum, say_why, write_card
from debtplan.render.facts import Facts
from debtplan.render.number import sentence, some
from debtplan.render.waiting import Waiting, tell_waiting

WIDTH = 100


def render_item(plan: Plan, key: str, width: int = WIDTH) -> str:
    """Return what the plan says of one item, in words, as many columns wide.

    Raises:
        KeyError: The plan knows no such item.
    """
    facts = Facts(plan)
    one = find_item(plan, key)
    if isinstance(one, Chosen):
        lines = _chosen(facts, one, write_card(facts, one, {}))
    else:
        lines = _passed_over(facts, one, tell_waiting(facts, one))
    return "\n".join(part for line in lines for part in _wrapped(line, width)) + "\n"


def render_item_json(plan: Plan, key: str) -> str:
    """Return the item's part of plan.json.

    Raises:
        KeyError: The plan knows no such item.
    """
    one = find_item(plan, key)
    place = "chosen" if isinstance(one, Chosen) else "passed_over"
    content = {
        "schema_version": plan.schema_version,
        "digest": plan.digest,
        place: one.model_dump(mode="json"),
    }
    if plan.explained is not None:
        content["explained"] = plan.explained.model_dump(mode="json")
    return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def find_item(plan: Plan, key: str) -> Chosen | PassedOver:
    """Return the item as the plan has it.

    Raises:
        KeyError: The plan knows no such item.
    """
    found: dict[str, Chosen | PassedOver] = {one.key: one for one in plan.passed_over}
    found.update((one.key, one) for one in plan.chosen)
    return found[key]


def _chosen(facts: Facts, one: Chosen, card: Card) -> Iterator[str]:
    yield from _paragraph(f"{card.name} {card.title}")
    head = f"Chosen for {one.sprint}"
    if one.finishes_in > 1:
        head = f"Chosen to begin in {facts.plan.sprint.name} and finish in {one.sprint}"
    yield ": ".join(filter(None, [head, ", ".join(card.tags)]))
    yield ""
    yield from _paragraph(card.story)
    if card.pain:
        yield from _paragraph(card.pain)
    yield from _section("Why", [why.claim for why in card.why])
    yield from _section("Evidence", list(card.evidence))
    yield from _section("The sum", [one.claim for one in card.sums])
    plan = [card.chosen.claim, card.without.claim, *say_sure(facts, one)]
    yield from _section("In the plan", plan)
    yield from _section("What holds the plan back", list(say_binding(facts, one.key)))
    yield from _section("Notes", list(say_notes(facts, one.key)))


def _passed_over(facts: Facts, one: PassedOver, told: Waiting) -> Iterator[str]:
    yield from _paragraph(f"{told.name} {told.title}")
    size = "not estimated" if one.points is None else facts.points(one.points)
    yield f"Not chosen: {told.reason[:1].lower()}{told.reason[1:]} ({size})"
    if told.detail:
        yield from _paragraph(told.detail)
    item = facts.items.get(one.key)
    if item and item.story:
        yield ""
        yield from _paragraph(item.story.sentence())
    terms = sorted(one.terms, key=lambda term: (-term.ux_value, term.metric))
    yield from _section("What it would do", [say_why(facts, term).claim for term in terms])
    yield from _section("The sum", [say_sum(facts, term).claim for term in terms])
    changes = [sentence(told.planned)] if told.planned else []
    if one.reason is not Reason.NOT_OPEN:  # what is done, or in a sprint already, needs no way in
        changes += [f"It enters {phrase}." for phrase in told.flips]
    if one.force_loss is not None:
        changes.append(f"Forcing it in costs {some(one.force_loss, facts.sessions)} a sprint.")
    yield from _section("What would change that", changes)
    yield from _section("How sure that is", list(say_sure(facts, one)))
    yield from _section("What holds the plan back", list(say_binding(facts, one.key)))
    yield from _section("Notes", list(say_notes(facts, one.key)))


def _section(head: str, lines: list[str]) -> Iterator[str]:
    if not lines:
        return
    yield ""
    yield head
    yield from (f"  {line}" for line in lines if line)


def _paragraph(text: str) -> Iterator[str]:
    if text:
        yield text


def _wrapped(line: str, width: int) -> list[str]:
    """Return a line as the lines it takes, the later ones indented as the first."""
    indent = line[: len(line) - len(line.lstrip())]
    return wrap(line, width, subsequent_indent=indent) or [""]


ITEM_FORMS: Mapping[str, Callable[[Plan, str], str]] = {
    "table": render_item,
    "json": render_item_json,
}
"""Forms of `debtplan explain`, by name."""
