"""Sections of an answer for the terminal: a table, sentences below it, or both."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from debtplan.core.text import clean_line
from debtplan.render.table import display_width, padded, shortened, wrapped


class Section(NamedTuple):
    """A part of the answer: a table, sentences, or both.

    Attributes:
        head: Its heading.
        titles: Heads of the columns.
        rows: The table; may be empty.
        right: Columns of numbers.
        notes: Sentences below the table.
    """

    head: str
    titles: tuple[str, ...]
    rows: list[tuple[str, ...]]
    right: frozenset[int] | set[int]
    notes: list[str]


def section_lines(part: Section, width: int, widest: int, least_last: int) -> list[str]:
    """Return a section: its heading, its table, its sentences.

    Args:
        part: The section.
        width: Columns of the screen.
        widest: Columns of a cell that is not the last of its row.
        least_last: The last column never gets narrower than this.
    """
    table = _columns(part, width, widest, least_last) if part.rows else ()
    return [part.head.upper(), *table, *paragraphs(part.notes, width)]


def paragraphs(sentences: Iterable[str], width: int) -> list[str]:
    """Return every sentence as lines of its own, as wide as the screen."""
    return [line for text in sentences for line in wrapped(clean_line(text, 2_000), width)]


def _columns(part: Section, width: int, widest: int, least_last: int) -> Iterator[str]:
    """Yield aligned lines; the last column is cut to what is left of the width."""
    lines = [part.titles, *part.rows]
    last = len(part.titles) - 1
    widths = [min(widest, max(display_width(line[at]) for line in lines)) for at in range(last)]
    while sum(widths) + 2 * last + least_last > width:
        widths[widths.index(max(widths))] -= 1
    rest = width - sum(widths) - 2 * last
    for line in lines:
        cells = [
            padded(shortened(cell, size), size, is_right=at in part.right)
            for at, (cell, size) in enumerate(zip(line, widths, strict=False))
        ]
        yield "  ".join((*cells, shortened(line[-1], rest)))
