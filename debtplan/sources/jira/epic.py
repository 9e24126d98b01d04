"""Which epic an issue is a part of.

Jira Cloud gives it as `parent` ("Deprecation of the Epic Link, Parent Link and other related fields
in REST APIs and webhooks", developer.atlassian.com); so it does the story above a sub-task, which
is no epic. Data Center, and Cloud beside `parent`, have a field for it, told by its type whatever
it is called; the agile API writes an object `epic`.
"""

from collections.abc import Iterable, Mapping

from debtplan.core.decode import Json
from debtplan.files.shape import record, words
from debtplan.sources.intake import clean_key

EPIC_TYPE = "com.pyxis.greenhopper.jira:gh-epic-link"

_EPIC_LEVEL = 1
"""`hierarchyLevel` of epics, on every site; stories have 0, sub-tasks -1."""


def epic_fields(definitions: Iterable[Json]) -> tuple[str, ...]:
    """Return the ids of the fields that hold an issue's epic, by the field list."""
    return tuple(
        words(one.get("id"))
        for one in map(record, definitions)
        if words(record(one.get("schema")).get("custom")) == EPIC_TYPE
    )


def epic_of(fields: Mapping[str, Json], links: Iterable[str]) -> str:
    """Return the key of an issue's epic, "" where it has none.

    Args:
        fields: Of the issue.
        links: See `epic_fields`.
    """
    above = record(fields.get("parent"))
    if _is_epic(record(record(above.get("fields")).get("issuetype"))):
        return clean_key(words(above.get("key")))
    named = (fields.get("epic"), *(fields.get(one) for one in links))
    keys = (clean_key(words(record(one).get("key")) or words(one)) for one in named)
    return next((key for key in keys if key), "")


def _is_epic(kind: Mapping[str, Json]) -> bool:
    """Tell whether a type of issue is the epic: by its level, or its name where it has none."""
    level = kind.get("hierarchyLevel")
    if isinstance(level, int) and not isinstance(level, bool):
        return level == _EPIC_LEVEL
    return words(kind.get("name")).strip().casefold() == "epic"
