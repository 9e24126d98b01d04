"""All teams' plans in a table, a line each, and as one JSON document."""

import json
from collections.abc import Iterable, Iterator, Sequence

from debtplan.core.natural import in_order, natural
from debtplan.core.summary import Summary, TeamFailure, TeamLine, Total
from debtplan.core.text import clean_line
from debtplan.render.json import escaped
from debtplan.render.number import full, percent, plain
from debtplan.render.table import display_width, padded, shortened, wrapped

FORMS = ("table", "json")
"""Forms of `plan --all-teams`; the report of each team is written by `--output`."""

LONGEST_NAME = 30
"""Columns that a team's name may take."""

ROUNDING = 1e-9
"""A gap below this is the rounding of floats."""

HEAD = ("Team", "Capacity", "Reserve", "Used", "Items", "Value", "Answer", "Together with")
RIGHT = frozenset({1, 2, 3, 4, 5})


def render_summary(summary: Summary, width: int = 100) -> str:
    """Return the table: a line per team, the total, and what the values mean."""
    width = max(width, 60)
    lines = ["ALL TEAMS", *_grid(_rows(summary), width), ""]
    for text in (*_sentences(summary.total), *map(_failure, summary.failed)):
        lines += wrapped(clean_line(text, 2_000), width)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def render_document(summary: Summary, plans: Iterable[str]) -> str:
    """Return the JSON document: the summary, and under `teams` the plans as plan.json has them.

    Args:
        summary: What came of the teams.
        plans: Each plan on one line, in the order of the summary's lines.
    """
    rows = ",\n".join(f"  {one}" for one in plans)
    fields = summary.model_dump(mode="json")
    parts = {name: _json(value) for name, value in fields.items()}
    parts["teams"] = f"[\n{rows}\n ]" if rows else "[]"
    body = ",\n".join(f' "{name}": {parts[name]}' for name in sorted(parts))
    return f"{{\n{body}\n}}\n"


def _json(value: object) -> str:
    """Return a value as JSON, two levels deep in the document."""
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return escaped(text).replace("\n", "\n ")


def _rows(summary: Summary) -> Iterator[tuple[str, ...]]:
    yield HEAD
    rows = [(one.team, _plan_row(one)) for one in summary.lines]
    rows += [(one.team, _failed_row(one)) for one in summary.failed]
    for _, row in sorted(rows, key=lambda one: natural(one[0])):
        yield row
    total = summary.total
    if total.shared > 0:
        shared = full(total.shared)
        yield ("Several teams at once", "", "", "", "", shared, "", "")
    used = "" if total.used is None else plain(total.used)
    answer = total.status.value if total.status else "no plan"
    yield ("Total", "", "", used, str(total.items), full(total.ux_value), answer, "")


def _plan_row(one: TeamLine) -> tuple[str, ...]:
    gap = f" ({percent(one.gap)} gap)" if one.gap and one.gap > ROUNDING else ""
    return (
        one.team,
        plain(one.capacity),
        plain(one.reserve),
        plain(one.used),
        str(one.items),
        full(one.ux_value),
        f"{one.status.value}{gap}",
        ", ".join(in_order(one.together)),
    )


def _failed_row(one: TeamFailure) -> tuple[str, ...]:
    return (one.team, "", "", "", "", "", "no plan", "")


def _sentences(total: Total) -> Iterator[str]:
    if not total.teams:
        return
    days = plain(total.sprint_days)
    yield (
        f"Value: frustrated sessions spared per {days} days. A team's value is what its items "
        "spare beside those of all others, so that no session counts twice."
    )
    if total.shared > 0:
        yield (
            f"{full(total.shared)} of them are spared by items of several teams at once: they "
            "count once, in the total."
        )
    if total.used is None:
        yield "The teams count in different units, so what they use is not added up."


def _failure(one: TeamFailure) -> str:
    return f"Team {one.team} has no plan: {one.what} {one.fix}"


def _grid(rows: Iterable[Sequence[str]], width: int) -> Iterator[str]:
    """Yield aligned lines; the last column takes what is left of the width."""
    lines = [[clean_line(cell) for cell in row] for row in rows]
    columns = range(len(HEAD) - 1)
    widths = [min(LONGEST_NAME, max(display_width(line[c]) for line in lines)) for c in columns]
    rest = max(10, width - sum(widths) - 2 * len(widths))
    for line in lines:
        cells = [
            padded(shortened(cell, wide), wide, is_right=column in RIGHT)
            for column, (cell, wide) in enumerate(zip(line, widths, strict=False))
        ]
        yield "  ".join((*cells, shortened(line[-1], rest)))
