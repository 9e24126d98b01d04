"""The plan as it stands beside the one with what is asked about, on a terminal and as JSON."""

from collections.abc import Iterator, Sequence

from debtplan.core.change import Change
from debtplan.core.plan import Plan
from debtplan.core.text import clean_line
from debtplan.render.changed import signed
from debtplan.render.diff import LEAST_WIDTH, SCHEMA_VERSION, as_json, change_lines, plan_row
from debtplan.render.facts import Facts
from debtplan.render.number import amount, full, listed, plain
from debtplan.render.table import display_width, padded, wrapped

Alone = tuple[str, float | None, float | None]
"""What a change does without the others: its text, value and points; None without a plan."""


def whatif_text(
    plans: tuple[Plan, Plan], changes: Sequence[Change], alone: Sequence[Alone], width: int
) -> str:
    """Return both plans beside each other in words.

    Args:
        plans: The plan as it stands, and the one with what is asked about.
        changes: What differs.
        alone: What each of the changes would do by itself.
        width: Columns of the terminal.
    """
    width = max(width, LEAST_WIDTH)
    standing, plan = plans
    facts = Facts(plan)
    asked = listed([clean_line(text, 200) for text, *_ in alone])
    lines = list(wrapped(f"WHAT IF {asked}", width))
    lines += [f"{clean_line(plan.team, 60)}, {clean_line(plan.sprint.name, 60)}", ""]
    lines += _beside(_rows(facts, standing, plan))
    lines += change_lines(facts, changes, width)
    if not changes:
        lines += ["", "The same items would be done."]
    if len(alone) > 1:
        lines += ["", "Each by itself", *_alone(facts, standing, alone)]
    lines += ["", "Nothing was saved; the plan stays as it is."]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def whatif_json(plans: tuple[Plan, Plan], changes: Sequence[Change], alone: Sequence[Alone]) -> str:
    """Return the same as JSON; see `whatif_text`."""
    standing, plan = plans
    return as_json(
        {
            "schema_version": SCHEMA_VERSION,
            "team": plan.team,
            "sprint": plan.sprint.model_dump(mode="json"),
            "what_if": [
                {"text": text, "ux_value": value, "points": points} for text, value, points in alone
            ],
            "standing": plan_row(standing),
            "alternative": plan_row(plan),
            "changes": [one.model_dump(mode="json") for one in changes],
        }
    )


def _rows(facts: Facts, standing: Plan, plan: Plan) -> list[tuple[str, str, str, str]]:
    def row(name: str, old: float, new: float) -> tuple[str, str, str, str]:
        said = full(old), full(new)
        is_whole = "." not in "".join(said)
        return name, *said, signed(round(new) - round(old) if is_whole else new - old)

    unit = clean_line(plan.unit, 20)
    then, now = standing.capacity.reserve, plan.capacity.reserve
    rows = [
        row(f"{facts.sessions.capitalize()} spared a sprint", standing.ux_value, plan.ux_value),
        _points(f"{unit.capitalize()} of the plan", then.used, now.used),
        _points(f"{unit.capitalize()} of the reserve", then.available, now.available),
        _points("Items", len(standing.chosen), len(plan.chosen)),
    ]
    if standing.money is not None and plan.money is not None:
        money = f"{clean_line(plan.currency, 8)} a sprint".strip()
        rows.insert(1, row(money, standing.money, plan.money))
    return rows


def _points(name: str, old: float, new: float) -> tuple[str, str, str, str]:
    difference = round(new - old, 2)
    sign = "+" if difference > 0 else "−"
    return name, plain(old), plain(new), f"{sign}{plain(abs(difference))}" if difference else "±0"


def _beside(rows: Sequence[tuple[str, str, str, str]]) -> Iterator[str]:
    table = [("", "as it stands", "what if", "difference"), *rows]
    widths = [max(display_width(row[at]) for row in table) for at in range(4)]
    for row in table:
        cells = (
            padded(cell, width, is_right=at > 0)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells)


def _alone(facts: Facts, standing: Plan, alone: Sequence[Alone]) -> Iterator[str]:
    widest = max(display_width(clean_line(text, 200)) for text, *_ in alone)
    for text, value, points in alone:
        name = padded(clean_line(text, 200), widest, is_right=False)
        if value is None or points is None:
            yield f"  {name}  leaves no plan"
            continue
        unit = clean_line(facts.plan.unit, 20)
        gained = f"{signed(value - standing.ux_value)} {facts.sessions}"
        yield f"  {name}  {gained}, {amount(points, unit)}"
