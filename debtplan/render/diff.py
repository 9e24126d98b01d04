"""What changed between two plans, on a terminal and as JSON."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from debtplan.core.change import Cause, Change, Compared, What
from debtplan.core.plan import Plan
from debtplan.core.text import clean_line
from debtplan.render.facts import Facts
from debtplan.render.json import escaped
from debtplan.render.number import amount, full, instant, sentence
from debtplan.render.table import padded, shortened, wrapped

SCHEMA_VERSION = 1

HEADINGS = {
    What.ADDED: "Comes in",
    What.REMOVED: "Goes out",
    What.MOVED: "Moves to another sprint",
    What.REPRICED: "Stays, with other figures",
}

CAUSES = {
    Cause.DATA: "data",
    Cause.LINK: "link",
    Cause.ESTIMATE: "estimate",
    Cause.BACKLOG: "backlog",
    Cause.CAPACITY: "capacity",
    Cause.RULE: "rule",
    Cause.WEIGHT: "weight",
    Cause.TIE: "tie",
    Cause.SOLVER: "solver",
}

INDENT = "    "
LEAST_WIDTH = 60


def changes_text(plan: Plan, width: int) -> str:
    """Return what changed since the plan before; "" where there was none."""
    if plan.compared is None:
        return ""
    facts = Facts(plan)
    width = max(width, LEAST_WIDTH)
    lines = [heading(plan.compared), *wrapped(_worth(facts, plan.compared), width)]
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
        rows = [one for one in changes if one.what is what]
        if not rows:
            continue
        yield ""
        yield title
        names = [shortened(facts.name(one.key), 30) for one in rows]
        figures = [_figures(facts, one) for one in rows]
        first, second = max(map(len, names)), max(map(len, figures))
        for one, name, said in zip(rows, names, figures, strict=True):
            head = (
                f"  {padded(name, first, is_right=False)}  {padded(said, second, is_right=False)}"
            )
            yield shortened(f"{head}  {clean_line(one.title)}", width).rstrip()
            doubt = "" if one.is_proven else "?"
            why = f"{CAUSES[one.cause]}{doubt}: {facts.shortened(one.detail)}"
            yield from (f"{INDENT}{line}" for line in wrapped(why, width - len(INDENT)))


def heading(compared: Compared) -> str:
    """Return the title of the section: what is compared with."""
    kind = "APPROVED" if compared.approved_at else "LAST SAVED"
    return f"CHANGES SINCE THE {kind} PLAN"


def _worth(facts: Facts, compared: Compared) -> str:
    """Return who approved the plan or when it was made, and what it would be worth by now."""
    plan = facts.plan
    if compared.approved_at:
        by = clean_line(compared.approved_by, 80)
        made = f"Approved by {by} on {instant(compared.approved_at)}"
    else:
        made = f"Made on {instant(compared.created_at)}; none is approved for this sprint"
    name = clean_line(compared.plan_id, 120)
    if compared.plan_id == plan.plan_id:
        return f"{made}: plan {name}, which is this one."
    then = f"{made}: plan {name}, worth {full(compared.ux_value)} {facts.sessions} a sprint then."
    if compared.worth_now is None:
        rule = clean_line(facts.shortened(compared.broken), 200)
        return f"{then} Its items are not allowed together any more: {sentence(rule)}"
    return (
        f"{then} By today's figures its items would relieve {full(compared.worth_now)}, "
        f"this plan {full(plan.ux_value)}."
    )


def _figures(facts: Facts, one: Change) -> str:
    """Return points, and the difference that the item's value makes: `3 points, +120`."""
    unit = clean_line(facts.plan.unit, 20)
    points = amount(one.points if one.points is not None else one.points_before, unit)
    if one.points is not None and one.points_before is not None and one.points != one.points_before:
        points = f"{points}, was {one.points_before:g}"
    if one.what is What.MOVED:
        sprint, before = (clean_line(name, 40) for name in (one.sprint, one.sprint_before))
        return f"{points}, {sprint} instead of {before}"
    return f"{points}, {signed(one.difference)}"


def signed(number: float) -> str:
    """Return a difference with its sign: `+120`, `−3.4`; one that shows nothing is `±0`."""
    said = full(abs(number))
    if said in ("0", "0.0"):
        return "±0"
    return f"{'+' if number > 0 else '−'}{said}"
