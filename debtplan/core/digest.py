"""The digest of a plan: the same for the same input, whenever and wherever it was made."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from debtplan.core.plan import Plan

OF_THE_RUN = frozenset(
    {"plan_id", "digest", "created_at", "debtplan_version", "seconds", "fetched_at", "as_of"}
    | {"kept", "compared", "changes", "outcomes"}
)
"""Fields that belong to the run, not to the decision. What was approved is among them: a plan that
is made again after its approval, from the same data, is the same plan."""

DIGITS = 10
"""Significant digits of a number that count: the last bits of a float differ between machines."""


def plan_digest(plan: Plan) -> str:
    """Return the SHA-256 over the plan's decision and inputs, as 64 hexadecimal digits."""
    content = _steady(plan.model_dump(mode="json"))
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def with_digest(plan: Plan) -> Plan:
    """Return the plan with its digest and the id made from it."""
    digest = plan_digest(plan)
    sprint = "-".join(plan.sprint.id.split())
    return plan.model_copy(
        update={"digest": digest, "plan_id": f"{plan.team}-{sprint}-{digest[:12]}"}
    )


def _steady(value: Any) -> Any:  # noqa: ANN401 - JSON is any of seven types
    if isinstance(value, Mapping):
        return {key: _steady(one) for key, one in value.items() if key not in OF_THE_RUN}
    if isinstance(value, list):
        return [_steady(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") + 0.0  # minus zero is zero
    return value
