"""plan.json: the plan itself, in one order, with every invisible character spelled out."""

import json
import re

from debtplan.core.plan import Plan

_SPELLED = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]"
)
"""Direction controls, invisible and line-breaking characters, lone surrogates."""


class JsonRenderer:
    """See `Renderer`."""

    name = "json"
    suffix = ".json"

    def render(self, plan: Plan) -> str:
        """See `Renderer.render`."""
        return plan_json(plan, indent=1) + "\n"


def plan_json(plan: Plan, *, indent: int | None = None) -> str:
    """Return the plan as JSON with sorted keys; on one line without an indent.

    Direction and other invisible characters stand as escapes: a reader of the file sees them, a
    parser gets back what was there.
    """
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(
        plan.model_dump(mode="json"),
        sort_keys=True,
        indent=indent,
        ensure_ascii=False,
        allow_nan=False,
        separators=separators,
    )
    return escaped(text)


def escaped(text: str) -> str:
    """Return JSON with direction and other invisible characters as escapes."""
    return _SPELLED.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def plan_schema() -> str:
    """Return the JSON Schema of plan.json, as `docs/plan.schema.json` holds it."""
    schema = Plan.model_json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
