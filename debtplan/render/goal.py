"""The way to a goal for a terminal, for Markdown and as JSON: `debtplan goal`."""

import json
from collections.abc import Callable, Iterator, Mapping

from debtplan.core.route import Route
from debtplan.core.text import clean_line, safe_url
from debtplan.render.goal_story import GoalStory
from debtplan.render.markdown import escape
from debtplan.render.number import UNKNOWN, percent, plain, sentence
from debtplan.render.section import Section, paragraphs, section_lines
from debtplan.render.table import wrapped
from debtplan.render.waiting import REASONS

WIDTH = 100
LEAST_WIDTH = 60

WIDEST_CELL = 30
"""Columns of a cell that is not the last of its row."""

LEAST_LAST = 16
"""The last column never gets narrower than this."""

LACKING = 10
"""Items that do not count and are listed; the rest is counted."""


def render_goal(route: Route, width: int = WIDTH) -> str:
    """Return the way in words and tables, as many columns wide."""
    width = max(width, LEAST_WIDTH)
    story = GoalStory(route)
    blocks = [list(wrapped(story.heading, width)), paragraphs(story.answer(), width)]
    parts = _sections(story)
    blocks += [section_lines(part, width, WIDEST_CELL, LEAST_LAST) for part in parts]
    blocks.append(paragraphs([f"Note: {note}" for note in story.notes()], width))
    text = "\n\n".join("\n".join(block) for block in blocks if block)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def render_goal_markdown(route: Route) -> str:
    """Return the way in Markdown. Users' text stays text."""
    story = GoalStory(route)
    blocks = [f"# {escape(story.heading)}", escape(" ".join(story.answer()), 5_000)]
    links = {story.name(one.key): one.url for one in route.items}
    for part in _sections(story):
        table = _marked(part, links) if part.rows else ""
        blocks += [f"## {part.head}", table, "  \n".join(escape(note) for note in part.notes)]
    notes = [f"* {escape(note)}" for note in story.notes()]
    if notes:
        blocks += ["## Notes", "\n".join(notes)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def render_goal_json(route: Route) -> str:
    """Return the route as JSON with sorted keys, all characters beyond ASCII spelled out."""
    content = route.model_dump(mode="json")
    return json.dumps(content, sort_keys=True, indent=1, allow_nan=False) + "\n"


def _sections(story: GoalStory) -> Iterator[Section]:
    """Yield every section that has something in it."""
    unit = clean_line(story.route.unit, 12).capitalize()
    for part in (
        Section("How the goal is read", (), [], set(), [story.reading()]),
        Section(
            "What it takes" if story.route.least else "All that could be done",
            ("Item", unit, "Removes", "Grade", "Title"),
            _items(story),
            {1, 2},
            list(story.legend()),
        ),
        Section(
            "When", ("Sprint", "Days", unit, "Then", "Work"), _sprints(story), {2, 3},
            list(story.pace()),
        ),
        Section(
            "What chance costs",
            (unit, "Chance", "Then", "Items"),
            _ladder(story),
            {0, 1, 2},
            list(story.prices()),
        ),
        Section(
            "What might help and does not count",
            ("Item", "Removes", "Why not", "Title"),
            _lacking(story),
            {1},
            list(story.beside()),
        ),
    ):  # fmt: skip
        said = [note for note in part.notes if note]
        if part.rows or said:
            yield part._replace(notes=said)


def _items(story: GoalStory) -> list[tuple[str, ...]]:
    by_key = {one.key: one for one in story.route.items}
    return [
        (
            story.name(key),
            plain(by_key[key].points),
            _share(by_key[key].removal, "-"),
            by_key[key].grade or "-",
            clean_line(by_key[key].title),
        )
        for key in story.work()
    ]


def _sprints(story: GoalStory) -> list[tuple[str, ...]]:
    return [
        (
            story.sprint_name(one),
            story.sprint_days(one),
            f"{plain(one.used)} of {plain(one.room)}",
            story.number(one.number_after),
            story.sprint_work(one),
        )
        for one in story.sprints
    ]


def _ladder(story: GoalStory) -> list[tuple[str, ...]]:
    return [
        (plain(one.points), _share(one.chance, UNKNOWN), story.number(one.number), words)
        for one, words in story.rungs()
    ]


def _lacking(story: GoalStory) -> list[tuple[str, ...]]:
    return [
        (
            story.name(one.key),
            _share(one.removal, "?"),
            sentence(REASONS[one.reason])[:-1],
            clean_line(one.title),
        )
        for one in story.lacking()[:LACKING]
    ]


def _share(share: float | None, unknown: str) -> str:
    return unknown if share is None else percent(share)


def _marked(part: Section, links: Mapping[str, str | None]) -> str:
    """Return a table in Markdown; an item's name leads to its address."""
    lines = [part.titles, ("---",) * len(part.titles)]
    for row in part.rows:
        first, *others = row
        address = safe_url(links.get(first))
        name = f"[{escape(first)}](<{address}>)" if address else escape(first)
        lines.append((name, *map(escape, others)))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


GOAL_FORMS: Mapping[str, Callable[[Route], str]] = {
    "table": render_goal,
    "markdown": render_goal_markdown,
    "json": render_goal_json,
}
"""Forms of `debtplan goal`, by name."""
