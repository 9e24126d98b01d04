"""What came of what was promised, for a terminal, for Markdown and as JSON: `debtplan outcomes`."""

import json
from collections.abc import Callable, Iterator, Mapping

from debtplan.core.calibration import Pooled
from debtplan.core.outcomes import Outcomes, Pending
from debtplan.core.text import clean_line
from debtplan.core.tracked import Headway
from debtplan.render.goals import MONTH_HEAD, goal_story, month_rows, name_of
from debtplan.render.markdown import escape
from debtplan.render.number import sentence
from debtplan.render.section import Section, paragraphs, section_lines
from debtplan.render.verdicts import (
    CLAIM_MEANING,
    UNDONE,
    UNDONE_HEAD,
    UNDONE_MEANING,
    VERDICT_HEAD,
    for_people,
    say_honesty,
    short_name,
    undone_cells,
    verdict_cells,
)

WIDTH = 100
LEAST_WIDTH = 60
WIDEST_CELL = 34
LEAST_LAST = 14


def render_outcomes(found: Outcomes, width: int = WIDTH) -> str:
    """Return the outcomes in words and tables, as many columns wide."""
    width = max(width, LEAST_WIDTH)
    blocks = [paragraphs([found.line], width)]
    parts = _parts(found)
    blocks += [section_lines(part, width, WIDEST_CELL, LEAST_LAST) for part in parts]
    text = "\n\n".join("\n".join(block) for block in blocks)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def render_outcomes_markdown(found: Outcomes) -> str:
    """Return the outcomes in Markdown. Users' text stays text."""
    blocks = ["# What came of what was promised", escape(found.line, 2_000)]
    for part in _parts(found):
        lines = [part.titles, ("---",) * len(part.titles), *(_escaped(row) for row in part.rows)]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines) if part.rows else ""
        notes = "\n".join(f"* {escape(note, 2_000)}" for note in part.notes)
        blocks += [f"## {part.head}", table, notes]
    return "\n\n".join(block for block in blocks if block) + "\n"


def render_outcomes_json(found: Outcomes) -> str:
    """Return the outcomes as JSON with sorted keys, all characters beyond ASCII spelled out."""
    content = found.model_dump(mode="json")
    return json.dumps(content, sort_keys=True, indent=1, allow_nan=False) + "\n"


def _escaped(row: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(escape(cell) for cell in row)


def _parts(found: Outcomes) -> Iterator[Section]:
    """Yield every section that has something in it."""
    found = for_people(found)
    if found.alarms:
        yield Section("Got worse elsewhere", (), [], frozenset(), list(found.alarms))
    yield from map(_goal, found.goals)
    if found.rows:
        notes = [
            f"{short_name(one.item)}: {' '.join(one.reasons)}" for one in found.rows if one.reasons
        ]
        notes.append(CLAIM_MEANING)
        told = [verdict_cells(one) for one in found.rows]
        yield Section("Forecast and what happened", VERDICT_HEAD, told, frozenset({3, 4}), notes)
    classes = (
        ("By grade", found.by_grade),
        ("By kind of debt", found.by_kind),
        ("By team", found.by_team),
    )
    for head, pooled in classes:
        if pooled:
            name = head.removeprefix("By ").capitalize()
            columns = (name, "Came / claimed", "80% sure", "Forecasts")
            yield Section(head, columns, [_pooled(one) for one in pooled], frozenset({1, 3}), [])
    honest = list(say_honesty(found))
    if honest:
        yield Section("How good the forecasts were", (), [], frozenset(), honest)
    if found.undone:
        cells = [undone_cells(one) for one in found.undone]
        yield Section(UNDONE, UNDONE_HEAD, cells, frozenset({3, 4}), [UNDONE_MEANING])
    if found.pending:
        columns = ("Item", "Metric", "From", "Why")
        waiting = [_waiting(one) for one in found.pending]
        yield Section("Not judged yet", columns, waiting, frozenset(), [])


def _goal(found: Headway) -> Section:
    """Return where a goal stands, month by month."""
    rows = month_rows(found)
    titles = tuple(name.capitalize() for name in MONTH_HEAD)
    return Section(f"Goal: {name_of(found)}", titles, rows, frozenset(), [goal_story(found)])


def _pooled(one: Pooled) -> tuple[str, ...]:
    name = one.name or "not said"
    return (
        clean_line(name),
        f"{one.mean:.2f}",
        f"{one.low:.2f} to {one.high:.2f}",
        str(one.verdicts),
    )


def _waiting(one: Pending) -> tuple[str, ...]:
    from_on = "-" if one.from_on is None else str(one.from_on)
    metric = clean_line(one.metric_title or one.metric)
    return (short_name(one.item), metric, from_on, sentence(f"{one.why}"))


def _page(found: Outcomes) -> str:
    # The page knows this module's words, and its templates and charts are slow to import.
    from debtplan.render.outcome_page import render_outcome_page  # noqa: PLC0415

    return render_outcome_page(found)


OUTCOME_FORMS: Mapping[str, Callable[[Outcomes], str]] = {
    "table": render_outcomes,
    "markdown": render_outcomes_markdown,
    "json": render_outcomes_json,
    "html": _page,
}
"""Forms of `debtplan outcomes`, by name."""
