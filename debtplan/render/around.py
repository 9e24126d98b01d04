"""What surrounds a plan, about one item: how sure it is, what holds the plan back, and notes."""

import re
from collections.abc import Iterator

from debtplan.core.alternatives import BindingRule, Explained
from debtplan.core.plan import Chosen, PassedOver
from debtplan.core.text import clean_line
from debtplan.render.facts import Facts
from debtplan.render.number import percent, sentence, some

MOST_SAID = 200
"""Characters of a rule or of names."""


def say_sure(facts: Facts, one: Chosen | PassedOver) -> Iterator[str]:
    """Yield in how many simulated worlds, and under which weightings, the item is taken."""
    explained = facts.plan.explained
    if explained is None:
        return
    if isinstance(one, PassedOver) and one.certainty is not None:
        worlds = explained.coverage.worlds
        yield f"The best plan of {percent(one.certainty)} of {worlds:,} simulated worlds holds it."
    agreement = explained.agreement
    if agreement is None:
        return
    count = len(agreement.weightings)
    found = next((row for row in agreement.contested if row.key == one.key), None)
    if one.key in agreement.core:
        yield f"All {count} weightings of the flows that were tried take it."
    elif found is not None:
        names = clean_line(", ".join(found.taken_by), MOST_SAID)
        yield f"{len(found.taken_by)} of {count} weightings of the flows take it: {names}."


def say_binding(facts: Facts, key: str) -> Iterator[str]:
    """Yield the rules that hold the plan back, those first that keep this item out."""
    explained = facts.plan.explained
    for row in _ranked(explained, key) if explained else ():
        gain = some(row.worth, facts.sessions)
        rule = clean_line(row.rule, MOST_SAID)
        more = clean_line(row.more, MOST_SAID)
        line = f"{rule[:1].upper()}{rule[1:]}: {more} relieves {gain} more a sprint"
        if key in row.takes_in:
            line += ", and this item comes in"
        elif key in row.leaves_out:
            line += ", and this item goes"
        yield f"{line}."


def say_notes(facts: Facts, key: str) -> Iterator[str]:
    """Yield the warnings of the plan's makers that name the item, or count it without its name."""
    # FER-2 is not named by FER-20, nor owner/repo#1 by owner/repo#1.5; a full stop may follow.
    named = re.compile(rf"(?<![\w./#:-]){re.escape(key)}(?!\w|[./#:-]\w)")
    for one in facts.plan.findings:
        if key in one.figures or named.search(one.claim):
            yield sentence(facts.shortened(one.claim))


def _ranked(explained: Explained, key: str) -> Iterator[BindingRule]:
    yield from sorted(explained.binding, key=lambda row: key not in row.takes_in)
