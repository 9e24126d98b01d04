"""items.csv: one row an item, chosen or passed over. Opens safely in a spreadsheet."""

import csv
from io import StringIO
from unicodedata import category, normalize

from debtplan.core.plan import Chosen, PassedOver, Plan
from debtplan.core.text import clean_line, safe_url
from debtplan.render.facts import Facts

Cell = str | float | int | None

COLUMNS = (
    "order",
    "key",
    "title",
    "decision",
    "sprint",
    "points",
    "points_now",
    "ux_value",
    "claimed",
    "certainty",
    "drop_loss",
    "replaced_by",
    "reason",
    "detail",
    "force_loss",
    "flip_points",
    "flip_ux_value",
    "flip_reserve",
    "money",
    "currency",
    "metrics",
    "grades",
    "assumed",
    "story",
    "url",
)
"""Shares and rates in [0, 1]; ux_value, claimed, drop_loss, force_loss in sessions per sprint."""

_TRIGGERS = frozenset("=+-@\t\r\n\x00\u2212")


class CsvRenderer:
    """See `Renderer`."""

    name = "csv"
    suffix = ".csv"

    def render(self, plan: Plan) -> str:
        """See `Renderer.render`. RFC 4180: CRLF ends a line, quotes only where they are needed."""
        facts = Facts(plan)
        target = StringIO()
        writer = csv.writer(target, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        rows = [_chosen_row(facts, one) for one in sorted(plan.chosen, key=lambda c: c.order)]
        rows += [_passed_row(facts, one) for one in sorted(plan.passed_over, key=lambda p: p.key)]
        writer.writerows([safe_cell(row.get(column)) for column in COLUMNS] for row in rows)
        return target.getvalue()


def safe_cell(cell: Cell) -> str:
    """Return a cell that no spreadsheet takes for a formula; a number stays a number.

    Text whose first visible character starts a formula (= + - @, also in full width or as a minus
    sign) gets an apostrophe in front. OWASP, CSV Injection.
    """
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return f"{cell:.10g}"
    text = clean_line(cell, 2_000)
    return f"'{text}" if starts_formula(cell) or starts_formula(text) else text


def starts_formula(text: str) -> bool:
    """Tell whether the first visible character would start a formula."""
    if text[:1] in _TRIGGERS:
        return True
    for character in text:
        if character.isspace() or category(character) in ("Cf", "Cc", "Mn", "Zs"):
            continue
        return normalize("NFKC", character)[:1] in _TRIGGERS
    return False


def _chosen_row(facts: Facts, one: Chosen) -> dict[str, Cell]:
    return {
        **_both(facts, one),
        "order": one.order,
        "decision": "chosen",
        "sprint": one.sprint,
        "points_now": one.points_now,
        "claimed": one.claimed,
        "certainty": one.certainty,
        "drop_loss": one.drop_loss,
        "replaced_by": " ".join(one.replaced_by),
        "reason": "pinned" if one.is_pinned else "best set",
    }


def _passed_row(facts: Facts, one: PassedOver) -> dict[str, Cell]:
    return {
        **_both(facts, one),
        "decision": "passed over",
        "reason": one.reason.value,
        "detail": one.detail,
        "force_loss": one.force_loss,
        "flip_points": one.flip.points,
        "flip_ux_value": one.flip.ux_value,
        "flip_reserve": one.flip.reserve,
    }


def _both(facts: Facts, one: Chosen | PassedOver) -> dict[str, Cell]:
    item = facts.items.get(one.key)
    return {
        "key": one.key,
        "title": one.title,
        "url": safe_url(one.url),
        "points": one.points,
        "ux_value": one.ux_value,
        "money": one.money,
        "currency": facts.plan.currency if one.money is not None else None,
        "metrics": " ".join(term.metric for term in one.terms),
        "grades": " ".join(term.grade.value for term in one.terms),
        "assumed": " ".join("yes" if term.is_assumed else "no" for term in one.terms),
        "story": item.story.sentence() if item and item.story else None,
    }
