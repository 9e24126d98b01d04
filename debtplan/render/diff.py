"""What changed between two plans, on a terminal and as JSON."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from debtplan.core.change import Change, Compared
from debtplan.core.natural import natural
from debtplan.core.plan import Plan
from debtplan.core.text import clean_line
from debtplan.render.changed import CAUSES, HEADINGS, figures_of, say_compared
from debtplan.render.facts import Facts
from debtplan.render.json import escaped
from debtplan.render.table import padded, shortened, wrapped

SCHEMA_VERSION = 1

INDENT = "    "
LEAST_WIDTH = 60


def changes_text(plan: Plan, width: int, *, is_named: bool = False) -> str:
    """Return what changed since the plan before; "" where there was none.

    Args:
        plan: With its changes.
        width: Columns of the terminal.
        is_named: Whether a person named the plan before; else it was looked for.
    """
    if plan.compared is None:
        return ""
    facts = Facts(plan)
    width = max(width, LEAST_WIDTH)
    told = say_compared(facts, plan.compared, is_named=is_named)
    lines = [heading(plan.compared, is_named=is_named), *wrapped(told, width)]
    lines += list(change_lines(facts, plan.changes, width))
    if not plan.changes:
        lines.append("Nothing changed for the coming sprint.")
    elif not all(one.is_proven for one in plan.changes):
        said = "Causes marked with ? rest on plans that were not proven best in time."
        lines += wrapped(said, width)
    return "\n".join(lines) + "\n"


def changes_json(plan: Plan) -> str:
    """Return what changed as JSON: what was compared, and every change."""
    compared = plan.compared.model_dump(mode="json") if plan.compared else None
    return as_json(
        {
            "schema_version": SCHEMA_VERSION,
            "team": plan.team,
            "sprint": plan.sprint.model_dump(mode="json"),
            "plan": plan_row(plan),
            "compared": compared,
            "changes": [one.model_dump(mode="json") for one in plan.changes],
        }
    )


def as_json(data: dict[str, Any]) -> str:
    """Return data as JSON with sorted keys and invisible characters spelled out."""
    text = json.dumps(data, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return escaped(text) + "\n"


def plan_row(plan: Plan) -> dict[str, Any]:
    """Return a plan's figures as JSON has them; one that is not kept has no id to look up."""
    return {
        "status": plan.solver.status.value,
        "ux_value": plan.ux_value,
        "sessions": plan.sessions,
        "points": plan.capacity.reserve.used,
        "available": plan.capacity.reserve.available,
        "chosen": [
            {"key": one.key, "title": one.title, "points": one.points, "ux_value": one.ux_value}
            for one in plan.chosen
        ],
    }


def change_lines(facts: Facts, changes: Sequence[Change], width: int) -> Iterator[str]:
    """Yield the changes by kind, two lines or more each: the item, and under it the cause."""
    for what, title in HEADINGS.items():
        rows = sorted(
            (one for one in changes if one.what is what), key=lambda one: natural(one.key)
        )
        if not rows:
            continue
        yield ""
        yield title
        names = [shortened(facts.name(one.key), 30) for one in rows]
        figures = [figures_of(facts, one) for one in rows]
        first, second = max(map(len, names)), max(map(len, figures))
        for one, name, said in zip(rows, names, figures, strict=True):
            head = (
                f"  {padded(name, first, is_right=False)}  {padded(said, second, is_right=False)}"
            )
            yield shortened(f"{head}  {clean_line(one.title)}", width).rstrip()
            doubt = "" if one.is_proven else "?"
            why = f"{CAUSES[one.cause]}{doubt}: {facts.shortened(one.detail)}"
            yield from (f"{INDENT}{line}" for line in wrapped(why, width - len(INDENT)))


def heading(compared: Compared, *, is_named: bool = False) -> str:
    """Return the title of the section: what is compared with."""
    if compared.approved_at:
        return "CHANGES SINCE THE APPROVED PLAN"
    return "CHANGES SINCE THE PLAN NAMED" if is_named else "CHANGES SINCE THE LAST SAVED PLAN"
