"""A plan whose every free text is one payload, and nothing else is changed."""

from typing import Any

from debtplan.core.plan import Plan

FIXED = frozenset(
    {
        "as_of", "basis", "created_at", "debt_kind", "debtplan_version", "decision", "digest",
        "end_at", "end_on", "fetched_at", "form", "grade", "kind", "measure", "noted_on", "reason",
        "start_at", "start_on", "state", "status", "url", "vital", "window",
    }
)  # fmt: skip
"""Fields that hold no free text: words of ours, dates, addresses."""

OWN_BASIS = frozenset({"capacity", "reserve"})
"""Where `basis` is a sentence, not one of our words."""

WORDS = frozenset({"all", "off", "warn", "refuse"})
"""Values that are words of ours wherever they stand."""


def hostile(plan: Plan, payload: str) -> Plan:
    """Return the plan with the payload in every text; equal texts stay equal, others differ."""
    seen: dict[str, str] = {}

    def swap(text: str) -> str:
        return seen.setdefault(text, f"{payload}{len(seen)}")

    def walk(value: Any, name: str, parent: str) -> Any:
        if isinstance(value, dict):
            names = {key: swap(key) if name in ("forbidden", "roles") else key for key in value}
            inner = name if name in OWN_BASIS else parent
            return {names[key]: walk(one, key, inner) for key, one in value.items()}
        if isinstance(value, list):
            return [walk(one, f"{name}[]", parent) for one in value]
        if not isinstance(value, str) or not value:
            return value
        is_sentence = name == "basis" and parent in OWN_BASIS
        is_word = value in WORDS or (name == "unit" and value in ("s", "ms"))
        is_skip_reason = name == "reason" and " " in value
        if (name in FIXED and not is_sentence and not is_skip_reason) or is_word:
            return value
        return swap(value)

    return Plan.model_validate(walk(plan.model_dump(mode="json"), "", ""))
