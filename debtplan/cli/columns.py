"""Plain columns for a terminal: as wide as it is, nothing cut, and one line a row when piped."""

import sys
from collections.abc import Iterator, Sequence
from textwrap import wrap

from debtplan.cli import terminal
from debtplan.core.text import clean_line

GAP = 2
CELL_LIMIT = 2_000
"""Characters of a cell."""

LAST_LEAST = 40
"""Where the last column gets less room than this, it goes below its row."""

INDENT = " " * 4
EMPTY = "-"


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return head and rows in columns, every cell one harmless line.

    Piped, a row is a line. In a terminal that is too narrow the last column is wrapped under
    itself; where too little room is left for that, what does not fit stands below its row.
    """
    from debtplan.render.table import display_width

    cells = [[clean_line(cell, CELL_LIMIT) or EMPTY for cell in row] for row in (head, *rows)]
    widths = [max(display_width(row[at]) for row in cells) for at in range(len(head))]
    room = terminal.width() if sys.stdout.isatty() else sum(widths) + GAP * len(widths)
    front = sum(widths[:-1]) + GAP * (len(widths) - 1)
    if front + min(widths[-1], LAST_LEAST) <= room:
        widths[-1] = min(widths[-1], room - front)
        return "\n".join(_table(cells, widths))
    return "\n".join(_stacked(cells, widths, room))


def _table(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """Yield every row with its last cell wrapped under itself."""
    blank = " " * (sum(widths[:-1]) + GAP * (len(widths) - 1))
    for number, row in enumerate(cells):
        first, *others = _wrapped(row[-1], widths[-1])
        line = _line((*row[:-1], first), widths)
        yield line if number else terminal.bold(line)
        yield from (f"{blank}{part}" for part in others)
        if not number:
            yield _rule(widths)


def _stacked(cells: Sequence[Sequence[str]], widths: Sequence[int], room: int) -> Iterator[str]:
    """Yield every row with the columns that fit, the others below it with their names."""
    fit = 1
    while sum(widths[: fit + 1]) + GAP * fit <= room and fit < len(widths) - 1:
        fit += 1
    head, *rows = cells
    yield terminal.bold(_line(head[:fit], widths[:fit]))
    yield _rule(widths[:fit])
    for row in rows:
        yield _line(row[:fit], widths[:fit])
        for name, cell in zip(head[fit:], row[fit:], strict=True):
            if cell != EMPTY:
                lines = _wrapped(f"{name}: {cell}", room - len(INDENT))
                yield from (f"{INDENT}{part}" for part in lines)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    from debtplan.render.table import padded

    cells = [padded(cell, width, is_right=False) for cell, width in zip(row, widths, strict=True)]
    return (" " * GAP).join(cells).rstrip()


def _rule(widths: Sequence[int]) -> str:
    return (" " * GAP).join("-" * width for width in widths)


def _wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text that may take so many columns each."""
    from debtplan.render.table import display_width

    if display_width(text) <= width:
        return [text]
    wide = max(1, *map(display_width, text))
    return wrap(text, max(1, width // wide), break_on_hyphens=False) or [""]
