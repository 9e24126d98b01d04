"""The report on a terminal: plain text, no colour, a given width."""

from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

from debtplan.core.plan import Plan, Reason
from debtplan.core.text import clean_line
from debtplan.render.number import full, percent, plain
from debtplan.render.story import Story, tell
from debtplan.render.waiting import HOPES, Waiting, say_hopes

SHOWN = 15
"""Passed-over items that are listed; the rest is counted."""

MEASURED = 3
"""Numbers to measure first that are named."""

NAMED = 8
"""Items to measure first that are named; the rest is counted."""

INDENT = "    "
"""Begins what stands below its row."""

WIDEST = 30
"""A column gets no wider than this where that would cut the title."""

LEAST_TITLE = 16
"""The title column never gets narrower than this."""


class TableRenderer:
    """See `Renderer`.

    Attributes:
        width: Columns of the terminal.
    """

    name = "table"
    suffix = ".txt"

    def __init__(self, width: int = 100) -> None:
        """Take the width of the terminal."""
        self.width = max(width, 60)

    def render(self, plan: Plan) -> str:
        """See `Renderer.render`."""
        story = tell(plan)
        blocks = [
            self._answer(story),
            self._chosen(story),
            self._after(story),
            self._beside(story),
            self._causes(story),
            self._waiting(story),
            self._end(story),
        ]
        text = "\n\n".join("\n".join(block) for block in map(list, blocks) if block)
        return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"

    def _answer(self, story: Story) -> Iterator[str]:
        yield shortened(story.heading, self.width)
        yield ""
        said = (story.people, story.sure, story.displaced)
        for text in (story.answer, *(finding.claim for finding in said)):
            yield from self._paragraph(text)

    def _chosen(self, story: Story) -> Iterator[str]:
        if not story.cards:
            return
        plan, facts = story.facts.plan, story.facts
        by_key = {one.key: one for one in plan.chosen}
        rows = []
        for card in story.cards:
            one = by_key[card.key]
            grades = "".join(sorted({term.grade.value for term in one.terms}))
            cells = (plain(one.points), full(one.ux_value), grades or "-", percent(one.certainty))
            rows.append((str(one.order), card.name, *cells, card.title))
        yield "WHAT WE DO"
        yield from self._grid(
            ("", "Item", _unit(plan), "Value", "Grade", "Sure", "Title"), rows, right={0, 2, 3, 5}
        )
        yield ""
        for card in story.cards:
            lines = (
                card.story if card.has_story else "",
                f"{card.worth}.",
                *(why.claim for why in card.why),
            )
            told = " ".join(line for line in (*lines, card.without.claim) if line)
            yield from self._paragraph(f"{card.name}: {told}")
        yield from self._paragraph(f"Value: {facts.sessions} a sprint spared, each item alone.")

    def _after(self, story: Story) -> Iterator[str]:
        if story.after.sprints:
            yield "WHAT COMES AFTER, IF NOTHING CHANGES"
            for sprint in story.after.sprints:
                for line in sprint.lines:
                    yield from self._paragraph(f"{sprint.name}: {line}")
            yield from self._paragraph(story.after.ahead.claim)

    def _beside(self, story: Story) -> Iterator[str]:
        if story.after.enabling:
            yield "BESIDE THE RESERVE"
            yield from self._paragraph(story.after.pot.claim)
            for line in story.after.enabling:
                yield from self._paragraph(line)

    def _causes(self, story: Story) -> Iterator[str]:
        for line in story.causes.lines:
            yield from self._paragraph(line)

    def _waiting(self, story: Story) -> Iterator[str]:
        if not story.waiting:
            return
        rows = [
            (
                one.name,
                "?" if one.points is None else plain(one.points),
                "?" if one.ux_value is None else full(one.ux_value),
                one.reason,
                next(iter(say_hopes(one)), "-"),
                one.title,
            )
            for one in story.waiting[:SHOWN]
        ]
        yield "WHAT WE DO NOT DO"
        head = ("Item", _unit(story.facts.plan), "Value", "Why not", "Could enter", "Title")
        if self._holds(head, rows):
            yield from self._grid(head, rows, right={1, 2}, widest=self.width)
        else:
            yield from self._stacked(head, rows, [_say_way(one) for one in story.waiting[:SHOWN]])
        if any("?" in row for row in rows):
            yield "?: not known"
        if len(story.waiting) > SHOWN:
            counts = ", ".join(f"{reason} ({number:,})" for reason, number in story.reasons)
            more = f"{len(story.waiting) - SHOWN:,} more. All {len(story.waiting):,}: {counts}."
            yield from self._paragraph(more)

    def _end(self, story: Story) -> Iterator[str]:
        yield from self._paragraph(story.frontier.claim)
        yield from self._paragraph(story.baseline.claim)
        for text in story.surety.lines:
            yield from self._paragraph(text)
        yield from self._paragraph(story.proof.claim)
        for line in story.worked.lines:
            yield from self._paragraph(line)
        for note in story.notes:
            yield from self._paragraph(f"Note: {note}")
        known = [f"{one.name} ({one.missing}: {one.worth})" for one in story.unknowns[:MEASURED]]
        if known:
            what = f"worth to know, {story.facts.sessions} a sprint"
            yield from self._paragraph(f"Measure first ({what}): {', '.join(known)}.")
        named = [name for gap in story.gaps for name, _ in gap.items]
        if named:
            more = f" and {len(named) - NAMED:,} more" if len(named) > NAMED else ""
            yield from self._paragraph(f"Cannot compete yet: {', '.join(named[:NAMED])}{more}.")
        if story.skipped:
            records = "record" if len(story.skipped) == 1 else "records"
            number = f"{len(story.skipped):,} {records}"
            yield f"Left out or remarked on: {number} (all are in plan.json)."
        yield shortened(f"Plan {clean_line(story.facts.plan.plan_id, 120)}", self.width)

    def _paragraph(self, text: str) -> Iterator[str]:
        yield from wrapped(clean_line(text, 2_000), self.width)

    def _holds(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
        """Tell whether the width holds all columns but the title, each uncut."""
        lines = [head, *rows]
        widths = [max(display_width(line[at]) for line in lines) for at in range(len(head) - 1)]
        return sum(widths) + 2 * len(widths) + LEAST_TITLE <= self.width

    def _stacked(
        self, head: Sequence[str], rows: Sequence[Sequence[str]], ways: Sequence[str]
    ) -> Iterator[str]:
        """Yield two lines or more an item: its figures and title; then why not, and what would."""
        front = [(*row[:3], row[-1]) for row in rows]
        lines = self._grid((*head[:3], head[-1]), front, right={1, 2})
        yield next(lines)
        for line, way in zip(lines, ways, strict=True):
            yield line
            yield from (f"{INDENT}{part}" for part in wrapped(way, self.width - len(INDENT)))

    def _grid(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        right: set[int],
        widest: int = WIDEST,
    ) -> Iterator[str]:
        """Yield aligned lines; the last column is cut to what is left of the width."""
        lines = [head, *([clean_line(cell) for cell in row] for row in rows)]
        widths = [
            min(widest, max(display_width(line[column]) for line in lines))
            for column in range(len(head) - 1)
        ]
        while sum(widths) + 2 * len(widths) + LEAST_TITLE > self.width:
            widths[widths.index(max(widths))] -= 1
        rest = self.width - sum(widths) - 2 * len(widths)
        for line in lines:
            cells = [
                padded(shortened(cell, width), width, is_right=column in right)
                for column, (cell, width) in enumerate(zip(line, widths, strict=False))
            ]
            yield "  ".join((*cells, shortened(line[-1], rest)))


def _say_way(one: Waiting) -> str:
    """Return why an item waits, and in which sprint it is planned or what would bring it in."""
    hope = next(iter(say_hopes(one)), "")
    if one.planned or hope in HOPES[Reason.NOT_OPEN]:
        return clean_line(f"{one.reason}; {hope}.")
    return clean_line(f"{one.reason}; could enter {hope}." if hope else f"{one.reason}.")


def display_width(text: str) -> int:
    """Return how many terminal columns a text takes: wide characters two, combining ones none."""
    return sum(
        0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the text in lines of at most the width; a word that is longer is cut in two."""
    line = ""
    for word in text.split():
        rest = word
        while display_width(rest) > width:
            if line:
                yield line
            fits = _fitting(rest, width)
            line, rest = "", rest[len(fits) :]
            yield fits
        joined = f"{line} {rest}" if line else rest
        if display_width(joined) > width:
            yield line
            joined = rest
        line = joined
    if line:
        yield line


def shortened(text: str, width: int) -> str:
    """Return the text cut to a width, with an ellipsis where it was cut."""
    if display_width(text) <= width:
        return text
    return f"{_fitting(text, width - 1).rstrip()}…"


def padded(text: str, width: int, *, is_right: bool) -> str:
    """Return the text filled with spaces to a width."""
    fill = " " * (width - display_width(text))
    return f"{fill}{text}" if is_right else f"{text}{fill}"


def _fitting(text: str, width: int) -> str:
    """Return the longest start of the text that fits the width."""
    used = 0
    for place, character in enumerate(text):
        used += display_width(character)
        if used > width:
            return text[:place]
    return text


def _unit(plan: Plan) -> str:
    return clean_line(plan.unit, 12).capitalize()
