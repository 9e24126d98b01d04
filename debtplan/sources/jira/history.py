"""What an issue was at an earlier time: its sprints, status and estimate, from its changelog."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from debtplan.core.decode import Json
from debtplan.files.shape import instant, record, sequence, words
from debtplan.sources.jira.estimate import TIME_FIELDS, Estimate, is_points_name, read_points
from debtplan.sources.jira.sprint import sprints_of_issue

STATUS, SPRINT = "status", "sprint"

_MILLISECONDS = 100_000_000_000
"""A time above it is in milliseconds since 1970, one below in seconds."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An issue at one instant.

    Attributes:
        sprints: Ids of the sprints it was in.
        status: Id.
        points: None is "not estimated".
    """

    sprints: frozenset[str]
    status: str
    points: float | None


@dataclass(frozen=True)
class Vocabulary:
    """By what a changelog calls the fields that matter.

    Attributes:
        estimate: Where points stand.
        sprints: Ids of the sprint fields.
        names: Ids by name in lower case, for servers that write names alone (Data Center).
    """

    estimate: Estimate
    sprints: tuple[str, ...]
    names: Mapping[str, str]

    def fields(self) -> tuple[str, ...]:
        """Return the ids of all fields that matter."""
        return tuple(dict.fromkeys((STATUS, *self.sprints, *self.estimate.fields)))

    def member(self, item: Mapping[str, Json]) -> str:
        """Return what an entry is about: `status`, `sprint`, an estimate's field by id, or ""."""
        known = words(item.get("fieldId"))
        name = words(item.get("field")).strip().casefold()
        if not known:
            known = self.names.get(name, name)
        if known == STATUS:
            return STATUS
        if known in self.sprints or (known == name == SPRINT):
            return SPRINT
        if known in self.estimate.fields:
            return known
        is_unnamed = not words(item.get("fieldId")) and is_points_name(name)
        return self.estimate.fields[0] if is_unnamed and self.estimate.fields else ""


@dataclass(frozen=True)
class History:
    """An issue with its past.

    Attributes:
        now: Values by member; see `Vocabulary.member`.
        changes: (when, member, value before), the latest first.
    """

    id: str
    created_at: datetime | None
    now: Mapping[str, Json]
    changes: tuple[tuple[datetime, str, Json], ...]
    estimate: Estimate

    def is_in(self, sprint: str) -> bool:
        """Tell whether a sprint stands in the issue's field now."""
        return sprint in sequence(self.now.get(SPRINT))

    def at(self, when: datetime) -> Moment | None:
        """Return the issue as it was; None before it was created.

        What changed at that very instant had changed.
        """
        if self.created_at is not None and self.created_at > when:
            return None
        values = dict(self.now)
        for changed_at, member, before in self.changes:
            if changed_at <= when:
                break
            values[member] = before
        points, _ = read_points(values, self.estimate)
        sprints = frozenset(words(one) for one in sequence(values.get(SPRINT)))
        return Moment(sprints, words(values.get(STATUS)), points)


def history_of(issue: Json, entries: Iterable[Json], words_of: Vocabulary) -> History:
    """Return an issue with its past.

    Args:
        issue: As the API gives it, with the fields of `Vocabulary.fields`.
        entries: Its changelog, whole, in any order.
        words_of: What the site calls its fields.
    """
    fields = record(record(issue).get("fields"))
    now: dict[str, Json] = {
        STATUS: words(record(fields.get("status")).get("id")),
        SPRINT: [one.id for one in sprints_of_issue(fields)],
        **{name: fields.get(name) for name in words_of.estimate.fields},
    }
    # Entries come in either order; of one instant the higher number is the later.
    found = sorted(_changes(entries, words_of), key=lambda one: one[:2], reverse=True)
    changes = [(at, member, before) for at, _, member, before in found]
    created_at = instant(fields.get("created"))
    key = words(record(issue).get("id"))
    return History(key, created_at, now, tuple(changes), words_of.estimate)


def _changes(
    entries: Iterable[Json], words_of: Vocabulary
) -> Iterator[tuple[datetime, int, str, Json]]:
    for entry in map(record, entries):
        at = _time(entry.get("created"))
        if at is None:
            continue
        for item in map(record, sequence(entry.get("items"))):
            member = words_of.member(item)
            if member:
                yield at, _number(entry.get("id")), member, _before(item, member)


def _before(item: Mapping[str, Json], member: str) -> Json:
    value, shown = item.get("from"), item.get("fromString")
    if member == SPRINT:
        return [one.strip() for one in words(value).split(",") if one.strip()]
    if member == STATUS:
        return words(value)
    # Numbers stand in the text; times in seconds stand in the value.
    return (value or shown) if member in TIME_FIELDS else (shown or value)


def _number(value: Json) -> int:
    text = words(value)
    return int(text[:18]) if text.isascii() and text.isdigit() else 0


def _time(value: Json) -> datetime | None:
    """Return when an entry was made: a text, or a number where changelogs come in bulk."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return instant(value)
    try:
        seconds = value / 1000 if value > _MILLISECONDS else value
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
