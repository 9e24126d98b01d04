"""Which Jira field holds the estimate, and what an issue has in it.

Sites name and number the field as they like. What the board or the field list says is taken; a
field is never guessed from its values alone, and what was taken without a word of the settings is
said in a notice.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from debtplan.core.decode import Json
from debtplan.core.text import clean_line
from debtplan.files.cell import parse_number
from debtplan.files.shape import record, words

KNOWN_FIELDS = (
    "customfield_10016",
    "customfield_10024",
    "customfield_10026",
    "customfield_10028",
    "customfield_10036",
    "customfield_10002",
    "customfield_10004",
)
"""Ids that story points have on many sites; one counts only where all it holds is numbers."""

TIME_FIELDS = frozenset(
    {
        "timeestimate",
        "timeoriginalestimate",
        "aggregatetimeestimate",
        "aggregatetimeoriginalestimate",
    }
)
"""Fields in seconds; they are read as hours."""

_TYPES = ("com.pyxis.greenhopper.jira:jsw-story-points",)
_FLOAT = "com.atlassian.jira.plugin.system.customfieldtypes:float"
_NAMES = frozenset(
    {
        "story points",
        "story point estimate",
        "story-points",
        "storypoints",
        "story point",
        "story-punkte",
        "puntos de historia",
        "puntos de la historia",
        "estimación de puntos de historia",
        "points de story",
        "points d'effort",
        "pontos de história",
        "punti storia",
        "故事点",
        "故事点数",
        "ストーリーポイント",
        "ストーリー ポイント",
        "스토리 포인트",
    }
)
_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Estimate:
    """Where estimates stand.

    Attributes:
        fields: Ids of the fields, the first that an issue fills counts.
        origin: How they were found, one sentence for people; "" where the settings say it.
    """

    fields: tuple[str, ...] = ()
    origin: str = ""


def find_estimate(
    configured: str | None,
    boards: Iterable[Json],
    definitions: Iterable[Json],
    issues: Iterable[Mapping[str, Json]],
) -> Estimate:
    """Return where the estimate stands.

    Args:
        configured: Id or name of the field in the settings.
        boards: Board configurations (`/rest/agile/1.0/board/{id}/configuration`).
        definitions: The field list (`/rest/api/3/field`).
        issues: The fields of every issue.
    """
    known = [record(one) for one in definitions]
    if configured is not None:
        return Estimate((_field_id(configured, known),))
    by_board = _unique(
        words(record(record(record(board).get("estimation")).get("field")).get("fieldId"))
        for board in boards
    )
    if by_board:
        return Estimate(
            by_board, f"estimates are read from {_named(by_board, known)}, as the board says"
        )
    by_type = _unique(words(one.get("id")) for one in known if _is_points(one))
    if by_type:
        return Estimate(
            by_type, f"estimates are read from {_named(by_type, known)}, as the field list says"
        )
    return _well_known(list(issues))


def is_points_name(name: str) -> bool:
    """Tell whether a field's name means story points, in the languages that Jira speaks most."""
    return name.strip().casefold() in _NAMES


def _field_id(configured: str, known: Iterable[Mapping[str, Json]]) -> str:
    """Return the id for a name of the field list; an id stays as it is."""
    for one in known:
        if words(one.get("name")).casefold() == configured.casefold():
            return words(one.get("id")) or configured
    return configured


def _is_points(definition: Mapping[str, Json]) -> bool:
    kind = words(record(definition.get("schema")).get("custom"))
    is_told = isinstance(definition.get("schema"), dict)
    is_named = is_points_name(words(definition.get("name")))
    return kind in _TYPES or (is_named and (kind == _FLOAT or not is_told))


def _well_known(issues: list[Mapping[str, Json]]) -> Estimate:
    """Take the one well-known field that holds numbers; none where several do."""
    found = tuple(field for field in KNOWN_FIELDS if _holds_numbers(field, issues))
    if len(found) == 1:
        return Estimate(
            found,
            f"estimates are read from {found[0]}, where many sites keep story points; "
            f'set estimate_field = "{found[0]}" or the right field to be sure',
        )
    if found:
        return Estimate(
            (),
            f"{' and '.join(found)} hold numbers and any may be the estimate, so none is read; "
            "set estimate_field to the right one",
        )
    return Estimate(
        (), "no field with estimates was found; set estimate_field to the one that holds them"
    )


def _holds_numbers(field: str, issues: Iterable[Mapping[str, Json]]) -> bool:
    values = [issue[field] for issue in issues if issue.get(field) is not None]
    return bool(values) and all(_number(value) is not None for value in values)


def _number(value: Json) -> float | None:
    """Return a number or a text that is one; NaN and infinity are no numbers."""
    if isinstance(value, str):
        try:
            return parse_number(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def read_points(fields: Mapping[str, Json], estimate: Estimate) -> tuple[float | None, str]:
    """Return the points of an issue, and a remark where its value was not taken.

    Zero, a negative number and anything but a number mean "not estimated".
    """
    for name in estimate.fields:
        value = fields.get(name)
        if value is None or value == "":
            continue
        number = _number(value)
        if number is not None and number > 0:
            return number / (_SECONDS_PER_HOUR if name in TIME_FIELDS else 1), ""
        shown = clean_line(str(value)[:200], limit=60)
        return None, f"{name} is {shown}, taken as not estimated"
    return None, ""


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _named(fields: Iterable[str], known: Iterable[Mapping[str, Json]]) -> str:
    names = {words(one.get("id")): clean_line(words(one.get("name")), limit=60) for one in known}
    return " and ".join(f"{one} ({names[one]})" if names.get(one) else one for one in fields)
