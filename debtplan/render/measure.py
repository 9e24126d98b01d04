"""What to measure first: numbers that would change the plan, were they known."""

from typing import NamedTuple

from debtplan.core.gaps import ESTIMATE, LINK
from debtplan.core.natural import natural
from debtplan.core.plan import MeasureFirst
from debtplan.core.text import clean_line
from debtplan.render.facts import Facts
from debtplan.render.number import about, sentence, some

SHOWN = 8


class Gap(NamedTuple):
    """Items that cannot compete yet for one reason.

    Attributes:
        missing: What they lack, one sentence.
        items: Name and title of each, with its value where that is known.
    """

    missing: str
    items: tuple[tuple[str, str], ...]


class Unknown(NamedTuple):
    """A number that would change the plan, were it known.

    Attributes:
        part: Its worth against the largest, in (0, 1].
        worth: The same in words.
        takes: What finding it out would take.
    """

    name: str
    title: str
    missing: str
    part: float
    worth: str
    takes: str


def write_unknowns(facts: Facts) -> tuple[Unknown, ...]:
    """Return the numbers that are worth most to know, most first; empty where none is."""
    rows = [one for one in facts.plan.measure_first if one.worth]
    rows.sort(key=lambda one: (-(one.worth or 0.0), natural(one.key), one.missing))
    return tuple(
        Unknown(
            name=facts.name(one.key) if one.key in facts.items else facts.metric_name(one.key),
            title=clean_line(one.title) if one.key in facts.items else "",
            missing=clean_line(one.missing, 120),
            part=(one.worth or 0.0) / (rows[0].worth or 1.0),
            worth=about(one.worth or 0.0),
            takes=sentence(clean_line(one.takes, 200)),
        )
        for one in rows[:SHOWN]
    )


def write_gaps(facts: Facts) -> tuple[Gap, ...]:
    """Return what keeps items from competing, the most frequent lack first."""
    values = {one.key: one.ux_value or 0.0 for one in facts.plan.passed_over}
    groups: dict[str, list[tuple[str, str]]] = {}
    lacking = [one for one in facts.plan.measure_first if one.missing in (LINK, ESTIMATE)]
    for one in sorted(lacking, key=lambda one: (-values.get(one.key, 0), natural(one.key))):
        value, title = values.get(one.key, 0.0), clean_line(one.title)
        if value > 0:
            title += f" ({some(value, facts.sessions)} a sprint)"
        missing = _lack(facts, one, is_valued=value > 0)
        groups.setdefault(missing, []).append((facts.name(one.key), title))
    ranked = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple(Gap(missing, tuple(items)) for missing, items in ranked)


def _lack(facts: Facts, one: MeasureFirst, *, is_valued: bool) -> str:
    """Return what an item lacks, in one sentence that holds for all that lack the same."""
    if one.missing == ESTIMATE and is_valued:
        return "Only an estimate is missing: what they would spare users is known."
    if one.missing == ESTIMATE and "touches no metric" in one.why:
        return "Both an estimate and a link to a metric are missing."
    if one.missing == LINK:
        return "A link to a metric is missing: what they would spare users is not known."
    why = facts.shortened(one.why)
    return sentence(clean_line(one.missing) + (f": {why}" if why else ""))
