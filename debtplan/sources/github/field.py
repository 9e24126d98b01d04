"""Estimates from an organisation's issue fields, which stand in the issue's own record.

The forms are those of "Issue Field Value" and `GET /orgs/{org}/issue-fields` in GitHub's REST
description. A value always has the field's number, and not always its name.
"""

from collections.abc import Mapping

from debtplan.core.decode import Json
from debtplan.core.text import clean_line
from debtplan.files.shape import record, sequence, words

NUMBER = "number"
"""Type of a field that can hold an estimate."""


def has_value(issue: Mapping[str, Json], wanted: str) -> bool:
    """Tell whether an issue has a value in the field with that name or number."""
    return _found(issue, wanted) is not None


def field_points(issue: Mapping[str, Json], wanted: str) -> tuple[float | None, str]:
    """Return the estimate that a field holds, and a remark where it cannot be taken.

    Args:
        issue: Its record.
        wanted: Name of the field, whatever the case, or its number; "" reads none.
    """
    value = _found(issue, wanted)
    if value is None:
        return None, ""
    named = f"field {clean_line(wanted, limit=60)!r}"
    if words(value.get("data_type")).casefold() != NUMBER:
        kind = clean_line(words(value.get("data_type")), limit=40).replace("_", " ")
        return None, f"{named} is no number but {kind or 'of no type'}; taken as not estimated"
    points = value["value"]
    if isinstance(points, bool) or not isinstance(points, int | float):
        return None, f"{named} is {clean_line(str(points)[:200], limit=60)!r}, which is no number"
    if points <= 0:
        return None, f"{named} is {points:g}, taken as not estimated"
    return float(points), ""


def _found(issue: Mapping[str, Json], wanted: str) -> dict[str, Json] | None:
    if not wanted:
        return None
    for one in map(record, sequence(issue.get("issue_field_values"))):
        is_named = words(one.get("issue_field_name")).casefold() == wanted.casefold()
        is_meant = is_named or words(one.get("issue_field_id")) == wanted
        if is_meant and one.get("value") is not None:
            return one
    return None
