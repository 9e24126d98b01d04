"""Plain columns for a terminal: as wide as it is, nothing lost when piped."""

import sys
from collections.abc import Sequence

from debtplan.cli import terminal
from debtplan.core.text import clean_line

GAP = 2
CELL_LIMIT = 2_000
"""Characters of a cell."""

LAST_LEAST = 24
"""The last column gets at least this much room; the others are cut for it."""

NARROWEST = 8
"""No column is cut below this."""


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return head and rows in columns, every cell one harmless line.

    In a terminal the last column is wrapped under itself, and the widest of the others are cut
    until all fit. Piped, every cell stands whole.
    """
    from debtplan.render.table import display_width

    cells = [[clean_line(cell, CELL_LIMIT) for cell in row] for row in (head, *rows)]
    widths = [max(display_width(row[at]) for row in cells) for at in range(len(head))]
    if sys.stdout.isatty():
        widths = _fit(widths, terminal.width())
    rule = ["-" * width for width in widths]
    first, *others = cells
    lines = [terminal.bold(line) for line in _lines(first, widths)]
    for row in (rule, *others):
        lines += _lines(row, widths)
    return "\n".join(lines)


def _fit(widths: Sequence[int], room: int) -> list[int]:
    """Return widths that fit the room: the last column gives way first, then the widest others."""
    *left, last = widths
    spare = room - GAP * len(left)
    least = min(last, LAST_LEAST)
    while left and sum(left) + least > spare and max(left) > NARROWEST:
        left[left.index(max(left))] -= 1
    return [*left, max(min(last, spare - sum(left)), NARROWEST)]


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return a row as one line, or more where its last cell is wrapped."""
    from debtplan.render.table import padded, shortened

    *left, last = row
    *left_widths, last_width = widths
    front = "".join(
        padded(shortened(cell, width), width, is_right=False) + " " * GAP
        for cell, width in zip(left, left_widths, strict=True)
    )
    blank = " " * (sum(left_widths) + GAP * len(left_widths))
    parts = _wrapped(last, last_width)
    return [f"{front if not number else blank}{part}".rstrip() for number, part in enumerate(parts)]


def _wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text that may take so many columns each."""
    from textwrap import wrap

    from debtplan.render.table import display_width

    if display_width(text) <= width:
        return [text]
    wide = max(1, *map(display_width, text))
    return wrap(text, max(1, width // wide)) or [""]
